"""Stage 7: extractions and entities -> RDF 1.1 quads, without blank nodes.

In: one document's Extraction, and the Resolution of all. Out: what the document says, in its own named graph; entities,
labels and asserted triples in the default graph. Each triple stands in exactly one graph, because whatever a document's
graph holds has the document, or a digest over its id, as its subject. Refuses evidence that is not the text's.
Source: ontology/README.md, sections Claims and Status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from kg import iris
from kg.errors import ExtractionError
from kg.findings import StatedClaim
from kg.records import (
    SYMMETRIC,
    Attribution,
    Claim,
    Cluster,
    ClusterId,
    Document,
    Entity,
    EntityType,
    Evidence,
    Extraction,
    Observation,
    Predicate,
    Resolution,
    Status,
)

CONFIDENCE_DIGITS = 3
"""Digits after the point of a confidence: finer than its calibration can tell."""

MAX_SURROUNDINGS = 600
"""Characters on each side of a quote, about two sentences and more; the shapes hold to it."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_TYPE = iris.expand("rdf:type")
_AGENTS = frozenset({EntityType.PERSON, EntityType.COMPANY, EntityType.ORGANIZATION})
_DATE_TYPES = (
    (re.compile(r"\d{4}-\d{2}-\d{2}"), iris.expand("xsd:date")),
    (re.compile(r"\d{4}-\d{2}"), iris.expand("xsd:gYearMonth")),
    (re.compile(r"\d{4}"), iris.expand("xsd:gYear")),
)

Term = ox.NamedNode | ox.Literal
Statement = tuple[ox.NamedNode, ox.NamedNode, Term]
Detail = tuple[str, Term | None]


@dataclass(frozen=True, slots=True)
class _Scene:
    """One document's extraction with its clusters looked up: by id, and as the entity each stands for."""

    extraction: Extraction
    base: str
    clusters: dict[ClusterId, Cluster]
    entities: dict[ClusterId, ox.NamedNode]
    document: ox.NamedNode


def extraction_quads(extraction: Extraction, resolution: Resolution, base: str) -> list[ox.Quad]:
    """What one document says, in its named graph, sorted and each quad once.

    Of two claims that differ in nothing but confidence the surer one stays.
    Raises ExtractionError when evidence is not the text's, or a cluster is in no entity.
    """
    scene = _scene(extraction, resolution, base)
    graph = iris.graph_iri(base, extraction.document.id)
    statements = {*_document_statements(scene)}
    for iri, finding in _surest(scene).items():
        statements.update(_own_statements(scene, iri, finding), _shared_statements(scene, iri, finding))
    return sorted((ox.Quad(s, p, o, graph) for s, p, o in statements), key=str)


def entity_quads(entities: Iterable[Entity]) -> list[ox.Quad]:
    """Class, names, links and reasons of each entity, in the default graph, sorted."""
    quads = []
    for entity in entities:
        iri = iris.named_node(entity.iri)
        quads.append(ox.Quad(iri, _TYPE, iris.class_term(entity.type)))
        quads.append(ox.Quad(iri, iris.expand("rdfs:label"), ox.Literal(entity.name)))
        others = (alias for alias in entity.aliases if alias != entity.name)
        quads.extend(ox.Quad(iri, iris.expand("skos:altLabel"), ox.Literal(alias)) for alias in others)
        quads.extend(ox.Quad(iri, iris.expand("owl:sameAs"), iris.named_node(same)) for same in entity.same_as)
        quads.extend(ox.Quad(iri, iris.expand("kg:joinedBecause"), ox.Literal(why)) for why in entity.reasons)
    return sorted(quads, key=str)


def asserted_quads(claims: Iterable[StatedClaim], min_confidence: float = 0.0) -> list[ox.Quad]:
    """The plain triples that claims with status Actual support, in the default graph, sorted and each once.

    claims: accepted ones. min_confidence: in [0, 1]; a claim is enough when at it or above. A symmetric predicate is
    asserted both ways.
    """
    triples: set[tuple[str, Predicate, str]] = set()
    for claim in claims:
        if claim.status is Status.ACTUAL and Decimal(claim.confidence) >= Decimal(str(min_confidence)):
            triples.add((claim.subject, claim.predicate, claim.object))
            if claim.predicate in SYMMETRIC:
                triples.add((claim.object, claim.predicate, claim.subject))
    return [ox.Quad(iris.named_node(s), iris.predicate_term(p), iris.named_node(o)) for s, p, o in sorted(triples)]


