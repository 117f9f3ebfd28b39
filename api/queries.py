"""A query over HTTP, from its text to its answer, by the shortest way: queries are most of what a server is asked.

A small answer is kept until the snapshot changes, and the same query under the same Accept header gets the same bytes
without being run; not one whose text may ask for the time or for chance.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import cast

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from api.answering import CHUNK_BYTES
from api.protocol import QueryRequest, RequestError, parse_get
from api.responses import stream
from api.snapshot_cache import SnapshotCache
from api.worker import Answer, Job, QueryPool
from kg.errors import KgError
from kg.settings import Settings
from kg.tally import Tally, is_count, put_in_tally

PATH = "/sparql"

NOT_KEPT = ("rand", "now", "uuid", "bnode", "\\")
"""Found in a text, in whatever case, it may be of a function that gives another value each time; or of its escapes."""

TALLY_TIMEOUT_S = 3.0
"""A count waits so long for the tally of a new snapshot, and is then run; a later one has it."""

logger = logging.getLogger(__name__)

ENTRY_BYTES = 500
"""What an entry takes besides its texts."""


@dataclass(frozen=True, slots=True)
class Question:
    """All that an answer depends on, but the snapshot."""

    asked: QueryRequest
    accept: str | None


class AnswerCache:
    """Small answers from one snapshot, the least recently used given up first. max_bytes: of questions and answers."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._n_bytes = max_bytes, 0
        self._snapshot = ""
        self._found: OrderedDict[Question, Answer] = OrderedDict()

    def get(self, snapshot: str, question: Question) -> Answer | None:
        """The answer of this snapshot, if it is kept."""
        if snapshot != self._snapshot or question not in self._found:
            return None
        self._found.move_to_end(question)
        return self._found[question]

    def keep(self, question: Question, answer: Answer) -> None:
        """Keep an answer if it is small and always the same; what is kept of another snapshot goes."""
        text = question.asked.query
        if answer.body is None or len(text) > CHUNK_BYTES or any(word in text.lower() for word in NOT_KEPT):
            return
        if answer.snapshot != self._snapshot:
            self._found.clear()
            self._snapshot, self._n_bytes = answer.snapshot, 0
        if question not in self._found:
            self._found[question] = answer
            self._n_bytes += _size(question, answer)
        while self._n_bytes > self._max_bytes:
            self._n_bytes -= _size(*self._found.popitem(last=False))


def _size(question: Question, answer: Answer) -> int:
    graphs = (*question.asked.default_graphs, *question.asked.named_graphs)
    texts = (question.asked.query, question.accept or "", *graphs)
    return ENTRY_BYTES + len(answer.body or b"") + sum(4 * len(text) for text in texts)


async def answer_query(request: Request, asked: QueryRequest) -> Response:
    """The answer in the format that Accept asks for. Raises RequestError (413), and what the job raises."""
    settings: Settings = request.app.state.settings
    pool: QueryPool = request.app.state.pool
    cache: AnswerCache = request.app.state.answers
    limit = settings.max_query_bytes
    if len(asked.query) * 4 > limit and len(asked.query.encode()) > limit:
        raise RequestError(f"the query is longer than {limit:,} bytes: shorten it", 413)
    question = Question(asked, request.headers.get("accept"))
    answer = cache.get(pool.snapshot, question)
    if answer is None:
        answer = await _ask(request, question)
        cache.keep(question, answer)
    return stream(answer, {"Vary": "Accept"})


async def _ask(request: Request, question: Question) -> Answer:
    """The answer of a worker. Where the graph changed after its tally was taken, the query is run as it was asked."""
    pool: QueryPool = request.app.state.pool
    snapshot = pool.snapshot
    text = await _prepared(request, question.asked)
    answer = await pool.answer(_job(question, text))
    if text == question.asked.query or answer.snapshot == snapshot:
        return answer
    await answer.chunks.aclose()
    return await pool.answer(_job(question, question.asked.query))


def _job(question: Question, text: str) -> Job:
    asked = question.asked
    graphs = {"default_graphs": asked.default_graphs, "named_graphs": asked.named_graphs}
    return Job("query", {"query": text, "accept": question.accept, **graphs})


async def _prepared(request: Request, asked: QueryRequest) -> str:
    """The text to run: a plain count of the whole graph becomes what it counts, where that is known in time."""
    if asked.default_graphs or asked.named_graphs or not is_count(asked.query):
        return asked.query
    cache: SnapshotCache = request.app.state.cache
    try:
        tally = Tally(*await cache.get("tally", TALLY_TIMEOUT_S))
        return put_in_tally(asked.query, tally, max_bytes=request.app.state.settings.max_query_bytes)
    except (KgError, TimeoutError) as err:
        logger.info("a count is run, for the tally is not there: %s", err)
        return asked.query


class QueryRoute(BaseRoute):
    """GET and HEAD with a query, before all other routes; what else comes to that path goes to those that have it.

    FastAPI's own way to a function costs as much as running a lookup.
    """

    path = PATH

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_here = scope["type"] == "http" and scope["path"] == PATH and scope["method"] in ("GET", "HEAD")
        return (
            (Match.FULL, {"route": self})
            if is_here and scope["query_string"].startswith(b"query=")
            else (Match.NONE, {})
        )

    def url_path_for(self, name: str, /, **path_params: object) -> NoMatchFound:  # type: ignore[override]
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await answer_query(request, cast(QueryRequest, parse_get(scope["query_string"])))
        await response(scope, receive, send)


def add_query_route(app: FastAPI) -> None:
    """Have queries by GET answered by the shortest way."""
    app.router.routes.insert(0, QueryRoute())
