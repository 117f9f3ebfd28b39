/** What the worker that arranges is asked, and what its answer means. Pure. */
import type { ForceAtlas2Settings } from "graphology-layout-forceatlas2";
import type { Iri } from "../records";
import type { Place } from "../view";
import type { Drawing } from "./drawing";

/** It stops after so long even when it has not settled. */
export const BUDGET_MS = 2_000;

/** Values of an entity in the matrix of graphology-layout-forceatlas2: x, y, ..., mass, convergence, size, fixed. */
export const VALUES_PER_ENTITY = 10;
const VALUES_PER_EDGE = 3;

/** Units of the algorithm in one of ours, so that tied entities come to lie one to two apart. */
const UNIT = 9;

export interface Task {
  entities: Float32Array;
  edges: Float32Array;
  settings: ForceAtlas2Settings;
  maxRounds: number;
  budgetMs: number;
  unit: number;
}

export interface Arranged {
  entities: Float32Array;
  done: boolean;
}

export function taskOf(drawing: Drawing): Task {
  return {
    ...matrices(drawing),
    settings: {
      linLogMode: false,
      outboundAttractionDistribution: false,
      adjustSizes: false,
      edgeWeightInfluence: 1,
      scalingRatio: 12,
      strongGravityMode: true,
      gravity: 0.4,
      slowDown: 1 + Math.log(Math.max(1, drawing.order)),
      barnesHutOptimize: drawing.order > 400,
      barnesHutTheta: 0.6,
    },
    maxRounds: 1_000,
    budgetMs: BUDGET_MS,
    unit: UNIT,
  };
}

function matrices(drawing: Drawing): Pick<Task, "entities" | "edges"> {
  const entities = new Float32Array(drawing.order * VALUES_PER_ENTITY);
  const edges = new Float32Array(drawing.size * VALUES_PER_EDGE);
  const rows = new Map<Iri, number>();
  drawing.forEachNode((iri, { x, y, size, pinned }) => {
    const row = rows.size * VALUES_PER_ENTITY;
    rows.set(iri, row);
    entities.set([x * UNIT, y * UNIT, 0, 0, 0, 0, 1 + drawing.degree(iri), 1, size, pinned ? 1 : 0], row);
  });
  let at = 0;
  drawing.forEachEdge((_, __, from, to) => {
    edges.set([rows.get(from) ?? 0, rows.get(to) ?? 0, 1], at);
    at += VALUES_PER_EDGE;
  });
  return { entities, edges };
}

/** Places by IRI, in the order of the drawing when the task was made; rounded, as a share link holds them. */
export function placesOf(iris: readonly Iri[], { entities }: Arranged, pinned: (iri: Iri) => boolean) {
  const places: Record<Iri, Place> = {};
  iris.forEach((iri, at) => {
    const [x = 0, y = 0] = entities.subarray(at * VALUES_PER_ENTITY);
    if (!pinned(iri)) places[iri] = { x: rounded(x / UNIT), y: rounded(y / UNIT) };
  });
  return places;
}

export const rounded = (value: number): number => Math.round(value * 100) / 100;
