"""Claims on a page: links that hold, links that do not, and who contradicts whom, each with its sentences.

In: findings as `api.page_findings` reads them. Out: elements. What is not a fact stands under its own heading, in its
own colours, with a symbol and a word, and is worded as a noun: nothing of it reads as if it had happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element

from api.markup import Child, Site, bdi, element, folded, joined, section
from api.page_findings import FACT, Finding, Link, Paper, Rival, Source, number
from api.page_words import amount, counted, date_words, order_of, period, phrase, place_of, sentence_case, standing_of
from kg.labels import visible, words

MAX_OPEN = 3
"""Sentences of one link that are open; the rest are folded."""

MAX_RIVALS = 40
"""Contradictions that a page writes out; the page of each claim shows all of its own."""

MAX_ROLE = 80
"""Characters of a position in a heading."""

MAX_AROUND = 600
"""Characters of the paragraph that stand before a sentence, and behind it."""

_DATES = {"startedOn": "from", "endedOn": "until", "occurredOn": "in"}
_DAY = len("2025-07-03")


def fact_sections(claims: Sequence[Finding], centre: str, site: Site) -> list[Element]:
    """Facts by predicate and direction, then everything else by its status."""
    facts = [claim for claim in claims if claim.standing == FACT]
    others = sorted((c for c in claims if c.standing != FACT), key=lambda c: order_of(c.standing))
    sections = []
    if facts:
        sections.append(section("Facts", "facts", *_by_link(facts, centre, site)))
    if others:
        note = element("p", "What sources plan, try, deny or guess, and what has ended. None of it is a fact now.")
        groups = [
            part
            for standing, group in groupby(others, key=lambda claim: claim.standing)
            for part in _not_facts(standing, [*group], centre, site)
        ]
        sections.append(section("Not facts", "not-facts", note, *groups))
    return sections


def conflict_section(findings: Iterable[Finding], site: Site) -> list[Element]:
    """Findings that cannot both be true, side by side."""
    pairs: dict[tuple[str, ...], tuple[Finding, Rival]] = {}
    for finding in findings:
        for rival in finding.rivals:
            pairs.setdefault(tuple(sorted((finding.iri, rival.finding.iri))), (finding, rival))
    if not pairs:
        return []
    shown = [_conflict(finding, rival, site) for finding, rival in [*pairs.values()][:MAX_RIVALS]]
    more = len(pairs) - len(shown)
    note = element("p", "Sources that cannot both be right. Neither is preferred.")
    rest = element("p", f"{more:,} more are on the pages of the claims.") if more else None
    return [section("Sources disagree", "conflicts", note, *shown, rest)]


def statement(finding: Finding, site: Site, centre: str = "", *, with_date: bool = True) -> Element:
    """What a finding says, in words, as seen from the centre: `OpenAI acquired Rockset`, `Revenue: 2.5 billion USD`."""
    if finding.object is None:
        details = finding.details
        size = element("b", amount(details.get("value", ""), details.get("unit", "")))
        when = f", {date_words(details['observedOn'])}" if with_date and "observedOn" in details else None
        about: list[Child] = [site.thing(finding.subject), ": "] if finding.subject.iri != centre else []
        bound: list[Child] = [" (", bdi(details["qualifier"]), ")"] if details.get("qualifier") else []
        return element("span", *about, words(finding.what), " ", size, *bound, when)
    is_fact = finding.standing == FACT
    said = phrase(finding.what, is_subject=True, is_fact=is_fact)
    said = said if is_fact else f"{standing_of(finding.standing).word} {said}"
    separator = " " if is_fact else ": "
    return element("span", site.thing(finding.subject), separator, element("em", said), " ", site.thing(finding.object))


def badge(standing: str) -> Element:
    """The standing as a symbol and a word."""
    mark = standing_of(standing)
    name = "actual" if standing == FACT else "other"
    return element("span", element("span", mark.symbol, aria_hidden="true"), f" {mark.word}", class_=f"status {name}")


def quotation(source: Source, site: Site, centre: str = "") -> Element:
    """The sentence, marked in its paragraph where the graph has that, and its document if that is not the centre."""
    before, after = source.before[-MAX_AROUND:], source.after[:MAX_AROUND]
    around = bool(before or after)
    lead = f"{'…' if len(before) < len(source.before) else ''}{before}"
    rest = f"{after}{'…' if len(after) < len(source.after) else ''}"
    words_ = element("mark", source.quote) if around else source.quote
    spaced = [
        lead + ("" if lead[-1:].isspace() or not lead else " "),
        words_,
        ("" if rest[:1].isspace() or not rest else " ") + rest,
    ]
    text = element("p", *(spaced if around else [words_]), dir="auto")
    return element(
        "blockquote", text, _cite(source.paper, site) if source.paper and source.paper.link.iri != centre else None
    )


def details_line(finding: Finding, site: Site, *, with_link: bool = True, with_confidence: bool = True) -> Element:
    """Role, dates, speaker, confidence and number of sources of one finding."""
    details = finding.details
    parts: list[Child] = []
    if role := details.get("role"):
        parts.append(element("span", "as ", bdi(role)))
    parts += [_dated(name, details[name]) for name in _DATES if name in details]
    if speaker := _speaker(finding, site):
        parts.append(element("span", "said by ", speaker))
    parts += [part for part in (confidence(details) if with_confidence else None, sources(details)) if part]
    if "retractedBy" in details:
        why = f": {details['retractionReason']}" if details.get("retractionReason") else ""
        parts.append(element("span", "taken back by ", bdi(details["retractedBy"] + why)))
    if finding.rivals:
        parts.append(element("a", "⚠ disputed", href="#conflicts", class_="disputed"))
    if with_link:
        parts.append(site.link(finding.iri, "claim" if finding.object else "observation"))
    return element("p", *joined(parts, " · "), class_="about")


def confidence(details: dict[str, str]) -> str | None:
    """How sure the reader of the document was."""
    if "confidence" not in details:
        return None
    share = number(details["confidence"])
    return "confidence over 99%" if 0.995 <= share < 1 else f"confidence {share:.0%}"


def sources(details: dict[str, str]) -> str | None:
    """How many texts say the same, where it is more than one."""
    count = round(number(details.get("sourceCount")))
    return f"{counted(count, 'source')} agree" if count > 1 else None


def time_words(text: str) -> Element | str:
    """A date for people, and for programs where it is one."""
    return element("time", date_words(text), datetime=text) if period(text) else text


def _dated(name: str, text: str) -> str:
    """The date behind its word: on a day, in a month or year."""
    word = "on" if name == "occurredOn" and len(text) == _DAY else _DATES[name]
    return f"{word} {date_words(text)}"


def _by_link(facts: Sequence[Finding], centre: str, site: Site) -> list[Element]:
    parts = []
    key = _key(centre)
    for (_, what, is_object), group in groupby(sorted(facts, key=key), key=lambda c: key(c)[:3]):
        said = phrase(what, is_subject=not is_object, is_fact=True)
        parts.append(element("h3", sentence_case(said)))
        parts += _entries([*group], centre, site, "h4")
    return parts


def _not_facts(standing: str, claims: Sequence[Finding], centre: str, site: Site) -> list[Element]:
    mark = standing_of(standing)
    head = element("h3", badge(standing), " ", element("small", mark.meaning))
    return [head, *_entries(sorted(claims, key=_key(centre)), centre, site, "h4", is_fact=False)]


def _entries(
    claims: Sequence[Finding], centre: str, site: Site, heading: str, *, is_fact: bool = True
) -> list[Element]:
    """One block a link between two things, with every sentence that speaks of it."""
    return [_entry([*group], centre, site, heading, is_fact=is_fact) for _, group in groupby(claims, key=_key(centre))]


def _entry(alike: Sequence[Finding], centre: str, site: Site, heading: str, *, is_fact: bool) -> Element:
    first = alike[0]
    other, is_subject = _other(first, centre)
    lead: list[Child] = []
    if not is_fact:
        said = phrase(first.what, is_subject=is_subject, is_fact=False)
        lead = [element("em", sentence_case(f"{standing_of(first.standing).word} {said}")), " "]
    elif first.subject.iri != centre != other.iri and (first.object or other).iri != centre:
        lead = [site.thing(first.subject), " "]
    best = sorted(alike, key=lambda c: (-number(c.details.get("confidence")), c.iri))
    kind = element("small", words(other.type)) if other.type else None
    role = next((claim.details["role"] for claim in best if claim.details.get("role")), "")
    position = element("span", ", ", bdi(visible(role, MAX_ROLE)), class_="role") if role else None
    head = element(heading, *lead, site.thing(other), position, " ", kind, " ", badge(first.standing))
    blocks = [_evidence(claim, site) for claim in best]
    rest = blocks[MAX_OPEN:]
    more = folded(f"{counted(len(rest), 'more sentence')}", rest) if rest else None
    return element("article", head, *blocks[:MAX_OPEN], more, class_="fact" if is_fact else "not-fact")


def _evidence(finding: Finding, site: Site) -> Element:
    quotes = [quotation(source, site) for source in finding.sources]
    return element("div", *quotes, details_line(finding, site), class_="evidence")


def _key(centre: str) -> Any:
    """Sorts claims by predicate, those from the centre before those to it, and by the other end."""

    def key(claim: Finding) -> tuple[Any, ...]:
        other, is_subject = _other(claim, centre)
        return (
            place_of(claim.what),
            claim.what,
            not is_subject,
            other.label,
            other.iri,
            "" if is_subject else claim.subject.iri,
        )

    return key


def _other(claim: Finding, centre: str) -> tuple[Link, bool]:
    """The end of the claim that is not the centre, and whether the centre is its subject."""
    object_ = claim.object or claim.subject
    is_subject = claim.subject.iri == centre or object_.iri != centre
    return (object_, True) if is_subject else (claim.subject, False)


def _conflict(finding: Finding, rival: Rival, site: Site) -> Element:
    what = " and ".join(aspect.lower() for aspect in rival.aspects)
    head = element("h3", "They differ" + (f" in {what}" if what else ""))
    sides = [
        element(
            "article",
            element("p", badge(side.standing) if side.object else None, " ", statement(side, site), class_="said"),
            _evidence(Finding(**{name: getattr(side, name) for name in _PLAIN}), site),
        )
        for side in (finding, rival.finding)
    ]
    return element("div", head, element("div", *sides, class_="sides"), class_="conflict")


_PLAIN = [name for name in Finding.__slots__ if name != "rivals"]
"""All of a finding but its rivals, which the two sides of a conflict show by standing beside each other."""


def _cite(paper: Paper, site: Site) -> Element:
    parts: list[Child] = [element("cite", site.thing(paper.link))]
    parts += [bdi(text) for text in (paper.outlet, paper.author) if text]
    if paper.published:
        parts.append(time_words(paper.published))
    return element("footer", *joined(parts, " · "))


def _speaker(finding: Finding, site: Site) -> Element | None:
    """The words of the text, and who they stand for where those differ."""
    if finding.speaker is None:
        return bdi(finding.said_by) if finding.said_by else None
    link = site.thing(finding.speaker)
    if not finding.said_by or finding.said_by == finding.speaker.label:
        return link
    return element("span", bdi(finding.said_by), " (", link, ")")
