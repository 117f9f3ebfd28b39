/** Text on the canvas: names of entities, words on lines. None is drawn over another of the same picture. */
import type { Settings } from "sigma/settings";
import type { EdgeDisplayData, NodeDisplayData, PartialButFor } from "sigma/types";
import type { Palette } from "./colours";
import type { EdgeEntry, EntityLook } from "./drawing";

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Places on the screen that are taken; emptied before each picture. */
export class Room {
  #taken: Box[] = [];
  #blocked: Box[] = [];
  readonly #asked = new Map<string, boolean>();
  /** Names of communities on the screen: the entity of that name does not say it again. */
  readonly said = new Set<string>();

  clear(): void {
    this.#taken = [];
    this.#blocked = [];
    this.#asked.clear();
    this.said.clear();
  }

  /** Keep a place free of text that is not urgent. */
  block(box: Box): void {
    this.#blocked.push(box);
  }

  /** Take a place, if none of it is taken. */
  take(box: Box, urgent = false): boolean {
    const inTheWay = (other: Box) => overlap(box, other);
    if (this.#taken.some(inTheWay) || (!urgent && this.#blocked.some(inTheWay))) return false;
    this.#taken.push(box);
    return true;
  }

  /** The same, but one that asks again in the same picture is told the same: sigma draws some text twice. */
  takeOnce(key: string, box: Box): boolean {
    const said = this.#asked.get(key) ?? this.take(box);
    this.#asked.set(key, said);
    return said;
  }
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

type NodeData = PartialButFor<NodeDisplayData, "x" | "y" | "size" | "label" | "color">;
type End = PartialButFor<NodeDisplayData, "x" | "y" | "size">;
type EdgeData = PartialButFor<EdgeDisplayData, "label" | "color" | "size">;
type Drawn = Settings<EntityLook, EdgeEntry>;

/** Functions that sigma calls for each text, with the colours and the room of now. `leans` says to which side an
 * entity's name goes first: away from its neighbours. */
export function labelling(room: Room, palette: () => Palette, leans: (iri: string) => "left" | "right") {
  return {
    defaultDrawNodeLabel: (context: CanvasRenderingContext2D, look: NodeData, settings: Drawn) =>
      drawName(context, look, settings, { room, palette: palette(), left: leans(String(look.key)) === "left" }),
    defaultDrawNodeHover: (context: CanvasRenderingContext2D, look: NodeData, settings: Drawn) =>
      drawHover(context, look, settings, palette()),
    defaultDrawEdgeLabel: (context: CanvasRenderingContext2D, look: EdgeData, from: End, to: End) =>
      drawWords(context, look, [from, to], room, palette()),
  };
}

interface Means {
  room: Room;
  palette: Palette;
  left: boolean;
}

/** Radius on the screen, pixels, from which an entity is named even where its name lies over others' discs. */
const HUB = 10;

function drawName(context: CanvasRenderingContext2D, look: NodeData, settings: Drawn, means: Means): void {
  const { room, palette, left } = means;
  if (!look.label || look.highlighted || room.said.has(look.label)) return;
  const height = settings.labelSize + Math.min(3, look.size / 6);
  context.font = `500 ${height}px ${FONT}`;
  const width = context.measureText(look.label).width;
  const gap = look.size + 4;
  const beside: [number, number][] = [
    [look.x + gap, look.y - height / 2],
    [look.x - gap - width, look.y - height / 2],
  ];
  if (left) beside.reverse();
  const spots: [number, number][] = [
    ...beside,
    [look.x - width / 2, look.y + gap - 1],
    [look.x - width / 2, look.y - gap - height],
  ];
  const free = (urgent: boolean) =>
    spots.find(([x, y]) => room.take({ x: x - 2, y: y - 1, width: width + 4, height: height + 2 }, urgent));
  const spot = free(false) ?? (look.size > HUB ? free(true) : undefined);
  if (spot) haloed(context, look.label, spot[0], spot[1] + height * 0.82, palette);
}

/** The name of what is pointed at or selected, on a plate, over everything else. */
function drawHover(context: CanvasRenderingContext2D, look: NodeData, settings: Drawn, palette: Palette): void {
  const height = settings.labelSize + 1;
  context.font = `600 ${height}px ${FONT}`;
  const width = look.label ? context.measureText(look.label).width + 12 : 0;
  context.save();
  context.fillStyle = palette.background;
  context.shadowBlur = 8;
  context.shadowColor = "rgba(0, 0, 0, 0.45)";
  context.beginPath();
  context.arc(look.x, look.y, look.size + 3.5, 0, 2 * Math.PI);
  if (width > 0) context.roundRect(look.x + look.size + 3, look.y - height / 2 - 5, width, height + 10, 5);
  context.fill();
  context.restore();
  context.fillStyle = look.highlighted ? palette.accent : palette.faint;
  context.beginPath();
  context.arc(look.x, look.y, look.size + 2.5, 0, 2 * Math.PI);
  context.fill();
  if (!look.label) return;
  context.fillStyle = palette.text;
  context.fillText(look.label, look.x + look.size + 9, look.y + height * 0.35);
}

/** What a line stands for, along it and never upside down; left out where the line is too short for it. */
function drawWords(context: CanvasRenderingContext2D, look: EdgeData, ends: [End, End], room: Room, palette: Palette) {
  if (!look.label) return;
  const [from, to] = ends;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  context.font = `400 11px ${FONT}`;
  const width = context.measureText(look.label).width;
  if (width + 8 > length - from.size - to.size) return;
  const aside = (Number(look.curve ?? 0) * length) / 2;
  const x = (from.x + to.x) / 2 + (dy / length) * aside;
  const y = (from.y + to.y) / 2 - (dx / length) * aside;
  const upright = dx < 0 ? Math.PI : 0;
  const [w, h] = [Math.abs(dx / length) * width + 12, Math.abs(dy / length) * width + 12];
  if (!room.takeOnce(String(look.key), { x: x - w / 2, y: y - h / 2, width: w, height: h })) return;
  context.save();
  context.translate(x, y);
  context.rotate(Math.atan2(dy, dx) + upright);
  context.fillStyle = palette.background;
  context.fillRect(-width / 2 - 3, -7, width + 6, 14);
  context.fillStyle = palette.faint;
  context.fillText(look.label, -width / 2, 4);
  context.restore();
}

export function haloed(context: CanvasRenderingContext2D, text: string, x: number, y: number, palette: Palette): void {
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = palette.halo;
  context.strokeText(text, x, y);
  context.fillStyle = palette.text;
  context.fillText(text, x, y);
}
