"""Stage 6, first half: one document's extraction -> what of it is compared with other documents, and no more.

A profile is a small part of its extraction, so that the names of many thousand documents fit in memory and can be read
again at every build.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import NamedTuple

from kg.errors import StoreError
from kg.records import Cluster, ClusterId, Document, DocumentId, EntityType, Extraction, Predicate, Status

MIN_SENTENCE_WORDS = 8
"""A shorter sentence ("Shares rose.") may stand in two texts that have nothing to do with each other."""

_SENTENCE = re.compile(r"[^.!?\n]+")
_HASH_DIGITS = 12
"""48 bits: among ten million sentences one pair in six collides, and it takes half of a text to call it a reprint."""


class Link(NamedTuple):
    """A claim as far as it tells who an entity is."""

    subject: ClusterId
    predicate: Predicate
    object: ClusterId
    status: Status


@dataclass(frozen=True, slots=True)
class Profile:
    """What one document says that bears on who is who elsewhere.

    clusters: as extracted, their mentions left out. figures: clusters of which an observation speaks. sentences:
    digests of the longer sentences of the running text, sorted, by which a reprint is known.
    """

    document_id: DocumentId
    clusters: tuple[Cluster, ...]
    links: tuple[Link, ...]
    figures: frozenset[ClusterId]
    outlet: str | None = None
    sentences: tuple[str, ...] = ()


def profile_of(extraction: Extraction) -> Profile:
    """The profile of one document."""
    document, known = extraction.document, {cluster.id for cluster in extraction.clusters}
    return Profile(
        document.id,
        tuple(Cluster(c.id, c.name, c.type, c.aliases, ()) for c in extraction.clusters),
        tuple(
            Link(c.subject, c.predicate, c.object, c.status)
            for c in extraction.claims
            if {c.subject, c.object} <= known
        ),
        frozenset(o.about for o in extraction.observations),
        document.outlet,
        _sentence_digests(document),
    )


def profile_to_json(profile: Profile) -> str:
    """One line; equal profiles give equal lines."""
    record = [
        profile.document_id,
        [[c.id, c.name, c.type.value, list(c.aliases)] for c in profile.clusters],
        [list(link) for link in profile.links],
        sorted(profile.figures),
        profile.outlet,
        list(profile.sentences),
    ]
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def profile_from_json(line: str) -> Profile:
    """The profile that `profile_to_json` wrote. Raises StoreError for anything else."""
    try:
        document_id, clusters, links, figures, outlet, sentences = json.loads(line)
        return Profile(
            DocumentId(document_id),
            tuple(Cluster(ClusterId(i), name, EntityType(t), tuple(aliases), ()) for i, name, t, aliases in clusters),
            tuple(Link(ClusterId(s), Predicate(p), ClusterId(o), Status(status)) for s, p, o, status in links),
            frozenset(ClusterId(figure) for figure in figures),
            outlet,
            tuple(sentences),
        )
    except (ValueError, TypeError) as err:
        raise StoreError(f"not a profile of this version ({err!r}): build again") from err


def _sentence_digests(document: Document) -> tuple[str, ...]:
    """By words alone, so that a paper's own quotation marks, dashes and line breaks do not hide a reprint."""
    digests = set()
    for span in document.body:
        for sentence in _SENTENCE.findall(document.text[span.start : span.end]):
            words = re.findall(r"\w+", sentence.casefold())
            if len(words) >= MIN_SENTENCE_WORDS:
                digests.add(hashlib.sha256(" ".join(words).encode()).hexdigest()[:_HASH_DIGITS])
    return tuple(sorted(digests))
