from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.running_text import find_markdown_text, find_paragraphs, find_running_text

PAGES = Path(__file__).parent / "data" / "documents"
ARTICLE = (
    "Acme has agreed to buy Widget Co for $3m, the two companies said on Monday.\n"
    "The deal is the biggest of the year, according to Jane Roe, who runs Acme.\n"
)
HEADINGS = "\n".join(["Home", "Markets", "Tech", "Live scores", "Watch every match for free"]) + "\n"


def body(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find_running_text(text)]


def markdown(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find_markdown_text(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Acme buys Widget Co",
        "Acme has bought Widget Co.",
        "Acme has bought Widget Co. It paid $3m.",
        "Acme buys Widget Co for $3m Acme, a maker of tools, has bought Widget Co, a rival. It paid $3m.",
        "Subscribe to Netflix",
    ],
)
def test_find_running_text_one_block_is_all_body(text: str) -> None:
    assert body(text) == [text]


def test_find_running_text_headline_over_brief_is_all_body() -> None:
    assert body("Bid rejected\n\nTandem has rebuffed Insulet.") == ["Bid rejected", "Tandem has rebuffed Insulet."]


def test_find_running_text_menu_above_article_is_left_out() -> None:
    assert body(HEADINGS + "Acme Buys Its Oldest Rival\n" + ARTICLE)[0] == "Acme Buys Its Oldest Rival"


def test_find_running_text_headline_and_subhead_under_menu_are_kept() -> None:
    subhead = "The deal ends a feud that has lasted for three generations"
    assert body(HEADINGS + "Acme buys its oldest rival\n" + subhead + "\n" + ARTICLE)[:2] == [
        "Acme buys its oldest rival",
        subhead,
    ]


@pytest.mark.parametrize(
    "line",
    [
        "By Maxwell Zeff, Wired",
        "Translated by Peggy, BlockBeats",
        "(Reporting by Tom Okafor in Oslo; Editing by Jane Hill)",
        "Jane Roe, Health Editor",
        "Tom Okafor | Sport Daily",
        "Published 3 March 2025, 10:14 GMT",
        "2025-03-03",
        "4 min read",
        "3 hours ago",
        "Photo: Mark Quines",
        "Photo by Mikhail Nilov on Pexels",
        "Getty Images",
        "Source: Widget Weekly",
        "Sign up for our newsletter to get the best stories every morning.",
        "We use cookies to improve your experience on this site.",
        "You have 2 free articles left this month.",
        "Read more: Is this the end of the widget?",
        "Share this article",
        "Related stories",
        "© 2025 Widget Media Ltd. All rights reserved.",
        "This article was first published by Widget Weekly in March.",
        "Home | Markets | Tech | Opinion",
        "https://widgets.example/story",
        "Advertisement",
        "What Happens Next",
    ],
)
def test_find_running_text_furniture_inside_article_is_left_out(line: str) -> None:
    assert body(ARTICLE + line + "\n" + ARTICLE) == 2 * ARTICLE.splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "By August, Acme had decided to sell.",
        "She runs a photo agency. Photo by photo, it grew.",
        "Reuters was sold by Thomson.",
        "The regulator told Acme to stop using cookies on its phones.",
        '"Subscribe to our service and you will see," said Ms Roe.',
        "Related companies include Widget Co and Spinner.",
        "Who will pay for it?",
        "Yes, he said.",
        "- Acme pays $3 a share to the owners of Widget Co",
        "This article explores how Acme came to own Widget Co.",
    ],
)
def test_find_running_text_prose_like_furniture_is_kept(line: str) -> None:
    assert line.removeprefix("- ") in body(ARTICLE + line + "\n" + ARTICLE)


@pytest.mark.parametrize(
    ("caption", "sentence"),
    [
        ("Jane Roe, CEO of Acme. Photo: Mark Jayson Quines.", "Jane Roe, CEO of Acme."),
        ("Jane Roe at the plant in Leeds (Image: Widget Archive)", "Jane Roe at the plant in Leeds"),
        ("Jane Roe speaks in Paris. REUTERS/Kacper Pempel", "Jane Roe speaks in Paris."),
        ("Jane Roe speaks in Paris. Jo Poe/Getty Images", "Jane Roe speaks in Paris."),
    ],
)
def test_find_running_text_caption_keeps_sentence_without_credit(caption: str, sentence: str) -> None:
    assert body(ARTICLE + caption + "\n" + ARTICLE)[2:3] == [sentence]


def test_find_running_text_related_stories_at_end_are_left_out() -> None:
    tail = "Related stories\nApple sues Acme over watch\nIs sugar the enemy?\nBank hit by fine over loans to farmers\n"
    assert body(ARTICLE + tail) == ARTICLE.splitlines()


