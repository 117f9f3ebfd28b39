"""What the shapes accept and what they refuse: each constraint with one graph that breaks it."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import shapes
from kg.iris import expand
from kg.shapes import check_quads

TINY = Path(__file__).parent / "data" / "tiny.trig"
BASE = "https://w3id.org/tracegraph/id/"
GRAPH = ox.NamedNode(f"{BASE}graph/a.txt")

GOOD = """
@prefix : <https://w3id.org/tracegraph/id/> .
@prefix kg: <https://w3id.org/tracegraph/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:acme a kg:Company ; rdfs:label "Acme" ; skos:altLabel "Acme Inc" .
:beta a kg:Company ; rdfs:label "Beta" .
:regulator a kg:Organization ; rdfs:label "Regulator" .
:doe a kg:Person ; rdfs:label "Doe" .
:drone a kg:Product ; rdfs:label "Drone" .
:berlin a kg:Place ; rdfs:label "Berlin" .
:acme kg:acquired :beta .
<https://w3id.org/tracegraph/id/graph/a.txt> {
:d a kg:Document ; dcterms:identifier "a.txt" ; dcterms:date "2024-02-29"^^xsd:date ; kg:mentions :acme , :beta , :doe ;
    kg:digest "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" .
:c a kg:Claim ; rdf:subject :acme ; rdf:predicate kg:acquired ; rdf:object :beta ; kg:status kg:Actual ;
    kg:confidence 0.9 ; kg:role "buyer" ; kg:startedOn "2024"^^xsd:gYear ; kg:endedOn "2024-08"^^xsd:gYearMonth ;
    kg:occurredOn "2024-08-31"^^xsd:date ; kg:attributedTo :doe ; kg:attributionText "Doe" ; kg:evidence :e .
:o a kg:Observation ; kg:about :beta ; kg:metric kg:DealValue ; kg:value 400.0 ; kg:unit "USD" ; kg:confidence 1.0 ;
    kg:observedOn "2024"^^xsd:gYear ; kg:qualifier "about" ; kg:evidence :f .
