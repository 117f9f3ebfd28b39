"""The process that makes one write: a job comes in, its answer goes out as JSON, and the process ends.

In: one line of JSON, then the bytes of what was sent, one part after the other. The process may die of any update, has
no network and little memory, and is killed by its own alarm at the deadline. The alarm is off once the change is known
to be good: from there on it is written, and what the server answers is what the store holds.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from api.confine import leave_network, limit_memory
from api.jobs import describe_error
from kg.errors import KgError, QueryError
from kg.settings import Settings
from kg.updates import UpdateRequest
from kg.writing import Sent, Written, add_new_graph, add_to_graph, delete_graph, put_graph, run_update


def write(job: dict[str, Any], sent: list[Sent], settings: Settings) -> dict[str, Any]:
    """Do what the job says. Raises KgError, and nothing is written then."""
    graph = job.get("graph", "")
    match job["kind"]:
        case "update":
            text = sent[0].body.decode("utf-8")
            request = UpdateRequest(text, tuple(job["using"]), tuple(job["using_named"]))
            delta = run_update(request, settings, _commit)
            return {"added": len(delta.added), "removed": len(delta.removed)}
        case "put":
            return _plain(put_graph(graph, sent, settings, _commit))
        case "add":
            return _plain(add_to_graph(graph, sent, settings, _commit))
        case "new":
            return _plain(add_new_graph(graph, sent, settings, _commit))
    return _plain(delete_graph(graph, settings, _commit))


def work() -> None:
    """One job from standard input; nothing but its answer on what was standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    job = json.loads(sys.stdin.buffer.readline())
    settings = Settings(**job["settings"])
    signal.setitimer(signal.ITIMER_REAL, settings.query_timeout_s)
    leave_network()
    limit_memory(settings.query_memory_bytes)
    try:
        answer = json.dumps(write(job, _read_sent(job, sys.stdin.buffer), settings)).encode()
    except KgError as err:
        answer = describe_error(err)
    except MemoryError:
        limit = settings.query_memory_bytes
        answer = describe_error(QueryError(f"the write needs more than {limit:,} bytes of memory: send it in parts"))
    with answers:
        answers.write(answer)


def _read_sent(job: dict[str, Any], pipe: BinaryIO) -> list[Sent]:
    return [Sent(content_type, pipe.read(length)) for content_type, length in job["sent"]]


def _commit() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)


def _plain(written: Written) -> dict[str, Any]:
    return asdict(written)


if __name__ == "__main__":
    work()
