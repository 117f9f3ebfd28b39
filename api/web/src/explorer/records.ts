/** What the server says of the graph: the shapes of /explore and /claims (api/explore.py), and how they are kept here. */

export type Iri = string;

/** Status of a claim: local name of kg:Status. Only `Actual` is a fact. `Unsure` stands in its place where the graph does
 * not assert the link, the claim being less sure than a build was to assert. */
export type Status = "Actual" | "Former" | "Planned" | "Attempted" | "Rumoured" | "Denied" | "Unsure";

/** A part of the graph in columns: entry i of every column of `entities` speaks of one entity, and so for claims. */
export interface Piece {
  snapshot: string;
  /** What relative IRIs in this piece follow. */
  base: Iri;
  types: string[];
  predicates: string[];
  statuses: Status[];
  documents: DocumentInfo[];
  entities: {
    /** Relative to `base` where it begins with it. */
    iri: string[];
    label: string[];
    /** Index into `types`. */
    type: number[];
    /** Claims that speak of the entity in the whole graph, whatever their status. */
    degree: number[];
    /** Only in the overview: number of the community, biggest first; and place, about one unit between neighbours. */
    community?: number[];
    x?: number[];
    y?: number[];
  };
  claims: {
    /** The same claim has the same number in every piece of one snapshot. */
    id: number[];
    /** Index into `entities`. */
    subject: number[];
    object: number[];
    /** Index into `predicates`, `statuses`, `documents`; a document of -1 is a user's own statement. */
    predicate: number[];
    status: number[];
    document: number[];
    /** 0 to 1; 1 where the claim gives none. */
    confidence: number[];
    /** Texts that say the same; at least 1. */
    sources: number[];
    /** First and last day the claim speaks of, ISO 8601 at the precision of the text; "" where it gives none. */
    from: string[];
    to: string[];
    /** Bits: 1 retracted by a user, 2 contradicted by another claim. */
    marks: number[];
  };
  /** By community number, the names of its best connected entities. Only in the overview. */
  communities?: { size: number; names: string[] }[];
  /** Entities and claims of the whole graph. */
  n_entities: number;
  n_claims: number;
}

/** What an expansion left out: how many more claims an entity has by one predicate in one direction. */
export interface Remaining {
  predicate: string;
  direction: "out" | "in";
  /** All claims of that kind; those whose other end is not shown; and those that are facts. */
  n: number;
  n_hidden: number;
  n_facts: number;
}

export interface Expansion {
  piece: Piece;
  remaining: Remaining[];
}

export interface Paths {
  /** Each path as the entities on it, from one end to the other; the shortest first. */
  paths: Iri[][];
  piece: Piece;
}

export interface DocumentInfo {
  iri: Iri;
  id: string;
  title: string | null;
  published: string | null;
  outlet: string | null;
}

export interface Entity {
  iri: Iri;
  label: string;
  type: string;
  degree: number;
  community: number | null;
  place: Point | null;
}

export interface Claim {
  id: number;
  subject: Iri;
  object: Iri;
  predicate: string;
  status: Status;
  document: DocumentInfo | null;
  confidence: number;
  sources: number;
  from: string;
  to: string;
  retracted: boolean;
  contradicted: boolean;
}

export interface Point {
  x: number;
  y: number;
}

/** A claim with the sentence behind it, as /claims answers. */
export interface ClaimDetails {
  iri: Iri;
  subject: Iri;
  predicate: string;
  object: Iri;
  status: Status;
  confidence: number | null;
  role: string | null;
  started_on: string | null;
  ended_on: string | null;
  occurred_on: string | null;
  said_by: string | null;
  quote: string | null;
  /** The rest of the quote's paragraph. */
  before: string | null;
  after: string | null;
  document: string | null;
  document_iri: Iri | null;
  title: string | null;
  published: string | null;
  url: string | null;
  retracted_by: string | null;
  sources: number;
  /** Claims that contradict this one, by IRI; /claims gives them too. */
  conflicts_with: Iri[];
  /** Whether the graph has the plain link. */
  is_asserted: boolean;
}

/** What /explore/entity answers. */
export interface EntityDetails {
  iri: Iri;
  label: string;
  type: string;
  aliases: string[];
  same_as: Iri[];
  joined_because: string[];
  relations: Remaining[];
  figures: Figure[];
  sources: { document: DocumentInfo; n: number }[];
}

export interface Figure {
  metric: string;
  value: string;
  unit: string | null;
  qualifier: string | null;
  observed_on: string | null;
  quote: string | null;
  before: string | null;
  after: string | null;
  document: string | null;
  title: string | null;
  published: string | null;
  said_by: string | null;
}

/** What /search answers. */
export interface Found {
  entities: { iri: Iri; label: string; type: string; degree: number; match: string; closeness: string }[];
  quotes: { iri: Iri; match: string; document: Iri }[];
}
