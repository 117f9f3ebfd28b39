/** What is asked of the server about the selection, whoever selected it: a click, a key, an undo or a link. */
import { attempt } from "./actions";
import type { ClaimDetails, EntityDetails } from "./records";
import * as server from "./server";
import type { Store } from "./store";
import type { Selection } from "./view";

/** The answer about one selection. */
export interface Details {
  of: Selection;
  entity: EntityDetails | null;
  /** Claims between the two ends of an edge, in both directions; those that contradict them follow. */
  claims: readonly ClaimDetails[];
  /** How many claims are open to be read. */
  nOpen: number;
}

/** Claims that are shown before the reader asks for all. */
export const FIRST_CLAIMS = 5;

export function startDetails(store: Store): void {
  let selected: Selection | null = null;
  let snapshot = "";
  let nAsked = 0;
  store.subscribe(() => {
    const now = store.state;
    if (JSON.stringify(now.view.selected) === JSON.stringify(selected) && now.facts.snapshot === snapshot) return;
    selected = now.view.selected;
    snapshot = now.facts.snapshot;
    nAsked += 1;
    const mine = nAsked;
    store.set({ details: null });
    if (selected !== null) void load(store, selected, () => mine === nAsked);
  });
}

/** isLatest: whether nothing else has been asked since, so that an answer of an older graph is not kept. */
function load(store: Store, of: Selection, isLatest: () => boolean): Promise<void> {
  return attempt(store, async () => {
    const entity = of.kind === "entity" ? await server.entity(of.entity) : null;
    const claims = of.kind === "edge" ? await claimsBetween(of.from, of.to) : [];
    if (isLatest()) store.set({ details: { of, entity, claims, nOpen: FIRST_CLAIMS } });
  });
}

async function claimsBetween(from: string, to: string): Promise<ClaimDetails[]> {
  const [there, back] = await Promise.all([server.claims(from, to), from === to ? [] : server.claims(to, from)]);
  return [...there, ...back];
}
