"""Stage 5, of whom a figure speaks: the subject that the cue of an amount asks for.

In: a `Scene` (a sentence, the sentences before it, the types of the clusters), the token of an amount and its cue. Out:
a cluster and the name of the rule that found it, or None where the text leaves it in doubt. There is no parser behind
it: a subject is found by genitives, prepositions, relative pronouns and commas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kg.figure_cues import (
    ARTICLES,
    BODIES,
    OWNERS,
    POSSESSIVES,
    PREPOSITIONS,
    RELATIVES,
    STOPPERS,
    SUBJECT_TYPES,
    THINGS,
    Hit,
    bare_start,
    figure_words,
)
from kg.figure_scene import (
    Scene,
    find_agent,
    find_described,
    find_portion_holder,
    find_possessor,
    find_topic,
    fits,
    is_topical,
)
from kg.records import ClusterId, EntityType

_PAYING, _DEALS = figure_words("paying"), figure_words("deal")
_JOINED, _BUYING = figure_words("joined"), figure_words("buying")
_OFFERS, _ANSWERS = figure_words("offer"), figure_words("answer")
_AWAY, _RECIPIENT, _GIVING = figure_words("away"), figure_words("recipient"), figure_words("giving")
_TOWARDS, _BE = figure_words("towards"), figure_words("be")
_RESULTS, _HOLDING = figure_words("per_share_result"), figure_words("holding")
_OWNED, _VALUABLES = figure_words("owned"), figure_words("valuable")
_GIVEN = frozenset({"in", "into", "of", "for", "that", "which"})
_DEAREST_SHARE = 100_000
_FIRST_WORDS = 2  # before `costs` or `price` in a sentence about the product of the one before: `It costs`
_Rule = Callable[[Scene, int, Hit], tuple[ClusterId, str] | None]


def find_subject(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """Whom or what the amount at token `at` measures, given its cue, and the rule that says so."""
    return _SUBJECTS[hit.cue.subject](scene, at, hit)


def _owner(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """Whose figure it is: `X's revenue`, `revenue at X`, the subject of the clause, or of the sentence before."""
    if hit.cue.phrase[0] in _JOINED and at > 2 and scene.sentence.tokens[at - 2].low == ",":
        token = scene.sentence.tokens[at - 3]
        return (token.cluster, "agent") if token.cluster is not None and fits(scene, token, hit) else None
    return (
        find_portion_holder(scene, min(hit.start, at), hit)
        or find_possessor(scene, hit.start, hit)
        or _complement(scene, at, hit)
        or find_described(scene, min(hit.start, at), hit)
        or find_agent(scene, min(hit.start, at), hit)
        or _only(scene, at, hit)
        or _from_earlier(scene, hit)
    )


def _only(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """The only body or product that the sentence names before the figure: `X's accounts show turnover of`."""
    tokens = scene.sentence.tokens
    named = {t.cluster for t in tokens[: max(at, hit.end)] if t.cluster is not None and fits(scene, t, hit)}
    return (named.pop(), "only") if len(named) == 1 and is_topical(tokens, hit) else None


def _complement(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """The name after `of`, `at`, `by` or `for` that follows the cue directly."""
    tokens = scene.sentence.tokens
    i, openers = hit.end, {"of", "at", "by", "for", "in"}
    if hit.start == at:
        nouns = (k for k in range(at + 1, min(at + 5, len(tokens))) if tokens[k].low == hit.cue.phrase[0])
        i, openers = next(nouns, len(tokens)) + 1, {"of", "at"}
    if i >= len(tokens) or tokens[i].low not in openers:
        return None
    i += 1
    while i < len(tokens) and i < hit.end + 4 and tokens[i].cluster is None and tokens[i].amount is None:
        i += 1
    genitive = i + 1 < len(tokens) and tokens[i + 1].low in POSSESSIVES
    if genitive and i + 2 < len(tokens) and tokens[i + 2].cluster is not None and fits(scene, tokens[i + 2], hit):
        i += 2
    if i < len(tokens) and i < hit.end + 6 and fits(scene, tokens[i], hit):
        return tokens[i].cluster or ClusterId(""), "complement"
    return None


def _from_earlier(scene: Scene, hit: Hit) -> tuple[ClusterId, str] | None:
    """What the sentences before are about, where this sentence has no name that could be the subject."""
    tokens = scene.sentence.tokens
    if any(fits(scene, token, hit) for token in tokens[: max(hit.end, 1)]) or not is_topical(tokens, hit):
        return None
    return _topic(scene, hit)


def _topic(scene: Scene, hit: Hit) -> tuple[ClusterId, str] | None:
    is_open = hit.start <= _FIRST_WORDS and hit.cue.metric == "price"
    if hit.cue.metric == "sales_units" or (hit.cue.metric == "price" and not is_open):
        return None  # a sentence that sells units and has no name mostly spoke of something new
    found = find_topic(scene, SUBJECT_TYPES.get(hit.cue.metric, THINGS))
    return None if found is None else (found, "earlier")


def _object(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """What is valued: the name between the verb and its amount, else the owner."""
    if (deal := _deal_object(scene, hit)) is not None:
        return deal, "object"
    if hit.cue.phrase[0] == "valued" and any(
        t.low in _VALUABLES for t in scene.sentence.tokens[max(0, hit.start - 6) : hit.start]
    ):
        return None
    for token in scene.sentence.tokens[hit.end : at]:
        if token.cluster is not None and fits(scene, token, hit):
            return (token.cluster if token.named else _valued_before(scene, token.cluster)), "object"
    unnamed = hit.end < at and any(token.low in ARTICLES for token in scene.sentence.tokens[hit.end : at])
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
    if at + 1 < len(scene.sentence.tokens) and scene.sentence.tokens[at + 1].low in {"in", "into"}:
        following = _after(scene, at + 2, hit, None, at + 6)
        return (following, "object") if following is not None else None
    return None


def _taken(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """`took $73 million from X`, `has $31 million from X`: who is given money by a body."""
    tokens = scene.sentence.tokens
    following = [t for t in tokens[at + 1 : at + 7] if t.low != ","]
    if not following or following[0].low != "from" or hit.end < bare_start(tokens, at) - 2:
        return None
    giver = any(t.cluster is not None and scene.types[t.cluster] in BODIES for t in following)
    return find_agent(scene, hit.start, hit) or _from_earlier(scene, hit) if giver else None


def _given_with(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """`supported X with $6m`: the name between the verb and `with`, or the relative one before the giver."""
    tokens, start = scene.sentence.tokens, bare_start(scene.sentence.tokens, at)
    if tokens[start - 1].low != "with":
        return None
    following = _after(scene, hit.end, hit, None, start)
    return (following, "object") if following is not None else _relative_object(scene, hit)


def _given(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """`brought X $135 million`: the name right before the sum."""
    token = scene.sentence.tokens[bare_start(scene.sentence.tokens, at) - 1]
    return (token.cluster, "object") if token.cluster is not None and fits(scene, token, hit) else None


def _listed(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """Whose shares closed `at` or rose `to` a price: `UBS shares`, `X's shares`, `shares in X`, else the topic."""
    tokens, start = scene.sentence.tokens, bare_start(scene.sentence.tokens, at)
    amount = tokens[at].amount
    if tokens[start - 1].low not in {"at", "to"} or amount is None or amount.value > _DEAREST_SHARE:
        return None
    if hit.start and fits(scene, tokens[hit.start - 1], hit):
        return tokens[hit.start - 1].cluster or ClusterId(""), "possessor"
    return find_possessor(scene, hit.start, hit) or _complement(scene, at, hit) or _topic(scene, hit)


def _per_share(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """Of which body shares are sold or bid for `at 602 rupees a share`; results for each share are no price."""
    tokens = scene.sentence.tokens
    if any(t.low in _RESULTS for t in tokens[:at]):
        return None
    bought = _deal_object(scene, hit)
    if bought is not None:
        return bought, "object"
    for i in range(at - 1, 0, -1):
        if fits(scene, tokens[i], hit) and tokens[i - 1].low in {"of", "for", "in"}:
            return tokens[i].cluster or ClusterId(""), "object"
    return _from_earlier(scene, hit)


def _share_of(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """`handles 31 per cent of card payments`: a part of a market; of a body, of shares or of `it`, it is a holding."""
    tokens = scene.sentence.tokens
    if at + 1 >= len(tokens) or tokens[at + 1].low != "of":
        return None
    following = tokens[at + 2 : at + 5]
    is_owned = any(t.low in _OWNED or (t.cluster and scene.types[t.cluster] in THINGS) for t in following)
    return None if is_owned else _owner(scene, at, hit)


def _units(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """What was sold so many times: the product named behind the number, else the subject."""
    for token in scene.sentence.tokens[at + 1 : at + 5]:
        if token.low in STOPPERS or token.low in PREPOSITIONS - {"of"} or token.low == ",":
            break
        if token.cluster is not None and scene.types[token.cluster] is EntityType.PRODUCT:
            return token.cluster, "object"
    return _owner(scene, at, hit)


def _share(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """Whose share of a market it is; a share in or of a company is a holding."""
    tokens = scene.sentence.tokens
    following = tokens[max(at + 1, hit.end) : max(at + 1, hit.end) + 3]
    if following and following[0].low in {"in", "of"} and any(t.cluster is not None for t in following[1:]):
        return None
    if hit.start > at and any(t.low in _HOLDING for t in tokens[max(0, at - 4) : at]):
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
    if (possessor := find_possessor(scene, hit.start, hit)) is not None:
        return possessor
    verbs = {t.low for t in tokens[max(0, at - 8) : hit.start + 8]}
    if not verbs & _GIVING:
        return find_agent(scene, min(hit.start, at), hit) or _from_earlier(scene, hit)
    given = _after(scene, max(at + 1, hit.end), hit, _GIVEN)
    return (given, "object") if given is not None else _elsewhere(scene, hit)


def _elsewhere(scene: Scene, hit: Hit) -> tuple[ClusterId, str] | None:
    """What the sentences before are about, unless this sentence names it: who is given money, who is bid for."""
    found = find_topic(scene, SUBJECT_TYPES.get(hit.cue.metric, THINGS))
    is_here = any(token.cluster == found for token in scene.sentence.tokens)
    return None if found is None or is_here else (found, "earlier")


def _worth(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:  # noqa: ARG001  # one of _SUBJECTS
    """`Kopi Kita is now worth`; not an order, a stake or shares that are worth something."""
    before = scene.sentence.tokens[hit.start - 1] if hit.start else None
    if before is not None and before.cluster is None and before.low.endswith("s") and before.low not in _BE:
        return None
    for token in reversed(scene.sentence.tokens[max(0, hit.start - 8) : hit.start]):
        if token.low in _VALUABLES:
            return None
        if token.cluster is not None and fits(scene, token, hit):
            return token.cluster, "agent"
    return find_agent(scene, hit.start, hit)


def _sold_of(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
    """`sold $747 million of Breyanzi`: the revenue of a product."""
    tokens = scene.sentence.tokens
    of = at + 1 < len(tokens) and tokens[at + 1].low == "of" and hit.end == bare_start(tokens, at)
    following = _after(scene, at + 2, hit, None) if of else None
    return (following, "object") if following is not None else None


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
            return find_agent(scene, next(i for i in range(at) if tokens[i].low in _ANSWERS), hit)
        if following is not None:
            return following, "object"
        return _deal_before(scene, hit) or (_elsewhere(scene, hit) if word in _OFFERS or word == "offered" else None)
    before = tokens[hit.start - 1].low if hit.start else ""
    after = tokens[hit.end].low if hit.end < len(tokens) else ""
    if (parted := _parted(scene, hit)) is not None:
        return parted, "relative"
    if after in {"by", "to"} or before in _BE:
        return find_agent(scene, hit.start, hit)
    following = _after(scene, hit.end, hit, None, at)
    return (following, "object") if following is not None else _relative_object(scene, hit)


def _parted(scene: Scene, hit: Hit) -> ClusterId | None:
    """What is sold in `X, sold to Y for` and `X, which it agreed to sell to Y for`: the name before the comma."""
    tokens = scene.sentence.tokens
    i = hit.start - 1
    if hit.end >= len(tokens) or tokens[hit.end].low not in {"by", "to"}:
        return None
    relative = [k for k in range(max(0, hit.start - 8), hit.start) if tokens[k].low in {"which", "that"}]
    i = relative[-1] - 1 if relative else i
    if i > 0 and tokens[i].low == "," and fits(scene, tokens[i - 1], hit):
        return tokens[i - 1].cluster
    return None


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
    """The first name that is no attribute, after one of `openers` (or at once), a dozen words from `start` at most.

    A second name in apposition (`the robotics division of A, B, for`) is the better one.
    """
    tokens = scene.sentence.tokens
    is_open = openers is None
    for i in range(start, min(len(tokens), start + 12, len(tokens) if end is None else end)):
        if tokens[i].low in STOPPERS or (is_open and tokens[i].low in _AWAY):
            return None
        is_open = is_open or (openers is not None and tokens[i].low in openers)
        genitive = tokens[i].low in OWNERS or (i + 1 < len(tokens) and tokens[i + 1].low in POSSESSIVES)
        if is_open and not genitive and fits(scene, tokens[i], hit):
            twin = i + 2 if i + 2 < len(tokens) and tokens[i + 1].low == "," and tokens[i - 1].low == "of" else i
            return tokens[twin].cluster if fits(scene, tokens[twin], hit) else tokens[i].cluster
    return None


def _relative_object(scene: Scene, hit: Hit) -> tuple[ClusterId, str] | None:
    """`X, which Y bought for`, `X, the start-up Y bought for`: the name before the buyer."""
    tokens = scene.sentence.tokens
    names = [i for i in range(max(0, hit.start - 12), hit.start) if fits(scene, tokens[i], hit)]
    if len(names) < 2 or tokens[names[-1]].cluster == tokens[names[-2]].cluster:
        return None
    between = {t.low for t in tokens[names[-2] + 1 : names[-1]]}
    is_relative = names[-2] + 1 == names[-1] or between & RELATIVES
    cluster = tokens[names[-2]].cluster
    return (cluster, "relative") if is_relative and cluster is not None else None


def _led_by(word: str, rule: _Rule) -> _Rule:
    """The rule, only where the sum comes after `word`: verbs of many senses, as in `sold under the name X at $3.99`."""

    def find(scene: Scene, at: int, hit: Hit) -> tuple[ClusterId, str] | None:
        start = bare_start(scene.sentence.tokens, at)
        return rule(scene, at, hit) if start and scene.sentence.tokens[start - 1].low == word else None

    return find


_SUBJECTS: dict[str, _Rule] = {
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
    "sold_at": _led_by("at", _owner),
    "taken": _taken,
    "given_with": _given_with,
    "given": _given,
    "listed": _listed,
    "per_share": _per_share,
    "bought_for": _led_by("for", _bought),
    "passed": _led_by("for", _owner),
    "share_of": _share_of,
    "units": _units,
}
