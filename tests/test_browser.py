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
from typing import Literal

import pyoxigraph as ox
import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from api.app import create_app
from kg.explorer import Graph
from kg.settings import Settings
from kg.store import write_store
from kg.viz_page import write_page
from tests.claim_stores import HOSTILE, hostile_store

BASE = "https://w3id.org/tracegraph/id/"
TINY = Path(__file__).parent / "data" / "tiny.trig"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


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


def place_of(page: Page, iri: str) -> dict[str, float]:
    """Where the entity is drawn, in pixels from the corner of the canvas."""
    place: dict[str, float] = page.evaluate("iri => network.canvasToDOM(network.getPosition(iri))", iri)
    return {"x": place["x"], "y": place["y"]}


def place_on_line(page: Page, status: str, part: float = 0.5) -> dict[str, float]:
    """A place on the first line of that status."""
    place: dict[str, float] = page.evaluate(
        """([status, part]) => {
            const edge = edges.get().find((edge) => edge.status === status);
            return network.canvasToDOM(network.body.edges[edge.id].edgeType.getPoint(part));
        }""",
        [status, part],
    )
    return {"x": place["x"], "y": place["y"]}


def pixel_colours(page: Page, place: dict[str, float], around: int) -> list[tuple[int, int, int]]:
    """The colours of the canvas in a square of that half width."""
    found: list[list[int]] = page.evaluate(
        """([x, y, around]) => {
            const canvas = document.querySelector("#network canvas");
            const pen = canvas.getContext("2d");
            const size = 2 * around + 1;
            const { data } = pen.getImageData(Math.round(x) - around, Math.round(y) - around, size, size);
            return Array.from({ length: size * size }, (_, at) => Array.from(data.slice(4 * at, 4 * at + 3)));
        }""",
        [place["x"], place["y"], around],
    )
    return [(red, green, blue) for red, green, blue in found]


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
    place = place_of(page, f"{BASE}company/beta-labs")
    page.locator("#network canvas").click(position={"x": place["x"], "y": place["y"]})
    panel = page.locator("#panel").inner_text()
    assert "Beta Labs has not been acquired by Acme Robotics" in panel
    assert "denied" in panel
    assert "Said by its chairman Richard Miles" in panel
    assert "Confidence 94 %" in panel


