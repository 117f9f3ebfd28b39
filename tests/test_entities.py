"""Which clusters of which documents become one entity."""

import itertools
from collections.abc import Sequence

import pytest

from kg.entities import resolve
from kg.known import KnownEntity
from kg.profiles import Link, Profile
from kg.records import Cluster, ClusterId, DocumentId, Entity, EntityType, Predicate, Resolution, Status

PERSON, COMPANY, ORGANIZATION, PRODUCT, PLACE = EntityType
BASE = "https://w3id.org/tracegraph/id/"


def profile(
    document_id: str,
    *named: tuple[EntityType, str] | tuple[EntityType, str, str],
    links: Sequence[tuple[int, Predicate, int]] = (),
) -> Profile:
    """A document that names the given things and links them by number; a third part is another name of the cluster."""
    clusters = []
    for number, (entity_type, *names) in enumerate(named, start=1):
        clusters.append(Cluster(ClusterId(f"e{number}"), names[0], entity_type, tuple(sorted(names)), ()))
    said = tuple(Link(ClusterId(f"e{s}"), p, ClusterId(f"e{o}"), Status.ACTUAL) for s, p, o in links)
    return Profile(DocumentId(document_id), tuple(clusters), said, frozenset())


def at(document_id: str, person: str, company: str) -> Profile:
    return profile(document_id, (PERSON, person), (COMPANY, company), links=[(1, Predicate.WORKS_FOR, 2)])


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
    documents = [
        profile("a", (PRODUCT, "Acme Codex", "Codex"), (COMPANY, "Acme")),
        profile("b", (PRODUCT, "Codex"), (COMPANY, "Acme")),
    ]
    assert locals_of(resolve(documents)) == ["company/acme", "product/codex"]


def test_resolve_part_of_a_name_without_shared_company_stays_apart() -> None:
    found = resolve([profile("a", (COMPANY, "Apple Records", "Apple")), profile("b", (COMPANY, "Apple"))])
    assert locals_of(found) == ["company/apple", "company/apple-records"]


@pytest.mark.parametrize(
    ("entity_type", "one", "other", "is_joined"),
    [
        (PERSON, "Bill Roe", "William Roe", True),
        (PERSON, "Bill Roe", "Walter Roe", False),
        (PERSON, "Ann Roe", "Ann Maria Roe", True),
        (PERSON, "Ann Berta Roe", "Ann Maria Roe", False),
        (PERSON, "Olena Zelenska", "Olena Zelenskaia", False),
        (PERSON, "Oleh Zelensky", "Oleh Zelenskyy", True),
        (COMPANY, "Delta", "Delta Airlines", True),
        (COMPANY, "Delta", "Delta Cloud", False),
        (COMPANY, "Delta Airlines", "Delta Motors", False),
        (PRODUCT, "Nova 5.2", "Nova 5.3-Codex", False),
    ],
)
def test_resolve_names_that_share_company_are_joined_by_form(
    entity_type: EntityType, one: str, other: str, is_joined: bool
) -> None:
    documents = [
        profile("a", (entity_type, one), (COMPANY, "Acme")),
        profile("b", (entity_type, other), (COMPANY, "Acme")),
    ]
    found = resolve(documents)
    assert (local_of(found, "a") == local_of(found, "b")) == is_joined
    strangers = [profile("a", (entity_type, one), (COMPANY, "Acme")), profile("b", (entity_type, other))]
    assert len({local_of(resolve(strangers), document) for document in "ab"}) == 2


@pytest.mark.parametrize(
    ("one", "other", "is_joined"),
    [("OpenAI", "Open AI", True), ("Wal-Mart", "Walmart Inc.", True), ("Studio 5 4", "Studio 54", False)],
)
def test_resolve_spellings_of_one_name_need_no_company(one: str, other: str, is_joined: bool) -> None:
    found = resolve([profile("a", (COMPANY, one)), profile("b", (COMPANY, other))])
    assert (len(found.entities) == 1) == is_joined


def test_resolve_product_without_its_makers_name_needs_a_claim_that_says_so() -> None:
    made = profile("b", (PRODUCT, "Codex"), (COMPANY, "Acme"), links=[(2, Predicate.DEVELOPS, 1)])
    used = profile("b", (PRODUCT, "Codex"), (COMPANY, "Acme"), links=[(2, Predicate.USES, 1)])
    full = profile("a", (PRODUCT, "Acme Codex"), (COMPANY, "Acme"))
    assert local_of(resolve([full, made]), "b") == local_of(resolve([full, made]), "a")
    assert local_of(resolve([full, used]), "b") == "product/codex"


def test_resolve_what_is_named_everywhere_is_little_company() -> None:
    crowd = [profile(f"x{n}", (COMPANY, "Globex"), (COMPANY, f"Firm {n}")) for n in range(20)]
    full, bare = (
        profile("a", (PERSON, "Jane Doe"), (COMPANY, "Globex")),
        profile("b", (PERSON, "Doe"), (COMPANY, "Globex")),
    )
    assert local_of(resolve([full, bare]), "b") == "person/jane-doe"
    assert local_of(resolve([full, bare, *crowd]), "b") != "person/jane-doe"
    employed = profile("a", (PERSON, "Jane Doe"), (COMPANY, "Globex"), links=[(1, Predicate.WORKS_FOR, 2)])
    assert local_of(resolve([employed, bare, *crowd]), "b") == "person/jane-doe"


