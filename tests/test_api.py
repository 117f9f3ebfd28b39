"""The server over real HTTP on a loopback port: the protocol, its clients, limits and errors."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox
import pytest
import uvicorn
from rdflib import Graph
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, TURTLE, SPARQLWrapper

from api.app import create_app
from api.responses import STATUS_OF, status_of
from kg import errors
from kg.settings import Settings
from kg.store import write_store

BASE = "https://w3id.org/tracegraph/id/"
KG = "https://w3id.org/tracegraph/ontology#"
TINY = Path(__file__).parent / "data" / "tiny.trig"
DEADLINE_S = 1.0
SORTED_CROSS_PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?c ?f ?i ?l"
CROSS_PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ACQUIRED = "SELECT ?a ?b { ?a kg:acquired ?b }"


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The address of a running server, which is gone afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served") / "store"
    with write_store(folder) as writer:
        writer.publish(ox.parse(path=TINY))
    with serving(Settings(store=str(folder), max_query_bytes=20_000)) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


def ask(client: httpx.Client, text: str, accept: str | None = None, **parameters: str) -> httpx.Response:
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql", params={"query": text, **parameters}, headers=headers)


# The protocol


def test_get_query_default_format_is_json(client: httpx.Client) -> None:
    response = ask(client, ACQUIRED)
    assert response.headers["content-type"] == "application/sparql-results+json"
    assert [row["b"]["value"] for row in response.json()["results"]["bindings"]] == [f"{BASE}company/beta-labs"]


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/x-www-form-urlencoded", urlencode({"query": ACQUIRED})),
        ("application/sparql-query", ACQUIRED),
        ("application/sparql-query; charset=UTF-8", ACQUIRED),
    ],
)
def test_post_query_gives_the_same_as_get(client: httpx.Client, content_type: str, content: str) -> None:
    response = client.post("/sparql", content=content, headers={"Content-Type": content_type})
    assert response.json() == ask(client, ACQUIRED).json()


@pytest.mark.parametrize(
    ("text", "accept", "content_type"),
    [
        (ACQUIRED, "application/sparql-results+xml", "application/sparql-results+xml"),
        (ACQUIRED, "text/csv", "text/csv; charset=utf-8"),
        (ACQUIRED, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("ASK {}", "application/json", "application/json"),
        (
            "DESCRIBE <https://w3id.org/tracegraph/id/company/acme-robotics>",
            "text/turtle",
            "text/turtle; charset=utf-8",
        ),
        ("CONSTRUCT WHERE { ?s kg:acquired ?o }", "application/ld+json", "application/ld+json"),
        ("CONSTRUCT WHERE { ?s kg:acquired ?o }", "application/n-triples;q=0.9, image/png", "application/n-triples"),
    ],
)
def test_get_query_accept_decides_the_format(client: httpx.Client, text: str, accept: str, content_type: str) -> None:
    response = ask(client, text, accept)
    assert (response.status_code, response.headers["content-type"]) == (200, content_type)


def test_get_query_csv_holds_the_rows(client: httpx.Client) -> None:
    assert ask(client, ACQUIRED, "text/csv").text == f"a,b\r\n{BASE}company/acme-robotics,{BASE}company/beta-labs\r\n"


def test_get_query_dataset_of_the_request_replaces_the_union(client: httpx.Client) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?c a kg:Claim }"
    graph = {"default-graph-uri": f"{BASE}graph/a.txt"}
    everywhere, in_one = (ask(client, count, "text/csv", **p).text.split()[1] for p in ({}, graph))
    assert int(everywhere) > int(in_one) > 0


def test_head_query_has_the_headers_alone(client: httpx.Client) -> None:
    response = client.head("/sparql", params={"query": ACQUIRED})
    assert (response.status_code, response.content) == (200, b"")


def test_options_query_browser_of_another_site_may_ask(client: httpx.Client) -> None:
    asked = {"Origin": "http://other.example", "Access-Control-Request-Method": "POST"}
    assert client.options("/sparql", headers=asked).headers["access-control-allow-origin"] == "*"
    assert client.get("/sparql?query=ASK{}", headers=asked).headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "media_type", ["text/turtle", "application/n-quads", "application/ld+json", "application/trig"]
)
def test_get_without_query_describes_the_service(client: httpx.Client, media_type: str) -> None:
    response = client.get("/sparql", headers={"Accept": media_type})
    found = list(ox.parse(response.content, format=ox.RdfFormat.from_media_type(media_type)))
    assert response.headers["content-type"].startswith(media_type)
    assert any(quad.predicate.value.endswith("#endpoint") and quad.object.value == str(response.url) for quad in found)


def test_get_without_query_browser_gets_a_page(client: httpx.Client) -> None:
    response = client.get("/sparql", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert "<textarea" in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


# Clients


@pytest.fixture
def wrapper(address: str) -> SPARQLWrapper:
    return SPARQLWrapper(f"{address}/sparql")


def test_sparqlwrapper_reads_rows(wrapper: SPARQLWrapper) -> None:
    wrapper.setQuery(ACQUIRED)
    wrapper.setReturnFormat(JSON)
    answer: Any = wrapper.queryAndConvert()
    assert len(answer["results"]["bindings"]) == 1


def test_sparqlwrapper_reads_csv(wrapper: SPARQLWrapper) -> None:
    wrapper.setQuery(ACQUIRED)
    wrapper.setReturnFormat(CSV)
    answer: Any = wrapper.queryAndConvert()
    assert answer.startswith(b"a,b\r\n")


def test_sparqlwrapper_reads_turtle_by_post(wrapper: SPARQLWrapper) -> None:
    wrapper.setQuery("CONSTRUCT WHERE { ?s kg:acquired ?o }")
    wrapper.setMethod("POST")
    wrapper.setReturnFormat(TURTLE)
    answer: Any = wrapper.queryAndConvert()
    assert b"kg:acquired" in answer


def test_rdflib_sparqlstore_reads_the_graph(address: str) -> None:
    graph = Graph(SPARQLStore(f"{address}/sparql", returnFormat="xml"))
    rows: list[Any] = list(graph.query(f"SELECT ?b {{ ?a <{KG}acquired> ?b }}"))
    assert [str(row[0]) for row in rows] == [f"{BASE}company/beta-labs"]
    assert len(graph) > 100


# Errors, all of one shape


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "status"),
    [
        ("GET", "/sparql?query=ASK+%7B", {}, b"", 400),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", {}, b"", 400),
        ("GET", "/sparql?query=%ff", {}, b"", 400),
        ("GET", "/sparql?query=", {}, b"", 400),
        ("GET", "/sparql?update=CLEAR+ALL", {}, b"", 400),
        ("GET", "/sparql?query=ASK%7B%7D", {"Accept": "image/png"}, b"", 406),
        ("GET", "/sparql", {"Accept": "image/png"}, b"", 406),
        ("GET", "/sparql?query=LOAD+%3Chttp://a%3E", {}, b"", 403),
        ("GET", "/sparql?query=SELECT*%7BSERVICE%3Chttp://a%3E%7B%7D%7D", {}, b"", 403),
        ("PUT", "/sparql", {}, b"", 405),
        ("POST", "/sparql", {}, b"ASK {}", 415),
        ("POST", "/sparql", {"Content-Type": "text/plain"}, b"ASK {}", 415),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"ASK { ?s ?p '\xff' }", 400),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"ASK {} # " + b"x" * 20_000, 413),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"x" * 200_000, 413),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"ASK " + b"{" * 2_500 + b"}" * 2_500, 403),
        ("POST", "/sparql", {"Content-Type": "application/sparql-update"}, b"CLEAR ALL", 403),
        ("GET", "/nowhere", {}, b"", 404),
        ("GET", "/viz?entity=Nobody", {}, b"", 404),
        ("GET", "/viz?hops=99", {}, b"", 400),
        ("GET", "/viz?max=many", {}, b"", 400),
        ("GET", "/claims", {}, b"", 400),
        ("GET", "/claims?subject=no+iri", {}, b"", 400),
        ("GET", "/export?format=pdf", {}, b"", 400),
        ("GET", "/search", {}, b"", 400),
    ],
)
def test_refused_request_gets_a_problem_document(
    client: httpx.Client, method: str, path: str, headers: dict[str, str], content: bytes, status: int
) -> None:
    response = client.request(method, path, headers=headers, content=content)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    assert response.json()["detail"]


def test_syntax_error_tells_line_and_column(client: httpx.Client) -> None:
    problem = ask(client, "SELECT *\n{ ?s ?p }").json()
    assert (problem["line"], problem["column"]) == (2, 10)


def test_status_of_every_error_is_listed() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.KgError)]
    listed = {kind for kind, _ in STATUS_OF}
    assert {kind for kind in kinds if not listed & set(kind.__mro__)} == set()
    assert status_of(errors.QueryTimeout("late")) == 503


# Load


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a short deadline."""
    folder = tmp_path_factory.mktemp("hurried") / "store"
    with write_store(folder) as writer:
        writer.publish(ox.parse(path=TINY))
    with serving(Settings(store=str(folder), query_timeout_s=DEADLINE_S)) as url:
        yield url


