/** Arranging chosen entities in a worker, so that the page stays quick. The overview comes with places of its own. */
import type { Iri } from "../records";
import type { Place } from "../view";
import type { Drawing } from "./drawing";
import { type Arranged, placesOf, taskOf } from "./layout_task";
import LayoutWorker from "./layout_worker?worker&inline";

/** A picture of more entities is not arranged by itself. */
export const MAX_ARRANGED = 2_000;

/** An arrangement under way. `report` hears of places on the way, and with `done` of the last ones. */
export class Arranging {
  readonly #worker: Worker;
  readonly #iris: Iri[];
  readonly #pinned: ReadonlySet<Iri>;
  #last: Arranged | null = null;

  constructor(drawing: Drawing, report: (places: Record<Iri, Place>, done: boolean) => void) {
    this.#iris = drawing.nodes();
    this.#pinned = new Set(drawing.filterNodes((_, look) => look.pinned));
    this.#worker = new LayoutWorker();
    this.#worker.onmessage = ({ data }: MessageEvent<Arranged>) => {
      this.#last = data;
      if (data.done) this.#worker.terminate();
      report(this.places(), data.done);
    };
    this.#worker.postMessage(taskOf(drawing));
  }

  /** Where all are as far as is known; none before the first report. */
  places(): Record<Iri, Place> {
    return this.#last === null ? {} : placesOf(this.#iris, this.#last, (iri) => this.#pinned.has(iri));
  }

  stop(): void {
    this.#worker.terminate();
  }
}
