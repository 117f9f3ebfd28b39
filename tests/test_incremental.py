"""A build in steps equals a build from nothing, costs what changed, and may die at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import build_graph, remove_documents
from kg.build_cache import open_cache
from kg.errors import StoreError
from kg.export import export_quads
from kg.reading import Job, OnProgress, read_each
from kg.records import Extraction, Refusal
from kg.settings import Settings, load_settings
from kg.shapes import Checked, check_quads
from kg.store import current_snapshot, open_current

pytestmark = pytest.mark.model

SENTENCES = {
    "a.txt": "Haldane Pharma has bought Lumivex, a Basel-based antibody specialist, for $40 million.",
    "b.txt": "Maria Keller, chief executive of Haldane Pharma, said the deal for Lumivex had closed.",
    "c.txt": "Northwind Airlines agreed to buy Skyhop in May 2024. The deal fell apart in July 2024.",
    "d.txt": "Keller joined the board of Northwind Airlines, which Haldane Pharma supplies.",
    "e.txt": "Erik Lund, president of Fjord Brewery, said Fjord Brewery had bought Ale Works.",
    "f.txt": "Fjord Brewery sued Ale Works. Northwind Airlines serves Fjord Pils, made by Fjord Brewery.",
}
N_KILLS = 50


def settings_for(folder: Path) -> Settings:
    return load_settings(environment={}, store=str(folder))


def write(folder: Path, name: str, text: str | None = None) -> str:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(SENTENCES[name] if text is None else text, encoding="utf-8")
    return str(path)


def exported(settings: Settings) -> bytes:
    return export_quads(list(open_current(Path(settings.store))), ".nq", settings.base_iri)


@pytest.mark.parametrize("seed", range(3))
def test_any_way_to_the_same_documents_gives_the_same_bytes(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # a reproducible walk
    stepwise, held = settings_for(tmp_path / "stepwise"), {"a.txt": SENTENCES["a.txt"]}
    build_graph([write(tmp_path / "in", "a.txt")], stepwise)
    for _ in range(6):
        name = rng.choice(sorted(SENTENCES))
        if name in held and len(held) > 1 and rng.random() < 0.5:
            del held[name]
            remove_documents([name], stepwise)
        else:
            held[name] = SENTENCES[name] if name not in held else f"{SENTENCES[name]} Ale Works is based in Oslo."
            build_graph([write(tmp_path / "in", name, held[name])], stepwise)
    at_once = settings_for(tmp_path / "at-once")
    build_graph([write(tmp_path / "other", name, text) for name, text in sorted(held.items())], at_once)
    assert exported(stepwise) == exported(at_once)
    assert current_snapshot(Path(stepwise.store)).name == current_snapshot(Path(at_once.store)).name


def test_unchanged_documents_are_neither_read_nor_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path / "store")
    paths = [write(tmp_path / "in", name) for name in sorted(SENTENCES)[:-1]]
    build_graph(paths, settings)
    read: list[str] = []
    made: list[int] = []
    monkeypatch.setattr("kg.intake.read_each", counting_reader(read))
    monkeypatch.setattr("kg.graphs.check_quads", counting_check(made))
    build_graph([*paths, write(tmp_path / "in", "f.txt")], settings)
    assert read == ["f.txt"]
    assert len(made) == 1


def counting_reader(read: list[str]) -> Callable[..., Iterator[list[Extraction | Refusal]]]:
    def counted(jobs: list[Job], workers: int, on_progress: OnProgress | None) -> Iterator[list[Extraction | Refusal]]:
        read.extend(job.source.id for job in jobs)
        return read_each(jobs, workers, on_progress)

    return counted


def counting_check(made: list[int]) -> Callable[..., Checked]:
    def counted(quads: Sequence[ox.Quad]) -> Checked:
        made.append(len(quads))
        return check_quads(quads)

    return counted


def test_lost_cache_costs_nothing_but_time(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "store")
    paths = [write(tmp_path / "in", name) for name in ("a.txt", "b.txt")]
    build_graph(paths, settings)
    before = exported(settings)
    (tmp_path / "store" / "cache.sqlite").unlink()
    build_graph(paths[:1], settings)
    assert exported(settings) == before


def test_damaged_cache_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="delete the file"), open_cache(tmp_path) as cache:
        cache.graphs()


PROGRAM = """
import sys
from kg.build import build_graph, remove_documents
from kg.settings import load_settings
settings = load_settings(environment={}, store=sys.argv[1])
print("begin", flush=True)
while True:
    build_graph(sys.argv[2:], settings)
    remove_documents(["a.txt"], settings)
"""
"""Builds without end, from whatever a kill has left; every document has been read before, so that most is writing."""


def test_build_killed_at_random_moments_leaves_a_good_graph_and_the_next_succeeds(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "store")
    paths = [write(tmp_path / "in", name) for name in sorted(SENTENCES)]
    build_graph(paths, settings)
    whole = exported(settings)
    remove_documents(["a.txt"], settings)
    good = {whole, exported(settings)}
    rng = random.Random(7)  # a reproducible choice of moments
    for _ in range(N_KILLS):
        kill_a_build(settings, paths, rng.uniform(0.0, 0.25))
        assert exported(settings) in good
    build_graph(paths, settings)
    assert exported(settings) == whole
    left = [path.name for path in (tmp_path / "store" / "snapshots").iterdir() if path.name.startswith(".")]
    assert left == []


def kill_a_build(settings: Settings, paths: list[str], after_s: float) -> None:
    """Start builds in a process of their own, and kill it some time after the first has begun."""
    command = [sys.executable, "-c", PROGRAM, settings.store, *paths]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begin\n"
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
