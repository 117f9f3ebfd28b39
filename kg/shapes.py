"""Stage 8: quads -> what the SHACL shapes accept, and what they refuse with the reason. The only module with pyshacl.

In: quads of any number of documents, and the entities they speak of. Out: the accepted quads, and one Refusal for each
thing that breaks a shape. A refused claim or observation goes with its evidence, unless another still rests on it;
whatever rests on a refused entity or evidence goes too. Nothing is repaired.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox
import pyshacl
import rdflib
from pyshacl.graph_abstraction import OxigraphDataGraph

from kg import iris
from kg.conflicts import COMPARISONS
from kg.errors import ShapeError
from kg.records import Predicate, Refusal
from kg.resources import resource_path

BATCH_QUADS = 50_000
"""Quads that one run of pySHACL sees. Its cost is linear, 1.2 ms a claim with all that hangs on it (5,000 in 6 s);
a batch bounds the memory."""

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph

_SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
_ENTITY_SHAPES = ("EntityShape", "AssertionShape")
_COMPARISON_SHAPES = ("SourceCountShape", "ConflictShape")
_DOCUMENT_SHAPES = (
    "ClaimShape",
    "ClaimTypesShape",
    "FindingShape",
    "ObservationShape",
    "EvidenceShape",
    "DocumentShape",
    "DateShape",
)
_TYPE, _LABEL, _QUOTE = iris.expand("rdf:type"), iris.expand("rdfs:label"), iris.expand("kg:quote")
_SUBJECT, _PREDICATE, _OBJECT = (iris.expand(f"rdf:{name}") for name in ("subject", "predicate", "object"))
_STATUS, _ABOUT, _METRIC = iris.expand("kg:status"), iris.expand("kg:about"), iris.expand("kg:metric")
_VALUE, _UNIT, _IDENTIFIER = iris.expand("kg:value"), iris.expand("kg:unit"), iris.expand("dcterms:identifier")
_EVIDENCE, _SOURCE = iris.expand("kg:evidence"), iris.expand("prov:wasDerivedFrom")
_CLASS_DOCUMENT = iris.expand("kg:Document")
_LINKS = frozenset(iris.predicate_term(p) for p in Predicate)
_CORE = frozenset({_SUBJECT, _PREDICATE, _OBJECT, _STATUS})
_NEEDS = frozenset({_SUBJECT, _OBJECT, _ABOUT, _EVIDENCE, _SOURCE})
_DEFAULT = ox.DefaultGraph()
_COMPARED = frozenset({_TYPE, _EVIDENCE, _SOURCE})


@dataclass(frozen=True, slots=True)
class Checked:
    """quads: the accepted ones, in the order given. refusals: sorted by what they are about."""

    quads: list[ox.Quad]
    refusals: list[Refusal]


@dataclass(frozen=True, slots=True, order=True)
class _Violation:
    """One result of the report; path and value are empty where the shape names none."""

    focus: str
    message: str
    path: str = ""
    value: str = ""


class _NonEmptyGraph(OxigraphDataGraph):
    """A store as pySHACL sees it.

    pySHACL asks its graph three times a violation whether it is empty, and without this each answer counts the distinct
    triples of the whole: 11 ms for 10,000 of them.
    """

    def __bool__(self) -> bool:
        return True


def check_quads(quads: Sequence[ox.Quad]) -> Checked:
    """Keep what the shapes accept, and list what they refuse.

    quads: entity quads in the default graph and documents' quads in named graphs; an entity that a claim speaks of has
    to be among them. Asserted triples, when there, have to rest on a claim among them.
    Raises ShapeError when pySHACL cannot run the shapes.
    """
    documents: dict[Node, list[ox.Quad]] = defaultdict(list)
    default: dict[Node, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        if quad.graph_name == _DEFAULT:
            default[quad.subject].append(quad)
        else:
            documents[quad.graph_name].append(quad)
    violations = _entity_violations(default, quads) | _comparison_violations(default, quads)
    for batch in _batches(documents.values()):
        violations |= _violations([*batch, *_types_for(batch, default)], _DOCUMENT_SHAPES)
    return _sift(quads, sorted(violations)) if violations else Checked(list(quads), [])


def _batches(documents: Iterable[list[ox.Quad]]) -> Iterator[list[ox.Quad]]:
    batch: list[ox.Quad] = []
    for quads in documents:
        if batch and len(batch) + len(quads) > BATCH_QUADS:
            yield batch
            batch = []
        batch.extend(quads)
    if batch:
        yield batch


def _entity_violations(default: dict[Node, list[ox.Quad]], quads: Iterable[ox.Quad]) -> set[_Violation]:
    """Entities, and asserted triples against what all documents claim."""
    entities = [quad for of_entity in default.values() for quad in of_entity]
    if not any(quad.predicate in _LINKS for quad in entities):
        return _violations(entities, _ENTITY_SHAPES)
    claims = [quad for quad in quads if quad.predicate in _CORE and quad.graph_name != _DEFAULT]
    return _violations([*entities, *claims], _ENTITY_SHAPES)


def _comparison_violations(default: dict[Node, list[ox.Quad]], quads: Iterable[ox.Quad]) -> set[_Violation]:
    """Conflicts and numbers of sources, against the findings of all documents that they speak of."""
    said = [quad for of_thing in default.values() for quad in of_thing if quad.predicate in COMPARISONS]
    if not said:
        return set()
    findings = [quad for quad in quads if quad.predicate in _COMPARED and quad.graph_name != _DEFAULT]
    return _violations([*said, *findings], _COMPARISON_SHAPES)


def _types_for(batch: Iterable[ox.Quad], default: dict[Node, list[ox.Quad]]) -> list[ox.Quad]:
    """The classes of the entities that the batch speaks of; order does not matter, pySHACL sees a set."""
    entities = {quad.object for quad in batch if quad.object in default}
    return [quad for entity in entities for quad in default[entity] if quad.predicate == _TYPE]


def _violations(quads: Iterable[ox.Quad], shapes: tuple[str, ...]) -> set[_Violation]:
    """One run of pySHACL over the quads, merged into one graph, and the ontology.

    pySHACL takes a pyoxigraph store as it is; SHACL-SPARQL on it is some hundred times faster than on an rdflib graph.
    """
    store = ox.Store()
    store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in (*quads, *_ontology()))
    try:
        _, report, text = pyshacl.validate(_NonEmptyGraph(store), shacl_graph=_shapes_graph(shapes), inplace=True)
    except pyshacl.errors.ReportableRuntimeError as err:
        raise ShapeError(f"ontology/shapes.ttl cannot be run: {err}", str(err)) from err
    if not isinstance(report, rdflib.Graph):
        raise ShapeError("ontology/shapes.ttl cannot be run", str(text))
    return {_read_result(report, result) for result in report.subjects(rdflib.RDF.type, _SH.ValidationResult)}


def _read_result(report: rdflib.Graph, result: rdflib.term.Node) -> _Violation:
    focus, path, value = (report.value(result, _SH[name]) for name in ("focusNode", "resultPath", "value"))
    messages = sorted(str(message) for message in report.objects(result, _SH.resultMessage))
    iri_of = [str(term) if isinstance(term, rdflib.URIRef) else "" for term in (path, value)]
    return _Violation(str(focus), "; ".join(messages), *iri_of)


@lru_cache(maxsize=1)
def _ontology() -> list[ox.Quad]:
    return list(ox.parse(path=resource_path("ontology", "kg.ttl")))


@lru_cache(maxsize=2)
def _shapes_graph(names: tuple[str, ...]) -> rdflib.Graph:
    """The named shapes, each property shape with the targets of its node shape.

    The same results, eight times as fast: pySHACL runs a property shape with targets of its own once for all nodes, and
    one inside a node shape once for each.
    """
    graph = rdflib.Graph().parse(resource_path("ontology", "shapes.ttl"), format="turtle")
    wanted = {rdflib.URIRef(iris.expand(f"kg:{name}").value) for name in names}
    for shape in list(graph.subjects(rdflib.RDF.type, _SH.NodeShape)):
        properties = list(graph.objects(shape, _SH.property))
        graph.remove((shape, _SH.property, None))
        for target in (_SH.targetClass, _SH.targetSubjectsOf):
            classes = list(graph.objects(shape, target)) if shape in wanted else []
            graph.remove((shape, target, None))
            for node in (shape, *properties):
                graph += [(node, target, cls) for cls in classes]
    return graph


def _sift(quads: Sequence[ox.Quad], violations: Iterable[_Violation]) -> Checked:
    """Divide the quads by what is refused: things as a whole, and single values of documents and plain triples."""
    subjects: dict[Node, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        subjects[quad.subject].append(quad)
    things: dict[Node, list[str]] = defaultdict(list)
    values: dict[tuple[Node, ...], list[str]] = defaultdict(list)
    for violation in violations:
        focus = ox.NamedNode(violation.focus)
        lost = _lost_values(subjects[focus], violation)
        for quad in lost:
            values[quad.subject, quad.predicate, quad.object].append(violation.message)
        if not lost:
            things[focus].append(violation.message)
    _spread(quads, things)
    orphans = _orphans(quads, things)
    accepted = [
        quad
        for quad in quads
        if not (quad.subject in things or quad.object in things or quad.subject in orphans)
        and (quad.subject, quad.predicate, quad.object) not in values
    ]
    refusals = [_refusal(_thing(node, subjects), reasons, _quote(node, subjects)) for node, reasons in things.items()]
    refusals += [_refusal(_triple(triple, subjects), reasons, "") for triple, reasons in values.items()]
    return Checked(accepted, sorted(refusals, key=lambda r: (r.what, r.reason, r.quote)))


def _lost_values(quads: Iterable[ox.Quad], violation: _Violation) -> list[ox.Quad]:
    """The triples that are wrong where the rest of the thing can stay: plain triples, and values of a document."""
    of_path = [quad for quad in quads if quad.predicate.value == violation.path]
    shared = _LINKS | COMPARISONS
    links = [quad for quad in of_path if quad.predicate in shared and _iri(quad.object) in {violation.value, ""}]
    return links or (of_path if any(quad.object == _CLASS_DOCUMENT for quad in quads) else [])


def _spread(quads: Iterable[ox.Quad], things: dict[Node, list[str]]) -> None:
    """Add to `things` what rests on them: evidence on its document, findings on their evidence and entities."""
    needs = [quad for quad in quads if quad.predicate in _NEEDS]
    grown = True
    while grown:
        resting = {quad.subject: quad.object for quad in needs if quad.object in things and quad.subject not in things}
        for subject, ground in resting.items():
            things[subject].append(f"it rests on {_iri(ground)}, which is refused")
        grown = bool(resting)


def _orphans(quads: Iterable[ox.Quad], things: Container[Node]) -> set[Node]:
    """Evidence that was cited, and only by what is refused."""
    cited: dict[Node, bool] = {}
    for quad in quads:
        if quad.predicate == _EVIDENCE:
            cited[quad.object] = cited.get(quad.object, False) or quad.subject not in things
    return {evidence for evidence, is_needed in cited.items() if not is_needed}


def _refusal(what: str, reasons: Iterable[str], quote: str) -> Refusal:
    return Refusal(what, "; ".join(sorted(set(reasons))), quote)


def _thing(node: Node, subjects: Mapping[Node, list[ox.Quad]]) -> str:
    """`claim of a.txt: Acme acquired Beta, denied`, in words for a person."""
    said: dict[Node, Node] = {quad.predicate: quad.object for quad in subjects.get(node, [])}
    kind = iris.compress(_iri(said.get(_TYPE))).removeprefix("kg:").lower() or "thing"
    names = [
        _name(said[p], subjects) for p in (_SUBJECT, _PREDICATE, _OBJECT, _ABOUT, _METRIC, _VALUE, _UNIT) if p in said
    ]
    status = f", {_name(said[_STATUS], subjects)}" if _STATUS in said else ""
    document = _document(node, said, subjects)
    return f"{kind}{document}: {' '.join(names) or _name(node, subjects)}{status}"


def _triple(triple: tuple[Node, ...], subjects: Mapping[Node, list[ox.Quad]]) -> str:
    return "triple: " + " ".join(_name(term, subjects) for term in triple)


def _document(node: Node, said: Mapping[Node, Node], subjects: Mapping[Node, list[ox.Quad]]) -> str:
    """` of a.txt`, by the evidence, where there is one."""
    evidence = said.get(_EVIDENCE, node)
    sources = [quad.object for quad in subjects.get(evidence, []) if quad.predicate == _SOURCE]
    return f" of {_name(sources[0], subjects)}" if sources else ""


def _quote(node: Node, subjects: Mapping[Node, list[ox.Quad]]) -> str:
    evidences = [node, *(quad.object for quad in subjects.get(node, []) if quad.predicate == _EVIDENCE)]
    quotes = [quad.object for e in evidences for quad in subjects.get(e, []) if quad.predicate == _QUOTE]
    return " ".join(sorted(quote.value for quote in quotes if isinstance(quote, ox.Literal)))


def _name(term: Node, subjects: Mapping[Node, list[ox.Quad]]) -> str:
    """A label or identifier where there is one, else the local name of one of our terms, the text, or the IRI."""
    labels = [q.object for q in subjects.get(term, []) if q.predicate in (_LABEL, _IDENTIFIER)]
    if labels and isinstance(labels[0], ox.Literal) and labels[0].value:
        return labels[0].value
    if isinstance(term, ox.Literal):
        return term.value
    short = iris.compress(_iri(term))
    return short.removeprefix("kg:")


def _iri(term: Node | None) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""
