"""Proposals: what speaks for a triple, joined into one confidence."""

from __future__ import annotations

import pytest

from kg.pairs import ScoredPair
from kg.patterns import document_skeletons
from kg.proposals import APART, NO_TRIGGER, Proposal, propose
from kg.records import ClusterId, Predicate, Status
from kg.relations import rule_confidence
from tests.nlp_docs import resolved_doc

ACME, BETA, GAMMA = (ClusterId(f"e{n}") for n in range(1, 4))
PLAIN = "[C Acme] and its partner [C Beta] rose. "
BOUGHT = "[C Acme] bought [C Beta] in May."


def read(
    subject: ClusterId, predicate: Predicate, object_: ClusterId, probability: float, first: int = 0, last: int = 0
) -> ScoredPair:
    """What the reader makes of a pair, its ground in the sentences `first` to `last`."""
    return ScoredPair(subject, predicate, object_, probability, {Status.ACTUAL: 1.0}, first, last)


def proposed(marked: str, *pairs: ScoredPair) -> list[tuple[Proposal, float]]:
    doc = resolved_doc(marked)
    return propose(document_skeletons(doc), {c.id: c for c in doc._.clusters}, pairs)


def confidences(marked: str, *pairs: ScoredPair) -> dict[tuple[str, str, str], float]:
    return {proposal.triple: confidence for proposal, confidence in proposed(marked, *pairs)}


def test_propose_phrase_alone_has_the_confidence_of_its_rule() -> None:
    ((proposal, confidence),) = proposed(BOUGHT)
    assert confidence == pytest.approx(max(rule_confidence(f) for f in proposal.finds))


def test_propose_reader_alone_has_its_probability() -> None:
    pair = read(ACME, Predicate.PARTNER_OF, BETA, 0.7)
    assert confidences(PLAIN, pair) == {(ACME, Predicate.PARTNER_OF, BETA): pytest.approx(0.7)}


def test_propose_phrase_and_reader_are_joined_by_noisy_or() -> None:
    ((proposal, confidence),) = proposed(BOUGHT, read(ACME, Predicate.ACQUIRED, BETA, 0.5))
    said = max(rule_confidence(f) for f in proposal.finds)
    assert confidence == pytest.approx(1 - 0.5 * (1 - said))


def test_propose_two_readings_of_a_triple_keep_the_surer() -> None:
    pairs = [read(ACME, Predicate.PARTNER_OF, BETA, p) for p in (0.4, 0.6, 0.5)]
    ((proposal, _),) = proposed(PLAIN, *pairs)
    assert proposal.scored is pairs[1]


def test_propose_without_trigger_word_is_discounted() -> None:
    pair = read(ACME, Predicate.SUED, BETA, 0.7)
    assert confidences(PLAIN, pair) == {(ACME, Predicate.SUED, BETA): pytest.approx(0.7 * NO_TRIGGER)}


def test_propose_with_trigger_word_is_not_discounted() -> None:
    pair = read(ACME, Predicate.SUED, BETA, 0.7)
    assert confidences("In court were [C Acme] and [C Beta].", pair).popitem()[1] == pytest.approx(0.7)


def test_propose_ground_of_two_sentences_is_discounted() -> None:
    pair = read(ACME, Predicate.USES, BETA, 0.7, 0, 1)
    assert confidences("[C Acme] rose. So did [C Beta].", pair).popitem()[1] == pytest.approx(0.7 * APART)


def test_propose_symmetric_predicate_has_one_order() -> None:
    pairs = [read(BETA, Predicate.PARTNER_OF, ACME, 0.7), read(ACME, Predicate.PARTNER_OF, BETA, 0.6)]
    assert confidences(PLAIN, *pairs) == {(ACME, Predicate.PARTNER_OF, BETA): pytest.approx(0.7)}


def test_propose_symmetric_order_is_that_of_the_numbers() -> None:
    pair = read(ClusterId("e10"), Predicate.COMPETES_WITH, ClusterId("e9"), 0.7)
    assert list(confidences(PLAIN, pair)) == [("e9", Predicate.COMPETES_WITH, "e10")]


def test_propose_reversed_keeps_the_surer() -> None:
    pairs = [read(ACME, Predicate.ACQUIRED, BETA, 0.5), read(BETA, Predicate.ACQUIRED, ACME, 0.8)]
    assert list(confidences(PLAIN + "A deal.", *pairs)) == [(BETA, Predicate.ACQUIRED, ACME)]


def test_propose_other_predicate_between_the_same_two_stays() -> None:
    pairs = [read(ACME, Predicate.ACQUIRED, BETA, 0.8), read(BETA, Predicate.SUBSIDIARY_OF, ACME, 0.6)]
    assert len(confidences(PLAIN, *pairs)) == 2


@pytest.mark.parametrize(
    ("clear", "faint", "kept"),
    [(0.95, 0.6, {ACME}), (0.7, 0.35, {ACME}), (0.95, 0.7, {ACME, BETA}), (0.99, 0.8, {ACME})],
)
def test_propose_second_maker_gives_way_to_a_much_surer_one(clear: float, faint: float, kept: set[ClusterId]) -> None:
    pairs = [read(ACME, Predicate.DEVELOPS, GAMMA, clear), read(BETA, Predicate.DEVELOPS, GAMMA, faint)]
    assert {triple[0] for triple in confidences("[C Acme], [C Beta] and [R Rover] rose.", *pairs)} == kept


def test_propose_faint_second_product_of_a_maker_stays() -> None:
    pairs = [read(ACME, Predicate.DEVELOPS, BETA, 0.95), read(ACME, Predicate.DEVELOPS, GAMMA, 0.6)]
    assert len(confidences("[C Acme], [R Rover] and [R Bolt] rose.", *pairs)) == 2


@pytest.mark.parametrize(
    "marked", ["If [C Acme] bought [C Beta], rain fell.", "He asked whether [C Acme] bought [C Beta]."]
)
def test_propose_supposed_phrase_is_left_out(marked: str) -> None:
    assert proposed(marked) == []


def test_propose_sorts_by_triple_whatever_the_order() -> None:
    pairs = [read(BETA, Predicate.USES, ACME, 0.7), read(ACME, Predicate.PARTNER_OF, BETA, 0.7)]
    made = list(confidences(PLAIN, *pairs))
    assert made == sorted(made) == list(confidences(PLAIN, *reversed(pairs)))


def test_propose_nothing_gives_nothing() -> None:
    assert proposed("Rain fell.") == []
