"""The model of a picture: what stands for class, community, degree and status, and what the pointer is told."""

from __future__ import annotations

import json
from typing import Any

import networkx as nx
import pyoxigraph as ox
import pytest

from kg.neighbourhood import Names, find_neighbourhood
from kg.picture import OTHER_COLOUR, PALETTE, STATUS_STYLES, TYPE_SHAPES, Picture, draw
from kg.records import EntityType, Status
from tests.claim_stores import BASE, HOSTILE, chain, claim, entity, hostile_store, tiny_store


def picture_of(store: ox.Store, name: str | None = None, **options: Any) -> Picture:
    return draw(find_neighbourhood(store, Names(store), entity=name, **{"hops": 1, "max_entities": 200, **options}))


def edges_of(store: ox.Store, name: str | None = None) -> list[dict[str, Any]]:
    return list(picture_of(store, name).network.edges)


@pytest.fixture
def tiny() -> ox.Store:
    return tiny_store()


def two_stars() -> ox.Store:
    """Two hubs of four and three others, and one claim between the hubs."""
    store = ox.Store()
    hubs = [entity(store, f"{hub}0", f"Hub {hub}") for hub in "ab"]
    for hub, n in zip(hubs, (4, 3), strict=True):
        for number in range(1, n + 1):
            claim(store, hub, entity(store, f"{hub[-2]}{number}", f"{hub[-2]} {number}"))
    claim(store, *hubs)
    return store


def test_draw_every_class_and_status_has_a_look_of_its_own() -> None:
    assert TYPE_SHAPES.keys() >= {kind.value for kind in EntityType}
    assert STATUS_STYLES.keys() == {*(status.value.title() for status in Status), "Retracted", "Unsure"}
    assert len(set(TYPE_SHAPES.values())) == len(TYPE_SHAPES)
    patterns = {(style.dashes, style.opacity, style.is_crossed) for style in STATUS_STYLES.values()}
    assert len(patterns) == len(STATUS_STYLES)


def test_draw_statuses_are_solid_faded_dashed_dotted_and_crossed() -> None:
    styles = STATUS_STYLES
    assert (styles["Actual"].dashes, styles["Denied"].is_crossed) == ((), True)
    assert styles["Former"].opacity < 1
    assert all(styles[status].dashes[0] >= 9 for status in ("Planned", "Attempted"))
    assert styles["Rumoured"].dashes[0] <= 2


def test_draw_nodes_are_iris_of_pyvis(tiny: ox.Store) -> None:
    picture = picture_of(tiny, "Acme", hops=2)
    assert {f"{BASE}company/acme-robotics", f"{BASE}company/beta-labs"} <= set(picture.network.get_nodes())
    assert all(isinstance(node["x"], int) and isinstance(node["y"], int) for node in picture.network.nodes)
    assert json.loads(json.dumps(picture.network.options))["physics"] == {"enabled": False}


def test_draw_communities_have_colours_and_the_names_of_their_hubs() -> None:
    picture = picture_of(two_stars())
    assert [(c.name, c.colour, c.n_entities) for c in picture.communities] == [
        ("Hub a", PALETTE[0], 5),
        ("Hub b", PALETTE[1], 4),
    ]
    by_iri = {node["id"]: node for node in picture.network.nodes}
    for node in picture.network.nodes:
        hub = by_iri[f"{BASE}company/{node['id'][-2]}0"]
        assert (node["community"], node["color"]) == (hub["community"], hub["color"])


def test_draw_small_groups_share_the_colour_of_the_rest() -> None:
    store = ox.Store()
    for number in range(6):
        entity(store, f"c{number}", f"Company {number}")
    claim(store, f"{BASE}company/c0", f"{BASE}company/c1")
    picture = picture_of(store)
    assert [(c.name, c.colour, c.n_entities) for c in picture.communities] == [(None, OTHER_COLOUR, 6)]
    assert {node["community"] for node in picture.network.nodes} == {0}


