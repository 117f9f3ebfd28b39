"""The addresses under /rdf-graph-store: one graph at a time, read by all, and written with the token.

A graph is named by `?graph=<IRI>`, by `?default`, or by its own address below /rdf-graph-store/.
Source: W3C Recommendation SPARQL 1.1 Graph Store HTTP Protocol.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.corrections import check_token
from api.multipart import parse_multipart
from api.protocol import RequestError
from api.responses import SAFETY_HEADERS, Problem, stream
from api.updates import read_write_body, write_graph
from api.worker import Job, QueryPool
from kg.iris import named_node
from kg.writing import Sent, find_format

PATH = "/rdf-graph-store"
MULTIPART = "multipart/form-data"

GraphIri = Annotated[str | None, Query(description="IRI of the graph", json_schema_extra={"format": "iri"})]
IsDefault = Annotated[str | None, Query(description="the default graph; takes no value")]

router = APIRouter(responses={code: {"model": Problem} for code in (400, 401, 403, 404, 406, 413, 415, 503)})


@router.api_route(PATH, methods=["HEAD"], include_in_schema=False)
@router.api_route(f"{PATH}/{{path:path}}", methods=["GET", "HEAD"], include_in_schema=False)
@router.get(PATH, summary="One graph (Graph Store Protocol)")
async def get_graph(request: Request, graph: GraphIri = None, default: IsDefault = None) -> Response:  # noqa: ARG001
    """The triples of a graph in the format that Accept asks for."""
    arguments = {"graph": _graph(request), "accept": request.headers.get("accept")}
    pool: QueryPool = request.app.state.pool
    return stream(await pool.answer(Job("graph", arguments)), {"Vary": "Accept"})


@router.put(f"{PATH}/{{path:path}}", include_in_schema=False)
@router.put(PATH, summary="Replace a graph; needs the token", status_code=204)
async def put_graph(request: Request, graph: GraphIri = None, default: IsDefault = None) -> Response:  # noqa: ARG001
    """Make a graph hold what is sent, and no more."""
    check_token(request)
    named = _graph(request)
    return _written(named, await write_graph(request, "put", named, await _sent(request)))


@router.post(f"{PATH}/{{path:path}}", include_in_schema=False)
@router.post(PATH, summary="Add to a graph, or make a new one; needs the token", status_code=204)
async def post_graph(request: Request, graph: GraphIri = None, default: IsDefault = None) -> Response:  # noqa: ARG001
    """Add what is sent to a graph; without a name, to a new one, whose address is in Location."""
    check_token(request)
    if not request.scope["query_string"] and request.url.path.rstrip("/") == PATH:
        prefix = f"{str(request.url).rstrip('/')}/"
        written = await write_graph(request, "new", prefix, await _sent(request))
        return Response(status_code=201, headers={**SAFETY_HEADERS, "Location": written["graph"]})
    named = _graph(request)
    return _written(named, await write_graph(request, "add", named, await _sent(request)))


@router.delete(f"{PATH}/{{path:path}}", include_in_schema=False)
@router.delete(PATH, summary="Delete a graph; needs the token", status_code=204)
async def delete_graph(request: Request, graph: GraphIri = None, default: IsDefault = None) -> Response:  # noqa: ARG001
    """Take all out of a graph."""
    check_token(request)
    named = _graph(request)
    written = await write_graph(request, "delete", named)
    if named and not written["existed"]:
        raise RequestError(f"there is no graph {named}", 404)
    return Response(status_code=204, headers=SAFETY_HEADERS)


def _graph(request: Request) -> str:
    """IRI of the graph that a request names; empty for the default graph. Raises RequestError and GraphError."""
    parameters = _parameters(request.scope["query_string"])
    names = [value for name, value in parameters if name == "graph"]
    is_default = any(name == "default" for name, _ in parameters)
    is_direct = request.url.path.rstrip("/") != PATH
    if len(names) + is_default + is_direct != 1:
        raise RequestError(f"name one graph: {PATH}?graph=<IRI>, {PATH}?default, or its own address below {PATH}/")
    if is_direct:
        return named_node(f"{str(request.base_url).rstrip('/')}{request.scope['raw_path'].decode('ascii')}").value
    return named_node(names[0]).value if names else ""


def _parameters(query_string: bytes) -> list[tuple[str, str]]:
    """Name and value, percent-decoded once; a `+` is a plus sign in an IRI. Raises RequestError."""
    try:
        pairs = (unquote_to_bytes(part.replace(b"=", b"\0", 1)) for part in query_string.split(b"&") if part)
        return [(name, value) for name, _, value in (pair.decode("utf-8").partition("\0") for pair in pairs)]
    except UnicodeDecodeError as err:
        raise RequestError("the parameters are not percent-encoded UTF-8") from err


async def _sent(request: Request) -> list[Sent]:
    """What was sent, one file or those of a form. Raises RequestError: 413 too long, 415 not RDF."""
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith(MULTIPART):
        parts = parse_multipart(content_type, await read_write_body(request))
        named = [(f"{part.media_type}; charset={part.charset or 'utf-8'}", part.content) for part in parts]
        return [Sent(_check_type(one), content) for one, content in named]
    _check_type(content_type)
    return [Sent(content_type, await read_write_body(request))]


def _check_type(content_type: str) -> str:
    if find_format(content_type) is None:
        raise RequestError(f"a graph was sent as {content_type or 'no media type'}: send text/turtle, in UTF-8", 415)
    return content_type


def _written(graph: str, written: dict[str, object]) -> Response:
    """201 for a graph that was not there before; the default graph always was."""
    is_new = bool(graph) and not written["existed"]
    return Response(status_code=201 if is_new else 204, headers=SAFETY_HEADERS)
