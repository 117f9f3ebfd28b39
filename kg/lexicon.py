"""Cue words and small gazetteers, read once from seeds/: tables that grow by a line, with no Python to touch.

Each constant is named after its file. Spellings are lower case; a phrase is its tokens joined by one blank, as
`token.lower_` gives them (`the start - up`).
"""

from __future__ import annotations

import csv

from kg.resources import resource_path


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of seeds/`name` as dictionaries by column. Raises GraphError when the file is missing."""
    with resource_path("seeds", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _phrases(name: str, key: str, value: str) -> dict[str, str]:
    return {row[key].replace("-", " - "): row[value] for row in read_rows(name)}


NON_NAMES = frozenset(row["word"] for row in read_rows("cues/non_names.csv"))
"""Capitalised words that name nobody: common abbreviations, days and months."""

NOMINALS: dict[str, str] = _phrases("cues/nominals.csv", "phrase", "kind")
"""Nouns and pronouns that can stand for a name -> `body`, `product`, `thing`, `he` or `she`."""

GENERIC_ORGANIZATION_WORDS = frozenset(row["word"] for row in read_rows("cues/organization_words.csv"))
"""Words that a short form of a company's name leaves out: Haldane for Haldane Pharma."""

BRANDS = frozenset(row["brand"] for row in read_rows("gazetteers/brands.csv"))
"""One-word names of well-known brands, which stand for themselves beside a longer name that begins with them."""

FEMALE_FORENAMES = frozenset(r["forename"] for r in read_rows("gazetteers/forenames.csv") if r["gender"] == "F")
MALE_FORENAMES = frozenset(r["forename"] for r in read_rows("gazetteers/forenames.csv") if r["gender"] == "M")

ROLE_HEADS = frozenset(row["head"] for row in read_rows("cues/role_heads.csv"))
"""Words that end a position: `officer` in `chief product officer`."""

ROLE_STOPS = frozenset(row["word"] for row in read_rows("cues/role_stops.csv"))
"""Words that cannot stand inside the modifiers of a position."""
