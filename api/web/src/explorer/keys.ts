/** Keys that work wherever the reader is, but in a field. The bar's help lists them from KEYS. */
import { collapse, expand, hide, pin, remove, select } from "./actions";
import type { Iri } from "./records";
import type { Store } from "./store";

/** Key -> what it does, in words. */
export const KEYS: readonly (readonly [string, string])[] = [
  ["/", "search"],
  ["Ctrl+Z", "undo"],
  ["Ctrl+Shift+Z", "redo"],
  ["E", "expand the selected entity"],
  ["C", "collapse it"],
  ["P", "pin or unpin it"],
  ["H", "hide it"],
  ["Delete", "remove it"],
  ["Escape", "select nothing"],
];

/** Id of the search field, which `/` goes to. */
export const SEARCH_FIELD = "search";

export function startKeys(store: Store): void {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (press(store, event)) event.preventDefault();
  });
}

/** Do what a key stands for; whether it stands for anything. */
export function press(store: Store, event: KeyboardEvent): boolean {
  if (isField(event.target)) return false;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return history(store, key, event.shiftKey);
  if (event.altKey || (event.key.length === 1 && !store.state.singleKeys)) return false;
  if (key === "/") {
    document.getElementById(SEARCH_FIELD)?.focus();
    return true;
  }
  const { selected } = store.state.view;
  if (key === "Escape" && selected !== null) {
    select(store, null);
    return true;
  }
  return selected?.kind === "entity" && change(store, selected.entity, key);
}

function history(store: Store, key: string, isShifted: boolean): boolean {
  if (key === "y" || (key === "z" && isShifted)) store.redo();
  else if (key === "z") store.undo();
  else return false;
  return true;
}

function change(store: Store, entity: Iri, key: string): boolean {
  if (key === "e") void expand(store, entity);
  else if (key === "c") collapse(store, entity);
  else if (key === "h") hide(store, [entity]);
  else if (key === "Delete") remove(store, [entity]);
  else if (key === "p") togglePin(store, entity);
  else return false;
  return true;
}

export function togglePin(store: Store, entity: Iri): void {
  const place = store.state.view.places[entity] ?? store.state.facts.entities.get(entity)?.place;
  if (place) pin(store, entity, place, !store.state.view.places[entity]?.pinned);
}

/** Where letters are written, not pressed. */
function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
