"""Figures of servers side by side: as a table, as a plot, and held against what ours is to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OURS, THEIRS = "tracegraph", "oxigraph"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured of one server: the median and the 95th percentile of `n` answers, or one value."""

    measure: str
    server: str
    unit: str
    value: float
    p95: float | None = None
    n: int = 1


@dataclass(frozen=True, slots=True)
class Goal:
    """measure: how its name begins. times: so many times what Oxigraph's server takes. most, least: in its unit."""

    measure: str
    times: float | None = None
    most: float | None = None
    least: float | None = None


GOALS = (
    Goal("load", least=150_000),
    Goal("point lookup", times=1.5, most=3),
    Goal("neighbours", most=5),
    Goal("100,000 rows", times=1.2),
    Goal("COUNT(*)", times=1),
    Goal("counts by", times=1),
    Goal("label search", times=1),
)


def table(figures: Sequence[Figure]) -> str:
    """The figures for a person, in Markdown: a line for each measure, a column for each server."""
    servers = list(dict.fromkeys(figure.server for figure in figures))
    by_place = {(figure.measure, figure.server): figure for figure in figures}
    lines = [f"| measure | {' | '.join(servers)} |", f"|---{'|---:' * len(servers)}|"]
    for measure, unit in dict.fromkeys((figure.measure, figure.unit) for figure in figures):
        cells = [_cell(by_place.get((measure, server))) for server in servers]
        lines.append(f"| {measure}, {unit} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(figure: Figure | None) -> str:
    """Median, and the 95th percentile behind a stroke."""
    if figure is None:
        return "-"
    return _number(figure.value) if figure.p95 is None else f"{_number(figure.value)} / {_number(figure.p95)}"


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def goals(figures: Sequence[Figure]) -> list[str]:
    """Whether ours reaches each goal; nothing of what was not measured."""
    values = {(figure.measure, figure.server): figure.value for figure in figures}
    return [
        line
        for goal in GOALS
        for (measure, server), value in values.items()
        if server == OURS and (measure == goal.measure if goal.least else measure.startswith(goal.measure))
        for line in _verdicts(goal, measure, value, values.get((measure, THEIRS)))
    ]


def _verdicts(goal: Goal, measure: str, value: float, theirs: float | None) -> list[str]:
    checks = []
    if goal.times is not None and theirs is not None:
        checks.append((value <= goal.times * theirs, f"within {goal.times:g} x {_number(theirs)}"))
    if goal.most is not None:
        checks.append((value < goal.most, f"under {goal.most:g}"))
    if goal.least is not None:
        checks.append((value >= goal.least, f"at least {goal.least:,.0f}"))
    return [f"{'met ' if is_met else 'NOT MET'} {measure}: {_number(value)}, {what}" for is_met, what in checks]


def draw(figures: Sequence[Figure], file: Path) -> None:
    """The times of all measures in milliseconds, on a logarithmic axis, one mark for each server."""
    import matplotlib as mpl  # noqa: PLC0415  # only a plot needs it, and it takes a second to import

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "tracegraph", "svg.fonttype": "none", "font.family": "sans-serif"}
    from matplotlib import pyplot as plt  # noqa: PLC0415

    timed = [figure for figure in figures if figure.unit == "ms"]
    names = list(dict.fromkeys(figure.measure for figure in timed))
    plot, axes = plt.subplots(figsize=(9, 0.42 * len(names) + 1.4))
    for server, mark in zip(dict.fromkeys(figure.server for figure in timed), "osD^vP", strict=False):
        own = [figure for figure in timed if figure.server == server]
        axes.plot([f.value for f in own], [names.index(f.measure) for f in own], mark, label=server, alpha=0.85)
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.grid(visible=True, axis="x", which="both", alpha=0.25)
    axes.set_xlabel("milliseconds of the median answer, logarithmic; further left is faster")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.12), ncols=4, frameon=False)
    plot.savefig(file, bbox_inches="tight", metadata={"Date": None})
    plt.close(plot)
