"""Corrections over real HTTP: the token, the page, and that the graph which is served changes with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kg.build import build_graph
from kg.errors import SettingsError
from kg.settings import Settings, load_settings
from kg.store import write_store
from tests.test_api import serving

pytestmark = pytest.mark.model

TOKEN = "a token, äöü"
HOSTILE = "</script><script>document.title='owned'</script>"
TEXT = "Erik Lund, president of Fjord Brewery, said Fjord Brewery had bought Ale Works."


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("corrected")
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    settings = load_settings(environment={"KG_TOKEN": TOKEN}, store=str(folder / "store"))
    build_graph([str(folder / "a.txt")], settings)
    return settings


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


AUTHORIZED = {"Authorization": f"Bearer {TOKEN}".encode()}


def post(client: httpx.Client, **wanted: object) -> httpx.Response:
    return client.post("/corrections", json={"who": "kim", **wanted}, headers=AUTHORIZED)


def labels(client: httpx.Client) -> set[str]:
    rows = client.get("/sparql", params={"query": "SELECT ?n { ?e rdfs:label ?n }"}).json()["results"]["bindings"]
    return {row["n"]["value"] for row in rows}


def test_post_changes_the_graph_and_delete_brings_it_back(client: httpx.Client) -> None:
    before = labels(client)
    made = post(client, do="rename", entity="Ale Works", name="Ale Works Ltd", why="as it signs")
    assert made.status_code == 201, made.text
    correction = made.json()["correction"]
    assert correction["words"] == "rename Ale Works to Ale Works Ltd"
    assert labels(client) == before - {"Ale Works"} | {"Ale Works Ltd"}
    assert client.get("/corrections").json()["corrections"][-1] == correction
    path = f"/corrections/{correction['id']}"
    undone = client.delete(path, params={"who": "kim", "why": "no"}, headers=AUTHORIZED)
    assert undone.json()["correction"]["undone"] == {"who": "kim", "when": correction["when"], "why": "no"}
    assert labels(client) == before


def test_preview_says_what_would_change_and_needs_the_token(client: httpx.Client) -> None:
    before = labels(client)
    wanted = {"do": "rename", "entity": "Ale Works", "name": "Ale Works Ltd", "who": "kim"}
    found = client.post("/corrections/preview", json=wanted, headers=AUTHORIZED)
    assert found.status_code == 200, found.text
    assert "Ale Works Ltd is named Ale Works Ltd" in found.json()["added"]
    assert client.post("/corrections/preview", json=wanted).status_code == 401
    assert labels(client) == before


def test_asserted_link_is_served_with_its_sentence(client: httpx.Client) -> None:
    made = post(client, do="assert", subject="Erik Lund", predicate="worksFor", object="Nordlys", object_type="Company")
    assert made.status_code == 201, made.text
    (entity,) = client.get("/search", params={"q": "Nordlys"}).json()["entities"]
    (claim,) = client.get("/claims", params={"object": entity["iri"]}).json()["claims"]
    assert claim["said_by"] == "kim"
    assert claim["quote"].startswith("Erik Lund works for Nordlys (kim, ")
    assert claim["document"] == f"corrections.yaml/{made.json()['correction']['id']}"


def test_retracted_claim_is_marked_and_drawn_so(client: httpx.Client) -> None:
    found = client.get("/search", params={"q": "Fjord Brewery"}).json()["entities"][0]["iri"]
    claims = client.get(
        "/claims", params={"subject": found, "predicate": "https://w3id.org/tracegraph/ontology#acquired"}
    )
    (claim,) = claims.json()["claims"]
    assert post(client, do="retract", claim=claim["iri"]).status_code == 201
    claims = client.get(
        "/claims", params={"subject": found, "predicate": "https://w3id.org/tracegraph/ontology#acquired"}
    )
    assert claims.json()["claims"][0]["retracted_by"] == "kim"
    ask = client.get("/sparql", params={"query": "ASK { ?a kg:acquired ?b }"}).json()
    assert ask["boolean"] is False
    assert '"status": "Retracted"' in client.get("/viz", params={"entity": found}).text


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_wrong_token_is_401_and_changes_nothing(client: httpx.Client, settings: Settings, header: str | None) -> None:
    headers = {"Authorization": header.encode()} if header else {}
    before = settings.corrections_path.read_bytes() if settings.corrections_path.exists() else b""
    body = {"do": "rename", "who": "x", "entity": "Ale Works", "name": "Y"}
    assert client.post("/corrections", json=body, headers=headers).status_code == 401
    assert client.delete("/corrections/1", params={"who": "x"}, headers=headers).status_code == 401
    after = settings.corrections_path.read_bytes() if settings.corrections_path.exists() else b""
    assert after == before


def test_server_without_a_token_only_reads(settings: Settings) -> None:
    reading = load_settings(environment={}, store=settings.store)
    with serving(reading) as url, httpx.Client(base_url=url, timeout=60) as client:
        assert client.get("/corrections").status_code == 200
        refused = client.post("/corrections", json={}, headers={"Authorization": "Bearer x"})
        assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")


@pytest.mark.parametrize(
    ("wanted", "status", "words"),
    [
        ({"do": "rename", "entity": "Nobody", "name": "X"}, 404, "no entity is named 'Nobody'"),
        ({"do": "rename", "entity": "Ale Works"}, 400, "rename needs name"),
        ({"do": "paint"}, 400, "no correction is named 'paint'"),
        ({"do": "rename", "entity": "Ale Works", "name": "X", "colour": "red"}, 400, "colour"),
        ({"do": "rename", "entity": "Ale Works", "name": ["X"]}, 400, "name"),
        ({"do": "rename", "entity": "Ale Works", "name": "X" * 2_000}, 400, "name"),
        ({"do": "rename", "entity": "Ale Works", "name": "X" * 2_000_000}, 413, "longer"),
    ],
)
def test_wrong_request_says_why(client: httpx.Client, wanted: dict[str, object], status: int, words: str) -> None:
    answer = post(client, **wanted)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_store_that_is_being_written_is_503(client: httpx.Client, settings: Settings) -> None:
    with write_store(Path(settings.store)):
        answer = post(client, do="rename", entity="Ale Works", name="X")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


def test_page_holds_hostile_text_as_text_and_runs_only_its_own_script(client: httpx.Client) -> None:
    post(client, do="rename", entity="Ale Works", name=HOSTILE, why=HOSTILE)
    page = client.get("/corrections", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'sha256-" in page.headers["content-security-policy"]
    assert page.text.count("<script") == 1
    assert HOSTILE not in page.text
    assert TOKEN not in page.text


def test_token_is_taken_from_the_environment_alone_and_never_shown(tmp_path: Path, settings: Settings) -> None:
    assert TOKEN not in repr(settings)
    file = tmp_path / "kg.toml"
    file.write_text('token = "x"\n')
    with pytest.raises(SettingsError, match="KG_TOKEN"):
        load_settings(file, environment={})


def test_delete_number_longer_than_python_reads_is_404(client: httpx.Client) -> None:
    assert client.delete(f"/corrections/{'9' * 5_000}", headers=AUTHORIZED).status_code == 404
