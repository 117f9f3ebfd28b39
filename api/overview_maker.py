"""Has the overview that the explorer opens on made ahead, once a snapshot, by a process of its own: queries go on."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from api.worker import Job, QueryPool
from kg.errors import KgError
from kg.settings import Settings
from kg.store import current_snapshot

logger = logging.getLogger(__name__)

SETTLED_AFTER_S = 5.0
"""A snapshot that stays current for as long is worth an overview: uploads may publish one every second."""

TIMEOUT_S = 120.0
"""To make one of 50,000 entities takes 6 s on an idle core."""


class OverviewMaker:
    """One of a server; belongs to its event loop."""

    def __init__(self, settings: Settings) -> None:
        timeout_s = max(TIMEOUT_S, settings.query_timeout_s)
        self._settings = replace(settings, query_workers=1, query_timeout_s=timeout_s)
        self._making: dict[str, asyncio.Task[None]] = {}
        self._made = ""
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on, see to the overview of each snapshot that stays current for a while."""
        self._watch = asyncio.get_running_loop().create_task(self._make_ahead())

    async def get_ready(self, timeout_s: float) -> None:
        """Wait until there is an overview of the current snapshot. Raises StoreError, QueryError and TimeoutError.

        One that a server made before is found at once by the process that would make it.
        Those who ask at one time wait for one process; it goes on when one of them leaves.
        """
        snapshot = current_snapshot(Path(self._settings.store))
        if snapshot.name == self._made:
            return
        task = self._making.get(snapshot.name)
        if task is None:
            task = self._making[snapshot.name] = asyncio.get_running_loop().create_task(self._make())
            task.add_done_callback(lambda _: self._making.pop(snapshot.name, None))
        await asyncio.wait_for(asyncio.shield(task), timeout_s)

    async def close(self) -> None:
        """End what is still being made; no process is left when this returns."""
        tasks = [*self._making.values(), *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self) -> None:
        pool = QueryPool(self._settings)
        try:
            answer = await pool.answer(Job("prepare_overview", {}))
            async for _ in answer.chunks:
                pass
            self._made = answer.snapshot
        finally:
            await pool.close()

    async def _make_ahead(self) -> None:
        """A snapshot whose overview cannot be made, or kept, is not tried twice."""
        seen = tried = ""
        while True:
            await asyncio.sleep(SETTLED_AFTER_S)
            try:
                current = current_snapshot(Path(self._settings.store)).name
                if current == seen != tried:
                    tried = current
                    await self.get_ready(TIMEOUT_S)
                seen = current
            except (KgError, TimeoutError) as err:
                logger.warning("the overview is not made ahead: %s", err or type(err).__name__)
