"""Stage 11: snapshot -> files for other programs, the same bytes every time.

In: a store, and what part of it is wanted. Out: Turtle, N-Triples and RDF/XML hold the triples of all graphs merged;
TriG, N-Quads and JSON-LD keep the named graphs. pyoxigraph writes quads in the order in which it is given them, so
sorting them is all that stable bytes need (its own order depends on how a store was filled). Every RDF format is
lossless, save that XML has no way to write control characters: there U+FFFD stands for each. GraphML, GEXF and CSV
come from kg.tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from kg import iris, tables
from kg.conflicts import COMPARISONS, SOURCE_COUNT
from kg.errors import GraphError
from kg.records import Predicate

_RANKS = {
    iris.expand(curie): f"{rank:02}"
    for rank, curie in enumerate(
        (
            "rdf:type",
            "rdfs:label",
            "skos:altLabel",
            "rdf:subject",
            "rdf:predicate",
            "rdf:object",
            "kg:status",
            "kg:quote",
        )
    )
}
"""Properties that a reader looks for first; the others follow by IRI."""

_LINKS = frozenset(iris.predicate_term(p) for p in Predicate)
_SUBJECT, _OBJECT, _ABOUT = iris.expand("rdf:subject"), iris.expand("rdf:object"), iris.expand("kg:about")
_EVIDENCE, _SOURCE = iris.expand("kg:evidence"), iris.expand("prov:wasDerivedFrom")
_MENTIONS, _SPEAKER = iris.expand("kg:mentions"), iris.expand("kg:attributedTo")
_NAMES = (iris.expand("rdfs:label"), iris.expand("skos:altLabel"))
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_DEFAULT = ox.DefaultGraph()
_ON_FINDINGS = COMPARISONS | {iris.expand("kg:retractedBy"), iris.expand("kg:retractionReason")}
"""What the default graph says of claims and figures; facts alone are without it."""


CSV_SUFFIX = ".csv"
"""Not in FORMATS, because it makes a folder."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What part of a store is exported.

    facts_only: entities and asserted triples, no claims. entity: a name, an alias or an IRI, with what lies at most
    `hops` links from it; a claim of any status is a link.
    """

    facts_only: bool = False
    entity: str | None = None
    hops: int = 1


def export_store(store: ox.Store, out: Path, *, base: str, selection: Selection | None = None) -> int:
    """Write the selection to `out`, each file whole or not at all; gives the number of quads.

    The suffix of `out` says the format; for `.csv` it is a folder that gets one file for each table.

    Raises GraphError for an unknown suffix, or an entity that is unknown or ambiguous.
    """
    _check_suffix(out.suffix)
    quads = select_quads(store, selection or Selection())
    if out.suffix == CSV_SUFFIX:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in tables.csv_tables(quads).items():
            _write_file(out / name, text)
    else:
        _write_file(out, FORMATS[out.suffix](quads, base))
    return len(quads)


def export_quads(quads: Iterable[ox.Quad], suffix: str, base: str) -> bytes:
    """The quads in the format of `suffix` (`.ttl`, ...), whatever their order. Raises GraphError for an unknown one."""
    if suffix not in FORMATS:
        raise GraphError(f"no format of one file has the suffix {suffix!r}; formats: {', '.join(FORMATS)}")
    return FORMATS[suffix](quads, base)


def _check_suffix(suffix: str) -> None:
    if suffix not in FORMATS and suffix != CSV_SUFFIX:
        raise GraphError(f"no format has the suffix {suffix!r}; formats: {', '.join([*FORMATS, CSV_SUFFIX])}")


def _write_file(path: Path, text: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(text)
    part.replace(path)


def select_quads(store: ox.Store, selection: Selection) -> list[ox.Quad]:
    """The quads of a selection, in no order. Raises GraphError for an entity that is unknown or ambiguous."""
    if selection.entity is None:
        whole = store.quads_for_pattern(None, None, None, _DEFAULT if selection.facts_only else None)
        return [quad for quad in whole if not (selection.facts_only and quad.predicate in _ON_FINDINGS)]
    reached = _reach(store, find_entity(store, selection.entity), selection.hops)
    quads = {q for entity in reached for q in store.quads_for_pattern(entity, None, None, _DEFAULT)}
    quads = {q for q in quads if q.predicate not in _LINKS or q.object in reached}
    if not selection.facts_only:
        findings = set(_findings_among(store, reached))
        for finding in findings:
            quads.update(q for q in _with_evidence(store, finding, reached) if not _leads_out(q, findings))
    return list(quads)


def find_entity(store: ox.Store, name: str) -> ox.NamedNode:
    """The entity whose IRI, label or other name is `name`, case aside; labels come before other names.

    Raises GraphError when none or several have it.
    """
    for predicate in _NAMES:
        found = sorted({q.subject.value for q in _named(store, predicate, name) if isinstance(q.subject, ox.NamedNode)})
        if len(found) > 1:
            raise GraphError(f"{name!r} names several entities: {', '.join(found)}; give the IRI of one")
        if found:
            return ox.NamedNode(found[0])
    if re.match(r"\w+:", name) and any(store.quads_for_pattern(iris.named_node(name), _NAMES[0], None, _DEFAULT)):
        return ox.NamedNode(name)
    raise GraphError(f"no entity is named {name!r}")


def _named(store: ox.Store, predicate: ox.NamedNode, name: str) -> Iterator[ox.Quad]:
    wanted = name.casefold()
    quads = store.quads_for_pattern(None, predicate, None, _DEFAULT)
    return (q for q in quads if isinstance(q.object, ox.Literal) and q.object.value.casefold() == wanted)


def _reach(store: ox.Store, entity: ox.NamedNode, hops: int) -> set[ox.NamedNode]:
    reached, edge = {entity}, {entity}
    for _ in range(hops):
        edge = {neighbour for e in edge for neighbour in _neighbours(store, e)} - reached
        reached |= edge
    return reached


def _neighbours(store: ox.Store, entity: ox.NamedNode) -> Iterator[ox.NamedNode]:
    linked = [q.object for q in store.quads_for_pattern(entity, None, None, _DEFAULT) if q.predicate in _LINKS]
    linked += [q.subject for q in store.quads_for_pattern(None, None, entity, _DEFAULT) if q.predicate in _LINKS]
    for near, far in ((_SUBJECT, _OBJECT), (_OBJECT, _SUBJECT)):
        for claim in store.quads_for_pattern(None, near, entity):
            linked += [q.object for q in store.quads_for_pattern(claim.subject, far, None)]
    return (term for term in linked if isinstance(term, ox.NamedNode))


def _findings_among(store: ox.Store, reached: set[ox.NamedNode]) -> Iterator[ox.NamedNode]:
    """Claims whose two ends are reached, and observations about what is."""
    for entity in reached:
        for quad in store.quads_for_pattern(None, _SUBJECT, entity):
            ends = store.quads_for_pattern(quad.subject, _OBJECT, None)
            if isinstance(quad.subject, ox.NamedNode) and any(end.object in reached for end in ends):
                yield quad.subject
        for quad in store.quads_for_pattern(None, _ABOUT, entity):
            if isinstance(quad.subject, ox.NamedNode):
                yield quad.subject


def _with_evidence(store: ox.Store, finding: ox.NamedNode, reached: set[ox.NamedNode]) -> Iterator[ox.Quad]:
    """The finding, its evidence and its document; of what is outside the selection only the speaker's IRI is named."""
    for quad in store.quads_for_pattern(finding, None, None):
        yield quad
        if quad.predicate == _SPEAKER and isinstance(quad.object, ox.NamedNode):
            yield from (
                q for q in store.quads_for_pattern(quad.object, None, None, _DEFAULT) if q.predicate not in _LINKS
            )
        if quad.predicate == _EVIDENCE and isinstance(quad.object, ox.NamedNode):
            for detail in store.quads_for_pattern(quad.object, None, None):
                yield detail
                if detail.predicate == _SOURCE and isinstance(detail.object, ox.NamedNode):
                    yield from _document(store, detail.object, reached)


