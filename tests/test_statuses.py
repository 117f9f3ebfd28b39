"""Statuses: which deal a cue speaks of, and what it does to it."""

from __future__ import annotations

import pytest

from kg.patterns import Skeleton, document_skeletons
from kg.records import ClusterId, Status
from kg.statuses import (
    Cue,
    CueIndex,
    Effect,
    bind_cues,
    find_cues,
    hinted_statuses,
    is_supposed,
    revise_status,
    weigh_status,
)
from tests.nlp_docs import resolved_doc

ACME, BETA, GAMMA, DELTA = (ClusterId(f"e{n}") for n in range(1, 5))
DEAL = (ACME, BETA)
OPENING = "[C Acme] agreed to buy [C Beta]. "


def marked_sentences(marked: str) -> list[Skeleton]:
    doc = resolved_doc(marked)
    return document_skeletons(doc)


def bound(marked: str, deals: set[tuple[ClusterId, ClusterId]]) -> list[tuple[ClusterId, ClusterId]]:
    """The deals to which the cues of a text are bound, in reading order."""
    sentences = marked_sentences(marked)
    return list(bind_cues(find_cues(sentences), sentences, deals).values())


@pytest.mark.parametrize(
    ("words", "effect"),
    [
        ("The deal fell apart in May.", Effect.FAILS),
        ("It walked away from its bid.", Effect.FAILS),
        ("The board denied the report.", Effect.DENIES),
        ("It completed the purchase in May.", Effect.COMPLETES),
        ("The sale is expected to close in May.", Effect.AWAITS),
        ("It is reportedly for sale.", Effect.RUMOURS),
        ("It might be for sale.", Effect.SUPPOSES),
    ],
)
def test_find_cues_phrase_has_its_effect(words: str, effect: Effect) -> None:
    assert effect in {cue.effect for cue in find_cues(marked_sentences(words))}


def test_find_cues_plain_sentence_has_none() -> None:
    assert find_cues(marked_sentences("[C Acme] grew in the spring.")) == []


@pytest.mark.parametrize(
    "second",
    [
        "The acquisition of [C Beta] by [C Acme] collapsed.",
        "The acquisition of [C Beta] collapsed.",
        "[C Acme] walked away from the deal.",
        "Regulators blocked the takeover.",
        "The deal closed in May.",
    ],
)
def test_bind_cues_deal_buyer_or_nobody_named_is_that_deal(second: str) -> None:
    assert bound(OPENING + second, {DEAL}) == [DEAL]


def test_bind_cues_other_company_behind_the_cue_is_not_that_deal() -> None:
    assert bound(OPENING + "Regulators blocked its bid for [C Gamma].", {DEAL}) == []


def test_bind_cues_two_deals_take_the_one_spoken_of_last() -> None:
    text = OPENING + "[C Gamma] agreed to buy [C Delta]. The deal fell apart."
    assert bound(text, {DEAL, (GAMMA, DELTA)}) == [(GAMMA, DELTA)]


def test_bind_cues_two_deals_take_the_one_whose_buyer_is_named() -> None:
    text = OPENING + "[C Gamma] agreed to buy [C Delta]. [C Acme] walked away from the deal."
    assert bound(text, {DEAL, (GAMMA, DELTA)}) == [DEAL]


@pytest.mark.parametrize(
    ("between", "last", "expected"),
    [
        (3, "The deal fell apart.", [DEAL]),
        (4, "The deal fell apart.", []),
        (11, "[C Acme] walked away from the deal.", [DEAL]),
        (12, "[C Acme] walked away from the deal.", []),
        (12, "[C Acme] walked away from the deal for [C Beta].", [DEAL]),
    ],
)
def test_bind_cues_reach_ends(between: int, last: str, expected: list[tuple[ClusterId, ClusterId]]) -> None:
    assert bound(OPENING + "Rain fell. " * between + last, {DEAL}) == expected


def test_bind_cues_buyer_named_other_deal_nearer_is_not_meant() -> None:
    text = OPENING + "[C Gamma] agreed to buy [C Delta]. Rain fell. [C Acme] walked away from the deal."
    assert bound(text, {DEAL, (GAMMA, DELTA)}) == [DEAL]


def test_bind_cues_no_deal_binds_nothing() -> None:
    assert bound("The deal fell apart.", set()) == []


@pytest.mark.parametrize("words", ["[C Acme] denied the report.", "It is reportedly for sale."])
def test_bind_cues_other_effects_are_not_bound(words: str) -> None:
    assert bound(OPENING + words, {DEAL}) == []


