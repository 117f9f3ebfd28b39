/** The picture as a file: what is drawn, in the same colours and lines, with the legend below. */
import { xml } from "../exports/tables";
import type { Iri, Point } from "../records";
import { type Edge, shown } from "../shown";
import type { State, Store } from "../store";
import { edgeWords, predicateWords, statusWords } from "../words";
import { DARK, LIGHT, type Palette, typeColour } from "./colours";
import { Drawing, type EdgeLook, type EntityLook, redraw } from "./drawing";
import { type Emphasis, emphasis, onPaths, reduceEdge, reduceEntity } from "./emphasis";
import { frameOf, spanOf } from "./frame";
import { type Box, FONT, Room } from "./labels";
import { drawnKinds } from "./legend";
import { CROSS, isSolid, LINES, type LineStatus } from "./lines";

/** Pixels of a picture: of one unit of the plane where that fits, and of the longer side at least and at most. */
const UNIT = 60;
const SHORTEST = 700;
const LONGEST = 4_000;
const MARGIN = 60;
const LEGEND_LINE = 22;

/** Entities that are named at most; the best connected first. */
const MAX_NAMES = 400;

/** Width of a letter as a part of its height, about: the file is made where nothing measures text. */
const LETTER = 0.56;

interface Sheet {
  drawing: Drawing;
  now: Emphasis;
  palette: Palette;
  /** Pixels of a unit; where the corner of the frame is; what sizes are multiplied by. */
  unit: number;
  corner: Point;
  grow: number;
  width: number;
  height: number;
}

export function toSvg(store: Store): string {
  const { state } = store;
  const seen = shown(state.view, state.facts);
  const palette = isDark(state) ? DARK : LIGHT;
  const sheet = sheetOf(state, seen, palette);
  const edges = seen.edges.map((edge) => edgeMark(edge, sheet));
  const entities = seen.entities.map(({ iri }) => disc(iri, sheet));
  const below = legend(drawnKinds(seen), sheet);
  const [width, height] = [sheet.width, sheet.height + below.height];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${xml(`${seen.entities.length} entities and ${seen.edges.length} lines of a Tracegraph`)}</title>`,
    `<rect width="100%" height="100%" fill="${palette.background}"/>`,
    `<g fill="none">${edges.join("\n")}</g>`,
    `<g stroke="${palette.rim}">${entities.join("\n")}</g>`,
    `<g font-family="${xml(FONT)}" fill="${palette.text}">${names(sheet).join("\n")}${below.marks}</g>`,
    "</svg>\n",
  ].join("\n");
}

/** The same picture in pixels, drawn by the browser from the SVG. */
export async function toPng(store: Store): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([toSvg(store)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    return await new Promise((found, failed) =>
      canvas.toBlob((blob) => (blob ? found(blob) : failed(new Error("The browser could not make a PNG.")))),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}

function isDark({ theme }: State): boolean {
  return theme === "dark" || (theme === "system" && globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches);
}

function sheetOf({ view, paths }: State, seen: ReturnType<typeof shown>, palette: Palette): Sheet {
  const drawing = new Drawing();
  redraw(drawing, seen, view, palette);
  const frame = frameOf(drawing.mapNodes((_, look) => look));
  const side = Math.min(LONGEST, Math.max(SHORTEST, spanOf(frame) * UNIT));
  const unit = side / spanOf(frame);
  return {
    drawing,
    now: emphasis(drawing, { ...view, selected: null }, onPaths(drawing, view, paths)),
    palette,
    unit,
    corner: { x: frame.x[0], y: frame.y[1] },
    grow: Math.min(1.4, Math.max(0.35, Math.sqrt(unit / UNIT))),
    width: Math.round((frame.x[1] - frame.x[0]) * unit + 2 * MARGIN),
    height: Math.round((frame.y[1] - frame.y[0]) * unit + 2 * MARGIN),
  };
}

/** From the plane, where y goes up, to the sheet. */
function onSheet({ x, y }: Point, { unit, corner }: Sheet): Point {
  return { x: MARGIN + (x - corner.x) * unit, y: MARGIN + (corner.y - y) * unit };
}

function entityLook(iri: Iri, { drawing, now, palette }: Sheet): EntityLook {
  return reduceEntity(iri, drawing.getNodeAttributes(iri), now, palette);
}

function disc(iri: Iri, sheet: Sheet): string {
  const look = entityLook(iri, sheet);
  const { x, y } = onSheet(look, sheet);
  const r = look.size * sheet.grow;
  const title = `<title>${xml(look.label)}</title>`;
  const circle = `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${look.color}">${title}</circle>`;
  return look.pinned ? `${circle}<circle cx="${n(x)}" cy="${n(y)}" r="${n(r * 0.32)}" fill="${look.ring}"/>` : circle;
}

