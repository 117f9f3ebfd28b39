"""Numbers in running text: digits and words, with the scale, the unit and the noun that stand beside them.

In: text. Out: tokens, and `Reading`s of every number in them, of which kg.amounts keeps those that measure something.
The words of numbers, scales, currencies and nouns are rows of seeds/cues/amounts.csv.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from kg.lexicon import read_rows

PERCENT = "percent"


class Token(NamedTuple):
    """A piece of the text at `[start, end)`: kind `num`, `word` or `sign`; `low` is its text without case."""

    kind: str
    text: str
    low: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A number at tokens [first, after), before it is known to be an amount; unit "" and scale None are not stated."""

    first: int
    number: int
    after: int
    value: Decimal
    scale: Decimal | None
    unit: str
    noun: str
    bare: bool
    worded: bool
    ranged: bool = False


_ROWS = read_rows("cues/amounts.csv")


def amount_words(kind: str) -> dict[str, str]:
    """Words of one kind in seeds/cues/amounts.csv, with their values."""
    return {row["word"]: row["value"] for row in _ROWS if row["kind"] == kind}


_TOKEN = re.compile(
    r"(?P<num>\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['\u2019][^\W\d_]+)?)|(?P<sign>\S)"
)
_GROUPED = re.compile(r"\d{1,3}(?:[,\u00a0\u2009\u202f]\d{2,3})*(?:[,\u00a0\u2009\u202f]\d{3})(?:\.\d+)?")
_PLAIN = re.compile(r"(?:[1-9]\d*|0)(?:\.\d+)?")
HYPHENS = frozenset("-\u2010\u2011\u2012\u2013\u2014")

_WORDS = {word: Decimal(value) for word, value in amount_words("number").items()}
_SCALES = {word: Decimal(value) for word, value in amount_words("scale").items()}
_PARTS = {word: int(value) for word, value in amount_words("part").items()}
_SIGNS, _DOLLARS, _CODES = amount_words("sign"), amount_words("dollar"), amount_words("code")
_PREFIXES, _NAMES, _NATIONS = _CODES | amount_words("prefix"), amount_words("name"), amount_words("nation")
UNCOUNTED = frozenset(amount_words("time") | amount_words("measure"))
_IRREGULAR, _STOPS = frozenset(amount_words("irregular")), frozenset(amount_words("stop"))
_LARGEST_SCALE = 10**12
_LONGEST_NUMERAL = 18
"""Digits and signs; a longer row of digits is a number of something else (an account, a hash)."""


def tokenize(text: str, start: int, end: int) -> list[Token]:
    """Numbers, words and signs of `text[start:end)`."""
    return [
        Token(m.lastgroup or "", m[0], m[0].casefold(), m.start(), m.end()) for m in _TOKEN.finditer(text, start, end)
    ]


def read_numbers(tokens: Sequence[Token]) -> Iterator[Reading]:
    """Every number, sorted and disjoint, dates and versions too."""
    i = free = 0
    while i < len(tokens):
        reading = _fraction(tokens, i) or _read(tokens, i)
        if reading and reading.first >= free:
            yield reading
            free = reading.after
        i = reading.after if reading else i + 1


def _fraction(tokens: Sequence[Token], i: int) -> Reading | None:
    """`a fifth of`, `two-thirds of`, `half the`: a percentage; a fiscal half or quarter is none."""
    low = tokens[i].low
    many = Decimal(1) if low in {"a", "an", "half"} else _WORDS.get(low)
    if many is None or (i and tokens[i - 1].low in {"first", "second", "latter", "other", "final", "last"}):
        return None
    at = i if low == "half" else _skip_hyphen(tokens, i + 1)
    part = _PARTS.get(tokens[at].low) if at < len(tokens) else None
    follow = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if not part or follow not in ({"of", "the", "its", "their", "all"} if low == "half" else {"of"}):
        return None
    if follow == "of" and at + 3 < len(tokens) and tokens[at + 2].low == "a" and tokens[at + 3].low in _SCALES:
        return _finish(tokens, i, i, at + 3, many / part, worded=True)
    value = (100 * many / part).quantize(Decimal("0.01"))
    return Reading(i, i, at + 1, value, None, PERCENT, "", bare=False, worded=True)


