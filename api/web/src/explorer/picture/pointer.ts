/** What pointers do on the picture: select, drag, expand, ask for a menu, hover. */
import type Sigma from "sigma";
import type { MouseCoords } from "sigma/types";
import { expand, place, select } from "../actions";
import type { Iri, Point } from "../records";
import type { Store } from "../store";
import type { EdgeEntry, EntityLook } from "./drawing";
import { rounded } from "./layout_task";
import type { Stage } from "./stage";

/** What lies under a pointer. */
export type Target = { kind: "entity"; entity: Iri } | { kind: "edge"; from: Iri; to: Iri } | { kind: "ground" };

/** What the pointers tell the page: where, in pixels of the picture, and what is there. */
export interface Heard {
  menu(at: Point, target: Target): void;
  hover(at: Point, target: Target | null): void;
}

/** Pixels that a pointer moves before it drags; a touch trembles more. */
const TREMBLE = { mouse: 3, touch: 9 };

/** Milliseconds of a long press. */
const LONG_PRESS_MS = 550;

interface Grip {
  entity: Iri;
  from: Point;
  moved: boolean;
  touch: boolean;
  longPress: ReturnType<typeof setTimeout> | undefined;
}

export function startPointers(stage: Stage, store: Store, heard: Heard): void {
  startClicks(stage, store, heard);
  startDrag(stage, store, heard);
  startHover(stage, heard);
}

function startClicks(stage: Stage, store: Store, heard: Heard): void {
  const { sigma } = stage;
  sigma.on("clickNode", ({ node }) => select(store, { kind: "entity", entity: node }));
  sigma.on("clickEdge", ({ edge }) => select(store, { kind: "edge", ...ends(sigma, edge) }));
  sigma.on("clickStage", () => {
    if (store.state.view.selected !== null) select(store, null);
  });
  sigma.on("doubleClickNode", ({ node, preventSigmaDefault }) => {
    preventSigmaDefault(); // which would zoom
    void expand(store, node);
  });
  const ask = (event: MouseCoords, target: Target) => {
    event.original.preventDefault();
    heard.menu({ x: event.x, y: event.y }, target);
  };
  sigma.on("rightClickNode", ({ node, event }) => ask(event, { kind: "entity", entity: node }));
  sigma.on("rightClickEdge", ({ edge, event }) => ask(event, { kind: "edge", ...ends(sigma, edge) }));
  sigma.on("rightClickStage", ({ event }) => ask(event, { kind: "ground" }));
}

function startDrag(stage: Stage, store: Store, heard: Heard): void {
  const { sigma } = stage;
  let grip: Grip | null = null;
  sigma.on("downNode", ({ node, event }) => {
    const touch = "touches" in event.original;
    if (!touch && (event.original as MouseEvent).button !== 0) return;
    const from = { x: event.x, y: event.y };
    const longPress = touch ? setTimeout(() => pressed(node, from), LONG_PRESS_MS) : undefined;
    grip = { entity: node, from, moved: false, touch, longPress };
  });
  const pressed = (entity: Iri, at: Point) => {
    grip = null;
    heard.menu(at, { kind: "entity", entity });
  };
  sigma.on("moveBody", ({ event, preventSigmaDefault }) => {
    if (grip === null) return;
    preventSigmaDefault(); // the picture stays while an entity is held
    const far = Math.hypot(event.x - grip.from.x, event.y - grip.from.y);
    if (!grip.moved && far < TREMBLE[grip.touch ? "touch" : "mouse"]) return;
    clearTimeout(grip.longPress);
    if (!grip.moved) stage.settle();
    grip.moved = true;
    heard.hover(event, null);
    stage.moveOne(grip.entity, sigma.viewportToGraph(event));
  });
  const drop = () => {
    const held = grip;
    grip = null;
    clearTimeout(held?.longPress);
    if (!held?.moved || !stage.drawing.hasNode(held.entity)) return;
    const { x, y } = stage.drawing.getNodeAttributes(held.entity);
    place(store, { [held.entity]: { x: rounded(x), y: rounded(y), pinned: true } }, "Moved and pinned");
    swallowClick(stage.sigma.getContainer());
  };
  sigma.on("upNode", drop);
  sigma.on("upEdge", drop);
  sigma.on("upStage", drop);
}

/** The click that ends a drag selects nothing. */
function swallowClick(container: HTMLElement): void {
  const swallow = (event: Event) => event.stopPropagation();
  container.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => container.removeEventListener("click", swallow, { capture: true }), 0);
}

function startHover({ sigma }: Stage, heard: Heard): void {
  const container = sigma.getContainer();
  const show = (target: Target) => (payload: { event: MouseCoords }) => {
    if ("touches" in payload.event.original) return;
    container.style.cursor = "pointer";
    heard.hover({ x: payload.event.x, y: payload.event.y }, target);
  };
  const leave = () => {
    container.style.cursor = "";
    heard.hover({ x: 0, y: 0 }, null);
  };
  sigma.on("enterNode", (payload) => show({ kind: "entity", entity: payload.node })(payload));
  sigma.on("enterEdge", (payload) => show({ kind: "edge", ...ends(sigma, payload.edge) })(payload));
  for (const event of ["leaveNode", "leaveEdge", "leaveStage", "wheelStage", "downStage"] as const)
    sigma.on(event, leave);
}

function ends(sigma: Sigma<EntityLook, EdgeEntry>, edge: string): { from: Iri; to: Iri } {
  const [from, to] = sigma.getGraph().extremities(edge);
  return { from, to };
}
