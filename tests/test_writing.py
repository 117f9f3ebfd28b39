"""Writes on a graph that a build made: what is refused, what is kept, and that all of it or nothing happens."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import build_graph, remove_documents
from kg.correcting import Request, correct
from kg.errors import GraphError, QueryRefused, QuerySyntaxError, StoreError
from kg.overlay import WRITTEN_FILE
from kg.settings import Settings
from kg.store import current_snapshot, write_store
from kg.updates import UpdateRequest
from kg.writing import Sent, add_new_graph, add_to_graph, delete_graph, find_format, put_graph, run_update

TINY = Path(__file__).parent / "data" / "tiny.trig"
TURTLE = "text/turtle"
ACME = "<https://w3id.org/tracegraph/id/company/acme-robotics>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with write_store(tmp_path / "store") as writer:
        writer.publish(ox.parse(path=TINY))
    return Settings(store=str(tmp_path / "store"))


def commit() -> None:
    """The deadline is the process's own, and there is none here."""


def update(settings: Settings, text: str) -> tuple[int, int]:
    delta = run_update(UpdateRequest(text), settings, commit)
    return len(delta.added), len(delta.removed)


def put(settings: Settings, graph: str, text: str) -> bool:
    return put_graph(graph, [Sent(TURTLE, text.encode())], settings, commit).existed


def ask(settings: Settings, pattern: str) -> bool:
    store = ox.Store.read_only(str(current_snapshot(Path(settings.store))))
    return bool(store.query(f"ASK {{ {pattern} }}", prefixes={"kg": "https://w3id.org/tracegraph/ontology#"}))


def document_graph(settings: Settings) -> str:
    names = ox.Store.read_only(str(current_snapshot(Path(settings.store)))).named_graphs()
    return min(str(name) for name in names)


def assert_unchanged_by(settings: Settings, text: str, *, match: str) -> None:
    before = current_snapshot(Path(settings.store))
    with pytest.raises(QueryRefused, match=match):
        update(settings, text)
    assert current_snapshot(Path(settings.store)) == before
    assert not (Path(settings.store) / WRITTEN_FILE).exists()
    assert not list((Path(settings.store) / "snapshots").glob(".*"))


@pytest.mark.parametrize(
    "text",
    [
        "CLEAR ALL",
        "DROP DEFAULT",
        "DELETE WHERE { ?s kg:acquired ?o }",
        "INSERT DATA { <e:a> <e:b> 1 } ; DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        f"DELETE DATA {{ {ACME} rdfs:label 'Acme Robotics' }}",
        "DELETE { ?s rdfs:label ?l } INSERT { ?s rdfs:label 'Acme' } WHERE { ?s rdfs:label ?l }",
    ],
)
def test_run_update_what_takes_from_the_build_is_refused_whole(settings: Settings, text: str) -> None:
    assert_unchanged_by(settings, text, match=r"nothing is written: .* use kg correct retract$")


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ GRAPH <e:mine> {{ {ACME} rdfs:label 'Acme Robotics' }} }}",
        "INSERT { GRAPH <e:mine> { ?s rdfs:label ?o } } WHERE { ?s rdfs:label ?o }",
        "INSERT { ?s dcterms:title ?o } WHERE { GRAPH ?g { ?s dcterms:title ?o } }",
    ],
)
def test_run_update_second_copy_of_a_built_statement_is_refused(settings: Settings, text: str) -> None:
    assert_unchanged_by(settings, text, match="stands in one graph$")


def test_run_update_graph_of_a_document_is_closed(settings: Settings) -> None:
    text = f"INSERT DATA {{ GRAPH {document_graph(settings)} {{ <e:a> <e:b> 1 }} }}"
    assert_unchanged_by(settings, text, match="write into a graph of your own$")


@pytest.mark.parametrize(
    "statement",
    [
        "<e:a> kg:acquired <e:b>",
        "[] a kg:Company",
        "GRAPH <e:mine> { <e:claim> kg:status 'Odd' }",
        "<e:claim> rdf:subject [] ; rdf:object 'x'",
        f"{ACME} kg:acquired [ rdfs:label 'Beta' ]",
    ],
)
def test_run_update_words_of_the_ontology_are_refused(settings: Settings, statement: str) -> None:
    assert_unchanged_by(settings, f"INSERT DATA {{ {statement} }}", match="use kg correct assert$")


