"""What a graph loses and gains: the same whether its text before is kept or its store is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.build_cache import open_cache
from kg.bulk import nquads
from kg.contents import GraphContent, find_change, graph_contents
from kg.iris import expand
from kg.store import open_snapshot, write_store

NAME = ox.NamedNode("https://example.org/graph")


def label(local: str, text: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(f"https://example.org/{local}"), expand("rdfs:label"), ox.Literal(text))


ODD = ox.Quad(ox.BlankNode("b1"), expand("rdfs:label"), ox.Literal('two\nlines, a "quote", \u2028 and \r'))
BEFORE = [label("a", "Acme"), label("b", "Bolt"), ODD]
AFTER = [label("a", "Acme"), label("b", "Bolt Inc"), label("c", "Cog")]


def content(quads: Sequence[ox.Quad], kept: Sequence[ox.Quad] | None) -> GraphContent:
    """The default graph, with the N-Quads of `kept` as those that it was."""
    (graph,) = graph_contents(quads)
    return graph if kept is None else graph._replace(text_of=lambda _: nquads(kept))


def test_find_change_by_text_and_by_store_is_the_same() -> None:
    store = ox.Store()
    store.extend(BEFORE)
    by_store, by_text = (
        find_change(store, content(AFTER, kept), "digest", nquads(AFTER)) for kept in (None, list(reversed(BEFORE)))
    )
    assert set(by_text.gone) == set(by_store.gone) == {BEFORE[1], ODD}
    assert set(by_text.new) == set(by_store.new) == {AFTER[1], AFTER[2]}


def test_find_change_of_what_was_is_none() -> None:
    change = find_change(ox.Store(), content(BEFORE, BEFORE), "digest", nquads(list(reversed(BEFORE))))
    assert change.gone == change.new == ()


def test_find_change_reads_the_graph_asked_for_alone() -> None:
    store = ox.Store()
    store.extend([*BEFORE, ox.Quad(NAME, NAME, NAME, NAME)])
    assert find_change(store, content(BEFORE, None), "digest", nquads(BEFORE)).gone == ()


def test_publish_from_kept_text_is_the_snapshot_published_anew(tmp_path: Path) -> None:
    for folder, steps in (("grown", ((BEFORE, None), (AFTER, BEFORE))), ("anew", ((AFTER, None),))):
        with write_store(tmp_path / folder) as writer:
            snapshots = [writer.publish_graphs([content(quads, kept)]) for quads, kept in steps]
        assert set(open_snapshot(snapshots[-1])) == set(AFTER)
        (tmp_path / folder / "name").write_text(snapshots[-1].name)
    assert (tmp_path / "grown" / "name").read_text() == (tmp_path / "anew" / "name").read_text()


def test_cache_keeps_the_default_graph_of_the_last_build_alone(tmp_path: Path) -> None:
    with open_cache(tmp_path) as cache:
        for digest, quads in (("old", BEFORE), ("new", AFTER)):
            cache.keep_common(digest, nquads(quads))
        cache.drop_all_but([], [], ["new", "another"])
        assert (cache.common("old"), cache.common("new")) == (None, nquads(AFTER))
