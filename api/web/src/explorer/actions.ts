/** What a reader can do, each a verb. A step changes the view and can be undone; what it needs is asked of the server. */
import { absolute, withPiece, withRemaining } from "./facts";
import type { Iri, Piece } from "./records";
import * as server from "./server";
import { inPicture, shown } from "./shown";
import type { Panel, State, Store } from "./store";
import { EMPTY, type Filters, NO_FILTERS, OVERVIEW, type PathQuestion, type Place, type Selection } from "./view";

/** New entities of one expansion; the rest is counted. */
export const EXPAND_LIMIT = 25;

/** Entities that the overview asks for. */
export const OVERVIEW_LIMIT = 20_000;

/** Run what asks the server: counted while it runs, and its failure told to the reader. */
export async function attempt(store: Store, work: () => Promise<void>): Promise<void> {
  store.set({ pending: store.state.pending + 1, problem: "" });
  try {
    await work();
  } catch (error) {
    if (!(error instanceof server.ServerError)) throw error;
    store.set({ problem: error.message });
  } finally {
    store.set({ pending: store.state.pending - 1 });
  }
}

/** Take in what the server says. Where the graph has changed meanwhile, what is shown is asked for anew. */
export async function learn(store: Store, piece: Piece): Promise<void> {
  const before = store.state.facts.snapshot;
  store.set({ facts: withPiece(store.state.facts, piece) });
  if (before !== "" && before !== piece.snapshot) await loadMissing(store);
}

export function loadOverview(store: Store): Promise<void> {
  return attempt(store, async () => {
    await learn(store, await server.overview(OVERVIEW_LIMIT));
  });
}

export function showOverview(store: Store): Promise<void> {
  store.step({ ...OVERVIEW, filters: store.state.view.filters }, "Overview of the whole graph");
  return store.state.facts.overview.length > 0 ? Promise.resolve() : loadOverview(store);
}

export function startEmpty(store: Store): void {
  store.step({ ...EMPTY, filters: store.state.view.filters }, "Empty picture");
}

/** Ask for what a view speaks of and the facts have not: after a share link, or an undo across snapshots. isTold:
 * whether the reader hears of what the graph does not hold. */
export function loadMissing(store: Store, isTold = true): Promise<void> {
  const { view, facts } = store.state;
  const wanted = [...inPicture(view, facts)];
  return attempt(store, async () => {
    if (view.overview && facts.overview.length === 0) {
      const found = await server.overview(OVERVIEW_LIMIT);
      store.set({ facts: withPiece(store.state.facts, found) });
    }
    const isLacking = (iri: Iri) => !store.state.facts.entities.has(iri);
    if (!wanted.some(isLacking) && (view.overview || wanted.length === 0)) return;
    const found = await server.piece(nameable({ view, facts: store.state.facts }));
    store.set({ facts: withPiece(store.state.facts, found) });
    const n = wanted.filter(isLacking).length;
    if (n > 0 && isTold) store.set({ problem: `This graph does not hold ${n} of the entities of this view.` });
  });
}

/** What is in the picture, and `more`, as far as one request may name it: of an overview that the server has cut off,
 * no more than it gave; the least connected are left out. */
export function nameable({ view, facts }: Pick<State, "view" | "facts">, more: readonly Iri[] = []): Iri[] {
  const kept = inPicture(view, facts);
  const chosen = Object.keys(view.places).filter((iri) => kept.has(iri));
  const isCut = view.overview && facts.overview.length > 0 && facts.overview.length < facts.nEntities;
  return [...new Set([...more, ...chosen, ...kept])].slice(0, isCut ? facts.overview.length : undefined);
}

/** Put entities into the picture with all claims among what is then shown. Placed near `near` where that is given. */
export function addEntities(store: Store, iris: readonly Iri[], near?: Iri): Promise<void> {
  return attempt(store, async () => {
    await learn(store, await server.piece(nameable(store.state, iris)));
    const known = iris.filter((iri) => store.state.facts.entities.has(iri));
    const [first] = known;
    if (first === undefined) throw new server.ServerError("The graph has no such entity.", 404);
    const selected: Selection = { kind: "entity", entity: first };
    show(
      store,
      known,
      near,
      { selected },
      known.length === 1 ? `Added ${labelOf(store, first)}` : `Added ${known.length}`,
    );
  });
}

/** Show an entity's neighbours, the best connected first: all, or those by one predicate in one direction. */
export function expand(store: Store, entity: Iri, predicate?: string, direction?: "out" | "in"): Promise<void> {
  return attempt(store, async () => {
    const shown = [...inPicture(store.state.view, store.state.facts)];
    const kind = {
      ...(predicate === undefined ? {} : { predicate }),
      ...(direction === undefined ? {} : { direction }),
    };
    const { statuses } = store.state.view.filters;
    const named = nameable(store.state);
    const answer = await server.expand({ entity, limit: EXPAND_LIMIT, shown: named, statuses, ...kind });
    await learn(store, answer.piece);
    store.set({ facts: withRemaining(store.state.facts, entity, answer.remaining) });
    const before = new Set(shown);
    const found = answer.piece.entities.iri.map((iri) => absolute(iri, answer.piece.base));
    const fresh = found.filter((iri) => !before.has(iri));
    const isGone = before.has(entity) && !inPicture(store.state.view, store.state.facts).has(entity);
    if (isGone) return; // removed while the server was asked
    if (fresh.length === 0) store.set({ said: `Nothing more to show around ${labelOf(store, entity)}` });
    show(store, fresh, entity, {}, `${fresh.length} more around ${labelOf(store, entity)}`);
  });
}

