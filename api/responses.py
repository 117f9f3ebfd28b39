"""How the API answers: the one shape of errors, the one table of statuses, and pages that run nothing foreign.

Errors are `application/problem+json` (RFC 9457).
"""

from __future__ import annotations

import logging
from html import escape
from typing import Any
from urllib.parse import quote

from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict
from starlette.types import Send

from api.protocol import RequestError
from api.worker import Answer
from kg import errors
from kg.neighbourhood import EntityNameError
from kg.viz_page import content_security_policy

logger = logging.getLogger(__name__)

STATUS_OF: tuple[tuple[type[errors.KgError], int], ...] = (
    (EntityNameError, 404),
    (errors.QuerySyntaxError, 400),
    (errors.QueryRefused, 403),
    (errors.QueryTimeout, 503),
    (errors.ResultTooLarge, 413),
    (errors.QueryError, 400),
    (errors.CorrectionError, 400),
    (errors.StoreError, 503),
    (errors.GraphError, 400),
    (errors.DocumentError, 400),
    (errors.KgError, 500),
)
"""The first class that fits gives the status; RequestError brings its own."""

RETRY_AFTER_S = 5
"""Told to a client whose query met its deadline or found all workers busy, seconds."""

HEADERS_OF = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": str(RETRY_AFTER_S)}}
"""Status of an error -> what its answer must tell besides; RFC 9110, sections 11.6.1 and 15.6.4."""

SAFETY_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Problem(BaseModel):
    """What went wrong. line and column count from 1 and come with a query that is no SPARQL."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    line: int | None = None
    column: int | None = None
    choices: list[dict[str, str]] | None = None


class Refused(BaseModel):
    """What the graph does not hold, and why."""

    what: str
    reason: str
    quote: str


class FoundEntity(BaseModel):
    """An entity with the names it goes by.

    degree: claims and observations that speak of it. match: the name that fits, which is of `kind` label or alias.
    closeness: exact, prefix, words, inside or misspelt.
    """

    iri: str
    label: str
    type: str
    aliases: list[str]
    degree: int
    match: str
    kind: str
    closeness: str


class FoundQuote(BaseModel):
    """The words of an evidence that hold the text. document: an IRI. has_phrase: as it stands, not only its words."""

    iri: str
    document: str
    match: str
    has_phrase: bool
    kind: str


class Found(BaseModel):
    """Entities whose names fit the text, the closest first, those of higher degree before others; and quotes."""

    entities: list[FoundEntity]
    quotes: list[FoundQuote]


class ListedClaim(BaseModel):
    """A claim and one sentence behind it.

    before, after: the rest of the sentence's paragraph. sources: texts that say the same. conflicts_with: IRIs of
    claims that contradict it. is_asserted: the graph has the plain link.
    """

    model_config = ConfigDict(extra="forbid")

    iri: str
    subject: str
    predicate: str
    object: str
    status: str
    confidence: float | None
    role: str | None
    started_on: str | None
    ended_on: str | None
    occurred_on: str | None
    said_by: str | None
    quote: str | None
    document: str | None
    title: str | None
    published: str | None
    url: str | None
    retracted_by: str | None = None
    document_iri: str | None = None
    before: str | None = None
    after: str | None = None
    sources: int = 1
    conflicts_with: list[str] = []
    is_asserted: bool = True


class Claims(BaseModel):
    """Claims, sorted by subject, predicate, object and IRI."""

    claims: list[ListedClaim]


class Health(BaseModel):
    """Whether the server can answer. snapshot_age_s: since the graph was published. killed: queries at their deadline.

    workers_offline: no worker has a way to the network.
    """

    status: str
    snapshot: str
    snapshot_age_s: float
    workers: int
    workers_alive: int
    busy: int
    killed: int
    workers_offline: bool


def status_of(error: errors.KgError) -> int:
    """The HTTP status that says what this error says."""
    if isinstance(error, RequestError):
        return error.status
    return next(status for kind, status in STATUS_OF if isinstance(error, kind))


def problem(error: errors.KgError) -> JSONResponse:
    """The error as the answer to a request."""
    return _problem_response(describe_problem(error))


def describe_problem(error: errors.KgError) -> Problem:
    """The error as a problem document."""
    status = status_of(error)
    body: dict[str, Any] = {"title": _title(error), "status": status, "detail": str(error)}
    if isinstance(error, errors.QuerySyntaxError) and error.line:
        body |= {"line": error.line, "column": error.column}
    if isinstance(error, EntityNameError):
        body["choices"] = [{"iri": iri, "label": label} for iri, label in error.choices]
    return Problem(**body)


def status_problem(status: int, detail: str) -> JSONResponse:
    """A problem document for what the framework refuses: unknown paths, methods and parameters."""
    return _problem_response(Problem(title="Request refused", status=status, detail=detail))


class _Stream(StreamingResponse):
    """Leaves the body unfinished when its worker fails, whereupon the server closes the connection."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except errors.KgError as err:
            logger.warning("an answer was cut off: %s", err)


def stream(answer: Answer, headers: dict[str, str] | None = None) -> Response:
    """The answer of a worker as it comes; one that fails midway breaks the connection: no half answer looks whole."""
    headers = {"Content-Type": answer.media_type, **SAFETY_HEADERS, **(headers or {})}
    if answer.body is not None:
        return Response(answer.body, headers=headers)
    return _Stream(answer.chunks, media_type=None, headers=headers)


def html_page(html: str, status: int = 200) -> HTMLResponse:
    """A page of our own, with a policy that lets only its own inline scripts run and only this server be asked."""
    policy = content_security_policy(html, is_served=True) + "; frame-ancestors 'none'"
    return HTMLResponse(html, status, headers={"Content-Security-Policy": policy, **SAFETY_HEADERS})


def choices_page(error: EntityNameError) -> Response:
    """For a reader who asked for a name that no entity, or more than one, has: what it may mean, as links."""
    links = "".join(
        f'<li><a href="/viz?entity={quote(iri, safe="")}">{escape(label)}</a></li>' for iri, label in error.choices
    )
    return html_page(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Tracegraph</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        "<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40em;margin:3em auto;padding:0 1em;color:#1d2733;"
        "overflow-wrap:anywhere}a{color:#1f5c9e}</style></head><body>"
        f'<h1>Which one?</h1><p dir="auto">{escape(str(error).splitlines()[0])}.</p><ul>{links}</ul>'
        '<p><a href="/">Back to the overview</a></p></body></html>',
        404,
    )


def _problem_response(body: Problem) -> JSONResponse:
    headers = HEADERS_OF.get(body.status, {})
    return JSONResponse(
        body.model_dump(exclude_none=True),
        body.status,
        headers={**headers, **SAFETY_HEADERS},
        media_type="application/problem+json",
    )


def _title(error: errors.KgError) -> str:
    """The name of the error's class as words."""
    return "".join(f" {c}" if c.isupper() and i else c for i, c in enumerate(type(error).__name__)).capitalize()
