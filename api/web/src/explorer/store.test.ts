import { expect, test } from "vitest";
import { MAX_HISTORY, Store } from "./store";
import { EMPTY } from "./view";

test("undo and redo go through every step", () => {
  const store = new Store();
  store.step({ hidden: ["a"] });
  store.step({ hidden: ["a", "b"] });
  store.undo();
  expect(store.state.view.hidden).toEqual(["a"]);
  store.undo();
  store.undo();
  expect(store.state.view).toEqual(EMPTY);
  store.redo();
  store.redo();
  expect(store.state.view.hidden).toEqual(["a", "b"]);
});

test("a step after an undo forgets what was undone", () => {
  const store = new Store();
  store.step({ hidden: ["a"] });
  store.undo();
  store.step({ removed: ["b"] });
  store.redo();
  expect(store.state.view).toMatchObject({ hidden: [], removed: ["b"] });
});

test("a change that changes nothing is no step", () => {
  const store = new Store();
  store.step({ hidden: [] });
  expect(store.state.past).toEqual([]);
});

test("the oldest steps are forgotten", () => {
  const store = new Store();
  for (let i = 0; i < MAX_HISTORY + 5; i++) store.step({ path: i });
  expect(store.state.past).toHaveLength(MAX_HISTORY);
});

test("who listens hears of changes until it leaves", () => {
  const store = new Store();
  let heard = 0;
  const leave = store.subscribe(() => {
    heard += 1;
  });
  store.set({ problem: "x" });
  leave();
  store.set({ problem: "" });
  expect(heard).toBe(1);
});

test("a part that is equal though made anew is no step", () => {
  const store = new Store();
  store.step({ filters: { ...store.state.view.filters }, places: {} });
  expect(store.state.past).toEqual([]);
});
