/** Keys while the picture has the focus; those of keys.ts work as well. */
import { expand, select } from "../actions";
import type { Iri, Point } from "../records";
import type { Store } from "../store";
import type { Heard } from "./pointer";
import type { Stage } from "./stage";

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Part of the window that an arrow moves the picture by. */
const PAN = 0.12;

/** Do what a key stands for; whether it stands for anything here. */
export function pressInPicture(event: KeyboardEvent, stage: Stage, store: Store, heard: Heard): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const arrow = ARROWS[event.key];
  if (arrow !== undefined) return go(stage, store, arrow);
  if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) return ask(stage, store, heard);
  const { selected } = store.state.view;
  if (event.key === "Enter" && selected?.kind === "entity") void expand(store, selected.entity);
  else if (event.key === "+" || event.key === "=") stage.eye.zoom(1.5);
  else if (event.key === "-") stage.eye.zoom(1 / 1.5);
  else if (event.key === "0") stage.eye.fit();
  else return false;
  return true;
}

/** To the nearest entity that way, tied to the selected one if there is any; without a selection the picture moves. */
function go(stage: Stage, store: Store, way: Point): boolean {
  const { selected } = store.state.view;
  if (selected?.kind !== "entity" || !stage.drawing.hasNode(selected.entity)) {
    stage.eye.pan(way.x * PAN, -way.y * PAN);
    return true;
  }
  const next = nearest(stage, selected.entity, way);
  if (next !== null) select(store, { kind: "entity", entity: next });
  return true;
}

function nearest(stage: Stage, entity: Iri, way: Point): Iri | null {
  const from = stage.onScreen(entity);
  if (from === null) return null;
  let best: { iri: Iri; cost: number } | null = null;
  for (const iri of stage.drawing.neighbors(entity)) {
    const to = stage.onScreen(iri) ?? from;
    const along = (to.x - from.x) * way.x + (to.y - from.y) * way.y;
    const aside = Math.abs((to.x - from.x) * way.y) + Math.abs((to.y - from.y) * way.x);
    const cost = Math.hypot(along, 2 * aside);
    if (along > aside * 0.5 && (best === null || cost < best.cost)) best = { iri, cost };
  }
  return best?.iri ?? null;
}

/** The menu of what is selected, where it is drawn; else that of the picture, in its middle. */
function ask(stage: Stage, store: Store, heard: Heard): boolean {
  const { selected } = store.state.view;
  const { width, height } = stage.sigma.getDimensions();
  const middle = { x: width / 2, y: height / 2 };
  const at = selected === null ? null : stage.onScreen(selected.kind === "edge" ? selected.to : selected.entity);
  heard.menu(at ?? middle, at === null || selected === null ? { kind: "ground" } : selected);
  return true;
}
