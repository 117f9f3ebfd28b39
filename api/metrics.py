"""What the server has done and how it is, in the text format of Prometheus, version 0.0.4.

Counts are of this process, from its start. Source: Prometheus documentation, Exposition formats.
"""

from __future__ import annotations

import logging
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.snapshot_cache import SnapshotCache
from api.worker import QueryPool
from kg.errors import KgError

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of the buckets of durations, seconds: those that Prometheus' clients use, and the default deadline."""

COUNT_TIMEOUT_S = 2.0
"""A scrape waits so long for the number of triples of a new snapshot; a later one has it."""

Labels = Mapping[str, str]
Sample = tuple[str, Labels, float]
Family = tuple[str, str, str, Sequence[Sample]]

logger = logging.getLogger(__name__)

router = APIRouter()


class Metrics:
    """Counts of answers, and the number of triples of the snapshot that they are from."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._broken: Counter[str] = Counter()
        self._durations: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_S) + 1))
        self._sums: Counter[str] = Counter()

    def count_answer(self, route: str, method: str, status: int, duration_s: float, *, is_whole: bool) -> None:
        """One more answer. route: its pattern, so that there are few; is_whole: it was sent to its end."""
        self._answers[route, method, status] += 1
        self._durations[route][bisect_left(BUCKETS_S, duration_s)] += 1
        self._sums[route] += duration_s  # type: ignore[assignment]  # a Counter adds up any number
        self._broken[route] += not is_whole

    async def read(self, pool: QueryPool, cache: SnapshotCache) -> str:
        """All metrics as text. Those of the graph are left out while there is none."""
        families = [*self._http(), *await _graph(pool, cache)]
        return "".join(_family(name, kind, text, samples) for name, kind, text, samples in families)

    def _http(self) -> Iterator[Family]:
        answers = [
            ("", {"route": route, "method": method, "status": str(status)}, n)
            for (route, method, status), n in sorted(self._answers.items())
        ]
        broken = [("", {"route": route}, float(n)) for route, n in sorted(self._broken.items())]
        yield "tracegraph_requests_total", "counter", "Answers by route, method and status.", answers
        yield "tracegraph_answers_broken_total", "counter", "Answers not sent to their end.", broken
        yield "tracegraph_requests_in_flight", "gauge", "Requests being answered.", [("", {}, self.in_flight)]
        text = "Time from a request to the end of its answer."
        yield "tracegraph_request_duration_seconds", "histogram", text, list(self._histogram())

    def _histogram(self) -> Iterator[Sample]:
        for route, counts in sorted(self._durations.items()):
            below = 0
            for end, count in zip((*BUCKETS_S, float("inf")), counts, strict=True):
                below += count
                yield "_bucket", {"route": route, "le": _number(end)}, below
            yield "_sum", {"route": route}, self._sums[route]
            yield "_count", {"route": route}, below


@router.get("/metrics", summary="Counts and gauges in the text format of Prometheus")
async def get_metrics(request: Request) -> Response:
    """Answers by route and status, their durations, queries killed, workers, snapshot and triples."""
    metrics: Metrics = request.app.state.metrics
    text = await metrics.read(request.app.state.pool, request.app.state.cache)
    return Response(text, headers={"Content-Type": MEDIA_TYPE})


class Stopwatch:
    """The time since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start


async def _graph(pool: QueryPool, cache: SnapshotCache) -> list[Family]:
    try:
        state = pool.state
    except KgError:
        return []
    gauges = [
        ("workers", "Worker processes that are to run.", state["workers"]),
        ("workers_alive", "Worker processes that run.", state["workers_alive"]),
        ("workers_busy", "Worker processes with a query.", state["busy"]),
        ("snapshot_age_seconds", "Time since the graph was published.", state["snapshot_age_s"]),
    ]
    try:
        size = await cache.get("size", COUNT_TIMEOUT_S)
        gauges.append(("triples", "Statements in the graph.", size))
    except (KgError, TimeoutError) as err:
        logger.info("the number of triples is not known yet: %s", err)
    killed: list[Sample] = [("", {}, float(state["killed"]))]
    snapshot: list[Sample] = [("", {"snapshot": state["snapshot"]}, 1.0)]
    return [
        ("tracegraph_queries_killed_total", "counter", "Queries ended at their deadline.", killed),
        *((f"tracegraph_{name}", "gauge", text, [("", {}, float(value))]) for name, text, value in gauges),
        ("tracegraph_snapshot_info", "gauge", "The snapshot served.", snapshot),
    ]


def _family(name: str, kind: str, text: str, samples: Sequence[Sample]) -> str:
    lines = [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{suffix}{_labels(labels.items())} {_number(value)}" for suffix, labels, value in samples]
    return "\n".join([*lines, ""])


def _labels(labels: Iterable[tuple[str, str]]) -> str:
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{shown}}}" if shown else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: Any) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if value == int(value) else repr(float(value))
