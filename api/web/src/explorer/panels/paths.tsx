/** The shortest ways from one entity to another, over claims that are drawn in full while the rest is dimmed. */
import { useMemo } from "preact/hooks";
import { clearPaths, findPaths, labelOf } from "../actions";
import { isSame } from "../answers";
import type { Entity, Iri } from "../records";
import { type Store, useStore } from "../store";
import type { View } from "../view";
import { predicateWords } from "../words";
import { choosable, EntityOptions } from "./entity_options";

const LENGTHS = [2, 3, 4, 5, 6];
const COUNTS = [1, 3, 5, 10];

export function PathsPanel({ store }: { store: Store }) {
  const view = useStore(store, (state) => state.view);
  const facts = useStore(store, (state) => state.facts);
  const { overview, places, removed } = view;
  const entities = useMemo(
    () => choosable(view, facts, [view.paths?.from, view.paths?.to, selectedOf(view)]),
    [facts, overview, places, removed, view.paths, view.selected],
  );
  const predicates = useMemo(
    () => [...new Set([...facts.claims.values()].map((claim) => claim.predicate))].sort(),
    [facts],
  );
  const start = view.paths?.from ?? selectedOf(view) ?? "";
  const search = (event: SubmitEvent) => {
    event.preventDefault();
    const read = new FormData(event.currentTarget as HTMLFormElement);
    const [from, to] = [String(read.get("from")), String(read.get("to"))];
    if (from === to) store.set({ problem: "Choose two different entities." });
    else void findPaths(store, { from, to, k: num(read, "k"), maxLength: num(read, "length"), predicates: all(read) });
  };
  return (
    <>
      <form class="panel-form" onSubmit={search}>
        <EntityChoice name="from" title="From" entities={entities} chosen={start} />
        <EntityChoice name="to" title="To" entities={entities} chosen={view.paths?.to ?? ""} />
        <div class="row">
          <NumberChoice name="k" title="Paths" values={COUNTS} chosen={view.paths?.k ?? 3} />
          <NumberChoice name="length" title="Steps at most" values={LENGTHS} chosen={view.paths?.maxLength ?? 4} />
        </div>
        <details>
          <summary>Only by these relations</summary>
          {predicates.map((one) => (
            <label key={one} class="check">
              <input
                type="checkbox"
                name="predicate"
                value={one}
                defaultChecked={view.paths?.predicates.includes(one) ?? false}
              />
              {predicateWords(one)}
            </label>
          ))}
        </details>
        <div class="buttons">
          <button type="submit" class="primary">
            Find paths
          </button>
          <button type="button" disabled={view.paths === null} onClick={() => clearPaths(store)}>
            Clear
          </button>
        </div>
      </form>
      <Answers store={store} />
    </>
  );
}

function Answers({ store }: { store: Store }) {
  const { paths, path } = useStore(store, (state) => state.view);
  const answers = useStore(store, (state) => state.paths);
  const answered = useStore(store, (state) => state.answered);
  const isPending = useStore(store, (state) => state.pending > 0);
  if (paths === null) return null;
  if (!isSame(paths, answered)) return <p>{isPending ? "Looking…" : "Not answered: find the paths again."}</p>;
  if (answers.length === 0) return <p>No path of at most {paths.maxLength} steps.</p>;
  return (
    <ol class="paths">
      {answers.map((one, at) => (
        <li key={one.join(" ")}>
          <button
            type="button"
            class="link"
            aria-pressed={path === at}
            onClick={() => store.step({ path: path === at ? null : at }, "One path")}
          >
            <bdi>{one.map((iri) => labelOf(store, iri)).join(" – ")}</bdi>
          </button>
        </li>
      ))}
    </ol>
  );
}

function EntityChoice(props: { name: string; title: string; entities: readonly Entity[]; chosen: Iri }) {
  const { name, title, entities, chosen } = props;
  return (
    <>
      <label for={`path-${name}`}>{title}</label>
      <select id={`path-${name}`} name={name} required>
        <option value="">Choose an entity of the picture</option>
        <EntityOptions entities={entities} chosen={chosen} />
      </select>
    </>
  );
}

function NumberChoice(props: { name: string; title: string; values: readonly number[]; chosen: number }) {
  return (
    <label>
      {props.title}{" "}
      <select name={props.name}>
        {props.values.map((value) => (
          <option key={value} value={value} selected={value === props.chosen}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

const selectedOf = ({ selected }: View): Iri | undefined => (selected?.kind === "entity" ? selected.entity : undefined);

const num = (read: FormData, name: string): number => Number(read.get(name));

const all = (read: FormData): string[] => read.getAll("predicate").map(String);
