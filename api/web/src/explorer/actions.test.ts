import { afterEach, expect, test, vi } from "vitest";
import { addEntities, collapse, expand, findPaths, loadMissing, nameable } from "./actions";
import { startAnswers } from "./answers";
import { apply } from "./correct";
import { iriOf, madeFacts, madePiece, placesOf, type Said } from "./made";
import { startMissing } from "./missing";
import type { Piece } from "./records";
import { Store } from "./store";
import { EMPTY, OVERVIEW, type PathQuestion, type View } from "./view";

const SAID: Said[] = [
  ["a", "acquired", "b"],
  ["b", "uses", "c"],
  ["a", "sued", "c", { status: "Planned" }],
];

afterEach(() => vi.unstubAllGlobals());

/** What the server is asked, in order, and answers by path. */
function serving(answers: Record<string, (body: never) => unknown>): { path: string; body: unknown }[] {
  const asked: { path: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (address: string, options: RequestInit = {}) => {
    const path = address.split("?")[0] ?? "";
    const body = typeof options.body === "string" ? JSON.parse(options.body) : null;
    asked.push({ path, body });
    return Response.json(answers[path]?.(body as never));
  });
  return asked;
}

const pieceOf = (...names: string[]) =>
  madePiece(
    SAID.filter(([s, , o]) => names.includes(s) && names.includes(o)),
    names,
  );
const settled = () => new Promise((done) => setTimeout(done, 20));
const storeOf = (view: Partial<View>) => new Store({ facts: madeFacts(SAID), view: { ...EMPTY, ...view } });

test("what the graph does not hold is not put into the view, and what was hidden is drawn again", async () => {
  serving({ "/explore/piece": () => pieceOf("a", "b") });
  const store = storeOf({ places: placesOf("a"), hidden: [iriOf("a")] });
  await addEntities(store, [iriOf("a"), iriOf("b"), "https://example.org/none"]);
  expect(Object.keys(store.state.view.places)).toEqual([iriOf("a"), iriOf("b")]);
  expect(store.state.view.hidden).toEqual([]);
});

test("an expansion of what was taken away meanwhile shows nothing", async () => {
  serving({ "/explore/expand": () => ({ piece: pieceOf("a", "b"), remaining: [] }) });
  const store = storeOf({ places: placesOf("a") });
  const expanded = expand(store, iriOf("a"));
  store.step({ places: {} });
  await expanded;
  expect(store.state.view.places).toEqual({});
});

test("a neighbour is collapsed by the lines that are drawn", () => {
  const store = storeOf({ places: placesOf("a", "b", "c") });
  collapse(store, iriOf("b"));
  expect(Object.keys(store.state.view.places)).toEqual([iriOf("b")]);
  collapse(store, iriOf("b"));
  expect(store.state.said).toBe("Nothing hangs on B alone");
});

test("of an overview that is cut off, a request names no more than the overview gave", () => {
  const facts = { ...madeFacts(SAID), overview: ["a", "b"].map(iriOf), nEntities: 9 };
  const view: View = { ...OVERVIEW, places: placesOf("c") };
  expect(nameable({ view, facts }, [iriOf("d")])).toEqual(["d", "c"].map(iriOf));
  expect(nameable({ view, facts: { ...facts, nEntities: 2 } })).toEqual(["c", "a", "b"].map(iriOf));
});

test("what was added to an overview comes back from a link with its claims, and what is unknown is told", async () => {
  const overview: Piece = { ...pieceOf("a", "b"), communities: [] };
  const asked = serving({
    "/explore/overview": () => overview,
    "/explore/piece": () => pieceOf("a", "b", "c"),
  });
  const store = new Store({ view: { ...OVERVIEW, places: { ...placesOf("c"), "urn:none": { x: 0, y: 0 } } } });
  await loadMissing(store);
  expect(asked[1]?.body).toEqual({ entities: [iriOf("c"), "urn:none", iriOf("a"), iriOf("b")] });
  expect(store.state.problem).toBe("This graph does not hold 1 of the entities of this view.");
});

test("an undo to before the graph changed asks for what it shows, once", async () => {
  const asked = serving({ "/explore/piece": () => ({ ...pieceOf("a", "b"), snapshot: "s2" }) });
  const store = storeOf({ places: { ...placesOf("a", "b"), "urn:gone": { x: 0, y: 0 } } });
  startMissing(store);
  store.step({ places: {} });
  store.set({ facts: { ...madeFacts([], ["z"]), snapshot: "s2" } });
  await settled();
  expect(asked).toEqual([]);
  store.undo();
  await settled();
  expect(store.state.facts.entities.has(iriOf("b"))).toBe(true);
  store.step({ hidden: [iriOf("a")] });
  await settled();
  expect(asked).toHaveLength(1);
});

test("an overview that a new graph has taken away comes back with an undo", async () => {
  const asked = serving({ "/explore/overview": () => ({ ...pieceOf("a"), communities: [] }) });
  const store = storeOf({});
  startMissing(store);
  store.step({ overview: true });
  await settled();
  expect(asked.map(({ path }) => path)).toEqual(["/explore/overview"]);
  expect(store.state.facts.overview).toEqual([iriOf("a")]);
});

test("paths are those of the question in the view, after an undo and from a link too", async () => {
  const asked = serving({
    "/explore/paths": ({ from, to }: PathQuestion) => ({ paths: [[from, to]], piece: pieceOf("a", "b", "c") }),
  });
  const question = (to: string): PathQuestion => ({ from: iriOf("a"), to, k: 1, maxLength: 2, predicates: [] });
  const store = storeOf({ places: placesOf("a", "b", "c") });
  startAnswers(store);
  await findPaths(store, question(iriOf("b")));
  await findPaths(store, question(iriOf("c")));
  await settled();
  expect(asked).toHaveLength(2);
  store.undo();
  await settled();
  expect(store.state.paths).toEqual([[iriOf("a"), iriOf("b")]]);
  const linked = storeOf(store.state.view);
  startAnswers(linked);
  linked.set({ said: "" });
  await settled();
  expect(linked.state).toMatchObject({ paths: [[iriOf("a"), iriOf("b")]], answered: question(iriOf("b")) });
});

test("after a correction, what was merged away is gone without a complaint", async () => {
  serving({
    "/corrections": () => ({ summary: "2 entities" }),
    "/explore/piece": ({ entities }: { entities: string[] }) => ({
      ...pieceOf(...["b", "c"].filter((name) => entities.includes(iriOf(name)))),
      snapshot: "s2",
    }),
  });
  const store = storeOf({ places: placesOf("a", "b", "c") });
  const wanted = { do: "merge" as const, into: iriOf("b"), entities: [iriOf("a")] };
  store.set({ draft: { wanted, who: "me", why: "", preview: null } });
  await apply(store);
  expect(Object.keys(store.state.view.places)).toEqual(["b", "c"].map(iriOf));
  expect(store.state).toMatchObject({ problem: "", draft: null, said: "Corrected. The graph has 2 entities" });
  expect(store.state.facts.snapshot).toBe("s2");
});
