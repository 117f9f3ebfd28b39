/** The picture: sigma's canvases, and what lies over them. What is drawn is the stage's matter. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { inPicture } from "../shown";
import { type State, type Store, useStore } from "../store";
import { drawnKinds, Legend } from "./legend";
import { type Asked, Menu } from "./menu";
import { pressInPicture } from "./picture_keys";
import { type Heard, startPointers } from "./pointer";
import { type Seen, Stage } from "./stage";
import { Toolbar } from "./toolbar";
import { type Hovered, Tooltip } from "./tooltip";
import "./picture.css";

const NOTHING: Seen = { shown: { entities: [], edges: [], nNotFacts: 0 }, arranging: false };

/** Below this width of the window the legend begins closed. */
const NARROW = "(max-width: 700px)";

export function Picture({ store }: { store: Store }) {
  const dark = useDark(store);
  const place = useRef<HTMLDivElement>(null);
  const [stage, setStage] = useState<Stage | null>(null);
  const [seen, setSeen] = useState(NOTHING);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [hovered, setHovered] = useState<Hovered | null>(null);
  const heard = useRef<Heard>({
    menu: (at, target) => {
      setHovered(null);
      setAsked({ at, target });
    },
    hover: (at, target) => setHovered(target === null ? null : { at, target }),
  }).current;
  useEffect(() => {
    if (place.current === null) return;
    const made = new Stage(store, place.current, dark, setSeen);
    startPointers(made, store, heard);
    setStage(made);
    return () => made.kill();
  }, [store, heard]);
  useEffect(() => stage?.setDark(dark), [stage, dark]);
  const close = useCallback(() => {
    setAsked(null);
    place.current?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (stage && pressInPicture(event, stage, store, heard)) event.preventDefault();
  };
  const { entities, edges } = seen.shown;
  return (
    <section class="picture" aria-label="Picture of the graph" data-theme={dark ? "dark" : "light"}>
      <div
        class="picture-canvas"
        ref={place}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        aria-label={`${entities.length} entities, ${edges.length} lines. Arrows move, Enter expands, Shift and F10 opens a menu. The list panel says all of it in words.`}
        onKeyDown={onKeyDown}
      />
      {entities.length === 0 && <Empty store={store} />}
      {stage && <Toolbar store={store} stage={stage} arranging={seen.arranging} />}
      {stage && entities.length > 0 && (
        <Legend
          kinds={drawnKinds(seen.shown)}
          palette={stage.palette}
          overview={store.state.view.overview}
          open={!matchMedia(NARROW).matches}
        />
      )}
      {stage && hovered && !asked && <Tooltip hovered={hovered} stage={stage} store={store} />}
      {stage && asked && <Menu asked={asked} stage={stage} store={store} close={close} />}
    </section>
  );
}

function Empty({ store }: { store: Store }) {
  return <p class="picture-empty">{useStore(store, emptyWords)}</p>;
}

/** Why nothing is drawn. */
export function emptyWords({ view, facts, pending }: State): string {
  if (pending > 0) return "One moment: the graph is on its way.";
  const chosen = [...inPicture(view, facts)];
  if (chosen.some((iri) => facts.entities.has(iri)))
    return "Nothing passes the filters. Loosen one in the Filters panel, or undo.";
  if (view.overview && facts.snapshot === "") return "The graph has not come. Load the page again.";
  if (view.overview && facts.nEntities === 0) return "The graph holds no entity yet.";
  if (chosen.length > 0) return "This graph holds none of the entities of this view.";
  return "Nothing is drawn yet. Search above for a company, a person or a product, and add it to the picture.";
}

/** Whether the dark colours are in use: by choice, or as the system has it. */
function useDark(store: Store): boolean {
  const theme = useStore(store, themeOf);
  const [system, setSystem] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const update = () => setSystem(query.matches);
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, []);
  return theme === "dark" || (theme === "system" && system);
}

const themeOf = (state: State): State["theme"] => state.theme;
