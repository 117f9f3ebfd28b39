"""Updates as text: what is refused unseen, what is data alone, and what is changed by what."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryRefused, QuerySyntaxError
from kg.overlay import Delta
from kg.settings import Settings
from kg.updates import UpdateRequest, change_copy, change_data, check_update, has_data_only

SETTINGS = Settings(max_query_bytes=10_000)
A, B, P = (ox.NamedNode(f"e:{name}") for name in "abp")


def checked(text: str, **dataset: tuple[str, ...]) -> str:
    return check_update(UpdateRequest(text, **dataset), SETTINGS)


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1/>",
        "load silent<http://127.0.0.1/>into graph <e:g>",
        "LOADSILENT<http://127.0.0.1/>",
        "PREFIX x: <http://127.0.0.1/> LOADx:y",
        "PREFIX : <http://127.0.0.1/> LOAD:y",
        "# a comment\rLOAD <http://127.0.0.1/>",
        "INSERT DATA { <e:a> <e:b> 1 } ; LOAD <http://127.0.0.1/>",
        "INSERT { ?s ?p 1 } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o # a comment\rSERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "PREFIX : <e:> INSERT { ?s ?p 1 } WHERE { ?a ?p ?b FILTER(?a<?b).SERVICE:x#> \n{ ?s ?p ?o } }",
        "DELETE WHERE { ?s ?p ?o } ; INSERT {} WHERE { SERVICE SILENT ?where { ?s ?p ?o } }",
        "DELETE WHERE " + "{" * 2_500 + "}" * 2_500,
        "INSERT DATA { <e:a> <e:b> " + "[ <e:p> " * 2_500 + "1" + "]" * 2_500 + " }",
        "INSERT { ?s ?p 1 } WHERE { " + "?s ?p ?o . " * 600 + "}",
        "DELETE WHERE { ?s ?p ?o } # " + "x" * 10_000,
    ],
)
def test_check_update_what_calls_out_or_is_too_much_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused):
        checked(text)


@pytest.mark.parametrize(
    "text",
    ["INSERT DATA { <e:a> <e:b> <e:c d#> } ; LOAD <http://127.0.0.1/>\n }", "CLEAR ALL ; # load\n CLEAR"],
)
def test_check_update_word_of_a_call_in_what_is_no_sparql_is_a_syntax_error(text: str) -> None:
    with pytest.raises(QuerySyntaxError, match=r"line [12], column"):
        checked(text)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <e:a> <e:b> 'download at your service' }",
        "DELETE { ?s ?p 'service load' } WHERE { ?s ?p 'service load' }",
        "PREFIX load: <e:> INSERT { ?load ?p 1 } WHERE { ?load ?p load:x }",
        "PREFIX load: <e:> INSERT { GRAPH load:service { ?s ?p 1 } } WHERE { ?s ?p 'load' } # \\' SERVICE",
        "CLEAR ALL ; INSERT DATA { " + "<e:a> <e:b> 1 . " * 600 + "}",
        "INSERT DATA { <e:a> <e:b> '" + "x" * 10_000 + "' }",
    ],
)
def test_check_update_what_calls_nobody_passes(text: str) -> None:
    assert checked(text) == text


@pytest.mark.parametrize(
    ("text", "is_data"),
    [
        ("INSERT DATA { <e:a> a <e:b> }", True),
        ("BASE <e:> PREFIX x: <y> DELETE DATA { GRAPH x:g { x:a x:b -1 , 'a'^^x:t , true } }", True),
        ("DELETE DATA { <e:a> <e:b> 1 } ; INSERT DATA { <e:a> <e:b> 'é'@fr }", True),
        ("PREFIX x: <e:> LOADx:y", False),
        ("PREFIX : <e:> INSERT DATA { :a :b :c } ; LOAD:y", False),
        ("", True),
        ("INSERT { <e:a> <e:b> 1 } WHERE {}", False),
        ("DELETE WHERE { <e:a> <e:b> 1 }", False),
        ("INSERT DATA { <e:a> <e:b> 1 } ; CLEAR ALL", False),
        ("INSERT DATA { <e:a> <e:b> ?o }", False),
        ("INSERT DATA { <e:a> <e:b> <e:c d> }", False),
    ],
)
def test_has_data_only(text: str, is_data: bool) -> None:
    assert has_data_only(text) is is_data


def test_check_update_dataset_is_written_before_each_where() -> None:
    text = "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o } ; DELETE WHERE { ?s ?p ?o } ; CLEAR DEFAULT"
    assert checked(text, using=("e:g",), using_named=("e:h",)) == (
        "INSERT { ?s ?p 1 }  USING <e:g> USING NAMED <e:h> WHERE { ?s ?p ?o } ; "
        "DELETE { ?s ?p ?o } USING <e:g> USING NAMED <e:h> WHERE { ?s ?p ?o } ; CLEAR DEFAULT"
    )


@pytest.mark.parametrize(
    "text", ["WITH <e:g> DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }", "DELETE { ?s ?p 1 } USING <e:g> WHERE { ?s ?p 1 }"]
)
def test_check_update_two_datasets_are_refused(text: str) -> None:
    with pytest.raises(QuerySyntaxError, match="use one"):
        checked(text, using=("e:h",))


@pytest.mark.parametrize("iri", ["no iri", "e:a> WHERE {} ; DROP ALL ; INSERT {} USING <e:b"])
def test_check_update_dataset_that_is_no_iri_is_refused(iri: str) -> None:
    with pytest.raises(QuerySyntaxError, match="no absolute IRI"):
        checked("DELETE WHERE { ?s ?p ?o }", using_named=(iri,))


@pytest.fixture
def before(tmp_path: Path) -> ox.Store:
    store = ox.Store(str(tmp_path / "before"))
    store.extend(ox.Quad(A, P, ox.Literal(str(number)), B) for number in range(50))
    store.add(ox.Quad(A, P, B))
    store.flush()
    return store


def change(text: str, before: ox.Store, folder: Path) -> Delta:
    before.backup(str(folder / "part"))
    return change_copy(text, before, folder / "part", SETTINGS)


def test_change_data_is_what_was_not_there_and_what_was(before: ox.Store) -> None:
    text = "INSERT DATA { <e:a> <e:p> <e:b>, 1 } ; DELETE DATA { GRAPH <e:b> { <e:a> <e:p> '3', 'none' } }"
    one = ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    assert change_data(text, before, SETTINGS) == Delta(
        frozenset([ox.Quad(A, P, one)]), frozenset([ox.Quad(A, P, ox.Literal("3"), B)])
    )


def test_change_data_later_operations_see_earlier_ones(before: ox.Store) -> None:
    text = "INSERT DATA { <e:a> <e:p> 1 } ; DELETE DATA { <e:a> <e:p> 1, <e:b> } ; INSERT DATA { <e:a> <e:p> <e:b> }"
    assert change_data(text, before, SETTINGS) == Delta()


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <e:a> <e:p> 1 } ; DELETE DATA { GRAPH <e:b> { <e:a> <e:p> '3' } }",
        "DELETE DATA { <e:a> <e:p> <e:b> , <e:c> } ; INSERT DATA { GRAPH <e:new> { <e:a> <e:p> <e:b> } }",
    ],
)
def test_both_ways_find_the_same_change(before: ox.Store, tmp_path: Path, text: str) -> None:
    assert change_data(text, before, SETTINGS) == change(text, before, tmp_path)


@pytest.mark.parametrize(
    ("text", "added", "removed"),
    [
        ("CLEAR ALL", 0, 51),
        ("DROP GRAPH <e:b>", 0, 50),
        ("CREATE GRAPH <e:new>", 0, 0),
        ("COPY <e:b> TO <e:c>", 50, 0),
        ("MOVE <e:b> TO DEFAULT", 50, 51),
        ("INSERT { GRAPH <e:c> { ?s ?p [] } } WHERE { GRAPH ?g { ?s ?p ?o } }", 50, 0),
        ("DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } WHERE { ?s ?p ?o }", 1, 1),
        (
            "DELETE { GRAPH ?g { ?s ?p '7' } } INSERT { GRAPH ?g { ?s ?p '700' } } WHERE { GRAPH ?g { ?s ?p '7' } }",
            1,
            1,
        ),
    ],
)
def test_change_copy_counts(before: ox.Store, tmp_path: Path, text: str, added: int, removed: int) -> None:
    delta = change(text, before, tmp_path)
    assert (len(delta.added), len(delta.removed)) == (added, removed)
    assert frozenset(ox.Store(str(tmp_path / "part"))) == delta.apply(frozenset(before))


def test_change_copy_that_is_no_sparql_says_where(before: ox.Store, tmp_path: Path) -> None:
    with pytest.raises(QuerySyntaxError, match="line 2, column 10"):
        change("# one\nCLEAR XYZ", before, tmp_path)


@given(st.text(alphabet="{}<>#\"'\\ \r\n;.:?aLOADSERVICEINSERTDATAWHERE", max_size=60))
def test_check_update_any_text_is_checked_or_refused(text: str) -> None:
    try:
        passed = checked(text)
    except (QueryRefused, QuerySyntaxError):
        return
    assert "\r" not in passed
