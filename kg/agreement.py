"""When two dates, two figures or two positions agree: coarser, rounded or worded otherwise is not different.

In: dates, decimals and words as findings hold them. Out: yes or no. Bounding words are those of seeds/cues/bounds.csv,
positions that only one person holds at a time those of seeds/cues/top_posts.csv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from kg.lexicon import read_rows

_BOUNDS = {row["phrase"]: row["bound"] for row in read_rows("cues/bounds.csv")}
_POSTS = {row["phrase"]: row["post"] for row in read_rows("cues/top_posts.csv")}

MOST_ROUNDING = Decimal("0.1")
"""Of the larger figure, what rounding may take: `$1 billion` may be 1.05, but $100 million is not 140."""
ABOUT = Decimal("0.1")
"""Of a figure, how far `about` and `nearly` reach."""
NEAR_MONTHS = 1
"""Months between two texts that speak of one present: from one month to the next."""

_JOINED_POSTS = re.compile(r"\s*(?:,|/|&|;|\band\b)\s*")
_NO_PART = re.compile(r"^(?:(?:the|its|their|current|founding|group|global)\s+)+|\s+(?:and|of the company)$")


@dataclass(frozen=True, slots=True)
class Level:
    """A figure as far as its words bound it; low or high is None where they leave it open.

    grain: what one in its last written digit is worth, zeros at the end of a whole number not counted as written.
    colours: the words that make it another measure (`annualized`, `Series B`), sorted.
    """

    value: Decimal
    low: Decimal | None
    high: Decimal | None
    grain: Decimal
    colours: tuple[str, ...]


def dates_agree(one: str | None, other: str | None) -> bool:
    """Whether two ISO dates can be one: 2025 and 2025-07 can; a date that is not given agrees with all."""
    return not one or not other or one.startswith(other) or other.startswith(one)


def is_before(one: str | None, other: str | None) -> bool:
    """Whether the first date is surely over when the second begins."""
    return bool(one and other) and not dates_agree(one, other) and (one or "") < (other or "")


def are_near(one: str | None, other: str | None) -> bool:
    """Whether two texts of these dates speak of one present; a date that is not given is near all others."""
    if not one or not other or dates_agree(one, other):
        return True
    if min(len(one), len(other)) < len("2025-07"):
        return False
    first, second = (12 * int(date[:4]) + int(date[5:7]) for date in (one, other))
    return abs(first - second) <= NEAR_MONTHS


def level_of(value: Decimal, unit: str, qualifier: str | None) -> Level:
    """The figure with what its qualifier says of it."""
    words = [word for word in (qualifier or "").casefold().split("; ") if word]
    bounds = {_BOUNDS[word] for word in words if word in _BOUNDS}
    reach = abs(value) * ABOUT if "about" in bounds else Decimal(0)
    return Level(
        value,
        None if "most" in bounds else value - reach,
        None if "least" in bounds else value + reach,
        _grain(value, unit),
        tuple(sorted(word for word in words if word not in _BOUNDS)),
    )


def levels_agree(one: Level, other: Level) -> bool:
    """Whether both figures can be true of one thing at one time, at the precision of the coarser."""
    slack = min(max(one.grain, other.grain) / 2, MOST_ROUNDING * max(abs(one.value), abs(other.value)))
    return _reaches(one, other, slack) and _reaches(other, one, slack)


def _reaches(one: Level, other: Level, slack: Decimal) -> bool:
    return one.low is None or other.high is None or one.low - slack <= other.high


def _grain(value: Decimal, unit: str) -> Decimal:
    """Zeros at the end of a whole number are none of its digits, but in a percentage, where all are."""
    exponent = value.normalize().as_tuple().exponent
    scale = exponent if isinstance(exponent, int) else 0
    return Decimal(1).scaleb(min(scale, 0) if unit == "percent" else scale)


def sole_posts(role: str | None) -> tuple[str, ...]:
    """The positions in a role that one person at a time holds at one body, in one wording each; sorted.

    >>> sole_posts("founder and CEO"), sole_posts("co-CEO"), sole_posts("CEO of its cloud unit")
    (('chief executive',), (), ())
    """
    parts = _JOINED_POSTS.split((role or "").casefold().replace(".", ""))
    words = [" ".join(_NO_PART.sub("", part.strip()).split()) for part in parts]
    return tuple(sorted({_POSTS[word] for word in words if word in _POSTS}))


def role_key(role: str | None) -> str:
    """Equal for two wordings of one position: `CEO`, `chief executive officer`."""
    return "; ".join(sole_posts(role)) or " ".join((role or "").casefold().split())
