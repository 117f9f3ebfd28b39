"""How the server writes what users send: one write at a time, each in a process of its own that may be killed.

A write that waits for another begins when that is done; one that comes while documents are built is refused with 503,
and the client told to come again.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from api.corrections import check_token
from api.protocol import RequestError
from api.responses import SAFETY_HEADERS
from api.worker import MAX_WAIT_SHARE, carried_error
from kg.errors import QueryTimeout, StoreError
from kg.settings import Settings
from kg.updates import UpdateRequest
from kg.writing import Sent


class Writers:
    """The writes of one server. Belongs to the event loop that first uses it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = replace(settings, token="", store=str(Path(settings.store).resolve()))
        self._turn = asyncio.Lock()

    async def write(self, kind: str, arguments: Mapping[str, Any], sent: Sequence[Sent] = ()) -> dict[str, Any]:
        """What `api.write_jobs` answers; the write lasts then. Raises what the job raises, and nothing is written;
        QueryTimeout past the deadline, or when half of the time is gone before its turn; StoreError when the process
        dies.
        """
        timeout_s, asked = self._settings.query_timeout_s, asyncio.get_running_loop().time()
        try:
            await asyncio.wait_for(self._turn.acquire(), timeout_s * MAX_WAIT_SHARE)
        except TimeoutError as err:
            raise QueryTimeout("other writes take their time: try again later") from err
        try:
            left_s = timeout_s - (asyncio.get_running_loop().time() - asked)
            sizes = [(one.content_type, len(one.body)) for one in sent]
            settings = asdict(replace(self._settings, query_timeout_s=left_s))
            job = {"kind": kind, **arguments, "settings": settings, "sent": sizes}
            status, answer = await _run(b"".join([json.dumps(job).encode(), b"\n", *(one.body for one in sent)]))
        finally:
            self._turn.release()
        if status == -signal.SIGALRM:
            raise QueryTimeout("the write was not done at the deadline, and has changed nothing: send less")
        if status != 0:
            raise StoreError("the write ended the process that made it, or took too much memory: simplify it")
        described = dict(json.loads(answer))
        if "error" in described:
            raise carried_error(answer)
        return described


async def update(request: Request, asked: UpdateRequest) -> Response:
    """Run a SPARQL update; 204 says that it is done and lasts. The token has been checked."""
    arguments = {"using": asked.using, "using_named": asked.using_named}
    await _writers(request).write("update", arguments, [Sent("", asked.text.encode())])
    return Response(status_code=204, headers=SAFETY_HEADERS)


async def read_write_body(request: Request) -> bytes:
    """The body of a request that writes, only after its token is checked, and refused as soon as it is too long."""
    check_token(request)
    settings: Settings = request.app.state.settings
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > settings.max_write_bytes:
            raise RequestError(f"the body is longer than {settings.max_write_bytes:,} bytes: send it in parts", 413)
    return bytes(body)


async def write_graph(request: Request, kind: str, graph: str, sent: Sequence[Sent] = ()) -> dict[str, Any]:
    """Do one write of the Graph Store Protocol; see `api.write_jobs`."""
    return await _writers(request).write(kind, {"graph": graph}, sent)


async def _run(message: bytes) -> tuple[int, bytes]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "api.write_jobs"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        answer, _ = await process.communicate(message)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, answer


def _writers(request: Request) -> Writers:
    writers: Writers = request.app.state.writers
    return writers
