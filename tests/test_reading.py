"""Reading many sources: results in order, refusals among them, nothing read that the cache holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.documents import list_sources, read_document
from kg.extractions import to_json
from kg.reading import Job, pipeline, read_all
from kg.records import Extraction, Refusal

ROOM = 1000


def sources_of(folder: Path, texts: dict[str, str]) -> list[Job]:
    """Jobs for files of these texts, sorted by name."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [Job(source, ROOM) for source in list_sources([str(folder)])[0]]


def cached(jobs: list[Job], folder: Path) -> list[Job]:
    """The jobs with a cache that holds an empty extraction of each source."""
    folder.mkdir()
    for job in jobs:
        document = read_document(job.source.id, Path(job.source.path).read_bytes(), source=job.source.path)
        (folder / f"{document.digest}.json").write_text(to_json(Extraction(document, (), (), ())), encoding="utf-8")
    return [Job(job.source, job.max_bytes, folder) for job in jobs]


def ids(found: list[Extraction | Refusal]) -> list[str]:
    return [f.what if isinstance(f, Refusal) else f.document.id for f in found]


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def test_read_all_cached_is_in_the_order_of_the_sources(inputs: Path, tmp_path: Path) -> None:
    jobs = cached(sources_of(inputs, {f"{n}.txt": f"Rain fell {n}." for n in "cab"}), tmp_path / "cache")
    assert ids(list(read_all(jobs, 1))) == ["a.txt", "b.txt", "c.txt"]
    assert ids(list(read_all(jobs[::-1], 1))) == ["c.txt", "b.txt", "a.txt"]


def test_read_all_cached_is_not_read_again(inputs: Path, tmp_path: Path) -> None:
    pipeline.cache_clear()
    jobs = cached(sources_of(inputs, {"a.txt": "Acme bought Beta in May."}), tmp_path / "cache")
    (found,) = read_all(jobs, 1)
    assert isinstance(found, Extraction)
    assert found.claims == ()
    assert pipeline.cache_info().currsize == 0


def test_read_all_progress_counts_the_sources(inputs: Path, tmp_path: Path) -> None:
    jobs = cached(sources_of(inputs, {f"{n}.txt": f"Rain fell {n}." for n in "abc"}), tmp_path / "cache")
    calls: list[tuple[int, int]] = []
    list(read_all(jobs, 1, lambda done, total: calls.append((done, total))))
    assert calls == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("text", ["", "x" * (ROOM + 1)])
def test_read_all_refusal_passes_through(inputs: Path, text: str) -> None:
    (found,) = read_all(sources_of(inputs, {"a.txt": text}), 1)
    assert isinstance(found, Refusal)
    assert found.reason


def test_read_all_refusal_stands_in_its_place(inputs: Path, tmp_path: Path) -> None:
    good = cached(sources_of(inputs, {"a.txt": "Rain fell.", "c.txt": "Rain fell again."}), tmp_path / "cache")
    (bad,) = [job for job in sources_of(inputs, {"b.txt": ""}) if job.source.id == "b.txt"]
    found = list(read_all([good[0], bad, good[1]], 1))
    assert [isinstance(f, Refusal) for f in found] == [False, True, False]


def test_read_all_nothing_gives_nothing() -> None:
    assert list(read_all([], 4)) == []


@pytest.mark.model
def test_read_all_changed_document_is_read_again(inputs: Path, tmp_path: Path) -> None:
    jobs = cached(sources_of(inputs, {"a.txt": "Acme bought Beta in May."}), tmp_path / "cache")
    Path(jobs[0].source.path).write_text("Brightwell Foods bought Tamarind Ltd in May.", encoding="utf-8")
    (found,) = read_all(jobs, 1)
    assert isinstance(found, Extraction)
    assert found.document.text.startswith("Brightwell")
    assert found.clusters
