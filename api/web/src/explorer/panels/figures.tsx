/** The figures of an entity: a table, and for each metric with several dates a plot over time. */
import type { Figure } from "../records";
import { dateWords } from "../words";
import { Quote } from "./quote";

export function Figures({ figures }: { figures: readonly Figure[] }) {
  const series = seriesOf(figures);
  return (
    <section>
      <h3>Figures</h3>
      {series.map((one) => (
        <Plot key={one.name} series={one} />
      ))}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Value</th>
              <th scope="col">When</th>
              <th scope="col">Source</th>
            </tr>
          </thead>
          <tbody>
            {figures.map((one, at) => (
              <Row key={`${at} ${one.metric} ${one.value}`} figure={one} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ figure }: { figure: Figure }) {
  return (
    <tr>
      <th scope="row">{metricWords(figure.metric)}</th>
      <td>
        {figure.qualifier !== null && `${figure.qualifier} `}
        {valueWords(figure.value, figure.unit)}
      </td>
      <td>{figure.observed_on === null ? "" : dateWords(figure.observed_on)}</td>
      <td>
        <details>
          <summary>read</summary>
          {figure.said_by !== null && (
            <p>
              Said by <bdi>{figure.said_by}</bdi>
            </p>
          )}
          <Quote evidence={figure} />
        </details>
      </td>
    </tr>
  );
}

export interface Series {
  name: string;
  points: { date: string; value: number; words: string }[];
}

/** Figures of one metric and unit, by date; those with at least two dates make a plot. */
export function seriesOf(figures: readonly Figure[]): Series[] {
  const groups = new Map<string, Series["points"]>();
  for (const one of figures) {
    const value = Number(one.value);
    if (one.observed_on === null || !Number.isFinite(value)) continue;
    const name = `${metricWords(one.metric)}${one.unit === null ? "" : `, ${one.unit}`}`;
    const point = { date: one.observed_on, value, words: valueWords(one.value, one.unit) };
    groups.set(name, [...(groups.get(name) ?? []), point]);
  }
  return [...groups]
    .map(([name, points]) => ({ name, points: points.sort((a, b) => a.date.localeCompare(b.date)) }))
    .filter(({ points }) => new Set(points.map((point) => point.date)).size > 1);
}

const WIDTH = 280;
const HEIGHT = 90;
const MARGIN = 10;

/** Dots, not a line: what lies between two dates nobody has said. */
function Plot({ series: { name, points } }: { series: Series }) {
  const days = points.map((point) => dayOf(point.date));
  const [first, last] = [Math.min(...days), Math.max(...days)];
  const values = points.map((point) => point.value);
  const [bottom, top] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = (date: string) => MARGIN + ((dayOf(date) - first) / (last - first || 1)) * (WIDTH - 2 * MARGIN);
  const y = (value: number) => HEIGHT - MARGIN - ((value - bottom) / (top - bottom || 1)) * (HEIGHT - 2 * MARGIN);
  const words = points.map((point) => `${dateWords(point.date)}: ${point.words}`).join("; ");
  return (
    <figure class="plot">
      <figcaption>{name}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${name} over time. ${words}`}>
        <line x1={MARGIN} x2={WIDTH - MARGIN} y1={y(0)} y2={y(0)} />
        {points.map((point) => (
          <circle key={`${point.date} ${point.value}`} cx={x(point.date)} cy={y(point.value)} r="4">
            <title>{`${dateWords(point.date)}: ${point.words}`}</title>
          </circle>
        ))}
      </svg>
      <p class="quiet range">
        <span>{dateWords(points[0]?.date ?? "")}</span>
        <span>{dateWords(points.at(-1)?.date ?? "")}</span>
      </p>
    </figure>
  );
}

/** Days since 1970; a date without month or day is its first. */
const dayOf = (date: string): number => Date.parse(`${date}${"-01-01".slice(0, 10 - date.length)}`) / 86_400_000;

const metricWords = (metric: string): string => {
  const words = metric.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
];

/** `3000000000 USD` as `3 billion USD`. */
export function valueWords(value: string, unit: string | null): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return [value, unit].filter((part) => part).join(" ");
  const [size, name] = UNITS.find(([least]) => Math.abs(number) >= least) ?? [1, ""];
  const digits = (number / size).toLocaleString("en", { maximumFractionDigits: 2 });
  const of = unit === null || unit === "count" ? "" : unit === "percent" ? "%" : unit;
  return [digits, name, of].filter((part) => part !== "").join(" ");
}
