"""Figures: what phrases and the reader read of one amount, joined."""

from __future__ import annotations

from decimal import Decimal

import pytest
from spacy.tokens import Doc

from kg.figures import ObservationFinder
from kg.pairs import PairScorer, ScoredFigure
from kg.records import ClusterId, Metric, Observation
from tests.nlp_docs import resolved_doc

ACME, BETA = ClusterId("e1"), ClusterId("e2")
UNSAID = "[C Acme] and [C Beta] noted $5 million of something in May."


def with_figures(marked: str, *figures: tuple[ClusterId, Metric, float]) -> Doc:
    """A Doc in which the reader reads its first amount so: subject, metric, probability."""
    doc = PairScorer(None, "kg_pairs", 0.2)(resolved_doc(marked))  # type: ignore[arg-type]
    amount = doc._.amounts[0]
    doc._.scored_figures = tuple(ScoredFigure(about, metric, amount, p, 0) for about, metric, p in figures)
    return doc


def observed(doc: Doc, minimum: float = 0.5) -> list[Observation]:
    return list(ObservationFinder(None, "kg_observations", minimum)(doc)._.observations)  # type: ignore[arg-type]


def test_observations_reader_alone_gives_one_with_its_sentence() -> None:
    (found,) = observed(with_figures(UNSAID, (ACME, Metric.REVENUE, 0.8)))
    assert (found.about, found.metric, found.value, found.unit) == (ACME, Metric.REVENUE, Decimal(5_000_000), "USD")
    assert found.evidence.quote == "Acme and Beta noted $5 million of something in May."


def test_observations_phrase_alone_is_read() -> None:
    (found,) = observed(resolved_doc("[C Acme]’s revenue was $5 million."))
    assert (found.about, found.metric, found.value) == (ACME, Metric.REVENUE, Decimal(5_000_000))


def test_observations_phrase_and_reader_agree_surer_than_one() -> None:
    text = "[C Acme]’s revenue was $5 million."
    (alone,) = observed(resolved_doc(text))
    (both,) = observed(with_figures(text, (ACME, Metric.REVENUE, 0.6)))
    assert alone.confidence < both.confidence <= 1


def test_observations_unsure_reader_gives_way_to_the_phrase() -> None:
    (found,) = observed(with_figures("[C Acme]’s revenue was $5 million.", (ACME, Metric.PROFIT, 0.6)))
    assert found.metric is Metric.REVENUE


def test_observations_surest_subject_and_metric_of_the_reader_wins() -> None:
    figures = [(ACME, Metric.REVENUE, 0.6), (BETA, Metric.REVENUE, 0.9), (BETA, Metric.PROFIT, 0.7)]
    (found,) = observed(with_figures(UNSAID, *figures))
    assert (found.about, found.metric, found.confidence) == (BETA, Metric.REVENUE, 0.9)


@pytest.mark.parametrize("metric", [Metric.VALUATION, Metric.FUNDING, Metric.EMPLOYEES])
def test_observations_product_has_no_metric_of_companies(metric: Metric) -> None:
    assert observed(with_figures("[R Rover] noted $5 million of something.", (ACME, metric, 0.9))) == []


@pytest.mark.parametrize("metric", [Metric.REVENUE, Metric.PRICE, Metric.USERS, Metric.MARKET_SHARE])
def test_observations_product_has_metrics_of_its_own(metric: Metric) -> None:
    (found,) = observed(with_figures("[R Rover] noted $5 million of something.", (ACME, metric, 0.9)))
    assert found.metric is metric


def test_observations_other_metric_is_left_out() -> None:
    assert observed(with_figures(UNSAID, (ACME, Metric.OTHER, 0.9))) == []


@pytest.mark.parametrize(("probability", "n"), [(0.49, 0), (0.5, 1)])
def test_observations_below_the_minimum_are_left_out(probability: float, n: int) -> None:
    assert len(observed(with_figures(UNSAID, (ACME, Metric.REVENUE, probability)))) == n


def test_observations_have_the_speaker_of_their_sentence() -> None:
    text = "[P Ann Lee] said [C Acme]’s revenue was $5 million."
    (found,) = observed(resolved_doc(text))
    assert found.attributed_to is not None
    assert (found.attributed_to.text, found.attributed_to.cluster) == ("Ann Lee", "e1")


def test_observations_phrase_that_the_reader_does_not_see_is_less_sure() -> None:
    doc = resolved_doc("[C Acme]’s revenue was $5 million.")
    (unread,) = observed(doc, 0.1)
    doc._.reading = (None, None)
    (unseen,) = observed(doc, 0.1)
    assert unseen.confidence < unread.confidence


def test_observations_part_of_what_is_named_is_no_level_of_it() -> None:
    figures = [(BETA, Metric.MARKET_SHARE, 0.9)]
    assert observed(with_figures("The user base of [C Acme] grew to 40% of [C Beta]’s.", *figures)) == []
    assert observed(with_figures("The user base of [C Acme] grew to 40% of [C Beta's].", *figures)) == []
    (kept,) = observed(with_figures("[C Beta] holds 40% of a market.", *figures))
    assert (kept.about, kept.value) == (BETA, Decimal(40))
