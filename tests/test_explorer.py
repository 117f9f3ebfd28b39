"""What a picture shows, where, and that no text from a document can act in it; drawn from stores of a few claims."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pyoxigraph as ox
import pytest

from kg.explorer import content_security_policy, lay_out, render_page, visible, write_page
from kg.iris import record_iri
from kg.neighbourhood import EntityNameError, Names, find_claims, find_neighbourhood
from kg.quads import decimal_literal
from kg.records import EntityType

BASE = "https://w3id.org/tracegraph/id/"
PREFIXES = {
    "kg": "https://w3id.org/tracegraph/ontology#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "dcterms": "http://purl.org/dc/terms/",
}
TINY = Path(__file__).parent / "data" / "tiny.trig"
SCRIPT = "</script><script>document.title='owned'</script>"
IMAGE = "<img src=x onerror=\"document.title='owned'\">"
HOSTILE = [SCRIPT, IMAGE, "{{ 7 * 7 }}{% raw %}", "\u202egnp.exe\u2066", "'\"`${1}</style>-->\x00\x1b", "x" * 10_000]


def term(curie: str) -> ox.NamedNode:
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def entity(store: ox.Store, local: str, label: str, *aliases: str, kind: EntityType = EntityType.COMPANY) -> str:
    iri = ox.NamedNode(f"{BASE}company/{local}")
    store.add(ox.Quad(iri, term("rdf:type"), term(f"kg:{kind.value}")))
    store.add(ox.Quad(iri, term("rdfs:label"), ox.Literal(label)))
    store.extend(ox.Quad(iri, term("skos:altLabel"), ox.Literal(alias)) for alias in aliases)
    return iri.value


def claim(store: ox.Store, subject: str, object_: str, status: str = "Actual", quote: str = "They said so.") -> None:
    iri = record_iri(BASE, "claim", subject, object_, status, quote)
    evidence = record_iri(BASE, "evidence", quote)
    document, graph = ox.NamedNode(f"{BASE}document/a.txt"), ox.NamedNode(f"{BASE}graph/a.txt")
    statements: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (iri, "rdf:subject", ox.NamedNode(subject)),
        (iri, "rdf:predicate", term("kg:acquired")),
        (iri, "rdf:object", ox.NamedNode(object_)),
        (iri, "kg:status", term(f"kg:{status}")),
        (iri, "kg:confidence", decimal_literal(Decimal("0.9"))),
        (iri, "kg:evidence", evidence),
        (evidence, "kg:quote", ox.Literal(quote)),
        (evidence, "prov:wasDerivedFrom", document),
        (document, "dcterms:identifier", ox.Literal("a.txt")),
    ]
    store.extend(ox.Quad(s, term(p), o, graph) for s, p, o in statements)


@pytest.fixture
def tiny() -> ox.Store:
    store = ox.Store()
    store.load(path=TINY)
    return store


def chain(n: int) -> ox.Store:
    """Entities 0 to n - 1, each with a claim on the next."""
    store = ox.Store()
    iris = [entity(store, f"c{number:03}", f"Company {number}") for number in range(n)]
    for one, other in pairwise(iris):
        claim(store, one, other)
    return store


def page_of(store: ox.Store, name: str | None = None, **options: Any) -> str:
    shown = find_neighbourhood(store, Names(store), entity=name, **{"hops": 1, "max_entities": 200, **options})
    return render_page(shown)


def drawn(html: str, what: str) -> list[dict[str, Any]]:
    """The `nodes` or `edges` of the page, as vis-network gets them."""
    found = re.search(rf"const {what} = new vis\.DataSet\((.*)\);\n", html)
    assert found is not None
    return list(json.loads(found[1]))


# Names


@pytest.mark.parametrize("name", ["Gamma Holdings", "gamma", " GAMMA ", f"{BASE}company/gamma-holdings"])
def test_resolve_iri_label_or_alias_in_any_case_finds_the_entity(tiny: ox.Store, name: str) -> None:
    assert Names(tiny).resolve(name).label == "Gamma Holdings"


def test_resolve_label_wins_over_alias() -> None:
    store = ox.Store()
    entity(store, "a", "Apex", "Summit")
    wanted = entity(store, "b", "Summit")
    assert Names(store).resolve("summit").iri == wanted


def test_resolve_ambiguous_name_lists_the_choices() -> None:
    store = ox.Store()
    iris = [entity(store, local, "Apex") for local in ("a", "b")]
    with pytest.raises(EntityNameError, match="names 2 entities") as caught:
        Names(store).resolve("Apex")
    assert [iri for iri, _ in caught.value.choices] == iris


def test_resolve_unknown_name_lists_similar_ones(tiny: ox.Store) -> None:
    with pytest.raises(EntityNameError, match="no entity is named 'Robot'") as caught:
        Names(tiny).resolve("Robot")
    assert [label for _, label in caught.value.choices] == ["Acme Robotics (Company)"]


def test_search_equal_name_comes_before_longer_ones() -> None:
    store = ox.Store()
    for local, label in (("a", "Metadata"), ("b", "Meta Platforms"), ("c", "Big Meta"), ("d", "Meta")):
        entity(store, local, label)
    assert [found.label for found in Names(store).search("meta", limit=9)] == [
        "Meta",
        "Metadata",
        "Meta Platforms",
        "Big Meta",
    ]


# What is shown


@pytest.mark.parametrize(("hops", "n"), [(0, 1), (1, 3), (2, 5), (9, 10)])
def test_find_neighbourhood_hops_reach_so_far(hops: int, n: int) -> None:
    shown = find_neighbourhood(chain(10), Names(chain(10)), entity="Company 5", hops=hops, max_entities=99)
    assert (len(shown.entities), shown.n_reachable) == (n, n)


def test_find_neighbourhood_over_the_cap_counts_all_and_keeps_the_best_supported() -> None:
    store = ox.Store()
    hub, strong, *others = [entity(store, f"c{number}", f"Company {number}") for number in range(9)]
    for other in others:
        claim(store, hub, other)
    claim(store, strong, hub, quote="One.")
    claim(store, strong, hub, quote="Two.")
    shown = find_neighbourhood(store, Names(store), entity=hub, hops=1, max_entities=2)
    assert ([e.iri for e in shown.entities], shown.n_reachable) == ([hub, strong], 9)


def test_find_neighbourhood_without_entity_shows_the_most_named() -> None:
    store = chain(4)
    entity(store, "lonely", "Lonely")
    shown = find_neighbourhood(store, Names(store), entity=None, hops=0, max_entities=2)
    assert ([e.label for e in shown.entities], shown.n_reachable) == (["Company 1", "Company 2"], 5)


def test_find_claims_of_a_document_carry_all_that_stands_behind_them(tiny: ox.Store) -> None:
    denied = next(c for c in find_claims(tiny, subject=[f"{BASE}company/acme-robotics"]) if c.status == "Denied")
    assert denied.said_by == "its chairman Richard Miles"
    assert (denied.predicate, denied.confidence, denied.document) == ("acquired", 0.94, "2024/b.txt")
    assert (denied.title, denied.published) == ("Beta Labs denies sale", "2024-08")
    assert denied.quote is not None
    assert denied.quote.startswith("Beta Labs has not been acquired")


def test_find_neighbourhood_figures_come_with_their_sentence(tiny: ox.Store) -> None:
    shown = find_neighbourhood(tiny, Names(tiny), entity="Acme", hops=0, max_entities=9)
    assert {(figure.metric, figure.value, figure.qualifier) for figure in shown.figures} == {
        ("MarketShare", "12.5", None),
        ("Revenue", "2100000000", "about"),
        ("Revenue", "2500000000", None),
    }


# The picture


def test_render_page_nodes_are_iris_and_statuses_look_different(tiny: ox.Store) -> None:
    html = page_of(tiny, "Acme", hops=2)
    assert {f"{BASE}company/acme-robotics", f"{BASE}company/beta-labs"} <= {n["id"] for n in drawn(html, "nodes")}
    looks: dict[str, set[str]] = {}
    for edge in drawn(html, "edges"):
        looks.setdefault(edge["status"], set()).add(json.dumps([edge["color"]["color"], edge["dashes"]]))
    assert {"Actual", "Denied", "Rumoured"} <= looks.keys()
    assert len({look for found in looks.values() for look in found}) == len(looks)


def test_render_page_edge_tells_status_and_direction(tiny: ox.Store) -> None:
    edges = drawn(page_of(tiny, "Beta Labs"), "edges")
    denied = next(edge for edge in edges if edge["status"] == "Denied")
    assert (denied["label"], denied["arrows"], denied["to"]) == ("acquired (denied)", "to", f"{BASE}company/beta-labs")


def test_render_page_two_claims_of_one_kind_share_a_line() -> None:
    store = chain(2)
    claim(store, f"{BASE}company/c000", f"{BASE}company/c001", quote="Again.")
    edges = drawn(page_of(store), "edges")
    assert [edge["claims"] for edge in edges] == [[0, 1]]


def test_render_page_links_both_ways_bend_apart() -> None:
    store = chain(2)
    claim(store, f"{BASE}company/c001", f"{BASE}company/c000")
    claim(store, f"{BASE}company/c001", f"{BASE}company/c000", "Denied")
    curves = [json.dumps(edge["smooth"]) + edge["from"] for edge in drawn(page_of(store), "edges")]
    assert len(set(curves)) == 3


def test_render_page_says_how_much_it_shows() -> None:
    assert "showing 2 of 1,234 entities" in page_of(chain(1_234), max_entities=2)


def test_render_page_empty_graph_is_a_page() -> None:
    assert drawn(page_of(ox.Store()), "nodes") == []


def test_render_page_same_store_same_bytes() -> None:
    store = chain(30)
    quads = list(store)
    other = ox.Store()
    other.extend(reversed(quads))
    assert page_of(store) == page_of(other)


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_render_page_hostile_text_adds_no_script_and_no_tag(hostile: str) -> None:
    store = ox.Store()
    one, other = entity(store, "a", hostile, f"{hostile} Inc"), entity(store, "b", "Plain")
    claim(store, one, other, quote=hostile)
    html = page_of(store, hostile)
    assert html.count("</script>") == 2
    assert SCRIPT not in html
    assert IMAGE not in html


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_visible_label_is_one_short_line_without_controls(hostile: str) -> None:
    label = visible(hostile)
    assert len(label) <= 30
    assert label.isprintable()


def test_render_page_loads_nothing_and_allows_only_its_own_scripts(tiny: ox.Store) -> None:
    html = page_of(tiny)
    policy = re.search('Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "connect-src 'none'" in policy[1]
    assert policy[1].count("'sha256-") == len(re.findall(r"^<script>", html, re.MULTILINE)) == 2
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']?(?:http|//)""", html)


