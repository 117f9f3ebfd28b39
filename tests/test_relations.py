import pytest

from kg.patterns import document_skeletons
from kg.records import EntityType, Predicate, Status, can_link
from kg.relations import find_relations
from tests.nlp_docs import resolved_doc


def found(marked: str) -> set[tuple[str, str, str, str]]:
    doc = resolved_doc(marked)
    clusters = {c.id: c for c in doc._.clusters}
    marks = document_skeletons(doc)
    return {
        (clusters[f.subject].name, f.predicate.value, clusters[f.object].name, f.status.value)
        for f in find_relations(marks, clusters)
    }


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[C Acme] CEO [P Ann Lee] spoke.", {("Ann Lee", "worksFor", "Acme", "actual")}),
        ("[P Ann Lee], [C Acme]’s head of design, spoke.", {("Ann Lee", "worksFor", "Acme", "actual")}),
        ("[P Ann Lee], chief executive of [C Acme].", {("Ann Lee", "worksFor", "Acme", "actual")}),
        (
            "[P Ann Lee], [C Acme]'s President and co-founder, spoke.",
            {("Ann Lee", "worksFor", "Acme", "actual"), ("Acme", "foundedBy", "Ann Lee", "actual")},
        ),
        ("[C Acme] is now led by [P Ann Lee].", {("Ann Lee", "worksFor", "Acme", "actual")}),
        ("[P Ann Lee], who led [C Acme] until 2024, spoke.", {("Ann Lee", "worksFor", "Acme", "former")}),
        ("[C Acme] has made [P Ann Lee] its head of design.", {("Ann Lee", "worksFor", "Acme", "actual")}),
        (
            "The appointment of [P Ann Lee] as treasurer of [C Acme] is final.",
            {("Ann Lee", "worksFor", "Acme", "actual")},
        ),
        (
            "Two former [C Acme] engineers, [P Ann Lee] and [P Bo Day], spoke.",
            {("Ann Lee", "worksFor", "Acme", "former"), ("Bo Day", "worksFor", "Acme", "former")},
        ),
        (
            "[P Ann Lee], who founded [C Acme] with [P Bo Day], spoke.",
            {("Acme", "foundedBy", "Ann Lee", "actual"), ("Acme", "foundedBy", "Bo Day", "actual")},
        ),
        ("[P Ann Lee] teaches law and is a director of [C Acme].", {("Ann Lee", "boardMemberOf", "Acme", "actual")}),
        ("[C Acme] co-founder [P Ann Lee] left.", {("Acme", "foundedBy", "Ann Lee", "actual")}),
        ("[P Ann Lee], a former [C Acme] executive, spoke.", {("Ann Lee", "worksFor", "Acme", "former")}),
        ("[C Acme] bought [C Beta] in May.", {("Acme", "acquired", "Beta", "actual")}),
        ("[C Beta] was bought by [C Acme].", {("Acme", "acquired", "Beta", "actual")}),
        ("[C Acme] has agreed to buy [C Beta].", {("Acme", "acquired", "Beta", "planned")}),
        ("[C Acme] attempted to acquire [C Beta].", {("Acme", "acquired", "Beta", "attempted")}),
        ("[C Acme] is in talks to buy [C Beta].", {("Acme", "acquired", "Beta", "rumoured")}),
        (
            "[C Acme] bought [C Beta], [C Gamma] and [C Delta].",
            {("Acme", "acquired", n, "actual") for n in ("Beta", "Gamma", "Delta")},
        ),
        ("[C Acme]’s [R Rover] sells well.", {("Acme", "develops", "Rover", "actual")}),
        ("[C Beta], a unit of [C Acme], grew.", {("Beta", "subsidiaryOf", "Acme", "actual")}),
        ("[L Leeds]-based [C Acme] grew.", {("Acme", "headquarteredIn", "Leeds", "actual")}),
        ("[C Acme] sued [C Beta] on Monday.", {("Acme", "sued", "Beta", "actual")}),
        ("[C Acme], founded by former [C Beta] members, grew.", set()),
        ("[C Acme], founded by [P Ann Lee], grew.", {("Acme", "foundedBy", "Ann Lee", "actual")}),
        ("[P Ann Lee], head of [R Acme Rover] research, left [C Acme].", {("Ann Lee", "worksFor", "Acme", "actual")}),
        ("[C Acme] and [C Beta] rose on Tuesday.", set()),
        ("[C Acme] outsold [C Beta].", set()),
        ("[P Ann Lee] spoke to [C Acme] staff.", set()),
    ],
)
def test_find_relations_phrases_give_triples(marked: str, expected: set[tuple[str, str, str, str]]) -> None:
    assert found(marked) == expected


def test_sentence_skeleton_source_span_is_exact() -> None:
    doc = resolved_doc("First. [P Ann Lee], [C Acme]’s head of design, spoke.")
    skeleton = document_skeletons(doc)[1]
    assert skeleton.text == "⟨P0⟩, ⟨C1⟩'s head of design, spoke."
    at = skeleton.text.index("head")
    start, end = skeleton.source_span(at, at + len("head of design"))
    assert doc.text[start:end] == "head of design"


def test_find_relations_status_is_one_of_the_six() -> None:
    assert {row[3] for row in found("[C Acme] bought [C Beta].")} <= {s.value for s in Status}


def test_find_relations_marks_in_the_text_itself_are_no_marks() -> None:
    assert found("⟨C0⟩ acquired ⟨C1⟩, said [C Acme] and [C Beta].") == set()


@pytest.mark.parametrize("predicate", [Predicate.COMPETES_WITH, Predicate.SUCCESSOR_OF])
def test_can_link_only_things_of_one_kind_compete_or_succeed(predicate: Predicate) -> None:
    assert can_link(predicate, EntityType.COMPANY, EntityType.ORGANIZATION)
    assert can_link(predicate, EntityType.PRODUCT, EntityType.PRODUCT)
    assert not can_link(predicate, EntityType.COMPANY, EntityType.PRODUCT)
    assert can_link(Predicate.ACQUIRED, EntityType.COMPANY, EntityType.PRODUCT)
