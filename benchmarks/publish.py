"""Publish a file of N-Quads as the snapshot of a store, timed: `python -m benchmarks.publish FILE STORE`, JSON out."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from kg.bulk import load_texts, nquads
from kg.contents import GraphContent, graph_contents
from kg.store import write_store


def graphs_of(file: Path) -> list[GraphContent]:
    """The graphs of a file as a build hands them to its store: N-Quads, as its cache keeps them, and their digest."""
    contents = graph_contents(ox.parse(path=file))
    kept = [(content, nquads(content.quads())) for content in contents]
    return [
        GraphContent(content.name, content.digest, partial(_read, text), partial(bytes, text)) for content, text in kept
    ]


def _read(text: bytes) -> Iterator[ox.Quad]:
    return ox.parse(text, format=ox.RdfFormat.N_QUADS)


def main(arguments: Sequence[str]) -> None:
    """Load the graphs into a folder by themselves, as a snapshot is written; then publish them with all that is beside.

    Only a whole publication is what a user waits for; the load is what other servers' loaders do.
    """
    file, store = Path(arguments[0]), Path(arguments[1])
    graphs = graphs_of(file)
    with tempfile.TemporaryDirectory(dir=store.parent) as folder:
        started = time.perf_counter()
        alone = ox.Store(folder)
        load_texts(alone, [graph.text for graph in graphs if graph.text])
        alone.flush()
        loaded = time.perf_counter() - started
        del alone
    started = time.perf_counter()
    with write_store(store) as writer:
        writer.publish_graphs(graphs)
    print(json.dumps({"load": loaded, "publish": time.perf_counter() - started}))


if __name__ == "__main__":
    main(sys.argv[1:])
