/** The part of the plane that a picture fills, and where to look at it from. Pure. */
import type { Point } from "../records";

export interface Frame {
  x: [number, number];
  y: [number, number];
}

/** What sigma's camera says: the middle of what is seen, in parts of the frame, and how much of the frame is seen. */
export interface Look {
  x: number;
  y: number;
  ratio: number;
  angle: number;
}

export const WHOLE: Look = { x: 0.5, y: 0.5, ratio: 1, angle: 0 };

/** Units of the plane that a picture shows at least: two neighbours are not blown up to fill the window. */
const MIN_SPAN = 7;

/** Units across the window at which an entity has the size of its look. */
const MIDDLE_SPAN = 18;

export function frameOf(places: Iterable<Point>): Frame {
  const x: Frame["x"] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const y: Frame["y"] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const place of places) {
    x[0] = Math.min(x[0], place.x);
    x[1] = Math.max(x[1], place.x);
    y[0] = Math.min(y[0], place.y);
    y[1] = Math.max(y[1], place.y);
  }
  if (x[0] > x[1]) return frameOf([{ x: 0, y: 0 }]);
  return spanOf({ x, y }) >= MIN_SPAN ? { x, y } : { x: widened(x), y };
}

function widened([low, high]: [number, number]): [number, number] {
  const missing = (MIN_SPAN - (high - low)) / 2;
  return [low - missing, high + missing];
}

export const spanOf = ({ x, y }: Frame): number => Math.max(x[1] - x[0], y[1] - y[0]);

/** The look by which nothing moves on the screen when one frame takes the place of another. */
export function sameLook(look: Look, before: Frame, after: Frame): Look {
  const [from, to] = [spanOf(before), spanOf(after)];
  return {
    x: 0.5 + (middle(before.x) + (look.x - 0.5) * from - middle(after.x)) / to,
    y: 0.5 + (middle(before.y) + (look.y - 0.5) * from - middle(after.y)) / to,
    ratio: (look.ratio * from) / to,
    angle: look.angle,
  };
}

const middle = ([low, high]: readonly [number, number]): number => (low + high) / 2;

/** What sizes are divided by when so many units are across the window: discs grow and shrink slower than distances. */
export const sizeRatio = (span: number): number => Math.min(6, Math.max(0.8, (span / MIDDLE_SPAN) ** 0.6));
