"""The file of corrections: what is written is read back, what a person has put there stays, damage is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.corrections import (
    PHRASES,
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
    next_id,
)
from kg.corrections_file import is_date, is_plain, parse_corrections, read_text, with_entry, with_undone, write_text
from kg.errors import CorrectionError, StoreError
from kg.records import EntityType, Predicate, Status

MARK = Mark("sam", "2026-03-02", "see her page")
DOE, J_DOE = Reference("person/jane-doe", "Jane Doe"), Reference("person/j.-doe", "J. Doe")
ACME = Reference("https://example.org/acme", "Acme: the company")
CHANGES: list[Change] = [
    Merge(DOE, (J_DOE, Reference("person/doe~5f2c0a91"))),
    Split(DOE, ("a.txt", "2024/b c.txt"), ("Doe",), "Jane Doe, the painter"),
    Rename(ACME, "No"),
    Retype(DOE, EntityType.COMPANY),
    RetractLink(DOE, Predicate.WORKS_FOR, ACME),
    RetractClaim(Reference("claim/8526fcc4b161a832d557495e")),
    Assertion(
        NewEntity("1984", EntityType.PERSON), Predicate.WORKS_FOR, ACME, Status.FORMER, "chief: of staff", "2024-02"
    ),
]


def file_with(*changes: Change) -> str:
    text = ""
    for number, change in enumerate(changes, start=1):
        text = with_entry(text, Correction(number, change, MARK))
    return text


def test_written_corrections_are_read_back_as_they_were() -> None:
    found = parse_corrections(file_with(*CHANGES))
    assert [c.change for c in found] == CHANGES
    assert {c.mark for c in found} == {MARK}
    assert [c.id for c in found] == list(range(1, len(CHANGES) + 1))


def test_every_predicate_has_words() -> None:
    assert set(PHRASES) == set(Predicate)


def test_entry_is_readable_without_quotation_marks() -> None:
    text = file_with(Merge(DOE, (J_DOE,)))
    assert "  do: merge\n  into: {iri: person/jane-doe, label: Jane Doe}\n" in text
    assert "  when: 2026-03-02\n" in text


@given(st.text(min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(lambda t: t and is_plain(t)))
def test_any_name_survives_the_file(name: str) -> None:
    (found,) = parse_corrections(with_entry("", Correction(1, Rename(DOE, name), Mark(name, "2026-01-01", name))))
    assert (found.change, found.mark.who, found.mark.why) == (Rename(DOE, name), name, name)


ENTRY = "- id: 1\n  do: rename\n  entity: person/x\n  name: X\n  who: a\n  when: 2026-01-01\n"
HAND_MADE = """\
# agreed with the desk, 3 May
- do: rename   # she married
  id: 7
  entity: person/jane-doe
  name: Jane Roe
  who: sam
  when: 2026-05-03
# the next one is odd
- {id: 2, do: retype, entity: person/acme, type: Company, who: kim, when: 2026-05-04, why: ''}
"""


def test_new_entry_leaves_what_stands_there() -> None:
    text = with_entry(HAND_MADE, Correction(8, Rename(DOE, "X"), MARK))
    assert text.startswith(HAND_MADE)
    assert [c.id for c in parse_corrections(text)] == [7, 2, 8]
    assert next_id(parse_corrections(text)) == 9


def test_new_entry_follows_the_indent_of_the_file() -> None:
    indented = "".join(f"  {line}\n" for line in ENTRY.splitlines())
    text = with_entry(indented, Correction(2, Rename(DOE, "X"), MARK))
    assert [c.id for c in parse_corrections(text)] == [1, 2]


@pytest.mark.parametrize("number", [7, 2])
def test_undone_entry_keeps_comments_and_all_else(number: int) -> None:
    text = with_undone(HAND_MADE, number, MARK)
    before, after = parse_corrections(HAND_MADE), parse_corrections(text)
    assert after == tuple(replace(c, undone=MARK if c.id == number else None) for c in before)
    assert all(comment in text for comment in ("# agreed with the desk", "# she married", "# the next one"))


def test_undo_unknown_or_twice_is_refused() -> None:
    with pytest.raises(CorrectionError, match="no correction has the id 3"):
        with_undone(HAND_MADE, 3, MARK)
    with pytest.raises(CorrectionError, match="undone already"):
        with_undone(with_undone(HAND_MADE, 2, MARK), 2, MARK)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("- id: 1\n  do: [", 2, "not YAML"),
        ("corrections: []", 1, "a list"),
        ("- merge", 1, "keys and values"),
        (ENTRY.replace("rename", "remane"), 1, "'remane'"),
        (ENTRY.replace("2026-01-01", "last May"), 1, "a day as"),
        (ENTRY.replace("2026-01-01", "2026-02-30"), 1, "a day as"),
        (ENTRY.replace("id: 1", "id: one"), 1, "whole number"),
        (ENTRY + "  reason: none\n", 7, "'reason'"),
        (ENTRY + "  name: Y\n", 7, "twice"),
        (ENTRY + ENTRY, 7, "used twice"),
        (ENTRY.replace("  name: X\n", ""), 1, "name is missing"),
        (ENTRY.replace("person/x", "person/ x y<>"), 3, "not an IRI"),
        (ENTRY.replace("rename", "retype").replace("name: X", "type: Robot"), 1, "'Robot'"),
        (ENTRY.replace("name: X", "name: [X]"), 4, "one text"),
        (ENTRY.replace("name: X", 'name: "a\\x07b"'), 4, "control character"),
        (ENTRY.replace("rename", "split").replace("name: X", "as: X"), 1, "documents, names or both"),
        ("- ? [a]\n  : b\n", 1, "one word"),
        ("[" * 5000, None, "not YAML"),
    ],
)
def test_damaged_file_names_the_line(text: str, line: int | None, words: str) -> None:
    with pytest.raises(StoreError) as caught:
        parse_corrections(text, "c.yaml")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert line is None or f"c.yaml, line {line}:" in str(caught.value)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[]\n", "# none\n[]"])
def test_file_without_entries_is_read_and_extended(text: str) -> None:
    assert parse_corrections(text) == ()
    assert len(parse_corrections(with_entry(text, Correction(1, CHANGES[0], MARK)))) == 1


@pytest.mark.parametrize(
    "text", ["[{id: 1, do: rename, entity: a/b, name: c, who: d, when: 2026-01-01}]", ENTRY + "...\n"]
)
def test_file_that_cannot_be_extended_is_left_alone(text: str) -> None:
    with pytest.raises(StoreError, match="not laid out as a plain list"):
        with_entry(text, Correction(2, CHANGES[0], MARK))


@pytest.mark.parametrize("text", ["2024-7", "24", "0000", "2024-13", "2024-02-30", "20240703", "2024-07-03T00", ""])
def test_what_is_no_date_is_none(text: str) -> None:
    assert not is_date(text)


def test_missing_file_is_empty_and_unreadable_one_is_named(tmp_path: Path) -> None:
    assert read_text(tmp_path / "none.yaml") == ""
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StoreError, match=r"bad\.yaml"):
        read_text(tmp_path / "bad.yaml")


def test_write_keeps_a_link_and_leaves_no_part(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "link.yaml").symlink_to(tmp_path / "repo" / "real.yaml")
    write_text(tmp_path / "link.yaml", "[]\n")
    assert (tmp_path / "repo" / "real.yaml").read_text() == "[]\n"
    assert sorted(p.name for p in tmp_path.rglob("*.yaml")) == ["link.yaml", "real.yaml"]
