/** Run a query and draw what it names; and the query that says what is drawn. */
import { addEntities, attempt } from "../actions";
import { constructOf, selectOf } from "../exports/sparql";
import type { Iri } from "../records";
import { ask } from "../server";
import { type Store, useStore } from "../store";

/** Entities of one answer that are drawn; more would be no picture. */
const MAX_DRAWN = 2000;

const SAMPLE = `PREFIX kg: <https://w3id.org/tracegraph/ontology#>

SELECT ?buyer ?target WHERE { ?buyer kg:acquired ?target } LIMIT 100`;

interface Answer {
  results?: { bindings: Record<string, { type: string; value: string }>[] };
}

export function QueryPanel({ store }: { store: Store }) {
  const query = useStore(store, (state) => state.query) || SAMPLE;
  const fill = (text: (view: typeof store.state.view, facts: typeof store.state.facts) => string) =>
    store.set({ query: text(store.state.view, store.state.facts), said: "The query of this view" });
  const run = (event: Event) => {
    event.preventDefault();
    void drawQuery(store, query);
  };
  return (
    <form class="panel-form" onSubmit={run}>
      <label for="query-text">SPARQL query (SELECT, CONSTRUCT or DESCRIBE)</label>
      <textarea
        id="query-text"
        rows={14}
        spellcheck={false}
        value={query}
        onInput={(event) => store.set({ query: event.currentTarget.value })}
      />
      <p class="quiet">Every entity in the answer comes into the picture, with all that ties it to the rest.</p>
      <div class="buttons">
        <button type="submit" class="primary">
          Run and draw
        </button>
        <a href={`/sparql#${new URLSearchParams({ query })}`}>Open in the editor</a>
      </div>
      <h2>The SPARQL of this view</h2>
      <div class="buttons">
        <button type="button" onClick={() => fill(selectOf)}>
          As a table
        </button>
        <button type="button" onClick={() => fill(constructOf)}>
          As a graph
        </button>
      </div>
    </form>
  );
}

function drawQuery(store: Store, query: string): Promise<void> {
  return attempt(store, async () => {
    const found = await entitiesIn(query, store.state.facts.base);
    if (found.length === 0) {
      store.set({ said: "", problem: "The answer names no entity of the graph." });
      return;
    }
    await addEntities(store, found.slice(0, MAX_DRAWN));
    if (found.length > MAX_DRAWN) {
      store.set({ problem: `The first ${MAX_DRAWN} of ${found.length} entities are drawn: narrow the query.` });
    }
  });
}

/** IRIs in an answer that may be entities, in the order of the answer, each once. */
async function entitiesIn(query: string, base: Iri): Promise<Iri[]> {
  const response = await ask("/sparql", {
    method: "POST",
    headers: {
      "Content-Type": "application/sparql-query",
      Accept: "application/sparql-results+json, application/n-triples;q=0.9",
    },
    body: query,
  });
  const isTable = response.headers.get("Content-Type")?.includes("json") ?? false;
  const iris = isTable ? irisOfTable((await response.json()) as Answer) : irisOfTriples(await response.text());
  const others = ["claim/", "evidence/", "observation/", "document/", "graph/"].map((kind) => base + kind);
  return [...new Set(iris)].filter((iri) => !others.some((start) => iri.startsWith(start)));
}

const irisOfTable = (answer: Answer): Iri[] =>
  (answer.results?.bindings ?? []).flatMap((row) =>
    Object.values(row).flatMap((term) => (term.type === "uri" ? [term.value] : [])),
  );

/** Subjects and objects of N-Triples: a line begins with the one, and ends with the other, in angle brackets. */
export const irisOfTriples = (text: string): Iri[] =>
  text.split("\n").flatMap((line) => [/^<([^>]*)>/.exec(line)?.[1], /<([^>]*)> \.$/.exec(line)?.[1]].filter(isText));

const isText = (value: string | undefined): value is string => value !== undefined;
