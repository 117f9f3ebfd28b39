"""The hostile set of benchmarks/hostile.py, against a server with short limits: it answers, lives, and stays small."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.answering import CHUNK_BYTES, END, HEADER, Output
from benchmarks import hostile_crowds as crowd
from benchmarks.hostile_target import (
    BASE,
    MemoryPeak,
    Reply,
    Target,
    Trap,
    ask,
    ask_query,
    health,
    is_well,
    make_store,
    memory,
    serving,
)
from benchmarks.hostile_texts import CROSS_PRODUCT, CUT, QUERY, STOPPED, UPDATE, WHOLE, Request, requests

DEADLINE_S, CLIENT_TIMEOUT_S = 1.0, 1.0
LATE_S = 10.0
"""Far more than the second that an idle machine needs: a deadline that is not kept takes minutes."""

N_AT_ONCE = 4
MAX_RESULT_BYTES, MAX_BODY_BYTES = 20_000_000, 1_000_000
MAX_GROWTH_BYTES = 100_000_000
SET = requests()
SLOW_HEAD = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nX-Slow: "
SLOW_BODY = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {QUERY}\r\nContent-Length: 900000\r\n\r\nA".encode()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("hostile"), 3_000)


@pytest.fixture(scope="module")
def target(store: Path) -> Iterator[Target]:
    limits = {"max_result_bytes": MAX_RESULT_BYTES, "query_memory_bytes": 1_000_000_000}
    bodies = {"max_write_bytes": MAX_BODY_BYTES, "max_document_bytes": MAX_BODY_BYTES}
    times = {"query_timeout_s": DEADLINE_S, "client_timeout_s": CLIENT_TIMEOUT_S}
    with serving(store, "a token", query_workers=N_AT_ONCE, **times, **limits, **bodies) as target:
        yield target


@pytest.fixture(scope="module")
def replies(target: Target) -> Iterator[dict[str, Reply]]:
    """The reply to each of the set: those that may take up to the deadline side by side, the rest one by one."""
    trap = Trap()
    slow = [request for request in SET if STOPPED in request.kinds and not request.needs_token]
    assert is_well(target)
    with ThreadPoolExecutor(N_AT_ONCE - 1) as threads:  # a worker that was killed takes a moment to come back
        found = list(threads.map(lambda request: ask(target, request, called=trap.address), slow))
    given = {request.name: reply for request, reply in zip(slow, found, strict=True)}
    given |= {request.name: ask(target, request, called=trap.address) for request in SET if request not in slow}
    given["calls"] = Reply(str(trap.n_connections()), 0, 0.0, 0, b"")
    trap.close()
    yield given
    assert is_well(target)


@pytest.mark.parametrize("request_sent", SET, ids=lambda request: request.name)
def test_hostile_request_is_answered_in_time_and_never_by_a_failure(
    replies: dict[str, Reply], request_sent: Request
) -> None:
    reply = replies[request_sent.name]
    assert reply.kind in request_sent.kinds, reply
    assert reply.seconds < DEADLINE_S + LATE_S


def test_hostile_requests_make_the_server_call_nobody(replies: dict[str, Reply]) -> None:
    assert replies["calls"].kind == "0"


@pytest.mark.parametrize(("request_sent", "is_chunked"), crowd.large_bodies())
def test_body_without_end_is_refused(target: Target, request_sent: Request, is_chunked: bool) -> None:
    outcome = crowd.send_body(target, request_sent, 8 * MAX_BODY_BYTES, is_chunked=is_chunked)
    assert outcome.problem == ""


@pytest.mark.parametrize(
    ("head", "piece"), [(SLOW_HEAD, b"x"), (SLOW_BODY, b" "), (b"", b"")], ids=["headers", "body", "silence"]
)
def test_slow_clients_are_cut_off_and_others_served(target: Target, head: bytes, piece: bytes) -> None:
    outcome = crowd.send_slowly(target, head, piece, n=20)
    assert outcome.problem == ""
    assert outcome.answers[WHOLE] > 0


def test_slow_request_is_answered_408(target: Target) -> None:
    with _connected(target) as client:
        client.sendall(SLOW_HEAD)
        assert client.recv(10_000).startswith(b"HTTP/1.1 408 ")


def test_request_that_takes_its_time_within_the_limit_is_answered(target: Target) -> None:
    with _connected(target) as client:
        client.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ")
        time.sleep(CLIENT_TIMEOUT_S / 4)
        client.sendall(f"{QUERY}\r\nContent-Length: 6\r\n\r\nASK".encode())
        time.sleep(CLIENT_TIMEOUT_S / 4)
        client.sendall(b" {}")
        assert client.recv(10_000).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("bytes_per_s", [0, 100])
def test_clients_that_do_not_read_are_cut_off_and_keep_no_worker(target: Target, bytes_per_s: int) -> None:
    outcome = crowd.read_slowly(target, bytes_per_s, n=N_AT_ONCE + 1)
    assert outcome.problem == ""
    assert is_well(target)


def test_clients_that_leave_midstream_keep_no_worker(target: Target) -> None:
    outcome = crowd.leave_midstream(target, n=40)
    assert outcome.problem == ""
    assert is_well(target)


def test_clients_at_once_are_all_answered(target: Target) -> None:
    outcome = crowd.ask_at_once(target, f"DESCRIBE <{BASE}company/firm-0>", 100)
    assert outcome.problem == ""
    assert outcome.seconds < DEADLINE_S + LATE_S


def test_client_that_leaves_amid_its_request_is_no_failure_of_the_server(target: Target, store: Path) -> None:
    with _connected(target) as client:
        client.sendall(SLOW_BODY)
    assert is_well(target)
    assert "Traceback" not in (store.parent / "serve.log").read_text(encoding="utf-8", errors="replace")


def test_answer_over_the_limit_is_cut_so_that_no_client_takes_it_for_whole(store: Path) -> None:
    with serving(store, max_result_bytes=MAX_RESULT_BYTES) as target, MemoryPeak(target.pid or 0) as peak:
        reply = ask_query(target, CROSS_PRODUCT)
        assert reply.kind == CUT
        assert reply.n_bytes <= MAX_RESULT_BYTES
    assert peak.grown < MAX_GROWTH_BYTES


def test_memory_of_hungry_queries_is_given_back(target: Target) -> None:
    assert is_well(target)
    before = memory(target.pid or 0)
    values = f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {'1 ' * 200_000}}} }}"
    with ThreadPoolExecutor(N_AT_ONCE) as threads:
        list(threads.map(lambda text: ask_query(target, text), [values] * N_AT_ONCE))
    assert is_well(target)
    assert memory(target.pid or 0) < before + MAX_GROWTH_BYTES


def test_connections_beyond_the_limit_get_503_until_others_are_gone(store: Path) -> None:
    with serving(store, max_connections=5) as target:
        held = [_connected(target) for _ in range(5)]
        assert ask_query(target, "ASK {}").kind == STOPPED
        for client in held:
            client.close()
        assert is_well(target)


def test_writes_at_once_are_done_or_told_to_wait(target: Target) -> None:
    sent = Request(
        "write", b"INSERT DATA { <e:a> <e:b> 1 }", frozenset(), headers={"Content-Type": UPDATE}, needs_token=True
    )
    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(lambda _: ask(target, sent), range(20)))
    assert {reply.kind for reply in found} <= {WHOLE, STOPPED}
    assert max(reply.seconds for reply in found) < DEADLINE_S + LATE_S
    assert health(target)["status"] == "ok"


def test_output_sends_no_frame_larger_than_a_chunk() -> None:
    pipe = io.BytesIO()
    output = Output(pipe)
    output.write(b"x" * (5 * CHUNK_BYTES + 1))
    output.finish(END)
    pipe.seek(0)
    lengths = []
    while header := pipe.read(HEADER.size):
        lengths.append(HEADER.unpack(header)[1])
        pipe.seek(lengths[-1], io.SEEK_CUR)
    assert max(lengths) == CHUNK_BYTES
    assert sum(lengths[1:]) == 5 * CHUNK_BYTES + 1


def _connected(target: Target) -> socket.socket:
    parts = urlsplit(target.address)
    return socket.create_connection((parts.hostname, parts.port), timeout=LATE_S)
