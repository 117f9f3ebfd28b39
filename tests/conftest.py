"""Fixtures that several test modules need: the seeds' graph, built once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kg.build import BuildReport, build_graph
from kg.reading import pipeline
from kg.settings import Settings, load_settings

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds" / "documents"

settings.register_profile("steady", derandomize=True, database=None, deadline=None, max_examples=100)
settings.register_profile("long", database=None, deadline=None, max_examples=20_000)
settings.load_profile("steady")  # another is chosen with --hypothesis-profile


@pytest.fixture(scope="session")
def seeds_build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, BuildReport]]:
    """Settings of a store with the seeds' graph, and the report of its build."""
    settings = load_settings(environment={}, store=str(tmp_path_factory.mktemp("seeds") / "store"))
    yield settings, build_graph([str(SEEDS)], settings)
    pipeline.cache_clear()
