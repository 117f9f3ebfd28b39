/** How lines are drawn on the graphics card: one program for straight lines, one for those pulled aside. */
import type Sigma from "sigma";
import { EdgeProgram, type EdgeProgramType, type ProgramInfo } from "sigma/rendering";
import type { EdgeDisplayData, NodeDisplayData, RenderParams } from "sigma/types";
import { floatColor } from "sigma/utils";
import type { EdgeEntry, EdgeLook, EntityLook } from "./drawing";
import { FRAGMENT, VERTEX } from "./edge_shaders";
import { SOLID } from "./lines";

/** Whether the reader is moving the picture: then many lines are not drawn, so that it follows at once. */
export interface Motion {
  moving: boolean;
}

/** Lines above which they are left out while the picture moves. */
export const MAX_MOVING_EDGES = 5_000;

/** Pixels around a line where a pointer still meets it: fewer among many, and none where many are seen from afar. */
const REACH = { few: 9, many: 4, far: 0 };
const FAR = 2;

const UNIFORMS = ["u_matrix", "u_sizeRatio", "u_correctionRatio", "u_pixelRatio", "u_reach"] as const;

const { FLOAT, UNSIGNED_BYTE } = WebGL2RenderingContext;

/** Sides of a line's strip: where along it (0 to 1), on which side, and 1 for the head. */
function strip(segments: number): number[][] {
  const corners: number[][] = [];
  for (let at = 0; at < segments; at++) {
    const [a, b] = [at / segments, (at + 1) / segments];
    corners.push([a, 1, 0], [a, -1, 0], [b, 1, 0], [b, 1, 0], [a, -1, 0], [b, -1, 0]);
  }
  return [...corners, [1, 0, 1], [0, 1, 1], [0, -1, 1]];
}

/** Segments of a bent line: enough that no corner is seen at the sizes of a screen. */
export const edgePrograms = (motion: Motion): Record<EdgeLook["type"], EdgeProgramType<EntityLook, EdgeEntry>> => ({
  straight: edgeProgram(1, motion),
  curved: edgeProgram(12, motion),
});

function edgeProgram(segments: number, motion: Motion): EdgeProgramType<EntityLook, EdgeEntry> {
  const corners = strip(segments);
  return class LineProgram extends EdgeProgram<(typeof UNIFORMS)[number], EntityLook, EdgeEntry> {
    constructor(gl: WebGLRenderingContext, picking: WebGLFramebuffer | null, renderer: Sigma<EntityLook, EdgeEntry>) {
      super(gl, picking, renderer);
    }

    getDefinition() {
      return {
        VERTICES: corners.length,
        VERTEX_SHADER_SOURCE: VERTEX,
        FRAGMENT_SHADER_SOURCE: FRAGMENT,
        METHOD: WebGL2RenderingContext.TRIANGLES,
        UNIFORMS,
        ATTRIBUTES: [
          { name: "a_start", size: 2, type: FLOAT },
          { name: "a_end", size: 2, type: FLOAT },
          { name: "a_radii", size: 2, type: FLOAT },
          { name: "a_line", size: 3, type: FLOAT }, // width, curve, 1 where crossed
          { name: "a_pattern", size: 4, type: FLOAT },
          { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
          { name: "a_id", size: 4, type: UNSIGNED_BYTE, normalized: true },
        ],
        CONSTANT_ATTRIBUTES: [{ name: "a_corner", size: 3, type: FLOAT }],
        CONSTANT_DATA: corners,
      };
    }

    override render(params: RenderParams): void {
      if (!motion.moving || this.renderer.getGraph().size <= MAX_MOVING_EDGES) super.render(params);
    }

    processVisibleItem(
      id: number,
      start: number,
      from: NodeDisplayData,
      to: NodeDisplayData,
      look: EdgeDisplayData & Partial<EdgeLook>,
    ): void {
      const { array } = this;
      let at = start; // one after the other: a list of them for each of many lines would take its time
      array[at++] = from.x;
      array[at++] = from.y;
      array[at++] = to.x;
      array[at++] = to.y;
      array[at++] = from.size;
      array[at++] = to.size;
      array[at++] = look.size;
      array[at++] = look.curve ?? 0;
      array[at++] = look.crossed ? 1 : 0;
      for (const length of look.pattern ?? SOLID) array[at++] = length;
      array[at++] = floatColor(look.color);
      array[at++] = id;
    }

    setUniforms(params: RenderParams, { gl, uniformLocations }: ProgramInfo<(typeof UNIFORMS)[number]>): void {
      const many = this.renderer.getGraph().size > MAX_MOVING_EDGES;
      gl.uniformMatrix3fv(uniformLocations.u_matrix, false, params.matrix);
      gl.uniform1f(uniformLocations.u_sizeRatio, params.sizeRatio);
      gl.uniform1f(uniformLocations.u_correctionRatio, params.correctionRatio);
      gl.uniform1f(uniformLocations.u_pixelRatio, params.pixelRatio);
      const distance = !many ? "few" : params.sizeRatio > FAR ? "far" : "many";
      gl.uniform1f(uniformLocations.u_reach, REACH[distance]);
    }
  };
}
