"""Stage 5, who is spoken of around a figure: subject or owner in a clause, topic of the sentences before.

In: a `Scene` and the tokens of a cue. Out: a cluster, with the name of the rule that found it. There is no parser:
genitives, prepositions, relative pronouns and commas decide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kg.figure_cues import (
    ARTICLES,
    OWNERS,
    POSSESSIVES,
    PREPOSITIONS,
    RELATIVES,
    STOPPERS,
    SUBJECT_TYPES,
    THINGS,
    VERBS,
    Hit,
    Sentence,
    Token,
    bare_start,
    figure_words,
)
from kg.records import ClusterId, EntityType

_SUBJECT_WEIGHT, _DECAY, _FREQUENCY_WEIGHT = 3.0, 0.6, 1.5
"""How much more a subject counts than another name, how much less with each sentence back, and how much the binary
logarithm of the number of its names in the document; measured on articles of training/corpus, where it hardly matters.
"""
_LONGEST_PRICED = 7
_LONGEST_ASIDE = 12
"""Tokens between a name and a figure in the apposition that describes it."""
_LONGEST_PORTION = 20
"""Tokens between `accounts for` and the figure that the part of the business stands for."""
_NEW_CLAUSE = RELATIVES | {";", "while", "but"}
_TOPICAL = figure_words("topical")


@dataclass(frozen=True, slots=True)
class Scene:
    """What a subject is looked for in: one sentence, the types of all clusters, and the sentences before it."""

    sentence: Sentence
    types: dict[ClusterId, EntityType]
    earlier: tuple[Sentence, ...]
    mentions: dict[ClusterId, int]


def find_topic(scene: Scene, wanted: frozenset[EntityType]) -> ClusterId | None:
    """What the sentences before are about: a name counts, more so as a subject, near, and named often."""
    scores: dict[ClusterId, float] = {}
    for distance, sentence in enumerate(reversed(scene.earlier)):
        is_open = True
        for i, token in enumerate(sentence.tokens):
            if token.cluster is not None and scene.types[token.cluster] in wanted:
                is_subject = is_open and (i == 0 or not is_governed(sentence.tokens, i, len(sentence.tokens)))
                known = scores.get(token.cluster, _FREQUENCY_WEIGHT * math.log2(1 + scene.mentions[token.cluster]))
                scores[token.cluster] = known + (_SUBJECT_WEIGHT if is_subject else 1.0) * _DECAY**distance
                is_open = is_open and not is_subject
    return max(scores, key=lambda cluster: scores[cluster]) if scores else None


def find_subject_of(scene: Scene, wanted: frozenset[EntityType]) -> ClusterId | None:
    """The subject of the sentence before: its first name, where no preposition or genitive governs that."""
    tokens = scene.sentence.tokens
    names = [
        i for i, t in enumerate(tokens) if t.cluster is not None and scene.types[t.cluster] is not EntityType.PLACE
    ]
    if not names or is_governed(tokens, names[0], len(tokens)):
        return None
    cluster = tokens[names[0]].cluster
    return cluster if cluster is not None and scene.types[cluster] in wanted else None


def find_priced(scene: Scene, at: int) -> ClusterId | None:
    """The product of a bare price: `The X54, at about €500,`, `the VF 3, a small car, at 359,000 baht`."""
    tokens, start = scene.sentence.tokens, bare_start(scene.sentence.tokens, at)
    if start < 2 or tokens[start - 1].low != "at":
        return None
    for token in reversed(tokens[max(0, start - 1 - _LONGEST_PRICED) : start - 1]):
        if token.low in STOPPERS or token.low in PREPOSITIONS or token.low in VERBS:
            return None
        if token.cluster is not None:
            return token.cluster if scene.types[token.cluster] is EntityType.PRODUCT else None
    return None


def is_governed(tokens: Sequence[Token], i: int, start: int) -> bool:
    """Whether a preposition rules the name at token i (or the list it is in), or a genitive makes it an attribute."""
    following = tokens[i + 1].low if i + 1 < start else ""
    if following in POSSESSIVES or tokens[i].low in OWNERS:
        return True
    k = i - 1
    while k >= 0 and (tokens[k].low in ARTICLES or tokens[k].low in {'"', "and", ","} or tokens[k].cluster is not None):
        if tokens[k].low == "," and (following not in {",", "and"} or tokens[k - 1].cluster is None):
            return False
        following = tokens[k].low
        k -= 1
    return k >= 0 and tokens[k].low in PREPOSITIONS


def fits(scene: Scene, token: Token, hit: Hit) -> bool:
    """Whether a token names what the metric of a cue can measure."""
    wanted = SUBJECT_TYPES.get(hit.cue.metric, THINGS)
    return token.cluster is not None and scene.types[token.cluster] in wanted


def find_possessor(scene: Scene, start: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """The name in the genitive up to four plain words before the cue."""
    tokens = scene.sentence.tokens
    for i in range(start - 1, max(-1, start - 6), -1):
        if tokens[i].cluster is not None:
            is_genitive = tokens[i].low in OWNERS or (i + 1 < start and tokens[i + 1].low in POSSESSIVES)
            cluster = tokens[i].cluster
            return (cluster, "possessor") if cluster and is_genitive and fits(scene, tokens[i], hit) else None
        if tokens[i].low in PREPOSITIONS or tokens[i].low in {",", ";", "and"}:
            return None
    return None


def find_described(scene: Scene, start: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """The name that an apposition describes: `X, a workshop of 60 people`, `X, with sales of`, `X, a company with`."""
    tokens = scene.sentence.tokens
    for i in range(start - 1, max(0, start - _LONGEST_ASIDE), -1):
        if tokens[i].low in STOPPERS or tokens[i].low in VERBS or tokens[i].low in RELATIVES:
            return None
        if tokens[i].cluster is not None:
            return None
        if tokens[i].low == ",":
            opens = tokens[i + 1].low in {"a", "an", "the", "with"} and fits(scene, tokens[i - 1], hit)
            return (tokens[i - 1].cluster or ClusterId(""), "described") if opens else None
    return None


def find_agent(scene: Scene, start: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """The subject of the clause whose verb stands at token `start`.

    Nearest name to the left that no preposition governs; the one before a relative pronoun that is passed; where a
    comma stands before the verb, the first name that opens an apposition (`Gap, whose ..., posted`).
    """
    tokens = scene.sentence.tokens
    low = max((i + 1 for i in range(start) if tokens[i].low in STOPPERS), default=0)
    if (relative := _antecedent(scene, start, hit)) is not None:
        return relative, "agent"
    is_measured = hit.cue.metric == "price"
    fitting = [i for i in range(start) if fits(scene, tokens[i], hit)]
    plain = [i for i in fitting if not is_governed(tokens, i, start) or (is_measured and tokens[i - 1].low == "of")]
    plain = [i for i in plain if i >= low] or plain[:1]
    if not plain:
        return None
    chosen = plain[-1]
    if any(t.low in {",", "\u2013", "\u2014", ")"} for t in tokens[chosen + 1 : start]) and _closes_aside(
        tokens, plain[0], start
    ):
        chosen = chosen if _is_named_by(tokens, plain[0], chosen) else plain[0]
    relatives = [i for i in plain if i + 2 < start and {t.low for t in tokens[i + 1 : i + 3]} & RELATIVES]
    if relatives and relatives[-1] < chosen:
        is_subject = not any(t.low == "," for t in tokens[chosen + 1 : start])
        chosen = chosen if is_subject else relatives[-1]
    cluster = tokens[chosen].cluster
    return (cluster, "agent") if cluster is not None else None


def _is_named_by(tokens: Sequence[Token], owner: int, name: int) -> bool:
    """Whether an aside is but the name of what is owned: `Acme's own app, Rover, had ...` speaks of Rover."""
    is_alone = name > 0 and tokens[name - 1].low == "," and tokens[name + 1].low == ","
    return is_alone and tokens[owner + 1].low in POSSESSIVES and owner < name


def _antecedent(scene: Scene, start: int, hit: Hit) -> ClusterId | None:
    """The name before a `which` or `that` that stands right before the verb at `start`, or before `, a ... with`."""
    tokens = scene.sentence.tokens
    openers = [i for i in range(max(0, start - 4), start) if tokens[i].low in {"which", "that"}]
    if openers and any(token.cluster is not None for token in tokens[openers[-1] : start]):
        return None
    if not openers and not (start and tokens[start - 1].low == "with"):
        return None
    for i in range((openers[-1] if openers else start) - 1, -1, -1):
        if fits(scene, tokens[i], hit) and tokens[i + 1].low not in POSSESSIVES:
            return tokens[i].cluster
        if tokens[i].cluster is not None and scene.types[tokens[i].cluster or ClusterId("")] is not EntityType.PLACE:
            return None
    return None


def _closes_aside(tokens: Sequence[Token], i: int, start: int) -> bool:
    return i + 1 < start and tokens[i + 1].low in {",", "(", "\u2013", "\u2014"}


def is_topical(tokens: Sequence[Token], hit: Hit) -> bool:
    """Whether what is measured stands where the subject would: `Turnover was`, `Raised $4m`; not `a nurse paid`."""
    return hit.cue.phrase[0] in _TOPICAL or all(not t.low.isalpha() for t in tokens[: hit.start])


def find_portion_holder(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """What is said to be so much of a business: `Rover accounts for a fifth of Acme's sales, more than $2m`."""
    tokens = scene.sentence.tokens
    for i in range(at - 2, max(0, at - _LONGEST_PORTION), -1):
        if tokens[i].low in {"accounts", "accounted"} and tokens[i + 1].low == "for":
            found = find_agent(scene, i, hit)
            return (found[0], "portion") if found else None
        if tokens[i].low in _NEW_CLAUSE:
            return None
    return None
