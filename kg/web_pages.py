"""Stage 1: HTML -> the text of the page without its menus, and what the page states of itself.

The only module with trafilatura. Nothing is fetched, no script is run, and no date is guessed: the date of publication
comes from the fields in which pages state it, at their precision.
"""

from __future__ import annotations

import re
from typing import Any

import trafilatura
from trafilatura.metadata import extract_metadata
from trafilatura.settings import Document as ExtractedPage

from kg.datelines import Dateline, read_date
from kg.errors import DocumentError

# trafilatura wants a date too, from htmldate, which asks the clock unless told the latest date; that date is not used.
_DATE_SEARCH = {"extensive_search": False, "original_date": True, "max_date": "2100-01-01"}
_DATE_FIELDS = (
    "//meta[@property='article:published_time' or @itemprop='datePublished']/@content",
    "//meta[@name='date' or @name='pubdate' or @name='publishdate' or @name='dc.date']/@content",
    "//meta[@name='citation_publication_date' or @name='parsely-pub-date' or @name='sailthru.date']/@content",
    "//time[@pubdate or @itemprop='datePublished']/@datetime",
)
_JSON_LD_DATE = re.compile(r"\"datePublished\"\s*:\s*\"([^\"]{4,40})\"")
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}>")
_LINE_TAGS = (
    "p",
    "div",
    "br",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "section",
    "article",
    "table",
    "dt",
    "dd",
    "blockquote",
)
_UNSEEN = "//head | //title | //script | //style | //noscript | //template | //nav | //footer"


def read_web_page(html: str) -> tuple[str, Dateline]:
    """The text of a page, a paragraph a line, and title, author, outlet, date and address as the page states them.

    Where trafilatura finds no main text, all visible text is taken. Raises DocumentError for a page without text.
    """
    html = _XML_DECLARATION.sub("", html, count=1)  # lxml refuses it in text that is decoded already
    tree = trafilatura.load_html(html)
    if tree is None:
        raise DocumentError("holds no HTML that can be read: save the page again, or rename it to .txt")
    stated = _read_metadata(tree)
    main = trafilatura.bare_extraction(html, include_comments=False, with_metadata=False)
    text = main.text if isinstance(main, ExtractedPage) and main.text else _read_visible_text(tree)
    if not text.strip():
        raise DocumentError("page has no text, only scripts or pictures: save it from a browser")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line), stated


def _read_metadata(tree: Any) -> Dateline:
    found = extract_metadata(tree, date_config=_DATE_SEARCH)
    is_host = found.sitename and found.hostname and found.sitename.lower() in found.hostname.lower()
    return Dateline(
        title=found.title or None,
        author=found.author or None,
        outlet=None if is_host else found.sitename or None,
        published=_read_published(tree),
        url=found.url or None,
    )


def _read_published(tree: Any) -> str | None:
    fields = [str(value) for path in _DATE_FIELDS for value in tree.xpath(path)]
    scripts = tree.xpath("//script[@type='application/ld+json']/text()")
    fields += [value for script in scripts for value in _JSON_LD_DATE.findall(str(script))]
    return next((date for field in fields if (date := read_date(field))), None)


def _read_visible_text(tree: Any) -> str:
    """All that a reader sees, with a line end at each block; changes `tree`."""
    for element in tree.xpath(_UNSEEN):
        element.drop_tree()
    for element in tree.iter(*_LINE_TAGS):
        element.text = "\n" + (element.text or "")
        element.tail = "\n" + (element.tail or "")
    return str(tree.text_content())
