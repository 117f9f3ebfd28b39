/** Colours of the picture, dark and light: M. Okabe and K. Ito's set for colour-blind readers (2008), darkened or
 * lightened until each is at 3:1 or more against the background (WCAG 2.2, 1.4.11); colours.test.ts holds them to it. */
import type { LineStatus } from "./lines";

export interface Palette {
  background: string;
  /** Text, and the halo that keeps it readable over lines. */
  text: string;
  faint: string;
  halo: string;
  /** The ring around what is selected. */
  accent: string;
  /** Edge of every disc. */
  rim: string;
  types: Readonly<Record<string, string>>;
  /** For types that have no colour of their own. */
  others: readonly string[];
  lines: Readonly<Record<LineStatus, string>>;
  /** Of the tints of communities, percent. */
  tint: { saturation: number; lightness: number };
}

export const LIGHT: Palette = {
  background: "#fbfbf8",
  text: "#1b1f24",
  faint: "#59616b",
  halo: "rgba(251, 251, 248, 0.92)",
  accent: "#111418",
  rim: "#fbfbf8",
  types: {
    Company: "#0072b2",
    Organization: "#a8578a",
    Person: "#c95200",
    Product: "#008a65",
    Place: "#a87400",
    Agent: "#2f86bd",
    Entity: "#6b7280",
  },
  others: ["#2f86bd", "#857a00", "#7a5ab5", "#4d7c3a", "#9b4a4a"],
  lines: {
    Actual: "#3d4754",
    Former: "#6f7782",
    Planned: "#0072b2",
    Attempted: "#9a6a00",
    Rumoured: "#9b4a7e",
    Denied: "#c44600",
    Unsure: "#6b7280",
    Retracted: "#7a818b",
  },
  tint: { saturation: 42, lightness: 93 },
};

export const DARK: Palette = {
  background: "#14171c",
  text: "#eef1f4",
  faint: "#a3acb8",
  halo: "rgba(20, 23, 28, 0.88)",
  accent: "#ffffff",
  rim: "#14171c",
  types: {
    Company: "#3d9bdc",
    Organization: "#d68fb8",
    Person: "#ee7a30",
    Product: "#1fb78d",
    Place: "#e6ab2e",
    Agent: "#74c3ee",
    Entity: "#99a2ae",
  },
  others: ["#74c3ee", "#e5da55", "#b39be6", "#93c47d", "#e08d8d"],
  lines: {
    Actual: "#b4bdc9",
    Former: "#8b95a3",
    Planned: "#4aa9ea",
    Attempted: "#e6ab2e",
    Rumoured: "#d890ba",
    Denied: "#f2803a",
    Unsure: "#9aa4b1",
    Retracted: "#7d8794",
  },
  tint: { saturation: 24, lightness: 17 },
};

/** The colour of a type; one without its own always gets the same of `others`. */
export function typeColour(palette: Palette, type: string): string {
  const known = palette.types[type];
  if (known !== undefined) return known;
  let sum = 0;
  for (const letter of type) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return palette.others[sum % palette.others.length] ?? palette.faint;
}

/** A soft tint for a community: neighbours in number are far apart in hue, by the golden angle. */
export function tint({ tint: { saturation, lightness } }: Palette, community: number): string {
  return `hsl(${Math.round((community * 137.508 + 205) % 360)}, ${saturation}%, ${lightness}%)`;
}

/** `#rrggbb` with an opacity of 0 to 1. */
export function faded(colour: string, opacity: number): string {
  return `rgba(${channels(colour).join(",")},${opacity})`;
}

/** Some of a colour (0 to 1) on the background, as an opaque colour. */
export function mixed(colour: string, background: string, part: number): string {
  const under = channels(background);
  const parts = channels(colour).map((value, at) => Math.round(value * part + (under[at] ?? 0) * (1 - part)));
  return `#${parts.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = channels(colour).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
