"""What a person has corrected, as records: who changes what, when, and why.

    merge     several entities are one                     rename    an entity has another label
    split     some of an entity's names or documents       retype    an entity is of another type
              are an entity of their own
    retract   a link, or one claim, is wrong               assert    a link holds that no document states so

Corrections are applied at every build in the order of the file, each to what the ones before it have made. Nothing is
taken out of the file: what is undone is marked so. Source: ontology/README.md, section Corrections.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kg.iris import named_node
from kg.records import EntityIri, EntityType, Predicate, Status

PHRASES: Mapping[Predicate, str] = {
    Predicate.WORKS_FOR: "works for",
    Predicate.FOUNDED_BY: "was founded by",
    Predicate.BOARD_MEMBER_OF: "is on the board of",
    Predicate.EDUCATED_AT: "was educated at",
    Predicate.DEVELOPS: "develops",
    Predicate.ACQUIRED: "acquired",
    Predicate.INVESTED_IN: "invested in",
    Predicate.PARTNER_OF: "is a partner of",
    Predicate.COMPETES_WITH: "competes with",
    Predicate.SUBSIDIARY_OF: "is a subsidiary of",
    Predicate.BASED_ON: "is based on",
    Predicate.USES: "uses",
    Predicate.SUPPLIES_TO: "supplies",
    Predicate.HEADQUARTERED_IN: "has its headquarters in",
    Predicate.SUCCESSOR_OF: "is the successor of",
    Predicate.SUED: "sued",
}
"""A link in words, between the names of its two ends."""

DATES = ("started_on", "ended_on", "occurred_on")


@dataclass(frozen=True, slots=True)
class Mark:
    """who, when (an ISO day) and why; why may be empty."""

    who: str
    when: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """An entity of the graph. path: `person/jane-doe` below the base IRI, or a full IRI. label: for the reader."""

    path: str
    label: str = ""

    @property
    def words(self) -> str:
        """Its label, else its path."""
        return self.label or self.path

    def iri(self, base: str) -> EntityIri:
        """Raises GraphError when it is none."""
        is_full = self.path.startswith(("http://", "https://", "urn:"))
        return EntityIri(named_node(self.path if is_full else base + self.path).value)


@dataclass(frozen=True, slots=True)
class NewEntity:
    """An entity that no document need name."""

    name: str
    type: EntityType

    @property
    def words(self) -> str:
        """Its name."""
        return self.name


End = Reference | NewEntity


@dataclass(frozen=True, slots=True)
class Merge:
    """All that stands for one of the entities stands for `into`."""

    into: Reference
    entities: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """The mentions of the entity in these documents, under these names, are an entity of their own called `name`.

    documents, names: empty where any will do, but not both.
    """

    entity: Reference
    documents: tuple[str, ...]
    names: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Rename:
    """The entity gets another label; the one before stays an alias, and the IRI stays."""

    entity: Reference
    name: str


@dataclass(frozen=True, slots=True)
class Retype:
    """The entity gets another type, and with it another IRI."""

    entity: Reference
    type: EntityType


@dataclass(frozen=True, slots=True)
class RetractLink:
    """No document's claim, however many there are, makes this link a fact."""

    subject: Reference
    predicate: Predicate
    object: Reference


@dataclass(frozen=True, slots=True)
class RetractClaim:
    """One claim is wrong. claim: `claim/<digest>` below the base IRI, or a full IRI; label: what it says."""

    claim: Reference


@dataclass(frozen=True, slots=True)
class Assertion:
    """A link on the word of the one who makes the correction; dates as in `kg.records.Claim`."""

    subject: End
    predicate: Predicate
    object: End
    status: Status = Status.ACTUAL
    role: str | None = None
    started_on: str | None = None
    ended_on: str | None = None
    occurred_on: str | None = None


Change = Merge | Split | Rename | Retype | RetractLink | RetractClaim | Assertion

VERBS: Mapping[type, str] = {
    Merge: "merge",
    Split: "split",
    Rename: "rename",
    Retype: "retype",
    RetractLink: "retract",
    RetractClaim: "retract",
    Assertion: "assert",
}


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry of the file. undone: by whom, when and why it no longer counts."""

    id: int
    change: Change
    mark: Mark
    undone: Mark | None = None

    @property
    def verb(self) -> str:
        """`merge`, `split`, ..."""
        return VERBS[type(self.change)]

    @property
    def words(self) -> str:
        """What it does, for a person: `merge Altman into Sam Altman`."""
        return f"{self.verb} {_words(self.change)}"


def next_id(corrections: Iterable[Correction]) -> int:
    """One more than any that was ever used."""
    return max((correction.id for correction in corrections), default=0) + 1


def link_words(change: RetractLink | Assertion) -> str:
    """`Acme acquired Beta`."""
    return f"{change.subject.words} {PHRASES[change.predicate]} {change.object.words}"


def to_plain(correction: Correction) -> dict[str, Any]:
    """The correction as plain values under the keys of the file, in the order of the file."""
    undone = {"undone": _plain_mark(correction.undone)} if correction.undone else {}
    plain = {"id": correction.id, **undone, "do": correction.verb, **_plain_change(correction.change)}
    return plain | _plain_mark(correction.mark)


def _plain_mark(mark: Mark) -> dict[str, str]:
    return {"who": mark.who, "when": mark.when, "why": mark.why}


def _plain_change(change: Change) -> dict[str, Any]:
    match change:
        case Merge():
            return {"into": _plain_end(change.into), "entities": [_plain_end(one) for one in change.entities]}
        case Split():
            chosen = {"documents": list(change.documents), "names": list(change.names)}
            return {
                "entity": _plain_end(change.entity),
                **{key: values for key, values in chosen.items() if values},
                "as": change.name,
            }
        case Rename():
            return {"entity": _plain_end(change.entity), "name": change.name}
        case Retype():
            return {"entity": _plain_end(change.entity), "type": change.type.value}
        case RetractClaim():
            return {"claim": _plain_end(change.claim)}
        case RetractLink():
            return _plain_link(change)
        case Assertion():
            said = {"status": change.status.value, "role": change.role, **{d: getattr(change, d) for d in DATES}}
            return _plain_link(change) | {key: value for key, value in said.items() if value is not None}


def _plain_link(change: RetractLink | Assertion) -> dict[str, Any]:
    return {
        "subject": _plain_end(change.subject),
        "predicate": change.predicate.value,
        "object": _plain_end(change.object),
    }


def _plain_end(end: End) -> dict[str, str]:
    if isinstance(end, NewEntity):
        return {"name": end.name, "type": end.type.value}
    return {"iri": end.path, **({"label": end.label} if end.label else {})}


def _words(change: Change) -> str:
    match change:
        case Merge():
            return f"{', '.join(one.words for one in change.entities)} into {change.into.words}"
        case Split():
            where = [*change.names, *(f"in {document}" for document in change.documents)]
            return f"{change.entity.words}: {', '.join(where)} as {change.name}"
        case Rename():
            return f"{change.entity.words} to {change.name}"
        case Retype():
            return f"{change.entity.words} to {change.type.value}"
        case RetractClaim():
            return change.claim.words
        case RetractLink() | Assertion():
            return link_words(change)
