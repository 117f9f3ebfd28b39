/** A view: all that a share link holds and all that undo brings back. Plain data; what it shows is in facts.ts. */
import type { Iri, Point, Status } from "./records";

export interface View {
  /** Whether everything that the overview gave is shown, besides `places`. */
  overview: boolean;
  /** Entities shown by choice or moved, with their places; a pinned one stays where it is in every layout. */
  places: Readonly<Record<Iri, Place>>;
  /** Entities taken out of the picture; and those that are only not drawn. */
  removed: readonly Iri[];
  hidden: readonly Iri[];
  selected: Selection | null;
  filters: Filters;
  /** Only what is within so many steps of an entity is drawn. */
  ego: { entity: Iri; depth: number } | null;
  paths: PathQuestion | null;
  /** Which of the answers to `paths` is drawn in full; null: all of them. */
  path: number | null;
}

export interface Place extends Point {
  pinned?: boolean;
}

export type Selection = { kind: "entity"; entity: Iri } | { kind: "edge"; from: Iri; to: Iri };

export interface PathQuestion {
  from: Iri;
  to: Iri;
  /** How many paths, and the most steps of one. */
  k: number;
  maxLength: number;
  /** Predicates that a path may use; all where empty. */
  predicates: readonly string[];
}

export interface Filters {
  /** Types and predicates that are not drawn. */
  withoutTypes: readonly string[];
  withoutPredicates: readonly string[];
  /** What is drawn: facts alone unless the reader asks for more. */
  statuses: readonly Status[];
  /** Whether what a user has taken back is drawn. */
  retracted: boolean;
  minConfidence: number;
  minSources: number;
  /** IRIs of documents; claims of others are not drawn. Empty: all. */
  documents: readonly Iri[];
  /** Days, ISO 8601; "" is open. */
  from: string;
  to: string;
  /** Whether entities without any drawn claim are drawn. */
  lonely: boolean;
}

export const ALL_STATUSES: readonly Status[] = [
  "Actual",
  "Former",
  "Planned",
  "Attempted",
  "Rumoured",
  "Denied",
  "Unsure",
];

export const NO_FILTERS: Filters = {
  withoutTypes: [],
  withoutPredicates: [],
  statuses: ["Actual"],
  retracted: false,
  minConfidence: 0,
  minSources: 1,
  documents: [],
  from: "",
  to: "",
  lonely: true,
};

export const OVERVIEW: View = {
  overview: true,
  places: {},
  removed: [],
  hidden: [],
  selected: null,
  filters: NO_FILTERS,
  ego: null,
  paths: null,
  path: null,
};

export const EMPTY: View = { ...OVERVIEW, overview: false };
