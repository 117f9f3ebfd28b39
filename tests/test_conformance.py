"""The runner of the W3C's manifests finds what is wrong, and passes what is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.conformance import TOKEN, Endpoint, main, report, run_description, run_manifest, serving

HEAD = """
@prefix : <e:#> .
@prefix mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#> .
@prefix cnt: <http://www.w3.org/2011/content#> .
@prefix ht: <http://www.w3.org/2011/http#> .
@prefix hts: <http://www.w3.org/2011/http-statusCodes#> .
"""
FORM = '[ ht:fieldName "content-type" ; ht:fieldValue "application/x-www-form-urlencoded" ]'
ASK = f"""ht:absolutePath "/sparql/" ; ht:methodName "POST" ; ht:headers ( {FORM} ) ;
    ht:body [ cnt:characterEncoding "UTF-8" ; cnt:chars "query=ASK%20%7B%7D" ]"""
PUT = """ht:absolutePath "/gsp?graph=e:g" ; ht:methodName "PUT" ;
    ht:headers ( [ ht:fieldName "content-type" ; ht:fieldValue "text/turtle" ] ) ;
    ht:body [ cnt:characterEncoding "UTF-8" ; cnt:chars "<e:a> <e:b> [ <e:c> 1 ] ." ]"""
GET = 'ht:absolutePath "/gsp?graph=e:g" ; ht:methodName "GET"'
TESTS = {
    "right": [(ASK, 'mf:expectedStatus hts:StatusCode2xx ; mf:expectedBoolean true ; mf:expectedFormat "boolean"')],
    "status": [(ASK, "mf:expectedStatus hts:StatusCode4xx")],
    "truth": [(ASK, "mf:expectedBoolean false")],
    "format": [(ASK, 'mf:expectedFormat "RDF"')],
    "location": [(ASK, 'mf:expectedLocation "$LOCATION$"')],
    "graph": [(PUT, "mf:expectedStatus hts:Created"), (GET, '{body "<e:a> <e:b> [ <e:c> 1 ] ."}')],
    "other_graph": [(PUT, "mf:expectedStatus hts:Created"), (GET, '{body "<e:a> <e:b> [ <e:c> 2 ] ."}')],
}


def manifest_text() -> str:
    entries = []
    for name, steps in TESTS.items():
        requests = "".join(f"[ {sent} ; ht:resp [ {expected} ] ]" for sent, expected in steps)
        entries.append(f":{name} mf:action [ ht:requests ( {requests} ) ] .")
    text = "\n".join([HEAD, f"<> mf:entries ( {' '.join(f':{name}' for name in TESTS)} ) .", *entries])
    return text.replace("{body ", 'ht:body [ cnt:characterEncoding "UTF-8" ; cnt:chars ').replace('"}', '" ]')


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with serving() as url:
        endpoint = Endpoint(url, "/sparql", "/rdf-graph-store", TOKEN)
        yield endpoint
        endpoint.client.close()


def test_run_manifest_finds_what_differs(endpoint: Endpoint, tmp_path: Path) -> None:
    (tmp_path / "manifest.ttl").write_text(manifest_text(), encoding="utf-8")
    results = run_manifest(tmp_path / "manifest.ttl", endpoint)
    assert [result.name for result in results if not result.why] == ["right", "graph"]
    assert [result.name for result in results] == [*TESTS]
    assert report(results).endswith("manifest: 2 of 7")


def test_run_description_another_address_fails(endpoint: Endpoint, tmp_path: Path) -> None:
    names = "returns-rdf", "has-endpoint-triple", "conforms-to-schema"
    entries = " ".join(f":{name}" for name in names)
    (tmp_path / "manifest.ttl").write_text(f"{HEAD} <> mf:entries ( {entries} ) .", encoding="utf-8")
    assert [one.why for one in run_description(tmp_path / "manifest.ttl", endpoint)] == ["", "", ""]
    elsewhere = Endpoint(endpoint.url, "/health", "/rdf-graph-store", "")
    assert all(one.why for one in run_description(tmp_path / "manifest.ttl", elsewhere))
    elsewhere.client.close()


def test_main_without_manifests_fails(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        main([str(tmp_path), "--url", "http://127.0.0.1:9"])