def test_content_security_policy_page_without_script_allows_none() -> None:
    assert "script-src 'none'" in content_security_policy("<p>x</p>", is_served=True)


def test_write_page_is_utf_8_and_gives_back_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    store = ox.Store()
    entity(store, "a", "Škoda 日本 🚗")
    shown = write_page(store, tmp_path / "out.html", entity="škoda 日本 🚗")
    assert shown.centre == f"{BASE}company/a"
    assert "<title>Škoda 日本 🚗 · Tracegraph</title>" in (tmp_path / "out.html").read_text(encoding="utf-8")


# Places


def test_lay_out_boxes_do_not_overlap() -> None:
    graph = nx.MultiDiGraph([(f"n{one}", f"n{one // 3}") for one in range(1, 60)])
    boxes = dict.fromkeys(graph, (140.0, 50.0))
    places = sorted(lay_out(graph, boxes).values())
    overlaps = [
        (a, b)
        for i, a in enumerate(places)
        for b in places[i + 1 :]
        if abs(a[0] - b[0]) < 138 and abs(a[1] - b[1]) < 48
    ]
    assert overlaps == []


def test_lay_out_separate_parts_stay_near() -> None:
    graph = nx.MultiDiGraph([(f"n{n}", f"m{n}") for n in range(20)])
    places = lay_out(graph, dict.fromkeys(graph, (100.0, 40.0)))
    assert max(abs(x) + abs(y) for x, y in places.values()) < 3_000


def test_lay_out_two_runs_agree() -> None:
    graph = nx.MultiDiGraph([(f"n{n}", f"n{n // 2}") for n in range(1, 40)])
    boxes = dict.fromkeys(graph, (100.0, 40.0))
    assert lay_out(graph, boxes) == lay_out(graph, boxes)
