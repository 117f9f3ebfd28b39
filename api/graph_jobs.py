"""What a worker does for the Graph Store Protocol: one more job of `api.jobs`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import pyoxigraph as ox

from api.answering import Output, Snapshot
from api.protocol import GRAPH_MEDIA, RequestError, negotiate
from kg.iris import named_node, prefixes_with
from kg.sparql import GRAPH_FORMATS, LimitedWriter


def read_graph(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """The triples of one graph. Raises RequestError: 404 when there is no such graph, 406 for no format of it."""
    graph = named_node(arguments["graph"]) if arguments["graph"] else ox.DefaultGraph()
    quads = snapshot.store.quads_for_pattern(None, None, None, graph)
    if (first := next(quads, None)) is None and arguments["graph"]:
        raise RequestError(f"there is no graph {arguments['graph']}", 404)
    media_type = negotiate(arguments["accept"], list(GRAPH_MEDIA))
    if media_type is None:
        raise RequestError(f"a graph is answered as {', '.join(GRAPH_MEDIA)}: accept one of them", 406)
    output.media_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    triples = (quad.triple for quad in chain([first] if first else [], quads))
    writer: Any = LimitedWriter(output, snapshot.settings.max_result_bytes)
    ox.serialize(
        triples,
        output=writer,
        format=GRAPH_FORMATS[GRAPH_MEDIA[media_type]],
        prefixes=prefixes_with(snapshot.settings.base_iri),
    )


GRAPH_JOBS = {"graph": read_graph}
