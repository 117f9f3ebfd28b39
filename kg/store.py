"""Stage 9: quads -> an on-disk snapshot, published by rename; and what a build keeps for the next one.

    <store>/VERSION                             number of this layout
    <store>/CURRENT                             name of the snapshot that readers open
    <store>/snapshots/<digest of its quads>/    a pyoxigraph database, never changed after it is published
    <store>/listings/<the same digest>.json     graph -> digest of its quads, for each snapshot
    <store>/documents.json                      document id -> its extraction
    <store>/extractions/<fingerprint>/<digest>.json     by the pipeline's fingerprint and the document's digest
    <store>/cache.sqlite                        see kg.build_cache
    <store>/LOCK                                held by the one process that writes

Readers open a snapshot read-only, as many processes as like. Each holds a shared lock on the snapshot's listing until
its process ends, and the writer removes no snapshot that is locked, nor the one before the current one.

A snapshot is made from the one before: its unchanged files are shared by hard links (2 ms for 300,000 quads), and only
the graphs whose digest differs are written.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import StoreError
from kg.extractions import from_json, to_json
from kg.records import DocumentId, Extraction

FORMAT_VERSION = "1"
_PART = ".part-"

GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


class GraphContent(NamedTuple):
    """One graph of the next snapshot. digest: `quads_digest` of its quads. quads: gives them, called only if needed."""

    name: GraphName
    digest: str
    quads: Callable[[], Iterable[ox.Quad]]


def quads_digest(quads: Iterable[ox.Quad]) -> str:
    """SHA-256 of the sorted N-Quads, shortened: the same graph has the same digest wherever it is built."""
    lines = (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").split(b"\n")
    return hashlib.sha256(b"\n".join(sorted(set(lines)))).hexdigest()[:32]


def graph_contents(quads: Iterable[ox.Quad]) -> list[GraphContent]:
    """The quads, divided into their graphs."""
    graphs: dict[GraphName, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        graphs[quad.graph_name].append(quad)
    return [GraphContent(name, quads_digest(of_graph), of_graph.copy) for name, of_graph in graphs.items()]


def current_snapshot(folder: Path) -> Path:
    """The folder of the snapshot that is to be read now; its name changes when its content does.

    Raises StoreError when the store is missing, damaged or of another version.
    """
    name = folder / "CURRENT"
    if not name.is_file():
        raise StoreError(f"no graph in {folder}: run kg build first")
    _check_version(folder)
    snapshot = folder / "snapshots" / name.read_text(encoding="ascii").strip()
    if not snapshot.is_dir():
        raise StoreError(f"snapshot {snapshot} of store {folder} is gone: run kg build again")
    return snapshot


def open_current(folder: Path) -> ox.Store:
    """The current snapshot, read-only; it stays as it is and where it is until this process ends. Raises StoreError."""
    snapshot = current_snapshot(folder)
    if not _lease(snapshot):  # a build has replaced and removed it since CURRENT was read
        snapshot = current_snapshot(folder)
        _lease(snapshot)
    try:
        return ox.Store.read_only(str(snapshot))
    except (OSError, ValueError) as err:
        raise StoreError(f"snapshot {snapshot} cannot be opened: {err}") from err


_leases: dict[Path, int] = {}
"""File handles of the listings of snapshots that this process reads; RocksDB opens some of a snapshot's files late."""