def test_draw_more_communities_than_colours_counts_everyone_once() -> None:
    store = ox.Store()
    for group in range(len(PALETTE) + 2):
        iris = [entity(store, f"g{group}n{number}", f"{group} {number}") for number in range(3)]
        for one, other in nx.complete_graph(iris).edges():
            claim(store, one, other)
    picture = picture_of(store)
    assert [c.n_entities for c in picture.communities] == [3] * len(PALETTE) + [6]
    assert max(node["community"] for node in picture.network.nodes) == len(PALETTE)


def test_draw_size_grows_with_links_and_shape_is_of_the_class(tiny: ox.Store) -> None:
    nodes = {node["id"]: node for node in picture_of(tiny).network.nodes}
    acme, miles = nodes[f"{BASE}company/acme-robotics"], nodes[f"{BASE}person/richard-miles"]
    assert acme["size"] > miles["size"]
    assert (acme["shape"], miles["shape"]) == ("dot", "triangle")


def test_draw_edge_tells_status_and_direction(tiny: ox.Store) -> None:
    denied = next(edge for edge in edges_of(tiny, "Beta Labs") if edge["status"] == "Denied")
    assert (denied["label"], denied["arrows"], denied["to"]) == ("acquired (denied)", "to", f"{BASE}company/beta-labs")


def test_draw_edge_tip_has_sentence_source_date_and_confidence(tiny: ox.Store) -> None:
    denied = next(edge for edge in edges_of(tiny, "Beta Labs") if edge["status"] == "Denied")
    ends, quote, source, confidence = denied["title"].split("\n")
    assert ends == "Acme Robotics — acquired (denied) → Beta Labs"
    assert quote.startswith("“Beta Labs has not been acquired by Acme Robotics")
    assert (source, confidence) == ("Beta Labs denies sale · 2024-08", "confidence 94%")


def test_draw_entity_tip_has_its_most_certain_sentence() -> None:
    store = chain(3)
    claim(store, f"{BASE}company/c000", f"{BASE}company/c001", quote="Surely.", confidence="0.99")
    nodes = {node["id"]: node for node in picture_of(store).network.nodes}
    assert nodes[f"{BASE}company/c001"]["title"].split("\n") == [
        "Company 1",
        "Company · 2 links",
        "“Surely.”",
        "a.txt",
        "confidence 99%",
    ]


def test_draw_two_claims_of_one_kind_share_a_line_the_most_certain_first() -> None:
    store = chain(2)
    claim(store, f"{BASE}company/c000", f"{BASE}company/c001", quote="Surely.", confidence="0.99")
    shown = find_neighbourhood(store, Names(store), entity=None, hops=0, max_entities=9)
    (edge,) = draw(shown).network.edges
    assert [shown.claims[number].quote for number in edge["claims"]] == ["Surely.", "They said so."]
    assert edge["title"].endswith("and 1 more claim")


def test_draw_links_both_ways_bend_apart() -> None:
    store = chain(2)
    claim(store, f"{BASE}company/c001", f"{BASE}company/c000")
    claim(store, f"{BASE}company/c001", f"{BASE}company/c000", "Denied")
    curves = [json.dumps(edge["smooth"]) + edge["from"] for edge in edges_of(store)]
    assert len(set(curves)) == 3


def test_draw_lines_of_a_large_picture_rest_while_it_moves() -> None:
    store = chain(30)
    assert json.loads(json.dumps(picture_of(store).network.options))["interaction"]["hideEdgesOnDrag"] is False


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_draw_hostile_text_becomes_short_printable_lines(hostile: str) -> None:
    picture = picture_of(hostile_store(hostile))
    names = [community.name or "" for community in picture.communities]
    drawn = [*picture.network.nodes, *picture.network.edges]
    lines = [
        *names,
        *(each["label"] for each in drawn),
        *(line for each in drawn for line in each["title"].split("\n")),
    ]
    assert all(line.isprintable() and len(line) <= 300 for line in lines)
