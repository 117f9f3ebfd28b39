"""Stage 10: SPARQL text -> guarded, run on a snapshot, written in the format asked for, within limits.

In: the text of a query and an open store. Out: bytes. Refuses updates, SERVICE, and what kg.sparql_text refuses.

A query decides its dataset once, here: the union of all graphs, unless FROM or the caller names graphs. A result
belongs to the thread that made it, so a query is run and written inside one call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from unicodedata import category, east_asian_width

import pyoxigraph as ox

from kg.errors import QueryError, QueryRefused, QuerySyntaxError, ResultTooLarge
from kg.iris import compress, prefixes_with
from kg.resources import resource_path
from kg.settings import ENTITY_BASE
from kg.sparql_text import (
    MAX_QUERY_BYTES,
    check_calls,
    check_shape,
    find_tokens,
    line_and_column,
    plain_text,
    query_error,
    syntax_error,
)

UNBOUND = "UNDEF"
"""`VALUES ?name { UNDEF }` in a query file declares the parameter `name`; see `bind_parameters`."""

TABLE_CELL_WIDTH = 60
"""Columns of a terminal that one cell of a table may take; a longer text is cut with an ellipsis."""


class QueryForm(StrEnum):
    """The four kinds of query."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"

    @property
    def gives_graph(self) -> bool:
        """Whether the answer is triples and not rows or a truth value."""
        return self in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE)


SOLUTION_FORMATS: dict[str, ox.QueryResultsFormat] = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}

GRAPH_FORMATS: dict[str, ox.RdfFormat] = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A query that passed the guard: exactly the text that runs, its form, and whether it names its dataset itself."""

    text: str
    form: QueryForm
    has_dataset: bool


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a query is run and written.

    solutions, graph: the format of rows and of triples, as named in SOLUTION_FORMATS and GRAPH_FORMATS; `solutions`
    may also be `table`. default_graphs, named_graphs: IRIs; either one replaces FROM and FROM NAMED of the text.
    base_iri: of the entities; resolves relative IRIs of the text, whose prefixes are the project's until it declares
    its own; they are used in Turtle and tables too.
    max_result_bytes: of the written answer.
    union: from `kg.store.open_union`, where the store has one.
    """

    solutions: str = "json"
    graph: str = "turtle"
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    base_iri: str = ENTITY_BASE
    max_result_bytes: int = 500_000_000
    union: ox.Store | None = None


class Writer(Protocol):
    """Where an answer goes: any binary file, or a pipe."""

    def write(self, chunk: bytes, /) -> object:
        """Take all of the chunk."""


_UPDATE_WORDS = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})


def check_query(text: str, *, max_bytes: int = MAX_QUERY_BYTES) -> CheckedQuery:
    """The query that may run, its text changed by `kg.sparql_text.plain_text`. Time is linear in the text.

    Raises QueryRefused for an update, a SERVICE, or a text too long, too deep or too rich; QuerySyntaxError when no
    form of query is found. Whether the rest is SPARQL is for `run_query` to say.
    """
    if len(text.encode("utf-8", "surrogatepass")) > max_bytes:
        raise QueryRefused(f"the query is longer than {max_bytes:,} bytes: shorten it")
    text = plain_text(text)
    tokens = list(find_tokens(text))
    check_shape(text, tokens)
    check_calls(text, tokens, ["service"], query_error)
    return CheckedQuery(text, _find_form(text, tokens), _names_dataset(tokens))


def run_query(store: ox.Store, query: CheckedQuery, output: Writer, options: RunOptions) -> None:
    """Run `query` and write its answer to `output`, on the calling thread.

    Raises QuerySyntaxError with line and column, ResultTooLarge (part of the answer may be written by then) and
    QueryError when the engine fails.
    """
    writer = LimitedWriter(output, options.max_result_bytes)
    results = _evaluate(store, query, options)
    try:
        _write(results, writer, options)
    except (OSError, RuntimeError, ValueError) as err:
        if isinstance(err, BrokenPipeError):
            raise
        raise QueryError(f"the query failed while it ran: {err}") from err


def select(store: ox.Store, name: str, **parameters: Sequence[Any]) -> list[ox.QuerySolution]:
    """All rows of the project's own query `queries/<name>`, on the union of all graphs.

    parameters: the terms that each declared parameter may take; one left out stays unbound.
    """
    text = bind_parameters(resource_path("queries", name).read_text(encoding="utf-8"), parameters)
    results = store.query(text, use_default_graph_as_union=True)
    if not isinstance(results, ox.QuerySolutions):
        raise QueryError(f"queries/{name} is no SELECT: write it as one")
    return list(results)


