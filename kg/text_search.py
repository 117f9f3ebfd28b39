"""Stage 10, first half: a text that a person typed -> the entities and quotes that it means, the closest first.

In: the text index of a snapshot (kg.text_index). What is found falls into classes, and inside a class the entity that
most claims and observations speak of comes first:

    EXACT        the name, whatever its case, accents, spaces and punctuation
    PREFIX       the start of a name
    WORDS        all words of the text are words of the name, the last one maybe unfinished
    INSIDE       all words of the text are inside words of the name
    MISSPELT     words within one edit of it, then within two; tried only where nothing else is found

A text is never an FTS5 expression: only runs of letters and digits reach MATCH, each in quotation marks.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from kg.errors import StoreError
from kg.text_index import MIN_CORRECTED, deletions, find_words, fold, is_index, squeeze

MAX_WORDS = 32
"""Words of a text that are looked at; no name and hardly a sentence has more."""

MAX_SPELLINGS = 100
"""Words of names that one word of the text may stand for, the shortest first."""

MAX_SCANNED_QUOTES = 2_000
"""Quotes with all words that are compared: a word as common as `the` stands in most of them."""

_MIN_INSIDE = 3
"""Letters of a word that may be inside another: the length of a trigram."""

_MIN_TWO_EDITS = 8
"""Letters of a word that may be two edits away; of shorter words, too many are."""

_PARTS_OF_TWO_EDITS = 7
"""Trigrams of a word that two edits can change: three for each letter, four for a swap."""

_FAR = 10_000_000
"""Added to the distance of a name that has more than the text; no name is so long."""


class Closeness(IntEnum):
    """Classes of what is found, the closest first; see the module's text."""

    EXACT = 0
    PREFIX = 1
    WORDS = 2
    INSIDE = 3
    MISSPELT = 4


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """An entity whose name fits. match: that name; kind: whether it is the label or an alias. aliases: sorted."""

    iri: str
    label: str
    type: str
    aliases: tuple[str, ...]
    degree: int
    match: str
    kind: str
    closeness: Closeness


@dataclass(frozen=True, slots=True)
class FoundQuote:
    """The words of an evidence that hold the text. document: its IRI, empty where the graph does not say."""

    iri: str
    document: str
    match: str
    has_phrase: bool
    kind: str = "quote"


class _Row(NamedTuple):
    entity: int
    iri: str
    type: str
    degree: int
    text: str
    is_label: int
    distance: int


_FOUND = """
SELECT entity.id, entity.iri, entity.type, entity.degree, name.text, name.is_label,
       MIN((name.key <> :key) * 10000000 + length(name.text) * 2 + 1 - name.is_label) AS distance
FROM {source} JOIN entity ON entity.id = name.entity
WHERE {condition} AND entity.type IS NOT NULL
GROUP BY entity.id
ORDER BY distance >= 10000000, entity.degree DESC, distance, entity.iri
LIMIT :limit
"""
"""One row an entity, with the closest of its names (SQLite takes bare columns from the row of the minimum)."""

_BY_KEY = _FOUND.format(source="name", condition="name.key >= :key AND name.key < :key || char(1114111)")
_BY_WORDS = _FOUND.format(
    source="name_words CROSS JOIN name ON name.id = name_words.rowid", condition="name_words MATCH :match"
)


