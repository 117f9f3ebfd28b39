/** The picture on the screen: owns sigma and the drawing, and follows the store by what has changed. */
import Sigma from "sigma";
import type { Iri, Point } from "../records";
import { type Shown, shown } from "../shown";
import type { State, Store } from "../store";
import type { Place, View } from "../view";
import { DARK, LIGHT, type Palette } from "./colours";
import { communitiesOf } from "./communities";
import { type Changes, Drawing, type EdgeEntry, type EntityLook, freeSide, MAX_EDGE_LABELS, redraw } from "./drawing";
import { edgePrograms, type Motion } from "./edges";
import { type Emphasis, emphasis, NO_EMPHASIS, onPaths, reduceEdge, reduceEntity, touched } from "./emphasis";
import { Eye, prefersStill } from "./eye";
import { sizeRatio } from "./frame";
import { Grounds } from "./grounds";
import { labelling, Room } from "./labels";
import { Arranging, MAX_ARRANGED } from "./layout";
import { EntityProgram } from "./nodes";

/** Name of the mark in the browser's timeline when the first entities are on the screen. */
export const FIRST_PICTURE = "explorer:first-picture";

/** What the stage tells the page around it. */
export interface Seen {
  shown: Shown;
  arranging: boolean;
}

interface Arrangement {
  work: Arranging;
  /** The places that it began with. */
  begun: View["places"];
  /** By the reader: then it is a step of its own. */
  asked: boolean;
}

export class Stage {
  readonly drawing = new Drawing();
  readonly sigma: Sigma<EntityLook, EdgeEntry>;
  readonly eye: Eye;
  shown: Shown = { entities: [], edges: [], nNotFacts: 0 };
  palette: Palette;
  readonly #store: Store;
  readonly #container: HTMLElement;
  readonly #tell: (seen: Seen) => void;
  readonly #room = new Room();
  readonly #grounds: Grounds;
  #drawn: State | null = null;
  #emphasis: Emphasis = NO_EMPHASIS;
  /** The entity that was last under the pointer: sigma still takes it for so when the pointer has gone to a menu. */
  #pointed: Iri | null = null;
  #arrangement: Arrangement | null = null;
  /** Placements that were drawn: an arrangement begins only where entities came to ones that never were. */
  readonly #known = new WeakSet<View["places"]>();
  /** Whether all of the next picture is to be in the window. */
  #fitNext = false;
  #waiting = false;
  /** Whether everything is worked out anew at the next frame. */
  #isStale = false;
  /** A panel may take room from the picture without the window changing. */
  readonly #resized = new ResizeObserver(() => this.#refreshAll());
  readonly #unsubscribe: () => void;

