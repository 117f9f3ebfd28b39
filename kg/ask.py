"""Questions asked from the command line: a query text or file in, its answer as bytes out.

The query runs in this process, on a read-only snapshot and behind the same guard as the endpoint's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from kg.errors import QueryError
from kg.questions import bind_parameters, read_question
from kg.resources import resource_path
from kg.settings import Settings
from kg.sparql import GRAPH_FORMATS, RunOptions, check_query, run_query, select
from kg.store import lease_current, open_current, open_snapshot, open_union, text_index_of
from kg.text_match import put_in_matches
from kg.text_search import TextIndex


def read_query(text: str | None, file: Path | None, parameters: Sequence[str] = ()) -> str:
    """The query to run, from a text or from a file, with `NAME=VALUE` parameters put in.

    A file with the header of a competency question takes parameters; any other is run as it stands.
    Raises QueryError when neither or both are given, the file cannot be read, or a parameter does not fit.
    """
    if (text is None) == (file is None):
        raise QueryError("give a query text, or -f FILE")
    if file is None:
        if parameters:
            raise QueryError("--param goes with -f FILE: a query text has no parameters")
        return text or ""
    values = dict(_pair(p) for p in parameters)
    try:
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise QueryError(f"query file {file} cannot be read: {err}") from err
    if "# question:" not in content and not values:
        return content
    return bind_parameters(read_question(file), values)


def answer(settings: Settings, text: str, output_format: str | None, output: IO[bytes]) -> None:
    """Run `text` on the current graph and write its answer to `output`.

    output_format: a name that `kg query --format` takes; None for a table of rows, Turtle of triples. Raises QueryError
    where the format does not fit the form of the query, and what `check_query` and `run_query` raise.
    """
    query = check_query(text, max_bytes=settings.max_query_bytes)
    chosen = output_format or ("turtle" if query.form.gives_graph else "table")
    if query.form.gives_graph != (chosen in GRAPH_FORMATS):
        kind = "triples" if query.form.gives_graph else "rows"
        raise QueryError(f"format {chosen} does not fit: this query gives {kind}")
    options = RunOptions(
        solutions=chosen,
        graph=chosen,
        base_iri=settings.base_iri,
        max_result_bytes=settings.max_result_bytes,
    )
    snapshot = lease_current(Path(settings.store))
    store, index = open_snapshot(snapshot), text_index_of(snapshot)
    options = replace(options, union=open_union(snapshot))
    query = put_in_matches(
        query, lambda words: TextIndex(index).find_iris(words, settings.max_text_matches), settings.base_iri
    )
    run_query(store, query, output, options)
    output.flush()


def count_graph(settings: Settings) -> list[tuple[str, int]]:
    """What the graph holds: (name, count), classes first, then claims by status, in a fixed order."""
    rows = select(open_current(Path(settings.store)), "_stats.rq")
    return [(row["what"].value, int(row["count"].value)) for row in rows]


def list_conflicts(settings: Settings, aspect: str | None = None) -> list[dict[str, str]]:
    """One row a pair of findings that contradict each other, by column of queries/cq41_conflicts.rq.

    aspect: only what differs in this, a value of `kg.topics.Aspect`. What a text does not give is empty; a document is
    named by its id.
    """
    names = [column.name for column in read_question(resource_path("queries", "cq41_conflicts.rq")).columns]
    rows = []
    for found in select(open_current(Path(settings.store)), "cq41_conflicts.rq"):
        row = {name: "" if found[name] is None else found[name].value for name in names}
        for name in ("firstDocument", "secondDocument"):
            row[name] = unquote(row[name].removeprefix(f"{settings.base_iri}document/"))
        rows.append(row)
    return [row for row in rows if aspect in (None, row["aspect"])]


def _pair(parameter: str) -> tuple[str, str]:
    name, equals, value = parameter.partition("=")
    if not equals or not name:
        raise QueryError(f"parameter {parameter!r}: write it as NAME=VALUE")
    return name.lstrip("?"), value
