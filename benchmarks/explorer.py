"""How soon the explorer shows a graph, and how long an expansion takes: `python -m benchmarks.explorer`, or `--help`.

A made graph of each size is served by `kg serve`. Chromium, with WebGL in software, opens `/` in a fresh context once
the server has its overview ready, as it has seconds after every build. Expansions are asked over HTTP, as by the page.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from api.web_files import DIST
from benchmarks.hostile_target import serving
from benchmarks.made_graph import made_store

SIZES = (1_000, 5_000, 20_000, 50_000)
LIMIT_S = 60.0
REPEATS = 5
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking"]

MARKS = """() => {
  const [mark] = performance.getEntriesByName("explorer:first-picture");
  const [piece] = performance.getEntriesByType("resource").filter((one) => one.name.includes("/explore/overview"));
  return mark && piece ? [mark.startTime, mark.startTime - piece.responseEnd] : null;
}"""
"""Milliseconds from the opening of the page, and from the arrival of the overview, to the first picture being drawn."""


@dataclass(frozen=True, slots=True)
class Row:
    """One size. opened_s: from opening the address to the first picture; arrived_s: from the arrival of the overview.

    seen_s: until a screenshot of it was taken and here, which waits for the last pixel. expand_ms: median of the best
    connected entity with 200 new ones, over HTTP.
    """

    entities: int
    claims: int
    overview_kb: float
    opened_s: float
    arrived_s: float
    seen_s: float
    expand_ms: float


def measure(browser: Browser, folder: Path, n_entities: int) -> Row:
    """Make, serve and open one graph; medians of REPEATS."""
    made_store(folder / "store", n_entities)
    settings: dict[str, Any] = {"max_overview_entities": 50_000, "query_timeout_s": LIMIT_S}
    with (
        serving(folder / "store", **settings) as target,
        httpx.Client(base_url=target.address, timeout=LIMIT_S) as client,
    ):
        asked = {"limit": min(n_entities, 50_000)}
        client.get("/explore/overview", params=asked)
        answer = client.get("/explore/overview", params=asked)
        piece = answer.json()
        opened = [_open(browser, target.address) for _ in range(REPEATS)]
        hub = piece["entities"]["iri"][0]
        entity = hub if ":" in hub else piece["base"] + hub
        expand_ms = statistics.median(_expand(client, entity) for _ in range(REPEATS))
    first, arrived, seen = (statistics.median(column) for column in zip(*opened, strict=True))
    size = (
        int(answer.headers["content-length"])
        if "content-length" in answer.headers
        else len(gzip.compress(answer.content))
    )
    return Row(piece["n_entities"], piece["n_claims"], size / 1000, first, arrived, seen, expand_ms)


def _open(browser: Browser, address: str) -> tuple[float, float, float]:
    """Seconds to the first picture from the opening and from the arrival of the overview, and to its screenshot."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    opened_ms, arrived_ms = _wait(page)
    page.screenshot()
    seen_s = time.perf_counter() - started
    context.close()
    return opened_ms / 1000, arrived_ms / 1000, seen_s


def _wait(page: Page) -> tuple[float, float]:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        if found := page.evaluate(MARKS):
            return found[0], found[1]
        page.wait_for_timeout(20)
    raise TimeoutError(f"no picture within {LIMIT_S:.0f} s")


def _expand(client: httpx.Client, entity: str) -> float:
    """Milliseconds of one expansion, as the page asks for it."""
    started = time.perf_counter()
    client.post("/explore/expand", json={"entity": entity, "limit": 200, "shown": [entity], "statuses": ["Actual"]})
    return (time.perf_counter() - started) * 1000


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown, and the size of what a browser loads first."""
    lines = [
        "| entities | claims | overview kB | opened to picture s | overview to picture s | screenshot s | expand ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [f"{row.entities:,}", f"{row.claims:,}", f"{row.overview_kb:,.0f}"]
        times = [f"{row.opened_s:.2f}", f"{row.arrived_s:.2f}", f"{row.seen_s:.2f}", f"{row.expand_ms:.0f}"]
        lines.append(f"| {' | '.join([*cells, *times])} |")
    loaded = sum(len(gzip.compress((DIST / name).read_bytes(), 1)) for name in ("explorer.js", "explorer.css"))
    return "\n".join([*lines, "", f"First load: {loaded / 1000:,.0f} kB of script and style, compressed."])


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="entities of each graph")
    parser.add_argument("--json", action="store_true", help="print one JSON object a row, and no table")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        rows = []
        for n_entities in options.sizes:
            with tempfile.TemporaryDirectory() as folder:
                rows.append(measure(browser, Path(folder), n_entities))
        browser.close()
    print("\n".join(json.dumps(asdict(row)) for row in rows) if options.json else table(rows))


if __name__ == "__main__":
    main()
