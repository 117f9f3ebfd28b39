/** The picture as a graph that sigma draws: every entity and edge with its look, changed only where it changed. */
import { DirectedGraph } from "graphology";
import type { GraphEvents } from "graphology-types";
import type { Entity, Iri, Point } from "../records";
import type { Edge, Shown } from "../shown";
import type { View } from "../view";
import { edgeWords } from "../words";
import { faded, type Palette, typeColour } from "./colours";
import { CURVE, LINES, type Line, type LineStatus } from "./lines";
import { cut, isolated } from "./text";

/** How sigma draws an entity. Every field that sigma reads is there: it would add what is missing to each of many. */
export interface EntityLook extends Point {
  label: string;
  /** Radius, CSS pixels at the middle zoom. */
  size: number;
  color: string;
  ring: string;
  pinned: boolean;
  community: number | null;
  type: "entity";
  hidden: boolean;
  highlighted: boolean;
  forceLabel: boolean;
  zIndex: number;
}

export interface EdgeLook {
  label: string;
  size: number;
  color: string;
  status: LineStatus;
  pattern: Line["pattern"];
  crossed: boolean;
  /** How far it is pulled aside, as a part of its length. */
  curve: number;
  type: "straight" | "curved";
  hidden: boolean;
  forceLabel: boolean;
  zIndex: number;
}

/** What the graph keeps of an edge: a look that many edges share, and that nothing changes. */
export interface EdgeEntry {
  look: EdgeLook;
}

/** A graph that can be changed in many places without a word to those who listen; they look again afterwards.
 * Its nodes are IRIs. Its edges are numbers as text, which are much faster to look up than two IRIs. */
export class Drawing extends DirectedGraph<EntityLook, EdgeEntry> {
  #quiet = false;
  #nEdges = 0;

