/** The explorer begins: the view of the address, or the overview; then the page. */
import { render } from "preact";
import { addEntities, expand, loadMissing } from "./actions";
import { startAnswers } from "./answers";
import { App } from "./app";
import { startDetails } from "./details";
import { startKeys } from "./keys";
import { startMissing } from "./missing";
import { readPreferences, startPreferences } from "./preferences";
import { fromFragment, LinkError, startLink } from "./share";
import { Store } from "./store";
import { EMPTY, OVERVIEW } from "./view";
import "./explorer.css";
import "./panels/panels.css";

const store = new Store(readPreferences());
startPreferences(store);
await begin();
startLink(store);
startDetails(store);
startMissing(store);
startAnswers(store);
startKeys(store);
render(<App store={store} />, document.body);
await load();

/** `?entity=IRI` begins with an entity and its neighbours; a fragment with the view that it holds. */
async function begin(): Promise<void> {
  try {
    const linked = await fromFragment(location.hash);
    store.set({ view: linked ?? (wanted() === null ? OVERVIEW : EMPTY) });
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    store.set({ view: OVERVIEW, problem: error.message });
  }
}

async function load(): Promise<void> {
  const { problem } = store.state;
  const entity = wanted();
  if (entity !== null && location.hash === "") {
    await addEntities(store, [entity]);
    await expand(store, entity);
  } else await loadMissing(store);
  if (problem !== "" && store.state.problem === "") store.set({ problem });
}

function wanted(): string | null {
  return new URLSearchParams(location.search).get("entity");
}
