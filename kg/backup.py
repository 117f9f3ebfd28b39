"""A store as one archive, and an archive as a store again.

    BACKUP.json         first: the layout's number, the snapshot's name, and the SHA-256 of every other file
    VERSION, CURRENT, documents.json, written.nq, corrections.yaml and whatever else a writer keeps beside them
    extractions/..., uploads/..., snapshots/<the current one>/..., listings/<the current one>.*

Caches and older snapshots stay behind: a build makes them anew. A file of corrections that stands elsewhere comes along
under the name that it has in a store by default. An archive of the same files has the same bytes.

The writer's lock is held only while links are made, so a build or a correction waits for milliseconds, not for the
archive. Refuses to restore into a folder that holds anything, and from an archive that is not what its manifest says.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyoxigraph as ox

from kg.errors import StoreError
from kg.locks import is_locked
from kg.settings import Settings
from kg.store import FORMAT_VERSION, current_snapshot, write_store

ARCHIVE_VERSION = 1
MANIFEST = "BACKUP.json"
CORRECTIONS = "corrections.yaml"
MAX_MANIFEST_BYTES = 1_000_000_000
"""A manifest takes about 150 bytes a document; one that says it is larger is no manifest."""

GZIP_LEVEL = 1
"""Most of an archive is compressed already; the rest shrinks to a fifth at any level."""

FOLDER_MODE = 0o755
"""Of a restored store, as a build makes one; the archive itself is its writer's alone."""

LOCK_WAIT_S, LOCK_POLL_S = 30.0, 0.05
"""A write over HTTP or a correction ends by then, a build may not; and how often that is looked at, seconds."""

_BLOCK_BYTES = 1 << 20
_STAGE, _PART = ".backup-", ".part-"
_LEFT_OUT = frozenset({"LOCK", "cache.sqlite", "cache.sqlite-wal", "cache.sqlite-shm"})
_SHARED = ("extractions", "snapshots")
"""Folders whose files are replaced, never changed in place, so that a link holds what they hold now."""


@dataclass(frozen=True, slots=True)
class Archived:
    """What an archive holds. n_bytes: of all its files, uncompressed."""

    snapshot: str
    n_files: int
    n_bytes: int


def back_up(settings: Settings, out: Path, *, wait_s: float = LOCK_WAIT_S) -> Archived:
    """Write the store to `out`, whole or not at all; compressed if the name ends in .gz or .tgz.

    Raises StoreError when there is no graph, another process still writes the store after `wait_s`, or `out` lies in
    it.
    """
    folder = Path(settings.store)
    current_snapshot(folder)
    if out.resolve().is_relative_to(folder.resolve()):
        raise StoreError(f"{out} lies in the store that it is to hold: give a place outside of {folder}")
    try:
        with _staged(folder, settings.corrections_path, wait_s) as stage:
            return _write_archive(stage, out)
    except OSError as err:
        raise StoreError(f"store {folder} cannot be backed up to {out}: {err}") from err


def restore(archive: Path, settings: Settings) -> Archived:
    """Make the store of `settings` what the archive holds, after every file is checked against its digest.

    Raises StoreError when the store's folder holds anything, or the archive is damaged, incomplete or no archive of a
    store; the folder is then as it was.
    """
    folder = Path(settings.store)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is not empty: restore into a new folder")
    try:
        folder.resolve().parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f"{_PART}{folder.resolve().name}-", dir=folder.resolve().parent))
        try:
            archived = _read_archive(archive, part)
            _sync_tree(part)
            part.chmod(FOLDER_MODE)
            part.replace(folder.resolve())
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except (OSError, EOFError, tarfile.TarError, zlib.error) as err:
        raise StoreError(f"archive {archive} cannot be restored to {folder}: {err}") from err
    return archived


