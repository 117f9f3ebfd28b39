"""What a page of linked data shows of a resource, read from a snapshot into records.

In: an open snapshot and a resource. Out: a Described: the thing itself, what is said of it as findings (claims and
figures with the sentences behind them), who contradicts whom, and which documents speak of it. What is a fact is
decided here alone: a claim that a document states as actual, that nobody has taken back, and whose plain link the
graph has.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from api.described import CLAIM, DOCUMENT, LABELS, OBSERVATION, Node, findings_of, is_a, local_name
from kg.iris import expand

_TYPE, _EVIDENCE, _DERIVED = expand("rdf:type"), expand("kg:evidence"), expand("prov:wasDerivedFrom")
_MENTIONS, _CONFLICTS = expand("kg:mentions"), expand("kg:conflictsWith")
_SUBJECT, _PREDICATE, _OBJECT, _ABOUT = (expand(n) for n in ("rdf:subject", "rdf:predicate", "rdf:object", "kg:about"))
_METRIC, _SPEAKER, _START = expand("kg:metric"), expand("kg:attributedTo"), expand("kg:start")
_COUNT, _CONFIDENCE, _STATUS = expand("kg:sourceCount"), expand("kg:confidence"), expand("kg:status")
_DIFFERS = re.compile(r"differsIn(\w+)From")
_DETAILS = {
    name: expand(f"kg:{name}")
    for name in (
        *("status", "role", "value", "unit", "qualifier", "startedOn", "endedOn", "occurredOn", "observedOn"),
        *("confidence", "sourceCount", "retractedBy", "retractionReason"),
    )
}

MAX_SOURCES = 100
"""Documents that a page lists."""

MAX_ALIKE = 50
"""Other claims that say the same, as the page of a claim lists them."""

FACT, UNSURE, RETRACTED = "fact", "unsure", "retracted"
"""Standings of a claim besides those that its status names: planned, attempted, denied, rumoured, former.

unsure: it is stated as actual, and too uncertain for the graph to assert its link.
"""


@dataclass(frozen=True, slots=True)
class Link:
    """Something with an IRI, as a page names it. type: the local name of its class; empty where it has none."""

    iri: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as a source is cited; what it does not state is empty. n_findings: what it says of the thing."""

    link: Link
    published: str = ""
    outlet: str = ""
    author: str = ""
    url: str = ""
    n_findings: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """The words behind a finding, with the rest of their paragraph where the graph has it, and their document."""

    iri: str
    quote: str
    before: str
    after: str
    start: float
    paper: Paper | None


