"""How long a client may take: a request that comes too slowly, or an answer that nobody reads, is cut off.

uvicorn alone waits for ever for the rest of a request, and for a client to read. Here a request must be whole within
`settings.client_timeout_s` and one second more for every MIN_BYTES_PER_S bytes of it; a client must take what is ready
for it within the same time. The first gets 408 where it has had no answer yet; then the connection is gone.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from kg.settings import Settings

logger = logging.getLogger(__name__)

MIN_BYTES_PER_S = 500
"""What Apache's mod_reqtimeout asks of a client unless told otherwise (its directive RequestReadTimeout)."""

CHECKS_PER_TIMEOUT = 4
"""So often within the time a connection is looked at; it is cut at most a quarter of the time late."""

_PROBLEM = json.dumps(
    {"type": "about:blank", "title": "Request refused", "status": 408, "detail": "the request came too slowly"}
).encode()
_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_PROBLEM), _PROBLEM)
)


class PatientProtocol(H11Protocol):
    """uvicorn's protocol of one connection, with an end to its patience of `timeout_s` seconds."""

    timeout_s: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request_since: float | None = None
        self._n_received = 0
        self._unread_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._request_since = self.loop.time()
        self._set_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._n_received += len(data)
        super().data_received(data)
        self._note_request()

    def pause_writing(self) -> None:
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._unread_since = None
        super().resume_writing()

    def _note_request(self) -> None:
        """Begin to count the time of a request with its first byte, and end with its last, or while we do not read."""
        is_begun = self.conn.their_state is h11.SEND_BODY or bool(self.conn.trailing_data[0])
        if not is_begun or self.conn.their_state in (h11.DONE, h11.MUST_CLOSE) or self.flow.read_paused:
            self._request_since, self._n_received = None, 0
        elif self._request_since is None:
            self._request_since = self.loop.time()

    def _set_timer(self) -> None:
        self._timer = self.loop.call_later(self.timeout_s / CHECKS_PER_TIMEOUT, self._check)

    def _check(self) -> None:
        now = self.loop.time()
        if self.transport.is_closing() and self._unread_since is None:
            self._unread_since = now
        if self._request_since is not None and self.flow.read_paused:
            self._note_request()
        if self._unread_since is not None and now - self._unread_since >= self.timeout_s:
            self._reset()
        elif self._is_slow(now):
            self._refuse()
        self._set_timer()

    def _reset(self) -> None:
        """End the connection at once; without lingering, the system forgets what it holds for the client, up to MBs."""
        logger.info("a client that reads nothing of its answer was cut off")
        client: socket.socket = self.transport.get_extra_info("socket")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _is_slow(self, now: float) -> bool:
        allowed_s = self.timeout_s + self._n_received / MIN_BYTES_PER_S
        return self._request_since is not None and now - self._request_since >= allowed_s

    def _refuse(self) -> None:
        """The application learns that the client is gone; it cannot answer any more."""
        logger.info("a client whose request came too slowly was cut off")
        self._request_since = None
        is_answered = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not is_answered and not self.transport.is_closing():
            self.transport.write(_TOO_SLOW)
        self.transport.close()


def protocol_of(settings: Settings) -> type[PatientProtocol]:
    """The protocol that uvicorn is to speak under these settings."""
    return type("_Protocol", (PatientProtocol,), {"timeout_s": settings.client_timeout_s})
