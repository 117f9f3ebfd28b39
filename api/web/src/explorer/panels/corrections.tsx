/** Putting right what is wrong: merge, split, rename, retype, retract; what would change is shown before it is done. */
import { useMemo, useState } from "preact/hooks";
import { apply, draft, preview, type Wanted } from "../correct";
import type { ClaimDetails, EntityDetails, Iri } from "../records";
import { type Store, useStore } from "../store";
import { choosable, EntityOptions } from "./entity_options";

const TYPES = ["Company", "Organization", "Person", "Product", "Place"];

export function CorrectClaim({ store, claim }: { store: Store; claim: ClaimDetails }) {
  const wanted: Wanted = { do: "retract", claim: claim.iri };
  return (
    <details class="correct">
      <summary>Correct</summary>
      <p class="quiet">The claim stays on record, marked as taken back, and is no fact any more.</p>
      <button type="button" onClick={() => void draft(store, wanted)}>
        Retract this claim
      </button>
      <DraftForm store={store} isMine={(one) => one.do === "retract" && one.claim === claim.iri} />
    </details>
  );
}

export function CorrectEntity({ store, entity }: { store: Store; entity: EntityDetails }) {
  const [isOpen, setOpen] = useState(false); // what is within may list thousands of entities
  return (
    <details class="correct" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Correct</summary>
      {isOpen && (
        <>
          <Rename store={store} entity={entity} />
          <Retype store={store} entity={entity} />
          <MergeInto store={store} entity={entity} />
          <SplitOff store={store} entity={entity} />
        </>
      )}
      <DraftForm store={store} isMine={(one) => speaksOf(one, entity.iri)} />
    </details>
  );
}

function Rename({ store, entity }: { store: Store; entity: EntityDetails }) {
  const submit = (event: SubmitEvent) =>
    void draft(store, { do: "rename", entity: entity.iri, name: read(event).get("name") });
  return (
    <form class="row" onSubmit={submit}>
      <label>
        Its name is <input name="name" required maxLength={200} defaultValue={entity.label} dir="auto" />
      </label>
      <button type="submit">Rename</button>
    </form>
  );
}

function Retype({ store, entity }: { store: Store; entity: EntityDetails }) {
  const submit = (event: SubmitEvent) =>
    void draft(store, { do: "retype", entity: entity.iri, type: read(event).get("type") });
  return (
    <form class="row" onSubmit={submit}>
      <label>
        It is a{" "}
        <select name="type">
          {TYPES.map((one) => (
            <option key={one} selected={one === entity.type}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">Retype</button>
    </form>
  );
}

function MergeInto({ store, entity }: { store: Store; entity: EntityDetails }) {
  const view = useStore(store, (state) => state.view);
  const facts = useStore(store, (state) => state.facts);
  const { overview, places, removed } = view;
  const others = useMemo(
    () => choosable(view, facts).filter((one) => one.iri !== entity.iri),
    [facts, overview, places, removed, entity.iri],
  );
  const submit = (event: SubmitEvent) =>
    void draft(store, { do: "merge", into: read(event).get("into"), entities: [entity.iri] });
  return (
    <form class="row" onSubmit={submit}>
      <label>
        It is the same as{" "}
        <select name="into" required>
          <option value="">an entity of the picture</option>
          <EntityOptions entities={others} chosen="" />
        </select>
      </label>
      <button type="submit">Merge</button>
    </form>
  );
}

function SplitOff({ store, entity }: { store: Store; entity: EntityDetails }) {
  const submit = (event: SubmitEvent) => {
    const fields = read(event);
    const [documents, names] = [fields.all("document"), fields.all("alias")];
    if (documents.length + names.length === 0) store.set({ problem: "Choose which documents or names are another." });
    else void draft(store, { do: "split", entity: entity.iri, documents, names, name: fields.get("name") });
  };
  return (
    <details>
      <summary>These are two</summary>
      <form class="panel-form" onSubmit={submit}>
        <Boxes name="document" title="In these documents" values={entity.sources.map(({ document }) => document.id)} />
        <Boxes name="alias" title="Under these names" values={[entity.label, ...entity.aliases]} />
        <label>
          is another, named <input name="name" required maxLength={200} dir="auto" />
        </label>
        <button type="submit">Split</button>
      </form>
    </details>
  );
}

function Boxes({ name, title, values }: { name: string; title: string; values: readonly string[] }) {
  return (
    <fieldset>
      <legend>{title}</legend>
      {values.map((value) => (
        <label key={value} class="check">
          <input type="checkbox" name={name} value={value} />
          <bdi>{value}</bdi>
        </label>
      ))}
    </fieldset>
  );
}

/** Who corrects, and why; then what would change; then the button that does it. */
function DraftForm({ store, isMine }: { store: Store; isMine: (wanted: Wanted) => boolean }) {
  const begun = useStore(store, (state) => state.draft);
  const token = useStore(store, (state) => state.token);
  if (begun === null || !isMine(begun.wanted)) return null;
  const set = (change: { who?: string; why?: string }) => store.set({ draft: { ...begun, ...change } });
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    void preview(store);
  };
  return (
    <form class="panel-form draft" onSubmit={ask}>
      <label>
        Token of the server
        <input
          type="password"
          required
          autocomplete="off"
          value={token}
          onInput={(event) => store.set({ token: event.currentTarget.value })}
        />
      </label>
      <label>
        Who corrects
        <input
          required
          maxLength={200}
          value={begun.who}
          onInput={(event) => set({ who: event.currentTarget.value })}
        />
      </label>
      <label>
        Why
        <input maxLength={500} value={begun.why} onInput={(event) => set({ why: event.currentTarget.value })} />
      </label>
      <div class="buttons">
        <button type="submit">Show what changes</button>
        <button type="button" onClick={() => store.set({ draft: null })}>
          Leave it
        </button>
      </div>
      {begun.preview !== null && (
        <section class="preview" aria-label="What changes">
          <h3>
            <bdi>{begun.preview.words}</bdi>
          </h3>
          <Lines title="Goes" sign="−" lines={begun.preview.removed} n={begun.preview.n_removed} />
          <Lines title="Comes" sign="+" lines={begun.preview.added} n={begun.preview.n_added} />
          <button type="button" class="primary" onClick={() => void apply(store)}>
            Correct the graph
          </button>
        </section>
      )}
    </form>
  );
}

function Lines({ title, sign, lines, n }: { title: string; sign: string; lines: readonly string[]; n: number }) {
  return (
    <>
      <h4>
        {title} ({n.toLocaleString("en")})
      </h4>
      <ul class="lines">
        {lines.map((line) => (
          <li key={line}>
            {sign} <bdi>{line}</bdi>
          </li>
        ))}
        {n > lines.length && <li class="quiet">and {(n - lines.length).toLocaleString("en")} more</li>}
      </ul>
    </>
  );
}

function speaksOf(wanted: Wanted, entity: Iri): boolean {
  return wanted.do === "merge" ? wanted.entities.includes(entity) : "entity" in wanted && wanted.entity === entity;
}

function read(event: SubmitEvent) {
  event.preventDefault();
  const fields = new FormData(event.currentTarget as HTMLFormElement);
  return {
    get: (name: string): string => String(fields.get(name) ?? ""),
    all: (name: string): string[] => fields.getAll(name).map(String),
  };
}
