"""The tables of seeds/cues and seeds/gazetteers: every line is well-formed, none stands there twice."""

from __future__ import annotations

import re

import pytest

from kg.errors import GraphError
from kg.lexicon import FEMALE_FORENAMES, NOMINALS, read_rows
from kg.patterns import compile_pattern
from kg.records import SIGNATURES, Metric, Predicate, Status
from kg.resources import resource_paths
from kg.statuses import Effect

FOLDERS = ("cues", "gazetteers")
TABLES = [f"{folder}/{path.name}" for folder in FOLDERS for path in resource_paths(f"seeds/{folder}", ".csv")]
RELATIONS = read_rows("cues/relations.csv")


@pytest.mark.parametrize("table", TABLES)
def test_table_every_row_is_whole(table: str) -> None:
    rows = read_rows(table)
    assert rows
    for number, row in enumerate(rows, start=2):
        assert None not in row, f"{table}:{number} has too many columns"
        assert all(isinstance(value, str) for value in row.values()), f"{table}:{number} has too few columns"
        assert all(value == value.strip() for value in row.values()), f"{table}:{number} has blanks at an edge"


@pytest.mark.parametrize("table", TABLES)
def test_table_no_row_stands_twice(table: str) -> None:
    rows = [tuple(row.values()) for row in read_rows(table)]
    assert [row for n, row in enumerate(rows) if row in rows[:n]] == []


@pytest.mark.parametrize(
    "table", [t for t in TABLES if t.endswith(("statuses.csv", "status_hints.csv", "triggers.csv", "relations.csv"))]
)
def test_table_no_pattern_matches_the_empty_text(table: str) -> None:
    predicate = SIGNATURES[Predicate.ACQUIRED]
    for row in read_rows(table):
        assert compile_pattern(row["pattern"], *predicate).search("") is None, row["pattern"]


@pytest.mark.parametrize("row", RELATIONS, ids=range(2, len(RELATIONS) + 2))
def test_relations_row_is_valid(row: dict[str, str]) -> None:
    pattern = compile_pattern(row["pattern"], *SIGNATURES[Predicate(row["predicate"])])
    assert {"s", "o"} <= pattern.groupindex.keys()
    assert Status(row["status"])
    assert 0 <= float(row["confidence"]) <= 1


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("cues/statuses.csv", "effect", set(Effect)),
        ("cues/status_hints.csv", "status", set(Status)),
        ("cues/triggers.csv", "predicate", set(Predicate)),
        ("cues/metrics.csv", "metric", {*Metric, "loss", "none", "share_price"}),
        ("cues/metrics.csv", "kind", {"money", "percent", "count", "noun"}),
        ("cues/nominals.csv", "kind", {"body", "product", "thing", "he", "she"}),
        ("gazetteers/forenames.csv", "gender", {"F", "M"}),
    ],
)
def test_table_column_holds_known_values_alone(table: str, column: str, values: set[str]) -> None:
    assert {row[column] for row in read_rows(table)} <= {str(value) for value in values}


@pytest.mark.parametrize("column", ["before", "after"])
def test_metrics_reach_is_a_number_of_words_or_minus_one_for_never(column: str) -> None:
    assert all(re.fullmatch(r"\d+|-1", row[column]) for row in read_rows("cues/metrics.csv"))


def test_nominals_hyphen_is_a_token_of_its_own() -> None:
    assert all("-" not in phrase.replace(" - ", "") for phrase in NOMINALS)
    assert "the start - up" in NOMINALS


def test_forenames_are_lower_case() -> None:
    assert all(name == name.casefold() for name in FEMALE_FORENAMES)


def test_read_rows_unknown_table_is_refused() -> None:
    with pytest.raises(GraphError, match="not part of this installation"):
        read_rows("cues/nothing.csv")