def _leads_out(quad: ox.Quad, findings: Collection[ox.NamedNode]) -> bool:
    """Whether it is a conflict with a finding that is not selected."""
    return quad.predicate in COMPARISONS and quad.predicate != SOURCE_COUNT and quad.object not in findings


def _document(store: ox.Store, document: ox.NamedNode, reached: set[ox.NamedNode]) -> Iterator[ox.Quad]:
    quads = store.quads_for_pattern(document, None, None)
    return (q for q in quads if q.predicate != _MENTIONS or q.object in reached)


def _quad_key(quad: ox.Quad) -> tuple[str, str, str, str]:
    graph = "" if quad.graph_name == _DEFAULT else str(quad.graph_name)
    return graph, str(quad.subject), _RANKS.get(quad.predicate, quad.predicate.value), str(quad.object)


def _write_rdf(quads: Iterable[ox.Quad], base: str, *, rdf_format: ox.RdfFormat) -> bytes:
    """Sorted by graph, subject, predicate and object; prefixes sorted by name, those in use only."""
    if not rdf_format.supports_datasets:
        quads = {ox.Quad(q.subject, q.predicate, q.object) for q in quads}
    ordered = sorted(quads, key=_quad_key)
    merged = ordered if rdf_format.supports_datasets else [quad.triple for quad in ordered]
    known = iris.prefixes() if rdf_format == ox.RdfFormat.RDF_XML else iris.prefixes_with(base)
    text = ox.serialize(merged, format=rdf_format, prefixes=dict(known)) or b""
    if rdf_format in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG):
        return _with_tidy_prefixes(text, len(known))
    if rdf_format == ox.RdfFormat.RDF_XML:
        return _NO_XML.sub("\ufffd".encode(), text).replace(b"\r", b"&#13;")
    return text


def _with_tidy_prefixes(text: bytes, n_prefixes: int) -> bytes:
    """The first lines by name and those in use only, where the serializer has all, by the length of their IRIs."""
    *lines, body = text.split(b"\n", n_prefixes)
    used = sorted(line for line in lines if line.split()[1] in body)
    return b"\n".join([*used, b"", body])


_RDF = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
}

FORMATS: dict[str, Callable[[Iterable[ox.Quad], str], bytes]] = {
    **{suffix: partial(_write_rdf, rdf_format=rdf_format) for suffix, rdf_format in _RDF.items()},
    ".graphml": lambda quads, _base: tables.graphml(quads),
    ".gexf": lambda quads, _base: tables.gexf(quads),
}
"""Suffix -> writer of quads, given the base IRI."""
