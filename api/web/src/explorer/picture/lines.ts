/** How a line says what it stands for. The pattern alone tells the statuses apart; the colour says it again. */
import type { Edge } from "../shown";

export type LineStatus = Edge["status"];

export interface Line {
  /** Lengths in CSS pixels: drawn, left out, drawn, left out. Without end where empty: only a fact's line is. */
  pattern: readonly [number, number, number, number];
  /** CSS pixels. */
  width: number;
  /** 0 to 1. */
  opacity: number;
  /** Whether small crosses lie on the line. */
  crossed: boolean;
}

const line = (pattern: Line["pattern"], more: Partial<Line> = {}): Line => ({
  pattern,
  width: 1.5,
  opacity: 0.9,
  crossed: false,
  ...more,
});

export const SOLID: Line["pattern"] = [0, 0, 0, 0];

export const LINES: Readonly<Record<LineStatus, Line>> = {
  Actual: line(SOLID),
  Former: line([12, 5, 12, 5], { width: 1.3, opacity: 0.55 }),
  Planned: line([6, 4, 6, 4]),
  Attempted: line([7, 3, 1.5, 3]),
  Rumoured: line([1.5, 4, 1.5, 4], { width: 1.8 }),
  Denied: line([6, 10, 6, 10], { width: 1.2, crossed: true }),
  Unsure: line([4, 7, 1.5, 7], { width: 1.3 }),
  Retracted: line([1.5, 9, 1.5, 9], { width: 1.3, opacity: 0.6 }),
};

/** Pixels from the beginning of a line to the first cross, which lies in a gap of the pattern, from one cross to the
 * next, and from the middle of a cross to its ends. */
export const CROSS = { first: 11, period: 16, arm: 3.5 };

export const isSolid = ({ pattern }: Line): boolean => pattern[1] + pattern[3] === 0;

/** How far the middle of a line is pulled aside where another goes back, as a part of its length. */
export const CURVE = 0.22;
