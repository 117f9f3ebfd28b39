/** The view as SPARQL: a query for the claims that are drawn, and one that makes a graph of them. */
import type { Facts } from "../facts";
import { shown } from "../shown";
import { written } from "../terms";
import { ALL_STATUSES, type Filters, type View } from "../view";

const PREFIXES = `PREFIX kg: <https://w3id.org/tracegraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>`;

/** Each drawn claim with its sentence. */
export function selectOf(view: View, facts: Facts): string {
  return `${PREFIXES}

SELECT ?subjectName ?predicate ?objectName ?status ?confidence ?quote ?document
WHERE {
${patternOf(view, facts)}
  ?subject rdfs:label ?subjectName . ?object rdfs:label ?objectName .
  OPTIONAL {
    ?claim kg:evidence ?evidence . ?evidence kg:quote ?quote ; prov:wasDerivedFrom/dcterms:identifier ?document
  }
}
ORDER BY ?subjectName ?predicate ?objectName ?document`;
}

/** Each drawn claim with its evidence, and the names of its ends, as a graph. */
export function constructOf(view: View, facts: Facts): string {
  return `${PREFIXES}

CONSTRUCT { ?claim ?p ?o . ?evidence ?ep ?eo . ?subject rdfs:label ?sl . ?object rdfs:label ?ol }
WHERE {
${patternOf(view, facts)}
  ?claim ?p ?o . ?subject rdfs:label ?sl . ?object rdfs:label ?ol .
  OPTIONAL { ?claim kg:evidence ?evidence . ?evidence ?ep ?eo }
}`;
}

function patternOf(view: View, facts: Facts): string {
  const iris = shown(view, facts).entities.map((one) => written(one.iri));
  return `  VALUES ?subject { ${iris.join(" ")} }
  VALUES ?object { ${iris.join(" ")} }
  ?claim rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ;
    kg:status ?status .
  OPTIONAL { ?claim kg:confidence ?confidence }
${filtersOf(view.filters).join("\n")}`;
}

/** The filters that are said of a claim; those on types are in the entities. */
function filtersOf(filters: Filters): string[] {
  const lines: string[] = [];
  if (filters.statuses.length < ALL_STATUSES.length) {
    const among = statusesOf(filters.statuses);
    // What has been taken back is drawn by its own switch, whatever its status.
    lines.push(`  FILTER (${among}${filters.retracted ? " || EXISTS { ?claim kg:retractedBy ?anyone }" : ""})`);
  }
  if (filters.withoutPredicates.length > 0) {
    lines.push(`  FILTER (?predicate NOT IN (${filters.withoutPredicates.map(termOf).join(", ")}))`);
  }
  if (filters.minConfidence > 0) lines.push(`  FILTER (COALESCE(?confidence, 1) >= ${filters.minConfidence})`);
  if (!filters.retracted) lines.push("  FILTER NOT EXISTS { ?claim kg:retractedBy ?who }");
  if (filters.minSources > 1) lines.push(`  ?claim kg:sourceCount ?n . FILTER (?n >= ${filters.minSources})`);
  if (filters.documents.length > 0) {
    lines.push(
      `  VALUES ?source { ${filters.documents.map(written).join(" ")} } ?claim kg:evidence/prov:wasDerivedFrom ?source .`,
    );
  }
  return [...lines, ...datesOf(filters)];
}

/** Facts are what the graph asserts; what a document alone says as a fact, and the graph does not, is `Unsure`. */
function statusesOf(statuses: Filters["statuses"]): string {
  const asserted = "EXISTS { ?subject ?predicate ?object }";
  const others = statuses.filter((one) => one !== "Actual" && one !== "Unsure").map(termOf);
  const parts = [
    ...(others.length > 0 ? [`?status IN (${others.join(", ")})`] : []),
    ...(statuses.includes("Actual") ? [`(?status = kg:Actual && ${asserted})`] : []),
    ...(statuses.includes("Unsure") ? [`(?status = kg:Actual && NOT ${asserted})`] : []),
  ];
  return parts.join(" || ") || "false";
}

/** A term by its local name in the ontology, or by its IRI where it is of another vocabulary. */
const termOf = (name: string): string => (/^[\w-]+$/.test(name) ? `kg:${name}` : written(name));

/** As in shown.ts: a claim without dates is as old as its document; dates are compared up to the coarser of two. */
function datesOf({ from, to }: Filters): string[] {
  if (from === "" && to === "") return [];
  const isDated = "BOUND(?started) || BOUND(?occurred) || BOUND(?ended)";
  const upTo = (day: string, date: string) => `SUBSTR(${JSON.stringify(day)}, 1, STRLEN(${date}))`;
  const cut = (date: string, day: string) => `SUBSTR(${date}, 1, ${day.length})`;
  return [
    "  OPTIONAL { ?claim kg:startedOn ?started } OPTIONAL { ?claim kg:occurredOn ?occurred }",
    "  OPTIONAL { ?claim kg:endedOn ?ended } OPTIONAL { ?claim kg:evidence/prov:wasDerivedFrom/dcterms:date ?published }",
    `  BIND (IF(${isDated}, COALESCE(STR(?started), STR(?occurred), ""), COALESCE(STR(?published), "")) AS ?first)`,
    `  BIND (IF(${isDated}, COALESCE(STR(?ended), IF(BOUND(?started), "", STR(?occurred)), ""), COALESCE(STR(?published), "")) AS ?last)`,
    ...(to === "" ? [] : [`  FILTER (?first = "" || ${upTo(to, "?first")} >= ${cut("?first", to)})`]),
    ...(from === "" ? [] : [`  FILTER (?last = "" || ${cut("?last", from)} >= ${upTo(from, "?last")})`]),
  ];
}
