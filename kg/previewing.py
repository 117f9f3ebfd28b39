"""What a correction would change, in lines of plain words, before it is made.

In: a request as `kg.correcting` takes it. Out: a `Preview`, from drawing up the graph with and without the correction.
Nothing is published, and the file of corrections stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.build import preview_corrections
from kg.correcting import Request, new_entry
from kg.iris import class_term, expand, predicate_term
from kg.labels import words
from kg.neighbourhood import Names
from kg.records import EntityType, Predicate
from kg.settings import Settings
from kg.store import open_current

MAX_LINES = 50
"""Lines that a preview shows of what goes, and of what comes; the rest is counted."""

_CLASSES = {class_term(one).value: one.value for one in EntityType}
_LINKS = {predicate_term(one).value: one.value for one in Predicate}
_TYPE, _LABEL, _ALIAS, _RETRACTED = (
    expand(curie).value for curie in ("rdf:type", "rdfs:label", "skos:altLabel", "kg:retractedBy")
)
_RANKS: tuple[Collection[str], ...] = (_LINKS, (_TYPE,), (_LABEL, _ALIAS), (_RETRACTED,))
"""Predicates that a preview tells, in the order in which it tells them."""


@dataclass(frozen=True, slots=True)
class Preview:
    """words: the correction. removed, added: lines, at most MAX_LINES each; n_removed, n_added: of all."""

    words: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    n_removed: int
    n_added: int


def preview(request: Request, settings: Settings, when: str) -> Preview:
    """What `correct` would do. Raises what it raises: CorrectionError, EntityNameError and StoreError."""
    correction, edit = new_entry(request, settings, when)
    gone, come = preview_corrections(edit, settings)
    names = Names(open_current(Path(settings.store)))
    labels = {iri: entity.label for iri, entity in names.entities.items()}
    labels |= {s: o for s, p, o in _terms(come) if p == _LABEL}
    removed, added = _lines(gone, labels), _lines(come, labels)
    return Preview(correction.words, tuple(removed[:MAX_LINES]), tuple(added[:MAX_LINES]), len(removed), len(added))


def _lines(quads: Iterable[ox.Quad], labels: Mapping[str, str]) -> list[str]:
    """What a reader would miss, or find: links first, then entities, names and claims taken back, each once."""
    terms = _terms(quads)
    told = {line: None for rank in _RANKS for s, p, o in terms if p in rank and (line := _line(s, p, o, labels))}
    return list(told)


def _terms(quads: Iterable[ox.Quad]) -> list[list[str]]:
    """Subject, predicate and object as plain texts."""
    return [[getattr(term, "value", str(term)) for term in (q.subject, q.predicate, q.object)] for q in quads]


def _line(subject: str, predicate: str, object_: str, labels: Mapping[str, str]) -> str:
    """The statement in words; empty for a class that no reader knows."""
    name = labels.get(subject, subject)
    if predicate in _LINKS:
        return f"{name} {words(_LINKS[predicate])} {labels.get(object_, object_)}"
    if predicate == _TYPE:
        return f"{name} is a {_CLASSES[object_]}" if object_ in _CLASSES else ""
    if predicate == _RETRACTED:
        return f"a claim is marked as taken back by {object_}"
    return f"{name} is named {object_}"
