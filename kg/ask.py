"""Questions asked from the command line: a query text or file in, its answer as bytes out.

The query runs in this process, on a read-only snapshot and behind the same guard as the endpoint's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

from kg.errors import QueryError
from kg.questions import bind_parameters, read_question
from kg.settings import Settings
from kg.sparql import GRAPH_FORMATS, RunOptions, check_query, run_query, select
from kg.store import open_current


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
    run_query(open_current(Path(settings.store)), query, output, options)
    output.flush()


def count_graph(settings: Settings) -> list[tuple[str, int]]:
    """What the graph holds: (name, count), classes first, then claims by status, in a fixed order."""
    rows = select(open_current(Path(settings.store)), "_stats.rq")
    return [(row["what"].value, int(row["count"].value)) for row in rows]


def _pair(parameter: str) -> tuple[str, str]:
    name, equals, value = parameter.partition("=")
    if not equals or not name:
        raise QueryError(f"parameter {parameter!r}: write it as NAME=VALUE")
    return name.lstrip("?"), value
