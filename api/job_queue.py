"""How the server changes the store: one job at a time, each in a process of its own, in the order in which they came.

A build takes the processor and much memory for a while, and its process keeps a lease on each snapshot that it reads;
in one of its own (`api.editor`) it takes nothing from the server, and queries go on.

`run` waits for what a job gives. `submit` does not: the job gets a record, which /jobs/{id} shows until the server
ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from api.responses import Problem, Refused, describe_problem
from api.worker import carried_error
from kg.errors import KgError, StoreError
from kg.locks import is_locked
from kg.settings import Settings
from kg.uploads import drop_waiting

logger = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 64_000_000
"""Of one line that a process writes: a list of refusals may be long."""

KEPT_RECORDS = 10_000
"""Records of ended jobs; of more, the oldest are forgotten."""

OnProgress = Callable[[int, int], None]


class JobRecord(BaseModel):
    """A change of the graph that was asked for. done, total: documents read so far, and to be read.

    documents: ids; of a job that is done, those that the graph now holds, or holds no more.
    refusals: what the graph newly refuses. problem: why a job failed.
    """

    id: str
    kind: Literal["add", "remove"]
    documents: list[str]
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    done: int = 0
    total: int = 0
    summary: str = ""
    refusals: list[Refused] = []
    problem: Problem | None = None


class JobQueue:
    """The queue of one server. Belongs to the event loop that first uses it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = replace(settings, token="", store=str(Path(settings.store).resolve()))
        self._limit = settings.max_waiting_jobs
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.records: dict[str, JobRecord] = {}

    @property
    def pending(self) -> list[JobRecord]:
        """Jobs that wait or run, the first first."""
        return [record for record in self.records.values() if record.state in ("waiting", "running")]

    def check_free(self) -> None:
        """Raises StoreError when another process writes the store, or too many jobs wait."""
        if len(self.pending) >= self._limit:
            raise StoreError(f"{self._limit} changes of the graph wait for their turn: try again later")
        if not self._turn.locked() and is_locked(Path(self._settings.store)):
            raise StoreError("the store is being written by another process: try again later")

    async def run(
        self, kind: str, arguments: Mapping[str, Any], on_progress: OnProgress | None = None
    ) -> dict[str, Any]:
        """What `api.editor` answers. Raises what the job raises, and StoreError when its process dies."""
        async with self._turn:
            return await self._run(kind, arguments, on_progress)

    def submit(self, record: JobRecord, arguments: Mapping[str, Any]) -> None:
        """Put a job in the queue; its record is kept up to date."""
        ended = [one.id for one in self.records.values() if one.state in ("done", "failed")]
        for name in ended[: max(0, len(self.records) - KEPT_RECORDS)]:
            del self.records[name]
        self.records[record.id] = record
        task = asyncio.get_running_loop().create_task(self._carry_out(record, arguments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End the process of the job that runs, and forget those that wait; documents that wait stay on disk."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry_out(self, record: JobRecord, arguments: Mapping[str, Any]) -> None:
        def on_progress(done: int, total: int) -> None:
            record.done, record.total = done, total

        try:
            async with self._turn:
                record.state = "running"
                answer = await self._run(record.kind, {**arguments, "waits": True}, on_progress)
        except KgError as err:
            logger.warning("job %s failed: %s", record.id, type(err).__name__)
            if record.kind == "add":
                await asyncio.to_thread(drop_waiting, Path(self._settings.store), record.id)
            record.problem, record.state = describe_problem(err), "failed"
            return
        record.documents, record.summary = answer["documents"], answer["summary"]
        record.refusals = [Refused(**one) for one in answer["refusals"]]
        record.state = "done"

    async def _run(self, kind: str, arguments: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "api.editor"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=MAX_ANSWER_BYTES,
        )
        try:
            job = {"kind": kind, "arguments": dict(arguments), "settings": asdict(self._settings)}
            lines = await _talk(process, json.dumps(job).encode(), on_progress)
            await process.wait()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)  # with the processes that read documents for it
                await process.wait()
        if process.returncode != 0 or not lines:
            raise StoreError("the job ended the process that did it: the log of the server says how")
        if "error" in (answer := json.loads(lines[-1])):
            raise carried_error(lines[-1])
        return dict(answer)


async def _talk(process: asyncio.subprocess.Process, job: bytes, on_progress: OnProgress | None) -> Sequence[bytes]:
    """Hand over the job; gives what the process says beside its progress."""
    assert process.stdin is not None  # for the type checker: it was started with pipes
    assert process.stdout is not None
    process.stdin.write(job)
    process.stdin.close()
    lines = []
    async for line in process.stdout:
        said = json.loads(line)
        if "progress" in said and on_progress:
            on_progress(*said["progress"])
        elif "progress" not in said:
            lines.append(line)
    return lines
