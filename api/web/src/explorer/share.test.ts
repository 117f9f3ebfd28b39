import { describe, expect, test } from "vitest";
import { fromFragment, LinkError, toFragment, viewFrom } from "./share";
import { EMPTY, NO_FILTERS, OVERVIEW, type View } from "./view";

const FULL: View = {
  overview: false,
  places: {
    "https://e.org/id/company/a": { x: 1.25, y: -3, pinned: true },
    "https://e.org/id/person/é": { x: 0, y: 7 },
  },
  removed: ["https://e.org/id/company/c"],
  hidden: ["https://e.org/id/person/é"],
  selected: { kind: "edge", from: "https://e.org/id/company/a", to: "https://e.org/id/person/é" },
  filters: { ...NO_FILTERS, statuses: ["Actual", "Denied"], minConfidence: 0.5, from: "2024-01", lonely: false },
  ego: { entity: "https://e.org/id/company/a", depth: 2 },
  paths: { from: "https://e.org/id/a", to: "https://e.org/id/b", k: 3, maxLength: 4, predicates: ["acquired"] },
  path: 1,
};

describe("a link", () => {
  test("brings the same view back", async () => {
    expect(await fromFragment(`#${await toFragment(FULL)}`)).toEqual(FULL);
    expect(await fromFragment(await toFragment(EMPTY))).toEqual(EMPTY);
  });

  test("of the overview as it opens is empty", async () => {
    expect(await toFragment(OVERVIEW)).toBe("");
    expect(await fromFragment("")).toBeNull();
  });

  test("of 200 entities stays short enough to send", async () => {
    const places = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [
        `https://w3id.org/tracegraph/id/company/name-${i * 7919}`,
        { x: i, y: -i },
      ]),
    );
    expect((await toFragment({ ...EMPTY, places })).length).toBeLessThan(6000);
  });

  test("that is cut off is refused in words", async () => {
    const cut = (await toFragment(FULL)).slice(0, -20);
    await expect(fromFragment(cut)).rejects.toThrow(LinkError);
    await expect(fromFragment("v=%%%")).rejects.toThrow("damaged");
  });

  test.each([
    [{ at: [["https://e.org/a", "1", 2, 0]] }],
    [{ at: "all" }],
    [{ filters: { statuses: ["True"] } }],
    [{ selected: { kind: "entity" } }],
    [{ overview: 1 }],
    [{ at: [["company/a", 1, 2, 0]] }],
    [{ filters: { documents: ["urn:a> } #"] } }],
    [{ filters: { withoutPredicates: ["a)) } #"] } }],
    [[]],
  ])("with something else inside is refused: %j", (value) => {
    expect(() => viewFrom(value)).toThrow(TypeError);
  });
});
