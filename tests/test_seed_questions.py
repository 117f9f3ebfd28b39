"""Competency questions on the seeds' graph, against answers found by reading the seeds.

Each case gives a row that the answer must hold; other rows may stand beside it.
"""

from __future__ import annotations

import csv
import io

import pytest

from kg.ask import answer, read_query
from kg.build import BuildReport
from kg.settings import Settings
from tests.conftest import ROOT

pytestmark = pytest.mark.model

Row = dict[str, str]


@pytest.fixture
def ask(seeds_build: tuple[Settings, BuildReport]):  # type: ignore[no-untyped-def]  # a function of this module alone
    def run(name: str, *parameters: str) -> list[Row]:
        (file,) = (ROOT / "queries").glob(f"{name}_*.rq")
        output = io.BytesIO()
        answer(seeds_build[0], read_query(None, file, parameters), "csv", output)
        return list(csv.DictReader(io.StringIO(output.getvalue().decode())))

    return run


CASES = [
    ("cq01", (), {"person": "Sam Altman", "role": "CEO", "status": "actual"}),
    ("cq01", (), {"person": "Greg Brockman", "status": "actual"}),
    ("cq01", (), {"person": "Amelia Glaese", "role": "head of alignment", "status": "actual"}),
    ("cq01", ("company=Cisco",), {"person": "Jeetu Patel", "status": "actual"}),
    (
        "cq02",
        (),
        {"buyer": "OpenAI", "target": "Windsurf", "status": "attempted", "price": "3000000000", "unit": "USD"},
    ),
    ("cq02", (), {"buyer": "OpenAI", "target": "Windsurf", "date": "2025-07"}),
    ("cq02", (), {"buyer": "OpenAI", "target": "Cursor", "status": "attempted"}),
    ("cq03", (), {"product": "Claude Code", "rival": "Codex"}),
    ("cq04", (), {"product": "GitHub Copilot", "foundation": "Codex", "status": "actual"}),
    ("cq05", (), {"value": "2500000000", "unit": "USD", "outlet": "Wired"}),
    ("cq05", (), {"value": "1000000000", "unit": "USD", "qualifier": "annualized"}),
    ("cq05", ("product=Codex",), {"value": "1000000000", "unit": "USD"}),
    ("cq09", (), {"person": "Thibault Sottiaux", "from": "Google DeepMind", "to": "OpenAI"}),
    ("cq10", (), {"subject": "Amelia Glaese", "predicate": "worksFor", "object": "OpenAI"}),
    ("cq11", (), {"subject": "Anthropic", "predicate": "develops", "object": "Claude Code"}),
    ("cq12", ("from=Microsoft", "to=Anthropic"), {"hops": "2"}),
    ("cq14", (), {"founded": "OpenAI", "founder": "Greg Brockman"}),
    ("cq33", (), {"about": "Notion", "value": "11000000000", "unit": "USD"}),
]


@pytest.mark.parametrize(("name", "parameters", "expected"), CASES, ids=lambda v: v if isinstance(v, str) else None)
def test_question_on_the_seeds_holds_what_a_reader_finds(
    ask, name: str, parameters: tuple[str, ...], expected: Row
) -> None:  # type: ignore[no-untyped-def]
    rows = ask(name, *parameters)
    assert any(all(is_value(row[key], value) for key, value in expected.items()) for row in rows), rows


def is_value(given: str, expected: str) -> bool:
    """Equal, or the same name with its maker in front (`OpenAI Codex` for `Codex`)."""
    return given == expected or given.endswith(f" {expected}")


def test_question_on_products_has_no_menu_entry(ask) -> None:  # type: ignore[no-untyped-def]
    names = {row["product"] for row in ask("cq16")}
    assert not names & {"Futures", "Gold", "Launchpad", "CandyDrop"}


def test_question_on_speakers_finds_the_unnamed_insider(ask) -> None:  # type: ignore[no-untyped-def]
    assert any("1000000000" in row["object"] for row in ask("cq13", "speaker=direct knowledge"))


def test_question_on_acquisitions_lists_no_failed_deal_as_actual(ask) -> None:  # type: ignore[no-untyped-def]
    done = [row for row in ask("cq36") if row["buyer"] == "OpenAI" and row["status"] == "actual"]
    assert not {row["target"] for row in done} & {"Windsurf", "Cursor"}
