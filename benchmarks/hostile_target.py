"""The hostile set, part 2: a server to send it to, what it answers, what memory it has, and a trap for its calls."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox

from benchmarks.hostile_texts import CALLED, CUT, QUERY, REFUSED, STOPPED, WHOLE, Request
from kg.store import write_store

HOST = "127.0.0.1"
PIECE = 1_000_000
START_S = 60.0
SETTLE_S = 20.0
"""A server has so long to replace the workers that it has killed and to be as large as before."""

KG = "https://w3id.org/tracegraph/ontology#"
BASE = "https://w3id.org/tracegraph/id/"
_NUMBERS = count()
FACTS_OF_A_COMPANY, COMPANIES_OF_A_DOCUMENT = 12, 10


@dataclass(frozen=True, slots=True)
class Target:
    """A server. client_timeout_s: its setting. pid: of its process, where that is ours to look at."""

    address: str
    token: str = ""
    deadline_s: float = 30.0
    client_timeout_s: float = 20.0
    pid: int | None = None

    def connect(self, timeout_s: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.address)
        return http.client.HTTPConnection(parts.hostname or HOST, parts.port or 80, timeout=timeout_s)

    @property
    def patience_s(self) -> float:
        """When a client of ours gives up: far beyond any limit of the server."""
        return 60 + 4 * (self.deadline_s + self.client_timeout_s)


@dataclass(frozen=True, slots=True)
class Reply:
    """kind: one of those of `hostile_texts`, or the status or error that none of them is."""

    kind: str
    status: int
    seconds: float
    n_bytes: int
    body: bytes


def ask(target: Target, request: Request, *, called: str = "", is_chunked: bool = False) -> Reply:
    """Send a request and read the answer to its end; its first 1,000 bytes are kept. called: stands for CALLED."""
    body = request.body if request.body is None else request.body.replace(CALLED.encode(), called.encode())
    headers = dict(request.headers)
    if request.needs_token:
        headers["Authorization"] = f"Bearer {target.token}"
    start = time.perf_counter()
    connection = target.connect(target.patience_s)
    try:
        status, n_bytes, kept, is_whole = _exchange(connection, request, headers, body, is_chunked)
    except (OSError, http.client.HTTPException) as err:
        return Reply(type(err).__name__, 0, time.perf_counter() - start, 0, b"")
    finally:
        connection.close()
    return Reply(_kind(status, is_whole), status, time.perf_counter() - start, n_bytes, kept)


def ask_query(target: Target, text: str) -> Reply:
    """The reply to a query, whose text differs each time by a comment: no answer may come from a cache."""
    asked = f"{text} # {next(_NUMBERS)}"
    return ask(target, Request(text, asked.encode(), frozenset(), headers={"Content-Type": QUERY}))


def _exchange(
    connection: http.client.HTTPConnection,
    request: Request,
    headers: Mapping[str, str],
    body: bytes | None,
    chunked: bool,
) -> tuple[int, int, bytes, bool]:
    path = request.path.replace(CALLED, "127.0.0.1")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has read all
        if chunked and body is not None:
            pieces = (body[at : at + PIECE] for at in range(0, len(body), PIECE))
            named = {**headers, "Transfer-Encoding": "chunked"}
            connection.request(request.method, path, pieces, named, encode_chunked=True)
        else:
            connection.request(request.method, path, body, dict(headers))
    response = connection.getresponse()
    n_bytes, kept = 0, b""
    try:
        while piece := response.read(PIECE):
            n_bytes += len(piece)
            kept = kept or piece[:1_000]
    except (OSError, http.client.HTTPException):
        return response.status, n_bytes, kept, False
    return response.status, n_bytes, kept, True


def _kind(status: int, is_whole: bool) -> str:
    if not is_whole:
        return CUT if status < 300 else f"{status} {CUT}"
    if status == 503:
        return STOPPED
    return WHOLE if status < 300 else REFUSED if 400 <= status < 500 else str(status)


def health(target: Target) -> dict[str, object]:
    """What /health says; empty when it does not answer with 200."""
    reply = ask(target, Request("health", None, frozenset(), "GET", "/health"))
    return dict(json.loads(reply.body)) if reply.status == 200 else {}


def is_well(target: Target) -> bool:
    """Whether the server answers, with its workers at rest and none too many, or gets there in time.

    After a write a worker is started when it is needed, so there may be fewer of them.
    """
    end = time.monotonic() + SETTLE_S
    while time.monotonic() < end:
        state = health(target)
        is_at_rest = bool(state) and state["busy"] == 0
        if is_at_rest and ask_query(target, "ASK { ?s ?p ?o }").kind == WHOLE:
            return target.pid is None or len(processes(target.pid)) <= 1 + int(str(state["workers"]))
        time.sleep(0.1)
    return False


def processes(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                found += processes(int(child))
    return found


def memory(pid: int) -> int:
    """Bytes of a process and all below it; what they share counts once."""
    total = 0
    for one in processes(pid):
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
            total += sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


class MemoryPeak:
    """The most memory of a process and all below it, looked at every 0.2 s. grown: what the process alone grew by."""

    def __init__(self, pid: int) -> None:
        self._pid, self._end = pid, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._before = _resident(pid)
        self.all = self.grown = 0

    def __enter__(self) -> MemoryPeak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.2):
            self.all = max(self.all, memory(self._pid))
            self.grown = max(self.grown, _resident(self._pid) - self._before)


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


class Trap:
    """A listener on loopback that must see no connection. `address`: its host and port."""

    def __init__(self) -> None:
        self._socket = socket.create_server((HOST, 0))
        self._socket.settimeout(0.1)
        self.address = f"{HOST}:{self._socket.getsockname()[1]}"

    def n_connections(self) -> int:
        """Connections since the last call."""
        n = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except TimeoutError:
                return n
            n += 1

    def close(self) -> None:
        self._socket.close()


@contextlib.contextmanager
def serving(store: Path, token: str = "", **settings: object) -> Iterator[Target]:
    """`kg serve` on a free port of loopback, as a process of its own; its messages go to the file `serve.log`."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    given = {f"KG_{name.upper()}": str(value) for name, value in {"token": token, **settings}.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    with (store.parent / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "kg.cli", "serve", "--store", str(store), "--port", str(port)],
            env=kept | given,
            stdout=log,
            stderr=log,
        )
        limits = {name: float(str(settings[name])) for name in ("client_timeout_s",) if name in settings}
        deadline_s = float(str(settings.get("query_timeout_s", 30)))
        target = Target(f"http://{HOST}:{port}", token, deadline_s, **limits, pid=process.pid)
        try:
            _wait_for(target, process, store.parent / "serve.log")
            yield target
        finally:
            process.terminate()
            try:
                process.wait(SETTLE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(target: Target, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while not health(target):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(
                f"kg serve does not answer: {log.read_text(encoding='utf-8', errors='replace')[-2_000:]}"
            )
        time.sleep(0.1)


def make_store(folder: Path, n_triples: int) -> Path:
    """A store of at least so many triples: made companies, each with claims, in documents of ten; gives its folder."""
    n_companies = -(-n_triples // FACTS_OF_A_COMPANY)
    with write_store(folder / "store") as writer:
        writer.publish(quad for number in range(n_companies) for quad in _company(number, n_companies))
    return folder / "store"


def _company(number: int, n: int) -> list[ox.Quad]:
    """Two claims about a company in the graph of its document; every company supplies company 0 too."""
    company = _node("company", number)
    graph = ox.NamedNode(f"{BASE}graph/{number // COMPANIES_OF_A_DOCUMENT}.txt")
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    kind, supplies = ox.NamedNode(f"{rdf}type"), ox.NamedNode(f"{KG}suppliesTo")
    quads = [
        ox.Quad(company, kind, ox.NamedNode(f"{KG}Company")),
        ox.Quad(company, label, ox.Literal(f"Firm {number}")),
    ]
    for to in (_node("company", (number * 7 + 1) % n), _node("company", 0)):
        claim = ox.NamedNode(f"{BASE}claim/{number}-{to.value.rpartition('/')[2]}")
        quads.append(ox.Quad(company, supplies, to))
        quads += [
            ox.Quad(claim, predicate, value, graph)
            for predicate, value in (
                (kind, ox.NamedNode(f"{KG}Claim")),
                (ox.NamedNode(f"{rdf}subject"), company),
                (ox.NamedNode(f"{rdf}predicate"), supplies),
                (ox.NamedNode(f"{rdf}object"), to),
            )
        ]
    return quads


def _node(kind: str, number: int) -> ox.NamedNode:
    return ox.NamedNode(f"{BASE}{kind}/firm-{number}")
