"""Worker processes: warm, killed at the deadline, replaced, and gone when the pool is closed."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
import pytest

from api.worker import Job, QueryPool
from kg.errors import QueryRefused, QuerySyntaxError, QueryTimeout, ResultTooLarge, StoreError
from kg.settings import Settings
from kg.store import write_store

SORTED_CROSS_PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?c ?f ?i ?l"
CROSS_PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
T = TypeVar("T")


def publish(folder: Path, n_quads: int) -> Settings:
    """A store of so many quads, and settings for it."""
    quads = [ox.Quad(ox.NamedNode(f"e:{n}"), ox.NamedNode("e:p"), ox.Literal(str(n))) for n in range(n_quads)]
    with write_store(folder) as writer:
        writer.publish(quads)
    return Settings(store=str(folder), query_workers=1, query_timeout_s=20)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return publish(tmp_path / "store", 200)


def with_pool(settings: Settings, work: Callable[[QueryPool], Awaitable[T]]) -> T:
    """What `work` gives, on a pool that is open while it runs."""

    async def run() -> T:
        pool = QueryPool(settings)
        await pool.start()
        try:
            return await work(pool)
        finally:
            await pool.close()

    return asyncio.run(run())


def query(text: str) -> Job:
    return Job("query", {"query": text, "accept": None, "default_graphs": [], "named_graphs": []})


async def answer(pool: QueryPool, text: str) -> Any:
    found = await pool.answer(query(text))
    return json.loads(b"".join([chunk async for chunk in found.chunks]))


async def count(pool: QueryPool) -> str:
    rows = (await answer(pool, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))["results"]["bindings"]
    return str(rows[0]["n"]["value"])


def processes(pool: QueryPool) -> set[int]:
    return {worker._process.pid for worker in [*pool._idle, *pool._busy]}


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_answer_query_comes_with_its_media_type(settings: Settings) -> None:
    async def work(pool: QueryPool) -> str:
        found = await pool.answer(query("ASK {}"))
        await found.chunks.aclose()
        return found.media_type

    assert with_pool(settings, work) == "application/sparql-results+json"


def test_answer_many_at_once_share_warm_workers(settings: Settings) -> None:
    async def work(pool: QueryPool) -> tuple[set[int], list[str], set[int]]:
        before = processes(pool)
        counts = await asyncio.gather(*(count(pool) for _ in range(64)))
        return before, counts, processes(pool)

    before, counts, after = with_pool(replace(settings, query_workers=2), work)
    assert counts == ["200"] * 64
    assert before == after


def test_answer_sorting_past_the_deadline_is_killed_in_time(settings: Settings) -> None:
    async def work(pool: QueryPool) -> tuple[float, str]:
        start = time.monotonic()
        with pytest.raises(QueryTimeout, match="deadline"):
            await answer(pool, SORTED_CROSS_PRODUCT)
        return time.monotonic() - start, await count(pool)

    seconds, then = with_pool(replace(settings, query_timeout_s=1), work)
    assert 1 <= seconds < 2
    assert then == "200"


def test_answer_streaming_past_the_deadline_ends_in_an_error(settings: Settings) -> None:
    async def work(pool: QueryPool) -> int:
        found = await pool.answer(query(CROSS_PRODUCT))
        first = await anext(found.chunks)
        with pytest.raises(QueryTimeout):
            [chunk async for chunk in found.chunks]
        return len(first)

    assert with_pool(replace(settings, query_timeout_s=1), work) > 0


def test_answer_busy_workers_time_out_waiting_requests(settings: Settings) -> None:
    async def work(pool: QueryPool) -> list[Any]:
        return await asyncio.gather(*(answer(pool, SORTED_CROSS_PRODUCT) for _ in range(2)), return_exceptions=True)

    messages = [str(error) for error in with_pool(replace(settings, query_timeout_s=1), work)]
    assert sum("busy" in message for message in messages) == 1


def test_answer_killed_worker_costs_one_request(settings: Settings) -> None:
    async def work(pool: QueryPool) -> str:
        task = asyncio.create_task(answer(pool, SORTED_CROSS_PRODUCT))
        await asyncio.sleep(0.5)
        os.kill(processes(pool).pop(), 9)
        with pytest.raises(StoreError, match="ended the process"):
            await task
        return await count(pool)

    assert with_pool(settings, work) == "200"


def test_answer_too_much_memory_costs_one_request(settings: Settings) -> None:
    async def work(pool: QueryPool) -> str:
        with pytest.raises(StoreError, match="memory"):
            await answer(pool, SORTED_CROSS_PRODUCT)
        return await count(pool)

    assert with_pool(replace(settings, query_memory_bytes=100_000_000), work) == "200"


def test_answer_given_up_by_its_reader_frees_the_worker(settings: Settings) -> None:
    async def work(pool: QueryPool) -> str:
        found = await pool.answer(query(CROSS_PRODUCT))
        await anext(found.chunks)
        await found.chunks.aclose()
        return await count(pool)

    assert with_pool(settings, work) == "200"


@pytest.mark.parametrize(
    ("text", "error"),
    [("ASK {", QuerySyntaxError), ("CLEAR ALL", QueryRefused), ("ASK " + "{" * 2_500 + "}" * 2_500, QueryRefused)],
)
def test_answer_refused_query_keeps_its_worker(settings: Settings, text: str, error: type[Exception]) -> None:
    async def work(pool: QueryPool) -> tuple[set[int], set[int]]:
        before = processes(pool)
        with pytest.raises(error):
            await answer(pool, text)
        return before, processes(pool)

    before, after = with_pool(settings, work)
    assert before == after


def test_answer_syntax_error_keeps_line_and_column(settings: Settings) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        with_pool(settings, lambda pool: answer(pool, "ASK\n{ ?s }"))
    assert caught.value.line == 2


def test_answer_larger_than_the_limit_is_refused(settings: Settings) -> None:
    with pytest.raises(ResultTooLarge):
        with_pool(replace(settings, max_result_bytes=1_000), lambda pool: answer(pool, "SELECT * { ?s ?p ?o }"))


def test_answer_snapshot_published_meanwhile_is_served_next(settings: Settings) -> None:
    async def work(pool: QueryPool) -> tuple[str, str]:
        before = await count(pool)
        publish(Path(settings.store), 7)
        return before, await count(pool)

    assert with_pool(settings, work) == ("200", "7")


def test_close_leaves_no_process(settings: Settings) -> None:
    async def work(pool: QueryPool) -> set[int]:
        task = asyncio.create_task(answer(pool, SORTED_CROSS_PRODUCT))
        await asyncio.sleep(0.3)
        found = processes(pool)
        await pool.close()
        with pytest.raises(StoreError):
            await task
        return found

    assert not any(is_running(pid) for pid in with_pool(replace(settings, query_workers=2), work))


def test_start_folder_without_snapshot_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        with_pool(Settings(store=str(tmp_path)), count)


def test_worker_has_no_way_to_the_network_where_the_system_allows(settings: Settings) -> None:
    async def work(pool: QueryPool) -> tuple[bool, str, str]:
        await count(pool)
        network = str(Path(f"/proc/{processes(pool).pop()}/ns/net").readlink())
        return bool(pool.state["workers_offline"]), network, str(Path("/proc/self/ns/net").readlink())

    is_offline, theirs, ours = with_pool(settings, work)
    assert is_offline == (theirs != ours)
