"""Stage 5, what surrounds a figure: sentences as tokens, and the cue phrases that say what an amount measures.

In: a document, a sentence and the names in it. Out: a `Sentence` of tokens with its cues (seeds/cues/metrics.csv) and
dates; and for one amount of it, the cues that may speak of it, cheapest first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kg.amounts import COUNT, Amount, find_amounts
from kg.dates import DateMention, find_dates
from kg.lexicon import read_rows
from kg.numerals import PERCENT
from kg.records import ClusterId, Document, EntityType, Span

Mark = tuple[int, int, ClusterId]
"""A name or an anaphor: start, end, cluster."""


class Cue(NamedTuple):
    """One row of metrics.csv: how far before (after) an amount of `kind` the phrase may stand, in words."""

    phrase: tuple[str, ...]
    metric: str
    kind: str
    before: int
    after: int
    subject: str


class Hit(NamedTuple):
    """A cue at tokens [start, end)."""

    start: int
    end: int
    cue: Cue


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign; a name or anaphor taken whole (`cluster` set); or an amount (`amount` set)."""

    low: str
    start: int
    end: int
    cluster: ClusterId | None = None
    amount: Amount | None = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as tokens, with the cues and dates in it, in the order of the text."""

    span: Span
    tokens: tuple[Token, ...]
    hits: tuple[Hit, ...]
    dates: tuple[DateMention, ...]


_WORD_ROWS = read_rows("cues/figure_words.csv")


def figure_words(kind: str) -> frozenset[str]:
    """Words of one kind in seeds/cues/figure_words.csv."""
    return frozenset(row["word"] for row in _WORD_ROWS if row["kind"] == kind)


PREPOSITIONS, ARTICLES = figure_words("preposition"), figure_words("article")
POSSESSIVES, OWNERS = figure_words("genitive"), figure_words("owner")
RELATIVES = figure_words("relative")
STOPPERS, VERBS = figure_words("stopper"), figure_words("verb")
BODIES = frozenset({EntityType.COMPANY, EntityType.ORGANIZATION})
THINGS = BODIES | {EntityType.PRODUCT}
SUBJECT_TYPES = {
    "employees": BODIES,
    "funding": BODIES,
    "valuation": BODIES,
    "share_price": BODIES,
    "price": frozenset({EntityType.PRODUCT}),
}
_ROWS = [
    Cue(tuple(r["phrase"].split()), r["metric"], r["kind"], int(r["before"]), int(r["after"]), r["subject"])
    for r in read_rows("cues/metrics.csv")
]
_NOUNS = {cue.phrase[0]: cue for cue in _ROWS if cue.kind == "noun"}
_CUES: dict[str, list[Cue]] = defaultdict(list)
for _cue in _ROWS:
    if _cue.kind != "noun":
        _CUES[_cue.phrase[0]].append(_cue)

_WORD = re.compile(r"['\u2018\u2019]s\b|[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*|\d+|[^\w\s]|_")
_BLOCKERS = figure_words("blocker")
_PRONOUNS = figure_words("pronoun")
_UNSOLD = figure_words("unsold")
_PAID_PLACES = figure_words("paid_place")
_LOOSE_NOUNS = figure_words("loose_noun")
_HAVING = figure_words("having")
_PLACES = figure_words("place")
_COST_OF_COMMA, _COST_OF_AMOUNT, _BONUS_OF_FOR = 3, 5, 9
_MARGIN = 8
"""In words; a cue that is dearer than the best by more than the margin is no candidate (read off half of newsroom)."""
_FEWEST_SOLD = _FEWEST_USERS = 10
_MOST_STAFF = 3_000_000
"""No employer has more; a larger number of people uses something."""


def unit_kind(amount: Amount) -> str:
    """`count`, `percent` or `money`: the kinds of column `kind` in metrics.csv."""
    return amount.unit if amount.unit in {COUNT, PERCENT} else "money"


def bare_start(tokens: Sequence[Token], at: int) -> int:
    """Index of the first word of the qualifier before the amount at token `at`, or `at`."""
    amount = tokens[at].amount
    words = amount.qualifier.casefold().split() if amount and amount.qualifier else []
    start = at - len(words)
    return start if words and start >= 0 and [t.low for t in tokens[start:at]] == words else at


def read_sentence(document: Document, span: Span, marks: Sequence[Mark]) -> Sentence:
    """One sentence as tokens. marks: the names and anaphora that start in it; an amount inside a name is none."""
    amounts = [
        amount
        for amount in find_amounts(document.text, span.start, span.end)
        if all(amount.end <= start or end <= amount.start for start, end, _ in marks)
    ]
    pieces = [Token("", start, end, cluster=cluster) for start, end, cluster in marks]
    pieces += [Token("", amount.start, amount.end, amount=amount) for amount in amounts]
    tokens: list[Token] = []
    at = span.start
    for piece in [*sorted(pieces, key=lambda t: t.start), None]:
        stop = piece.start if piece else span.end
        tokens += [Token(m[0].casefold(), m.start(), m.end()) for m in _WORD.finditer(document.text, at, stop)]
        if piece:
            words = document.text[piece.start : piece.end]
            named = piece.cluster is not None and _is_name(words)
            tokens.append(Token(words.casefold(), piece.start, piece.end, piece.cluster, piece.amount, named))
            at = piece.end
    dates = find_dates(document.text, span.start, span.end, document.published)
    return Sentence(span, tuple(tokens), tuple(_find_cues(tokens)), tuple(dates))


def _is_name(words: str) -> bool:
    """Whether a mark is a name, and not a noun or pronoun that opens a sentence."""
    return not words.islower() and words.split(maxsplit=1)[0].casefold() not in _PRONOUNS


def _find_cues(tokens: Sequence[Token]) -> Iterator[Hit]:
    for i, token in enumerate(tokens):
        if token.cluster is None and token.amount is None:
            for cue in _CUES.get(token.low, ()):
                end = i + len(cue.phrase)
                if tuple(t.low for t in tokens[i:end]) == cue.phrase:
                    yield Hit(i, end, cue)


def ranked_cues(sentence: Sentence, at: int) -> list[Hit]:
    """Cues for the amount at token `at`, cheapest first, none much dearer than the best; of equal cost the longest."""
    amount = sentence.tokens[at].amount
    if amount is None:
        return []
    costs: list[tuple[float, int, int, Hit]] = []
    if (noun := _NOUNS.get(amount.noun)) is not None and _is_staff(sentence.tokens, at, noun):
        costs.append((1.5, 0, at, Hit(at, at + 1, noun)))
    for hit in sentence.hits:
        if hit.cue.kind == unit_kind(amount):
            cost = _cost(sentence.tokens, at, hit)
            if cost is not None:
                costs.append((cost, -len(hit.cue.phrase), hit.start, hit))
    costs.sort()
    return [hit for cost, _, _, hit in costs if cost <= costs[0][0] + _MARGIN]


def _is_staff(tokens: Sequence[Token], at: int, noun: Cue) -> bool:
    """Whether the counted people are all that somebody has: `has 650 engineers`, not `650 engineers who`."""
    start = bare_start(tokens, at)
    following = [t.low for t in tokens[at + 1 : at + 4]]
    if "former" in following[:1] or "who" in following or following[:2] in (["of", "them"], ["of", "whom"]):
        return False
    amount = tokens[at].amount
    if noun.metric == "users" and amount is not None and amount.value < _FEWEST_USERS:
        return False
    if noun.metric == "employees" and amount is not None and amount.value > _MOST_STAFF:
        return False
    return noun.phrase[0] not in _LOOSE_NOUNS or (start > 0 and tokens[start - 1].low in _HAVING)


def _cost(tokens: Sequence[Token], at: int, hit: Hit) -> float | None:
    """Words between cue and amount, dearer over a comma or another amount; None beyond the reach of the cue."""
    start = bare_start(tokens, at)
    is_before = hit.end <= start
    between = tokens[hit.end : start] if is_before else tokens[at + 1 : hit.start]
    if (not is_before and hit.start <= at) or any(t.low in STOPPERS for t in between):
        return None
    blockers = _PLACES if is_before and hit.cue.kind == COUNT else () if is_before else _BLOCKERS
    if any(t.low in blockers for t in between):
        return None
    amount = tokens[at].amount
    if (
        hit.cue.metric == "sales_units"
        and amount
        and (
            amount.noun in _UNSOLD or amount.value < _FEWEST_SOLD or (not amount.noun and hit.cue.phrase[0] == "sales")
        )
    ):
        return None
    commas = sum(t.low == "," for t in between)
    amounts = sum(t.amount is not None and unit_kind(t.amount) == hit.cue.kind for t in between)
    lead = tokens[start - 1].low if start else ""
    reach = hit.cue.before * (2 if lead in {"to", "at"} else 1) if is_before else hit.cue.after
    if amount and hit.cue.metric == "users" and (amount.noun in _PAID_PLACES or amount.value < _FEWEST_USERS):
        return None
    if amount and hit.cue.metric == "employees" and (amount.noun in _UNSOLD or amount.value > _MOST_STAFF):
        return None
    if len(between) - commas > reach:
        return None
    bonus = _BONUS_OF_FOR if hit.cue.subject == "bought" and is_before and lead == "for" else 0
    is_said = hit.cue.metric in {"none", "share_price"} or hit.cue.phrase[0] == "in"
    bonus = 2 * _BONUS_OF_FOR if not is_before and not between and is_said else bonus
    return len(between) + (_COST_OF_COMMA - 1) * commas + _COST_OF_AMOUNT * amounts - bonus
