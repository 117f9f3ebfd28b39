"""/openapi.json: what the routes say of themselves, and what FastAPI cannot know of them.

That is: errors are problem documents, and never 422; what else than JSON is answered and taken; which requests need
the token; and which methods a path has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import Match
from starlette.types import Scope

from api.protocol import FORM, GRAPH_MEDIA, QUERY, SOLUTION_MEDIA, UPDATE

PROBLEM = "application/problem+json"
TURTLE = "text/turtle"
HTML = "text/html"

RDF_MEDIA = (TURTLE, "application/ld+json", "application/n-triples", "application/rdf+xml", "application/trig")
ALL_RDF_MEDIA = (*RDF_MEDIA, "application/n-quads")

ANSWERED: dict[tuple[str, str], tuple[str, ...]] = {
    ("/sparql", "get"): (*SOLUTION_MEDIA, *GRAPH_MEDIA, HTML),
    ("/sparql", "post"): (*SOLUTION_MEDIA, *GRAPH_MEDIA),
    ("/viz", "get"): (HTML,),
    ("/export", "get"): ALL_RDF_MEDIA,
    ("/page/{name}", "get"): (HTML,),
    ("/data/{name}.{suffix}", "get"): ALL_RDF_MEDIA,
    ("/ontology", "get"): (*GRAPH_MEDIA, HTML),
    ("/.well-known/void", "get"): tuple(GRAPH_MEDIA),
    ("/sitemap.xml", "get"): ("application/xml",),
    ("/metrics", "get"): ("text/plain",),
    ("/corrections", "get"): ("application/json", HTML),
    ("/rdf-graph-store", "get"): tuple(GRAPH_MEDIA),
}
"""Media types of what a route answers, where it is not JSON of a model alone."""

TAKEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("/sparql", "post"): (QUERY, UPDATE),
    ("/rdf-graph-store", "put"): ALL_RDF_MEDIA,
    ("/rdf-graph-store", "post"): ALL_RDF_MEDIA,
}
"""Media types of bodies that a route reads for itself."""

ALSO: dict[tuple[str, str], dict[str, str]] = {
    ("/sparql", "post"): {"204": "The update is done", "401": "No token of this server"},
    ("/rdf-graph-store", "put"): {"201": "The graph is new"},
    ("/rdf-graph-store", "post"): {"201": "The graph is new"},
}
"""Answers that a route gives besides the one that it declares."""

FOR_ALL = {
    "400": "The request is not as described here",
    "405": "The path has no such method; Allow lists those that it has",
    "500": "The server failed",
}
"""Answers that any route may give."""

METHODS = ("DELETE", "GET", "HEAD", "POST", "PUT")
"""All that any route has; what a script of another site may use."""

WRITING = ("post", "put", "delete")
OPEN_PATHS = ("/explore/",)
"""Starts of paths whose POST reads: their requests are longer than an address."""

_IRIS = {"type": "array", "items": {"type": "string", "format": "uri"}}
_SPARQL_FORM = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("query", "update")},
        **{f"{kind}-graph-uri": _IRIS for kind in ("default", "named", "using", "using-named")},
    },
}


class DescribedApp(FastAPI):
    """FastAPI with a document that says all of this."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _described(self)
        return self.openapi_schema


def allowed_methods(app: FastAPI, scope: Scope) -> str:
    """What Allow says of the path of a request: the methods that some route answers there, sorted."""
    return ", ".join(
        method
        for method in METHODS
        if any(route.matches({**scope, "method": method})[0] == Match.FULL for route in app.routes)
    )


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = document["components"]
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "$KG_TOKEN of the server"}
    }
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses, key = operation["responses"], (path, method)
    responses.pop("422", None)
    for status, response in responses.items():
        if status.startswith("2") and key in ANSWERED:
            response["content"] = _content(ANSWERED[key])
    for status, words in {**FOR_ALL, **ALSO.get(key, {})}.items():
        responses.setdefault(status, {"description": words})
    for status, response in responses.items():
        if status.startswith(("4", "5")):
            response["content"] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        elif status.startswith("3"):
            response.pop("content", None)
    if key in TAKEN:
        operation["requestBody"] = {"required": True, "content": _content(TAKEN[key])}
    if key == ("/sparql", "post"):
        operation["requestBody"]["content"][FORM] = {"schema": _SPARQL_FORM}
    if method in WRITING and not path.startswith(OPEN_PATHS):
        _guard(operation, is_optional=path == "/sparql")


def _guard(operation: dict[str, Any], *, is_optional: bool) -> None:
    """Say that an operation needs the token, or takes one."""
    operation["security"] = [{"token": []}, *([{}] if is_optional else [])]
    operation["responses"]["401"]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}


def _content(media_types: Iterable[str]) -> dict[str, Any]:
    return {one: {"schema": {} if one.endswith("json") else {"type": "string"}} for one in dict.fromkeys(media_types)}
