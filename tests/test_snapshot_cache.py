"""Answers kept for a snapshot: who asked before a change of the graph is not let down by it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pyoxigraph as ox

from api.snapshot_cache import SnapshotCache
from api.worker import QueryPool
from kg.settings import Settings
from kg.store import write_store

TINY = Path(__file__).parent / "data" / "tiny.trig"


async def ask_around_a_change(store: Path) -> list[object]:
    pool = QueryPool(Settings(store=str(store), query_workers=1))
    await pool.start()
    try:
        cache = SnapshotCache(pool)
        first = asyncio.create_task(cache.get("size"))
        await asyncio.sleep(0)
        with write_store(store) as writer:
            writer.publish(list(ox.parse(path=TINY))[:5])
        return [*await asyncio.gather(first, cache.get("size"))]
    finally:
        await pool.close()


def test_get_across_a_change_answers_both(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.publish(ox.parse(path=TINY))
    assert asyncio.run(ask_around_a_change(tmp_path))[1] == 5
