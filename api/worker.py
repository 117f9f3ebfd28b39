"""A pool of worker processes, each of which answers one job at a time and may be killed at any moment.

pyoxigraph cannot stop a query, and some queries end the process that runs them, so none runs in the server. A worker
that is over its deadline, dies, or is left in the middle of an answer is replaced; so is one whose snapshot is no
longer the current one. The rest stay warm: opening a snapshot takes 16 ms, starting Python and its libraries 0.3 s.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from api.answering import CHUNK, END, ERROR, HEADER, MEDIA, READY, WHOLE
from api.protocol import RequestError
from kg import errors
from kg.neighbourhood import EntityNameError
from kg.settings import Settings
from kg.store import current_snapshot

logger = logging.getLogger(__name__)

MAX_WAIT_SHARE = 0.5
"""Of a query's time, the share it may wait for a free worker. What it waits is taken off its time, so that it is
answered by its deadline; with no limit, a crowd would leave each query a moment before its end, and kill a worker."""

START_TIMEOUT_S = 60.0
"""A worker must have opened the snapshot by then; a start takes 0.3 s on an idle machine."""

_ERRORS: dict[str, type[errors.KgError]] = {
    **{
        name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.KgError)
    },
    RequestError.__name__: RequestError,
    EntityNameError.__name__: EntityNameError,
}


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is to do: a name in `api.jobs.JOBS`, and its arguments, which go as JSON."""

    kind: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer, and its body as it comes, which ends in an error when the worker does not finish.

    Close `chunks` when they are not wanted to the end: the worker is taken until then. snapshot: the one it is from.
    body: all of a small answer, whose worker is free again.
    """

    media_type: str
    chunks: AsyncGenerator[bytes, None]
    snapshot: str
    body: bytes | None = None


@dataclass(slots=True)
class _Head:
    """What is known of an answer when its first frame is here."""

    snapshot: str = ""
    is_whole: bool = False


class QueryPool:
    """`settings.query_workers` processes on the current snapshot of `settings.store`.

    Belongs to the event loop that starts it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = replace(settings, store=str(Path(settings.store).resolve()), token="")
        self._named: tuple[tuple[int, int] | None, str] = (None, "")
        self._free = asyncio.Semaphore(settings.query_workers)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._replacing: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._n_killed = 0

    async def start(self) -> None:
        """Start all workers and wait until they are ready. Raises StoreError when there is no snapshot to open."""
        self._idle += [await _Worker.start(self._settings) for _ in range(self._settings.query_workers)]
        try:
            await asyncio.gather(*(worker.get_ready() for worker in self._idle))
        except errors.KgError:
            await self.close()
            raise

    async def close(self) -> None:
        """Kill all workers; none is left when this returns."""
        self._is_closed = True
        workers = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(worker.stop() for worker in workers))
        while self._replacing:
            await asyncio.gather(*self._replacing)

    @property
    def state(self) -> dict[str, Any]:
        """The snapshot being served and the processes that serve it. Raises StoreError when there is no snapshot."""
        current = self._current()
        published = (Path(self._settings.store) / "CURRENT").stat().st_mtime
        return {
            "snapshot": current,
            "snapshot_age_s": round(time.time() - published, 1),
            "workers": self._settings.query_workers,
            "workers_alive": sum(worker.is_alive for worker in [*self._idle, *self._busy]),
            "busy": len(self._busy),
            "killed": self._n_killed,
            "workers_offline": all(worker.is_offline for worker in [*self._idle, *self._busy] if worker.snapshot),
        }

    @property
    def snapshot(self) -> str:
        """The name of the current snapshot. Raises StoreError."""
        return self._current()

    async def answer(self, job: Job) -> Answer:
        """Give the job to a worker and wait for the first bytes of its answer.

        Raises what the job raises; QueryTimeout when no worker gets free within half of `settings.query_timeout_s`, or
        the answer is not whole within all of it; StoreError when the worker dies. Once the first bytes are here, the
        chunks raise instead.
        """
        head = _Head()
        frames = self._frames(job, head)
        first = await anext(frames)
        if not head.is_whole:
            return Answer(first.decode(), frames, head.snapshot)
        await frames.aclose()
        media_type, _, body = first.partition(b"\n")
        return Answer(media_type.decode(), _once(body), head.snapshot, body)

    async def _frames(self, job: Job, head: _Head) -> AsyncGenerator[bytes, None]:
        """A whole answer, or the media type, then the chunks; the worker goes back to the pool, or dies, however this
        ends.
        """
        timeout_s, asked = self._settings.query_timeout_s, asyncio.get_running_loop().time()
        await self._get_turn(timeout_s * MAX_WAIT_SHARE)
        left_s = timeout_s - (asyncio.get_running_loop().time() - asked)
        worker: _Worker | None = None
        try:
            worker = await self._take()
            await worker.get_ready()
            with worker.deadline(left_s, self._give_back):
                await worker.send(job)
                frame = await worker.receive()
                head.snapshot, head.is_whole = worker.snapshot or "", worker.is_at_rest
                while frame is not None:
                    yield frame
                    frame = await worker.receive()
        finally:
            self._give_back(worker)

    async def _get_turn(self, timeout_s: float) -> None:
        if not self._free.locked():
            await self._free.acquire()  # at once; the task that would wait for it costs as much as a lookup
            return
        try:
            await asyncio.wait_for(self._free.acquire(), timeout_s)
        except TimeoutError as err:
            raise errors.QueryTimeout("all workers are busy with other queries: try again later") from err

    async def _take(self) -> _Worker:
        if self._is_closed:
            raise errors.StoreError("the server is shutting down: try again later")
        current = self._current()
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive and worker.snapshot in (None, current):
                break
            await worker.stop()
        else:
            worker = await _Worker.start(self._settings)
        self._busy.add(worker)
        return worker

    def _give_back(self, worker: _Worker | None) -> None:
        """Awaits nothing, so that it is done even for a request that is being cancelled.

        At its deadline a worker is given back at once: a client that does not read its answer keeps nobody waiting.
        """
        if worker is None:
            self._free.release()
            return
        if worker not in self._busy:
            return
        self._busy.discard(worker)
        self._n_killed += worker.is_expired
        if worker.is_at_rest:
            self._idle.append(worker)
            self._free.release()
            return
        worker.kill()
        task = asyncio.get_running_loop().create_task(self._replace(worker))
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _replace(self, worker: _Worker) -> None:
        try:
            await worker.stop()
            if not self._is_closed:
                self._idle.append(await _Worker.start(self._settings))
        finally:
            self._free.release()

    def _current(self) -> str:
        """The name of the current snapshot, read again when the file that tells it is another."""
        told = _stamp(f"{self._settings.store}/CURRENT")
        stamp, folder = self._named
        if told is None or told != stamp or _stamp(folder) is None:
            folder = str(current_snapshot(Path(self._settings.store)))
            self._named = (told, folder)
        return folder.rpartition("/")[2]


