"""The W3C's own tests of the SPARQL 1.1 Protocol, the Graph Store Protocol and the Service Description, over HTTP.

    python -m benchmarks.conformance FOLDER                            our server, on a store of its own
    python -m benchmarks.conformance FOLDER --url http://host:port     a server that runs (it is emptied between tests!)

FOLDER holds protocol/, graph-store-protocol/ and service-description/ of https://github.com/w3c/rdf-tests,
sparql/sparql11. Each manifest says what is sent and what is to come back; nothing is known of a test but what it says.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.sax import SAXParseException

import httpx
import pyoxigraph as ox
import uvicorn
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.plugin import PluginException
from rdflib.term import Node

from api.app import create_app
from kg.settings import Settings
from kg.store import write_store

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
RDF_TYPE = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = URIRef("http://www.w3.org/2000/01/rdf-schema#label")

STATUS = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}
"""Statuses that a manifest names; `StatusCode4xx` names a hundred."""

FORMATS = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    ),
    "RDF": ("application/rdf+xml", "text/turtle", "application/n-triples", "application/xhtml+xml"),
}
TOKEN = "conformance"

RANGES: dict[URIRef, tuple[URIRef, bool]] = {
    SD.endpoint: (SD.Service, True),
    SD.feature: (SD.Service, True),
    SD.defaultEntailmentRegime: (SD.Service, True),
    SD.defaultSupportedEntailmentProfile: (SD.Service, True),
    SD.extensionFunction: (SD.Service, True),
    SD.extensionAggregate: (SD.Service, True),
    SD.languageExtension: (SD.Service, True),
    SD.supportedLanguage: (SD.Service, True),
    SD.propertyFeature: (SD.Service, True),
    SD.defaultDataset: (SD.Service, False),
    SD.availableGraphs: (SD.Service, False),
    SD.resultFormat: (SD.Service, True),
    SD.inputFormat: (SD.Service, True),
    SD.defaultGraph: (SD.Dataset, False),
    SD.namedGraph: (SD.Dataset, False),
}
"""Property -> the class of its subject, and whether its object must be an IRI. Source: the vocabulary's section 3."""


@dataclass(frozen=True, slots=True)
class Result:
    """One test; why is empty where it passed."""

    suite: str
    name: str
    why: str


class Failed(Exception):
    """What came back is not what the manifest says."""


