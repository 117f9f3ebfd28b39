"""Skeletons of sentences, and the patterns that are matched on them."""

from __future__ import annotations

import pytest

from kg.patterns import MACROS, Skeleton, compile_pattern, coordinated, coordinated_before, document_skeletons
from kg.records import SIGNATURES, EntityType, Predicate
from tests.nlp_docs import resolved_doc

COMPANY, PERSON = frozenset({EntityType.COMPANY}), frozenset({EntityType.PERSON})


def only(marked: str) -> tuple[Skeleton, str]:
    """The skeleton of the last sentence, and the text of the document."""
    doc = resolved_doc(marked)
    return document_skeletons(doc)[-1], doc.text


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[C Acme] hired [P Ann Lee] in [L Leeds].", "⟨C0⟩ hired ⟨P1⟩ in ⟨L2⟩."),
        ("[O FTC] sued over [R Rover].", "⟨C0⟩ sued over ⟨R1⟩."),
        ("[C Acme] grew. Its profits rose.", "⟨C0⟩'s profits rose."),
        ("[P Ann Lee] spoke. Her words carried.", "⟨P0⟩'s words carried."),
        ("[C Acme] grew. The company hired.", "⟨C0⟩ hired."),
        ("[C Acme]’s “best” year – so far.", '⟨C0⟩\'s "best" year - so far.'),
        ("Rain fell.", "Rain fell."),
    ],
)
def test_document_skeletons_mentions_become_marks(marked: str, expected: str) -> None:
    assert only(marked)[0].text == expected


def test_document_skeletons_atoms_tell_names_from_pronouns() -> None:
    skeleton, text = only("[C Acme] grew. It bought [C Beta].")
    assert [(text[a.start : a.end], a.named) for a in skeleton.atoms] == [("It", False), ("Beta", True)]


def test_document_skeletons_every_character_has_an_origin() -> None:
    skeleton, text = only("“[C Acme]’s chief,” said [P Ann Lee], “left its board.”")
    origins = [skeleton.origin(at) for at in range(len(skeleton.text))]
    assert origins == sorted(origins)
    assert all(skeleton.start <= at < skeleton.end <= len(text) for at in origins)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ('"best year"', "“best year”"),
        ("best", "best"),
        ("⟨C0⟩", "Acme"),
        ("⟨C0⟩'s", "Acme’s"),
        ('year" of ⟨P1⟩', "year” of Ann Lee"),
    ],
)
def test_source_span_curly_quotes_and_marks_are_exact(part: str, expected: str) -> None:
    skeleton, text = only("Rain fell. [C Acme]’s “best year” of [P Ann Lee] ended.")
    at = skeleton.text.index(part)
    assert text[slice(*skeleton.source_span(at, at + len(part)))] == expected


def test_compile_pattern_marks_have_the_types_of_the_signature() -> None:
    pattern = compile_pattern("{S} hired {O}", COMPANY, PERSON)
    match = pattern.search("⟨C0⟩ hired ⟨P1⟩")
    assert match is not None
    assert (match["s"], match["o"]) == ("0", "1")
    assert pattern.search("⟨P0⟩ hired ⟨P1⟩") is None


def test_compile_pattern_product_stands_for_its_maker() -> None:
    pattern = compile_pattern("{S} of {R}", PERSON, COMPANY)
    assert pattern.search("⟨P0⟩ of ⟨R1⟩") is not None
    assert pattern.search("⟨P0⟩ of ⟨C1⟩") is None


def test_compile_pattern_role_is_a_group() -> None:
    match = compile_pattern("{S}, {role} of {O}", PERSON, COMPANY).search("⟨P0⟩, chief executive of ⟨C1⟩")
    assert match is not None
    assert match["role"] == "chief executive"


def test_compile_pattern_repetition_in_braces_is_left_alone() -> None:
    assert compile_pattern(r"{S}[a-z ]{2,4}{O}", PERSON, COMPANY).search("⟨P0⟩ at ⟨C1⟩") is not None


@pytest.mark.parametrize("pattern", ["{S} {nope} {O}", "{T}", "{gaps}"])
def test_compile_pattern_unknown_macro_is_refused(pattern: str) -> None:
    with pytest.raises(KeyError):
        compile_pattern(pattern, COMPANY, PERSON)


@pytest.mark.parametrize("macro", sorted(MACROS))
@pytest.mark.parametrize("predicate", [Predicate.WORKS_FOR, Predicate.ACQUIRED])
def test_compile_pattern_every_macro_compiles(macro: str, predicate: Predicate) -> None:
    assert compile_pattern(f"{{S}} {{{macro}}} {{O}}", *SIGNATURES[predicate]).groups >= 2


LIST = "⟨C0⟩ makes ⟨R1⟩, ⟨R2⟩, its ⟨R3⟩ and ⟨R4⟩, but not ⟨R5⟩."


def test_coordinated_list_gives_the_marks_behind() -> None:
    skeleton = Skeleton(LIST, (), 0, 0)
    assert coordinated(skeleton, LIST.index("⟨R1⟩") + 4, "R") == [2, 3, 4]


def test_coordinated_other_kind_ends_the_list() -> None:
    assert coordinated(Skeleton("⟨R1⟩, ⟨C2⟩ and ⟨R3⟩", (), 0, 0), 4, "R") == []


def test_coordinated_before_list_gives_the_marks_ahead() -> None:
    text = "⟨C0⟩, ⟨C1⟩ and ⟨C2⟩ bought ⟨C3⟩"
    assert coordinated_before(Skeleton(text, (), 0, 0), text.index("⟨C2⟩"), "C") == [1, 0]
