"""The addresses under /explore: what the explorer asks, one question each, answered in columns.

    GET  /explore/overview?limit=     the best connected entities, with communities and places
    POST /explore/piece               some entities and every claim among them
    POST /explore/expand              where an entity leads to
    POST /explore/paths               the ways from one entity to another
    GET  /explore/entity?iri=         names, kinds of claims, figures and sources of an entity

Answers are compressed for a client that takes gzip: those in columns shrink to a fifth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from api.compression import takes_gzip
from api.explore_records import EntityDetails, Expansion, ExpansionWanted, Paths, PathsWanted, Piece, PieceWanted
from api.protocol import RequestError
from api.responses import Problem, stream
from api.worker import Job, QueryPool
from kg.errors import QueryTimeout
from kg.settings import MAX_OVERVIEW_ENTITIES, Settings

MAX_BODY_BYTES = 8_000_000
"""The IRIs of 50,000 entities, at 100 bytes each, and more."""

MAX_COMMAS = 250_000
"""In a body: five for each of 50,000 IRIs. Of 4,000,000 values that are no IRIs the server complained for a minute."""

router = APIRouter(prefix="/explore", responses={code: {"model": Problem} for code in (400, 404, 413, 503)})

Sent = TypeVar("Sent", bound=BaseModel)


def _sent(model: type[BaseModel]) -> dict[str, Any]:
    """The documentation of a body of JSON that the route reads itself: FastAPI would read one of any length."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"openapi_extra": {"requestBody": {"required": True, "content": content}}}


@router.get("/overview", summary="The best connected entities, with communities and places", response_model=Piece)
async def get_overview(
    request: Request,
    limit: Annotated[
        int | None, Query(ge=1, description="entities; capped by the setting max_overview_entities")
    ] = None,
) -> Response:
    """What the explorer opens on. Above 1,000 entities the limit is rounded down, so that few overviews are made.

    After a change of the graph it is made in the background, in seconds; who asks for it meanwhile waits for it.
    """
    most = _settings(request).max_overview_entities
    if limit is None or limit >= most:
        try:
            await request.app.state.overviews.get_ready(_settings(request).query_timeout_s)
        except TimeoutError as err:
            raise QueryTimeout("the overview of this graph is still being made: try again later") from err
    return await _answer(request, "overview", {"limit": min(limit or most, most)})


@router.post("/piece", summary="Entities and every claim among them", response_model=Piece, **_sent(PieceWanted))
async def post_piece(request: Request) -> Response:
    """Entities by IRI, those that the graph holds, and the claims among them."""
    wanted = await _read(request, PieceWanted)
    _check_number(wanted.entities)
    return await _answer(request, "piece", {"entities": wanted.entities})


@router.post("/expand", summary="Where an entity leads to", response_model=Expansion, **_sent(ExpansionWanted))
async def post_expand(request: Request) -> Response:
    """New entities by support, every claim between them and what is shown, and what is left out, by predicate."""
    wanted = await _read(request, ExpansionWanted)
    _check_number(wanted.shown)
    limit = min(wanted.limit, _settings(request).max_expand)
    return await _answer(request, "expand", {"wanted": wanted.model_dump() | {"limit": limit}})


@router.post(
    "/paths", summary="The shortest ways from one entity to another", response_model=Paths, **_sent(PathsWanted)
)
async def post_paths(request: Request) -> Response:
    """The k shortest paths over claims, whichever way round a claim is; facts alone unless other statuses are given."""
    sent = (await _read(request, PathsWanted)).model_dump()
    question = {"start": sent.pop("from_"), "end": sent.pop("to"), **sent}
    return await _answer(request, "paths", {"question": question})


@router.get("/entity", summary="Names, kinds of claims, figures and sources of an entity", response_model=EntityDetails)
async def get_entity(
    request: Request, iri: Annotated[str, Query(max_length=4_000, description="IRI of an entity")]
) -> Response:
    """All that a panel says of an entity beside its claims, which /claims gives."""
    return await _answer(request, "entity", {"iri": iri})


async def _answer(request: Request, kind: str, arguments: Mapping[str, Any]) -> Response:
    """The answer of a worker, compressed where the client takes it."""
    is_packed = takes_gzip(request.headers.get("accept-encoding", ""))
    answer = await _pool(request).answer(Job(kind, {**arguments, "gzip": is_packed}))
    encoding = {"Content-Encoding": "gzip"} if is_packed else {}
    return stream(answer, {"Vary": "Accept-Encoding", **encoding})


async def _read(request: Request, model: type[Sent]) -> Sent:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise RequestError(f"the body is longer than {MAX_BODY_BYTES:,} bytes: name fewer entities", 413)
    if body.count(b",") > MAX_COMMAS:
        raise RequestError("the body has too many values: name fewer entities", 413)
    try:
        sent = from_json(bytes(body))
    except ValueError as err:
        raise RequestError(f"the body: Invalid JSON: {err}") from err
    _check_size(sent, model)
    try:
        return model.model_validate(sent)
    except ValidationError as err:
        first = err.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{where or 'the body'}: {first['msg']}") from err


def _check_size(sent: Any, model: type[BaseModel]) -> None:
    """Refuse at once what the model would refuse value by value, with a message for each. Raises RequestError."""
    if not isinstance(sent, dict):
        raise RequestError("the body: send an object of JSON")
    names = {field.alias or name for name, field in model.model_fields.items()}
    if odd := next((name for name in sent if name not in names), ""):
        raise RequestError(f"{odd[:100]}: no such field; take {', '.join(sorted(names))}")
    for name, value in sent.items():
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise RequestError(f"{name}: a list of texts is meant")


def _check_number(iris: Sequence[str]) -> None:
    if len(iris) > MAX_OVERVIEW_ENTITIES:
        raise RequestError(f"the request names {len(iris):,} entities: name at most {MAX_OVERVIEW_ENTITIES:,}", 413)


def _pool(request: Request) -> QueryPool:
    pool: QueryPool = request.app.state.pool
    return pool


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