def test_queries_64_at_once_are_all_right(client: httpx.Client) -> None:
    def echo(number: int) -> str:
        return ask(client, f"SELECT ({number} AS ?n) {{}}", "text/csv").text

    with ThreadPoolExecutor(64) as threads:
        assert list(threads.map(echo, range(64))) == [f"n\r\n{number}\r\n" for number in range(64)]
    assert client.get("/health").json()["busy"] == 0


def test_query_past_the_deadline_is_a_503_in_time(hurried: str) -> None:
    with httpx.Client(base_url=hurried, timeout=30) as client:
        start = time.monotonic()
        response = ask(client, SORTED_CROSS_PRODUCT)
        assert DEADLINE_S <= time.monotonic() - start < DEADLINE_S + 1
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")
        assert ask(client, ACQUIRED).status_code == 200


def test_query_past_the_deadline_midway_breaks_the_connection(hurried: str) -> None:
    with httpx.Client(base_url=hurried, timeout=30) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            ask(client, CROSS_PRODUCT)
        assert client.get("/health").json()["status"] == "ok"


def test_answer_over_the_limit_is_refused(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.publish(ox.parse(path=TINY))
    settings = Settings(store=str(tmp_path), query_workers=1, max_result_bytes=1_000)
    with serving(settings) as url:
        assert httpx.get(f"{url}/sparql", params={"query": "SELECT * { ?s ?p ?o }"}).status_code == 413


# The other routes


def test_search_finds_labels_and_aliases_in_any_case(client: httpx.Client) -> None:
    found = client.get("/search", params={"q": "GAMMA"}).json()["entities"]
    assert [entity["label"] for entity in found] == ["Gamma Holdings"]


def test_search_tells_how_a_name_fits_and_finds_quotes(client: httpx.Client) -> None:
    found = client.get("/search", params={"q": "acme", "quotes": 1}).json()
    (entity,), (quote,) = found["entities"], found["quotes"]
    expected = ("Acme Robotics", "Acme", "alias", "Company", "exact")
    assert tuple(entity[field] for field in ("label", "match", "kind", "type", "closeness")) == expected
    assert "Acme" in quote["match"]
    assert quote["document"].startswith(f"{BASE}document/")


def test_search_misspelt_name_is_found(client: httpx.Client) -> None:
    (entity,) = client.get("/search", params={"q": "Roadruner", "quotes": 0}).json()["entities"]
    assert (entity["iri"], entity["closeness"]) == (f"{BASE}product/roadrunner", "misspelt")


def test_search_without_limits_is_refused(client: httpx.Client) -> None:
    assert client.get("/search", params={"q": "a", "limit": 1_000_000}).status_code == 400


def test_query_text_match_finds_entities_and_evidence(client: httpx.Client) -> None:
    text = 'SELECT ?e { ?e a kg:Company ; kg:textMatch "acme" }'
    assert ask(client, text, "text/csv").text.split() == ["e", f"{BASE}company/acme-robotics"]
    quotes = ask(client, 'SELECT ?q { ?e kg:textMatch "acme" ; kg:quote ?q }', "text/csv").text.splitlines()[1:]
    assert quotes
    assert all("Acme" in quote for quote in quotes)


def test_query_text_match_in_a_path_is_refused_with_its_place(client: httpx.Client) -> None:
    response = ask(client, 'ASK {\n ?e kg:textMatch|rdfs:label "acme" }')
    assert response.status_code == 400
    assert "line 2, column 5" in response.json()["detail"]


def test_search_text_is_no_pattern(client: httpx.Client) -> None:
    assert client.get("/search", params={"q": ".*"}).json() == {"entities": [], "quotes": []}


def test_claims_between_two_show_who_says_what(client: httpx.Client) -> None:
    ends = {"subject": f"{BASE}company/acme-robotics", "object": f"{BASE}company/beta-labs"}
    claims = client.get("/claims", params=ends).json()["claims"]
    assert {(claim["status"], claim["said_by"]) for claim in claims} >= {
        ("Denied", "its chairman Richard Miles"),
        ("Actual", None),
    }


def test_viz_page_is_of_the_entity_asked_for(client: httpx.Client) -> None:
    response = client.get("/viz", params={"entity": "acme", "hops": 1})
    assert "<title>Acme Robotics · Tracegraph</title>" in response.text
    assert 'http-equiv="Content-Security-Policy"' in response.text


def test_viz_unknown_name_browser_gets_links(client: httpx.Client) -> None:
    response = client.get("/viz", params={"entity": "<b>Robotics"}, headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert "<b>Robotics" not in response.text


@pytest.mark.parametrize("suffix", ["ttl", "trig", "nt", "nq", "jsonld", "rdf"])
def test_export_parses_back(client: httpx.Client, suffix: str) -> None:
    response = client.get("/export", params={"format": suffix})
    quads = list(ox.parse(response.content, format=ox.RdfFormat.from_extension(suffix)))
    assert {quad.triple for quad in quads} == {quad.triple for quad in ox.parse(path=TINY)}


def test_ontology_is_served_as_asked(client: httpx.Client) -> None:
    response = client.get("/ontology", headers={"Accept": "application/n-triples"})
    assert f"<{KG}Company>" in response.text


def test_health_names_the_snapshot(client: httpx.Client) -> None:
    health = client.get("/health").json()
    assert (health["status"], health["workers"]) == ("ok", 2)
    assert health["snapshot"]


@pytest.mark.parametrize("path", ["/", "/viz", "/docs", "/sparql"])
def test_page_names_no_outside_address_to_load(client: httpx.Client, path: str) -> None:
    html = client.get(path, headers={"Accept": "text/html"}).text
    assert 'src="http' not in html
    assert "@import" not in html
    assert '<link href="http' not in html


def test_openapi_lists_the_routes(client: httpx.Client) -> None:
    assert {"/sparql", "/viz", "/search", "/claims", "/export", "/ontology", "/health"} <= set(
        json.loads(client.get("/openapi.json").text)["paths"]
    )


def test_answer_is_compressed_for_a_client_that_takes_it_and_the_same(client: httpx.Client) -> None:
    rows = {"query": "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"}
    packed, plain, refused = (
        client.get("/sparql", params=rows, headers={"Accept-Encoding": coding})
        for coding in ("gzip", "identity", "gzip;q=0")
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert packed.content == plain.content == refused.content
    assert "content-encoding" not in client.get("/sparql", params={"query": "ASK {}"}).headers
