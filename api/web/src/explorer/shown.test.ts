import { expect, test } from "vitest";
import { iriOf, madeFacts, placesOf } from "./made";
import { shown } from "./shown";
import { ALL_STATUSES, EMPTY, type Filters, NO_FILTERS, type View } from "./view";
import { edgeWords } from "./words";

const FACTS = madeFacts([
  ["a", "acquired", "b", { status: "Attempted" }],
  ["a", "partnerOf", "b", { sources: 3 }],
  ["b", "uses", "c", { confidence: 0.4, from: "2023-02", to: "2023-02" }],
  ["c", "uses", "d", { marks: 1 }],
  ["p", "worksFor", "a", { document: 1 }],
]);
const VIEW: View = { ...EMPTY, places: placesOf("a", "b", "c", "d", "p") };

const filtered = (change: Partial<Filters>) => shown({ ...VIEW, filters: { ...NO_FILTERS, ...change } }, FACTS);
const lines = (change: Partial<Filters>) => filtered(change).edges.map((edge) => edge.predicates.join("+"));

test("facts alone are drawn at first, and the others are counted", () => {
  expect(lines({})).toEqual(["partnerOf", "uses", "worksFor"]);
  expect(filtered({}).nNotFacts).toBe(1);
});

test("an edge is a fact when one of its claims is, and is what is firmest otherwise", () => {
  const { edges } = filtered({ statuses: ALL_STATUSES });
  expect(edges[0]).toMatchObject({ predicates: ["acquired", "partnerOf"], status: "Actual" });
  expect(filtered({ statuses: ["Attempted"] }).edges[0]?.status).toBe("Attempted");
  expect(filtered({ statuses: [], retracted: true }).edges[0]?.status).toBe("Retracted");
});

test.each([
  [{ minConfidence: 0.5 }, ["partnerOf", "worksFor"]],
  [{ minSources: 2 }, ["partnerOf"]],
  [{ withoutPredicates: ["uses"] }, ["partnerOf", "worksFor"]],
  [{ withoutTypes: ["Person"] }, ["partnerOf", "uses"]],
  [{ documents: ["https://example.org/id/document/b.txt"] }, ["worksFor"]],
  [{ from: "2024" }, ["partnerOf", "worksFor"]],
  [{ to: "2023-02-10" }, ["uses", "worksFor"]],
  [{ from: "2023-02-10", to: "2023-12" }, ["uses", "worksFor"]],
])("a filter %j leaves %j", (change, expected) => {
  expect(lines(change)).toEqual(expected);
});

test("a hidden entity and a removed one are not drawn, nor what is tied to them", () => {
  const hidden = shown({ ...VIEW, hidden: [iriOf("b")], removed: [iriOf("p")] }, FACTS);
  expect(hidden.entities.map((one) => one.label)).toEqual(["A", "C", "D"]);
  expect(hidden.edges).toEqual([]);
});

test("entities without a drawn claim can be left out", () => {
  expect(filtered({ lonely: false }).entities.map((one) => one.label)).toEqual(["A", "B", "C", "P"]);
});

test("the surroundings of an entity reach as far as asked", () => {
  const around = (depth: number) => shown({ ...VIEW, ego: { entity: iriOf("p"), depth } }, FACTS).entities.length;
  expect([1, 2, 3].map(around)).toEqual([2, 3, 4]);
});

test("the overview shows all that it was given and what was added", () => {
  const facts = { ...FACTS, overview: [iriOf("a"), iriOf("b")] };
  const view: View = { ...EMPTY, overview: true, places: placesOf("c") };
  expect(shown(view, facts).entities.map((one) => one.label)).toEqual(["A", "B", "C"]);
});

test("an entity that is not in the picture limits nothing, and any depth comes to an end", () => {
  const around = (entity: string, depth: number) => shown({ ...VIEW, ego: { entity, depth } }, FACTS).entities.length;
  expect(around("urn:none", 1)).toBe(5);
  expect(around(iriOf("p"), 1e12)).toBe(4);
});

test("asked for two views in turn, it answers both from memory", () => {
  const other = { ...VIEW, filters: { ...NO_FILTERS, from: "2024" } };
  const [one, two] = [shown(VIEW, FACTS), shown(other, FACTS)];
  expect(shown({ ...VIEW, selected: { kind: "entity", entity: iriOf("a") } }, FACTS)).toBe(one);
  expect(shown(other, FACTS)).toBe(two);
});

test("what is no fact is not worded as one beside a fact", () => {
  const [mixed] = filtered({ statuses: ALL_STATUSES }).edges;
  expect(mixed && edgeWords(mixed)).toBe("is a partner of; attempted, not done: acquired");
});
