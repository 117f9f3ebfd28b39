"""A graph of any size in the words of our ontology, with invented names: the same number and seed, the same quads.

It is made as a build makes it, from Extractions by kg.quads: entities of every class with labels and aliases and plain
links in the default graph; documents with claims, figures, evidence and quotes in a named graph each. Degrees follow a
power law: a few entities are in very many claims, most are in one or two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

import pyoxigraph as ox

from benchmarks.made_words import MEASURES, ROLES, make_aliases, make_name, say
from kg.findings import StatedClaim
from kg.iris import entity_iri, name_key
from kg.quads import asserted_quads, entity_quads, extraction_quads
from kg.records import (
    SIGNATURES,
    Claim,
    Cluster,
    ClusterId,
    Document,
    DocumentId,
    Entity,
    EntityIri,
    EntityType,
    Evidence,
    Extraction,
    Mention,
    Observation,
    Predicate,
    Resolution,
    Span,
    Status,
    can_link,
)
from kg.settings import ENTITY_BASE
from kg.store import write_store

SHARES = {
    EntityType.PERSON: 0.4,
    EntityType.COMPANY: 0.3,
    EntityType.ORGANIZATION: 0.06,
    EntityType.PRODUCT: 0.18,
    EntityType.PLACE: 0.06,
}
"""Parts of the entities, about those of news of companies."""

WEIGHTS = {
    Predicate.WORKS_FOR: 30,
    Predicate.FOUNDED_BY: 8,
    Predicate.BOARD_MEMBER_OF: 4,
    Predicate.EDUCATED_AT: 4,
    Predicate.DEVELOPS: 20,
    Predicate.ACQUIRED: 8,
    Predicate.INVESTED_IN: 8,
    Predicate.PARTNER_OF: 6,
    Predicate.COMPETES_WITH: 6,
    Predicate.SUBSIDIARY_OF: 3,
    Predicate.BASED_ON: 2,
    Predicate.USES: 5,
    Predicate.SUPPLIES_TO: 3,
    Predicate.HEADQUARTERED_IN: 8,
    Predicate.SUCCESSOR_OF: 1,
    Predicate.SUED: 2,
}
"""How often a predicate is claimed, beside the others that its two ends allow."""

STATUSES = {
    Status.ACTUAL: 80,
    Status.FORMER: 5,
    Status.PLANNED: 6,
    Status.ATTEMPTED: 2,
    Status.DENIED: 3,
    Status.RUMOURED: 4,
}

HUB_POWER = 2.5
"""Entity number n x u^2.5, u even in [0, 1), is in a claim: its degree falls with rank^-0.6, so that the degrees have a
power law of exponent 1 + 1 / 0.6 = 2.7, and most networks have 2 to 3 (Barabasi and Albert 1999)."""

CLAIMS_PER_ENTITY = 1.5
"""One in which the entity stands, and for every second entity one between any two."""

CLAIMS_PER_DOCUMENT = 6
FIGURES_PER_CLAIM = 0.15
MIN_ENTITIES = 20
"""So that every kind of end that a predicate takes is there more than once."""

QUADS_PER_ENTITY = 33.3
"""As measured at 33,000 entities."""

_TYPES = tuple(SHARES)


class _Statement(NamedTuple):
    """A claim to be made, before it has a document."""

    subject: Entity
    predicate: Predicate
    object: Entity


def made_quads(n_entities: int, seed: int = 1) -> Iterator[ox.Quad]:
    """The quads of a graph of so many entities, from 20 to about a million: entities, documents, then plain links.

    Raises ValueError for less. Memory is that of the entities and their claims.
    """
    world = _World(n_entities, Random(seed))
    yield from entity_quads(world.entities)
    actual: list[StatedClaim] = []
    for document in world.documents():
        yield from extraction_quads(document.extraction, document.resolution, ENTITY_BASE)
        actual += document.actual
    yield from asserted_quads(actual)


def made_entities(n_entities: int, seed: int = 1) -> list[Entity]:
    """The entities of that graph, those of each type by rank: the first have the most claims."""
    return _World(n_entities, Random(seed)).entities


def entities_for(n_triples: int) -> int:
    """How many entities make a graph of about so many triples."""
    return max(MIN_ENTITIES, round(n_triples / QUADS_PER_ENTITY))


def made_store(folder: Path, n_entities: int, seed: int = 1) -> Path:
    """Publish such a graph in a store at `folder`, text index included, for `kg serve --store`; gives its snapshot.

    For a graph of so many triples: `made_store(folder, entities_for(1_000_000))`. Raises StoreError.
    """
    with write_store(folder) as writer:
        return writer.publish(made_quads(n_entities, seed))


@dataclass(frozen=True, slots=True)
class _Made:
    """One document, which entity each name in it is, and its claims of status actual."""

    extraction: Extraction
    resolution: Resolution
    actual: tuple[StatedClaim, ...]


class _World:
    """All entities, those of each type by rank, and the one source of chance."""

    def __init__(self, n_entities: int, rng: Random) -> None:
        if n_entities < MIN_ENTITIES:
            raise ValueError(f"a graph of {n_entities} entities: make at least {MIN_ENTITIES}")
        self._rng = rng
        self._by_type = {kind: _make_entities(rng, kind, n) for kind, n in _counts(n_entities).items()}
        self.entities = [entity for kind in _TYPES for entity in self._by_type[kind]]

    def documents(self) -> Iterator[_Made]:
        """All claims, a few to a document."""
        statements = [self._state(entity) for entity in self.entities]
        extra = round(len(self.entities) * (CLAIMS_PER_ENTITY - 1))
        statements += [self._state(self._pick(_TYPES)) for _ in range(extra)]
        self._rng.shuffle(statements)
        for number, start in enumerate(range(0, len(statements), CLAIMS_PER_DOCUMENT)):
            yield _Writing(self._rng, number).write(statements[start : start + CLAIMS_PER_DOCUMENT])

    def _state(self, entity: Entity) -> _Statement:
        """A claim of an entity and one that chance picks, the entity at either end."""
        ends = _ENDS_OF[entity.type]
        (predicate, is_subject, others) = self._rng.choices(ends, [WEIGHTS[end[0]] for end in ends])[0]
        other = self._pick(others)
        while other is entity:
            other = self._pick(others)
        return _Statement(entity, predicate, other) if is_subject else _Statement(other, predicate, entity)

    def _pick(self, types: Sequence[EntityType]) -> Entity:
        (kind,) = self._rng.choices(types, [SHARES[kind] for kind in types])
        entities = self._by_type[kind]
        return entities[int(len(entities) * self._rng.random() ** HUB_POWER)]


class _Writing:
    """A document while it is written, sentence by sentence."""

    def __init__(self, rng: Random, number: int) -> None:
        self._rng = rng
        self._id = DocumentId(f"{2010 + number % 15}/{number:07}.txt")
        self._published = f"{2010 + number % 15}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        self._text = ""
        self._entities: dict[EntityIri, Entity] = {}
        self._mentions: dict[EntityIri, list[Mention]] = {}

    def write(self, statements: Sequence[_Statement]) -> _Made:
        """A sentence for each statement, and after some one with a figure."""
        claims: list[Claim] = []
        observations: list[Observation] = []
        for statement in statements:
            claims.append(self._claim(statement))
            if statement.object.type in _MEASURED and self._rng.random() < FIGURES_PER_CLAIM / _SHARE_MEASURED:
                observations.append(self._figure(statement.object))
        clusters = tuple(self._cluster(entity) for entity in self._entities.values())
        document = Document(
            self._id,
            self._text,
            (Span(0, len(self._text)),),
            title=claims[0].evidence.quote[:60],
            outlet=f"Daily {statements[0].object.name.split()[0]}",
            published=self._published,
        )
        iri_of = {(self._id, self._cluster_id(iri)): iri for iri in self._entities}
        extraction = Extraction(document, clusters, tuple(claims), tuple(observations))
        return _Made(extraction, Resolution((), iri_of), tuple(self._actual(statements, claims)))

    def _claim(self, statement: _Statement) -> Claim:
        rng, predicate = self._rng, statement.predicate
        (status,) = rng.choices([*STATUSES], [*STATUSES.values()])
        ends = (statement.subject, statement.object)
        evidence = self._write(say(rng, ends[0].name, predicate, ends[1].name, status), ends)
        is_role = predicate is Predicate.WORKS_FOR and rng.random() < 0.6
        return Claim(
            self._cluster_id(ends[0].iri),
            predicate,
            self._cluster_id(ends[1].iri),
            status,
            round(rng.uniform(0.5, 1), 3),
            evidence,
            role=rng.choice(ROLES) if is_role else None,
            occurred_on=f"20{rng.randint(10, 25)}-{rng.randint(1, 12):02}" if rng.random() < 0.2 else None,
        )

    def _figure(self, about: Entity) -> Observation:
        metric = self._rng.choice([*MEASURES])
        unit, words = MEASURES[metric]
        value, year = self._rng.randint(1, 999) * 10 ** self._rng.randint(1, 7), self._rng.randint(2010, 2025)
        evidence = self._write(f"{about.name} had {words.format(value)} in {year}.", (about,))
        confidence = round(self._rng.uniform(0.5, 1), 3)
        return Observation(
            self._cluster_id(about.iri), metric, Decimal(value), unit, confidence, evidence, observed_on=str(year)
        )

    def _write(self, sentence: str, entities: Sequence[Entity]) -> Evidence:
        """Add a sentence to the text, and the names in it to what the document mentions."""
        start = len(self._text) + bool(self._text)
        self._text = f"{self._text} {sentence}" if self._text else sentence
        for entity in entities:
            at = start + sentence.index(entity.name)
            mention = Mention(at, at + len(entity.name), entity.name)
            self._entities.setdefault(entity.iri, entity)
            self._mentions.setdefault(entity.iri, []).append(mention)
        return Evidence(self._id, start, start + len(sentence), sentence)

    def _cluster(self, entity: Entity) -> Cluster:
        mentions = tuple(sorted(self._mentions[entity.iri]))
        return Cluster(self._cluster_id(entity.iri), entity.name, entity.type, (entity.name,), mentions)

    def _cluster_id(self, iri: EntityIri) -> ClusterId:
        return ClusterId(f"e{[*self._entities].index(iri) + 1}")

    def _actual(self, statements: Sequence[_Statement], claims: Sequence[Claim]) -> Iterator[StatedClaim]:
        for (subject, predicate, other), claim in zip(statements, claims, strict=True):
            if claim.status is Status.ACTUAL:
                sure = str(claim.confidence)
                yield StatedClaim("", subject.iri, predicate, other.iri, claim.status, sure, "")


def _counts(n_entities: int) -> dict[EntityType, int]:
    counts = {kind: round(n_entities * share) for kind, share in SHARES.items()}
    counts[EntityType.PERSON] += n_entities - sum(counts.values())
    return counts


def _make_entities(rng: Random, kind: EntityType, n: int) -> list[Entity]:
    """So many entities, no two with the same key."""
    entities: dict[str, Entity] = {}
    while len(entities) < n:
        name = make_name(rng, kind)
        key = name_key(name, kind)
        if key not in entities:
            aliases = make_aliases(rng, kind, name)
            entities[key] = Entity(entity_iri(ENTITY_BASE, kind, key), name, kind, aliases)
    return list(entities.values())


def _ends(kind: EntityType) -> list[tuple[Predicate, bool, tuple[EntityType, ...]]]:
    """Predicates that an entity of a type may be in, whether as the subject, and the types of the other end."""
    as_subject = [(p, True, tuple(t for t in _TYPES if can_link(p, kind, t))) for p in SIGNATURES]
    as_object = [(p, False, tuple(t for t in _TYPES if can_link(p, t, kind))) for p in SIGNATURES]
    return [end for end in (*as_subject, *as_object) if end[2]]


_ENDS_OF = {kind: _ends(kind) for kind in _TYPES}
_MEASURED = (EntityType.COMPANY, EntityType.ORGANIZATION)
_SHARE_MEASURED = 0.5
"""Of the objects of claims."""