  constructor(store: Store, container: HTMLElement, dark: boolean, tell: (seen: Seen) => void) {
    this.#store = store;
    this.#container = container;
    this.#tell = tell;
    this.palette = dark ? DARK : LIGHT;
    const motion: Motion = { moving: false };
    this.sigma = this.#makeSigma(motion);
    this.eye = new Eye(this.sigma, motion);
    this.#grounds = new Grounds(this.sigma);
    this.sigma.on("afterClear", () => this.#grounds.draw(this.drawing, this.#room, this.palette));
    this.sigma.on("afterRender", () => this.#afterRender());
    this.sigma.on("enterNode", ({ node }) => {
      this.#pointed = node;
    });
    this.#resized.observe(container);
    this.#known.add(store.state.view.places);
    this.#unsubscribe = store.subscribe(() => this.#soon());
    this.#update();
  }

  kill(): void {
    this.#unsubscribe();
    this.#arrangement?.work.stop();
    this.#resized.disconnect();
    this.eye.close();
    this.sigma.kill();
  }

  setDark(dark: boolean): void {
    const palette = dark ? DARK : LIGHT;
    if (palette === this.palette) return;
    this.palette = palette;
    this.#drawn = null;
    this.#update();
  }

  /** Whether the reader may have the entities arranged: chosen ones, not too many; the overview has its own places. */
  get canArrange(): boolean {
    const { order } = this.drawing;
    return !this.#store.state.view.overview && order > 2 && order <= MAX_ARRANGED;
  }

  /** Arrange all that is not pinned. Asked for by the reader it is one step; else it belongs to the step before. */
  arrange(asked: boolean): void {
    if (!this.canArrange) return;
    this.settle();
    this.eye.follows = true;
    const work = new Arranging(this.drawing, (places, done) => {
      if (done) this.settle();
      else if (!prefersStill()) this.#moveTo(places);
    });
    this.#arrangement = { work, begun: this.#store.state.view.places, asked };
    this.#say();
  }

  /** End the arrangement that is under way, if any: entities stay where it has brought them. */
  settle(): void {
    const arrangement = this.#arrangement;
    if (arrangement === null) return;
    this.#arrangement = null;
    arrangement.work.stop();
    this.#keep(arrangement);
    this.#say();
  }

  /** Put one entity somewhere for now, as while it is dragged: no step, and nothing else is worked out anew. */
  moveOne(iri: Iri, place: Place): void {
    if (!this.drawing.hasNode(iri)) return;
    const edges = this.drawing.edges(iri);
    this.drawing.quietly(() => this.drawing.mergeNodeAttributes(iri, { x: place.x, y: place.y }));
    this.#refreshSome({ nodes: [iri], edges });
  }

  /** Where an entity is on the screen, in pixels of the picture; null where it is not drawn. */
  onScreen(iri: Iri): Point | null {
    return this.drawing.hasNode(iri) ? this.sigma.graphToViewport(this.drawing.getNodeAttributes(iri)) : null;
  }

  /** Several changes of the store in one go make one picture. */
  #soon(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    queueMicrotask(() => {
      this.#waiting = false;
      this.#update();
    });
  }

  #update(): void {
    const before = this.#drawn;
    const differs = before === null || isOther(before, this.#store.state);
    if (differs && before !== null) this.settle();
    const now = this.#store.state;
    this.#drawn = now;
    if (differs) this.#redraw(before, now);
    else if (before.view !== now.view || before.paths !== now.paths) this.#emphasise(before, now);
  }

  /** Make the drawing that of the view. Sigma hears of one change alone: what it takes for pointed at is gone. */
  #redrawn(view: View): Changes {
    const pointed = this.#pointed;
    const look = pointed !== null && this.drawing.hasNode(pointed) ? this.drawing.getNodeAttributes(pointed) : null;
    const changes = redraw(this.drawing, this.shown, view, this.palette);
    if (pointed !== null && look !== null && !this.drawing.hasNode(pointed)) {
      this.#pointed = null;
      this.drawing.emit("nodeDropped", { key: pointed, attributes: look });
    }
    return changes;
  }

  #redraw(before: State | null, now: State): void {
    const { view } = now;
    const wasEmpty = this.drawing.order === 0;
    this.shown = shown(view, now.facts);
    this.#adjust();
    const changes = this.#redrawn(view);
    this.#emphasis = emphasis(this.drawing, view, onPaths(this.drawing, view, now.paths));
    this.#grounds.communities = view.overview ? communitiesOf(this.drawing, now.facts) : [];
    const isStep = before !== null && now.past.at(-1) === before.view && !this.#known.has(view.places);
    this.#known.add(view.places);
    const isNew = wasEmpty || changes.added.length === this.drawing.order;
    this.eye.reframe(this.drawing, isNew || this.#fitNext);
    this.#fitNext = false;
    this.sigma.refresh();
    if (isStep && changes.added.length > 0 && this.canArrange) this.arrange(false);
    else if (!isNew && changes.added.some((iri) => !this.#isSeen(iri))) this.eye.fit();
    this.#say();
  }

  /** Draw what stands out anew, and nothing else. */
  #emphasise(was: State, now: State): void {
    const before = this.#emphasis;
    const isSame = was.paths === now.paths && was.view.paths === now.view.paths && was.view.path === now.view.path;
    const path = isSame ? before.path : onPaths(this.drawing, now.view, now.paths);
    this.#emphasis = emphasis(this.drawing, now.view, path);
    const partialGraph = touched(before, this.#emphasis);
    if (partialGraph === null) this.#refreshAll();
    else this.#refreshSome(partialGraph);
  }

  /** Work everything out anew at the next frame. */
  #refreshAll(): void {
    this.#isStale = true;
    this.sigma.refresh({ schedule: true });
  }

  /** The same of a few; of all where that is to come anyway: until then sigma knows of none. */
  #refreshSome(partialGraph: { nodes: Iri[]; edges: string[] }): void {
    if (this.#isStale) this.#refreshAll();
    else this.sigma.refresh({ partialGraph, skipIndexation: true, schedule: true });
  }

  #keep({ work, begun, asked }: Arrangement): void {
    const { view, past } = this.#store.state;
    // An undo has gone back to places that were there before: they stay as they were.
    if (view.places !== begun && this.#known.has(view.places)) return;
    const places = { ...view.places };
    for (const [iri, place] of Object.entries(work.places()))
      if (places[iri] && !places[iri].pinned) places[iri] = place;
    this.#fitNext = this.eye.follows;
    if (asked) {
      this.#store.step({ places }, "Arranged");
      return;
    }
    this.#known.add(places);
    // Steps taken meanwhile, as a selection, go back to the arranged picture and not to the one before it.
    const arranged = past.map((one) => (one.places === begun ? { ...one, places } : one));
    this.#store.set({ view: { ...view, places }, past: arranged, said: "Arranged" });
  }

  #moveTo(places: Record<Iri, Place>): void {
    this.drawing.quietly(() => {
      for (const [iri, { x, y }] of Object.entries(places))
        if (this.drawing.hasNode(iri)) this.drawing.mergeNodeAttributes(iri, { x, y });
    });
    this.eye.reframe(this.drawing, this.eye.follows);
    this.sigma.refresh();
  }

  /** Settings that hang on how much is drawn. Before it is: sigma works everything out anew after a setting. */
  #adjust(): void {
    const many = this.shown.entities.length > MAX_ARRANGED;
    const wanted = {
      renderEdgeLabels: this.shown.edges.length <= 10 * MAX_EDGE_LABELS,
      labelDensity: many ? 0.5 : 1.4,
      labelRenderedSizeThreshold: many ? 4.2 : 2.5,
    };
    const keys = Object.keys(wanted) as (keyof typeof wanted)[];
    if (keys.some((key) => this.sigma.getSetting(key) !== wanted[key])) this.sigma.setSettings(wanted);
  }

  #isSeen(iri: Iri): boolean {
    const at = this.onScreen(iri);
    const { width, height } = this.sigma.getDimensions();
    return at !== null && at.x > 10 && at.y > 10 && at.x < width - 10 && at.y < height - 10;
  }

  #say(): void {
    this.#tell({ shown: this.shown, arranging: this.#arrangement !== null });
  }

  #makeSigma(motion: Motion): Sigma<EntityLook, EdgeEntry> {
    return new Sigma<EntityLook, EdgeEntry>(this.drawing, this.#container, {
      allowInvalidContainer: true,
      enableEdgeEvents: true,
      enableCameraRotation: false,
      defaultNodeType: "entity",
      defaultEdgeType: "straight",
      nodeProgramClasses: { entity: EntityProgram },
      edgeProgramClasses: edgePrograms(motion),
      nodeReducer: (iri, look) => reduceEntity(iri, look, this.#emphasis, this.palette),
      edgeReducer: (line, entry) => reduceEdge(line, entry, this.#emphasis, this.palette),
      zoomToSizeRatioFunction: (ratio) => sizeRatio(ratio * (this.eye?.span ?? 1)), // asked before there is an eye
      minCameraRatio: 0.005,
      maxCameraRatio: 6,
      stagePadding: 48,
      labelSize: 13,
      labelGridCellSize: 110,
      zoomDuration: prefersStill() ? 0 : 200,
      inertiaDuration: prefersStill() ? 0 : 200,
      ...labelling(
        this.#room,
        () => this.palette,
        (iri) => freeSide(this.drawing, iri),
      ),
    });
  }

  #afterRender(): void {
    this.#isStale = false;
    if (this.drawing.order === 0 || this.#container.dataset.drawn !== undefined) return;
    performance.mark(FIRST_PICTURE);
    this.#container.dataset.drawn = "";
  }
}

/** Whether two states draw different entities, edges or places; what is selected is another matter. */
function isOther(before: State, after: State): boolean {
  const keys = ["overview", "places", "removed", "hidden", "filters", "ego"] as const;
  return before.facts !== after.facts || keys.some((key) => before.view[key] !== after.view[key]);
}
