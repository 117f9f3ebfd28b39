"""Links to Wikidata: right or none."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import build_graph, correct_graph
from kg.errors import SettingsError
from kg.iris import expand
from kg.linking import find_item, link_entities, spelling
from kg.quads import entity_quads
from kg.records import Entity, EntityIri, EntityType
from kg.resources import resource_path
from kg.settings import load_settings
from kg.store import open_current

WD = "http://www.wikidata.org/entity/"
OWN = "https://example.org/own"


def entity(name: str, *aliases: str, type_: EntityType = EntityType.COMPANY, same_as: str = "") -> Entity:
    iri = EntityIri(f"https://example.org/{type_}/{name.replace(' ', '-')}")
    return Entity(iri, name, type_, tuple(sorted({name, *aliases})), (same_as,) if same_as else ())


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("Starbucks", "Q37158"),
        ("Microsoft Corp.", "Q2283"),
        ("The Kroger Co.", "Q153417"),
        ("Home Depot", "Q864407"),
        ("McDonald’s", "Q38076"),
        ("Societe Generale", "Q270363"),
    ],
)
def test_find_item_well_known_company_is_linked(name: str, item: str) -> None:
    assert find_item(entity(name)) == WD + item


@pytest.mark.parametrize("name", ["Delta", "Apollo", "Target", "Shell", "Orange", "Gap", "Ford", "Amazon", "Casino"])
def test_find_item_name_of_several_meanings_is_nil(name: str) -> None:
    assert find_item(entity(name)) is None


@pytest.mark.parametrize(
    "name", ["starbucks", "STARBUCKS", "Starbucks Reserve Trading", "General Electric Company plc"]
)
def test_find_item_other_spelling_is_nil(name: str) -> None:
    assert find_item(entity(name)) is None


@pytest.mark.parametrize("type_", [EntityType.PERSON, EntityType.PLACE, EntityType.ORGANIZATION])
def test_find_item_other_type_is_nil(type_: EntityType) -> None:
    assert find_item(entity("Starbucks", type_=type_)) is None


def test_find_item_full_alias_counts_and_part_of_a_name_does_not() -> None:
    assert find_item(entity("Big Blue Coffee", "Starbucks")) == f"{WD}Q37158"
    assert find_item(entity("Starbucks Workers Alliance", "Starbucks")) is None


def test_find_item_names_of_two_brands_is_nil() -> None:
    assert find_item(entity("Starbucks", "Microsoft")) is None


def test_spelling_keeps_letter_case_and_possessive() -> None:
    assert len({spelling(name) for name in ("Wendy's", "Wendys", "Wendy", "WENDY")}) == 3


def test_link_entities_own_link_goes_before_and_keeps_its_item() -> None:
    own = entity("Starbucks", same_as=OWN)
    taken = entity("Coffee Holdings", same_as=f"{WD}Q2283")
    assert link_entities([own, taken, entity("Microsoft")]) == (own, taken, entity("Microsoft"))


def test_link_entities_company_and_product_of_one_brand_links_the_company() -> None:
    linked = link_entities([entity("Starbucks"), entity("Starbucks", type_=EntityType.PRODUCT)])
    assert [e.same_as for e in linked] == [(f"{WD}Q37158",), ()]


def test_link_entities_two_companies_of_one_brand_links_neither() -> None:
    two = (entity("Starbucks"), entity("Big Blue Coffee", "Starbucks"))
    assert link_entities(two) == two


def test_entity_quads_link_and_reason_are_said() -> None:
    acme = Entity(EntityIri("https://example.org/a"), "Acme", EntityType.COMPANY, ("Acme",), (OWN,), ("A is short.",))
    said = {(q.predicate, q.object) for q in entity_quads([acme])}
    link, reason = (expand("owl:sameAs"), ox.NamedNode(OWN)), (expand("kg:joinedBecause"), ox.Literal("A is short."))
    assert {link, reason} <= said


def test_seed_brands_are_sorted_and_each_name_has_one_item() -> None:
    with resource_path("seeds", "gazetteers/wikidata_brands.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["name"], row["wikidata"]) for row in csv.DictReader(file)]
    assert rows == sorted(set(rows))
    assert len({name for name, _ in rows}) == len(rows) > 5000
    assert all(item[0] == "Q" and item[1:].isdigit() for _, item in rows)


@pytest.mark.model
def test_build_with_list_links_by_list_and_correct_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "Starbucks has bought Lumivex, a Basel-based antibody specialist, for $40 million.", encoding="utf-8"
    )
    (tmp_path / "own.csv").write_text(f"name,aliases,type,iri\nLumivex AG,Lumivex,Company,{OWN}\n", encoding="utf-8")
    settings = load_settings(environment={}, store=str(tmp_path / "store"), entities=str(tmp_path / "own.csv"))
    build_graph([str(tmp_path / "a.txt")], settings)
    quads = open_current(Path(settings.store)).quads_for_pattern(None, expand("owl:sameAs"), None)
    assert {q.object for q in quads} == {ox.NamedNode(OWN), ox.NamedNode(f"{WD}Q37158")}
    manifest = json.loads((tmp_path / "store" / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["entities"]) == 64
    correct_graph(lambda text: text, load_settings(environment={}, store=settings.store))
    assert json.loads((tmp_path / "store" / "manifest.json").read_text(encoding="utf-8")) == manifest


def test_build_with_broken_list_touches_no_store(tmp_path: Path) -> None:
    settings = load_settings(environment={}, store=str(tmp_path / "store"), entities=str(tmp_path / "none.csv"))
    with pytest.raises(SettingsError, match="cannot be read"):
        build_graph([str(tmp_path)], settings)
    assert not (tmp_path / "store").exists()