def _read(tokens: Sequence[Token], i: int) -> Reading | None:
    token = tokens[i]
    if token.kind == "num":
        value = _numeral(token.text)
        if value is None:
            return None
        first = _currency_before(tokens, i)[1]
        return _finish(tokens, first, i, i + 1, value, worded=False)
    if token.kind == "word" and (number := _worded(tokens, i)):
        return _finish(tokens, _currency_before(tokens, i)[1], i, number[1], number[0], worded=True)
    return None


def _numeral(text: str) -> Decimal | None:
    """The value of `1,234.5`; None for `1.2.3`, and for commas that do not group thousands (or lakhs)."""
    if len(text) > _LONGEST_NUMERAL:
        return None
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    return Decimal(re.sub(r"[^\d.]", "", text)) if _GROUPED.fullmatch(text) else None


def _worded(tokens: Sequence[Token], i: int) -> tuple[Decimal, int] | None:
    """Value and end of a number in words: `twenty-one`, `two hundred and six`, `a` before a power, `half a`."""
    low = tokens[i].low
    following = [t.low for t in tokens[i + 1 : i + 3]]
    if low == "half" and len(following) == 2 and following[0] == "a" and following[1] in _SCALES:
        return Decimal("0.5"), i + 2
    if low in {"a", "an"}:
        return (Decimal(1), i + 1) if following and following[0] in _SCALES else None
    if low not in _WORDS:
        return None
    value, at = _below_hundred(tokens, i)
    if at < len(tokens) and tokens[at].low == "hundred":
        rest = at + 2 if at + 1 < len(tokens) and tokens[at + 1].low == "and" else at + 1
        more, end = _below_hundred(tokens, rest) if rest < len(tokens) else (Decimal(0), rest)
        value, at = value * 100 + more, end if more else at + 1
    and_a_half = [t.low for t in tokens[at : at + 3]] == ["and", "a", "half"]
    return (value + Decimal("0.5"), at + 3) if and_a_half else (value, at)


def _below_hundred(tokens: Sequence[Token], i: int) -> tuple[Decimal, int]:
    """Value and end of `six`, `twenty` or `twenty-one` at token i; (0, i) where there is none."""
    value = _WORDS.get(tokens[i].low)
    if value is None:
        return Decimal(0), i
    ones = _skip_hyphen(tokens, i + 1)
    if value >= 20 and ones < len(tokens) and 0 < _WORDS.get(tokens[ones].low, Decimal(0)) < 10:
        return value + _WORDS[tokens[ones].low], ones + 1
    return value, i + 1


def _finish(tokens: Sequence[Token], first: int, number: int, at: int, value: Decimal, *, worded: bool) -> Reading:
    """The reading of a number that ends at token `at`: with the scale, the unit and the noun that follow it."""
    unit = _currency_before(tokens, number)[0]
    scale, at = _scales(tokens, at, money=bool(unit), spaced_letter=bool(unit))
    after, at = ("", at) if unit else _unit_after(tokens, at, scale is not None)
    if after in {"cents", "pence"}:
        scale = (scale or Decimal(1)) / 100
    noun = "" if unit or after else _noun(tokens, at)
    bare = not worded and scale is None and _PLAIN.fullmatch(tokens[number].text) is not None
    return Reading(first, number, at, value, scale, unit or after, noun, bare=bare, worded=worded)


def _scales(tokens: Sequence[Token], at: int, *, money: bool, spaced_letter: bool) -> tuple[Decimal | None, int]:
    """Product of the scale words at `at` (`hundred thousand`, `lakh crore`), and where they end."""
    scale: Decimal | None = None
    while at < len(tokens) and (scale is None or scale < _LARGEST_SCALE):
        k = _skip_hyphen(tokens, at) if tokens[at].text in HYPHENS else at
        if k >= len(tokens) or tokens[k].low not in _SCALES:
            break
        touching = tokens[k].start == tokens[k - 1].end
        letter = len(tokens[k].text) <= 3 and tokens[k].low not in {"lakh"}
        if letter and not touching and not spaced_letter:
            break
        if letter and tokens[k].text.isupper() and not money and not _noun(tokens, k + 1):
            break
        scale, at = (scale or Decimal(1)) * _SCALES[tokens[k].low], k + 1
        if letter:
            break
    return scale, at


