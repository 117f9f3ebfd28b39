"""Records as RDF: what stands in a document's graph, what in the default graph, and in which form."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pyoxigraph as ox
import pytest

from kg import iris
from kg.entities import resolve
from kg.errors import ExtractionError
from kg.findings import findings_of
from kg.profiles import profile_of
from kg.quads import asserted_quads, date_literal, decimal_literal, entity_quads, extraction_quads
from kg.records import (
    Attribution,
    Claim,
    Cluster,
    ClusterId,
    Document,
    DocumentId,
    EntityType,
    Evidence,
    Extraction,
    Mention,
    Metric,
    Observation,
    Predicate,
    Resolution,
    Span,
    Status,
)

BASE = "https://w3id.org/tracegraph/id/"
TEXT = "Acme bought Beta for $1.50, Jane Doe said."
ACME, BETA, DOE = ClusterId("e1"), ClusterId("e2"), ClusterId("e3")
EVIDENCE = Evidence(DocumentId("a b.txt"), 0, len(TEXT), TEXT)
CLAIM = Claim(ACME, Predicate.ACQUIRED, BETA, Status.ACTUAL, 0.97251, EVIDENCE)
PRICE = Observation(BETA, Metric.DEAL_VALUE, Decimal("1.50"), "USD", 0.5, EVIDENCE)


def extraction(*claims: Claim, observations: tuple[Observation, ...] = (), document_id: str = "a b.txt") -> Extraction:
    document = Document(DocumentId(document_id), TEXT, (Span(0, len(TEXT)),), title="Deal", published="2024-08")
    clusters = (
        Cluster(ACME, "Acme", EntityType.COMPANY, ("Acme",), (Mention(0, 4, "Acme"),)),
        Cluster(BETA, "Beta", EntityType.COMPANY, ("Beta",), (Mention(12, 16, "Beta"),)),
        Cluster(DOE, "Jane Doe", EntityType.PERSON, ("Doe", "Jane Doe"), (Mention(28, 36, "Jane Doe"),)),
    )
    return Extraction(document, clusters, claims, observations)


def quads_of(made: Extraction) -> list[ox.Quad]:
    return extraction_quads(made, resolution_of(made), BASE)


def resolution_of(*made: Extraction) -> Resolution:
    return resolve([profile_of(extraction) for extraction in made], BASE)


def asserted_by(quads: list[ox.Quad], min_confidence: float = 0.0) -> list[ox.Quad]:
    return asserted_quads(findings_of(quads).claims, min_confidence)


def said(quads: list[ox.Quad], curie: str) -> list[str]:
    """Objects of a property, as CURIEs or texts."""
    terms = [quad.object for quad in quads if quad.predicate == iris.expand(curie)]
    return [iris.compress(t.value, BASE) if isinstance(t, ox.NamedNode) else str(getattr(t, "value", t)) for t in terms]


def test_claim_says_what_the_record_says() -> None:
    claim = replace(CLAIM, role="x", started_on="2019", ended_on="2020-02-03", occurred_on="2024-07")
    quads = quads_of(extraction(claim))
    assert said(quads, "rdf:subject") + said(quads, "rdf:predicate") + said(quads, "rdf:object") == [
        "company:acme",
        "kg:acquired",
        "company:beta",
    ]
    assert (said(quads, "kg:status"), said(quads, "kg:confidence"), said(quads, "kg:role")) == (
        ["kg:Actual"],
        ["0.973"],
        ["x"],
    )
    assert (said(quads, "kg:startedOn"), said(quads, "kg:endedOn")) == (["2019"], ["2020-02-03"])


def test_evidence_has_quote_offsets_and_document() -> None:
    quads = quads_of(extraction(CLAIM))
    assert (said(quads, "kg:quote"), said(quads, "kg:start"), said(quads, "kg:end")) == (
        [TEXT],
        ["0"],
        [str(len(TEXT))],
    )
    assert said(quads, "prov:wasDerivedFrom") == ["document:a%20b.txt"]


MENU, FIRST, LAST = "Menu\n\n", "Rivals had bid too, sources say.\n", " It closed in May.\n\nWeather: rain."


def test_evidence_has_the_rest_of_its_paragraph_verbatim() -> None:
    quads = quads_of(surrounded(MENU, FIRST, LAST))
    assert (said(quads, "kg:before"), said(quads, "kg:after")) == ([FIRST], [" It closed in May."])


def test_evidence_alone_in_its_paragraph_has_no_surroundings() -> None:
    quads = quads_of(surrounded(MENU, "", "\n \nWeather: rain."))
    assert said(quads, "kg:before") == said(quads, "kg:after") == []


def test_evidence_in_a_long_paragraph_has_whole_words_around_it() -> None:
    quads = quads_of(surrounded(MENU, "before " * 200, " after" * 200))
    (before,), (after,) = said(quads, "kg:before"), said(quads, "kg:after")
    assert 580 < len(before) <= 600
    assert set(before.split()) == {"before"}
    assert 580 < len(after) <= 600
    assert set(after.split()) == {"after"}


def surrounded(menu: str, before: str, after: str) -> Extraction:
    """The deal in the midst of a text whose menu is no running text."""
    made, shift = extraction(CLAIM), len(menu + before)
    text = menu + before + TEXT + after
    document = replace(made.document, text=text, body=(Span(len(menu), len(text)),))
    evidence = replace(EVIDENCE, start=shift, end=shift + len(TEXT))
    return replace(made, document=document, claims=(replace(CLAIM, evidence=evidence),))


def test_observation_says_what_the_record_says() -> None:
    quads = quads_of(extraction(observations=(replace(PRICE, observed_on="2024", qualifier="about"),)))
    found = [said(quads, f"kg:{name}") for name in ("about", "metric", "value", "unit", "observedOn", "qualifier")]
    assert found == [["company:beta"], ["kg:DealValue"], ["1.5"], ["USD"], ["2024"], ["about"]]


def test_document_states_what_the_source_states_only() -> None:
    quads = quads_of(extraction())
    assert (said(quads, "dcterms:title"), said(quads, "dcterms:date"), said(quads, "dcterms:creator")) == (
        ["Deal"],
        ["2024-08"],
        [],
    )
    assert said(quads, "kg:mentions") == ["company:acme", "company:beta", "person:jane-doe"]


@pytest.mark.parametrize(
    ("cluster", "speakers"), [(DOE, ["person:jane-doe"]), (None, [])], ids=["with a name", "without a name"]
)
def test_attribution_keeps_the_words_and_the_speaker(cluster: ClusterId | None, speakers: list[str]) -> None:
    quads = quads_of(extraction(replace(CLAIM, attributed_to=Attribution("Jane Doe", cluster))))
    assert (said(quads, "kg:attributedTo"), said(quads, "kg:attributionText")) == (speakers, ["Jane Doe"])


def test_attribution_to_a_product_keeps_the_words_only() -> None:
    made = extraction(replace(CLAIM, attributed_to=Attribution("Beta", BETA)))
    product = replace(made.clusters[1], type=EntityType.PRODUCT)
    quads = quads_of(replace(made, clusters=(made.clusters[0], product, made.clusters[2])))
    assert (said(quads, "kg:attributedTo"), said(quads, "kg:attributionText")) == ([], ["Beta"])


def test_extraction_quads_all_stand_in_the_documents_graph() -> None:
    quads = quads_of(extraction(CLAIM, observations=(PRICE,)))
    assert {quad.graph_name for quad in quads} == {iris.graph_iri(BASE, DocumentId("a b.txt"))}


def test_extraction_quads_of_one_evidence_twice_has_one_node() -> None:
    quads = quads_of(extraction(CLAIM, observations=(PRICE,)))
    assert len(said(quads, "kg:quote")) == 1


def test_extraction_quads_same_claim_twice_keeps_the_surer() -> None:
    quads = quads_of(extraction(replace(CLAIM, confidence=0.4), CLAIM, replace(CLAIM, confidence=0.5)))
    assert said(quads, "kg:confidence") == ["0.973"]


def test_extraction_quads_two_statuses_are_two_claims() -> None:
    quads = quads_of(extraction(CLAIM, replace(CLAIM, status=Status.DENIED)))
    assert sorted(said(quads, "kg:status")) == ["kg:Actual", "kg:Denied"]


def test_claim_iri_does_not_depend_on_other_documents() -> None:
    made, other = extraction(CLAIM), extraction(document_id="b.txt")
    renamed = replace(other, clusters=(replace(other.clusters[0], name="Acme Group", aliases=("Acme", "Acme Group")),))
    alone, together = (extraction_quads(made, resolution_of(*all_of), BASE) for all_of in ([made], [made, renamed]))
    assert {q.subject for q in alone} == {q.subject for q in together}


def test_extraction_quads_wrong_evidence_is_refused() -> None:
    wrong = replace(CLAIM, evidence=replace(EVIDENCE, end=EVIDENCE.end - 1))
    with pytest.raises(ExtractionError, match=r"a b\.txt"):
        quads_of(extraction(wrong))


def test_extraction_quads_unknown_cluster_is_refused() -> None:
    with pytest.raises(ExtractionError, match="e9"):
        quads_of(extraction(replace(CLAIM, object=ClusterId("e9"))))


def test_extraction_quads_unresolved_cluster_is_refused() -> None:
    with pytest.raises(ExtractionError, match="e1"):
        extraction_quads(extraction(), resolution_of(), BASE)


def test_entity_quads_have_one_class_label_and_other_names() -> None:
    quads = entity_quads(resolution_of(extraction()).entities)
    assert said(quads, "rdf:type") == ["kg:Company", "kg:Company", "kg:Person"]
    assert (said(quads, "rdfs:label"), said(quads, "skos:altLabel")) == (["Acme", "Beta", "Jane Doe"], ["Doe"])


@pytest.mark.parametrize("status", Status)
def test_asserted_quads_come_from_actual_claims_only(status: Status) -> None:
    asserted = asserted_by(quads_of(extraction(replace(CLAIM, status=status))))
    assert len(asserted) == (status is Status.ACTUAL)


def test_asserted_quads_denial_elsewhere_withdraws_nothing() -> None:
    assert len(asserted_by(quads_of(extraction(CLAIM, replace(CLAIM, status=Status.DENIED))))) == 1


@pytest.mark.parametrize(("min_confidence", "n_asserted"), [(0.973, 1), (0.974, 0)])
def test_asserted_quads_below_least_confidence_are_left_out(min_confidence: float, n_asserted: int) -> None:
    assert len(asserted_by(quads_of(extraction(CLAIM)), min_confidence)) == n_asserted


def test_asserted_quads_of_symmetric_predicate_stand_both_ways() -> None:
    asserted = asserted_by(quads_of(extraction(replace(CLAIM, predicate=Predicate.PARTNER_OF))))
    assert [str(quad.subject) for quad in asserted] == [f"<{BASE}company/acme>", f"<{BASE}company/beta>"]


def test_no_triple_stands_in_two_graphs() -> None:
    documents = [extraction(CLAIM, observations=(PRICE,)), elsewhere()]
    resolution = resolution_of(*documents)
    quads = [quad for made in documents for quad in extraction_quads(made, resolution, BASE)]
    quads += [*entity_quads(resolution.entities), *asserted_by(quads)]
    assert Counter(Counter(quad.triple for quad in quads).values()) == {1: len(quads)}


def elsewhere() -> Extraction:
    """Another document that says the same."""
    evidence = replace(EVIDENCE, document_id=DocumentId("b.txt"))
    findings = replace(CLAIM, evidence=evidence), replace(PRICE, evidence=evidence)
    return extraction(findings[0], observations=(findings[1],), document_id="b.txt")


def test_literals_come_back_from_a_store_as_they_were() -> None:
    quads = quads_of(extraction(CLAIM, observations=(PRICE, replace(PRICE, value=Decimal("-2.5E+9")))))
    store = ox.Store()
    store.extend(quads)
    assert set(store) == set(quads)


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.50", "1.5"), ("100", "100"), ("2.5E+9", "2500000000"), ("-0.0", "0"), ("0.10", "0.1"), ("-12.00", "-12")],
)
def test_decimal_literal_is_canonical(value: str, text: str) -> None:
    assert decimal_literal(Decimal(value)).value == text


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        ("2025-07-03", "date"),
        ("2025-07", "gYearMonth"),
        ("2025", "gYear"),
        ("last year", "string"),
        ("20250703", "string"),
    ],
)
def test_date_literal_has_the_type_of_its_precision(text: str, datatype: str) -> None:
    assert date_literal(text) == ox.Literal(text, datatype=iris.expand(f"xsd:{datatype}"))