  /** Draw a line that was not drawn; its number. */
  addLine(from: Iri, to: Iri, look: EdgeLook): string {
    this.#nEdges += 1;
    return this.addDirectedEdgeWithKey(String(this.#nEdges), from, to, { look });
  }

  /** The line from one entity to another, if it is drawn. */
  line(from: Iri, to: Iri): string | null {
    return this.hasNode(from) && this.hasNode(to) ? (this.directedEdge(from, to) ?? null) : null;
  }

  quietly(change: () => void): void {
    this.#quiet = true;
    try {
      change();
    } finally {
      this.#quiet = false;
    }
  }

  override emit<Event extends keyof GraphEvents>(type: Event, ...args: Parameters<GraphEvents[Event]>): boolean {
    return !this.#quiet && super.emit(type, ...args);
  }
}

/** Neighbours whose sides are counted; among more there is no free side. */
const MAX_SIDES = 24;

/** The side of an entity on which it has fewer neighbours. */
export function freeSide(drawing: Drawing, iri: Iri): "left" | "right" {
  const degree = drawing.degree(iri);
  if (degree === 0 || degree > MAX_SIDES) return "right";
  const x = drawing.getNodeAttribute(iri, "x");
  let balance = 0;
  drawing.forEachNeighbor(iri, (_, look) => {
    balance += Math.sign(look.x - x);
  });
  return balance > 0 ? "left" : "right";
}

export interface Changes {
  added: Iri[];
  dropped: number;
  /** Whether anything differs from what was drawn. */
  any: boolean;
}

/** Edges up to which each says what it stands for beside itself. */
export const MAX_EDGE_LABELS = 120;

/** Make the drawing one of `shown`, with as few changes as it takes. */
export function redraw(drawing: Drawing, shown: Shown, view: View, palette: Palette): Changes {
  const changes: Changes = { added: [], dropped: 0, any: false };
  drawing.quietly(() => {
    shown.entities.forEach((entity, at) => {
      putEntity(drawing, entity, entityLook(entity, placeOf(entity, view, at), view, palette), changes);
    });
    const looks = edgeLooks(shown, palette);
    const kept = new Set<string>();
    shown.edges.forEach((edge, at) => {
      const look = looks[at];
      if (look) kept.add(putEdge(drawing, edge, look, changes));
    });
    drop(drawing, shown, kept, changes);
  });
  return changes;
}

/** Where an entity is drawn. One without any place gets one of its own on a spiral, by its position in the list. */
export function placeOf(entity: Entity, view: View, at: number): Point {
  const found = view.places[entity.iri] ?? entity.place;
  if (found) return found;
  const angle = at * Math.PI * (3 - Math.sqrt(5)); // the golden angle (H. Vogel 1979)
  const distance = 0.8 * Math.sqrt(at);
  return { x: distance * Math.cos(angle), y: distance * Math.sin(angle) };
}

/** Radius by the number of claims: the area grows slower than the number, so that hubs leave room. */
export const radius = (degree: number): number => Math.min(20, 5 + 1.7 * Math.max(0, degree) ** 0.42);

export function entityLook(entity: Entity, place: Point, view: View, palette: Palette): EntityLook {
  return {
    x: place.x,
    y: place.y,
    label: isolated(cut(entity.label)),
    size: radius(entity.degree),
    color: typeColour(palette, entity.type),
    ring: palette.rim,
    pinned: view.places[entity.iri]?.pinned === true,
    community: entity.community,
    type: "entity",
    hidden: false,
    highlighted: false,
    forceLabel: false,
    zIndex: 0,
  };
}

/** Looks of all edges, in their order. Among many they are few objects that many edges share: nothing changes a look. */
export function edgeLooks({ entities, edges }: Shown, palette: Palette): EdgeLook[] {
  const isBent = bending(entities, edges);
  const crowd = crowding(edges.length);
  if (edges.length <= MAX_EDGE_LABELS) return edges.map((edge) => edgeLook(edge, isBent(edge), crowd, palette));
  const plain = new Map<string, EdgeLook>();
  return edges.map((edge) => {
    const bent = isBent(edge);
    const kind = bent ? `${edge.status} bent` : edge.status;
    const known = plain.get(kind);
    if (known) return known;
    const look = { ...edgeLook(edge, bent, crowd, palette), label: "" };
    plain.set(kind, look);
    return look;
  });
}

/** Whether another line goes back where an edge goes, or it goes nowhere else. */
function bending(entities: Shown["entities"], edges: Shown["edges"]): (edge: Edge) => boolean {
  const numbers = new Map(entities.map(({ iri }, at) => [iri, at]));
  const pair = (from: Iri, to: Iri) => (numbers.get(from) ?? 0) * entities.length + (numbers.get(to) ?? 0);
  const pairs = new Set(edges.map(({ from, to }) => pair(from, to)));
  return ({ from, to }) => from === to || pairs.has(pair(to, from));
}

/** How much of their opacity the lines of facts keep among so many, 0 to 1, in steps so that one more changes nothing. */
export function crowding(nEdges: number): number {
  const doublings = Math.max(0, Math.floor(Math.log2(Math.max(1, nEdges) / 256)));
  return Math.max(0.1, 1 - 0.15 * doublings);
}

function edgeLook(edge: Edge, bent: boolean, crowd: number, palette: Palette): EdgeLook {
  const style = LINES[edge.status];
  const opacity = edge.status === "Actual" ? style.opacity * crowd : style.opacity * Math.max(0.6, crowd);
  return {
    label: isolated(cut(edgeWords(edge))),
    size: style.width,
    color: faded(palette.lines[edge.status], Math.round(opacity * 100) / 100),
    status: edge.status,
    pattern: style.pattern,
    crossed: style.crossed,
    curve: bent ? CURVE : 0,
    type: bent ? "curved" : "straight",
    hidden: false,
    forceLabel: false,
    zIndex: 0,
  };
}

function drop(drawing: Drawing, { entities }: Shown, keptEdges: ReadonlySet<string>, changes: Changes): void {
  if (drawing.size > keptEdges.size)
    for (const line of drawing.edges())
      if (!keptEdges.has(line)) changes.dropped += dropped(() => drawing.dropEdge(line));
  if (drawing.order > entities.length) {
    const kept = new Set(entities.map((entity) => entity.iri));
    for (const iri of drawing.nodes()) if (!kept.has(iri)) changes.dropped += dropped(() => drawing.dropNode(iri));
  }
  changes.any ||= changes.dropped > 0;
}

function dropped(drop: () => void): number {
  drop();
  return 1;
}

function putEntity(drawing: Drawing, entity: Entity, look: EntityLook, changes: Changes): void {
  if (!drawing.hasNode(entity.iri)) {
    drawing.addNode(entity.iri, look);
    changes.added.push(entity.iri);
  } else if (same(drawing.getNodeAttributes(entity.iri), look)) {
    return;
  } else {
    drawing.replaceNodeAttributes(entity.iri, look);
  }
  changes.any = true;
}

/** Number of the edge's line. */
function putEdge(drawing: Drawing, edge: Edge, look: EdgeLook, changes: Changes): string {
  const line = drawing.line(edge.from, edge.to);
  if (line !== null && same(drawing.getEdgeAttribute(line, "look"), look)) return line;
  changes.any = true;
  if (line === null) return drawing.addLine(edge.from, edge.to, look);
  drawing.replaceEdgeAttributes(line, { look });
  return line;
}

function same<Look extends object>(one: Look, other: Look): boolean {
  if (one === other) return true;
  for (const key in other) if (one[key] !== other[key]) return false;
  return true;
}
