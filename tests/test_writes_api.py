"""Writes over real HTTP: clients, the token, deadlines, several at once, and a server that is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from rdflib import Dataset, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore
from SPARQLWrapper import JSON, POST, SPARQLWrapper

from api.protocol import UPDATE
from kg.overlay import WRITTEN_FILE, read_quads
from kg.settings import Settings
from kg.store import write_store
from tests.test_api import TINY, serving

TOKEN = "a token"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
STORE = "/rdf-graph-store"
RELATED = "INSERT { GRAPH <e:mine> { ?a <e:near> ?b } } WHERE { ?a ?p ?b }"
CROSS_PRODUCT = "INSERT { ?a <e:x> ?l } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("written") / "store"
    with write_store(folder) as writer:
        writer.publish(ox.parse(path=TINY))
    return Settings(store=str(folder), token=TOKEN, max_write_bytes=100_000)


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    with serving(settings) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60, headers=HEADERS) as client:
        yield client


def update(client: httpx.Client, text: str) -> httpx.Response:
    return client.post("/sparql", content=text.encode(), headers={"Content-Type": UPDATE})


def ask(client: httpx.Client, pattern: str) -> bool:
    return bool(client.get("/sparql", params={"query": f"ASK {{ {pattern} }}"}).json()["boolean"])


def test_update_is_answered_when_queries_see_it(client: httpx.Client) -> None:
    assert update(client, "INSERT DATA { <e:1> <e:p> 'é' }").status_code == 204
    assert ask(client, "<e:1> <e:p> 'é'")
    assert client.post("/sparql", data={"update": "DELETE WHERE { <e:1> ?p ?o }"}).status_code == 204
    assert not ask(client, "<e:1> ?p ?o")


def test_update_sees_the_graph_that_was_built(client: httpx.Client) -> None:
    assert update(client, RELATED).status_code == 204
    assert ask(client, "?a kg:acquired ?b GRAPH <e:mine> { ?a <e:near> ?b }")
    assert client.delete(f"{STORE}?graph=e:mine").status_code == 204


def test_triple_in_several_graphs_counts_once(client: httpx.Client) -> None:
    assert update(client, "INSERT DATA { GRAPH <e:one> { <e:x> <e:y> 1 } } ; ADD <e:one> TO <e:two>").status_code == 204
    for pattern, n_rows in (("<e:x> <e:y> ?o", 1), ("GRAPH ?g { <e:x> <e:y> ?o }", 2)):
        answer = client.get("/sparql", params={"query": f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"}).json()
        assert answer["results"]["bindings"][0]["n"]["value"] == str(n_rows)
    dataset = {"query": "SELECT ?o { ?x <e:y> ?o }", "default-graph-uri": "e:two"}
    assert len(client.get("/sparql", params=dataset).json()["results"]["bindings"]) == 1
    assert update(client, "DROP GRAPH <e:one> ; DROP GRAPH <e:two>").status_code == 204


def test_update_of_the_built_graph_is_403_with_a_problem_document(client: httpx.Client) -> None:
    refused = update(client, "INSERT DATA { <e:2> <e:p> 1 } ; CLEAR DEFAULT")
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert "kg correct retract" in refused.json()["detail"]
    assert not ask(client, "<e:2> ?p ?o")


def test_update_that_is_no_sparql_tells_line_and_column(client: httpx.Client) -> None:
    problem = update(client, "CLEAR ALL ;\nCLEAR XYZ").json()
    assert (problem["status"], problem["line"], problem["column"]) == (400, 2, 10)


def test_graph_store_answers_in_the_format_asked_for(client: httpx.Client) -> None:
    put = client.put(f"{STORE}?graph=e:g", content=b"<e:s> <e:p> 1 .", headers={"Content-Type": "text/turtle"})
    assert put.status_code == 201
    for media_type in ("application/n-triples", "application/ld+json", "application/rdf+xml"):
        response = client.get(f"{STORE}?graph=e:g", headers={"Accept": media_type})
        assert response.headers["content-type"].startswith(media_type)
        parsed = ox.parse(response.content, ox.RdfFormat.from_media_type(media_type))
        assert [str(quad.subject) for quad in parsed] == ["<e:s>"]
    assert client.get(f"{STORE}?graph=e:g", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("method", "path", "content_type", "content", "status"),
    [
        ("PUT", STORE, "text/turtle", b"", 400),
        ("PUT", f"{STORE}?graph=e:g&default", "text/turtle", b"", 400),
        ("PUT", f"{STORE}?graph=e:g&graph=e:h", "text/turtle", b"", 400),
        ("PUT", f"{STORE}?graph=no+iri", "text/turtle", b"", 400),
        ("PUT", f"{STORE}?graph=%ff", "text/turtle", b"", 400),
        ("POST", f"{STORE}?nothing=1", "text/turtle", b"", 400),
        ("PUT", f"{STORE}?graph=e:g", "text/html", b"", 415),
        ("PUT", f"{STORE}?graph=e:g", "text/turtle; charset=utf-16", b"", 415),
        ("PUT", f"{STORE}?graph=e:g", "text/turtle", b"<e:a> <e:b> .", 400),
        ("PUT", f"{STORE}?graph=e:g", "text/turtle", b"#" * 100_001, 413),
        ("POST", f"{STORE}?graph=e:g", "multipart/form-data", b"x", 400),
        ("POST", f"{STORE}?graph=e:g", "multipart/form-data; boundary=b", b"--b\r\n\r\n<e:a> <e:b> 1 .\r\n--b--", 415),
        ("PUT", f"{STORE}?default", "text/turtle", b"<e:a> <e:b> 1 .", 403),
        ("DELETE", f"{STORE}?default", "", b"", 403),
        ("GET", STORE, "", b"", 400),
        ("GET", f"{STORE}?graph=e:none", "", b"", 404),
        ("PATCH", f"{STORE}?graph=e:g", "", b"", 405),
        ("POST", "/sparql", UPDATE, b"INSERT DATA {} #" + b"x" * 100_000, 413),
    ],
)
def test_refused_write_gets_a_problem_document(
    client: httpx.Client, method: str, path: str, content_type: str, content: bytes, status: int
) -> None:
    response = client.request(method, path, content=content, headers={"Content-Type": content_type})
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


# The token

WRITES = [
    ("POST", "/sparql", UPDATE, b"CLEAR ALL"),
    ("POST", "/sparql", "application/x-www-form-urlencoded", b"update=CLEAR+ALL"),
    ("PUT", f"{STORE}?graph=e:g", "text/turtle", b""),
    ("POST", f"{STORE}?graph=e:g", "text/turtle", b""),
    ("POST", STORE, "text/turtle", b""),
    ("PUT", f"{STORE}/a/b", "text/turtle", b""),
    ("DELETE", f"{STORE}?graph=e:g", "", b""),
]


@pytest.mark.parametrize(("method", "path", "content_type", "content"), WRITES)
@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
def test_write_with_another_token_is_401(
    address: str, authorization: str, method: str, path: str, content_type: str, content: bytes
) -> None:
    headers = {"Content-Type": content_type, **({"Authorization": authorization} if authorization else {})}
    assert httpx.request(method, f"{address}{path}", content=content, headers=headers).status_code == 401


def test_server_without_a_token_takes_no_write(settings: Settings) -> None:
    with serving(replace(settings, token="")) as url, httpx.Client(base_url=url, headers=HEADERS) as client:
        for method, path, content_type, content in WRITES:
            response = client.request(method, path, content=content, headers={"Content-Type": content_type})
            assert response.status_code == 403
        assert "SPARQL11Update" not in client.get("/sparql", headers={"Accept": "text/turtle"}).text
        assert client.get(f"{STORE}?default").status_code == 200


# Clients


def test_sparqlwrapper_updates(address: str, client: httpx.Client) -> None:
    endpoint = SPARQLWrapper(f"{address}/sparql")
    endpoint.addCustomHttpHeader("Authorization", HEADERS["Authorization"])
    endpoint.setMethod(POST)
    endpoint.setReturnFormat(JSON)
    endpoint.setQuery("INSERT DATA { GRAPH <e:wrapper> { <e:w> <e:p> 1 } }")
    assert endpoint.query().response.status == 204
    assert ask(client, "GRAPH <e:wrapper> { <e:w> <e:p> 1 }")


def test_rdflib_update_store_writes_and_reads(address: str) -> None:
    store = SPARQLUpdateStore(f"{address}/sparql", f"{address}/sparql", headers=HEADERS, autocommit=False)
    graph = Graph(store, identifier="e:rdflib")
    triple = (URIRef("e:s"), URIRef("e:p"), Literal("ünï", lang="de"))
    graph.add(triple)
    graph.add((URIRef("e:s"), URIRef("e:p"), Literal(2)))
    store.commit()
    assert triple in graph
    graph.remove((None, None, Literal(2)))
    store.commit()
    assert list(graph) == [triple]
    Dataset(store).remove_graph(graph)
    store.commit()
    assert list(graph) == []


def test_curl_puts_a_file(address: str, client: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<> <e:p> 'curl' .", encoding="utf-8")
    command = ["curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}"]
    command += ["-H", f"Authorization: Bearer {TOKEN}", "-H", "Content-Type: text/turtle"]
    command += ["-T", str(tmp_path / "a.ttl"), f"{address}{STORE}?graph=e:curl"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "201"
    assert ask(client, "GRAPH <e:curl> { <e:curl> <e:p> 'curl' }")


# Limits, several at once, and death


def test_several_updates_at_once_are_all_kept(client: httpx.Client) -> None:
    texts = [f"INSERT DATA {{ GRAPH <e:many> {{ <e:{number}> <e:p> {number} }} }}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        assert {response.status_code for response in pool.map(lambda text: update(client, text), texts)} == {204}
    rows = client.get("/sparql", params={"query": "SELECT ?s { GRAPH <e:many> { ?s ?p ?o } }"}).json()
    assert len(rows["results"]["bindings"]) == 12


def test_update_while_a_build_runs_is_503_and_told_to_come_again(client: httpx.Client, settings: Settings) -> None:
    with write_store(Path(settings.store)):
        refused = update(client, "INSERT DATA { <e:3> <e:p> 1 }")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert update(client, "INSERT DATA { <e:3> <e:p> 1 }").status_code == 204


def test_update_past_its_deadline_is_503_and_changes_nothing(settings: Settings) -> None:
    before = (Path(settings.store) / "CURRENT").read_bytes()
    short = replace(settings, query_timeout_s=3.0)
    with serving(short) as url, httpx.Client(base_url=url, headers=HEADERS, timeout=60) as client:
        started = time.monotonic()
        refused = update(client, CROSS_PRODUCT)
        assert refused.status_code == 503
        assert "deadline" in refused.json()["detail"]
        assert time.monotonic() - started < 20
        assert (Path(settings.store) / "CURRENT").read_bytes() == before
        assert client.get("/health").status_code == 200


@contextmanager
def running(settings: Settings) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server as users start it, in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kg.cli", "serve", "--store", settings.store, "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "KG_TOKEN": TOKEN})
    url = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                httpx.get(f"{url}/health")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url, process
    finally:
        process.kill()
        process.wait()


def test_killed_right_after_the_answer_nothing_is_lost(settings: Settings) -> None:
    for number in range(3):
        with running(settings) as (url, process), httpx.Client(base_url=url, headers=HEADERS, timeout=60) as client:
            assert all(ask(client, f"<e:killed> <e:p> {before}") for before in range(number))
            assert update(client, f"INSERT DATA {{ <e:killed> <e:p> {number} }}").status_code == 204
            process.send_signal(signal.SIGKILL)
    kept = read_quads(Path(settings.store) / WRITTEN_FILE)
    assert sum(quad.subject == ox.NamedNode("e:killed") for quad in kept) == 3


def test_server_with_a_token_begins_with_an_empty_graph_where_there_is_none(tmp_path: Path) -> None:
    empty = Settings(store=str(tmp_path / "new"))
    with running(empty) as (url, _), httpx.Client(base_url=url, headers=HEADERS, timeout=60) as client:
        assert update(client, "CLEAR ALL ; INSERT DATA { <e:a> <e:b> 1 }").status_code == 204
        assert ask(client, "<e:a> <e:b> 1")
