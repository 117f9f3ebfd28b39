"""Tables and networks: every claim in its row, every pair on one edge, and no text that runs."""

import csv
import io
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest

from kg.iris import expand
from kg.tables import csv_tables, gexf, graphml

TINY = list(ox.parse(path=Path(__file__).parent / "data" / "tiny.trig"))
FACTS = [quad for quad in TINY if quad.graph_name == ox.DefaultGraph()]
BASE = "https://w3id.org/tracegraph/id/"
ACME, BETA = f"{BASE}company/acme-robotics", f"{BASE}company/beta-labs"


def rows(name: str, quads: list[ox.Quad] = TINY) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_tables(quads)[name].decode(), newline="")))


def labelled(text: str) -> list[ox.Quad]:
    node = ox.NamedNode(f"{BASE}product/x")
    return [
        ox.Quad(node, expand("rdf:type"), expand("kg:Product")),
        ox.Quad(node, expand("rdfs:label"), ox.Literal(text)),
    ]


def n_of(class_name: str) -> int:
    return sum(quad.object == expand(class_name) for quad in TINY)


def test_csv_has_a_row_for_each_thing() -> None:
    counts = [len(rows(f"{name}.csv")) for name in ("entities", "claims", "observations", "documents")]
    assert counts == [12, n_of("kg:Claim"), n_of("kg:Observation"), n_of("kg:Document")]


def test_csv_of_a_claim_has_labels_status_and_sentence() -> None:
    (row,) = [row for row in rows("claims.csv") if row["status"] == "Denied"]
    assert [row[name] for name in ("subjectLabel", "predicate", "objectLabel")] == [
        "Acme Robotics",
        "acquired",
        "Beta Labs",
    ]
    assert (row["attributedToLabel"], row["document"], row["start"]) == ("Richard Miles", "2024/b.txt", "23")
    assert row["quote"].startswith("Beta Labs has not been acquired")


def test_csv_of_an_observation_has_value_and_unit() -> None:
    (row,) = [row for row in rows("observations.csv") if row["metric"] == "MarketShare"]
    assert (row["aboutLabel"], row["value"], row["unit"]) == ("Acme Robotics", "12.5", "percent")


def test_csv_links_are_the_plain_triples() -> None:
    found = {(row["subject"], row["predicate"], row["object"]) for row in rows("links.csv")}
    assert (ACME, "acquired", BETA) in found
    assert not any("epsilon" in object_ for _, _, object_ in found)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_csv_text_like_a_formula_is_disarmed(text: str) -> None:
    assert rows("entities.csv", labelled(text))[0]["label"] == f"'{text}"


@pytest.mark.parametrize("text", ['a "b", c', "a\nb", "é😀"])
def test_csv_text_comes_back(text: str) -> None:
    assert rows("entities.csv", labelled(text))[0]["label"] == text


def test_graphml_has_an_edge_for_each_predicate_and_status_of_a_pair() -> None:
    graph = nx.parse_graphml(graphml(TINY).decode())
    found = sorted(
        (edge["label"], edge["status"], edge["documents"]) for edge in graph.get_edge_data(ACME, BETA).values()
    )
    assert found == [("acquired", "actual", 1), ("acquired", "denied", 1)]
    assert graph.nodes[ACME] == {"label": "Acme Robotics", "type": "Company"}


def test_graphml_counts_the_documents_of_an_edge() -> None:
    graph = nx.parse_graphml(graphml(TINY).decode())
    (edge,) = graph.get_edge_data(f"{BASE}person/jane-doe", ACME).values()
    assert (edge["documents"], edge["confidence"]) == (2, 0.91)


def test_graphml_without_claims_has_the_plain_triples() -> None:
    assert nx.parse_graphml(graphml(FACTS).decode()).number_of_edges() == len(rows("links.csv"))


def test_gexf_has_nodes_and_edges_and_no_date() -> None:
    text = gexf(TINY)
    graph = nx.read_gexf(io.BytesIO(text))
    assert (graph.number_of_nodes(), graph.has_edge(ACME, BETA)) == (12, True)
    assert b"lastmodifieddate" not in text


@pytest.mark.parametrize("write", [graphml, gexf])
def test_network_of_control_characters_and_markup_is_well_formed(write: object) -> None:
    assert callable(write)
    text = write(labelled("<b>\x0b&amp;"))
    assert "<b>" not in text.decode()
    assert "\x0b" not in text.decode()
