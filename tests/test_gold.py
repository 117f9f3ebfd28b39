"""Annotations are read as they stand, and refused with the place of the fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kg.errors import DocumentError
from kg.gold import (
    AnnotatedEntity,
    AnnotatedObservation,
    AnnotatedRelation,
    parse_annotation,
    read_annotation,
    read_gold,
)

ACME = {"id": "e1", "name": "Acme", "type": "Company"}


def gold_folder(folder: Path, **files: Any) -> Path:
    """A folder with these files, a value that is no string as JSON."""
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


def test_parse_annotation_absent_and_null_keys_have_their_defaults() -> None:
    found = parse_annotation(
        {
            "entities": [ACME],
            "relations": [{"subject": "e1", "predicate": "sued", "object": "e2", "role": None, "evidence": None}],
            "observations": [{"subject": "e1", "metric": "users", "value": 5, "unit": None, "confidence": None}],
        }
    )
    assert found.entities == (AnnotatedEntity("e1", "Acme", "Company"),)
    assert found.relations == (AnnotatedRelation("e1", "sued", "e2", "actual", None, "", 1.0),)
    assert found.observations == (AnnotatedObservation("e1", "users", 5.0),)


def test_parse_annotation_marks_of_gold_are_kept() -> None:
    (entity,) = parse_annotation(
        {"entities": [{**ACME, "aliases": ["A"], "alt_types": ["Product"], "optional": True}]}
    ).entities
    assert (entity.aliases, entity.alt_types, entity.is_neutral) == (("A",), {"Product"}, True)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ([], "JSON list"),
        ({"entities": {}}, "entities is {}"),
        ({"entities": [3]}, r"entities\[0\] is 3"),
        ({"entities": [ACME, {"id": "e2"}]}, r"entities\[1\]: name is None"),
        ({"entities": [{**ACME, "aliases": [1]}]}, r"entities\[0\]: aliases holds 1"),
        ({"relations": [{"subject": 1}]}, r"relations\[0\]: subject is 1"),
        (
            {"observations": [{"subject": "e1", "metric": "users", "value": "many"}]},
            r"observations\[0\]: value is 'many'",
        ),
        ({"observations": [{"subject": "e1", "metric": "users"}]}, "value is None"),
    ],
)
def test_parse_annotation_malformed_says_where(record: object, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        parse_annotation(record)


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000, b""])
def test_read_annotation_no_json_is_refused_with_its_file(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(content)
    with pytest.raises(DocumentError, match=r"a\.json: is no JSON"):
        read_annotation(file)


def test_read_annotation_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read_annotation(tmp_path / "none.json")


def test_read_gold_is_sorted_by_file_name(tmp_path: Path) -> None:
    folder = gold_folder(tmp_path, b={"doc": "b.txt"}, a={"doc": "a.txt"})
    assert list(read_gold(folder)) == ["a.json", "b.json"]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({}, "doc is missing"),
        ({"doc": "a.txt", "entities": [ACME, ACME]}, "two entities have the id e1"),
        (
            {"doc": "a.txt", "entities": [ACME], "relations": [{"subject": "e1", "predicate": "sued", "object": "e7"}]},
            "no entity has the id e7",
        ),
        ({"doc": "a.txt", "observations": [{"subject": "e1", "metric": "users", "value": 1}]}, "the id e1"),
    ],
)
def test_read_gold_that_does_not_hold_together_is_refused(record: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=rf"a\.json: .*{words}"):
        read_gold(gold_folder(tmp_path, a=record))


def test_read_gold_two_files_on_one_document_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"b\.json: describes x\.txt, as a\.json does"):
        read_gold(gold_folder(tmp_path, a={"doc": "x.txt"}, b={"doc": "x.txt"}))


def test_read_gold_without_files_or_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"no \*\.json"):
        read_gold(tmp_path)
    with pytest.raises(DocumentError, match="no folder"):
        read_gold(tmp_path / "none")
