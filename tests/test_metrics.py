"""What the server counts, and the text that Prometheus reads."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from api.access_log import log_to, logger
from api.metrics import BUCKETS_S
from kg.errors import SettingsError
from kg.settings import Settings
from kg.store import write_store
from tests.test_api import CROSS_PRODUCT, DEADLINE_S, serving

SAMPLE = re.compile(
    r'(?P<name>[a-z_]+)(?:\{(?P<labels>(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (?P<value>[0-9.e+-]+|\+Inf)'
)
TOKEN = "a-very-secret-token"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    quads = [ox.Quad(ox.NamedNode(f"e:{n}"), ox.NamedNode("e:p"), ox.Literal(str(n))) for n in range(200)]
    with write_store(tmp_path / "store") as writer:
        writer.publish(quads)
    return Settings(store=str(tmp_path / "store"), query_workers=1, query_timeout_s=DEADLINE_S, token=TOKEN)


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def read(client: httpx.Client) -> dict[tuple[str, str], float]:
    """Name and labels -> value; every line must be a sample or a comment of the format."""
    response = client.get("/metrics")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found: dict[tuple[str, str], float] = {}
    for line in response.text.splitlines():
        if not re.fullmatch(r"# (HELP|TYPE) [a-z_]+ .+", line):
            match = SAMPLE.fullmatch(line)
            assert match, line
            found[match["name"], match["labels"] or ""] = float(match["value"])
    return found


def test_metrics_count_answers_by_route_method_and_status(client: httpx.Client) -> None:
    client.get("/sparql", params={"query": "ASK {}"})
    client.get("/sparql", params={"query": "ASK {"})
    client.get("/page/company/nobody")
    found = read(client)
    assert found["tracegraph_requests_total", 'route="/sparql",method="GET",status="200"'] == 1
    assert found["tracegraph_requests_total", 'route="/sparql",method="GET",status="400"'] == 1
    assert found["tracegraph_requests_total", 'route="/page/{name:path}",method="GET",status="404"'] == 1


def test_metrics_do_not_grow_with_paths_and_methods_that_clients_make_up(client: httpx.Client) -> None:
    for number in range(5):
        client.get(f"/nothing/{number}")
        client.request(f"MADEUP{number}", "/")
    counted = [labels for name, labels in read(client) if name == "tracegraph_requests_total"]
    assert sum('status="404"' in labels for labels in counted) == 1
    assert sum('method="other"' in labels for labels in counted) == 1


def test_metrics_histogram_adds_up(client: httpx.Client) -> None:
    for _ in range(3):
        client.get("/ontology")
    found = read(client)
    buckets = [v for (name, labels), v in found.items() if name.endswith("_bucket") and '"/ontology"' in labels]
    assert buckets == sorted(buckets)
    assert len(buckets) == len(BUCKETS_S) + 1
    assert buckets[-1] == found["tracegraph_request_duration_seconds_count", 'route="/ontology"'] == 3
    assert found["tracegraph_request_duration_seconds_sum", 'route="/ontology"'] > 0


def test_metrics_show_the_graph_and_the_workers(client: httpx.Client, settings: Settings) -> None:
    found = read(client)
    assert found["tracegraph_triples", ""] == 200
    assert found["tracegraph_workers", ""] == found["tracegraph_workers_alive", ""] == 1
    assert 0 <= found["tracegraph_snapshot_age_seconds", ""] < 600
    with write_store(Path(settings.store)) as writer:
        writer.publish([ox.Quad(ox.NamedNode("e:a"), ox.NamedNode("e:p"), ox.Literal("v"))])
    assert read(client)["tracegraph_triples", ""] == 1


def test_metrics_count_queries_that_were_killed(client: httpx.Client) -> None:
    assert read(client)["tracegraph_queries_killed_total", ""] == 0
    killed = client.get("/sparql", params={"query": f"{CROSS_PRODUCT} ORDER BY ?c"})
    assert killed.status_code == 503
    assert read(client)["tracegraph_queries_killed_total", ""] == 1
    assert client.get("/health").json()["killed"] == 1


def test_health_tells_the_age_of_the_snapshot_and_the_workers(client: httpx.Client) -> None:
    health = client.get("/health").json()
    assert (health["status"], health["workers"], health["workers_alive"]) == ("ok", 1, 1)
    assert 0 <= health["snapshot_age_s"] < 600


def test_health_without_a_graph_is_503_and_metrics_go_on(client: httpx.Client, settings: Settings) -> None:
    (Path(settings.store) / "CURRENT").unlink()
    assert client.get("/health").status_code == 503
    assert "tracegraph_requests_total" in client.get("/metrics").text


# The access log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The file of an access log, which is closed afterwards."""
    before = list(logger.handlers)
    log_to(str(tmp_path / "access.log"))
    yield tmp_path / "access.log"
    for handler in set(logger.handlers) - set(before):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(logging.NOTSET)


def lines(log: Path, n: int) -> list[dict[str, object]]:
    """The log, which is to have `n` lines: each is written after its answer is out, and may come a little later."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (not log.exists() or log.read_bytes().count(b"\n") < n):
        time.sleep(0.01)
    found = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert len(found) == n
    return found


def test_access_log_has_one_json_line_an_answer(log: Path, client: httpx.Client) -> None:
    client.get("/sparql", params={"query": "ASK {}"})
    client.get("/nothing")
    first, second = lines(log, 2)
    assert (first["method"], first["path"], first["status"]) == ("GET", "/sparql", 200)
    assert (first["route"], first["client"], first["whole"]) == ("/sparql", "127.0.0.1", True)
    assert isinstance(first["bytes"], int)
    assert first["bytes"] > 0
    assert (second["path"], second["status"], second["route"]) == ("/nothing", 404, "none")


def test_access_log_holds_no_query_no_token_and_no_header(log: Path, client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Cookie": "session=crumb"}
    client.get("/sparql", params={"query": "ASK { ?secret ?secret ?secret }", "token": TOKEN}, headers=headers)
    client.post("/sparql", data={"query": "ASK { ?secret ?secret ?secret }"}, headers=headers)
    client.post("/corrections", content=f'{{"do": "secret {TOKEN}"}}', headers=headers)
    lines(log, 3)
    text = log.read_text(encoding="utf-8")
    for secret in ("secret", TOKEN, "crumb", "Bearer"):
        assert secret not in text


def test_access_log_path_with_line_breaks_stays_one_line(log: Path, client: httpx.Client) -> None:
    client.get("/a%0A%22forged%22%1b[31m")
    (line,) = lines(log, 1)
    assert line["path"] == '/a\n"forged"\x1b[31m'
    assert log.read_text(encoding="utf-8").count("\n") == 1


def test_access_log_tells_an_answer_that_was_broken_off(log: Path, client: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/sparql", params={"query": CROSS_PRODUCT})
    assert lines(log, 1)[0]["whole"] is False
    assert read(client)["tracegraph_answers_broken_total", 'route="/sparql"'] == 1


def test_access_log_goes_on_in_a_new_file_when_the_old_is_moved(log: Path, client: httpx.Client) -> None:
    moved = log.with_suffix(".1")
    client.get("/health")
    (before,) = lines(log, 1)
    log.rename(moved)
    client.get("/docs")
    (after,) = lines(log, 1)
    assert (before["path"], after["path"]) == ("/health", "/docs")
    assert lines(moved, 1) == [before]


def test_access_log_where_it_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="access_log"):
        log_to(str(tmp_path / "nowhere" / "access.log"))
