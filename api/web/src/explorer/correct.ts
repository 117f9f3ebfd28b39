/** Corrections: what would change is shown first; with the token it is made, and the picture follows the new graph. */
import { attempt, loadMissing } from "./actions";
import * as server from "./server";
import { inPicture } from "./shown";
import type { Store } from "./store";

/** As POST /corrections takes it; `who` and `why` are added when it is sent. */
export type Wanted =
  | { do: "merge"; into: string; entities: string[] }
  | { do: "split"; entity: string; documents: string[]; names: string[]; name: string }
  | { do: "rename"; entity: string; name: string }
  | { do: "retype"; entity: string; type: string }
  | { do: "retract"; claim: string };

/** What a correction would do to the graph, in lines of plain words. */
export interface Preview {
  words: string;
  removed: string[];
  added: string[];
  n_removed: number;
  n_added: number;
}

/** A correction that the reader has begun. preview: null until it is asked for. */
export interface Draft {
  wanted: Wanted;
  who: string;
  why: string;
  preview: Preview | null;
}

export function draft(store: Store, wanted: Wanted): Promise<void> {
  const { who, why } = store.state.draft ?? { who: "", why: "" };
  store.set({ draft: { wanted, who, why, preview: null } });
  return preview(store);
}

export function preview(store: Store): Promise<void> {
  return attempt(store, async () => {
    const { draft, token } = store.state;
    if (draft === null || token === "" || draft.who.trim() === "") return;
    const found = await server.post<Preview>("/corrections/preview", bodyOf(draft), token);
    if (store.state.draft?.wanted === draft.wanted) store.set({ draft: { ...store.state.draft, preview: found } });
  });
}

export function apply(store: Store): Promise<void> {
  return attempt(store, async () => {
    const { draft, token, facts } = store.state;
    if (draft === null) return;
    const made = await server.post<{ summary: string }>("/corrections", bodyOf(draft), token);
    store.set({ draft: null, said: `Corrected. The graph has ${made.summary}` });
    const { snapshot } = await server.piece([]); // of nothing: only which graph it is now
    if (snapshot !== facts.snapshot) await reload(store);
  });
}

/** Everything that is shown, of the graph as it is now. What was merged away is gone from it. */
async function reload(store: Store): Promise<void> {
  const shown = [...inPicture(store.state.view, store.state.facts)];
  store.forget();
  store.set({ view: { ...store.state.view, selected: null } });
  await loadMissing(store, false); // what was merged away is not amiss
  const { entities } = store.state.facts;
  const gone = new Set(shown.filter((iri) => !entities.has(iri)));
  const places = Object.entries(store.state.view.places).filter(([iri]) => !gone.has(iri));
  store.set({ view: { ...store.state.view, places: Object.fromEntries(places) } });
}

const bodyOf = ({ wanted, who, why }: Draft) => ({ ...wanted, who, why });
