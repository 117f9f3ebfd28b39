/** What colours and lines of the picture mean, in words beside their marks: only those that are drawn. */
import type { Shown } from "../shown";
import { ALL_STATUSES } from "../view";
import { predicateWords, statusWords } from "../words";
import { type Palette, typeColour } from "./colours";
import { CROSS, isSolid, LINES, type LineStatus } from "./lines";

export interface Drawn {
  types: string[];
  statuses: LineStatus[];
}

/** Types by how often they are drawn, statuses in their usual order. */
export function drawnKinds({ entities, edges }: Shown): Drawn {
  const counts = new Map<string, number>();
  for (const { type } of entities) counts.set(type, (counts.get(type) ?? 0) + 1);
  const statuses = new Set(edges.map(({ status }) => status));
  return {
    types: [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([type]) => type),
    statuses: [...ALL_STATUSES, "Retracted" as const].filter((status) => statuses.has(status)),
  };
}

interface Props {
  kinds: Drawn;
  palette: Palette;
  overview: boolean;
  open: boolean;
}

export function Legend({ kinds, palette, overview, open }: Props) {
  return (
    <details class="picture-legend" open={open}>
      <summary>Legend</summary>
      <ul>
        {kinds.types.map((type) => (
          <li key={type}>
            <svg width="26" height="14" aria-hidden="true">
              <circle cx="13" cy="7" r="5.5" fill={typeColour(palette, type)} />
            </svg>
            {predicateWords(type)}
          </li>
        ))}
        {kinds.statuses.map((status) => (
          <li key={status}>
            <LineMark status={status} palette={palette} />
            {statusWords(status)}
          </li>
        ))}
      </ul>
      <p>
        Bigger: more claims. A dot inside: pinned.
        {overview && " Tinted ground: a community."}
      </p>
    </details>
  );
}

function LineMark({ status, palette }: { status: LineStatus; palette: Palette }) {
  const line = LINES[status];
  const colour = palette.lines[status];
  const dashes = isSolid(line) ? {} : { "stroke-dasharray": line.pattern.join(" ") };
  const arm = CROSS.arm;
  return (
    <svg width="42" height="14" aria-hidden="true" opacity={Math.max(0.75, line.opacity)} stroke={colour} fill="none">
      <path d="M0 7H34" stroke-width={line.width + 0.3} {...dashes} />
      <path d="M41 7L34 4V10Z" fill={isSolid(line) ? colour : "none"} />
      {line.crossed &&
        [11, 27].map((x) => (
          <path key={x} d={`M${x - arm} ${7 - arm}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`} />
        ))}
    </svg>
  );
}
