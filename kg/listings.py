"""Stage 9: what is known of a snapshot without opening it: the digest of each graph, and what of it users wrote.

    <store>/listings/<name of a snapshot>.json   graph -> digest of the quads that a build made; and `WRITTEN` -> digest
                                                 of all that users wrote, where they wrote anything
    <store>/listings/<name of a snapshot>.nq     the quads of the snapshot that users wrote
    <store>/listings/<name of a snapshot>.overview-<size>-v<n>    see kg.overview
    <store>/unions/<name of a snapshot>/         a copy whose default graph holds each triple of all graphs once; only
                                                 where users wrote a triple into several graphs, see `write_union`

A snapshot's name is a digest of its listing, so the same builds and the same writes give the same name.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.errors import StoreError
from kg.overlay import read_quads

WRITTEN = "WRITTEN"
"""Entry of a listing; no graph is listed by such a name."""

GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


def quads_digest(quads: Iterable[ox.Quad]) -> str:
    """SHA-256 of the sorted N-Quads, shortened: the same graph has the same digest wherever it is built."""
    lines = (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").split(b"\n")
    return hashlib.sha256(b"\n".join(sorted(set(lines)))).hexdigest()[:32]


def divide(quads: Iterable[ox.Quad]) -> dict[GraphName, list[ox.Quad]]:
    """The quads by their graphs."""
    graphs: dict[GraphName, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        graphs[quad.graph_name].append(quad)
    return graphs


def listing_of(snapshot: Path) -> Path:
    """The file of a snapshot's listing; it goes when the snapshot does."""
    return snapshot.parent.parent / "listings" / f"{snapshot.name}.json"


def own_path(snapshot: Path) -> Path:
    """The file of what of a snapshot users wrote; it goes when the snapshot does."""
    return listing_of(snapshot).with_suffix(".nq")


def union_of(snapshot: Path) -> Path:
    """The folder of a snapshot's union, which goes when the snapshot does; most have none."""
    return snapshot.parent.parent / "unions" / snapshot.name


def drop_overviews(snapshot: Path) -> None:
    """Remove what `kg.overview` keeps of a snapshot: it names claims by their numbers in the text index."""
    for path in listing_of(snapshot).parent.glob(f"{snapshot.name}.overview-*"):
        path.unlink(missing_ok=True)


def has_copies(own: frozenset[ox.Quad]) -> bool:
    """Whether users wrote a triple into several graphs."""
    return len({quad.triple for quad in own}) < len(own)


def write_union(part: Path, folder: Path) -> None:
    """Make at `folder` a copy of the snapshot at `part` whose default graph holds each triple of all graphs once.

    A union made by the engine would count a triple once for each graph that holds it (pyoxigraph 0.5.13,
    oxigraph#1919). Costs as much as writing all triples.
    """
    folder.parent.mkdir(exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    snapshot = ox.Store.read_only(str(part))
    snapshot.backup(str(folder))
    store = ox.Store(str(folder))
    store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in snapshot)
    store.flush()


def read_own(snapshot: Path) -> frozenset[ox.Quad]:
    """What of a snapshot users wrote; all the rest is the build's. Raises StoreError when that is not told."""
    if WRITTEN in read_listing(snapshot) and not own_path(snapshot).exists():
        raise StoreError(f"{own_path(snapshot)} is gone: delete the store's CURRENT and run kg build again")
    return read_quads(own_path(snapshot))


def read_listing(snapshot: Path) -> dict[str, str]:
    """Graph -> digest; empty where a snapshot has no listing, and is then written anew from nothing."""
    path = listing_of(snapshot)
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def listing_text(listing: Mapping[str, str]) -> str:
    """The content of a listing's file."""
    return json.dumps(listing, ensure_ascii=False, sort_keys=True, indent=0) + "\n"


def with_written(listing: Mapping[str, str], written: frozenset[ox.Quad]) -> dict[str, str]:
    """The listing of the same builds, with another set of what users wrote."""
    graphs = {name: digest for name, digest in sorted(listing.items()) if name != WRITTEN}
    return {**graphs, WRITTEN: quads_digest(written)} if written else graphs


def snapshot_name(listing: Mapping[str, str]) -> str:
    """The name of the folder of the snapshot that a listing describes."""
    return hashlib.sha256(listing_text(listing).encode()).hexdigest()[:32]


def built_graphs(snapshot: Path) -> frozenset[str]:
    """The graphs that a build made, as N-Quads writes their names, and `DEFAULT`."""
    return frozenset(read_listing(snapshot).keys() - {WRITTEN})


def graph_digests(snapshot: Path) -> dict[str, str]:
    """Graph -> digest of what its content depends on: what the build made of it, and what users wrote."""
    digests = {name: digest for name, digest in read_listing(snapshot).items() if name != WRITTEN}
    for name, quads in divide(read_own(snapshot)).items():
        digests[str(name)] = f"{digests.get(str(name), '')}+{quads_digest(quads)}"
    return digests


def graph_name(text: str) -> GraphName:
    """The graph that a listing names: `DEFAULT`, `<iri>` or `_:b0`."""
    if text == str(ox.DefaultGraph()):
        return ox.DefaultGraph()
    return ox.BlankNode(text[2:]) if text.startswith("_:") else ox.NamedNode(text[1:-1])


def drop_empty_graphs(store: ox.Store) -> None:
    """A graph without a quad does not exist here."""
    for name in list(store.named_graphs()):
        if not any(store.quads_for_pattern(None, None, None, name)):
            store.remove_graph(name)
