"""The guard, the run and the formats of queries, on stores of a few quads."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import socket
import threading
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.errors import QueryError, QueryRefused, QuerySyntaxError, ResultTooLarge
from kg.sparql import (
    GRAPH_FORMATS,
    CheckedQuery,
    QueryForm,
    RunOptions,
    bind_parameters,
    check_query,
    format_table,
    run_query,
    select,
)

EX = "http://example.org/"
KG = "https://w3id.org/tracegraph/ontology#"


def node(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


@pytest.fixture
def store() -> ox.Store:
    """One triple in the default graph, one in each of two named graphs."""
    store = ox.Store()
    graphs: list[ox.NamedNode | ox.DefaultGraph] = [ox.DefaultGraph(), node("g1"), node("g2")]
    for number, graph in enumerate(graphs):
        store.add(ox.Quad(node(f"s{number}"), node("p"), ox.Literal(str(number)), graph))
    return store


def run(store: ox.Store, text: str, options: RunOptions | None = None) -> str:
    output = io.BytesIO()
    run_query(store, check_query(text), output, options or RunOptions(solutions="csv"))
    return output.getvalue().decode()


def rows(store: ox.Store, text: str, options: RunOptions | None = None) -> list[str]:
    return sorted(row[0] for row in list(csv.reader(io.StringIO(run(store, text, options))))[1:])


# What the guard lets through, and how it reads it


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", QueryForm.SELECT),
        ("# SELECT\nPREFIX select: <http://x/ask> ASK {}", QueryForm.ASK),
        ("base <http://x/> construct where { ?s ?p ?o }", QueryForm.CONSTRUCT),
        ("DESCRIBE <http://x/SELECT>", QueryForm.DESCRIBE),
    ],
)
def test_check_query_each_form_is_found(text: str, form: QueryForm) -> None:
    assert check_query(text).form is form


def test_check_query_carriage_return_becomes_line_feed() -> None:
    assert check_query("ASK\r\n{}\r# end").text == "ASK\n{}\n# end"


def test_check_query_no_form_tells_where_the_text_ends() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        check_query("PREFIX a: <http://a/>\n{}")
    assert (caught.value.line, caught.value.column) == (2, 3)


@pytest.mark.parametrize("text", ["LOAD <http://x/>", "INSERT DATA {}", "PREFIX a: <b:> DELETE WHERE {}", "drop all"])
def test_check_query_update_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match="update"):
        check_query(text)


def test_check_query_word_of_an_update_inside_a_comment_or_string_is_no_update() -> None:
    assert check_query("# INSERT DATA\nSELECT ('CLEAR ALL' AS ?x) {}").form is QueryForm.SELECT


def test_check_query_too_long_is_refused() -> None:
    with pytest.raises(QueryRefused, match="20 bytes"):
        check_query("SELECT * { ?s ?p 'ä' }", max_bytes=20)


def test_check_query_half_a_surrogate_pair_is_a_syntax_error() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        check_query("SELECT ('\ud800' AS ?x) {}")
    assert caught.value.column == 10


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * " + "{" * 2_500 + "}" * 2_500,
        "SELECT (" + "(" * 5_000 + "1" + ")" * 5_000 + " AS ?x) {}",
        "SELECT * { {} " + "UNION {}" * 10_000 + "}",
        "SELECT (1" + "||1" * 9_500 + " AS ?x) {}",
        "SELECT (1" + "+1" * 9_500 + " AS ?x) {}",
        "SELECT * { ?s " + "/".join(["<http://x/p>"] * 800) + " ?o }",
        "SELECT * { ?s " + "(" * 3_000 + "<http://x/p>" + ")" * 3_000 + " ?o }",
        "SELECT * { ?s ?p " + "[ ?q " * 3_000 + "1" + "]" * 3_000 + " }",
        "SELECT * { ?s ?p ?o " + "OPTIONAL { ?s ?p ?o }" * 1_000 + "}",
        "SELECT * { ?s ?p " + ",".join(f"?o{n}" for n in range(1_000)) + "}",
        "SELECT * { " + ".".join(f"?s ?p ?o{n}" for n in range(1_000)) + "}",
        "ASK { FILTER NOT EXISTS " * 600 + "{}" + "}" * 600,
    ],
    ids=lambda text: text[:24],
)
def test_check_query_shape_that_ends_the_engine_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match="split the query"):
        check_query(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { VALUES ?s { " + "<http://x/a> " * 20_000 + "} ?s ?p ?o }",
        "SELECT * { ?s ?p ?o FILTER(?s IN (" + ", ".join(["<http://x/a>"] * 10_000) + ")) }",
        "SELECT ('" + "{((UNION||" * 9_000 + "' AS ?x) {}",
        "# " + "{([" * 9_000 + "\nASK {}",
        "SELECT * " + "{" * 90 + "}" * 90,
    ],
    ids=lambda text: text[:30],
)
def test_run_query_long_but_flat_text_is_answered(store: ox.Store, text: str) -> None:
    run(store, text)


# SERVICE: refused wherever either of two readers sees it, and nobody is called


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An HTTP address on this machine, and what it was sent."""
    calls: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            with contextlib.suppress(OSError):  # the socket is shut down when the test is over
                while True:
                    connection, _ = server.accept()
                    with connection:
                        calls.append(connection.recv(100))

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", calls
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


