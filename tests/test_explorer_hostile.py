"""Texts that are meant to do harm, in every place of the explorer that a text can reach: shown, and inert."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kg.settings import Settings
from kg.store import write_store
from tests import explorer_driver
from tests.claim_stores import HOSTILE, hostile_store
from tests.explorer_driver import TALL, Explorer, each_panel, exploring
from tests.test_api import serving

browser = explorer_driver.browser

FILES = ("SVG picture", "CSV", "GraphML")


@pytest.fixture(params=HOSTILE.values(), ids=list(HOSTILE))
def hostile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(tmp_path: Path, hostile: str) -> Iterator[str]:
    with write_store(tmp_path / "store") as writer:
        writer.publish(iter(hostile_store(hostile)))
    with serving(Settings(store=str(tmp_path / "store"), query_workers=1)) as address:
        yield address


def test_hostile_text_is_shown_everywhere_and_does_nothing(
    browser: Browser, address: str, hostile: str, tmp_path: Path
) -> None:
    with exploring(browser, address, viewport={"width": 360, "height": 740}) as explorer:
        explorer.open().show_all_statuses()
        assert explorer.counts() == (5, 4)
        look_everywhere(explorer, hostile)
        for name in FILES:
            saved = explorer.download(name, tmp_path).read_text(encoding="utf-8")
            if name != "CSV":
                root = ET.fromstring(saved)
                assert not [one.tag for one in root.iter() if one.tag.endswith(("script", "image", "foreignObject"))]
        explorer.download("PNG picture", tmp_path)
        check_inert(explorer)


def look_everywhere(explorer: Explorer, hostile: str) -> None:
    """Open every panel, list, menu and tip that has the text in it."""
    page = explorer.page
    open_hub(explorer)
    assert page.locator("#panel h2 bdi").text_content() == hostile
    for _ in each_panel(explorer):
        check_inert(explorer)
    explorer.tab("list")
    page.locator("#panel .entities li li button").first.click()
    explorer.panel().locator("article.claim mark").first.wait_for()
    check_inert(explorer)
    page.locator(".picture-canvas").focus()
    page.keyboard.press("Shift+F10")
    page.locator(".picture-menu :focus").wait_for()
    check_inert(explorer)
    page.keyboard.press("Escape")
    for text in (hostile[:40], hostile[:3]):
        page.locator("#search").fill(text)
        page.wait_for_timeout(300)
        check_inert(explorer)
    page.keyboard.press("Escape")
    point_at_hub(explorer)
    check_inert(explorer)


def open_hub(explorer: Explorer) -> None:
    """Select the entity with the text, which is the best connected and so the first of the list."""
    explorer.open().show_all_statuses().tab("list")
    explorer.panel().locator(".entities > li > button").first.click()
    explorer.panel().locator("h2 bdi").wait_for()
    explorer.settle()


def point_at_hub(explorer: Explorer) -> None:
    page = explorer.page
    page.set_viewport_size(TALL)
    explorer.tab("list")
    explorer.panel().locator(".entities > li > button").first.click()
    spot = explorer.spot_of_selected()
    page.mouse.move(spot.x, spot.y - 60)
    page.mouse.move(*spot, steps=4)
    page.locator(".picture-tip").wait_for()


def check_inert(explorer: Explorer) -> None:
    """No element came of a text, no address leads anywhere but to the web or here, and nothing runs."""
    page = explorer.page
    assert page.title() == "Explorer · Tracegraph"
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, embed, base, meta[http-equiv]").count() == 0
    addresses = page.locator("a[href]").evaluate_all("all => all.map((link) => link.protocol)")
    assert set(addresses) <= {"http:", "https:"}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    on = """() => [...document.querySelectorAll("*")].some((one) =>
        [...one.attributes].some(({ name, value }) => name.startsWith("on") || /owned/.test(name)))"""
    assert page.evaluate(on) is False