def test_run_update_rdf_1_2_is_refused(settings: Settings) -> None:
    assert_unchanged_by(settings, "INSERT DATA { <e:a> <e:b> <<( <e:a> <e:b> 1 )>> }", match=r"write RDF 1\.1$")
    assert_unchanged_by(settings, "INSERT DATA { <e:a> <e:b> 'a'@en--ltr }", match=r"write RDF 1\.1$")


def test_run_update_of_ones_own_comes_and_goes(settings: Settings) -> None:
    before = current_snapshot(Path(settings.store))
    assert update(settings, "INSERT { GRAPH <e:mine> { ?c <e:tag> 1 } } WHERE { ?c a kg:Company }")[0] > 1
    assert update(settings, f"INSERT DATA {{ {ACME} rdfs:label 'Acme Robotics', 'The Acme' }}") == (1, 0)
    assert ask(
        settings,
        f"{ACME} <http://www.w3.org/2000/01/rdf-schema#label> 'The Acme' GRAPH <e:mine> {{ {ACME} <e:tag> 1 }}",
    )
    assert update(settings, f"DELETE DATA {{ {ACME} rdfs:label 'The Acme' }} ; INSERT DATA {{}}") == (0, 1)
    assert update(settings, "DROP GRAPH <e:mine>")[0] == 0
    assert current_snapshot(Path(settings.store)) == before


def test_run_update_that_changes_nothing_writes_nothing(settings: Settings) -> None:
    before = current_snapshot(Path(settings.store))
    assert update(settings, f"INSERT DATA {{ {ACME} rdfs:label 'Acme Robotics' }} ; CREATE GRAPH <e:g>") == (0, 0)
    assert update(settings, "DELETE DATA { <e:no> <e:no> <e:no> }") == (0, 0)
    assert current_snapshot(Path(settings.store)) == before


def test_run_update_while_another_process_writes_is_an_error(settings: Settings) -> None:
    with write_store(Path(settings.store)), pytest.raises(StoreError, match="written by another process"):
        update(settings, "INSERT DATA { <e:a> <e:b> 1 }")


def test_run_update_commit_that_fails_leaves_all_as_it_was(settings: Settings) -> None:
    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    before = current_snapshot(Path(settings.store))
    for text in ("INSERT DATA { <e:a> <e:b> 1 }", "INSERT { ?c <e:tag> 1 } WHERE { ?c a kg:Company }"):
        with pytest.raises(Stop):
            run_update(UpdateRequest(text), settings, stop)
    assert current_snapshot(Path(settings.store)) == before
    assert not (Path(settings.store) / WRITTEN_FILE).exists()


def test_put_graph_replaces_and_delete_graph_takes_all(settings: Settings) -> None:
    assert put(settings, "e:mine", "<> <e:p> 1, 2 .") is False
    assert put(settings, "e:mine", "<> <e:p> 2, 3 .") is True
    assert ask(settings, "GRAPH <e:mine> { <e:mine> <e:p> 2, 3 FILTER NOT EXISTS { ?s ?p 1 } }")
    assert delete_graph("e:mine", settings, commit).existed is True
    assert delete_graph("e:mine", settings, commit).existed is False


@pytest.mark.parametrize("graph", ["", "document"])
def test_put_and_delete_of_what_a_build_made_are_refused(settings: Settings, graph: str) -> None:
    named = graph and document_graph(settings)[1:-1]
    with pytest.raises(QueryRefused, match="kg correct retract"):
        put(settings, named, "<e:a> <e:b> 1 .")
    with pytest.raises(QueryRefused, match="kg correct retract"):
        delete_graph(named, settings, commit)