def _lease(snapshot: Path) -> bool:
    """Keep the writer from removing a snapshot; False when it has done so already."""
    if snapshot in _leases:
        return True
    try:
        handle = os.open(_listing_of(snapshot), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return snapshot.is_dir()
    fcntl.flock(handle, fcntl.LOCK_SH)
    if not snapshot.is_dir():
        os.close(handle)
        return False
    _leases[snapshot] = handle
    return True


def _listing_of(snapshot: Path) -> Path:
    return snapshot.parent.parent / "listings" / f"{snapshot.name}.json"


def read_documents(folder: Path) -> dict[DocumentId, str]:
    """Document id -> key of its extraction, sorted; empty for a store that does not exist yet."""
    path = folder / "documents.json"
    if not path.exists():
        return {}
    _check_version(folder)
    try:
        return {
            DocumentId(document): str(key) for document, key in json.loads(path.read_text(encoding="utf-8")).items()
        }
    except (ValueError, AttributeError) as err:
        raise StoreError(f"{path} is damaged: {err}") from err


def read_extraction(folder: Path, key: str) -> Extraction:
    """The extraction that documents.json names by `key`. Raises StoreError when it is gone or damaged."""
    try:
        return from_json(_extraction_path(folder, key).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as err:
        raise StoreError(f"extraction {key} of store {folder} cannot be read: {err}; build its document again") from err


@contextmanager
def write_store(folder: Path) -> Iterator[StoreWriter]:
    """The store's only writer; the folder is made where there is none.

    Raises StoreError when another process writes, the version is another, or the folder holds something else.
    """
    _make_folder(folder)
    with (folder / "LOCK").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise StoreError(f"store {folder} is being written by another process: wait until it ends") from err
        if not (folder / "VERSION").exists():
            _replace(folder / "VERSION", f"{FORMAT_VERSION}\n")
        _check_version(folder)
        yield StoreWriter(folder)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise StoreError(f"store {folder} cannot be made: {err}") from err
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in ("LOCK", "VERSION"))
    if foreign and not (folder / "VERSION").exists():
        raise StoreError(f"{folder} is no store, it holds {foreign[0]}: give a new or an empty folder")


class StoreWriter:
    """What may be changed in a store; only `write_store` makes one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._snapshots = folder / "snapshots"
        self._snapshots.mkdir(exist_ok=True)
        for part in self._snapshots.glob(f"{_PART}*"):
            shutil.rmtree(part)

    def cache(self, fingerprint: str) -> Path:
        """The folder of what the pipeline of this fingerprint extracted, one `<document digest>.json` each."""
        path = self.folder / "extractions" / fingerprint
        path.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, extraction: Extraction, fingerprint: str) -> str:
        """Write an extraction; gives the key under which documents.json is to name it."""
        path = self.cache(fingerprint) / f"{extraction.document.digest}.json"
        if not path.exists():
            _replace(path, to_json(extraction))
        return f"{fingerprint}/{extraction.document.digest}"

    def has(self, key: str) -> bool:
        """Whether an extraction of that key is there."""
        return _extraction_path(self.folder, key).is_file()

    def set_documents(self, keys: Mapping[DocumentId, str]) -> None:
        """Write documents.json, and drop the extractions that it names no more."""
        lost = [key for key in keys.values() if not self.has(key)]
        if lost:
            raise StoreError(f"store {self.folder} holds no extraction {lost[0]}")
        _replace(
            self.folder / "documents.json", json.dumps(dict(keys), ensure_ascii=False, sort_keys=True, indent=0) + "\n"
        )
        wanted = {_extraction_path(self.folder, key) for key in keys.values()}
        for path in sorted((self.folder / "extractions").glob("*/*.json")):
            if path not in wanted:
                path.unlink()

    def write_file(self, name: str, text: str) -> None:
        """A file of the build's own beside the snapshots, such as its manifest, whole or not at all."""
        _replace(self.folder / name, text)

    def publish(self, quads: Iterable[ox.Quad]) -> Path:
        """Make the quads the current snapshot; gives its folder."""
        return self.publish_graphs(graph_contents(quads))

    def publish_graphs(self, graphs: Sequence[GraphContent]) -> Path:
        """Make these graphs, and no other, the current snapshot; gives its folder.

        Graphs that the snapshot before holds with the same digest cost nothing, and a snapshot that is there already
        costs no writing.
        """
        listing = {str(graph.name): graph.digest for graph in sorted(graphs, key=lambda g: str(g.name))}
        name = hashlib.sha256(_listing_text(listing).encode()).hexdigest()[:32]
        snapshot, previous = self._snapshots / name, self._current_name()
        if not snapshot.exists():
            part = self._snapshots / f"{_PART}{name}"
            self._write_snapshot(part, graphs, previous)
            (self.folder / "listings").mkdir(exist_ok=True)
            _replace(_listing_of(snapshot), _listing_text(listing))
            part.rename(snapshot)
            _sync(self._snapshots)
        _replace(self.folder / "CURRENT", f"{name}\n")
        if previous != name:
            self._drop_all_but({name, previous})
        return snapshot

    def _write_snapshot(self, part: Path, graphs: Sequence[GraphContent], previous: str) -> None:
        try:
            known = _read_listing(_listing_of(self._snapshots / previous)) if previous else {}
            if known:
                ox.Store.read_only(str(self._snapshots / previous)).backup(str(part))
            store = ox.Store(str(part))
            for name in known.keys() - {str(graph.name) for graph in graphs}:
                store.remove_graph(_graph_name(name))
            for graph in graphs:
                if known.get(str(graph.name)) != graph.digest:
                    _replace_graph(store, graph)
            store.flush()
        except OSError as err:
            raise StoreError(f"the graph cannot be written to {part}: {err}") from err

    def _current_name(self) -> str:
        """Name of the snapshot that is current and there; empty where none is."""
        path = self.folder / "CURRENT"
        name = path.read_text(encoding="ascii").strip() if path.exists() else ""
        return name if name and (self._snapshots / name).is_dir() else ""

    def _drop_all_but(self, names: set[str]) -> None:
        for path in sorted(self._snapshots.iterdir()):
            if path.name not in names:
                _drop_unless_read(path)


def _drop_unless_read(snapshot: Path) -> None:
    listing = _listing_of(snapshot)
    if not listing.exists():
        shutil.rmtree(snapshot)
        return
    with listing.open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(snapshot)
        listing.unlink()


def _check_version(folder: Path) -> None:
    path = folder / "VERSION"
    version = path.read_text(encoding="ascii").strip() if path.exists() else "missing"
    if version != FORMAT_VERSION:
        raise StoreError(f"store {folder} has format {version}, this is {FORMAT_VERSION}: build into a new folder")


def _extraction_path(folder: Path, key: str) -> Path:
    return folder / "extractions" / f"{key}.json"


def _listing_text(listing: Mapping[str, str]) -> str:
    return json.dumps(listing, ensure_ascii=False, sort_keys=True, indent=0) + "\n"


def _read_listing(path: Path) -> dict[str, str]:
    """Graph -> digest; empty where a snapshot has no listing, and is then written anew from nothing."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _graph_name(text: str) -> GraphName:
    """The graph that a listing names: `DEFAULT`, `<iri>` or `_:b0`."""
    if text == str(ox.DefaultGraph()):
        return ox.DefaultGraph()
    return ox.BlankNode(text[2:]) if text.startswith("_:") else ox.NamedNode(text[1:-1])


def _replace_graph(store: ox.Store, graph: GraphContent) -> None:
    before, after = set(store.quads_for_pattern(None, None, None, graph.name)), set(graph.quads())
    for quad in before - after:
        store.remove(quad)
    store.bulk_extend(after - before)


def _replace(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the new one, after a power cut too."""
    part = path.with_name(f"{_PART}{path.name}")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
