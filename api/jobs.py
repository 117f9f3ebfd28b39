"""What a worker process does: opens the current snapshot, then answers one job after the other until its input ends.

Jobs come in and answers go out as frames, one kind byte and a length before each. The process may die of any query, and
is killed at a deadline: nothing is shared with the server but two pipes. Its memory is limited, and it gives up the
network where the system lets it, so that not even a query that slipped through every check can call out.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from api.answering import END, ERROR, LAST, READY, Output, Snapshot, read_frame, write_frame
from api.confine import (
    address_space,
    die_with_parent,
    leave_network,
    limit_memory,
    resident_bytes,
    return_memory,
)
from api.explore_jobs import EXPLORE_JOBS
from api.graph_jobs import GRAPH_JOBS
from api.linked_jobs import LINKED_JOBS
from api.protocol import GRAPH_MEDIA, SOLUTION_MEDIA, RequestError, negotiate
from kg.errors import KgError, QueryError
from kg.neighbourhood import find_claims, find_neighbourhood
from kg.settings import Settings
from kg.sparql import RunOptions, check_query, run_query, select
from kg.text_match import put_in_matches

KEPT_BYTES = 50_000_000
"""A worker that has grown by more than that gives back what it can; to do so takes some milliseconds."""


def answer_query(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """A SPARQL query, in the format that the Accept header likes best. Raises RequestError (406) when it likes none."""
    query = check_query(arguments["query"], max_bytes=snapshot.settings.max_query_bytes)
    media = GRAPH_MEDIA if query.form.gives_graph else SOLUTION_MEDIA
    media_type = negotiate(arguments["accept"], list(media))
    if media_type is None:
        raise RequestError(f"a {query.form} query is answered as {', '.join(media)}: accept one of them", 406)
    output.media_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    options = RunOptions(
        **{"graph" if query.form.gives_graph else "solutions": media[media_type]},
        default_graphs=tuple(arguments["default_graphs"]),
        named_graphs=tuple(arguments["named_graphs"]),
        base_iri=snapshot.settings.base_iri,
        max_result_bytes=snapshot.settings.max_result_bytes,
        union=snapshot.union,
    )
    query = put_in_matches(query, snapshot.find_iris, snapshot.settings.base_iri)
    run_query(snapshot.store, query, output, options)


def draw_page(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """The explorer page of an entity, or of the whole graph."""
    from kg.viz_page import render_page  # noqa: PLC0415  (pyvis takes 0.7 s to import; queries need not wait for it)

    shown = find_neighbourhood(
        snapshot.store,
        snapshot.names,
        entity=arguments["entity"],
        hops=arguments["hops"],
        max_entities=arguments["max_entities"],
    )
    output.media_type = "text/html; charset=utf-8"
    output.write(render_page(shown, is_served=True).encode())


def search_texts(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """The entities whose names fit a text, and the quotes that hold it."""
    entities = snapshot.texts.find_entities(arguments["text"], limit=arguments["limit"])
    n_quotes = arguments["quotes"]
    quotes = snapshot.texts.find_quotes(arguments["text"], limit=n_quotes) if n_quotes else []
    found = [asdict(entity) | {"closeness": entity.closeness.name.lower()} for entity in entities]
    _write_json(output, {"entities": found, "quotes": [asdict(quote) for quote in quotes]})


def list_claims(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """Claims by the IRIs of their ends and predicate."""
    ends = {name: [iri] for name, iri in arguments.items() if iri is not None}
    _write_json(output, {"claims": [asdict(claim) for claim in find_claims(snapshot.store, **ends)]})


def list_documents(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """The documents that the snapshot holds, sorted by id."""
    rows = {str(row["document"]): row for row in select(snapshot.store, "_documents.rq")}
    wanted = list(rows.values())[arguments["offset"] :][: arguments["limit"]]
    texts = {"iri": "document", "id": "id", "title": "title", "published": "published", "outlet": "outlet"}
    listed = [
        {key: row[name].value if row[name] else None for key, name in texts.items()}
        | {name: int(row[name].value) for name in ("claims", "observations")}
        for row in wanted
    ]
    _write_json(output, {"documents": listed, "total": len(rows)})


def export_graph(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """The whole graph as a file."""
    from kg.export import Selection, export_quads, select_quads  # noqa: PLC0415

    output.media_type = arguments["media_type"]
    quads = select_quads(snapshot.store, Selection(facts_only=arguments["facts_only"]))
    output.write(export_quads(quads, arguments["suffix"], snapshot.settings.base_iri))


JOBS: dict[str, Callable[[Snapshot, Mapping[str, Any], Output], None]] = {
    "query": answer_query,
    "page": draw_page,
    "search": search_texts,
    "claims": list_claims,
    "list_documents": list_documents,
    "export": export_graph,
    **LINKED_JOBS,
    **GRAPH_JOBS,
    **EXPLORE_JOBS,
}


def work(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer the jobs of a server until its pipe closes. The first frame holds the settings."""
    first = read_frame(jobs)
    if first is None:
        return
    settings = Settings(**json.loads(first))
    is_offline = leave_network()
    try:
        snapshot = Snapshot(settings)
    except KgError as err:
        write_frame(answers, ERROR, describe_error(err))
        return
    limit = limit_memory(settings.query_memory_bytes)
    write_frame(answers, READY, json.dumps({"snapshot": snapshot.name, "is_offline": is_offline}).encode())
    size = resident_bytes()
    while (job := read_frame(jobs)) is not None:
        _answer(snapshot, json.loads(job), answers, limit - settings.query_memory_bytes // 2)
        if resident_bytes() > size + KEPT_BYTES:
            return_memory()
            size = resident_bytes()


def describe_error(error: KgError) -> bytes:
    """An error as JSON: the name of its class, its message, and what else it carries."""
    carried = {name: value for name, value in vars(error).items() if not name.startswith("_")}
    return json.dumps({"error": type(error).__name__, "message": str(error), "carried": carried}).encode()


def _answer(snapshot: Snapshot, job: Mapping[str, Any], answers: BinaryIO, roomy_bytes: int) -> None:
    """roomy_bytes: a process larger than that after a job keeps memory that the next one may need, and goes."""
    output = Output(answers)
    try:
        JOBS[job["kind"]](snapshot, job["arguments"], output)
        output.finish(END if address_space() < roomy_bytes else LAST)
    except KgError as err:
        write_frame(answers, ERROR, describe_error(err))
    except MemoryError:
        limit = snapshot.settings.query_memory_bytes
        write_frame(answers, ERROR, describe_error(QueryError(f"the answer needs more than {limit:,} bytes of memory")))


def _write_json(output: Output, body: Mapping[str, Any]) -> None:
    output.write(json.dumps(body, ensure_ascii=False).encode())


if __name__ == "__main__":
    die_with_parent()
    answers_pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    work(sys.stdin.buffer, answers_pipe)
