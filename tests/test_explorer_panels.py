"""The panels of the explorer in a real browser: the sentences behind a line, figures, filters and time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator

from tests import explorer_driver
from tests.explorer_driver import BASE, BOUGHT, N_TEXTS, Explorer, ask, claims_of, exploring, overview

pytestmark = pytest.mark.model

browser, seeds, made = explorer_driver.browser, explorer_driver.seeds, explorer_driver.made


# What is behind a line


def claims_between(address: str, subject: str, object_: str) -> list[dict[str, Any]]:
    wanted = {"subject": BASE + subject, "object": BASE + object_}
    claims: list[dict[str, Any]] = httpx.get(f"{address}/claims", params=wanted).json()["claims"]
    return claims


def test_line_is_told_by_its_sentences_in_their_paragraphs(browser: Browser, seeds: str) -> None:
    claims = claims_between(seeds, "company/openai", "company/anthropic")
    assert any(claim["before"] or claim["after"] for claim in claims)
    with exploring(browser, seeds) as explorer:
        explorer.open().select_tie("OpenAI", "competes with Anthropic")
        cards = explorer.panel().locator("article.claim")
        assert cards.count() == len(claims)
        for number, claim in enumerate(claims):
            check_card(cards.nth(number), claim)


def check_card(card: Locator, claim: dict[str, Any]) -> None:
    paragraph = "".join(claim[part] or "" for part in ("before", "quote", "after"))
    assert card.locator("mark").text_content() == claim["quote"]
    assert card.locator("blockquote").text_content() == paragraph
    text = card.inner_text()
    assert card.locator(".status").inner_text() == {"Actual": "fact"}[claim["status"]]
    assert f"{round(100 * claim['confidence'])} %" in text
    assert claim["title"] is None or claim["title"] in text
    assert claim["document"] in text


def test_sentence_of_a_long_paragraph_is_in_sight(browser: Browser, seeds: str) -> None:
    query = """SELECT ?quote { ?evidence kg:quote ?quote ; kg:before ?before .
        ?claim kg:evidence ?evidence ; kg:status ?status } ORDER BY DESC(STRLEN(?before)) ?quote LIMIT 1"""
    (quote,) = (row["quote"] for row in ask(seeds, query))
    with exploring(browser, seeds) as explorer:
        explorer.open().search(quote[:80])
        explorer.page.get_by_role("option").filter(has_text=quote[:80]).first.click()
        paragraph = explorer.panel().locator("blockquote", has_text=quote)
        paragraph.wait_for()
        assert paragraph.evaluate("one => one.scrollTop") > 0
        assert paragraph.evaluate(
            """one => {
                const [mark, room] = [one.querySelector("mark").getBoundingClientRect(), one.getBoundingClientRect()];
                return room.top - 1 <= mark.top && mark.top < room.bottom;
            }"""
        )


def test_line_tells_speaker_date_document_and_role(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open().show_all_statuses()
        explorer.select_tie("Acme Robotics", "acquired Beta Labs")
        denied = explorer.panel().locator("article.status-denied").first.inner_text()
        for words in (
            "denied",
            "its chairman Richard Miles",
            "94 %",
            "Beta Labs denies sale",
            "2024/b.txt",
            "Aug 2024",
        ):
            assert words in denied
        explorer.select_tie("Richard Miles", "works for Beta Labs")
        assert "chairman" in explorer.panel().locator("article.claim").inner_text()


def test_conflict_stands_side_by_side(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open().select_tie("Acme Robotics", "acquired Beta Labs")
        pair = explorer.panel().locator(".conflict")
        assert pair.count() == 1
        sides = pair.locator("article")
        assert sorted(sides.locator(".status").all_inner_texts()) == ["denied", "fact"]
        one, other = (box for side in sides.all() if (box := side.bounding_box()))
        assert one["y"] == other["y"]
        assert one["x"] + one["width"] <= other["x"]


def test_all_evidence_of_a_line_is_a_press_away(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open().select_tie("Hub", "acquired, is a partner of Neighbour 00")
        claims = explorer.panel().locator("article.claim")
        assert claims.count() == 5
        explorer.click(f"See all evidence ({N_TEXTS + 1 - 5} more)")
        assert claims.count() == N_TEXTS + 1
        assert explorer.panel().get_by_role("button", name="See all evidence").count() == 0


# An entity


def test_entity_tells_names_ties_figures_and_sources(browser: Browser, seeds: str) -> None:
    details = httpx.get(f"{seeds}/explore/entity", params={"iri": f"{BASE}product/codex"}).json()
    with exploring(browser, seeds) as explorer:
        explorer.open().select("OpenAI Codex")
        text = explorer.panel().inner_text()
        for words in (*details["aliases"], "1 billion USD", "develops"):
            assert words in text
        assert explorer.panel().locator("tbody tr").count() == len(details["figures"]) > 0
        for source in details["sources"]:
            assert (source["document"]["title"] or source["document"]["id"]) in text
        figure = explorer.panel().locator("tbody details").first
        figure.locator("summary").click()
        assert figure.locator("mark").inner_text() == details["figures"][0]["quote"]
        address = explorer.panel().get_by_role("link", name="Page of this entity").get_attribute("href")
        assert httpx.get(f"{seeds}{address}").is_success


def test_figures_over_time_are_plotted(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open().select("Acme Robotics")
        plot = explorer.panel().locator(".plot")
        assert plot.locator("figcaption").inner_text() == "Revenue, USD"
        dots = plot.locator("circle").evaluate_all(
            "all => all.map((dot) => [+dot.getAttribute('cx'), +dot.getAttribute('cy')])"
        )
        assert len(dots) == 4
        assert [x for x, _ in dots] == sorted(x for x, _ in dots)
        assert dots[0][1] > dots[1][1] > dots[3][1], "more stands higher"
        assert "2022: 1 billion USD" in (plot.locator("svg").get_attribute("aria-label") or "")


# Filters


Claim = dict[str, Any]

FILTERS: dict[str, tuple[Callable[[Explorer], object], Callable[[Claim], bool]]] = {
    "nothing": (lambda explorer: None, lambda claim: True),
    "type": (lambda explorer: explorer.check_box("Person", on=False), lambda claim: "Person" not in claim["types"]),
    "predicate": (
        lambda explorer: explorer.check_box("develops", on=False),
        lambda claim: claim["predicate"] != "develops",
    ),
    "confidence": (
        lambda explorer: explorer.panel().get_by_label("Confidence at least").fill("0.9"),
        lambda claim: claim["confidence"] >= 0.9,
    ),
    "sources": (
        lambda explorer: explorer.panel().get_by_label("Sources at least").fill("2"),
        lambda claim: claim["sources"] >= 2,
    ),
    "document": (
        lambda explorer: explorer.choose_first_document(),
        lambda claim: claim["is_of_first"],
    ),
}


def test_each_filter_draws_what_passes_and_nothing_else(browser: Browser, seeds: str) -> None:
    piece = overview(seeds)
    first = min(range(len(piece["documents"])), key=lambda at: piece["documents"][at]["id"])
    claims = claims_of(piece)
    for claim in claims:
        claim |= {"types": [claim["subject_type"], claim["object_type"]], "is_of_first": claim["document"] == first}
    n_facts = len({claim["pair"] for claim in claims if claim["status"] == "Actual"})
    with exploring(browser, seeds) as explorer:
        explorer.open().tab("filters")
        for act, passes in FILTERS.values():
            passing = [claim for claim in claims if passes(claim)]
            act(explorer)
            assert explorer.counts()[1] == len({claim["pair"] for claim in passing if claim["status"] == "Actual"}) > 0
            explorer.show_all_statuses()
            assert explorer.counts()[1] == len({claim["pair"] for claim in passing})
            explorer.click("Clear all filters")
            assert explorer.counts()[1] == n_facts


def test_filter_by_status_draws_one_kind_of_what_is_no_fact(browser: Browser, seeds: str) -> None:
    with exploring(browser, seeds) as explorer:
        explorer.open().tab("filters")
        others = [claim["status"] for claim in claims_of(overview(seeds)) if claim["status"] != "Actual"]
        assert f"Show what is not a fact too ({len(others)})" in explorer.panel().inner_text()
        explorer.check_box("attempted, not done")
        explorer.check_box("fact", on=False)
        ties = explorer.ties()
        assert f"OpenAI {BOUGHT}" in ties
        assert all("attempted, not done: " in tie for tie in ties)


def test_entities_without_a_line_go_and_what_is_taken_back_comes(browser: Browser, made: str) -> None:
    with exploring(browser, made) as explorer:
        explorer.open().tab("filters")
        n_entities, n_lines = explorer.counts()
        explorer.check_box("Show entities without a line", on=False)
        alone = {"Delta Systems", "Epsilon"}
        assert explorer.counts()[0] == n_entities - len(alone)
        assert not alone & explorer.names()
        explorer.tab("filters")
        explorer.check_box("Show what users have taken back")
        assert explorer.counts()[1] == n_lines + 1
        assert "Neighbour 01 taken back by a user: sued Hub" in explorer.ties()


def test_time_leaves_out_what_was_not_then(browser: Browser, seeds: str) -> None:
    facts = [claim for claim in claims_of(overview(seeds)) if claim["status"] == "Actual"]
    with exploring(browser, seeds) as explorer:
        explorer.open()
        for start, end in (("2023-01-01", ""), ("", "2021-12-31"), ("2022-01-01", "2022-12-31")):
            times = explorer.page.locator("#timeline")
            times.get_by_label("From", exact=True).fill(start)
            times.get_by_label("To", exact=True).fill(end)
            expected = {claim["pair"] for claim in facts if is_within(claim, start, end)}
            explorer.settle()
            assert explorer.counts()[1] == len(expected) < len({claim["pair"] for claim in facts})
            explorer.click("All times")


def is_within(claim: Claim, start: str, end: str) -> bool:
    """Whether a claim, by the days it speaks of or else those of its document, is not known to lie outside."""
    first, last = (claim["from"], claim["to"]) if claim["from"] or claim["to"] else (claim["published"],) * 2
    starts_late = bool(end and first) and first > end[: len(first)]
    ends_early = bool(start and last) and last < start[: len(last)]
    return not starts_late and not ends_early
