import { expect, test } from "vitest";
import { iriOf, madeFacts, placesOf } from "../made";
import { shown } from "../shown";
import { written } from "../terms";
import { ALL_STATUSES, EMPTY, NO_FILTERS, type View } from "../view";
import { constructOf, selectOf } from "./sparql";
import { toCsv, toGraphml, xml } from "./tables";

const FACTS = madeFacts([
  ["a", "acquired", "b", { status: "Denied", sources: 2 }],
  ["b", "uses", '=c,"x"'],
]);
const VIEW: View = {
  ...EMPTY,
  places: placesOf("a", "b", '=c,"x"'),
  filters: { ...NO_FILTERS, statuses: ALL_STATUSES },
};

test("CSV has a line for each drawn claim, and nothing that a spreadsheet would run", () => {
  expect(toCsv(shown(VIEW, FACTS)).split("\r\n")).toEqual([
    "subject,predicate,object,status,confidence,sources,from,to,document",
    "A,acquired,B,Denied,0.9,2,,,a.txt",
    `B,uses,"'=C,""X""",Actual,0.9,1,,,a.txt`,
    "",
  ]);
});

test("GraphML is whole XML with every node and claim", () => {
  const made = toGraphml(shown(VIEW, FACTS));
  expect(made.match(/<node /g)).toHaveLength(3);
  expect(made).toContain('<data key="status">Denied</data>');
  expect(made).toContain("=C,&quot;X&quot;");
});

test("text in XML keeps no markup and no control characters", () => {
  expect(xml("<img src=x onerror='a'>&\u0000\ud800")).toBe("&lt;img src=x onerror=&apos;a&apos;&gt;&amp;\ufffd\ufffd");
});

test("the query of a view names what is drawn and how it is filtered", () => {
  const view: View = {
    ...VIEW,
    places: placesOf("a", "b"),
    filters: { ...NO_FILTERS, minConfidence: 0.5, minSources: 2 },
  };
  const query = selectOf(view, FACTS);
  expect(query).toContain(`VALUES ?subject { <${iriOf("a")}> <${iriOf("b")}> }`);
  expect(query).toContain("FILTER ((?status = kg:Actual && EXISTS { ?subject ?predicate ?object }))");
  expect(query).toContain("FILTER (COALESCE(?confidence, 1) >= 0.5)");
  expect(query).toContain("?claim kg:sourceCount ?n . FILTER (?n >= 2)");
  expect(constructOf(VIEW, madeFacts([["a", "uses", "b"]]))).toMatch(/^PREFIX[\s\S]*CONSTRUCT/);
});

test("what has been taken back is found whatever its status, and a document may say nothing", () => {
  const filters = { ...NO_FILTERS, retracted: true, withoutPredicates: ["uses", "urn:knows"], documents: ["urn:d"] };
  const query = selectOf({ ...VIEW, places: placesOf("a", "b"), filters }, FACTS);
  expect(query).toContain(
    "FILTER ((?status = kg:Actual && EXISTS { ?subject ?predicate ?object }) || EXISTS { ?claim kg:retractedBy ?anyone })",
  );
  expect(query).toContain("FILTER (?predicate NOT IN (kg:uses, <urn:knows>))");
  expect(query).toContain("?claim kg:evidence/prov:wasDerivedFrom ?source");
  expect(query).not.toContain("FILTER NOT EXISTS");
});

test("what could end an IRI is refused", () => {
  expect(() => written("https://e.org/> } DROP ALL #")).toThrow(TypeError);
});
