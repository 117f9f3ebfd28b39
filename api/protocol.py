"""SPARQL 1.1 Protocol as pure functions: a request's parts -> what is asked; an Accept header -> a media type.

Source: W3C Recommendation SPARQL 1.1 Protocol, sections 2.1 and 2.2; RFC 9110, section 12.5.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from kg.errors import KgError
from kg.updates import UpdateRequest

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

SOLUTION_MEDIA = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
"""Media type -> format of rows and truth values, the preferred first."""

GRAPH_MEDIA = {
    "text/turtle": "turtle",
    "application/turtle": "turtle",
    "application/x-turtle": "turtle",
    "application/n-triples": "ntriples",
    "text/plain": "ntriples",
    "application/n-quads": "nquads",
    "application/trig": "trig",
    "application/rdf+xml": "rdfxml",
    "application/xml": "rdfxml",
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
}
"""Media type -> format of triples, the preferred first; the odd ones are what SPARQLWrapper and old clients ask for."""

MAX_PARAMETERS = 1_000
"""Parameters of one request; a dataset of a few hundred graphs fits, a flood of them does not."""


class RequestError(KgError):
    """A request that is no query of the protocol; `status` is the HTTP status that says so."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """One query operation. default_graphs, named_graphs: IRIs, empty where the request does not give the dataset."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def parse_get(query_string: bytes) -> QueryRequest | None:
    """The query of a GET request; None when it asks for none, and so for the service description.

    Raises RequestError for two queries, an update or text that is not UTF-8.
    """
    parameters = _parameters(query_string)
    if "update" in _names(parameters):
        raise RequestError("an update must not come by GET")
    if "query" not in _names(parameters):
        return None
    return _request(_single(parameters, "query"), parameters)


def parse_post(query_string: bytes, content_type: str, body: bytes) -> QueryRequest | UpdateRequest:
    """The query or the update of a POST request, URL-encoded or direct.

    Raises RequestError for another media type or charset (415), two queries or none, and text that is not UTF-8.
    """
    media_type, charset = _content_type(content_type)
    if media_type not in (FORM, QUERY, UPDATE):
        raise RequestError(f"the body is {media_type or 'of no media type'}: send {QUERY} or {FORM}", 415)
    if charset not in ("utf-8", "utf8"):
        raise RequestError(f"the body is in {charset}: send UTF-8", 415)
    parameters = _parameters(query_string)
    form = _parameters(body) if media_type == FORM else []
    if "update" in _names(form):
        if "query" in _names(form):
            raise RequestError("a query and an update in one request: send one")
        return _update_request(_single(form, "update"), [*parameters, *form])
    if "update" in _names(parameters):
        raise RequestError("an update in the address: send it in the body")
    if media_type == UPDATE:
        return _update_request(_decode(body), parameters)
    if media_type == FORM:
        return _request(_single(form, "query"), [*parameters, *form])
    if "query" in _names(parameters):
        raise RequestError("one query in the address and another in the body: send one")
    return _request(_decode(body), parameters)


def is_update(content_type: str) -> bool:
    """Whether a body of this Content-Type is an update, and so is not to be read before the token is checked."""
    return _content_type(content_type)[0] == UPDATE


def negotiate(accept: str | None, offers: Sequence[str]) -> str | None:
    """The offer that the Accept header likes best, ties to the first offer; None when it likes none.

    An offer's quality is that of the most specific range that fits it (RFC 9110, section 12.5.1).

    >>> negotiate("text/csv;q=0.5, application/*", ["application/json", "text/csv"])
    'application/json'
    """
    if not accept or not accept.strip():
        return offers[0]
    ranges = [_media_range(part) for part in accept.split(",") if part.strip()]
    best = max(offers, key=lambda offer: _quality(offer, ranges))
    return best if _quality(best, ranges) > 0 else None


def _quality(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    main = offer.split("/", maxsplit=1)[0]
    for wanted in (offer, f"{main}/*", "*/*"):
        qualities = [quality for media_range, quality in ranges if media_range == wanted]
        if qualities:
            return max(qualities)
    return 0.0


def _media_range(part: str) -> tuple[str, float]:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        if name.strip() == "q":
            try:
                return media_range, min(max(float(value), 0.0), 1.0)
            except ValueError:
                return media_range, 0.0
    return media_range, 1.0


def _content_type(header: str) -> tuple[str, str]:
    media_type, *parameters = (piece.strip().lower() for piece in header.split(";"))
    named = dict(parameter.partition("=")[::2] for parameter in parameters)
    return media_type, named.get("charset", "utf-8").strip('"')


def _parameters(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError as err:
        raise RequestError("the parameters are not percent-encoded UTF-8") from err
    except ValueError as err:
        raise RequestError(f"the request has more than {MAX_PARAMETERS} parameters") from err


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as err:
        raise RequestError(f"the query is not UTF-8 at byte {err.start}") from err


def _names(parameters: Sequence[tuple[str, str]]) -> set[str]:
    return {name for name, _ in parameters}


def _single(parameters: Sequence[tuple[str, str]], name: str) -> str:
    values = [value for key, value in parameters if key == name]
    if len(values) != 1:
        raise RequestError(f"the request has {len(values)} parameters named {name}: send one")
    return values[0]


def _request(query: str, parameters: Sequence[tuple[str, str]]) -> QueryRequest:
    return QueryRequest(
        query,
        tuple(value for key, value in parameters if key == "default-graph-uri"),
        tuple(value for key, value in parameters if key == "named-graph-uri"),
    )


def _update_request(text: str, parameters: Sequence[tuple[str, str]]) -> UpdateRequest:
    return UpdateRequest(
        text,
        tuple(value for key, value in parameters if key == "using-graph-uri"),
        tuple(value for key, value in parameters if key == "using-named-graph-uri"),
    )
