/** What is drawn of what is there: by type, predicate, status, confidence, sources, document and time. */
import { useState } from "preact/hooks";
import { setFilters, unhideAll } from "../actions";
import type { Facts } from "../facts";
import type { DocumentInfo, Iri } from "../records";
import { inPicture, shown } from "../shown";
import { type Store, useStore } from "../store";
import { ALL_STATUSES, NO_FILTERS, type View } from "../view";
import { percent, predicateWords, statusWords } from "../words";

/** Documents listed as choices at once; among more the reader looks for one by its name. */
const MAX_DOCUMENTS = 200;

export function FiltersPanel({ store }: { store: Store }) {
  const view = useStore(store, (state) => state.view);
  const facts = useStore(store, (state) => state.facts);
  const { filters } = view;
  const { types, predicates, documents } = contentsOf(view, facts);
  const { nNotFacts } = shown(view, facts);
  return (
    <div class="panel-form">
      <label class="check strong">
        <input
          type="checkbox"
          checked={filters.statuses.some((one) => one !== "Actual")}
          onChange={(event) =>
            setFilters(store, { statuses: event.currentTarget.checked ? ALL_STATUSES : NO_FILTERS.statuses })
          }
        />
        Show what is not a fact too ({nNotFacts.toLocaleString("en")})
      </label>
      <Choices
        title="Status"
        all={ALL_STATUSES}
        without={ALL_STATUSES.filter((one) => !filters.statuses.includes(one))}
        words={statusWords}
        onChange={(without) => setFilters(store, { statuses: ALL_STATUSES.filter((one) => !without.includes(one)) })}
      />
      <Choices
        title="Type"
        all={types}
        without={filters.withoutTypes}
        words={(one) => one}
        onChange={(withoutTypes) => setFilters(store, { withoutTypes })}
      />
      <Choices
        title="Relation"
        all={predicates}
        without={filters.withoutPredicates}
        words={predicateWords}
        onChange={(withoutPredicates) => setFilters(store, { withoutPredicates })}
      />
      <Sliders store={store} />
      <Documents store={store} documents={documents} />
      <label class="check">
        <input
          type="checkbox"
          checked={filters.retracted}
          onChange={(event) => setFilters(store, { retracted: event.currentTarget.checked })}
        />
        Show what users have taken back
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={filters.lonely}
          onChange={(event) => setFilters(store, { lonely: event.currentTarget.checked })}
        />
        Show entities without a line
      </label>
      {view.hidden.length > 0 && (
        <button type="button" onClick={() => unhideAll(store)}>
          Show {view.hidden.length.toLocaleString("en")} hidden
        </button>
      )}
      <button type="button" onClick={() => setFilters(store, NO_FILTERS, "All filters cleared")}>
        Clear all filters
      </button>
    </div>
  );
}

/** Boxes, ticked for what is drawn. */
function Choices<T extends string>(props: {
  title: string;
  all: readonly T[];
  without: readonly string[];
  words: (one: T) => string;
  onChange: (without: T[]) => void;
}) {
  const { title, all, without, words, onChange } = props;
  const change = (one: T, isDrawn: boolean) =>
    onChange(all.filter((other) => (other === one ? !isDrawn : without.includes(other))));
  return (
    <fieldset>
      <legend>{title}</legend>
      {all.map((one) => (
        <label key={one} class="check">
          <input
            type="checkbox"
            checked={!without.includes(one)}
            onChange={(event) => change(one, event.currentTarget.checked)}
          />
          {words(one)}
        </label>
      ))}
    </fieldset>
  );
}

function Sliders({ store }: { store: Store }) {
  const filters = useStore(store, (state) => state.view.filters);
  return (
    <>
      <label for="min-confidence">Confidence at least {percent(filters.minConfidence)}</label>
      <input
        id="min-confidence"
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={filters.minConfidence}
        onChange={(event) => setFilters(store, { minConfidence: Number(event.currentTarget.value) })}
      />
      <label for="min-sources">Sources at least {filters.minSources}</label>
      <input
        id="min-sources"
        type="range"
        min="1"
        max="10"
        step="1"
        value={filters.minSources}
        onChange={(event) => setFilters(store, { minSources: Number(event.currentTarget.value) })}
      />
    </>
  );
}

function Documents({ store, documents }: { store: Store; documents: Facts["documents"] }) {
  const chosen = useStore(store, (state) => state.view.filters.documents);
  const [wanted, setWanted] = useState("");
  const [isOpenAtFirst] = useState(chosen.length > 0); // taking the last one out does not fold the list
  const listed = listedDocuments([...documents.values()], chosen, wanted);
  const toggle = (iri: string, isChosen: boolean) =>
    setFilters(store, { documents: isChosen ? [...chosen, iri] : chosen.filter((one) => one !== iri) });
  return (
    <details open={isOpenAtFirst}>
      <summary>Only from these documents{chosen.length > 0 && ` (${chosen.length})`}</summary>
      {documents.size > MAX_DOCUMENTS && (
        <label>
          Find among {documents.size.toLocaleString("en")}{" "}
          <input value={wanted} dir="auto" onInput={(event) => setWanted(event.currentTarget.value)} />
        </label>
      )}
      {listed.map((one) => (
        <label key={one.iri} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(one.iri)}
            onChange={(event) => toggle(one.iri, event.currentTarget.checked)}
          />
          <bdi>{one.title ?? one.id}</bdi>
        </label>
      ))}
    </details>
  );
}

/** Documents to choose from: the chosen ones first, then those whose name holds what is looked for. */
export function listedDocuments(
  documents: readonly DocumentInfo[],
  chosen: readonly Iri[],
  wanted: string,
): DocumentInfo[] {
  const text = wanted.trim().toLowerCase();
  const isChosen = new Set(chosen);
  const names = ({ id, title }: DocumentInfo) => `${title ?? ""} ${id}`.toLowerCase();
  const found = documents.filter((one) => !isChosen.has(one.iri) && names(one).includes(text)).sort(byId);
  return [...documents.filter((one) => isChosen.has(one.iri)).sort(byId), ...found].slice(0, MAX_DOCUMENTS);
}

const byId = (one: DocumentInfo, other: DocumentInfo): number => one.id.localeCompare(other.id);

/** Types, predicates and documents of what is in the picture, drawn or not. */
function contentsOf(view: View, facts: Facts) {
  const kept = inPicture(view, facts);
  const claims = [...facts.claims.values()].filter((claim) => kept.has(claim.subject) && kept.has(claim.object));
  const documents = new Map(claims.flatMap(({ document }) => (document === null ? [] : [[document.iri, document]])));
  const types = new Set([...kept].flatMap((iri) => facts.entities.get(iri)?.type ?? []));
  return {
    types: [...types].sort(),
    predicates: [...new Set(claims.map((claim) => claim.predicate))].sort(),
    documents,
  };
}
