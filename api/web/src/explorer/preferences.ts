/** What this browser remembers: the theme, the keys and the named views for good, the token until the tab is closed. */
import type { State, Store } from "./store";

const THEMES: readonly State["theme"][] = ["light", "dark", "system"];
const SAVED = "tracegraph.views";
const THEME = "tracegraph.theme";
const KEYS = "tracegraph.keys";
const TOKEN = "tracegraph.token";

/** What was kept; a browser that keeps nothing for this page (private windows, say) has none. */
export function readPreferences(): Pick<State, "theme" | "saved" | "token" | "singleKeys"> {
  const theme = THEMES.find((one) => one === read(THEME, "localStorage")) ?? "system";
  const singleKeys = read(KEYS, "localStorage") !== "off";
  const token = read(TOKEN, "sessionStorage") ?? "";
  return { theme, saved: savedFrom(read(SAVED, "localStorage")), token, singleKeys };
}

/** Keep what changes, and show the page in the theme chosen. */
export function startPreferences(store: Store): void {
  let last: Pick<State, "theme" | "saved" | "token" | "singleKeys"> | null = null;
  const keep = () => {
    const { theme, saved, token, singleKeys } = store.state;
    if (theme !== last?.theme) document.documentElement.dataset.theme = theme;
    if (last !== null && theme !== last.theme) write(THEME, theme, "localStorage");
    if (last !== null && singleKeys !== last.singleKeys) write(KEYS, singleKeys ? "on" : "off", "localStorage");
    if (last !== null && saved !== last.saved) keepViews(store);
    if (last !== null && token !== last.token) write(TOKEN, token, "sessionStorage");
    last = { theme, saved, token, singleKeys };
  };
  keep();
  store.subscribe(keep);
  // Another tab keeps a view: were it not taken over, the next one kept here would take its place.
  window.addEventListener("storage", ({ key, newValue }) => {
    if (key === SAVED) store.set({ saved: savedFrom(newValue) });
  });
}

function keepViews(store: Store): void {
  if (write(SAVED, JSON.stringify(store.state.saved), "localStorage")) return;
  queueMicrotask(() => store.set({ problem: "This browser keeps no views: copy the link instead." }));
}

/** Named views from what was stored, which another page of this host, or an older version, may have written. */
export function savedFrom(text: string | null): Record<string, string> {
  const kept = parsed(text ?? "");
  if (kept === null || typeof kept !== "object" || Array.isArray(kept)) return {};
  const entries: [string, unknown][] = Object.entries(kept);
  return Object.fromEntries(entries.filter((one): one is [string, string] => typeof one[1] === "string"));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function read(key: string, where: "localStorage" | "sessionStorage"): string | null {
  try {
    return window[where].getItem(key);
  } catch (error) {
    if (error instanceof DOMException) return null; // storage is switched off
    throw error;
  }
}

/** Whether the browser has kept it. */
function write(key: string, value: string, where: "localStorage" | "sessionStorage"): boolean {
  try {
    window[where].setItem(key, value);
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false; // storage is switched off or full: the page works without
    throw error;
  }
}
