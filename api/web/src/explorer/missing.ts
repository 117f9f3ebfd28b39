/** What a view speaks of and the facts lack is asked for, whatever brought the view: an undo to a time before the graph
 * changed, say. */
import { loadMissing } from "./actions";
import { inPicture } from "./shown";
import type { State, Store } from "./store";

export function startMissing(store: Store): void {
  let checked: readonly unknown[] = [];
  /** What the graph of one snapshot has been asked for: what it does not hold is not asked for twice. */
  let asked = { snapshot: "", lacking: new Set<string>() };
  const check = () => {
    const { pending, view, facts } = store.state;
    const now = [view.overview, view.places, view.removed, facts.snapshot, facts.entities];
    if (pending > 0 || facts.snapshot === "" || now.every((one, at) => one === checked[at])) return;
    checked = now;
    if (asked.snapshot !== facts.snapshot) asked = { snapshot: facts.snapshot, lacking: new Set() };
    const fresh = lackingOf(store.state).filter((one) => !asked.lacking.has(one));
    for (const one of fresh) asked.lacking.add(one);
    if (fresh.length > 0) void loadMissing(store);
  };
  store.subscribe(() => queueMicrotask(check)); // whoever changes the view may ask for the rest in the same breath
}

/** IRIs of entities that are in the picture and not in the facts, and "overview" where that is. */
export function lackingOf({ view, facts }: State): string[] {
  const entities = [...inPicture(view, facts)].filter((iri) => !facts.entities.has(iri));
  return view.overview && facts.overview.length === 0 ? ["overview", ...entities] : entities;
}