class TextIndex:
    """The text index of one snapshot, open for reading; belongs to the thread that opens it."""

    def __init__(self, path: Path) -> None:
        """Raises StoreError when there is no index, or one of another version."""
        if not is_index(path):
            raise StoreError(f"{path} is no text index of this version: run kg build again")
        self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)

    def close(self) -> None:
        """Nothing can be found afterwards."""
        self._db.close()

    def find_entities(self, text: str, *, limit: int) -> list[FoundEntity]:
        """At most `limit` entities whose names fit the text, each once, the closest first."""
        return [self._found(closeness, row) for closeness, row in self._closest(text, limit)]

    def find_quotes(self, text: str, *, limit: int) -> list[FoundQuote]:
        """At most `limit` quotes with all words of the text, those with the very phrase first, then the shortest."""
        words = find_words(unicodedata.normalize("NFC", text))[:MAX_WORDS]
        if not words:
            return []
        found: dict[str, FoundQuote] = {}
        phrase, each = f'"{" ".join(words)}" *', _all_of([[word] for word in words])
        for match, has_phrase in ((phrase, True), (each, False)):
            if len(found) < limit:
                rows = self._db.execute(
                    "SELECT iri, document, quote.text FROM quote_words CROSS JOIN quote ON quote.id = quote_words.rowid"
                    " WHERE quote_words MATCH ? LIMIT ?",
                    (match, MAX_SCANNED_QUOTES),
                ).fetchall()
                for iri, document, quote in sorted(rows, key=lambda row: (len(row[2]), row[0])):
                    found.setdefault(iri, FoundQuote(iri, document, quote, has_phrase))
        return list(found.values())[:limit]

    def find_iris(self, text: str, limit: int) -> list[tuple[str, float]]:
        """IRIs of entities and of evidences with a score in (0, 1], at most `limit` of each, the best first.

        The score falls by 0.2 with each class, and grows inside it with the degree; a quote scores 0.55 with the very
        phrase, and 0.35 with all words.
        """
        entities = self._closest(text, limit)
        scores = {row.iri: round((4 - c + (row.degree + 1) / (row.degree + 2)) / 5, 4) for c, row in entities}
        for quote in self.find_quotes(text, limit=limit):
            scores.setdefault(quote.iri, 0.55 if quote.has_phrase else 0.35)
        return sorted(scores.items(), key=lambda found: (-found[1], found[0]))

    def _closest(self, text: str, limit: int) -> list[tuple[Closeness, _Row]]:
        found: dict[int, tuple[Closeness, _Row]] = {}
        key, words = squeeze(text), find_words(fold(text))[:MAX_WORDS]
        if not key:
            return []
        for closeness, rows in self._stages(words, key, limit):
            for row in rows:
                is_exact = closeness is Closeness.PREFIX and row.distance < _FAR
                found.setdefault(row.entity, (Closeness.EXACT if is_exact else closeness, row))
            if len(found) >= limit or (found and closeness is Closeness.INSIDE):
                break
        return list(found.values())[:limit]

    def _stages(self, words: Sequence[str], key: str, limit: int) -> Iterator[tuple[Closeness, list[_Row]]]:
        yield Closeness.PREFIX, self._rows(_BY_KEY, key, limit)
        if not words:
            return
        yield Closeness.WORDS, self._rows(_BY_WORDS, key, limit, _all_of([[word] for word in words]))
        inside = [[word, *self._containing(word)] for word in words]
        if any(len(spellings) > 1 for spellings in inside):
            yield Closeness.INSIDE, self._rows(_BY_WORDS, key, limit, _all_of(inside))
        else:
            yield Closeness.INSIDE, []
        for correct in (self._one_edit_away, self._two_edits_away):
            spellings = [[word, *correct(word)] for word in words]
            match = _all_of(spellings)
            if len(words) > 1 and (joined := correct(key)):
                match = f"({match}) OR ({_any_of(joined)})"
            yield Closeness.MISSPELT, self._rows(_BY_WORDS, key, limit, match)

    def _rows(self, query: str, key: str, limit: int, match: str = "") -> list[_Row]:
        rows = self._db.execute(query, {"key": key, "limit": limit, "match": match})
        return [_Row(*row) for row in rows]

    def _containing(self, word: str) -> list[str]:
        """Words of names that contain a word."""
        if len(word) < _MIN_INSIDE:
            return []
        match = " AND ".join(f'"{part}"' for part in sorted(_trigrams(word)))
        return [text for text in self._words(match) if word in text and text != word][:MAX_SPELLINGS]

    def _one_edit_away(self, word: str) -> list[str]:
        if len(word) < MIN_CORRECTED:
            return []
        keys = sorted(deletions(word))
        wanted = ", ".join("?" * len(keys))
        rows = self._db.execute(
            f"SELECT DISTINCT text FROM deletion JOIN word ON word.id = word WHERE key IN ({wanted}) ORDER BY text",  # noqa: S608
            keys,
        )
        return [text for (text,) in rows if _edits(word, text, 1) == 1][:MAX_SPELLINGS]

    def _two_edits_away(self, word: str) -> list[str]:
        """One or two edits away; two leave some trigram of a long word as it is."""
        if len(word) < _MIN_TWO_EDITS:
            return self._one_edit_away(word)
        parts, letters = _trigrams(word), set(word)
        match, enough = " OR ".join(f'"{part}"' for part in sorted(parts)), max(1, len(parts) - _PARTS_OF_TWO_EDITS)
        near = [
            text
            for text in self._words(match)
            if abs(len(text) - len(word)) <= 2
            and len(letters.symmetric_difference(text)) <= 4
            and len(parts.intersection(_trigrams(text))) >= enough
        ]
        return [text for text in near if 1 <= _edits(word, text, 2) <= 2][:MAX_SPELLINGS]

    def _words(self, match: str) -> Iterator[str]:
        rows = self._db.execute(
            "SELECT word.text FROM word_parts CROSS JOIN word ON word.id = word_parts.rowid"
            " WHERE word_parts MATCH ? ORDER BY length(word.text), word.text",
            (match,),
        )
        return (text for (text,) in rows)

    def _found(self, closeness: Closeness, row: _Row) -> FoundEntity:
        names = self._db.execute(
            "SELECT DISTINCT text, is_label FROM name WHERE entity = ? ORDER BY is_label DESC, text", (row.entity,)
        ).fetchall()
        label = names[0][0] if names[0][1] else row.iri.rsplit("/", 1)[-1]
        aliases = tuple(sorted({text for text, _ in names} - {label}))
        kind = "label" if row.text == label else "alias"
        return FoundEntity(row.iri, label, row.type, aliases, row.degree, row.text, kind, closeness)


def _all_of(spellings: Sequence[Sequence[str]]) -> str:
    """FTS5 expression: one spelling of each word; the last word may be the start of a longer one."""
    groups = [f"({_any_of(words)})" for words in spellings[:-1]]
    return " AND ".join([*groups, f"({_any_of(spellings[-1][1:], start=spellings[-1][0])})"])


def _any_of(words: Sequence[str], start: str = "") -> str:
    return " OR ".join([*([f'"{start}" *'] if start else []), *(f'"{word}"' for word in words)])


def _trigrams(word: str) -> set[str]:
    return {word[i : i + 3] for i in range(len(word) - 2)}


def _edits(one: str, other: str, most: int) -> int:
    """Letters left out, added, changed, or swapped with the next; `most` + 1 stands for any larger number.

    Source: optimal string alignment (Damerau 1964), row by row.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        oldest, before, row = before, row, [i]
        for j, compared in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != compared))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == compared:
                cost = min(cost, oldest[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
