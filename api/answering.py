"""What the jobs of a worker process answer from, and into: the snapshot that it has open, and frames on a pipe."""

from __future__ import annotations

import struct
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pyoxigraph as ox

from kg.claim_search import ClaimSearch
from kg.columns import Graph
from kg.neighbourhood import Names
from kg.settings import Settings
from kg.store import lease_current, open_snapshot, open_union, text_index_of
from kg.text_search import TextIndex

if TYPE_CHECKING:
    from kg.overview import Overviews

HEADER = struct.Struct(">cI")
READY, MEDIA, CHUNK, ERROR, END, LAST, WHOLE = b"r", b"m", b"d", b"e", b"z", b"x", b"w"
"""Kinds of frames out. LAST is the END of a worker that has grown and goes; WHOLE is a media type, a line feed and all
of a small answer, with its END: one frame costs a third of three. Every frame in is of one kind."""

CHUNK_BYTES = 65_536
"""Bytes of an answer that are gathered before they go out; an error before that is a clean error. No chunk is larger:
one literal, or a whole page, would take as much memory of the server as of the worker."""


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
        if kind == END and not self._has_begun and len(self._buffer) <= CHUNK_BYTES:
            write_frame(self._pipe, WHOLE, self.media_type.encode() + b"\n" + self._buffer)
            return
        self._send()
        write_frame(self._pipe, kind)

    def _send(self) -> None:
        if not self._has_begun:
            write_frame(self._pipe, MEDIA, self.media_type.encode())
            self._has_begun = True
        for start in range(0, len(self._buffer), CHUNK_BYTES):
            write_frame(self._pipe, CHUNK, bytes(self._buffer[start : start + CHUNK_BYTES]))
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

    @cached_property
    def graph(self) -> Graph:
        """Entities and claims by their ends."""
        return Graph(self.name, self.settings.base_iri, ClaimSearch(self._text_index, self.store))

    @cached_property
    def overviews(self) -> Overviews:
        """What the explorer opens on, kept beside the text index."""
        from kg.overview import Overviews  # noqa: PLC0415  (numpy takes 0.1 s to import; queries need not wait for it)

        return Overviews(self.graph, self._text_index.parent)

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
