"""What the explorer opens on: communities, places, and that an overview is made once."""

from __future__ import annotations

import gzip
import itertools
import json
import math
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.columns import Graph
from kg.communities import find_communities, modularity
from kg.overview import OVERVIEW_VERSION, Overviews, make_overview, overview_size
from kg.places import find_places
from kg.store import current_snapshot, text_index_of, write_store
from tests.made_claims import about, claim, entity, graph_of, publish

TRIANGLES = ["a uses b", "b uses c", "c uses a", "a partnerOf x", "x uses y", "y uses z", "z uses x", "w uses x"]


def ties_of(graph: nx.Graph) -> list[dict[int, float]]:
    return [dict.fromkeys(sorted(graph[one]), 1.0) for one in sorted(graph)]


def by_label(piece: dict[str, Any], column: str) -> dict[str, Any]:
    return dict(zip(piece["entities"]["label"], piece["entities"][column], strict=True))


@pytest.mark.parametrize(
    "graph",
    [
        nx.karate_club_graph(),
        nx.planted_partition_graph(8, 30, 0.3, 0.01, seed=1),
        nx.barabasi_albert_graph(400, 2, seed=1),
    ],
    ids=["karate club", "planted", "power law"],
)
def test_find_communities_are_as_good_as_those_of_networkx(graph: nx.Graph) -> None:
    ties = ties_of(nx.Graph(graph.edges()))
    plain = nx.Graph(graph.edges())
    best = nx.community.modularity(plain, nx.community.louvain_communities(plain, seed=1))
    found = find_communities(ties)
    groups = [{n for n, c in enumerate(found) if c == community} for community in set(found)]
    assert modularity(ties, found) == pytest.approx(nx.community.modularity(plain, groups))
    assert modularity(ties, found) > 0.96 * best


def test_find_communities_finds_those_that_are_planted() -> None:
    found = find_communities(ties_of(nx.planted_partition_graph(6, 40, 0.4, 0.005, seed=2)))
    assert [set(found[at : at + 40]) for at in range(0, 240, 40)] == [{found[at]} for at in range(0, 240, 40)]


@pytest.mark.parametrize(
    ("ties", "found"),
    [
        ([], []),
        ([{}], [0]),
        ([{}, {}], [0, 1]),
        ([{1: 1.0}, {0: 1.0}], [0, 0]),
        ([{}, {2: 1.0}, {1: 1.0}], [1, 0, 0]),
        ([{1: 1.0, 2: 1.0, 3: 1.0}, {0: 1.0}, {0: 1.0}, {0: 1.0}], [0, 0, 0, 0]),
    ],
)
def test_find_communities_small_graphs(ties: list[dict[int, float]], found: list[int]) -> None:
    assert find_communities(ties) == found


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=80))
def test_find_communities_any_graph_ends_and_numbers_the_biggest_first(pairs: list[tuple[int, int]]) -> None:
    graph = nx.Graph()
    graph.add_nodes_from(range(31))
    graph.add_edges_from((a, b) for a, b in pairs if a != b)
    found = find_communities(ties_of(graph))
    sizes = [found.count(community) for community in range(max(found) + 1)]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) > 0


@pytest.mark.parametrize(
    "graph",
    [
        nx.star_graph(300),
        nx.planted_partition_graph(20, 12, 0.5, 0.01, seed=3),
        nx.disjoint_union_all([nx.path_graph(2)] * 300),
        nx.empty_graph(500),
    ],
    ids=["star", "planted", "pairs", "lonely"],
)  # fmt: skip
def test_find_places_neighbours_are_about_a_unit_apart(graph: nx.Graph) -> None:
    ties = ties_of(graph)
    places = find_places(ties, find_communities(ties)).tolist()
    nearest = min(math.dist(one, other) for one, other in itertools.combinations(places, 2))
    spread = max(math.dist(place, (0, 0)) for place in places)
    assert nearest > 0.5
    assert spread < 4 * math.sqrt(len(places))


def test_find_places_hub_is_in_the_middle_of_its_community() -> None:
    places = find_places(ties_of(nx.star_graph(50)), [0] * 51)
    assert places[0].tolist() == [0, 0]


def test_find_places_communities_do_not_overlap() -> None:
    ties = ties_of(nx.planted_partition_graph(15, 20, 0.5, 0.01, seed=4))
    found = find_communities(ties)
    places = find_places(ties, found)
    groups = [places[[n for n, c in enumerate(found) if c == community]] for community in sorted(set(found))]
    discs = [(of.mean(axis=0), max(math.dist(of.mean(axis=0), place) for place in of)) for of in groups]
    for (one, width), (other, breadth) in itertools.combinations(discs, 2):
        assert math.dist(one, other) > 0.8 * (width + breadth)


