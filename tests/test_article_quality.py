"""Floors on whole articles and raw pages: the held-out ones of training/corpus, read with their page chrome.

The digest pins texts and annotation, so that a floor cannot be met by changing what is asked for.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kg.evaluation import Evaluation, evaluate
from kg.score import Part
from kg.settings import load_settings
from training.evaluate import write_gold
from training.notation import read_corpus
from training.prepare import split

DIGEST = "f70df051e47348ef82c79effd3050e0b77656d520fedf641f1440778b44657c2"
FLOORS: dict[Part, float] = {
    "entities_typed": 88.0,
    "relations": 54.0,
    "relations_with_status": 46.0,
    "observations": 48.0,
}
"""F1 in percent."""
MAX_FALSE_ASSERTIONS = 260.0
"""For each 100 documents."""

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The articles and their annotation as `kg eval` reads them."""
    articles = [d for d in split(read_corpus())[1] if d["group"] in ("article", "page")]
    write_gold(articles, where := tmp_path_factory.mktemp("articles"))
    return where


@pytest.fixture(scope="module")
def read(folder: Path) -> Evaluation:
    """The articles, read once with the defaults."""
    return evaluate(folder, load_settings(environment={}))


def test_articles_are_the_ones_that_the_floors_are_for(folder: Path) -> None:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.*"), key=lambda f: f.relative_to(folder).as_posix()):
        digest.update(f"{file.relative_to(folder).as_posix()}\n".encode() + file.read_bytes())
    assert digest.hexdigest() == DIGEST


@pytest.mark.parametrize("part", FLOORS)
def test_f1_on_articles_is_at_least_the_floor(part: Part, read: Evaluation) -> None:
    assert 100 * read.score.tally(part).f1 >= FLOORS[part]


def test_articles_false_assertions_are_at_most_the_ceiling(read: Evaluation) -> None:
    assert read.score.false_assertions_per_100 <= MAX_FALSE_ASSERTIONS


def test_articles_evidence_is_verbatim(read: Evaluation) -> None:
    assert read.score.tally("evidence").fp == 0
