"""The W3C's tests of the SPARQL 1.1 Protocol, Graph Store Protocol and Service Description, restated.

Each case bears the name of the W3C's (w3c/rdf-tests, sparql/sparql11); `python -m benchmarks.conformance` runs the
originals. The store has no document, so that all of it is the user's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote, urlencode

import httpx
import pyoxigraph as ox
import pytest
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic

from api.protocol import FORM, QUERY, UPDATE
from kg.settings import Settings
from kg.store import write_store
from tests.test_api import serving

TOKEN = "w3c"
DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
D1, D2, D3 = (DATA.format(number) for number in (1, 2, 3))
FOAF, DC = "http://xmlns.com/foaf/0.1/", "http://purl.org/dc/terms/"
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
TURTLE = "text/turtle; charset=utf-8"


class Step(NamedTuple):
    """A request and what is to come back. status: 2 for any 2xx, 4 for any 4xx. truth, kind: of the answer."""

    body: str = ""
    content_type: str | None = None
    path: str = "/sparql/"
    method: str = "POST"
    status: int = 2
    truth: bool | None = None
    kind: str = ""
    encoding: str = "utf-8"


def of(**parameters: str | tuple[str, ...]) -> str:
    """The endpoint with parameters, whose names have hyphens for underscores."""
    named = {name.replace("_", "-"): value for name, value in parameters.items()}
    return f"/sparql/?{urlencode(named, doseq=True)}"


def typed(iri: str) -> str:
    return f"<{iri}> a ?type"


def documents(*iris: str) -> str:
    return "INSERT DATA { " + " ".join(f"GRAPH <{i}> {{ <{i}> a <{FOAF}Document> }}" for i in iris) + " }"


def made(graph: str) -> str:
    return f"INSERT {{ GRAPH <{graph}> {{ ?s a <{DC}BibliographicResource> }} }}"


def is_made(graph: str, *iris: str) -> str:
    return f"GRAPH <{graph}> {{ " + " . ".join(f"<{iri}> a <{DC}BibliographicResource>" for iri in iris) + " }"


BOTH_NAMED = f"GRAPH ?g1 {{ {typed(D1)} }} GRAPH ?g2 {{ {typed(D2)} }}"
BOTH = f"ASK {{ {typed(D1)} . {typed(D2)} }}"
NEW = "http://example.org/protocol-update-test/"
NO_GRAPH = of(default_graph_uri=DATA.format(0))
ALL_THREE = f"DROP ALL ; {documents(D1, D2, D3)} ;"

PROTOCOL: dict[str, list[Step]] = {
    "query_post_form": [Step("query=ASK%20%7B%7D", FORM, NO_GRAPH, truth=True)],
    "query_dataset_default_graphs_get": [
        Step(path=of(query=BOTH, default_graph_uri=(D1, D2)), method="GET", truth=True)
    ],
    "query_dataset_default_graphs_post": [Step(BOTH, QUERY, of(default_graph_uri=(D1, D2)), truth=True)],
    "query_dataset_named_graphs_post": [
        Step(f"ASK {{ {BOTH_NAMED} }}", QUERY, of(named_graph_uri=(D1, D2)), truth=True)
    ],
    "query_dataset_named_graphs_get": [
        Step(path=of(query=f"ASK {{ {BOTH_NAMED} }}", named_graph_uri=(D1, D2)), method="GET", truth=True)
    ],
    "query_dataset_full": [
        Step(
            f"ASK {{ {typed(D3)} {BOTH_NAMED} }}", QUERY, of(default_graph_uri=D3, named_graph_uri=(D1, D2)), truth=True
        )
    ],
    "query_multiple_dataset": [
        Step(f"ASK FROM <{D3}> {{ {BOTH_NAMED} }}", QUERY, of(named_graph_uri=(D1, D2)), truth=True)
    ],
    "query_get": [Step(path=of(query="ASK {}", default_graph_uri=D1), method="GET", truth=True)],
    "query_content_type_select": [Step("SELECT (1 AS ?value) {}", QUERY, NO_GRAPH, kind="tabular")],
    "query_content_type_ask": [Step("ASK {}", QUERY, NO_GRAPH, kind="boolean")],
    "query_content_type_describe": [Step("DESCRIBE <http://example.org/>", QUERY, NO_GRAPH, kind="RDF")],
    "query_content_type_construct": [Step("CONSTRUCT { <s> <p> 1 } WHERE {}", QUERY, NO_GRAPH, kind="RDF")],
    "update_dataset_default_graph": [
        Step(
            f"CLEAR ALL ; {documents(D1)} ; {made(NEW)} WHERE {{ ?s a <{FOAF}Document> }}",
            UPDATE,
            of(using_graph_uri=D1),
        ),
        Step(f"ASK {{ {is_made(NEW, D1)} }}", QUERY, truth=True),
    ],
    "update_dataset_default_graphs": [
        Step(f"{ALL_THREE} {made(NEW)} WHERE {{ ?s a <{FOAF}Document> }}", UPDATE, of(using_graph_uri=(D1, D2))),
        Step(f"ASK {{ {is_made(NEW, D1, D2)} FILTER NOT EXISTS {{ {is_made(NEW, D3)} }} }}", QUERY, truth=True),
    ],
    "update_dataset_named_graphs": [
        Step(
            f"{ALL_THREE} {made(NEW)} WHERE {{ GRAPH ?g {{ ?s a <{FOAF}Document> }} }}",
            UPDATE,
            of(using_named_graph_uri=(D1, D2)),
        ),
        Step(f"ASK {{ {is_made(NEW, D1, D2)} FILTER NOT EXISTS {{ {is_made(NEW, D3)} }} }}", QUERY, truth=True),
    ],
    "update_dataset_full": [
        Step(
            f"{ALL_THREE} INSERT {{ GRAPH <{NEW}> {{ ?s <e:in> ?in }} }} WHERE {{"
            f" {{ GRAPH ?g {{ ?s a <{FOAF}Document> }} BIND(?g AS ?in) }}"
            f" UNION {{ ?s a <{FOAF}Document> . BIND('default' AS ?in) }} }}",
            UPDATE,
            of(using_graph_uri=D1, using_named_graph_uri=D2),
        ),
        Step(
            f"ASK {{ GRAPH <{NEW}> {{ <{D1}> <e:in> 'default' . <{D2}> <e:in> <{D2}> }}"
            f" FILTER NOT EXISTS {{ GRAPH <{NEW}> {{ <{D3}> ?p ?o }} }} }}",
            QUERY,
            truth=True,
        ),
    ],
    "update_post_form": [Step("update=CLEAR+ALL", FORM)],
    "update_post_direct": [Step("CLEAR ALL", UPDATE)],
    "update_base_uri": [
        Step(f"CLEAR SILENT GRAPH <{NEW}> ; INSERT DATA {{ GRAPH <{NEW}> {{ <e:s> <e:p> <test> }} }}", UPDATE),
        Step(f"ASK {{ GRAPH <{NEW}> {{ <e:s> <e:p> ?o FILTER(isIRI(?o) && STR(?o) != 'test') }} }}", QUERY, truth=True),
    ],
    "query_post_direct": [Step("ASK {}", QUERY, truth=True)],
    "bad_query_method": [Step("", FORM, of(query="ASK {}"), "PUT", 4)],
    "bad_multiple_queries": [Step(path=of(query=("ASK {}", "SELECT * {}")), method="GET", status=4)],
    "bad_query_wrong_media_type": [Step("ASK {}", "text/plain", status=4)],
    "bad_query_missing_form_type": [Step("query=ASK%20%7B%7D", status=4)],
    "bad_query_missing_direct_type": [Step("ASK {}", status=4)],
    "bad_query_non_utf8": [Step("ASK {}", f"{QUERY}; charset=UTF-16", status=4, encoding="utf-16")],
    "bad_query_syntax": [Step(path=of(query="ASK {"), method="GET", status=4)],
    "bad_update_get": [Step(path=of(update="CLEAR ALL"), method="GET", status=4)],
    "bad_multiple_updates": [Step("update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", FORM, status=4)],
    "bad_update_wrong_media_type": [Step("CLEAR NAMED", "text/plain", status=4)],
    "bad_update_missing_form_type": [Step("update=CLEAR%20NAMED", status=4)],
    "bad_update_non_utf8": [Step("CLEAR NAMED", f"{UPDATE}; charset=UTF-16", status=4, encoding="utf-16")],
    "bad_update_syntax": [Step("update=CLEAR%20XYZ", FORM, status=4)],
    "bad_update_dataset_conflict": [
        Step("WITH <e:g> DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }", UPDATE, of(using_named_graph_uri="e:h"), status=4),
    ],
}

KINDS = {
    "boolean": "application/sparql-results+json",
    "tabular": "application/sparql-results+json",
    "RDF": "text/turtle; charset=utf-8",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("w3c") / "store"
    with write_store(folder) as writer:
        writer.publish([])
    with serving(Settings(store=str(folder), token=TOKEN)) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        assert client.post("/sparql", data={"update": "DROP ALL"}).status_code == 204
        yield client


@pytest.mark.parametrize("name", PROTOCOL)
def test_protocol(client: httpx.Client, name: str) -> None:
    if name.startswith("query_dataset") or name == "query_multiple_dataset":
        client.post("/sparql", data={"update": documents(D1, D2, D3)})
    for step in PROTOCOL[name]:
        headers = {"Content-Type": step.content_type} if step.content_type else {}
        content = step.body.encode(step.encoding)
        response = client.request(step.method, step.path, content=content, headers=headers)
        assert response.status_code // 100 == step.status, response.text
        if step.truth is not None:
            assert response.json()["boolean"] is step.truth
        if step.kind:
            assert response.headers["content-type"] == KINDS[step.kind]


# The Graph Store Protocol

PERSON = (
    "@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix v: <http://www.w3.org/2006/vcard/ns#> . "
    '<http://www.example/gsp/person/{}> a foaf:Person ; foaf:businessCard [ a v:VCard ; v:fn "{}" ] .'
)
JOHN, JANE = PERSON.format(1, "John Doe"), PERSON.format(1, "Jane Doe")
ALICE = PERSON.format(2, "Alice")
STORE = "/rdf-graph-store"
FORM_DATA = (
    '--a6fe\r\nContent-Disposition: form-data; name="lastName.ttl"; filename="lastName.ttl"\r\n'
    'Content-Type: text/turtle; charset=utf-8\r\n\r\n<http://www.example/gsp/person/1> <e:family> "Doe" .\r\n\r\n'
    '--a6fe\r\nContent-Disposition: form-data; name="firstName.ttl"; filename="firstName.ttl"\r\n'
    'Content-Type: text/turtle; charset=utf-8\r\n\r\n<http://www.example/gsp/person/1> <e:given> "Jane" .\r\n\r\n'
    "--a6fe--\r\n"
)
NAMES = '<http://www.example/gsp/person/1> <e:family> "Doe" ; <e:given> "Jane" .'


def graph_of(number: int) -> str:
    """Indirect: the graph is named in the query string."""
    return f"{STORE}?graph={quote(f'http://www.example/gsp/person/{number}.ttl', safe='')}"


def own_address(number: int) -> str:
    """Direct: the graph is named by the address."""
    return f"{STORE}/person/{number}.ttl"


def send(client: httpx.Client, method: str, path: str, text: str, content_type: str = TURTLE) -> int:
    return client.request(method, path, content=text.encode(), headers={"Content-Type": content_type}).status_code


def assert_holds(client: httpx.Client, path: str, *texts: str) -> None:
    response = client.get(path, headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["content-type"]) == (200, TURTLE)
    wanted = Graph()
    for text in texts:
        wanted.parse(data=text, format="turtle")
    assert isomorphic(Graph().parse(data=response.content, format="turtle"), wanted)


both_ways = pytest.mark.parametrize("name", [graph_of, own_address])


@both_ways
def test_put_get_repeat(client: httpx.Client, name: Callable[[int], str]) -> None:
    for text, status in ((JOHN, 201), (JANE, 204)):
        assert send(client, "PUT", name(1), text) == status
        assert_holds(client, name(1), text)


def test_put_get_default(client: httpx.Client) -> None:
    assert send(client, "PUT", f"{STORE}?default", JOHN) == 204
    assert_holds(client, f"{STORE}?default", JOHN)


@both_ways
def test_put_delete_get_delete(client: httpx.Client, name: Callable[[int], str]) -> None:
    assert send(client, "PUT", name(2), ALICE) == 201
    assert [client.request(method, name(2)).status_code for method in ("DELETE", "GET", "DELETE")] == [204, 404, 404]


@both_ways
def test_post_get_post_get(client: httpx.Client, name: Callable[[int], str]) -> None:
    assert send(client, "POST", name(1), JANE) == 201
    assert_holds(client, name(1), JANE)
    assert send(client, "POST", name(1), FORM_DATA, "multipart/form-data; boundary=a6fe") == 204
    assert_holds(client, name(1), JANE, NAMES)


def test_post_get_new_graph(client: httpx.Client) -> None:
    posted = [client.post(STORE, content=ALICE.encode(), headers={"Content-Type": TURTLE}) for _ in range(2)]
    assert [response.status_code for response in posted] == [201, 201]
    first, second = (response.headers["location"] for response in posted)
    assert first != second
    assert_holds(client, f"{STORE}?graph={quote(first, safe='')}", ALICE)
    assert_holds(client, second, ALICE)


@both_ways
def test_head_existing(client: httpx.Client, name: Callable[[int], str]) -> None:
    send(client, "PUT", name(1), JOHN)
    response = client.head(name(1), headers={"Accept": TURTLE})
    assert (response.status_code, response.headers["content-type"], response.content) == (200, TURTLE, b"")


def test_head_non_existing(client: httpx.Client) -> None:
    assert client.head(graph_of(4), headers={"Accept": TURTLE}).status_code == 404


def test_put_get_uri_pct_encoded(client: httpx.Client) -> None:
    assert send(client, "PUT", graph_of(1), JOHN) == 201
    assert_holds(client, f"{STORE}?graph=http://www.example/gsp/person/1.ttl", JOHN)


def test_put_get_uri_pct_encoded_twice(client: httpx.Client) -> None:
    once, twice = (f"{STORE}?graph=http://www.example/gsp/person/%{code}31.ttl" for code in ("", "25"))
    assert [send(client, "PUT", once, JOHN), send(client, "PUT", twice, ALICE)] == [201, 201]
    assert_holds(client, once, JOHN)
    assert_holds(client, twice, ALICE)


# The service description


@pytest.fixture
def description(client: httpx.Client) -> Graph:
    response = client.get("/sparql", headers={"Accept": "application/rdf+xml"})
    return Graph().parse(data=response.content, format="xml")


def test_returns_rdf(client: httpx.Client) -> None:
    response = client.get("/sparql", headers={"Accept": "application/n-triples"})
    assert len(list(ox.parse(response.content, ox.RdfFormat.N_TRIPLES))) > 10


def test_has_endpoint_triple(address: str, description: Graph) -> None:
    assert list(description.objects(None, SD.endpoint)) == [URIRef(f"{address}/sparql")]


def test_conforms_to_schema(description: Graph) -> None:
    (service,) = description.subjects(RDF.type, SD.Service)
    assert set(description.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query, SD.SPARQL11Update}
    (dataset,) = description.objects(service, SD.defaultDataset)
    (graph,) = description.objects(dataset, SD.defaultGraph)
    assert (dataset, RDF.type, SD.Dataset) in description
    assert (graph, RDF.type, SD.Graph) in description
    assert all(isinstance(term, URIRef) for _, predicate, term in description if str(predicate).startswith(str(SD)))
