"""Triples or quads as bytes in an RDF format, the same bytes every time, with the prefixes that they use and no other.

The library writes prefixes in an order that changes from process to process, so they are put in order afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyoxigraph as ox

from api.protocol import GRAPH_MEDIA
from kg.iris import prefixes, prefixes_with
from kg.sparql import GRAPH_FORMATS

SERVER_PREFIXES = {
    "foaf": "http://xmlns.com/foaf/0.1/",
    "formats": "http://www.w3.org/ns/formats/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
    "voidext": "http://ldf.fi/void-ext#",
}
"""Vocabularies in which a server speaks of itself, and which nothing in the graph uses."""

Statements = Sequence[ox.Triple] | Sequence[ox.Quad]

_NAMESPACE = re.compile(r"<([^<>\"]*[/#])[^/#<>\"]*>")
_PREFIX_LINES = re.compile(rb"\A(?:@prefix [^\n]*\n)+")
_DECLARATIONS = re.compile(rb"(?<=<rdf:RDF)(?: xmlns:[\w-]+=\"[^\"]*\")+(?=>)")


def write_graph(statements: Statements, media_type: str, base_iri: str | None = None) -> bytes:
    """The statements in the format of a media type of `api.protocol.GRAPH_MEDIA`, in the order given.

    base_iri: of the entities, whose kinds then have prefixes.
    """
    wanted = GRAPH_FORMATS[GRAPH_MEDIA[media_type]]
    text = ox.serialize(statements, format=wanted, prefixes=_used(statements, base_iri)) or b""
    if wanted in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG):
        return _PREFIX_LINES.sub(lambda lines: b"".join(sorted(lines[0].splitlines(keepends=True))), text, count=1)
    if wanted == ox.RdfFormat.RDF_XML:
        return _DECLARATIONS.sub(lambda found: b" " + b" ".join(sorted(found[0].split())), text, count=1)
    return bytes(text)


def _used(statements: Statements, base_iri: str | None) -> dict[str, str]:
    known = {**(prefixes_with(base_iri) if base_iri else prefixes()), **SERVER_PREFIXES}
    namespaces = {namespace for statement in statements for namespace in _NAMESPACE.findall(str(statement))}
    return {prefix: namespace for prefix, namespace in known.items() if namespace in namespaces}