@pytest.mark.parametrize(
    ("effect", "before", "after"),
    [
        (Effect.FAILS, Status.PLANNED, Status.ATTEMPTED),
        (Effect.FAILS, Status.ACTUAL, Status.ATTEMPTED),
        (Effect.FAILS, Status.DENIED, Status.DENIED),
        (Effect.COMPLETES, Status.PLANNED, Status.ACTUAL),
        (Effect.COMPLETES, Status.ATTEMPTED, Status.ATTEMPTED),
        (Effect.COMPLETES, Status.FORMER, Status.FORMER),
    ],
)
def test_revise_status_bound_cue_counts_wherever_it_stands(effect: Effect, before: Status, after: Status) -> None:
    cue = Cue(effect, 9, 0)
    settled = 9 if (effect, before) != (effect, after) else 2
    assert revise_status(DEAL, before, 2, CueIndex.of([cue], {cue: DEAL})) == (after, settled)


@pytest.mark.parametrize(
    ("effect", "sentence", "before", "after"),
    [
        (Effect.DENIES, 2, Status.RUMOURED, Status.DENIED),
        (Effect.DENIES, 3, Status.RUMOURED, Status.DENIED),
        (Effect.DENIES, 4, Status.RUMOURED, Status.RUMOURED),
        (Effect.RUMOURS, 2, Status.PLANNED, Status.RUMOURED),
        (Effect.RUMOURS, 3, Status.PLANNED, Status.PLANNED),
        (Effect.AWAITS, 2, Status.ACTUAL, Status.PLANNED),
        (Effect.AWAITS, 1, Status.ACTUAL, Status.ACTUAL),
    ],
)
def test_revise_status_unbound_cue_counts_beside_the_claim(
    effect: Effect, sentence: int, before: Status, after: Status
) -> None:
    assert revise_status(DEAL, before, 2, CueIndex.of([Cue(effect, sentence, 0)], {}))[0] is after


def test_revise_status_bound_and_other_cues_count_in_reading_order() -> None:
    cues = [Cue(Effect.RUMOURS, 2, 0), Cue(Effect.COMPLETES, 2, 9), Cue(Effect.DENIES, 3, 0)]
    assert revise_status(DEAL, Status.PLANNED, 2, CueIndex.of(cues, {cues[1]: DEAL})) == (Status.ACTUAL, 2)


def test_revise_status_cue_of_another_deal_changes_nothing() -> None:
    cue = Cue(Effect.FAILS, 2, 0)
    assert revise_status(DEAL, Status.PLANNED, 2, CueIndex.of([cue], {cue: (GAMMA, DELTA)})) == (Status.PLANNED, 2)


def test_revise_status_last_cue_settles_it() -> None:
    cues = [Cue(Effect.AWAITS, 0, 0), Cue(Effect.COMPLETES, 5, 0)]
    assert revise_status(DEAL, Status.ACTUAL, 0, CueIndex.of(cues, {cues[1]: DEAL})) == (Status.ACTUAL, 5)


@pytest.mark.parametrize(
    ("hinted", "boost", "expected"),
    [
        (set(), 3.0, (Status.ACTUAL, 0.6)),
        ({Status.DENIED}, 1.0, (Status.ACTUAL, 0.6)),
        ({Status.DENIED}, 3.0, (Status.DENIED, 1.2 / 1.8)),
        ({Status.FORMER}, 3.0, (Status.ACTUAL, 0.6)),
    ],
)
def test_weigh_status_hint_raises_its_status(hinted: set[Status], boost: float, expected: tuple[Status, float]) -> None:
    status, share = weigh_status({Status.ACTUAL: 0.6, Status.DENIED: 0.4, Status.FORMER: 0.0}, hinted, boost)
    assert status is expected[0]
    assert share == pytest.approx(expected[1])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("She was chief executive until May", {Status.FORMER}),
        ("It will open in June", {Status.PLANNED}),
        ("It is reportedly for sale", {Status.RUMOURED}),
        ("The claim is untrue", {Status.DENIED}),
        ("The bid was blocked", {Status.ATTEMPTED}),
        ("It makes shoes", set()),
    ],
)
def test_hinted_statuses_words_hint_at_a_status(words: str, expected: set[Status]) -> None:
    assert hinted_statuses(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("If [C Acme] bought [C Beta], prices would rise.", True),
        ("It asked whether [C Acme] bought [C Beta].", True),
        ("It might rain; [C Acme] bought [C Beta].", False),
        ("It might rain, but [C Acme] bought [C Beta].", False),
        ("In May [C Acme] bought [C Beta].", False),
        ("[C Acme] bought [C Beta] and would grow.", False),
    ],
)
def test_is_supposed_looks_at_the_clause_before(words: str, expected: bool) -> None:
    (skeleton,) = marked_sentences(words)
    assert is_supposed(skeleton, skeleton.text.index("⟨")) is expected
