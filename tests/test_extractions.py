"""Extractions come back from JSON as they went in."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import StoreError
from kg.extractions import from_json, to_json
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
    Refusal,
    Span,
    Status,
)

TEXT = "Acme bought “Beta” 😀 for $1.50.\r\n"
A, B = ClusterId("e1"), ClusterId("e2")
EVIDENCE = Evidence(DocumentId("a/b c.txt"), 0, 11, TEXT[:11])
FULL = Extraction(
    Document(
        DocumentId("a/b c.txt"), TEXT, (Span(0, 5), Span(6, 9)), "/x", "T", "A", "O", "2024-08", "https://x.example/"
    ),
    (
        Cluster(A, "Acme", EntityType.COMPANY, ("Acme",), (Mention(0, 4, "Acme"),)),
        Cluster(B, "Beta", EntityType.PRODUCT, ("B", "Beta"), (Mention(13, 17, "Beta"), Mention(13, 14, "B"))),
    ),
    (
        Claim(A, Predicate.ACQUIRED, B, Status.PLANNED, 0.1 + 0.2, EVIDENCE),
        Claim(
            A,
            Predicate.DEVELOPS,
            B,
            Status.ACTUAL,
            1.0,
            EVIDENCE,
            "r",
            "2019",
            "2020-01",
            "2021-02-03",
            Attribution("x", A),
        ),
    ),
    (
        Observation(B, Metric.PRICE, Decimal("1.50"), "USD", 0.5, EVIDENCE),
        Observation(B, Metric.OTHER, Decimal("1E+30"), "count", 0.5, EVIDENCE, "2024", "about", Attribution("they")),
    ),
    (Refusal("claim of a: Acme sued Beta", "the quote is not in the text", "Acme “sued”\n"),),
)


def test_extraction_to_json_and_back_is_the_same() -> None:
    assert from_json(to_json(FULL)) == FULL


def test_extraction_to_json_and_back_has_the_same_bytes() -> None:
    assert to_json(from_json(to_json(FULL))) == to_json(FULL)


def test_extraction_of_an_empty_document_to_json_and_back_is_the_same() -> None:
    empty = Extraction(Document(DocumentId("a"), "", ()), (), (), ())
    assert from_json(to_json(empty)) == empty


@given(st.text(), st.floats(0, 1), st.decimals(allow_nan=False, allow_infinity=False))
def test_extraction_with_any_text_and_number_comes_back(text: str, confidence: float, value: Decimal) -> None:
    document = replace(FULL.document, text=text, title=text)
    observation = replace(FULL.observations[0], value=value, confidence=confidence)
    made = replace(FULL, document=document, observations=(observation,))
    assert from_json(to_json(made)) == made


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"document": 1}', to_json(FULL).replace("Company", "Firm")])
def test_from_json_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(StoreError, match="build again"):
        from_json(text)
