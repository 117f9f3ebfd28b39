"""How long a picture takes, ours beside plain pyvis: `python -m benchmarks.pictures`, or with `--help`.

Both show the same entities and claims of a made graph in the same Chromium with software rendering, each in a context
of its own. pyvis runs as its README has it: default options, library from a CDN; the request for it is answered here
with the file that pyvis ships, so that no network is waited for, and what pyvis does not ship (Bootstrap) is empty.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyoxigraph as ox
import pyvis
from playwright.sync_api import Browser, Page, Route, sync_playwright
from pyvis.network import Network

from benchmarks.made_graph import made_quads
from kg.labels import words
from kg.neighbourhood import Names, Neighbourhood, find_neighbourhood
from kg.viz_page import render_page

SIZES = (200, 500, 1_000, 2_000)
LIMIT_S = 180.0
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
LIBRARY = Path(pyvis.__file__).parent / "templates"

_INTEGRITY = re.compile(r'\sintegrity="[^"]*"')

WATCH = """
(() => {
  window.firstPicture = null;
  let shapes = 0, isWaiting = false;
  const fill = CanvasRenderingContext2D.prototype.fill;
  CanvasRenderingContext2D.prototype.fill = function (...given) {
    const pen = this;
    shapes += 1;
    if (!isWaiting) {
      isWaiting = true;
      setTimeout(() => {
        pen.getImageData(0, 0, 1, 1);
        if (shapes >= WANTED && window.firstPicture === null) window.firstPicture = performance.now();
        shapes = 0;
        isWaiting = false;
      }, 0);
    }
    return fill.apply(this, given);
  };
})();
"""
"""Notes when a frame with as many shapes as entities has been drawn, to the last pixel: reading one waits for all."""

REDRAW = """
() => {
  const pen = document.querySelector("canvas").getContext("2d");
  const started = performance.now();
  for (let turn = 0; turn < 5; turn += 1) { network.redraw(); pen.getImageData(0, 0, 1, 1); }
  return (performance.now() - started) / 5;
}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One page of one size.

    made_s: seconds of Python from the records to the text of the page. first_s: seconds from the start of the
    loading to the first frame with all entities; None where the limit came first. frame_ms: of drawing all again.
    """

    page: str
    entities: int
    lines: int
    megabytes: float
    made_s: float
    first_s: float | None
    frame_ms: float | None

    @property
    def total_s(self) -> float | None:
        """Seconds from the records to the picture."""
        return None if self.first_s is None else self.made_s + self.first_s


def plain_pyvis(shown: Neighbourhood) -> str:
    """The page that pyvis 0.3.2 makes of the same entities and claims by default, and lets any file be its library.

    The library that it ships is of the version that it asks the CDN for, but not byte for byte the same.
    """
    network = Network(directed=True)
    for entity in shown.entities:
        network.add_node(entity.iri, label=entity.label, title=entity.type)
    for claim in shown.claims:
        network.add_edge(claim.subject, claim.object, title=words(claim.predicate))
    return _INTEGRITY.sub("", network.generate_html())


PAGES: dict[str, Callable[[Neighbourhood], str]] = {"tracegraph /viz": render_page, "pyvis 0.3.2": plain_pyvis}


def made_neighbourhood(n_entities: int) -> Neighbourhood:
    """All entities of a made graph of that size, and all claims among them."""
    store = ox.Store()
    store.bulk_extend(made_quads(n_entities))
    return find_neighbourhood(store, Names(store), entity=None, hops=0, max_entities=n_entities)


def measure(browser: Browser, name: str, shown: Neighbourhood, limit_s: float) -> Row:
    """Make one page and load it in a fresh context of the browser."""
    started = time.perf_counter()
    html = PAGES[name](shown)
    made_s = time.perf_counter() - started
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.route("**/*", _answer)
    page.add_init_script(WATCH.replace("WANTED", str(int(0.95 * len(shown.entities)))))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(html, encoding="utf-8")
        page.goto(file.as_uri(), wait_until="commit")
        first_s = _wait(page, limit_s)
        frame_ms = None if first_s is None else page.evaluate(REDRAW)
        context.close()
    return Row(name, len(shown.entities), len(shown.claims), len(html.encode()) / 1e6, made_s, first_s, frame_ms)


def _wait(page: Page, limit_s: float) -> float | None:
    """When the first picture was drawn; asked from here, since a page's own policy may forbid it to wait for itself."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if (drawn_ms := page.evaluate("window.firstPicture")) is not None:
            return float(drawn_ms) / 1000
        page.wait_for_timeout(50)
    return None


def _answer(route: Route) -> None:
    """What a page asks for beside itself, from pyvis's own files; what it has not is empty."""
    if route.request.url.startswith("file:") and route.request.is_navigation_request():
        route.continue_()
        return
    name = route.request.url.rsplit("/", 1)[-1]
    found = sorted(LIBRARY.glob(f"lib/vis-9.1.2/{name}")) or sorted(LIBRARY.glob(f"lib/**/{name}"))
    headers = {"Access-Control-Allow-Origin": "*"}
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    body = found[0].read_bytes() if found else b""
    route.fulfill(status=200, content_type=f"{kind}; charset=utf-8", headers=headers, body=body)


def table(rows: Sequence[Row], limit_s: float) -> str:
    """The rows in Markdown."""
    lines = [
        "| page | entities | claims | MB | made s | first picture s | in all s | a frame ms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        late = f"over {limit_s:,.0f}"
        times = [f"{value:.2f}" if value is not None else late for value in (row.first_s, row.total_s)]
        frame = "-" if row.frame_ms is None else f"{row.frame_ms:.0f}"
        cells = [row.page, f"{row.entities:,}", f"{row.lines:,}", f"{row.megabytes:.2f}", f"{row.made_s:.2f}"]
        lines.append(f"| {' | '.join([*cells, *times, frame])} |")
    return "\n".join(lines)


def main() -> None:
    """Measure every page at every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="entities of each picture")
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES))
    parser.add_argument("--limit-s", type=float, default=LIMIT_S, help="seconds that a page may take to be drawn")
    parser.add_argument("--json", action="store_true", help="print one JSON object a row, and no table")
    options = parser.parse_args()
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for n_entities in options.sizes:
            shown = made_neighbourhood(n_entities)
            rows += [measure(browser, name, shown, options.limit_s) for name in options.pages]
        browser.close()
    print("\n".join(json.dumps(asdict(row)) for row in rows) if options.json else table(rows, options.limit_s))


if __name__ == "__main__":
    main()
