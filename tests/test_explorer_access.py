"""The pages for everybody: axe-core against WCAG 2.2 A and AA, the keyboard alone, and the narrowest screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests import explorer_driver
from tests.explorer_driver import BOUGHT, Explorer, each_panel, exploring, violations

pytestmark = pytest.mark.model

browser, seeds, made = explorer_driver.browser, explorer_driver.seeds, explorer_driver.made

Scheme = Literal["light", "dark"]
LOOKS: list[tuple[int, int, Scheme]] = [
    (1280, 800, "light"),
    (1280, 800, "dark"),
    (360, 740, "light"),
    (360, 740, "dark"),
]

looks = pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)


@looks
def test_explorer_breaks_no_rule_of_wcag(browser: Browser, seeds: str, width: int, height: int, scheme: Scheme) -> None:
    screen = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    with exploring(browser, seeds, **screen) as explorer:
        explorer.open()
        assert {state: found for state in states(explorer) if (found := violations(explorer.page))} == {}


def states(explorer: Explorer) -> Iterator[str]:
    """Open what the page can show, one after the other."""
    yield "at the start"
    explorer.page.locator("#more > summary").click()
    yield "more"
    explorer.page.locator("#more > summary").click()
    explorer.search("openai")
    yield "search"
    explorer.press("Escape")
    explorer.show_all_statuses()
    explorer.select("OpenAI Codex")
    yield from each_panel(explorer)
    explorer.select_tie("OpenAI", BOUGHT)
    explorer.page.evaluate("document.querySelectorAll('#panel details').forEach((one) => { one.open = true; })")
    yield "a line"
    explorer.page.locator(".picture-canvas").focus()
    explorer.page.keyboard.press("Shift+F10")
    explorer.page.locator(".picture-menu :focus").wait_for()
    yield "its menu"


@pytest.mark.parametrize(("width", "height", "scheme"), [LOOKS[0], LOOKS[-1]])
@pytest.mark.parametrize("path", ["page/company/openai", "viz", "docs", "corrections"])
def test_other_page_breaks_no_rule_of_wcag(
    browser: Browser, seeds: str, path: str, width: int, height: int, scheme: Scheme
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{seeds}/{path}", wait_until="networkidle")
    assert violations(page) == {}
    context.close()


def test_conflict_and_plot_break_no_rule_of_wcag(browser: Browser, made: str) -> None:
    with exploring(browser, made, viewport={"width": 360, "height": 740}) as explorer:
        explorer.open().select_tie("Acme Robotics", "acquired Beta Labs")
        assert violations(explorer.page) == {}
        explorer.select("Acme Robotics")
        explorer.panel().locator(".plot").wait_for()
        assert violations(explorer.page) == {}


# The narrowest screen


def test_narrowest_screen_is_not_scrolled_sideways(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds, viewport={"width": 360, "height": 740}) as explorer:
        explorer.open().select("OpenAI")
        for name in each_panel(explorer):
            assert explorer.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            assert outside(explorer) == [], name
        explorer.select_tie("OpenAI", "competes with Anthropic")
        assert explorer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert outside(explorer) == []


def outside(explorer: Explorer) -> list[str]:
    """Controls that reach over the sides of the window, but for what scrolls in a box of its own."""
    found: list[str] = explorer.page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, select, textarea, summary")]
            .filter((one) => one.checkVisibility() && !one.closest(".scroll"))
            .filter((one) => one.getBoundingClientRect().left < 0 || one.getBoundingClientRect().right > innerWidth)
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    return found


# The keyboard alone


def test_keyboard_alone_goes_from_search_to_a_sentence(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open()
        explorer.page.keyboard.press("/")
        with explorer.page.expect_response("**/search?**"):
            explorer.page.keyboard.type("Acme Rob")
        explorer.page.locator("#found [role=option]").first.wait_for()
        explorer.press("Enter")
        explorer.panel().get_by_role("heading", name="Acme Robotics").wait_for()
        tab_to(explorer, ".picture-canvas")
        explorer.press("ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight")
        assert explorer.panel().get_by_role("heading", level=2).count() == 1
        tab_to(explorer, "#tab-details")
        explorer.press("ArrowLeft")
        assert explorer.page.evaluate("document.activeElement.id") == "tab-list"
        tab_to(explorer, "#panel .entities li li button")
        explorer.press("Enter")
        explorer.panel().locator("article.claim mark").first.wait_for()


def tab_to(explorer: Explorer, selector: str) -> None:
    """Press Tab until what has the focus is that; the focus is always to be seen."""
    for _ in range(80):
        explorer.page.keyboard.press("Tab")
        if explorer.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert explorer.page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    pytest.fail(f"Tab does not lead to {selector}")


def test_keys_expand_open_the_menu_and_leave_it(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open().click("Empty")
        explorer.add("Beta Labs")
        explorer.page.locator(".picture-canvas").focus()
        explorer.press("Enter")
        assert explorer.counts()[0] == 3
        explorer.page.keyboard.press("Shift+F10")
        focused = explorer.page.locator(".picture-menu :focus")
        focused.wait_for()
        assert focused.inner_text() == "Expand"
        explorer.press("ArrowDown", "ArrowDown")
        assert focused.inner_text() == "Pin"
        explorer.press("End")
        assert focused.inner_text() == "Open its page"
        explorer.press("Escape")
        explorer.page.locator(".picture-menu").wait_for(state="detached")
        assert explorer.page.evaluate("document.activeElement.matches('.picture-canvas')")
        explorer.press("Escape")
        assert "entities" in explorer.panel().locator("h2").inner_text()


def test_list_tells_a_screen_reader_all_that_is_drawn(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open().show_all_statuses()
        n_entities, n_lines = explorer.counts()
        explorer.tab("list")
        assert explorer.panel().locator("h2").inner_text() == f"{n_entities} entities, {n_lines} ties"
        assert explorer.panel().locator(".entities > li").count() == n_entities
        assert explorer.panel().locator(".entities li li").count() == n_lines
        explorer.click("Empty")
        assert explorer.said() == "Empty picture"
