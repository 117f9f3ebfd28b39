"""Communities and places: where entities come to lie, and that it is always the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import networkx as nx
import pytest

from kg.positions import find_communities, lay_out

BOX = (140.0, 50.0)


def overlaps(places: Mapping[str, tuple[int, int]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Pairs whose boxes lie on each other by more than a few pixels, for a crowd may not be at rest yet."""
    found = sorted(places.values())
    pairs = [(a, b) for i, a in enumerate(found) for b in found[i + 1 :]]
    return [(a, b) for a, b in pairs if abs(a[0] - b[0]) < BOX[0] - 8 and abs(a[1] - b[1]) < BOX[1] - 8]


def tree(n: int) -> nx.MultiDiGraph:
    return nx.MultiDiGraph([(f"n{one}", f"n{one // 3}") for one in range(1, n)])


def test_find_communities_two_cliques_are_two() -> None:
    cliques = [[f"{side}{number}" for number in range(6)] for side in "ba"]
    graph = nx.MultiDiGraph([(a, b) for clique in cliques for a in clique for b in clique if a < b])
    graph.add_edge("a0", "b0")
    assert find_communities(graph) == [sorted(cliques[1]), sorted(cliques[0])]


def test_find_communities_everyone_is_in_one() -> None:
    graph = tree(50)
    graph.add_node("alone")
    groups = find_communities(graph)
    assert sorted(name for group in groups for name in group) == sorted(graph)
    assert [len(group) for group in groups] == sorted(map(len, groups), reverse=True)


def test_find_communities_empty_graph_has_none() -> None:
    assert find_communities(nx.MultiDiGraph()) == []


@pytest.mark.parametrize("n", [2, 60, 200])
def test_lay_out_boxes_do_not_overlap(n: int) -> None:
    graph = tree(n)
    assert overlaps(lay_out(graph, dict.fromkeys(graph, BOX), find_communities(graph))) == []


def test_lay_out_separate_parts_stay_near() -> None:
    graph = nx.MultiDiGraph([(f"n{n}", f"m{n}") for n in range(20)])
    places = lay_out(graph, dict.fromkeys(graph, (100.0, 40.0)))
    assert max(abs(x) + abs(y) for x, y in places.values()) < 3_000


def test_lay_out_entities_without_a_link_are_in_rows_below() -> None:
    graph = tree(20)
    graph.add_nodes_from(f"alone{n}" for n in range(30))
    graph.add_edge("alone0", "alone0")
    places = lay_out(graph, dict.fromkeys(graph, BOX))
    lowest = max(y for name, (_, y) in places.items() if name.startswith("n"))
    rows = {y for name, (_, y) in places.items() if name.startswith("alone")}
    assert min(rows) >= lowest + BOX[1]
    assert 1 < len(rows) < 30
    assert overlaps(places) == []


def test_lay_out_without_any_link_is_rows_alone() -> None:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from("abc")
    assert len(lay_out(graph, dict.fromkeys(graph, BOX))) == 3
    assert lay_out(nx.MultiDiGraph(), {}) == {}


def test_lay_out_is_the_same_in_every_process() -> None:
    script = (
        "import networkx as nx; from kg.positions import find_communities, lay_out;"
        "graph = nx.MultiDiGraph([(f'n{n}', f'n{n * 7 % 40}') for n in range(80)]);"
        "groups = find_communities(graph);"
        "print(groups, sorted(lay_out(graph, dict.fromkeys(graph, (140.0, 50.0)), groups).items()))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
