"""The page around a picture: nothing from outside, nothing from a text, the same bytes in every locale."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.neighbourhood import Names, find_neighbourhood
from kg.store import write_store
from kg.viz_page import content_security_policy, render_page, write_page
from tests.claim_stores import BASE, HOSTILE, IMAGE, SCRIPT, chain, entity, hostile_store, tiny_store

ASCII_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def page_of(store: ox.Store, name: str | None = None, **options: Any) -> str:
    shown = find_neighbourhood(store, Names(store), entity=name, **{"hops": 1, "max_entities": 200, **options})
    return render_page(shown)


def drawn(html: str) -> dict[str, Any]:
    """The model as vis-network gets it."""
    found = re.search(r"const drawn = (.*);\n", html)
    assert found is not None
    return dict(json.loads(found[1]))


def test_render_page_holds_the_model() -> None:
    model = drawn(page_of(chain(3)))
    assert [node["label"] for node in model["nodes"]] == ["Company 0", "Company 1", "Company 2"]
    assert [(edge["from"], edge["to"]) for edge in model["edges"]] == [
        (f"{BASE}company/c000", f"{BASE}company/c001"),
        (f"{BASE}company/c001", f"{BASE}company/c002"),
    ]


def test_render_page_says_how_much_it_shows() -> None:
    assert "showing 2 of 1,234 entities" in page_of(chain(1_234), max_entities=2)


def test_render_page_empty_graph_is_a_page() -> None:
    assert drawn(page_of(ox.Store())) == {"nodes": [], "edges": []}


def test_render_page_same_store_same_bytes() -> None:
    store = chain(30)
    other = ox.Store()
    other.extend(reversed(list(store)))
    assert page_of(store) == page_of(other)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_render_page_hostile_text_adds_no_script_and_no_tag(hostile: str) -> None:
    html = page_of(hostile_store(hostile), hostile)
    assert html.count("</script>") == 2
    assert SCRIPT not in html
    assert IMAGE not in html
    assert "49{% raw %}" not in html


def test_render_page_loads_nothing_and_allows_only_its_own_scripts() -> None:
    html = page_of(tiny_store())
    policy = re.search('Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "connect-src 'none'" in policy[1]
    assert policy[1].count("'sha256-") == len(re.findall(r"^<script>", html, re.MULTILINE)) == 2
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']?(?:http|//)""", html)


def test_content_security_policy_page_without_script_allows_none() -> None:
    assert "script-src 'none'" in content_security_policy("<p>x</p>", is_served=True)


def test_write_page_gives_back_what_it_shows(tmp_path: Path) -> None:
    store = ox.Store()
    entity(store, "a", "Škoda 日本 🚗")
    shown = write_page(store, tmp_path / "out.html", entity="škoda 日本 🚗")
    assert shown.centre == f"{BASE}company/a"


def test_viz_command_writes_utf_8_in_a_locale_of_ascii(tmp_path: Path) -> None:
    store = ox.Store()
    for local, label in (("a", "Škoda 日本 🚗"), ("b", "Ωmega")):
        entity(store, local, label)
    with write_store(tmp_path / "store") as writer:
        writer.publish(iter(store))
    command = [sys.executable, "-m", "kg.cli", "viz", "out.html", "--store", "store", "--entity", f"{BASE}company/a"]
    environment = {**os.environ, **ASCII_LOCALE, "PYTHONPATH": str(Path(__file__).parent.parent)}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    html = (tmp_path / "out.html").read_bytes().decode("utf-8")
    assert "<title>Škoda 日本 🚗 · Tracegraph</title>" in html
    assert drawn(html)["nodes"][0]["label"] == "Škoda 日本 🚗"
