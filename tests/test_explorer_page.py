"""The explorer in a real browser: what it shows at the start, and every step that a reader takes from there."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests import explorer_driver
from tests.explorer_driver import BOUGHT, N_AROUND_HUB, TALL, Explorer, ask, claims_of, exploring, overview

pytestmark = pytest.mark.model

browser, seeds, made = explorer_driver.browser, explorer_driver.seeds, explorer_driver.made


# At the start, and search


def test_start_shows_the_whole_graph_with_named_communities(browser: Browser, seeds: str) -> None:
    piece = overview(seeds)
    facts = {claim["pair"] for claim in claims_of(piece) if claim["status"] == "Actual"}
    with exploring(browser, seeds) as explorer:
        explorer.open()
        assert explorer.counts() == (len(piece["entities"]["iri"]), len(facts))
        assert explorer.counts()[1] > 20
        text = explorer.panel().inner_text()
        for community in piece["communities"]:
            assert ", ".join(community["names"][:3]) in text
        assert "OpenAI" in piece["communities"][0]["names"]


def test_attempt_is_never_drawn_as_a_fact(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        assert not [tie for tie in explorer.ties() if "Windsurf" in tie and tie.startswith("OpenAI")]
        explorer.show_all_statuses()
        assert f"OpenAI {BOUGHT}" in explorer.ties()
        explorer.select_tie("OpenAI", BOUGHT)
        assert explorer.panel().locator("article.claim .status").all_inner_texts()[0] == "attempted, not done"
        assert explorer.panel().locator("article.claim .status", has_text="fact").count() == 0


def test_search_takes_an_alias_and_enter_adds_it(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        explorer.click("Empty")
        assert explorer.counts() == (0, 0)
        explorer.press("/")
        assert explorer.page.evaluate("document.activeElement.id") == "search"
        with explorer.page.expect_response("**/search?**"):
            explorer.page.keyboard.type("codex")
        first = explorer.page.locator("#found [role=option]").first
        first.wait_for()
        assert first.inner_text().split("\n")[0] == "Codex"
        explorer.press("Enter")
        explorer.panel().get_by_role("heading", name="OpenAI Codex").wait_for()
        assert explorer.names() == {"OpenAI Codex"}


def test_search_goes_by_arrows_and_escape_leaves_it(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        options = explorer.search("openai")
        marked = "#found [aria-selected=true]"
        chosen = []
        for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp"):
            explorer.press(key)
            chosen.append(options.index(explorer.page.locator(marked).inner_text()))
        assert chosen == [1, 2, 1, 0, len(options) - 1]
        active = explorer.page.locator("#search").get_attribute("aria-activedescendant")
        assert explorer.page.locator(marked).get_attribute("id") == active
        before = explorer.counts()
        explorer.press("Escape")
        assert explorer.page.locator("#found").is_hidden()
        assert explorer.counts() == before


def test_search_by_words_of_a_sentence_leads_to_its_line(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        explorer.click("Empty")
        options = explorer.search("tried to acquire")
        assert any("OpenAI tried to acquire Windsurf" in option for option in options)
        explorer.page.get_by_role("option").filter(has_text="OpenAI tried to acquire Windsurf").first.click()
        mark = explorer.panel().locator("mark").first
        mark.wait_for()
        assert "OpenAI tried to acquire Windsurf" in mark.inner_text()
        assert {"OpenAI", "Windsurf"} <= explorer.names()


def test_search_without_an_answer_says_so(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        assert explorer.search("zzqx") == []
        assert "Nothing is named or says so" in explorer.page.locator("#found").inner_text()


# Steps


def drag(explorer: Explorer, name: str, dx: float, dy: float) -> None:
    spot = explorer.spot_of(name)
    mouse = explorer.page.mouse
    mouse.move(*spot)
    mouse.down()
    mouse.move(spot.x + dx / 2, spot.y + dy / 2, steps=3)
    mouse.move(spot.x + dx, spot.y + dy, steps=3)
    mouse.up()
    explorer.settle()


def find_paths(explorer: Explorer, start: str, end: str, *, n: str = "3", predicate: str = "") -> None:
    explorer.tab("paths")
    panel = explorer.panel()
    panel.get_by_label("From").select_option(label=start)
    panel.get_by_label("To").select_option(label=end)
    panel.get_by_label("Paths").select_option(n)
    if predicate:
        panel.locator("summary").click()
        explorer.check_box(predicate)
    explorer.click("Find paths")


STEPS: dict[str, Callable[[Explorer], object]] = {
    "select": lambda explorer: explorer.select("OpenAI"),
    "filter": lambda explorer: explorer.show_all_statuses(),
    "time": lambda explorer: explorer.page.locator("#timeline .bars button").first.click(),
    "all times": lambda explorer: explorer.click("All times"),
    "pin": lambda explorer: explorer.select("Anthropic").press("p"),
    "hide": lambda explorer: explorer.select("Cisco").press("h"),
    "remove": lambda explorer: explorer.select("Wired").press("Delete"),
    "collapse": lambda explorer: explorer.select("OpenAI").press("c"),
    "ego": lambda explorer: explorer.panel().get_by_label("Only within").select_option("2"),
    "paths": lambda explorer: find_paths(explorer, "Microsoft", "Claude Code"),
    "one path": lambda explorer: explorer.panel().locator(".paths button").first.click(),
    "clear paths": lambda explorer: explorer.click("Clear"),
    "empty": lambda explorer: explorer.click("Empty"),
    "add": lambda explorer: explorer.add("Anthropic"),
    "expand": lambda explorer: explorer.press("e"),
    "query": lambda explorer: explorer.tab("query").click("Run and draw"),
    "overview": lambda explorer: explorer.click("Overview"),
}


def test_every_step_is_undone_and_done_again_by_keys(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        links = [explorer.open().link()]
        for step in STEPS.values():
            step(explorer)
            links.append(explorer.link(after=links[-1]))
        past = go_through(explorer, "Control+z", links[0])
        assert [link for link in past if link in links] == list(reversed(links[:-1]))
        future = go_through(explorer, "Control+Shift+Z", links[-1])
        assert future[:-1] == list(reversed(past[:-1]))


def go_through(explorer: Explorer, keys: str, until: str) -> list[str]:
    """The addresses on the way to one, press by press."""
    links: list[str] = []
    while until not in links:
        before = explorer.page.url
        explorer.press(keys)
        explorer.page.wait_for_function("before => location.href !== before", arg=before)
        links.append(explorer.page.url)
        assert len(links) < 2 * len(STEPS), "it is not on the way"
    return links


def test_expansion_is_one_request_and_a_hub_is_counted(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open()
        explorer.click("Empty")
        explorer.add("Hub")
        button = explorer.panel().locator(".relations button", has_text="acquired")
        assert button.inner_text() == f"acquired {N_AROUND_HUB} · {N_AROUND_HUB} more to show"
        for n_drawn, words in ((26, f" · {N_AROUND_HUB - 25} more to show"), (1 + N_AROUND_HUB, "")):
            before = len(explorer.asked)
            explorer.press("e")
            assert explorer.asked[before:] == ["POST /explore/expand"]
            assert explorer.counts()[0] == n_drawn
            assert button.inner_text() == f"acquired {N_AROUND_HUB}{words}"


def test_expansion_by_one_relation_brings_its_neighbours_alone(browser: Browser, seeds: str) -> None:
    query = """SELECT DISTINCT ?name { ?a rdfs:label "Anthropic" . ?b rdfs:label ?name .
        ?claim rdf:subject ?a ; rdf:predicate kg:develops ; rdf:object ?b ; kg:status kg:Actual }"""
    developed = {row["name"] for row in ask(seeds, query)}
    with exploring(browser, seeds) as explorer:
        explorer.open()
        explorer.click("Empty")
        explorer.add("Anthropic")
        before = len(explorer.asked)
        explorer.panel().locator(".relations button", has_text=re.compile("^develops")).click()
        explorer.settle()
        assert explorer.asked[before:] == ["POST /explore/expand"]
        assert len(developed) > 2
        assert explorer.names() == {"Anthropic"} | developed


def test_collapse_takes_away_what_hangs_on_the_entity_alone(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open()
        explorer.click("Empty")
        explorer.add("Acme Robotics")
        explorer.press("e")
        explorer.add("Beta Labs")
        explorer.press("e")
        around = explorer.names()
        explorer.select("Beta Labs")
        explorer.press("c")
        assert "taken away" in explorer.said()
        assert around - explorer.names() == {"Richard Miles"}


def test_hidden_entity_comes_back_from_the_menu(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        all_names = explorer.names()
        explorer.select("Anthropic")
        explorer.click("Hide")
        assert explorer.names() == all_names - {"Anthropic"}
        explorer.page.locator(".picture-canvas").focus()
        explorer.page.keyboard.press("Shift+F10")
        explorer.page.get_by_role("menuitem", name="Show 1 hidden").click()
        assert explorer.names() == all_names


def test_drag_by_mouse_puts_and_pins_an_entity(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds, viewport=TALL) as explorer:
        explorer.open()
        before = explorer.spot_of("Windsurf")
        drag(explorer, "Windsurf", -60, 50)
        assert explorer.said() == "Moved and pinned"
        after = explorer.spot_of("Windsurf")
        assert (after.x - before.x, after.y - before.y) == pytest.approx((-60, 50), abs=4)
        assert explorer.panel().get_by_role("button", name="Pin").get_attribute("aria-pressed") == "true"
        explorer.press("Control+z")
        assert explorer.said() == "Undone"
        assert explorer.spot_of("Windsurf") == pytest.approx(before, abs=1)


def test_mouse_selects_expands_and_tells(browser: Browser, made: str) -> None:
    with exploring(browser, made, viewport=TALL) as explorer:
        explorer.open()
        explorer.click("Empty")
        explorer.add("Beta Labs")
        spot = explorer.spot_of("Beta Labs")
        explorer.press("Escape")
        explorer.page.mouse.move(spot.x + 200, spot.y)
        explorer.page.mouse.move(*spot, steps=4)
        tip = explorer.page.locator(".picture-tip")
        tip.wait_for()
        assert tip.inner_text().split("\n")[0] == "Beta Labs"
        explorer.page.mouse.dblclick(*spot)
        explorer.page.locator(".picture-canvas[aria-label^='3 entities']").wait_for()
        explorer.settle()
        spot = explorer.spot_of("Richard Miles")
        explorer.page.mouse.click(*spot, button="right")
        explorer.page.get_by_role("menuitem", name="Remove").click()
        assert explorer.names() == {"Beta Labs", "Acme Robotics"}


def test_ego_draws_what_is_within_its_steps(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open()
        whole = explorer.counts()
        explorer.select("Coyote")
        explorer.panel().get_by_label("Only within").select_option("1")
        assert explorer.names() == {"Coyote", "Roadrunner", "Gamma Holdings"}
        explorer.select("Coyote")
        explorer.panel().get_by_label("Only within").select_option("0")
        assert explorer.counts() == whole


# Paths


def faint_and_full(svg: str) -> tuple[int, int]:
    """Lines of a saved picture, dimmed and not."""
    opacities = [float(found) for found in re.findall(r'<g stroke="rgb[^"]*" stroke-opacity="([\d.]+)"', svg)]
    return sum(one < 0.3 for one in opacities), sum(one >= 0.3 for one in opacities)


def test_paths_are_listed_drawn_and_the_rest_is_dimmed(browser: Browser, seeds: str, tmp_path: Any) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        find_paths(explorer, "Microsoft", "Claude Code")
        paths = explorer.panel().locator(".paths button").all_inner_texts()
        assert 1 < len(paths) <= 3
        assert all(path.startswith("Microsoft – ") and path.endswith(" – Claude Code") for path in paths)
        assert sorted(paths, key=lambda path: path.count("–")) == paths
        explorer.panel().locator(".paths button").first.click()
        assert explorer.panel().locator(".paths [aria-pressed=true]").inner_text() == paths[0]
        faint, full = faint_and_full(explorer.download("SVG picture", tmp_path).read_text())
        assert full == paths[0].count("–") < faint


def test_paths_only_by_some_relations_keep_to_them(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        find_paths(explorer, "Microsoft", "Anthropic", n="1", predicate="develops")
        path = explorer.panel().locator(".paths button").inner_text().split(" – ")
        ties = explorer.ties()
        for one, other in pairwise(path):
            both = {tie for tie in ties if tie.startswith((f"{one} ", f"{other} "))}
            assert any("develops" in tie and tie.endswith((one, other)) for tie in both)


def test_paths_that_there_are_none_are_told(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open()
        find_paths(explorer, "Notion", "OpenAI")
        assert "No path of at most 4 steps" in explorer.panel().inner_text()
