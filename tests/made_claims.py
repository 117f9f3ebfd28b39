"""Small graphs as a build writes them, of entities and claims by short names: what the explorer is tested on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.claim_search import ClaimSearch
from kg.columns import Graph
from kg.iris import expand, record_iri
from kg.settings import ENTITY_BASE
from kg.store import open_snapshot, text_index_of, write_store

Quads = list[ox.Quad]


def iri(name: str) -> str:
    """`company/a` for `a`; a name with a slash stands as it is."""
    return f"{ENTITY_BASE}{name}" if "/" in name else f"{ENTITY_BASE}company/{name}"


def entity(name: str, label: str | None = None, kind: str = "Company") -> Quads:
    node = ox.NamedNode(iri(name))
    return [
        ox.Quad(node, expand("rdf:type"), expand(f"kg:{kind}")),
        ox.Quad(node, expand("rdfs:label"), ox.Literal(name.upper() if label is None else label)),
    ]


def claim_iri(document: str, said: str) -> str:
    return record_iri(ENTITY_BASE, "claim", document, said).value


def claim(document: str, said: str, status: str = "Actual", **details: str) -> Quads:
    """said: `a acquired b`, asserted where it is Actual. details: such as started_on="2024" or confidence="0.5"."""
    subject, predicate, object_ = said.split()
    graph = ox.NamedNode(f"{ENTITY_BASE}graph/{document}")
    node, evidence = (record_iri(ENTITY_BASE, kind, document, said) for kind in ("claim", "evidence"))
    source = ox.NamedNode(f"{ENTITY_BASE}document/{document}")
    terms: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (node, "rdf:type", expand("kg:Claim")),
        (node, "rdf:subject", ox.NamedNode(iri(subject))),
        (node, "rdf:predicate", expand(f"kg:{predicate}")),
        (node, "rdf:object", ox.NamedNode(iri(object_))),
        (node, "kg:status", expand(f"kg:{status}")),
        (node, "kg:evidence", evidence),
        (evidence, "kg:quote", ox.Literal(f"{said}.")),
        (evidence, "prov:wasDerivedFrom", source),
        (source, "rdf:type", expand("kg:Document")),
        (source, "dcterms:identifier", ox.Literal(document)),
        *((node, f"kg:{_camel(name)}", ox.Literal(text)) for name, text in details.items()),
    ]
    link = ox.Quad(ox.NamedNode(iri(subject)), expand(f"kg:{predicate}"), ox.NamedNode(iri(object_)))
    return [ox.Quad(s, expand(p), o, graph) for s, p, o in terms] + [link] * (status == "Actual")


def about(document: str, said: str, property_: str, value: str) -> ox.Quad:
    """What the default graph says of a claim. value: an IRI if it looks like one."""
    term = ox.NamedNode(value) if value.startswith("http") else ox.Literal(value)
    return ox.Quad(ox.NamedNode(claim_iri(document, said)), expand(property_), term)


def graph_of(*claims: str, document: str = "a.txt") -> Quads:
    """Actual claims of one document, and their ends as companies."""
    names = sorted({word for said in claims for word in said.split()[::2]})
    return [*(q for name in names for q in entity(name)), *(q for said in claims for q in claim(document, said))]


def publish(folder: Path, quads: Sequence[ox.Quad]) -> Graph:
    """The quads as the current snapshot of a store, open."""
    with write_store(folder) as writer:
        snapshot = writer.publish(quads)
    return open_graph(snapshot)


def open_graph(snapshot: Path) -> Graph:
    return Graph(snapshot.name, ENTITY_BASE, ClaimSearch(text_index_of(snapshot), open_snapshot(snapshot)))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
