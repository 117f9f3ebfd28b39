"""What happened to each request: one line of JSON for an operator, and one more count for /metrics.

A line holds time, client, method, path, route, status, bytes of the body, duration and whether the answer was whole. It
never holds a query string, a body or a header, where queries and tokens are.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics, Stopwatch
from kg.errors import SettingsError

logger = logging.getLogger("tracegraph.access")

NO_ROUTE = "none"
"""Stands for every path that is no route, so that clients cannot make up routes."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
"""Any other word that a client sends for a method counts as `other`."""

MAX_PATH, MAX_METHOD = 500, 20
"""Characters of a path and of a method that a line holds."""


class AccessLog:
    """ASGI middleware that watches every answer. Its line goes to the logger `tracegraph.access`, level INFO."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = _Watched(send)
        self._metrics.in_flight += 1
        try:
            await self._app(scope, receive, watched.send)
        finally:
            self._metrics.in_flight -= 1
            self._report(scope, watched)

    def _report(self, scope: Scope, watched: _Watched) -> None:
        route = getattr(scope.get("route"), "path", NO_ROUTE)
        method = scope["method"] if scope["method"] in METHODS else "other"
        duration_s = watched.time.seconds
        self._metrics.count_answer(route, method, watched.status, duration_s, is_whole=watched.is_whole)
        if logger.isEnabledFor(logging.INFO):
            logger.info(json.dumps(_line(scope, watched, route, duration_s), ensure_ascii=True))


class _Watched:
    """What went out to the client. status: 500 until a status is sent, as the server then answers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.time = Stopwatch()
        self.status, self.n_bytes, self.is_whole = 500, 0, False

    async def send(self, message: Message) -> None:
        await self._send(message)
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.n_bytes += len(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)


def _line(scope: Scope, watched: _Watched, route: str, duration_s: float) -> dict[str, Any]:
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "client": scope["client"][0] if scope.get("client") else None,
        "method": scope["method"][:MAX_METHOD],
        "path": scope["path"][:MAX_PATH],
        "route": route,
        "status": watched.status,
        "bytes": watched.n_bytes,
        "duration_ms": round(duration_s * 1000, 1),
        "whole": watched.is_whole,
    }


def log_to(target: str) -> None:
    """Append the lines to a file, or send them to stderr for `-`; the empty text sends them nowhere.

    The file is opened anew when it is moved away, as programs that rotate logs do. Raises SettingsError.
    """
    if not target:
        return
    try:
        handler = logging.StreamHandler() if target == "-" else WatchedFileHandler(target, encoding="utf-8")
    except OSError as err:
        raise SettingsError(f"setting access_log is {target!r}: {err}") from err
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