/** Take away the neighbours that hang on this entity alone, by the lines that are drawn. */
export function collapse(store: Store, entity: Iri): void {
  const { view, facts } = store.state;
  const others = new Map<Iri, Set<Iri>>();
  for (const { from, to } of shown(view, facts).edges) {
    if (from === to) continue;
    others.set(from, (others.get(from) ?? new Set()).add(to));
    others.set(to, (others.get(to) ?? new Set()).add(from));
  }
  const loose = [...(others.get(entity) ?? [])].filter(
    (iri) => others.get(iri)?.size === 1 && !view.places[iri]?.pinned,
  );
  if (loose.length === 0) store.set({ said: `Nothing hangs on ${labelOf(store, entity)} alone` });
  else remove(store, loose, `Collapsed ${labelOf(store, entity)}: ${loose.length} taken away`);
}

export function remove(store: Store, iris: readonly Iri[], said = `Removed ${iris.length}`): void {
  const { view } = store.state;
  const gone = new Set(iris);
  const places = Object.fromEntries(Object.entries(view.places).filter(([iri]) => !gone.has(iri)));
  const removed = view.overview ? [...new Set([...view.removed, ...iris])] : view.removed;
  store.step({ places, removed, hidden: view.hidden.filter((iri) => !gone.has(iri)), ...unselect(store, gone) }, said);
}

/** Leave entities in the picture without drawing them; `unhideAll` draws them again. */
export function hide(store: Store, iris: readonly Iri[]): void {
  const hidden = [...new Set([...store.state.view.hidden, ...iris])];
  store.step({ hidden, ...unselect(store, new Set(iris)) }, `Hidden ${iris.length}`);
}

export function unhideAll(store: Store): void {
  store.step({ hidden: [] }, "All shown again");
}

/** Put entities somewhere, as after a drag or a layout; a pinned one stays there. */
export function place(store: Store, places: Readonly<Record<Iri, Place>>, said = "Moved"): void {
  store.step({ places: { ...store.state.view.places, ...places } }, said);
}

export function pin(store: Store, entity: Iri, at: Place, pinned: boolean): void {
  const where = pinned ? { x: at.x, y: at.y, pinned } : { x: at.x, y: at.y };
  place(store, { [entity]: where }, pinned ? "Pinned" : "Unpinned");
}

export function select(store: Store, selected: Selection | null): void {
  store.step({ selected });
  if (selected !== null) openPanel(store, "details");
}

export function setFilters(store: Store, change: Partial<Filters>, said = "Filtered"): void {
  store.step({ filters: { ...store.state.view.filters, ...change } }, said);
}

/** Draw only what is within `depth` steps of an entity; a depth of 0 draws everything again. */
export function setEgo(store: Store, entity: Iri, depth: number): void {
  store.step({ ego: depth === 0 ? null : { entity, depth } }, depth === 0 ? "All drawn" : `Within ${depth} steps`);
}

/** Look for the shortest paths between two entities, draw them, and dim the rest. */
export function findPaths(store: Store, wanted: PathQuestion): Promise<void> {
  return attempt(store, async () => {
    const { statuses } = store.state.view.filters;
    const answer = await server.paths(wanted, statuses.length > 0 ? statuses : NO_FILTERS.statuses);
    await learn(store, answer.piece);
    store.set({ paths: answer.paths, answered: wanted });
    const on = [...new Set(answer.paths.flat())];
    const said = answer.paths.length === 0 ? "No path" : `${answer.paths.length} paths`;
    show(store, on, wanted.from, { paths: wanted, path: null }, said);
  });
}

export function clearPaths(store: Store): void {
  store.step({ paths: null, path: null }, "Paths cleared");
}

/** The panel of paths, which begins at what is selected. */
export function showPanelPaths(store: Store): void {
  openPanel(store, "paths");
}

export function openPanel(store: Store, panel: Panel): void {
  if (store.state.panel !== panel) store.set({ panel });
}

export const labelOf = (store: Store, iri: Iri | undefined): string =>
  (iri !== undefined && store.state.facts.entities.get(iri)?.label) || iri || "";

/** One step that shows entities besides those that are shown, each with a place, around `near` or in the middle. */
function show(
  store: Store,
  iris: readonly Iri[],
  near: Iri | undefined,
  change: Parameters<Store["step"]>[0],
  said: string,
): void {
  const { view, facts } = store.state;
  const kept = inPicture(view, facts);
  const fresh = iris.filter((iri) => !kept.has(iri));
  const centre = near === undefined ? undefined : (view.places[near] ?? facts.entities.get(near)?.place ?? undefined);
  const places = { ...view.places };
  fresh.forEach((iri, at) => {
    places[iri] = around(centre ?? { x: 0, y: 0 }, at, kept.size + at);
  });
  const back = new Set(iris);
  const without = (list: readonly Iri[]) => list.filter((iri) => !back.has(iri));
  store.step({ ...change, places, removed: without(view.removed), hidden: without(view.hidden) }, said);
}

/** Places on a sunflower spiral, so that no two fall together and the same steps give the same picture. */
function around(centre: { x: number; y: number }, at: number, n: number): Place {
  const angle = (at + n) * Math.PI * (3 - Math.sqrt(5)); // the golden angle (H. Vogel 1979)
  const distance = 1 + Math.sqrt(at) * 0.6;
  return { x: centre.x + distance * Math.cos(angle), y: centre.y + distance * Math.sin(angle) };
}

function unselect(store: Store, gone: ReadonlySet<Iri>): { selected?: null } {
  const { selected } = store.state.view;
  if (selected === null) return {};
  const ends = selected.kind === "entity" ? [selected.entity] : [selected.from, selected.to];
  return ends.some((iri) => gone.has(iri)) ? { selected: null } : {};
}
