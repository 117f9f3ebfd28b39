"""kg:textMatch in a query: where it is one, what it becomes, and that no string or comment is taken for one."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
import pytest

from kg.errors import QueryError
from kg.settings import ENTITY_BASE
from kg.sparql import check_query
from kg.text_match import MAX_MATCHES, put_in_matches

KG = "https://w3id.org/tracegraph/ontology#"
FOUND = {"open ai": [("e:1", 0.9), ("e:2", 0.5)], "none": [], 'a "b" \n}#': [("e:3", 0.1)]}
STORE = ox.Store()
STORE.bulk_extend(
    ox.Quad(ox.NamedNode(f"e:{n}"), ox.NamedNode(p), o)
    for n in (1, 2, 3)
    for p, o in (("e:name", ox.Literal(f"name {n}")), ("e:kind", ox.NamedNode(f"e:kind{n % 2}")))
)


def find(text: str) -> Sequence[tuple[str, float]]:
    return FOUND[text]


def rewritten(text: str) -> str:
    return put_in_matches(check_query(text), find, ENTITY_BASE).text


def rows(text: str) -> list[list[str]]:
    results = STORE.query(rewritten(text), prefixes={"kg": KG})
    assert isinstance(results, ox.QuerySolutions)
    return sorted([[term.value if term else "" for term in row] for row in results])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('SELECT ?e { ?e kg:textMatch "open ai" }', [["e:1"], ["e:2"]]),
        ("SELECT ?e { $e kg:textMatch 'none' }", []),
        ('SELECT ?e { ?e kg:textMatch "open ai" . ?e kg:textMatch "none" }', []),
        ('SELECT ?e ?s { (?e ?s) kg:textMatch "open ai" }', [["e:1", "0.9"], ["e:2", "0.5"]]),
        ('SELECT ?n { ?e kg:textMatch "open ai" ; <e:name> ?n }', [["name 1"], ["name 2"]]),
        ('SELECT ?n { ?e <e:name> ?n ; kg:textMatch "open ai" ; <e:kind> <e:kind1> . }', [["name 1"]]),
        ('SELECT ?n { ?e <e:kind> <e:kind0> ; kg:textMatch "open ai" . ?e <e:name> ?n }', [["name 2"]]),
        ('SELECT ?n { ?e <e:name> ?n ; kg:textMatch "open ai" FILTER(?n != "name 1") }', [["name 2"]]),
        ('SELECT ?n { ?e kg:textMatch "open ai" ; ; . ?e <e:name> ?n }', [["name 1"], ["name 2"]]),
        ('SELECT ?n { ?e <e:name> ?n FILTER EXISTS { ?e kg:textMatch "open ai" } }', [["name 1"], ["name 2"]]),
        ('SELECT ?n { ?e <e:name> ?n MINUS { ?e kg:textMatch "open ai" } }', [["name 3"]]),
        ('SELECT ?e { { SELECT ?e { (?e ?s) kg:textMatch "open ai" } ORDER BY DESC(?s) LIMIT 1 } }', [["e:1"]]),
        ("SELECT ?e { ?e kg:textMatch '''a \"b\" \\n}#''' }", [["e:3"]]),
        ("SELECT ?e { ?e kg:textMatch 'a \\u0022b\" \\n}#' }", [["e:3"]]),
        (f'PREFIX x: <{KG}> SELECT ?e {{ ?e x:textMatch "open ai" }}', [["e:1"], ["e:2"]]),
        (f'PREFIX x: <{KG}textMatch> SELECT ?e {{ ?e x: "open ai" }}', [["e:1"], ["e:2"]]),
        (f'SELECT ?e {{ ?e<{KG}textMatch>"open ai" }}', [["e:1"], ["e:2"]]),
        ("SELECT ?e { FILTER('a'<'b>c') ?e kg:textMatch \"open ai\" FILTER('b' != 'q') }", [["e:1"], ["e:2"]]),
        ('SELECT ?e { ?e # kg:textMatch "none"\n kg:textMatch # }\n"open ai" }', [["e:1"], ["e:2"]]),
    ],
)  # fmt: skip
def test_text_match_gives_what_the_search_finds(text: str, expected: list[list[str]]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT * { ?s ?p \"?e kg:textMatch 'open ai' .\" }",
        'SELECT * { ?s ?p """ " ?e kg:textMatch "x" . """ }',
        'SELECT * { ?s ?p ?o } # ?e kg:textMatch "open ai"',
        'SELECT * { ?textMatch kg:textMatchX "open ai" }',
        'PREFIX kg: <e:> SELECT * { ?e kg:textMatch "open ai" }',
        "SELECT * { ?a ?b ?c FILTER(?a< 'b>c ?e kg:textMatch \"x\" . ') }",
        'SELECT * { ?e kg:textMatch "open ai" . no sparql',
        'SELECT * { ?e kg:textMatch "open ai',
    ],
)
def test_text_without_a_text_match_stays_as_it_is(text: str) -> None:
    assert rewritten(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?e kg:textMatch ?text }",
        'SELECT * { ?e kg:textMatch "open ai"@en }',
        'SELECT * { ?e kg:textMatch "open ai"^^xsd:string }',
        'SELECT * { ?e kg:textMatch "open ai" , "none" }',
        'SELECT * { ?e kg:textMatch "open ai" ; kg:textMatch "none" }',
        'SELECT * { ?e kg:textMatch|rdfs:label "open ai" }',
        'SELECT * { ?e ^kg:textMatch "open ai" }',
        'SELECT * { ?e kg:textMatch+ "open ai" }',
        'SELECT * { ?e !kg:textMatch "open ai" }',
        'SELECT * { <e:1> kg:textMatch "open ai" }',
        'SELECT * { [] kg:textMatch "open ai" }',
        'SELECT * { [ a kg:Company ; kg:textMatch "open ai" ] rdfs:label ?n }',
        'SELECT * { [ a kg:Company ] rdfs:label ?n ; kg:textMatch "open ai" }',
        'SELECT * { ?a rdf:rest (?e kg:textMatch "open ai") }',
        'SELECT * { (?e ?s) kg:textMatch "open ai" ; rdfs:label ?n }',
        'SELECT * { (?e "s") kg:textMatch "open ai" }',
        'SELECT * { (?e ?s ?t) kg:textMatch "open ai" }',
        'CONSTRUCT { ?e kg:textMatch "open ai" } WHERE { ?e a kg:Company }',
        'CONSTRUCT WHERE { ?e kg:textMatch "open ai" }',
        "DESCRIBE kg:textMatch",
        "SELECT * { ?s ?p ?o FILTER(?p = kg:textMatch) }",
        "SELECT * { " + '?e kg:textMatch "open ai" . ' * (MAX_MATCHES + 1) + "}",
    ],
)
def test_text_match_that_cannot_be_answered_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="textMatch"):
        rewritten(text)


def test_text_match_refused_tells_line_and_column() -> None:
    with pytest.raises(QueryError, match="line 2, column 4"):
        rewritten('SELECT * {\n?e kg:textMatch/rdfs:label "open ai" }')


def test_iri_that_a_search_gives_cannot_end_the_block() -> None:
    with pytest.raises(ValueError, match="IRI"):
        put_in_matches(
            check_query('ASK { ?e kg:textMatch "x" }'), lambda _: [("e:1> } DROP ALL # <", 1.0)], ENTITY_BASE
        )
