/** The address holds the whole view: view -> fragment of the address, and back. */
import { loadMissing } from "./actions";
import type { Iri, Status } from "./records";
import type { Store } from "./store";
import { written } from "./terms";
import { ALL_STATUSES, EMPTY, type Filters, NO_FILTERS, OVERVIEW, type Place, type Selection, type View } from "./view";

/** A link that cannot be read: cut off in a mail, say. */
export class LinkError extends Error {}

/** What is written of a view: only what differs from an empty one; places as [IRI, x, y, pinned]. */
interface Written extends Omit<Partial<View>, "places" | "filters"> {
  at?: [Iri, number, number, 0 | 1][];
  filters?: Partial<Filters>;
}

/** Letters of a link at most: longer ones are refused by some programs on the way, and by no browser. */
export const LONG_LINK = 32_000;

/** The fragment of a view, without `#`; empty for the overview as it opens. */
export async function toFragment(view: View): Promise<string> {
  if (JSON.stringify(view) === JSON.stringify(OVERVIEW)) return "";
  const bytes = new TextEncoder().encode(JSON.stringify(toWritten(view)));
  return `v=${toBase64(await through(bytes, new CompressionStream("deflate-raw")))}`;
}

/** The view of a fragment, with or without `#`; null where it holds none. Raises LinkError for a damaged one. */
export async function fromFragment(fragment: string): Promise<View | null> {
  const text = new URLSearchParams(fragment.replace(/^#/, "")).get("v");
  if (text === null) return null;
  try {
    const bytes = await through(fromBase64(text), new DecompressionStream("deflate-raw"));
    return viewFrom(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw new LinkError("This link is damaged, perhaps cut off: ask for it again.", { cause: error });
  }
}

/** Keep the address in step with the view, and the view with an address that the reader puts in. */
export function startLink(store: Store): void {
  let last = store.state.view;
  let timer = 0;
  store.subscribe(() => {
    if (store.state.view === last) return;
    last = store.state.view;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void write(store), 250);
  });
  window.addEventListener("hashchange", () => void follow(store));
}

async function write(store: Store): Promise<void> {
  const { view } = store.state;
  const fragment = await toFragment(view);
  if (store.state.view !== view) return; // a later one is on its way
  history.replaceState(null, "", fragment === "" ? location.pathname : `#${fragment}`);
}

async function follow(store: Store): Promise<void> {
  try {
    store.step((await fromFragment(location.hash)) ?? OVERVIEW, "View of the link");
    await loadMissing(store);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    store.set({ problem: error.message });
  }
}

function toWritten(view: View): Written {
  const { places, filters, ...rest } = view;
  const changed = Object.entries(rest).filter(([name, value]) => differs(value, EMPTY[name as keyof View]));
  const kept = Object.entries(filters).filter(([name, value]) => differs(value, NO_FILTERS[name as keyof Filters]));
  const at = Object.entries(places).map(([iri, { x, y, pinned }]) => [iri, round(x), round(y), pinned ? 1 : 0]);
  return {
    ...Object.fromEntries(changed),
    ...(kept.length > 0 ? { filters: Object.fromEntries(kept) } : {}),
    ...(at.length > 0 ? { at: at as [Iri, number, number, 0 | 1][] } : {}),
  };
}

const differs = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);

const round = (value: number): number => Math.round(value * 100) / 100;

/** A view from what came in a link: whatever is not of the right kind is an error, as anyone may write a link. */
export function viewFrom(value: unknown): View {
  const read = new Reader(value);
  const places: Record<Iri, Place> = {};
  for (const one of read.list("at")) {
    const [iri, x, y, pinned] = Array.isArray(one) ? one : [];
    const place = { x: finite(x), y: finite(y) };
    places[iriFrom(iri)] = pinned === 1 ? { ...place, pinned: true } : place;
  }
  return {
    overview: read.has("overview") ? read.flag("overview") : false,
    places,
    removed: read.list("removed").map(iriFrom),
    hidden: read.list("hidden").map(iriFrom),
    selected: read.has("selected") ? selectionFrom(read.part("selected")) : null,
    filters: filtersFrom(read.has("filters") ? read.part("filters") : new Reader({})),
    ego: read.has("ego") ? { entity: read.part("ego").text("entity"), depth: read.part("ego").number("depth") } : null,
    paths: read.has("paths") ? pathsFrom(read.part("paths")) : null,
    path: read.has("path") ? read.number("path") : null,
  };
}

function selectionFrom(read: Reader): Selection {
  if (read.text("kind") === "entity") return { kind: "entity", entity: read.text("entity") };
  return { kind: "edge", from: read.text("from"), to: read.text("to") };
}

function pathsFrom(read: Reader): View["paths"] {
  return {
    from: read.text("from"),
    to: read.text("to"),
    k: read.number("k"),
    maxLength: read.number("maxLength"),
    predicates: read.list("predicates").map(text),
  };
}

function filtersFrom(read: Reader): Filters {
  const statuses = read.list("statuses").map(text);
  if (!statuses.every((one): one is Status => (ALL_STATUSES as readonly string[]).includes(one))) {
    throw new TypeError("no such status");
  }
  return {
    withoutTypes: read.list("withoutTypes").map(text),
    withoutPredicates: read.list("withoutPredicates").map(nameFrom),
    statuses: read.has("statuses") ? statuses : NO_FILTERS.statuses,
    retracted: read.has("retracted") && read.flag("retracted"),
    minConfidence: read.has("minConfidence") ? read.number("minConfidence") : NO_FILTERS.minConfidence,
    minSources: read.has("minSources") ? read.number("minSources") : NO_FILTERS.minSources,
    documents: read.list("documents").map(iriFrom),
    from: read.has("from") ? read.text("from") : "",
    to: read.has("to") ? read.text("to") : "",
    lonely: read.has("lonely") ? read.flag("lonely") : NO_FILTERS.lonely,
  };
}

class Reader {
  readonly #fields: Record<string, unknown>;

  constructor(value: unknown) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw new TypeError("not a record");
    this.#fields = value as Record<string, unknown>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name) && this.#fields[name] !== null;
  }

  part(name: string): Reader {
    return new Reader(this.#fields[name]);
  }

  text(name: string): string {
    return text(this.#fields[name]);
  }

  number(name: string): number {
    return finite(this.#fields[name]);
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== "boolean") throw new TypeError(`${name} is neither true nor false`);
    return value;
  }

  /** Empty where there is none. */
  list(name: string): unknown[] {
    const value = this.has(name) ? this.#fields[name] : [];
    if (!Array.isArray(value)) throw new TypeError(`${name} is no list`);
    return value;
  }
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("not a text");
  return value;
}

/** An IRI may come to stand in a query: it has a scheme, and nothing that ends it there. */
function iriFrom(value: unknown): Iri {
  const iri = text(value);
  if (!/^[A-Za-z][\w+.-]*:/.test(iri)) throw new TypeError("no scheme");
  written(iri);
  return iri;
}

/** A predicate, by its local name or its IRI, may come to stand in a query too. */
function nameFrom(value: unknown): string {
  const name = text(value);
  written(name);
  return name;
}

function finite(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError("not a number");
  return value;
}

async function through(bytes: Uint8Array<ArrayBuffer>, change: CompressionStream | DecompressionStream) {
  const changed = new Blob([bytes]).stream().pipeThrough(change);
  return new Uint8Array(await new Response(changed).arrayBuffer());
}

/** Base64url (RFC 4648, section 5) without padding. */
function toBase64(bytes: Uint8Array): string {
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
