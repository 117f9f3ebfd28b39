/** One entity: its names, what to do with it, its ties by kind with counts, its figures and its sources. */
import { collapse, expand, hide, remove, setEgo, showPanelPaths } from "../actions";
import type { Facts } from "../facts";
import { togglePin } from "../keys";
import type { EntityDetails, Iri, Remaining } from "../records";
import { inPicture } from "../shown";
import { type Store, useStore } from "../store";
import type { View } from "../view";
import { predicateWords } from "../words";
import { CorrectEntity } from "./corrections";
import { pageOf } from "./edge";
import { Figures } from "./figures";
import { webAddress } from "./quote";

const EGO_DEPTHS = [1, 2, 3];

export function EntityPanel({ store, entity }: { store: Store; entity: EntityDetails }) {
  return (
    <>
      <h2>
        <bdi>{entity.label}</bdi> <span class="quiet">{entity.type}</span>
      </h2>
      {entity.aliases.length > 0 && (
        <p>
          Also: <bdi>{entity.aliases.join(", ")}</bdi>
        </p>
      )}
      <Verbs store={store} entity={entity} />
      <Relations store={store} entity={entity} />
      {entity.figures.length > 0 && <Figures figures={entity.figures} />}
      <Sources entity={entity} />
      <p class="links">
        <a href={pageOf(entity.iri)}>Page of this entity</a>
        {entity.same_as.map((iri) => (
          <SameAs key={iri} iri={iri} />
        ))}
      </p>
      {entity.joined_because.length > 0 && (
        <details>
          <summary>Why these names are one</summary>
          <ul>
            {entity.joined_because.map((why) => (
              <li key={why}>
                <bdi>{why}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
      <CorrectEntity store={store} entity={entity} />
    </>
  );
}

function Verbs({ store, entity: { iri } }: { store: Store; entity: EntityDetails }) {
  const isPinned = useStore(store, (state) => state.view.places[iri]?.pinned ?? false);
  const depth = useStore(store, ({ view }) => (view.ego?.entity === iri ? view.ego.depth : 0));
  return (
    <div class="buttons">
      <button type="button" class="primary" onClick={() => void expand(store, iri)}>
        Expand
      </button>
      <button type="button" onClick={() => collapse(store, iri)}>
        Collapse
      </button>
      <button type="button" aria-pressed={isPinned} onClick={() => togglePin(store, iri)}>
        Pin
      </button>
      <button type="button" onClick={() => hide(store, [iri])}>
        Hide
      </button>
      <button type="button" onClick={() => remove(store, [iri])}>
        Remove
      </button>
      <button type="button" onClick={() => showPanelPaths(store)}>
        Paths from here
      </button>
      <label>
        Only within{" "}
        <select value={depth} onChange={(event) => setEgo(store, iri, Number(event.currentTarget.value))}>
          <option value={0}>any distance</option>
          {EGO_DEPTHS.map((one) => (
            <option key={one} value={one}>
              {one} {one === 1 ? "step" : "steps"}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Relations({ store, entity }: { store: Store; entity: EntityDetails }) {
  const view = useStore(store, (state) => state.view);
  const facts = useStore(store, (state) => state.facts);
  const latest = facts.remaining.get(entity.iri) ?? entity.relations;
  const nShown = shownTies(view, facts, entity.iri);
  if (latest.length === 0) return <p class="quiet">Nothing ties it to another entity.</p>;
  return (
    <section>
      <h3>Ties</h3>
      <ul class="relations">
        {latest.map((one) => (
          <Relation
            key={`${one.direction} ${one.predicate}`}
            one={one}
            nShown={nShown.get(`${one.direction} ${one.predicate}`) ?? 0}
            factsOnly={view.filters.statuses.every((status) => status === "Actual")}
            onExpand={() => void expand(store, entity.iri, one.predicate, one.direction)}
          />
        ))}
      </ul>
    </section>
  );
}

/** One kind of tie: how many facts, how many that are none, and how many of what is drawn are still to be shown. */
function Relation(props: { one: Remaining; nShown: number; factsOnly: boolean; onExpand: () => void }) {
  const { one, nShown, factsOnly, onExpand } = props;
  const nOthers = one.n - one.n_facts;
  const nMore = (factsOnly ? one.n_facts : one.n) - nShown;
  return (
    <li>
      <button type="button" disabled={nMore <= 0} onClick={onExpand}>
        {relationWords(one)} <strong>{one.n_facts.toLocaleString("en")}</strong>
        <span class="quiet">
          {nOthers > 0 && ` · ${nOthers.toLocaleString("en")} not facts`}
          {nMore > 0 && ` · ${nMore.toLocaleString("en")} more to show`}
        </span>
      </button>
    </li>
  );
}

/** By direction and predicate, the claims of an entity that the statuses let through, and whose other end is in the picture. */
function shownTies(view: View, facts: Facts, entity: Iri): Map<string, number> {
  const kept = inPicture(view, facts);
  const counts = new Map<string, number>();
  for (const { subject, object, predicate, status, retracted } of facts.claims.values()) {
    if (retracted || !view.filters.statuses.includes(status)) continue;
    for (const [key, isTie] of [
      [`out ${predicate}`, subject === entity && kept.has(object)],
      [`in ${predicate}`, object === entity && kept.has(subject)],
    ] as const) {
      if (isTie) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/** A tie that comes in is told from the other end. */
const relationWords = ({ predicate, direction }: Remaining): string =>
  direction === "out" ? predicateWords(predicate) : `… ${predicateWords(predicate)} it`;

function Sources({ entity }: { entity: EntityDetails }) {
  return (
    <section>
      <h3>Sources</h3>
      <ul>
        {entity.sources.map(({ document, n }) => (
          <li key={document.iri}>
            <a href={pageOf(document.iri)}>
              <bdi>{document.title ?? document.id}</bdi>
            </a>{" "}
            <span class="quiet">
              {n} {n === 1 ? "claim or figure" : "claims and figures"}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SameAs({ iri }: { iri: string }) {
  const address = webAddress(iri);
  if (address === null) return <bdi> {iri}</bdi>;
  return (
    <>
      {" · "}
      <a href={address} rel="noreferrer noopener" target="_blank">
        {new URL(address).hostname.replace(/^www\./, "")}
      </a>
    </>
  );
}
