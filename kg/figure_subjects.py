"""Stage 5, of whom a figure speaks: the subject that the cue of an amount asks for.

In: a `Scene` (a sentence, the sentences before it, the types of the clusters), the token of an amount and its cue. Out:
a cluster and the name of the rule that found it, or None where the text leaves it in doubt. There is no parser behind
it: a subject is found by genitives, prepositions, relative pronouns and commas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kg.figure_cues import Hit, Sentence, Token, bare_start, figure_words
from kg.records import ClusterId, EntityType

BODIES = frozenset({EntityType.COMPANY, EntityType.ORGANIZATION})
THINGS = BODIES | {EntityType.PRODUCT}
SUBJECT_TYPES = {"employees": BODIES, "funding": BODIES, "price": frozenset({EntityType.PRODUCT})}
_PREPOSITIONS = figure_words("preposition")
_RELATIVES = figure_words("relative")
_ARTICLES = figure_words("article")
_POSSESSIVES = figure_words("genitive")
_OWNERS = figure_words("owner")
_PAYING = figure_words("paying")
_DEALS = figure_words("deal")
_JOINED = figure_words("joined")
_BUYING = figure_words("buying")
_OFFERS = figure_words("offer")
_ANSWERS = figure_words("answer")
_AWAY = figure_words("away")
_RECIPIENT = figure_words("recipient")
_GIVING = figure_words("giving")
_VALUABLES = figure_words("valuable")
_TOWARDS = figure_words("towards")
_BE = figure_words("be")
_STOPPERS = figure_words("stopper")
_UNTOPICAL = frozenset(["price", "valuation", "sales_units"])
"""Metrics whose subject, where a sentence names none, was mostly not what the sentences before are about."""
_SUBJECT_WEIGHT, _DECAY = 2.0, 0.9
"""How much more a subject counts than another name, and how much less with each sentence back."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a subject is looked for in: one sentence, the types of all clusters, and the sentences before it."""

    sentence: Sentence
    types: dict[ClusterId, EntityType]
    earlier: tuple[Sentence, ...]
    mentions: dict[ClusterId, int]


