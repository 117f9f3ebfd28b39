"""What a reader finds in the four seed documents, the graph must show; no rule is written for these documents."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kg.build import BuildReport
from kg.iris import expand
from kg.records import Claim, Extraction, Status
from kg.settings import Settings
from kg.store import open_current, read_documents, read_extraction
from tests.conftest import SEEDS

pytestmark = pytest.mark.model

Build = tuple[Settings, BuildReport]


@pytest.fixture(scope="module")
def extractions(seeds_build: Build) -> list[Extraction]:
    folder = Path(seeds_build[0].store)
    return [read_extraction(folder, key) for key in read_documents(folder).values()]


def names(extraction: Extraction) -> dict[str, set[str]]:
    return {c.id: {c.name, *c.aliases} for c in extraction.clusters}


def claims(extractions: list[Extraction], subject: str, predicate: str, object_: str) -> list[Claim]:
    return [
        claim
        for e in extractions
        for claim in e.claims
        if subject in names(e)[claim.subject] and claim.predicate == predicate and object_ in names(e)[claim.object]
    ]


ACTUAL = [
    ("Sam Altman", "worksFor", "OpenAI", "CEO"),
    ("Greg Brockman", "worksFor", "OpenAI", "president"),
    ("Thibault Sottiaux", "worksFor", "OpenAI", "head of"),
    ("Jeetu Patel", "worksFor", "Cisco", "president"),
    ("OpenAI", "foundedBy", "Greg Brockman", ""),
    ("Notion", "foundedBy", "Simon Last", ""),
    ("Microsoft", "investedIn", "OpenAI", ""),
    ("Microsoft", "develops", "GitHub Copilot", ""),
    ("GitHub Copilot", "basedOn", "Codex", ""),
    ("Anthropic", "develops", "Claude Code", ""),
]


@pytest.mark.parametrize(("subject", "predicate", "object_", "role"), ACTUAL)
def test_seeds_fact_is_actual_with_its_sentence(
    extractions: list[Extraction], subject: str, predicate: str, object_: str, role: str
) -> None:
    found = [c for c in claims(extractions, subject, predicate, object_) if c.status is Status.ACTUAL]
    assert any(role.casefold() in (c.role or "").casefold() for c in found), found
    texts = {e.document.id: e.document.text for e in extractions}
    assert all(texts[c.evidence.document_id][c.evidence.start : c.evidence.end] == c.evidence.quote for c in found)


def test_seeds_former_employer_is_former(extractions: list[Extraction]) -> None:
    found = claims(extractions, "Thibault Sottiaux", "worksFor", "Google DeepMind")
    assert [c.status for c in found] == [Status.FORMER]


@pytest.mark.parametrize("target", ["Windsurf", "Cursor"])
def test_seeds_failed_deal_is_attempted_and_never_actual(extractions: list[Extraction], target: str) -> None:
    found = claims(extractions, "OpenAI", "acquired", target)
    assert {c.status for c in found} == {Status.ATTEMPTED}


def test_seeds_failed_deal_has_price_and_month(extractions: list[Extraction]) -> None:
    assert "2025-07" in {c.occurred_on for c in claims(extractions, "OpenAI", "acquired", "Windsurf")}
    prices = {
        (o.value, o.unit)
        for e in extractions
        for o in e.observations
        if o.metric == "deal_value" and "Windsurf" in names(e)[o.about]
    }
    assert prices == {(Decimal(3_000_000_000), "USD")}


@pytest.mark.parametrize(
    ("name", "metric", "value", "n_documents"),
    [
        ("Claude Code", "revenue", 2_500_000_000, 3),
        ("Codex", "revenue", 1_000_000_000, 2),
        ("Notion", "valuation", 11_000_000_000, 1),
    ],
)
def test_seeds_figure_stands_in_so_many_documents(
    extractions: list[Extraction], name: str, metric: str, value: int, n_documents: int
) -> None:
    holding = {
        e.document.id
        for e in extractions
        for o in e.observations
        if o.metric == metric and o.value == value and o.unit == "USD" and name in names(e)[o.about]
    }
    assert len(holding) >= n_documents, sorted(holding)


def test_seeds_menu_gives_no_entity(extractions: list[Extraction]) -> None:
    menu = {"Futures", "Gold", "Options", "Launchpad", "Launchpool", "CandyDrop", "TradFi", "HODLer Airdrop", "GT"}
    assert not menu & {name for e in extractions for forms in names(e).values() for name in forms}


def test_seeds_surname_is_no_entity_of_its_own(seeds_build: Build) -> None:
    store = open_current(Path(seeds_build[0].store))
    labels = {q.object.value for q in store.quads_for_pattern(None, expand("rdfs:label"), None, None)}
    surnames = {"Altman", "Brockman", "Sottiaux", "Embiricos", "Mishchenko", "Patel", "Last", "Simo", "Pickett"}
    assert "Sam Altman" in labels
    assert not surnames & labels


def test_seeds_documents_are_the_given_ones(seeds_build: Build) -> None:
    assert seeds_build[1].n_documents == len(list(SEEDS.glob("*.txt"))) == 4
    assert seeds_build[1].refusals == ()


def test_seeds_plain_query_never_returns_a_failed_deal(seeds_build: Build) -> None:
    store = open_current(Path(seeds_build[0].store))
    ask = """PREFIX kg: <https://w3id.org/tracegraph/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
             ASK { ?a rdfs:label "OpenAI" ; kg:acquired/rdfs:label ?name FILTER(?name IN ("Windsurf", "Cursor")) }"""
    assert not store.query(ask, use_default_graph_as_union=True)
