/** What stands out in the picture, and what steps back: the looks of what is selected, and of what lies on paths. */
import type { Iri } from "../records";
import type { View } from "../view";
import { faded, mixed, type Palette } from "./colours";
import type { Drawing, EdgeEntry, EdgeLook, EntityLook } from "./drawing";

/** Edges are named by the numbers of their lines. */
export interface Emphasis {
  entity: Iri | null;
  edge: string | null;
  /** Entities and edges that touch the selected one. */
  nearEntities: ReadonlySet<Iri>;
  nearEdges: ReadonlySet<string>;
  /** What lies on the chosen paths; null: no paths, nothing steps back. */
  path: OnPaths | null;
}

export interface OnPaths {
  entities: ReadonlySet<Iri>;
  edges: ReadonlySet<string>;
}

export const NO_EMPHASIS: Emphasis = {
  entity: null,
  edge: null,
  nearEntities: new Set(),
  nearEdges: new Set(),
  path: null,
};

/** Neighbours of a selected entity that are named whatever the room; more would cover each other. */
const MAX_NEAR_LABELS = 40;

/** `path` is what onPaths says of the paths that are drawn; it stays the same object while they do. */
export function emphasis(drawing: Drawing, { selected }: View, path: OnPaths | null): Emphasis {
  if (selected === null) return { ...NO_EMPHASIS, path };
  if (selected.kind === "edge") {
    const ends = [selected.from, selected.to].filter((iri) => drawing.hasNode(iri));
    return { ...NO_EMPHASIS, edge: drawing.line(selected.from, selected.to), nearEntities: new Set(ends), path };
  }
  const { entity } = selected;
  if (!drawing.hasNode(entity)) return { ...NO_EMPHASIS, path };
  const nearEntities = new Set(drawing.neighbors(entity));
  return { entity, edge: null, nearEntities, nearEdges: new Set(drawing.edges(entity)), path };
}

/** What lies on the answers to the view's question for paths, or on the chosen one. */
export function onPaths(drawing: Drawing, view: View, paths: readonly (readonly Iri[])[]): OnPaths | null {
  if (view.paths === null || paths.length === 0) return null;
  const drawn = view.path === null ? paths : paths.slice(view.path, view.path + 1);
  const edges = drawn.flatMap((path) =>
    path.slice(1).flatMap((iri, at) => {
      const before = path[at] ?? "";
      return [drawing.line(before, iri), drawing.line(iri, before)].filter((line) => line !== null);
    }),
  );
  return { entities: new Set(drawn.flat()), edges: new Set(edges) };
}

/** The look of an entity under an emphasis: sigma's reducer. */
export function reduceEntity(iri: Iri, look: EntityLook, now: Emphasis, palette: Palette): EntityLook {
  if (iri === now.entity) return { ...look, ring: palette.accent, highlighted: true, forceLabel: true };
  if (now.nearEntities.has(iri)) return { ...look, forceLabel: now.nearEntities.size <= MAX_NEAR_LABELS };
  if (now.path === null) return look;
  if (now.path.entities.has(iri)) return { ...look, ring: palette.accent, forceLabel: true };
  return { ...look, color: mixed(look.color, palette.background, 0.2), label: "" };
}

/** The look of an edge under an emphasis. Its pattern stays: what is no fact never comes to look like one. */
export function reduceEdge(line: string, { look }: EdgeEntry, now: Emphasis, palette: Palette): EdgeLook {
  if (line === now.edge) return { ...look, color: faded(palette.accent, 1), size: look.size * 2.4, forceLabel: true };
  if (now.path?.edges.has(line)) return { ...look, ...strong(look, palette, 2.2), forceLabel: true };
  if (now.nearEdges.has(line)) return { ...look, ...strong(look, palette, 1.4) };
  return now.path === null ? look : { ...look, color: faded(palette.lines[look.status], 0.1), label: "" };
}

const strong = ({ status, size }: EdgeLook, palette: Palette, by: number): Pick<EdgeLook, "color" | "size"> => ({
  color: faded(palette.lines[status], 1),
  size: size * by,
});

/** The looks that differ between two emphases, or null where it may be all of them. */
export function touched(before: Emphasis, after: Emphasis): { nodes: Iri[]; edges: string[] } | null {
  if (before.path !== after.path) return null;
  const nodes = [before, after].flatMap((one) => [...one.nearEntities, ...(one.entity === null ? [] : [one.entity])]);
  const edges = [before, after].flatMap((one) => [...one.nearEdges, ...(one.edge === null ? [] : [one.edge])]);
  return { nodes: [...new Set(nodes)], edges: [...new Set(edges)] };
}