def find_subject(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """Whom or what the amount at token `at` measures, given its cue, and the rule that says so."""
    return _SUBJECTS[hit.cue.subject](scene, at, hit)


def _fits(scene: Scene, token: Token, hit: Hit) -> bool:
    wanted = SUBJECT_TYPES.get(hit.cue.metric, THINGS)
    return token.cluster is not None and scene.types[token.cluster] in wanted


def _owner(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """Whose figure it is: `X's revenue`, `revenue at X`, the subject of the clause, or of the sentence before."""
    if hit.cue.phrase[0] in _JOINED and at > 2 and scene.sentence.tokens[at - 2].low == ",":
        token = scene.sentence.tokens[at - 3]
        return (token.cluster, "agent") if token.cluster is not None and _fits(scene, token, hit) else None
    return (
        _possessor(scene, hit.start, hit)
        or _complement(scene, at, hit)
        or _agent(scene, min(hit.start, at), hit)
        or _from_earlier(scene, hit)
    )


def _possessor(scene: Scene, start: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """The name in the genitive up to four plain words before the cue."""
    tokens = scene.sentence.tokens
    for i in range(start - 1, max(-1, start - 6), -1):
        if tokens[i].cluster is not None:
            is_genitive = tokens[i].low in _OWNERS or (i + 1 < start and tokens[i + 1].low in _POSSESSIVES)
            cluster = tokens[i].cluster
            return (cluster, "possessor") if cluster and is_genitive and _fits(scene, tokens[i], hit) else None
        if tokens[i].low in _PREPOSITIONS or tokens[i].low in {",", ";", "and"}:
            return None
    return None


def _complement(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """The name after `of`, `at`, `by` or `for` that follows the cue directly."""
    tokens = scene.sentence.tokens
    i = hit.end
    if hit.start == at or i >= len(tokens) or tokens[i].low not in {"of", "at", "by", "for", "in"}:
        return None
    i += 1
    while i < len(tokens) and i < hit.end + 4 and tokens[i].cluster is None and tokens[i].amount is None:
        i += 1
    genitive = i + 1 < len(tokens) and tokens[i + 1].low in _POSSESSIVES
    if genitive and i + 2 < len(tokens) and tokens[i + 2].cluster is not None and _fits(scene, tokens[i + 2], hit):
        i += 2
    if i < len(tokens) and i < hit.end + 6 and _fits(scene, tokens[i], hit):
        return tokens[i].cluster or ClusterId(""), "complement"
    return None


def _agent(scene: Scene, start: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """The subject of the clause whose verb stands at token `start`.

    Nearest name to the left that no preposition governs; the one before a relative pronoun that is passed; where a
    comma stands before the verb, the first name that opens an apposition (`Gap, whose ..., posted`).
    """
    tokens = scene.sentence.tokens
    low = max((i + 1 for i in range(start) if tokens[i].low in _STOPPERS), default=0)
    if (relative := _antecedent(scene, start, hit)) is not None:
        return relative, "agent"
    is_measured = hit.cue.metric == "price"
    fitting = [i for i in range(start) if _fits(scene, tokens[i], hit)]
    plain = [i for i in fitting if not is_governed(tokens, i, start) or (is_measured and tokens[i - 1].low == "of")]
    plain = [i for i in plain if i >= low] or plain[:1]
    if not plain:
        return None
    chosen = plain[-1]
    if any(t.low in {",", "\u2013", "\u2014", ")"} for t in tokens[chosen + 1 : start]) and _closes_aside(
        tokens, plain[0], start
    ):
        chosen = chosen if _is_named_by(tokens, plain[0], chosen) else plain[0]
    relatives = [i for i in plain if i + 2 < start and {t.low for t in tokens[i + 1 : i + 3]} & _RELATIVES]
    if relatives and relatives[-1] < chosen:
        is_subject = not any(t.low == "," for t in tokens[chosen + 1 : start])
        chosen = chosen if is_subject else relatives[-1]
    cluster = tokens[chosen].cluster
    return (cluster, "agent") if cluster is not None else None


def _is_named_by(tokens: Sequence[Token], owner: int, name: int) -> bool:
    """Whether an aside is but the name of what is owned: `Acme's own app, Rover, had ...` speaks of Rover."""
    is_alone = name > 0 and tokens[name - 1].low == "," and tokens[name + 1].low == ","
    return is_alone and tokens[owner + 1].low in _POSSESSIVES and owner < name


def _antecedent(scene: Scene, start: int, hit: Hit) -> ClusterId | None:
    """The name before a `which` or `that` that stands right before the verb at `start`, or before `, a ... with`."""
    tokens = scene.sentence.tokens
    openers = [i for i in range(max(0, start - 4), start) if tokens[i].low in {"which", "that"}]
    if openers and any(token.cluster is not None for token in tokens[openers[-1] : start]):
        return None
    if not openers and not (start and tokens[start - 1].low == "with"):
        return None
    for i in range((openers[-1] if openers else start) - 1, -1, -1):
        if _fits(scene, tokens[i], hit) and tokens[i + 1].low not in _POSSESSIVES:
            return tokens[i].cluster
        if tokens[i].cluster is not None and scene.types[tokens[i].cluster or ClusterId("")] is not EntityType.PLACE:
            return None
    return None


def _closes_aside(tokens: Sequence[Token], i: int, start: int) -> bool:
    return i + 1 < start and tokens[i + 1].low in {",", "(", "\u2013", "\u2014"}


def is_governed(tokens: Sequence[Token], i: int, start: int) -> bool:
    """Whether a preposition rules the name at token i (or the list it is in), or a genitive makes it an attribute."""
    following = tokens[i + 1].low if i + 1 < start else ""
    if following in _POSSESSIVES or tokens[i].low in _OWNERS:
        return True
    k = i - 1
    while k >= 0 and (
        tokens[k].low in _ARTICLES or tokens[k].low in {'"', "and", ","} or tokens[k].cluster is not None
    ):
        if tokens[k].low == "," and (following not in {",", "and"} or tokens[k - 1].cluster is None):
            return False
        following = tokens[k].low
        k -= 1
    return k >= 0 and tokens[k].low in _PREPOSITIONS


def _from_earlier(scene: Scene, hit: Hit) -> tuple[ClusterId, str] | None:
    """What the sentences before are about, where this sentence has no name that could be the subject."""
    if any(_fits(scene, token, hit) for token in scene.sentence.tokens):
        return None
    return _topic(scene, hit)


def _topic(scene: Scene, hit: Hit) -> tuple[ClusterId, str] | None:
    if hit.cue.metric in _UNTOPICAL:
        return None
    found = find_topic(scene, SUBJECT_TYPES.get(hit.cue.metric, THINGS))
    return None if found is None else (found, "earlier")


def find_topic(scene: Scene, wanted: frozenset[EntityType]) -> ClusterId | None:
    """What the sentences before are about: a name counts, more so as a subject, near, and named often."""
    scores: dict[ClusterId, float] = {}
    for distance, sentence in enumerate(reversed(scene.earlier)):
        is_open = True
        for i, token in enumerate(sentence.tokens):
            if token.cluster is not None and scene.types[token.cluster] in wanted:
                is_subject = is_open and (i == 0 or not is_governed(sentence.tokens, i, len(sentence.tokens)))
                known = scores.get(token.cluster, float(scene.mentions[token.cluster]))
                scores[token.cluster] = known + (_SUBJECT_WEIGHT if is_subject else 1.0) * _DECAY**distance
                is_open = is_open and not is_subject
    return max(scores, key=lambda cluster: scores[cluster]) if scores else None


def _object(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """What is valued: the name between the verb and its amount, else the owner."""
    if (deal := _deal_object(scene, hit)) is not None:
        return deal, "object"
    if hit.cue.phrase[0] == "valued" and any(
        t.low in _VALUABLES for t in scene.sentence.tokens[max(0, hit.start - 6) : hit.start]
    ):
        return None
    for token in scene.sentence.tokens[hit.end : at]:
        if token.cluster is not None and _fits(scene, token, hit):
            return (token.cluster if token.named else _valued_before(scene, token.cluster)), "object"
    unnamed = hit.end < at and any(token.low in _ARTICLES for token in scene.sentence.tokens[hit.end : at])
    return None if unnamed or hit.cue.phrase[0] != "valued" else _owner(scene, at, hit)


def _valued_before(scene: Scene, cluster: ClusterId) -> ClusterId:
    """Whom `the company` or `it` means as the object of valuing: no investor that this sentence names."""
    here = {token.cluster for token in scene.sentence.tokens if token.named}
    topic = find_topic(scene, BODIES)
    return topic if topic is not None and topic not in here else cluster


def _deal_object(scene: Scene, hit: Hit) -> ClusterId | None:
    """What is bought before it is valued: `agreed to buy X in a deal that valued the company at`."""
    for deal in scene.sentence.hits:
        if deal.cue.subject == "bought" and deal.cue.phrase[0] in _BUYING and deal.end <= hit.start:
            return _after(scene, deal.end, hit, None, hit.start)
    return None


def _invested(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """`invested $48.5 million in X`."""
    tokens = scene.sentence.tokens
    if at + 2 < len(tokens) and tokens[at + 1].low in {"in", "into"} and _fits(scene, tokens[at + 2], hit):
        return tokens[at + 2].cluster or ClusterId(""), "object"
    return None


def _share(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """Whose share of a market it is; a share in or of a company is a holding."""
    tokens = scene.sentence.tokens
    following = tokens[max(at + 1, hit.end) : max(at + 1, hit.end) + 3]
    if following and following[0].low in {"in", "of"} and any(t.cluster is not None for t in following[1:]):
        return None
    return _owner(scene, at, hit)


def _staffed(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """`1,900 people work for X`, `6.5m Brazilians have used its Y`."""
    following = _after(scene, hit.end, hit, None)
    return (following, "complement") if following is not None else _owner(scene, at, hit)


def _round(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """Who raises money: the name after `into` or `to`; the possessor; the subject, unless it is who gives the money."""
    tokens = scene.sentence.tokens
    openers = _RECIPIENT if hit.cue.phrase[0] in {"grant", "gift"} else frozenset({"into"})
    following = _after(scene, at + 1, hit, openers)
    if following is not None:
        return following, "object"
    if (possessor := _possessor(scene, hit.start, hit)) is not None:
        return possessor
    verbs = {t.low for t in tokens[max(0, at - 8) : hit.start + 8]}
    if not verbs & _GIVING:
        return _agent(scene, min(hit.start, at), hit) or _from_earlier(scene, hit)
    return None


def _worth(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:  # noqa: ARG001  # one of _SUBJECTS
    """`Kopi Kita is now worth`; not an order, a stake or shares that are worth something."""
    for token in reversed(scene.sentence.tokens[max(0, hit.start - 8) : hit.start]):
        if token.low in _VALUABLES:
            return None
        if token.cluster is not None and _fits(scene, token, hit):
            return token.cluster, "agent"
    return _agent(scene, hit.start, hit)


def _sold_of(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """`sold $747 million of Breyanzi`: the revenue of a product."""
    tokens = scene.sentence.tokens
    of = at + 1 < len(tokens) and tokens[at + 1].low == "of" and hit.end == bare_start(tokens, at)
    following = _after(scene, at + 2, hit, None) if of else None
    return (following, "object") if following is not None else None


def _sold_at(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """`sold under the name X at $3.99`: a price."""
    tokens, start = scene.sentence.tokens, bare_start(scene.sentence.tokens, at)
    return _owner(scene, at, hit) if tokens[start - 1].low == "at" else None


def _bought(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """What a deal is about: the object of buying, selling or bidding; the subject where the verb is passive."""
    tokens, word = scene.sentence.tokens, hit.cue.phrase[-1]
    start = bare_start(tokens, at)
    if start and tokens[start - 1].low == "at":
        return None
    if word in _PAYING or word in _DEALS:
        first = max(at, hit.end - 1) + 1 if word in _PAYING else hit.end
        following = _after(scene, first, hit, _TOWARDS)
        if following is None and word in _OFFERS and any(t.low in _ANSWERS for t in tokens[:at]):
            return _agent(scene, next(i for i in range(at) if tokens[i].low in _ANSWERS), hit)
        return (following, "object") if following is not None else _deal_before(scene, hit)
    before = tokens[hit.start - 1].low if hit.start else ""
    after = tokens[hit.end].low if hit.end < len(tokens) else ""
    if after in {"by", "to"} or before in _BE:
        return _agent(scene, hit.start, hit)
    following = _after(scene, hit.end, hit, None, at)
    return (following, "object") if following is not None else _relative_object(scene, hit)


def _deal_before(scene: Scene, hit: Hit) -> tuple[ClusterId, str] | None:
    """What the nearest sentence before speaks of buying, where this one only says how much."""
    here = {token.cluster for token in scene.sentence.tokens}
    for sentence in reversed(scene.earlier):
        past = replace(scene, sentence=sentence)
        for deal in sentence.hits:
            if deal.cue.subject == "bought" and deal.cue.phrase[-1] not in _PAYING:
                openers = _TOWARDS if deal.cue.phrase[-1] in _DEALS else None
                found = _after(past, deal.end, hit, openers)
                if found is not None and found not in here:
                    return found, "deal"
    return None


def _after(
    scene: Scene, start: int, hit: Hit, openers: frozenset[str] | None, end: int | None = None
) -> ClusterId | None:
    """The first name that is no attribute, after one of `openers` (or at once), within a dozen words of token `start`.

    A second name in apposition (`the robotics division of A, B, for`) is the better one.
    """
    tokens = scene.sentence.tokens
    is_open = openers is None
    for i in range(start, min(len(tokens), start + 12, len(tokens) if end is None else end)):
        if tokens[i].low in _STOPPERS or (is_open and tokens[i].low in _AWAY):
            return None
        is_open = is_open or (openers is not None and tokens[i].low in openers)
        genitive = tokens[i].low in _OWNERS or (i + 1 < len(tokens) and tokens[i + 1].low in _POSSESSIVES)
        if is_open and not genitive and _fits(scene, tokens[i], hit):
            twin = i + 2 if i + 2 < len(tokens) and tokens[i + 1].low == "," and tokens[i - 1].low == "of" else i
            return tokens[twin].cluster if _fits(scene, tokens[twin], hit) else tokens[i].cluster
    return None


def _relative_object(scene: Scene, hit: Hit) -> tuple[ClusterId, str] | None:
    """`X, which Y bought for`, `X, the start-up Y bought for`: the name before the buyer."""
    tokens = scene.sentence.tokens
    names = [i for i in range(max(0, hit.start - 12), hit.start) if _fits(scene, tokens[i], hit)]
    if len(names) < 2 or tokens[names[-1]].cluster == tokens[names[-2]].cluster:
        return None
    between = {t.low for t in tokens[names[-2] + 1 : names[-1]]}
    is_relative = names[-2] + 1 == names[-1] or between & _RELATIVES
    cluster = tokens[names[-2]].cluster
    return (cluster, "relative") if is_relative and cluster is not None else None


_SUBJECTS: dict[str, Callable[[Scene, int, Hit], tuple[ClusterId, str] | None]] = {
    "owner": _owner,
    "object": _object,
    "bought": _bought,
    "product": _owner,
    "round": _round,
    "staffed": _staffed,
    "used": _staffed,
    "invested": _invested,
    "share": _share,
    "worth": _worth,
    "sold_of": _sold_of,
    "sold_at": _sold_at,
}
