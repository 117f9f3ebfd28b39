"""The query page in a real browser: the editor that `make web` builds, and the plain form where it is not built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from api import web_files
from kg.resources import resource_paths
from kg.settings import Settings
from kg.store import write_store
from tests.test_api import BASE, KG, TINY, serving
from tests.test_browser import FLAGS, Watched, _chromium

SCRIPT = web_files.built("query.js")
SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
ROW = ".yasr_results tbody tr"

needs_editor = pytest.mark.usefixtures("editor")


@pytest.fixture(scope="module")
def editor() -> None:
    """What `make web` builds; `make test` builds it first."""
    assert SCRIPT.is_file(), "the editor of the query page is not built: make web says why"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("queried") / "store"
    odd = [
        ox.Quad(ox.NamedNode("javascript:alert(1)"), LABEL, ox.Literal(HOSTILE)),
        ox.Quad(ox.NamedNode("https://example.org/a'b&c"), LABEL, ox.Literal("outside")),
    ]
    with write_store(folder) as writer:
        writer.publish([*ox.parse(path=TINY), *odd])
    with serving(Settings(store=str(folder), query_workers=1)) as url:
        yield url


@pytest.fixture(params=SCREENS.values(), ids=SCREENS.keys())
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    yield context.new_page()
    context.close()


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(web_files, "DIST", tmp_path)


def set_query(page: Page, text: str) -> None:
    page.locator(".CodeMirror").first.evaluate("(editor, text) => editor.CodeMirror.setValue(text)", text)


def run(page: Page, n_rows: int) -> list[str]:
    """Press the button; gives the cells of all rows."""
    page.locator(".yasqe_queryButton:visible").click()
    page.wait_for_function("([row, n]) => document.querySelectorAll(row).length === n", arg=[ROW, n_rows])
    return page.locator(f"{ROW} td").all_inner_texts()


# The editor


@needs_editor
def test_query_runs_and_its_result_leads_to_the_explorer(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/sparql")
    cells = run(page, 1)
    assert cells[1:] == ["company:acme-robotics", "Acme Robotics", "company:beta-labs", "Beta Labs"]
    link = page.get_by_role("link", name="company:acme-robotics")
    assert link.get_attribute("rel") == "noopener noreferrer"
    with page.expect_popup() as opened:
        link.click()
    assert opened.value.locator("h1").inner_text() == "Acme Robotics"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    watched.check()


@needs_editor
def test_query_that_is_typed_runs_from_the_keyboard(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/sparql")
    set_query(page, "")
    page.locator(".CodeMirror:visible").click()
    page.keyboard.type("SELECT ?who ?name { ?who rdfs:label ?name FILTER(STRSTARTS(?name, 'Beta')) }")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("row => document.querySelectorAll(row).length === 1", arg=ROW)
    assert page.locator(f"{ROW} td").all_inner_texts()[1:] == ["company:beta-labs", "Beta Labs"]
    link = page.get_by_role("link", name="company:beta-labs")
    with page.expect_popup() as opened:
        link.click()
    assert opened.value.locator("h1").inner_text() == "Beta Labs"
    watched.check()


@needs_editor
def test_every_question_is_in_the_menu_and_runs_when_chosen(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/sparql")
    options = page.locator("#question option")
    assert options.count() == 1 + len([p for p in resource_paths("queries", ".rq") if p.name.startswith("cq")])
    page.locator("#question").select_option(label="Which acquisitions failed or were denied, at what price, and when?")
    page.wait_for_function("row => document.querySelectorAll(row).length === 2", arg=ROW)
    assert page.locator(".tabsList .tab.active").inner_text().split()[0] == "cq02"
    claim = page.locator(f"{ROW} a").filter(has_text="claim:").first
    assert (claim.get_attribute("href") or "").startswith("/page/claim/")
    watched.check()


@needs_editor
def test_wrong_query_says_where(address: str, page: Page) -> None:
    page.goto(f"{address}/sparql")
    set_query(page, "SELECT *\n{ ?s ?p }")
    page.locator(".yasqe_queryButton:visible").click()
    page.locator(".problem").wait_for()
    assert "line 2, column 10" in page.locator(".problem").inner_text()


@needs_editor
def test_completion_offers_the_terms_of_the_ontology(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/sparql")
    set_query(page, f"PREFIX kg: <{KG}>\nSELECT * {{ ?a kg:acq")
    page.locator(".CodeMirror:visible").click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+Space")
    page.locator(".CodeMirror-hints").wait_for()
    assert "kg:acquired" in page.locator(".CodeMirror-hints").inner_text()
    page.keyboard.press("Escape")
    set_query(page, "")
    page.locator(".CodeMirror:visible").click()
    page.keyboard.type("SELECT * { ?a schema:")
    page.wait_for_function(
        "document.querySelector('.CodeMirror').CodeMirror.getValue().includes('PREFIX schema: <https://schema.org/>')"
    )
    watched.check()


@needs_editor
def test_hostile_text_and_iri_are_shown_and_do_nothing(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/sparql")
    set_query(page, f"SELECT ?a ?n {{ ?a <{LABEL.value}> ?n FILTER(!STRSTARTS(STR(?a), '{BASE}')) }} ORDER BY ?n")
    cells = run(page, 2)
    assert cells[1:3] == ["javascript:alert(1)", HOSTILE]
    hrefs = page.locator(f"{ROW} a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert hrefs == ["https://example.org/a'b&c"]
    assert page.title() != "owned"
    watched.check()


@needs_editor
def test_link_gives_its_query_and_nothing_else(address: str, page: Page) -> None:
    watched = Watched(page, address)
    claim = f"{BASE}claim/085ccc184cb8148312e4b166"
    headers = "headers=%7B%22X-A%22%3A%22b%22%7D"
    page.goto(f"{address}/sparql#query=DESCRIBE%20%3C{claim}%3E&endpoint=http%3A%2F%2F127.0.0.1%3A9%2F&{headers}")
    page.locator(ROW).first.wait_for()
    assert "#" not in page.url
    assert page.get_by_role("link", name="company:gamma-holdings").count() == 1
    page.reload()
    assert page.locator(".tabsList .tab").filter(has_text="Linked").count() == 1
    watched.check()


@needs_editor
def test_form_stays_when_the_script_does_not_come(address: str, page: Page) -> None:
    page.route("**/web/query.js*", lambda route: route.abort())
    page.goto(f"{address}/sparql")
    page.locator("#run").wait_for()
    assert "could not be loaded" in page.locator("#state").inner_text()


@needs_editor
def test_policy_runs_the_page_s_own_script_and_what_it_loads(address: str) -> None:
    page = httpx.get(f"{address}/sparql", headers={"Accept": "text/html"})
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    assert re.fullmatch(r"'strict-dynamic' 'sha256-[\w+/]{43}='", policy["script-src"])
    assert (policy["default-src"], policy["connect-src"]) == ("'none'", "'self'")
    script = re.search(r'"/web/query\.js\?v=\w+"', page.text)
    assert script
    answer = httpx.get(f"{address}{script[0][1:-1]}")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == SCRIPT.read_bytes()
    assert httpx.head(f"{address}/web/query.js").status_code == 200


# The plain form


@pytest.mark.usefixtures("unbuilt")
def test_form_runs_a_query_and_says_how_to_build_the_editor(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/sparql")
    assert "make web" in page.locator("#unbuilt").inner_text()
    page.locator("#run").click()
    page.locator("td").first.wait_for()
    names = page.locator("td").all_inner_texts()
    assert names == ["company:acme-robotics", "Acme Robotics", "company:beta-labs", "Beta Labs"]
    assert page.locator("#state").inner_text() == "1 row"
    watched.check()


@pytest.mark.usefixtures("unbuilt")
def test_form_tells_where_a_query_is_wrong(address: str, page: Page) -> None:
    page.goto(f"{address}/sparql")
    page.locator("#query").fill("SELECT *\n{ ?s ?p }")
    page.keyboard.press("Control+Enter")
    page.locator("#state.error").wait_for()
    assert "line 2, column 10" in page.locator("#state").inner_text()


@pytest.mark.usefixtures("unbuilt")
def test_policy_of_the_form_runs_its_own_script_alone(address: str) -> None:
    policy = httpx.get(f"{address}/sparql", headers={"Accept": "text/html"}).headers["content-security-policy"]
    assert re.search(r"script-src 'sha256-[\w+/]{43}=';", policy)
    assert httpx.get(f"{address}/web/query.js").status_code == 404
