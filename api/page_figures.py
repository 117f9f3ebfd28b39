"""Figures on a page: a table a metric, with a small plot where there is more than one value."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element

from api.markup import Child, Site, bdi, element, section
from api.page_facts import badge, confidence, details_line, quotation
from api.page_findings import RETRACTED, Finding, number
from api.page_plots import Point, draw_plot
from api.page_words import amount, date_words, period, sentence_case
from kg.labels import words

_NO_DATE = "no date given"

SMALLEST, LARGEST = 1e-9, 1e30
"""Sizes that are plotted; beyond them a user has written what no scale can show, and the table has it."""


def figure_section(figures: Sequence[Finding], centre: str, site: Site) -> list[Element]:
    """Figures by what they measure, of whom and in which unit, each by date; those of one date beside each other."""
    if not figures:
        return []
    blocks: list[Child | None] = []
    for _, group in groupby(sorted(figures, key=_key), key=lambda f: _key(f)[:4]):
        blocks += _metric([*group], centre, site)
    return [section("Figures", "figures", *blocks)]


def _metric(figures: Sequence[Finding], centre: str, site: Site) -> list[Child | None]:
    first = figures[0]
    unit = first.details.get("unit", "")
    name = sentence_case(words(first.what))
    whose: list[Child] = [" of ", site.thing(first.subject)] if first.subject.iri != centre else []
    where = {"percent": ", percent", "count": "", "": ""}.get(unit, f", {unit}")
    head = element("h3", name, *whose, where)
    points = [point for figure in figures if (point := _point(figure)) is not None]
    plot = draw_plot(points, name, unit) if len({(p.when, p.value) for p in points}) > 1 else None
    cells = ("Date", "Value", "Confidence")
    table = element(
        "table",
        element("caption", f"{name}: every value with its source", class_="unseen"),
        element("thead", element("tr", *(element("th", cell, scope="col") for cell in cells))),
        *(_rows(figure, site) for figure in figures),
        class_="figures",
    )
    return [head, plot, table]


def _rows(figure: Finding, site: Site) -> Element:
    """One value, and under it the sentence that gives it."""
    details = figure.details
    when = details.get("observedOn", "")
    date_cell: Child = element("time", date_words(when), datetime=when) if period(when) else bdi(when or _NO_DATE)
    value = element("b", amount(details.get("value", ""), details.get("unit", "")))
    bound = element("small", bdi(details["qualifier"])) if details.get("qualifier") else None
    mark = badge(RETRACTED) if figure.standing == RETRACTED else None
    quotes = [quotation(source, site) for source in figure.sources]
    row = element(
        "tr",
        element("th", date_cell, scope="row"),
        element("td", value, " ", bound, " ", mark),
        element("td", (confidence(details) or "not stated").removeprefix("confidence ")),
    )
    words_ = element("td", *quotes, details_line(figure, site, with_confidence=False), colspan="3")
    return element("tbody", row, element("tr", words_), class_="disputed" if figure.rivals else "agreed")


def _point(figure: Finding) -> Point | None:
    """None for what is no number, too large or small to be drawn, or taken back."""
    details = figure.details
    value = number(details.get("value"))
    is_nothing = value == 0 and details.get("value", "").strip("0.")
    if figure.standing == RETRACTED or is_nothing or (value and not SMALLEST <= abs(value) <= LARGEST):
        return None
    when = details.get("observedOn", "")
    text = f"{date_words(when) or _NO_DATE}: {amount(details.get('value', ''), details.get('unit', ''))}"
    return Point(period(when), value, text, bool(figure.rivals))


def _key(figure: Finding) -> tuple[object, ...]:
    details = figure.details
    when = details.get("observedOn", "")
    about = (figure.what, figure.subject.label, figure.subject.iri, details.get("unit", ""))
    return (*about, not when, when, number(details.get("value")), figure.iri)
