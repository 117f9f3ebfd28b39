/** The bar above: search, overview, theme, and the way to the other pages. */
import { showOverview, startEmpty } from "../actions";
import { KEYS } from "../keys";
import { type State, type Store, useStore } from "../store";
import { SearchBox } from "./search";

export function Bar({ store }: { store: Store }) {
  return (
    <header id="bar">
      <h1>Tracegraph</h1>
      <SearchBox store={store} />
      <div class="buttons">
        <button type="button" onClick={() => void showOverview(store)}>
          Overview
        </button>
        <button type="button" onClick={() => startEmpty(store)}>
          Empty
        </button>
      </div>
      <More store={store} />
    </header>
  );
}

function More({ store }: { store: Store }) {
  const theme = useStore(store, (state) => state.theme);
  const singleKeys = useStore(store, (state) => state.singleKeys);
  return (
    <details id="more">
      <summary>More</summary>
      <div class="menu">
        <label>
          Theme{" "}
          <select value={theme} onChange={(event) => store.set({ theme: event.currentTarget.value as State["theme"] })}>
            <option value="system">as the system</option>
            <option value="light">light</option>
            <option value="dark">dark</option>
          </select>
        </label>
        <nav aria-label="Other pages">
          <a href="/sparql">SPARQL</a>
          <a href="/viz">Page to keep</a>
          <a href="/corrections">Corrections</a>
          <a href="/docs">API</a>
        </nav>
        <h2>Keys</h2>
        <label class="check">
          <input
            type="checkbox"
            checked={singleKeys}
            onChange={(event) => store.set({ singleKeys: event.currentTarget.checked })}
          />
          Single letters act
        </label>
        <dl class="keys">
          {KEYS.map(([key, words]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      </div>
    </details>
  );
}
