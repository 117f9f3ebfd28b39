/** Labels as they can be drawn: short, on one line, and without power over the text beside them. */

/** Characters of a label in the picture; the panels show all of it. */
export const MAX_LABEL = 40;

/** Controls, line breaks, and the marks by which one text could turn the writing direction of the next (UAX 9). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** The label on one line, without controls, at most `length` characters. */
export function cut(label: string, length = MAX_LABEL): string {
  const short = label.length <= length && !CONTROLS.test(label);
  CONTROLS.lastIndex = 0;
  if (short) return label;
  const begin = [...label.slice(0, length * 4).replace(CONTROLS, " ")];
  return begin.length > length ? `${begin.slice(0, length - 1).join("")}…` : begin.join("");
}

/** Whether a text has letters that are written from right to left: Hebrew, Arabic and their like. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Between isolates where it is needed, so that what is written beside it stays as it is. */
export const isolated = (text: string): string => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);
