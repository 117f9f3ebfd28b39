"""What /openapi.json says is what the server does: requests made from it, of every route, with a token and without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from api.app import create_app
from api.openapi import ALL_RDF_MEDIA
from api.protocol import QUERY, UPDATE
from kg.build import build_graph
from kg.settings import Settings
from tests.test_api import serving

TOKEN = "a token"
TEXT = "Erik Lund, president of Fjord Brewery, said Fjord Brewery had bought Ale Works for $5 million in 2019."
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
ORIGIN = {"Origin": "http://other.example"}
OWN_LANGUAGE = ("/sparql", "/rdf-graph-store", "/documents", "/claims", "/corrections", "/explore/piece")
"""Paths whose texts have a grammar, or rules between values, that no schema tells: what fits it may be a 400."""

pytestmark = pytest.mark.model

few = settings(max_examples=8, suppress_health_check=list(HealthCheck))

load_all_checks()
for media_type in ("application/pdf", QUERY, UPDATE, *ALL_RDF_MEDIA):
    if not media_type.endswith(("json", "xml")):

        @schemathesis.serializer(media_type)
        def as_it_is(_: object, value: str | bytes) -> bytes:
            return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")


ALL_CHECKS = CHECKS.get_all()
WITHOUT_ACCEPTANCE = [check for check in ALL_CHECKS if check.__name__ != "positive_data_acceptance"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("described")
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    settings = Settings(store=str(folder / "store"), token=TOKEN, max_write_bytes=100_000)
    build_graph([str(folder / "a.txt")], settings)
    with serving(settings) as url:
        yield url


schema, edited = (schemathesis.openapi.from_dict(create_app(Settings()).openapi()) for _ in range(2))
edited.config.phases.coverage.enabled = False  # each request starts a process, which takes seconds


def check(case: schemathesis.Case, address: str, **options: Any) -> None:
    has_grammar = case.operation.path.startswith(OWN_LANGUAGE)
    checks = WITHOUT_ACCEPTANCE if has_grammar else ALL_CHECKS
    case.call_and_validate(base_url=address, checks=checks, timeout=60, **options)


@schema.include(method="GET").parametrize()
@few
def test_route_that_reads_answers_as_described(case: schemathesis.Case, address: str) -> None:
    check(case, address)


@schema.exclude(method="GET").exclude(path_regex="^/(corrections|documents)").parametrize()
@few
def test_route_that_writes_answers_as_described(case: schemathesis.Case, address: str) -> None:
    check(case, address, headers=HEADERS)


@edited.include(path_regex="^/(corrections|documents)").exclude(method="GET").parametrize()
@settings(few, max_examples=3)
def test_route_that_edits_answers_as_described(case: schemathesis.Case, address: str) -> None:
    check(case, address, headers=HEADERS)


@schema.exclude(method="GET").parametrize()
@few
def test_route_that_writes_without_the_token_answers_as_described(case: schemathesis.Case, address: str) -> None:
    check(case, address)


# The rest of what a client is told


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/corrections"),
        ("DELETE", "/corrections/1?who=me"),
        ("POST", "/documents"),
        ("DELETE", "/documents/a.txt"),
        ("PUT", "/rdf-graph-store?default"),
        ("POST", "/rdf-graph-store"),
        ("DELETE", "/rdf-graph-store?graph=e:g"),
        ("POST", "/sparql"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}])
def test_request_without_the_token_is_told_the_scheme(
    client: httpx.Client, method: str, path: str, headers: dict[str, str]
) -> None:
    if path == "/sparql":
        headers = {**headers, "Content-Type": "application/sparql-update"}
    response = client.request(method, path, headers=headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", "GET, HEAD"),
        ("/sparql", "GET, HEAD, POST"),
        ("/health", "GET"),
        ("/corrections", "GET, POST"),
        ("/corrections/1", "DELETE"),
        ("/documents", "GET, POST"),
        ("/documents/a/b.txt", "DELETE"),
        ("/rdf-graph-store", "DELETE, GET, HEAD, POST, PUT"),
        ("/rdf-graph-store/one", "DELETE, GET, HEAD, POST, PUT"),
        ("/id/company/acme", "GET, HEAD"),
    ],
)
def test_method_that_a_path_does_not_have_is_405_with_those_it_has(
    client: httpx.Client, path: str, allowed: str
) -> None:
    response = client.patch(path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/sparql", "/rdf-graph-store", "/documents/a.txt", "/corrections"])
def test_script_of_another_site_may_use_every_method_and_the_token(
    client: httpx.Client, method: str, path: str
) -> None:
    asked = {
        **ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, accept",
    }
    response = client.options(path, headers=asked)
    allowed = {name: response.headers[f"access-control-allow-{name}"] for name in ("origin", "methods", "headers")}
    assert response.status_code == 200
    assert allowed["origin"] == "*"
    assert method in allowed["methods"].split(", ")
    assert "authorization" in allowed["headers"].lower()


def test_script_of_another_site_may_read_what_headers_tell(client: httpx.Client) -> None:
    for response in (
        client.get("/sparql?query=ASK{}", headers=ORIGIN),
        client.get("/sparql?query=ASK{", headers=ORIGIN),
        client.put("/rdf-graph-store?default", headers=ORIGIN),
        client.patch("/sparql", headers=ORIGIN),
    ):
        exposed = response.headers["access-control-expose-headers"].lower().split(", ")
        assert {"location", "link", "retry-after", "www-authenticate", "allow", "content-disposition"} <= set(exposed)
        assert response.headers["access-control-allow-origin"] == "*"


def test_document_names_the_token_where_it_is_needed_and_no_422(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    operations = {
        f"{method} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    guarded = {name for name, operation in operations.items() if operation.get("security") == [{"token": []}]}
    assert guarded == {name for name, one in operations.items() if "needs the token" in one["summary"]}
    assert {} in operations["post /sparql"]["security"]
    assert not any("422" in operation["responses"] for operation in operations.values())
