/** What is drawn as files for other programs: CSV (one claim a line) and GraphML. */
import type { Shown } from "../shown";

const COLUMNS = [
  "subject",
  "predicate",
  "object",
  "status",
  "confidence",
  "sources",
  "from",
  "to",
  "document",
] as const;

/** RFC 4180. A cell that a spreadsheet would run as a formula gets an apostrophe before it. */
export function toCsv({ entities, edges }: Shown): string {
  const labels = new Map(entities.map((one) => [one.iri, one.label]));
  const rows = edges.flatMap((edge) =>
    edge.claims.map((claim) => [
      labels.get(claim.subject) ?? claim.subject,
      claim.predicate,
      labels.get(claim.object) ?? claim.object,
      claim.retracted ? "Retracted" : claim.status,
      String(claim.confidence),
      String(claim.sources),
      claim.from,
      claim.to,
      claim.document?.id ?? "",
    ]),
  );
  return [COLUMNS, ...rows]
    .map((row) => row.map(cell).join(","))
    .join("\r\n")
    .concat("\r\n");
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?[\d.]+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const KEYS: readonly (readonly [id: string, of: "node" | "edge", type: "string" | "double" | "int"])[] = [
  ["label", "node", "string"],
  ["type", "node", "string"],
  ["predicate", "edge", "string"],
  ["status", "edge", "string"],
  ["confidence", "edge", "double"],
  ["sources", "edge", "int"],
  ["from", "edge", "string"],
  ["to", "edge", "string"],
  ["document", "edge", "string"],
];

/** GraphML (graphml.graphdrawing.org): a node an entity, an edge a claim. */
export function toGraphml({ entities, edges }: Shown): string {
  const keys = KEYS.map(([id, of, type]) => `  <key id="${id}" for="${of}" attr.name="${id}" attr.type="${type}"/>`);
  const nodes = entities.map(
    (one) => `    <node id="${xml(one.iri)}">${data("label", one.label)}${data("type", one.type)}</node>`,
  );
  const lines = edges.flatMap((edge) =>
    edge.claims.map((claim) => {
      const fields = [
        data("predicate", claim.predicate),
        data("status", claim.retracted ? "Retracted" : claim.status),
        data("confidence", String(claim.confidence)),
        data("sources", String(claim.sources)),
        data("from", claim.from),
        data("to", claim.to),
        data("document", claim.document?.id ?? ""),
      ];
      return `    <edge source="${xml(claim.subject)}" target="${xml(claim.object)}">${fields.join("")}</edge>`;
    }),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...keys,
    '  <graph edgedefault="directed">',
    ...nodes,
    ...lines,
    "  </graph>",
    "</graphml>",
    "",
  ].join("\n");
}

const data = (key: string, text: string): string => `<data key="${key}">${xml(text)}</data>`;

/** Text in XML 1.0: markup escaped, characters that XML cannot hold replaced. */
export function xml(text: string): string {
  const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
  return text
    .replaceAll(/[&<>"']/g, (letter) => escapes[letter] ?? letter)
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}");
}
