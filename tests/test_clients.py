"""Clients that people have, each as they use it, against `kg serve` as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd
import pyoxigraph as ox
import pytest
import sparql_dataframe
from rdflib import Dataset, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from kg.store import write_store
from tests.test_api import ACQUIRED, BASE, KG, TINY
from tests.test_operation import running

TOKEN = "a token, äöü"
BEARER = f"Bearer {TOKEN}"
ACME, BETA = f"{BASE}company/acme-robotics", f"{BASE}company/beta-labs"
CONSTRUCT = f"CONSTRUCT WHERE {{ ?a <{KG}acquired> ?b }}"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
ACQUISITION = {(URIRef(ACME), URIRef(f"{KG}acquired"), URIRef(BETA))}
COMUNICA = Path(__file__).parent / "tools" / "comunica"
MINUTES_S = 300


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("clients") / "store"
    with write_store(folder) as writer:
        writer.publish(ox.parse(path=TINY))
    with running(folder, token=TOKEN) as server:
        yield server.address


@pytest.fixture
def endpoint(address: str) -> str:
    return f"{address}/sparql"


# SPARQLWrapper


def wrapped(endpoint: str, query: str, form: str | None = None, method: str = GET) -> Any:
    wrapper = SPARQLWrapper(endpoint)
    wrapper.setQuery(query)
    wrapper.setMethod(method)
    if form:
        wrapper.setReturnFormat(form)
    return wrapper.queryAndConvert()


@pytest.mark.parametrize("method", [GET, POST])
def test_sparqlwrapper_selects_in_every_format(endpoint: str, method: str) -> None:
    rows = wrapped(endpoint, ACQUIRED, JSON, method)["results"]["bindings"]
    assert [(row["a"]["value"], row["b"]["value"]) for row in rows] == [(ACME, BETA)]
    document = wrapped(endpoint, ACQUIRED, XML, method)
    assert [uri.firstChild.data for uri in document.getElementsByTagName("uri")] == [ACME, BETA]
    assert wrapped(endpoint, ACQUIRED, CSV, method) == f"a,b\r\n{ACME},{BETA}\r\n".encode()
    assert wrapped(endpoint, ACQUIRED, TSV, method) == f"?a\t?b\n<{ACME}>\t<{BETA}>\n".encode()


client_warns = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.mark.parametrize("form", [TURTLE, N3])
def test_sparqlwrapper_constructs_text(endpoint: str, form: str) -> None:
    assert set(Graph().parse(wrapped(endpoint, CONSTRUCT, form), format="turtle")) == ACQUISITION


@client_warns
@pytest.mark.parametrize("form", [RDFXML, JSONLD, None])
def test_sparqlwrapper_constructs_a_graph(endpoint: str, form: str | None) -> None:
    assert set(wrapped(endpoint, CONSTRUCT, form)) == ACQUISITION


def test_sparqlwrapper_asks(endpoint: str) -> None:
    assert wrapped(endpoint, f"ASK {{ <{ACME}> ?p ?o }}", JSON)["boolean"] is True
    (answer,) = wrapped(endpoint, "ASK { <e:none> ?p ?o }", XML).getElementsByTagName("boolean")
    assert answer.firstChild.data == "false"


def test_sparqlwrapper_updates_with_the_token(endpoint: str) -> None:
    for text, is_there in (("INSERT DATA { <e:w> <e:p> 'é' }", True), ("DELETE WHERE { <e:w> ?p ?o }", False)):
        wrapper = SPARQLWrapper(endpoint)
        wrapper.addCustomHttpHeader("Authorization", BEARER.encode().decode("latin-1"))
        wrapper.setMethod(POST)
        wrapper.setQuery(text)
        assert wrapper.query().response.status == 204
        assert wrapped(endpoint, "ASK { <e:w> <e:p> 'é' }", JSON)["boolean"] is is_there


# rdflib


@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_rdflib_store_queries_and_reads_triples(endpoint: str, form: str) -> None:
    graph = Graph(SPARQLStore(endpoint, returnFormat=form))
    rows: list[Any] = list(graph.query(f"SELECT ?b {{ ?a <{KG}acquired> ?b }}"))
    assert [str(row[0]) for row in rows] == [BETA]


def test_rdflib_store_counts_asks_and_follows_patterns(endpoint: str) -> None:
    graph = Graph(SPARQLStore(endpoint))
    assert len(graph) > 100
    assert (URIRef(ACME), None, None) in graph
    assert set(graph.triples((None, URIRef(f"{KG}acquired"), None))) == ACQUISITION
    assert graph.value(URIRef(BETA), URIRef(LABEL)) == Literal("Beta Labs")
    assert bool(graph.query(f"ASK {{ <{ACME}> ?p ?o }}"))
    assert set(graph.query(CONSTRUCT)) == ACQUISITION


@pytest.fixture
def writer(endpoint: str) -> SPARQLUpdateStore:
    headers = {"Authorization": BEARER.encode().decode("latin-1")}
    return SPARQLUpdateStore(endpoint, endpoint, headers=headers)


def test_rdflib_update_store_adds_and_removes_in_a_named_graph(writer: SPARQLUpdateStore, endpoint: str) -> None:
    graph = Graph(writer, identifier=URIRef("e:rdflib"))
    triples = [(URIRef("e:r"), URIRef("e:p"), Literal(text)) for text in ("one", "é \n 'two' \\", "three")]
    graph.add(triples[0])
    for triple in triples[1:]:
        graph.add(triple)
    assert set(graph) == set(triples)
    assert wrapped(endpoint, "ASK { GRAPH <e:rdflib> { <e:r> <e:p> 'one' } }", JSON)["boolean"] is True
    graph.remove((URIRef("e:r"), None, Literal("one")))
    assert set(graph) == set(triples[1:])
    graph.update("DELETE { ?s ?p ?o } INSERT { ?s ?p 'new' } WHERE { ?s ?p ?o }")
    assert [str(value) for value in graph.objects()] == ["new"]
    graph.remove((None, None, None))
    assert len(graph) == 0


def test_rdflib_update_store_sees_the_graphs_of_a_dataset(writer: SPARQLUpdateStore) -> None:
    dataset = Dataset(writer)
    dataset.graph(URIRef("e:set")).add((URIRef("e:r"), URIRef("e:p"), Literal(1)))
    names = {str(graph.identifier) for graph in dataset.graphs((URIRef("e:r"), None, None))}
    assert "e:set" in names
    dataset.remove_graph(URIRef("e:set"))
    assert len(dataset.graph(URIRef("e:set"))) == 0


# Tables


@pytest.mark.parametrize("is_post", [False, True])
def test_sparql_dataframe_reads_rows(endpoint: str, is_post: bool) -> None:
    frame = sparql_dataframe.get(endpoint, ACQUIRED, post=is_post)
    assert frame.to_dict("records") == [{"a": ACME, "b": BETA}]


def test_pandas_reads_csv_by_its_accept_header(endpoint: str) -> None:
    query = "SELECT ?label (STRLEN(?label) AS ?n) { ?e a kg:Company ; rdfs:label ?label } ORDER BY ?label"
    frame = pd.read_csv(f"{endpoint}?{urlencode({'query': query})}", storage_options={"Accept": "text/csv"})
    assert list(frame.columns) == ["label", "n"]
    assert (frame["label"].str.len() == frame["n"]).all()
    assert {"Acme Robotics", "Beta Labs"} <= set(frame["label"])


# curl


def curl(*arguments: str) -> str:
    program = shutil.which("curl")
    assert program, "curl is not installed"
    done = subprocess.run(
        [program, "--silent", "--show-error", "--max-time", "60", *arguments], capture_output=True, check=True
    )
    return done.stdout.decode()


def test_curl_queries_in_every_way(endpoint: str) -> None:
    by_get = json.loads(curl("--get", endpoint, "--data-urlencode", f"query={ACQUIRED}"))
    assert [row["b"]["value"] for row in by_get["results"]["bindings"]] == [BETA]
    by_form = curl(endpoint, "--data-urlencode", f"query={ACQUIRED}")
    direct = curl(endpoint, "-H", "Content-Type: application/sparql-query", "--data-binary", ACQUIRED)
    assert json.loads(by_form) == json.loads(direct) == by_get


@pytest.mark.parametrize(
    ("accept", "query", "start"),
    [
        ("text/csv", ACQUIRED, "a,b\r\n"),
        ("text/tab-separated-values", ACQUIRED, "?a\t?b\n"),
        ("application/sparql-results+xml", ACQUIRED, "<?xml"),
        ("text/turtle", CONSTRUCT, "@prefix"),
        ("application/n-triples", CONSTRUCT, f"<{ACME}>"),
        ("application/ld+json", CONSTRUCT, "["),
    ],
)
def test_curl_accept_decides_the_format(endpoint: str, accept: str, query: str, start: str) -> None:
    answer = curl("--get", endpoint, "-H", f"Accept: {accept}", "--data-urlencode", f"query={query}")
    assert answer.startswith(start)
    assert BETA in answer or "company:beta-labs" in answer


def test_curl_compressed_gets_the_same_bytes(endpoint: str) -> None:
    arguments = ("--get", endpoint, "-H", "Accept: text/csv", "--data-urlencode", "query=SELECT * { ?s ?p ?o }")
    assert sorted(curl(*arguments, "--compressed").splitlines()) == sorted(curl(*arguments).splitlines())


def test_curl_updates_and_puts_a_graph_with_the_token(address: str) -> None:
    token, status = ("-H", f"Authorization: {BEARER}"), ("-o", os.devnull, "-w", "%{http_code}")
    text = "INSERT DATA { <e:curl> <e:p> 'é' }"
    assert curl(*status, f"{address}/sparql", "--data-urlencode", f"update={text}") == "401"
    assert curl(*status, *token, f"{address}/sparql", "--data-urlencode", f"update={text}") == "204"
    asked = ("--get", f"{address}/sparql", "--data-urlencode", "query=ASK { <e:curl> <e:p> 'é' }")
    assert json.loads(curl(*asked))["boolean"] is True
    graph = f"{address}/rdf-graph-store?graph={quote('e:curl/graph', safe='')}"
    turtle = ("-H", "Content-Type: text/turtle", "--data-binary", "<e:a> <e:b> 'é' .")
    assert curl(*status, *token, "-X", "PUT", graph, *turtle) == "201"
    assert curl(graph, "-H", "Accept: application/n-triples") == '<e:a> <e:b> "é" .\n'
    assert curl(*status, *token, "-X", "DELETE", graph) == "204"
    assert curl(*status, graph) == "404"
    removal = "update=DELETE WHERE { <e:curl> ?p ?o }"
    assert curl(*status, *token, f"{address}/sparql", "--data-urlencode", removal) == "204"


# Comunica


def run(command: Sequence[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=MINUTES_S, check=False)


def node_environment() -> dict[str, str]:
    """With the Node of the virtual environment first, which `make web` installs where there is no other."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