SERVICE_QUERIES = [
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { service silent <URL> { ?s ?p ?o } }",
    "SELECT * { { { OPTIONAL { SERVICE<URL>{ ?s ?p ?o } } } } }",
    "SELECT * { BIND(<URL> AS ?u) SERVICE ?u { ?s ?p ?o } }",
    "SELECT * { BIND(EXISTS { SERVICE <URL> { ?s ?p ?o } } AS ?x) }",
    "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING EXISTS { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT ?s { ?s ?p ?o } ORDER BY (EXISTS { SERVICE <URL> { ?s ?p ?o } })",
    "SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "# harmless\rSELECT * { SERVICE <URL> { ?s ?p ?o } } #",
    "SELECT * { # harmless\rSERVICE <URL> { ?s ?p ?o } #\n}",
    "PREFIX : <URL> SELECT * { SERVICE: { ?s ?p ?o } }",
    "PREFIX x: <URL> SELECT * { SERVICEx: { ?s ?p ?o } }",
    "PREFIX x: <URL> SELECT * { ?s ?p trueSERVICE x: { ?s ?p ?o } }",
    "PREFIX x: <URL> SELECT * { ?s ?p 1SERVICE x: { ?s ?p ?o } }",
    "PREFIX : <URL> SELECT * { ?a ?p ?b .FILTER(?a<?b).SERVICE:#>\n{ ?x ?y ?z } }",
    "PREFIX : <URL> SELECT * { FILTER('a'<'b'&&1<2).SERVICE:#>\n{ ?x ?y ?z } }",
    r"SELECT * { \u0053ERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { ſERVICE <URL> { ?s ?p ?o } }",
]


def test_engine_without_the_guard_calls_out(store: ox.Store, listener: tuple[str, list[bytes]]) -> None:
    address, calls = listener
    unchecked = CheckedQuery(f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}", QueryForm.SELECT, has_dataset=False)
    with pytest.raises(QueryError, match="failed"):
        run_query(store, unchecked, io.BytesIO(), RunOptions())
    assert len(calls) == 1


@pytest.mark.parametrize("text", SERVICE_QUERIES)
def test_run_query_service_in_any_guise_calls_nobody(
    store: ox.Store, listener: tuple[str, list[bytes]], text: str
) -> None:
    address, calls = listener
    with pytest.raises((QueryRefused, QuerySyntaxError)):
        run(store, text.replace("URL", address))
    assert calls == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ('SERVICE <http://x/> {' AS ?x) {}",
        'SELECT ("""a "quoted" SERVICE""" AS ?x) {}',
        "ASK {} # SERVICE",
        "SELECT ?service { ?service <http://services.example/is> $service }",
        "PREFIX service: <http://x/> SELECT * { ?s service:of ?o }",
    ],
)
def test_run_query_the_word_service_where_it_is_no_keyword_is_answered(store: ox.Store, text: str) -> None:
    run(store, text)


# The dataset is decided once


def test_run_query_default_sees_the_union_of_all_graphs(store: ox.Store) -> None:
    assert rows(store, "SELECT ?s { ?s ?p ?o }") == [EX + "s0", EX + "s1", EX + "s2"]


def test_run_query_from_replaces_the_union(store: ox.Store) -> None:
    assert rows(store, f"SELECT ?s FROM <{EX}g1> {{ ?s ?p ?o }}") == [EX + "s1"]


def test_run_query_from_inside_a_string_does_not_replace_the_union(store: ox.Store) -> None:
    assert len(rows(store, "SELECT ?s { ?s ?p ?o FILTER('FROM' != ?o) }")) == 3


def test_run_query_given_default_graph_replaces_from(store: ox.Store) -> None:
    options = RunOptions(solutions="csv", default_graphs=(EX + "g1", EX + "g2"))
    assert rows(store, f"SELECT ?s FROM <{EX}none> {{ ?s ?p ?o }}", options) == [EX + "s1", EX + "s2"]


def test_run_query_given_named_graph_empties_the_default_graph(store: ox.Store) -> None:
    options = RunOptions(solutions="csv", named_graphs=(EX + "g2",))
    assert rows(store, "SELECT ?s { ?s ?p ?o }", options) == []
    assert rows(store, "SELECT ?s { GRAPH ?g { ?s ?p ?o } }", options) == [EX + "s2"]


def test_run_query_relative_graph_iri_is_a_syntax_error(store: ox.Store) -> None:
    with pytest.raises(QuerySyntaxError, match="absolute IRI"):
        run(store, "ASK {}", RunOptions(default_graphs=("not an iri",)))


# Formats, errors and limits


