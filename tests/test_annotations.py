"""Annotations: an extraction in the keys and values of the gold format."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kg.annotations import annotation_text, to_annotation
from kg.records import (
    Attribution,
    Claim,
    Cluster,
    ClusterId,
    Document,
    DocumentId,
    EntityType,
    Evidence,
    Extraction,
    Mention,
    Metric,
    Observation,
    Predicate,
    Span,
    Status,
)

TEXT = "Zoë Ek, “chair” of Acme, said it lost €5."
ID, ZOE, ACME = DocumentId("notes/é.txt"), ClusterId("e1"), ClusterId("e2")
EVIDENCE = Evidence(ID, 0, len(TEXT), TEXT)
CLUSTERS = (
    Cluster(ZOE, "Zoë Ek", EntityType.PERSON, ("Zoë Ek",), (Mention(0, 6, "Zoë Ek"),)),
    Cluster(ACME, "Acme", EntityType.COMPANY, ("Acme",), (Mention(19, 23, "Acme"),)),
)
CLAIM = Claim(ZOE, Predicate.WORKS_FOR, ACME, Status.ACTUAL, 0.9, EVIDENCE, role="chair", started_on="2024-05")


def made(claim: Claim = CLAIM, value: str = "-5") -> Extraction:
    speaker = Attribution("Zoë Ek", ZOE)
    loss = Observation(ACME, Metric.PROFIT, Decimal(value), "EUR", 0.8, EVIDENCE, attributed_to=speaker)
    return Extraction(Document(ID, TEXT, (Span(0, len(TEXT)),)), CLUSTERS, (claim,), (loss,))


def test_to_annotation_keys_are_those_of_the_gold_format() -> None:
    annotation = to_annotation(made())
    assert list(annotation) == ["doc", "entities", "relations", "observations"]
    assert {"id", "name", "type", "aliases"} <= annotation["entities"][0].keys()
    relation = {"subject", "predicate", "object", "status", "role", "date", "evidence"}
    assert relation <= annotation["relations"][0].keys()
    observation = {"subject", "metric", "value", "unit", "date", "qualifier", "evidence"}
    assert observation <= annotation["observations"][0].keys()


def test_to_annotation_values_are_those_of_the_records() -> None:
    annotation = to_annotation(made())
    assert annotation["doc"] == "notes/é.txt"
    assert annotation["entities"][1] == {
        "id": "e2",
        "name": "Acme",
        "type": "Company",
        "aliases": ["Acme"],
        "mentions": [{"start": 19, "end": 23}],
    }
    (relation,) = annotation["relations"]
    assert [relation[k] for k in ("subject", "predicate", "object", "status")] == ["e1", "worksFor", "e2", "actual"]
    assert (relation["role"], relation["date"], relation["attributed_to"]) == ("chair", "2024-05", None)
    assert annotation["observations"][0]["attributed_to"] == "Zoë Ek"


def test_to_annotation_evidence_is_the_text_between_its_offsets() -> None:
    annotation = to_annotation(made())
    for found in (*annotation["relations"], *annotation["observations"]):
        assert TEXT[found["start"] : found["end"]] == found["evidence"]


@pytest.mark.parametrize(
    ("started", "ended", "occurred", "date"),
    [
        ("2024", None, None, "2024"),
        (None, "2023-04", None, "2023-04"),
        (None, None, "2022-01-02", "2022-01-02"),
        (None, None, None, None),
    ],
)
def test_to_annotation_date_is_the_one_that_is_stated(
    started: str | None, ended: str | None, occurred: str | None, date: str | None
) -> None:
    claim = Claim(
        ZOE,
        Predicate.WORKS_FOR,
        ACME,
        Status.ACTUAL,
        0.9,
        EVIDENCE,
        started_on=started,
        ended_on=ended,
        occurred_on=occurred,
    )
    assert to_annotation(made(claim))["relations"][0]["date"] == date


@pytest.mark.parametrize(
    ("value", "expected"), [("-5", -5), ("2500000000", 2500000000), ("5E+6", 5000000), ("12.5", 12.5), ("3.00", 3)]
)
def test_to_annotation_number_is_whole_where_it_can_be(value: str, expected: float) -> None:
    number = to_annotation(made(value=value))["observations"][0]["value"]
    assert (number, type(number)) == (expected, type(expected))


def test_annotation_text_same_extraction_gives_the_same_bytes() -> None:
    text = annotation_text(made())
    assert text == annotation_text(made())
    assert text.endswith("}\n")
    assert "Zoë Ek, “chair”" in text


def test_annotation_text_parses_to_the_annotation() -> None:
    assert json.loads(annotation_text(made())) == to_annotation(made())


def test_annotation_text_of_nothing_has_empty_lists() -> None:
    empty = Extraction(Document(ID, "", ()), (), (), ())
    assert json.loads(annotation_text(empty)) == {"doc": ID, "entities": [], "relations": [], "observations": []}
