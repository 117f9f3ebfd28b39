/** The shaders of lines. Lengths are CSS pixels unless said otherwise; places are sigma's framed ones. */
import { CROSS } from "./lines";

const float = (n: number): string => n.toFixed(1);

/** A line from disc to disc, straight or bent (a quadratic Bézier curve), or a ring where both ends are one. */
export const VERTEX = `
attribute vec2 a_start;
attribute vec2 a_end;
attribute vec2 a_radii;
attribute vec3 a_line;
attribute vec4 a_pattern;
attribute vec4 a_color;
attribute vec4 a_id;
attribute vec3 a_corner;

uniform mat3 u_matrix;
uniform float u_sizeRatio;
uniform float u_correctionRatio;
uniform float u_reach;

varying vec4 v_color;
varying vec4 v_pattern;
varying vec2 v_at;      // along the line and across it
varying vec4 v_shape;   // half the width, 1 where crossed, length of the head (0: no head), half its base

void main() {
  float px = 2.0 * u_correctionRatio; // one pixel, in the space of the places
  float width = max(a_line.x / sqrt(u_sizeRatio), 0.5);
  vec2 radii = a_radii / u_sizeRatio;
  vec2 across = a_end - a_start;
  float chord = length(across) / px;
  bool ring = chord < 0.01;
  vec2 dir = ring ? vec2(1.0, 0.0) : normalize(across);
  vec2 side = vec2(-dir.y, dir.x);
  float bend = a_line.y;
  float around = radii.x * 1.1 + 6.0; // radius of a ring
  float total = ring ? 6.2832 * around : chord * (1.0 + 0.6667 * bend * bend);

  float begin = ring ? 0.12 : radii.x / max(total, 0.01);
  float finish = ring ? 0.88 : 1.0 - (radii.y + 1.0) / max(total, 0.01);
  float seen = max(0.0, finish - begin) * total;
  float head = min((3.5 + 3.2 * width) / sqrt(u_sizeRatio), 0.4 * seen) * step(6.0, seen) * step(u_sizeRatio, 2.6);
  float base = head * 0.42;
  float neck = finish - head * 0.8 / max(total, 0.01);

  bool isHead = a_corner.z > 0.5;
  float t = isHead ? finish : mix(begin, neck, a_corner.x);
  vec2 position;
  vec2 tangent;
  if (ring) {
    float turn = 6.2832 * t - 1.5708;
    position = a_start + px * around * (vec2(0.0, 1.0) + vec2(cos(turn), sin(turn)));
    tangent = vec2(-sin(turn), cos(turn));
  } else {
    vec2 pulled = (a_start + a_end) * 0.5 + side * bend * chord * px;
    position = mix(mix(a_start, pulled, t), mix(pulled, a_end, t), t);
    tangent = normalize(mix(pulled - a_start, a_end - pulled, t) + dir * 1e-9);
  }
  vec2 normal = vec2(-tangent.y, tangent.x);

  float half_ = width * 0.5;
  float reach = max(half_ + 0.5, a_line.z * ${float(CROSS.arm + 1)});
  #ifdef PICKING_MODE
  reach = u_reach * 0.5;
  if (u_reach <= 0.0) seen = 0.0;
  #endif
  if (isHead) {
    position += px * ((a_corner.x - 1.0) * head * tangent + a_corner.y * (base + 1.0) * normal);
    v_at = vec2((1.0 - a_corner.x) * head, a_corner.y * (base + 1.0));
    v_shape = vec4(half_, 0.0, head, base);
  } else {
    position += px * a_corner.y * reach * normal;
    v_at = vec2((t - begin) * total, a_corner.y * reach);
    v_shape = vec4(half_, a_line.z, 0.0, 0.0);
  }
  if (seen <= 0.0) position = a_start;
  gl_Position = vec4((u_matrix * vec3(position, 1.0)).xy, 0.0, 1.0);

  // A short line still shows its pattern twice: a broken line never closes to a whole one.
  float period = a_pattern.x + a_pattern.y + a_pattern.z + a_pattern.w;
  v_pattern = a_pattern * (period > 0.0 ? min(1.0, max(seen - head, 0.1) / (1.5 * period)) : 1.0);

  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= 255.0 / 254.0; // sigma keeps the last bit for itself
}
`;

/** Heads of facts are filled; those of what is no fact are hollow. */
export const FRAGMENT = `
precision highp float;

varying vec4 v_color;
varying vec4 v_pattern;
varying vec2 v_at;
varying vec4 v_shape;

uniform float u_pixelRatio;

float cover(float inside) { return clamp(inside * u_pixelRatio + 0.5, 0.0, 1.0); }

float dashes(float at) {
  float period = v_pattern.x + v_pattern.y + v_pattern.z + v_pattern.w;
  if (v_pattern.y + v_pattern.w <= 0.0) return 1.0;
  float x = mod(at, period);
  float first = cover(min(x, v_pattern.x - x));
  float second = cover(min(x - v_pattern.x - v_pattern.y, period - v_pattern.w - x));
  return max(first, second);
}

float crosses(vec2 at) {
  float x = abs(mod(at.x + ${float(1.5 * CROSS.period - CROSS.first)}, ${float(CROSS.period)}) - ${float(CROSS.period / 2)});
  float y = abs(at.y);
  return cover(0.8 - abs(x - y) * 0.7071) * cover(${float(CROSS.arm)} - max(x, y));
}

void main() {
  float shade;
  if (v_shape.z > 0.0) {
    float slope = v_shape.w / v_shape.z;
    float inside = min((v_at.x * slope - abs(v_at.y)) / sqrt(1.0 + slope * slope), v_shape.z - v_at.x);
    bool hollow = v_pattern.y + v_pattern.w > 0.0;
    shade = cover(inside) * (hollow ? 1.0 - cover(inside - 1.1) * 0.9 : 1.0);
  } else {
    shade = cover(v_shape.x - abs(v_at.y)) * min(1.0, 0.35 + v_shape.x) * dashes(v_at.x);
    if (v_shape.y > 0.5) shade = max(shade, crosses(v_at));
  }
  #ifdef PICKING_MODE
  gl_FragColor = v_color;
  #else
  gl_FragColor = vec4(v_color.rgb, 1.0) * v_color.a * shade;
  #endif
}
`;
