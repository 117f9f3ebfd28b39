"""What the explorer asks of the server, over real HTTP: shapes, limits, errors, compression, and that nothing waits."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from api import overview_maker
from api.answering import Snapshot
from api.explore import MAX_BODY_BYTES
from api.explore_jobs import EXPLORE_JOBS
from api.explore_records import EntityDetails, Expansion, Paths, Piece
from api.responses import Claims
from kg.errors import SettingsError
from kg.overview import OVERVIEW_VERSION
from kg.settings import Settings, load_settings
from kg.store import write_store
from tests.made_claims import graph_of
from tests.test_api import serving

TINY = Path(__file__).parent / "data" / "tiny.trig"
BASE = "https://w3id.org/tracegraph/id/"
ACME, BETA, MILES = (f"{BASE}{name}" for name in ("company/acme-robotics", "company/beta-labs", "person/richard-miles"))
HOSTILE = (
    "</script><script>alert(1)</script>",
    '"; DROP TABLE claim; --',
    "%00",
    "\u202e",
    "http://[",
    "\U0001f600",
    "\0",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explored") / "store"
    with write_store(folder) as writer:
        writer.publish(ox.parse(path=TINY))
    return folder


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[httpx.Client]:
    settings = Settings(store=str(store), max_overview_entities=12, max_expand=3)
    with serving(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def post(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    response = client.post(f"/explore/{path}", json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def refused(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["detail"]


def test_overview_is_as_documented_and_every_column_is_whole(client: httpx.Client) -> None:
    piece = Piece.model_validate_json(client.get("/explore/overview").content)
    n, m = len(piece.entities.iri), len(piece.claims.id)
    assert {len(column) for column in piece.entities.model_dump().values()} == {n}
    assert {len(column) for column in piece.claims.model_dump().values()} == {m}
    assert piece.communities is not None
    assert sum(community.size for community in piece.communities) == n == piece.n_entities == 12
    assert max([*piece.claims.subject, *piece.claims.object]) < n


def test_overview_limit_takes_the_best_connected(client: httpx.Client) -> None:
    whole, part = (client.get("/explore/overview", params=p).json() for p in ({}, {"limit": 3}))
    assert part["entities"]["iri"] == whole["entities"]["iri"][:3]
    assert client.get("/explore/overview", params={"limit": 10**9}).json() == whole


@pytest.mark.parametrize("limit", ["0", "-1", "many", ""])
def test_overview_limit_that_is_none_is_refused(client: httpx.Client, limit: str) -> None:
    assert refused(client.get(f"/explore/overview?limit={limit}"))[0] == 400


def test_overview_is_made_ahead_and_outlasts_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview_maker, "SETTLED_AFTER_S", 0.05)
    with write_store(tmp_path) as writer:
        path = tmp_path / "listings" / f"{writer.publish(graph_of('a uses b')).name}.overview-2-v{OVERVIEW_VERSION}"
    with serving(Settings(store=str(tmp_path))):
        deadline = time.monotonic() + 20
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    made = path.stat().st_mtime_ns
    with serving(Settings(store=str(tmp_path))) as url:
        assert httpx.get(f"{url}/explore/overview").json() == json.loads(gzip.decompress(path.read_bytes()))
    assert path.stat().st_mtime_ns == made


def test_overview_of_another_size_does_not_stand_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview_maker, "SETTLED_AFTER_S", 0.05)
    with write_store(tmp_path) as writer:
        name = writer.publish(graph_of("a uses b")).name
    (tmp_path / "listings" / f"{name}.overview-1000-v{OVERVIEW_VERSION}").write_bytes(b"")
    path = tmp_path / "listings" / f"{name}.overview-2-v{OVERVIEW_VERSION}"
    with serving(Settings(store=str(tmp_path))):
        deadline = time.monotonic() + 20
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert path.exists()


def test_overview_is_waited_for_by_all_who_ask(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.publish(graph_of("a uses b"))
    with serving(Settings(store=str(tmp_path), query_workers=1)) as url, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: httpx.get(f"{url}/explore/overview", timeout=30), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_overview_follows_the_graph(tmp_path: Path) -> None:
    def publish(said: str) -> None:
        with write_store(tmp_path) as writer:
            writer.publish(graph_of(said))

    publish("a uses b")
    with serving(Settings(store=str(tmp_path))) as url:
        before = httpx.get(f"{url}/explore/overview").json()
        publish("b uses c")
        after = httpx.get(f"{url}/explore/overview").json()
    assert (before["entities"]["label"], after["entities"]["label"]) == (["A", "B"], ["B", "C"])
    assert before["snapshot"] != after["snapshot"]


def test_piece_gives_the_claims_among_known_entities(client: httpx.Client) -> None:
    piece = Piece.model_validate(post(client, "piece", entities=[ACME, f"{BASE}company/nobody", BETA]))
    assert piece.entities.label == ["Acme Robotics", "Beta Labs"]
    assert {piece.statuses[at] for at in piece.claims.status} >= {"Actual", "Denied"}


def test_expand_gives_new_entities_up_to_the_setting(client: httpx.Client) -> None:
    found = Expansion.model_validate(post(client, "expand", entity=ACME, limit=50, shown=[BETA]))
    assert found.piece.entities.label[0] == "Acme Robotics"
    assert len(set(found.piece.entities.iri) - {"company/acme-robotics", "company/beta-labs"}) == 3
    assert sum(one.n_hidden for one in found.remaining) > 0


def test_expand_by_predicate_and_direction(client: httpx.Client) -> None:
    found = post(client, "expand", entity=ACME, limit=9, predicate="worksFor", direction="in")
    assert found["piece"]["entities"]["iri"] == ["company/acme-robotics", "person/jane-doe"]


def test_paths_are_facts_alone_unless_asked(client: httpx.Client) -> None:
    question = {"from": MILES, "to": ACME, "k": 3, "max_length": 3}
    found = Paths.model_validate(post(client, "paths", **question))
    assert found.paths[0] == [MILES, BETA, ACME]
    assert post(client, "paths", **question, statuses=["Rumoured"])["paths"] == []


def test_entity_is_as_documented(client: httpx.Client) -> None:
    details = EntityDetails.model_validate_json(client.get("/explore/entity", params={"iri": ACME}).content)
    assert (details.label, details.type, details.aliases) == ("Acme Robotics", "Company", ["Acme"])
    assert {(one.predicate, one.direction) for one in details.relations} >= {("acquired", "out"), ("worksFor", "in")}
    assert sum(one.n for one in details.relations) >= 8
    assert details.figures[0].quote
    assert {source.document.id for source in details.sources} <= {"a.txt", "2024/b.txt", "c.txt"}


def test_claims_are_as_documented(client: httpx.Client) -> None:
    found = Claims.model_validate_json(client.get("/claims", params={"subject": ACME}).content)
    assert all(claim.document_iri and claim.sources >= 1 for claim in found.claims)


@pytest.mark.parametrize("path", ["expand", "paths", "entity"])
def test_unknown_entity_is_not_found(client: httpx.Client, path: str) -> None:
    nobody = f"{BASE}company/nobody"
    body = {"expand": {"entity": nobody}, "paths": {"from": nobody, "to": ACME}}
    response = (
        client.post(f"/explore/{path}", json=body[path])
        if path in body
        else client.get(f"/explore/{path}", params={"iri": nobody})
    )
    assert refused(response) == (404, f"the graph holds no entity {nobody}: search for it by name")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_iris_are_data(client: httpx.Client, text: str) -> None:
    assert client.get("/explore/entity", params={"iri": text}).status_code == 404
    assert post(client, "piece", entities=[text])["entities"]["iri"] == []
    assert post(client, "expand", entity=ACME, predicate=text)["piece"]["entities"]["iri"] == ["company/acme-robotics"]
    assert post(client, "paths", **{"from": ACME, "to": BETA, "predicates": [text]})["paths"] == []


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("piece", {}, "entities"),
        ("piece", {"entities": [], "more": 1}, "more"),
        ("piece", {"entities": ["x" * 5_000]}, "4000"),
        ("expand", {"entity": ACME, "limit": -1}, "limit"),
        ("expand", {"entity": ACME, "direction": "up"}, "direction"),
        ("paths", {"from": ACME, "to": BETA, "k": 51}, "k"),
        ("paths", {"from": ACME, "to": BETA, "max_length": 9}, "max_length"),
        ("paths", {"from": ACME, "to": BETA, "statuses": ["True"]}, "statuses"),
        ("paths", {"from": ACME, "to": BETA, "statuses": []}, "statuses"),
        ("paths", {"from": ACME, "to": ACME}, "give two"),
    ],
)
def test_body_that_asks_for_nothing_there_is_is_refused(
    client: httpx.Client, path: str, body: dict[str, Any], words: str
) -> None:
    status, detail = refused(client.post(f"/explore/{path}", json=body))
    assert status == 400
    assert words in detail


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[" * 100_000, b'{"entities": ["\xff"]}', b"{", b'{"entities": ["\\ud800"]}']
)
def test_body_that_is_no_json_is_refused(client: httpx.Client, body: bytes) -> None:
    assert refused(client.post("/explore/piece", content=body))[0] == 400


def test_body_of_too_many_entities_is_refused(client: httpx.Client) -> None:
    assert refused(client.post("/explore/piece", json={"entities": ["e:a"] * 50_001})) == (
        413, "the request names 50,001 entities: name at most 50,000",
    )  # fmt: skip


def test_body_of_any_length_is_not_read_to_its_end(client: httpx.Client) -> None:
    assert refused(client.post("/explore/piece", content=b" " * (MAX_BODY_BYTES + 1)))[0] == 413


@pytest.mark.parametrize(
    ("accept", "encoding"), [("gzip", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("gzip;q=0", None), ("identity", None)]
)
def test_answers_are_compressed_for_who_takes_it(client: httpx.Client, accept: str, encoding: str | None) -> None:
    for response in (
        client.get("/explore/overview", headers={"Accept-Encoding": accept}),
        client.post("/explore/piece", json={"entities": [ACME]}, headers={"Accept-Encoding": accept}),
    ):
        assert response.headers.get("content-encoding") == encoding
        assert "Accept-Encoding" in response.headers["vary"]
        assert response.json()["base"] == BASE


def test_explorer_never_reads_all_names(store: Path) -> None:
    """Of 1,000,000 names that would take seconds and a gigabyte in each worker."""

    class Kept:
        media_type = ""
        content = b""

        def write(self, chunk: bytes) -> None:
            self.content += chunk

    snapshot = Snapshot(Settings(store=str(store)))
    arguments: dict[str, Any] = {
        "overview": {"limit": 5},
        "prepare_overview": {},
        "piece": {"entities": [ACME]},
        "expand": {"wanted": {"entity": ACME, "limit": 5}},
        "paths": {"question": {"start": ACME, "end": BETA, "k": 1, "max_length": 2}},
        "entity": {"iri": ACME},
    }
    for kind, job in EXPLORE_JOBS.items():
        output = Kept()
        job(snapshot, {**arguments[kind], "gzip": False}, output)  # type: ignore[arg-type]
        assert json.loads(output.content)
    assert "names" not in vars(snapshot)


def test_settings_overview_of_more_than_a_browser_draws_is_refused() -> None:
    with pytest.raises(SettingsError, match="max_overview_entities"):
        load_settings(environment={}, max_overview_entities=50_001)


def test_requests_are_counted_by_the_limit(store: Path) -> None:
    with (
        serving(Settings(store=str(store), loopback_requests_per_minute=2)) as url,
        httpx.Client(base_url=url) as client,
    ):
        codes = [client.get("/explore/entity", params={"iri": ACME}).status_code for _ in range(4)]
    assert codes[0] == 200
    assert codes[-1] == 429


@pytest.mark.parametrize("value", [b"1", b"[]", b'"a":1'])
def test_body_of_wrong_values_is_refused_at_once(client: httpx.Client, value: bytes) -> None:
    """A message for each of them kept the server from all else for seconds."""
    values = b",".join([value] * 240_000)
    body = b"{%b}" % values if b":" in value else b'{"entities":[%b]}' % values
    started = time.monotonic()
    status, detail = refused(client.post("/explore/piece", content=body))
    assert (status, len(detail) < 200, time.monotonic() - started < 2) == (400, True, True)


def test_body_of_too_many_values_is_413(client: httpx.Client) -> None:
    body = b'{"entities":[%b]}' % b",".join([b"1"] * 300_000)
    assert refused(client.post("/explore/piece", content=body))[0] == 413
