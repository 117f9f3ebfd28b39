/** All that the server has said so far of one snapshot. It only grows; which of it is drawn is the view's matter. */
import type { Claim, DocumentInfo, Entity, Iri, Piece, Point, Remaining } from "./records";

export interface Facts {
  snapshot: string;
  base: Iri;
  entities: ReadonlyMap<Iri, Entity>;
  claims: ReadonlyMap<number, Claim>;
  documents: ReadonlyMap<Iri, DocumentInfo>;
  /** Entities of the overview, in the order of the server. */
  overview: readonly Iri[];
  communities: readonly { size: number; names: string[] }[];
  /** What each entity has more, as of its last expansion. */
  remaining: ReadonlyMap<Iri, readonly Remaining[]>;
  /** Of the whole graph. */
  nEntities: number;
  nClaims: number;
}

export const NO_FACTS: Facts = {
  snapshot: "",
  base: "",
  entities: new Map(),
  claims: new Map(),
  documents: new Map(),
  overview: [],
  communities: [],
  remaining: new Map(),
  nEntities: 0,
  nClaims: 0,
};

/** The facts with those of a piece. A piece of another snapshot is not mixed in: what was known is forgotten. */
export function withPiece(known: Facts, piece: Piece): Facts {
  const before = known.snapshot === piece.snapshot ? known : NO_FACTS;
  const entities = new Map(before.entities);
  const claims = new Map(before.claims);
  const documents = new Map(before.documents);
  for (const one of piece.documents) documents.set(one.iri, one);
  const iris = piece.entities.iri.map((iri) => absolute(iri, piece.base));
  iris.forEach((iri, at) => {
    const place = placeOf(piece, at) ?? entities.get(iri)?.place ?? null;
    entities.set(iri, {
      iri,
      label: piece.entities.label[at] ?? iri,
      type: piece.types[piece.entities.type[at] ?? -1] ?? "Entity",
      degree: piece.entities.degree[at] ?? 0,
      community: piece.entities.community?.[at] ?? entities.get(iri)?.community ?? null,
      place,
    });
  });
  piece.claims.id.forEach((id, at) => {
    claims.set(id, claimAt(piece, iris, at));
  });
  const isOverview = piece.communities !== undefined;
  return {
    ...before,
    snapshot: piece.snapshot,
    base: piece.base,
    entities,
    claims,
    documents,
    overview: isOverview ? iris : before.overview,
    communities: piece.communities ?? before.communities,
    nEntities: piece.n_entities,
    nClaims: piece.n_claims,
  };
}

export function withRemaining(facts: Facts, entity: Iri, remaining: readonly Remaining[]): Facts {
  return { ...facts, remaining: new Map(facts.remaining).set(entity, remaining) };
}

/** The IRI without the base where it begins with it; `absolute` turns it back. */
export function relative(iri: Iri, base: Iri): string {
  return base !== "" && iri.startsWith(base) ? iri.slice(base.length) : iri;
}

/** An IRI has a scheme; what is relative to the base has none: the server writes no colon into it. */
export function absolute(iri: string, base: Iri): Iri {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(iri) ? iri : base + iri;
}

function placeOf(piece: Piece, at: number): Point | null {
  const x = piece.entities.x?.[at];
  const y = piece.entities.y?.[at];
  return x === undefined || y === undefined ? null : { x, y };
}

function claimAt(piece: Piece, iris: readonly Iri[], at: number): Claim {
  const { claims } = piece;
  const marks = claims.marks[at] ?? 0;
  return {
    id: claims.id[at] ?? -1,
    subject: iris[claims.subject[at] ?? -1] ?? "",
    object: iris[claims.object[at] ?? -1] ?? "",
    predicate: piece.predicates[claims.predicate[at] ?? -1] ?? "",
    status: piece.statuses[claims.status[at] ?? -1] ?? "Actual",
    document: piece.documents[claims.document[at] ?? -1] ?? null,
    confidence: claims.confidence[at] ?? 1,
    sources: claims.sources[at] ?? 1,
    from: claims.from[at] ?? "",
    to: claims.to[at] ?? "",
    retracted: (marks & 1) !== 0,
    contradicted: (marks & 2) !== 0,
  };
}
