"""Floors: how well the shipped pipeline reads the gold set, which nothing is trained on or written from.

The digest pins the gold, so that a floor cannot be met by changing what is asked for. Lowering a floor or changing the
digest is a commit of its own, with the reason. `kg eval tests/gold/dev` prints the numbers.
"""

from __future__ import annotations

import hashlib
import tomllib

import pytest

from kg.evaluation import Evaluation, evaluate
from kg.score import Part
from kg.settings import load_settings
from tests.conftest import ROOT

GOLD = ROOT / "tests/gold/dev"
DIGEST = "07a85767e3581060e2df8b91c7d36655e53fac2303668cf9cbabc34a7075fc38"

FLOORS: dict[Part, float] = {
    "entities": 97.0,
    "entities_typed": 95.0,
    "relations": 83.0,
    "relations_with_status": 78.0,
    "observations": 85.0,
}
"""F1 in percent."""
MIN_ROLES_RIGHT = 94.0
"""Percent of the roles of relations that were found."""
MAX_FALSE_ASSERTIONS = 10.0
"""For each 100 documents."""

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def read() -> Evaluation:
    """The gold set, read once with the defaults."""
    return evaluate(GOLD, load_settings(environment={}))


def test_gold_is_the_one_that_the_floors_are_for() -> None:
    digest = hashlib.sha256()
    for file in sorted(GOLD.rglob("*.*"), key=lambda f: f.relative_to(GOLD).as_posix()):
        digest.update(f"{file.relative_to(GOLD).as_posix()}\n".encode() + file.read_bytes())
    assert digest.hexdigest() == DIGEST


def test_every_document_of_the_gold_is_read(read: Evaluation) -> None:
    assert (read.score.n_documents, read.reading.refusals, read.n_unpredicted) == (120, (), 0)


@pytest.mark.parametrize("part", FLOORS)
def test_f1_is_at_least_the_floor(part: Part, read: Evaluation) -> None:
    assert 100 * read.score.tally(part).f1 >= FLOORS[part]


def test_roles_right_are_at_least_the_floor(read: Evaluation) -> None:
    assert 100 * read.score.tally("roles").recall >= MIN_ROLES_RIGHT


def test_false_assertions_are_at_most_the_ceiling(read: Evaluation) -> None:
    assert read.score.false_assertions_per_100 <= MAX_FALSE_ASSERTIONS


def test_every_quote_is_verbatim(read: Evaluation) -> None:
    evidence = read.score.tally("evidence")
    assert evidence.tp > 100
    assert evidence.fp == 0


def test_gold_is_in_no_package() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert all(name.split(".")[0] in {"api", "kg"} for name in setup["packages"])
    assert all("tests" not in folder for folder in setup["package-dir"].values())
