/** ForceAtlas2 beside the page (M. Jacomy et al., PLOS ONE 2014): a few rounds, a word of where all are, and so on. */
import iterate from "graphology-layout-forceatlas2/iterate";
import { type Arranged, type Task, VALUES_PER_ENTITY } from "./layout_task";

/** Milliseconds between two reports. */
const REPORT_MS = 50;

/** It has settled when no entity moves more than this part of a unit in ten rounds, on average. */
const SETTLED = 0.004;

const ROUNDS = 10;

addEventListener("message", ({ data }: MessageEvent<Task>) => {
  const { entities, edges, settings, maxRounds, unit } = data;
  const end = performance.now() + data.budgetMs;
  let reported = performance.now();
  for (let round = 0; round < maxRounds; round += ROUNDS) {
    const before = entities.slice();
    for (let at = 0; at < ROUNDS; at++) iterate(settings, entities, edges);
    const now = performance.now();
    if (now > end || moved(before, entities) < SETTLED * unit) break;
    if (now - reported > REPORT_MS) {
      say({ entities: entities.slice(), done: false });
      reported = now;
    }
  }
  say({ entities, done: true });
});

function moved(before: Float32Array, after: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < after.length; at += VALUES_PER_ENTITY)
    sum += Math.hypot((after[at] ?? 0) - (before[at] ?? 0), (after[at + 1] ?? 0) - (before[at + 1] ?? 0));
  return sum / Math.max(1, after.length / VALUES_PER_ENTITY);
}

function say(arranged: Arranged): void {
  postMessage(arranged);
}
