"""Pairs: what the shipped reader makes of two clusters, or of a cluster and an amount."""

from __future__ import annotations

import numpy as np
import pytest
from spacy.tokens import Doc

from kg.pairs import MAX_SENTENCES_APART, PairScorer, ScoredPair
from kg.reader import Reader, load_reader
from kg.records import SIGNATURES, Predicate
from kg.sentences import body_sentences
from tests.nlp_docs import resolved_doc

pytestmark = pytest.mark.model
BOUGHT = "[C Brightwell Foods] acquired [C Tamarind Ltd] for $40 million in May."
FLOOR = 0.02
"""Least probability that the reader gives at all."""
RAIN = "Rain fell on the hills all day. "


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


def scored(reader: Reader, marked: str, minimum: float = 0.2) -> Doc:
    """A Doc with its pairs scored; every token is read, as kg_mentions would."""
    doc = resolved_doc(marked)
    starts = [s.start for s in body_sentences(doc)]
    doc._.reading = (reader.read([t.text for t in doc], starts), np.arange(len(doc), dtype=np.int32))
    return PairScorer(None, "kg_pairs", minimum)(doc)  # type: ignore[arg-type]


def pair_of(doc: Doc, predicate: Predicate) -> ScoredPair:
    pairs: list[ScoredPair] = [p for p in doc._.scored_pairs if p.predicate is predicate]
    return max(pairs, key=lambda p: p.probability)


def test_pairs_stated_deal_is_scored_in_its_sentence(reader: Reader) -> None:
    best = pair_of(scored(reader, RAIN + BOUGHT), Predicate.ACQUIRED)
    assert (best.subject, best.object, best.first, best.last) == ("e1", "e2", 1, 1)
    assert best.probability > 0.5


def test_pairs_of_two_sentences_have_the_stretch_between(reader: Reader) -> None:
    doc = scored(
        reader, "[C Brightwell Foods] sells tea. " + RAIN + "Its subsidiary [C Tamarind Ltd] sells more.", FLOOR
    )
    spread = {(p.first, p.last) for p in doc._.scored_pairs}
    assert spread
    assert all(0 <= first <= last <= 2 for first, last in spread)


def test_pairs_strongest_of_several_sentences_is_the_ground(reader: Reader) -> None:
    text = "[C Brightwell Foods] and [C Tamarind Ltd] rose on Monday. " + BOUGHT
    assert pair_of(scored(reader, text), Predicate.ACQUIRED).first == 1


def test_pairs_too_far_apart_are_not_asked(reader: Reader) -> None:
    far = "[C Brightwell Foods] grew. " + RAIN * MAX_SENTENCES_APART + "[C Tamarind Ltd] fell."
    assert scored(reader, far, FLOOR)._.scored_pairs == ()


def test_pairs_types_fit_the_signature(reader: Reader) -> None:
    doc = scored(reader, "[P Ruth Okafor] of [C Brightwell Foods] in [L Leeds] showed [R Rover].", FLOOR)
    types = {c.id: c.type for c in doc._.clusters}
    assert doc._.scored_pairs
    for pair in doc._.scored_pairs:
        subjects, objects = SIGNATURES[pair.predicate]
        assert types[pair.subject] in subjects
        assert types[pair.object] in objects


def test_pairs_below_the_minimum_are_left_out(reader: Reader) -> None:
    assert all(p.probability >= 0.3 for p in scored(reader, BOUGHT, 0.3)._.scored_pairs)


def test_pairs_figure_is_scored_with_its_amount(reader: Reader) -> None:
    doc = scored(reader, RAIN + BOUGHT)
    assert [doc.text[a.start : a.end] for a in doc._.amounts] == ["$40 million"]
    assert doc._.scored_figures
    assert all(f.amount in doc._.amounts and f.sentence == 1 for f in doc._.scored_figures)


def test_pairs_person_or_place_is_not_measured(reader: Reader) -> None:
    assert scored(reader, "[P Ruth Okafor] of [L Leeds] paid $40 million.", FLOOR)._.scored_figures == ()


def test_pairs_read_twice_are_the_same(reader: Reader) -> None:
    assert scored(reader, BOUGHT)._.scored_pairs == scored(reader, BOUGHT)._.scored_pairs


def test_pairs_without_a_reading_stay_empty() -> None:
    doc = PairScorer(None, "kg_pairs", 0.2)(resolved_doc(BOUGHT))  # type: ignore[arg-type]
    assert (doc._.scored_pairs, doc._.scored_figures, len(doc._.amounts)) == ((), (), 1)


def test_pairs_without_clusters_stay_empty(reader: Reader) -> None:
    doc = scored(reader, RAIN)
    assert (doc._.scored_pairs, doc._.scored_figures) == ((), ())
