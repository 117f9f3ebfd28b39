/** How entities are drawn on the graphics card: a disc with a ring, and a dot in the middle where it is pinned. */
import type Sigma from "sigma";
import { NodeProgram, type NodeProgramType, type ProgramInfo } from "sigma/rendering";
import type { NodeDisplayData, RenderParams } from "sigma/types";
import { floatColor } from "sigma/utils";
import type { EdgeEntry, EntityLook } from "./drawing";

const UNIFORMS = ["u_matrix", "u_sizeRatio", "u_correctionRatio", "u_pixelRatio"] as const;

const { FLOAT, UNSIGNED_BYTE } = WebGL2RenderingContext;

/** The corners of a triangle around the unit circle, as angles. */
const CORNERS = [[0], [(2 * Math.PI) / 3], [(4 * Math.PI) / 3]];

const VERTEX = `
attribute vec2 a_position;
attribute vec2 a_disc; // radius in pixels, 1 where pinned
attribute vec4 a_color;
attribute vec4 a_ring;
attribute vec4 a_id;
attribute float a_angle;

uniform mat3 u_matrix;
uniform float u_sizeRatio;
uniform float u_correctionRatio;

varying vec4 v_color;
varying vec4 v_ring;
varying vec2 v_from;
varying vec2 v_disc;

void main() {
  float radius = max(a_disc.x / u_sizeRatio, 1.2);
  v_from = 2.0 * (radius + 1.0) * vec2(cos(a_angle), sin(a_angle));
  v_disc = vec2(radius, a_disc.y);
  vec2 position = a_position + v_from * 2.0 * u_correctionRatio;
  gl_Position = vec4((u_matrix * vec3(position, 1.0)).xy, 0.0, 1.0);
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= 255.0 / 254.0;
  v_ring = a_ring;
}
`;

const FRAGMENT = `
precision highp float;

varying vec4 v_color;
varying vec4 v_ring;
varying vec2 v_from;
varying vec2 v_disc;

uniform float u_pixelRatio;

float cover(float inside) { return clamp(inside * u_pixelRatio + 0.5, 0.0, 1.0); }

void main() {
  float from = length(v_from);
  #ifdef PICKING_MODE
  gl_FragColor = from > v_disc.x + 1.0 ? vec4(0.0) : v_color;
  #else
  float ring = v_disc.x < 3.0 ? 0.0 : 1.2 + 0.04 * v_disc.x;
  vec3 colour = mix(v_ring.rgb, v_color.rgb, cover(v_disc.x - ring - from));
  if (v_disc.y > 0.5) colour = mix(colour, v_ring.rgb, cover(0.32 * v_disc.x - from));
  gl_FragColor = vec4(colour, 1.0) * cover(v_disc.x - from);
  #endif
}
`;

export const EntityProgram: NodeProgramType<EntityLook, EdgeEntry> = class DiscProgram extends NodeProgram<
  (typeof UNIFORMS)[number],
  EntityLook,
  EdgeEntry
> {
  constructor(gl: WebGLRenderingContext, picking: WebGLFramebuffer | null, renderer: Sigma<EntityLook, EdgeEntry>) {
    super(gl, picking, renderer);
  }

  drawLabel = undefined;
  drawHover = undefined;

  getDefinition() {
    return {
      VERTICES: 3,
      VERTEX_SHADER_SOURCE: VERTEX,
      FRAGMENT_SHADER_SOURCE: FRAGMENT,
      METHOD: WebGL2RenderingContext.TRIANGLES,
      UNIFORMS,
      ATTRIBUTES: [
        { name: "a_position", size: 2, type: FLOAT },
        { name: "a_disc", size: 2, type: FLOAT },
        { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_ring", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_id", size: 4, type: UNSIGNED_BYTE, normalized: true },
      ],
      CONSTANT_ATTRIBUTES: [{ name: "a_angle", size: 1, type: FLOAT }],
      CONSTANT_DATA: CORNERS,
    };
  }

  processVisibleItem(id: number, start: number, look: NodeDisplayData & Partial<EntityLook>): void {
    const ring = floatColor(look.ring ?? look.color);
    this.array.set([look.x, look.y, look.size, look.pinned ? 1 : 0, floatColor(look.color), ring, id], start);
  }

  setUniforms(params: RenderParams, { gl, uniformLocations }: ProgramInfo<(typeof UNIFORMS)[number]>): void {
    gl.uniformMatrix3fv(uniformLocations.u_matrix, false, params.matrix);
    gl.uniform1f(uniformLocations.u_sizeRatio, params.sizeRatio);
    gl.uniform1f(uniformLocations.u_correctionRatio, params.correctionRatio);
    gl.uniform1f(uniformLocations.u_pixelRatio, params.pixelRatio);
  }
};
