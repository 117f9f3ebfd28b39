/** The menu of an entity, a line or the ground, as the pattern of the ARIA Authoring Practices has it. */
import { useEffect, useRef } from "preact/hooks";
import { collapse, expand, hide, labelOf, openPanel, remove, select, setEgo, setFilters, unhideAll } from "../actions";
import type { Facts } from "../facts";
import { togglePin } from "../keys";
import type { Iri, Point } from "../records";
import { edgeKey } from "../shown";
import type { Store } from "../store";
import { predicateWords } from "../words";
import type { Target } from "./pointer";
import type { Stage } from "./stage";
import { cut } from "./text";

interface Item {
  words: string;
  /** What it does; or where it leads. */
  act?: () => void;
  page?: string;
}

export interface Asked {
  at: Point;
  target: Target;
}

export function Menu({ asked, stage, store, close }: { asked: Asked; stage: Stage; store: Store; close: () => void }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const menu = list.current;
    if (menu) inside(menu, asked.at);
    menu?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const outside = (event: Event) => {
      if (event.target instanceof Node && !menu?.contains(event.target)) close();
    };
    window.addEventListener("pointerdown", outside, true);
    return () => window.removeEventListener("pointerdown", outside, true);
  }, [asked, close]);
  return (
    <div
      class="picture-menu"
      role="menu"
      aria-label={nameOf(asked.target, store)}
      ref={list}
      tabIndex={-1}
      onKeyDown={(event) => move(event, close)}
      onContextMenu={(event) => event.preventDefault()}
    >
      <p class="picture-menu-name" role="presentation">
        <bdi>{nameOf(asked.target, store)}</bdi>
      </p>
      {itemsOf(asked.target, stage, store).map((item) => (
        <MenuItem key={item.words} item={item} close={close} />
      ))}
    </div>
  );
}

function MenuItem({ item, close }: { item: Item; close: () => void }) {
  if (item.page !== undefined)
    return (
      <a role="menuitem" tabIndex={-1} href={item.page} target="_blank" rel="noopener noreferrer" onClick={close}>
        {item.words}
      </a>
    );
  const act = () => {
    close();
    item.act?.();
  };
  return (
    <button type="button" role="menuitem" tabIndex={-1} onClick={act}>
      {item.words}
    </button>
  );
}

function itemsOf(target: Target, stage: Stage, store: Store): Item[] {
  if (target.kind === "entity") return entityItems(target.entity, store);
  return target.kind === "edge" ? edgeItems(target, stage, store) : groundItems(stage, store);
}

function entityItems(entity: Iri, store: Store): Item[] {
  const { view, facts } = store.state;
  const page = pageOf(entity, facts);
  const paths = () => {
    select(store, { kind: "entity", entity });
    openPanel(store, "paths");
  };
  return [
    { words: "Expand", act: () => void expand(store, entity) },
    { words: "Collapse", act: () => collapse(store, entity) },
    { words: view.places[entity]?.pinned ? "Unpin" : "Pin", act: () => togglePin(store, entity) },
    { words: "Hide", act: () => hide(store, [entity]) },
    { words: "Remove", act: () => remove(store, [entity]) },
    { words: "Only its neighbours", act: () => setEgo(store, entity, 1) },
    { words: "Only within 2 steps", act: () => setEgo(store, entity, 2) },
    { words: "Only within 3 steps", act: () => setEgo(store, entity, 3) },
    ...(view.ego === null ? [] : [{ words: "Draw all again", act: () => setEgo(store, entity, 0) }]),
    { words: "Paths from here…", act: paths },
    ...(page === null ? [] : [{ words: "Open its page", page }]),
  ];
}

function edgeItems(edge: { from: Iri; to: Iri }, stage: Stage, store: Store): Item[] {
  const drawn = stage.shown.edges.find(({ key }) => key === edgeKey(edge.from, edge.to));
  const { withoutPredicates } = store.state.view.filters;
  return [
    { words: "Read the sentences", act: () => select(store, { kind: "edge", ...edge }) },
    ...(drawn?.predicates ?? []).slice(0, 5).map((predicate) => ({
      words: `Leave out all “${predicateWords(predicate)}”`,
      act: () => setFilters(store, { withoutPredicates: [...withoutPredicates, predicate] }),
    })),
  ];
}

function groundItems(stage: Stage, store: Store): Item[] {
  const { hidden, ego } = store.state.view;
  return [
    { words: "Fit into the window", act: () => stage.eye.fit() },
    ...(stage.canArrange ? [{ words: "Arrange again", act: () => stage.arrange(true) }] : []),
    ...(hidden.length > 0 ? [{ words: `Show ${hidden.length} hidden`, act: () => unhideAll(store) }] : []),
    ...(ego === null ? [] : [{ words: "Draw all again", act: () => setEgo(store, ego.entity, 0) }]),
  ];
}

function nameOf(target: Target, store: Store): string {
  if (target.kind === "ground") return "Picture";
  if (target.kind === "entity") return cut(labelOf(store, target.entity));
  return `${cut(labelOf(store, target.from), 24)} → ${cut(labelOf(store, target.to), 24)}`;
}

/** The page of an entity on this server; elsewhere only where the IRI is an address of the web. */
export function pageOf(iri: Iri, { base }: Pick<Facts, "base">): string | null {
  if (base !== "" && iri.startsWith(base)) return `/page/${iri.slice(base.length)}`;
  return /^https?:\/\//i.test(iri) ? iri : null;
}

/** Beside the pointer, but wholly within the picture. */
function inside(menu: HTMLElement, at: Point): void {
  const room = menu.parentElement?.getBoundingClientRect();
  menu.style.left = `${Math.max(4, Math.min(at.x, (room?.width ?? 0) - menu.offsetWidth - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(at.y, (room?.height ?? 0) - menu.offsetHeight - 4))}px`;
}

function move(event: KeyboardEvent & { currentTarget: HTMLElement }, close: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.findIndex((item) => item.matches(":focus"));
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  event.stopPropagation(); // the keys of the picture rest meanwhile
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (next !== undefined) items[(next + items.length) % items.length]?.focus();
  else return;
  event.preventDefault();
}
