"""Stage 9: quads -> an on-disk snapshot, published by rename; and what a build keeps for the next one.

    <store>/VERSION                             number of this layout
    <store>/CURRENT                             name of the snapshot that readers open
    <store>/snapshots/<digest of its quads>/    a pyoxigraph database, never changed after it is published
    <store>/listings/<the same digest>.json     graph -> digest of its quads, for each snapshot
    <store>/listings/<the same digest>.sqlite   what can be searched in each snapshot, see kg.text_index
    <store>/listings/<the same digest>.nq       what of the snapshot users wrote
    <store>/written.nq                          all that users wrote, see kg.overlay
    <store>/documents.json                      document id -> its extraction
    <store>/extractions/<fingerprint>/<digest>.json     by the pipeline's fingerprint and the document's digest
    <store>/cache.sqlite                        see kg.build_cache
    <store>/corrections.yaml                    see kg.corrections_file; the user's, unless the settings name another
    <store>/uploads/                            see kg.uploads
    <store>/LOCK                                held by the one process that writes

Readers open a snapshot read-only, as many processes as like. Each holds a shared lock on the snapshot's listing until
its process ends, and the writer removes no snapshot that is locked, nor the one before the current one.

A snapshot is made from the one before: its unchanged files are shared by hard links (2 ms for 300,000 quads), and only
the graphs whose digest differs are written.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from kg.bulk import load_texts, nquads
from kg.contents import Change, GraphContent, find_change, graph_contents
from kg.errors import StoreError
from kg.extractions import from_json, to_json
from kg.listings import (
    WRITTEN,
    drop_empty_graphs,
    drop_overviews,
    graph_digests,
    graph_name,
    has_copies,
    listing_of,
    listing_text,
    own_path,
    read_listing,
    read_own,
    snapshot_name,
    union_of,
    with_written,
    write_union,
)
from kg.locks import LOCK, hold_lock
from kg.overlay import PART, WRITTEN_FILE, Delta, not_built, quads_text, read_quads, sync, write_whole
from kg.records import DocumentId, Extraction
from kg.text_index import is_index, write_index

FORMAT_VERSION = "1"


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
    return open_snapshot(lease_current(folder))


def lease_current(folder: Path) -> Path:
    """The folder of the current snapshot, which stays until this process ends. Raises StoreError."""
    snapshot = current_snapshot(folder)
    if not _lease(snapshot):  # a build has replaced and removed it since CURRENT was read
        snapshot = current_snapshot(folder)
        _lease(snapshot)
    return snapshot


def open_snapshot(snapshot: Path) -> ox.Store:
    """A snapshot, read-only. Raises StoreError."""
    try:
        return ox.Store.read_only(str(snapshot))
    except (OSError, ValueError) as err:
        raise StoreError(f"snapshot {snapshot} cannot be opened: {err}") from err


def open_union(snapshot: Path) -> ox.Store | None:
    """The copy of a snapshot that `kg.listings.write_union` made; None where none is needed. Raises StoreError."""
    return open_snapshot(union_of(snapshot)) if union_of(snapshot).is_dir() else None


_leases: dict[Path, int] = {}
"""File handles of the listings of snapshots that this process reads; RocksDB opens some of a snapshot's files late."""


def _lease(snapshot: Path) -> bool:
    """Keep the writer from removing a snapshot; False when it has done so already."""
    if snapshot in _leases:
        return True
    try:
        handle = os.open(listing_of(snapshot), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return snapshot.is_dir()
    fcntl.flock(handle, fcntl.LOCK_SH)
    if not snapshot.is_dir():
        os.close(handle)
        return False
    _leases[snapshot] = handle
    return True


def text_index_of(snapshot: Path) -> Path:
    """The file of a snapshot's text index; it goes when the snapshot does."""
    return listing_of(snapshot).with_suffix(".sqlite")


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
    with hold_lock(folder):
        if not (folder / "VERSION").exists():
            write_whole(folder / "VERSION", f"{FORMAT_VERSION}\n")
        _check_version(folder)
        yield StoreWriter(folder)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise StoreError(f"store {folder} cannot be made: {err}") from err
    own = (LOCK, "VERSION", "corrections.yaml", WRITTEN_FILE)
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in own)
    if foreign and not (folder / "VERSION").exists():
        raise StoreError(f"{folder} is no store, it holds {foreign[0]}: give a new or an empty folder")