@pytest.mark.parametrize(
    ("name", "start"),
    [("json", '{"head":{"vars":["o"]}'), ("xml", "<?xml"), ("csv", "o\r\n"), ("tsv", "?o\n"), ("table", "o\n")],
)
def test_run_query_rows_come_in_each_format(store: ox.Store, name: str, start: str) -> None:
    assert run(store, "SELECT ?o { ?s ?p ?o }", RunOptions(solutions=name)).startswith(start)


@pytest.mark.parametrize("name", ["turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld"])
def test_run_query_triples_parse_back_from_each_format(store: ox.Store, name: str) -> None:
    text = run(store, "CONSTRUCT WHERE { ?s ?p ?o }", RunOptions(graph=name))
    parsed = {quad.triple for quad in ox.parse(text, format=GRAPH_FORMATS[name])}
    assert parsed == {quad.triple for quad in store}


def test_run_query_ask_as_table_is_a_word(store: ox.Store) -> None:
    assert run(store, "ASK { ?s ?p ?o }", RunOptions(solutions="table")) == "true\n"


def test_run_query_project_prefixes_need_no_declaration(store: ox.Store) -> None:
    store.add(ox.Quad(node("a"), ox.NamedNode(KG + "acquired"), node("b")))
    assert rows(store, "SELECT ?s { ?s kg:acquired ?o }") == [EX + "a"]


def test_run_query_relative_iri_is_an_entity_of_ours(store: ox.Store) -> None:
    assert rows(store, "SELECT (<company/acme> AS ?x) {}") == ["https://w3id.org/tracegraph/id/company/acme"]


def test_run_query_syntax_error_tells_line_and_column(store: ox.Store) -> None:
    with pytest.raises(QuerySyntaxError, match="line 2, column 10") as caught:
        run(store, "SELECT *\n{ ?s ?p }")
    assert (caught.value.line, caught.value.column) == (2, 10)


def test_run_query_result_over_the_limit_is_refused(store: ox.Store) -> None:
    with pytest.raises(ResultTooLarge, match="50 bytes"):
        run(store, "SELECT * { ?s ?p ?o }", RunOptions(max_result_bytes=50))


def test_run_query_result_at_the_limit_is_given(store: ox.Store) -> None:
    text = run(store, "SELECT * { ?s ?p ?o }", RunOptions())
    assert run(store, "SELECT * { ?s ?p ?o }", RunOptions(max_result_bytes=len(text))) == text


def test_run_query_rdf_11_results_hold_no_directional_literal(store: ox.Store) -> None:
    answer = json.loads(run(store, "SELECT ('x'@en AS ?o) {}", RunOptions()))
    assert answer["results"]["bindings"] == [{"o": {"type": "literal", "value": "x", "xml:lang": "en"}}]


# Parameters


def test_bind_parameters_value_that_looks_like_a_query_stays_a_value(store: ox.Store) -> None:
    hostile = ox.Literal('" } ?a ?b ?c . } #\n\\')
    store.add(ox.Quad(node("h"), node("p"), hostile))
    text = bind_parameters("SELECT ?s { VALUES ?o { UNDEF } ?s ?p ?o }", {"o": [hostile]})
    assert rows(store, text) == [EX + "h"]


def test_bind_parameters_several_values_take_any(store: ox.Store) -> None:
    text = bind_parameters("SELECT ?s { VALUES ?s { UNDEF } ?s ?p ?o }", {"s": [node("s0"), node("s2")]})
    assert rows(store, text) == [EX + "s0", EX + "s2"]


def test_bind_parameters_without_value_stays_unbound(store: ox.Store) -> None:
    assert len(rows(store, bind_parameters("SELECT ?s { VALUES ?s { UNDEF } ?s ?p ?o }", {}))) == 3


def test_bind_parameters_unknown_name_is_an_error() -> None:
    with pytest.raises(QueryError, match="declares no parameter other"):
        bind_parameters("# VALUES ?other { UNDEF }\nSELECT * { VALUES ?s { UNDEF } ?s ?p ?o }", {"other": [node("x")]})


def test_select_runs_a_query_of_the_project() -> None:
    store = ox.Store()
    label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    store.extend(
        [ox.Quad(node("a"), label, ox.Literal("Acme")), ox.Quad(node("a"), kind, ox.NamedNode(KG + "Company"))]
    )
    assert [row["name"].value for row in select(store, "_names.rq")] == ["Acme"]


# Tables


def test_format_table_lines_up_wide_characters_and_counts_rows() -> None:
    table = format_table(["name", "n"], [[ox.Literal("日本"), ox.Literal("1")], [None, ox.Literal("2")]], EX)
    assert table == "name  n\n────  ─\n日本  1\n      2\n(2 rows)\n"


def test_format_table_control_characters_cannot_drive_the_terminal() -> None:
    assert "\x1b" not in format_table(["x"], [[ox.Literal("\x1b[31mred\x9b\u202e")]], EX)


def test_format_table_iri_is_shown_by_its_prefix() -> None:
    assert "company:acme" in format_table(["x"], [[node("company/acme")]], EX)


def test_format_table_long_text_is_cut() -> None:
    assert "…" in format_table(["x"], [[ox.Literal("word " * 100)]], EX)
