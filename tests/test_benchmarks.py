"""The benchmark runs on a small real input; what it measures is not judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.gum import gum_documents
from benchmarks.resolution import score_across
from benchmarks.speed import Row, measure_corpus, measure_lengths, run_task, table
from benchmarks.texts import long_text, n_words, read_paragraphs, short_texts

TEXT = "Ruth Okafor runs Brightwell Foods.\n\nBrightwell bought Tamarind Ltd for $40 million in May.\n"

CONLLU = """\
# newdoc id = {id}
1\tBritish\tBritish\tADJ\tJJ\t_\t2\tamod\t_\tEntity=(1-person-new-sssss-cf1-1,2,3,4-coref-Ruth_Okafor
2\tminister\tminister\tNOUN\tNN\tNumber=Sing\t5\tnsubj\t_\t_
3\tRuth\tRuth\tPROPN\tNNP\tNumber=Sing\t2\tflat\t_\t_
4\t{surname}\t{surname}\tPROPN\tNNP\tNumber=Sing\t3\tflat\t_\tEntity=1)
5\tleft\tleave\tVERB\tVBD\t_\t0\troot\t_\t_
6\tthe\tthe\tDET\tDT\t_\t7\tdet\t_\tEntity=(2-organization-new-sssss-cf2-2,4-sgl-University_of_York_%28UK%29
7\tUniversity\tUniversity\tPROPN\tNNP\tNumber=Sing\t5\tobj\t_\t_
8\tof\tof\tADP\tIN\t_\t9\tcase\t_\t_
9\tYork\tYork\tPROPN\tNNP\tNumber=Sing\t7\tnmod\t_\tEntity=(3-place-new-nnnnn-cf3-1-sgl)2)

1\tShe\tshe\tPRON\tPRP\t_\t3\tnsubj\t_\tEntity=(1-person-giv:act-sssss-cf1-1-ana-Ruth_Okafor)
2\tlikes\tlike\tVERB\tVBZ\t_\t0\troot\t_\t_
3\tthe\tthe\tDET\tDT\t_\t4\tdet\t_\tEntity=(4-person-new-sssss-cf4-1-sgl-Akua_Mensah
4\tPresident\tPresident\tPROPN\tNNP\tNumber=Sing\t2\tobj\t_\tEntity=4)
"""


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


def test_gum_documents_are_names_with_an_article(tmp_path: Path) -> None:
    (tmp_path / "GUM_news_one.conllu").write_text(CONLLU.format(id="one", surname="Okafor"), encoding="utf-8")
    (document,) = gum_documents(tmp_path)
    assert (document["id"], document["links"]) == ("GUM_news_one", [])
    assert document["clusters"] == [
        ["Person", "Ruth_Okafor", "Ruth Okafor"],
        ["Organization", "University_of_York_(UK)", "University of York"],
    ]


def test_gum_documents_other_name_of_one_article_is_a_missed_pair(tmp_path: Path) -> None:
    for number, surname in enumerate(("Okafor", "Okafor", "Adeyemi")):
        (tmp_path / f"{number}.conllu").write_text(CONLLU.format(id=number, surname=surname), encoding="utf-8")
    found = score_across("gum", gum_documents(tmp_path)).agreement
    assert (found.n_items, found.n_owed, found.n_missed, found.n_wrong) == (6, 6, 2, 0)


@pytest.mark.model
def test_measure_corpus_gives_a_row_for_each_task(folder: Path) -> None:
    rows = measure_corpus(folder, n_words(TEXT))
    assert [row.words for row in rows] == [0, 14, 14, 14]
    assert all(row.cpu_s > 0 and row.peak_mb > 10 for row in rows)


@pytest.mark.model
def test_measure_lengths_reads_the_whole_text(folder: Path) -> None:
    (row,) = measure_lengths(read_paragraphs(folder), [50])
    assert (row.task, row.words) == ("one document, 50 words", 56)
