"""HTML as a tree: elements, links to what the graph names, and the frame of a page.

A page is built as a tree of elements and written out once, so every text of a document or user is text on the page,
whatever stands in it. There is no script, and the policy lets none run; only http and https links lead outside.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote
from xml.etree.ElementTree import Element, tostring

from api.described import local_name, path_of
from api.page_findings import Link
from kg.iris import prefixes
from kg.labels import visible

STYLE = (Path(__file__).parent / "templates" / "linked_data.css").read_text(encoding="utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""What a browser may do with a page: show it in this style, and nothing else."""

MAX_TITLE = 120

MAX_ADDRESS = 2_000
"""Characters of an address that is linked; browsers and servers refuse longer ones."""

ONTOLOGY = "/ontology"
MEDIA = {"Turtle": "text/turtle", "JSON-LD": "application/ld+json"}

MAX_LINK_TEXT = 200
"""Characters of a name that stands as a link; its own page shows it whole."""

_UNSEEN = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), 127, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
"""Characters that are not written: controls, and those that turn the direction of what stands around them."""

Child = Element | str


class Site:
    """How IRIs of the graph are linked on this server. base: of the IRIs."""

    def __init__(self, base: str) -> None:
        self.base = base

    def address(self, iri: str) -> str | None:
        """Where a click on the IRI leads; None where there is nothing to see."""
        if (path := path_of(iri, self.base)) is not None:
            return f"/page/{path}"
        if iri.startswith(prefixes()["kg"]):
            return f"{ONTOLOGY}#{quote(local_name(iri))}"
        return iri if iri.startswith(("https://", "http://")) else None

    def link(self, iri: str, text: str, **attributes: str) -> Element:
        """The text as a link; an outside page is not told where its reader comes from."""
        shown = bdi(visible(text, MAX_LINK_TEXT) or visible(iri, MAX_LINK_TEXT))
        if (address := self.address(iri)) is None or len(address) > MAX_ADDRESS:
            return shown
        outside = {} if address.startswith("/") else {"rel": "noopener noreferrer nofollow"}
        return element("a", shown, href=address, **outside, **attributes)

    def thing(self, link: Link) -> Element:
        """A resource by its name, as a link."""
        return self.link(link.iri, link.label)


def element(tag: str, *children: Child | None, **attributes: str) -> Element:
    """An element with its children in order; None among them is nothing.

    In names of attributes `class_` stands for `class`, and `aria_label` for `aria-label`.
    """
    made = Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    last: Element | None = None
    for child in (child.translate(_UNSEEN) if isinstance(child, str) else child for child in children):
        if isinstance(child, Element):
            made.append(child)
            last = child
        elif child is not None and last is None:
            made.text = (made.text or "") + child
        elif child is not None and last is not None:
            last.tail = (last.tail or "") + child
    return made


def bdi(text: str) -> Element:
    """Text that keeps its own direction, and cannot turn that of what stands beside it."""
    return element("bdi", text)


def joined(children: Iterable[Child], between: str = ", ") -> list[Child]:
    """The children with a text between each two."""
    return [part for shown in children for part in (between, shown)][1:]


def section(title: str, name: str, *children: Child | None) -> Element:
    """A part of the page under a heading, which `#name` leads to."""
    return element("section", element("h2", title, id=name), *children, aria_labelledby=name)


def folded(summary: str, children: Sequence[Child]) -> Element:
    """What a reader opens if they want it."""
    return element("details", element("summary", summary), *children)


def render_page(title: str, main: Iterable[Child | None], files: dict[str, str]) -> str:
    """The whole page. files: name of a format -> address of the same in that format."""
    links = (("/", "Explorer"), ("/sparql", "SPARQL"), (ONTOLOGY, "Ontology"), ("/docs", "API"))
    nav = element("nav", *(element("a", text, href=address) for address, text in links), aria_label="Site")
    alternates = [element("a", name, href=address, type=MEDIA[name]) for name, address in files.items()]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{visible(title, MAX_TITLE)} · Tracegraph"),
        *(element("link", rel="alternate", type=MEDIA[n], href=address, title=n) for n, address in files.items()),
        element("link", rel="icon", href="data:,"),
        element("style", STYLE),
    )
    body = element(
        "body",
        element("a", "Skip to the text", href="#text", class_="skip"),
        element("header", element("a", "Tracegraph", href="/", class_="brand"), nav),
        element("main", *main, id="text"),
        element("footer", element("p", "This page for programs: ", *joined(alternates))),
    )
    tree = element("html", head, body, lang="en")
    return "<!DOCTYPE html>\n" + tostring(tree, encoding="unicode", method="html") + "\n"
