"""Stage 9: what users write into the graph themselves, kept beside what builds make of documents.

In: quads that SPARQL Update or the Graph Store Protocol adds and removes. Out: `<store>/written.nq`, which holds all of
them, sorted, and is replaced whole before a write is answered. A snapshot is what the build made and, of what users
wrote, each quad whose triple the build did not make: a triple that a build makes stands where the build puts it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from kg.errors import StoreError

WRITTEN_FILE = "written.nq"
"""All that users wrote, whether a build makes it too or not; named graphs, blank nodes and all."""


PART = ".part-"
"""Start of the name of what is not whole yet."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What one write adds to the graph and removes from it; no quad is in both."""

    added: frozenset[ox.Quad] = frozenset()
    removed: frozenset[ox.Quad] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def apply(self, quads: frozenset[ox.Quad]) -> frozenset[ox.Quad]:
        """The quads after the write."""
        return (quads - self.removed) | self.added


def read_quads(path: Path) -> frozenset[ox.Quad]:
    """The quads of an N-Quads file, none where there is no file. Raises StoreError when it is damaged."""
    if not path.exists():
        return frozenset()
    stat = path.stat()
    return _parse(path, stat.st_ino, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _parse(path: Path, *_version: int) -> frozenset[ox.Quad]:
    """One write reads the same two files several times, and a file is replaced when it changes."""
    try:
        return frozenset(ox.parse(path=path, format=ox.RdfFormat.N_QUADS))
    except (OSError, SyntaxError) as err:
        raise StoreError(f"{path} cannot be read: {err}; repair it, it holds what users wrote") from err


def quads_text(quads: Iterable[ox.Quad]) -> str:
    """N-Quads, sorted: the same quads give the same text."""
    lines = (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").decode().splitlines(keepends=True)
    return "".join(sorted(lines))


def not_built(store: ox.Store, quads: Iterable[ox.Quad]) -> frozenset[ox.Quad]:
    """The quads whose triple no graph of the store holds; the store holds only what a build made."""
    return frozenset(q for q in quads if not any(store.quads_for_pattern(q.subject, q.predicate, q.object, None)))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the new one, after a power cut too."""
    part = path.with_name(f"{PART}{path.name}")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Have what was renamed in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
