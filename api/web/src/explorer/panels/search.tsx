/** Search as you type, over names, aliases and the text of quotes: a combobox with a list (ARIA Authoring Practices). */
import { addEntities, attempt, openPanel, select } from "../actions";
import { SEARCH_FIELD } from "../keys";
import type { Found, Iri } from "../records";
import * as server from "../server";
import { type Store, useStore } from "../store";

/** Milliseconds without a key before the server is asked. */
const PAUSE_MS = 120;

/** What can be chosen: an entity, or a quote, which stands for the entities that it ties. */
type Choice = { key: string; entity: Found["entities"][number] } | { key: string; quote: Found["quotes"][number] };

/** The question under way, which a later one makes useless; and whether Enter was pressed before its answer came. */
let asked: { abort: AbortController; isEntered: boolean } | null = null;

export function SearchBox({ store }: { store: Store }) {
  const { text, found, at } = useStore(store, (state) => state.search);
  const choices = choicesOf(found);
  const isOpen = found !== null && text.trim() !== "";
  const active = choices[at];
  return (
    <search class="search">
      <input
        id={SEARCH_FIELD}
        type="text"
        role="combobox"
        aria-label="Search names, aliases and quotes"
        aria-expanded={isOpen}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={isOpen && active ? optionId(at) : undefined}
        placeholder="Search a name or a sentence  ( / )"
        autocomplete="off"
        spellcheck={false}
        maxLength={200}
        dir="auto"
        value={text}
        onInput={(event) => type(store, event.currentTarget.value)}
        onKeyDown={(event) => press(store, event, choices)}
        onBlur={() => close(store)}
      />
      <div id="found" role="listbox" aria-label="Found" hidden={!isOpen}>
        {isOpen && choices.length === 0 && <p>Nothing is named or says so.</p>}
        {choices.map((choice, index) => (
          <Option key={choice.key} store={store} choice={choice} id={optionId(index)} isActive={index === at} />
        ))}
      </div>
    </search>
  );
}

function Option(props: { store: Store; choice: Choice; id: string; isActive: boolean }) {
  const { store, choice, id, isActive } = props;
  const show = (option: HTMLElement | null) => {
    if (isActive) option?.scrollIntoView({ block: "nearest" });
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's, as its pattern has it
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the combobox, as its pattern has it
    <div
      id={id}
      ref={show}
      role="option"
      aria-selected={isActive}
      onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
      onClick={() => choose(store, choice)}
    >
      {"entity" in choice ? (
        <>
          <bdi>{choice.entity.match || choice.entity.label}</bdi>
          <span class="quiet">
            {choice.entity.match !== choice.entity.label && <bdi>{choice.entity.label} · </bdi>}
            {choice.entity.type} · {choice.entity.degree.toLocaleString("en")}{" "}
            {choice.entity.degree === 1 ? "claim" : "claims"}
          </span>
        </>
      ) : (
        <q dir="auto">{choice.quote.match}</q>
      )}
    </div>
  );
}

function choicesOf(found: Found | null): Choice[] {
  if (found === null) return [];
  return [
    ...found.entities.map((entity) => ({ key: entity.iri, entity })),
    ...found.quotes.map((quote) => ({ key: quote.iri, quote })),
  ];
}

const optionId = (at: number): string => `found-${at}`;

function type(store: Store, text: string): void {
  store.set({ search: { ...store.state.search, text } });
  asked?.abort.abort();
  const mine = { abort: new AbortController(), isEntered: false };
  const { signal } = mine.abort;
  asked = mine;
  setTimeout(async () => {
    if (!signal.aborted) await find(store, text, signal);
    if (signal.aborted) return;
    asked = null;
    const [first] = choicesOf(store.state.search.found);
    if (mine.isEntered && first) choose(store, first);
  }, PAUSE_MS);
}

async function find(store: Store, text: string, signal: AbortSignal): Promise<void> {
  if (text.trim() === "") {
    store.set({ search: { text, found: null, at: 0 } });
    return;
  }
  try {
    const found = await server.search(text, signal);
    if (!signal.aborted) store.set({ search: { text, found, at: 0 } });
  } catch (error) {
    if (error instanceof server.ServerError)
      store.set({ problem: error.message, search: { text, found: null, at: 0 } });
    else if (!signal.aborted) throw error;
  }
}

function press(store: Store, event: KeyboardEvent, choices: readonly Choice[]): void {
  const { search } = store.state;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined && choices.length > 0) {
    store.set({ search: { ...search, at: (search.at + step + choices.length) % choices.length } });
    event.preventDefault();
  } else if (event.key === "Enter") {
    const choice = choices[search.at];
    if (asked)
      asked.isEntered = true; // what is listed answers an earlier text
    else if (choice) choose(store, choice);
    event.preventDefault();
  } else if (event.key === "Escape") {
    close(store);
    event.stopPropagation();
  }
}

function choose(store: Store, choice: Choice): void {
  close(store);
  if ("entity" in choice) void addEntities(store, [choice.entity.iri]).then(() => openPanel(store, "details"));
  else void showQuote(store, choice.quote.iri);
}

/** A quote brings the entities that it ties, with the line between them selected. */
function showQuote(store: Store, evidence: Iri): Promise<void> {
  return attempt(store, async () => {
    const ties = await server.tiesOf(evidence);
    const entities = [...new Set(ties.flatMap((tie) => [tie.subject, tie.object]))];
    if (entities.length === 0) throw new server.ServerError("This sentence ties no entities.", 404);
    await addEntities(store, entities);
    const [first] = ties;
    if (first) select(store, { kind: "edge", from: first.subject, to: first.object });
  });
}

function close(store: Store): void {
  asked?.abort.abort();
  asked = null;
  store.set({ search: { text: "", found: null, at: 0 } });
}
