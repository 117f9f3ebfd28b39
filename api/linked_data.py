"""Linked data: every IRI of the graph has an address here, with a page for people and data for programs.

    /id/company/openai          the thing itself, which no server can send: 303 to one of the next two, by Accept
    /page/company/openai        a page of it
    /data/company/openai.ttl    its statements; .jsonld .nt .rdf .trig .nq
    /ontology, /.well-known/void, /sitemap.xml

What stands behind /id/ is what follows the base of all IRIs, wherever that base is.
Sources: W3C Interest Group Note, Cool URIs for the Semantic Web, section 4.2; RFC 9110, section 15.4.4; sitemaps.org.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

import pyoxigraph as ox
from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from api.described import PATH_SAFE
from api.graph_text import write_graph
from api.markup import POLICY
from api.page_ontology import render_ontology
from api.protocol import RequestError, negotiate
from api.reads import reading
from api.responses import SAFETY_HEADERS, Problem, stream
from api.void import describe_dataset
from api.worker import Job, QueryPool
from kg.resources import resource_path
from kg.settings import Settings

MEDIA_OF = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
"""Suffix of a data document -> its media type, the preferred first."""

SUFFIX_OF = {media_type: suffix for suffix, media_type in MEDIA_OF.items()} | {"application/json": "jsonld"}
HTML = "text/html"
_ALTERNATES = ("ttl", "jsonld")
MAX_PARTS = 1_000_000
"""No page has as many."""

SITEMAP_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
SITEMAP_SIZE = 50_000
"""Addresses of one sitemap, by sitemaps.org; more make several, listed in an index."""

Name = Annotated[str, Path(description="what follows the base of all IRIs, such as company/openai")]

router = APIRouter(responses={code: {"model": Problem} for code in (404, 406, 503)})
read = reading(router)


@read("/id/{name:path}", summary="An entity, document or claim: redirects to its page or data", status_code=303)
async def get_thing(request: Request, name: Name) -> Response:  # noqa: ARG001
    """Redirect to the page for a browser, and to the data in the format that Accept likes best for anyone else."""
    media_type = _negotiate(request, [*SUFFIX_OF, HTML])
    path = await _find(request, _raw_path(request, "/id/"))
    address = f"/page/{path}" if media_type == HTML else f"/data/{path}.{SUFFIX_OF[media_type]}"
    return RedirectResponse(address, 303, headers={"Vary": "Accept", **SAFETY_HEADERS})


@read("/page/{name:path}", summary="The page of an entity, document or claim")
async def get_page(
    request: Request,
    name: Name,  # noqa: ARG001
    part: Annotated[int, Query(ge=1, le=MAX_PARTS, description="of a page that would be too long for one")] = 1,
) -> Response:
    """Its facts with the sentences behind them, what is no fact, its figures and names, and who contradicts what."""
    path = _raw_path(request, "/page/")
    answer = await _pool(request).answer(Job("resource_page", {"path": path, "part": part}))
    files = (
        f'</data/{quote(path, safe=PATH_SAFE)}.{suffix}>; rel="alternate"; type="{MEDIA_OF[suffix]}"'
        for suffix in _ALTERNATES
    )
    return stream(answer, {"Content-Security-Policy": POLICY, "X-Frame-Options": "DENY", "Link": ", ".join(files)})


@read("/data/{name:path}.{suffix}", summary="The statements of an entity, document or claim")
async def get_data(request: Request, name: Name, suffix: str) -> Response:  # noqa: ARG001
    """In the format of the suffix: ttl, jsonld, nt, rdf, trig or nq; the last two say in which graph each stands."""
    path = _raw_path(request, "/data/").removesuffix(f".{suffix}")
    if suffix not in MEDIA_OF:
        raise RequestError(f"no format ends in .{suffix}: take one of {', '.join(MEDIA_OF)}", 404)
    answer = await _pool(request).answer(Job("resource_data", {"path": path, "media_type": MEDIA_OF[suffix]}))
    return stream(answer, {"Link": f'</page/{quote(path, safe=PATH_SAFE)}>; rel="alternate"; type="{HTML}"'})


@read("/ontology", summary="The OWL ontology, in the format that Accept asks for, or as a page")
async def get_ontology(request: Request) -> Response:
    """Turtle by default; for a browser a page with an anchor for every term."""
    media_type = _negotiate(request, [*SUFFIX_OF, HTML])
    if media_type == HTML:
        html = await run_in_threadpool(render_ontology)
        return Response(html, headers=_headers(f"{HTML}; charset=utf-8", {"Content-Security-Policy": POLICY}))
    return Response(_ontology(MEDIA_OF[SUFFIX_OF[media_type]]), headers=_headers(media_type))


@read("/ontology.{suffix}", include_in_schema=False)
async def get_ontology_file(suffix: str) -> Response:
    """The ontology in the format of the suffix."""
    if suffix not in MEDIA_OF:
        raise RequestError(f"no format ends in .{suffix}: take one of {', '.join(MEDIA_OF)}", 404)
    return Response(_ontology(MEDIA_OF[suffix]), headers=_headers(MEDIA_OF[suffix]))


@read("/.well-known/void", summary="VoID description of the graph, with example queries")
async def get_void(request: Request) -> Response:
    """How many things of each class and uses of each property there are, in the format that Accept asks for."""
    media_type = _negotiate(request, list(SUFFIX_OF))
    counts = await request.app.state.cache.get("counts")
    base_iri, site = _settings(request).base_iri, str(request.base_url)
    triples = await run_in_threadpool(describe_dataset, counts, site, base_iri)
    return Response(write_graph(triples, media_type, base_iri), headers=_headers(media_type))


@read("/sitemap.xml", summary="Addresses of the pages of all documents", response_class=Response)
async def get_sitemap(
    request: Request,
    part: Annotated[
        int | None, Query(ge=1, description=f"of more than {SITEMAP_SIZE:,} documents, so many each")
    ] = None,
) -> Response:
    """A sitemap, or an index of sitemaps where there are more documents than one may list."""
    paths = await request.app.state.cache.get("documents")
    site, n_parts = str(request.base_url), -(-len(paths) // SITEMAP_SIZE)
    if part is None and n_parts > 1:
        parts = [f"{site}sitemap.xml?part={number}" for number in range(1, n_parts + 1)]
        return Response(_sitemap("sitemapindex", "sitemap", parts), headers=_headers("application/xml"))
    if part is not None and part > max(n_parts, 1):
        raise RequestError(f"there are {n_parts:,} parts", 404)
    start = ((part or 1) - 1) * SITEMAP_SIZE
    pages = [f"{site}page/{path}" for path in paths[start : start + SITEMAP_SIZE]]
    return Response(_sitemap("urlset", "url", pages), headers=_headers("application/xml"))


async def _find(request: Request, path: str) -> str:
    """The path as links have it. Raises RequestError (404) when the graph knows nothing by it."""
    answer = await _pool(request).answer(Job("resource_path", {"path": path}))
    return str(json.loads(b"".join([chunk async for chunk in answer.chunks])))


def _negotiate(request: Request, offers: Sequence[str]) -> str:
    media_type = negotiate(request.headers.get("accept"), offers)
    if media_type is None:
        raise RequestError(f"this is served as {', '.join(offers)}: accept one of them", 406)
    return media_type


def _raw_path(request: Request, before: str) -> str:
    """What follows `before` in the path as the client sent it: decoded, `%2F` would look like a slash."""
    return str(request.scope["raw_path"].decode("ascii", "replace")).partition(before)[2]


@lru_cache(maxsize=len(MEDIA_OF))
def _ontology(media_type: str) -> bytes:
    parsed = ox.parse(path=resource_path("ontology", "kg.ttl"), format=ox.RdfFormat.TURTLE)
    return write_graph([quad.triple for quad in parsed], media_type)


def _sitemap(root: str, entry: str, addresses: Sequence[str]) -> bytes:
    tree = Element(root, {"xmlns": SITEMAP_NAMESPACE})
    for address in addresses:
        SubElement(SubElement(tree, entry), "loc").text = address
    return bytes(tostring(tree, encoding="utf-8", xml_declaration=True))


def _headers(media_type: str, more: dict[str, str] | None = None) -> dict[str, str]:
    charset = "; charset=utf-8" if media_type == "text/turtle" else ""
    return {"Content-Type": media_type + charset, "Vary": "Accept", **SAFETY_HEADERS, **(more or {})}


def _pool(request: Request) -> QueryPool:
    pool: QueryPool = request.app.state.pool
    return pool


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
