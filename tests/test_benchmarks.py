"""The benchmark runs on a small real input; what it measures is not judged."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.figures import Figure, draw, goals
from benchmarks.figures import table as figures_table
from benchmarks.gum import gum_documents
from benchmarks.made_graph import entities_for, made_entities, made_quads, made_store
from benchmarks.questions import measures
from benchmarks.resolution import score_across
from benchmarks.speed import Row, measure_corpus, measure_lengths, run_task, table
from benchmarks.texts import long_text, n_words, read_paragraphs, short_texts
from kg.listings import quads_digest
from kg.shapes import check_quads
from kg.store import open_snapshot, text_index_of
from kg.text_search import TextIndex

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


FIGURES = [
    Figure("load", "tracegraph", "triples/s", 200_000),
    Figure("point lookup", "tracegraph", "ms", 0.5, 0.9, 500),
    Figure("point lookup", "oxigraph", "ms", 0.2, 0.3, 500),
    Figure("100,000 rows, JSON", "tracegraph", "ms", 1234.5, 2000, 10),
]


def test_made_quads_same_seed_same_quads() -> None:
    assert list(made_quads(60, 3)) == list(made_quads(60, 3))
    assert quads_digest(made_quads(60, 3)) != quads_digest(made_quads(60, 4))


def test_made_quads_are_what_the_shapes_accept() -> None:
    quads = list(made_quads(100))
    assert check_quads(quads).refusals == []
    assert len(set(quads)) == len(quads)


def test_made_quads_few_entities_have_most_claims() -> None:
    ends = Counter(quad.object for quad in made_quads(2_000) if quad.predicate.value.endswith(("#subject", "#object")))
    degrees = sorted(ends.values(), reverse=True)
    assert len(degrees) == 2_000
    assert degrees[0] > 20 * degrees[1_000]


def test_made_quads_too_few_entities_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        next(made_quads(19))


def test_made_store_is_served_and_searched(tmp_path: Path) -> None:
    snapshot = made_store(tmp_path / "store", entities_for(3_000))
    entity = made_entities(entities_for(3_000))[0]
    assert 2_000 < len(open_snapshot(snapshot)) < 4_500
    assert entity.iri in [found.iri for found in TextIndex(text_index_of(snapshot)).find_entities(entity.name, limit=5)]


def test_measures_ask_all_servers_the_same_but_for_texts() -> None:
    for measure in measures(made_entities(60), 10, 100):
        if not (measure.own_texts or measure.is_address):
            assert measure.texts_for("tracegraph") == measure.texts_for("oxigraph")
        assert len(measure.texts_for("tracegraph")) > measure.n_warm


def test_table_of_figures_has_a_column_for_each_server() -> None:
    assert figures_table(FIGURES).splitlines() == [
        "| measure | tracegraph | oxigraph |",
        "|---|---:|---:|",
        "| load, triples/s | 200,000 | - |",
        "| point lookup, ms | 0.50 / 0.90 | 0.20 / 0.30 |",
        "| 100,000 rows, JSON, ms | 1,234 / 2,000 | - |",
    ]


def test_goals_say_what_is_met() -> None:
    assert goals(FIGURES) == [
        "met  load: 200,000, at least 150,000",
        "NOT MET point lookup: 0.50, within 1.5 x 0.20",
        "met  point lookup: 0.50, under 3",
    ]


def test_draw_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        draw(FIGURES, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
