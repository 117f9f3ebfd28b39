"""Stage 9, beside the names and quotes of a snapshot: its claims and documents, to be found by their ends.

    claim      one row a claim: its ends as numbers of `entity`, what it says, how sure, when, and by which document
    document   what a document says of itself

In: one graph of a snapshot. Out: rows of the file that kg.text_index makes, graph by graph, so the cost follows the
change. What follows from several documents (kg:sourceCount, kg:conflictsWith, kg:retractedBy) is not kept here: the
store tells it in 10 us a claim, and a table of it would have to be compared whole after every build.

A claim that lacks an end, a predicate, or a status of the ontology is not whole, and is left out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple, TypeGuard

import pyoxigraph as ox

from kg.iris import expand, individual, prefixes
from kg.records import Status

CLAIM_SCHEMA = """
CREATE TABLE document (
    id INTEGER PRIMARY KEY, graph INTEGER NOT NULL, iri TEXT NOT NULL, name TEXT NOT NULL, title TEXT, published TEXT,
    outlet TEXT, UNIQUE (graph, iri)
);
CREATE TABLE claim (
    id INTEGER PRIMARY KEY, graph INTEGER NOT NULL, iri TEXT NOT NULL, subject INTEGER NOT NULL,
    predicate TEXT NOT NULL, object INTEGER NOT NULL, status TEXT NOT NULL, confidence REAL, document INTEGER,
    first TEXT NOT NULL, last TEXT NOT NULL
);
CREATE INDEX document_iri ON document (iri);
CREATE INDEX claim_graph ON claim (graph);
CREATE INDEX claim_subject ON claim (subject, object);
CREATE INDEX claim_object ON claim (object, subject);
"""

STATUSES: dict[str, str] = {individual(status).value: individual(status).value.rpartition("#")[2] for status in Status}
"""IRI of a status -> its local name."""

_OURS = prefixes()["kg"]
_SUBJECT, _PREDICATE, _OBJECT = (expand(f"rdf:{name}") for name in ("subject", "predicate", "object"))
_STATUS, _CONFIDENCE, _EVIDENCE = expand("kg:status"), expand("kg:confidence"), expand("kg:evidence")
_STARTED, _ENDED, _OCCURRED = expand("kg:startedOn"), expand("kg:endedOn"), expand("kg:occurredOn")
_DERIVED, _NAME, _TITLE = expand("prov:wasDerivedFrom"), expand("dcterms:identifier"), expand("dcterms:title")
_PUBLISHED, _OUTLET = expand("dcterms:date"), expand("dcterms:publisher")

_TYPE, _DOCUMENT = expand("rdf:type"), expand("kg:Document")

_OF_DOCUMENT = "iri, name, title, published, outlet"
_COLUMNS = "iri, subject, predicate, object, status, confidence, document, first, last"

_LINKS = (_PREDICATE, _OBJECT, _STATUS, _EVIDENCE, _DERIVED)
_TEXTS = (_CONFIDENCE, _STARTED, _ENDED, _OCCURRED)
_OF_DOCUMENT_TERMS = (_NAME, _TITLE, _PUBLISHED, _OUTLET)
"""What is read of claims, and of documents."""

Values = dict[ox.NamedNode, dict[str, str]]
Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


class DocumentRow(NamedTuple):
    """What a document says of itself. name: its id, or its IRI where it gives none."""

    iri: str
    name: str
    title: str | None
    published: str | None
    outlet: str | None


class ClaimRow(NamedTuple):
    """A claim. Ends and document are IRIs, predicate and status as `short_name` writes them.

    first, last: the days it speaks of, ISO 8601 at the precision of the text; empty where it gives none.
    """

    iri: str
    subject: str
    predicate: str
    object: str
    status: str
    confidence: float | None
    document: str | None
    first: str
    last: str


class Said(NamedTuple):
    """The claims and documents of one graph, each sorted by IRI."""

    claims: list[ClaimRow]
    documents: list[DocumentRow]


def short_name(iri: str) -> str:
    """The local name of a term of the ontology; any other IRI as it is.

    >>> short_name("https://w3id.org/tracegraph/ontology#acquired"), short_name("http://example.org/knows")
    ('acquired', 'http://example.org/knows')
    """
    return iri.removeprefix(_OURS)


def write_claims(db: sqlite3.Connection, graph: int, said: Said, number: Callable[[str], int]) -> None:
    """Make the rows of a graph what it says; those that it has already keep their numbers.

    number: IRI of an entity -> its number in the table `entity`.
    """
    _write_documents(db, graph, said.documents)
    documents = dict(db.execute("SELECT iri, id FROM document WHERE graph = ?", (graph,)))
    rows = db.execute(f"SELECT {_COLUMNS}, id FROM claim WHERE graph = ?", (graph,))  # noqa: S608  # our own names
    known = {tuple(row): id_ for *row, id_ in rows}
    wanted = dict.fromkeys(
        (
            c.iri,
            number(c.subject),
            c.predicate,
            number(c.object),
            c.status,
            c.confidence,
            documents.get(c.document),
            *c[7:],
        )
        for c in said.claims
    )
    db.executemany("DELETE FROM claim WHERE id = ?", [(id_,) for row, id_ in known.items() if row not in wanted])
    new = [(graph, *row) for row in wanted if row not in known]
    db.executemany(f"INSERT INTO claim (graph, {_COLUMNS}) VALUES (?{', ?' * 9})", new)  # noqa: S608


def read_claims(store: ox.Store, graph: Graph) -> Said:
    """What a graph says, read by the store's indexes, in half the time of one pass over all that it says."""
    links = {_SUBJECT: _read_values(store, graph, _SUBJECT, ox.NamedNode)}
    documents = {q.subject.value for q in store.quads_for_pattern(None, _TYPE, _DOCUMENT, graph) if _is_iri(q.subject)}
    about = {term: _read_values(store, graph, term, ox.Literal) for term in (_OF_DOCUMENT_TERMS if documents else ())}
    if links[_SUBJECT]:
        links |= {term: _read_values(store, graph, term, ox.NamedNode) for term in _LINKS}
        about |= {term: _read_values(store, graph, term, ox.Literal) for term in _TEXTS}
    whole = set(links[_SUBJECT]).intersection(*(links.get(term, {}) for term in (_PREDICATE, _OBJECT, _STATUS)))
    claims = [_claim(iri, links, about) for iri in sorted(whole) if links[_STATUS][iri] in STATUSES]
    return Said(claims, [_document(iri, about) for iri in sorted(documents)])


