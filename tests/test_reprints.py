"""Which documents are one text."""

from __future__ import annotations

import random

import pytest

from kg import reprints
from kg.profiles import Profile, profile_of
from kg.records import Document, DocumentId, Extraction, Span
from kg.reprints import reprint_groups

SENTENCES = [f"Sentence number {n} of the agency says something of its very own about the deal." for n in range(40)]


def profile(name: str, *sentences: str) -> Profile:
    text = " ".join(sentences)
    document = Document(DocumentId(name), text, (Span(0, len(text)),))
    return profile_of(Extraction(document, (), (), ()))


def test_reprint_groups_cut_from_the_end_is_one_text() -> None:
    whole, cut = profile("b.txt", *SENTENCES[:10]), profile("a.txt", *SENTENCES[:4])
    assert reprint_groups([whole, cut]) == {"a.txt": "a.txt", "b.txt": "a.txt"}


@pytest.mark.parametrize(("shared", "is_one"), [(3, True), (2, False)])
def test_reprint_groups_half_of_the_shorter_decides(shared: int, is_one: bool) -> None:
    one, other = profile("a.txt", *SENTENCES[:6]), profile("b.txt", *SENTENCES[:shared], *SENTENCES[20 : 26 - shared])
    assert (reprint_groups([one, other])["b.txt"] == "a.txt") is is_one


def test_reprint_groups_quotation_marks_and_line_breaks_do_not_hide_a_reprint() -> None:
    one = profile("a.txt", "The deal of the two carriers will \u201cclose\u201d in May of next year.")
    other = profile("b.txt", "The deal of the two carriers\nwill 'close' in May of next year.")
    assert reprint_groups([one, other])["b.txt"] == "b.txt"  # a line break ends a sentence
    joined = profile("b.txt", "The deal of the two carriers will 'close' in May of next year.")
    assert reprint_groups([one, joined])["b.txt"] == "a.txt"


def test_reprint_groups_sentence_of_very_many_texts_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reprints, "MAX_HOLDERS", 3)
    footer = "Sign up for the newsletter that our editors send to you every morning."
    profiles = [profile(f"{n}.txt", SENTENCES[n], footer) for n in range(5)]
    assert len(set(reprint_groups(profiles).values())) == 5
    assert len(set(reprint_groups(profiles[:3]).values())) == 1


def test_reprint_groups_texts_without_long_sentences_stand_alone() -> None:
    assert reprint_groups([profile("a.txt", "Shares rose."), profile("b.txt", "Shares rose.")]) == {
        "a.txt": "a.txt",
        "b.txt": "b.txt",
    }


def test_reprint_groups_many_edited_copies_are_one_text_in_any_order() -> None:
    rng = random.Random(4)  # a reproducible choice of cuts
    copies = [profile(f"{n:02}.txt", *sorted(rng.sample(SENTENCES[:20], 14))) for n in range(30)]
    others = [profile(f"x{n}.txt", SENTENCES[20 + n], SENTENCES[0][:-1] + f", {n}.") for n in range(15)]
    profiles = [*copies, *others]
    groups = reprint_groups(profiles)
    assert {groups[p.document_id] for p in copies} == {"00.txt"}
    assert all(groups[p.document_id] == p.document_id for p in others)
    rng.shuffle(profiles)
    assert reprint_groups(profiles) == groups
