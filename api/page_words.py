"""Plain words for what the graph says: links in both directions, statuses, dates and amounts.

A link that holds is a sentence (`acquired`, `was acquired by`); one that does not is a noun behind its status
(`Attempted acquisition of`), so that no reader, and no copied heading, takes it for a fact.
"""

from __future__ import annotations

import re
from calendar import monthrange
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from api.page_findings import FACT, RETRACTED, UNSURE
from kg.labels import words


class Phrases(NamedTuple):
    """A predicate in words: from its subject, from its object, and both as nouns."""

    says: str
    of: str
    says_noun: str
    of_noun: str


PHRASES = {
    "worksFor": Phrases("works for", "employs", "position at", "position of"),
    "foundedBy": Phrases("was founded by", "founded", "founding by", "founding of"),
    "boardMemberOf": Phrases("is on the board of", "has on its board", "board seat at", "board seat of"),
    "educatedAt": Phrases("studied at", "educated", "studies at", "studies of"),
    "develops": Phrases("makes", "is made by", "development of", "development by"),
    "acquired": Phrases("acquired", "was acquired by", "acquisition of", "acquisition by"),
    "investedIn": Phrases("invested in", "has an investment from", "investment in", "investment by"),
    "partnerOf": Phrases("is a partner of", "is a partner of", "partnership with", "partnership with"),
    "competesWith": Phrases("competes with", "competes with", "competition with", "competition with"),
    "subsidiaryOf": Phrases("is a subsidiary of", "has the subsidiary", "control by", "control of"),
    "basedOn": Phrases("is based on", "is the basis of", "building on", "use as the basis of"),
    "uses": Phrases("uses", "is used by", "use of", "use by"),
    "suppliesTo": Phrases("supplies", "is supplied by", "supply to", "supply by"),
    "headquarteredIn": Phrases("has its head office in", "has the head office of", "head office in", "head office of"),
    "successorOf": Phrases("succeeds", "is succeeded by", "succession to", "succession by"),
    "sued": Phrases("sued", "was sued by", "lawsuit against", "lawsuit by"),
}
"""Of the ontology's predicates; another is said by its own name."""


class Standing(NamedTuple):
    """How a claim is marked: symbol and word, never by colour alone, and what the word means."""

    symbol: str
    word: str
    meaning: str


STANDINGS = {
    FACT: Standing("✓", "actual", "A document says that it holds, or that it happened."),
    "planned": Standing("→", "planned", "A party to it has announced or agreed it, and it is not completed."),
    "rumoured": Standing("?", "rumoured", "Only market talk or unnamed sources say so."),
    "attempted": Standing("~", "attempted", "It was tried and did not come to be."),
    "denied": Standing("✗", "denied", "A party denies it, or the text says that it never was."),
    "former": Standing("←", "former", "It held, and has ended."),
    UNSURE: Standing("…", "unsure", "A document seems to say so; it is too uncertain to be asserted."),
    RETRACTED: Standing("⊘", "retracted", "A document says so; a user has taken it back."),
}
"""In the order in which a page shows them. The meanings are those of the ontology."""

_MONTHS = "January February March April May June July August September October November December".split()
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_SCALES = ((Decimal(10**12), "trillion"), (Decimal(10**9), "billion"), (Decimal(10**6), "million"))
_SCALE_DIGITS = 3
_MAX_DIGITS = 18
_SHORT = {"trillion": "tn", "billion": "bn", "million": "m"}


class Period(NamedTuple):
    """The days that a date of whatever precision stands for, as ordinals, half-open."""

    start: int
    end: int


def standing_of(name: str) -> Standing:
    """How a standing is marked; one that the graph does not know goes by its own name.

    >>> standing_of("attempted").word
    'attempted'
    """
    return STANDINGS.get(name) or Standing("•", words(name), "")


def order_of(name: str) -> tuple[int, str]:
    """Sorts standings as pages show them."""
    known = [*STANDINGS]
    return (known.index(name) if name in known else len(known), name)


def phrase(predicate: str, *, is_subject: bool, is_fact: bool) -> str:
    """A link in words, as said of its subject or of its object.

    >>> phrase("acquired", is_subject=False, is_fact=True), phrase("acquired", is_subject=True, is_fact=False)
    ('was acquired by', 'acquisition of')
    """
    own = words(predicate) or "is linked with"
    known = PHRASES.get(predicate) or Phrases(own, f"{own} (said of it)", own, f"{own} (said of it)")
    if is_fact:
        return known.says if is_subject else known.of
    return known.says_noun if is_subject else known.of_noun


def place_of(predicate: str) -> int:
    """Sorts predicates as pages show them: people first."""
    known = [*PHRASES]
    return known.index(predicate) if predicate in known else len(known)


def period(text: str) -> Period | None:
    """The days of an ISO date of a year, month or day; None for any other text.

    >>> period("2024-02").end - period("2024-02").start
    29
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    with suppress(ValueError):  # the thirteenth month, or the year 0
        if day and month and year:
            start = date(year, month, day).toordinal()
            return Period(start, start + 1)
        if month and year:
            start = date(year, month, 1).toordinal()
            return Period(start, start + monthrange(year, month)[1])
        start = date(year or 0, 1, 1).toordinal()
        return Period(start, date(year or 0, 12, 31).toordinal() + 1)
    return None


def date_words(text: str) -> str:
    """A date as people write it; what is no ISO date stays as it is.

    >>> date_words("2024-07-03"), date_words("2024-07"), date_words("2024")
    ('3 July 2024', 'July 2024', '2024')
    """
    if period(text) is None:
        return text
    year, *rest = text.split("-")
    month = [_MONTHS[int(rest[0]) - 1]] if rest else []
    day = [str(int(rest[1]))] if len(rest) > 1 else []
    return " ".join([*day, *month, year])


def amount(value: str, unit: str) -> str:
    """A value with its unit, in words where nothing is lost; a text that is no number stays as it is.

    >>> amount("2500000000", "USD"), amount("12.5", "percent"), amount("1200", "count")
    ('2.5 billion USD', '12.5%', '1,200')
    """
    text = value
    with suppress(InvalidOperation):  # a user's own statement may hold any text
        text = _in_words(Decimal(value))
    return f"{text}%" if unit == "percent" else text if unit == "count" else f"{text} {unit}".strip()


def short_amount(value: float, unit: str) -> str:
    """The same for the axis of a plot.

    >>> short_amount(2.5e9, "USD"), short_amount(40, "percent")
    ('2.5bn USD', '40%')
    """
    scale, word = next(((scale, word) for scale, word in _SCALES if abs(value) >= scale), (Decimal(1), ""))
    text = f"{value / float(scale):,.4g}{_SHORT.get(word, '')}"
    return f"{text}%" if unit == "percent" else text if unit == "count" else f"{text} {unit}".strip()


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "source"), counted(1200, "source")
    ('1 source', '1,200 sources')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def sentence_case(text: str) -> str:
    """The text with its first letter in capitals."""
    return text[:1].upper() + text[1:]


def _in_words(number: Decimal) -> str:
    if not number.is_finite() or abs(number.adjusted()) > _MAX_DIGITS:
        return str(number)
    for scale, word in _SCALES:
        scaled = number / scale
        if abs(scaled) >= 1 and scaled == round(scaled, _SCALE_DIGITS):
            return f"{scaled.normalize():,f} {word}"
    return f"{number:,}"
