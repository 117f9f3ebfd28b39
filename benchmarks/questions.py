"""What the servers are asked, and how often: the same of all, on a graph of benchmarks.made_graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

from benchmarks.servers import JSON_RESULTS, TSV_RESULTS
from kg.records import Entity
from kg.text_index import find_words

PREFIXES = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX kg: <https://w3id.org/tracegraph/ontology#> "

POINT = "SELECT ?p ?o WHERE {{ <{iri}> ?p ?o }}"
NEIGHBOURS = (
    PREFIXES + "SELECT DISTINCT ?predicate ?other ?label WHERE {{ {{ <{iri}> ?predicate ?other }} UNION "
    "{{ ?other ?predicate <{iri}> }} ?other rdfs:label ?label }}"
)
ROWS = "SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {rows}"
COUNT = "SELECT (COUNT(*) AS ?n{new}) WHERE {{ ?s ?p ?o }}"
BY_CLASS = "SELECT ?class (COUNT(?s) AS ?n{new}) WHERE {{ ?s a ?class }} GROUP BY ?class"
BY_PREDICATE = "SELECT ?p (COUNT(*) AS ?n{new}) WHERE {{ ?s ?p ?o }} GROUP BY ?p"
LABEL = PREFIXES + 'SELECT ?e ?label WHERE {{ ?e rdfs:label ?label FILTER(CONTAINS(LCASE(?label), "{word}")) }}'
TEXT_MATCH = PREFIXES + 'SELECT ?e ?label WHERE {{ ?e kg:textMatch "{word}" ; rdfs:label ?label }}'

SEARCH = "label search, /search"
SEED = 7


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of request, and the texts of it that are sent in turn, the warm-up first.

    own_texts: what ours is asked in their place. is_address: the texts are addresses of ours, which others do not have.
    """

    name: str
    texts: tuple[str, ...]
    n_warm: int
    block: int = 1
    accept: str = JSON_RESULTS
    own_texts: tuple[str, ...] = ()
    is_address: bool = False

    def texts_for(self, server: str) -> tuple[str, ...]:
        """What this server is asked; nothing where it cannot be asked."""
        is_own = server == "tracegraph"
        if self.is_address and not is_own:
            return ()
        return self.own_texts if is_own and self.own_texts else self.texts


def measures(entities: Sequence[Entity], repeats: int, rows: int) -> list[Measure]:
    """All that is asked. repeats: of a lookup; what is slower is asked less often.

    Lookups are of entities that chance picks, each another one. A count is asked anew under another name of its
    variable each time, so that no server can have the answer ready, and again in the same words.
    """
    chosen = Random(SEED).sample(list(entities), min(len(entities), repeats + repeats // 5))
    warm, few = len(chosen) // 6, max(3, repeats // 50)
    words = [find_words(entity.name.lower())[0] for entity in chosen[: few * 4 + 2]]
    found = [
        Measure("point lookup", _each(POINT, chosen), warm, 50),
        Measure("neighbours", _each(NEIGHBOURS, chosen), warm, 50),
    ]
    for accept, name in ((JSON_RESULTS, "JSON"), (TSV_RESULTS, "TSV")):
        found.append(Measure(f"{rows:,} rows, {name}", (ROWS.format(rows=rows),) * (few + 1), 1, 1, accept))
    for name, text in (("COUNT(*)", COUNT), ("counts by class", BY_CLASS), ("counts by predicate", BY_PREDICATE)):
        found.append(Measure(f"{name}, new", tuple(text.format(new=number) for number in range(few + 1)), 1))
        found.append(Measure(f"{name}, again", (text.format(new=""),) * (few + 1), 1))
    found.append(
        Measure(
            "label search",
            tuple(LABEL.format(word=word) for word in words),
            2,
            own_texts=tuple(TEXT_MATCH.format(word=word) for word in words),
        )
    )
    searches = tuple(f"/search?{urlencode({'q': word, 'quotes': 0})}" for word in words)
    found.append(Measure(SEARCH, searches, 2, is_address=True))
    return found


def _each(text: str, entities: Sequence[Entity]) -> tuple[str, ...]:
    return tuple(text.format(iri=entity.iri) for entity in entities)
