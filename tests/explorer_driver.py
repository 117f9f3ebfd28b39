"""The explorer at `/` in a real browser: what a reader does, and what the page says of its view in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, ViewportSize, sync_playwright

from kg.build import BuildReport
from kg.iris import expand
from kg.settings import Settings
from kg.store import write_store
from tests import made_claims
from tests.claim_stores import PREFIXES, TINY
from tests.test_api import serving
from tests.test_browser import Watched, _chromium

FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
]
"""WebGL in software: the machine that tests need have no graphics card."""

TALL: ViewportSize = {"width": 1280, "height": 1500}
"""A window in which every menu has room below its entity."""

AXE = Path(__file__).parent.parent / "api" / "web" / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
BASE = "https://w3id.org/tracegraph/id/"
XSD_DECIMAL = ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
N_AROUND_HUB, N_TEXTS = 40, 7
RIVALS = ("a7f276745bea9f10f112b8db", "8526fcc4b161a832d557495e")

BOUGHT = "attempted, not done: acquired Windsurf"
"""How the list words a line of the seeds that is no fact."""

_PICTURE = ".picture-canvas"
_READ_LIST = """() => [...document.querySelectorAll("#panel .entities > li")].map((line) => ({
    name: line.querySelector("bdi").textContent,
    ties: [...line.querySelectorAll(":scope li button")].map((tie) => tie.textContent),
}))"""


class Spot(NamedTuple):
    """A place on the screen, in pixels of the page."""

    x: float
    y: float


class _WatchedWithBlobs(Watched):
    """Blobs that the page makes are no way out: the layout's worker, and files to save."""

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(f"blob:{self._allowed}"):
            super()._on_request(request)


