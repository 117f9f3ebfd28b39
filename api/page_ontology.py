"""The page of the ontology: every class, property and individual with its meaning, and an anchor of its name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

import pyoxigraph as ox

from api.described import local_name
from api.markup import ONTOLOGY, Child, Site, element, joined, render_page
from kg.iris import compress, expand, prefixes
from kg.resources import resource_path

_KINDS = {
    "Classes": "owl:Class",
    "Links": "owl:ObjectProperty",
    "Values": "owl:DatatypeProperty",
    "Individuals": "owl:NamedIndividual",
}


def render_ontology() -> str:
    """The classes, properties and other terms of the ontology, each with an anchor of its name."""
    site, graph = Site(prefixes()["kg"]), _ontology()
    title = _texts(graph, ox.NamedNode(prefixes()["kg"].rstrip("#")), "dcterms:title")
    main: list[Child | None] = [element("h1", " ".join(title) or "Ontology")]
    main.append(element("p", "Namespace ", element("code", prefixes()["kg"]), class_="iri"))
    shown: set[object] = set()
    for heading, kind in _KINDS.items():
        terms = [term for term in _terms(graph, expand(kind)) if term not in shown]
        shown.update(terms)
        main += [element("h2", heading), *(_term(graph, term, site) for term in terms)]
    named = {quad.subject for quad in graph.quads_for_pattern(None, expand("rdfs:label"), None)} - shown
    main += [element("h2", "Others"), *(_term(graph, term, site) for term in sorted(named, key=str))] if named else []
    files = {name: f"{ONTOLOGY}.{suffix}" for name, suffix in (("Turtle", "ttl"), ("JSON-LD", "jsonld"))}
    return render_page("Ontology", main, files)


@lru_cache(maxsize=1)
def _ontology() -> ox.Store:
    store = ox.Store()
    store.load(path=resource_path("ontology", "kg.ttl"))
    return store


def _terms(graph: ox.Store, kind: ox.NamedNode) -> list[ox.NamedNode]:
    subjects = {quad.subject for quad in graph.quads_for_pattern(None, expand("rdf:type"), kind)}
    return sorted((s for s in subjects if isinstance(s, ox.NamedNode)), key=str)


def _term(graph: ox.Store, term: Any, site: Site) -> Element:
    rows = []
    for name, label in (("rdfs:subClassOf", "a kind of"), ("rdfs:domain", "of"), ("rdfs:range", "gives")):
        ends = sorted((quad.object for quad in graph.quads_for_pattern(term, expand(name), None)), key=str)
        links = [
            element("a", compress(end.value), href=_anchor(end, site)) for end in ends if isinstance(end, ox.NamedNode)
        ]
        rows += [element("p", f"{label} ", *joined(links), class_="about")] if links else []
    definition = _texts(graph, term, "skos:definition")
    name = local_name(term.value)
    return element("article", element("h3", compress(term.value)), element("p", " ".join(definition)), *rows, id=name)


def _anchor(term: ox.NamedNode, site: Site) -> str:
    return f"#{quote(local_name(term.value))}" if term.value.startswith(site.base) else term.value


def _texts(graph: ox.Store, term: ox.NamedNode, name: str) -> list[str]:
    objects = [quad.object for quad in graph.quads_for_pattern(term, expand(name), None)]
    return sorted(text.value for text in objects if isinstance(text, ox.Literal))
