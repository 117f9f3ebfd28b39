/** The page: a bar above, the picture, and one panel beside it (below it where the window is narrow). */
import { Announcer } from "./panels/announcer";
import { Bar } from "./panels/bar";
import { DetailsPanel } from "./panels/details";
import { FiltersPanel } from "./panels/filters";
import { useKeptFocus } from "./panels/focus";
import { ListPanel } from "./panels/list";
import { PathsPanel } from "./panels/paths";
import { QueryPanel } from "./panels/query";
import { Timeline } from "./panels/timeline";
import { ViewsPanel } from "./panels/views";
import { Picture } from "./picture/picture";
import { type Panel, type Store, useStore } from "./store";

const PANELS: Record<Panel, { title: string; content: (props: { store: Store }) => preact.JSX.Element }> = {
  details: { title: "Details", content: DetailsPanel },
  filters: { title: "Filters", content: FiltersPanel },
  paths: { title: "Paths", content: PathsPanel },
  query: { title: "Query", content: QueryPanel },
  views: { title: "Save", content: ViewsPanel },
  list: { title: "List", content: ListPanel },
};

export function App({ store }: { store: Store }) {
  const panel = useStore(store, (state) => state.panel);
  const { content: Content } = PANELS[panel];
  useKeptFocus();
  return (
    <>
      <Bar store={store} />
      <main>
        <Picture store={store} />
        <Timeline store={store} />
      </main>
      <aside aria-label="Panel">
        <PanelTabs store={store} panel={panel} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a panel of text alone scrolls by keyboard too */}
        <section id="panel" role="tabpanel" aria-labelledby={`tab-${panel}`} tabIndex={0}>
          <Content store={store} />
        </section>
      </aside>
      <Announcer store={store} />
    </>
  );
}

/** Arrow keys move between the tabs, as the pattern of the ARIA Authoring Practices has it. */
function PanelTabs({ store, panel }: { store: Store; panel: Panel }) {
  const names = Object.keys(PANELS) as Panel[];
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = names[(names.indexOf(panel) + by + names.length) % names.length] ?? "details";
    store.set({ panel: next });
    document.getElementById(`tab-${next}`)?.focus();
    event.preventDefault();
  };
  return (
    <div role="tablist" aria-label="Panels" onKeyDown={move}>
      {names.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          aria-selected={name === panel}
          aria-controls="panel"
          tabIndex={name === panel ? 0 : -1}
          onClick={() => store.set({ panel: name })}
        >
          {PANELS[name].title}
        </button>
      ))}
    </div>
  );
}
