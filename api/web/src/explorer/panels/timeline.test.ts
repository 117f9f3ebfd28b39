import { expect, test } from "vitest";
import { madeFacts, placesOf } from "../made";
import { EMPTY, type View } from "../view";
import { barsOf } from "./timeline";

const VIEW: View = { ...EMPTY, places: placesOf("a", "b", "c") };

test("a few months are a bar each, empty ones too", () => {
  const facts = madeFacts([
    ["a", "uses", "b", { from: "2024-01-15" }],
    ["b", "uses", "c", { from: "2024-03" }],
    ["a", "uses", "c", { from: "2024-03-31" }],
  ]);
  expect(barsOf(VIEW, facts)).toEqual([
    { from: "2024-01-01", to: "2024-01-31", n: 1 },
    { from: "2024-02-01", to: "2024-02-29", n: 0 },
    { from: "2024-03-01", to: "2024-03-31", n: 2 },
  ]);
});

test("many years are bars of years, and a choice of time does not change them", () => {
  const facts = madeFacts([
    ["a", "uses", "b", { from: "1999" }],
    ["b", "uses", "c"], // as old as its document, of 2024
  ]);
  const bars = barsOf({ ...VIEW, filters: { ...VIEW.filters, from: "2020-01-01" } }, facts);
  expect(bars[0]).toEqual({ from: "1999-01-01", to: "1999-12-31", n: 1 });
  expect(bars).toHaveLength(26);
  expect(bars.at(-1)?.n).toBe(1);
});

test("no date, no bar", () => {
  expect(barsOf(VIEW, madeFacts([["a", "uses", "b", { document: 1 }]]))).toEqual([]);
});
