"""Stage 9: the graphs of the next snapshot, and what each gains and loses, so that all the rest is left alone.

In: quads; or the N-Quads that a graph is to be, with those that it was, where they are kept, or else the store that
holds it. Out: graphs by name and digest; the quads that differ. Lines of text are compared in a fifth of the time in
which the store gives the same quads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import pyoxigraph as ox

from kg.listings import GraphName, divide, quads_digest


class GraphContent(NamedTuple):
    """One graph of the next snapshot. digest: `quads_digest` of its quads. quads: gives them, called only if needed.

    text: gives them as N-Quads, where they are kept so. text_of: gives the N-Quads that the graph was at an earlier
    digest, where they are kept, so that a large graph need not be read from the store to be changed a little.
    """

    name: GraphName
    digest: str
    quads: Callable[[], Iterable[ox.Quad]]
    text: Callable[[], bytes] | None = None
    text_of: Callable[[str], bytes | None] = lambda _: None


class Change(NamedTuple):
    """What a graph lost and gained between two digests of its quads. graph: its name, as the store lists it."""

    graph: str
    before: str
    after: str
    gone: tuple[ox.Quad, ...]
    new: tuple[ox.Quad, ...]


def graph_contents(quads: Iterable[ox.Quad]) -> list[GraphContent]:
    """The quads, divided into their graphs."""
    return [GraphContent(name, quads_digest(of_graph), of_graph.copy) for name, of_graph in divide(quads).items()]


def find_change(store: ox.Store, graph: GraphContent, before: str, text: bytes) -> Change:
    """What the graph must lose and gain in a store.

    before: the digest of what the store holds of it. text: the N-Quads of what it is to hold. Blank nodes are the same
    where their names are.
    """
    now, was = set(text.split(b"\n")), graph.text_of(before)
    if was is not None:
        lines = set(was.split(b"\n"))
        gone, new = _parse(lines - now), _parse(now - lines)
    else:
        held, wanted = set(store.quads_for_pattern(None, None, None, graph.name)), set(_parse(now))
        gone, new = tuple(held - wanted), tuple(wanted - held)
    return Change(str(graph.name), before, graph.digest, gone, new)


def _parse(lines: Iterable[bytes]) -> tuple[ox.Quad, ...]:
    return tuple(ox.parse(b"\n".join(sorted(lines)), format=ox.RdfFormat.N_QUADS))