@contextmanager
def _staged(folder: Path, corrections: Path, wait_s: float) -> Iterator[Path]:
    """A folder in the store with all that the archive is to hold, as of one moment."""
    with _writing(folder, wait_s):
        _clear_stages(folder)
        stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=folder))
        handle = os.open(stage, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            _fill_stage(folder, stage, corrections)
        except OSError:
            shutil.rmtree(stage)
            raise
    try:
        yield stage
    finally:
        os.close(handle)
        shutil.rmtree(stage)


@contextmanager
def _writing(folder: Path, wait_s: float) -> Iterator[None]:
    """Be the store's writer, as soon as the one that is ends."""
    end = time.monotonic() + wait_s
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(write_store(folder))
                break
            except StoreError:
                if not is_locked(folder) or time.monotonic() >= end:
                    raise
                time.sleep(LOCK_POLL_S)
        yield


def _clear_stages(folder: Path) -> None:
    """Remove what backups that were killed have left; one under way holds a lock."""
    for stage in sorted(folder.glob(f"{_STAGE}*")):
        handle = os.open(stage, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(stage)
        except BlockingIOError:
            pass
        finally:
            os.close(handle)


def _fill_stage(folder: Path, stage: Path, corrections: Path) -> None:
    snapshot = current_snapshot(folder).name
    for path in sorted(folder.iterdir()):
        if path.name in ("snapshots", "listings", "unions"):
            continue
        if path.name not in _LEFT_OUT and not path.name.startswith((_STAGE, _PART)):
            _copy(path, stage / path.name, is_shared=path.name in _SHARED)
    _copy(folder / "snapshots" / snapshot, stage / "snapshots" / snapshot, is_shared=True)
    if (union := folder / "unions" / snapshot).exists():
        _copy(union, stage / "unions" / snapshot, is_shared=True)
    for path in sorted((folder / "listings").glob(f"{snapshot}.*")):
        _copy(path, stage / "listings" / path.name, is_shared=False)
    if corrections.exists() and not (stage / CORRECTIONS).exists():
        shutil.copyfile(corrections, stage / CORRECTIONS)


def _copy(path: Path, target: Path, *, is_shared: bool) -> None:
    target.parent.mkdir(exist_ok=True)
    copy = _link_or_copy if is_shared else shutil.copyfile
    if path.is_dir():
        shutil.copytree(path, target, copy_function=copy, ignore=shutil.ignore_patterns(f"{_PART}*", "LOG*"))
    else:
        copy(path, target)


def _link_or_copy(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _write_archive(stage: Path, out: Path) -> Archived:
    files = {path.relative_to(stage).as_posix(): path for path in sorted(stage.rglob("*")) if path.is_file()}
    listed: dict[str, dict[str, Any]] = {
        name: {"bytes": path.stat().st_size, "sha256": _digest(path)} for name, path in files.items()
    }
    snapshot = current_snapshot(stage).name
    head = {"archive": ARCHIVE_VERSION, "store": FORMAT_VERSION, "snapshot": snapshot, "files": listed}
    handle, part = tempfile.mkstemp(prefix=_PART, dir=out.resolve().parent)
    try:
        with (
            os.fdopen(handle, "wb") as file,
            _compressed(file, out) as stream,
            tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            text = json.dumps(head, ensure_ascii=False, sort_keys=True, indent=0).encode()
            tar.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))
            for name, path in files.items():
                with path.open("rb") as content:
                    tar.addfile(_member(name, listed[name]["bytes"]), content)
        _sync(Path(part))
        Path(part).replace(out)
    finally:
        Path(part).unlink(missing_ok=True)
    return _archived(head)


@contextmanager
def _compressed(file: IO[bytes], out: Path) -> Iterator[IO[bytes]]:
    if out.suffix not in (".gz", ".tgz"):
        yield file
        return
    with gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as stream:
        yield stream  # type: ignore[misc]  # GzipFile is a binary file in all but its declaration


def _member(name: str, n_bytes: int) -> tarfile.TarInfo:
    """The entry of a file, which says nothing of when or by whom it was written."""
    member = tarfile.TarInfo(name)
    member.size = n_bytes
    return member


def _read_archive(archive: Path, part: Path) -> Archived:
    with tarfile.open(archive, mode="r:*") as tar:
        head = _read_manifest(tar, archive)
        missing = dict(head["files"])
        for member in tar:
            if member.name == MANIFEST:
                continue
            expected = missing.pop(member.name, None)
            if expected is None or not member.isreg() or not _is_inside(member.name):
                raise StoreError(f"archive {archive} is damaged: it holds {member.name!r}, which it does not list")
            content = tar.extractfile(member)
            if content is None or _extract(content, part / member.name) != expected["sha256"]:
                raise StoreError(f"archive {archive} is damaged: {member.name} is not what was backed up")
    if missing:
        raise StoreError(f"archive {archive} is damaged: {min(missing)} is missing")
    _check_store(part, head["snapshot"], archive)
    return _archived(head)


def _read_manifest(tar: tarfile.TarFile, archive: Path) -> dict[str, Any]:
    member = tar.next()
    content = tar.extractfile(member) if member and member.isreg() and member.name == MANIFEST else None
    if member is None or content is None or member.size > MAX_MANIFEST_BYTES:
        raise StoreError(f"{archive} is no archive of a store: it does not begin with {MANIFEST}")
    try:
        head: dict[str, Any] = json.loads(content.read())
        found = (head["archive"], head["store"])
        _archived(head)
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise StoreError(f"archive {archive} is damaged: {MANIFEST} cannot be read: {err}") from err
    if found != (ARCHIVE_VERSION, FORMAT_VERSION):
        raise StoreError(f"archive {archive} is of format {found}, this is {(ARCHIVE_VERSION, FORMAT_VERSION)}")
    return head


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in PurePosixPath(name).parts


def _extract(content: IO[bytes], target: Path) -> str:
    """Write the content; gives its digest."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as file:
        while block := content.read(_BLOCK_BYTES):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _check_store(part: Path, snapshot: str, archive: Path) -> None:
    """The files are a store: its current snapshot is the one that the archive names, and opens."""
    current = current_snapshot(part)
    if current.name != snapshot:
        raise StoreError(f"archive {archive} is damaged: it names snapshot {snapshot} and holds {current.name}")
    try:
        ox.Store.read_only(str(current))
    except (OSError, ValueError) as err:
        raise StoreError(f"archive {archive} is damaged: its snapshot cannot be opened: {err}") from err


def _archived(head: dict[str, Any]) -> Archived:
    sizes = [int(file["bytes"]) for file in head["files"].values()]
    return Archived(str(head["snapshot"]), len(sizes), sum(sizes))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_tree(folder: Path) -> None:
    """What is in the folder survives a power cut."""
    for path in [*folder.rglob("*"), folder]:
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
