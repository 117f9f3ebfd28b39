"""Corrections on a small resolution: what they change, what they leave, and what is said when they match nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.asserted import Ends, assertion_extraction
from kg.corrected import Corrected, apply_corrections, find_retractions
from kg.corrections import (
    Assertion,
    Change,
    Correction,
    Mark,
    Merge,
    NewEntity,
    Reference,
    Rename,
    RetractClaim,
    RetractLink,
    Retype,
    Split,
)
from kg.entities import resolve
from kg.findings import Findings, StatedClaim
from kg.profiles import Profile
from kg.quads import extraction_quads
from kg.records import Cluster, ClusterId, DocumentId, Entity, EntityIri, EntityType, Predicate, Status

BASE = "https://e.org/id/"
MARK = Mark("sam", "2026-03-02", "see page 3")
PERSON, COMPANY = EntityType.PERSON, EntityType.COMPANY


def profile(document: str, *clusters: tuple[str, EntityType, tuple[str, ...]]) -> Profile:
    found = [
        Cluster(ClusterId(f"e{n}"), name, t, tuple(sorted({name, *a})), ())
        for n, (name, t, a) in enumerate(clusters, 1)
    ]
    return Profile(DocumentId(document), tuple(found), (), frozenset())


PROFILES = [
    profile("a.txt", ("Jane Doe", PERSON, ("Doe",)), ("Acme", COMPANY, ())),
    profile("b.txt", ("Jane Doe", PERSON, ()), ("Beta Labs", COMPANY, ("Beta",))),
    profile("c.txt", ("Joan Roe", PERSON, ("Roe",)), ("Acme", COMPANY, ("Acme Group",))),
]


def ref(path: str, label: str = "") -> Reference:
    return Reference(path, label)


def iri(path: str) -> EntityIri:
    return EntityIri(BASE + path)


def after(*changes: Change, profiles: list[Profile] = PROFILES) -> Corrected:
    corrections = [Correction(number, change, MARK) for number, change in enumerate(changes, 1)]
    return apply_corrections(resolve(profiles, BASE), profiles, corrections, BASE)


def entity(corrected: Corrected, path: str) -> Entity:
    (found,) = [e for e in corrected.resolution.entities if e.iri == iri(path)]
    return found


def paths(corrected: Corrected) -> list[str]:
    return [e.iri.removeprefix(BASE) for e in corrected.resolution.entities]


def place(corrected: Corrected, document: str, number: int) -> str:
    return corrected.resolution.iri_of[DocumentId(document), ClusterId(f"e{number}")].removeprefix(BASE)


def test_no_correction_changes_nothing() -> None:
    assert after().resolution == resolve(PROFILES, BASE)


def test_merge_moves_mentions_and_names() -> None:
    found = after(Merge(ref("person/jane-doe"), (ref("person/joan-roe"),)))
    assert "person/joan-roe" not in paths(found)
    assert place(found, "c.txt", 1) == "person/jane-doe"
    assert entity(found, "person/jane-doe").aliases == ("Doe", "Jane Doe", "Joan Roe", "Roe")
    assert entity(found, "person/jane-doe").name == "Jane Doe"
    assert "sam" in entity(found, "person/jane-doe").reasons[0]


def test_undone_correction_does_not_count() -> None:
    merge = Correction(1, Merge(ref("person/jane-doe"), (ref("person/joan-roe"),)), MARK, undone=MARK)
    resolution = resolve(PROFILES, BASE)
    assert apply_corrections(resolution, PROFILES, [merge], BASE) == Corrected(resolution)


def test_merge_of_what_is_gone_is_reported_and_the_rest_is_merged() -> None:
    found = after(Merge(ref("person/jane-doe"), (ref("person/gone", "G. One"), ref("person/joan-roe"))))
    assert place(found, "c.txt", 1) == "person/jane-doe"
    (missed,) = found.unmatched
    assert "person/gone (G. One)" in missed.refusal.reason
    assert "correction 1 (merge" in missed.refusal.what
    assert missed.refusal.quote == MARK.why


def test_merge_that_documents_have_made_themselves_is_no_complaint() -> None:
    joined = [*PROFILES, profile("d.txt", ("Beta Labs", COMPANY, ("Beta Laboratories",)))]
    found = after(Merge(ref("company/beta-labs"), (ref("company/beta-laboratories"),)), profiles=joined)
    assert found.unmatched == ()


def test_correction_follows_an_entity_that_documents_have_joined_to_another_iri() -> None:
    found = after(Rename(ref("company/acme-group"), "ACME"))
    assert entity(found, "company/acme").name == "ACME"
    assert found.unmatched == ()


def test_split_by_document_leaves_the_rest() -> None:
    found = after(Split(ref("person/jane-doe"), ("a.txt",), (), "Jane Doe (painter)"))
    (part,) = [p for p in paths(found) if p.startswith("person/jane-doe-") and "~" in p]
    assert place(found, "a.txt", 1) == part
    assert place(found, "b.txt", 1) == "person/jane-doe"
    assert entity(found, part).aliases == ("Doe", "Jane Doe", "Jane Doe (painter)")
    assert entity(found, "person/jane-doe").aliases == ("Jane Doe",)


def test_split_by_name_undoes_a_wrong_merge() -> None:
    merged = Merge(ref("person/jane-doe"), (ref("person/joan-roe"),))
    found = after(merged, Split(ref("person/jane-doe"), (), ("Joan Roe",), "Joan Roe"))
    assert entity(found, "person/jane-doe").aliases == ("Doe", "Jane Doe")
    assert place(found, "c.txt", 1).startswith("person/joan-roe~")


def test_split_iri_does_not_depend_on_other_documents() -> None:
    split = Split(ref("person/jane-doe"), ("a.txt",), (), "Jane Doe")
    alone = after(split, profiles=PROFILES[:1])
    assert place(alone, "a.txt", 1) == place(after(split), "a.txt", 1)
    assert "person/jane-doe" not in paths(alone)


def test_split_that_matches_nothing_is_reported() -> None:
    found = after(Split(ref("person/jane-doe"), ("c.txt",), (), "X"), Split(ref("company/acme"), (), ("Acme SE",), "Y"))
    assert [u.correction.id for u in found.unmatched] == [1, 2]
    assert found.resolution == resolve(PROFILES, BASE)


def test_rename_keeps_iri_and_the_old_name_as_alias() -> None:
    found = entity(after(Rename(ref("company/acme"), "Acme AG")), "company/acme")
    assert (found.name, found.aliases) == ("Acme AG", ("Acme", "Acme AG", "Acme Group"))


def test_retype_changes_iri_and_later_corrections_follow() -> None:
    found = after(Retype(ref("company/acme"), EntityType.PRODUCT), Rename(ref("product/acme"), "Acme One"))
    assert entity(found, "product/acme").type is EntityType.PRODUCT
    assert entity(found, "product/acme").name == "Acme One"
    assert place(found, "a.txt", 2) == place(found, "c.txt", 2) == "product/acme"


def test_retype_onto_an_entity_of_that_name_joins_the_two() -> None:
    both = [*PROFILES, profile("d.txt", ("Acme", EntityType.PRODUCT, ("Acme One",)))]
    found = after(Retype(ref("product/acme"), COMPANY), profiles=both)
    assert place(found, "d.txt", 1) == "company/acme"
    assert "Acme One" in entity(found, "company/acme").aliases


def test_order_of_profiles_does_not_matter() -> None:
    changes = (
        Merge(ref("person/jane-doe"), (ref("person/joan-roe"),)),
        Split(ref("company/acme"), ("a.txt",), (), "Acme North"),
        Retype(ref("company/beta-labs"), EntityType.ORGANIZATION),
    )
    assert after(*changes) == after(*changes, profiles=PROFILES[::-1])


ASSERTED = Assertion(
    ref("company/acme", "Acme"), Predicate.ACQUIRED, NewEntity("Gamma", COMPANY), occurred_on="2024-07"
)


def test_asserted_link_is_a_document_with_its_sentence() -> None:
    found = after(ASSERTED)
    (extraction,) = found.asserted.values()
    document, (claim,) = extraction.document, extraction.claims
    assert document.id == "corrections.yaml/1"
    assert document.text == "Acme acquired Gamma, on 2024-07 (sam, 2026-03-02: see page 3)."
    assert document.text[claim.evidence.start : claim.evidence.end] == claim.evidence.quote
    assert all(document.text[m.start : m.end] == m.text for c in extraction.clusters for m in c.mentions)
    assert claim.attributed_to is not None
    assert claim.attributed_to.text == "sam"
    assert entity(found, "company/gamma").name == "Gamma"
    assert extraction_quads(extraction, found.resolution, BASE)


def test_role_and_status_stand_in_the_sentence() -> None:
    change = replace(ASSERTED, predicate=Predicate.WORKS_FOR, role="chief of staff", status=Status.FORMER)
    text = assertion_extraction(Correction(1, change, MARK), change, Ends("A", PERSON, "B", COMPANY)).document.text
    assert text.startswith("A works for B, as chief of staff, on 2024-07, status former (")


def test_asserted_link_follows_a_later_merge() -> None:
    found = after(ASSERTED, Merge(ref("company/beta-labs"), (ref("company/gamma"),)))
    assert place(found, "corrections.yaml/1", 2) == "company/beta-labs"


def test_undoing_one_assertion_leaves_the_other_as_it_was() -> None:
    both = [Correction(1, ASSERTED, MARK), Correction(2, replace(ASSERTED, occurred_on=None), MARK)]
    undone = [replace(both[0], undone=MARK), both[1]]
    first, second = (apply_corrections(resolve(PROFILES, BASE), PROFILES, cs, BASE) for cs in (both, undone))
    document = DocumentId("corrections.yaml/2")
    assert first.asserted[document] == second.asserted[document]
    assert list(second.asserted) == [document]


def test_assertion_about_what_is_gone_is_reported_and_leaves_no_entity() -> None:
    found = after(replace(ASSERTED, subject=ref("company/gone")))
    assert len(found.unmatched) == 1
    assert found.resolution == resolve(PROFILES, BASE)


def claim(name: str, subject: str, predicate: Predicate, object_: str, status: Status = Status.ACTUAL) -> StatedClaim:
    return StatedClaim(BASE + name, iri(subject), predicate, iri(object_), status, "0.9", f"{BASE}e")


def said(*claims: StatedClaim, document: str = "a.txt") -> dict[DocumentId, Findings]:
    return {DocumentId(document): Findings(claims)}


LINK = RetractLink(ref("company/acme"), Predicate.PARTNER_OF, ref("company/beta-labs"))


def test_retracted_link_takes_back_actual_claims_either_way_round() -> None:
    there = claim("claim/1", "company/acme", Predicate.PARTNER_OF, "company/beta-labs")
    back = claim("claim/2", "company/beta-labs", Predicate.PARTNER_OF, "company/acme")
    denied = claim("claim/3", "company/acme", Predicate.PARTNER_OF, "company/beta-labs", Status.DENIED)
    found = find_retractions(after(LINK), said(there, back, denied))
    assert sorted(found.by_iri) == [there.iri, back.iri]
    assert found.unmatched == ()
    assert len(found.quads) == 4


def test_retracted_link_follows_a_later_merge() -> None:
    corrected = after(LINK, Merge(ref("person/jane-doe"), (ref("company/beta-labs"),)))
    moved = claim("claim/1", "company/acme", Predicate.PARTNER_OF, "person/jane-doe")
    assert list(find_retractions(corrected, said(moved)).by_iri) == [moved.iri]


@pytest.mark.parametrize(("document", "is_taken_back"), [("corrections.yaml/0", True), ("corrections.yaml/2", False)])
def test_retracted_link_spares_what_a_later_correction_asserts(document: str, is_taken_back: bool) -> None:
    own = claim("claim/1", "company/acme", Predicate.PARTNER_OF, "company/beta-labs")
    assert bool(find_retractions(after(LINK), said(own, document=document)).by_iri) is is_taken_back


def test_retraction_that_matches_nothing_is_reported() -> None:
    corrected = after(LINK, RetractClaim(ref("claim/9", "X")), RetractLink(ref("a/gone"), Predicate.USES, LINK.object))
    assert [u.correction.id for u in corrected.unmatched] == [3]
    assert [u.correction.id for u in find_retractions(corrected, said()).unmatched] == [1, 2]