def _claim(iri: str, links: Values, texts: Values) -> ClaimRow:
    occurred, started, ended = (texts[term].get(iri, "") for term in (_OCCURRED, _STARTED, _ENDED))
    return ClaimRow(
        iri,
        links[_SUBJECT][iri],
        short_name(links[_PREDICATE][iri]),
        links[_OBJECT][iri],
        STATUSES[links[_STATUS][iri]],
        _number(texts[_CONFIDENCE].get(iri)),
        links[_DERIVED].get(links[_EVIDENCE].get(iri, "")),
        started or occurred,
        ended or ("" if started else occurred),
    )


def _document(iri: str, texts: Values) -> DocumentRow:
    title, published, outlet = (texts[term].get(iri) for term in (_TITLE, _PUBLISHED, _OUTLET))
    return DocumentRow(iri, texts[_NAME].get(iri, iri), title, published, outlet)


def _write_documents(db: sqlite3.Connection, graph: int, documents: list[DocumentRow]) -> None:
    """A document keeps its number when what it says of itself changes."""
    rows = db.execute(f"SELECT {_OF_DOCUMENT} FROM document WHERE graph = ?", (graph,))  # noqa: S608
    known = {row[0]: DocumentRow(*row) for row in rows}
    gone = known.keys() - {document.iri for document in documents}
    db.executemany("DELETE FROM document WHERE graph = ? AND iri = ?", [(graph, iri) for iri in sorted(gone)])
    db.executemany(
        f"INSERT INTO document (graph, {_OF_DOCUMENT}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"  # noqa: S608
        " name = excluded.name, title = excluded.title, published = excluded.published, outlet = excluded.outlet",
        [(graph, *document) for document in documents if known.get(document.iri) != document],
    )


def _read_values(store: ox.Store, graph: Graph, predicate: ox.NamedNode, kind: type[Any]) -> dict[str, str]:
    """IRI -> IRI or text; of several the first in order."""
    found: dict[str, str] = {}
    for quad in store.quads_for_pattern(None, predicate, None, graph):
        if _is_iri(quad.subject) and isinstance(quad.object, kind):
            known = found.get(quad.subject.value)
            found[quad.subject.value] = quad.object.value if known is None else min(known, quad.object.value)
    return found


def _is_iri(term: Any) -> TypeGuard[ox.NamedNode]:
    return isinstance(term, ox.NamedNode)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