/** A line from disc to disc with its head, bent as on the screen: a quadratic Bézier curve. */
function edgeMark(edge: Edge, sheet: Sheet): string {
  const line = sheet.drawing.line(edge.from, edge.to);
  if (line === null) return "";
  const look = reduceEdge(line, sheet.drawing.getEdgeAttributes(line), sheet.now, sheet.palette);
  const [from, to] = [entityLook(edge.from, sheet), entityLook(edge.to, sheet)];
  const [a, b] = [onSheet(from, sheet), onSheet(to, sheet)];
  const { color, opacity } = paint(look);
  const title = `<title>${xml(edgeWords(edge))}</title>`;
  const group = (marks: string) =>
    `<g stroke="${color}" stroke-opacity="${opacity}" stroke-width="${n(look.size)}">${title}${marks}</g>`;
  if (edge.from === edge.to) return group(ring(a, from.size * sheet.grow, look));
  const chord = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const side = { x: (b.y - a.y) / chord, y: -(b.x - a.x) / chord };
  const bend = look.curve * chord;
  const pulled = { x: (a.x + b.x) / 2 + side.x * bend, y: (a.y + b.y) / 2 + side.y * bend };
  const begin = towards(a, pulled, from.size * sheet.grow);
  const tip = towards(b, pulled, to.size * sheet.grow + 1);
  const head = Math.min(9, chord * 0.3);
  const neck = towards(tip, pulled, head * 0.8);
  const path = `M${p(begin)}Q${p(pulled)} ${p(neck)}`;
  const crosses = look.crossed ? crossesOn(begin, pulled, neck) : "";
  return group(`<path d="${path}"${dashes(look)}/>${arrow(tip, pulled, head, look)}${crosses}`);
}

function ring(at: Point, radius: number, look: EdgeLook): string {
  const r = radius * 1.1 + 6;
  return `<circle cx="${n(at.x)}" cy="${n(at.y - r)}" r="${n(r)}"${dashes(look)}/>`;
}

/** `rgba(r,g,b,a)` as SVG 1.1 has it: colour and opacity apart. */
function paint({ color }: EdgeLook): { color: string; opacity: string } {
  const [r, g, b, opacity = "1"] = color.match(/[\d.]+/g) ?? [];
  return { color: `rgb(${r},${g},${b})`, opacity };
}

const dashes = ({ pattern }: Pick<EdgeLook, "pattern">): string =>
  pattern[1] + pattern[3] === 0 ? "" : ` stroke-dasharray="${pattern.join(" ")}"`;

/** Filled for facts, hollow for what is none. */
function arrow(tip: Point, from: Point, head: number, look: EdgeLook): string {
  const back = towards(tip, from, head);
  const [dx, dy] = [(tip.x - back.x) * 0.42, (tip.y - back.y) * 0.42];
  const { color, opacity } = paint(look);
  const fill = isSolid(LINES[look.status]) ? ` fill="${color}" fill-opacity="${opacity}"` : "";
  const corners = [tip, { x: back.x - dy, y: back.y + dx }, { x: back.x + dy, y: back.y - dx }];
  return `<path d="M${corners.map(p).join("L")}Z" stroke-width="1"${fill}/>`;
}

function crossesOn(a: Point, c: Point, b: Point): string {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const arm = CROSS.arm * 0.75;
  let d = "";
  for (let at = Math.min(CROSS.first, length / 2); at < length; at += CROSS.period) {
    const t = at / length;
    const x = (1 - t) ** 2 * a.x + 2 * t * (1 - t) * c.x + t * t * b.x;
    const y = (1 - t) ** 2 * a.y + 2 * t * (1 - t) * c.y + t * t * b.y;
    d += `M${n(x - arm)} ${n(y - arm)}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`;
  }
  return `<path d="${d}"/>`;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const part = Math.min(distance, length * 0.98) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** Names of the best connected, none over another. */
function names(sheet: Sheet): string[] {
  const room = new Room();
  const bySize = sheet.drawing.nodes().map((iri) => entityLook(iri, sheet));
  bySize.sort((a, b) => b.size - a.size);
  return bySize.slice(0, MAX_NAMES).flatMap((look) => {
    const { x, y } = onSheet(look, sheet);
    const box: Box = {
      x: x + look.size * sheet.grow + 4,
      y: y - 8,
      width: look.label.length * 12 * LETTER,
      height: 16,
    };
    if (look.label === "" || !room.take(box)) return [];
    const halo = `paint-order="stroke" stroke="${sheet.palette.background}" stroke-width="3"`;
    return [`<text x="${n(box.x)}" y="${n(y + 4)}" font-size="12" ${halo}>${xml(look.label)}</text>`];
  });
}

function legend(kinds: ReturnType<typeof drawnKinds>, sheet: Sheet): { marks: string; height: number } {
  const row = (at: number) => sheet.height + at * LEGEND_LINE;
  const text = (at: number, words: string) => `<text x="64" y="${row(at) + 4}" font-size="12">${xml(words)}</text>`;
  const types = kinds.types.map((type, at) => {
    const colour = typeColour(sheet.palette, type);
    return `<circle cx="36" cy="${row(at)}" r="6" fill="${colour}"/>${text(at, predicateWords(type))}`;
  });
  const lines = kinds.statuses.map((status, at) => {
    const line = types.length + at;
    return `${sample(status, row(line), sheet.palette)}${text(line, statusWords(status))}`;
  });
  return { marks: [...types, ...lines].join("\n"), height: (types.length + lines.length) * LEGEND_LINE + 8 };
}

function sample(status: LineStatus, y: number, palette: Palette): string {
  const line = LINES[status];
  const crosses = line.crossed ? crossesOn({ x: 14, y }, { x: 32, y }, { x: 50, y }) : "";
  const mark = `<path d="M14 ${y}H56"${dashes(line)} stroke-width="${line.width}"/>${crosses}`;
  return `<g fill="none" stroke="${palette.lines[status]}">${mark}</g>`;
}

const n = (value: number): string => String(Math.round(value * 10) / 10);
const p = ({ x, y }: Point): string => `${n(x)} ${n(y)}`;
