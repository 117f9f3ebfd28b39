"""Names: repaired at their edges, of one type each, repeated where the text repeats them."""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from kg.mentions import is_common_word, repair, set_names, settle_types, stated_type
from kg.records import Document, DocumentId
from kg.records import Span as TextSpan
from kg.sentences import split_sentences
from tests.nlp_docs import named_doc


def whole(words: list[str], start: int, end: int) -> str | None:
    """Text of the repaired span of tokens `[start, end)`."""
    repaired = repair(Span(Doc(Vocab(), words=words), start, end, label="Company"))
    return repaired.text if repaired is not None else None


def typed(marked: str, scores: list[float]) -> list[tuple[str, str]]:
    doc = named_doc(marked)
    names = list(doc.spans["names"])
    return [(s.text, s.label_) for s in settle_types(zip(names, scores, strict=True))]


def written(marked: str) -> list[tuple[str, str]]:
    """Names and types that set_names makes of sure readings."""
    doc = named_doc(marked)
    raw = list(doc.spans["names"])
    set_names(doc, raw, [0.9] * len(raw), min_repeat_length=3)
    return [(span.text, span.label_) for span in doc.spans["names"]]


@pytest.mark.parametrize(
    ("words", "start", "end", "expected"),
    [
        (["“", "Acme", "”", "grew"], 0, 3, "Acme"),
        (["The", "Acme", "grew"], 0, 2, "Acme"),
        (["Acme", "'s", "rise"], 0, 2, "Acme"),
        (["Acme", "’s", "rise"], 0, 2, "Acme"),
        (["its", "Acme", ",", "grew"], 0, 3, "Acme"),
        (["Acme", "\n", "Beta"], 0, 3, "Acme"),
        (["Acme", "Inc.", "grew"], 0, 1, "Acme Inc."),
        (["Acme", ",", "Inc.", "grew"], 0, 1, "Acme , Inc."),
        (["Acme", "group", "grew"], 0, 1, "Acme"),
        (["Acme", ",", "which"], 0, 1, "Acme"),
        (["Acme"], 0, 1, "Acme"),
    ],
)
def test_repair_edges_give_the_bare_name(words: list[str], start: int, end: int, expected: str) -> None:
    assert whole(words, start, end) == expected


@pytest.mark.parametrize("words", [["“", "”"], ["The"], ["Monday"], ["AI"], ["There"], ["new", "bank"], ["—"]])
def test_repair_of_what_names_nobody_is_none(words: list[str]) -> None:
    assert whole(words, 0, len(words)) is None


@pytest.mark.parametrize("words", [["adidas"], ["o3", "mini"], ["7-Eleven"]])
def test_repair_lower_case_or_digits_stays_a_name(words: list[str]) -> None:
    assert whole(words, 0, len(words)) == " ".join(words)


def test_repair_keeps_the_label() -> None:
    repaired = repair(Span(Doc(Vocab(), words=["The", "Rover"]), 0, 2, label="Product"))
    assert repaired is not None
    assert repaired.label_ == "Product"


def test_settle_types_sum_of_scores_decides() -> None:
    marked = "[C Rover] sold. Then [R Rover] rose. Then [R Rover] fell."
    assert typed(marked, [0.9, 0.5, 0.5]) == [("Rover", "Product")] * 3


def test_settle_types_one_sure_reading_outvotes_two_guesses() -> None:
    marked = "[C Rover] sold. Then [R Rover] rose. Then [R Rover] fell."
    assert {label for _, label in typed(marked, [0.9, 0.4, 0.4])} == {"Company"}


def test_settle_types_legal_suffix_is_the_same_spelling() -> None:
    assert typed("[C Acme Ltd] grew. We saw [R Acme] fall.", [0.9, 0.4])[1] == ("Acme", "Company")


