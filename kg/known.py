"""Stage 6, a user's own list of entities, which goes before all rules of resolution.

    name,aliases,type,iri                                      CSV (.csv): aliases parted by `|`, may be empty
    Acme Robotics,Acme|Acme Bots,Company,https://example.org/id/acme

    <https://example.org/id/acme> a schema:Corporation ;       Turtle (.ttl): the subject is the IRI
        rdfs:label "Acme Robotics" ; skos:altLabel "Acme" .

In: a file. Out: its entities. Refuses the whole list, with the line, where anything in it is wrong: a list that is half
understood would change entities without a word.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import GraphError, SettingsError
from kg.iris import compress, expand, name_key, named_node
from kg.records import EntityType

COLUMNS = ("name", "aliases", "type", "iri")

_NAMES = ("skos:prefLabel", "rdfs:label", "schema:name")
_ALIASES = ("skos:altLabel", "schema:alternateName")
_BODIES = frozenset({EntityType.COMPANY, EntityType.ORGANIZATION})
_SCHEMA_TYPES = {
    "Corporation": EntityType.COMPANY,
    "Organization": EntityType.ORGANIZATION,
    "Person": EntityType.PERSON,
    "Product": EntityType.PRODUCT,
    "Place": EntityType.PLACE,
}
_CLASSES = {
    **{expand(f"kg:{entity_type.value}").value: entity_type for entity_type in EntityType},
    **{expand(f"schema:{name}").value: entity_type for name, entity_type in _SCHEMA_TYPES.items()},
}
_OTHER_SCHEMA = "http://schema.org/"
"""schema.org has had two spellings of its namespace, and both are in use."""

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True, order=True)
class KnownEntity:
    """One line of a user's list. iri: the user's own, linked by owl:sameAs."""

    name: str
    type: EntityType
    iri: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """What a list says of one entity, as it says it. where: file and line, for a message."""

    where: str
    name: str
    type: str
    iri: str
    aliases: tuple[str, ...] = ()


def read_known(file: Path) -> list[KnownEntity]:
    """The entities of a user's list, CSV or Turtle by its suffix, sorted.

    Raises SettingsError, one line with file and line number, for a file that cannot be read, an entity without name or
    of no known type, an IRI that is not absolute, and two entities of one name and kind, or of one IRI.
    """
    readers = {".csv": _read_csv, ".ttl": _read_turtle}
    if file.suffix.lower() not in readers:
        raise SettingsError(f"{file}: a list of entities is a .csv or a .ttl file")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        raise SettingsError(f"list of entities {file} cannot be read: {err}") from err
    rows = list(readers[file.suffix.lower()](file, text))
    entities = [(row, _to_known(row)) for row in rows]
    _refuse_twins(entities)
    return sorted(entity for _, entity in entities)


def known_digest(entities: Sequence[KnownEntity]) -> str | None:
    """SHA-256 of what a list says, whatever its format and order; None for no entities."""
    lines = (repr((e.name, e.type.value, e.iri, e.aliases)) for e in sorted(entities))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if entities else None


def _to_known(row: _Row) -> KnownEntity:
    types = {t.value.casefold(): t for t in EntityType}
    if not any(c.isalnum() for c in row.name):
        raise SettingsError(f"{row.where}: the entity {row.iri or row.name!r} has no name")
    if row.type.casefold() not in types:
        allowed = ", ".join(EntityType)
        raise SettingsError(f"{row.where}: {row.type!r} is no type of an entity: {row.name!r} needs one of {allowed}")
    try:
        iri = named_node(row.iri).value
    except GraphError as err:
        raise SettingsError(f"{row.where}: {row.iri!r} is no absolute IRI: give {row.name!r} one") from err
    return KnownEntity(row.name, types[row.type.casefold()], iri, tuple(sorted({*row.aliases} - {row.name})))


def _refuse_twins(entities: Iterable[tuple[_Row, KnownEntity]]) -> None:
    """Raise SettingsError for two entities of one IRI, or of one name and kind (a company is an organization)."""
    places: dict[tuple[str, ...], str] = {}
    for row, entity in entities:
        kind = "body" if entity.type in _BODIES else entity.type.value
        name = (kind, name_key(entity.name, entity.type))
        if name in places:
            raise SettingsError(f"{row.where}: {entity.name!r} stands already in {places[name]}, as the same type")
        if (entity.iri,) in places:
            first = places[entity.iri,]
            raise SettingsError(f"{row.where}: {entity.iri} stands already in {first}: give other names as aliases")
        places[name] = places[entity.iri,] = row.where


def _read_csv(file: Path, text: str) -> Iterator[_Row]:
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    try:
        columns = [column.strip().lower() for column in reader.fieldnames or ()]
        reader.fieldnames = columns
        if missing := [column for column in COLUMNS if column not in columns and column != "aliases"]:
            raise SettingsError(f"{file}:1: no column {missing[0]!r}: the columns are {','.join(COLUMNS)}")
        for row in reader:
            where = f"{file}:{reader.line_num}"
            if None in row or None in row.values():
                raise SettingsError(f"{where}: not {len(columns)} cells: quote a cell that holds a comma")
            cells = {column: " ".join(row.get(column, "").split()) for column in COLUMNS}
            yield _Row(where, cells["name"], cells["type"], cells["iri"], _parted(cells["aliases"]))
    except csv.Error as err:
        raise SettingsError(f"{file}:{reader.line_num}: {err}") from err


def _parted(text: str) -> tuple[str, ...]:
    return tuple(alias.strip() for alias in text.split("|") if alias.strip())


def _read_turtle(file: Path, text: str) -> Iterator[_Row]:
    """What has a name or a class of ours; left out is what has neither, or only classes of other vocabularies."""
    try:
        parser = ox.parse(text, format=ox.RdfFormat.TURTLE)
        quads = list(parser)
    except SyntaxError as err:
        raise SettingsError(f"{file}:{err.lineno}: {err.msg}") from err
    said: dict[ox.NamedNode | ox.BlankNode, dict[str, list[_Term]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        if isinstance(quad.subject, ox.NamedNode | ox.BlankNode):
            said[quad.subject][_https(quad.predicate.value)].append(quad.object)
    for subject in sorted(said, key=str):
        types = [_https(t.value) for t in said[subject][expand("rdf:type").value] if isinstance(t, ox.NamedNode)]
        names = _texts(said[subject], _NAMES)
        is_foreign = bool(types) and not any(compress(t).startswith(("kg:", "schema:")) for t in types)
        if is_foreign or not (types or names):
            continue
        where = f"{file}{_line_of(subject, text, parser.prefixes)}"
        iri = subject.value if isinstance(subject, ox.NamedNode) else ""
        aliases = (*names[1:], *_texts(said[subject], _ALIASES))
        yield _Row(where, names[0] if names else "", _type_of(types, where), iri, aliases)


def _https(iri: str) -> str:
    return expand("schema:").value + iri.removeprefix(_OTHER_SCHEMA) if iri.startswith(_OTHER_SCHEMA) else iri


def _type_of(types: Sequence[str], where: str) -> str:
    """The type's name, the narrower of organization and company; else the class as it stands, for the message."""
    ours = [t for t in types if compress(t).startswith(("kg:", "schema:"))]
    found = {_CLASSES[t] for t in ours if t in _CLASSES}
    if found == _BODIES:
        return EntityType.COMPANY
    if len(found) > 1:
        raise SettingsError(f"{where}: an entity is of one type, not of {' and '.join(sorted(found))}")
    return min(found) if found else ", ".join(compress(t) for t in sorted(ours))


