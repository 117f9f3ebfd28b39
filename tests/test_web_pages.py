from __future__ import annotations

from pathlib import Path

import pytest

from kg.datelines import Dateline
from kg.errors import DocumentError
from kg.web_pages import read_web_page

PAGE = (Path(__file__).parent / "data" / "documents" / "bank_page.html").read_text(encoding="utf-8")


def page(head: str = "", text: str = "Acme has bought Widget Co for three million dollars.") -> str:
    return f"<html><head>{head}</head><body><article><p>{text}</p></article></body></html>"


def test_read_web_page_article_is_text_without_menus_and_scripts() -> None:
    lines = read_web_page(PAGE)[0].split("\n")
    assert lines[1].startswith("Kestrel Bank has agreed to buy Arden Savings for $2.1 billion in cash")
    assert not {"Home", "Related stories", "Apple sues Acme over watch"} & set(lines)
    assert not any("alert" in line or "cookies" in line for line in lines)


def test_read_web_page_metadata_is_what_the_page_states() -> None:
    assert read_web_page(PAGE)[1] == Dateline(
        title="Kestrel Bank to buy Arden",
        author="Jane Doe",
        outlet="The Daily Ledger",
        published="2025-03-03",
        url="https://ledger.example/2025/kestrel-arden",
    )


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ('<meta name="date" content="2025-03">', "2025-03"),
        ('<script type="application/ld+json">{"datePublished": "2025-03-03T09:00:00Z",}</script>', "2025-03-03"),
        ('<meta property="article:modified_time" content="2025-03-03">', None),
        ('<meta name="date" content="last week">', None),
        ("", None),
    ],
)
def test_read_web_page_date_is_read_only_where_stated(head: str, published: str | None) -> None:
    assert read_web_page(page(head, "Acme bought it on 4 May 2024, its owner said."))[1].published == published


def test_read_web_page_host_is_no_outlet() -> None:
    head = '<title>Acme</title><link rel="canonical" href="https://ledger.example/a">'
    assert read_web_page(page(head))[1].outlet is None


def test_read_web_page_broken_html_gives_its_text() -> None:
    assert read_web_page("<html><body><div><p>Acme bought Widget <b>Co in 2024")[0] == "Acme bought Widget Co in 2024"


def test_read_web_page_without_main_text_gives_visible_text() -> None:
    html = "<html><body><style>p{}</style><form><label>Acme</label></form><button>Widget</button></body></html>"
    assert read_web_page(html)[0].split() == ["Acme", "Widget"]


@pytest.mark.parametrize("html", ["<html><body><script>go()</script><img src=x></body></html>", "no tags at all"])
def test_read_web_page_without_text_is_refused(html: str) -> None:
    with pytest.raises(DocumentError):
        read_web_page(html)


def test_read_web_page_twice_gives_the_same() -> None:
    assert read_web_page(PAGE) == read_web_page(PAGE)
