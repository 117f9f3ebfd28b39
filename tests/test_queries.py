"""Queries by the shortest way: small answers are kept as long as the graph is the same, counts come from a tally."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
from fastapi import Request

from api.protocol import QueryRequest
from api.queries import ENTRY_BYTES, AnswerCache, Question, answer_query
from api.snapshot_cache import SnapshotCache
from api.worker import Answer, QueryPool
from kg.settings import Settings
from kg.store import write_store
from tests.test_api import TINY, serving

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
LABELS = "SELECT ?l { ?s rdfs:label ?l } ORDER BY ?l"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with write_store(tmp_path / "store") as writer:
        writer.publish(ox.parse(path=TINY))
    return tmp_path / "store"


@pytest.fixture
def client(store: Path) -> Iterator[httpx.Client]:
    with serving(Settings(store=str(store))) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def ask(client: httpx.Client, text: str, accept: str = "text/csv") -> httpx.Response:
    return client.get("/sparql", params={"query": text}, headers={"Accept": accept})


def question(text: str) -> Question:
    return Question(QueryRequest(text), None)


def found(body: bytes, snapshot: str = "one") -> Answer:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield body

    return Answer("text/csv", chunks(), snapshot, body)


def test_keep_answer_is_given_for_the_same_snapshot_alone() -> None:
    cache = AnswerCache(10_000)
    cache.keep(question("ASK {}"), answer := found(b"true"))
    assert cache.get("one", question("ASK {}")) is answer
    assert cache.get("two", question("ASK {}")) is None
    assert cache.get("one", question("ASK { }")) is None


def test_keep_answer_of_a_new_snapshot_drops_those_of_the_old() -> None:
    cache = AnswerCache(10_000)
    cache.keep(question("ASK {}"), found(b"true"))
    cache.keep(question("ASK { }"), found(b"true", "two"))
    assert cache.get("one", question("ASK {}")) is None
    assert cache.get("two", question("ASK { }")) is not None


def test_keep_too_much_gives_up_what_was_asked_longest_ago() -> None:
    cache = AnswerCache(3 * ENTRY_BYTES)
    texts = [f"ASK {{ {number} }}" for number in range(4)]
    for text in texts[:2]:
        cache.keep(question(text), found(b"true"))
    cache.get("one", question(texts[0]))
    cache.keep(question(texts[2]), found(b"true"))
    assert [cache.get("one", question(text)) is not None for text in texts] == [True, False, True, False]


def test_keep_no_bytes_keeps_nothing() -> None:
    cache = AnswerCache(0)
    cache.keep(question("ASK {}"), found(b"true"))
    assert cache.get("one", question("ASK {}")) is None


@pytest.mark.parametrize(
    "text", ["SELECT (RAND() AS ?x) {}", "SELECT (Now() AS ?x) {}", "ASK { FILTER(\\u0052AND() < 1) }"]
)
def test_keep_query_of_time_or_chance_is_run_each_time(text: str) -> None:
    cache = AnswerCache(10_000)
    cache.keep(question(text), found(b"0.5"))
    assert cache.get("one", question(text)) is None


def test_ask_again_gives_the_same_bytes_in_each_format(client: httpx.Client) -> None:
    first = [ask(client, LABELS, accept) for accept in ("text/csv", "application/sparql-results+json")]
    again = [ask(client, LABELS, accept) for accept in ("text/csv", "application/sparql-results+json")]
    assert [one.content for one in first] == [one.content for one in again]
    assert first[0].headers["content-type"] == again[0].headers["content-type"] == "text/csv; charset=utf-8"
    assert first[0].content != first[1].content


def test_ask_again_after_a_build_sees_the_new_graph(client: httpx.Client, store: Path) -> None:
    before = ask(client, COUNT).text
    assert ask(client, COUNT).text == before
    with write_store(store) as writer:
        writer.publish(list(ox.parse(path=TINY))[:5])
    assert ask(client, COUNT).text.split() == ["n", "5"]


def test_ask_count_is_the_number_of_statements(client: httpx.Client) -> None:
    n = len(list(ox.parse(path=TINY)))
    assert ask(client, COUNT).text.split() == ["n", str(n)]
    assert ask(client, f"{COUNT} # run").text.split() == ["n", str(n)]


def test_ask_count_of_one_graph_is_not_that_of_all(client: httpx.Client) -> None:
    graph = {"query": COUNT, "default-graph-uri": "https://w3id.org/tracegraph/id/graph/c.txt"}
    answer = client.get("/sparql", params=graph, headers={"Accept": "text/csv"})
    assert 0 < int(answer.text.split()[1]) < int(ask(client, COUNT).text.split()[1])


def test_head_of_a_query_has_its_headers_and_no_body(client: httpx.Client) -> None:
    answer = client.head("/sparql", params={"query": LABELS})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/sparql-results+json"


def test_ask_many_at_once_while_the_graph_changes_is_answered_from_one_graph_or_the_other(
    client: httpx.Client, store: Path
) -> None:
    n = len(list(ox.parse(path=TINY)))

    async def crowd() -> set[str]:
        async with httpx.AsyncClient(base_url=client.base_url, timeout=30) as many:
            asked = [many.get("/sparql", params={"query": COUNT}, headers={"Accept": "text/csv"}) for _ in range(40)]
            publish = asyncio.to_thread(_publish_five, store)
            answers, _ = await asyncio.gather(asyncio.gather(*asked), publish)
            return {answer.text.split()[1] for answer in answers}

    assert asyncio.run(crowd()) <= {str(n), "5"}
    assert ask(client, COUNT).text.split()[1] == "5"


def _publish_five(store: Path) -> None:
    with write_store(store) as writer:
        writer.publish(list(ox.parse(path=TINY))[:5])


class ChangedMeanwhile(SnapshotCache):
    """Between the tally that it gives and whoever asked, somebody publishes a graph."""

    def __init__(self, pool: QueryPool, publish: Callable[[], None]) -> None:
        super().__init__(pool)
        self._publish = publish

    async def get(self, kind: str, timeout_s: float | None = None) -> Any:
        found = await super().get(kind, timeout_s)
        self._publish()
        return found


def test_count_of_a_graph_that_changes_meanwhile_is_of_the_new_one(store: Path) -> None:
    n_before = len(list(ox.parse(path=TINY)))

    def publish() -> None:
        with write_store(store) as writer:
            writer.publish([ox.Quad(ox.NamedNode("e:a"), ox.NamedNode("e:p"), ox.Literal("1")), *ox.parse(path=TINY)])

    async def count() -> bytes:
        settings = Settings(store=str(store))
        pool = QueryPool(settings)
        await pool.start()
        cache = ChangedMeanwhile(pool, publish)
        state = SimpleNamespace(settings=settings, pool=pool, answers=AnswerCache(10_000), cache=cache)
        scope = {"type": "http", "headers": [(b"accept", b"text/csv")], "app": SimpleNamespace(state=state)}
        try:
            return bytes((await answer_query(Request(scope), QueryRequest(COUNT))).body)
        finally:
            cache.close()
            await pool.close()

    assert asyncio.run(count()).split() == [b"n", str(n_before + 1).encode()]