@pytest.fixture(scope="module")
def comunica() -> Path:
    """Its command, installed from npm as tests/tools/comunica/package-lock.json says; later runs find it there."""
    lock, installed = COMUNICA / "package-lock.json", COMUNICA / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm = shutil.which("npm", path=node_environment()["PATH"])
        assert npm, "npm is neither on the PATH nor in the virtual environment: make web installs it"
        command = [npm, "--prefix", str(COMUNICA), "ci", "--silent", "--fetch-retries=1", "--fetch-timeout=30000"]
        done = run(command, env=node_environment())
        assert done.returncode == 0, f"@comunica/query-sparql cannot be installed: {done.stderr or done.stdout}"
    return COMUNICA / "node_modules" / ".bin" / "comunica-sparql"


def run_comunica(comunica: Path, sources: Sequence[str], query: str, media_type: str) -> str:
    """It is told no more than addresses, and finds out by itself what is there."""
    node = shutil.which("node", path=node_environment()["PATH"])
    assert node, "node is neither on the PATH nor in the virtual environment: make web installs it"
    command = [node, str(comunica.resolve()), *sources, "-q", query, "-t", media_type]
    done = run(command, env=node_environment())
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_comunica_selects_what_the_server_holds(comunica: Path, endpoint: str) -> None:
    query = f"SELECT ?a ?n {{ ?a <{KG}acquired> ?b . ?b <{LABEL}> ?n FILTER(STRLEN(?n) > 3) }}"
    answer = json.loads(run_comunica(comunica, [endpoint], query, "application/sparql-results+json"))
    assert [(row["a"]["value"], row["n"]["value"]) for row in answer["results"]["bindings"]] == [(ACME, "Beta Labs")]


def test_comunica_constructs_triples(comunica: Path, endpoint: str) -> None:
    answer = run_comunica(comunica, [endpoint], CONSTRUCT, "application/n-triples")
    assert set(Graph().parse(data=answer, format="nt")) == ACQUISITION


def test_comunica_joins_the_endpoint_with_a_document_of_the_server(comunica: Path, endpoint: str, address: str) -> None:
    sources = [endpoint, f"{address}/data/company/beta-labs.ttl"]
    query = f"SELECT DISTINCT ?n {{ ?a <{KG}acquired> ?b . ?b <{LABEL}> ?n }}"
    answer = json.loads(run_comunica(comunica, sources, query, "application/sparql-results+json"))
    assert [row["n"]["value"] for row in answer["results"]["bindings"]] == ["Beta Labs"]
