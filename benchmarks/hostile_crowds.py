"""The hostile set, part 3: bodies without end, clients that are slow, and many clients at one time."""

from __future__ import annotations

import select
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from benchmarks.hostile_target import BASE, Reply, Target, ask, ask_query
from benchmarks.hostile_texts import CROSS_PRODUCT, FORM, GRAPH, QUERY, REFUSED, STOPPED, UPDATE, WHOLE, Kinds, Request

N_SLOW, N_UNREAD, N_CLIENTS = 50, 4, 200
BODY_BYTES = 100_000_000
CUT_OFF = "cut off"
MARGIN_S = 5.0
"""What a slow client may be cut off late, beyond a quarter of the server's setting."""

GONE = select.POLLHUP | select.POLLERR | select.POLLRDHUP
ROWS = "SELECT * { ?s ?p ?o } LIMIT 5000"


@dataclass(frozen=True, slots=True)
class Outcome:
    """answers: how many of each kind. seconds: of the slowest. problem: what is wrong; empty when all is well."""

    answers: Counter[str]
    seconds: float
    problem: str = ""


Case = Callable[[Target], Outcome]


def crowds() -> dict[str, Case]:
    """Every case by its name; those that need a token do nothing without one."""
    slow_head = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nX-Slow: "
    slow_body = (
        f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {QUERY}\r\nContent-Length: 900000\r\n\r\nASK".encode()
    )
    chunked = (
        f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {QUERY}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    return {
        **_bodies(),
        f"{N_SLOW} clients, a byte a second of headers": lambda target: send_slowly(target, slow_head, b"x"),
        f"{N_SLOW} clients, a byte a second of a body": lambda target: send_slowly(target, slow_body, b" "),
        f"{N_SLOW} clients, a chunk a second of a body": lambda target: send_slowly(target, chunked, b"1\r\n \r\n"),
        f"{N_SLOW} clients that send nothing": lambda target: send_slowly(target, b"", b""),
        f"{N_UNREAD} clients that read nothing": lambda target: read_slowly(target, 0),
        f"{N_UNREAD} clients that read 100 bytes a second": lambda target: read_slowly(target, 100),
        f"{N_CLIENTS} clients, half leave mid-stream": leave_midstream,
        f"{N_CLIENTS} DESCRIBE at once": lambda target: ask_at_once(
            target, f"DESCRIBE <{BASE}company/firm-0>", N_CLIENTS
        ),
        f"{N_CLIENTS} small queries at once": lambda target: ask_at_once(target, "ASK { ?s ?p ?o }", N_CLIENTS),
    }


def large_bodies() -> list[tuple[Request, bool]]:
    """Bodies that no limit lets pass, and whether each is sent in chunks, and so without its length."""
    refused = frozenset({REFUSED})
    places = (
        ("query", "POST", "/sparql", QUERY),
        ("form", "POST", "/sparql", FORM),
        ("update", "POST", "/sparql", UPDATE),
        ("document", "POST", "/documents", "text/plain"),
        ("graph", "PUT", GRAPH, "text/turtle"),
    )
    return [
        (Request(f"100 MB as a {name}", None, refused, method, path, {"Content-Type": kind}, needs_token), is_chunked)
        for name, method, path, kind in places
        for needs_token in ((False, True) if name in ("update", "document", "graph") else (False,))
        for is_chunked in (False, True)
    ]


def _bodies() -> dict[str, Case]:
    def case(request: Request, is_chunked: bool) -> Case:
        return lambda target: send_body(target, request, BODY_BYTES, is_chunked=is_chunked)

    return {
        f"{request.name}{', token' * request.needs_token}{', chunked' * is_chunked}": case(request, is_chunked)
        for request, is_chunked in large_bodies()
    }


def send_body(target: Target, request: Request, n_bytes: int, *, is_chunked: bool) -> Outcome:
    """Send a request with a body of so many bytes."""
    if request.needs_token and not target.token:
        return Outcome(Counter(), 0.0)
    sent = Request(request.name, bytes(n_bytes), request.kinds, request.method, request.path, request.headers)
    if request.needs_token:
        sent.headers["Authorization"] = f"Bearer {target.token}"
    reply = ask(target, sent, is_chunked=is_chunked)
    return _outcome([reply], request.kinds)


def send_slowly(target: Target, head: bytes, piece: bytes, n: int = N_SLOW) -> Outcome:
    """Open connections that send `head`, then `piece` every second; others ask meanwhile and must be answered."""
    slow = [_open(target, head) for _ in range(n)]
    try:
        return _watch(target, slow, frozenset({WHOLE}), lambda one: _send(one, piece))
    finally:
        _close(slow)


def read_slowly(target: Target, bytes_per_s: int, n: int = N_UNREAD) -> Outcome:
    """Ask for an answer without end and hardly read; while all workers write for those, others may get a 503."""
    slow = [_open(target, _get(CROSS_PRODUCT)) for _ in range(n)]
    try:
        return _watch(target, slow, frozenset({WHOLE, STOPPED}), lambda one: _receive(one, bytes_per_s))
    finally:
        _close(slow)


def leave_midstream(target: Target, n: int = N_CLIENTS) -> Outcome:
    """Half of the clients ask for an answer without end and leave at its first bytes, half for 5,000 rows."""

    def one(number: int) -> Reply:
        return _leave(target) if number % 2 else ask_query(target, ROWS)

    return _outcome(_at_once(one, n), frozenset({WHOLE, STOPPED, "left"}))


def ask_at_once(target: Target, text: str, n: int) -> Outcome:
    """The same query from many clients."""
    return _outcome(_at_once(lambda _: ask_query(target, text), n), frozenset({WHOLE, STOPPED}))


def _at_once(work: Callable[[int], Reply], n: int) -> list[Reply]:
    with ThreadPoolExecutor(n) as threads:
        return list(threads.map(work, range(n)))


def _leave(target: Target) -> Reply:
    start = time.perf_counter()
    client = _open(target, _get(CROSS_PRODUCT))
    client.settimeout(target.patience_s)
    n_bytes = len(client.recv(10_000))
    client.close()
    return Reply("left", 0, time.perf_counter() - start, n_bytes, b"")


def _outcome(replies: Sequence[Reply], kinds: Kinds) -> Outcome:
    answers = Counter(reply.kind for reply in replies)
    wrong = sorted(answers.keys() - kinds)
    return Outcome(answers, max(reply.seconds for reply in replies), f"unexpected: {', '.join(wrong)}" if wrong else "")


def _watch(
    target: Target, slow: Sequence[socket.socket], kinds: Kinds, step: Callable[[socket.socket], None]
) -> Outcome:
    """Do a step with each every second until the server has cut off all, and ask small queries all the while."""
    poll = select.poll()
    for client in slow:
        poll.register(client, GONE)
    replies, gone, start, last = [], set[int](), time.monotonic(), 0.0
    end = start + target.deadline_s + 1.25 * target.client_timeout_s + MARGIN_S
    while len(gone) < len(slow) and time.monotonic() < end:
        if time.monotonic() - last >= 1:
            last = time.monotonic()
            for client in slow:
                step(client)
        replies.append(ask_query(target, "ASK { ?s ?p ?o }"))
        gone |= {number for number, event in poll.poll(100) if event & GONE}
    found = _outcome(replies, kinds)
    found.answers[CUT_OFF] = len(gone)
    left = f"{len(slow) - len(gone)} slow clients not cut off" if len(gone) < len(slow) else ""
    return Outcome(found.answers, found.seconds, "; ".join(filter(None, (found.problem, left))))


def _open(target: Target, head: bytes) -> socket.socket:
    parts = urlsplit(target.address)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.settimeout(target.patience_s)
    client.connect((parts.hostname, parts.port or 80))
    client.sendall(head)
    client.setblocking(False)
    return client


def _get(text: str) -> bytes:
    return f"GET /sparql?query={quote(text)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def _send(client: socket.socket, piece: bytes) -> None:
    try:
        client.send(piece)
    except OSError:
        return  # it has been cut off, which the poll sees


def _receive(client: socket.socket, n_bytes: int) -> None:
    try:
        client.recv(n_bytes)
    except OSError:
        return


def _close(clients: Sequence[socket.socket]) -> None:
    for client in clients:
        client.close()
