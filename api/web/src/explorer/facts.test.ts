import { expect, test } from "vitest";
import { absolute, NO_FACTS, relative, withPiece } from "./facts";
import { BASE, iriOf, madeFacts, madePiece } from "./made";

test("a piece becomes entities and claims with their IRIs", () => {
  const facts = madeFacts([["a", "acquired", "b", { status: "Attempted", marks: 2, document: -1 }]]);
  expect(facts.entities.get(iriOf("a"))).toMatchObject({ label: "A", type: "Company", degree: 1, place: null });
  expect(facts.claims.get(0)).toMatchObject({
    subject: iriOf("a"),
    object: iriOf("b"),
    predicate: "acquired",
    status: "Attempted",
    retracted: false,
    contradicted: true,
    document: null,
  });
});

test("pieces of one snapshot add up, and keep the overview's places", () => {
  const overview = { ...madePiece([["a", "uses", "b"]]), communities: [{ size: 2, names: ["A"] }] };
  overview.entities = { ...overview.entities, community: [0, 0], x: [1, 2], y: [3, 4] };
  const facts = withPiece(
    withPiece(NO_FACTS, overview),
    madePiece([
      ["a", "uses", "b"],
      ["b", "uses", "c"],
    ]),
  );
  expect([...facts.entities.keys()]).toEqual(["a", "b", "c"].map(iriOf));
  expect(facts.entities.get(iriOf("a"))?.place).toEqual({ x: 1, y: 3 });
  expect(facts.overview).toEqual(["a", "b"].map(iriOf));
  expect(facts.claims.size).toBe(2);
});

test("a piece of another snapshot takes the place of what was known", () => {
  const later = { ...madePiece([["c", "uses", "d"]]), snapshot: "s2" };
  const facts = withPiece(madeFacts([["a", "uses", "b"]]), later);
  expect([...facts.entities.keys()]).toEqual(["c", "d"].map(iriOf));
  expect(facts.snapshot).toBe("s2");
});

test("an IRI outside the base stays whole, one inside comes back", () => {
  for (const iri of [iriOf("a"), "urn:x:y", "https://elsewhere.org/1"]) {
    expect(absolute(relative(iri, BASE), BASE)).toBe(iri);
  }
  expect(relative("urn:x:y", BASE)).toBe("urn:x:y");
});
