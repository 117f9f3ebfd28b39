import pytest

from kg.names import core_words, initials, person_words, versions, words


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        ("The New York Times", ("new", "york", "times")),
        ("Nestlé’s", ("nestle",)),
        ("OpenAI‘s", ("openai",)),
        ("AT&T", ("at&t",)),
        ("The", ("the",)),
    ],
)
def test_words_spellings_fold(surface: str, expected: tuple[str, ...]) -> None:
    assert words(surface) == expected


def test_core_words_suffix_alone_stays() -> None:
    assert core_words("Group") == ("group",)
    assert core_words("Acme Holdings Ltd.") == ("acme",)


def test_person_words_initials_and_titles_go() -> None:
    assert person_words("Mr. Sam H. Altman") == ("sam", "altman")


def test_initials_small_words_do_not_count() -> None:
    assert initials("Massachusetts Institute of Technology") == "mit"


def test_versions_numbers_tell_products_apart() -> None:
    assert versions("GPT-5.3-Codex") != versions("GPT-5.2")
