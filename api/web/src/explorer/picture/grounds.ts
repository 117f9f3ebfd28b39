/** Two layers of the picture that sigma does not draw: tints below everything, names of communities above. */
import type Sigma from "sigma";
import type { Dimensions } from "sigma/types";
import type { Palette } from "./colours";
import { type Community, drawGrounds, drawNames, type Scale } from "./communities";
import type { Drawing, EdgeEntry, EntityLook } from "./drawing";
import type { Room } from "./labels";

/** Entities up to which no name is written over another's disc. */
const MAX_FREE_DISCS = 300;

export class Grounds {
  communities: readonly Community[] = [];
  readonly #sigma: Sigma<EntityLook, EdgeEntry>;
  readonly #below: HTMLCanvasElement;
  readonly #above: HTMLCanvasElement;

  constructor(sigma: Sigma<EntityLook, EdgeEntry>) {
    this.#sigma = sigma;
    this.#below = sigma.createCanvas("grounds", { beforeLayer: "edges" });
    this.#above = sigma.createCanvas("names", { afterLayer: "labels" });
    sigma.resize(true); // the layers are new to it
  }

  /** Before sigma draws: what is written here takes its room first. */
  draw(drawing: Drawing, room: Room, palette: Palette): void {
    room.clear();
    const size = this.#sigma.getDimensions();
    const [below, above] = [cleared(this.#below, size), cleared(this.#above, size)];
    // Chromium without a graphics card leaves an old tint on the screen now and then where nothing is drawn after it.
    this.#below.style.visibility = this.communities.length > 0 ? "visible" : "hidden";
    const scale = this.#scale();
    if (this.communities.length > 0 && below && above) {
      drawGrounds(below, this.communities, scale, palette);
      drawNames(above, this.communities, scale, { room, palette, width: size.width });
    }
    if (drawing.order <= MAX_FREE_DISCS) this.#blockDiscs(drawing, room, scale);
  }

  #blockDiscs(drawing: Drawing, room: Room, scale: Scale): void {
    drawing.forEachNode((_, look) => {
      const r = this.#sigma.scaleSize(look.size);
      const [x, y] = [scale.a * look.x + scale.e, scale.d * look.y + scale.f];
      room.block({ x: x - r, y: y - r, width: 2 * r, height: 2 * r });
    });
  }

  /** From the plane to the screen, as the camera is now: sigma's own matrix is still that of the last picture. */
  #scale(): Scale {
    const cameraState = this.#sigma.getCamera().getState();
    const zero = this.#sigma.graphToViewport({ x: 0, y: 0 }, { cameraState });
    const one = this.#sigma.graphToViewport({ x: 1, y: 1 }, { cameraState });
    return { a: one.x - zero.x, d: one.y - zero.y, e: zero.x, f: zero.y };
  }
}

/** A layer's context, its canvas as big as the picture and empty. */
function cleared(canvas: HTMLCanvasElement, size: Dimensions): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  const [width, height] = [Math.floor(size.width * devicePixelRatio), Math.floor(size.height * devicePixelRatio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  context?.resetTransform();
  context?.clearRect(0, 0, width, height);
  context?.scale(devicePixelRatio, devicePixelRatio);
  return context;
}
