"""Stage 1: text and running text -> what the text says about itself: headline, author, outlet, date of publication.

Only what is stated in so many words, else None: a relative date, a date inside a sentence, a date of change and a date
that could be read in two ways (03/04/2025) are not dates of publication.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kg.page_chrome import BYLINE, LABEL, WORD, is_byline, is_names
from kg.records import Span

TOP_SPANS = 3  # bylines and dates of the article stand above this many paragraphs; below them start other stories
MAX_LINE_CHARS = 200  # a longer line is no byline and no stamp
MAX_TITLE_WORDS = 30
MIN_TITLE_WORDS = 2
MAX_OUTLET_WORDS = 5
MAX_DATELINE_CHARS = 120

# Cities that stand alone in datelines, after the list in the stylebook of the Associated Press; no outlet is named so.
_CITY_NAMES = """
atlanta|amsterdam|baltimore|baghdad|bangkok|beijing|beirut|berlin|bogota|boston|brussels|cairo|chicago|cincinnati
cleveland|dallas|denver|detroit|djibouti|dublin|geneva|gibraltar|guatemala city|havana|helsinki|hong kong|honolulu
houston|indianapolis|islamabad|istanbul|jerusalem|johannesburg|kuwait city|las vegas|london|los angeles|luxembourg
macau|madrid|mexico city|miami|milan|milwaukee|minneapolis|monaco|montreal|moscow|mumbai|munich|nairobi|new delhi
new orleans|new york|oklahoma city|panama city|paris|philadelphia|phoenix|pittsburgh|prague|quebec city
rio de janeiro|rome|salt lake city|san antonio|san diego|san francisco|san marino|sao paulo|seattle|shanghai
singapore|st. louis|stockholm|sydney|tehran|tokyo|toronto|vatican city|vienna|washington|zurich"""
_CITIES = frozenset(_CITY_NAMES.strip().replace("\n", "|").split("|"))
_JOB = re.compile(
    r"\b(?:editor|correspondent|reporter|writer|columnist|contributor|analyst|staff|freelance|senior|chief|deputy|head"
    r"|director|partner|professor|fellow|president|founder|ceo)\b",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?=$|[T\s,;|)])",
        rf"\b{_DAY}\.?\s+(?:of\s+)?{_MONTH},?\s+(?P<year>\d{{4}})\b",
        rf"\b{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})\b",
        r"\b(?P<year>\d{4})-(?P<month>\d\d)(?=$|[\s,;|)])",
        rf"\b{_MONTH},?\s+(?P<year>\d{{4}})\b",
        r"^(?P<year>\d{4})$",
    )
)
_TO_THE_DAY = 3  # so many patterns at the front of _DATES give a day
_STATED = re.compile(
    r"(?:first |originally )?(?:published|posted|publication date|date published|date|issued)\b"
    r"(?: online)?(?: by [^\d\n]{2,60}(?= on ))?(?: on| at)?:?\s*",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:last |page )?(?:updated|modified|reviewed|edited|revised|accessed|retrieved)\b", re.IGNORECASE
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_STAMP = re.compile(
    rf"{_WEEKDAY}<date>"
    r"(?:[\s,|·•T-]*(?:at\s+)?\d{1,2}[:.]\d\d(?::\d\d)?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|[+-]\d\d:?\d\d|[A-Z]{2,4})?)?"
    r"(?:\s*[|·•,-]\s*\d+ min(?:ute)?s?(?: read)?)?\.?$",
    re.IGNORECASE,
)
_AGENCY_DATELINE = re.compile(
    r"(?:(?P<place>[^\W\d_][^()\n]{0,60}?)\s*[,-]*\s*)?\((?P<outlet>[A-Z][\w&.' ]{1,40})\)\s*(?:[-–—]{1,2}|:)\s"
)
_ENDS_IN_DAY = re.compile(rf"(?:{_MONTH}\s+\d{{1,2}}|\d{{1,2}}\s+[A-Z][a-z]{{2,8}})(?:,?\s+\d{{4}})?$", re.IGNORECASE)
_PLACE_DATELINE = re.compile(
    r"(?P<place>[A-Z][\w .'’-]{1,40}(?:,\s*[A-Z][\w .'’]{1,30}){0,2}),\s+(?P<date>[^()–—\n]{6,40}?)\s*(?:\(|[–—]|--?\s)"
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """What a text states of itself; published is an ISO date at the precision stated, url the address of the text."""

    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    published: str | None = None
    url: str | None = None


def read_dateline(text: str, body: Sequence[Span]) -> Dateline:
    """Headline, author, outlet and date of publication as the text states them.

    body: the running text, sorted and disjoint (`running_text.find_running_text`).
    """
    lines = list(_lines_outside(text, body))
    author, outlet = _find_author(lines)
    openings = [text[span.start : span.start + MAX_DATELINE_CHARS] for span in body[:TOP_SPANS]]
    return Dateline(
        title=_find_title(text, body),
        author=author,
        outlet=outlet or next(filter(None, map(_find_agency, openings)), None),
        published=_find_published(lines) or next(filter(None, map(_find_place_date, openings)), None),
    )


def read_date(text: str) -> str | None:
    """The date with which a text starts, in ISO form at its own precision; None where there is no such day.

    >>> read_date("3 March 2025"), read_date("2025-03-03T10:14:00Z"), read_date("March 2025"), read_date("31 June 2025")
    ('2025-03-03', '2025-03-03', '2025-03', None)
    """
    for pattern in _DATES:
        match = pattern.match(text.strip())
        if match:
            return _to_iso(match)
    return None


def _to_iso(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    year, month, day = parts["year"], parts.get("month"), parts.get("day")
    if month is None:
        return year if int(year) > 0 else None
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    try:
        stated = date(int(year), number, int(day or 1))
    except ValueError:
        return None
    return stated.isoformat() if day else stated.isoformat()[: len("2025-03")]


def _lines_outside(text: str, body: Sequence[Span]) -> Iterator[tuple[str, bool]]:
    """Lines outside the running text with whether they stand at the top, above the fourth paragraph of prose."""
    position = n_prose = 0
    for span in (*body, Span(len(text), len(text))):
        for line in text[position : span.start].split("\n"):
            if line.strip() and len(line) <= MAX_LINE_CHARS:
                yield line.strip(), n_prose <= TOP_SPANS
        position = span.end
        n_prose += text[max(span.start, span.end - 3) : span.end].rstrip("\"'”’)").endswith(".")


def _is_title(text: str, span: Span) -> bool:
    words = WORD.findall(text[span.start : min(span.end, span.start + 2 * MAX_LINE_CHARS)])
    last = text[span.start : span.end].rstrip("\"'”’) ")[-1:] if span.end - span.start <= 2 * MAX_LINE_CHARS else "."
    return MIN_TITLE_WORDS <= len(words) <= MAX_TITLE_WORDS and last not in (".", ":", ";", ",", "…")


def _find_title(text: str, body: Sequence[Span]) -> str | None:
    """The first line of the running text if it is on a line of its own, ends as no sentence does, and text follows."""
    if len(body) < 2 or not _is_title(text, body[0]):
        return None
    title = text[body[0].start : body[0].end]
    before = text[text.rfind("\n", 0, body[0].start) + 1 : body[0].start]
    return None if before.strip(" \t#") or LABEL.match(title) else " ".join(title.split())


def _find_author(lines: Sequence[tuple[str, bool]]) -> tuple[str | None, str | None]:
    for line, is_top in lines:
        if is_top and (found := _read_byline(line)):
            return found
    return None, None


def _read_byline(line: str) -> tuple[str, str | None] | None:
    """Author and outlet of `By NAME`, `By NAME, OUTLET`, `By NAME | OUTLET`, `NAME | OUTLET`; None for other lines."""
    name, bar, rest = (part.strip() for part in line.partition("|"))
    byline = BYLINE.match(name)
    if byline is None or not is_byline(name):
        return _read_bar(name, rest) if bar else None
    if re.match(
        r"\(|(?:additional|reported|reporting|edited|editing|translated|compiled|produced)\b|editor:",
        name,
        re.IGNORECASE,
    ):
        return None
    who, _, tail = (part.strip() for part in (byline["who"] or byline["named"]).partition(","))
    if tail and re.match(r"[^,]+(?:,| and )\s*\S", tail) and not _JOB.search(tail):
        return byline["who"] or byline["named"], _as_outlet(rest)
    author = re.split(r"\s+(?:in|for|at|on|of)\s+", who)[0]
    return (author, _as_outlet(tail) or _as_outlet(rest)) if is_names(author) and not _JOB.search(author) else None


def _read_bar(name: str, rest: str) -> tuple[str, str | None] | None:
    is_person = 2 <= len(name.split()) <= 4 and is_names(name) and not any(char.isdigit() for char in name)
    outlet = _as_outlet(rest)
    return (name, outlet) if is_person and outlet and "|" not in rest else None


def _as_outlet(text: str) -> str | None:
    """The text if it can be the name of an outlet: capitalised, short, no job, no city of a dateline, no date."""
    is_name = bool(text) and is_names(text) and len(WORD.findall(text)) <= MAX_OUTLET_WORDS and text[0].isupper()
    is_other = _JOB.search(text) or text.lower() in _CITIES or re.search(r"\d{4}|[,|]|\d:\d", text)
    return text if is_name and not is_other else None


def _find_agency(opening: str) -> str | None:
    """The agency of `LONDON (Reuters) -` at the start of an article."""
    match = _AGENCY_DATELINE.match(opening)
    if match is None:
        return None
    place = match["place"] or ""
    is_place = place[:2].isupper() or _ENDS_IN_DAY.search(place) is not None
    return match["outlet"].strip() if not place or is_place else None


def _find_published(lines: Sequence[tuple[str, bool]]) -> str | None:
    """The date of a line that calls it one of publication, wherever it is the only one, else of a bare stamp on top."""
    stated = sorted({found for line, _ in lines if (found := _read_stated(line))})
    at_top = [found for line, is_top in lines if is_top and (found := _read_stated(line) or _read_stamp(line))]
    if len(stated) == 1:
        return stated[0]
    return at_top[0] if at_top else None


def _read_stated(line: str) -> str | None:
    match = _STATED.match(line)
    if match is None:
        return None
    return read_date(re.sub(f"^{_WEEKDAY}", "", line[match.end() :], flags=re.IGNORECASE))


def _read_stamp(line: str) -> str | None:
    """The date of a line, or of a part of it between bars, that is a full date and nothing else."""
    for part in re.split(r"\s+[|·•]\s+", line):
        if _CHANGED.search(part):
            continue
        for index, pattern in enumerate(_DATES):
            match = pattern.search(part)
            if match is None:
                continue
            is_full = index < _TO_THE_DAY or "-" in match[0]
            around = part[: match.start()] + "<date>" + part[match.end() :]
            return _to_iso(match) if is_full and _STAMP.match(around) else None
    return None


def _find_place_date(opening: str) -> str | None:
    """The full date of `Zurich, 14 January 2026 –` at the start of an article."""
    match = _PLACE_DATELINE.match(opening)
    if match is None:
        return None
    found = read_date(match["date"]) if is_names(match["place"]) else None
    return found if found and len(found) == len("2026-01-14") else None