def bind_parameters(text: str, parameters: Mapping[str, Sequence[Any]]) -> str:
    """`text` with the terms of each parameter in place of UNDEF in its block `VALUES ?name { UNDEF }`.

    A query file so declared runs as it stands, with the parameter unbound. pyoxigraph's `substitutions` would be the
    obvious way, but takes only variables of the projection. Terms are written by pyoxigraph, never by hand, so no
    value can end the block. Raises QueryError for a name that the text does not declare.

    >>> bind_parameters("SELECT * { VALUES ?s { UNDEF } ?s ?p ?o }", {"s": [ox.NamedNode("e:1")]})
    'SELECT * { VALUES ?s { <e:1> } ?s ?p ?o }'
    """
    pieces, end = [], 0
    tokens = list(find_tokens(text))
    left = dict(parameters)
    for values, variable, brace, undef in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        is_block = values[0].upper() == "VALUES" and brace[0] == "{" and undef[0] == UNBOUND
        if is_block and (terms := left.pop(variable[0][1:], None)) is not None:
            pieces += [text[end : undef.start()], " ".join(str(term) for term in terms)]
            end = undef.end()
    if left:
        raise QueryError(f"the query declares no parameter {', '.join(sorted(left))}: add VALUES ?name {{ UNDEF }}")
    return "".join([*pieces, text[end:]])


def format_table(variables: Sequence[str], rows: Sequence[Sequence[Any]], base_iri: str) -> str:
    """Rows of terms as a table for a terminal, ending in a line with their number.

    A cell shows an IRI by its prefix, a literal by its value; control characters, which could drive a terminal, are
    shown as `�`, and what is unbound as nothing.
    """
    cells = [[_cell(term, base_iri) for term in row] for row in rows]
    widths = [max(map(_display_width, column)) for column in zip(variables, *cells, strict=True)]
    lines = [
        "  ".join(text + " " * (width - _display_width(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in [list(variables), ["─" * width for width in widths], *cells]
    ]
    return "\n".join([*lines, f"({len(rows):,} row{'' if len(rows) == 1 else 's'})"]) + "\n"


class LimitedWriter:
    """A binary file that raises ResultTooLarge when more than `limit` bytes are written to it."""

    def __init__(self, output: Writer, limit: int) -> None:
        self._output, self._limit, self._left = output, limit, limit

    def write(self, chunk: bytes) -> int:
        self._left -= len(chunk)
        if self._left < 0:
            raise ResultTooLarge(f"the answer is larger than {self._limit:,} bytes: add a LIMIT, or ask for less")
        self._output.write(chunk)
        return len(chunk)

    def flush(self) -> None:
        """Nothing is held back."""


def _evaluate(store: ox.Store, query: CheckedQuery, options: RunOptions) -> Any:
    is_given = bool(options.default_graphs or options.named_graphs)
    is_union = not (is_given or query.has_dataset)
    store = options.union if is_union and options.union is not None else store
    graphs: dict[str, Any] = {"use_default_graph_as_union": is_union and options.union is None}
    try:
        if is_given:
            graphs["default_graph"] = [ox.NamedNode(iri) for iri in options.default_graphs]
            graphs["named_graphs"] = [ox.NamedNode(iri) for iri in options.named_graphs]
        return store.query(query.text, base_iri=options.base_iri, prefixes=prefixes_with(options.base_iri), **graphs)
    except SyntaxError as err:
        raise syntax_error(str(err)) from err
    except ValueError as err:
        raise QuerySyntaxError(f"a graph of the dataset is no absolute IRI: {err}") from err
    except (OSError, RuntimeError) as err:
        raise QueryError(f"the query failed: {err}") from err


def _write(results: Any, writer: Any, options: RunOptions) -> None:
    if isinstance(results, ox.QueryTriples):
        graph_format = GRAPH_FORMATS[options.graph]
        ox.serialize(results, output=writer, format=graph_format, prefixes=prefixes_with(options.base_iri))
    elif options.solutions == "table":
        writer.write(_results_table(results, options.base_iri).encode())
    else:
        results.serialize(output=writer, format=SOLUTION_FORMATS[options.solutions])


def _results_table(results: Any, base_iri: str) -> str:
    if isinstance(results, ox.QueryBoolean):
        return f"{str(bool(results)).lower()}\n"
    return format_table([v.value for v in results.variables], [list(row) for row in results], base_iri)


def _find_form(text: str, tokens: Sequence[re.Match[str]]) -> QueryForm:
    for token in tokens:
        word = token[0].upper()
        if token.lastgroup == "word" and word in QueryForm.__members__:
            return QueryForm[word]
        if token.lastgroup == "word" and word in _UPDATE_WORDS:
            raise QueryRefused(f"{word} is an update: this endpoint answers queries only")
    raise QuerySyntaxError("no SELECT, ASK, CONSTRUCT or DESCRIBE found", *line_and_column(text, len(text)))


def _names_dataset(tokens: Sequence[re.Match[str]]) -> bool:
    depth = 0
    for token in tokens:
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if depth == 0 and token.lastgroup == "word" and token[0].upper() == "FROM":
            return True
    return False


def _cell(term: Any, base_iri: str) -> str:
    if term is None:
        return ""
    text = compress(term.value, base_iri) if isinstance(term, ox.NamedNode) else getattr(term, "value", str(term))
    text = "".join("�" if category(c) in ("Cc", "Cf", "Cs") else c for c in " ".join(text.split()))
    return text if len(text) <= TABLE_CELL_WIDTH else f"{text[: TABLE_CELL_WIDTH - 1]}…"


def _display_width(text: str) -> int:
    return sum(0 if category(c) == "Mn" else 2 if east_asian_width(c) in "WF" else 1 for c in text)
