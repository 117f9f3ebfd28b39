"""Money, percentages and counts in running text, read without a model.

In: the text and a range of it. Out: `Amount`s, sorted and disjoint, with their value in whole units. Refused, because
they measure nothing: years and dates, times, versions and model numbers (`GPT-5.2`, `737 MAX`), ordinals, ages, section
numbers, scores, telephone numbers, and lengths of time, distance or weight. One pass over tokens, each with a bounded
look around it: linear in the length of the range.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kg.numerals import HYPHENS, PERCENT, UNCOUNTED, Reading, Token, amount_words, read_numbers, tokenize

COUNT = "count"


@dataclass(frozen=True, slots=True, order=True)
class Amount:
    """One figure: `text[start:end]` is its number with currency, scale and unit words, without qualifier and noun.

    value: in whole units (`$2.5B` is 2500000000, `a fifth` is 20). unit: an ISO 4217 code, `percent` or `count`.
    noun: the head of what a count counts (`users`, `person` in `seven-person`), lower case, or "". qualifier: the
    bounding words beside it (`more than`), as the text spells them.
    """

    start: int
    end: int
    value: Decimal
    unit: str
    noun: str = ""
    qualifier: str | None = None


_REFERENCES, _MONTHS = frozenset(amount_words("reference")), frozenset(amount_words("month"))
_NATIONS = amount_words("nation")
_PEOPLE, _OPENERS = frozenset(amount_words("person")), frozenset(amount_words("opener"))
_QUALIFIERS = "|".join(re.escape(phrase) for phrase in sorted(amount_words("qualifier"), key=len, reverse=True))
_QUALIFIER_BEFORE = re.compile(rf"(?:^|(?<=[\s(\"'\u201c\u2018]))(?:{_QUALIFIERS})\s*(?:the|a|an)?\s*$", re.IGNORECASE)
_QUALIFIER_AFTER = re.compile(r"\s+(or so|or more|or less|at least|at most|annualized|annualised)\b", re.IGNORECASE)
_LONGEST_QUALIFIER = 24
_CROWNS = {
    "NOK": re.compile(r"\b(?:Norw|Norge|Oslo|Bergen)"),
    "DKK": re.compile(r"\b(?:Danish|Denmark|Danes?\b|Copenhagen)"),
    "CZK": re.compile(r"\b(?:Czech|Prague)"),
}
_SHARED = {
    "INR": {
        "INR": re.compile(r"\b(?:India|Mumbai|MUMBAI|Delhi|DELHI|Bengaluru|BENGALURU|BSE|crore|lakh)"),
        "PKR": re.compile(r"\b(?:Pakistan|Karachi|KARACHI|Lahore|LAHORE|Islamabad|ISLAMABAD)"),
        "LKR": re.compile(r"\b(?:Sri Lanka|Colombo|COLOMBO)"),
        "NPR": re.compile(r"\b(?:Nepal|Kathmandu|KATHMANDU)"),
    },
    "MXN": {
        "MXN": re.compile(r"\b(?:Mexic|MEXICO)"),
        "CLP": re.compile(r"\b(?:Chile|SANTIAGO)"),
        "ARS": re.compile(r"\b(?:Argentin|Buenos Aires|BUENOS AIRES)"),
        "COP": re.compile(r"\b(?:Colombia|Bogot|BOGOT|Medell)"),
        "PHP": re.compile(r"\b(?:Philippin|Filipino|Manila|MANILA)"),
        "UYU": re.compile(r"\b(?:Uruguay|Montevideo|MONTEVIDEO)"),
    },
    "KES": {
        "KES": re.compile(r"\b(?:Kenya|Nairobi|NAIROBI)"),
        "UGX": re.compile(r"\b(?:Uganda|Kampala|KAMPALA)"),
        "TZS": re.compile(r"\b(?:Tanzania|Dar es Salaam|DAR ES SALAAM)"),
    },
    "KWD": {
        "KWD": re.compile(r"\b(?:Kuwait|KUWAIT)"),
        "RSD": re.compile(r"\b(?:Serbia|Belgrade|BELGRADE)"),
        "JOD": re.compile(r"\b(?:Jordan|Amman|AMMAN)"),
        "TND": re.compile(r"\b(?:Tunisia|Tunis\b|TUNIS\b)"),
        "DZD": re.compile(r"\b(?:Algeria|Algiers|ALGIERS)"),
    },
}
"""Names of money that nations share: the code that the name alone is read as, and what in a text speaks for which."""
_SHARED_NAME = re.compile(r"\b(?:rupees|pesos|shillings|dinars)$", re.IGNORECASE)
_LOOK_FOR_NATION = 2000
_LOOK_FOR_MONEY = 500
"""Characters before `a loss of 64 million` in which the currency is looked for that it leaves out."""
_COUNTING = frozenset(["sold", "shipped", "delivered", "shifted"])
_ELLIPTIC = 100_000
"""The least scale of such a figure."""
_WHEN = frozenset(["in", "since", "from", "to", "until", "by", "during"])
_OLDEST = 120
_SMALLEST_RAND = 20
"""`R4` and `RM16` are models; a price in rand or ringgit is no smaller."""


def find_amounts(text: str, start: int = 0, end: int | None = None) -> list[Amount]:
    """Amounts inside `text[start:end)`, sorted and disjoint.

    Nothing outside the range is read, but for the nation that tells whose crowns or whose ¥ it is.
    """
    tokens = tokenize(text, start, len(text) if end is None else end)
    readings = _share_ranges(tokens, list(read_numbers(tokens)))
    amounts: list[Amount] = []
    money = "USD"
    for reading in readings:
        if not _is_amount(tokens, reading):
            continue
        unit = _resolve_unit(text, _span_of(tokens, reading), reading.unit, money)
        if unit == COUNT and _may_be_money(tokens, reading):
            unit = _left_out(text, amounts, tokens[reading.first].start)
        if unit not in {COUNT, PERCENT}:
            money = unit
        amounts.append(_amount(text, start, tokens, replace(reading, unit=unit)))
    return amounts


def _span_of(tokens: Sequence[Token], reading: Reading) -> tuple[int, int]:
    return tokens[reading.first].start, tokens[reading.after - 1].end


def _may_be_money(tokens: Sequence[Token], reading: Reading) -> bool:
    """Whether a large figure counts nothing that is named or sold: `a loss of 64 million`."""
    if reading.noun or reading.scale is None or reading.scale < _ELLIPTIC:
        return False
    before = tokens[reading.first - 1].low if reading.first else ""
    after = tokens[reading.after].low if reading.after < len(tokens) else ""
    return before not in _COUNTING and after != "of"


def _left_out(text: str, before: Sequence[Amount], at: int) -> str:
    """Unit of a large figure that states none: of the nearest figure of such size before it; a count without one.

    before: the amounts of the same range. Where they hold none, the text right before the range is read.
    """
    near = [a for a in before if a.end > at - _LOOK_FOR_MONEY and _is_large(a)]
    if not near and not before:
        low = max(0, at - _LOOK_FOR_MONEY)
        readings = read_numbers(tokens := tokenize(text, low, at))
        units = [_resolve_unit(text, _span_of(tokens, r), r.unit, "") for r in readings if (r.scale or 1) >= _ELLIPTIC]
        return units[-1] if units and units[-1] not in {PERCENT, ""} else COUNT
    return near[-1].unit if near else COUNT


def _is_large(amount: Amount) -> bool:
    return amount.unit != PERCENT and amount.value >= _ELLIPTIC


def _amount(text: str, low: int, tokens: Sequence[Token], reading: Reading) -> Amount:
    start, end = tokens[reading.first].start, tokens[reading.after - 1].end
    value = reading.value * (reading.scale or 1)
    value = value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
    noun = reading.noun if reading.unit == COUNT else ""
    return Amount(start, end, value, reading.unit, noun, _qualifier(text, low, start, end))


def _qualifier(text: str, low: int, start: int, end: int) -> str | None:
    before = text[max(low, start - _LONGEST_QUALIFIER) : start]
    if match := _QUALIFIER_BEFORE.search(before):
        words = match[0].split()
        keep = words if words[-1].casefold() not in {"a", "an", "the"} or len(words) == 1 else words[:-1]
        return " ".join(keep)
    after = _QUALIFIER_AFTER.match(text, end)
    return after[1] if after else None


def _resolve_unit(text: str, span: tuple[int, int], unit: str, money: str) -> str:
    """The ISO code behind a word that several nations share; `money` is the last currency read before it."""
    at, end = span
    around = text[max(0, at - _LOOK_FOR_NATION) : at + _LOOK_FOR_NATION]
    if unit == "kr":
        home = "NOK" if text.endswith("kroner", at, end) else "SEK"
        return next((code for code, nation in _CROWNS.items() if nation.search(around)), home)
    if unit in _SHARED and _SHARED_NAME.search(text, at, end) and not _states_nation(text[at:end]):
        spoken = {code: len(nation.findall(around)) for code, nation in _SHARED[unit].items()}
        return max(spoken, key=lambda code: spoken[code])
    if unit == "JPY" and text[at] == "¥":
        return "CNY" if re.search(r"\byuan\b|\brenminbi\b|\bRMB\b", around) else "JPY"
    if unit == "cents":
        return money
    return {"pence": "GBP", "": COUNT}.get(unit, unit)


def _states_nation(words: str) -> bool:
    return any(word.casefold() in _NATIONS for word in words.split())


def _share_ranges(tokens: Sequence[Token], readings: list[Reading]) -> list[Reading]:
    """Give both ends of a range (`20 to 21%`, `$2-3bn`, `4 to 5 million`) the scale and unit that one of them has."""
    for k in range(len(readings) - 1):
        left, right = readings[k], readings[k + 1]
        if not _is_range(tokens, left, right):
            continue
        unit = right.unit or left.unit
        scale = right.scale if left.scale is None and left.value < 1000 and left.value <= right.value else left.scale
        bare = left.bare and not (unit or left.noun or right.noun)
        noun = "" if unit else left.noun or right.noun
        readings[k] = replace(left, unit=unit, scale=scale, noun=noun, bare=bare, ranged=True)
        share = unit if left.unit != PERCENT else right.unit
        readings[k + 1] = replace(right, unit=share, bare=right.bare and bare, ranged=True)
    return readings


def _is_range(tokens: Sequence[Token], left: Reading, right: Reading) -> bool:
    joint = tokens[left.after : right.first]
    if len(joint) != 1 or left.worded != right.worded or {left.unit, right.unit} & {"cents", "pence"}:
        return False
    if not (left.unit or right.unit) and 1900 <= left.value < 2100 and 1900 <= right.value < 2100:
        return False
    opened = left.first > 0 and tokens[left.first - 1].low in {"between", "from"}
    joins = joint[0].low in {"to", "or"} or joint[0].text in HYPHENS or (joint[0].low == "and" and opened)
    return (
        joins
        and (left.unit == right.unit or not left.unit or not right.unit)
        and bool(left.unit or right.unit or right.noun)
    )


def _is_amount(tokens: Sequence[Token], reading: Reading) -> bool:
    if reading.unit in {"ZAR", "MYR"} and reading.scale is None and reading.value < _SMALLEST_RAND:
        return False
    if reading.unit:
        return reading.ranged or not _is_joined_before(tokens, reading)
    if reading.noun in UNCOUNTED:
        return False
    if reading.ranged and reading.noun:
        return True
    if _is_joined_before(tokens, reading):
        return False
    if reading.worded:
        return reading.scale is not None or (bool(reading.noun) and reading.value != 1)
    return not (_is_joined_after(tokens, reading) or (reading.bare and _is_label(tokens, reading)))


def _is_joined_before(tokens: Sequence[Token], reading: Reading) -> bool:
    """Whether a letter, a hyphen or another sign of a version, score or date touches the amount from the left."""
    if reading.first == 0 or tokens[reading.first - 1].end != tokens[reading.first].start:
        return False
    before = tokens[reading.first - 1]
    if before.text in HYPHENS:
        opener = tokens[reading.first - 2] if reading.first > 1 else None
        touches = opener is not None and opener.end == before.start
        return touches and bool(opener) and (reading.unit == "" or tokens[reading.number] == tokens[reading.first])
    return before.kind == "word" or before.text in "/.:#+@_,&"


def _is_joined_after(tokens: Sequence[Token], reading: Reading) -> bool:
    if reading.after >= len(tokens) or tokens[reading.after].start != tokens[reading.after - 1].end:
        return False
    after = tokens[reading.after]
    following = tokens[reading.after + 1] if reading.after + 1 < len(tokens) else None
    touches = following is not None and following.start == after.end
    if after.text in HYPHENS:
        return touches and not reading.noun
    return after.kind == "word" or (after.text in "/:+'\u2019&" and touches)


def _is_label(tokens: Sequence[Token], reading: Reading) -> bool:
    """Whether a bare number names a version, a year, a day, an age, a section or a model instead of counting."""
    before = tokens[max(0, reading.first - 3) : reading.first]
    after = tokens[reading.after : reading.after + 1]
    if reading.value % 1 or any(t.kind == "num" for t in [*before[-1:], *after]):
        return True
    if 1900 <= reading.value < 2100 and (reading.noun not in _PEOPLE or (before and before[-1].low in _WHEN)):
        return True
    if any(t.low in _MONTHS or t.low in {"a.m", "am", "pm", "o'clock"} for t in after):
        return True
    if not reading.noun and (reading.value < 10 or any(t.text[:1].isupper() for t in after)):
        return True
    return bool(before) and (_is_referred(before) or _is_aged(before, after, reading) or _is_named(before[-1], reading))


def _is_referred(before: Sequence[Token]) -> bool:
    last = before[-2] if before[-1].text == "." and len(before) > 1 else before[-1]
    return last.low in _REFERENCES or (last.low in _MONTHS and last.text != "may")


def _is_aged(before: Sequence[Token], after: Sequence[Token], reading: Reading) -> bool:
    if reading.noun or reading.value >= _OLDEST:
        return False
    in_commas = before[-1].text in {",", "("} and all(t.text in {",", ")"} for t in after)
    return in_commas or any(t.low in {"age", "died", "dies"} for t in before)


def _is_named(before: Token, reading: Reading) -> bool:
    """Whether the word before makes a name of it: `Windows 11`, `iPhone 15`; not `Boeing's 61 workers`."""
    is_name = before.kind == "word" and before.text != before.low and before.low not in _OPENERS
    return is_name and reading.value < 10_000 and not before.low.endswith(("'s", "\u2019s"))
