"""Every address of the server. A route reads a request, asks a worker or a file, and answers; logic is elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.corrections import check_token
from api.graph_text import write_graph
from api.protocol import GRAPH_MEDIA, QueryRequest, RequestError, is_update, negotiate, parse_get, parse_post
from api.queries import answer_query
from api.query_page import query_page
from api.reads import reading
from api.responses import Claims, Found, Health, Problem, choices_page, html_page, stream
from api.updates import read_write_body, update
from api.void import describe_service
from api.worker import Job, QueryPool
from kg.neighbourhood import EntityNameError
from kg.settings import Settings

MAX_FOUND = 100
"""Entities, and quotes, of one search."""

MAX_HOPS = 4
"""Further than that, everything is a neighbour of everything."""

EXPORTS = {
    "ttl": ("text/turtle; charset=utf-8", ".ttl"),
    "trig": ("application/trig", ".trig"),
    "nt": ("application/n-triples", ".nt"),
    "nq": ("application/n-quads", ".nq"),
    "jsonld": ("application/ld+json", ".jsonld"),
    "rdf": ("application/rdf+xml", ".rdf"),
}
"""Format as asked for -> media type and suffix of `kg.export`."""

TEMPLATES = Path(__file__).parent / "templates"


router = APIRouter(responses={code: {"model": Problem} for code in (400, 403, 404, 406, 413, 415, 503)})
read = reading(router)


@read("/sparql", summary="SPARQL 1.1 query, service description or query page")
@read("/sparql/", include_in_schema=False)
async def get_sparql(
    request: Request,
    query: Annotated[str | None, Query(description="SPARQL 1.1 query; without it, the service description")] = None,  # noqa: ARG001
) -> Response:
    """Answer a query in the format that Accept asks for."""
    if asked := parse_get(request.scope["query_string"]):
        return await answer_query(request, asked)
    accept = request.headers.get("accept")
    media_type = negotiate(accept, ["text/turtle", "text/html", *GRAPH_MEDIA])
    if media_type is None:
        raise RequestError(f"the service description is served as {', '.join(GRAPH_MEDIA)} and text/html", 406)
    if media_type == "text/html":
        return query_page(_settings(request))
    triples = describe_service(
        str(request.url.replace(query="")), str(request.base_url), takes_updates=bool(_settings(request).token)
    )
    return Response(write_graph(triples, media_type), media_type=media_type, headers={"Vary": "Accept"})


@router.post("/sparql", summary="SPARQL 1.1 query, or update with the token, URL-encoded or direct")
@router.post("/sparql/", include_in_schema=False)
async def post_sparql(request: Request) -> Response:
    """Answer a query in the format that Accept asks for; run an update, and answer 204 when it lasts."""
    content_type, limit = request.headers.get("content-type", ""), _settings(request).max_query_bytes
    body = await (read_write_body(request) if is_update(content_type) else _read_body(request, limit))
    asked = parse_post(request.scope["query_string"], content_type, body)
    if isinstance(asked, QueryRequest):
        return await answer_query(request, asked)
    check_token(request)
    return await update(request, asked)


@read("/viz", summary="A picture of one neighbourhood, or of the most connected entities, as one page")
async def get_viz(
    request: Request,
    entity: Annotated[str | None, Query(description="IRI, label or alias; without it, the whole graph")] = None,
    hops: Annotated[int, Query(ge=0, le=MAX_HOPS)] = 1,
    max_entities: Annotated[int | None, Query(alias="max", ge=1, description="entities that the page shows")] = None,
) -> Response:
    """The page of one neighbourhood; for an ambiguous name, a page to choose from."""
    try:
        return await _page(request, entity, hops, max_entities)
    except EntityNameError as err:
        if negotiate(request.headers.get("accept"), ["application/problem+json", "text/html"]) == "text/html":
            return choices_page(err)
        raise


@router.get("/search", summary="Entities by label or alias, and quotes", response_model=Found)
async def get_search(
    request: Request,
    q: Annotated[str, Query(max_length=1000, description="the start of a name, words of it, or words of a quote")],
    limit: Annotated[int, Query(ge=1, le=MAX_FOUND, description="entities")] = 20,
    quotes: Annotated[int, Query(ge=0, le=MAX_FOUND, description="quotes")] = 5,
) -> Response:
    """What fits the text whatever its case and accents, the closest first; where nothing does, what it may mean."""
    return stream(await _pool(request).answer(Job("search", {"text": q, "limit": limit, "quotes": quotes})))


@router.get("/claims", summary="Claims and the sentences behind them", response_model=Claims)
async def get_claims(
    request: Request,
    subject: str | None = None,
    predicate: str | None = None,
    object: str | None = None,  # noqa: A002
) -> Response:
    """Claims by the IRIs of their ends and predicate; at least one is needed."""
    ends = {"subject": subject, "predicate": predicate, "object": object}
    if not any(ends.values()):
        raise RequestError("give the IRI of a subject, predicate or object")
    return stream(await _pool(request).answer(Job("claims", ends)))


@read("/export", summary="The whole graph as a file")
async def get_export(
    request: Request,
    format: Annotated[str, Query(json_schema_extra={"enum": [*EXPORTS]})] = "ttl",  # noqa: A002
    facts_only: bool = False,
) -> Response:
    """The graph in one of the formats of `kg export`, the same bytes for the same graph."""
    if format not in EXPORTS:
        raise RequestError(f"no format is named {format!r}: take one of {', '.join(EXPORTS)}")
    media_type, suffix = EXPORTS[format]
    arguments = {"suffix": suffix, "media_type": media_type, "facts_only": facts_only}
    answer = await _pool(request).answer(Job("export", arguments))
    return stream(answer, {"Content-Disposition": f'attachment; filename="tracegraph{suffix}"'})


@router.get("/health", summary="Snapshot and workers", response_model=Health)
async def get_health(request: Request) -> dict[str, Any]:
    """Says `ok` when there is a snapshot to serve; 503 otherwise."""
    return {"status": "ok", **_pool(request).state}


@router.get("/docs", include_in_schema=False)
async def get_docs() -> Response:
    """The routes as a page, from /openapi.json, with nothing from outside."""
    return html_page((TEMPLATES / "docs.html").read_text(encoding="utf-8"))


@router.get("/favicon.ico", include_in_schema=False)
async def get_favicon() -> Response:
    """None: browsers ask for it on every page that is not HTML."""
    return Response(status_code=204)


@router.get("/viz/", include_in_schema=False)
async def get_viz_slash(request: Request) -> Response:
    """The same page without the slash."""
    return RedirectResponse(request.url.replace(path="/viz"))


async def _page(request: Request, entity: str | None, hops: int, max_entities: int | None = None) -> Response:
    limit = _settings(request).max_viz_entities
    arguments = {"entity": entity, "hops": hops, "max_entities": min(max_entities or limit, limit)}
    return stream(await _pool(request).answer(Job("page", arguments)), {"X-Frame-Options": "DENY"})


async def _read_body(request: Request, limit: int) -> bytes:
    """The body, refused as soon as it is longer than a query can be when every byte of it is percent-encoded."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > 3 * limit:
            raise RequestError(f"the body is longer than a query of {limit:,} bytes can be: shorten the query", 413)
    return bytes(body)


def _pool(request: Request) -> QueryPool:
    pool: QueryPool = request.app.state.pool
    return pool


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