def test_settle_types_surname_of_a_full_name_is_a_person() -> None:
    assert typed("[P Ann Okafor] spoke. Then [C Okafor] left.", [0.9, 0.9])[1] == ("Okafor", "Person")


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("We saw the startup [R Zeld] grow.", "Company"),
        ("We saw the startup called “[R Zeld]” grow.", "Company"),
        ("[R Zeld], a bank, grew.", "Company"),
        ("[C Zeld], a new app, grew.", "Product"),
        ("We saw [C Zeld] grow.", None),
        ("[C Zeld], which grew.", None),
        ("The startup. [R Zeld] grew.", None),
    ],
)
def test_stated_type_noun_beside_the_name_says_which(marked: str, expected: str | None) -> None:
    doc = named_doc(marked)
    (span,) = doc.spans["names"]
    assert stated_type(span) == expected


def test_settle_types_stated_type_outvotes_an_unsure_reading() -> None:
    assert typed("We saw the startup [R Zeld] grow.", [0.4]) == [("Zeld", "Company")]


@pytest.mark.parametrize(
    ("marked", "lower", "expected"),
    [
        ("[C Prices] rose on the back of strong demand.", {"prices"}, True),
        ("[C Acme] rose on the back of strong demand.", {"prices"}, False),
        ("[C Logically], demand rose on the back of it.", set(), True),
        ("We saw how [C Prices] rose with demand.", {"prices"}, False),
        ("[C NASA] rose on the back of strong demand.", {"nasa"}, False),
    ],
)
def test_is_common_word_opening_a_sentence_is_no_name(marked: str, lower: set[str], expected: bool) -> None:
    doc = named_doc(marked)
    assert is_common_word(list(doc.spans["names"]), lower) is expected


HEADLINE = "Strong Growth Lifts [C Shipping] Across Europe\n"
REST = "Demand rose in the spring. It fell again. It rose again. It fell again. It rose again. It fell again."


@pytest.mark.parametrize(("text", "expected"), [(HEADLINE + REST, True), (HEADLINE + "It rose.", False)])
def test_is_common_word_headline_counts_in_long_texts_alone(text: str, expected: bool) -> None:
    doc = named_doc(text)
    assert is_common_word(list(doc.spans["names"]), set()) is expected


def test_set_names_repeated_spelling_is_found_again() -> None:
    assert written("[C Acme] grew. We saw Acme fall.") == [("Acme", "Company")] * 2


def test_set_names_repeat_inside_a_longer_name_is_left_alone() -> None:
    assert written("[C Acme] grew. We saw Acme Rovers fall.") == [("Acme", "Company")]


def test_set_names_repeat_of_two_tokens_is_found_whole() -> None:
    assert written("[C Blue Acme] grew. We saw Blue Acme fall.") == [("Blue Acme", "Company")] * 2


def test_set_names_short_repeat_is_not_looked_for() -> None:
    assert written("We saw [C X] grow. He sold X shares.") == [("X", "Company")]


def test_set_names_lower_case_repeat_is_no_name() -> None:
    assert written("We saw [C Acme] grow. It was the acme of it.") == [("Acme", "Company")]


def test_set_names_overlapping_readings_keep_the_longer() -> None:
    doc = Doc(Vocab(), words=["Blue", "Acme", "grew", "."])
    split_sentences(doc)
    readings = [Span(doc, 1, 2, label="Product"), Span(doc, 0, 2, label="Company")]
    set_names(doc, readings, [0.9, 0.5], min_repeat_length=3)
    assert [(s.text, s.label_) for s in doc.spans["names"]] == [("Blue Acme", "Company")]


def test_set_names_outside_the_running_text_is_left_out() -> None:
    text = "Acme grew.\nBeta sells adverts."
    doc = spacy.blank("en").make_doc(text)
    doc._.document = Document(DocumentId("a.txt"), text, (TextSpan(0, 10),))
    split_sentences(doc)
    names = [Span(doc, token.i, token.i + 1, label="Company") for token in doc if token.text in ("Acme", "Beta")]
    set_names(doc, names, [0.9, 0.9], min_repeat_length=3)
    assert [span.text for span in doc.spans["names"]] == ["Acme"]
