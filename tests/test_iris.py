"""Name keys, prefixes, and IRIs of entities, documents and records."""

import pytest

from kg import iris
from kg.errors import GraphError
from kg.records import DocumentId, EntityType, Metric, Predicate, Status

BASE = "https://w3id.org/tracegraph/id/"

KEYS = [
    ("OpenAI", EntityType.COMPANY, "openai"),
    ("The Walt Disney Company", EntityType.COMPANY, "walt-disney"),
    ("Acme Corp.", EntityType.COMPANY, "acme"),
    ("Acme, Inc", EntityType.ORGANIZATION, "acme"),
    ("Acme Inc", EntityType.PRODUCT, "acme-inc"),
    ("Meier GmbH & Co. KG", EntityType.COMPANY, "meier"),
    ("Fiat S.p.A.", EntityType.COMPANY, "fiat"),
    ("Grupo Ejemplo S.A.B. de C.V.", EntityType.COMPANY, "grupo-ejemplo"),
    ("Limited", EntityType.COMPANY, "limited"),
    ("The The", EntityType.COMPANY, "the"),
    ("McDonald's Corporation", EntityType.COMPANY, "mcdonald"),
    ("McDonald’s", EntityType.COMPANY, "mcdonald"),
    ("AT&T", EntityType.COMPANY, "at-t"),
    ("Johnson & Johnson", EntityType.COMPANY, "johnson-and-johnson"),
    ("U.S. Steel", EntityType.COMPANY, "us-steel"),
    ("x.ai", EntityType.COMPANY, "x.ai"),
    ("Yahoo!", EntityType.COMPANY, "yahoo"),
    ("GPT-4.1", EntityType.PRODUCT, "gpt-4.1"),
    ("C++", EntityType.PRODUCT, "c++"),
    ("C#", EntityType.PRODUCT, "csharp"),
    ("Disney+", EntityType.PRODUCT, "disney+"),
    ("ＡＢＣ", EntityType.PRODUCT, "abc"),
    ("Škoda Superb", EntityType.PRODUCT, "skoda-superb"),
    ("İstanbul", EntityType.PLACE, "istanbul"),
    ("Łódź", EntityType.PLACE, "lodz"),
    ("Conan O'Brien", EntityType.PERSON, "conan-obrien"),
    ("John F. Kennedy", EntityType.PERSON, "john-f-kennedy"),
    ("北京大学", EntityType.ORGANIZATION, "北京大学"),
    ("हिन्दी", EntityType.PLACE, "हिन्दी"),
]


@pytest.mark.parametrize(("name", "entity_type", "key"), KEYS)
def test_name_key_of_name_is_as_listed(name: str, entity_type: EntityType, key: str) -> None:
    assert iris.name_key(name, entity_type) == key


@pytest.mark.parametrize(("name", "entity_type", "key"), KEYS)
def test_name_key_of_key_is_itself(name: str, entity_type: EntityType, key: str) -> None:
    if key != "the":
        assert iris.name_key(key, entity_type) == key


def test_name_key_without_letters_is_a_digest_of_the_name() -> None:
    one, other = (iris.name_key(name, EntityType.COMPANY) for name in ("!!!", "???"))
    assert one != other
    assert len(one) == iris.DIGEST_LENGTH


def test_entity_iri_is_type_and_key() -> None:
    assert iris.entity_iri(BASE, EntityType.COMPANY, "openai") == f"{BASE}company/openai"


def test_entity_iri_set_apart_differs_by_what_sets_it_apart() -> None:
    made = {iris.entity_iri(BASE, EntityType.PERSON, "doe", apart) for apart in (None, "a.txt", "b.txt")}
    assert len(made) == 3


def test_document_iri_encodes_each_segment() -> None:
    made = iris.document_iri(BASE, DocumentId("2024/a b#c?.txt"))
    assert made.value == f"{BASE}document/2024/a%20b%23c%3F.txt"


def test_graph_iri_differs_from_document_iri() -> None:
    assert iris.graph_iri(BASE, DocumentId("a.txt")).value == f"{BASE}graph/a.txt"


def test_record_iri_tells_nothing_from_empty_and_where_parts_end() -> None:
    said = [("a", None), ("a", ""), ("a",), ("a=",), ("", "a")]
    assert len({iris.record_iri(BASE, "claim", *parts) for parts in said}) == len(said)


def test_record_iri_is_always_the_same() -> None:
    assert iris.record_iri(BASE, "claim", "a", None).value == f"{BASE}claim/641fa1e01770bac4c744fc25"


def test_expand_then_compress_gives_the_curie() -> None:
    for curie in ("kg:acquired", "schema:url", "prov:wasDerivedFrom"):
        assert iris.compress(iris.expand(curie).value) == curie


def test_compress_under_base_takes_the_longest_prefix() -> None:
    assert iris.compress(f"{BASE}company/openai", BASE) == "company:openai"
    assert iris.compress(f"{BASE}company/openai") == f"{BASE}company/openai"


def test_expand_unknown_prefix_is_refused() -> None:
    with pytest.raises(GraphError, match="nope"):
        iris.expand("nope:x")


@pytest.mark.parametrize("iri", ["", "no scheme", "http://a b"])
def test_named_node_that_is_no_iri_is_refused(iri: str) -> None:
    with pytest.raises(GraphError):
        iris.named_node(iri)


def test_terms_of_records_are_those_of_the_ontology() -> None:
    assert iris.compress(iris.class_term(EntityType.COMPANY).value) == "kg:Company"
    assert iris.compress(iris.predicate_term(Predicate.WORKS_FOR).value) == "kg:worksFor"
    made = [iris.compress(iris.individual(v).value) for v in (Status.ACTUAL, Metric.MARKET_SHARE, Metric.OTHER)]
    assert made == ["kg:Actual", "kg:MarketShare", "kg:OtherMetric"]


def test_prefixes_with_base_has_one_for_each_kind() -> None:
    made = iris.prefixes_with("urn:x:")
    assert (made["person"], made["claim"]) == ("urn:x:person/", "urn:x:claim/")
