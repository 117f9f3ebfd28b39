"""Graphs loaded in several parts at a time are the graphs that were given."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import bulk
from kg.bulk import load_texts, nquads


def quads(graph: int) -> list[ox.Quad]:
    name = ox.NamedNode(f"e:g{graph}")
    return [ox.Quad(ox.NamedNode(f"e:s{n}"), ox.NamedNode("e:p"), ox.Literal("x" * 50), name) for n in range(20)]


def test_load_texts_in_many_parts_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PART_BYTES", 5_000)
    store = ox.Store(str(tmp_path / "store"))
    load_texts(store, [partial(nquads, quads(graph)) for graph in range(30)])
    assert set(store) == {quad for graph in range(30) for quad in quads(graph)}


def test_load_texts_blank_nodes_keep_their_names_across_texts() -> None:
    store, node = ox.Store(), ox.BlankNode("b0")
    given = [ox.Quad(node, ox.NamedNode("e:p"), ox.Literal(graph), ox.NamedNode(graph)) for graph in ("e:g", "e:h")]
    load_texts(store, [partial(nquads, [quad]) for quad in given])
    assert set(store) == set(given)


def test_load_texts_literal_that_looks_like_a_blank_node_stays_a_literal() -> None:
    store, quad = ox.Store(), ox.Quad(ox.NamedNode("e:s"), ox.NamedNode("e:p"), ox.Literal("_:b0"))
    load_texts(store, [partial(nquads, [quad])])
    assert list(store) == [quad]


def test_load_texts_that_is_no_rdf_is_an_error() -> None:
    with pytest.raises(SyntaxError):
        load_texts(ox.Store(), [lambda: b"nothing"])
