import { expect, test } from "vitest";
import { iriOf, madeFacts } from "../made";
import { savedFrom } from "../preferences";
import type { ClaimDetails, Figure } from "../records";
import { OVERVIEW } from "../view";
import { dateWords, predicateWords } from "../words";
import { pageOf, pairsOf } from "./edge";
import { choosable } from "./entity_options";
import { seriesOf, valueWords } from "./figures";
import { listedDocuments } from "./filters";
import { irisOfTriples } from "./query";
import { webAddress } from "./quote";

const figure = (value: string, observed_on: string | null): Figure => ({
  metric: "DealValue",
  value,
  unit: "USD",
  qualifier: null,
  observed_on,
  quote: null,
  before: null,
  after: null,
  document: null,
  title: null,
  published: null,
  said_by: null,
});

test("figures with two dates make a plot, in the order of time", () => {
  const made = seriesOf([figure("3", "2025-07"), figure("2", "2024"), figure("9", null)]);
  expect(made).toHaveLength(1);
  expect(made[0]?.name).toBe("Deal value, USD");
  expect(made[0]?.points.map((point) => point.value)).toEqual([2, 3]);
  expect(seriesOf([figure("3", "2025"), figure("4", "2025")])).toEqual([]);
});

test.each([
  ["3000000000", "USD", "3 billion USD"],
  ["42.5", "percent", "42.5 %"],
  ["1200", "count", "1,200"],
  ["a lot", null, "a lot"],
])("%s %s is written as %s", (value, unit, words) => {
  expect(valueWords(value, unit)).toBe(words);
});

test("dates and predicates are in words", () => {
  expect([dateWords("2025-07-03"), dateWords("2025-07"), dateWords("2025")]).toEqual([
    "3 Jul 2025",
    "Jul 2025",
    "2025",
  ]);
  expect([predicateWords("acquired"), predicateWords("ownedByFund")]).toEqual(["acquired", "owned by fund"]);
});

test("a conflict is one pair", () => {
  const claim = (iri: string, ...conflicts_with: string[]) => ({ iri, conflicts_with }) as unknown as ClaimDetails;
  const pairs = pairsOf([claim("a", "b"), claim("b", "a", "z"), claim("c")]);
  expect(pairs.map(([one, other]) => [one.iri, other.iri])).toEqual([["a", "b"]]);
});

test("only addresses of the web are linked to", () => {
  expect(webAddress("https://example.org/a b")).toBe("https://example.org/a%20b");
  for (const text of ["javascript:alert(1)", "data:text/html,x", "not an address", null]) {
    expect(webAddress(text)).toBeNull();
  }
});

test("the page of a thing is at this server", () => {
  expect(pageOf("https://w3id.org/tracegraph/id/company/openai")).toBe("/page/company/openai");
  expect(pageOf("urn:x")).toBe("/viz?entity=urn%3Ax");
});

test("IRIs of triples are their ends", () => {
  const text = '<https://e.org/a> <https://e.org/p> <https://e.org/b> .\n<https://e.org/a> <https://e.org/p> "<x>" .\n';
  expect(irisOfTriples(text)).toEqual(["https://e.org/a", "https://e.org/b", "https://e.org/a"]);
});

test("saved views are read whatever another page has left in their place", () => {
  expect(savedFrom('{"mine": "v=x", "other": 1}')).toEqual({ mine: "v=x" });
  for (const text of [null, "", "{", "[1]", '"x"', "null"]) expect(savedFrom(text)).toEqual({});
});

test("of more entities than a field can list, the best connected stay, and the chosen one", () => {
  const facts = madeFacts(
    [["a", "uses", "b"]],
    Array.from({ length: 2_500 }, (_, at) => `n${at}`),
  );
  const view = { ...OVERVIEW };
  const all = { ...facts, overview: [...facts.entities.keys()] };
  const iris = choosable(view, all, [iriOf("n2499"), undefined]).map((one) => one.iri);
  expect(iris).toHaveLength(2_001);
  expect(iris).toEqual(expect.arrayContaining(["a", "b", "n2499"].map(iriOf)));
});

test("documents are found by their names, the chosen ones always", () => {
  const made = (id: string, title: string | null) => ({ iri: `urn:${id}`, id, title, published: null, outlet: null });
  const documents = [made("b.txt", "Chips"), made("a.txt", null), made("c.txt", "Ships")];
  expect(listedDocuments(documents, ["urn:c.txt"], " CHIP").map((one) => one.id)).toEqual(["c.txt", "b.txt"]);
});