:e a kg:Evidence ; kg:quote "Acme bought Beta." ; kg:start 0 ; kg:end 17 ; prov:wasDerivedFrom :d .
:f a kg:Evidence ; kg:quote "It cost $400." ; kg:start 18 ; kg:end 31 ; prov:wasDerivedFrom :d .
}
"""

OF_CLAIM = [
    ("rdf:subject :acme ;", "", "exactly one subject"),
    ("rdf:subject :acme", "rdf:subject :acme , :regulator", "exactly one subject"),
    ("rdf:object :beta ;", "", "exactly one object"),
    ("rdf:object :beta", "rdf:object :acme", "differs from its object"),
    ("rdf:predicate kg:acquired ;", "", "exactly one predicate"),
    ("rdf:predicate kg:acquired", "rdf:predicate kg:mentions", "exactly one predicate"),
    ("kg:status kg:Actual ;", "", "exactly one status"),
    ("kg:status kg:Actual", "kg:status kg:Actual , kg:Denied", "exactly one status"),
    ("kg:status kg:Actual", "kg:status kg:Revenue", "exactly one status"),
    ("kg:confidence 0.9 ;", "", "exactly one confidence"),
    ("kg:confidence 0.9", "kg:confidence 1.1", "exactly one confidence"),
    ("kg:confidence 0.9", 'kg:confidence "0.9"', "exactly one confidence"),
    ('kg:role "buyer"', 'kg:role "buyer" , "bidder"', "at most one role"),
    ("; kg:evidence :e .", ".", "at least one evidence"),
    ("kg:evidence :e .", "kg:evidence :doe .", "at least one evidence"),
    ("rdf:subject :acme", "rdf:subject :doe", "a person, say, acquires nothing"),
    ("rdf:object :beta", "rdf:object :doe", "nobody works for a product"),
    ("rdf:object :beta", "rdf:object :unknown", "nobody works for a product"),
    ("rdf:object :beta", "rdf:object :berlin", "nobody works for a product"),
    (
        "rdf:predicate kg:acquired ; rdf:object :beta",
        "rdf:predicate kg:competesWith ; rdf:object :drone",
        "of its kind",
    ),
    ("kg:attributedTo :doe", "kg:attributedTo :berlin", "at most one speaker"),
    ('kg:attributionText "Doe"', 'kg:attributionText ""', "one text that is not empty"),
    ('"2024"^^xsd:gYear ; kg:endedOn', '"2024" ; kg:endedOn', "a date is a day"),
    ('"2024-08"^^xsd:gYearMonth', '"2024-13"^^xsd:gYearMonth', "a date is a day"),
    ('kg:startedOn "2024"^^xsd:gYear', 'kg:startedOn "2024"^^xsd:gYear , "2025"^^xsd:gYear', "at most one date"),
    ('kg:endedOn "2024-08"^^xsd:gYearMonth', 'kg:endedOn "2024"^^xsd:gYear , "2025"^^xsd:gYear', "at most one date"),
    ('kg:occurredOn "2024-08-31"^^xsd:date', 'kg:occurredOn "2024"^^xsd:gYear , "2025"^^xsd:gYear', "at most one date"),
]

OF_OBSERVATION = [
    ("kg:about :beta ;", "", "about exactly one entity"),
    ("kg:about :beta", "kg:about :d", "about exactly one entity"),
    ("kg:metric kg:DealValue", "kg:metric kg:Actual", "exactly one metric"),
    ("kg:value 400.0", "kg:value 400.0 , 500.0", "exactly one value"),
    ("kg:value 400.0", "kg:value 400", "exactly one value"),
    ('kg:unit "USD"', 'kg:unit "dollars"', "exactly one unit"),
    ('kg:unit "USD" ;', "", "exactly one unit"),
    ("kg:confidence 1.0 ;", "", "exactly one confidence"),
    ('kg:observedOn "2024"^^xsd:gYear', 'kg:observedOn "Q2"', "a date is a day"),
    ('kg:observedOn "2024"^^xsd:gYear', 'kg:observedOn "2023"^^xsd:gYear , "2024"^^xsd:gYear', "at most one date"),
    ('kg:qualifier "about"', 'kg:qualifier ""', "at most one qualifier"),
    ("kg:evidence :f .", "kg:role 1 .", "at least one evidence"),
]

OF_EVIDENCE = [
    ('kg:quote "It cost $400." ;', "", "exactly one quote"),
    ("kg:start 18 ;", "", "exactly one start"),
    ("kg:start 18", "kg:start -1", "exactly one start"),
    ("kg:start 18", "kg:start 31", "starts before it ends"),
    ("kg:end 31 ;", "", "exactly one end"),
    ("kg:end 31 ; prov:wasDerivedFrom :d", "kg:end 31", "exactly one document"),
    ("kg:end 31 ; prov:wasDerivedFrom :d", "kg:end 31 ; prov:wasDerivedFrom :d , :beta", "exactly one document"),
]


def graph_of(text: str) -> list[ox.Quad]:
    return list(ox.parse(text, format=ox.RdfFormat.TRIG))


def broken(old: str, new: str) -> list[ox.Quad]:
    """The good graph with one text replaced."""
    assert GOOD.count(old) == 1, old
    return graph_of(GOOD.replace(old, new))


def subjects(quads: list[ox.Quad]) -> set[str]:
    return {quad.subject.value.removeprefix(BASE) for quad in quads if isinstance(quad.subject, ox.NamedNode)}


def test_check_quads_good_graph_is_accepted_whole() -> None:
    quads = graph_of(GOOD)
    assert check_quads(quads) == shapes.Checked(quads, [])


def test_check_quads_tiny_graph_is_accepted_whole() -> None:
    quads = list(ox.parse(path=TINY))
    assert check_quads(quads) == shapes.Checked(quads, [])


@pytest.mark.parametrize(("old", "new", "reason"), OF_CLAIM)
def test_check_quads_claim_that_breaks_a_shape_is_refused(old: str, new: str, reason: str) -> None:
    checked = check_quads([quad for quad in broken(old, new) if quad.predicate != expand("kg:acquired")])
    assert reason in checked.refusals[0].reason
    assert checked.refusals[0].what.startswith("claim")
    assert "c" not in subjects(checked.quads)
    assert {"o", "f", "d", "acme"} <= subjects(checked.quads)


@pytest.mark.parametrize(("old", "new", "reason"), OF_OBSERVATION)
def test_check_quads_observation_that_breaks_a_shape_is_refused(old: str, new: str, reason: str) -> None:
    checked = check_quads(broken(old, new))
    assert [reason in refusal.reason for refusal in checked.refusals] == [True]
    assert "o" not in subjects(checked.quads)
    assert {"c", "e", "d", "beta"} <= subjects(checked.quads)


@pytest.mark.parametrize(("old", "new", "reason"), OF_EVIDENCE)
def test_check_quads_evidence_that_breaks_a_shape_is_refused_with_what_rests_on_it(
    old: str, new: str, reason: str
) -> None:
    checked = check_quads(broken(old, new))
    found = {refusal.what.partition(" ")[0].rstrip(":"): refusal.reason for refusal in checked.refusals}
    assert reason in found["evidence"]
    assert "rests on" in found["observation"]
    assert subjects(checked.quads).isdisjoint({"o", "f"})


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (':berlin a kg:Place ; rdfs:label "Berlin" .', ":berlin a kg:Place .", "exactly one label"),
        (':berlin a kg:Place ; rdfs:label "Berlin"', ':berlin a kg:Place ; rdfs:label ""', "exactly one label"),
        (":berlin a kg:Place", ":berlin a kg:Place , kg:Product", "most specific class only"),
        ('skos:altLabel "Acme Inc"', 'skos:altLabel ""', "another name"),
    ],
)
def test_check_quads_entity_that_breaks_a_shape_is_refused(old: str, new: str, reason: str) -> None:
    refusals = check_quads(broken(old, new)).refusals
    assert any(reason in refusal.reason for refusal in refusals)


def test_check_quads_refused_entity_takes_its_claims_along() -> None:
    checked = check_quads(broken('rdfs:label "Acme" ;', ""))
    assert {"acme", "c", "e"}.isdisjoint(subjects(checked.quads))
    assert "o" in subjects(checked.quads)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("kg:digest", "kg:role", "exactly one digest"),
        ('dcterms:identifier "a.txt" ;', "", "exactly one identifier"),
    ],
)
def test_check_quads_document_without_identity_is_refused_with_all_it_says(old: str, new: str, reason: str) -> None:
    checked = check_quads([quad for quad in broken(old, new) if quad.predicate != expand("kg:acquired")])
    assert any(reason in refusal.reason for refusal in checked.refusals)
    assert subjects(checked.quads) == {"acme", "beta", "regulator", "doe", "drone", "berlin"}


def test_check_quads_document_with_wrong_date_loses_the_date_only() -> None:
    checked = check_quads(broken('"2024-02-29"^^xsd:date', '"2024-02-29"'))
    assert [refusal.what for refusal in checked.refusals] == ["triple: a.txt dcterms:date 2024-02-29"]
    assert len(checked.quads) == len(graph_of(GOOD)) - 1


def test_check_quads_refusal_names_claim_document_and_sentence() -> None:
    (refusal,) = check_quads(broken("kg:status kg:Actual", "kg:status kg:Actual , kg:Denied")).refusals
    assert refusal.what.startswith("claim of a.txt: Acme acquired Beta, ")
    assert refusal.quote == "Acme bought Beta."


def test_check_quads_refused_claim_leaves_evidence_that_another_needs() -> None:
    checked = check_quads(broken("kg:evidence :f .", "kg:evidence :e ; kg:qualifier 1 ."))
    assert "o" not in subjects(checked.quads)
    assert "e" in subjects(checked.quads)


def test_check_quads_plain_triple_without_actual_claim_is_refused() -> None:
    checked = check_quads(broken("kg:status kg:Actual", "kg:status kg:Planned"))
    assert [refusal.what for refusal in checked.refusals] == ["triple: Acme acquired Beta"]
    assert {"acme", "c"} <= subjects(checked.quads)


def test_check_quads_plain_triple_of_wrong_types_is_refused() -> None:
    checked = check_quads(broken(":acme kg:acquired :beta .", ":acme kg:acquired :beta . :doe kg:acquired :drone ."))
    assert [refusal.what for refusal in checked.refusals] == ["triple: Doe acquired Drone"]


def test_check_quads_symmetric_triple_rests_on_a_claim_either_way() -> None:
    text = GOOD.replace("rdf:predicate kg:acquired", "rdf:predicate kg:partnerOf")
    text = text.replace(":acme kg:acquired :beta .", ":acme kg:partnerOf :beta . :beta kg:partnerOf :acme .")
    assert check_quads(graph_of(text)).refusals == []


def test_check_quads_in_many_batches_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    quads = list(ox.parse(path=TINY))
    wrong = [quad for quad in quads if quad.predicate != expand("kg:unit")]
    whole = check_quads(wrong)
    monkeypatch.setattr(shapes, "BATCH_QUADS", 10)
    assert check_quads(wrong) == whole
    assert len(whole.refusals) == 4


def test_check_quads_nothing_is_accepted() -> None:
    assert check_quads([]) == shapes.Checked([], [])
