"""Annotated documents: the JSON of a gold set, or of `kg extract`, as records that kg.score compares.

In: JSON in the gold format. Out: Annotations. Refuses, with the file and the place in it, what is not in that format.
What gold alone carries (`optional`, `alt_types`, `chrome_only`) and what a prediction alone carries (`confidence`) may
be absent. Words of closed sets are not checked: one that nobody else uses shows as a row of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kg.errors import DocumentError

T = TypeVar("T")
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnnotatedEntity:
    """A name of one document.

    optional: neither a miss nor an error. chrome_only: stands only in page chrome, which gold samples and no more.
    alt_types: types that are as right as `type`.
    """

    id: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()
    alt_types: frozenset[str] = frozenset()
    optional: bool = False
    chrome_only: bool = False

    @property
    def is_neutral(self) -> bool:
        """Whether finding it or not counts neither way."""
        return self.optional or self.chrome_only


@dataclass(frozen=True, slots=True)
class AnnotatedRelation:
    """A claim between two entities of the document, by their ids."""

    subject: str
    predicate: str
    object: str
    status: str = "actual"
    role: str | None = None
    evidence: str = ""
    confidence: float = 1.0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class AnnotatedObservation:
    """A figure for one entity of the document, by its id; value in whole units."""

    subject: str
    metric: str
    value: float
    unit: str | None = None
    evidence: str = ""
    confidence: float = 1.0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one document says; doc: the document's id, empty in a prediction that does not state it."""

    doc: str = ""
    entities: tuple[AnnotatedEntity, ...] = ()
    relations: tuple[AnnotatedRelation, ...] = ()
    observations: tuple[AnnotatedObservation, ...] = ()


def read_gold(folder: Path) -> dict[str, Annotation]:
    """The annotations in `folder`, by file name, sorted; each names its document and speaks of its own entities.

    Raises DocumentError when the folder is missing or holds no *.json, and for a malformed file.
    """
    if not folder.is_dir():
        raise DocumentError(f"no folder {folder}: give one that holds docs/ and gold/")
    gold = {file.name: read_annotation(file) for file in sorted(folder.glob("*.json"))}
    if not gold:
        raise DocumentError(f"no *.json in {folder}: give one annotated document a file")
    known: dict[str, str] = {}
    for name, annotation in gold.items():
        if problem := _find_problem(annotation):
            raise DocumentError(f"{folder / name}: {problem}")
        if name != known.setdefault(annotation.doc, name):
            raise DocumentError(f"{folder / name}: describes {annotation.doc}, as {known[annotation.doc]} does")
    return gold


def read_annotation(file: Path) -> Annotation:
    """The annotation in one file. Raises DocumentError when it cannot be read or is malformed."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except OSError as err:
        raise DocumentError(f"{file}: cannot be read ({err.strerror})") from err
    except (ValueError, RecursionError) as err:
        raise DocumentError(f"{file}: is no JSON ({err})") from err
    try:
        return parse_annotation(record)
    except DocumentError as err:
        raise DocumentError(f"{file}: {err}") from err


def parse_annotation(record: object) -> Annotation:
    """The annotation in decoded JSON, as `kg.annotations.to_annotation` makes it too.

    Raises DocumentError, with the place, where something is missing or of another kind.
    """
    if not isinstance(record, dict):
        raise DocumentError(f"is a JSON {type(record).__name__}: give an object with entities, relations, observations")
    return Annotation(
        _text(record, "doc", ""),
        _each(record, "entities", _entity),
        _each(record, "relations", _relation),
        _each(record, "observations", _observation),
    )


def _find_problem(gold: Annotation) -> str | None:
    if not gold.doc:
        return "doc is missing: name the document"
    ids = Counter(entity.id for entity in gold.entities)
    if twice := [i for i, count in ids.items() if count > 1]:
        return f"two entities have the id {twice[0]}"
    used = [i for r in gold.relations for i in (r.subject, r.object)] + [o.subject for o in gold.observations]
    unknown = next((i for i in used if i not in ids), None)
    return None if unknown is None else f"no entity has the id {unknown}"


def _entity(record: Record) -> AnnotatedEntity:
    return AnnotatedEntity(
        id=_text(record, "id"),
        name=_text(record, "name"),
        type=_text(record, "type"),
        aliases=_texts(record, "aliases"),
        alt_types=frozenset(_texts(record, "alt_types")),
        optional=bool(record.get("optional")),
        chrome_only=bool(record.get("chrome_only")),
    )


def _relation(record: Record) -> AnnotatedRelation:
    return AnnotatedRelation(
        subject=_text(record, "subject"),
        predicate=_text(record, "predicate"),
        object=_text(record, "object"),
        status=_text(record, "status", "actual"),
        role=_text(record, "role", "") or None,
        evidence=_text(record, "evidence", ""),
        confidence=_number(record, "confidence", 1.0),
        optional=bool(record.get("optional")),
    )


def _observation(record: Record) -> AnnotatedObservation:
    return AnnotatedObservation(
        subject=_text(record, "subject"),
        metric=_text(record, "metric"),
        value=_number(record, "value"),
        unit=_text(record, "unit", "") or None,
        evidence=_text(record, "evidence", ""),
        confidence=_number(record, "confidence", 1.0),
        optional=bool(record.get("optional")),
    )


def _each(record: Record, key: str, make: Callable[[Record], T]) -> tuple[T, ...]:
    """The list under `key`, made into records; a missing one is empty."""
    made = []
    for n, one in enumerate(_list(record, key)):
        if not isinstance(one, dict):
            raise DocumentError(f"{key}[{n}] is {one!r:.60}: give an object")
        try:
            made.append(make(one))
        except DocumentError as err:
            raise DocumentError(f"{key}[{n}]: {err}") from err
    return tuple(made)


def _list(record: Record, key: str) -> list[Any]:
    value = record.get(key, [])
    if not isinstance(value, list):
        raise DocumentError(f"{key} is {value!r:.60}: give a list")
    return value


def _texts(record: Record, key: str) -> tuple[str, ...]:
    values = _list(record, key)
    if wrong := [value for value in values if not isinstance(value, str)]:
        raise DocumentError(f"{key} holds {wrong[0]!r:.60}: give strings")
    return tuple(values)


def _text(record: Record, key: str, default: str | None = None) -> str:
    """The string under `key`; `default`, where there is one, stands for a missing value and for null."""
    value = record.get(key)
    value = default if value is None else value
    if not isinstance(value, str):
        raise DocumentError(f"{key} is {value!r:.60}: give a string")
    return value


def _number(record: Record, key: str, default: float | None = None) -> float:
    value = record.get(key)
    value = default if value is None else value
    try:
        return float(value)  # type: ignore[arg-type]  # None, lists and objects are what the TypeError is for
    except (TypeError, ValueError, OverflowError) as err:
        raise DocumentError(f"{key} is {value!r:.60}: give a number") from err
