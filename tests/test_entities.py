"""Which clusters of which documents become one entity."""

import itertools

import pytest

from kg.entities import resolve
from kg.profiles import Profile
from kg.records import Cluster, ClusterId, DocumentId, Entity, EntityType, Resolution

PERSON, COMPANY, ORGANIZATION, PRODUCT, PLACE = EntityType
BASE = "https://w3id.org/tracegraph/id/"


def profile(document_id: str, *named: tuple[EntityType, str] | tuple[EntityType, str, str]) -> Profile:
    """A document that names the given things; a third part is another name of the same cluster."""
    clusters = []
    for number, (entity_type, *names) in enumerate(named, start=1):
        clusters.append(Cluster(ClusterId(f"e{number}"), names[0], entity_type, tuple(sorted(names)), ()))
    return Profile(DocumentId(document_id), tuple(clusters), (), frozenset())


def locals_of(resolution: Resolution) -> list[str]:
    return [entity.iri.removeprefix(BASE) for entity in resolution.entities]


def local_of(resolution: Resolution, document_id: str, number: int = 1) -> str:
    return resolution.iri_of[DocumentId(document_id), ClusterId(f"e{number}")].removeprefix(BASE)


def test_resolve_equal_keys_is_one_entity() -> None:
    found = resolve([profile("a", (COMPANY, "Acme, Inc.")), profile("b", (COMPANY, "ACME"))])
    assert found.entities == (Entity(found.entities[0].iri, "Acme, Inc.", COMPANY, ("ACME", "Acme, Inc.")),)
    assert locals_of(found) == ["company/acme"]


def test_resolve_product_and_company_of_one_name_stay_two() -> None:
    found = resolve([profile("a", (COMPANY, "Tesla")), profile("b", (PRODUCT, "Tesla"))])
    assert locals_of(found) == ["company/tesla", "product/tesla"]


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((COMPANY, ORGANIZATION), "company/acme"),
        ((ORGANIZATION, ORGANIZATION, COMPANY), "organization/acme"),
        ((ORGANIZATION, COMPANY, COMPANY), "company/acme"),
    ],
)
def test_resolve_company_and_organization_of_one_name_take_the_majority(
    types: tuple[EntityType, ...], expected: str
) -> None:
    found = resolve([profile(str(number), (t, "Acme")) for number, t in enumerate(types)])
    assert locals_of(found) == [expected]


def test_resolve_name_that_is_the_alias_of_one_other_is_the_same() -> None:
    found = resolve([profile("a", (PRODUCT, "Acme Codex", "Codex")), profile("b", (PRODUCT, "Codex"))])
    assert locals_of(found) == ["product/codex"]


def test_resolve_name_that_is_the_alias_of_two_others_stays_apart() -> None:
    documents = [
        profile("a", (PRODUCT, "Acme Codex", "Codex")),
        profile("b", (PRODUCT, "Beta Codex", "Codex")),
        profile("c", (PRODUCT, "Codex")),
    ]
    found = resolve(documents)
    assert locals_of(found) == ["product/acme-codex", "product/beta-codex", "product/codex"]


def test_resolve_names_that_one_document_keeps_apart_stay_apart() -> None:
    together = profile("b", (COMPANY, "Alphabet"), (COMPANY, "Google"))
    found = resolve([profile("a", (COMPANY, "Alphabet", "Google")), together])
    assert locals_of(found) == ["company/alphabet", "company/google"]


def test_resolve_chain_whose_ends_one_document_keeps_apart_is_not_joined() -> None:
    documents = [
        profile("a", (COMPANY, "Acme Alpha", "Acme Beta")),
        profile("b", (COMPANY, "Acme Beta", "Acme Gamma")),
        profile("c", (COMPANY, "Acme Gamma"), (COMPANY, "Acme Alpha")),
    ]
    assert locals_of(resolve(documents)) == ["company/acme-alpha", "company/acme-beta", "company/acme-gamma"]


def test_resolve_surname_with_shared_company_is_the_only_full_name() -> None:
    full = profile("a", (PERSON, "Jane Doe"), (COMPANY, "Acme"))
    found = resolve([full, profile("b", (PERSON, "Mr. Doe"), (COMPANY, "Acme"))])
    assert local_of(found, "b") == "person/jane-doe"


def test_resolve_surname_without_shared_company_stays_the_documents_own() -> None:
    full = profile("a", (PERSON, "Jane Doe"), (COMPANY, "Acme"))
    found = resolve([full, profile("b", (PERSON, "Doe"), (COMPANY, "Beta")), profile("c", (PERSON, "Doe"))])
    assert len({local_of(found, "a"), local_of(found, "b"), local_of(found, "c")}) == 3


