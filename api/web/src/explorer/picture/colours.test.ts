import { expect, test } from "vitest";
import { contrast, DARK, faded, LIGHT, mixed, tint, typeColour } from "./colours";
import { isSolid, LINES } from "./lines";

const PALETTES = [
  ["light", LIGHT],
  ["dark", DARK],
] as const;

test("contrast is that of WCAG's own examples", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

test.each(PALETTES)("marks on %s have 3:1 against the background, text 4.5:1", (_, palette) => {
  const others = palette.others.map((colour, at): [string, string] => [`other ${at}`, colour]);
  for (const [name, colour] of [...Object.entries({ ...palette.types, ...palette.lines }), ...others])
    expect(contrast(colour, palette.background), `${name} ${colour}`).toBeGreaterThanOrEqual(3);
  for (const text of [palette.text, palette.faint])
    expect(contrast(text, palette.background)).toBeGreaterThanOrEqual(4.5);
});

test.each(PALETTES)("no two types have one colour on %s", (_, palette) => {
  expect(new Set(Object.values(palette.types)).size).toBe(Object.keys(palette.types).length);
});

test("a type of the user's own has always the same colour", () => {
  expect(typeColour(LIGHT, "Ship")).toBe(typeColour(LIGHT, "Ship"));
  expect(LIGHT.others).toContain(typeColour(LIGHT, "Ship"));
});

test("a colour can fade or mix with the ground", () => {
  expect(faded("#0072b2", 0.5)).toBe("rgba(0,114,178,0.5)");
  expect(mixed("#000000", "#ffffff", 0.2)).toBe("#cccccc");
  expect(mixed("#123456", "#ffffff", 1)).toBe("#123456");
});

test("communities beside each other in number have different tints", () => {
  const tints = Array.from({ length: 20 }, (_, at) => tint(LIGHT, at));
  expect(new Set(tints).size).toBe(20);
});

test("only a fact has a whole line, and no two statuses have one pattern", () => {
  const solid = Object.entries(LINES).filter(([, line]) => isSolid(line));
  expect(solid.map(([status]) => status)).toEqual(["Actual"]);
  const marks = Object.values(LINES).map(({ pattern, crossed }) => `${pattern} ${crossed}`);
  expect(new Set(marks).size).toBe(marks.length);
});
