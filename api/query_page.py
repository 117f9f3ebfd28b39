"""The query page: YASGUI where `make web` has built it, else a plain form that says so.

Both ask this server alone. The page's policy runs the page's own script, by digest, and what that script loads; the
form is whole without it, so a page whose script is missing, blocked or broken still answers queries.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox
from fastapi.responses import Response

from api.responses import html_page
from api.web_files import web_address
from kg.iris import expand, prefixes, prefixes_with
from kg.questions import read_question
from kg.records import EntityType
from kg.resources import resource_path, resource_paths
from kg.settings import Settings

TEMPLATE = Path(__file__).parent / "templates" / "sparql.html"

SAMPLE_QUERY = """SELECT ?buyer ?buyerName ?target ?targetName
WHERE {
  ?buyer kg:acquired ?target .
  ?buyer rdfs:label ?buyerName .
  ?target rdfs:label ?targetName .
}
ORDER BY ?buyerName ?targetName ?buyer ?target
LIMIT 100"""


def query_page(settings: Settings) -> Response:
    """The page for a browser that comes without a query."""
    script = web_address("query.js")
    content = {
        "script": script,
        "base": settings.base_iri,
        "kinds": [entity_type.value.lower() for entity_type in EntityType],
        "pages": ["claim", "document"],
        "prefixes": prefixes_with(settings.base_iri),
        "query": with_prefixes(SAMPLE_QUERY),
        "questions": _questions(),
        "classes": _terms("owl:Class"),
        "properties": [*_terms("owl:ObjectProperty"), *_terms("owl:DatatypeProperty")],
    }
    text = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    response = html_page(TEMPLATE.read_text(encoding="utf-8").replace("@CONTENT@", text, 1))
    if script:
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace("script-src", "script-src 'strict-dynamic'", 1)
    return response


def with_prefixes(query: str) -> str:
    """The query with a declaration of each of the project's prefixes that it uses.

    >>> print(with_prefixes("ASK { ?a kg:acquired ?b }"))
    PREFIX kg: <https://w3id.org/tracegraph/ontology#>
    <BLANKLINE>
    ASK { ?a kg:acquired ?b }
    """
    used = {name: namespace for name, namespace in prefixes().items() if re.search(rf"\b{name}:", query)}
    return "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in used.items()) + f"\n{query}"


@lru_cache(maxsize=1)
def _questions() -> list[dict[str, str]]:
    """The competency questions, in the order of their numbers."""
    files = [path for path in resource_paths("queries", ".rq") if path.name.startswith("cq")]
    read = [(path.stem.split("_")[0], read_question(path)) for path in files]
    return [{"name": name, "question": one.question, "text": one.text} for name, one in read]


@lru_cache(maxsize=3)
def _terms(kind: str) -> list[str]:
    """IRIs of the ontology's own terms of a class such as `owl:Class`, sorted."""
    quads = ox.parse(path=resource_path("ontology", "kg.ttl"), format=ox.RdfFormat.TURTLE)
    found = {q.subject.value for q in quads if q.predicate == expand("rdf:type") and q.object == expand(kind)}
    return sorted(iri for iri in found if iri.startswith(prefixes()["kg"]))
