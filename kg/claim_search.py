"""Stage 10: entities and claims of a snapshot by their numbers, for answers that must not depend on the graph's size.

In: the snapshot, open, and its text index (kg.text_index, kg.claim_table). Out: rows. Numbers are those of the index;
they hold for one snapshot. What follows from several documents is asked of the store.
"""

# ruff: noqa: S608  # all that is put into the text of a query is written here

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import StoreError
from kg.iris import expand
from kg.text_index import is_index

BULK = 3_000
"""Claims from which on numbers of sources are read for the whole graph, not one by one: 2 us against 12 us each."""

ACTUAL = "Actual"
"""The only status of a fact."""

UNSURE = "Unsure"
"""In the place of ACTUAL where the graph does not assert the link: the claim is less sure than it takes to assert."""

_SOURCES, _CONFLICTS, _RETRACTED = expand("kg:sourceCount"), expand("kg:conflictsWith"), expand("kg:retractedBy")
_IN = "IN (SELECT value FROM json_each(?))"
_IS_ENTITY = "(type IS NOT NULL OR degree > 0)"


class EntityRow(NamedTuple):
    """An entity as a reader sees it. type: the local name of its class. degree: claims that speak of it."""

    number: int
    iri: str
    label: str
    type: str
    degree: int


class Link(NamedTuple):
    """A claim as far as it takes to choose among claims: its number, ends, predicate and status, maybe UNSURE."""

    number: int
    iri: str
    subject: int
    predicate: str
    object: int
    status: str


class ClaimDetails(NamedTuple):
    """The rest of a claim. document: a number of `documents`, None for none."""

    number: int
    confidence: float | None
    document: int | None
    first: str
    last: str


class DocumentInfo(NamedTuple):
    """A document as a reader sees it."""

    iri: str
    id: str
    title: str | None
    published: str | None
    outlet: str | None


