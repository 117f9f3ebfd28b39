"""Parts of the graph in columns: where an entity leads to, what is left out, and that labels stay what they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kg.columns import Graph, find_piece, relative
from kg.entity_details import describe_entity
from kg.expansion import Remaining, Wanted, expand
from kg.neighbourhood import EntityNameError, find_claims
from kg.picture import status_of
from kg.settings import ENTITY_BASE
from kg.store import current_snapshot, open_snapshot
from tests.made_claims import about, claim, claim_iri, entity, graph_of, iri, publish

HOSTILE = ("</script><img src=x onerror=alert(1)>", "\u202eevil\u202c", "x" * 10_000, "a\x00b\ud7ff", "{{7*7}}")


def names(piece: dict[str, Any]) -> list[str]:
    return [one.removeprefix("company/") for one in piece["entities"]["iri"]]


def said(piece: dict[str, Any]) -> list[str]:
    ends, claims = names(piece), piece["claims"]
    triples = zip(claims["subject"], claims["predicate"], claims["object"], strict=True)
    return sorted(f"{ends[s]} {piece['predicates'][p]} {ends[o]}" for s, p, o in triples)


@pytest.fixture
def star(tmp_path: Path) -> Graph:
    """h is tied to a by two facts, to b by one, to c by a rumour, to d by a fact that was taken back."""
    quads = [
        *graph_of("h acquired b", "h acquired a", "a uses h", "a partnerOf b", "b uses z", "h sued d"),
        *claim("b.txt", "h acquired c", "Rumoured"),
        *entity("c"),
        about("a.txt", "h sued d", "kg:retractedBy", "sam"),
    ]
    return publish(tmp_path, quads)


def test_expand_takes_the_best_supported_first(star: Graph) -> None:
    piece, _ = expand(star, Wanted(iri("h"), 10))
    assert names(piece) == ["h", "a", "b", "c", "d"]


def test_expand_limit_leaves_the_rest_to_the_counts(star: Graph) -> None:
    piece, remaining = expand(star, Wanted(iri("h"), 1))
    assert (names(piece), said(piece)) == (["h", "a"], ["a uses h", "h acquired a"])
    assert remaining == [
        Remaining("acquired", "out", 3, 2, 2), Remaining("sued", "out", 1, 1, 0), Remaining("uses", "in", 1, 0, 1),
    ]  # fmt: skip


def test_expand_brings_claims_between_new_and_shown_entities(star: Graph) -> None:
    piece, _ = expand(star, Wanted(iri("h"), 1, shown=[iri("b")]))
    assert names(piece) == ["h", "a", "b"]
    assert said(piece) == ["a partnerOf b", "a uses h", "h acquired a", "h acquired b"]


def test_expand_brings_no_claims_among_shown_entities(star: Graph) -> None:
    piece, _ = expand(star, Wanted(iri("h"), 1, shown=[iri("b"), iri("z")]))
    assert "b uses z" not in said(piece)


@pytest.mark.parametrize(
    ("predicate", "direction", "found"),
    [
        ("acquired", None, ["a", "b", "c"]),
        ("uses", "in", ["a"]),
        ("uses", "out", []),
        (None, "in", ["a"]),
        ("x", None, []),
    ],
)
def test_expand_by_kind_gives_those_ends_alone(star: Graph, predicate: str, direction: Any, found: list[str]) -> None:
    piece, _ = expand(star, Wanted(iri("h"), 10, predicate, direction))
    assert names(piece) == ["h", *found]


def test_expand_by_status_leads_along_such_claims_alone(star: Graph) -> None:
    facts, _ = expand(star, Wanted(iri("h"), 10, statuses=["Actual"]))
    rumours, _ = expand(star, Wanted(iri("h"), 10, statuses=["Rumoured"]))
    assert (names(facts), names(rumours)) == (["h", "a", "b"], ["h", "c"])


def test_claim_that_the_graph_does_not_assert_is_no_fact(tmp_path: Path) -> None:
    quads = [*entity("a"), *entity("b"), *entity("c"), *claim("a.txt", "a acquired b"), *claim("a.txt", "a uses c")]
    graph = publish(tmp_path, [quad for quad in quads if not quad.predicate.value.endswith("acquired")])
    piece, remaining = expand(graph, Wanted(iri("a"), 5))
    told = [piece["statuses"][status] for status in piece["claims"]["status"]]
    assert sorted(told) == ["Actual", "Unsure"]
    assert remaining == [Remaining("acquired", "out", 1, 0, 0), Remaining("uses", "out", 1, 0, 1)]
    facts, _ = expand(graph, Wanted(iri("a"), 5, statuses=["Actual"]))
    assert names(facts) == ["a", "c"]
    shown = find_claims(open_snapshot(current_snapshot(tmp_path)), subject=[iri("a")])
    assert [(one.predicate, status_of(one)) for one in shown] == [("acquired", "Unsure"), ("uses", "Actual")]


def test_expand_zero_gives_counts(star: Graph) -> None:
    piece, remaining = expand(star, Wanted(iri("z"), 0))
    assert (names(piece), remaining) == (["z"], [Remaining("uses", "in", 1, 1, 1)])


def test_expand_unknown_shown_entity_is_ignored(star: Graph) -> None:
    assert expand(star, Wanted(iri("h"), 9, shown=[iri("nobody"), "no iri"])) == expand(star, Wanted(iri("h"), 9))


def test_expand_unknown_entity_is_refused(star: Graph) -> None:
    with pytest.raises(EntityNameError, match="nobody"):
        expand(star, Wanted(iri("nobody"), 10))


def test_expand_claim_of_an_entity_about_itself_is_counted_both_ways(tmp_path: Path) -> None:
    piece, remaining = expand(publish(tmp_path, graph_of("a sued a", "a sued b")), Wanted(iri("a"), 5))
    assert said(piece) == ["a sued a", "a sued b"]
    assert remaining == [Remaining("sued", "in", 1, 0, 1), Remaining("sued", "out", 2, 0, 2)]
    assert piece["entities"]["degree"] == [2, 1]


def test_piece_columns_say_all_of_a_claim(tmp_path: Path) -> None:
    other = claim_iri("b.txt", "c acquired b")
    quads = [
        *graph_of("c acquired b", document="b.txt"),
        *entity("a", kind="Person"),
        *claim("a.txt", "a acquired b", "Denied", confidence="0.91234", occurred_on="2024-05"),
        about("a.txt", "a acquired b", "kg:sourceCount", "3"),
        about("a.txt", "a acquired b", "kg:conflictsWith", other),
        about("a.txt", "a acquired b", "kg:retractedBy", "sam"),
    ]
    piece = find_piece(publish(tmp_path, quads), [iri("b"), iri("a")])
    columns = {name: column[0] for name, column in piece["claims"].items() if name != "id"}
    assert columns == {
        "subject": 1, "object": 0, "predicate": 0, "status": 5, "document": 0, "confidence": 0.912, "sources": 3,
        "marks": 3, "from": "2024-05", "to": "2024-05",
    }  # fmt: skip
    assert [piece["types"][at] for at in piece["entities"]["type"]] == ["Company", "Person"]
    document = {"iri": f"{ENTITY_BASE}document/a.txt", "id": "a.txt", "title": None, "published": None, "outlet": None}
    assert piece["documents"] == [document]
    assert (piece["n_entities"], piece["n_claims"]) == (3, 2)


def test_piece_claim_without_confidence_or_document_is_a_sure_one_of_nobody(tmp_path: Path) -> None:
    bare = [quad for quad in graph_of("a uses b") if "evidence" not in str(quad.predicate)]
    claims = find_piece(publish(tmp_path, bare), [iri("a"), iri("b")])["claims"]
    assert (claims["confidence"], claims["document"], claims["sources"], claims["marks"]) == ([1], [-1], [1], [0])


def test_piece_leaves_out_what_the_graph_does_not_hold(star: Graph) -> None:
    assert names(find_piece(star, [iri("z"), iri("nobody"), "", "not an iri", iri("z")])) == ["z"]
    assert find_piece(star, [])["claims"]["id"] == []


def test_piece_claim_has_the_same_number_in_every_piece(star: Graph) -> None:
    one, other = find_piece(star, [iri("a"), iri("b")]), expand(star, Wanted(iri("b"), 9))[0]
    assert set(one["claims"]["id"]) < set(other["claims"]["id"])


@pytest.mark.parametrize("label", HOSTILE)
def test_piece_label_stays_what_it_is(tmp_path: Path, label: str) -> None:
    piece = find_piece(publish(tmp_path, entity("a", label)), [iri("a")])
    assert json.loads(json.dumps(piece, ensure_ascii=False))["entities"]["label"] == [label]


def test_piece_entity_without_label_or_class_has_the_end_of_its_iri(tmp_path: Path) -> None:
    piece = find_piece(publish(tmp_path, claim("a.txt", "a uses b")), [iri("a")])
    assert (piece["entities"]["label"], piece["types"]) == (["a"], ["Entity"])


@pytest.mark.parametrize("name", ["e:a", f"{ENTITY_BASE}x:y", f"{ENTITY_BASE}company/é", ENTITY_BASE])
def test_relative_iri_can_be_made_absolute_again(name: str) -> None:
    short = relative(name, ENTITY_BASE)
    assert (short if ":" in short else ENTITY_BASE + short) == name


def test_describe_entity_gives_kinds_of_claims_and_sources(star: Graph, tmp_path: Path) -> None:
    details = describe_entity(star, open_snapshot(current_snapshot(tmp_path)), iri("h"))
    assert details.relations[0] == Remaining("acquired", "out", 3, 3, 2)
    assert [(source.document.id, source.n) for source in details.sources] == [("a.txt", 4), ("b.txt", 1)]


def test_find_claims_names_rivals_sources_and_document(tmp_path: Path) -> None:
    rival = claim_iri("b.txt", "c acquired b")
    quads = [
        *graph_of("a acquired b"),
        *claim("b.txt", "c acquired b"),
        about("a.txt", "a acquired b", "kg:conflictsWith", rival),
        about("a.txt", "a acquired b", "kg:sourceCount", "2"),
    ]
    publish(tmp_path, quads)
    (found,) = find_claims(open_snapshot(current_snapshot(tmp_path)), subject=[iri("a")])
    assert (found.conflicts_with, found.sources) == ((rival,), 2)
    assert found.document_iri == f"{ENTITY_BASE}document/a.txt"
