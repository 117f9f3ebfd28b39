/** Communities of the overview: a soft tint under each, and the names of its best connected entities over it. */
import type { Facts } from "../facts";
import type { Point } from "../records";
import { type Palette, tint } from "./colours";
import type { Drawing } from "./drawing";
import { FONT, haloed, type Room } from "./labels";
import { cut, isolated } from "./text";

export interface Community {
  number: number;
  /** Corners of the ground it stands on, in units of the plane; its middle, and how far it goes from there. */
  ground: Point[];
  middle: Point;
  reach: number;
  size: number;
  names: string[];
}

/** Communities of fewer drawn entities have neither tint nor name. */
const MIN_SIZE = 5;

/** Part of a community's entities, the nearest to its middle, that its ground holds: strays would blow it up. */
const CORE = 0.9;

export function communitiesOf(drawing: Drawing, facts: Facts): Community[] {
  const groups = new Map<number, Point[]>();
  drawing.forEachNode((_, { x, y, community }) => {
    if (community === null) return;
    const group = groups.get(community);
    if (group) group.push({ x, y });
    else groups.set(community, [{ x, y }]);
  });
  const namesOf = (number: number) => facts.communities[number]?.names ?? [];
  // Those that nothing ties to any other are counted as the last community, which has no names.
  const big = [...groups].filter(([number, places]) => places.length >= MIN_SIZE && namesOf(number).length > 0);
  return big
    .map(([number, places]) => community(number, places, namesOf(number)))
    .sort((a, b) => b.size - a.size || a.number - b.number);
}

function community(number: number, places: Point[], names: readonly string[]): Community {
  const middle = { x: quantile(places, ({ x }) => x, 0.5), y: quantile(places, ({ y }) => y, 0.5) };
  const far = ({ x, y }: Point) => Math.hypot(x - middle.x, y - middle.y);
  const reach = quantile(places, far, CORE);
  return {
    number,
    ground: hull(places.filter((place) => far(place) <= reach)),
    middle,
    reach,
    size: places.length,
    names: names.slice(0, 2).map((name) => isolated(cut(name, 24))),
  };
}

function quantile(places: readonly Point[], value: (place: Point) => number, part: number): number {
  const values = Float64Array.from(places, value).sort();
  return values[Math.floor((values.length - 1) * part)] ?? 0;
}

/** The convex hull, counter-clockwise (A. M. Andrew's monotone chain, 1979). */
export function hull(places: readonly Point[]): Point[] {
  const sorted = [...places].sort((a, b) => a.x - b.x || a.y - b.y);
  const lower = chain(sorted);
  const upper = chain(sorted.reverse());
  return [...lower.slice(0, -1), ...upper.slice(0, -1)];
}

function chain(places: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (const place of places) {
    while (kept.length >= 2 && turn(kept.at(-2), kept.at(-1), place) <= 0) kept.pop();
    kept.push(place);
  }
  return kept;
}

function turn(a: Point | undefined, b: Point | undefined, c: Point): number {
  return a && b ? (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) : 1;
}

/** From units of the plane to pixels of the screen: x' = a·x + e, y' = d·y + f. */
export interface Scale {
  a: number;
  d: number;
  e: number;
  f: number;
}

export function drawGrounds(
  context: CanvasRenderingContext2D,
  communities: readonly Community[],
  scale: Scale,
  palette: Palette,
): void {
  context.lineJoin = "round";
  // Painted from the biggest to the smallest, so that a small one within a big one is seen.
  for (const { number, ground } of communities) {
    context.beginPath();
    for (const { x, y } of ground) context.lineTo(scale.a * x + scale.e, scale.d * y + scale.f);
    context.closePath();
    context.fillStyle = context.strokeStyle = tint(palette, number);
    context.lineWidth = Math.max(8, Math.abs(scale.a) * 1.6);
    context.stroke();
    context.fill();
  }
}

/** Names of a community at most on the screen, and how much wider than the community they may be. */
const MOST = 24;
const OVERHANG = 1.5;

/** Entities of a community whose name stands on it; that of a smaller one stands above, and leaves its discs free. */
const MIN_INSIDE = 60;

/** Names where the community is big enough on the screen to hold them, and small enough to be seen whole. */
export function drawNames(
  context: CanvasRenderingContext2D,
  communities: readonly Community[],
  scale: Scale,
  { room, palette, width }: { room: Room; palette: Palette; width: number },
): void {
  let drawn = 0;
  for (const { ground, middle, reach, size, names } of communities) {
    const pixels = Math.abs(scale.a) * reach;
    if (pixels < 20 || pixels > 0.9 * width || drawn === MOST) continue;
    const height = Math.min(16, 10 + Math.log2(size) * 0.5);
    context.font = `650 ${height}px ${FONT}`;
    const fits = (text: string) => context.measureText(text).width < 2 * OVERHANG * pixels;
    const name = [names.join(" · "), names[0] ?? ""].find((text) => text !== "" && fits(text));
    if (name === undefined) continue;
    const wide = context.measureText(name).width;
    const inside = size >= MIN_INSIDE;
    const x = scale.a * middle.x + scale.e - wide / 2;
    const y = (inside ? scale.d * middle.y + scale.f : topOf(ground, scale) - Math.abs(scale.a)) - height / 2;
    if (!room.take({ x: x - 4, y: y - 3, width: wide + 8, height: height + 6 })) continue;
    haloed(context, name, x, y + height * 0.8, palette);
    if (inside) for (const one of names) if (name.includes(one)) room.said.add(one);
    drawn += 1;
  }
}

const topOf = (ground: readonly Point[], { d, f }: Scale): number => Math.min(...ground.map(({ y }) => d * y + f));
