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
from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from api.responses import SAFETY_HEADERS, html_page
from kg.iris import expand, prefixes, prefixes_with
from kg.questions import read_question
from kg.records import EntityType
from kg.resources import resource_path, resource_paths
from kg.settings import Settings

SCRIPT = Path(__file__).parent / "web" / "dist" / "query.js"
"""Built by api/web; a wheel has it, a checkout after `make web`."""

SCRIPT_MAX_AGE_S = 86_400
"""A browser keeps the script so long; its address changes with the file."""

TEMPLATE = Path(__file__).parent / "templates" / "sparql.html"

SAMPLE_QUERY = """SELECT ?buyer ?buyerName ?target ?targetName
WHERE {
  ?buyer kg:acquired ?target .
  ?buyer rdfs:label ?buyerName .
  ?target rdfs:label ?targetName .
}
ORDER BY ?buyerName ?targetName ?buyer ?target
LIMIT 100"""

router = APIRouter(include_in_schema=False)


@router.get("/web/query.js")
@router.head("/web/query.js")
async def get_script() -> Response:
    """The built script of the query page."""
    if not SCRIPT.is_file():
        raise HTTPException(404, "the query page is not built: run `make web`")
    headers = {"Cache-Control": f"max-age={SCRIPT_MAX_AGE_S}", **SAFETY_HEADERS}
    return FileResponse(SCRIPT, media_type="text/javascript", headers=headers)


def query_page(settings: Settings) -> Response:
    """The page for a browser that comes without a query."""
    script = f"/web/query.js?v={SCRIPT.stat().st_mtime_ns:x}" if SCRIPT.is_file() else ""
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
