/** When what is drawn happened, or was written: bars to choose a time by, and two dates. */
import { useMemo } from "preact/hooks";
import { setFilters } from "../actions";
import type { Facts } from "../facts";
import { type Edge, shown } from "../shown";
import { type Store, useStore } from "../store";
import type { View } from "../view";
import { dateWords } from "../words";

/** More bars than that are thinner than a finger. */
const MAX_BARS = 40;

/** Pixels of a window in which the bars are closed at first: a phone's. */
const NARROW = 760;

export interface Bar {
  /** First and last day, ISO 8601. */
  from: string;
  to: string;
  n: number;
}

export function Timeline({ store }: { store: Store }) {
  const view = useStore(store, (state) => state.view);
  const facts = useStore(store, (state) => state.facts);
  const { overview, places, removed, hidden, filters, ego } = view;
  const bars = useMemo(() => barsOf(view, facts), [facts, overview, places, removed, hidden, filters, ego]);
  const { from, to } = filters;
  const most = Math.max(1, ...bars.map((bar) => bar.n));
  const choose = (change: { from?: string; to?: string }) => setFilters(store, change, "Time chosen");
  return (
    <details id="timeline" open={window.innerWidth > NARROW}>
      <summary>Time{(from !== "" || to !== "") && `: ${from || "…"} to ${to || "…"}`}</summary>
      <div class="bars">
        {bars.map((bar) => (
          <button
            key={bar.from}
            type="button"
            aria-pressed={from !== "" && from <= bar.from && bar.to <= to}
            title={`${dateWords(bar.from)} to ${dateWords(bar.to)}: ${bar.n}`}
            aria-label={`${dateWords(bar.from)} to ${dateWords(bar.to)}: ${bar.n} claims`}
            onClick={() => choose({ from: bar.from, to: bar.to })}
          >
            <span style={{ height: `${Math.round((bar.n / most) * 100)}%` }} />
          </button>
        ))}
      </div>
      <div class="row">
        <label>
          From{" "}
          <input type="date" value={from} max={to} onChange={(event) => choose({ from: event.currentTarget.value })} />
        </label>
        <label>
          To <input type="date" value={to} min={from} onChange={(event) => choose({ to: event.currentTarget.value })} />
        </label>
        <button type="button" disabled={from === "" && to === ""} onClick={() => choose({ from: "", to: "" })}>
          All times
        </button>
      </div>
    </details>
  );
}

/** Claims by time, whatever time is chosen: by month, or by as many years as make bars wide enough. */
export function barsOf(view: View, facts: Facts): Bar[] {
  const isAnyTime = view.filters.from === "" && view.filters.to === "";
  const anyTime = isAnyTime ? view : { ...view, filters: { ...view.filters, from: "", to: "" } };
  const days = shown(anyTime, facts).edges.flatMap(daysOf).sort();
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return [];
  const nMonths = monthOf(last) - monthOf(first) + 1;
  const width = nMonths <= MAX_BARS ? 1 : Math.ceil(nMonths / MAX_BARS / 12) * 12;
  const start = width === 1 ? monthOf(first) : Math.floor(monthOf(first) / 12) * 12;
  const counts = new Array<number>(Math.floor((monthOf(last) - start) / width) + 1).fill(0);
  for (const day of days) {
    const at = Math.floor((monthOf(day) - start) / width);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts.map((n, at) => ({ from: dayIn(start + at * width), to: lastDayBefore(start + (at + 1) * width), n }));
}

const daysOf = (edge: Edge): string[] =>
  edge.claims.map((claim) => claim.from || claim.to || claim.document?.published || "").filter((day) => day !== "");

/** Months since the year 0; a date without a month is its year's first. */
function monthOf(date: string): number {
  const [year = "0", month = "1"] = date.split("-");
  return Number(year) * 12 + Number(month) - 1;
}

function dayIn(month: number): string {
  return `${String(Math.floor(month / 12)).padStart(4, "0")}-${String((month % 12) + 1).padStart(2, "0")}-01`;
}

function lastDayBefore(month: number): string {
  const day = new Date(`${dayIn(month)}T00:00:00Z`);
  day.setUTCDate(0);
  return day.toISOString().slice(0, 10);
}
