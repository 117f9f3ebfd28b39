"""What the endpoint and its graph say of themselves: SPARQL 1.1 Service Description, and VoID with example queries.

In: the numbers of a snapshot, and the address of the server. Out: triples without blank nodes. The examples are the
questions of queries/, as SHACL describes queries, which is where tools for endpoints look for them.
Sources: W3C SPARQL 1.1 Service Description; W3C Interest Group Note, Describing Linked Datasets with the VoID
Vocabulary; W3C SHACL, section 5.2 (prefixes) and SHACL-AF, section 5 (executables).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from api.graph_text import SERVER_PREFIXES
from kg.iris import compress, expand, prefixes, prefixes_with
from kg.questions import Question, read_question
from kg.resources import resource_paths
from kg.sparql import select

VOCABULARIES = ("kg", "dcterms", "owl", "prov", "rdf", "rdfs", "schema", "skos")
"""Those in which the graph is written."""

MAX_LINKED = 500_000
"""Statements of a graph up to which the properties of each class are counted, 1 s for 100,000; a larger graph gets
the partitions by class and by property alone, 1.3 s for a million."""

LINK_COLUMNS = ("class", "property", "target", "isClass", "triples")
MAX_EXAMPLES = 5
"""Resources given as examples."""

SOLUTION_FORMATS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
GRAPH_FORMATS = ("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD")
"""Names in http://www.w3.org/ns/formats/."""

Counts = Mapping[str, Any]
Statement = tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]
"""Subject, predicate as a prefixed name, object."""


def count_graph(store: ox.Store) -> dict[str, Any]:
    """The numbers of a VoID description, as JSON can hold them: `totals` and rows of everything else."""
    totals = _rows(store, "_void_totals.rq", "triples", "subjects", "objects")[0]
    is_small = int(totals["triples"]) <= MAX_LINKED
    return {
        "totals": totals,
        "classes": _rows(store, "_void_classes.rq", "class", "entities"),
        "properties": _rows(store, "_void_properties.rq", "property", "triples", "subjects", "objects"),
        "links": _rows(store, "_void_links.rq", "class", "property", "target", "isClass", "triples")
        if is_small
        else [],
        "examples": _rows(store, "_claim_counts.rq", "entity")[:MAX_EXAMPLES],
    }


def describe_dataset(counts: Counts, site: str, base_iri: str) -> list[ox.Triple]:
    """The VoID description. counts: from `count_graph`. site: the address of the server, ending in a slash."""
    return _triples([*_dataset(counts, site, base_iri), *_partitions(counts, site), *_examples(site, base_iri)])


def describe_service(endpoint: str, site: str, *, takes_updates: bool) -> list[ox.Triple]:
    """The service description of the SPARQL endpoint at `endpoint`, with the examples that it answers."""
    service, dataset = ox.NamedNode(f"{endpoint}#service"), _dataset_iri(site)
    graph = ox.NamedNode(f"{endpoint}#default")
    languages = ["SPARQL11Query", *(["SPARQL11Update"] if takes_updates else [])]
    return _triples(
        [
            (service, "rdf:type", _term("sd:Service")),
            (service, "sd:endpoint", ox.NamedNode(endpoint)),
            *((service, "sd:supportedLanguage", _term(f"sd:{language}")) for language in languages),
            (service, "sd:feature", _term("sd:UnionDefaultGraph")),
            (service, "sd:propertyFeature", _term("kg:textMatch")),
            *((service, "sd:resultFormat", _term(f"formats:{name}")) for name in (*SOLUTION_FORMATS, *GRAPH_FORMATS)),
            (service, "sd:defaultDataset", dataset),
            (dataset, "rdf:type", _term("sd:Dataset")),
            (dataset, "rdfs:seeAlso", ox.NamedNode(f"{site}.well-known/void")),
            (dataset, "sd:defaultGraph", graph),
            (graph, "rdf:type", _term("sd:Graph")),
        ]
    )


def _dataset(counts: Counts, site: str, base_iri: str) -> list[Statement]:
    dataset, description, totals = _dataset_iri(site), ox.NamedNode(f"{site}.well-known/void"), counts["totals"]
    title = "A knowledge graph of companies, people and products, with the sentence behind every claim"
    return [
        (description, "rdf:type", _term("void:DatasetDescription")),
        (description, "rdfs:label", ox.Literal("What this server's graph holds")),
        (description, "foaf:primaryTopic", dataset),
        (dataset, "rdf:type", _term("void:Dataset")),
        (dataset, "dcterms:title", ox.Literal("Tracegraph")),
        (dataset, "dcterms:description", ox.Literal(title)),
        (dataset, "void:sparqlEndpoint", ox.NamedNode(f"{site}sparql")),
        (dataset, "void:dataDump", ox.NamedNode(f"{site}export?format=nq")),
        (dataset, "void:uriSpace", ox.Literal(base_iri)),
        *((dataset, "void:vocabulary", ox.NamedNode(prefixes()[name])) for name in VOCABULARIES),
        *((dataset, "void:feature", _term(f"formats:{name}")) for name in GRAPH_FORMATS),
        *((dataset, "void:exampleResource", ox.NamedNode(row["entity"])) for row in counts["examples"]),
        (dataset, "void:triples", _number(totals["triples"])),
        (dataset, "void:distinctSubjects", _number(totals["subjects"])),
        (dataset, "void:distinctObjects", _number(totals["objects"])),
        (dataset, "void:classes", _number(len(counts["classes"]))),
        (dataset, "void:properties", _number(len(counts["properties"]))),
    ]


