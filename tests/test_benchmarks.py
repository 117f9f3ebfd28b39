"""The benchmark runs on a small real input; what it measures is not judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.speed import Row, measure_corpus, measure_lengths, run_task, table
from benchmarks.texts import long_text, n_words, read_paragraphs, short_texts

TEXT = "Ruth Okafor runs Brightwell Foods.\n\nBrightwell bought Tamarind Ltd for $40 million in May.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def test_read_paragraphs_blank_lines_are_left_out(folder: Path) -> None:
    assert read_paragraphs(folder) == [line for line in TEXT.splitlines() if line]


def test_short_texts_are_joined_in_different_ways() -> None:
    texts = short_texts([f"word{number}" for number in range(40)], 30)
    assert len({*texts}) == len(texts) == 3
    assert sum(map(n_words, texts)) >= 30


def test_long_text_has_the_length_asked_for() -> None:
    assert n_words(long_text(["one two", "three"], 100)) in (100, 101)


def test_run_task_that_fails_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        run_task("fails", ["-c", "raise SystemExit(3)"], 0)


def test_table_compares_words_of_cpu_seconds() -> None:
    rows = [Row("tracegraph, one process", 100, 2, 1, 300), Row("spaCy as en_core_web_sm", 100, 2, 0.5, 200)]
    assert table(rows).endswith("reads 0.50 words where spaCy reads one")


@pytest.mark.model
def test_measure_corpus_gives_a_row_for_each_task(folder: Path) -> None:
    rows = measure_corpus(folder, n_words(TEXT))
    assert [row.words for row in rows] == [0, 14, 14, 14]
    assert all(row.cpu_s > 0 and row.peak_mb > 10 for row in rows)


@pytest.mark.model
def test_measure_lengths_reads_the_whole_text(folder: Path) -> None:
    (row,) = measure_lengths(read_paragraphs(folder), [50])
    assert (row.task, row.words) == ("one document, 50 words", 56)
