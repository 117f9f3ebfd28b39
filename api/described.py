"""A resource of the graph as linked data: the statements that describe it, and the findings that a page of it shows.

In: an open snapshot, and the part of a path that stands for what follows the base of all IRIs. Out: quads, sorted; or
records for `api.pages`. What a path means is decided here alone: the base is seldom an address of this server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pyoxigraph as ox

from kg.iris import expand

_TYPE, _LABEL, _EVIDENCE = expand("rdf:type"), expand("rdfs:label"), expand("kg:evidence")
_DERIVED, _MENTIONS, _CONFLICTS = expand("prov:wasDerivedFrom"), expand("kg:mentions"), expand("kg:conflictsWith")
_SUBJECT, _PREDICATE, _OBJECT, _ABOUT = (expand(n) for n in ("rdf:subject", "rdf:predicate", "rdf:object", "kg:about"))
_ENDS = (_SUBJECT, _OBJECT, _ABOUT)
_CLAIM, _OBSERVATION, _DOCUMENT = expand("kg:Claim"), expand("kg:Observation"), expand("kg:Document")
_LABELS = (_LABEL, expand("dcterms:title"), expand("dcterms:identifier"))
_OF_SOURCES = tuple(expand(name) for name in ("dcterms:date", "dcterms:publisher", "dcterms:creator", "schema:url"))
_DIFFERS = re.compile(r"differsIn(\w+)From")

PATH_SAFE = "/%~.+_-!$&'()*,;=:@"
"""What stands in a path as it is (RFC 3986, section 3.3); `%` because the IRIs of documents hold it already."""

Node = Any
"""A term that can be a subject; the graph's own are all IRIs, a user's may be blank."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something with an IRI, as a page names it. type: the local name of its class; empty where it has none."""

    iri: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class Source:
    """The words behind a finding, and the document that they are from."""

    quote: str
    document: Link | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Rival:
    """A finding that contradicts another. aspects: in what, such as `Figure` or `Date`."""

    iri: str
    aspects: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim or an observation. what: local name of the predicate or metric. details: property -> text, sorted."""

    iri: str
    subject: Link
    what: str
    object: Link | None
    details: dict[str, str]
    said_by: str | None
    sources: tuple[Source, ...]
    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """All that a page shows. values: property -> what it gives, sorted, findings left out.

    n_findings: how many there are, of which `findings` are the best supported.
    """

    thing: Link
    values: dict[str, tuple[Link | str, ...]]
    findings: tuple[Finding, ...]
    n_findings: int


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
    if _is_a(store, node, _DOCUMENT):
        for graph in {quad.graph_name for quad in own} - {ox.DefaultGraph()}:
            quads.update(store.quads_for_pattern(None, None, None, graph))
    for finding in _findings_of(store, node):
        quads.update(store.quads_for_pattern(finding, None, None))
    evidences: set[Node] = {quad.object for quad in quads if quad.predicate == _EVIDENCE}
    for evidence in evidences:
        quads.update(store.quads_for_pattern(evidence, None, None))
    named = {term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, ox.NamedNode)}
    sources = {quad.object for quad in quads if quad.predicate == _DERIVED}
    for term in named - {quad.subject for quad in quads if quad.predicate == _TYPE}:
        for predicate in (_TYPE, *_LABELS, *(_OF_SOURCES if term in sources else ())):
            quads.update(store.quads_for_pattern(term, predicate, None))
    return sorted(quads, key=str)


def describe_for_page(store: ox.Store, node: ox.NamedNode, max_findings: int) -> Described:
    """What a page of the resource shows; of more than `max_findings` findings those that most texts agree on."""
    findings = _findings_of(store, node)
    if _is_a(store, node, _CLAIM) or _is_a(store, node, _OBSERVATION):
        findings = {node}
    chosen = sorted(findings, key=str)
    if len(findings) > max_findings:
        chosen = sorted(chosen, key=lambda finding: _support(store, finding))[:max_findings]
    read = [_finding(store, finding) for finding in chosen]
    shown = tuple(sorted(read, key=lambda finding: _order(finding, node.value)))
    return Described(_link(store, node), _values(store, node), shown, len(findings))


def list_documents(store: ox.Store) -> list[str]:
    """IRIs of all documents, sorted."""
    subjects: set[Node] = {quad.subject for quad in store.quads_for_pattern(None, _TYPE, _DOCUMENT)}
    return sorted(subject.value for subject in subjects)


def _findings_of(store: ox.Store, node: ox.NamedNode) -> set[Node]:
    """The claims and observations about an entity, in a document or graph, or of a piece of evidence."""
    found: set[Node] = {quad.subject for end in _ENDS for quad in store.quads_for_pattern(None, end, node)}
    for kind in (_CLAIM, _OBSERVATION):
        found |= {quad.subject for quad in store.quads_for_pattern(None, _TYPE, kind, node)}
    evidences = {quad.subject for quad in store.quads_for_pattern(None, _DERIVED, node)} | {node}
    return found | {q.subject for evidence in evidences for q in store.quads_for_pattern(None, _EVIDENCE, evidence)}


def _finding(store: ox.Store, node: Node) -> Finding:
    found = _properties(store, node)
    subject = _first(found, _SUBJECT) or _first(found, _ABOUT)
    what = _first(found, _PREDICATE) or _first(found, expand("kg:metric"))
    object_, speaker = _first(found, _OBJECT), _first(found, expand("kg:attributedTo"))
    words = _first(found, expand("kg:attributionText"))
    details = ("status", "role", "value", "unit", "qualifier", "startedOn", "endedOn", "occurredOn", "observedOn")
    more = ("confidence", "sourceCount", "retractedBy")
    return Finding(
        iri=node.value,
        subject=_link(store, subject or node),
        what=local_name(what.value) if what else "",
        object=_link(store, object_) if object_ else None,
        details={
            name: local_name(term.value) if isinstance(term, ox.NamedNode) else term.value
            for name in (*details, *more)
            if (term := _first(found, expand(f"kg:{name}"))) is not None
        },
        said_by=words.value if words else _link(store, speaker).label if speaker else None,
        sources=_sources(store, found),
        rivals=tuple(_rival(store, found, other) for other in found.get(_CONFLICTS, ())),
    )


def _rival(store: ox.Store, found: dict[Any, list[Any]], other: Any) -> Rival:
    aspects = (_DIFFERS.fullmatch(local_name(term.value)) for term, others in found.items() if other in others)
    return Rival(other.value, tuple(sorted(a[1] for a in aspects if a)), _sources(store, _properties(store, other)))


def _sources(store: ox.Store, found: dict[Any, list[Any]]) -> tuple[Source, ...]:
    return tuple(_source(store, _properties(store, evidence)) for evidence in found.get(_EVIDENCE, ()))


def _source(store: ox.Store, found: dict[Any, list[Any]]) -> Source:
    words, document = _first(found, expand("kg:quote")), _first(found, _DERIVED)
    published = _first(_properties(store, document), expand("dcterms:date")) if document else None
    return Source(
        words.value if words else "",
        _link(store, document) if document else None,
        published.value if published else None,
    )


def _values(store: ox.Store, node: ox.NamedNode) -> dict[str, tuple[Link | str, ...]]:
    """What the resource's own statements say; plain links to entities stand behind the findings that assert them."""
    values: dict[str, tuple[Link | str, ...]] = {}
    for predicate, terms in _properties(store, node).items():
        links = [_link(store, term) if isinstance(term, ox.NamedNode) else str(term.value) for term in terms]
        values[predicate.value] = tuple(sorted(links, key=lambda v: (v.label, v.iri) if isinstance(v, Link) else (v,)))
    return dict(sorted(values.items()))


