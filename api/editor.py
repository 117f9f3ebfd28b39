"""The process that changes the graph: a job comes in as JSON, lines of progress and an answer go out, and it ends.

`api.job_queue` starts it. A job's waiting documents are built from where they wait, and kept when the graph has them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from api.jobs import describe_error
from kg.build import as_built, build_graph, read_quarantine, remove_documents
from kg.correcting import Outcome, Request, correct, undo
from kg.corrections import to_plain
from kg.errors import DocumentError, KgError, StoreBusy
from kg.locks import wait_for_lock
from kg.previewing import preview
from kg.records import Refusal
from kg.settings import Settings
from kg.uploads import accept_waiting, waiting_files

Arguments = Mapping[str, Any]
OnProgress = Callable[[int, int], None]


def make_correction(arguments: Arguments, settings: Settings, _: OnProgress) -> dict[str, Any]:
    """One correction, with what the build says."""
    return describe_outcome(correct(_request(arguments), settings, arguments["when"]))


def preview_correction(arguments: Arguments, settings: Settings, _: OnProgress) -> dict[str, Any]:
    """What one correction would change; nothing is changed."""
    return asdict(preview(_request(arguments), settings, arguments["when"]))


def undo_correction(arguments: Arguments, settings: Settings, _: OnProgress) -> dict[str, Any]:
    """One correction marked as undone, with what the build says."""
    outcome = undo(arguments["undo"], arguments["who"], settings, arguments["when"], why=arguments["why"])
    return describe_outcome(outcome)


def add_documents(arguments: Arguments, settings: Settings, on_progress: OnProgress) -> dict[str, Any]:
    """Documents that came over HTTP, taken into the graph. Raises DocumentError when none of them can be read."""
    store, before = Path(settings.store), set(read_quarantine(settings))
    files = waiting_files(store, arguments["job"])
    names = {str(file): file.name for file in files}
    report = build_graph(list(names), as_built(settings), on_progress=on_progress)
    refusals = [replace(one, what=names.get(one.what, one.what)) for one in report.refusals if one not in before]
    unread = {one.what: one.reason for one in refusals if one.what in names.values()}
    accepted = sorted(names.values() - unread.keys())
    accept_waiting(store, arguments["job"], accepted)
    if not accepted:
        raise DocumentError("; ".join(f"{name}: {reason}" for name, reason in sorted(unread.items())))
    return _describe(accepted, report.summary, refusals)


def drop_documents(arguments: Arguments, settings: Settings, _: OnProgress) -> dict[str, Any]:
    """Documents taken out of the graph. Raises DocumentError for an unknown id."""
    before = set(read_quarantine(settings))
    report = remove_documents(arguments["documents"], as_built(settings))
    refusals = [one for one in report.refusals if one not in before]
    return _describe(arguments["documents"], report.summary, refusals)


JOBS: dict[str, Callable[[Arguments, Settings, OnProgress], dict[str, Any]]] = {
    "correct": make_correction,
    "preview": preview_correction,
    "undo": undo_correction,
    "add": add_documents,
    "remove": drop_documents,
}


def describe_outcome(outcome: Outcome) -> dict[str, Any]:
    """The correction as the file has it, a line on the graph, and what the graph newly refuses."""
    return {
        "correction": to_plain(outcome.correction) | {"words": outcome.correction.words},
        "summary": outcome.report.summary if outcome.report else "",
        "refusals": [asdict(refusal) for refusal in outcome.news],
    }


def _request(arguments: Arguments) -> Request:
    """A correction that came as JSON, in which what is several is a list."""
    wanted = arguments["request"].items()
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in wanted}
    return Request(**values)


def _describe(documents: list[str], summary: str, refusals: list[Refusal]) -> dict[str, Any]:
    return {"documents": documents, "summary": summary, "refusals": [asdict(refusal) for refusal in refusals]}


def work() -> None:
    """One job from standard input; nothing but progress and its answer on what was standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    job = json.load(sys.stdin.buffer)
    settings, arguments = Settings(**job["settings"]), job["arguments"]

    def say(line: bytes) -> None:
        answers.write(line + b"\n")
        answers.flush()

    def report(done: int, total: int) -> None:
        say(json.dumps({"progress": [done, total]}).encode())

    try:
        say(json.dumps(_carry_out(job["kind"], arguments, settings, report)).encode())
    except KgError as err:
        say(describe_error(err))


def _carry_out(kind: str, arguments: Arguments, settings: Settings, on_progress: OnProgress) -> dict[str, Any]:
    """A job for which nobody waits at the other end waits as long as another process writes the store."""
    while arguments.get("waits", False):
        wait_for_lock(Path(settings.store))
        with suppress(StoreBusy):  # another was faster to take the lock
            return JOBS[kind](arguments, settings, on_progress)
    return JOBS[kind](arguments, settings, on_progress)


if __name__ == "__main__":
    work()
