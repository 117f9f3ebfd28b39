/** Keep a view, send it to somebody, take it into another program. */
import { attempt, loadMissing } from "../actions";
import { save } from "../exports/save";
import { constructOf } from "../exports/sparql";
import { toCsv, toGraphml } from "../exports/tables";
import { toPng, toSvg } from "../picture/export_picture";
import { ask } from "../server";
import { fromFragment, LinkError, LONG_LINK, toFragment } from "../share";
import { shown } from "../shown";
import { type Store, useStore } from "../store";
import { OVERVIEW } from "../view";

export function ViewsPanel({ store }: { store: Store }) {
  return (
    <>
      <ShareLink store={store} />
      <NamedViews store={store} />
      <Exports store={store} />
    </>
  );
}

function ShareLink({ store }: { store: Store }) {
  const copy = async () => {
    const fragment = await toFragment(store.state.view);
    const link = `${location.origin}${location.pathname}${fragment === "" ? "" : `#${fragment}`}`;
    try {
      await navigator.clipboard.writeText(link);
      const isLong = link.length > LONG_LINK;
      store.set({ said: isLong ? "Link copied. It is long: some programs will cut it off." : "Link copied" });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      store.set({ problem: "The browser does not let the link be copied: copy it from the address bar." });
    }
  };
  return (
    <section>
      <h2>Share link</h2>
      <p class="quiet">The address of this page holds the whole view: what is shown, where, filtered how.</p>
      <button type="button" onClick={copy}>
        Copy link to this view
      </button>
    </section>
  );
}

function NamedViews({ store }: { store: Store }) {
  const saved = useStore(store, (state) => state.saved);
  const keep = async (event: SubmitEvent) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem("name") as HTMLInputElement;
    const name = field.value.trim();
    if (name === "") return;
    store.set({ saved: { ...saved, [name]: await toFragment(store.state.view) }, said: `Saved as ${name}` });
    field.value = "";
  };
  const open = (fragment: string, name: string) =>
    attempt(store, async () => {
      const view = await fromFragment(fragment).catch(damagedOnly);
      if (view === undefined) {
        store.set({ problem: `The view ${name} is damaged: forget it.` });
        return;
      }
      store.step(view ?? OVERVIEW, `View ${name}`);
      await loadMissing(store);
    });
  const forget = (name: string) => {
    const { [name]: _, ...rest } = saved;
    store.set({ saved: rest, said: `Forgotten: ${name}` });
  };
  return (
    <section>
      <h2>Saved views</h2>
      <form class="row" onSubmit={keep}>
        <label for="view-name" class="unseen">
          Name of the view
        </label>
        <input id="view-name" name="name" placeholder="Name of this view" maxLength={80} autocomplete="off" />
        <button type="submit">Save</button>
      </form>
      <ul class="saved">
        {Object.entries(saved).map(([name, fragment]) => (
          <li key={name}>
            <button type="button" class="link" onClick={() => void open(fragment, name)}>
              <bdi>{name}</bdi>
            </button>
            <button type="button" aria-label={`Forget ${name}`} onClick={() => forget(name)}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <p class="quiet">Kept by this browser alone.</p>
    </section>
  );
}

function damagedOnly(error: unknown): undefined {
  if (!(error instanceof LinkError)) throw error;
}

function Exports({ store }: { store: Store }) {
  const drawn = () => shown(store.state.view, store.state.facts);
  const turtle = () =>
    attempt(store, async () => {
      const response = await ask("/sparql", {
        method: "POST",
        headers: { "Content-Type": "application/sparql-query", Accept: "text/turtle" },
        body: constructOf(store.state.view, store.state.facts),
      });
      save(await response.blob(), "view.ttl");
    });
  const png = () => attempt(store, async () => save(await toPng(store), "view.png"));
  const files: readonly (readonly [string, () => unknown])[] = [
    ["PNG picture", png],
    ["SVG picture", () => save(toSvg(store), "view.svg", "image/svg+xml")],
    ["Turtle", turtle],
    ["CSV", () => save(toCsv(drawn()), "view.csv", "text/csv")],
    ["GraphML", () => save(toGraphml(drawn()), "view.graphml", "application/xml")],
  ];
  return (
    <section>
      <h2>Export what is seen</h2>
      <div class="buttons">
        {files.map(([name, make]) => (
          <button key={name} type="button" onClick={() => void make()}>
            {name}
          </button>
        ))}
      </div>
    </section>
  );
}
