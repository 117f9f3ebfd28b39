"""Pages of linked data in a real browser: they are readable, run nothing, and ask nobody outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from kg.settings import Settings
from kg.store import write_store
from tests.test_api import serving
from tests.test_browser import Watched
from tests.test_browser import browser as browser  # noqa: PLC0414  (a fixture)
from tests.test_linked_data import HOSTILE, quads


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages") / "store"
    with write_store(folder) as writer:
        writer.publish(quads())
    with serving(Settings(store=str(folder))) as url:
        yield url


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["desktop", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "path", ["/id/company/acme-robotics", "/id/document/a.txt", "/ontology", "/id/company/évil-東京"]
)
def test_page_fits_the_screen_and_asks_nobody_outside(address: str, page: Page, path: str) -> None:
    watched = Watched(page, address)
    page.goto(address + path)
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).paddingTop") == "18px"
    watched.check()


def test_page_shows_hostile_names_as_they_are_written(address: str, page: Page) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    page.goto(f"{address}/id/company/évil-東京")
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.locator("script, img").count() == 0
    assert alerts == []


def test_page_leads_from_an_entity_over_its_claim_to_the_document(address: str, page: Page) -> None:
    page.goto(f"{address}/id/company/beta-labs")
    page.get_by_role("link", name="claim", exact=True).first.click()
    assert "/page/claim/" in page.url
    page.locator("cite a").first.click()
    assert "/page/document/" in page.url
    assert page.locator("blockquote").count() > 0