def test_resolve_shared_place_is_no_shared_company() -> None:
    full = profile("a", (PERSON, "Jane Doe"), (PLACE, "Berlin"))
    found = resolve([full, profile("b", (PERSON, "Doe"), (PLACE, "Berlin"))])
    assert local_of(found, "b") != "person/jane-doe"


def test_resolve_surname_of_two_full_names_stays_apart() -> None:
    full = profile("a", (PERSON, "Jane Doe"), (PERSON, "John Doe"), (COMPANY, "Acme"))
    found = resolve([full, profile("b", (PERSON, "Doe"), (COMPANY, "Acme"))])
    assert local_of(found, "b").startswith("person/doe~")


@pytest.mark.parametrize(("short", "is_joined"), [("J. Doe", True), ("K. Doe", False)])
def test_resolve_initial_and_surname_fit_the_full_name_or_not(short: str, is_joined: bool) -> None:
    full = profile("a", (PERSON, "Jane Doe"), (COMPANY, "Acme"))
    found = resolve([full, profile("b", (PERSON, short), (COMPANY, "Acme"))])
    assert (local_of(found, "b") == "person/jane-doe") == is_joined


def test_resolve_acronym_with_shared_company_is_the_only_name_with_its_initials() -> None:
    full = profile("a", (ORGANIZATION, "Competition and Markets Authority"), (COMPANY, "Acme"))
    found = resolve([full, profile("b", (ORGANIZATION, "CMA"), (COMPANY, "Acme"))])
    assert local_of(found, "b") == "organization/competition-and-markets-authority"


def test_resolve_acronym_of_two_names_stays_apart() -> None:
    documents = [
        profile("a", (ORGANIZATION, "Competition and Markets Authority", "CMA"), (COMPANY, "Acme")),
        profile("b", (ORGANIZATION, "Country Music Association", "CMA"), (COMPANY, "Acme")),
        profile("c", (ORGANIZATION, "CMA"), (COMPANY, "Acme")),
    ]
    assert local_of(resolve(documents), "c") == "organization/cma"


def test_resolve_acronym_in_two_documents_is_one_entity() -> None:
    found = resolve([profile("a", (COMPANY, "IBM")), profile("b", (COMPANY, "IBM"))])
    assert locals_of(found) == ["company/ibm"]


def test_resolve_name_without_letter_case_is_a_full_name() -> None:
    found = resolve([profile("a", (PERSON, "李彦宏")), profile("b", (PERSON, "李彦宏"))])
    assert locals_of(found) == ["person/李彦宏"]


def test_resolve_canonical_name_is_the_most_frequent_then_the_longest() -> None:
    names = ("Acme Inc", "Acme", "Acme", "ACME")
    found = resolve([profile(str(number), (COMPANY, name)) for number, name in enumerate(names)])
    assert found.entities[0].name == "Acme"
    assert (
        resolve([profile("a", (COMPANY, "Acme")), profile("b", (COMPANY, "Acme Inc"))]).entities[0].name
        == "Acme Inc"
    )


CORPUS = [
    profile("a", (PERSON, "Jane Doe", "Doe"), (COMPANY, "Acme, Inc."), (PRODUCT, "Acme Codex", "Codex")),
    profile("b", (PERSON, "Doe"), (ORGANIZATION, "Acme"), (PRODUCT, "Codex")),
    profile("c", (PERSON, "Doe"), (ORGANIZATION, "Competition and Markets Authority", "CMA")),
    profile("d", (ORGANIZATION, "CMA"), (COMPANY, "Acme"), (PLACE, "Berlin")),
]


def test_resolve_does_not_depend_on_the_order_of_documents() -> None:
    expected = resolve(CORPUS)
    for documents in itertools.permutations(CORPUS):
        found = resolve(documents)
        assert found == expected
        assert list(found.iri_of) == list(expected.iri_of)


def test_resolve_maps_every_cluster_to_a_listed_entity() -> None:
    found = resolve(CORPUS)
    assert set(found.iri_of) == {(e.document_id, c.id) for e in CORPUS for c in e.clusters}
    assert set(found.iri_of.values()) == {entity.iri for entity in found.entities}


def test_resolve_document_that_joins_nothing_renames_nothing() -> None:
    before = resolve(CORPUS).iri_of
    after = resolve([*CORPUS, profile("e", (PERSON, "Ann Roe"), (COMPANY, "Acme"), (PERSON, "Doe"))]).iri_of
    assert {key: iri for key, iri in after.items() if key in before} == before


def test_resolve_nothing_gives_nothing() -> None:
    assert resolve([]) == Resolution(())
