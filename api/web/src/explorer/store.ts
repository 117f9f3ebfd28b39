/** The one place where the explorer keeps its state. Panels read it with `useStore` and change it by the functions here. */
import { useEffect, useState } from "preact/hooks";
import type { Draft } from "./correct";
import type { Details } from "./details";
import { type Facts, NO_FACTS } from "./facts";
import type { Found } from "./records";
import { EMPTY, type PathQuestion, type View } from "./view";

export interface State {
  view: View;
  facts: Facts;
  /** Views before and after this one, the nearest last. */
  past: readonly View[];
  future: readonly View[];
  /** Requests under way; and what went wrong last, in words for the reader. */
  pending: number;
  problem: string;
  /** What has just been done, for screen readers and the line at the bottom. */
  said: string;
  /** Which panel is open beside the picture. */
  panel: Panel;
  /** The correction that the reader has begun. */
  draft: Draft | null;
  /** What the server says of the selection; null while it is asked. */
  details: Details | null;
  /** What stands in the search field, what was found for it, and which line is marked. */
  search: { text: string; found: Found | null; at: number };
  /** What stands in the query panel. */
  query: string;
  /** Lines of the list that are open. */
  nListed: number;
  /** Answers to a question for paths, each as the entities on it; and that question: null while it is asked. */
  paths: readonly (readonly string[])[];
  answered: PathQuestion | null;
  theme: "light" | "dark" | "system";
  /** Whether single letters act without Ctrl (WCAG 2.1.4: a reader who speaks to the machine can switch them off). */
  singleKeys: boolean;
  /** The bearer token, for this tab alone. */
  token: string;
  /** Named views, as this browser keeps them: name -> fragment of a share link. */
  saved: Readonly<Record<string, string>>;
}

export type Panel = "details" | "filters" | "paths" | "query" | "views" | "list";

/** Steps that undo goes back at most. */
export const MAX_HISTORY = 200;

export class Store {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(start: Partial<State> = {}) {
    this.#state = { ...START, ...start };
  }

  get state(): State {
    return this.#state;
  }

  /** Change anything but the view, or the view in a way that is no step of the reader's. */
  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Change the view; undo brings the one before back. A change that changes nothing is no step. */
  step(change: Partial<View>, said = ""): void {
    const { view, past } = this.#state;
    // Only what changes is compared: a view of thousands of places is long.
    const changed = (Object.keys(change) as (keyof View)[]).filter((key) => change[key] !== view[key]);
    if (changed.every((key) => JSON.stringify(change[key]) === JSON.stringify(view[key]))) return;
    this.set({ view: { ...view, ...change }, past: [...past, view].slice(-MAX_HISTORY), future: [], said });
  }

  /** Of the graph, everything: it has changed, and is asked for anew. */
  forget(): void {
    this.set({ facts: NO_FACTS, details: null, paths: [], answered: null });
  }

  undo(): void {
    const { view, past, future } = this.#state;
    const before = past.at(-1);
    if (before) this.set({ view: before, past: past.slice(0, -1), future: [...future, view], said: "Undone" });
  }

  redo(): void {
    const { view, past, future } = this.#state;
    const next = future.at(-1);
    if (next) this.set({ view: next, past: [...past, view], future: future.slice(0, -1), said: "Done again" });
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const START: State = {
  view: EMPTY,
  facts: NO_FACTS,
  past: [],
  future: [],
  pending: 0,
  problem: "",
  said: "",
  panel: "details",
  draft: null,
  details: null,
  search: { text: "", found: null, at: 0 },
  query: "",
  nListed: 100,
  paths: [],
  answered: null,
  theme: "system",
  singleKeys: true,
  token: "",
  saved: {},
};

/** What `pick` makes of the state; the component is drawn again when that changes. */
export function useStore<T>(store: Store, pick: (state: State) => T): T {
  const [picked, setPicked] = useState(() => pick(store.state));
  useEffect(() => {
    const update = () => setPicked(() => pick(store.state));
    update();
    return store.subscribe(update);
  }, [store, pick]);
  return picked;
}
