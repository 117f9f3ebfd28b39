"""Pictures in a notebook: what Jupyter gets to show, and what is written to a file."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pyoxigraph as ox
import pytest
from IPython.core.formatters import DisplayFormatter

from kg.errors import StoreError
from kg.explorer import Graph
from kg.neighbourhood import EntityNameError
from kg.store import write_store
from tests.claim_stores import HOSTILE, TINY, hostile_store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook") / "store"
    with write_store(folder) as writer:
        writer.publish(ox.parse(path=TINY))
    return folder


class Frames(HTMLParser):
    """The attributes of every element of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_graph_around_shows_the_neighbourhood(folder: Path) -> None:
    graph = Graph(folder)
    assert repr(graph.around("Beta Labs")) == "<Beta Labs: showing 3 of 3 entities>"
    assert len(graph.around("Beta Labs", hops=2).shown.entities) > 3


def test_graph_overview_keeps_to_the_cap(folder: Path) -> None:
    picture = Graph(str(folder), max_entities=4).overview()
    assert repr(picture) == "<Companies, people and products: showing 4 of 12 entities>"


def test_graph_unknown_name_says_what_it_may_mean(folder: Path) -> None:
    with pytest.raises(EntityNameError, match="Acme Robotics"):
        Graph(folder).around("Robot")


def test_graph_without_a_store_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Graph(tmp_path / "none")


def test_picture_in_a_notebook_is_one_frame_with_the_whole_page(folder: Path) -> None:
    picture = Graph(folder).around("Acme")
    bundle, _ = DisplayFormatter().format(picture)
    ((tag, attributes),) = Frames(bundle["text/html"]).found
    assert (tag, attributes["srcdoc"]) == ("iframe", picture.html)
    assert attributes["sandbox"] == "allow-scripts allow-popups"
    assert bundle["text/plain"] == repr(picture)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_picture_hostile_name_stays_inside_the_frame(tmp_path: Path, hostile: str) -> None:
    with write_store(tmp_path / "store") as writer:
        writer.publish(iter(hostile_store(hostile)))
    picture = Graph(tmp_path / "store").around(hostile)
    ((tag, attributes),) = Frames(picture._repr_html_()).found
    assert (tag, attributes["srcdoc"]) == ("iframe", picture.html)


def test_picture_save_writes_the_page(folder: Path, tmp_path: Path) -> None:
    picture = Graph(folder).overview()
    assert picture.save(str(tmp_path / "out.html")).read_text(encoding="utf-8") == picture.html