def test_resolve_surname_is_that_of_the_only_one_in_the_same_company() -> None:
    documents = [
        profile("a", (PERSON, "Jane Doe"), (COMPANY, "Acme")),
        profile("b", (PERSON, "John Doe"), (COMPANY, "Globex")),
        profile("c", (PERSON, "Doe"), (COMPANY, "Globex")),
    ]
    assert local_of(resolve(documents), "c") == "person/john-doe"


def test_resolve_bare_surnames_in_one_company_are_one_person() -> None:
    documents = [
        profile("a", (PERSON, "Doe"), (COMPANY, "Acme")),
        profile("b", (PERSON, "Mr. Doe"), (COMPANY, "Acme")),
        profile("c", (PERSON, "Doe"), (COMPANY, "Globex")),
    ]
    found = resolve(documents)
    assert local_of(found, "a") == local_of(found, "b") != local_of(found, "c")


@pytest.mark.parametrize("office", ["President", "Chief Justice"])
def test_resolve_office_of_two_documents_is_nobody_of_both(office: str) -> None:
    found = resolve([profile(document, (PERSON, office), (COMPANY, "Acme")) for document in "ab"])
    assert local_of(found, "a") != local_of(found, "b")


@pytest.mark.parametrize(("place", "is_one"), [("Canada", True), ("Norway", False)])
def test_resolve_body_that_every_country_has_is_one_where_the_country_is(place: str, is_one: bool) -> None:
    one = profile("a", (ORGANIZATION, "Ministry of Defence"), (PLACE, "Canada"))
    found = resolve([one, profile("b", (ORGANIZATION, "Ministry of Defence"), (PLACE, place))])
    assert (local_of(found, "a") == local_of(found, "b")) == is_one


def test_resolve_three_spellings_of_one_name_are_one() -> None:
    found = resolve([profile(str(n), (COMPANY, name)) for n, name in enumerate(("OpenAI", "Open AI", "Open-A.I."))])
    assert len(found.entities) == 1


def test_resolve_employers_that_may_be_one_do_not_set_people_apart() -> None:
    documents = [at("a", "Ann Roe", "Delta"), at("b", "Ann Roe", "Delta Cloud"), at("c", "Ann Roe", "Globex")]
    found = resolve(documents)
    assert local_of(found, "a") == local_of(found, "b") != local_of(found, "c")


def test_resolve_people_of_one_name_at_different_employers_are_two() -> None:
    found = resolve([at("a", "Ann Roe", "Acme"), at("b", "Ann Roe", "Globex"), profile("c", (PERSON, "Ann Roe"))])
    iris = [local_of(found, document) for document in "abc"]
    assert len(set(iris)) == 3
    assert all(iri.startswith("person/ann-roe~") for iri in iris)


def test_resolve_person_who_changed_jobs_is_one() -> None:
    moved = profile(
        "b",
        (PERSON, "Ann Roe"),
        (COMPANY, "Globex"),
        (COMPANY, "Acme"),
        links=[(1, Predicate.WORKS_FOR, 2), (1, Predicate.WORKS_FOR, 3)],
    )
    assert local_of(resolve([at("a", "Ann Roe", "Acme"), moved]), "b") == "person/ann-roe"


def test_resolve_employers_of_one_family_are_one_employer() -> None:
    owned = profile("c", (COMPANY, "Acme"), (COMPANY, "Globex"), links=[(1, Predicate.SUBSIDIARY_OF, 2)])
    found = resolve([at("a", "Ann Roe", "Acme"), at("b", "Ann Roe", "Globex"), owned])
    assert local_of(found, "a") == local_of(found, "b") == "person/ann-roe"


def test_resolve_name_read_otherwise_where_nothing_is_said_of_it_follows_where_something_is() -> None:
    used = profile("a", (PRODUCT, "Nova Code"), (COMPANY, "Acme"), links=[(2, Predicate.DEVELOPS, 1)])
    found = resolve([used, profile("b", (COMPANY, "Nova Code"))])
    assert local_of(found, "b") == "product/nova-code"
    maker = profile("b", (COMPANY, "Nova Code"), (PRODUCT, "Deck"), links=[(1, Predicate.DEVELOPS, 2)])
    assert local_of(resolve([used, maker]), "b") == "company/nova-code"


def test_resolve_gives_the_reason_of_a_join() -> None:
    found = resolve(
        [profile("a", (PERSON, "Jane Doe"), (COMPANY, "Acme")), profile("b", (PERSON, "Doe"), (COMPANY, "Acme"))]
    )
    (person,) = (entity for entity in found.entities if entity.type is PERSON)
    assert person.reasons == ("Doe is the surname of Jane Doe; both are named with Acme",)


def test_resolve_known_entity_goes_before_the_rules() -> None:
    known = [KnownEntity("Apple", COMPANY, "https://example.org/apple", ("Apple Records",))]
    found = resolve([profile("a", (COMPANY, "Apple Records")), profile("b", (ORGANIZATION, "Apple"))], known=known)
    (entity,) = found.entities
    assert (entity.iri, entity.name, entity.type) == (f"{BASE}company/apple", "Apple", COMPANY)
    assert entity.same_as == ("https://example.org/apple",)


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
        resolve([profile("a", (COMPANY, "Acme")), profile("b", (COMPANY, "Acme Inc"))]).entities[0].name == "Acme Inc"
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
