"""What a worker does for linked data, for the description of the graph and for /metrics: more jobs of `api.jobs`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from api.answering import Output, Snapshot
from api.described import describe, find_resource, list_documents, path_of
from api.graph_text import write_graph
from api.protocol import RequestError
from kg.errors import ResultTooLarge
from kg.tally import take_tally


def find_path(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """The path of a resource as links have it. Raises RequestError (404) when there is no such resource."""
    output.write(json.dumps(path_of(_resource(snapshot, arguments).value, snapshot.settings.base_iri)).encode())


def draw_resource(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """One part of the page of a resource. Raises RequestError (404) when there is no such resource or part."""
    from api.page_findings import describe_for_page  # noqa: PLC0415  (0.3 s with what it needs; queries need not wait)
    from api.pages import render_resource  # noqa: PLC0415

    settings, part = snapshot.settings, int(arguments.get("part", 1))
    described = describe_for_page(snapshot.store, _resource(snapshot, arguments), settings.max_page_claims, part)
    if part > described.n_parts:
        raise RequestError(f"the page has {described.n_parts:,} parts", 404)
    output.media_type = "text/html; charset=utf-8"
    output.write(render_resource(described, settings.base_iri).encode())


def write_resource(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """The statements of a resource, with their graphs where the format can say so. Raises RequestError (404)."""
    quads: list[Any] = describe(snapshot.store, _resource(snapshot, arguments))
    media_type = arguments["media_type"]
    if media_type not in ("application/trig", "application/n-quads"):
        quads = [*dict.fromkeys(quad.triple for quad in quads)]
    output.media_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    written = write_graph(quads, media_type, snapshot.settings.base_iri)
    if len(written) > (limit := snapshot.settings.max_result_bytes):
        raise ResultTooLarge(f"the statements take more than {limit:,} bytes: ask for some of them by SPARQL")
    output.write(written)


def count_statements(snapshot: Snapshot, _: Mapping[str, Any], output: Output) -> None:
    """How many statements the graph has."""
    output.write(json.dumps(len(snapshot.store)).encode())


def count_partitions(snapshot: Snapshot, _: Mapping[str, Any], output: Output) -> None:
    """The numbers of the VoID description."""
    from api.void import count_graph  # noqa: PLC0415

    output.write(json.dumps(count_graph(snapshot.store)).encode())


def count_all(snapshot: Snapshot, _: Mapping[str, Any], output: Output) -> None:
    """The tally of the snapshot."""
    output.write(json.dumps(take_tally(snapshot.store, snapshot.union)).encode())


def list_document_paths(snapshot: Snapshot, _: Mapping[str, Any], output: Output) -> None:
    """The paths of all documents below the base, sorted."""
    base = snapshot.settings.base_iri
    paths = (path_of(iri, base) for iri in list_documents(snapshot.store))
    output.write(json.dumps([path for path in paths if path is not None]).encode())


def _resource(snapshot: Snapshot, arguments: Mapping[str, Any]) -> ox.NamedNode:
    found = find_resource(snapshot.store, arguments["path"], snapshot.settings.base_iri)
    if found is None:
        raise RequestError(f"the graph holds nothing named {arguments['path'][:200]}: search for it by name", 404)
    return found


LINKED_JOBS = {
    "resource_path": find_path,
    "resource_page": draw_resource,
    "resource_data": write_resource,
    "size": count_statements,
    "tally": count_all,
    "counts": count_partitions,
    "documents": list_document_paths,
}
