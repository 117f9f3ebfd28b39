"""What the jobs of a worker process answer from, and into: the snapshot that it has open, and frames on a pipe."""

from __future__ import annotations

import struct
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from kg.neighbourhood import Names
from kg.settings import Settings
from kg.store import lease_current, open_snapshot, open_union, text_index_of
from kg.text_search import TextIndex

HEADER = struct.Struct(">cI")
READY, MEDIA, CHUNK, ERROR, END, LAST = b"r", b"m", b"d", b"e", b"z", b"x"
"""Kinds of frames out. LAST is the END of a worker that has grown and goes; every frame in is of one kind."""

CHUNK_BYTES = 65_536
"""Bytes of an answer that are gathered before they go out; an error before that is a clean error."""


class Output:
    """The way out of one answer: its media type, then its bytes in chunks."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe, self._buffer = pipe, bytearray()
        self.media_type = "application/json"
        self._has_begun = False

    def write(self, chunk: bytes, /) -> None:
        """Gather the bytes, and send them when there are enough."""
        self._buffer += chunk
        if len(self._buffer) >= CHUNK_BYTES:
            self._send()

    def finish(self, kind: bytes) -> None:
        """Send what is left, and the end."""
        self._send()
        write_frame(self._pipe, kind)

    def _send(self) -> None:
        if not self._has_begun:
            write_frame(self._pipe, MEDIA, self.media_type.encode())
            self._has_begun = True
        if self._buffer:
            write_frame(self._pipe, CHUNK, bytes(self._buffer))
            self._buffer.clear()


class Snapshot:
    """The store as of the start of this process, and the names in it, read when first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        path = lease_current(Path(settings.store))
        self.name, self._text_index = path.name, text_index_of(path)
        self.store: ox.Store = open_snapshot(path)
        self.union = open_union(path)

    @cached_property
    def names(self) -> Names:
        """All names of all entities."""
        return Names(self.store)

    @cached_property
    def texts(self) -> TextIndex:
        """Names and quotes, to be searched."""
        return TextIndex(self._text_index)

    def find_iris(self, text: str) -> list[tuple[str, float]]:
        """What kg:textMatch stands for."""
        return self.texts.find_iris(text, self.settings.max_text_matches)


def write_frame(pipe: BinaryIO, kind: bytes, payload: bytes = b"") -> None:
    """One frame, at once."""
    pipe.write(HEADER.pack(kind, len(payload)) + payload)
    pipe.flush()


def read_frame(pipe: BinaryIO) -> bytes | None:
    """The payload of the next frame, of any kind; None at the end of the input."""
    header = pipe.read(HEADER.size)
    return pipe.read(HEADER.unpack(header)[1]) if len(header) == HEADER.size else None
