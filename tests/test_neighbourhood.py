"""What a picture shows, found in stores of a few claims: names, hops, the cap, claims and figures with sentences."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.neighbourhood import EntityNameError, Names, find_claims, find_neighbourhood
from tests.claim_stores import BASE, chain, claim, entity, term, tiny_store


@pytest.fixture
def tiny() -> ox.Store:
    return tiny_store()


@pytest.mark.parametrize("name", ["Gamma Holdings", "gamma", " GAMMA ", f"{BASE}company/gamma-holdings"])
def test_resolve_iri_label_or_alias_in_any_case_finds_the_entity(tiny: ox.Store, name: str) -> None:
    assert Names(tiny).resolve(name).label == "Gamma Holdings"


def test_resolve_label_wins_over_alias() -> None:
    store = ox.Store()
    entity(store, "a", "Apex", "Summit")
    wanted = entity(store, "b", "Summit")
    assert Names(store).resolve("summit").iri == wanted


def test_resolve_ambiguous_name_lists_the_choices() -> None:
    store = ox.Store()
    iris = [entity(store, local, "Apex") for local in ("a", "b")]
    with pytest.raises(EntityNameError, match="names 2 entities") as caught:
        Names(store).resolve("Apex")
    assert [iri for iri, _ in caught.value.choices] == iris


def test_resolve_unknown_name_lists_similar_ones(tiny: ox.Store) -> None:
    with pytest.raises(EntityNameError, match="no entity is named 'Robot'") as caught:
        Names(tiny).resolve("Robot")
    assert [label for _, label in caught.value.choices] == ["Acme Robotics (Company)"]


def test_search_equal_name_comes_before_longer_ones() -> None:
    store = ox.Store()
    for local, label in (("a", "Metadata"), ("b", "Meta Platforms"), ("c", "Big Meta"), ("d", "Meta")):
        entity(store, local, label)
    assert [found.label for found in Names(store).search("meta", limit=9)] == [
        "Meta",
        "Metadata",
        "Meta Platforms",
        "Big Meta",
    ]


@pytest.mark.parametrize(("hops", "n"), [(0, 1), (1, 3), (2, 5), (9, 10)])
def test_find_neighbourhood_hops_reach_so_far(hops: int, n: int) -> None:
    shown = find_neighbourhood(chain(10), Names(chain(10)), entity="Company 5", hops=hops, max_entities=99)
    assert (len(shown.entities), shown.n_reachable) == (n, n)


def test_find_neighbourhood_over_the_cap_counts_all_and_keeps_the_best_supported() -> None:
    store = ox.Store()
    hub, strong, *others = [entity(store, f"c{number}", f"Company {number}") for number in range(9)]
    for other in others:
        claim(store, hub, other)
    claim(store, strong, hub, quote="One.")
    claim(store, strong, hub, quote="Two.")
    shown = find_neighbourhood(store, Names(store), entity=hub, hops=1, max_entities=2)
    assert ([e.iri for e in shown.entities], shown.n_reachable) == ([hub, strong], 9)


def test_find_neighbourhood_without_entity_shows_the_most_named() -> None:
    store = chain(4)
    entity(store, "lonely", "Lonely")
    shown = find_neighbourhood(store, Names(store), entity=None, hops=0, max_entities=2)
    assert ([e.label for e in shown.entities], shown.n_reachable) == (["Company 1", "Company 2"], 5)


def test_find_claims_of_a_document_carry_all_that_stands_behind_them(tiny: ox.Store) -> None:
    denied = next(c for c in find_claims(tiny, subject=[f"{BASE}company/acme-robotics"]) if c.status == "Denied")
    assert denied.said_by == "its chairman Richard Miles"
    assert (denied.predicate, denied.confidence, denied.document) == ("acquired", 0.94, "2024/b.txt")
    assert (denied.title, denied.published) == ("Beta Labs denies sale", "2024-08")
    assert denied.quote is not None
    assert denied.quote.startswith("Beta Labs has not been acquired")


def test_find_neighbourhood_figures_come_with_their_sentence(tiny: ox.Store) -> None:
    shown = find_neighbourhood(tiny, Names(tiny), entity="Acme", hops=0, max_entities=9)
    assert {(figure.metric, figure.value, figure.qualifier) for figure in shown.figures} == {
        ("MarketShare", "12.5", None),
        ("Revenue", "2100000000", "about"),
        ("Revenue", "2500000000", None),
    }


@pytest.mark.parametrize("property_", ["kg:evidence", "kg:attributedTo", "kg:confidence", "kg:sourceCount"])
def test_find_claims_shows_a_claim_with_a_text_in_the_wrong_place(property_: str) -> None:
    store = ox.Store()
    one, other = entity(store, "a", "A"), entity(store, "b", "B")
    node = claim(store, one, other)
    for quad in [*store.quads_for_pattern(node, term(property_), None)]:
        store.remove(quad)
    store.add(ox.Quad(node, term(property_), ox.Literal("no such thing")))
    (shown,) = find_claims(store, subject=[one])
    assert (shown.object, shown.sources) == (other, 1)