def test_click_on_a_line_shows_the_claim(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    place = place_on_line(page, "Planned")
    page.locator("#network canvas").click(position={"x": place["x"], "y": place["y"]})
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
    assert page.locator("#details h2").inner_text() == "Jane Doe"


def test_search_goes_by_keyboard_alone(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    page.keyboard.press("/")
    page.keyboard.type("a")
    names = page.locator("#found button .name").all_inner_texts()
    assert len(names) > 2
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    assert page.locator("#details h2").inner_text() == names[1]
    assert page.locator("#found").is_hidden()


def test_search_escape_goes_back_to_the_box(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    page.locator("#search").fill("acme")
    for key in ("ArrowDown", "Escape"):
        page.keyboard.press(key)
    assert page.locator("#found").is_hidden()
    assert page.evaluate("document.activeElement.id") == "search"


def test_pointer_on_a_line_is_told_sentence_source_date_and_confidence(
    tmp_path: Path, page: Page, tiny: ox.Store
) -> None:
    page.goto(write(tmp_path, tiny))
    place = place_on_line(page, "Denied", 0.4)
    page.locator("#network canvas").hover(position={"x": place["x"], "y": place["y"]})
    tip = page.locator(".vis-tooltip")
    tip.wait_for()
    lines = tip.inner_text().split("\n")
    assert lines[0] == "Acme Robotics — acquired (denied) → Beta Labs"
    assert lines[1].startswith("“Beta Labs has not been acquired by Acme Robotics")
    assert lines[-2:] == ["Beta Labs denies sale · 2024-08", "confidence 94%"]


def test_pointer_on_an_entity_is_told_its_best_sentence(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    place = place_of(page, f"{BASE}company/beta-labs")
    page.locator("#network canvas").hover(position={"x": place["x"], "y": place["y"]})
    tip = page.locator(".vis-tooltip")
    tip.wait_for()
    assert tip.inner_text().startswith("Beta Labs\nCompany · ")
    assert "confidence" in tip.inner_text()


def test_denied_line_bears_a_cross(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    page.wait_for_timeout(100)
    reds = {
        part: sum(red > 180 and green < 100 for red, green, _ in pixel_colours(page, place, 6))
        for part in (0.3, 0.5)
        if (place := place_on_line(page, "Denied", part))
    }
    assert reds[0.5] > 1.5 * reds[0.3] > 0


def test_legend_names_communities_types_and_lines(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    legend = page.locator("#legend").inner_text()
    lines = ("actual", "former", "planned", "attempted", "rumoured", "denied", "retracted")
    for text in ("Around Acme Robotics", "Smaller groups", "Company", "Person", *lines):
        assert text in legend


def test_legend_hides_a_community(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    page.get_by_label("Around Acme Robotics").uncheck()
    hidden = page.evaluate("nodes.get().filter((node) => node.hidden).map((node) => node.id)")
    assert f"{BASE}company/acme-robotics" in hidden
    assert page.evaluate("nodes.get().some((node) => !node.hidden)")


def test_list_of_all_leads_to_an_entity(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    page.locator("summary").click()
    page.locator("#listed button").last.wait_for()
    assert page.locator("#listed button").count() == 12
    page.locator("#listed button", has_text="Coyote").click()
    assert page.locator("#details h2").inner_text() == "Coyote"


def test_picture_stands_still_from_the_start(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.goto(write(tmp_path, tiny))
    before = page.evaluate("network.getPositions()")
    page.wait_for_timeout(300)
    assert page.evaluate("network.getPositions()") == before
    assert page.evaluate("network.physics.physicsEnabled") is False


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_is_the_system_s_until_it_is_changed(
    tmp_path: Path, page: Page, tiny: ox.Store, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(write(tmp_path, tiny))
    looks = []
    for _ in range(2):
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        font = page.evaluate("Object.values(network.body.nodes)[0].labelModule.fontOptions")
        ink = page.evaluate("getComputedStyle(document.body).color")
        assert (font["color"], font["strokeColor"]) == (ink, ground)
        looks.append((sum(map(int, re.findall(r"\d+", ground)[:3])) > 380, ground))
        page.locator("#theme").click()
    assert [is_light for is_light, _ in looks] == [scheme == "light", scheme == "dark"]


def test_narrowest_screen_is_not_scrolled_sideways(tmp_path: Path, page: Page, tiny: ox.Store) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(write(tmp_path, tiny, "Acme"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("#search", "#theme", "#not-actual", "#fit", "#close"):
        box = page.locator(name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_shown_everywhere_and_does_nothing(tmp_path: Path, browser: Browser, hostile: str) -> None:
    hub, page = f"{BASE}company/hub", browser.new_page(viewport={"width": 390, "height": 844})
    address = write(tmp_path, hostile_store(hostile), hub)
    watched = Watched(page, address)
    page.goto(address)
    try_everything(page, hub)
    page.locator("#search").fill(hostile[:40])
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('#details h2').textContent") == hostile
    assert page.title() != "owned"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("script").count() == 2
    assert page.locator("img, iframe, object, a[href^='javascript']").count() == 0
    watched.check()
    page.close()


def try_everything(page: Page, hub: str) -> None:
    """Open all that the panel can show, and read the tips of an entity and of a line."""
    for iri in page.evaluate("nodes.getIds()"):
        page.evaluate("iri => select(iri)", iri)
        assert page.locator("#panel article").count() > 0
    for line in page.evaluate("edges.getIds()"):
        page.evaluate("id => showEdge(id)", line)
    page.evaluate("clear(); network.moveTo({ animation: false }); fitAll()")
    page.locator("summary").click()
    page.locator("#listed button").last.wait_for()
    assert page.locator("#listed button").count() == 5
    for place in (place_of(page, hub), place_on_line(page, "Actual")):
        page.mouse.move(0, 0)
        page.locator("#network canvas").hover(position={"x": place["x"], "y": place["y"]})
        page.locator(".vis-tooltip").wait_for()
        assert "confidence 90%" in page.locator(".vis-tooltip").inner_text()


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_notebook_frame_draws_and_keeps_hostile_text_in(tmp_path: Path, browser: Browser, hostile: str) -> None:
    with write_store(tmp_path / "store") as writer:
        writer.publish(iter(hostile_store(hostile)))
    file = tmp_path / "notebook.html"
    frame = Graph(tmp_path / "store").around(hostile)._repr_html_()
    file.write_text(f"<!DOCTYPE html><meta charset=utf-8><title>Notebook</title>{frame}", encoding="utf-8")
    page = browser.new_page()
    watched = Watched(page, file.as_uri())
    page.goto(file.as_uri())
    inside = page.frames[1]
    inside.locator("#panel article").first.wait_for()
    assert inside.evaluate("nodes.length") == 5
    assert inside.evaluate("window.origin") == "null"
    assert page.title() == "Notebook"
    watched.check()
    page.close()


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
    page.goto(f"{address}/viz")
    assert page.locator("#shown").inner_text() == "showing 6 of 12 entities"
    shown = page.evaluate("page.entities.map((entity) => entity.label)")
    name = next(name for name in ("Epsilon", "Berlin", "University of Exampleton") if name not in shown)
    page.locator("#search").fill(name)
    page.locator("#found a").click()
    page.wait_for_url(re.compile("/viz.entity="))
    assert page.locator("h1").inner_text() == name
    watched.check()


def test_docs_page_lists_the_routes(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/docs")
    page.locator("article").first.wait_for()
    assert "GET /viz" in page.locator("main").inner_text()
    watched.check()