def _partitions(counts: Counts, site: str) -> Iterator[Statement]:
    dataset = _dataset_iri(site)
    for row in counts["classes"]:
        part = _part(dataset, "class", row["class"])
        yield dataset, "void:classPartition", part
        yield part, "void:class", ox.NamedNode(row["class"])
        yield part, "void:entities", _number(row["entities"])
    for row in counts["properties"]:
        part = _part(dataset, "property", row["property"])
        yield dataset, "void:propertyPartition", part
        yield part, "void:property", ox.NamedNode(row["property"])
        yield part, "void:triples", _number(row["triples"])
        yield part, "void:distinctSubjects", _number(row["subjects"])
        yield part, "void:distinctObjects", _number(row["objects"])
    for row in counts["links"]:
        yield from _link(dataset, row)


def _link(dataset: ox.NamedNode, row: Mapping[str, str]) -> Iterator[Statement]:
    """Of a class the things with a property, and of these the values of a class or datatype."""
    of_class = _part(dataset, "class", row["class"])
    with_property = _part(of_class, "property", row["property"])
    yield of_class, "void:propertyPartition", with_property
    yield with_property, "void:property", ox.NamedNode(row["property"])
    is_class = row["isClass"] == "true"
    values = _part(with_property, "class" if is_class else "datatype", row["target"])
    yield with_property, "void:classPartition" if is_class else "voidext:datatypePartition", values
    yield values, "void:class" if is_class else "voidext:datatype", ox.NamedNode(row["target"])
    yield values, "void:triples", _number(row["triples"])


def _examples(site: str, base_iri: str) -> Iterator[Statement]:
    dataset, endpoint = _dataset_iri(site), ox.NamedNode(f"{site}sparql")
    for prefix, namespace in prefixes_with(base_iri).items():
        declaration = ox.NamedNode(f"{dataset.value}-prefix-{prefix}")
        yield dataset, "sh:declare", declaration
        yield declaration, "sh:prefix", ox.Literal(prefix)
        yield declaration, "sh:namespace", ox.Literal(namespace, datatype=expand("xsd:anyURI"))
    for name, question in _questions():
        example = ox.NamedNode(f"{site}.well-known/void#{name}")
        yield example, "rdf:type", _term("sh:SPARQLExecutable")
        yield example, "rdf:type", _term("sh:SPARQLSelectExecutable")
        yield example, "rdfs:comment", ox.Literal(question.question)
        yield example, "sh:select", ox.Literal(question.text)
        yield example, "sh:prefixes", dataset
        yield example, "schema:target", endpoint


@lru_cache(maxsize=1)
def _questions() -> tuple[tuple[str, Question], ...]:
    files = resource_paths("queries", ".rq")
    return tuple((path.stem, read_question(path)) for path in files if not path.name.startswith("_"))


def _rows(store: ox.Store, name: str, *columns: str) -> list[dict[str, str]]:
    return [{column: row[column].value for column in columns} for row in select(store, name)]


def _dataset_iri(site: str) -> ox.NamedNode:
    return ox.NamedNode(f"{site}.well-known/void#dataset")


def _part(whole: ox.NamedNode, kind: str, iri: str) -> ox.NamedNode:
    """The partition of `whole` by a class, property or datatype."""
    return ox.NamedNode(f"{whole.value}-{kind}-{quote(compress(iri), safe='')}")


def _triples(statements: Iterable[Statement]) -> list[ox.Triple]:
    """Each once, sorted."""
    return sorted({ox.Triple(subject, _term(name), term) for subject, name, term in statements}, key=str)


@lru_cache(maxsize=256)
def _term(name: str) -> ox.NamedNode:
    prefix, _, local = name.partition(":")
    return ox.NamedNode(SERVER_PREFIXES[prefix] + local) if prefix in SERVER_PREFIXES else expand(name)


def _number(value: int | str) -> ox.Literal:
    return ox.Literal(str(value), datatype=expand("xsd:integer"))
