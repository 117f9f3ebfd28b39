"""What a view of the explorer becomes elsewhere: a query, a link, a saved view, a file, in a real browser."""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import httpx
import networkx as nx
import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser

from api.explorer_page import POLICY
from kg.iris import expand
from tests import explorer_driver
from tests.explorer_driver import BASE, BOUGHT, Explorer, exploring

pytestmark = pytest.mark.model

browser, seeds = explorer_driver.browser, explorer_driver.seeds

SVG = "{http://www.w3.org/2000/svg}"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Queries


def test_query_is_run_and_its_entities_drawn(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open().click("Empty")
        explorer.tab("query")
        rdfs = "<http://www.w3.org/2000/01/rdf-schema#label>"
        for query in (
            f'SELECT ?one {{ ?one {rdfs} ?name FILTER (?name IN ("Notion", "Simon Last")) }}',
            f'CONSTRUCT {{ ?one a ?one }} {{ ?one {rdfs} "Cisco" }}',
        ):
            explorer.tab("query")
            explorer.page.locator("#query-text").fill(query)
            explorer.click("Run and draw")
        assert explorer.names() == {"Notion", "Simon Last", "Cisco"}
        assert "Notion was founded by Simon Last" in explorer.ties()


def test_query_that_is_wrong_or_names_nothing_is_told(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open().tab("query")
        before = explorer.counts()
        explorer.page.locator("#query-text").fill("SELECT ?x { }")
        explorer.click("Run and draw")
        assert explorer.problem().startswith("The answer names no entity of the graph.")
        explorer.click("Dismiss")
        assert explorer.problem() == ""
        assert explorer.counts() == before


VIEWS: dict[str, Callable[[Explorer], object]] = {
    "overview": lambda explorer: None,
    "all statuses": lambda explorer: explorer.show_all_statuses(),
    "strict": lambda explorer: (
        explorer.tab("filters"),
        explorer.fill("Confidence at least", "0.8"),
        explorer.check_box("develops", on=False),
        explorer.check_box("Place", on=False),
    ),
    "since": lambda explorer: explorer.page.locator("#timeline").get_by_label("From", exact=True).fill("2022-01-01"),
    "by two": lambda explorer: (
        explorer.tab("filters"),
        explorer.fill("Sources at least", "2"),
        explorer.show_all_statuses(),
    ),
    "one text": lambda explorer: explorer.choose_first_document(),
    "ego": lambda explorer: (
        explorer.select("Anthropic"),
        explorer.panel().get_by_label("Only within").select_option("1"),
    ),
}


def test_sparql_of_a_view_finds_the_claims_that_are_drawn(browser: Browser, seeds: str, tmp_path: Path) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        for name, view in VIEWS.items():
            explorer.tab("filters").click("Clear all filters")
            view(explorer)
            explorer.settle()
            drawn = rows_of(explorer.download("CSV", tmp_path))
            explorer.tab("query").click("As a table")
            found = claims_found(seeds, explorer.page.locator("#query-text").input_value())
            columns = ("subject", "predicate", "object", "status", "document")
            assert found == {tuple(row[column] for column in columns) for row in drawn}, name
            assert len(drawn) > 1


def claims_found(address: str, query: str) -> set[tuple[str, ...]]:
    """Rows of an answer without the quote and the confidence, terms of the ontology by their local names."""
    answer = httpx.post(f"{address}/sparql", data={"query": query}, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    columns = ("subjectName", "predicate", "objectName", "status", "document")
    return {tuple(row[column].rsplit("#", 1)[-1] for column in columns) for row in rows}


# Links and saved views


def change_a_lot(explorer: Explorer) -> None:
    explorer.open().show_all_statuses()
    explorer.check_box("uses", on=False)
    explorer.select("Cisco")
    explorer.press("h")
    explorer.select("Anthropic")
    explorer.press("p")
    explorer.page.locator("#timeline").get_by_label("To", exact=True).fill("2030-01-01")
    explorer.settle()
    explorer.select_tie("OpenAI", BOUGHT)


def test_link_opens_the_same_view_for_somebody_else(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        start = explorer.open().link()
        change_a_lot(explorer)
        link = explorer.link(after=start)
        heading, counts, ties = explorer.panel().locator("h2").inner_text(), explorer.counts(), explorer.ties()
    with exploring(browser, seeds) as other:
        other.open(link.removeprefix(f"{seeds}/"))
        other.panel().locator("article.claim").first.wait_for()
        assert other.panel().locator("h2").inner_text() == heading
        assert (other.counts(), other.ties()) == (counts, ties)
        assert other.page.locator("#timeline summary").inner_text() == "Time: … to 2030-01-01"
        other.select("Anthropic")
        assert other.panel().get_by_role("button", name="Pin").get_attribute("aria-pressed") == "true"


def test_link_is_copied(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds, permissions=["clipboard-read", "clipboard-write"]) as explorer:
        start = explorer.open().link()
        explorer.select("Notion")
        link = explorer.link(after=start)
        explorer.tab("views")
        explorer.click("Copy link to this view")
        explorer.page.get_by_role("status").get_by_text("Link copied").wait_for()
        assert explorer.page.evaluate("navigator.clipboard.readText()") == link


@pytest.mark.parametrize("damaged", ["#v=!!", "#v=", "#v=S8wrSS1KTCnJLMvMSVWyUspOLMksUrJSqgUA"])
def test_damaged_link_is_told_and_the_page_works(browser: Browser, seeds: str, damaged: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open(damaged)
        assert "This link is damaged" in explorer.problem()
        assert explorer.counts()[0] > 20
        explorer.select("OpenAI")


def test_damaged_link_in_an_open_page_is_told_and_the_view_stays(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open().click("Empty")
        explorer.add("Notion")
        explorer.page.evaluate("location.hash = '#v=abc'")
        explorer.page.get_by_role("alert").get_by_text("This link is damaged").wait_for()
        assert explorer.names() == {"Notion"}


def test_link_to_an_entity_opens_on_it(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open(f"?entity={BASE}company/anthropic")
        explorer.panel().get_by_role("heading", name="Anthropic", level=2).wait_for()
        explorer.page.get_by_role("status").get_by_text("Arranged").wait_for()
        assert "Anthropic develops Claude Code" in explorer.ties()


def test_saved_view_is_kept_opened_and_forgotten(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open().click("Empty")
        explorer.add("Notion")
        explorer.tab("views")
        explorer.page.get_by_label("Name of the view").fill("Only <b>Notion</b>")
        explorer.click("Save")
        explorer.click("Overview")
        explorer.page.goto(seeds)
        explorer.page.locator("#tab-views").click()
        explorer.click("Only <b>Notion</b>")
        assert explorer.names() == {"Notion"}
        explorer.tab("views")
        explorer.click("Forget Only <b>Notion</b>")
        assert explorer.panel().locator(".saved li").count() == 0


# Files


def test_files_hold_what_is_drawn(browser: Browser, seeds: str, tmp_path: Path) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open().show_all_statuses()
        n_entities, n_lines = explorer.counts()
        rows = rows_of(explorer.download("CSV", tmp_path))
        assert len({(row["subject"], row["object"]) for row in rows}) == n_lines
        assert {row["status"] for row in rows if (row["subject"], row["object"]) == ("OpenAI", "Windsurf")} == {
            "Attempted"
        }
        graph = nx.read_graphml(explorer.download("GraphML", tmp_path))
        assert (graph.number_of_nodes(), graph.number_of_edges()) == (n_entities, len(rows))
        assert graph.nodes[f"{BASE}company/openai"] == {"label": "OpenAI", "type": "Company"}
        store = ox.Store()
        store.load(path=explorer.download("Turtle", tmp_path), format=ox.RdfFormat.TURTLE)
        claims = list(store.quads_for_pattern(None, expand("rdf:subject"), None))
        assert len(claims) == len(rows)
        check_svg(ElementTree.parse(explorer.download("SVG picture", tmp_path)).getroot(), n_entities, n_lines)
        head = explorer.download("PNG picture", tmp_path).read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        assert min(struct.unpack(">II", head[16:])) > 600


def check_svg(svg: ElementTree.Element, n_entities: int, n_lines: int) -> None:
    """Facts are drawn solid, and what is no fact dashed."""
    entities = [one for one in svg.iter(f"{SVG}circle") if one.find(f"{SVG}title") is not None]
    lines = [one for one in svg.iter(f"{SVG}g") if one.find(f"{SVG}title") is not None]
    assert (len(entities), len(lines)) == (n_entities, n_lines)
    dashed = [line for line in lines if any("stroke-dasharray" in mark.attrib for mark in line)]
    assert 0 < len(dashed) < n_lines
    assert not list(svg.iter(f"{SVG}script"))


# The page


def test_theme_is_chosen_and_kept(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds, color_scheme="light") as explorer:
        looks = []
        for theme in (None, "dark", "light"):
            explorer.open()
            if theme:
                explorer.page.locator("#more > summary").click()
                explorer.page.get_by_label("Theme").select_option(theme)
                explorer.page.reload()
                explorer.page.locator("[data-drawn]").wait_for()
            style = "getComputedStyle(document.querySelector('aside')).backgroundColor"
            looks.append((explorer.page.evaluate(style), explorer.page.locator(".picture").get_attribute("data-theme")))
        assert [theme for _, theme in looks] == ["light", "dark", "light"]
        assert looks[0] == looks[2] != looks[1]


def test_page_allows_itself_its_own_files_alone(seeds: str) -> None:
    page = httpx.get(f"{seeds}/")
    assert page.headers["content-security-policy"] == POLICY
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert "<script>" not in page.text
    assert "<style" not in page.text
