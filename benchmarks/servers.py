"""SPARQL servers as processes of this machine: a file of N-Quads loaded, the server started, and ended again.

Each listens on a free port of 127.0.0.1, keeps all it writes in a folder that is given to it, and joins all graphs
where a query names none, as ours does, so that the same query has the same answer.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
START_TIMEOUT_S = 900.0
STOP_TIMEOUT_S = 30.0
POLL_S = 0.005
JSON_RESULTS = "application/sparql-results+json"
TSV_RESULTS = "text/tab-separated-values"


class Missing(Exception):
    """A server that is not on this machine, and why it could not be brought."""


class Unanswered(Exception):
    """An answer of another status than 200, or in another format than the one asked for."""


class Client:
    """One connection to a server, kept alive. Not to be shared by threads."""

    def __init__(self, port: int, path: str = "/sparql") -> None:
        self._path = path
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def query(self, text: str, accept: str = JSON_RESULTS) -> bytes:
        """The whole answer. Raises Unanswered."""
        return self.get(f"{self._path}?{urlencode({'query': text})}", accept)

    def get(self, address: str, accept: str = "application/json") -> bytes:
        """The body at an address of the server, as it is sent: no compression is asked for. Raises Unanswered."""
        try:
            response, body = self._send(address, accept)
        except ConnectionError:  # a server may end a connection while others are asked; a new one takes 0.2 ms
            self._connection.close()
            response, body = self._send(address, accept)
        media_type = response.getheader("Content-Type", "").partition(";")[0]
        if response.status != 200 or media_type != accept:
            raise Unanswered(f"{address[:200]} answered {response.status} {media_type}: {body[:300]!r}")
        return body

    def _send(self, address: str, accept: str) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request("GET", address, headers={"Accept": accept})
        response = self._connection.getresponse()
        return response, response.read()

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


class Server(ABC):
    """One kind of server."""

    name: str
    divisor = 1
    """It is given a graph that is so many times smaller."""
    path = "/sparql"
    loads_at_start = False
    has_own_triples = False
    """It counts triples of its own among those of the graph."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        folder.mkdir(parents=True)

    @abstractmethod
    def load(self, file: Path) -> dict[str, float]:
        """Load a file of N-Quads; gives seconds, by what they were spent on."""

    @abstractmethod
    def command(self) -> list[str]:
        """What starts the server, to be ended by SIGTERM."""

    def environment(self) -> dict[str, str]:
        """Variables of the server's process."""
        return dict(os.environ)

    @contextmanager
    def running(self) -> Iterator[int]:
        """The number of the server's process; it and its children are gone when this ends."""
        with (self.folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(), cwd=self.folder, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )
            try:
                yield process.pid
            finally:
                _end(process)

    def wait(self, query: str, pid: int) -> bytes:
        """The server's first answer, from the moment that it takes one. Raises RuntimeError when it never does."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            client = Client(self.port, self.path)
            try:
                return client.query(query)
            except (ConnectionError, http.client.HTTPException):
                time.sleep(POLL_S)
            finally:
                client.close()
            if not _is_running(pid):
                break
        said = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")[-500:]
        raise RuntimeError(f"{self.name} did not start: {said}")


class Tracegraph(Server):
    """`kg serve` on a store that is published as a build publishes it."""

    name = "tracegraph"

    def load(self, file: Path) -> dict[str, float]:
        """The load by itself, and all that publishing takes, text index included."""
        said = _run([sys.executable, "-m", "benchmarks.publish", str(file), str(self.folder / "store")], cwd=ROOT)
        return dict(json.loads(said))

    def command(self) -> list[str]:
        return [str(BIN / "kg"), "serve", "--store", str(self.folder / "store"), "--port", str(self.port)]


class Oxigraph(Server):
    """Oxigraph's own server, of the PyPI package oxigraph."""

    name = "oxigraph"
    path = "/query"

    def load(self, file: Path) -> dict[str, float]:
        started = time.perf_counter()
        _run([str(BIN / "oxigraph"), "load", "--location", str(self.folder / "store"), "--file", str(file)])
        return {"load": time.perf_counter() - started}

    def command(self) -> list[str]:
        place = ["--location", str(self.folder / "store"), "--bind", f"127.0.0.1:{self.port}"]
        return [str(BIN / "oxigraph"), "serve-read-only", *place, "--union-default-graph"]


class RdflibEndpoint(Server):
    """rdflib-endpoint over rdflib's store in memory, which it fills when it starts."""

    name = "rdflib-endpoint"
    divisor = 10
    path = "/"
    loads_at_start = True

    def load(self, file: Path) -> dict[str, float]:
        self._file = file
        return {}

    def command(self) -> list[str]:
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        return [str(BIN / "rdflib-endpoint"), "serve", *where, str(self._file)]


