"""What is sent to break the server, and how it stands: `python -m benchmarks.hostile [--url U] [--json]`.

Without --url a store of made data and `kg serve` with a short deadline are started for the set, and ended with it. Each
case is a row: what was answered, the slowest answer, whether that was within the deadline and a second, whether the
server was whole afterwards, and the memory of its processes before and after. Ends with 1 when a row is not as it must.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.hostile_crowds import Case, Outcome, crowds
from benchmarks.hostile_target import (
    MemoryPeak,
    Target,
    Trap,
    ask,
    ask_query,
    is_well,
    make_store,
    memory,
    serving,
)
from benchmarks.hostile_texts import CROSS_PRODUCT, CUT, WHOLE, Request, requests
from kg.settings import Settings

N_TRIPLES = 200_000
DEADLINE_S, CLIENT_TIMEOUT_S = 2.0, 4.0
GRACE_S = 1.0
TOKEN = "hostile"
GIGABYTE = 1_000_000_000
MAX_SERVER_GROWTH = 50_000_000
"""The server's own process may grow by so much while an answer of a gigabyte passes through it, bytes."""
LONG_S = 600
MAX_GROWTH_MB = 100
"""So much more than at first the processes may have after all cases: what two workers keep for their next answers."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case. Memory is in MB, 0 where the server is not ours. problem: empty when all is as it must be."""

    case: str
    answers: str
    seconds: float
    is_in_time: bool
    is_alive: bool
    mb_before: int
    mb_after: int
    problem: str


def run_set(target: Target) -> Iterator[Row]:
    """All cases on one server, in order; those that need a token are left out without one."""
    trap = Trap()
    try:
        for request in requests():
            if target.token or not request.needs_token:
                yield measure(target, request.name, partial(run_request, request=request, trap=trap))
        for name, case in crowds().items():
            row = measure(target, name, case)
            if row.answers:
                yield row
    finally:
        trap.close()


def measure(target: Target, name: str, case: Case) -> Row:
    """Run one case, then see whether the server is whole."""
    before = _megabytes(target)
    outcome = case(target)
    is_alive = is_well(target)
    is_in_time = outcome.seconds <= target.deadline_s + GRACE_S
    faults = [outcome.problem, "" if is_in_time else "too late", "" if is_alive else "the server is not whole"]
    answers = ", ".join(f"{n} x {kind}" if n > 1 else kind for kind, n in sorted(outcome.answers.items()))
    problem = "; ".join(filter(None, faults))
    return Row(name, answers, round(outcome.seconds, 2), is_in_time, is_alive, before, _megabytes(target), problem)


def run_request(target: Target, request: Request, trap: Trap) -> Outcome:
    """Send one request. It is wrong when it is answered as it must not be, or has the server call someone."""
    reply = ask(target, request, called=trap.address)
    n_calls = trap.n_connections()
    problem = "" if reply.kind in request.kinds else f"must be {' or '.join(sorted(request.kinds))}"
    called = f"{n_calls} connections to the trap" if n_calls else ""
    answer = f"{reply.status} {reply.kind}" if reply.status else reply.kind
    return Outcome(Counter([answer]), reply.seconds, "; ".join(filter(None, (problem, called))))


def measure_gigabyte(store: Path, *, is_allowed: bool) -> Row:
    """An answer of more than a gigabyte, on a server of its own with a long deadline.

    Where `max_result_bytes` allows it, it must come whole; by default it must be cut so that no client takes it for
    whole. Either way the server's own process must stay small.
    """
    limit = 4 * GIGABYTE if is_allowed else Settings().max_result_bytes
    with serving(store, query_timeout_s=LONG_S, max_result_bytes=limit) as target:

        def case(target: Target) -> Outcome:
            with MemoryPeak(target.pid or 0) as peak:
                reply = ask_query(target, f"{CROSS_PRODUCT} LIMIT {GIGABYTE // 900}" if is_allowed else CROSS_PRODUCT)
            right = reply.kind == (WHOLE if is_allowed else CUT) and reply.n_bytes > GIGABYTE * (
                1 if is_allowed else 0.4
            )
            answer = f"{reply.kind} at {reply.n_bytes / 1e6:,.0f} MB, server +{peak.grown / 1e6:,.0f} MB"
            problem = "" if right and peak.grown < MAX_SERVER_GROWTH else "not as it must be"
            return Outcome(Counter([answer]), reply.seconds, problem)

        return measure(target, f"1 GB of rows, {'allowed' if is_allowed else 'not allowed'} (long deadline)", case)


@contextmanager
def own_server(n_triples: int) -> Iterator[tuple[Target, Path]]:
    """A server of made data, and its store."""
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder), n_triples)
        with serving(store, TOKEN, query_timeout_s=DEADLINE_S, client_timeout_s=CLIENT_TIMEOUT_S) as target:
            yield target, store


def run_own(n_triples: int) -> Iterator[Row]:
    """All cases on servers of our own. The last row holds the memory of the first and the last moment."""
    with own_server(n_triples) as (target, store):
        is_well(target)
        before = _megabytes(target)
        yield from run_set(target)
        after = _megabytes(target)
        problem = "" if after < before + MAX_GROWTH_MB else "memory has not come back"
        yield Row("all of the above", "", 0.0, True, is_well(target), before, after, problem)
        for is_allowed in (False, True):
            yield measure_gigabyte(store, is_allowed=is_allowed)


def _megabytes(target: Target) -> int:
    return memory(target.pid) // 1_000_000 if target.pid else 0


def main(arguments: list[str]) -> int:
    """Run the set, print a row as it comes, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument(
        "--url", help="a server to send the set to, such as http://127.0.0.1:8000; $KG_TOKEN for writes"
    )
    parser.add_argument("--deadline-s", type=float, default=30.0, help="query_timeout_s of the server at --url")
    parser.add_argument("--client-timeout-s", type=float, default=20.0, help="client_timeout_s of the server at --url")
    parser.add_argument("--triples", type=int, default=N_TRIPLES, help="of the made store (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object a row")
    args = parser.parse_args(arguments)
    remote = Target(args.url or "", os.environ.get("KG_TOKEN", ""), args.deadline_s, args.client_timeout_s)
    n_problems = n_rows = 0
    for row in run_set(remote) if args.url else run_own(args.triples):
        print(json.dumps(asdict(row)) if args.json else _line(row), flush=True)
        n_problems, n_rows = n_problems + bool(row.problem), n_rows + 1
    print(f"{n_rows} cases, {n_problems} not as they must be", file=sys.stderr)
    return 1 if n_problems else 0


def _line(row: Row) -> str:
    kept, alive = "kept" if row.is_in_time else "LATE", "alive" if row.is_alive else "NOT WELL"
    numbers = f"{row.seconds:6.2f} s {kept:4} {alive:8} {row.mb_before:5} -> {row.mb_after:5} MB"
    return f"{row.case[:52]:52} {row.answers[:60]:60} {numbers}  {row.problem}".rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
