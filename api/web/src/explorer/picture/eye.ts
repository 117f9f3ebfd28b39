/** From where the picture is seen: the camera and the frame it looks at. None of it is undone or shared. */
import type Sigma from "sigma";
import type { Drawing, EdgeEntry, EntityLook } from "./drawing";
import type { Motion } from "./edges";
import { type Frame, frameOf, sameLook, spanOf, WHOLE } from "./frame";

/** Milliseconds without movement after which all lines are drawn again. */
const STILL_MS = 140;

const CAMERA_MS = 350;

export class Eye {
  /** Whether the camera goes along while entities are arranged: until the reader moves it. */
  follows = false;
  #frame: Frame = frameOf([]);
  /** Whether a move of the camera is seen as one: not where it only follows a new frame. */
  #moves = true;
  #still: ReturnType<typeof setTimeout> | undefined;
  readonly #sigma: Sigma<EntityLook, EdgeEntry>;
  readonly #motion: Motion;

  constructor(sigma: Sigma<EntityLook, EdgeEntry>, motion: Motion) {
    this.#sigma = sigma;
    this.#motion = motion;
    sigma.getCamera().on("updated", () => this.#moved());
  }

  /** Units of the plane across the whole frame. */
  get span(): number {
    return spanOf(this.#frame);
  }

  fit(): void {
    const camera = this.#sigma.getCamera();
    if (prefersStill()) camera.setState(WHOLE);
    else void camera.animate(WHOLE, { duration: CAMERA_MS });
  }

  zoom(factor: number): void {
    const camera = this.#sigma.getCamera();
    const ratio = camera.getBoundedRatio(camera.ratio / factor);
    if (prefersStill()) camera.setState({ ratio });
    else void camera.animate({ ratio }, { duration: CAMERA_MS / 2 });
  }

  /** Move by parts of the window. */
  pan(dx: number, dy: number): void {
    const camera = this.#sigma.getCamera();
    camera.setState({ x: camera.x + dx * camera.ratio, y: camera.y + dy * camera.ratio });
  }

  /** Let sigma's frame be that of the entities: all of it in the window, or without anything moving on the screen. */
  reframe(drawing: Drawing, whole: boolean): void {
    const before = this.#frame;
    this.#frame = frameOf(drawing.mapNodes((_, look) => look));
    this.#sigma.setCustomBBox(this.#frame);
    const camera = this.#sigma.getCamera();
    this.#moves = false;
    if (whole) camera.setState(WHOLE);
    else if (!camera.isAnimated()) camera.setState(sameLook(camera.getState(), before, this.#frame));
    this.#moves = true;
  }

  close(): void {
    clearTimeout(this.#still);
  }

  #moved(): void {
    if (!this.#moves) return;
    this.follows = false;
    this.#motion.moving = true;
    clearTimeout(this.#still);
    this.#still = setTimeout(() => {
      this.#motion.moving = false;
      this.#sigma.scheduleRender();
    }, STILL_MS);
  }
}

export const prefersStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