class Endpoint:
    """The server under test."""

    def __init__(self, url: str, sparql: str, graphs: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = httpx.Client(base_url=url, headers=headers, timeout=60)
        self.sparql, self.graphs, self.url = sparql, graphs, url

    def path(self, absolute: str) -> str:
        """Where a request of a manifest goes here."""
        for prefix, own in (("/sparql/", self.sparql), ("/gsp", self.graphs)):
            if absolute.startswith(prefix):
                return own + absolute.removeprefix(prefix)
        raise Failed(f"no address for {absolute}")

    def clear(self) -> None:
        """Drop all that an earlier test left."""
        sent = self.client.post(self.sparql, content=b"DROP ALL", headers={"Content-Type": "application/sparql-update"})
        if not sent.is_success:
            raise Failed(f"DROP ALL: {sent.status_code} {sent.text[:200]}")

    def load(self, file: Path, graph: str) -> None:
        """Put a file's triples into a graph."""
        text = f"INSERT DATA {{ GRAPH <{graph}> {{ {file.read_text(encoding='utf-8')} }} }}".encode()
        self.client.post(
            self.sparql, content=text, headers={"Content-Type": "application/sparql-update"}
        ).raise_for_status()


def run_manifest(manifest: Path, endpoint: Endpoint) -> list[Result]:
    """Run every test that a manifest lists, in its order."""
    graph = Graph().parse(manifest, format="turtle")
    (entries,) = graph.objects(None, MF.entries)
    results = []
    for entry in Collection(graph, entries):
        try:
            endpoint.clear()
            for given in graph.objects(entry, UT.graphData):
                (file,), (label,) = graph.objects(given, UT.graph), graph.objects(given, LABEL)
                endpoint.load(manifest.parent / Path(str(file)).name, str(label))
            _run_connection(graph, entry, endpoint)
            why = ""
        except (Failed, httpx.HTTPError) as err:
            why = str(err) or type(err).__name__
        results.append(Result(manifest.stem, str(entry).rpartition("#")[2], why))
    return results


def run_description(manifest: Path, endpoint: Endpoint) -> list[Result]:
    """The three tests of the service description, which the manifest states in words alone."""
    url = f"{endpoint.url}{endpoint.sparql}"
    sent = endpoint.client.get(endpoint.sparql, headers={"Accept": "text/turtle, application/rdf+xml;q=0.9"})
    checks = {"returns-rdf": "", "has-endpoint-triple": "", "conforms-to-schema": ""}
    graph = Graph()
    try:
        graph.parse(data=sent.content, format=_media_type(sent))
    except (SyntaxError, ValueError, SAXParseException, PluginException) as err:
        checks = dict.fromkeys(checks, f"not RDF: {err}")
        graph = Graph()
    else:
        if URIRef(url) not in set(graph.objects(None, SD.endpoint)):
            checks["has-endpoint-triple"] = f"no sd:endpoint is {url}"
        checks["conforms-to-schema"] = "; ".join(_misuses(graph))
    names = [str(entry).rpartition("#")[2] for entry in _entries(manifest)]
    return [Result("service-description", name, checks[name]) for name in names]


def _entries(manifest: Path) -> list[Node]:
    graph = Graph().parse(manifest, format="turtle")
    (entries,) = graph.objects(None, MF.entries)
    return list(Collection(graph, entries))


def _misuses(graph: Graph) -> Iterator[str]:
    """Where a description breaks the vocabulary: an unknown term, a subject of another class, no IRI."""
    if not set(graph.subjects(RDF_TYPE, SD.Service)):
        yield "no sd:Service"
    for subject, predicate, term in sorted(graph):
        if not str(predicate).startswith(str(SD)) or predicate in (SD.name, SD.graph, SD.entailmentRegime):
            continue
        if (known := URIRef(str(predicate))) not in RANGES:
            yield f"{predicate} is no term of the vocabulary"
            continue
        domain, is_iri = RANGES[known]
        if (subject, RDF_TYPE, domain) not in graph:
            yield f"{subject} has {predicate} and is no {domain}"
        elif isinstance(term, Literal) or (is_iri and not isinstance(term, URIRef)):
            yield f"{predicate} of {subject} is no IRI"


def _run_connection(graph: Graph, entry: Node, endpoint: Endpoint) -> None:
    (action,) = graph.objects(entry, MF.action)
    (requests,) = graph.objects(action, HT.requests)
    variables: dict[str, str] = {}
    for number, request in enumerate(Collection(graph, requests), 1):
        try:
            _run_request(graph, request, endpoint, variables)
        except Failed as err:
            raise Failed(f"request {number}: {err}") from err


def _run_request(graph: Graph, request: Node, endpoint: Endpoint, variables: dict[str, str]) -> None:
    path = str(graph.value(request, HT.absolutePath))
    for name, value in variables.items():
        path = path.replace(name, quote(value, safe=""))
    body = graph.value(request, HT.body)
    response = endpoint.client.request(
        str(graph.value(request, HT.methodName)),
        endpoint.path(path),
        content=_content(graph, body) if body else None,
        headers=_headers(graph, request),
    )
    (expected,) = graph.objects(request, HT.resp)
    _check(graph, expected, response)
    if (variable := graph.value(expected, MF.expectedLocation)) is not None:
        if "location" not in response.headers:
            raise Failed("no Location")
        variables[str(variable)] = response.headers["location"]


def _content(graph: Graph, body: Node) -> bytes:
    return str(graph.value(body, CNT.chars)).encode(str(graph.value(body, CNT.characterEncoding)))


def _headers(graph: Graph, message: Node) -> dict[str, str]:
    listed = graph.value(message, HT.headers)
    headers = Collection(graph, listed) if listed is not None else ()
    return {str(graph.value(one, HT.fieldName)): str(graph.value(one, HT.fieldValue)) for one in headers}


def _check(graph: Graph, expected: Node, response: httpx.Response) -> None:
    """Raises Failed at the first thing that differs."""
    names = [str(status).rpartition("#")[2] for status in graph.objects(expected, MF.expectedStatus)]
    if names and not any(_is_status(name, response.status_code) for name in names):
        raise Failed(f"{response.status_code}, not {' or '.join(names)}: {response.text[:200]}")
    for name, value in _headers(graph, expected).items():
        given = response.headers.get(name, "")
        if given.lower().replace(" ", "") != value.lower().replace(" ", ""):
            raise Failed(f"{name} is {given!r}, not {value!r}")
    wanted = graph.value(expected, MF.expectedFormat)
    if wanted is not None and _media_type(response) not in FORMATS[str(wanted)]:
        raise Failed(f"{_media_type(response)} is not {wanted}")
    truth = graph.value(expected, MF.expectedBoolean)
    if isinstance(truth, Literal) and _boolean(response) != truth.toPython():
        raise Failed(f"the answer is not {truth}")
    if (body := graph.value(expected, HT.body)) is not None:
        _compare(_content(graph, body), response)


def _is_status(name: str, status: int) -> bool:
    if name.startswith("StatusCode"):
        return status // 100 == int(name.removeprefix("StatusCode")[0])
    return status == STATUS[name]


def _media_type(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0].strip()


def _boolean(response: httpx.Response) -> bool:
    parsed = ox.parse_query_results(response.content, ox.QueryResultsFormat.from_media_type(_media_type(response)))
    return isinstance(parsed, ox.QueryBoolean) and bool(parsed)


def _compare(wanted: bytes, response: httpx.Response) -> None:
    own = Graph().parse(data=response.content, format="turtle", publicID="http://www.example/")
    if not isomorphic(own, Graph().parse(data=wanted, format="turtle", publicID="http://www.example/")):
        raise Failed(f"other triples: {response.text[:300]}")


@contextmanager
def serving() -> Iterator[str]:
    """Our server on a store without a document, gone afterwards; gives its address."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listening:
        with write_store(Path(folder) / "store") as writer:
            writer.publish([])
        settings = Settings(store=str(Path(folder) / "store"), token=TOKEN, requests_per_minute=0)
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def run_suites(folder: Path, endpoint: Endpoint) -> list[Result]:
    """All suites of the folder."""
    results = run_manifest(folder / "protocol" / "manifest.ttl", endpoint)
    for manifest in sorted((folder / "graph-store-protocol").glob("manifest-*direct.ttl")):
        results += run_manifest(manifest, endpoint)
    return [*results, *run_description(folder / "service-description" / "manifest.ttl", endpoint)]


def report(results: Sequence[Result]) -> str:
    """What failed, and a count for each manifest."""
    lines = [f"FAILED {one.suite} {one.name}: {one.why}" for one in results if one.why]
    for suite in dict.fromkeys(one.suite for one in results):
        of_suite = [one for one in results if one.suite == suite]
        lines.append(f"{suite}: {sum(not one.why for one in of_suite)} of {len(of_suite)}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 when a test fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="sparql/sparql11 of w3c/rdf-tests")
    parser.add_argument("--url", help="of a server that runs; the token is taken from $KG_TOKEN")
    parser.add_argument("--sparql", default="/sparql", help="path of its endpoint")
    parser.add_argument("--graphs", default="/rdf-graph-store", help="path of its graph store")
    asked = parser.parse_args(arguments)
    if asked.url:
        token = os.environ.get("KG_TOKEN", "")
        results = run_suites(asked.folder, Endpoint(asked.url, asked.sparql, asked.graphs, token))
    else:
        with serving() as url:
            results = run_suites(asked.folder, Endpoint(url, asked.sparql, asked.graphs, TOKEN))
    sys.stdout.write(report(results) + "\n")
    return int(any(one.why for one in results))


if __name__ == "__main__":
    sys.exit(main())