class Explorer:
    """One page with the explorer, watched: `asked` are the paths of its requests, with their method."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.watched = _WatchedWithBlobs(page, f"{address}/")
        self.asked: list[str] = []
        page.on("request", self._on_request)

    def _on_request(self, request: Request) -> None:
        if request.url.startswith(f"{self.address}/"):
            self.asked.append(f"{request.method} {request.url.removeprefix(self.address).split('?')[0]}")

    def open(self, rest: str = "") -> Explorer:
        self.page.goto(f"{self.address}/{rest}")
        self.page.locator(f"{_PICTURE}").wait_for()
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until the server has answered all, nothing is arranged any more, and the address is written."""
        self.page.wait_for_function(
            """() => document.querySelector("#announcer [role=status]")?.textContent !== "Asking the graph…"
                && !document.querySelector('[aria-label="Arranging…"]')"""
        )

    def check(self) -> None:
        """Nobody outside was asked, and the console is clean."""
        self.watched.check()

    # What the page says

    def counts(self) -> tuple[int, int]:
        """Entities and lines of the picture."""
        found = re.match(r"(\d+) entities, (\d+) lines", self.page.locator(_PICTURE).get_attribute("aria-label") or "")
        assert found is not None
        return int(found[1]), int(found[2])

    def said(self) -> str:
        return self.page.locator("#announcer [role=status]").inner_text()

    def problem(self) -> str:
        return self.page.locator("#announcer [role=alert]").inner_text()

    def listed(self) -> dict[str, list[str]]:
        """By entity, the ties that begin at it, as the list panel words them; names that are the same fall together."""
        self.tab("list")
        ties: dict[str, list[str]] = {}
        for line in self.page.evaluate(_READ_LIST):
            ties.setdefault(line["name"], []).extend(line["ties"])
        return ties

    def names(self) -> set[str]:
        return set(self.listed())

    def ties(self) -> set[str]:
        """Every drawn line as a sentence."""
        return {f"{name} {tie}" for name, ties in self.listed().items() for tie in ties}

    def panel(self) -> Locator:
        return self.page.locator("#panel")

    # What a reader does

    def press(self, *keys: str) -> Explorer:
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()
        return self

    def tab(self, name: str) -> Explorer:
        self.page.locator(f"#tab-{name}").click()
        return self

    def click(self, name: str, *, exact: bool = True) -> Explorer:
        """A button of the panel or the picture."""
        self.page.get_by_role("button", name=name, exact=exact).first.click()
        self.settle()
        return self

    def search(self, text: str) -> list[str]:
        """Type into the search field; what is found, line by line."""
        field = self.page.locator("#search")
        with self.page.expect_response(lambda answer: "/search?" in answer.url):
            field.fill(text)
        self.page.locator("#found").wait_for()
        return self.page.locator("#found [role=option]").all_inner_texts()

    def add(self, name: str) -> Explorer:
        """Search for an entity and put it into the picture, where it is then selected."""
        self.search(name)
        self.page.locator("#found [role=option]").first.wait_for()
        self.page.keyboard.press("Enter")
        self.panel().get_by_role("heading", name=name, level=2).wait_for()
        self.settle()
        self.page.evaluate("document.activeElement.blur()")
        return self

    def select(self, name: str) -> Explorer:
        """An entity that is drawn, by the list."""
        self.tab("list")
        self.panel().locator(".entities > li > button").get_by_text(name, exact=True).first.click()
        self.panel().get_by_role("heading", level=2, name=name).wait_for()
        return self

    def select_tie(self, name: str, tie: str) -> Explorer:
        """The line that the list words so, from that entity."""
        self.tab("list")
        line = self.panel().locator(".entities > li").filter(has=self.page.get_by_text(name, exact=True)).first
        line.get_by_role("button", name=tie, exact=True).click()
        self.panel().locator("article.claim").first.wait_for()
        return self

    def check_box(self, name: str, *, on: bool = True) -> Explorer:
        self.panel().get_by_role("checkbox", name=name, exact=True).first.set_checked(on)
        return self

    def fill(self, label: str, value: str) -> Explorer:
        """A field of the panel or the timeline."""
        self.page.locator("#panel, #timeline").get_by_label(label).first.fill(value)
        self.settle()
        return self

    def choose_first_document(self) -> Explorer:
        self.tab("filters").panel().locator("summary").click()
        self.panel().locator("details .check").first.click()
        return self

    def show_all_statuses(self) -> Explorer:
        self.tab("filters")
        self.panel().get_by_role("checkbox", name="Show what is not a fact").check()
        return self

    def spot_of(self, name: str) -> Spot:
        """Where an entity is drawn, in a window that is tall enough."""
        self.select(name)
        return self.spot_of_selected()

    def spot_of_selected(self) -> Spot:
        """The menu opens where the entity is drawn when it is asked for by keyboard, if there is room below."""
        self.page.locator(_PICTURE).focus()
        self.page.keyboard.press("Shift+F10")
        menu = self.page.locator(".picture-menu")
        menu.locator(":focus").wait_for()
        place = menu.evaluate("menu => [parseFloat(menu.style.left), parseFloat(menu.style.top)]")
        room = menu.evaluate("menu => menu.parentElement.offsetHeight - menu.offsetTop - menu.offsetHeight")
        assert room > 5, "the menu stands higher than its entity: make the window taller"
        self.page.keyboard.press("Escape")
        menu.wait_for(state="detached")
        box = self.page.locator(_PICTURE).bounding_box()
        assert box is not None
        return Spot(box["x"] + place[0], box["y"] + place[1])

    def download(self, name: str, folder: Path) -> Path:
        """The file that a button of the panel saves."""
        self.tab("views")
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name=name, exact=True).click()
        path = folder / saved.value.suggested_filename
        saved.value.save_as(path)
        return path

    def link(self, after: str | None = None) -> str:
        """The address when it holds the view as it is now: it is written shortly after the last change.

        after: the address before a step, which this one has to differ from.
        """
        if after is not None:
            self.page.wait_for_function("before => location.href !== before", arg=after)
        address, still = self.page.url, 0
        while still < 4:
            self.page.wait_for_timeout(100)
            still = still + 1 if self.page.url == address else 0
            address = self.page.url
        return address


@contextmanager
def exploring(browser: Browser, address: str, **options: Any) -> Iterator[Explorer]:
    """A page of its own, checked for requests to others and for complaints when it is left."""
    context: BrowserContext = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    explorer = Explorer(context.new_page(), address)
    yield explorer
    explorer.check()
    context.close()


