"""Pages of linked data in a real browser: they are readable, run nothing, and ask nobody outside."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, Page

from kg.iris import expand
from kg.settings import Settings
from kg.store import write_store
from tests.claim_stores import HOSTILE as LABELS
from tests.test_api import serving
from tests.test_browser import Watched
from tests.test_browser import browser as browser  # noqa: PLC0414  (a fixture)
from tests.test_linked_data import ACTUAL, BASE, DENIED, HOSTILE, quad, quads

SIZES = {"desktop": (1280, 800), "tablet": (768, 1024), "phone": (360, 640)}
TEXTS = (
    *("rdfs:label", "skos:altLabel", "kg:joinedBecause", "kg:quote", "kg:before", "kg:after", "kg:role", "kg:unit"),
    *("kg:qualifier", "kg:attributionText", "kg:retractedBy", "kg:retractionReason", "kg:observedOn", "kg:occurredOn"),
    *(
        "dcterms:title",
        "dcterms:publisher",
        "dcterms:creator",
        "dcterms:date",
        "schema:url",
        "kg:value",
        "kg:confidence",
    ),
)
"""Properties whose values reach a page as text."""

HOSTILE_PAGES = (
    *("company/acme-robotics", "company/beta-labs", "person/jane-doe", "document/a.txt", "document/2024/b.txt"),
    *(ACTUAL.removeprefix(BASE), "observation/9b3af4d33d87a973f1fb95cb", "evidence/e4f837d822c7b8ebc9e2e3e0"),
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages") / "store"
    with write_store(folder) as writer:
        writer.publish(quads())
    with serving(Settings(store=str(folder))) as url:
        yield url


def hostile(text: str) -> Iterator[ox.Quad]:
    """The tiny graph with the text in place of every text, and javascript in place of every address."""
    replaced = {expand(name): name for name in TEXTS}
    for one in quads():
        if one.predicate not in replaced:
            yield one
        elif isinstance(one.subject, ox.NamedNode):
            value = "javascript:document.title='owned'" if replaced[one.predicate] == "schema:url" else text
            yield ox.Quad(one.subject, one.predicate, ox.Literal(value), one.graph_name)
    for name in ("kg:before", "kg:after"):
        yield quad(f"{BASE}evidence/e4f837d822c7b8ebc9e2e3e0", name, text)
    yield quad(f"{BASE}company/acme-robotics", "kg:joinedBecause", text)
    yield quad(f"{BASE}company/acme-robotics", "owl:sameAs", "javascript:document.title='owned'")
    for name in ("kg:retractedBy", "kg:retractionReason", "kg:role", "kg:attributionText"):
        yield quad(DENIED, name, text)


@pytest.fixture(params=[*SIZES.values()], ids=[*SIZES])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "path",
    [
        *("company/acme-robotics", "company/beta-labs", "document/a.txt", "company/évil-東京"),
        *(ACTUAL.removeprefix(BASE), "observation/9b3af4d33d87a973f1fb95cb", "graph/a.txt"),
    ],
)
def test_page_fits_the_screen_and_asks_nobody_outside(address: str, page: Page, path: str) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/id/{path}")
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") != "none"
    watched.check()


def test_ontology_fits_the_screen_and_asks_nobody_outside(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/ontology")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    watched.check()


@pytest.mark.parametrize(
    "path", ["company/acme-robotics", "company/beta-labs", "document/a.txt", "claim/" + DENIED[-24:]]
)
def test_page_has_headings_in_order_and_tables_with_headers(address: str, page: Page, path: str) -> None:
    page.goto(f"{address}/page/{path}")
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.evaluate(
        "[...document.querySelectorAll('table')].every((t) => t.caption && t.querySelector('thead th'))"
    )
    assert page.evaluate("[...document.querySelectorAll('svg[role=img]')].every((s) => s.getAttribute('aria-label'))")
    assert (
        page.evaluate("new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size")
        == page.locator("[id]").count()
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_text_stands_out_from_its_ground(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/page/company/beta-labs")
    ratios = page.evaluate(CONTRASTS)
    context.close()
    assert len(ratios) > 40
    assert [found for found in ratios if found[0] < 4.5] == []


def test_page_of_an_attempt_looks_unlike_a_fact(address: str, page: Page) -> None:
    page.goto(f"{address}/page/company/beta-labs")
    borders = {
        name: page.locator(f"article.{name}").first.evaluate("(e) => getComputedStyle(e).borderTopStyle")
        for name in ("fact", "not-fact")
    }
    assert borders == {"fact": "solid", "not-fact": "dashed"}


def test_page_shows_hostile_names_as_they_are_written(address: str, page: Page) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    page.goto(f"{address}/id/company/évil-東京")
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.locator("script, img").count() == 0
    assert alerts == []


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_page_with_hostile_text_everywhere_does_nothing(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, label: str
) -> None:
    folder = tmp_path_factory.mktemp("hostile") / "store"
    with write_store(folder) as writer:
        writer.publish({*hostile(label)})
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    with serving(Settings(store=str(folder))) as url:
        watched = Watched(page, url)
        for path in HOSTILE_PAGES:
            page.goto(f"{url}/page/{path}")
            assert page.title() != "owned"
            assert page.locator("script, img, iframe, a[href^='javascript']").count() == 0
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert "\u202e" not in page.content()
    context.close()
    watched.check()


def test_page_leads_from_an_entity_over_its_claim_to_the_document(address: str, page: Page) -> None:
    page.goto(f"{address}/id/company/beta-labs")
    page.get_by_role("link", name="claim", exact=True).first.click()
    assert "/page/claim/" in page.url
    page.locator("cite a").first.click()
    assert "/page/document/" in page.url
    assert page.locator("blockquote").count() > 0


def test_page_marks_of_the_timeline_stand_inside_the_picture(address: str, page: Page) -> None:
    page.goto(f"{address}/page/company/acme-robotics")
    outside = page.evaluate(
        """() => [...document.querySelectorAll("svg[role=img]")].flatMap((svg) => {
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("path, text")]
                .map((part) => part.getBoundingClientRect())
                .filter((b) => b.left < box.left - 1 || b.right > box.right + 1 || b.bottom > box.bottom + 1);
        }).length"""
    )
    assert outside == 0


CONTRASTS = """() => {
    const parse = (text) => text.match(/[0-9.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b]
        .map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (e) => {
        for (; e; e = e.parentElement) {
            const colour = parse(getComputedStyle(e).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll("body *:not(svg *)")]
        .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
        .map((e) => {
            const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))];
            return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.outerHTML.slice(0, 80)];
        });
}"""
"""Contrast of each text with what lies behind it (WCAG 2.2, 1.4.3), and the element that holds it."""
