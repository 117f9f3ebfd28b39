"""Pictures of a page, drawn on the server as inline SVG: what happened when, and figures over time.

A picture has no size of its own: places across are in percent and those down in pixels, so that it fits any screen
while its letters stay as large as the page's. Nothing in it runs, and all that it shows stands beside it in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from math import ceil, floor, log10
from typing import NamedTuple
from xml.etree.ElementTree import Element

from api.markup import element
from api.page_words import Period, short_amount

MAX_STACK = 5
"""Marks of one day above each other; more would hide nothing, for they stand in the list."""

_LEFT, _RIGHT = 4.0, 96.0
_STEP, _LANE = 12, 26
_PLOT_TOP, _PLOT_BOTTOM, _PLOT_HEIGHT = 12, 132, 158
_PLOT_LEFT, _PLOT_DATED, _UNDATED = 16.0, 82.0, 91.0
_TICKS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000)
_MAX_TICKS, _PLOT_TICKS = 5, 3
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_SHAPES = {
    "fact": "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0z",
    "other": "M0,-6L6,0L0,6L-6,0z",
    "figure": "M-5,5L0,-5L5,5z",
    "document": "M-4,-5L4,-5L4,5L-4,5z",
}
"""Forms of the marks, which differ not by colour alone, around the point that they stand for."""


class Mark(NamedTuple):
    """Something with a date. lane: where it stands, one of the names of `_SHAPES`."""

    when: Period
    lane: str
    text: str


class Point(NamedTuple):
    """A figure to plot; when is None where the text gives no date. is_disputed: another source gives another."""

    when: Period | None
    value: float
    text: str
    is_disputed: bool


def draw_timeline(marks: Sequence[Mark], lanes: dict[str, str]) -> Element:
    """Marks on one line a lane, under its name, over a scale of years or months. lanes: name -> heading."""
    scale = _Scale(min(m.when.start for m in marks), max(m.when.end for m in marks), _LEFT, _RIGHT)
    children: list[Element] = []
    top = 0
    for lane, heading in lanes.items():
        own = [mark for mark in marks if mark.lane == lane]
        if not own:
            continue
        children.append(element("text", heading, x="0", y=str(top + 13), class_="lane"))
        height = _LANE + _STEP * min(MAX_STACK, max(Counter(scale.middle(m.when) for m in own).values()))
        children += _lane(own, scale, top + height)
        top += height + 8
    children += [line for place, text in scale.ticks() for line in _tick(place, text, top + 4)]
    label = f"{len(marks)} marks from {scale.ticks()[0][1]} on; the list below says the same."
    return _picture(top + 26, label, children, "timeline")


def draw_plot(points: Sequence[Point], metric: str, unit: str) -> Element:
    """Values over time, with those that have no date in a column of their own. points: at least one."""
    levels = _levels(min(0.0, *(p.value for p in points)), max(0.0, *(p.value for p in points)))
    low, high = levels[0], levels[-1]
    dated = [p.when for p in points if p.when]
    children: list[Element] = []
    for value in levels:
        y = _height(value, low, high)
        children.append(element("line", x1=_percent(_PLOT_LEFT), x2="100%", y1=y, y2=y, class_="grid"))
        children.append(element("text", short_amount(value, ""), x=_percent(_PLOT_LEFT - 1), y=y, class_="level"))
    scale = (
        _Scale(min(w.start for w in dated), max(w.end for w in dated), _PLOT_LEFT + 4, _PLOT_DATED, _PLOT_TICKS)
        if dated
        else None
    )
    if scale:
        children += [line for place, text in scale.ticks() for line in _tick(place, text, _PLOT_BOTTOM)]
    if len(dated) < len(points):
        children += _tick(_UNDATED, "no date", _PLOT_BOTTOM)
    for point in sorted(points, key=lambda p: (p.when or (0, 0), p.value, p.text)):
        x = scale.middle(point.when) if scale and point.when else _UNDATED
        children += _point(point, x, _height(point.value, low, high), scale)
    name = f"{metric}, {_UNITS.get(unit, unit)}"
    return _picture(_PLOT_HEIGHT, f"{name}: {len(points)} values; the table says the same.", children, "plot")


_UNITS = {"percent": "in percent", "count": "number"}


class _Scale:
    """Days -> places across, in percent."""

    def __init__(self, start: int, end: int, left: float, right: float, max_ticks: int = _MAX_TICKS) -> None:
        self._max_ticks = max_ticks
        self._start, self._end = start, max(end, start + 1)
        self._left, self._width = left, right - left

    def place(self, day: float) -> float:
        return self._left + self._width * (day - self._start) / (self._end - self._start)

    def middle(self, when: Period) -> float:
        return round(self.place((when.start + when.end) / 2), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Places and names of at most `max_ticks` years, or months where the whole is shorter than two years."""
        first, last = date.fromordinal(self._start), date.fromordinal(min(self._end - 1, date.max.toordinal()))
        if (n_years := last.year - first.year + 1) > 2:
            step = next((s for s in _TICKS if n_years / s <= self._max_ticks), _TICKS[-1])
            years = [y for y in range(first.year, last.year + 1) if y % step == 0] or [first.year]
            found = [(date(year, 1, 1), str(year)) for year in years]
        else:
            n_months = (last.year - first.year) * 12 + last.month - first.month + 1
            step = max(1, ceil(n_months / self._max_ticks))
            months = [first.month - 1 + m for m in range(0, n_months, step)]
            found = [
                (date(first.year + m // 12, m % 12 + 1, 1), f"{_MONTHS[m % 12]} {first.year + m // 12}") for m in months
            ]
        return [(round(max(self._left, self.place(day.toordinal())), 1), text) for day, text in found]


def _lane(marks: Sequence[Mark], scale: _Scale, base: int) -> list[Element]:
    """The marks of one lane; those of one place stand above each other, the imprecise as wide as they may be."""
    children = [element("line", x1="0", x2="100%", y1=str(base), y2=str(base), class_="grid")]
    taken: Counter[float] = Counter()
    for mark in sorted(marks):
        x = scale.middle(mark.when)
        y = base - 8 - _STEP * min(taken[x], MAX_STACK - 1)
        taken[x] += 1
        children += [*_width(mark.when, scale, y), _mark(mark.lane, x, y, mark.text)]
    return children


def _width(when: Period, scale: _Scale, y: int | str) -> list[Element]:
    if when.end - when.start == 1:
        return []
    ends = {"x1": _percent(scale.place(when.start)), "x2": _percent(scale.place(when.end))}
    return [element("line", **ends, y1=str(y), y2=str(y), class_="span")]


def _mark(shape: str, x: float, y: float | str, text: str, class_: str = "") -> Element:
    """The nested picture is a place that the form's own coordinates begin at."""
    form = element("path", element("title", text), d=_SHAPES[shape], class_=f"{shape} {class_}".strip())
    return element("svg", form, x=_percent(x), y=str(y), overflow="visible", width="1", height="1")


def _point(point: Point, x: float, y: str, scale: _Scale | None) -> list[Element]:
    span = _width(point.when, scale, y) if point.when and scale else []
    return [*span, _mark("fact", x, y, point.text, "disputed" if point.is_disputed else "")]


def _tick(place: float, text: str, y: int) -> list[Element]:
    anchor = "start" if place < 10 else "end" if place > 92 else "middle"
    at = _percent(place)
    return [
        element("line", x1=at, x2=at, y1=str(y), y2=str(y + 5), class_="tick"),
        element("text", text, x=at, y=str(y + 18), text_anchor=anchor),
    ]


def _levels(low: float, high: float) -> list[float]:
    """Round values from below low to above high; 0 is one of them."""
    if high == low:
        return [low, low + 1]
    exponent = floor(log10((high - low) / 4))
    raw = (high - low) / 4
    step = next(s for s in (1, 2, 2.5, 5, 10) if s * 10.0**exponent >= raw) * 10.0**exponent
    return [step * k for k in range(floor(low / step), ceil(high / step) + 1)]


def _height(value: float, low: float, high: float) -> str:
    share = (value - low) / (high - low) if high > low else 0.0
    return f"{_PLOT_BOTTOM - (_PLOT_BOTTOM - _PLOT_TOP) * share:.1f}"


def _percent(place: float) -> str:
    return f"{place:.1f}%"


def _picture(height: int, label: str, children: Sequence[Element], class_: str) -> Element:
    return element("svg", *children, role="img", aria_label=label, width="100%", height=str(height), class_=class_)