def test_find_running_text_stories_listed_above_article_leave_its_headline() -> None:
    stories = "Trending\nBrent slips as output rises\nWindfall tax: what to know\nRENEWABLES\n"
    headline = "Orsted Sells Its Dutch Wind Farm to Pension Fund"
    assert body(HEADINGS + stories + headline + "\n" + ARTICLE) == [headline, *ARTICLE.splitlines()]


def test_find_running_text_related_stories_inside_article_end_with_it() -> None:
    assert body(ARTICLE + "Read also\nApple sues Acme over watch\n" + ARTICLE) == 2 * ARTICLE.splitlines()


def test_find_running_text_short_list_line_among_findings_is_kept() -> None:
    found = body(ARTICLE + "* Acme pays 310 pence a share\n* Goldman advised Acme\n* Widget chairman Leo Marsh quits\n")
    assert found[3] == "Goldman advised Acme"


def test_find_running_text_list_of_links_is_left_out() -> None:
    assert body(ARTICLE + "- Home\n- About us\n- Contact\n- Jobs\n") == ARTICLE.splitlines()


def test_find_running_text_byline_with_position_is_kept() -> None:
    line = "by Ottilie Reeve, partner at Saltaire Ventures"
    assert line in body("Why widgets will win\n" + line + "\n" + ARTICLE)


def test_find_running_text_health_page_keeps_article_alone() -> None:
    text = (PAGES / "health_page.txt").read_text(encoding="utf-8")
    kept = body(text)
    assert kept[0] == "Regulator clears first inhaled insulin for children"
    assert kept[-1].startswith("Dr Adeyemi, now the firm's chief executive")
    assert len(kept) == 8


def test_find_running_text_sport_page_keeps_article_alone() -> None:
    kept = body((PAGES / "sport_page.txt").read_text(encoding="utf-8"))
    assert kept[0] == "United sign Halvorsen from Brann in £18m deal"
    assert kept[-1].startswith("United, owned by Falcon Sports Group")


def test_find_paragraphs_hard_wrapped_lines_are_one() -> None:
    text = (
        "Kestrel Bank has agreed to buy Arden Savings for $2.1 billion\n"
        "in cash, the two said on Monday. Kestrel's chief\n"
        "executive stays.\n"
    )
    assert len(find_paragraphs(text)) == 1


def test_find_paragraphs_line_that_ends_in_article_goes_on() -> None:
    assert (
        len(find_paragraphs("Lumen 3 was built in Leeds by the team behind the\nSkylark and runs on Qualcomm chips.\n"))
        == 1
    )


def test_find_paragraphs_one_line_each_stay_apart() -> None:
    assert len(find_paragraphs(ARTICLE)) == 2


def test_find_running_text_byline_in_lower_case_is_not_joined() -> None:
    text = "A bakery that fed Ashford for a century closes its doors\nby Priya Raman\n" + ARTICLE
    assert body(text)[0] == "A bakery that fed Ashford for a century closes its doors"


@pytest.mark.parametrize("text", ["", " \n\n ", "Photo: Jo Roe\nBy Jane Doe"])
def test_find_running_text_nothing_to_read_is_empty(text: str) -> None:
    assert find_running_text(text) == ()


LINES = st.sampled_from(
    ["Home", "By Jane Doe", "- Acme buys a rival today", "Acme paid $3m.", "Photo: Jo Roe", "", "大量", "¿?"]
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(LINES, max_size=12).map("\n".join)))
def test_find_running_text_any_text_gives_sorted_disjoint_trimmed_spans(text: str) -> None:
    end = 0
    for spans in (find_running_text(text), find_markdown_text(text)):
        end = 0
        for span in spans:
            assert end <= span.start < span.end <= len(text)
            assert text[span.start : span.end] == text[span.start : span.end].strip()
            end = span.end


def test_find_markdown_text_code_images_and_addresses_are_left_out() -> None:
    found = markdown((PAGES / "ferry_notes.md").read_text(encoding="utf-8"))
    assert found == [
        "Solenne's first ferry",
        "Solenne bought its cells from [Northvolt]",
        "in 2024.",
        "Tidal carries 300 passengers",
        "[Baltic Yards]",
        "builds the hull",
    ]


@pytest.mark.parametrize(
    "text", ["```\ncode without end", "<!-- no end", "| --- | --- |", "---", "https://a.example/b"]
)
def test_find_markdown_text_markup_alone_is_empty(text: str) -> None:
    assert find_markdown_text(text) == ()
