"""What a build keeps for the next one, in one SQLite file beside the snapshots: <store>/cache.sqlite.

    source   digest of a file and its id, read by a pipeline -> ids of its documents and keys of their extractions
    profile  key of an extraction -> its profile
    graph    key of all that a document's graph is made from -> its quads, their digest, findings and refusals
    common   digest of the default graph -> its quads

Everything in it is looked up by what it was made from, so an entry is never wrong, only unused; a build that dies
leaves entries that the next one finds or drops. Deleting the file costs time and nothing else.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from kg.errors import StoreError
from kg.findings import Findings, findings_from_json, findings_to_json
from kg.profiles import Profile, profile_from_json, profile_to_json
from kg.records import DocumentId, Refusal

SCHEMA_VERSION = 3
"""Number of this layout; a file of another is emptied, it holds nothing that cannot be made again."""

_TABLES = """
CREATE TABLE IF NOT EXISTS source (key TEXT PRIMARY KEY, documents TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS profile (key TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS graph (
    key TEXT PRIMARY KEY, digest TEXT NOT NULL, findings TEXT NOT NULL, refusals TEXT NOT NULL, quads BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS common (key TEXT PRIMARY KEY, quads BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class KeptGraph:
    """A document's graph without its quads. digest: `kg.listings.quads_digest` of them."""

    key: str
    digest: str
    findings: Findings
    refusals: tuple[Refusal, ...]


class BuildCache:
    """The tables; only `open_cache` makes one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def documents_of(self, source: str) -> dict[DocumentId, str] | None:
        """Ids and extraction keys of the documents of a file that was read before."""
        row = self._db.execute("SELECT documents FROM source WHERE key = ?", (source,)).fetchone()
        return None if row is None else json.loads(row[0])

    def keep_source(self, source: str, documents: dict[DocumentId, str]) -> None:
        """Note what documents a file holds."""
        self._db.execute("INSERT OR REPLACE INTO source VALUES (?, ?)", (source, json.dumps(documents)))

    def profiles(self) -> dict[str, Profile]:
        """All profiles by the key of their extraction."""
        return {key: profile_from_json(line) for key, line in self._db.execute("SELECT key, line FROM profile")}

    def keep_profile(self, key: str, profile: Profile) -> None:
        """Keep the profile of an extraction."""
        self._db.execute("INSERT OR REPLACE INTO profile VALUES (?, ?)", (key, profile_to_json(profile)))

    def graphs(self) -> dict[str, KeptGraph]:
        """All graphs by key, without their quads."""
        rows = self._db.execute("SELECT key, digest, findings, refusals FROM graph")
        return {
            key: KeptGraph(
                key, digest, findings_from_json(findings), tuple(Refusal(*refusal) for refusal in json.loads(refusals))
            )
            for key, digest, findings, refusals in rows
        }

    def keep_graph(self, graph: KeptGraph, quads: bytes) -> None:
        """Keep a graph with its quads as N-Quads."""
        refusals = json.dumps([astuple(refusal) for refusal in graph.refusals], ensure_ascii=False)
        row = (graph.key, graph.digest, findings_to_json(graph.findings), refusals, zlib.compress(quads, 1))
        self._db.execute("INSERT OR REPLACE INTO graph VALUES (?, ?, ?, ?, ?)", row)

    def quads_of(self, key: str) -> bytes:
        """The N-Quads of a graph. Raises StoreError when there is none."""
        row = self._db.execute("SELECT quads FROM graph WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise StoreError(f"the cache holds no graph {key}: build again")
        return zlib.decompress(row[0])

    def common(self, digest: str) -> bytes | None:
        """The N-Quads of a default graph."""
        row = self._db.execute("SELECT quads FROM common WHERE key = ?", (digest,)).fetchone()
        return None if row is None else zlib.decompress(row[0])

    def keep_common(self, digest: str, quads: bytes) -> None:
        """Keep a default graph, sorted or not."""
        self._db.execute("INSERT OR IGNORE INTO common VALUES (?, ?)", (digest, zlib.compress(quads, 1)))

    def save(self) -> None:
        """Make what was kept so far last."""
        self._db.commit()

    def drop_all_but(self, extractions: Collection[str], graphs: Collection[str], digests: Collection[str]) -> None:
        """Forget what the store no longer needs. digests: of its graphs, the default graph among them."""
        wanted = set(extractions)
        stale = [
            (key,)
            for key, documents in self._db.execute("SELECT key, documents FROM source")
            if not wanted.issuperset(json.loads(documents).values())
        ]
        self._db.executemany("DELETE FROM source WHERE key = ?", stale)
        self._drop("profile", wanted)
        self._drop("graph", set(graphs))
        self._drop("common", set(digests))
        self._db.commit()

    def _drop(self, table: str, wanted: set[str]) -> None:
        keys = {key for (key,) in self._db.execute(f"SELECT key FROM {table}")}  # noqa: S608  # our own table names
        self._db.executemany(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in sorted(keys - wanted)])  # noqa: S608


@contextmanager
def open_cache(folder: Path) -> Iterator[BuildCache]:
    """The cache of a store, made where there is none; what was not saved is lost when the block is left by an error.

    Raises StoreError when the file is damaged or cannot be written.
    """
    path = folder / "cache.sqlite"
    try:
        with closing(sqlite3.connect(path)) as connection:
            _prepare(connection)
            yield BuildCache(connection)
            connection.commit()
    except sqlite3.Error as err:
        raise StoreError(f"{path}: {err}: delete the file, it will be made again") from err


def _prepare(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != SCHEMA_VERSION:
        for table in ("source", "profile", "graph", "common"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.commit()
