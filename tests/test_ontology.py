"""The ontology files against each other and against the records."""

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef
from rdflib.namespace import SH, SKOS
from rdflib.term import Node

from kg.iris import expand, individual, prefixes
from kg.records import SIGNATURES, SYMMETRIC, EntityType, Metric, Predicate, Status

FOLDER = Path(__file__).parent.parent / "ontology"
KG = Namespace("https://w3id.org/tracegraph/ontology#")
SCHEMA = Namespace("https://schema.org/")
WDT = Namespace("http://www.wikidata.org/prop/direct/")
OA = Namespace("http://www.w3.org/ns/oa#")

ONTOLOGY = Graph().parse(FOLDER / "kg.ttl")
SHAPES = Graph().parse(FOLDER / "shapes.ttl")
ALIGNMENTS = Graph().parse(FOLDER / "alignments.ttl")


def iris_of(kind: URIRef) -> list[URIRef]:
    """The terms of kg.ttl that are of a kind, sorted."""
    return sorted(term for term in ONTOLOGY.subjects(RDF.type, kind) if isinstance(term, URIRef))


CLASSES = iris_of(OWL.Class)
PROPERTIES = [*iris_of(OWL.ObjectProperty), *iris_of(OWL.DatatypeProperty)]
INDIVIDUALS = iris_of(OWL.NamedIndividual)

ALIGNED = {
    "worksFor": [SCHEMA.worksFor, WDT.P108],
    "foundedBy": [SCHEMA.founder, WDT.P112],
    "boardMemberOf": [WDT.P3320],
    "educatedAt": [SCHEMA.alumniOf, WDT.P69],
    "develops": [WDT.P178, WDT.P176, SCHEMA.manufacturer],
    "acquired": [WDT.P1830],
    "investedIn": [SCHEMA.funder],
    "partnerOf": [WDT.P2652],
    "subsidiaryOf": [SCHEMA.parentOrganization, WDT.P749],
    "basedOn": [SCHEMA.isBasedOn, WDT.P144],
    "uses": [WDT.P2283],
    "headquarteredIn": [SCHEMA.location, WDT.P159],
    "successorOf": [WDT.P1365],
}


def types_below(cls: Node) -> frozenset[EntityType]:
    """The entity types whose class is `cls` or under it."""
    return frozenset(t for t in EntityType if cls in ONTOLOGY.transitive_objects(KG[t.value], RDFS.subClassOf))


def linked(term: Node) -> set[Node]:
    """Everything that the alignments connect with a term, in either direction and through blank nodes."""
    near = {*ALIGNMENTS.objects(term), *ALIGNMENTS.subjects(None, term)}
    return near | {far for node in near for far in (*ALIGNMENTS.objects(node), *ALIGNMENTS.subjects(None, node))}


@pytest.mark.parametrize("term", [*CLASSES, *PROPERTIES, *INDIVIDUALS])
def test_term_has_label_definition_and_source(term: URIRef) -> None:
    assert len(list(ONTOLOGY.objects(term, RDFS.label))) == 1
    assert str(ONTOLOGY.value(term, SKOS.definition)).endswith(".")
    assert ONTOLOGY.value(term, RDFS.isDefinedBy) == URIRef("https://w3id.org/tracegraph/ontology")


@pytest.mark.parametrize("term", PROPERTIES)
def test_property_has_one_domain_and_one_range_that_are_declared(term: URIRef) -> None:
    (domain,), (range_,) = ONTOLOGY.objects(term, RDFS.domain), ONTOLOGY.objects(term, RDFS.range)
    assert domain in CLASSES
    assert (range_ in CLASSES) == ((term, RDF.type, OWL.ObjectProperty) in ONTOLOGY)


@pytest.mark.parametrize("predicate", Predicate)
def test_signature_of_predicate_is_its_domain_and_range(predicate: Predicate) -> None:
    domain, range_ = (ONTOLOGY.value(KG[predicate.value], p) for p in (RDFS.domain, RDFS.range))
    assert domain is not None
    assert range_ is not None
    assert (types_below(domain), types_below(range_)) == SIGNATURES[predicate]


def test_links_between_entities_are_the_predicates_of_the_records() -> None:
    entities = set(ONTOLOGY.transitive_subjects(RDFS.subClassOf, KG.Entity))
    links = {
        str(p).rpartition("#")[2] for p in iris_of(OWL.ObjectProperty) if ONTOLOGY.value(p, RDFS.domain) in entities
    }
    assert links == {predicate.value for predicate in Predicate}


def test_symmetric_properties_are_those_of_the_records() -> None:
    conflicts = set(ONTOLOGY.transitive_subjects(RDFS.subPropertyOf, KG.conflictsWith))
    links = {KG[p.value] for p in SYMMETRIC}
    assert set(ONTOLOGY.subjects(RDF.type, OWL.SymmetricProperty)) == links | conflicts


def test_statuses_and_metrics_are_those_of_the_records() -> None:
    declared = {*ONTOLOGY.subjects(RDF.type, KG.Status), *ONTOLOGY.subjects(RDF.type, KG.Metric)}
    assert declared == {URIRef(individual(value).value) for value in (*Status, *Metric)}


def test_ontology_has_header_with_version() -> None:
    (header,) = ONTOLOGY.subjects(RDF.type, OWL.Ontology)
    assert ONTOLOGY.value(header, OWL.versionInfo) is not None


def test_ontology_has_no_blank_nodes() -> None:
    assert all(isinstance(term, URIRef) for triple in ONTOLOGY for term in triple[:2])


@pytest.mark.parametrize(("local", "others"), ALIGNED.items())
def test_property_is_aligned_as_the_design_says(local: str, others: list[URIRef]) -> None:
    assert set(others) <= linked(KG[local])


def test_evidence_is_a_web_annotation_selector() -> None:
    assert {OA.TextQuoteSelector, OA.TextPositionSelector} <= set(ALIGNMENTS.objects(KG.Evidence, RDFS.subClassOf))


def test_observation_is_aligned_with_schema_org() -> None:
    assert SCHEMA.Observation in linked(KG.Observation)


def test_alignments_speak_of_declared_terms_only() -> None:
    ours = {term for triple in ALIGNMENTS for term in triple if str(term).startswith(KG)}
    assert ours <= {*CLASSES, *PROPERTIES, *INDIVIDUALS}


def test_every_constraint_of_the_shapes_has_a_message() -> None:
    constraints = {*SHAPES.objects(None, SH.property), *SHAPES.objects(None, SH.sparql)}
    assert len(constraints) > 30
    assert all(SHAPES.value(constraint, SH.message) is not None for constraint in constraints)


def test_shapes_speak_of_declared_terms_only() -> None:
    shapes = set(SHAPES.subjects(RDF.type, SH.NodeShape))
    ours = {term for triple in SHAPES for term in triple if str(term).startswith(KG)} - {URIRef(str(KG))}
    assert {t for t in ours - shapes if isinstance(t, URIRef)} <= {*CLASSES, *PROPERTIES, *INDIVIDUALS}


@pytest.mark.parametrize("name", ["kg.ttl", "alignments.ttl", "shapes.ttl"])
def test_file_uses_the_prefixes_of_the_list(name: str) -> None:
    declared = {line.split()[1].rstrip(":"): line.split()[2].strip("<>") for line in prefix_lines(name)}
    assert declared == {prefix: prefixes()[prefix] for prefix in declared}
    assert declared["kg"] == expand("kg:").value


def prefix_lines(name: str) -> list[str]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith("@prefix")]
