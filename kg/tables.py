"""Stage 11, what is not RDF: quads -> GraphML and GEXF for drawing programs, CSV for spreadsheets and data frames.

In: the quads of a selection, in any order. Out: entities as nodes; as edges, all claims of one predicate and status
between two entities, with how many documents say so and one sentence. A selection without claims has its plain triples
as edges. Each claim with its own sentence stands in the CSV tables.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import networkx as nx
import pyoxigraph as ox

from kg import iris
from kg.records import EntityType, Predicate

Row = dict[str, str]
_Nodes = Mapping[str, Mapping[str, Sequence[str]]]

_TYPES = frozenset(entity_type.value for entity_type in EntityType)
_LINKS = tuple(predicate.value for predicate in Predicate)
_FORMULA = re.compile(r"[=+\-@\t\r]")
"""What makes a spreadsheet take a text for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""

_ENDS = ("subject", "object", "about", "attributedTo")
_NUMBERS = frozenset({"confidence", "value", "start", "end"})
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_GEXF_DATE = re.compile(rb' lastmodifieddate="[^"]*"')

_FINDING = ("confidence", "attributedTo", "attributedToLabel", "attributionText", "quote", "start", "end", "document")
_LINK = ("subject", "subjectLabel", "predicate", "object", "objectLabel")
_COLUMNS = {
    "entities": ("iri", "label", "type", "altLabel"),
    "links": _LINK,
    "claims": ("iri", *_LINK, "status", "role", "startedOn", "endedOn", "occurredOn", *_FINDING),
    "observations": ("iri", "about", "aboutLabel", "metric", "value", "unit", "observedOn", "qualifier", *_FINDING),
    "documents": ("iri", "identifier", "title", "creator", "publisher", "date", "url", "digest"),
}


def csv_tables(quads: Iterable[ox.Quad]) -> dict[str, bytes]:
    """File name -> CSV (RFC 4180, UTF-8) of entities, links, claims, observations and documents, sorted by IRI.

    Several values in one field are joined by ` | `; a text that a spreadsheet would take for a formula has an
    apostrophe before it.
    """
    nodes = _read(quads)
    rows = {
        "entities": [_row(nodes, entity) for entity in _of_type(nodes, *_TYPES)],
        "links": _links(nodes),
        "claims": [_finding(nodes, claim) for claim in _of_type(nodes, "Claim")],
        "observations": [_finding(nodes, observation) for observation in _of_type(nodes, "Observation")],
        "documents": [_row(nodes, document) for document in _of_type(nodes, "Document")],
    }
    return {f"{name}.csv": _csv(columns, rows[name]) for name, columns in _COLUMNS.items()}


def graphml(quads: Iterable[ox.Quad]) -> bytes:
    """The network as GraphML, for Gephi, Cytoscape and yEd."""
    buffer = io.BytesIO()
    nx.write_graphml_xml(_network(quads), buffer, encoding="utf-8")
    return buffer.getvalue()


def gexf(quads: Iterable[ox.Quad]) -> bytes:
    """The network as GEXF, for Gephi; without the date that networkx puts in it."""
    buffer = io.BytesIO()
    nx.write_gexf(_network(quads), buffer, encoding="utf-8")
    return _GEXF_DATE.sub(b"", buffer.getvalue())


def _read(quads: Iterable[ox.Quad]) -> _Nodes:
    """Subject -> local name of the property -> values, sorted; our own terms by their local names."""
    nodes: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for quad in quads:
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            value = quad.object.value
            name = value if isinstance(quad.object, ox.Literal) else iris.compress(value).removeprefix("kg:")
            nodes[quad.subject.value][iris.compress(quad.predicate.value).partition(":")[2]].add(name)
    return {node: {name: sorted(values) for name, values in nodes[node].items()} for node in sorted(nodes)}


def _of_type(nodes: _Nodes, *types: str) -> list[str]:
    return [node for node, said in nodes.items() if not set(types).isdisjoint(said.get("type", ()))]


def _one(nodes: _Nodes, node: str, name: str) -> str:
    return " | ".join(nodes.get(node, {}).get(name, ()))


def _row(nodes: _Nodes, node: str) -> Row:
    return {"iri": node, **{name: _one(nodes, node, name) for name in nodes[node]}}


def _finding(nodes: _Nodes, node: str) -> Row:
    """A claim or observation with its evidence, and the label of each entity that it names."""
    row = _row(nodes, node)
    evidence = row.get("evidence", "")
    row |= {name: _one(nodes, evidence, name) for name in ("quote", "start", "end")}
    row["document"] = _one(nodes, _one(nodes, evidence, "wasDerivedFrom"), "identifier")
    return row | {f"{name}Label": _one(nodes, row[name], "label") for name in _ENDS if name in row}


def _links(nodes: _Nodes) -> list[Row]:
    """The plain triples between entities."""
    rows = []
    for node in nodes:
        for predicate in _LINKS:
            for other in nodes[node].get(predicate, ()):
                labels = {"subjectLabel": _one(nodes, node, "label"), "objectLabel": _one(nodes, other, "label")}
                rows.append({"subject": node, "predicate": predicate, "object": other, **labels})
    return rows


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_safe(column, row.get(column, "")) for column in columns] for row in rows)
    return text.getvalue().encode()


def _safe(column: str, text: str) -> str:
    return f"'{text}" if column not in _NUMBERS and _FORMULA.match(text) else text


def _network(quads: Iterable[ox.Quad]) -> nx.MultiDiGraph:
    """Entities, and one edge for all claims of one predicate and status between two of them."""
    nodes = _read(quads)
    graph = nx.MultiDiGraph()
    for entity in _of_type(nodes, *_TYPES):
        graph.add_node(entity, label=_xml(_one(nodes, entity, "label")), type=_one(nodes, entity, "type"))
    for (subject, predicate, object_, status), claims in sorted(_edges(nodes).items()):
        edge = {"label": predicate, "status": status, "documents": len({claim["document"] for claim in claims})}
        edge["confidence"] = max((float(claim["confidence"]) for claim in claims), default=1.0)
        edge["quote"] = _xml(min((claim["quote"] for claim in claims), default=""))
        graph.add_edge(subject, object_, **edge)
    return graph


def _edges(nodes: _Nodes) -> dict[tuple[str, str, str, str], list[Row]]:
    """Claims by subject, predicate, object and status; where there are none, the plain triples with no claims."""
    edges: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for claim in (_finding(nodes, node) for node in _of_type(nodes, "Claim")):
        edges[claim["subject"], claim["predicate"], claim["object"], claim["status"].lower()].append(claim)
    return edges or {(row["subject"], row["predicate"], row["object"], "actual"): [] for row in _links(nodes)}


def _xml(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
