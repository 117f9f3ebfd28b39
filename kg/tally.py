"""Stage 10, before a query is run: the counts that most tools begin with, answered from a tally of the snapshot.

    SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }
    SELECT ?class (COUNT(?s) AS ?n) WHERE { ?s a ?class } GROUP BY ?class
    SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n) LIMIT 10

The engine reads every statement for each of these. A snapshot never changes, so it is counted once, and the pattern is
replaced by the rows that it gives; order and limit are left to the engine. Whatever has another shape stays as it is.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyoxigraph as ox

from kg.resources import resource_path
from kg.sparql import RunOptions, check_query, run_query
from kg.sparql_text import MAX_QUERY_BYTES

Rows = Sequence[tuple[str, int]]

_VARIABLE = r"[?$][A-Za-z][A-Za-z0-9_]*"
_SHAPE = re.compile(
    rf"""(?P<prologue> (?: \s* PREFIX \s+ [^\s<:]*: \s* <[^<>]*> )* ) \s* SELECT \s* (?: (?P<key>{_VARIABLE}) \s+ )?
    \( \s* COUNT \s* \( \s* (?P<counted> \* | {_VARIABLE} ) \s* \) \s* AS \s+ (?P<n>{_VARIABLE}) \s* \) \s*
    (?: WHERE \s* )? \{{ \s* (?P<s>{_VARIABLE}) \s+ (?P<p>{_VARIABLE} | a) \s+ (?P<o>{_VARIABLE}) \s* \.? \s* \}} \s*
    (?: GROUP \s+ BY \s+ (?P<group>{_VARIABLE}) \s* )?
    (?P<rest> (?: ORDER \s+ BY (?: \s+ (?: (?:ASC|DESC) \s* \( \s* {_VARIABLE} \s* \) | {_VARIABLE} ) )+ \s* )?
      (?: LIMIT \s+ [0-9]+ \s* )? (?: OFFSET \s+ [0-9]+ \s* )? )""",
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST = 1_000
"""Characters of a text that is looked at; such a query is short."""


class Tally(NamedTuple):
    """Statements of each property, and of rdf:type for each class, written as in SPARQL. None where one has no name."""

    properties: Rows | None
    classes: Rows | None


class _Count(NamedTuple):
    kind: str
    variables: tuple[str, ...]
    prologue: str
    rest: str


def take_tally(store: ox.Store, union: ox.Store | None = None) -> Tally:
    """Count a snapshot: 1 s for 1,000,000 statements. union: from `kg.store.open_union`, where the store has one."""
    options = RunOptions(union=union)
    return Tally(_rows(store, "_property_counts.rq", options), _rows(store, "_class_counts.rq", options))


def is_count(text: str) -> bool:
    """Whether a tally may answer the query."""
    return _read(text) is not None


def put_in_tally(text: str, tally: Tally, *, max_bytes: int = MAX_QUERY_BYTES) -> str:
    """The query with the rows of the tally in the place of what it counts; as it is where it counts something else.

    max_bytes: of a text that may be run. With so many rows that the query would be longer, it stays as it is, too.
    """
    count = _read(text)
    rows = None if count is None else tally.classes if count.kind == "class" else tally.properties
    if count is None or rows is None:
        return text
    named = " ".join(count.variables)
    lines = [f"({term} {n})" for term, n in rows] if len(count.variables) > 1 else [f"({sum(n for _, n in rows)})"]
    counted = f"{count.prologue} SELECT {named} WHERE {{ VALUES ({named}) {{ {' '.join(lines)} }} }} {count.rest}"
    return counted if len(counted.encode()) <= max_bytes else text


def _read(text: str) -> _Count | None:
    """What a text counts; None for what is no such count, or says something odd with its variables."""
    found = _SHAPE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    s, p, o, n = (found[name].lstrip("?$") for name in ("s", "p", "o", "n"))
    key, group, counted = ((found[name] or "").lstrip("?$") for name in ("key", "group", "counted"))
    is_class = found["p"].lower() == "a"
    pattern = {s, o} if is_class else {s, p, o}
    is_odd = len(pattern) < 3 - is_class or n in pattern or key != group or counted not in {"*", *pattern}
    kind = "class" if is_class else "property" if key else "all"
    wanted = {"class": o, "property": p, "all": ""}[kind]
    known = {n, key} - {""}
    ordered = {variable[1:] for variable in re.findall(_VARIABLE, found["rest"])}
    if is_odd or key != wanted or found["p"] == "A" or not ordered <= known:
        return None
    return _Count(kind, (*((f"?{key}",) if key else ()), f"?{n}"), found["prologue"], found["rest"])


def _rows(store: ox.Store, name: str, options: RunOptions) -> Rows | None:
    """The rows of a query of ours; None where a term has no name that a query could say."""
    answer = io.BytesIO()
    run_query(store, check_query(resource_path("queries", name).read_text(encoding="utf-8")), answer, options)
    key, n = json.loads(answer.getvalue())["head"]["vars"]
    bindings: list[Mapping[str, Mapping[str, str]]] = json.loads(answer.getvalue())["results"]["bindings"]
    if any(row[key]["type"] != "uri" for row in bindings):
        return None
    return [(str(ox.NamedNode(row[key]["value"])), int(row[n]["value"])) for row in bindings]