def _texts(said: Mapping[str, Sequence[_Term]], curies: Sequence[str]) -> list[str]:
    """Literals of these properties: the first property first, text in English or no language before others."""
    found: list[tuple[int, bool, str]] = []
    for rank, curie in enumerate(curies):
        for term in said.get(expand(curie).value, ()):
            if isinstance(term, ox.Literal):
                is_other = (term.language or "en").split("-")[0] != "en"
                found.append((rank, is_other, " ".join(term.value.split())))
    return list(dict.fromkeys(text for _, _, text in sorted(found) if text))


def _line_of(subject: ox.NamedNode | ox.BlankNode, text: str, prefixes: Mapping[str, str]) -> str:
    """`:12` where the subject first begins a line, as an IRI or with a prefix; empty where it does not.

    pyoxigraph gives no line for a triple, only for an error of syntax.
    """
    if isinstance(subject, ox.BlankNode):
        return ""
    spellings = [f"<{subject.value}>"]
    for prefix, namespace in sorted(prefixes.items()):
        if subject.value.startswith(namespace):
            spellings.append(f"{prefix}:{subject.value[len(namespace) :]}")
    pattern = "|".join(re.escape(spelling) + r"(?=\s|$)" for spelling in spellings)
    found = re.search(rf"^[ \t]*(?:{pattern})", text, re.MULTILINE)
    return f":{text.count(chr(10), 0, found.start()) + 1}" if found else ""
