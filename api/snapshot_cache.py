"""Answers that hold for a whole snapshot, each asked of a worker once: its size, and the counts that describe it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from api.worker import Job, QueryPool


class SnapshotCache:
    """What jobs without arguments answer about the current snapshot; those about an older one are forgotten.

    Who asked before a change still gets what they wait for.
    """

    def __init__(self, pool: QueryPool) -> None:
        self._pool = pool
        self._snapshot = ""
        self._found: dict[str, asyncio.Task[Any]] = {}
        self._running: set[asyncio.Task[Any]] = set()

    async def get(self, kind: str, timeout_s: float | None = None) -> Any:
        """The answer of the job of that name, read from JSON. Raises what the job raises, and TimeoutError.

        Several who ask at one time wait for one job; it goes on when one of them leaves, and a failed one is forgotten.
        """
        if (current := self._pool.state["snapshot"]) != self._snapshot:
            self._found.clear()
            self._snapshot = current
        task = self._found.get(kind)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._found[kind] = asyncio.create_task(self._ask(kind))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await asyncio.wait_for(asyncio.shield(task), timeout_s)

    def close(self) -> None:
        """End what is still being asked."""
        for task in self._running:
            task.cancel()
        self._found.clear()

    async def _ask(self, kind: str) -> Any:
        answer = await self._pool.answer(Job(kind, {}))
        return json.loads(b"".join([chunk async for chunk in answer.chunks]))
