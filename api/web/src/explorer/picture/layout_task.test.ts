import iterate from "graphology-layout-forceatlas2/iterate";
import { expect, test } from "vitest";
import { iriOf, madeFacts, placesOf as placesAtZero, type Said } from "../made";
import { shown } from "../shown";
import { EMPTY, type Place } from "../view";
import { LIGHT } from "./colours";
import { Drawing, redraw } from "./drawing";
import { placesOf, taskOf } from "./layout_task";

const STAR = Array.from({ length: 12 }, (_, at): Said => ["a", "uses", `x${at}`]);
const FACTS = madeFacts(STAR);
const IRIS = [...FACTS.entities.keys()];

function star(): Drawing {
  const spiral = IRIS.map((iri, at): [string, Place] => [iri, { x: Math.cos(at * 2.4), y: Math.sin(at * 2.4) }]);
  const places = { ...Object.fromEntries(spiral), [iriOf("x3")]: { x: 5, y: 5, pinned: true } };
  const drawing = new Drawing();
  const view = { ...EMPTY, places };
  redraw(drawing, shown(view, FACTS), view, LIGHT);
  return drawing;
}

function arranged(rounds: number): Record<string, Place> {
  const { entities, edges, settings } = taskOf(star());
  for (let at = 0; at < rounds; at++) iterate(settings, entities, edges);
  return placesOf(star().nodes(), { entities, done: true }, (iri) => iri === iriOf("x3"));
}

test("a task says where all are, and leaves out no tie", () => {
  const task = taskOf(star());
  expect([task.entities.length, task.edges.length]).toEqual([IRIS.length * 10, STAR.length * 3]);
  const places = placesOf(star().nodes(), { entities: task.entities, done: false }, () => false);
  expect(places[iriOf("x3")]).toEqual({ x: 5, y: 5 });
});

test("arranged neighbours lie some units apart, and a pinned one is not moved", () => {
  const { entities, edges, settings } = taskOf(star());
  for (let at = 0; at < 300; at++) iterate(settings, entities, edges);
  expect(placesOf(star().nodes(), { entities, done: true }, () => false)[iriOf("x3")]).toEqual({ x: 5, y: 5 });
  const places = arranged(300);
  expect(places[iriOf("x3")]).toBeUndefined();
  const hub = places[iriOf("a")] ?? { x: 0, y: 0 };
  for (const [iri, { x, y }] of Object.entries(places)) {
    if (iri === iriOf("a")) continue;
    expect(Math.hypot(x - hub.x, y - hub.y)).toBeGreaterThan(0.8);
    expect(Math.hypot(x - hub.x, y - hub.y)).toBeLessThan(8);
  }
});

test("the same start gives the same arrangement", () => {
  expect(arranged(50)).toEqual(arranged(50));
});

test("places at one spot do not break a task", () => {
  const view = { ...EMPTY, places: placesAtZero("a", "x1") };
  const drawing = new Drawing();
  redraw(drawing, shown(view, FACTS), view, LIGHT);
  const { entities, edges, settings } = taskOf(drawing);
  for (let at = 0; at < 10; at++) iterate(settings, entities, edges);
  expect([...entities].every(Number.isFinite)).toBe(true);
});
