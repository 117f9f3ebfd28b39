import { expect, test } from "vitest";
import { iriOf, madeFacts, placesOf, type Said } from "../made";
import { shown } from "../shown";
import { ALL_STATUSES, EMPTY, NO_FILTERS, type View } from "../view";
import { DARK, LIGHT } from "./colours";
import { crowding, Drawing, edgeLooks, freeSide, MAX_EDGE_LABELS, placeOf, redraw } from "./drawing";

const SAID: Said[] = [
  ["a", "acquired", "b"],
  ["b", "uses", "a"],
  ["a", "sued", "c", { status: "Denied" }],
  ["c", "uses", "c"],
];
const FACTS = madeFacts(SAID);
const VIEW: View = {
  ...EMPTY,
  places: placesOf("a", "b", "c"),
  filters: { ...NO_FILTERS, statuses: ALL_STATUSES },
};

function drawn(view = VIEW): Drawing {
  const drawing = new Drawing();
  redraw(drawing, shown(view, FACTS), view, LIGHT);
  return drawing;
}

test("a drawing has each entity and one line for each direction between two", () => {
  const drawing = drawn();
  expect([drawing.order, drawing.size]).toEqual([3, 4]);
  expect(drawing.line(iriOf("a"), iriOf("c"))).not.toBeNull();
  expect(drawing.line(iriOf("c"), iriOf("a"))).toBeNull();
  expect(drawing.line(iriOf("a"), iriOf("nobody"))).toBeNull();
});

test("lines in both directions are pulled apart, and so is one that comes back; others are straight", () => {
  const looks = new Map(
    shown(VIEW, FACTS).edges.map((edge, at) => [edge.key, edgeLooks(shown(VIEW, FACTS), LIGHT)[at]]),
  );
  const type = (from: string, to: string) => looks.get(`${iriOf(from)} ${iriOf(to)}`)?.type;
  expect([type("a", "b"), type("b", "a"), type("c", "c"), type("a", "c")]).toEqual([
    "curved",
    "curved",
    "curved",
    "straight",
  ]);
});

test("the same picture again changes nothing", () => {
  const drawing = drawn();
  expect(redraw(drawing, shown(VIEW, FACTS), VIEW, LIGHT)).toEqual({ added: [], dropped: 0, any: false });
});

test("what goes and what comes is all that changes, and nobody is told of each", () => {
  const drawing = drawn({ ...VIEW, places: placesOf("a", "b") });
  const kept = drawing.line(iriOf("a"), iriOf("b"));
  let told = 0;
  for (const event of ["nodeAdded", "nodeDropped", "edgeAdded", "edgeDropped"] as const)
    drawing.on(event, () => {
      told += 1;
    });
  const view = { ...VIEW, places: placesOf("a", "b", "c"), hidden: [iriOf("b")] };
  const changes = redraw(drawing, shown(view, FACTS), view, LIGHT);
  expect(changes).toEqual({ added: [iriOf("c")], dropped: 3, any: true });
  expect(drawing.nodes()).toEqual([iriOf("a"), iriOf("c")]);
  expect(kept !== null && drawing.hasEdge(kept)).toBe(false);
  expect(told).toBe(0);
  drawing.addNode("x", drawing.getNodeAttributes(iriOf("a")));
  expect(told).toBe(1);
});

test("another theme changes every look and no entity", () => {
  const drawing = drawn();
  const changes = redraw(drawing, shown(VIEW, FACTS), VIEW, DARK);
  expect([changes.any, changes.added, changes.dropped]).toEqual([true, [], 0]);
  expect(drawing.getNodeAttribute(iriOf("a"), "color")).toBe(DARK.types.Company);
});

test("a pinned entity is marked, and an entity without a place still has one of its own", () => {
  const view = { ...VIEW, places: { ...VIEW.places, [iriOf("a")]: { x: 3, y: 4, pinned: true } } };
  expect(drawn(view).getNodeAttributes(iriOf("a"))).toMatchObject({ x: 3, y: 4, pinned: true });
  const entities = [...FACTS.entities.values()];
  const places = entities.map((entity, at) => JSON.stringify(placeOf(entity, EMPTY, at)));
  expect(new Set(places).size).toBe(entities.length);
});

test("few lines say what they stand for; many share their looks and say nothing", () => {
  const many = Array.from({ length: MAX_EDGE_LABELS + 1 }, (_, at): Said => ["a", "uses", `x${at}`]);
  const facts = madeFacts(many);
  const view = { ...EMPTY, places: Object.fromEntries([...facts.entities.keys()].map((iri) => [iri, { x: 0, y: 0 }])) };
  const looks = edgeLooks(shown(view, facts), LIGHT);
  expect(new Set(looks).size).toBe(1);
  expect(looks[0]?.label).toBe("");
  expect(edgeLooks(shown(VIEW, FACTS), LIGHT).map(({ label }) => label)).toContain("acquired");
});

test("lines fade as they become many, but never to nothing", () => {
  expect(crowding(10)).toBe(1);
  expect(crowding(60_000)).toBeLessThan(crowding(3_000));
  expect(crowding(1e9)).toBeGreaterThan(0);
});

test("a name goes to the side away from the neighbours", () => {
  const places = { [iriOf("a")]: { x: 0, y: 0 }, [iriOf("b")]: { x: 5, y: 0 }, [iriOf("c")]: { x: 6, y: 2 } };
  const drawing = drawn({ ...VIEW, places });
  expect([freeSide(drawing, iriOf("a")), freeSide(drawing, iriOf("b"))]).toEqual(["left", "right"]);
});
