/** What is under the pointer, in words; all of it inert text. */
import { labelOf } from "../actions";
import type { Iri, Point } from "../records";
import { edgeKey } from "../shown";
import type { Store } from "../store";
import { edgeWords, predicateWords, statusWords } from "../words";
import type { Target } from "./pointer";
import type { Stage } from "./stage";
import { cut } from "./text";

export interface Hovered {
  at: Point;
  target: Target;
}

/** Characters of a name, and of what a line says. */
const LONGEST = 120;

export function Tooltip({ hovered, stage, store }: { hovered: Hovered; stage: Stage; store: Store }) {
  const { at, target } = hovered;
  const place = (tip: HTMLDivElement | null) => {
    if (tip) beside(tip, at);
  };
  return (
    <div class="picture-tip" ref={place} aria-hidden="true">
      {target.kind === "entity" && <EntityTip entity={target.entity} store={store} />}
      {target.kind === "edge" && <EdgeTip from={target.from} to={target.to} stage={stage} store={store} />}
    </div>
  );
}

function EntityTip({ entity, store }: { entity: Iri; store: Store }) {
  const found = store.state.facts.entities.get(entity);
  const pinned = store.state.view.places[entity]?.pinned === true;
  return (
    <>
      <strong>
        <bdi>{cut(labelOf(store, entity), LONGEST)}</bdi>
      </strong>
      <span>
        {found ? predicateWords(found.type) : "entity"} · {counted(found?.degree ?? 0, "claim")}
        {pinned && " · pinned"}
      </span>
    </>
  );
}

function EdgeTip({ from, to, stage, store }: { from: Iri; to: Iri; stage: Stage; store: Store }) {
  const edge = stage.shown.edges.find(({ key }) => key === edgeKey(from, to));
  if (!edge) return null;
  const statuses = new Set(edge.claims.map((claim) => (claim.retracted ? "Retracted" : claim.status)));
  const sources = new Set(edge.claims.map((claim) => claim.document?.iri ?? "")).size;
  return (
    <>
      <span>
        <bdi>{cut(labelOf(store, from))}</bdi>
      </span>
      <strong>
        <bdi>{cut(edgeWords(edge), LONGEST)}</bdi>
      </strong>
      <span>
        <bdi>{cut(labelOf(store, to))}</bdi>
      </span>
      <span class="picture-tip-quiet">
        {[...statuses].map(statusWords).join(", ")} · {counted(edge.claims.length, "claim")} ·{" "}
        {counted(sources, "source")}
      </span>
    </>
  );
}

const counted = (n: number, one: string): string => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;

function beside(tip: HTMLElement, at: Point): void {
  const room = tip.parentElement?.getBoundingClientRect();
  const [width, height] = [room?.width ?? 0, room?.height ?? 0];
  const left = at.x + 16 + tip.offsetWidth < width ? at.x + 16 : at.x - 16 - tip.offsetWidth;
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, Math.min(at.y + 16, height - tip.offsetHeight - 4))}px`;
}
