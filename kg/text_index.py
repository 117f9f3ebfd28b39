"""Stage 9, beside the store: the names and quotes of a snapshot -> one SQLite file that can be searched.

    graph            name of a graph -> digest of its quads, as when it was indexed
    entity, part     IRI -> class and degree; what each graph says of both
    name             labels and aliases, with the keys by which they are found; name_words: their words (FTS5), folded
                     here, because SQLite knows the letters of Unicode 6.1 alone
    word             each word of a name once; word_parts: its trigrams (FTS5); deletion: what is left without a letter
    quote            the words of evidence; quote_words: their words (FTS5)
    claim, document  see kg.claim_table

In: an open snapshot and the digests of its graphs. Out: the file. It is made from the file of the snapshot before: the
file is copied, and only the graphs whose digest differs are read again, so the cost follows the change. Everything in
it is told by the graphs, except that a word which no name has any more stays, and finds nothing.

Entities are what has one of the classes in CLASSES, whatever graph says so. A degree is the number of claims and
observations that speak of an entity.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import unicodedata
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.claim_table import CLAIM_SCHEMA, Said, read_claims, write_claims
from kg.conflicts import COMPARISONS
from kg.contents import Change
from kg.errors import StoreError
from kg.iris import class_term, expand, predicate_term
from kg.records import EntityType, Predicate

SCHEMA_VERSION = 2
"""Number of this layout; a file of another is made anew."""

CLASSES: dict[ox.NamedNode, str] = {class_term(t): t.value for t in EntityType}
"""Class of an entity -> its local name."""

MIN_CORRECTED = 4
"""Letters of a word that may be misspelt: of shorter words, too many are one letter apart."""

_DELETION_LETTERS = 8
"""Letters at the start of a word of which one is left out; two words within one edit share what is left, or have the
same start. Source: W. Garbe, SymSpell (symmetric delete spelling correction, prefix variant)."""

_LABEL, _ALIAS, _TYPE = expand("rdfs:label"), expand("skos:altLabel"), expand("rdf:type")
_QUOTE, _DERIVED = expand("kg:quote"), expand("prov:wasDerivedFrom")
_SPEAKING = tuple(expand(curie) for curie in ("rdf:subject", "rdf:object", "kg:about"))
_WORD = re.compile(r"[^\W_]+")

_SCHEMA = """
CREATE TABLE graph (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, digest TEXT NOT NULL);
CREATE TABLE entity (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, type TEXT, degree INTEGER NOT NULL DEFAULT 0);
CREATE TABLE part (
    graph INTEGER NOT NULL, entity INTEGER NOT NULL, type TEXT, degree INTEGER NOT NULL, PRIMARY KEY (graph, entity)
) WITHOUT ROWID;
CREATE INDEX part_entity ON part (entity);
CREATE TABLE name (
    id INTEGER PRIMARY KEY, graph INTEGER NOT NULL, entity INTEGER NOT NULL, is_label INTEGER NOT NULL,
    text TEXT NOT NULL, words TEXT NOT NULL, key TEXT NOT NULL
);
CREATE INDEX name_graph ON name (graph);
CREATE INDEX name_entity ON name (entity);
CREATE INDEX name_key ON name (key);
CREATE VIRTUAL TABLE name_words USING fts5(
    words, content='name', content_rowid='id', detail='none', columnsize=0, prefix='1 2 3', tokenize='ascii'
);
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE word_parts USING fts5(
    text, content='word', content_rowid='id', detail='none', columnsize=0, tokenize='trigram'
);
CREATE TABLE deletion (key INTEGER NOT NULL, word INTEGER NOT NULL, PRIMARY KEY (key, word)) WITHOUT ROWID;
CREATE TABLE quote (
    id INTEGER PRIMARY KEY, graph INTEGER NOT NULL, iri TEXT NOT NULL, document TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX quote_graph ON quote (graph);
CREATE VIRTUAL TABLE quote_words USING fts5(
    text, content='quote', content_rowid='id', columnsize=0, tokenize="unicode61 remove_diacritics 2"
);
"""


_NAMING = frozenset({_LABEL, _ALIAS})
_UNREAD = COMPARISONS.union(
    map(expand, ("owl:sameAs", "kg:joinedBecause", "kg:retractedBy", "kg:retractionReason")),
    map(predicate_term, Predicate),
)
"""Properties of the graph that all documents make together, of which nothing is kept here."""

_MAX_TOUCHED = 5_000
"""Entities that are looked up one by one; with more, the graph is read whole in less time (150,000 quads in 1 s)."""


class _Name(NamedTuple):
    entity: str
    is_label: bool
    text: str


class _Quote(NamedTuple):
    iri: str
    document: str
    text: str


def fold(text: str) -> str:
    """Words without case and accents, one space between them; what has no letter or digit, in lower case.

    >>> fold("  Société Générale S.A."), fold("C++"), fold("!!!")
    ('societe generale s a', 'c', '!!!')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(find_words(plain.casefold())) or " ".join(plain.split())


def find_words(text: str) -> list[str]:
    """Runs of letters and digits."""
    return _WORD.findall(text)


def squeeze(text: str) -> str:
    """The key of a name: it is the same for `OpenAI` and `Open AI`.

    >>> squeeze("Open AI") == squeeze("OpenAI")
    True
    """
    return fold(text).replace(" ", "")


def deletions(word: str) -> set[int]:
    """Keys that a word shares with every word within one edit of it (and with a few others)."""
    start = word[:_DELETION_LETTERS]
    return {zlib.crc32(part.encode()) for part in (start, *(start[:i] + start[i + 1 :] for i in range(len(start))))}


def write_index(
    path: Path, previous: Path | None, store: ox.Store, digests: Mapping[str, str], changes: Iterable[Change] = ()
) -> None:
    """Make the index of a snapshot at `path`, whole or not at all.

    previous: the index of a snapshot much like it; None, a missing file, or one of another layout costs time only.
    digests: name of each graph of `store`, as the store lists it (`DEFAULT`, `<iri>`), -> digest of its quads.
    changes: of graphs of which it is known what they gained and lost; of these, only that is read again.
    Raises StoreError when the file cannot be written.
    """
    part = path.with_name(f".part-{path.name}")
    part.unlink(missing_ok=True)
    try:
        if previous is not None and is_index(previous):
            shutil.copyfile(previous, part)
        with closing(sqlite3.connect(part)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")  # a part file that is not finished is thrown away
            connection.execute("PRAGMA synchronous = OFF")
            _Writer(connection).write(store, digests, changes)
            connection.commit()
    except (OSError, sqlite3.Error) as err:
        raise StoreError(f"the text index cannot be written to {part}: {err}") from err
    _sync(part)
    part.replace(path)
    _sync(path.parent)


def is_index(path: Path) -> bool:
    """Whether there is a file of this layout."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION)
    except sqlite3.DatabaseError:
        return False


class _Writer:
    """Brings the tables in step with a snapshot."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._entities: dict[str, int] = {}
        self._touched: set[int] = set()

    def write(self, store: ox.Store, digests: Mapping[str, str], changes: Iterable[Change]) -> None:
        """Read again every graph whose digest differs, or what of it changed, and take out those that are gone."""
        if self._db.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
            self._db.executescript(_SCHEMA + CLAIM_SCHEMA)
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._entities = dict(self._db.execute("SELECT iri, id FROM entity"))
        known = {name: (number, digest) for number, name, digest in self._db.execute("SELECT * FROM graph")}
        for name in sorted(known.keys() - digests.keys()):
            self._write_graph(known[name][0], None)
            self._db.execute("DELETE FROM graph WHERE name = ?", (name,))
        changed = {(change.graph, change.before, change.after): change for change in changes}
        for name, digest in sorted(digests.items()):
            if known.get(name, (0, ""))[1] != digest:
                self._db.execute(
                    "INSERT INTO graph (name, digest) VALUES (?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest",
                    (name, digest),
                )
                (number,) = self._db.execute("SELECT id FROM graph WHERE name = ?", (name,)).fetchone()
                change = changed.get((name, known.get(name, (0, ""))[1], digest))
                self._write_graph(
                    number, _GraphReader(store, _graph_term(name)), _touched(change) if change is not None else None
                )
        self._update_entities()

    def _write_graph(self, graph: int, reader: _GraphReader | None, touched: Sequence[str] | None = None) -> None:
        """Make what the tables hold of a graph the same as what it says now; None: nothing.

        touched: entities, where only their names and classes may differ.
        """
        if reader is not None and touched is not None:
            self._write_names(graph, reader.names(touched), touched)
            self._write_parts(graph, reader.parts(touched), touched)
            return
        self._write_names(graph, reader.names() if reader else set())
        self._write_quotes(graph, reader.quotes() if reader else set())
        self._write_parts(graph, reader.parts() if reader else {})
        write_claims(self._db, graph, reader.claims() if reader else Said([], []), self._entity)

    def _write_names(self, graph: int, names: set[_Name], touched: Sequence[str] | None = None) -> None:
        query = "SELECT entity.iri, is_label, text, name.id, words FROM name JOIN entity ON entity.id = entity WHERE "
        if touched is None:
            rows = self._db.execute(f"{query} graph = ?", (graph,)).fetchall()
        else:  # SQLite's planner would else go through all names of the graph
            of_one = f"{query} entity.iri = ? AND +graph = ?"
            rows = [row for iri in touched for row in self._db.execute(of_one, (iri, graph))]
        known = {_Name(iri, bool(is_label), text): (number, words) for iri, is_label, text, number, words in rows}
        stale = [known[name] for name in sorted(known.keys() - names)]
        self._db.executemany("INSERT INTO name_words (name_words, rowid, words) VALUES ('delete', ?, ?)", stale)
        self._db.executemany("DELETE FROM name WHERE id = ?", [(number,) for number, _ in stale])
        new = [
            (graph, self._entity(name.entity), name.is_label, name.text, fold(name.text), squeeze(name.text))
            for name in sorted(names - known.keys())
        ]
        if new:
            first = self._next_id("name")
            self._db.executemany(
                "INSERT INTO name (graph, entity, is_label, text, words, key) VALUES (?, ?, ?, ?, ?, ?)", new
            )
            self._db.execute("INSERT INTO name_words (rowid, words) SELECT id, words FROM name WHERE id >= ?", (first,))
            self._write_words({word for row in new for word in row[4].split()})

    def _write_words(self, words: set[str]) -> None:
        known = {text for (text,) in self._db.execute("SELECT text FROM word")} if len(words) > 1000 else set()
        first = self._next_id("word")
        self._db.executemany(
            "INSERT OR IGNORE INTO word (text) VALUES (?)", [(word,) for word in sorted(words - known)]
        )
        new = self._db.execute("SELECT id, text FROM word WHERE id >= ?", (first,)).fetchall()
        self._db.executemany("INSERT INTO word_parts (rowid, text) VALUES (?, ?)", new)
        keys = sorted(
            (key, number) for number, text in new if len(text) >= MIN_CORRECTED - 1 for key in deletions(text)
        )
        self._db.executemany("INSERT INTO deletion VALUES (?, ?)", keys)

    def _write_quotes(self, graph: int, quotes: set[_Quote]) -> None:
        rows = self._db.execute("SELECT iri, document, text, id FROM quote WHERE graph = ?", (graph,))
        known = {_Quote(iri, document, text): number for iri, document, text, number in rows}
        stale = [(known[quote], quote.text) for quote in sorted(known.keys() - quotes)]
        self._db.executemany("INSERT INTO quote_words (quote_words, rowid, text) VALUES ('delete', ?, ?)", stale)
        self._db.executemany("DELETE FROM quote WHERE id = ?", [(number,) for number, _ in stale])
        if new := sorted(quotes - known.keys()):
            first = self._next_id("quote")
            self._db.executemany(
                "INSERT INTO quote (graph, iri, document, text) VALUES (?, ?, ?, ?)", [(graph, *quote) for quote in new]
            )
            self._db.execute("INSERT INTO quote_words (rowid, text) SELECT id, text FROM quote WHERE id >= ?", (first,))

    def _write_parts(
        self, graph: int, parts: Mapping[str, tuple[str | None, int]], touched: Sequence[str] | None = None
    ) -> None:
        query = "SELECT entity, type, degree FROM part WHERE graph = ?"
        if touched is None:
            rows = self._db.execute(query, (graph,)).fetchall()
        else:
            numbers = [(graph, self._entities[iri]) for iri in touched if iri in self._entities]
            rows = [row for one in numbers for row in self._db.execute(f"{query} AND entity = ?", one)]
        known = {entity: (kind, degree) for entity, kind, degree in rows}
        wanted = {self._entity(iri): part for iri, part in sorted(parts.items())}
        gone = known.keys() - wanted.keys()
        changed = {entity for entity, part in wanted.items() if known.get(entity) != part}
        self._touched |= gone | changed
        self._db.executemany("DELETE FROM part WHERE graph = ? AND entity = ?", [(graph, e) for e in sorted(gone)])
        self._db.executemany(
            "INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?)", [(graph, e, *wanted[e]) for e in sorted(changed)]
        )

    def _update_entities(self) -> None:
        """Sum up what all graphs say of the entities that changed."""
        self._db.executemany(
            "UPDATE entity SET type = (SELECT MIN(type) FROM part WHERE entity = entity.id),"
            " degree = (SELECT COALESCE(SUM(degree), 0) FROM part WHERE entity = entity.id) WHERE id = ?",
            [(entity,) for entity in sorted(self._touched)],
        )

    def _entity(self, iri: str) -> int:
        """The number of an entity, which gets one when it is new."""
        if iri not in self._entities:
            self._entities[iri] = len(self._entities) + 1
            self._db.execute("INSERT INTO entity (id, iri) VALUES (?, ?)", (self._entities[iri], iri))
        return self._entities[iri]

    def _next_id(self, table: str) -> int:
        (last,) = self._db.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()  # noqa: S608  # our own names
        return int(last) + 1


class _GraphReader:
    """What one graph says that can be searched, read by the store's indexes."""

    def __init__(self, store: ox.Store, graph: ox.NamedNode | ox.BlankNode | ox.DefaultGraph) -> None:
        self._store, self._graph = store, graph

    def names(self, entities: Collection[str] | None = None) -> set[_Name]:
        """Labels and aliases, of whatever has them, or of these entities."""
        subjects = [None] if entities is None else [ox.NamedNode(iri) for iri in entities]
        return {
            _Name(subject, is_label, value)
            for one in subjects
            for predicate, is_label in ((_LABEL, True), (_ALIAS, False))
            for subject, value in self._texts(predicate, one)
        }

    def quotes(self) -> set[_Quote]:
        """Quotes with the IRI of their document, empty where the graph names none."""
        quotes = list(self._texts(_QUOTE))
        documents = dict(self._links(_DERIVED)) if quotes else {}
        return {_Quote(subject, documents.get(subject, ""), text) for subject, text in quotes}

    def parts(self, entities: Collection[str] | None = None) -> dict[str, tuple[str | None, int]]:
        """Entity, or each of these, -> class, where the graph gives one, and number of findings that speak of it."""
        ends = [None] if entities is None else [ox.NamedNode(iri) for iri in entities]
        types = {
            entity: name
            for term, name in CLASSES.items()
            for one in ends
            for entity, _ in self._links(_TYPE, term, subject=one)
        }
        degrees = Counter(
            entity for predicate in _SPEAKING for one in ends for _, entity in self._links(predicate, one)
        )
        return {iri: (types.get(iri), degrees[iri]) for iri in types.keys() | degrees.keys()}

    def claims(self) -> Said:
        """Claims, and the documents that they are from."""
        return read_claims(self._store, self._graph)

    def _texts(self, predicate: ox.NamedNode, subject: ox.NamedNode | None = None) -> Iterator[tuple[str, str]]:
        for quad in self._store.quads_for_pattern(subject, predicate, None, self._graph):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                yield quad.subject.value, quad.object.value

    def _links(
        self, predicate: ox.NamedNode, value: ox.NamedNode | None = None, *, subject: ox.NamedNode | None = None
    ) -> Iterator[tuple[str, str]]:
        for quad in self._store.quads_for_pattern(subject, predicate, value, self._graph):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                yield quad.subject.value, quad.object.value


def _touched(change: Change) -> list[str] | None:
    """The entities of which it may change what is kept; None where it may change more than names and classes."""
    subjects: set[str] = set()
    for quad in (*change.gone, *change.new):
        is_class = quad.predicate == _TYPE and quad.object in CLASSES
        if not isinstance(quad.subject, ox.NamedNode) or not (
            is_class or quad.predicate in _NAMING or quad.predicate in _UNREAD
        ):
            return None
        if quad.predicate not in _UNREAD:
            subjects.add(quad.subject.value)
    return sorted(subjects) if len(subjects) <= _MAX_TOUCHED else None


def _graph_term(name: str) -> ox.NamedNode | ox.BlankNode | ox.DefaultGraph:
    if name == str(ox.DefaultGraph()):
        return ox.DefaultGraph()
    return ox.BlankNode(name[2:]) if name.startswith("_:") else ox.NamedNode(name[1:-1])


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
