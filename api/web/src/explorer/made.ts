/** Small pieces of a graph for the tests: entities by name, claims as [subject, predicate, object, more]. */
import { type Facts, NO_FACTS, withPiece } from "./facts";
import type { Piece, Status } from "./records";

export const BASE = "https://example.org/id/";

export interface MadeClaim {
  status?: Status;
  confidence?: number;
  sources?: number;
  document?: number;
  from?: string;
  to?: string;
  marks?: number;
}

export type Said = [subject: string, predicate: string, object: string, more?: MadeClaim];

const STATUSES: Status[] = ["Actual", "Former", "Planned", "Attempted", "Rumoured", "Denied", "Unsure"];

export function madePiece(said: readonly Said[], alone: readonly string[] = []): Piece {
  const names = [...new Set([...said.flatMap(([subject, , object]) => [subject, object]), ...alone])];
  const predicates = [...new Set(said.map(([, predicate]) => predicate))];
  const of = <T>(pick: (one: Said, more: MadeClaim) => T): T[] => said.map((one) => pick(one, one[3] ?? {}));
  return {
    snapshot: "s1",
    base: BASE,
    types: ["Company", "Person"],
    predicates,
    statuses: STATUSES,
    documents: [
      { iri: `${BASE}document/a.txt`, id: "a.txt", title: "A", published: "2024-05-02", outlet: null },
      { iri: `${BASE}document/b.txt`, id: "b.txt", title: null, published: null, outlet: null },
    ],
    entities: {
      iri: names.map((name) => `company/${name}`),
      label: names.map((name) => name.toUpperCase()),
      type: names.map((name) => (name.startsWith("p") ? 1 : 0)),
      degree: names.map((name) => said.filter(([s, , o]) => s === name || o === name).length),
    },
    claims: {
      id: said.map((_, at) => at),
      subject: of(([subject]) => names.indexOf(subject)),
      object: of(([, , object]) => names.indexOf(object)),
      predicate: of(([, predicate]) => predicates.indexOf(predicate)),
      status: of((_, more) => STATUSES.indexOf(more.status ?? "Actual")),
      document: of((_, more) => more.document ?? 0),
      confidence: of((_, more) => more.confidence ?? 0.9),
      sources: of((_, more) => more.sources ?? 1),
      from: of((_, more) => more.from ?? ""),
      to: of((_, more) => more.to ?? ""),
      marks: of((_, more) => more.marks ?? 0),
    },
    n_entities: names.length,
    n_claims: said.length,
  };
}

export const madeFacts = (said: readonly Said[], alone: readonly string[] = []): Facts =>
  withPiece(NO_FACTS, madePiece(said, alone));

export const iriOf = (name: string): string => `${BASE}company/${name}`;

export const placesOf = (...names: string[]) => Object.fromEntries(names.map((name) => [iriOf(name), { x: 0, y: 0 }]));