class StoreWriter:
    """What may be changed in a store; only `write_store` makes one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._snapshots = folder / "snapshots"
        self._snapshots.mkdir(exist_ok=True)
        for part in self._snapshots.glob(f"{PART}*"):
            shutil.rmtree(part)
        for part in (folder / "listings").glob(f"{PART}*"):
            part.unlink()

    def cache(self, fingerprint: str) -> Path:
        """The folder of what the pipeline of this fingerprint extracted, one `<document digest>.json` each."""
        path = self.folder / "extractions" / fingerprint
        path.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, extraction: Extraction, fingerprint: str) -> str:
        """Write an extraction; gives the key under which documents.json is to name it."""
        path = self.cache(fingerprint) / f"{extraction.document.digest}.json"
        if not path.exists():
            write_whole(path, to_json(extraction))
        return f"{fingerprint}/{extraction.document.digest}"

    def kept(self) -> set[str]:
        """The keys of the extractions that are there."""
        found: set[str] = set()
        for folder in (self.folder / "extractions").glob("*/"):
            with os.scandir(folder) as entries:  # a tenth of the time that Path.glob takes
                found |= {f"{folder.name}/{entry.name[:-5]}" for entry in entries if entry.name.endswith(".json")}
        return found

    def set_documents(self, keys: Mapping[DocumentId, str]) -> None:
        """Write documents.json, and drop the extractions that it names no more."""
        kept, wanted = self.kept(), set(keys.values())
        if lost := sorted(wanted - kept):
            raise StoreError(f"store {self.folder} holds no extraction {lost[0]}")
        write_whole(
            self.folder / "documents.json", json.dumps(dict(keys), ensure_ascii=False, sort_keys=True, indent=0) + "\n"
        )
        for key in sorted(kept - wanted):
            _extraction_path(self.folder, key).unlink()

    def write_file(self, name: str, text: str) -> None:
        """A file of the build's own beside the snapshots, such as its manifest, whole or not at all."""
        write_whole(self.folder / name, text)

    def publish(self, quads: Iterable[ox.Quad]) -> Path:
        """Make the quads the current snapshot; gives its folder."""
        return self.publish_graphs(graph_contents(quads))

    def publish_graphs(self, graphs: Sequence[GraphContent]) -> Path:
        """Make these graphs, and no other, the current snapshot; gives its folder.

        Graphs that the snapshot before holds with the same digest cost nothing, and a snapshot that is there already
        costs no writing.
        """
        written = read_quads(self.folder / WRITTEN_FILE)
        listing = with_written({str(graph.name): graph.digest for graph in graphs}, written)
        name, previous = snapshot_name(listing), self._current_name()
        changes: list[Change] = []
        if not (self._snapshots / name).exists():
            part = self._snapshots / f"{PART}{name}"
            own, changes = self._write_snapshot(part, graphs, previous, written)
            self._put_in_place(part, listing, own)
        return self._make_current(name, changes)

    def settle(self) -> Path:
        """Make the current snapshot hold all of written.nq, which a death amid a write leaves ahead; gives its folder.

        A store that holds nothing gets an empty snapshot.
        """
        current = self._current_name()
        listing = read_listing(self._snapshots / current) if current else {}
        if current and not listing_of(self._snapshots / current).exists():
            raise StoreError(f"store {self.folder} was built by an older version: run kg build again before you write")
        if current and listing == with_written(listing, read_quads(self.folder / WRITTEN_FILE)):
            return self._snapshots / current
        built = {name: digest for name, digest in listing.items() if name != WRITTEN}
        return self.publish_graphs([GraphContent(graph_name(name), digest, tuple) for name, digest in built.items()])

    @contextmanager
    def copy_current(self) -> Iterator[Path]:
        """A copy of the current snapshot, to be changed and given to `publish_copy`, or else it goes.

        Files are shared until they change: a copy of 300,000 quads takes 10 ms.
        """
        part = self._snapshots / f"{PART}written"
        ox.Store.read_only(str(self._snapshots / self._current_name())).backup(str(part))
        try:
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def publish_copy(self, part: Path, delta: Delta) -> Path:
        """Make a copy that was changed by `delta`, and is closed, the current snapshot; gives its folder.

        The change is in written.nq when this returns, and outlasts the death of the machine.
        """
        before = self._snapshots / self._current_name()
        written = delta.apply(read_quads(self.folder / WRITTEN_FILE))
        listing = with_written(read_listing(before), written)
        name = snapshot_name(listing)
        if not (self._snapshots / name).exists():
            self._put_in_place(part, listing, delta.apply(read_own(before)))
        write_whole(self.folder / WRITTEN_FILE, quads_text(written))
        return self._make_current(name)

    def _put_in_place(self, part: Path, listing: Mapping[str, str], own: frozenset[ox.Quad]) -> None:
        snapshot = self._snapshots / snapshot_name(listing)
        (self.folder / "listings").mkdir(exist_ok=True)
        if has_copies(own):
            write_union(part, union_of(snapshot))
        write_whole(own_path(snapshot), quads_text(own))
        write_whole(listing_of(snapshot), listing_text(listing))
        part.rename(snapshot)
        sync(self._snapshots)

    def _make_current(self, name: str, changes: Sequence[Change] = ()) -> Path:
        snapshot, previous = self._snapshots / name, self._current_name()
        if not is_index(text_index_of(snapshot)):
            drop_overviews(snapshot)
            before = text_index_of(self._snapshots / previous) if previous else None
            store = ox.Store.read_only(str(snapshot))
            write_index(text_index_of(snapshot), before, store, graph_digests(snapshot), changes)
        write_whole(self.folder / "CURRENT", f"{name}\n")
        if previous != name:
            self._drop_all_but({name, previous})
        return snapshot

    def _write_snapshot(
        self, part: Path, graphs: Sequence[GraphContent], previous: str, written: frozenset[ox.Quad]
    ) -> tuple[frozenset[ox.Quad], list[Change]]:
        """Gives what of `written` the snapshot holds: what the graphs do not say themselves; and changes as known."""
        try:
            known = read_listing(self._snapshots / previous) if previous else {}
            if known:
                ox.Store.read_only(str(self._snapshots / previous)).backup(str(part))
            store = ox.Store(str(part))
            for quad in read_own(self._snapshots / previous) if known else ():
                store.remove(quad)
            for name in known.keys() - {str(graph.name) for graph in graphs} - {WRITTEN}:
                store.remove_graph(graph_name(name))
            changed = [graph for graph in graphs if known.get(str(graph.name)) != graph.digest]
            changes: list[Change] = []
            load_texts(store, [_additions(store, graph, known.get(str(graph.name)), changes) for graph in changed])
            own = not_built(store, written)
            store.bulk_extend(own)
            if WRITTEN in known:
                drop_empty_graphs(store)
            store.flush()
        except OSError as err:
            raise StoreError(f"the graph cannot be written to {part}: {err}") from err
        return own, changes

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
    listing = listing_of(snapshot)
    if not listing.exists():
        shutil.rmtree(snapshot)
        return
    with listing.open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(snapshot)
        text_index_of(snapshot).unlink(missing_ok=True)
        own_path(snapshot).unlink(missing_ok=True)
        drop_overviews(snapshot)
        shutil.rmtree(union_of(snapshot), ignore_errors=True)
        listing.unlink()


def _check_version(folder: Path) -> None:
    path = folder / "VERSION"
    version = path.read_text(encoding="ascii").strip() if path.exists() else "missing"
    if version != FORMAT_VERSION:
        raise StoreError(f"store {folder} has format {version}, this is {FORMAT_VERSION}: build into a new folder")


def _extraction_path(folder: Path, key: str) -> Path:
    return folder / "extractions" / f"{key}.json"


def _additions(store: ox.Store, graph: GraphContent, known: str | None, changes: list[Change]) -> Callable[[], bytes]:
    """Gives what the graph lacks, after what it holds too much is gone, which is noted. known: its digest until now."""
    text = graph.text or (lambda: nquads(graph.quads()))
    if known is None:
        return text
    change = find_change(store, graph, known, text())
    for quad in change.gone:
        store.remove(quad)
    changes.append(change)
    return partial(nquads, change.new)
