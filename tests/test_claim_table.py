"""The table of claims: what it holds of each, and that it is the same whether made anew or from the one before."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.claim_table import ClaimRow, read_claims
from kg.iris import expand
from kg.settings import ENTITY_BASE, Settings
from kg.store import current_snapshot, text_index_of, write_store
from kg.updates import UpdateRequest
from kg.writing import run_update
from tests.made_claims import claim, claim_iri, entity, graph_of, iri

A = ox.NamedNode(f"{ENTITY_BASE}graph/a.txt")


def read(*quads: ox.Quad) -> list[ClaimRow]:
    store = ox.Store()
    store.extend(quads)
    return read_claims(store, A).claims


def publish(folder: Path, quads: Sequence[ox.Quad]) -> Path:
    with write_store(folder) as writer:
        return text_index_of(writer.publish(quads))


def table(path: Path) -> tuple[list[Any], list[Any]]:
    """Claims and documents, by IRIs in place of numbers."""
    claims = (
        "SELECT claim.iri, s.iri, predicate, o.iri, status, confidence, document.iri, first, last FROM claim"
        " JOIN entity AS s ON s.id = subject JOIN entity AS o ON o.id = object"
        " LEFT JOIN document ON document.id = document ORDER BY claim.iri"
    )
    documents = "SELECT document.iri, document.name, title, published, graph.name FROM document JOIN graph ON graph.id = graph ORDER BY 1"  # noqa: E501
    with closing(sqlite3.connect(path)) as db:
        return db.execute(claims).fetchall(), db.execute(documents).fetchall()


def test_claim_is_read_whole() -> None:
    (row,) = read(*claim("a.txt", "a acquired b", "Planned", confidence="0.75", started_on="2024-05", ended_on="2025"))
    assert row == ClaimRow(
        claim_iri("a.txt", "a acquired b"), iri("a"), "acquired", iri("b"), "Planned", 0.75,
        f"{ENTITY_BASE}document/a.txt", "2024-05", "2025",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dates", "first", "last"),
    [
        ({}, "", ""),
        ({"occurred_on": "2024"}, "2024", "2024"),
        ({"started_on": "2023"}, "2023", ""),
        ({"ended_on": "2023"}, "", "2023"),
        ({"started_on": "2023", "occurred_on": "2024"}, "2023", ""),
    ],
)
def test_claim_days_are_those_it_speaks_of(dates: dict[str, str], first: str, last: str) -> None:
    (row,) = read(*claim("a.txt", "a acquired b", **dates))
    assert (row.first, row.last) == (first, last)


@pytest.mark.parametrize("missing", ["rdf:subject", "rdf:object", "rdf:predicate", "kg:status"])
def test_claim_that_is_not_whole_is_left_out(missing: str) -> None:
    assert read(*(q for q in claim("a.txt", "a acquired b") if q.predicate != expand(missing))) == []


def test_claim_of_an_unknown_status_is_left_out() -> None:
    assert read(*claim("a.txt", "a acquired b", "Certain")) == []


def test_claim_without_evidence_has_no_document() -> None:
    (row,) = read(*(q for q in claim("a.txt", "a acquired b") if q.predicate != expand("kg:evidence")))
    assert row.document is None


def test_claim_predicate_of_another_vocabulary_stays_an_iri() -> None:
    said = claim("a.txt", "a acquired b")
    other = ox.NamedNode("http://example.org/knows")
    quads = [ox.Quad(q.subject, q.predicate, other, A) if q.predicate == expand("rdf:predicate") else q for q in said]
    assert read(*quads)[0].predicate == "http://example.org/knows"


def test_claim_confidence_that_is_no_number_is_none() -> None:
    assert read(*claim("a.txt", "a acquired b", confidence="high"))[0].confidence is None


def test_claim_of_two_subjects_has_the_first_in_order() -> None:
    said = claim("a.txt", "b acquired c")
    second = ox.Quad(said[0].subject, expand("rdf:subject"), ox.NamedNode(iri("a")), A)
    assert read(*said, second)[0].subject == iri("a")


BEFORE = [*graph_of("a acquired b", "b uses c"), *claim("b.txt", "c uses a"), *claim("c.txt", "c sued b"), *entity("d")]
AFTER = [
    *graph_of("a acquired b", "b uses d"),
    *claim("b.txt", "c uses a", "Denied"),
    *claim("e.txt", "d partnerOf a", occurred_on="2024"),
    *entity("c"),
]


def test_table_made_from_the_one_before_is_the_same_as_made_from_nothing(tmp_path: Path) -> None:
    publish(tmp_path / "kept", BEFORE)
    assert table(publish(tmp_path / "kept", AFTER)) == table(publish(tmp_path / "new", AFTER))


def test_claim_keeps_its_number_when_another_graph_changes(tmp_path: Path) -> None:
    numbers = []
    for quads in (BEFORE, AFTER):
        with closing(sqlite3.connect(publish(tmp_path, quads))) as db:
            query = "SELECT id FROM claim WHERE iri = ?"
            numbers.append(db.execute(query, (claim_iri("a.txt", "a acquired b"),)).fetchone())
    assert numbers[0] == numbers[1] != None  # noqa: E711  # both, and there


def test_document_that_gets_a_title_keeps_its_claims(tmp_path: Path) -> None:
    before = table(publish(tmp_path, BEFORE))
    title = ox.Quad(ox.NamedNode(f"{ENTITY_BASE}document/a.txt"), expand("dcterms:title"), ox.Literal("News"), A)
    claims, documents = table(publish(tmp_path, [*BEFORE, title]))
    assert claims == before[0]
    assert [row[2] for row in documents] == ["News", None, None]


def test_entity_that_becomes_another_takes_its_claims_along(tmp_path: Path) -> None:
    publish(tmp_path / "kept", BEFORE)
    merged = [*graph_of("a acquired a", "a uses c"), *claim("b.txt", "c uses a")]
    assert table(publish(tmp_path / "kept", merged)) == table(publish(tmp_path / "new", merged))


def test_graph_that_a_user_adds_and_removes_changes_no_claim(tmp_path: Path) -> None:
    settings = Settings(store=str(tmp_path))
    before = table(publish(tmp_path, BEFORE))
    for text in (
        "INSERT DATA { GRAPH <e:g> { <e:x> <e:knows> <e:y> } }",
        "DELETE DATA { GRAPH <e:g> { <e:x> <e:knows> <e:y> } }",
    ):
        run_update(UpdateRequest(text), settings, lambda: None)
        assert table(text_index_of(current_snapshot(tmp_path))) == before