class _Worker:
    """One process, and the two pipes to it. `snapshot` is None until it is ready."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # for the type checker: it was started with pipes
        assert process.stdout is not None
        self._process, self._jobs, self._answers = process, process.stdin, process.stdout
        self.is_expired = False
        self._reading = asyncio.Lock()
        self.snapshot: str | None = None
        self.is_offline = False
        self.is_at_rest = False

    @classmethod
    async def start(cls, settings: Settings) -> _Worker:
        """A new process, not yet ready. `-P` keeps the current folder from shadowing modules."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "api.jobs"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        worker = cls(process)
        await worker._write(json.dumps(asdict(settings)).encode())
        return worker

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def get_ready(self) -> None:
        """Wait until the snapshot is open. Raises StoreError when it cannot be opened."""
        if self.snapshot is not None:
            return
        with self.deadline(START_TIMEOUT_S):
            kind, payload = await self._read()
        if kind != READY:
            raise carried_error(payload)
        state = json.loads(payload)
        self.snapshot, self.is_offline = state["snapshot"], state["is_offline"]
        self.is_at_rest = True

    async def send(self, job: Job) -> None:
        """Hand over a job."""
        self.is_at_rest = False
        await self._write(json.dumps({"kind": job.kind, "arguments": dict(job.arguments)}).encode())

    async def receive(self) -> bytes | None:
        """A whole answer, the media type, or the next chunk; None at the end. Raises the error of the job."""
        kind, payload = await self._read()
        self.is_at_rest = kind in (END, ERROR, WHOLE)
        if kind in (MEDIA, CHUNK, WHOLE):
            return payload
        if kind == ERROR:
            raise carried_error(payload)
        return None

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.is_at_rest = False
        if self.is_alive:
            self._process.kill()

    async def stop(self) -> None:
        """Kill, and wait until the process is gone and its pipes are closed."""
        self.kill()
        self._jobs.close()
        async with self._reading:  # a request that waits for this worker reads its end first
            await self._answers.read()
        await self._process.wait()

    def deadline(self, seconds: float, then: Callable[[_Worker], None] | None = None) -> _Deadline:
        """Kill the process, and call `then`, when the block takes longer; what waits for it raises QueryTimeout."""

        def expire() -> None:
            self.is_expired = True
            logger.warning("a query was stopped at its deadline")
            self.kill()
            if then is not None:
                then(self)

        return _Deadline(expire, seconds)

    async def _write(self, payload: bytes) -> None:
        try:
            self._jobs.write(HEADER.pack(b"j", len(payload)) + payload)
            await self._jobs.drain()
        except ConnectionError as err:
            raise self._end() from err

    async def _read(self) -> tuple[bytes, bytes]:
        try:
            async with self._reading:
                kind, length = HEADER.unpack(await self._answers.readexactly(HEADER.size))
                return kind, await self._answers.readexactly(length)
        except asyncio.IncompleteReadError as err:
            raise self._end() from err

    def _end(self) -> errors.KgError:
        self.is_at_rest = False
        if self.is_expired:
            return errors.QueryTimeout("the answer was not whole at the deadline: ask for less, or add a LIMIT")
        return errors.StoreError("the query ended the process that ran it, or took too much memory: simplify it")


class _Deadline:
    def __init__(self, expire: Callable[[], None], seconds: float) -> None:
        self._expire, self._seconds = expire, seconds

    def __enter__(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _stamp(path: str) -> tuple[int, int] | None:
    """What changes when a file is replaced; None where there is none. A Path would take four times as long."""
    try:
        stat = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def carried_error(payload: bytes) -> errors.KgError:
    """The error that a worker describes, with all that it carried."""
    described = json.loads(payload)
    return _ERRORS[described["error"]](described["message"], **described["carried"])
