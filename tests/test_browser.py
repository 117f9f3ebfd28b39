"""The pages in a real browser, with every way out watched: they show what they should and call nobody."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from api.app import create_app
from kg.explorer import write_page
from kg.settings import Settings
from kg.store import write_store

BASE = "https://w3id.org/tracegraph/id/"
TINY = Path(__file__).parent / "data" / "tiny.trig"
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
HOSTILE = [
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\u202egnp.exe",
    "x" * 10_000,
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        yield browser
        browser.close()


def _chromium() -> str:
    """Debian's Chromium, installed if this user may."""
    if found := shutil.which("chromium"):
        return found
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = shutil.which("apt-get")
    if apt is not None and (not sudo or shutil.which("sudo")):
        subprocess.run([*sudo, apt, "update", "-qq"], check=False, capture_output=True)
        subprocess.run([*sudo, apt, "install", "-y", "-qq", "chromium"], check=False, capture_output=True)
    if found := shutil.which("chromium"):
        return found
    pytest.fail("chromium is missing and could not be installed: run `apt-get install chromium` as root")


class Watched:
    """A page, all that it asked for outside of `allowed`, and all that its console complained of."""

    def __init__(self, page: Page, allowed: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._allowed = allowed
        page.on("request", self._on_request)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self._allowed, "data:")):
            self.requests.append(request.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def check(self) -> None:
        """Nothing was asked for outside, and nothing went wrong."""
        assert self.requests == []
        assert self.complaints == []


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["desktop", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    yield context.new_page()
    context.close()


def write(tmp_path: Path, store: ox.Store, entity: str | None = None) -> str:
    write_page(store, tmp_path / "page.html", entity=entity)
    return (tmp_path / "page.html").as_uri()


@pytest.fixture
def tiny() -> ox.Store:
    store = ox.Store()
    store.load(path=TINY)
    return store


def click_entity(page: Page, iri: str) -> None:
    """Click where the entity is drawn."""
    place = page.evaluate("iri => network.canvasToDOM(network.getPosition(iri))", iri)
    page.locator("#network canvas").click(position={"x": place["x"], "y": place["y"]})


def click_edge(page: Page, status: str) -> None:
    """Click in the middle of the first line of that status."""
    place = page.evaluate(
        """status => {
            const edge = edges.get().find((edge) => edge.status === status);
            const [a, b] = [network.getPosition(edge.from), network.getPosition(edge.to)];
            return network.canvasToDOM({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
        }""",
        status,
    )
    page.locator("#network canvas").click(position={"x": place["x"], "y": place["y"]})


def test_file_opens_without_a_network_and_draws(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    address = write(tmp_path, tiny)
    watched = Watched(page, address)
    page.context.set_offline(offline=True)
    page.goto(address)
    page.screenshot(path=tmp_path / "page.png")
    box = page.locator("#network").bounding_box()
    assert box is not None
    with Image.open(tmp_path / "page.png") as picture:
        crop = picture.crop((box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
        assert len(crop.convert("RGB").getcolors(1_000_000) or []) > 20
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    watched.check()


def test_click_on_an_entity_shows_its_sentences(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    click_entity(page, f"{BASE}company/beta-labs")
    panel = page.locator("#panel").inner_text()
    assert "Beta Labs has not been acquired by Acme Robotics" in panel
    assert "denied" in panel
    assert "Said by its chairman Richard Miles" in panel
    assert "Confidence 94 %" in panel


def test_click_on_a_line_shows_the_claim(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    click_edge(page, "Planned")
    panel = page.locator("#panel").inner_text()
    assert "Gamma Holdings acquired (planned) Delta Systems" in panel
    assert "Gamma Holdings agreed to buy Delta Systems, a deal expected to close in 2025." in panel


def test_escape_closes_the_panel(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny, "Acme"))
    assert page.locator("#close").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#legend").is_visible()


def test_switch_hides_what_is_not_actual(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    page.locator("#not-actual").uncheck()
    shown = page.evaluate("edges.get().filter((edge) => !edge.hidden).map((edge) => edge.status)")
    assert set(shown) == {"Actual"}
    page.locator("#not-actual").check()
    assert page.evaluate("edges.get().some((edge) => edge.hidden)") is False


def test_legend_hides_a_type(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    page.get_by_label("Person").uncheck()
    hidden = page.evaluate("nodes.get().filter((node) => node.hidden).map((node) => node.id)")
    assert len(hidden) == 3
    assert all("/person/" in iri for iri in hidden)


def test_search_takes_an_alias_to_its_entity(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    page.locator("#search").fill("doe")
    assert page.locator("#found button").first.inner_text().split() == ["Jane", "Doe", "Person"]
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").inner_text() == "Jane Doe"


@pytest.mark.parametrize("hostile", HOSTILE, ids=["script", "image", "direction", "long"])
def test_hostile_name_is_shown_and_does_nothing(tmp_path: Path, page: Page, tiny: ox.Store, hostile: str) -> None:
    iri = ox.NamedNode(f"{BASE}company/beta-labs")
    tiny.remove(ox.Quad(iri, LABEL, ox.Literal("Beta Labs")))
    tiny.add(ox.Quad(iri, LABEL, ox.Literal(hostile)))
    address = write(tmp_path, tiny, iri.value)
    watched = Watched(page, address)
    page.goto(address)
    page.locator("#search").fill(hostile[:40])
    assert page.locator("#panel h2").inner_text() == hostile
    assert page.title() != "owned"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    watched.check()


# The pages of the server


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served") / "store"
    with write_store(folder) as writer:
        writer.publish(ox.parse(path=TINY))
    settings = Settings(store=str(folder), query_workers=1, max_viz_entities=6)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_overview_search_leads_to_an_entity_outside_the_picture(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(address)
    assert page.locator("#shown").inner_text() == "showing 6 of 12 entities"
    shown = page.evaluate("page.entities.map((entity) => entity.label)")
    name = next(name for name in ("Epsilon", "Berlin", "University of Exampleton") if name not in shown)
    page.locator("#search").fill(name)
    page.locator("#found a").click()
    page.wait_for_url(re.compile("/viz"))
    assert page.locator("h1").inner_text() == name
    watched.check()


def test_docs_page_lists_the_routes(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/docs")
    page.locator("article").first.wait_for()
    assert "GET /viz" in page.locator("main").inner_text()
    watched.check()
