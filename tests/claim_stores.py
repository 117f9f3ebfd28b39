"""Small stores of entities and claims, made by hand; and one whose every text is meant to do harm."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote as percent_encode

import pyoxigraph as ox

from kg.iris import record_iri
from kg.quads import decimal_literal
from kg.records import EntityType

BASE = "https://w3id.org/tracegraph/id/"
TINY = Path(__file__).parent / "data" / "tiny.trig"
PREFIXES = {
    "kg": "https://w3id.org/tracegraph/ontology#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "dcterms": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
}
SCRIPT = "</script><script>document.title='owned'</script>"
IMAGE = "<img src=x onerror=\"document.title='owned'\">"
HOSTILE = {
    "script": SCRIPT,
    "image": IMAGE,
    "address": "javascript:document.title='owned'",
    "template": "{{ 7 * 7 }}{% raw %}",
    "direction": "\u202egnp.exe\u2066",
    "quotes": "'\"`${1}</style>-->\x00\x1b",
    "long": "x" * 10_000,
}


def term(curie: str) -> ox.NamedNode:
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def tiny_store() -> ox.Store:
    store = ox.Store()
    store.load(path=TINY)
    return store


def entity(store: ox.Store, local: str, label: str, *aliases: str, kind: EntityType = EntityType.COMPANY) -> str:
    iri = ox.NamedNode(f"{BASE}company/{local}")
    store.add(ox.Quad(iri, term("rdf:type"), term(f"kg:{kind.value}")))
    store.add(ox.Quad(iri, term("rdfs:label"), ox.Literal(label)))
    store.extend(ox.Quad(iri, term("skos:altLabel"), ox.Literal(alias)) for alias in aliases)
    return iri.value


def claim(
    store: ox.Store,
    subject: str,
    object_: str,
    status: str = "Actual",
    quote: str = "They said so.",
    confidence: str = "0.9",
) -> ox.NamedNode:
    iri = record_iri(BASE, "claim", subject, object_, status, quote)
    evidence = record_iri(BASE, "evidence", quote)
    document, graph = ox.NamedNode(f"{BASE}document/a.txt"), ox.NamedNode(f"{BASE}graph/a.txt")
    statements: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (iri, "rdf:subject", ox.NamedNode(subject)),
        (iri, "rdf:predicate", term("kg:acquired")),
        (iri, "rdf:object", ox.NamedNode(object_)),
        (iri, "kg:status", term(f"kg:{status}")),
        (iri, "kg:confidence", decimal_literal(Decimal(confidence))),
        (iri, "kg:evidence", evidence),
        (evidence, "kg:quote", ox.Literal(quote)),
        (evidence, "prov:wasDerivedFrom", document),
        (document, "dcterms:identifier", ox.Literal("a.txt")),
    ]
    store.extend(ox.Quad(s, term(p), o, graph) for s, p, o in statements)
    if status == "Actual":
        store.add(ox.Quad(ox.NamedNode(subject), term("kg:acquired"), ox.NamedNode(object_)))
    return iri


def chain(n: int) -> ox.Store:
    """Entities 0 to n - 1, each with a claim on the next."""
    store = ox.Store()
    iris = [entity(store, f"c{number:03}", f"Company {number}") for number in range(n)]
    for one, other in pairwise(iris):
        claim(store, one, other)
    return store


def hostile_store(text: str) -> ox.Store:
    """Five entities of one community and a figure, with `text` wherever a text can stand, in names of terms too."""
    store = ox.Store()
    hub = entity(store, "hub", text, f"{text} Inc", f"Also {text}")
    others = [entity(store, f"o{number}", f"Plain {number}") for number in range(4)]
    local = percent_encode(text, safe="'();:=,$!*@\u202e\u2066")
    for number, other in enumerate(others):
        made = claim(store, hub, other, quote=f"{number} {text}")
        store.extend(ox.Quad(made, term(name), ox.Literal(text)) for name in _TEXTS)
        evidence = next(quad.object for quad in store.quads_for_pattern(made, term("kg:evidence"), None))
        document = next(quad.object for quad in store.quads_for_pattern(evidence, term("prov:wasDerivedFrom"), None))
        assert isinstance(document, ox.NamedNode)
        store.extend(ox.Quad(document, term(name), ox.Literal(text)) for name in _TEXTS_OF_DOCUMENT)
    odd = claim(store, hub, others[0], "Denied", quote="Odd.")
    for name in ("rdf:predicate", "kg:status"):
        (quad,) = store.quads_for_pattern(odd, term(name), None)
        store.remove(quad)
        store.add(ox.Quad(odd, term(name), ox.NamedNode(f"{PREFIXES['kg']}{local}"), quad.graph_name))
    _add_figure(store, hub, text, local)
    return store


def _add_figure(store: ox.Store, about: str, text: str, local: str) -> None:
    figure, evidence = record_iri(BASE, "observation", about), record_iri(BASE, "evidence", "figure")
    store.add(ox.Quad(figure, term("kg:about"), ox.NamedNode(about)))
    store.add(ox.Quad(figure, term("kg:metric"), ox.NamedNode(f"{PREFIXES['kg']}{local}")))
    names = ("kg:value", "kg:unit", "kg:qualifier", "kg:observedOn")
    store.extend(ox.Quad(figure, term(name), ox.Literal(text)) for name in names)
    store.add(ox.Quad(figure, term("kg:evidence"), evidence))
    store.add(ox.Quad(evidence, term("kg:quote"), ox.Literal(text)))


_TEXTS = (
    "kg:role",
    "kg:startedOn",
    "kg:endedOn",
    "kg:occurredOn",
    "kg:attributionText",
)
_TEXTS_OF_DOCUMENT = ("dcterms:identifier", "dcterms:title", "dcterms:date", "dcterms:publisher", "schema:url")
