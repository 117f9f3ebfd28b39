"""A user's own list of entities: two formats, one meaning, and one clear line for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import SettingsError
from kg.known import KnownEntity, known_digest, read_known
from kg.records import EntityType

ACME = KnownEntity("Acme Robotics", EntityType.COMPANY, "https://example.org/acme", ("Acme", "Acme Bots"))
JANE = KnownEntity("Jane Doe", EntityType.PERSON, "https://example.org/jane")

CSV = """name,aliases,type,iri
Jane Doe,,person,https://example.org/jane
Acme Robotics,Acme Bots | Acme,Company,https://example.org/acme
"""
PREFIXES = """@prefix ex: <https://example.org/> .
@prefix kg: <https://w3id.org/tracegraph/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
TURTLE = """
ex:list a owl:Ontology ; rdfs:label "our list" .
ex:acme a schema:Corporation , kg:Organization ; rdfs:label "Acme Robotics" ; skos:altLabel "Acme" ;
    schema:alternateName "Acme Bots" .
<https://example.org/jane> a kg:Person ; skos:prefLabel "Jane Doe"@en .
"""


def read(folder: Path, name: str, text: str) -> list[KnownEntity]:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return read_known(file)


def test_read_known_csv_gives_names_aliases_types_iris(tmp_path: Path) -> None:
    assert read(tmp_path, "list.csv", CSV) == [ACME, JANE]


def test_read_known_turtle_gives_the_same_entities(tmp_path: Path) -> None:
    assert read(tmp_path, "list.ttl", PREFIXES + TURTLE) == [ACME, JANE]


def test_read_known_spreadsheet_with_mark_and_windows_lines_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, "list.csv", "\ufeff" + CSV.replace("\n", "\r\n")) == [ACME, JANE]


def test_read_known_name_in_two_languages_takes_the_english(tmp_path: Path) -> None:
    text = PREFIXES + 'ex:m a schema:Place ; rdfs:label "München"@de , "Munich"@en .'
    assert read(tmp_path, "list.ttl", text) == [
        KnownEntity("Munich", EntityType.PLACE, "https://example.org/m", ("München",))
    ]


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ("Acme,,Firm,https://example.org/a", 2, "'Firm' is no type"),
        (",,Company,https://example.org/a", 2, "has no name"),
        ("Acme,,Company,acme", 2, "'acme' is no absolute IRI"),
        ("Acme,,Company,", 2, "is no absolute IRI"),
        ("Acme,,Company", 2, "not 4 cells"),
        ("Acme,,Company,https://a.example/,x", 2, "not 4 cells"),
        ("Acme,,Company,https://a.example/1\nACME Inc.,,Organization,https://a.example/2", 3, "list.csv:2"),
        ("Acme,,Company,https://a.example/1\nBeta,,Company,https://a.example/1", 3, "as aliases"),
    ],
)
def test_read_known_csv_mistake_is_one_line_with_its_number(tmp_path: Path, rows: str, line: int, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, "list.csv", f"name,aliases,type,iri\n{rows}\n")
    message = str(caught.value)
    assert f"list.csv:{line}: " in message
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('ex:a a schema:Persn ; rdfs:label "Acme" .', ":7: 'schema:Persn' is no type"),
        ('ex:a rdfs:label "Acme" .', ":7: '' is no type"),
        ("ex:a a kg:Company .", ":7: the entity 'https://example.org/a' has no name"),
        ('ex:a a kg:Person , kg:Place ; rdfs:label "Acme" .', ":7: an entity is of one type"),
        ('<acme> a kg:Company ; rdfs:label "Acme" .', ":7: "),
        ('[] a kg:Company ; rdfs:label "Acme" .', "'' is no absolute IRI"),
        ('ex:a a kg:Company ; rdfs:label "A" . \nex:b a kg:Company ; rdfs:label "A" .', ":8: 'A' stands already in"),
    ],
)
def test_read_known_turtle_mistake_is_one_line_with_its_number(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, "list.ttl", PREFIXES + text)
    assert words in str(caught.value)


@pytest.mark.parametrize(("name", "words"), [("list.xlsx", ".csv or a .ttl"), ("none.csv", "cannot be read")])
def test_read_known_no_such_file_or_format_is_refused(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read_known(tmp_path / name)


def test_read_known_column_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"list\.csv:1: no column 'iri'"):
        read(tmp_path, "list.csv", "name,type\nAcme,Company\n")


def test_known_digest_other_order_is_equal_and_other_alias_is_not() -> None:
    changed = KnownEntity(ACME.name, ACME.type, ACME.iri, ("Acme",))
    assert known_digest([ACME, JANE]) == known_digest([JANE, ACME]) != known_digest([changed, JANE])
    assert known_digest([]) is None