def test_add_to_graph_adds_to_the_default_graph_too(settings: Settings) -> None:
    sent = [Sent(TURTLE, b"<e:a> <e:b> 1 ."), Sent("application/n-triples", b"<e:a> <e:b> <e:c> .")]
    assert add_to_graph("", sent, settings, commit).existed is True
    assert ask(settings, "<e:a> <e:b> 1, <e:c> ; a ?none") is False
    assert ask(settings, "<e:a> <e:b> 1, <e:c>")


def test_add_to_graph_blank_nodes_of_two_texts_stay_two(settings: Settings) -> None:
    for _ in range(2):
        add_to_graph("e:mine", [Sent(TURTLE, b"_:x <e:b> 1 .")], settings, commit)
    assert ask(settings, "GRAPH <e:mine> { ?a <e:b> 1 . ?b <e:b> 1 FILTER(?a != ?b) }")


def test_add_new_graph_same_text_twice_gives_two_names(settings: Settings) -> None:
    sent = [Sent(TURTLE, b"_:x <e:b> 1 .")]
    first, second = (add_new_graph("e:new/", sent, settings, commit).graph for _ in range(2))
    assert second == f"{first}-2"


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        (TURTLE, b"<e:a> <e:b> .", QuerySyntaxError),
        (TURTLE, b"<e:a> <e:b> '\xff' .", QuerySyntaxError),
        ("application/n-quads", b"<e:a> <e:b> <e:c> <e:other> .", QuerySyntaxError),
        ("application/ld+json", b'{"@context": "http://127.0.0.1:9/", "a": 1}', QuerySyntaxError),
        ("application/rdf+xml", b"<a", QuerySyntaxError),
        ("text/html", b"<p>", GraphError),
        ("text/turtle; charset=latin-1", b"", GraphError),
        ("", b"<e:a> <e:b> 1 .", GraphError),
    ],
)
def test_put_graph_what_is_no_rdf_is_an_error(
    settings: Settings, content_type: str, body: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        put_graph("e:mine", [Sent(content_type, body)], settings, commit)
    assert not ask(settings, "GRAPH <e:mine> { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("text", "line", "column"), [("<e:a> <e:b> .", 1, 13), ("\n <e:a> x:b 1 .", 2, 8), ("<e:a> <e:b> 'x\n'", 1, 15)]
)
def test_put_graph_syntax_error_says_where(settings: Settings, text: str, line: int, column: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        put(settings, "e:mine", text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_find_format_knows_parameters_and_case() -> None:
    assert find_format('Text/Turtle; charset="UTF-8"') == ox.RdfFormat.TURTLE
    assert find_format("text/plain; charset=us-ascii") == ox.RdfFormat.N_TRIPLES
    assert find_format("image/png") is None


@pytest.mark.model
def test_what_users_wrote_outlives_builds_corrections_and_removals(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Erik Lund, president of Fjord Brewery, said it had bought Ale Works.", "utf-8")
    (tmp_path / "b.txt").write_text("Ruth Okafor runs Brightwell Foods.", "utf-8")
    settings = Settings(store=str(tmp_path / "store"))
    build_graph([str(tmp_path / "a.txt")], settings)
    assert update(settings, "INSERT { GRAPH <e:mine> { ?e <e:seen> true } } WHERE { ?e rdfs:label ?l }")[0] > 1
    assert update(settings, "INSERT DATA { company:brightwell-foods rdfs:label 'Brightwell Foods', 'BF' }") == (2, 0)
    kept = "GRAPH <e:mine> { ?e <e:seen> true } <https://w3id.org/tracegraph/id/company/brightwell-foods> ?label 'BF'"
    build_graph([str(tmp_path / "b.txt")], settings)
    assert ask(settings, kept)
    correct(Request("rename", "kim", entity="Ale Works", name="Ale Works Ltd"), settings, "2026-01-01")
    assert ask(settings, kept)
    with pytest.raises(QueryRefused, match="use kg correct retract"):
        update(settings, "DELETE DATA { company:brightwell-foods rdfs:label 'Brightwell Foods' }")
    remove_documents(["b.txt"], settings)
    assert ask(settings, f"{kept}, 'Brightwell Foods'")
    assert update(settings, "DELETE DATA { company:brightwell-foods rdfs:label 'Brightwell Foods' }") == (0, 1)
