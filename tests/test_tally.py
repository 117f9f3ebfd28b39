"""A count from the tally is the count that the engine gives; what is not such a count is left alone."""

from __future__ import annotations

import io
import json

import pyoxigraph as ox
import pytest

from kg.sparql import RunOptions, check_query, run_query
from kg.tally import Tally, is_count, put_in_tally, take_tally

STORE = ox.Store()
STORE.load(
    b"<e:b> a <e:C> ; <e:p> <e:a> . <e:g> { <e:a> a <e:C> ; <e:p> 'one' } <e:h> { <e:c> a <e:D> }",
    ox.RdfFormat.TRIG,
)

COUNTS = """\
SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }
select(count(*)as ?n){?s ?p ?o.}
SELECT (COUNT(?o) AS ?n) WHERE { ?s ?p ?o } LIMIT 0
SELECT ?class (COUNT(?s) AS ?n) WHERE { ?s a ?class } GROUP BY ?class
PREFIX x: <e:x> PREFIX : <e:> SELECT $c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY DESC(?n) ?c LIMIT 1
SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY ?p OFFSET 1
""".splitlines()

OTHERS = """\
SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?s }
SELECT (COUNT(*) AS ?n) WHERE { ?s a ?class }
SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ?p ?o }
SELECT (COUNT(?x) AS ?n) WHERE { ?s ?p ?o }
SELECT ?s (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?s
SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?P
SELECT ?p (COUNT(*) AS ?p) WHERE { ?s ?p ?o } GROUP BY ?p
SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY ?s
SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p HAVING (?n > 1)
SELECT ?c (COUNT(*) AS ?n) WHERE { ?s A ?c } GROUP BY ?c
SELECT (COUNT(*) AS ?n) FROM <e:g> WHERE { ?s ?p ?o }
""".splitlines()


def rows(text: str) -> object:
    answer = io.BytesIO()
    run_query(STORE, check_query(text), answer, RunOptions())
    found = json.loads(answer.getvalue())
    return found["head"], sorted(found["results"]["bindings"], key=str)


@pytest.mark.parametrize("text", COUNTS)
def test_put_in_tally_count_gives_the_same_answer(text: str) -> None:
    counted = put_in_tally(text, take_tally(STORE))
    assert "COUNT" not in counted.upper()
    assert rows(counted) == rows(text)


@pytest.mark.parametrize("text", OTHERS)
def test_put_in_tally_other_query_stays_as_it_is(text: str) -> None:
    assert not is_count(text)
    assert put_in_tally(text, take_tally(STORE)) == text


def test_put_in_tally_class_without_a_name_is_left_to_the_engine() -> None:
    store = ox.Store()
    store.load(b"<e:a> a [] .", ox.RdfFormat.TURTLE)
    tally = take_tally(store)
    assert tally.classes is None
    assert put_in_tally(COUNTS[3], tally) == COUNTS[3]


def test_put_in_tally_of_too_many_rows_leaves_the_query_as_it_is() -> None:
    text, tally = COUNTS[-1], Tally([(f"<e:{number}>", 1) for number in range(100)], [])
    assert put_in_tally(text, tally, max_bytes=500) == text != put_in_tally(text, tally)
