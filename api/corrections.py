"""The addresses under /corrections: the list, as JSON or as a page, and with the token what changes the graph."""

from __future__ import annotations

import hmac
import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.convertors import IntegerConvertor, register_url_convertor

from api.job_queue import JobQueue
from api.protocol import RequestError, negotiate
from api.responses import SAFETY_HEADERS, Problem, Refused, html_page
from kg.correcting import list_corrections
from kg.corrections import to_plain
from kg.records import EntityType, Predicate, Status
from kg.settings import Settings

MAX_TEXT = 1_000
"""Characters of one value of a request."""

MAX_VALUES = 100
"""Entities, documents or names of one request."""

MAX_BODY_BYTES = 1_000_000
"""A longer body is refused unread."""

TEMPLATE = Path(__file__).parent / "templates" / "corrections.html"

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Texts = Annotated[list[Text], Field(max_length=MAX_VALUES)]


class Wanted(BaseModel):
    """One correction. do: merge, split, rename, retype, retract or assert; the rest as `kg correct` takes it."""

    model_config = ConfigDict(extra="forbid")

    do: Text
    who: Text
    why: Text = ""
    into: Text | None = None
    entities: Texts = []
    entity: Text | None = None
    documents: Texts = []
    names: Texts = []
    name: Text | None = None
    type: Text | None = None
    claim: Text | None = None
    subject: Text | None = None
    predicate: Text | None = None
    object: Text | None = None
    subject_type: Text | None = None
    object_type: Text | None = None
    status: Text | None = None
    role: Text | None = None
    started_on: Text | None = None
    ended_on: Text | None = None
    occurred_on: Text | None = None


class Made(BaseModel):
    """A correction as the file has it, with `words` for a person; what the graph is now, and what it newly refuses."""

    correction: dict[str, Any]
    summary: str
    refusals: list[Refused]


class Previewed(BaseModel):
    """What a correction would change: it in words, lines of what goes and of what comes, and how many in all."""

    words: str
    removed: list[str]
    added: list[str]
    n_removed: int
    n_added: int


class Listed(BaseModel):
    """All corrections in the order of the file, each with `words` for a person."""

    corrections: list[dict[str, Any]]


class _CorrectionNumber(IntegerConvertor):
    """A whole number of far fewer digits than Python refuses to read, which would be an error of the server: 4,300."""

    regex = "[0-9]{1,18}"


register_url_convertor("correction", _CorrectionNumber())
router = APIRouter(responses={code: {"model": Problem} for code in (400, 401, 403, 404, 413, 503)})


@router.get("/corrections", summary="All corrections, as JSON or as a page", response_model=Listed)
async def get_corrections(request: Request) -> Response:
    """The file of corrections as it is; a page with forms for a browser."""
    found = await run_in_threadpool(list_corrections, _settings(request))
    listed = [to_plain(correction) | {"words": correction.words} for correction in found]
    if negotiate(request.headers.get("accept"), ["application/json", "text/html"]) == "text/html":
        return _page(listed, can_write=bool(_settings(request).token))
    return JSONResponse({"corrections": listed}, headers={**SAFETY_HEADERS, "Vary": "Accept"})


@router.post(
    "/corrections",
    summary="Correct the graph; needs the token",
    response_model=Made,
    status_code=201,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": Wanted.model_json_schema()}}}
    },
)
async def post_correction(request: Request) -> Response:
    """Make one correction, and publish the graph that follows."""
    check_token(request)
    wanted = await _read_wanted(request)
    arguments = {"request": wanted.model_dump(exclude_defaults=True), "when": date.today().isoformat()}
    made = await _queue(request).run("correct", arguments)
    return JSONResponse(made, 201, headers=SAFETY_HEADERS)


@router.post(
    "/corrections/preview",
    summary="What a correction would change, without making it; needs the token",
    response_model=Previewed,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": Wanted.model_json_schema()}}}
    },
)
async def post_preview(request: Request) -> Response:
    """The links, entities and names that would go and come."""
    check_token(request)
    wanted = await _read_wanted(request)
    arguments = {"request": wanted.model_dump(exclude_defaults=True), "when": date.today().isoformat()}
    return JSONResponse(await _queue(request).run("preview", arguments), headers=SAFETY_HEADERS)


@router.delete("/corrections/{number:correction}", summary="Undo a correction; needs the token", response_model=Made)
async def delete_correction(
    request: Request,
    number: int,
    who: Annotated[str, Query(max_length=MAX_TEXT)],
    why: Annotated[str, Query(max_length=MAX_TEXT)] = "",
) -> Response:
    """Mark one correction as undone, and publish the graph that follows; the file keeps it."""
    check_token(request)
    arguments = {"undo": number, "who": who, "why": why, "when": date.today().isoformat()}
    return JSONResponse(await _queue(request).run("undo", arguments), headers=SAFETY_HEADERS)


def check_token(request: Request) -> None:
    """Raises RequestError: 403 when the server has no token, 401 when the request has not the same.

    Starlette decodes headers as Latin-1, which gives back the bytes that were sent.
    """
    token = _settings(request).token
    if not token:
        raise RequestError("the server only reads: start it with $KG_TOKEN to let a request change the graph", 403)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not hmac.compare_digest(given.strip().encode("latin-1"), token.encode()):
        raise RequestError("send the token of the server: Authorization: Bearer ...", 401)


async def _read_wanted(request: Request) -> Wanted:
    """Only after the token is checked, and no more than a request can need: FastAPI would read the body before."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise RequestError(f"the body is longer than {MAX_BODY_BYTES:,} bytes: make several corrections", 413)
    try:
        return Wanted.model_validate_json(bytes(body))
    except ValidationError as err:
        first = err.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{where or 'the body'}: {first['msg']}") from err


def _page(listed: list[dict[str, Any]], *, can_write: bool) -> Response:
    content = {
        "corrections": listed,
        "can_write": can_write,
        "types": [t.value for t in EntityType],
        "predicates": [p.value for p in Predicate],
        "statuses": [s.value for s in Status],
    }
    html = TEMPLATE.read_text(encoding="utf-8")
    return html_page(html.replace("@CONTENT@", json.dumps(content).replace("<", "\\u003c"), 1))


def _queue(request: Request) -> JobQueue:
    queue: JobQueue = request.app.state.queue
    return queue


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
