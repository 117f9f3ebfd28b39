"""Every IRI of the graph over HTTP: redirects, pages, data, the ontology, VoID, and the sitemap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pyoxigraph as ox
import pytest

from kg.iris import expand
from kg.questions import read_question
from kg.resources import resource_path, resource_paths
from kg.settings import Settings
from kg.store import write_store
from tests.test_api import serving

BASE = "https://w3id.org/tracegraph/id/"
TINY = Path(__file__).parent / "data" / "tiny.trig"
ACTUAL, DENIED = f"{BASE}claim/8526fcc4b161a832d557495e", f"{BASE}claim/a7f276745bea9f10f112b8db"
HOSTILE = '</title></style><script>alert(1)</script><img src=x onerror="alert(2)">'
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
VOID = "http://rdfs.org/ns/void#"
SHACL = "http://www.w3.org/ns/shacl#"
FORMATS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "trig": ("application/trig", ox.RdfFormat.TRIG),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
}


def quad(subject: str, predicate: str, value: str, graph: str | None = None) -> ox.Quad:
    term = ox.NamedNode(value) if value.startswith(("http", "javascript:")) else ox.Literal(value)
    return ox.Quad(ox.NamedNode(subject), expand(predicate), term, ox.NamedNode(graph) if graph else ox.DefaultGraph())


def quads() -> Iterator[ox.Quad]:
    """The tiny graph, a contradiction, a hostile company, and names that need care in a path."""
    yield from ox.parse(path=TINY)
    for one, other in ((ACTUAL, DENIED), (DENIED, ACTUAL)):
        yield quad(one, "kg:conflictsWith", other)
        yield quad(one, "kg:differsInStatusFrom", other)
    evil = f"{BASE}company/évil-東京"
    yield quad(evil, "rdf:type", expand("kg:Company").value)
    yield quad(evil, "rdfs:label", HOSTILE)
    yield quad(evil, "skos:altLabel", "\u202e" + HOSTILE)
    yield quad(evil, "owl:sameAs", "http://www.wikidata.org/entity/Q1")
    yield quad(evil, "owl:sameAs", "javascript:alert(3)")
    for name in ("a%20b/50%25.txt", "plain.ttl"):
        document = f"{BASE}document/{name}"
        yield quad(document, "rdf:type", expand("kg:Document").value, f"{BASE}graph/{name}")
        yield quad(document, "dcterms:identifier", "a b/50%.txt", f"{BASE}graph/{name}")
        yield quad(document, "schema:url", "javascript:alert(4)", f"{BASE}graph/{name}")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("linked") / "store"
    with write_store(folder) as writer:
        writer.publish(quads())
    with serving(Settings(store=str(folder))) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def parse(response: httpx.Response, suffix: str = "ttl") -> set[ox.Quad]:
    return set(ox.parse(response.content, format=FORMATS[suffix][1]))


def values(found: set[ox.Quad], predicate: str) -> set[str]:
    return {q.object.value for q in found if q.predicate.value == predicate and not isinstance(q.object, ox.Triple)}


# The thing itself


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        ("*/*", "/data/company/acme-robotics.ttl"),
        ("text/turtle", "/data/company/acme-robotics.ttl"),
        ("application/json", "/data/company/acme-robotics.jsonld"),
        ("application/ld+json;q=0.9, text/html;q=0.5", "/data/company/acme-robotics.jsonld"),
        ("application/rdf+xml", "/data/company/acme-robotics.rdf"),
        ("application/n-quads", "/data/company/acme-robotics.nq"),
        (BROWSER, "/page/company/acme-robotics"),
    ],
)
def test_get_thing_redirects_by_accept(client: httpx.Client, accept: str, location: str) -> None:
    response = client.get("/id/company/acme-robotics", headers={"Accept": accept})
    assert (response.status_code, response.headers["location"]) == (303, location)
    assert "Accept" in response.headers["vary"]


def test_get_thing_that_no_format_can_show_is_406(client: httpx.Client) -> None:
    response = client.get("/id/company/acme-robotics", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle" in response.json()["detail"]


@pytest.mark.parametrize(
    "path",
    ["/id/company/nobody", "/page/company/nobody", "/data/company/nobody.ttl", "/id/", "/id/%ff", "/id/a%20b%3C"],
)
def test_get_thing_that_nothing_is_said_of_is_404(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_get_data_in_no_format_is_404(client: httpx.Client) -> None:
    assert client.get("/data/company/acme-robotics.pdf").status_code == 404


def test_every_iri_of_the_graph_leads_to_a_page_and_to_data(client: httpx.Client) -> None:
    iris = {q.subject.value for q in quads() if isinstance(q.subject, ox.NamedNode)}
    iris |= {q.graph_name.value for q in quads() if isinstance(q.graph_name, ox.NamedNode)}
    for iri in sorted(iris):
        for accept in (BROWSER, "application/n-triples"):
            path = "/id/" + iri.removeprefix(BASE)
            response = client.get(path, headers={"Accept": accept}, follow_redirects=True)
            assert response.status_code == 200, path
            assert iri in response.text or iri.replace("&", "&amp;") in response.text or accept != BROWSER


@pytest.mark.parametrize(
    "path",
    [
        "/id/company/évil-東京",
        "/id/company/%C3%A9vil-%E6%9D%B1%E4%BA%AC",
        "/id/document/a%20b/50%25.txt",
        "/id/document/plain.ttl",
        "/id/graph/2024/b.txt",
    ],
)
def test_get_thing_reads_a_path_however_it_is_encoded(client: httpx.Client, path: str) -> None:
    response = client.get(path, headers={"Accept": BROWSER}, follow_redirects=True)
    assert response.status_code == 200


def test_head_has_the_headers_of_get(client: httpx.Client) -> None:
    for path in ("/id/company/acme-robotics", "/page/company/acme-robotics", "/data/company/acme-robotics.ttl"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers.get("content-type") == get.headers.get("content-type")


def test_base_elsewhere_leads_to_the_same_paths(tmp_path: Path) -> None:
    base = "urn:example:kg:"
    with write_store(tmp_path / "store") as writer:
        writer.publish([quad(f"{base}company/acme", "rdfs:label", "Acme")])
    settings = Settings(store=str(tmp_path / "store"), base_iri=base)
    with serving(settings) as address, httpx.Client(base_url=address, follow_redirects=True) as client:
        assert "<bdi>Acme</bdi>" in client.get("/id/company/acme", headers={"Accept": BROWSER}).text
        data = client.get("/id/company/acme", headers={"Accept": "application/n-triples"}).text
        assert data.startswith(f"<{base}company/acme> ")


# Data


@pytest.mark.parametrize("suffix", FORMATS)
def test_get_data_says_the_same_in_every_format(client: httpx.Client, suffix: str) -> None:
    response = client.get(f"/data/company/acme-robotics.{suffix}")
    assert response.headers["content-type"].startswith(FORMATS[suffix][0])
    expected = {q.triple for q in parse(client.get("/data/company/acme-robotics.nq"), "nq")}
    assert {q.triple for q in parse(response, suffix)} == expected


def test_get_data_of_an_entity_holds_claims_sentences_and_names(client: httpx.Client) -> None:
    found = parse(client.get("/data/company/beta-labs.ttl"))
    assert "Acme Robotics" in values(found, expand("rdfs:label").value)
    assert any("completed its purchase of Beta Labs" in text for text in values(found, expand("kg:quote").value))
    assert DENIED in values(found, expand("kg:conflictsWith").value)


def test_get_data_of_a_document_holds_all_that_it_says(client: httpx.Client) -> None:
    said = {q.triple for q in quads() if str(q.graph_name) == f"<{BASE}graph/2024/b.txt>"}
    found = {q.triple for q in parse(client.get("/data/document/2024/b.txt.ttl"))}
    assert said
    assert said <= found


def test_get_data_twice_gives_the_same_bytes(client: httpx.Client) -> None:
    for suffix in FORMATS:
        one, other = (client.get(f"/data/company/acme-robotics.{suffix}").content for _ in range(2))
        assert one == other


def test_data_does_not_depend_on_the_worker(tmp_path: Path, client: httpx.Client) -> None:
    with write_store(tmp_path / "store") as writer:
        writer.publish(quads())
    with serving(Settings(store=str(tmp_path / "store"), query_workers=1)) as address:
        for suffix in ("ttl", "rdf", "trig"):
            path = f"/data/company/acme-robotics.{suffix}"
            assert httpx.get(f"{address}{path}").content == client.get(path).content


# Pages


def page(client: httpx.Client, path: str) -> str:
    response = client.get(f"/page/{path}")
    assert response.status_code == 200
    return response.text


def test_get_page_of_an_entity_shows_facts_with_sentences_and_sources(client: httpx.Client) -> None:
    text = page(client, "company/acme-robotics")
    assert "Acme Robotics completed its purchase of Beta Labs in July 2024 for $400 million." in text
    assert 'href="/page/company/beta-labs"' in text
    assert 'href="/page/document/a.txt"' in text
    assert "Also called <bdi>Acme</bdi>" in text


def test_get_page_shows_figures(client: httpx.Client) -> None:
    text = page(client, "company/acme-robotics")
    assert "<b>2.5 billion USD</b>" in text
    assert "<b>12.5%</b>" in text


def test_get_page_shows_who_contradicts_a_claim(client: httpx.Client) -> None:
    for path in ("company/beta-labs", ACTUAL.removeprefix(BASE)):
        text = page(client, path)
        assert "They differ in status" in text
        assert "Beta Labs has not been acquired by Acme Robotics" in text.split('id="conflicts"')[1]
        assert f'href="/page/{DENIED.removeprefix(BASE)}"' in text


def test_get_page_words_facts_from_both_ends(client: httpx.Client) -> None:
    assert "<h3>Acquired</h3>" in page(client, "company/acme-robotics")
    assert "<h3>Was acquired by</h3>" in page(client, "company/beta-labs")


@pytest.mark.parametrize(
    ("path", "noun"),
    [
        ("company/epsilon", "Attempted acquisition by"),
        ("company/delta-systems", "Planned acquisition by"),
        ("company/beta-labs", "Denied acquisition by"),
        ("company/gamma-holdings", "Rumoured investment by"),
        ("person/jane-doe", "Former position at"),
    ],
)
def test_get_page_sets_apart_what_is_no_fact(client: httpx.Client, path: str, noun: str) -> None:
    facts, others = page(client, path).split('id="not-facts"')
    assert noun in others
    assert noun not in facts


def test_get_page_of_an_attempt_has_no_heading_that_says_it_happened(client: httpx.Client) -> None:
    text = page(client, "company/epsilon")
    assert "was acquired" not in text.lower()
    assert 'id="facts"' not in text


def test_get_page_does_not_show_what_is_taken_back_or_not_asserted_as_a_fact(tmp_path: Path) -> None:
    link = quad(f"{BASE}company/acme-robotics", "kg:suppliesTo", f"{BASE}company/gamma-holdings")
    taken_back = quad(f"{BASE}claim/34626855f95e646076aaa384", "kg:retractedBy", "sam")
    with write_store(tmp_path / "store") as writer:
        writer.publish([*({*quads()} - {link}), taken_back])
    with serving(Settings(store=str(tmp_path / "store"))) as address:
        text = httpx.get(f"{address}/page/company/acme-robotics").text
    facts, others = text.split('id="not-facts"')
    assert "Roadrunner" not in facts.split('id="facts"')[1]
    assert "Retracted development of" in others
    assert "Unsure supply to" in others


def test_get_page_marks_each_status_with_a_symbol_and_a_word(client: httpx.Client) -> None:
    text = page(client, "company/acme-robotics")
    for symbol, word in (("✓", "actual"), ("✗", "denied"), ("?", "rumoured")):
        assert f'<span aria-hidden="true">{symbol}</span> {word}' in text


def test_get_page_shows_role_dates_confidence_and_speaker(client: httpx.Client) -> None:
    text = page(client, "person/jane-doe")
    assert "<span>as <bdi>chief executive</bdi></span> · from 2019 · confidence 91%" in text
    assert "its chairman Richard Miles" in page(client, "company/beta-labs")


def test_get_page_timeline_says_in_words_what_it_draws(client: httpx.Client) -> None:
    text = page(client, "company/acme-robotics").split('id="timeline"')[1]
    drawn = text.split("</svg></section>")[0].count("<title>")
    listed = text.split("</section>")[0].count("<li>")
    assert drawn == listed == 7
    assert '<time datetime="2024-07">July 2024</time>' in text


def test_get_page_plots_values_of_one_metric(client: httpx.Client) -> None:
    figures = page(client, "company/acme-robotics").split('id="figures"')[1].split("</section>")[0]
    assert 'aria-label="Revenue, USD: 2 values; the table says the same."' in figures
    assert figures.count("<svg") == 1 + 2


def test_get_page_counts_what_each_document_says(client: httpx.Client) -> None:
    table = page(client, "company/beta-labs").split('id="sources"')[1]
    counts = dict(re.findall(r'document/([a-z0-9/.]+)".*?class="number">(\d+)<', table))
    assert counts == {"a.txt": "2", "2024/b.txt": "2"}


def test_get_page_says_why_names_were_joined(tmp_path: Path) -> None:
    reason = "Acme is the start of Acme Robotics."
    with write_store(tmp_path / "store") as writer:
        writer.publish([*quads(), quad(f"{BASE}company/acme-robotics", "kg:joinedBecause", reason)])
    with serving(Settings(store=str(tmp_path / "store"))) as address:
        text = httpx.get(f"{address}/page/company/acme-robotics").text
    assert reason in text.split("Why these names are one")[1].split("</section>")[0]


def test_get_page_marks_the_sentence_in_its_paragraph(tmp_path: Path) -> None:
    evidence = f"{BASE}evidence/e4f837d822c7b8ebc9e2e3e0"
    around = [quad(evidence, "kg:before", f"{HOSTILE} It is official. "), quad(evidence, "kg:after", " Shares rose.")]
    with write_store(tmp_path / "store") as writer:
        writer.publish([*quads(), *around])
    with serving(Settings(store=str(tmp_path / "store"))) as address:
        for path in ("company/acme-robotics", ACTUAL.removeprefix(BASE), "document/a.txt", evidence.removeprefix(BASE)):
            text = httpx.get(f"{address}/page/{path}").text
            assert "It is official. <mark>Acme Robotics completed" in text
            assert "for $400 million.</mark> Shares rose." in text
            assert "<script" not in text


def test_get_page_of_a_document_follows_its_text(client: httpx.Client) -> None:
    text = page(client, "document/a.txt")
    starts = [
        "completed its purchase",
        "based in Berlin",
        "chief executive since",
        "Roadrunner drone",
        "Revenue reached",
    ]
    places = [text.index(start) for start in starts]
    assert places == sorted(places)
    assert text.count("founded by Jane Doe and John Roe") == 1


def test_get_page_of_a_claim_names_others_that_say_the_same(tmp_path: Path) -> None:
    other, graph = f"{BASE}claim/other", f"{BASE}graph/a.txt"
    said = {"rdf:type": expand("kg:Claim").value, "kg:status": expand("kg:Actual").value, "kg:role": "head of all"}
    said |= {"rdf:subject": f"{BASE}person/jane-doe", "rdf:object": f"{BASE}company/acme-robotics"}
    said |= {"rdf:predicate": expand("kg:worksFor").value}
    with write_store(tmp_path / "store") as writer:
        writer.publish([*quads(), *(quad(other, name, value, graph) for name, value in said.items())])
    with serving(Settings(store=str(tmp_path / "store"))) as address:
        text = httpx.get(f"{address}/page/claim/7999dbbc6cfc2fc126af808d").text
    assert "head of all" in text.split('id="alike"')[1]


def test_get_page_leads_to_the_explorer_and_the_picture(client: httpx.Client) -> None:
    text = page(client, "company/acme-robotics")
    iri = "https%3A%2F%2Fw3id.org%2Ftracegraph%2Fid%2Fcompany%2Facme-robotics"
    assert f'href="/?entity={iri}"' in text
    assert f'href="/viz?entity={iri}"' in text


def test_get_page_links_out_without_a_referrer(client: httpx.Client) -> None:
    text = page(client, "company/%C3%A9vil-%E6%9D%B1%E4%BA%AC")
    assert '<a href="http://www.wikidata.org/entity/Q1" rel="noopener noreferrer nofollow">' in text


def test_get_page_has_its_data_in_link_headers(client: httpx.Client) -> None:
    header = client.get("/page/company/évil-東京").headers["link"]
    addresses = re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', header)
    assert [media_type for _, media_type in addresses] == ["text/turtle", "application/ld+json"]
    assert [client.get(address).status_code for address, _ in addresses] == [200, 200]


def test_get_page_links_to_its_data(client: httpx.Client) -> None:
    text = page(client, "company/acme-robotics")
    for media_type, suffix in (("text/turtle", "ttl"), ("application/ld+json", "jsonld")):
        assert f'<link rel="alternate" type="{media_type}" href="/data/company/acme-robotics.{suffix}"' in text


def test_get_page_has_no_script_and_a_policy_that_allows_none(client: httpx.Client) -> None:
    response = client.get("/page/company/évil-東京")
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"


def test_get_page_text_of_a_document_is_text(client: httpx.Client) -> None:
    text = page(client, "company/%C3%A9vil-%E6%9D%B1%E4%BA%AC")
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text
    assert "\u202e" not in text
    assert 'href="http://www.wikidata.org/entity/Q1"' in text


def test_get_page_links_to_nothing_but_http(client: httpx.Client) -> None:
    for path in ("company/%C3%A9vil-%E6%9D%B1%E4%BA%AC", "document/plain.ttl"):
        assert 'href="javascript' not in page(client, path)


def test_get_page_of_a_crowded_entity_shows_what_is_best_supported(tmp_path: Path) -> None:
    weak = quad(f"{BASE}claim/085ccc184cb8148312e4b166", "kg:sourceCount", "3")
    with write_store(tmp_path / "store") as writer:
        writer.publish([*quads(), weak])
    with serving(Settings(store=str(tmp_path / "store"), max_page_claims=1)) as address:
        text = httpx.get(f"{address}/page/company/gamma-holdings").text
    assert text.count('<article class="') == 1
    assert "3 sources agree" in text


def test_get_page_of_a_crowded_entity_shows_each_statement_on_one_part(tmp_path: Path) -> None:
    with write_store(tmp_path / "store") as writer:
        writer.publish(quads())
    with serving(Settings(store=str(tmp_path / "store"), max_page_claims=2)) as address:
        page_of = f"{address}/page/company/gamma-holdings?part="
        parts = [httpx.get(f"{page_of}{part}") for part in (1, 2, 3)]
        refused = [httpx.get(f"{page_of}{part}").status_code for part in (0, 4, 10**9)]
    shown = [re.findall(r'href="(/page/claim/[^"]+)"', part.text.split('id="sources"')[0]) for part in parts]
    assert [len(claims) for claims in shown] == [2, 2, 2]
    assert len({claim for claims in shown for claim in claims}) == 6
    assert 'href="/page/company/gamma-holdings?part=3" rel="next"' in parts[1].text
    assert refused == [400, 404, 400]


def test_get_page_of_statements_that_are_no_numbers_is_a_page(tmp_path: Path) -> None:
    claim = f"{BASE}claim/mine"
    details = {"rdf:subject": f"{BASE}company/a", "rdf:object": f"{BASE}company/b", "kg:confidence": "very"}
    figure = {"kg:about": f"{BASE}company/a", "kg:value": "lots", "kg:sourceCount": "many"}
    written = [quad(claim, name, value) for name, value in details.items()]
    written += [quad(f"{BASE}observation/mine", name, value) for name, value in figure.items()]
    with write_store(tmp_path / "store") as writer:
        writer.publish([*written, quad(f"{BASE}company/a", "rdfs:label", "A")])
    with serving(Settings(store=str(tmp_path / "store"), max_page_claims=1)) as address:
        pages = [httpx.get(f"{address}/page/{name}") for name in ("company/a", "claim/mine", "observation/mine")]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "lots" in pages[2].text


def test_get_page_of_figures_beyond_any_scale_has_them_in_the_table_alone(tmp_path: Path) -> None:
    entity = f"{BASE}company/a"
    written = [quad(entity, "rdf:type", expand("kg:Company").value)]
    for number, value in enumerate(("1e308", "-1e308", "5e-324")):
        figure = f"{BASE}observation/{number}"
        details = {"kg:about": entity, "kg:metric": expand("kg:Revenue").value, "kg:value": value}
        written += [quad(figure, name, text) for name, text in details.items()]
    with write_store(tmp_path / "store") as writer:
        writer.publish(written)
    with serving(Settings(store=str(tmp_path / "store"))) as address:
        page = httpx.get(f"{address}/page/company/a")
    assert (page.status_code, page.text.count("E+308"), "<svg" in page.text) == (200, 2, False)


# The ontology


def test_get_ontology_by_default_is_turtle(client: httpx.Client) -> None:
    response = client.get("/ontology")
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"
    assert parse(response) == set(ox.parse(path=resource_path("ontology", "kg.ttl")))


@pytest.mark.parametrize("suffix", FORMATS)
def test_get_ontology_in_every_format_is_the_same(client: httpx.Client, suffix: str) -> None:
    expected = {q.triple for q in parse(client.get("/ontology"))}
    by_accept = client.get("/ontology", headers={"Accept": FORMATS[suffix][0]})
    assert {q.triple for q in parse(by_accept, suffix)} == expected
    assert client.get(f"/ontology.{suffix}").content == by_accept.content


def test_get_ontology_for_a_browser_has_an_anchor_for_every_term(client: httpx.Client) -> None:
    text = client.get("/ontology", headers={"Accept": BROWSER}).text
    namespace = "https://w3id.org/tracegraph/ontology#"
    terms = {q.subject.value for q in parse(client.get("/ontology")) if isinstance(q.subject, ox.NamedNode)}
    assert [t for t in terms if t.startswith(namespace) and f'id="{t.removeprefix(namespace)}"' not in text] == []


def test_get_ontology_that_no_format_can_show_is_406(client: httpx.Client) -> None:
    assert client.get("/ontology", headers={"Accept": "image/png"}).status_code == 406


# The description of the graph


@pytest.mark.parametrize("suffix", FORMATS)
def test_get_void_in_every_format_is_the_same(client: httpx.Client, suffix: str) -> None:
    response = client.get("/.well-known/void", headers={"Accept": FORMATS[suffix][0]})
    assert {q.triple for q in parse(response, suffix)} == {q.triple for q in parse(client.get("/.well-known/void"))}


def test_get_void_counts_are_those_of_the_graph(client: httpx.Client) -> None:
    store = ox.Store()
    store.load(client.get("/.well-known/void").content, format=ox.RdfFormat.TURTLE)
    all_quads = set(quads())
    n_claims = sum(q.predicate == expand("rdf:type") and q.object == expand("kg:Claim") for q in all_quads)
    n_acquired = sum(q.predicate == expand("kg:acquired") for q in all_quads)
    for pattern in (
        f"?d a void:Dataset ; void:triples {len(all_quads)} ; void:sparqlEndpoint <{client.base_url}/sparql>",
        f"?d void:classPartition [ void:class {expand('kg:Claim')} ; void:entities {n_claims} ]",
        f"?d void:propertyPartition [ void:property {expand('kg:acquired')} ; void:triples {n_acquired} ]",
    ):
        assert store.query(f"PREFIX void: <{VOID}> ASK {{ {pattern} }}"), pattern


def test_get_void_says_which_classes_a_property_links(client: httpx.Client) -> None:
    store = ox.Store()
    store.load(client.get("/.well-known/void").content, format=ox.RdfFormat.TURTLE)
    company, develops, product = (expand(f"kg:{name}") for name in ("Company", "develops", "Product"))
    assert store.query(
        f"PREFIX void: <{VOID}> ASK {{ ?c void:class {company} ; void:propertyPartition "
        f"[ void:property {develops} ; void:classPartition [ void:class {product} ; void:triples 2 ] ] }}"
    )


def test_get_void_examples_are_the_questions_and_run(client: httpx.Client) -> None:
    found = parse(client.get("/.well-known/void"))
    examples = values(found, f"{SHACL}select")
    files = [path for path in resource_paths("queries", ".rq") if not path.name.startswith("_")]
    assert examples == {read_question(path).text for path in files}
    for text in sorted(examples)[:5]:
        assert client.post("/sparql", data={"query": text}).status_code == 200


def test_get_void_of_a_new_snapshot_has_new_counts(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with write_store(folder) as writer:
        writer.publish([quad(f"{BASE}company/one", "rdf:type", expand("kg:Company").value)])
    with serving(Settings(store=str(folder))) as address:
        before = values(parse(httpx.get(f"{address}/.well-known/void")), f"{VOID}entities")
        with write_store(folder) as writer:
            writer.publish(
                [quad(f"{BASE}company/{name}", "rdf:type", expand("kg:Company").value) for name in ("one", "two")]
            )
        after = values(parse(httpx.get(f"{address}/.well-known/void")), f"{VOID}entities")
    assert (before, after) == ({"1"}, {"2"})


# Service description, as the test suite of SPARQL 1.1 has it


SD = "http://www.w3.org/ns/sparql-service-description#"


def test_service_description_get_on_endpoint_returns_rdf(client: httpx.Client) -> None:
    response = client.get("/sparql", headers={"Accept": "text/turtle"})
    assert response.status_code == 200
    assert parse(response)


def test_service_description_has_a_matching_endpoint(client: httpx.Client) -> None:
    found = parse(client.get("/sparql", headers={"Accept": "text/turtle"}))
    assert values(found, f"{SD}endpoint") == {f"{client.base_url}/sparql"}


def test_service_description_uses_terms_as_the_schema_has_them(client: httpx.Client) -> None:
    found = parse(client.get("/sparql", headers={"Accept": "text/turtle"}))
    services = {q.subject for q in found if q.predicate == expand("rdf:type") and q.object.value == f"{SD}Service"}
    domain = {"endpoint", "supportedLanguage", "feature", "resultFormat", "defaultDataset"}
    assert {q.subject for q in found if q.predicate.value.removeprefix(SD) in domain} == services
    assert len(services) == 1
    assert values(found, f"{SD}supportedLanguage") == {f"{SD}SPARQL11Query"}
    datasets = values(found, f"{SD}defaultDataset")
    assert {q.subject.value for q in found if q.object.value == f"{SD}Dataset"} == datasets
    assert {q.subject.value for q in found if q.predicate.value == f"{SD}defaultGraph"} == datasets


# Sitemap


NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_get_sitemap_lists_pages_that_are_there(client: httpx.Client) -> None:
    response = client.get("/sitemap.xml")
    assert response.headers["content-type"] == "application/xml"
    addresses = [loc.text or "" for loc in ElementTree.fromstring(response.content).iter(f"{NAMESPACE}loc")]
    assert len(addresses) == 5
    assert {client.get(address).status_code for address in addresses} == {200}


def test_get_sitemap_of_many_documents_is_an_index(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.linked_data.SITEMAP_SIZE", 2)
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    assert index.tag == f"{NAMESPACE}sitemapindex"
    parts = [client.get(loc.text or "").content for loc in index.iter(f"{NAMESPACE}loc")]
    assert [len(list(ElementTree.fromstring(part).iter(f"{NAMESPACE}loc"))) for part in parts] == [2, 2, 1]
    assert client.get("/sitemap.xml?part=4").status_code == 404