@dataclass(frozen=True, slots=True)
class Rival:
    """A finding that contradicts another. aspects: in what, such as `Figure` or `Date`."""

    finding: Finding
    aspects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim or an observation. what: local name of the predicate or metric. details: property -> text.

    standing: FACT, UNSURE, RETRACTED or a status in lower case; of a figure FACT or RETRACTED. rivals of rivals are not
    read.
    """

    iri: str
    subject: Link
    what: str
    object: Link | None
    standing: str
    details: dict[str, str]
    said_by: str
    speaker: Link | None
    sources: tuple[Source, ...]
    rivals: tuple[Rival, ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """All that a page shows. values: property -> what it gives, sorted.

    n_findings: how many there are, of which `findings` are those of this part. alike: of a claim, others that say the
    same; n_alike: how many there are. papers: of an entity, the documents that speak of it, those that say most first;
    n_papers: how many there are.
    """

    thing: Link
    values: dict[str, tuple[Link | str, ...]]
    findings: tuple[Finding, ...]
    n_findings: int
    part: int
    n_parts: int
    papers: tuple[Paper, ...] = ()
    n_papers: int = 0
    alike: tuple[Finding, ...] = ()
    n_alike: int = 0


def describe_for_page(store: ox.Store, node: ox.NamedNode, max_findings: int, part: int = 1) -> Described:
    """What one part of a resource's page shows.

    An entity's parts go from what most texts agree on to what few do; a document's follow its text. n_parts is at least
    1; a part beyond it is empty.
    """
    reader = _Reader(store)
    is_finding = is_a(store, node, CLAIM) or is_a(store, node, OBSERVATION)
    found: list[Node] = [node] if is_finding else sorted(findings_of(store, node), key=str)
    is_document = any(True for _ in store.quads_for_pattern(None, None, None, node)) or is_a(store, node, DOCUMENT)
    if is_document:
        found.sort(key=reader.place)
    elif len(found) > max_findings:
        found.sort(key=reader.support)
    start = (part - 1) * max_findings
    papers = () if is_finding or is_document else reader.papers_about(node, found)
    alike = reader.alike(node) if is_finding else []
    return Described(
        thing=reader.link(node),
        values=reader.values(node),
        findings=tuple(reader.finding(one, with_rivals=True) for one in found[start : start + max_findings]),
        n_findings=len(found),
        part=part,
        n_parts=max(1, -(-len(found) // max_findings)),
        papers=papers[:MAX_SOURCES],
        n_papers=len(papers),
        alike=tuple(reader.finding(one) for one in alike[:MAX_ALIKE]),
        n_alike=len(alike),
    )


def number(text: str | None) -> float:
    """What the text of a literal counts; 0 for none, and for what a user may have written in place of a number."""
    try:
        found = float(text or 0)
    except ValueError:
        return 0.0
    return found if math.isfinite(found) else 0.0


class _Reader:
    """Reads records from a store; names and documents, which a page cites again and again, once each."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._links: dict[Any, Link] = {}
        self._papers: dict[Any, Paper] = {}
        self._sources: dict[Any, Source] = {}

    def finding(self, node: Node, *, with_rivals: bool = False) -> Finding:
        """A claim or figure with its sentences."""
        found = self._properties(node)
        subject, object_ = _first(found, _SUBJECT) or _first(found, _ABOUT), _first(found, _OBJECT)
        what, speaker = _first(found, _PREDICATE) or _first(found, _METRIC), _first(found, _SPEAKER)
        details = {
            name: local_name(term.value) if isinstance(term, ox.NamedNode) else str(term.value)
            for name, predicate in _DETAILS.items()
            if (term := _first(found, predicate)) is not None
        }
        words = _first(found, expand("kg:attributionText"))
        return Finding(
            iri=node.value,
            subject=self.link(subject or node),
            what=local_name(what.value) if what else "",
            object=self.link(object_) if object_ else None,
            standing=self._standing(details, subject, what, object_),
            details=details,
            said_by=words.value if words else "",
            speaker=self.link(speaker) if isinstance(speaker, ox.NamedNode) else None,
            sources=tuple(self._source(evidence) for evidence in found.get(_EVIDENCE, ())),
            rivals=tuple(self._rival(found, o) for o in found.get(_CONFLICTS, ())) if with_rivals else (),
        )

    def support(self, node: Node) -> tuple[float, float]:
        """Sorts what most texts say before the rest, and of that the surest first; a tenth of the cost of `finding`."""
        count, confidence = (self._highest(node, predicate) for predicate in (_COUNT, _CONFIDENCE))
        return -count, -confidence

    def place(self, node: Node) -> tuple[float, str]:
        """Sorts findings as their sentences stand in the text."""
        starts = [number(self._text(e, _START)) for e in self._objects(node, _EVIDENCE)]
        return min(starts, default=0.0), str(node)

    def link(self, term: Any) -> Link:
        """The resource by its label, title or identifier; what has none, by the end of its IRI."""
        if term not in self._links:
            label = next((text for name in LABELS if (text := self._text(term, name))), None)
            kind = self._text(term, _TYPE)
            name = label or local_name(term.value) or term.value
            self._links[term] = Link(term.value, name, local_name(kind) if kind else "")
        return self._links[term]

    def values(self, node: ox.NamedNode) -> dict[str, tuple[Link | str, ...]]:
        """What the resource's own statements say."""
        values: dict[str, tuple[Link | str, ...]] = {}
        for predicate, terms in self._properties(node).items():
            links = [self.link(term) if isinstance(term, ox.NamedNode) else str(term.value) for term in terms]
            ordered = sorted(links, key=lambda v: (v.label, v.iri) if isinstance(v, Link) else (v, ""))
            values[predicate.value] = tuple(ordered)
        return dict(sorted(values.items()))

    def papers_about(self, node: ox.NamedNode, findings: Iterable[Node]) -> tuple[Paper, ...]:
        """The documents that name the entity, with how many of the findings stand in the graph of each."""
        naming: dict[Any, Any] = {q.graph_name: q.subject for q in self._store.quads_for_pattern(None, _MENTIONS, node)}
        kept = {*findings}
        ends: Iterable[ox.NamedNode] = (_SUBJECT, _OBJECT, _ABOUT)
        said = {(q.subject, q.graph_name) for e in ends for q in self._store.quads_for_pattern(None, e, node)}
        counts = Counter(graph for finding, graph in said if finding in kept)
        rows = sorted((-counts[graph], str(document), document) for graph, document in naming.items())
        shown = [self._paper(document, -n) for n, _, document in rows[:MAX_SOURCES]]
        rest = [Paper(Link(document.value, "", "")) for _, _, document in rows[MAX_SOURCES:]]
        return (*shown, *rest)

    def alike(self, node: Node) -> list[Node]:
        """Other claims with the same ends, predicate and status."""
        found = self._properties(node)
        subject, object_ = _first(found, _SUBJECT), _first(found, _OBJECT)
        if subject is None or object_ is None:
            return []
        about = ((_SUBJECT, subject), (_OBJECT, object_))
        of_both = [{q.subject for q in self._store.quads_for_pattern(None, p, end)} for p, end in about]
        return [
            other
            for other in sorted((of_both[0] & of_both[1]) - {node}, key=str)
            if all(self._objects(other, p) == found.get(p, []) for p in (_PREDICATE, _STATUS))
        ]

    def _standing(self, details: dict[str, str], subject: Any, predicate: Any, object_: Any) -> str:
        if "retractedBy" in details:
            return RETRACTED
        if object_ is None:
            return FACT
        status = details.get("status", "").lower()
        if status != "actual":
            return status or UNSURE
        if not isinstance(predicate, ox.NamedNode) or isinstance(subject, ox.Literal):
            return UNSURE
        links = self._store.quads_for_pattern(subject, predicate, object_, ox.DefaultGraph())
        return FACT if any(True for _ in links) else UNSURE

    def _rival(self, found: dict[Any, list[Any]], other: Any) -> Rival:
        aspects = (_DIFFERS.fullmatch(local_name(term.value)) for term, others in found.items() if other in others)
        return Rival(self.finding(other), tuple(sorted(a[1] for a in aspects if a)))

    def _source(self, node: Any) -> Source:
        if node not in self._sources:
            found = self._properties(node)
            text = {name: _first(found, expand(f"kg:{name}")) for name in ("quote", "before", "after", "start")}
            said = {name: str(term.value) if term is not None else "" for name, term in text.items()}
            document = _first(found, _DERIVED)
            paper = self._paper(document) if document is not None else None
            start = number(said.pop("start"))
            self._sources[node] = Source(iri=node.value, start=start, paper=paper, **said)
        return self._sources[node]

    def _paper(self, node: Any, n_findings: int = 0) -> Paper:
        if n_findings or node not in self._papers:
            names = ("dcterms:date", "dcterms:publisher", "dcterms:creator", "schema:url")
            published, outlet, author, url = (self._text(node, expand(name)) or "" for name in names)
            self._papers[node] = Paper(self.link(node), published, outlet, author, url, n_findings)
        return self._papers[node]

    def _highest(self, node: Node, predicate: ox.NamedNode) -> float:
        terms: Iterable[Any] = (quad.object for quad in self._store.quads_for_pattern(node, predicate, None))
        return max((number(term.value) for term in terms), default=0.0)

    def _objects(self, node: Node, predicate: ox.NamedNode) -> list[Any]:
        if isinstance(node, ox.Literal):
            return []
        found: set[Any] = {quad.object for quad in self._store.quads_for_pattern(node, predicate, None)}
        return sorted(found, key=str)

    def _text(self, node: Node, predicate: ox.NamedNode) -> str | None:
        return min((str(term.value) for term in self._objects(node, predicate)), default=None)

    def _properties(self, node: Any) -> dict[Any, list[Any]]:
        """Predicate -> objects, each once and sorted."""
        if isinstance(node, ox.Literal):
            return {}
        found: dict[Any, list[Any]] = {}
        triples: set[Any] = {quad.triple for quad in self._store.quads_for_pattern(node, None, None)}
        for triple in sorted(triples, key=str):
            found.setdefault(triple.predicate, []).append(triple.object)
        return found


def _first(found: dict[Any, list[Any]], predicate: ox.NamedNode) -> Any:
    return found.get(predicate, [None])[0]