PACKAGES = ("virtuoso-opensource-7-bin", "virtuoso-opensource-7-common", "libminizip1", "libpcre3")
"""Of Debian, unpacked where Virtuoso is not installed: nothing is left on the machine."""

_INI = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
DirsAllowed = {files}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
CheckpointInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 20
EnableRequestTrap = 0
KeepAliveTimeout = 60
MaxKeepAlives = 100
[SPARQL]
ResultSetMaxRows = 2000000
"""
"""170,000 buffers are what its manual advises for 2 GB of memory."""


class Virtuoso(Server):
    """Virtuoso of Debian: installed, or its packages unpacked."""

    name = "virtuoso"
    has_own_triples = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._sql_port = free_port()
        self._root = Path("/") if shutil.which("virtuoso-t") else _unpack(folder / "packages")

    def load(self, file: Path) -> dict[str, float]:
        """Its bulk loader, on one file for each core, and the checkpoint that makes the load last."""
        parts = self.folder / "parts"
        parts.mkdir()
        _split(file, parts, os.cpu_count() or 1)
        text = _INI.format(folder=self.folder, sql_port=self._sql_port, port=self.port, files=parts)
        (self.folder / "virtuoso.ini").write_text(text, encoding="utf-8")
        with self.running() as pid:
            self.wait("ASK {}", pid)
            started = time.perf_counter()
            self._sql(f"ld_dir('{parts}', '*.nq', 'urn:none');")
            loaders = [self._begin_sql("rdf_loader_run();") for _ in parts.iterdir()]
            for loader in loaders:
                loader.communicate()
            self._sql("checkpoint;")
            took = time.perf_counter() - started
        shutil.rmtree(parts)
        return {"load": took}

    def command(self) -> list[str]:
        return [str(self._root / "usr/bin/virtuoso-t"), "+configfile", "virtuoso.ini", "+foreground"]

    def environment(self) -> dict[str, str]:
        if self._root == Path("/"):
            return super().environment()
        folders = {str(path.parent) for path in self._root.rglob("*.so*")}
        return {**os.environ, "LD_LIBRARY_PATH": ":".join(sorted(folders))}

    def _begin_sql(self, text: str) -> subprocess.Popen[bytes]:
        command = [str(self._root / "usr/bin/isql-vt"), str(self._sql_port), "dba", "dba", "ERRORS=STDOUT"]
        return subprocess.Popen(
            [*command, f"EXEC={text}"], env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def _sql(self, text: str) -> None:
        process = self._begin_sql(text)
        said, _ = process.communicate()
        if process.returncode or b"*** Error" in said:
            raise RuntimeError(f"virtuoso: {text}: {said.decode(errors='replace')[-500:]}")


SERVERS: dict[str, type[Server]] = {kind.name: kind for kind in (Tracegraph, Oxigraph, RdflibEndpoint, Virtuoso)}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def memory_mb(pid: int) -> float:
    """Memory of a process and its children, 10^6 bytes; what several share is counted once (Linux: PSS)."""
    total = 0
    for one in _family(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total * 1024 / 1e6


def _family(pid: int) -> list[int]:
    children = (path.read_text(encoding="ascii") for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [pid, *(one for text in children for child in text.split() for one in _family(int(child)))]


def _is_running(pid: int) -> bool:
    """Whether a child of this process has not ended; it may wait to be asked how."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and see to it: its group holds nobody but itself and its children."""
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _run(command: list[str], cwd: Path | None = None) -> bytes:
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout


def _unpack(folder: Path) -> Path:
    """The packages of Debian, downloaded and unpacked. Raises Missing where apt-get and dpkg cannot."""
    folder.mkdir()
    for tool in ("apt-get", "dpkg"):
        if not shutil.which(tool):
            raise Missing(f"there is no virtuoso-t, and no {tool} to bring it: install virtuoso-opensource")
    try:
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, capture_output=True, check=True)
    except subprocess.CalledProcessError as err:
        why = err.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Missing(f"there is no virtuoso-t, and apt-get brings none: {' '.join(why)}") from err
    for package in sorted(folder.glob("*.deb")):
        _run(["dpkg", "-x", str(package), str(folder / "root")])
    return folder / "root"


def _split(file: Path, folder: Path, n: int) -> None:
    """The lines of a file, dealt out in n files."""
    parts = [(folder / f"{number}.nq").open("wb") for number in range(n)]
    with file.open("rb") as lines:
        for number, line in enumerate(lines):
            parts[number % n].write(line)
    for part in parts:
        part.close()