def violations(page: Page) -> dict[str, list[str]]:
    """What axe-core finds against WCAG 2.2 A and AA: by rule, where."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, list[str]] = page.evaluate(
        """async (tags) => {
            const { violations } = await axe.run(document, { runOnly: { type: "tag", values: tags } });
            const places = (nodes) => nodes.map((node) => node.target.join(" "));
            return Object.fromEntries(violations.map(({ id, nodes }) => [id, places(nodes)]));
        }""",
        AXE_TAGS,
    )
    return found


def each_panel(explorer: Explorer) -> Iterator[str]:
    """Open every panel after the other, with all that folds in it unfolded; gives each one's name."""
    for name in ("details", "filters", "paths", "query", "views", "list"):
        explorer.tab(name)
        explorer.page.evaluate("document.querySelectorAll('#panel details').forEach((one) => { one.open = true; })")
        yield name


# What the graph holds, read without the page


def overview(address: str) -> dict[str, Any]:
    """What the server says of the whole graph, by claims as they are read without the page."""
    piece: dict[str, Any] = httpx.get(f"{address}/explore/overview").json()
    return piece


def claims_of(piece: dict[str, Any]) -> list[dict[str, Any]]:
    """Each claim by itself, its indexes followed."""
    entities, columns = piece["entities"], piece["claims"]
    claims = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for claim in claims:
        for end in ("subject", "object"):
            claim[f"{end}_type"] = piece["types"][entities["type"][claim[end]]]
        claim["pair"] = (claim["subject"], claim["object"])
        claim["predicate"] = piece["predicates"][claim["predicate"]]
        claim["status"] = piece["statuses"][claim["status"]]
        claim["published"] = piece["documents"][claim["document"]]["published"] or ""
    return claims


def ask(address: str, query: str) -> list[dict[str, str]]:
    prefixes = " ".join(f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items())
    answer = httpx.get(f"{address}/sparql", params={"query": f"{prefixes} {query}"}).json()
    return [{name: term["value"] for name, term in row.items()} for row in answer["results"]["bindings"]]


# What the tests of the explorer share: pytest makes each anew for each module that names it


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def seeds(seeds_build: tuple[Settings, BuildReport]) -> Iterator[str]:
    """A server with the graph of the seeds."""
    with serving(seeds_build[0]) as address:
        yield address


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with what the graph of the seeds may lack: a hub, many texts for one line, figures over time."""
    folder = tmp_path_factory.mktemp("made") / "store"
    with write_store(folder) as writer:
        writer.publish([*ox.parse(path=TINY), *_hub(), *_rivals(), *_revenues()])
    with serving(Settings(store=str(folder))) as address:
        yield address


def _hub() -> Iterator[ox.Quad]:
    """Hub has acquired 40 companies; seven texts say that it is a partner of one; a claim of another is taken back."""
    yield from made_claims.entity("hub", "Hub")
    for number in range(N_AROUND_HUB):
        yield from made_claims.entity(f"n{number:02}", f"Neighbour {number:02}")
        yield from made_claims.claim("hub.txt", f"hub acquired n{number:02}")
    for number in range(N_TEXTS):
        yield from made_claims.claim(f"partners{number}.txt", "hub partnerOf n00")
    yield from made_claims.claim("back.txt", "n01 sued hub")
    yield made_claims.about("back.txt", "n01 sued hub", "kg:retractedBy", "kim")


def _rivals() -> Iterator[ox.Quad]:
    """What tiny.trig says of Acme and Beta, once as a fact and once denied, is known to be in conflict."""
    for one, other in (RIVALS, reversed(RIVALS)):
        yield ox.Quad(
            ox.NamedNode(f"{BASE}claim/{one}"), expand("kg:conflictsWith"), ox.NamedNode(f"{BASE}claim/{other}")
        )


def _revenues() -> Iterator[ox.Quad]:
    for year, value in (("2022", "1000000000"), ("2023", "1500000000")):
        figure = ox.NamedNode(f"{BASE}observation/{year}")
        yield ox.Quad(figure, expand("rdf:type"), expand("kg:Observation"))
        yield ox.Quad(figure, expand("kg:about"), ox.NamedNode(f"{BASE}company/acme-robotics"))
        yield ox.Quad(figure, expand("kg:metric"), expand("kg:Revenue"))
        yield ox.Quad(figure, expand("kg:value"), ox.Literal(value, datatype=XSD_DECIMAL))
        yield ox.Quad(figure, expand("kg:unit"), ox.Literal("USD"))
        yield ox.Quad(figure, expand("kg:observedOn"), ox.Literal(year))