class ClaimSearch:
    """Entities and claims of one snapshot, open for reading; belongs to the thread that opens it."""

    def __init__(self, path: Path, store: ox.Store) -> None:
        """path: the text index of the snapshot. Raises StoreError when it is none of this version."""
        if not is_index(path):
            raise StoreError(f"{path} is no text index of this version: run kg build again")
        self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        self._store = store
        self._iris: dict[int, str] = {}

    def close(self) -> None:
        """Nothing can be found afterwards."""
        self._db.close()

    @cached_property
    def size(self) -> tuple[int, int]:
        """Entities and claims of the whole graph."""
        (n_entities,) = self._db.execute(f"SELECT COUNT(*) FROM entity WHERE {_IS_ENTITY}").fetchone()
        (n_claims,) = self._db.execute("SELECT COUNT(*) FROM claim").fetchone()
        return n_entities, n_claims

    @cached_property
    def retracted(self) -> frozenset[str]:
        """IRIs of all claims and figures that a user has taken back."""
        return self._having(_RETRACTED)

    @cached_property
    def contradicted(self) -> frozenset[str]:
        """IRIs of all claims and figures that another one contradicts."""
        return self._having(_CONFLICTS)

    def numbers(self, iris: Iterable[str]) -> dict[str, int]:
        """IRI -> number, in the order given; what is no entity of this graph is left out."""
        wanted = list(dict.fromkeys(iris))
        query = f"SELECT iri, id FROM entity WHERE iri {_IN} AND {_IS_ENTITY}"
        found = dict(self._db.execute(query, (json.dumps(wanted),)))
        return {iri: found[iri] for iri in wanted if iri in found}

    def entities(self, numbers: Sequence[int]) -> list[EntityRow]:
        """The entities of these numbers, in their order."""
        wanted = json.dumps(numbers)
        rows = self._db.execute(f"SELECT id, iri, COALESCE(type, 'Entity') FROM entity WHERE id {_IN}", (wanted,))
        found = {number: (iri, kind) for number, iri, kind in rows}
        query = f"SELECT entity, MIN(text) FROM name WHERE entity {_IN} AND is_label GROUP BY entity"
        labels = dict(self._db.execute(query, (wanted,)))
        degrees = self.degrees(numbers)
        return [
            EntityRow(number, iri, labels.get(number) or _local(iri), kind, degrees[number])
            for number in numbers
            for iri, kind in [found[number]]
        ]

    def aliases(self, number: int) -> list[str]:
        """All names of an entity, sorted."""
        rows = self._db.execute("SELECT DISTINCT text FROM name WHERE entity = ? ORDER BY text", (number,))
        return [text for (text,) in rows]

    def degrees(self, numbers: Sequence[int]) -> Counter[int]:
        """Entity -> claims that speak of it; one that speaks of it twice counts once."""
        wanted = json.dumps(numbers)
        found: Counter[int] = Counter()
        for query in (
            f"SELECT subject, COUNT(*) FROM claim WHERE subject {_IN} GROUP BY subject",
            f"SELECT object, COUNT(*) FROM claim WHERE object {_IN} AND subject <> object GROUP BY object",
        ):
            found.update(dict(self._db.execute(query, (wanted,))))
        return found

    def best_connected(self, limit: int) -> list[int]:
        """At most so many entities, those of the most claims first, ties by IRI."""
        query = (
            "SELECT entity.id FROM entity LEFT JOIN ("
            " SELECT number, COUNT(*) AS n FROM (SELECT subject AS number FROM claim UNION ALL"
            " SELECT object FROM claim WHERE subject <> object) GROUP BY number) ON number = entity.id"
            f" WHERE {_IS_ENTITY} ORDER BY COALESCE(n, 0) DESC, iri LIMIT ?"
        )
        return [number for (number,) in self._db.execute(query, (limit,))]

    def mentioned(self, numbers: Collection[int]) -> dict[int, tuple[int, str]]:
        """Entity -> claims and figures that speak of it, and its IRI: what it takes to put entities in order."""
        query = f"SELECT id, degree, iri FROM entity WHERE id {_IN}"
        return {number: (n, iri) for number, n, iri in self._db.execute(query, (json.dumps(list(numbers)),))}

    def claims_of(self, number: int) -> list[Link]:
        """All claims that speak of an entity, each once, by number."""
        query = (
            "SELECT id, iri, subject, predicate, object, status FROM claim WHERE subject = ? OR object = ? ORDER BY id"
        )
        return self._links(self._db.execute(query, (number, number)))

    def claims_at(self, numbers: Collection[int], limit: int) -> list[Link]:
        """The claims with an end among these, each once, by number; `limit` at most."""
        query = (
            "SELECT id, iri, subject, predicate, object, status FROM claim"
            f" WHERE subject {_IN} OR object {_IN} ORDER BY id LIMIT ?"
        )
        wanted = json.dumps(sorted(numbers))
        return self._links(self._db.execute(query, (wanted, wanted, limit)))

    def claims_between(self, some: Collection[int], others: Collection[int]) -> list[Link]:
        """The claims with one end among some and the other among others, each once, sorted by ends and number.

        The plus keeps SQLite from looking up every pair of ends in the index, 400 million of 20,000 entities.
        """
        ours, theirs = json.dumps(sorted(some)), json.dumps(sorted(others))
        columns = "id, iri, subject, predicate, object, status"
        query = (
            f"SELECT {columns} FROM claim WHERE subject {_IN} AND +object {_IN} UNION "
            f"SELECT {columns} FROM claim WHERE object {_IN} AND +subject {_IN} ORDER BY subject, object, id"
        )
        return self._links(self._db.execute(query, (ours, theirs, ours, theirs)))

    def _links(self, rows: Iterable[tuple[int, str, int, str, int, str]]) -> list[Link]:
        """Claims as the table has them, told whether the graph asserts what they say."""
        links = [Link(*row) for row in rows]
        told = [link for link in links if link.status == ACTUAL and link.iri not in self.retracted]
        new = {end for link in told for end in (link.subject, link.object)} - self._iris.keys()
        query = f"SELECT id, iri FROM entity WHERE id {_IN}"
        self._iris.update(dict(self._db.execute(query, (json.dumps(sorted(new)),))))
        unsure = {link.number for link in told if not self._is_asserted(link)}
        return [link._replace(status=UNSURE) if link.number in unsure else link for link in links]

    def _is_asserted(self, link: Link) -> bool:
        predicate = expand(f"kg:{link.predicate}") if ":" not in link.predicate else ox.NamedNode(link.predicate)
        subject, object_ = (ox.NamedNode(self._iris[end]) for end in (link.subject, link.object))
        return ox.Quad(subject, predicate, object_) in self._store

    def details(self, claims: Sequence[Link]) -> list[ClaimDetails]:
        """The rest of these claims, in their order."""
        query = f"SELECT id, confidence, document, first, last FROM claim WHERE id {_IN}"
        numbers = [claim.number for claim in claims]
        found = {row[0]: ClaimDetails(*row) for row in self._db.execute(query, (json.dumps(numbers),))}
        return [found[number] for number in numbers]

    def documents(self, numbers: Iterable[int]) -> dict[int, DocumentInfo]:
        """Number -> document, sorted by id."""
        query = f"SELECT id, iri, name, title, published, outlet FROM document WHERE id {_IN} ORDER BY name, iri"
        rows = self._db.execute(query, (json.dumps(sorted(set(numbers))),))
        return {number: DocumentInfo(*row) for number, *row in rows}

    def documents_named(self, iris: Iterable[str]) -> list[DocumentInfo]:
        """The documents of these IRIs, sorted by id."""
        query = (
            f"SELECT iri, name, title, published, outlet FROM document WHERE iri {_IN} GROUP BY iri ORDER BY name, iri"
        )
        return [DocumentInfo(*row) for row in self._db.execute(query, (json.dumps(sorted(set(iris))),))]

    def sources(self, claims: Sequence[Link]) -> Mapping[str, int]:
        """IRI of a claim -> number of texts that say the same, where the graph counts them."""
        counts: dict[str, int] = {}
        for quad in self._source_counts(claims):
            if (
                isinstance(quad.subject, ox.NamedNode)
                and isinstance(quad.object, ox.Literal)
                and quad.object.value.isdecimal()
            ):
                counts[quad.subject.value] = int(quad.object.value)
        return counts

    def _source_counts(self, claims: Sequence[Link]) -> Iterable[ox.Quad]:
        if len(claims) >= BULK:
            return self._store.quads_for_pattern(None, _SOURCES, None)
        nodes = (ox.NamedNode(claim.iri) for claim in claims)
        return (quad for node in nodes for quad in self._store.quads_for_pattern(node, _SOURCES, None))

    def _having(self, predicate: ox.NamedNode) -> frozenset[str]:
        quads = self._store.quads_for_pattern(None, predicate, None)
        return frozenset(quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode))


def _local(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]
