import { expect, test } from "vitest";
import { iriOf, madeFacts, placesOf } from "../made";
import { Store } from "../store";
import { ALL_STATUSES, EMPTY, NO_FILTERS } from "../view";
import { hull } from "./communities";
import { toSvg } from "./export_picture";
import { frameOf, sameLook, spanOf, WHOLE } from "./frame";
import { Room } from "./labels";
import { drawnKinds } from "./legend";
import { pageOf } from "./menu";
import { cut, isolated, MAX_LABEL } from "./text";

const HOSTILE = ["</svg><script>alert(1)</script>", '"onload="alert(1)', "\u0000\ud800", "x".repeat(10_000)];

function hostileStore(): Store {
  const facts = madeFacts([
    ["a", "acquired", "b", { status: "Denied" }],
    ["b", "uses", "a"],
    ["a", "</title><script>", "c"],
    ["d", "uses", "d", { marks: 1 }],
  ]);
  const names = ["a", "b", "c", "d"];
  const entities = new Map(facts.entities);
  names.forEach((name, at) => {
    const entity = entities.get(iriOf(name));
    if (entity) entities.set(entity.iri, { ...entity, label: HOSTILE[at] ?? "" });
  });
  const filters = { ...NO_FILTERS, statuses: ALL_STATUSES, retracted: true };
  return new Store({ facts: { ...facts, entities }, view: { ...EMPTY, places: placesOf(...names), filters } });
}

test("an SVG holds every entity and line, the legend, and no markup of the graph's", () => {
  const svg = toSvg(hostileStore());
  expect(svg.match(/<circle [^>]*><title>/g)).toHaveLength(4);
  expect(svg).toContain("&lt;script&gt;");
  expect(svg).not.toMatch(/<script|\sonload\s*=/);
  expect(svg).not.toMatch(/[\0\ud800-\udfff]/);
  for (const words of ["denied", "fact", "company"]) expect(svg).toContain(`>${words}</text>`);
  const [opened, closed] = [svg.match(/<[a-z]+(?:\s[^>]*[^/])?>/g), svg.match(/<\/[a-z]+>/g)];
  expect(opened?.length).toBe(closed?.length);
});

test("in an SVG only lines of facts are whole", () => {
  const svg = toSvg(hostileStore());
  const lines = svg.match(/<path d="M[^"]*Q[^"]*"[^>]*>/g) ?? [];
  expect(lines.map((line) => line.includes("stroke-dasharray"))).toEqual([true, false, false]);
});

test("an empty view is an SVG too", () => {
  expect(toSvg(new Store({ view: EMPTY }))).toContain("0 entities");
});

test("the legend has what is drawn, the most frequent type first, statuses in their order", () => {
  const { entities, edges } = { entities: [...madeFacts([["p1", "uses", "a"]], ["b"]).entities.values()], edges: [] };
  expect(drawnKinds({ entities, edges, nNotFacts: 0 })).toEqual({ types: ["Company", "Person"], statuses: [] });
});

test("a label is short, on one line, and turns no text around it", () => {
  expect(cut("x".repeat(10_000))).toHaveLength(MAX_LABEL);
  expect(cut("\u202egnp.exe\n2")).toBe(" gnp.exe 2");
  expect(cut("𝒳".repeat(50))).toBe(`${"𝒳".repeat(MAX_LABEL - 1)}…`);
  expect(cut("Acme")).toBe("Acme");
  expect(isolated("שלום")).toBe("\u2068שלום\u2069");
  expect(isolated("Acme")).toBe("Acme");
});

test("a page is this server's where the IRI is, the web's where it is an address, and else none", () => {
  const base = "https://example.org/id/";
  expect(pageOf(`${base}company/a`, { base })).toBe("/page/company/a");
  expect(pageOf("https://other.org/x", { base })).toBe("https://other.org/x");
  expect(pageOf("javascript:alert(1)", { base })).toBeNull();
  expect(pageOf("urn:x", { base: "" })).toBeNull();
});

test("a frame holds all places and never blows up a few", () => {
  const frame = frameOf([
    { x: -10, y: 2 },
    { x: 30, y: 4 },
  ]);
  expect(frame).toEqual({ x: [-10, 30], y: [2, 4] });
  expect(spanOf(frameOf([{ x: 1, y: 1 }]))).toBeGreaterThan(5);
  expect(spanOf(frameOf([]))).toBeGreaterThan(5);
});

test("another frame moves nothing on the screen", () => {
  const [before, after] = [
    { x: [0, 10], y: [0, 10] },
    { x: [-20, 20], y: [0, 10] },
  ] as const;
  const look = sameLook(WHOLE, { x: [...before.x], y: [...before.y] }, { x: [...after.x], y: [...after.y] });
  expect(look).toEqual({ x: 0.625, y: 0.5, ratio: 0.25, angle: 0 });
});

test("a hull goes around all, and through none inside", () => {
  const square = [
    { x: 0, y: 0 },
    { x: 4, y: 0 },
    { x: 4, y: 4 },
    { x: 0, y: 4 },
  ];
  expect(hull([...square, { x: 2, y: 1 }, { x: 1, y: 3 }])).toEqual(square);
});

test("text takes no room that is taken, and asks twice without harm", () => {
  const room = new Room();
  const box = { x: 0, y: 0, width: 10, height: 10 };
  expect([room.takeOnce("a", box), room.takeOnce("a", box), room.takeOnce("b", box)]).toEqual([true, true, false]);
  expect(room.take({ ...box, x: 10 })).toBe(true);
  room.clear();
  room.block(box);
  expect([room.take(box), room.take(box, true)]).toEqual([false, true]);
});
