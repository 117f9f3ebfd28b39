"""kg.dates: dates as the text states them, and nothing that it does not state."""

import pytest

from kg.dates import DateMention, find_dates

STATED = [
    ("on 3 March 2025", "2025-03-03"),
    ("on March 3, 2025", "2025-03-03"),
    ("the 3rd of May 2024", "2024-05-03"),
    ("in July 2025", "2025-07"),
    ("in Sept. 2024", "2024-09"),
    ("in 2019", "2019"),
    ("2025-07-03", "2025-07-03"),
    ("03/03/2025", "2025-03-03"),
    ("25/12/2024", "2024-12-25"),
    ("12/25/2024", "2024-12-25"),
    ("in Q3 2024", "2024"),
    ("early 2026", "2026"),
    ("by December 2024", "2024-12"),
    ("summer 2021", "2021"),
    ("fiscal 2024", "2024"),
    ("FY24", "2024"),
    ("mid-2025", "2025"),
]


@pytest.mark.parametrize(("text", "iso"), STATED)
def test_find_dates_stated_date_gives_iso_at_its_precision(text: str, iso: str) -> None:
    assert [d.iso for d in find_dates(text)] == [iso]


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2025",
        "31 February 2025",
        "last year, yesterday, on Tuesday, in July, this month, 4 May",
        "2,019 people",
        "2000 employees",
        "$2024",
        "the 2010s",
        "Windows 2000",
        "GPT-2024",
        "it may 5 times",
    ],
)
def test_find_dates_no_certain_date_gives_nothing(text: str) -> None:
    assert find_dates(text) == []


RELATIVE = [
    ("last year", "2025"),
    ("this month", "2026-02"),
    ("last month", "2026-01"),
    ("yesterday", "2026-02-02"),
    ("today", "2026-02-03"),
    ("on Tuesday", "2026-02-03"),
    ("on Monday", "2026-02-02"),
    ("next Monday", "2026-02-09"),
    ("last Tuesday", "2026-01-27"),
    ("it opened in July", "2025-07"),
    ("it will open in July", "2026-07"),
    ("on 4 May", "2025-05-04"),
    ("last February", "2025-02"),
]


@pytest.mark.parametrize(("text", "iso"), RELATIVE)
def test_find_dates_relative_is_resolved_against_published(text: str, iso: str) -> None:
    assert [d.iso for d in find_dates(text, published="2026-02-03")] == [iso]


@pytest.mark.parametrize(("published", "found"), [("2026", []), ("2026-02", []), ("2026-02-03", ["2026-02-02"])])
def test_find_dates_published_too_coarse_gives_nothing(published: str, found: list[str]) -> None:
    assert [d.iso for d in find_dates("yesterday", published=published)] == found


def test_find_dates_month_before_a_full_date_shares_its_year() -> None:
    assert [d.iso for d in find_dates("between March and July 2025")] == ["2025-03", "2025-07"]


def test_find_dates_that_year_takes_the_year_of_its_sentence_only() -> None:
    assert [d.iso for d in find_dates("In 2024 it grew, and in May of that year fell.")] == ["2024", "2024-05"]
    assert [d.iso for d in find_dates("It grew in 2024. In May of that year it fell.")] == ["2024"]


def test_find_dates_span_is_the_words_of_the_date() -> None:
    assert find_dates("Sold in July 2025 again", 5, 17) == [DateMention(8, 17, "2025-07")]