def _support(store: ox.Store, node: Node) -> tuple[float, float]:
    """Sorts what most texts say before the rest, and of that the surest first; a tenth of the cost of `_finding`."""
    count, confidence = (_text(store, node, expand(f"kg:{name}")) for name in ("sourceCount", "confidence"))
    return -number(count), -number(confidence)


def _order(finding: Finding, centre: str) -> tuple[Any, ...]:
    """Claims from the centre, claims to it, then figures; of one link what most texts say, then what is surest."""
    details = finding.details
    return (
        finding.object is None,
        finding.subject.iri != centre,
        finding.what,
        finding.subject.label,
        finding.object.label if finding.object else details.get("observedOn", ""),
        -number(details.get("sourceCount")),
        -number(details.get("confidence")),
        finding.iri,
    )


def _link(store: ox.Store, term: Any) -> Link:
    label = next((text for name in _LABELS if (text := _text(store, term, name))), None)
    kind = _text(store, term, _TYPE)
    return Link(term.value, label or local_name(term.value), local_name(kind) if kind else "")


def _is_a(store: ox.Store, node: ox.NamedNode, kind: ox.NamedNode) -> bool:
    return any(True for _ in store.quads_for_pattern(node, _TYPE, kind))


def _text(store: ox.Store, node: Node, predicate: ox.NamedNode) -> str | None:
    objects: list[Any] = [quad.object for quad in store.quads_for_pattern(node, predicate, None)]
    return min((term.value for term in objects), default=None)


def _properties(store: ox.Store, node: Any) -> dict[Any, list[Any]]:
    """Predicate -> objects, each once and sorted."""
    found: dict[Any, list[Any]] = {}
    for quad in sorted(set(_triples(store.quads_for_pattern(node, None, None))), key=str):
        found.setdefault(quad.predicate, []).append(quad.object)
    return found


def _triples(quads: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
    return (quad.triple for quad in quads)


def _first(found: dict[Any, list[Any]], predicate: ox.NamedNode) -> Any:
    return found.get(predicate, [None])[0]


def number(text: str | None) -> float:
    """What the text of a literal counts; 0 for none, and for what a user may have written in place of a number."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def local_name(iri: str) -> str:
    """What stands behind the last slash or number sign, percent-decoded.

    >>> local_name("https://w3id.org/tracegraph/ontology#acquired")
    'acquired'
    """
    return unquote(iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1])