def _currency_before(tokens: Sequence[Token], i: int) -> tuple[str, int]:
    """Currency stated before token i, and the first token of the amount."""
    if i == 0:
        return "", i
    last = tokens[i - 1]
    if last.text in _SIGNS:
        nation = tokens[i - 2] if i > 1 else None
        if last.text == "$" and nation and nation.end == last.start and nation.text in _DOLLARS:
            return _DOLLARS[nation.text], i - 2
        return _SIGNS[last.text], i - 1
    k = i - 2 if last.text == "." and i > 1 and tokens[i - 2].text == "Rs" else i - 1
    word = tokens[k].text
    if word in _PREFIXES and (word != "R" or last.end == tokens[i].start):
        return _PREFIXES[word], k
    return "", i


def _unit_after(tokens: Sequence[Token], at: int, scaled: bool) -> tuple[str, int]:
    """Unit stated at token `at` (`%`, `per cent`, `Canadian dollars`, `EUR`), and where it ends."""
    k = _skip_hyphen(tokens, at)
    if k >= len(tokens):
        return "", at
    touching = tokens[k].start == tokens[k - 1].end
    low, following = tokens[k].low, tokens[k + 1].low if k + 1 < len(tokens) else ""
    if low in {"%", PERCENT, "pct"} or (low == "pc" and touching):
        return ("", at) if following in {"point", "points"} else (PERCENT, k + 1)
    if low == "per" and following == "cent":
        return PERCENT, k + 2
    if following in _NAMES and following not in {"p", "won"} and low in _NATIONS:
        return _NATIONS[low], k + 2
    if (
        low in {"hong", "new"}
        and following in {"kong", "zealand"}
        and k + 2 < len(tokens)
        and tokens[k + 2].low in _NAMES
    ):
        return ("HKD" if low == "hong" else "NZD"), k + 3
    if tokens[k].text in _CODES or tokens[k].text == "€":
        return (_SIGNS["€"] if tokens[k].text == "€" else tokens[k].text), k + 1
    is_name = low in _NAMES and (low != "won" or scaled) and (low != "p" or touching) and not (low == "kr" and touching)
    return (_NAMES[low], k + 1) if is_name and not (low == "pounds" and following == "of") else ("", at)


def _noun(tokens: Sequence[Token], at: int) -> str:
    """Head of the noun phrase at `at`: its first plural; after a hyphen the next word (`seven-person`)."""
    if at + 1 < len(tokens) and tokens[at].text in HYPHENS and tokens[at].end == tokens[at + 1].start:
        word = tokens[at + 1]
        joined = word.kind == "word" and tokens[at].start == tokens[at - 1].end and word.text == word.low
        return word.low if joined and word.low not in _STOPS else ""
    for token in tokens[at : at + 6]:
        if token.low in _STOPS or (token.kind != "word" and token.text not in HYPHENS):
            return ""
        if token.low in _IRREGULAR or token.low in UNCOUNTED:
            return token.low
        plural = (
            token.low.endswith("s")
            and not token.low.endswith(("ss", "us", "is", "'s", "\u2019s"))
            and len(token.low) > 3
        )
        if plural and (token.text == token.low or token.low.endswith("ans")):
            return token.low
    return ""


def _skip_hyphen(tokens: Sequence[Token], at: int) -> int:
    """`at`, or the token after it where a hyphen stands at `at`, touching both its neighbours."""
    joined = (
        0 < at < len(tokens) - 1
        and tokens[at].text in HYPHENS
        and tokens[at - 1].end == tokens[at].start
        and tokens[at].end == tokens[at + 1].start
    )
    return at + 1 if joined else at