def date_literal(text: str) -> ox.Literal:
    """`2025-07-03` as xsd:date, `2025-07` as xsd:gYearMonth, `2025` as xsd:gYear; the shapes refuse anything else."""
    for pattern, datatype in _DATE_TYPES:
        if pattern.fullmatch(text):
            return ox.Literal(text, datatype=datatype)
    return ox.Literal(text)


def decimal_literal(value: Decimal) -> ox.Literal:
    """xsd:decimal in the canonical form in which pyoxigraph stores it (`1.50` would come back as `1.5`)."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return ox.Literal("0" if text in ("-0", "") else text, datatype=iris.expand("xsd:decimal"))


def _scene(extraction: Extraction, resolution: Resolution, base: str) -> _Scene:
    document_id = extraction.document.id
    clusters = {cluster.id: cluster for cluster in extraction.clusters}
    if lost := [c for c in clusters if (document_id, c) not in resolution.iri_of]:
        raise ExtractionError(f"{document_id}: clusters {', '.join(lost)} are in no entity")
    entities = {c: iris.named_node(resolution.iri_of[document_id, c]) for c in clusters}
    return _Scene(extraction, base, clusters, entities, iris.document_iri(base, document_id))


def _document_statements(scene: _Scene) -> Iterator[Statement]:
    document = scene.extraction.document
    details: list[Detail] = [
        ("rdf:type", iris.expand("kg:Document")),
        ("dcterms:identifier", ox.Literal(document.id)),
        ("dcterms:title", _string(document.title)),
        ("dcterms:creator", _string(document.author)),
        ("dcterms:publisher", _string(document.outlet)),
        ("dcterms:date", _date(document.published)),
        ("schema:url", _string(document.url)),
        ("kg:digest", ox.Literal(document.digest)),
        *(("kg:mentions", entity) for entity in scene.entities.values()),
    ]
    return _statements(scene.document, details)


def _own_statements(scene: _Scene, iri: ox.NamedNode, finding: Claim | Observation) -> Iterator[Statement]:
    if isinstance(finding, Claim):
        return _claim_statements(scene, iri, finding)
    return _observation_statements(scene, iri, finding)


def _claim_statements(scene: _Scene, iri: ox.NamedNode, claim: Claim) -> Iterator[Statement]:
    details: list[Detail] = [
        ("rdf:type", iris.expand("kg:Claim")),
        ("rdf:subject", scene.entities[claim.subject]),
        ("rdf:predicate", iris.predicate_term(claim.predicate)),
        ("rdf:object", scene.entities[claim.object]),
        ("kg:status", iris.individual(claim.status)),
        ("kg:role", _string(claim.role)),
        ("kg:startedOn", _date(claim.started_on)),
        ("kg:endedOn", _date(claim.ended_on)),
        ("kg:occurredOn", _date(claim.occurred_on)),
    ]
    return _statements(iri, details)


def _observation_statements(scene: _Scene, iri: ox.NamedNode, observation: Observation) -> Iterator[Statement]:
    details: list[Detail] = [
        ("rdf:type", iris.expand("kg:Observation")),
        ("kg:about", scene.entities[observation.about]),
        ("kg:metric", iris.individual(observation.metric)),
        ("kg:value", decimal_literal(observation.value)),
        ("kg:unit", ox.Literal(observation.unit)),
        ("kg:observedOn", _date(observation.observed_on)),
        ("kg:qualifier", _string(observation.qualifier)),
    ]
    return _statements(iri, details)


def _shared_statements(scene: _Scene, iri: ox.NamedNode, finding: Claim | Observation) -> Iterator[Statement]:
    """What claims and observations have in common: confidence, who says so, and the evidence with its own node."""
    evidence, speaker = finding.evidence, finding.attributed_to
    _check_evidence(scene, evidence)
    evidence_iri = iris.record_iri(
        scene.base, "evidence", evidence.document_id, str(evidence.start), str(evidence.end), evidence.quote
    )
    confidence = decimal_literal(round(Decimal(str(finding.confidence)), CONFIDENCE_DIGITS))
    details: list[Detail] = [
        ("kg:confidence", confidence),
        ("kg:attributedTo", _speaker(scene, speaker)),
        ("kg:attributionText", _string(speaker.text if speaker else None)),
        ("kg:evidence", evidence_iri),
    ]
    yield from _statements(iri, details)
    evidence_details: list[Detail] = [
        ("rdf:type", iris.expand("kg:Evidence")),
        ("kg:quote", ox.Literal(evidence.quote)),
        ("kg:start", _integer(evidence.start)),
        ("kg:end", _integer(evidence.end)),
        *_surroundings(scene.extraction.document, evidence),
        ("prov:wasDerivedFrom", scene.document),
    ]
    yield from _statements(evidence_iri, evidence_details)


def _surroundings(document: Document, evidence: Evidence) -> Iterator[Detail]:
    """The rest of the quote's paragraph, verbatim: what stands between blank lines, inside the running text.

    Where a paragraph is longer than `MAX_SURROUNDINGS` on one side, it begins or ends at a word.
    """
    start = max((s.start for s in document.body if s.start <= evidence.start < s.end), default=evidence.start)
    end = min((s.end for s in document.body if s.start < evidence.end <= s.end), default=evidence.end)
    before = _BLANK_LINE.split(document.text[start : evidence.start])[-1].lstrip()
    after = _BLANK_LINE.split(document.text[evidence.end : end])[0].rstrip()
    if len(before) > MAX_SURROUNDINGS:
        before = before[-MAX_SURROUNDINGS:].partition(" ")[2]
    if len(after) > MAX_SURROUNDINGS:
        after = after[:MAX_SURROUNDINGS].rpartition(" ")[0]
    yield "kg:before", _string(before if before.strip() else None)
    yield "kg:after", _string(after if after.strip() else None)


def _surest(scene: _Scene) -> dict[ox.NamedNode, Claim | Observation]:
    """The findings by IRI; of two that say the same in the same place, the one with the higher confidence."""
    best: dict[ox.NamedNode, Claim | Observation] = {}
    findings: list[Claim | Observation] = [*scene.extraction.claims, *scene.extraction.observations]
    for finding in findings:
        iri = _claim_iri(scene, finding) if isinstance(finding, Claim) else _observation_iri(scene, finding)
        if iri not in best or finding.confidence > best[iri].confidence:
            best[iri] = finding
    return best


def _claim_iri(scene: _Scene, claim: Claim) -> ox.NamedNode:
    """From the names in the document, not the entities, so that no other document can rename a claim."""
    said = (
        *_named(scene, claim.subject),
        claim.predicate.value,
        *_named(scene, claim.object),
        claim.status.value,
        claim.role,
        claim.started_on,
        claim.ended_on,
        claim.occurred_on,
    )
    return iris.record_iri(scene.base, "claim", *_place(claim), *said)


def _observation_iri(scene: _Scene, observation: Observation) -> ox.NamedNode:
    said = (
        *_named(scene, observation.about),
        observation.metric.value,
        str(decimal_literal(observation.value).value),
        observation.unit,
        observation.observed_on,
        observation.qualifier,
    )
    return iris.record_iri(scene.base, "observation", *_place(observation), *said)


def _place(finding: Claim | Observation) -> tuple[str | None, ...]:
    evidence, speaker = finding.evidence, finding.attributed_to
    return (evidence.document_id, str(evidence.start), str(evidence.end), speaker.text if speaker else None)


def _named(scene: _Scene, cluster_id: ClusterId) -> tuple[str, str]:
    if cluster_id not in scene.clusters:
        raise ExtractionError(
            f"{scene.extraction.document.id}: a finding speaks of cluster {cluster_id}, which is none"
        )
    cluster = scene.clusters[cluster_id]
    return cluster.type.value, cluster.name


def _speaker(scene: _Scene, attribution: Attribution | None) -> ox.NamedNode | None:
    """The entity that says so, if it has a name and can speak; a product's words stay words."""
    if attribution is None or attribution.cluster is None:
        return None
    _named(scene, attribution.cluster)
    is_agent = scene.clusters[attribution.cluster].type in _AGENTS
    return scene.entities[attribution.cluster] if is_agent else None


def _check_evidence(scene: _Scene, evidence: Evidence) -> None:
    document = scene.extraction.document
    if evidence.document_id != document.id or document.text[evidence.start : evidence.end] != evidence.quote:
        raise ExtractionError(
            f"{document.id}: evidence {evidence.start}-{evidence.end} of {evidence.document_id} is not the text's: "
            f"{evidence.quote[:60]!r}"
        )


def _statements(subject: ox.NamedNode, details: Iterable[Detail]) -> Iterator[Statement]:
    return ((subject, iris.expand(curie), term) for curie, term in details if term is not None)


def _string(text: str | None) -> ox.Literal | None:
    return None if text is None else ox.Literal(text)


def _date(text: str | None) -> ox.Literal | None:
    return None if text is None else date_literal(text)


def _integer(number: int) -> ox.Literal:
    return ox.Literal(str(number), datatype=iris.expand("xsd:integer"))
