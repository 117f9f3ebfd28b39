"""Stage 1: documents that came over HTTP, kept in the store so that later builds can read them again.

    <store>/uploads/<id>                        as they were sent; `kg build <store>/uploads` reads them all
    <store>/uploads/.waiting/<job>/<id>         sent, and not yet in the graph; hidden, so that no build reads them

A job's folder appears whole, and goes when its documents are in the graph: what was accepted survives a crash.
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path

from kg.errors import DocumentError, StoreError

MAX_ID_BYTES = 200
"""Of an upload's id in UTF-8: a file system takes names of 255."""

_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff/\\\\]")
_PART = ".part-"


def check_upload_id(name: str) -> str:
    """The id of an upload of that name: the name in NFC. Raises DocumentError for what is no file name."""
    fit = unicodedata.normalize("NFC", name)
    if not fit or fit.startswith(".") or _UNFIT.search(fit) or len(fit.encode(errors="replace")) > MAX_ID_BYTES:
        raise DocumentError(
            f"the id {fit[:60]!r} is no file name: give 1 to {MAX_ID_BYTES} bytes without / and control characters, "
            "not beginning with a dot"
        )
    return fit


def keep_waiting(store: Path, job: str, contents: Mapping[str, bytes]) -> Path:
    """Write the documents of a job to its folder, for good when this returns. Raises StoreError when they cannot be."""
    folder = _waiting(store) / job
    part = folder.with_name(f"{_PART}{job}")
    try:
        part.mkdir(parents=True)
        for name, content in contents.items():
            with (part / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _sync(part)
        part.rename(folder)
        _sync(folder.parent)
    except OSError as err:
        shutil.rmtree(part, ignore_errors=True)
        raise StoreError(f"the documents cannot be kept in {folder.parent}: {err.strerror}") from err
    return folder


def list_waiting(store: Path) -> dict[str, list[str]]:
    """Job -> ids of its documents, the jobs sorted; what a crash left half written is removed."""
    for part in sorted(_waiting(store).glob(f"{_PART}*")):
        shutil.rmtree(part)
    folders = sorted(folder for folder in _waiting(store).glob("*") if folder.is_dir())
    return {folder.name: sorted(file.name for file in folder.iterdir()) for folder in folders}


def accept_waiting(store: Path, job: str, accepted: Collection[str]) -> None:
    """Keep the accepted documents of a job with those of before, in the place of any of the same id; drop the rest."""
    folder = _waiting(store) / job
    for name in sorted(accepted):
        (folder / name).replace(_kept(store) / name)
    _sync(_kept(store))
    shutil.rmtree(folder)


def drop_waiting(store: Path, job: str) -> None:
    """Remove the documents of a job that failed, and whose sender was told so."""
    shutil.rmtree(_waiting(store) / job, ignore_errors=True)


def waiting_files(store: Path, job: str) -> list[Path]:
    """The files of a job, sorted. Raises StoreError when another server has taken them."""
    try:
        return sorted((_waiting(store) / job).iterdir())
    except FileNotFoundError as err:
        raise StoreError(f"the documents of job {job} are gone: send them again") from err


def drop_uploads(store: Path, ids: Collection[str]) -> None:
    """Remove the kept uploads that have these ids; other documents have no upload."""
    for name in sorted(ids):
        if "/" not in name:
            (_kept(store) / name).unlink(missing_ok=True)


def _kept(store: Path) -> Path:
    return store / "uploads"


def _waiting(store: Path) -> Path:
    return _kept(store) / ".waiting"


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
