import { expect, test } from "vitest";
import { iriOf, madeFacts, placesOf } from "../made";
import { shown } from "../shown";
import { ALL_STATUSES, EMPTY, NO_FILTERS, type View } from "../view";
import { LIGHT } from "./colours";
import { Drawing, redraw } from "./drawing";
import { emphasis, onPaths, reduceEdge, reduceEntity, touched } from "./emphasis";
import { LINES } from "./lines";

const [A, B, C, D] = ["a", "b", "c", "d"].map(iriOf) as [string, string, string, string];
const FACTS = madeFacts([
  ["a", "acquired", "b"],
  ["c", "sued", "b", { status: "Denied" }],
  ["c", "uses", "d"],
]);
const VIEW: View = {
  ...EMPTY,
  places: placesOf("a", "b", "c", "d"),
  filters: { ...NO_FILTERS, statuses: ALL_STATUSES },
  paths: { from: A, to: C, k: 1, maxLength: 4, predicates: [] },
};
const DRAWING = new Drawing();
redraw(DRAWING, shown(VIEW, FACTS), VIEW, LIGHT);

const entity = (iri: string) => DRAWING.getNodeAttributes(iri);
const edge = (from: string, to: string) => {
  const line = DRAWING.line(from, to) ?? "";
  return { line, entry: DRAWING.getEdgeAttributes(line) };
};

test("a selected entity stands out, its neighbours are named, and the rest is as it was", () => {
  const now = emphasis(DRAWING, { ...VIEW, selected: { kind: "entity", entity: B } }, null);
  expect(reduceEntity(B, entity(B), now, LIGHT)).toMatchObject({ highlighted: true, ring: LIGHT.accent });
  expect(reduceEntity(A, entity(A), now, LIGHT).forceLabel).toBe(true);
  expect(reduceEntity(D, entity(D), now, LIGHT)).toBe(entity(D));
});

test("what lies on no path steps back, and a path goes along a line in either direction", () => {
  const now = emphasis(DRAWING, VIEW, onPaths(DRAWING, VIEW, [[A, B, C]]));
  const [on, against, off] = [edge(A, B), edge(C, B), edge(C, D)];
  expect(reduceEdge(on.line, on.entry, now, LIGHT).size).toBeGreaterThan(on.entry.look.size);
  expect(reduceEdge(against.line, against.entry, now, LIGHT).size).toBeGreaterThan(against.entry.look.size);
  expect(reduceEdge(off.line, off.entry, now, LIGHT).color).toMatch(/,0\.1\)$/);
  expect(reduceEntity(D, entity(D), now, LIGHT)).toMatchObject({ label: "" });
});

test("only the chosen path is drawn in full", () => {
  const paths = [
    [A, B],
    [C, D],
  ];
  expect(onPaths(DRAWING, { ...VIEW, path: 1 }, paths)?.entities).toEqual(new Set([C, D]));
  expect(onPaths(DRAWING, { ...VIEW, path: null }, paths)?.entities.size).toBe(4);
  expect(onPaths(DRAWING, { ...VIEW, paths: null }, paths)).toBeNull();
});

test("no emphasis makes a line that is no fact look like one", () => {
  const denied = edge(C, B);
  const selections: View["selected"][] = [
    { kind: "edge", from: C, to: B },
    { kind: "entity", entity: B },
    { kind: "entity", entity: A },
    null,
  ];
  for (const selected of selections)
    for (const path of [null, onPaths(DRAWING, VIEW, [[A, B, C]]), onPaths(DRAWING, VIEW, [[C, D]])]) {
      const look = reduceEdge(denied.line, denied.entry, emphasis(DRAWING, { ...VIEW, selected }, path), LIGHT);
      expect([look.pattern, look.crossed]).toEqual([LINES.Denied.pattern, true]);
    }
});

test("another selection touches the old and the new one alone; another path may touch all", () => {
  const before = emphasis(DRAWING, { ...VIEW, selected: { kind: "entity", entity: A } }, null);
  const after = emphasis(DRAWING, { ...VIEW, selected: { kind: "edge", from: C, to: D } }, null);
  expect(touched(before, after)?.nodes.sort()).toEqual([A, B, C, D]);
  expect(touched(before, after)?.edges.sort()).toEqual([edge(A, B).line, edge(C, D).line].sort());
  expect(touched(before, { ...after, path: onPaths(DRAWING, VIEW, [[A, B]]) })).toBeNull();
});

test("what is selected but not drawn is not looked for", () => {
  const now = emphasis(DRAWING, { ...VIEW, selected: { kind: "entity", entity: iriOf("gone") } }, null);
  expect([now.entity, now.nearEntities.size, now.nearEdges.size]).toEqual([null, 0, 0]);
});
