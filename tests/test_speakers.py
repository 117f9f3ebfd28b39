"""Speakers: who says so, by name or in the words of the text."""

from __future__ import annotations

import time

import pytest

from kg.patterns import Skeleton, document_skeletons
from kg.records import Attribution
from kg.speakers import find_speaker, speakers_of
from tests.nlp_docs import resolved_doc


def speakers(marked: str) -> list[Attribution | None]:
    doc = resolved_doc(marked)
    return speakers_of(document_skeletons(doc), doc.text)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[P Ann Lee] said profits rose.", "Ann Lee"),
        ("Profits rose, said [P Ann Lee].", "Ann Lee"),
        ("Profits rose, said chief executive [P Ann Lee].", "Ann Lee"),
        ("[C Acme]’s profits rose, [C Beta] announced.", "Beta"),
        ("Profits rose, according to [P Ann Lee].", "Ann Lee"),
        ("Profits rose, according to a report by [C Beta].", "Beta"),
        ("Profits rose, it told the [C Daily News].", "Daily News"),
        ("Profits rose, first reported by [C Daily News].", "Daily News"),
    ],
)
def test_find_speaker_with_a_name_has_its_cluster(marked: str, expected: str) -> None:
    (speaker,) = speakers(marked)
    clusters = {c.id: c.name for c in resolved_doc(marked)._.clusters}
    assert speaker is not None
    assert speaker.cluster is not None
    assert (speaker.text, clusters[speaker.cluster]) == (expected, expected)


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("Profits rose, according to a person close to the matter.", "a person close to the matter"),
        ("Two people close to the board said profits rose.", "Two people close to the board"),
        ("Analysts at the bank estimated the rise.", "Analysts at the bank"),
        ("“Profits rose,” a spokesman’s deputy said.", "a spokesman’s deputy"),
    ],
)
def test_find_speaker_without_a_name_keeps_the_words(marked: str, words: str) -> None:
    assert speakers(marked) == [Attribution(words)]


@pytest.mark.parametrize("marked", ["[C Acme] grew.", "Profits rose in May.", "[P Ann Lee] left [C Acme]."])
def test_find_speaker_nobody_speaks_is_none(marked: str) -> None:
    assert speakers(marked) == [None]


def test_speakers_of_each_sentence_has_its_own() -> None:
    first, second, third = speakers("[P Ann Lee] said so. Rain fell. [P Bo Ek] said so.")
    assert (first and first.text, second, third and third.text) == ("Ann Lee", None, "Bo Ek")


@pytest.mark.parametrize("piece", ["A ", "according to the ", "said ", "the people ", "a, a; "])
def test_find_speaker_endless_line_takes_linear_time(piece: str) -> None:
    text = (piece * 200_000)[:200_000]
    began = time.perf_counter()
    find_speaker(Skeleton(text, (), 0, len(text)), text)
    assert time.perf_counter() - began < 20
