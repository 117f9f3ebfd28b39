"""Stage 9: quads -> an on-disk snapshot, published by rename; and what a build keeps for the next one.

    <store>/VERSION                             number of this layout
    <store>/CURRENT                             name of the snapshot that readers open
    <store>/snapshots/<digest of its quads>/    a pyoxigraph database, never changed after it is published
    <store>/documents.json                      document id -> its extraction
    <store>/extractions/<fingerprint>/<digest>.json     by the pipeline's fingerprint and the document's digest
    <store>/LOCK                                held by the one process that writes

Readers open a snapshot read-only, as many processes as like. The snapshot before the current one stays until the next
build, for readers that have read CURRENT and not opened it yet; those that have it open can go on without its files
(measured: 300,000 quads are read whole after their folder is gone, because RocksDB opens its files at the start).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from kg.errors import StoreError
from kg.extractions import from_json, to_json
from kg.records import DocumentId, Extraction

FORMAT_VERSION = "1"
_PART = ".part-"


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
    """The current snapshot, read-only; it stays as it is for as long as it is open. Raises StoreError."""
    snapshot = current_snapshot(folder)
    try:
        return ox.Store.read_only(str(snapshot))
    except (OSError, ValueError) as err:
        raise StoreError(f"snapshot {snapshot} cannot be opened: {err}") from err


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

    def set_documents(self, keys: Mapping[DocumentId, str]) -> None:
        """Write documents.json, and drop the extractions that it names no more."""
        lost = [key for key in keys.values() if not _extraction_path(self.folder, key).is_file()]
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
        """Make the quads the current snapshot; gives its folder. A snapshot that is there already costs no writing."""
        quads = list(quads)
        snapshot = self._snapshots / _digest(quads)
        if not snapshot.exists():
            part = self._snapshots / f"{_PART}{snapshot.name}"
            _load(part, quads)
            part.rename(snapshot)
            _sync(self._snapshots)
        current = self.folder / "CURRENT"
        previous = current.read_text(encoding="ascii").strip() if current.exists() else ""
        _replace(current, f"{snapshot.name}\n")
        if previous != snapshot.name:
            self._drop_all_but({snapshot.name, previous})
        return snapshot

    def _drop_all_but(self, names: set[str]) -> None:
        for path in sorted(self._snapshots.iterdir()):
            if path.name not in names:
                shutil.rmtree(path)


def _check_version(folder: Path) -> None:
    path = folder / "VERSION"
    version = path.read_text(encoding="ascii").strip() if path.exists() else "missing"
    if version != FORMAT_VERSION:
        raise StoreError(f"store {folder} has format {version}, this is {FORMAT_VERSION}: build into a new folder")


def _extraction_path(folder: Path, key: str) -> Path:
    return folder / "extractions" / f"{key}.json"


def _digest(quads: list[ox.Quad]) -> str:
    """SHA-256 of the sorted N-Quads, shortened: the same graph has the same name wherever it is built."""
    lines = (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").split(b"\n")
    return hashlib.sha256(b"\n".join(sorted(set(lines)))).hexdigest()[:32]


def _load(folder: Path, quads: list[ox.Quad]) -> None:
    try:
        store = ox.Store(str(folder))
        store.bulk_extend(quads)
        store.flush()
    except OSError as err:
        raise StoreError(f"the graph cannot be written to {folder}: {err}") from err


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
