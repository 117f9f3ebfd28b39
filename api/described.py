"""A resource of the graph as linked data: what a path means, and the statements that describe what it stands for.

In: an open snapshot, and the part of a path that stands for what follows the base of all IRIs. Out: quads, sorted.
What a path means is decided here alone: the base is seldom an address of this server.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import pyoxigraph as ox

from kg.iris import expand

_TYPE, _LABEL, _EVIDENCE = expand("rdf:type"), expand("rdfs:label"), expand("kg:evidence")
_DERIVED = expand("prov:wasDerivedFrom")
_ENDS = (expand("rdf:subject"), expand("rdf:object"), expand("kg:about"))
CLAIM, OBSERVATION, DOCUMENT = expand("kg:Claim"), expand("kg:Observation"), expand("kg:Document")
LABELS = (_LABEL, expand("dcterms:title"), expand("dcterms:identifier"))
_OF_SOURCES = tuple(expand(name) for name in ("dcterms:date", "dcterms:publisher", "dcterms:creator", "schema:url"))

PATH_SAFE = "/%~.+_-!$&'()*,;=:@"
"""What stands in a path as it is (RFC 3986, section 3.3); `%` because the IRIs of documents hold it already."""

Node = Any
"""A term that can be a subject; the graph's own are all IRIs, a user's may be blank."""


def path_of(iri: str, base: str) -> str | None:
    """The path that stands for an IRI, percent-encoded; None for one that is not below the base.

    >>> path_of("https://w3id.org/tracegraph/id/person/zoë-doe", "https://w3id.org/tracegraph/id/")
    'person/zo%C3%AB-doe'
    """
    return quote(iri.removeprefix(base), safe=PATH_SAFE) if iri.startswith(base) and iri != base else None


def find_resource(store: ox.Store, path: str, base: str) -> ox.NamedNode | None:
    """What the path stands for in this graph; None when that is nothing.

    path: as it came, percent-encoded. A name in other letters stands in an IRI as it is, a document's id stands in it
    percent-encoded, and a client may encode more or less than it has to; the first reading that the graph knows counts.
    """
    plain = unquote(path)
    segments = "/".join(quote(unquote(segment), safe="") for segment in path.split("/"))
    for text in dict.fromkeys((path, plain, segments)):
        try:
            node = ox.NamedNode(base + text)
        except ValueError:
            continue
        if any(True for _ in store.quads_for_pattern(node, None, None)) or store.contains_named_graph(node):
            return node
    return None


def describe(store: ox.Store, node: ox.NamedNode) -> list[ox.Quad]:
    """The statements of a resource and those that give it meaning, sorted and each once.

    Of an entity: its own, the plain links to it, and every finding about it with the sentence and its document. Of a
    document or a graph: all that the document says. Of a finding: its evidence, too. Then names and classes of
    everything that these name.
    """
    own = list(store.quads_for_pattern(node, None, None))
    quads = {*own, *store.quads_for_pattern(None, None, node, ox.DefaultGraph())}
    quads.update(store.quads_for_pattern(None, None, None, node))
    if is_a(store, node, DOCUMENT):
        for graph in {quad.graph_name for quad in own} - {ox.DefaultGraph()}:
            quads.update(store.quads_for_pattern(None, None, None, graph))
    for finding in findings_of(store, node):
        quads.update(store.quads_for_pattern(finding, None, None))
    evidences: set[Node] = {quad.object for quad in quads if quad.predicate == _EVIDENCE}
    for evidence in evidences:
        quads.update(store.quads_for_pattern(evidence, None, None))
    named = {term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, ox.NamedNode)}
    sources = {quad.object for quad in quads if quad.predicate == _DERIVED}
    for term in named - {quad.subject for quad in quads if quad.predicate == _TYPE}:
        for predicate in (_TYPE, *LABELS, *(_OF_SOURCES if term in sources else ())):
            quads.update(store.quads_for_pattern(term, predicate, None))
    return sorted(quads, key=str)


def list_documents(store: ox.Store) -> list[str]:
    """IRIs of all documents, sorted."""
    subjects: set[Node] = {quad.subject for quad in store.quads_for_pattern(None, _TYPE, DOCUMENT)}
    return sorted(subject.value for subject in subjects)


def findings_of(store: ox.Store, node: ox.NamedNode) -> set[Node]:
    """The claims and observations about an entity, in a document or graph, or of a piece of evidence."""
    found: set[Node] = {quad.subject for end in _ENDS for quad in store.quads_for_pattern(None, end, node)}
    for kind in (CLAIM, OBSERVATION):
        found |= {quad.subject for quad in store.quads_for_pattern(None, _TYPE, kind, node)}
    evidences = {quad.subject for quad in store.quads_for_pattern(None, _DERIVED, node)} | {node}
    return found | {q.subject for evidence in evidences for q in store.quads_for_pattern(None, _EVIDENCE, evidence)}


def is_a(store: ox.Store, node: ox.NamedNode, kind: ox.NamedNode) -> bool:
    """Whether some graph says that the resource is of the class."""
    return any(True for _ in store.quads_for_pattern(node, _TYPE, kind))


def local_name(iri: str) -> str:
    """What stands behind the last slash or number sign, percent-decoded.

    >>> local_name("https://w3id.org/tracegraph/ontology#acquired")
    'acquired'
    """
    return unquote(iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1])
