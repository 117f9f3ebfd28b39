"""Plain words of pages: links in both directions, dates and amounts."""

from __future__ import annotations

import pytest

from api.page_words import PHRASES, STANDINGS, amount, date_words, period, phrase, standing_of
from kg.records import SYMMETRIC, Predicate, Status


def test_phrases_are_those_of_the_ontologys_predicates() -> None:
    assert PHRASES.keys() == {predicate.value for predicate in Predicate}


def test_phrases_of_symmetric_predicates_say_the_same_both_ways() -> None:
    same = {name for name, said in PHRASES.items() if said.says == said.of and said.says_noun == said.of_noun}
    assert same == {predicate.value for predicate in SYMMETRIC}


def test_phrase_of_an_unknown_predicate_is_its_own_words() -> None:
    assert phrase("licensesTo", is_subject=True, is_fact=True) == "licenses to"


def test_standings_mark_every_status_with_a_symbol_of_its_own() -> None:
    assert {status.value for status in Status} - {"actual"} <= STANDINGS.keys()
    assert len({mark.symbol for mark in STANDINGS.values()}) == len(STANDINGS)


def test_standing_of_an_unknown_status_is_no_fact() -> None:
    assert standing_of("imagined").word == "imagined"


@pytest.mark.parametrize(
    "text", ["", "2024-13", "2024-02-30", "0000", "24", "2024-07-03Z", "20240703", "٢٠٢٤", "2024\n"]
)
def test_period_of_what_is_no_date_is_none(text: str) -> None:
    assert period(text) is None
    assert date_words(text) == text


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        ("2500000000", "USD", "2.5 billion USD"),
        ("1234567890", "EUR", "1,234,567,890 EUR"),
        ("-3000000", "USD", "-3 million USD"),
        ("0", "count", "0"),
        ("12.50", "percent", "12.50%"),
        ("lots", "USD", "lots USD"),
        ("NaN", "USD", "NaN USD"),
        ("1e999999", "USD", "1E+999999 USD"),
        ("", "", ""),
    ],
)
def test_amount_is_said_without_loss(value: str, unit: str, said: str) -> None:
    assert amount(value, unit) == said
