from __future__ import annotations

from pathlib import Path

import pytest

from kg.datelines import Dateline, read_date, read_dateline
from kg.running_text import find_running_text

PAGES = Path(__file__).parent / "data" / "documents"
PROSE = "\nThe company said on Monday that it would buy Acme for $3m.\nIt was founded in 2011 by Jane Roe.\n"


def dateline(text: str) -> Dateline:
    return read_dateline(text, find_running_text(text))


@pytest.mark.parametrize(
    ("line", "author", "outlet"),
    [
        ("By Maxwell Zeff, Wired", "Maxwell Zeff", "Wired"),
        ("By Jane Doe and John Roe", "Jane Doe and John Roe", None),
        ("By Jane Doe, New York", "Jane Doe", None),
        ("By Jane Doe, Health Correspondent", "Jane Doe", None),
        ("By Jane Doe in London", "Jane Doe", None),
        ("Written by Jane Doe | Wired", "Jane Doe", "Wired"),
        ("Tom Okafor | Sport Daily", "Tom Okafor", "Sport Daily"),
        ("Author: Jane Doe", "Jane Doe", None),
        ("Translated by Peggy, BlockBeats", None, None),
        ("(Reporting by Tom Okafor; Editing by Jane Hill)", None, None),
        ("By our transport editor", None, None),
    ],
)
def test_read_dateline_byline_gives_what_it_states(line: str, author: str | None, outlet: str | None) -> None:
    found = dateline("Acme sold\n" + line + PROSE)
    assert (found.title, found.author, found.outlet) == ("Acme sold", author, outlet)


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("Published 3 March 2025", "2025-03-03"),
        ("Published: March 3rd, 2025 10:14 AM GMT", "2025-03-03"),
        ("Posted on Monday, 3 March 2025", "2025-03-03"),
        ("Posted by Dana Whitfield on June 2, 2025", "2025-06-02"),
        ("Published March 2025", "2025-03"),
        ("2025-03-03", "2025-03-03"),
        ("2025-03", "2025-03"),
        ("2025-03-03T10:14:00Z", "2025-03-03"),
        ("Friday 14 November 2025", "2025-11-14"),
        ("March 3, 2025 | 5 min read", "2025-03-03"),
        ("Updated 3 March 2025", None),
        ("3 hours ago", None),
        ("03/04/2025", None),
        ("31 June 2025", None),
        ("Monday", None),
        ("March 2025", None),
    ],
)
def test_read_dateline_stamp_gives_date_at_its_precision(line: str, published: str | None) -> None:
    assert dateline("Acme sold\n" + line + PROSE).published == published


@pytest.mark.parametrize(
    ("opening", "outlet", "published"),
    [
        ("LONDON (Reuters) - Acme bought Widget Co. It paid $3m.", "Reuters", None),
        ("Nov 11 (Reuters) - Acme bought Widget Co. It paid $3m.", "Reuters", None),
        ("LISBON, 3 June 2025 – Acme today announced a purchase. It paid $3m.", None, "2025-06-03"),
        ("BOSTON, March 3, 2025 (GLOBE NEWSWIRE) -- Acme has paid. It was $3m.", "GLOBE NEWSWIRE", "2025-03-03"),
        ("The deal of 3 March 2025 closed. Acme paid $3m.", None, None),
        ("In London on 3 March 2025 (a Monday) - Acme paid. It was $3m.", None, None),
        ("Amid fears, 3 March 2025 – a Monday – was quiet. Acme paid.", None, None),
    ],
)
def test_read_dateline_opening_gives_agency_and_day(opening: str, outlet: str | None, published: str | None) -> None:
    assert dateline(opening) == Dateline(outlet=outlet, published=published)


@pytest.mark.parametrize(
    "text", ["Acme buys Widget Co", "Acme bought Widget Co." + PROSE, "- Acme pays $3 a share" + PROSE]
)
def test_read_dateline_no_headline_gives_no_title(text: str) -> None:
    assert dateline(text).title is None


def test_read_dateline_date_of_other_story_below_is_not_its_own() -> None:
    assert dateline(PROSE + PROSE + PROSE + "\nSome Other Story\n3 March 2025\n").published is None


def test_read_dateline_date_stated_at_end_is_read() -> None:
    assert dateline(PROSE + PROSE + PROSE + "\nPublished 3 March 2025\n").published == "2025-03-03"


def test_read_dateline_page_with_menu_finds_all_that_is_stated() -> None:
    text = (PAGES / "health_page.txt").read_text(encoding="utf-8")
    title = "Regulator clears first inhaled insulin for children"
    assert dateline(text) == Dateline(title=title, author="Marta Lindgren", published="2025-05-12")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2025", "2025"), ("2025-13-01", None), ("Sept. 4, 2025", "2025-09-04"), ("yesterday", None), ("0000", None)],
)
def test_read_date_text_gives_iso_or_none(text: str, expected: str | None) -> None:
    assert read_date(text) == expected
