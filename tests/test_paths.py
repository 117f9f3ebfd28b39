"""Ways from one entity to another: the shortest first, over claims that count, within limits."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import paths
from kg.columns import Graph
from kg.errors import QueryError
from kg.neighbourhood import EntityNameError
from kg.paths import PathQuestion, find_paths
from tests.made_claims import about, claim, entity, graph_of, iri, publish

LADDER = ["a uses b", "b uses z", "a acquired c", "z acquired c", "a sued d", "d sued e", "e sued z", "b uses c"]


def find(graph: Graph, start: str, end: str, **options: object) -> list[str]:
    question = PathQuestion(iri(start), iri(end), **{"k": 10, "max_length": 4, **options})  # type: ignore[arg-type]
    return ["".join(one.rpartition("/")[2] for one in path) for path in find_paths(graph, question)[0]]


@pytest.fixture
def ladder(tmp_path: Path) -> Graph:
    return publish(tmp_path, [*graph_of(*LADDER), *entity("lone")])


def test_find_paths_shortest_come_first_and_claims_are_travelled_either_way(ladder: Graph) -> None:
    assert find(ladder, "a", "z") == ["abz", "acz", "abcz", "acbz", "adez"]


def test_find_paths_back_are_the_same(ladder: Graph) -> None:
    assert sorted(path[::-1] for path in find(ladder, "z", "a")) == sorted(find(ladder, "a", "z"))


def test_find_paths_k_and_length_are_limits(ladder: Graph) -> None:
    assert find(ladder, "a", "z", k=1) == ["abz"]
    assert find(ladder, "a", "z", max_length=2) == ["abz", "acz"]
    assert find(ladder, "a", "z", max_length=1) == []
    assert find(ladder, "a", "b", max_length=1) == ["ab"]


def test_find_paths_over_some_predicates_alone(ladder: Graph) -> None:
    assert find(ladder, "a", "z", predicates=["sued"]) == ["adez"]
    assert find(ladder, "a", "z", predicates=["uses", "acquired"], max_length=2) == ["abz", "acz"]
    assert find(ladder, "a", "z", predicates=["develops"]) == []


def test_find_paths_piece_holds_the_claims_among_them_in_their_direction(ladder: Graph) -> None:
    _, piece = find_paths(ladder, PathQuestion(iri("a"), iri("z"), 2, 2))
    ends = [name.removeprefix("company/") for name in piece["entities"]["iri"]]
    claims = zip(piece["claims"]["subject"], piece["claims"]["object"], strict=True)
    assert ends == ["a", "z", "b", "c"]
    assert sorted(ends[s] + ends[o] for s, o in claims) == ["ab", "ac", "bc", "bz", "zc"]


def test_find_paths_to_what_is_not_tied_are_none_and_both_ends_are_shown(ladder: Graph) -> None:
    found, piece = find_paths(ladder, PathQuestion(iri("a"), iri("lone"), 3, 8))
    assert (found, piece["entities"]["label"]) == ([], ["A", "LONE"])


@pytest.mark.parametrize(("start", "end"), [("a", "nobody"), ("nobody", "a")])
def test_find_paths_unknown_end_is_refused(ladder: Graph, start: str, end: str) -> None:
    with pytest.raises(EntityNameError, match="nobody"):
        find(ladder, start, end)


def test_find_paths_to_oneself_is_refused(ladder: Graph) -> None:
    with pytest.raises(QueryError, match="give two"):
        find(ladder, "a", "a")


def test_find_paths_facts_alone_unless_asked(tmp_path: Path) -> None:
    quads = [
        *graph_of("a uses c"),
        *entity("b"),
        *claim("b.txt", "a uses b", "Planned"),
        *claim("b.txt", "b uses c", "Denied"),
    ]
    graph = publish(tmp_path, quads)
    assert find(graph, "a", "b") == []
    assert find(graph, "a", "b", statuses=["Planned"]) == ["ab"]
    assert find(graph, "a", "b", statuses=["Actual", "Denied"]) == ["acb"]


def test_find_paths_what_is_taken_back_never_counts(tmp_path: Path) -> None:
    graph = publish(tmp_path, [*graph_of("a uses b"), about("a.txt", "a uses b", "kg:retractedBy", "sam")])
    assert find(graph, "a", "b") == []


def test_find_paths_of_one_length_the_best_supported_come_first(tmp_path: Path) -> None:
    quads = [*graph_of("a uses b", "b uses z", "a uses c", "c uses z"), *claim("b.txt", "a sued c")]
    assert find(publish(tmp_path, quads), "a", "z") == ["acz", "abz"]


def test_find_paths_claims_of_an_entity_about_itself_lead_nowhere(tmp_path: Path) -> None:
    assert find(publish(tmp_path, graph_of("a uses a", "a uses b", "b sued b")), "a", "b") == ["ab"]


def test_find_paths_too_many_claims_is_an_error(ladder: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MAX_CLAIMS", 5)
    with pytest.raises(QueryError, match="too many claims"):
        find(ladder, "a", "z")


def test_find_paths_too_many_steps_is_an_error(ladder: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MAX_TRIED", 5)
    with pytest.raises(QueryError, match="too many ways"):
        find(ladder, "a", "z")


@settings(max_examples=15, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=16), st.integers(1, 6))
def test_find_paths_are_those_of_networkx(
    tmp_path_factory: pytest.TempPathFactory, pairs: set[tuple[int, int]], max_length: int
) -> None:
    claims = [f"{'abcdefgh'[a]} uses {'abcdefgh'[b]}" for a, b in sorted(pairs)]
    graph = publish(tmp_path_factory.mktemp("paths"), [*graph_of(*claims), *entity("a"), *entity("h")])
    plain = nx.Graph(said.split()[::2] for said in claims)
    plain.add_nodes_from("ah")
    expected = ["".join(path) for path in nx.all_simple_paths(plain, "a", "h", cutoff=max_length)]
    found = find(graph, "a", "h", k=10_000, max_length=max_length)
    assert sorted(found) == sorted(expected)
    assert [len(path) for path in found] == sorted(len(path) for path in found)
