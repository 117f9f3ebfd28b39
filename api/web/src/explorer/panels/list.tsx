/** The picture as text, for screen readers and for reading: every drawn entity with its drawn ties. */
import { useMemo, useState } from "preact/hooks";
import { select } from "../actions";
import type { Entity, Iri } from "../records";
import { type Edge, shown } from "../shown";
import { type Store, useStore } from "../store";
import { edgeWords } from "../words";

/** Entities listed at once; more by a button, as a page of 20,000 lines helps nobody. */
const PAGE = 100;

/** Ties of one entity that are listed before the reader asks for all: a hub has thousands. */
const FIRST_TIES = 50;

export function ListPanel({ store }: { store: Store }) {
  const view = useStore(store, (state) => state.view);
  const facts = useStore(store, (state) => state.facts);
  const nListed = useStore(store, (state) => state.nListed);
  const { entities, edges } = shown(view, facts);
  const ties = useMemo(() => tiesOf(edges), [edges]);
  const sorted = useMemo(
    () => [...entities].sort((one, other) => other.degree - one.degree || compare(one.label, other.label)),
    [entities],
  );
  return (
    <>
      <h2>
        {entities.length.toLocaleString("en")} entities, {edges.length.toLocaleString("en")} ties
      </h2>
      <ul class="entities">
        {sorted.slice(0, nListed).map((one) => (
          <EntityLine key={one.iri} store={store} entity={one} ties={ties.get(one.iri) ?? []} />
        ))}
      </ul>
      {sorted.length > nListed && (
        <button type="button" onClick={() => store.set({ nListed: nListed + PAGE })}>
          {(sorted.length - nListed).toLocaleString("en")} more
        </button>
      )}
    </>
  );
}

function EntityLine({ store, entity, ties }: { store: Store; entity: Entity; ties: readonly Edge[] }) {
  const [isWhole, setWhole] = useState(false);
  const label = (iri: Iri) => store.state.facts.entities.get(iri)?.label ?? iri;
  return (
    <li>
      <button type="button" class="link" onClick={() => select(store, { kind: "entity", entity: entity.iri })}>
        <bdi>{entity.label}</bdi>
      </button>{" "}
      <span class="quiet">{entity.type}</span>
      <ul>
        {(isWhole ? ties : ties.slice(0, FIRST_TIES)).map((edge) => (
          <li key={edge.key}>
            <button
              type="button"
              class="link"
              onClick={() => select(store, { kind: "edge", from: edge.from, to: edge.to })}
            >
              {edgeWords(edge)} <bdi>{label(edge.to)}</bdi>
            </button>
          </li>
        ))}
      </ul>
      {!isWhole && ties.length > FIRST_TIES && (
        <button type="button" onClick={() => setWhole(true)}>
          {(ties.length - FIRST_TIES).toLocaleString("en")} more ties of <bdi>{entity.label}</bdi>
        </button>
      )}
    </li>
  );
}

const { compare } = new Intl.Collator();

/** Each tie stands with the entity that it begins at. */
function tiesOf(edges: readonly Edge[]): Map<Iri, Edge[]> {
  const ties = new Map<Iri, Edge[]>();
  for (const edge of edges) {
    const known = ties.get(edge.from);
    if (known) known.push(edge);
    else ties.set(edge.from, [edge]);
  }
  return ties;
}