def test_overview_best_connected_come_first(tmp_path: Path) -> None:
    piece = make_overview(publish(tmp_path, graph_of(*TRIANGLES)), 4)
    assert piece["entities"]["iri"] == [f"company/{name}" for name in "xabc"]
    assert piece["entities"]["degree"] == [4, 3, 2, 2]
    assert len(piece["claims"]["id"]) == 4
    assert piece["n_entities"] == 7


def test_overview_communities_are_named_by_their_best_connected(tmp_path: Path) -> None:
    piece = make_overview(publish(tmp_path, [*graph_of(*TRIANGLES), *entity("lone"), *entity("sole")]), 9)
    assert piece["communities"] == [
        {"size": 4, "names": ["X", "Y", "Z"]}, {"size": 3, "names": ["A", "B", "C"]}, {"size": 2, "names": []},
    ]  # fmt: skip
    assert by_label(piece, "community") == {
        "X": 0, "Y": 0, "Z": 0, "W": 0, "A": 1, "B": 1, "C": 1, "LONE": 2, "SOLE": 2,
    }  # fmt: skip


def test_overview_holds_what_is_no_fact_but_retracted_claims_tie_nobody(tmp_path: Path) -> None:
    quads = [*graph_of("a uses b"), *entity("c"), *claim("b.txt", "b uses c", "Rumoured")]
    piece = make_overview(publish(tmp_path, [*quads, about("a.txt", "a uses b", "kg:retractedBy", "sam")]), 9)
    assert len(piece["claims"]["id"]) == 2
    assert by_label(piece, "community") == {"B": 0, "C": 0, "A": 1}


def test_overview_of_an_empty_graph_is_empty(tmp_path: Path) -> None:
    piece = make_overview(publish(tmp_path, []), 10)
    assert (piece["entities"]["iri"], piece["communities"], piece["n_entities"]) == ([], [], 0)


def test_overview_is_the_same_whatever_was_built_before(tmp_path: Path) -> None:
    publish(tmp_path / "kept", [*graph_of("z uses b", "q uses b"), *claim("b.txt", "m uses z")])
    pieces = [make_overview(publish(tmp_path / name, graph_of(*TRIANGLES)), 9) for name in ("kept", "new")]
    assert pieces[0]["entities"] == pieces[1]["entities"]
    assert pieces[0]["communities"] == pieces[1]["communities"]


@pytest.mark.parametrize(
    ("limit", "n_entities", "size"),
    [
        (20_000, 7, 7),
        (5, 7, 5),
        (1_000, 9_000, 1_000),
        (1_001, 9_000, 1_000),
        (9_999, 90_000, 5_000),
        (50_000, 90_000, 50_000),
    ],
)
def test_overview_size_is_a_step(limit: int, n_entities: int, size: int) -> None:
    assert overview_size(limit, n_entities) == size


def kept(graph: Graph, folder: Path) -> Path:
    return folder / "listings" / f"{graph.snapshot}.overview-7-v{OVERVIEW_VERSION}"


def test_overviews_are_made_once_and_kept(tmp_path: Path) -> None:
    graph = publish(tmp_path, graph_of(*TRIANGLES))
    packed = Overviews(graph, tmp_path / "listings").get(20_000)
    assert kept(graph, tmp_path).read_bytes() == packed
    assert json.loads(gzip.decompress(packed))["snapshot"] == graph.snapshot
    kept(graph, tmp_path).write_bytes(b"as it was")
    assert Overviews(graph, tmp_path / "listings").get(20_000) == b"as it was"


def test_overviews_in_a_folder_that_is_not_there_are_kept_in_memory(tmp_path: Path) -> None:
    overviews = Overviews(publish(tmp_path, graph_of(*TRIANGLES)), tmp_path / "gone")
    assert overviews.get(7) is overviews.get(7)


def test_overviews_small_ones_are_not_kept(tmp_path: Path) -> None:
    graph = publish(tmp_path, graph_of(*TRIANGLES))
    Overviews(graph, tmp_path / "listings").get(3)
    assert list((tmp_path / "listings").glob("*overview*")) == []


def test_overview_goes_with_its_snapshot(tmp_path: Path) -> None:
    graph = publish(tmp_path, graph_of(*TRIANGLES))
    Overviews(graph, tmp_path / "listings").get(9)
    graph.search.close()
    for said in ("a sued b", "b sued a"):
        with write_store(tmp_path) as writer:
            writer.publish(graph_of(said))
    assert not kept(graph, tmp_path).exists()


def test_overview_goes_when_the_text_index_is_made_anew(tmp_path: Path) -> None:
    quads = graph_of(*TRIANGLES)
    graph = publish(tmp_path, quads)
    Overviews(graph, tmp_path / "listings").get(9)
    text_index_of(current_snapshot(tmp_path)).write_bytes(b"of another version")
    publish(tmp_path, quads)
    assert not kept(graph, tmp_path).exists()
