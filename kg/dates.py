"""Dates in running text, as ISO 8601 strings that are never finer than the text (read without a model).

In: the text, a range of it and the date on which it was published, where stated. Out: `DateMention`s, sorted and
disjoint. What leans on the day of writing (`yesterday`, `last year`, `on Tuesday`, `in July`) is resolved only against
`published`, and left out without it. A quarter or a fiscal year gives its year. Left out too: decades, weeks, seasons
without a year, and numeric dates that two countries read as two days (`03/04/2025`). Linear in the length of the range.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import MINYEAR, date, timedelta

_MONTHS = {"Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6}
_MONTHS |= {"Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|March|Mar\.?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?"
)
_MONTH += r"|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_GAP = r"\s{1,3}"
_AFTER_YEAR = r"(?![\w%]|[.,:/]\d|[-\u2013]\d)"
_RANGE = rf"(?:{_GAP}(?:and|to|or|through|until){_GAP}|\s?[-\u2013]\s?)"
_YEAR_LATER = rf"{_GAP}(?:{_DAY},?{_GAP})?(?P<later>{_YEAR}){_AFTER_YEAR}"
_LEAD = "|".join(
    rf"(?<={word}\s)" for word in ("[Ii]n", "[Bb]y", "[Ss]ince", "[Uu]ntil", "early", "late", "of", "from")
)
_PATTERN = re.compile(
    rf"""(?:(?<=mid-)|(?<![\w$\u20ac\u00a3\u00a5#@./,:])(?<!\d[-\u2013])(?<![A-Za-z]-))(?:
      (?P<iso>{_YEAR}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)(?![\w/-])
    | (?P<slash>\d{{1,2}}(?P<sep>[/.])\d{{1,2}}(?P=sep){_YEAR}){_AFTER_YEAR}
    | (?P<dmy>{_DAY}{_GAP}(?:of{_GAP})?{_MONTH},?{_GAP}{_YEAR}){_AFTER_YEAR}
    | (?P<mdy>{_MONTH}{_GAP}{_DAY},?{_GAP}{_YEAR}){_AFTER_YEAR}
    | (?P<my>{_MONTH}(?:,|{_GAP}of)?{_GAP}{_YEAR}){_AFTER_YEAR}
    | (?P<shared>(?:{_DAY}{_GAP})?{_MONTH})(?={_RANGE}(?:{_DAY}{_GAP})?{_MONTH}{_YEAR_LATER})
    | (?P<that>(?:{_MONTH}{_GAP}(?:of{_GAP})?)?(?:that|the{_GAP}same){_GAP}year)\b
    | (?P<dm>{_DAY}{_GAP}(?:of{_GAP})?{_MONTH})(?![\w-])
    | (?P<md>{_MONTH}{_GAP}{_DAY})(?![\w%-]|[.,:]\d|{_GAP}(?:million|billion|percent|per))
    | (?P<month>(?:(?:[Ll]ast|[Nn]ext|[Tt]his){_GAP}|{_LEAD}){_MONTH})(?![\w-]|{_GAP}\d)
    | (?P<relative>(?:[Ll]ast|[Tt]his|[Nn]ext){_GAP}(?:month|year)|[Yy]esterday|[Tt]oday|[Tt]omorrow)\b
    | (?P<weekday>(?:(?:[Ll]ast|[Nn]ext){_GAP})?(?:{"|".join(_WEEKDAYS)}))\b
    | (?P<fiscal>FY{_GAP}?{_YEAR}|FY\d\d)\b
    | (?P<year>{_YEAR}){_AFTER_YEAR}
    )""",
    re.VERBOSE,
)
_SOME_MONTH, _SOME_DAY, _SOME_YEAR = re.compile(_MONTH), re.compile(r"\b\d{1,2}(?!\d)"), re.compile(_YEAR)
_FUTURE = re.compile(r"\b(?:will|to be|due|expects?|expected|plans?|next|by|until|from|forecasts?|targets?|aims?)\b")
_SENTENCE_END = re.compile(r"[.!?]['\")\u201d\u2019]?\s|\n")
_YEAR_OPENERS = re.compile(
    r"(?:in|since|by|during|until|for|from|of|fiscal|spring|summer|autumn|fall|winter|early|late|mid|the|year|full-year"
    r"|between|after|before|its|q[1-4])",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\s(?:people|staff|employees|workers|users|customers|jobs|stores|shops|units|subscribers)\b")
_LAST_WORD = re.compile(r"([\w-]{1,20})\s{1,3}$")
_LOOK_BACK = 300


@dataclass(frozen=True, slots=True, order=True)
class DateMention:
    """A date in the text at `[start, end)`; iso: `2025-07-03`, `2025-07` or `2025`."""

    start: int
    end: int
    iso: str


@dataclass(frozen=True, slots=True)
class _Setting:
    """Where a date stands: the text, the published date (if any), and the dates read before it."""

    text: str
    low: int
    published: str | None
    found: list[DateMention]


def find_dates(text: str, start: int = 0, end: int | None = None, published: str | None = None) -> list[DateMention]:
    """Dates inside `text[start:end)` that can be told for certain, sorted and disjoint.

    published: an ISO date at any precision, or None; a relative date finer than it is left out.
    A month without a year is its last one up to `published`; its next one where the sentence speaks of the future.
    """
    setting = _Setting(text, start, published, [])
    for match in _PATTERN.finditer(text, start, len(text) if end is None else end):
        kind = match.lastgroup if match.lastgroup != "later" else "shared"
        iso = _RESOLVERS[kind or ""](match, setting)
        if iso is not None:
            setting.found.append(DateMention(match.start(kind or 0), match.end(kind or 0), iso))
    return setting.found


def _iso(year: int, month: int | None = None, day: int | None = None) -> str | None:
    """The ISO string of a day that exists, or None."""
    if month is None:
        return f"{year:04d}"
    try:
        whole = date(year, month, day or 1)
    except ValueError:
        return None
    return whole.isoformat() if day else f"{year:04d}-{month:02d}"


def _month_of(words: str) -> int | None:
    match = _SOME_MONTH.search(words)
    return _MONTHS[match[0][:3]] if match else None


def _day_of(words: str) -> int | None:
    match = _SOME_DAY.search(words)
    return int(match[0]) if match else None


def _read_iso(match: re.Match[str], setting: _Setting) -> str | None:  # noqa: ARG001
    return _iso(*map(int, match[0].split("-")))


def _read_slash(match: re.Match[str], setting: _Setting) -> str | None:  # noqa: ARG001
    first, second, year = map(int, re.split(r"[/.]", match["slash"]))
    if first > 12 or first == second:
        return _iso(year, second, first) if second <= 12 else None
    return _iso(year, first, second) if second > 12 else None


def _read_named(match: re.Match[str], setting: _Setting) -> str | None:  # noqa: ARG001
    words = match["shared"] or match[0]
    year = match["later"] or _SOME_YEAR.findall(words)[-1]
    return _iso(int(year), _month_of(words), _day_of(words))


def _read_that_year(match: re.Match[str], setting: _Setting) -> str | None:
    """`that year`: the year of the last date before it in its sentence."""
    if not setting.found:
        return None
    last = setting.found[-1]
    if _SENTENCE_END.search(setting.text, last.end, match.start()):
        return None
    return _iso(int(last.iso[:4]), _month_of(match["that"]))


def _read_month(match: re.Match[str], setting: _Setting) -> str | None:
    """A month, or a day of a month, whose year only `published` can tell."""
    month, parts = _month_of(match[0]), _parts(setting.published)
    if month is None or len(parts) < 2:
        return None
    lead = match[0].split()[0].casefold()
    future = lead == "next" or (lead not in {"last", "this"} and _speaks_of_future(match, setting))
    if future:
        year = parts[0] + (month < parts[1])
    else:
        year = parts[0] - (month > parts[1] or (lead == "last" and month == parts[1]))
    return _iso(year, month, _day_of(match[0]))


def _speaks_of_future(match: re.Match[str], setting: _Setting) -> bool:
    before = setting.text[max(setting.low, match.start() - _LOOK_BACK) : match.start()]
    ends = list(_SENTENCE_END.finditer(before))
    return _FUTURE.search(before, ends[-1].end() if ends else 0) is not None


def _read_relative(match: re.Match[str], setting: _Setting) -> str | None:
    parts = _parts(setting.published)
    lead, *unit = match[0].casefold().split()
    step = {"last": -1, "this": 0, "next": 1, "yesterday": -1, "today": 0, "tomorrow": 1}[lead]
    if unit == ["year"]:
        return _iso(parts[0] + step) if parts else None
    if unit == ["month"]:
        if len(parts) < 2:
            return None
        months = parts[0] * 12 + parts[1] - 1 + step
        return _iso(months // 12, months % 12 + 1)
    return _shift(parts, step)


def _read_weekday(match: re.Match[str], setting: _Setting) -> str | None:
    """The last such day up to `published` (`next Monday`: the first after it)."""
    parts = _parts(setting.published)
    if len(parts) < 3:
        return None
    words = match[0].split()
    ahead = (_WEEKDAYS.index(words[-1]) - date(*parts).weekday()) % 7
    if words[0].casefold() == "next":
        return _shift(parts, ahead or 7)
    back = ahead - 7 if ahead or words[0].casefold() == "last" else 0
    return _shift(parts, back)


def _shift(parts: tuple[int, ...], days: int) -> str | None:
    return (date(*parts) + timedelta(days=days)).isoformat() if len(parts) == 3 and parts[0] > MINYEAR else None


def _parts(published: str | None) -> tuple[int, ...]:
    return tuple(map(int, published.split("-"))) if published else ()


def _read_fiscal(match: re.Match[str], setting: _Setting) -> str | None:  # noqa: ARG001
    digits = match["fiscal"][2:].strip()
    return digits if len(digits) == 4 else f"20{digits}"


def _read_year(match: re.Match[str], setting: _Setting) -> str | None:
    """A bare year; none where it counts people or is part of a name (`Windows 2000`)."""
    if _COUNTED.match(setting.text, match.end()):
        return None
    before = _LAST_WORD.search(setting.text[max(setting.low, match.start() - 24) : match.start()])
    is_name = before is not None and before[1][:1].isupper() and not _YEAR_OPENERS.fullmatch(before[1])
    return None if is_name else match["year"]


_RESOLVERS: dict[str, Callable[[re.Match[str], _Setting], str | None]] = {
    "iso": _read_iso,
    "slash": _read_slash,
    "dmy": _read_named,
    "mdy": _read_named,
    "my": _read_named,
    "shared": _read_named,
    "that": _read_that_year,
    "dm": _read_month,
    "md": _read_month,
    "month": _read_month,
    "relative": _read_relative,
    "weekday": _read_weekday,
    "fiscal": _read_fiscal,
    "year": _read_year,
}
