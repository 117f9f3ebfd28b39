/** What of the facts a view draws: pure, so that the picture, the list, the exports and the tests agree. */
import type { Facts } from "./facts";
import type { Claim, Entity, Iri, Status } from "./records";
import { ALL_STATUSES, type Filters, type View } from "./view";

/** All drawn claims from one entity to another. */
export interface Edge {
  key: string;
  from: Iri;
  to: Iri;
  claims: readonly Claim[];
  /** The firmest status among the claims: a fact when it is Actual. */
  status: Status | "Retracted";
  predicates: readonly string[];
}

export interface Shown {
  entities: readonly Entity[];
  edges: readonly Edge[];
  /** Claims between shown entities that are no facts, drawn or not. */
  nNotFacts: number;
}

/** Answers kept: of the view, and of the same at any time, which the timeline counts. */
const KEPT = 2;

/** What is drawn. Paths dim, and do not filter (picture/). Asked again for the same, it answers from memory. */
export function shown(view: View, facts: Facts): Shown {
  const { overview, places, removed, hidden, filters, ego } = view;
  const asked = [facts, overview, places, removed, hidden, filters, ego];
  const known = kept.find((one) => one.asked.every((value, at) => value === asked[at]));
  const answer = known?.answer ?? find(view, facts);
  kept = [{ asked, answer }, ...kept.filter((one) => one !== known)].slice(0, KEPT);
  return answer;
}

let kept: readonly { asked: readonly unknown[]; answer: Shown }[] = [];

function find(view: View, facts: Facts): Shown {
  const kept = withinEgo(view, keptEntities(view, facts), facts);
  const between = [...facts.claims.values()].filter((claim) => kept.has(claim.subject) && kept.has(claim.object));
  const drawn = between.filter((claim) => passes(claim, view.filters));
  const edges = toEdges(drawn);
  const tied = new Set(edges.flatMap((edge) => [edge.from, edge.to]));
  const entities = [...kept.values()].filter((one) => view.filters.lonely || tied.has(one.iri));
  return { entities, edges, nNotFacts: between.filter((c) => c.status !== "Actual" && !c.retracted).length };
}

/** Entities of the picture, drawn or hidden, whatever the filters say. */
export function inPicture(view: View, facts: Facts): Set<Iri> {
  const removed = new Set(view.removed);
  const all = view.overview ? [...facts.overview, ...Object.keys(view.places)] : Object.keys(view.places);
  return new Set(all.filter((iri) => !removed.has(iri)));
}

/** Whether a claim passes the filters. A claim without dates is as old as its document; one without either always passes. */
export function passes(claim: Claim, filters: Filters): boolean {
  return (
    !filters.withoutPredicates.includes(claim.predicate) &&
    (claim.retracted ? filters.retracted : filters.statuses.includes(claim.status)) &&
    claim.confidence >= filters.minConfidence &&
    claim.sources >= filters.minSources &&
    (filters.documents.length === 0 || (claim.document !== null && filters.documents.includes(claim.document.iri))) &&
    overlaps(claim, filters)
  );
}

/** Dates of different precision are compared as text, up to the shorter: "2024" is within "2024-05". */
function overlaps(claim: Claim, filters: Filters): boolean {
  const published = claim.document?.published ?? "";
  const [from, to] = claim.from || claim.to ? [claim.from, claim.to] : [published, published];
  const startsTooLate = filters.to !== "" && from !== "" && isBefore(filters.to, from);
  const endsTooEarly = filters.from !== "" && to !== "" && isBefore(to, filters.from);
  return !startsTooLate && !endsTooEarly;
}

function isBefore(one: string, other: string): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length) < other.slice(0, length);
}

function keptEntities(view: View, facts: Facts): Map<Iri, Entity> {
  const hidden = new Set(view.hidden);
  const kept = new Map<Iri, Entity>();
  for (const iri of inPicture(view, facts)) {
    const found = facts.entities.get(iri);
    if (found && !hidden.has(iri) && !view.filters.withoutTypes.includes(found.type)) kept.set(iri, found);
  }
  return kept;
}

/** The entities within so many drawn claims of the chosen one; all where that one is not in the picture any more. */
function withinEgo(view: View, kept: Map<Iri, Entity>, facts: Facts): Map<Iri, Entity> {
  if (view.ego === null || !kept.has(view.ego.entity)) return kept;
  const near = new Set([view.ego.entity]);
  for (let step = 0; step < view.ego.depth; step++) {
    const frontier = new Set(near);
    for (const claim of facts.claims.values()) {
      if (!passes(claim, view.filters) || !kept.has(claim.subject) || !kept.has(claim.object)) continue;
      if (frontier.has(claim.subject)) near.add(claim.object);
      if (frontier.has(claim.object)) near.add(claim.subject);
    }
    if (near.size === frontier.size) break; // a link may ask for any depth
  }
  return new Map([...kept].filter(([iri]) => near.has(iri)));
}

function toEdges(claims: readonly Claim[]): Edge[] {
  const groups = new Map<string, Claim[]>();
  for (const claim of claims) {
    const key = edgeKey(claim.subject, claim.object);
    const group = groups.get(key);
    if (group) group.push(claim);
    else groups.set(key, [claim]);
  }
  return [...groups].map(([key, group]) => ({
    key,
    from: group[0]?.subject ?? "",
    to: group[0]?.object ?? "",
    claims: group,
    status: firmest(group),
    predicates: [...new Set(group.map((claim) => claim.predicate))].sort(),
  }));
}

/** No IRI has a space. */
export const edgeKey = (from: Iri, to: Iri): string => `${from} ${to}`;

function firmest(claims: readonly Claim[]): Status | "Retracted" {
  const standing = claims.filter((claim) => !claim.retracted).map((claim) => claim.status);
  return ALL_STATUSES.find((status) => standing.includes(status)) ?? "Retracted";
}
