"""What happened when: dated claims, figures and documents of a page, as a picture and as the same in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from api.markup import Child, Site, element, folded, section
from api.page_facts import badge, statement, time_words
from api.page_findings import FACT, RETRACTED, Finding, Paper
from api.page_plots import Mark, draw_timeline
from api.page_words import Period, counted, period
from kg.labels import visible

MAX_EVENTS = 120
"""Dates that a page shows: the latest."""

MAX_OPEN = 12
"""Lines of the list that are open; the earlier ones are folded."""

_DATES = {"startedOn": "since then", "endedOn": "until then", "occurredOn": "", "observedOn": ""}
_LANES = {"fact": "● Facts", "other": "◆ Not facts", "figure": "▲ Figures", "document": "■ Documents"}


class _Event(NamedTuple):
    when: Period
    text: str
    lane: str
    words: Element


def timeline_section(findings: Sequence[Finding], papers: Sequence[Paper], centre: str, site: Site) -> list[Element]:
    """All that has a date, the latest first in the list; nothing where nothing has one."""
    events = sorted(
        {*_events(findings, centre, site), *_published(papers, site)}, key=lambda e: (e.when, e.lane, e.text)
    )
    if not events:
        return []
    n_left, shown = max(0, len(events) - MAX_EVENTS), events[-MAX_EVENTS:]
    marks = [Mark(event.when, event.lane, "".join(event.words.itertext())) for event in shown]
    lines = [element("li", time_words(event.text), " ", event.words) for event in reversed(shown)]
    children: list[Child] = [draw_timeline(marks, _LANES), element("ol", *lines[:MAX_OPEN], class_="events")]
    if rest := lines[MAX_OPEN:]:
        children.append(folded(counted(len(rest), "earlier date"), [element("ol", *rest, class_="events")]))
    if any(event.when.end - event.when.start > 1 for event in shown):
        children.insert(1, element("p", "A bar covers all the days that a month or a year may mean.", class_="about"))
    left = element("p", f"{counted(n_left, 'date')} before these {'is' if n_left == 1 else 'are'} left out.")
    return [section("Timeline", "timeline", *children, left if n_left else None)]


def _events(findings: Sequence[Finding], centre: str, site: Site) -> Iterator[_Event]:
    for finding in findings:
        for name, word in _DATES.items():
            text = finding.details.get(name, "")
            if (when := period(text)) is None:
                continue
            is_claim = finding.object is not None
            lane = ("fact" if finding.standing == FACT else "other") if is_claim else "figure"
            shown = badge(finding.standing) if is_claim or finding.standing == RETRACTED else None
            said = element(
                "span", statement(finding, site, centre, with_date=False), f" {word} " if word else " ", shown
            )
            yield _Event(when, text, lane, said)


def _published(papers: Sequence[Paper], site: Site) -> Iterator[_Event]:
    for paper in papers:
        if when := period(paper.published):
            by = f" in {visible(paper.outlet, 80)}" if paper.outlet else ""
            yield _Event(when, paper.published, "document", element("span", "Document: ", site.thing(paper.link), by))
