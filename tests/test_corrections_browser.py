"""The page of corrections in a real browser: what is typed becomes the graph, and what is refused is said there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from kg.build import build_graph
from kg.settings import load_settings
from tests import test_browser
from tests.test_api import serving
from tests.test_browser import Watched

pytestmark = pytest.mark.model

browser, page = test_browser.browser, test_browser.page

TOKEN = "a token"
TEXTS = {
    "a.txt": "Haldane Pharma has bought Lumivex, a Basel-based antibody specialist, for $40 million. "
    "Maria Keller, chief executive of Haldane Pharma, announced the deal on 3 March 2025.",
    "b.txt": "Erik Lund, president of Fjord Brewery, said Fjord Brewery had bought Ale Works.",
}
VERBS = [
    (
        "retract",
        {"subject": "Fjord Brewery", "predicate": "acquired", "object": "Ale Works"},
        "retract Fjord Brewery acquired Ale Works",
    ),
    ("rename", {"entity": "Ale Works", "name": "Ale Works Ltd"}, "rename Ale Works to Ale Works Ltd"),
    ("merge", {"into": "Haldane Pharma", "entities": "Fjord Brewery"}, "merge Fjord Brewery into Haldane Pharma"),
    (
        "split",
        {"entity": "Haldane Pharma", "documents": "b.txt; ", "name": "Fjord"},
        "split Haldane Pharma: in b.txt as Fjord",
    ),
    ("retype", {"entity": "Ale Works Ltd", "type": "Organization"}, "retype Ale Works Ltd to Organization"),
    (
        "assert",
        {"subject": "Jane Doe", "predicate": "worksFor", "object": "Lumivex", "subject_type": "Person", "role": "CFO"},
        "assert Jane Doe works for Lumivex",
    ),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("corrected")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = load_settings(environment={"KG_TOKEN": TOKEN}, store=str(folder / "store"))
    build_graph([str(folder / name) for name in TEXTS], settings)
    with serving(settings) as url:
        yield url


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def fill(page: Page, verb: str, values: dict[str, str]) -> None:
    page.locator("[name=do]").select_option(verb)
    for name, value in {"who": "kim", "token": TOKEN, **values}.items():
        control = page.locator(f"[name={name}]")
        if control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)


def answer(page: Page, pressed: Locator) -> str:
    """What the page says when the server has answered."""
    pressed.click()
    page.locator("form button:enabled").wait_for()
    assert page.locator("#state").is_visible()
    return page.locator("#state").inner_text()


def submit(page: Page) -> str:
    return answer(page, page.locator("form button"))


def test_page_rename_and_undo_are_told_and_listed(address: str, page: Page) -> None:
    watched = Watched(page, address)
    page.goto(f"{address}/corrections")
    fill(page, "rename", {"entity": "Lumivex", "name": "Lumivex AG", "why": "as it signs"})
    assert submit(page).startswith("Made: rename Lumivex to Lumivex AG\n2 documents, ")
    newest = page.locator("tbody tr").first
    assert newest.locator("td").all_inner_texts()[1:3] == ["rename Lumivex to Lumivex AG", "kim"]
    assert newest.locator("td").nth(2).evaluate("cell => cell.offsetHeight") < 45  # a name is not cut into letters
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert answer(page, newest.get_by_role("button")).startswith("Undone: rename Lumivex to Lumivex AG\n")
    assert "undone by kim on " in page.locator("tbody tr").first.inner_text()
    watched.check()


def test_page_without_name_or_token_asks_for_it_and_sends_nothing(address: str, desktop: Page) -> None:
    watched = Watched(desktop, address)
    desktop.goto(f"{address}/corrections")
    sent: list[str] = []
    desktop.on("request", lambda request: sent.append(request.url))
    for name, words in (("who", "Give your name"), ("token", "Give the token")):
        fill(desktop, "rename", {"entity": "Lumivex", "name": "X", name: " "})
        assert submit(desktop).startswith(words)
        assert desktop.evaluate("document.activeElement.name") == name
    assert sent == []
    watched.check()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"entity": "Nobody", "name": "X"}, "no entity is named 'Nobody'"),
        ({"entity": "Lumivex", "name": "Lumivex"}, "Lumivex is its name already"),
        ({"entity": "Lumivex", "name": "X", "token": "wrong"}, "send the token of the server"),
    ],
)
def test_page_refusal_is_one_line_and_the_form_stays_as_typed(
    address: str, desktop: Page, values: dict[str, str], words: str
) -> None:
    desktop.goto(f"{address}/corrections")
    fill(desktop, "rename", values)
    told = submit(desktop)
    assert words in told
    assert "\n" not in told
    assert desktop.locator("#state.error").is_visible()
    assert desktop.locator("[name=entity]").input_value() == values["entity"]


def test_page_every_verb_of_the_form_is_carried_out(address: str, desktop: Page) -> None:
    watched = Watched(desktop, address)
    desktop.goto(f"{address}/corrections")
    for verb, values, words in VERBS:
        fill(desktop, verb, values)
        assert submit(desktop).splitlines()[0] == f"Made: {words}"
    listed = desktop.locator("tbody td:nth-child(2)").all_inner_texts()
    assert listed[: len(VERBS)] == [words for _, _, words in reversed(VERBS)]
    watched.check()


def test_explorer_link_fills_the_form_that_retracts_its_claim(address: str, desktop: Page) -> None:
    watched = Watched(desktop, address)
    explorer = f"{address}/viz?entity=Lumivex"
    desktop.goto(explorer)
    desktop.locator(".claim", has_text="acquired").get_by_text("Retract this claim").click()
    desktop.wait_for_url(re.compile("/corrections#"))
    assert "/claim/" in desktop.locator("[name=claim]").input_value()
    desktop.locator("[name=who]").fill("kim")
    desktop.locator("[name=token]").fill(TOKEN)
    assert submit(desktop).startswith("Made: retract Haldane Pharma acquired Lumivex")
    desktop.goto(explorer)
    assert "Retracted by kim" in desktop.locator(".claim", has_text="acquired").inner_text()
    watched.check()
