"""`kg serve` as a process of its own: how it starts, how it is told to stop, and the files that show how to run it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from kg.store import write_store
from tests.test_api import CROSS_PRODUCT

DEPLOY = Path(__file__).parent.parent / "deploy"
PATIENCE_S = 60
N_ROWS = 200_000


@dataclass(frozen=True)
class Running:
    """A server, and the processes that it has started."""

    process: subprocess.Popen[str]
    address: str

    @property
    def workers(self) -> set[int]:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return {int(child) for child in children.split()}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    quads = [ox.Quad(ox.NamedNode(f"e:{n}"), ox.NamedNode("e:p"), ox.Literal(str(n))) for n in range(200)]
    with write_store(tmp_path / "store") as writer:
        writer.publish(quads)
    return tmp_path / "store"


@contextmanager
def running(store: Path, *options: str, **settings: str) -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "kg.cli", "serve", "--store", str(store), "--port", str(port), *options],
        env={**os.environ, **{f"KG_{name.upper()}": value for name, value in settings.items()}},
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Running(process, f"http://127.0.0.1:{port}")
    try:
        wait_until_it_answers(server)
        yield server
    finally:
        process.kill()
        process.communicate()


def wait_until_it_answers(server: Running) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        assert server.process.poll() is None
        try:
            httpx.get(f"{server.address}/health")
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server does not answer")


def is_gone(pid: int) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.02)
    return False


def test_serve_starts_as_many_workers_as_asked(store: Path) -> None:
    with running(store, "--workers", "3") as server:
        assert httpx.get(f"{server.address}/health").json()["workers"] == 3
        assert len(server.workers) == 3


def test_serve_writes_the_access_log_that_is_asked_for(store: Path, tmp_path: Path) -> None:
    with running(store, "--access-log", str(tmp_path / "access.log")) as server:
        httpx.get(f"{server.address}/sparql", params={"query": "ASK {}"})
        written = (tmp_path / "access.log").read_text(encoding="utf-8").splitlines()
    assert json.loads(written[-1])["path"] == "/sparql"


def test_stop_lets_an_answer_under_way_end_whole(store: Path) -> None:
    query = f"{CROSS_PRODUCT} LIMIT {N_ROWS}"
    with running(store, shutdown_timeout_s=str(PATIENCE_S)) as server:
        workers = server.workers
        with httpx.stream("GET", f"{server.address}/sparql", params={"query": query}, timeout=PATIENCE_S) as response:
            chunks = response.iter_bytes()
            body = bytearray(next(chunks))
            server.process.send_signal(signal.SIGTERM)
            for chunk in chunks:
                body += chunk
        assert len(json.loads(body)["results"]["bindings"]) == N_ROWS
        assert server.process.wait(PATIENCE_S) in (0, -signal.SIGTERM)
        assert all(is_gone(pid) for pid in workers)


def test_stop_breaks_off_an_answer_that_takes_longer_than_the_limit(store: Path) -> None:
    with running(store, shutdown_timeout_s="1") as server:
        workers = server.workers
        params = {"query": CROSS_PRODUCT}
        with httpx.stream("GET", f"{server.address}/sparql", params=params, timeout=PATIENCE_S) as response:
            chunks = response.iter_bytes()
            next(chunks)
            server.process.send_signal(signal.SIGTERM)
            with pytest.raises(httpx.HTTPError):
                for _ in chunks:
                    pass
        assert server.process.wait(PATIENCE_S) in (0, -signal.SIGTERM)
        assert all(is_gone(pid) for pid in workers)


def test_kill_of_the_server_ends_its_workers(store: Path) -> None:
    with running(store) as server:
        workers = server.workers
        server.process.kill()
        assert all(is_gone(pid) for pid in workers)


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_example_names_no_registry_and_starts_the_verb_that_there_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?://(?!127\.0\.0\.1)|docker\.io|quay\.io|ghcr\.io|index.url", text)
    assert "serve" in text
    used = re.findall(r"--[a-z-]+", text.split("ExecStart=")[-1].splitlines()[0])
    help_text = subprocess.run(
        [sys.executable, "-m", "kg.cli", "serve", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [option for option in used if option not in help_text] == []


def test_example_of_a_container_leaves_the_base_image_to_its_user() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert re.search(r"^ARG BASE_IMAGE$", text, re.MULTILINE)
    assert re.findall(r"^FROM (.+)$", text, re.MULTILINE) == ["${BASE_IMAGE}"]
