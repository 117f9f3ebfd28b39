"""Stages 6 and 7, corrected: what a person has corrected is applied to the entities and links that were found.

In: the Resolution of all documents, their profiles, the claims that the shapes accept, and corrections in their order.
Out: another Resolution, the extractions of asserted links, the claims that are taken back, and each correction that no
longer matches, with the reason. A correction changes entities and what stands for them, never what a document says.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from kg import iris
from kg.asserted import Ends, assertion_extraction, correction_of
from kg.corrections import (
    Assertion,
    Correction,
    End,
    Merge,
    Reference,
    Rename,
    RetractClaim,
    RetractLink,
    Retype,
    Split,
)
from kg.extractions import to_json
from kg.findings import Findings
from kg.iris import entity_iri, name_key
from kg.profiles import Profile
from kg.records import (
    SYMMETRIC,
    ClusterId,
    DocumentId,
    Entity,
    EntityIri,
    EntityType,
    Extraction,
    Predicate,
    Refusal,
    Resolution,
    Status,
)

Place = tuple[DocumentId, ClusterId]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A correction, or a part of one, that matches nothing any more."""

    correction: Correction
    reason: str

    @property
    def refusal(self) -> Refusal:
        """For the list of what a build does not accept."""
        what = f"correction {self.correction.id} ({self.correction.words})"
        return Refusal(
            what, f"{self.reason}; mend it, or: kg correct undo {self.correction.id}", self.correction.mark.why
        )


@dataclass(frozen=True, slots=True)
class RetractedLink:
    """A link that no claim makes a fact; subject and object are IRIs as they are after all corrections."""

    correction: Correction
    subject: str
    predicate: Predicate
    object: str

    @property
    def triples(self) -> list[tuple[str, Predicate, str]]:
        """The link as it may be claimed: either way round where that says the same."""
        one, other = (self.subject, self.predicate, self.object), (self.object, self.predicate, self.subject)
        return [one, other] if self.predicate in SYMMETRIC else [one]


@dataclass(frozen=True, slots=True)
class RetractedFinding:
    """A claim or an observation that is wrong, by its IRI."""

    correction: Correction
    iri: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """What corrections make of a resolution. asserted: extractions by document id."""

    resolution: Resolution
    asserted: Mapping[DocumentId, Extraction] = field(default_factory=dict)
    links: tuple[RetractedLink, ...] = ()
    findings: tuple[RetractedFinding, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()

    @property
    def keys(self) -> dict[DocumentId, str]:
        """A key of each asserted extraction, as documents have one: `corrections/<digest>`."""
        return {
            document: f"corrections/{hashlib.sha256(to_json(extraction).encode()).hexdigest()}"
            for document, extraction in self.asserted.items()
        }


@dataclass(frozen=True, slots=True)
class Retractions:
    """by_iri: the correction that takes back each retracted finding. unmatched: those that take back none."""

    by_iri: Mapping[str, Correction] = field(default_factory=dict)
    unmatched: tuple[Unmatched, ...] = ()

    @property
    def quads(self) -> list[ox.Quad]:
        """Who takes back which finding and why, in the default graph, sorted."""
        quads = []
        for finding, correction in self.by_iri.items():
            said = {"kg:retractedBy": correction.mark.who, "kg:retractionReason": correction.mark.why}
            quads += [
                ox.Quad(iris.named_node(finding), iris.expand(term), ox.Literal(text))
                for term, text in said.items()
                if text
            ]
        return sorted(quads, key=str)


def apply_corrections(
    resolution: Resolution, profiles: Iterable[Profile], corrections: Sequence[Correction], base: str
) -> Corrected:
    """The resolution after all corrections that are not undone, each applied to what the ones before it have made."""
    due = [correction for correction in corrections if correction.undone is None]
    if not due:
        return Corrected(resolution)
    work = _Work(resolution, profiles, base)
    for correction in due:
        work.apply(correction)
    return Corrected(
        Resolution(tuple(sorted(work.entities.values(), key=lambda e: e.iri)), dict(sorted(work.iri_of.items()))),
        work.asserted,
        tuple(work.links),
        tuple(work.findings),
        tuple(work.unmatched),
    )


def find_retractions(corrected: Corrected, findings: Mapping[DocumentId, Findings]) -> Retractions:
    """Which of the accepted findings are taken back.

    A link is taken back with every claim of status Actual, but for what a later correction asserts.
    """
    by_link: dict[tuple[str, Predicate, str], Correction] = {}
    for link in corrected.links:
        by_link.update(dict.fromkeys(link.triples, link.correction))
    by_iri = {finding.iri: finding.correction for finding in corrected.findings}
    found: dict[str, Correction] = {}
    links: set[tuple[str, Predicate, str]] = set()
    for document, of_document in findings.items() if by_link or by_iri else ():
        said = {*(claim.iri for claim in of_document.claims), *(figure.iri for figure in of_document.figures)}
        found |= {iri: by_iri[iri] for iri in said & by_iri.keys()}
        for claim in of_document.claims:
            triple = (claim.subject, claim.predicate, claim.object)
            by = by_link.get(triple) if claim.status is Status.ACTUAL else None
            if by is not None and (correction_of(document) or 0) < by.id:
                found.setdefault(claim.iri, by)
                links.add(triple)
    missing = [link.correction for link in corrected.links if links.isdisjoint(link.triples)]
    unmatched = [Unmatched(c, "no claim states it as a fact") for c in missing]
    lost = [finding.correction for finding in corrected.findings if finding.iri not in found]
    unmatched += [Unmatched(c, "the graph holds no such claim") for c in lost]
    return Retractions(dict(sorted(found.items())), tuple(sorted(unmatched, key=lambda u: u.correction.id)))


class _Work:
    """Entities and what stands for them, while corrections are applied; what it was given does not change."""

    def __init__(self, resolution: Resolution, profiles: Iterable[Profile], base: str) -> None:
        self._base = base
        self._clusters = {(p.document_id, c.id): c for p in profiles for c in p.clusters}
        self._places: dict[EntityIri, set[Place]] = defaultdict(set)
        self.entities = {entity.iri: entity for entity in resolution.entities}
        self.iri_of = dict(resolution.iri_of)
        for place, iri in self.iri_of.items():
            self._places[iri].add(place)
        self.asserted: dict[DocumentId, Extraction] = {}
        self.links: list[RetractedLink] = []
        self.findings: list[RetractedFinding] = []
        self.unmatched: list[Unmatched] = []

    def apply(self, correction: Correction) -> None:
        """Apply one correction, or as much of it as matches; note what does not."""
        match correction.change:
            case Merge() as merge:
                self._merge(correction, merge)
            case Split() as split:
                self._split(correction, split)
            case Rename() as rename:
                if entity := self._find(correction, rename.entity):
                    aliases = tuple(sorted({*entity.aliases, rename.name}))
                    self.entities[entity.iri] = replace(entity, name=rename.name, aliases=aliases)
            case Retype() as retype:
                self._retype(correction, retype)
            case RetractClaim() as retract:
                self.findings.append(RetractedFinding(correction, retract.claim.iri(self._base)))
            case RetractLink() as retract:
                subject, object_ = self._find(correction, retract.subject), self._find(correction, retract.object)
                if subject and object_:
                    self.links.append(RetractedLink(correction, subject.iri, retract.predicate, object_.iri))
            case Assertion() as assertion:
                self._assert(correction, assertion)

    def _find(self, correction: Correction, reference: Reference) -> Entity | None:
        """The entity of that IRI, or the only one that has the name which gives that IRI: documents have joined two."""
        iri = reference.iri(self._base)
        found = self.entities.get(iri)
        if found is None:
            named = [entity for entity in self.entities.values() if _is_name_of(entity, iri, self._base)]
            found = named[0] if len(named) == 1 else None
        if found is None:
            label = f" ({reference.label})" if reference.label else ""
            self._miss(correction, f"the graph holds no entity {reference.path}{label}")
        return found

    def _miss(self, correction: Correction, reason: str) -> None:
        self.unmatched.append(Unmatched(correction, reason))

    def _merge(self, correction: Correction, merge: Merge) -> None:
        kept = self._find(correction, merge.into)
        for reference in merge.entities if kept else ():
            entity = self._find(correction, reference)
            if kept and entity and entity.iri != kept.iri:
                kept = self._join(kept, entity, _reason(f"{entity.name} is {kept.name}", correction))

    def _join(self, into: Entity, entity: Entity, reason: str) -> Entity:
        joined = replace(
            into,
            aliases=tuple(sorted({*into.aliases, *entity.aliases})),
            same_as=tuple(sorted({*into.same_as, *entity.same_as})),
            reasons=tuple(sorted({*into.reasons, *entity.reasons, reason})),
        )
        self.entities[into.iri] = joined
        self._move(entity.iri, into.iri)
        return joined

    def _move(self, old: EntityIri, new: EntityIri) -> None:
        """Let all that stands for one entity, and all links taken back from it, be of another."""
        del self.entities[old]
        self._give(self._places.pop(old, set()), new)
        self.links = [
            replace(
                link,
                subject=new if link.subject == old else link.subject,
                object=new if link.object == old else link.object,
            )
            for link in self.links
        ]

    def _give(self, places: Iterable[Place], iri: EntityIri) -> None:
        for place in places:
            self.iri_of[place] = iri
            self._places[iri].add(place)

    def _split(self, correction: Correction, split: Split) -> None:
        entity = self._find(correction, split.entity)
        if entity is None:
            return
        places = self._places[entity.iri]
        chosen = {p for p in places if self._is_chosen(p, split)}
        self._miss_parts(correction, split, chosen)
        if not chosen:
            return
        key = name_key(split.name, entity.type)
        iri = entity_iri(self._base, entity.type, key, f"correction {correction.id}")
        reason = _reason(f"{split.name} is not {entity.name}", correction)
        aliases = {split.name, *self._aliases(chosen)}
        self.entities[iri] = Entity(iri, split.name, entity.type, tuple(sorted(aliases)), (), (reason,))
        self._keep_rest(entity, places, chosen)
        self._give(chosen, iri)

    def _is_chosen(self, place: Place, split: Split) -> bool:
        is_there = not split.documents or place[0] in split.documents
        return is_there and (not split.names or self._clusters[place].name in split.names)

    def _miss_parts(self, correction: Correction, split: Split, chosen: set[Place]) -> None:
        documents, names = {place[0] for place in chosen}, {self._clusters[place].name for place in chosen}
        for document in sorted(set(split.documents) - documents):
            self._miss(correction, f"{document} does not name {split.entity.words} so")
        for name in sorted(set(split.names) - names):
            self._miss(correction, f"no document calls {split.entity.words} {name} and nothing fuller")

    def _keep_rest(self, entity: Entity, places: set[Place], chosen: set[Place]) -> None:
        """What is left of an entity after a split: without the names that only the split-off part has."""
        rest = places - chosen
        self._places[entity.iri] = rest
        if not rest:
            del self.entities[entity.iri]
            return
        given = set(entity.aliases) - self._aliases(places)
        aliases = given | self._aliases(rest)
        lost = set(entity.aliases) - aliases
        votes = Counter(self._clusters[place].name for place in rest)
        name = entity.name if entity.name in aliases else min(votes, key=lambda n: (-votes[n], -len(n), n))
        reasons = tuple(r for r in entity.reasons if not any(r.startswith(f"{gone} ") for gone in lost))
        self.entities[entity.iri] = replace(entity, name=name, aliases=tuple(sorted(aliases | {name})), reasons=reasons)

    def _aliases(self, places: Iterable[Place]) -> set[str]:
        return {alias for place in places for alias in self._clusters[place].aliases}

    def _retype(self, correction: Correction, retype: Retype) -> None:
        entity = self._find(correction, retype.entity)
        if entity is None or entity.type is retype.type:
            return
        iri = _retyped_iri(entity, retype.type, self._base)
        if (other := self.entities.get(iri)) is not None:
            self._join(other, entity, _reason(f"{entity.name} is a {retype.type.value}", correction))
            return
        self.entities[iri] = replace(entity, iri=iri, type=retype.type)
        self._move(entity.iri, iri)

    def _assert(self, correction: Correction, assertion: Assertion) -> None:
        subject, object_ = self._end(correction, assertion.subject), self._end(correction, assertion.object)
        if subject is None or object_ is None:
            return
        names = [
            (end.label if isinstance(end, Reference) else end.name) or entity.name
            for end, entity in ((assertion.subject, subject), (assertion.object, object_))
        ]
        ends = Ends(names[0], subject.type, names[1], object_.type)
        extraction = assertion_extraction(correction, assertion, ends)
        document = extraction.document.id
        self.asserted[document] = extraction
        for cluster, entity in zip(extraction.clusters, (subject, object_), strict=True):
            self._clusters[document, cluster.id] = cluster
            self._give([(document, cluster.id)], entity.iri)
            known = self.entities.get(entity.iri, entity)
            self.entities[entity.iri] = replace(known, aliases=tuple(sorted({*known.aliases, cluster.name})))

    def _end(self, correction: Correction, end: End) -> Entity | None:
        """The entity that is meant; a new one is in the graph only with the link."""
        if isinstance(end, Reference):
            return self._find(correction, end)
        iri = entity_iri(self._base, end.type, name_key(end.name, end.type))
        return self.entities.get(iri) or Entity(iri, end.name, end.type, (end.name,))


def _reason(what: str, correction: Correction) -> str:
    mark = correction.mark
    return f"{what}, says {mark.who} (correction {correction.id})" + (f": {mark.why}" if mark.why else "")


def _is_name_of(entity: Entity, iri: EntityIri, base: str) -> bool:
    """Whether the IRI is what one of the entity's own names gives."""
    if not iri.startswith(f"{base}{entity.type.value.lower()}/"):
        return False
    return any(entity_iri(base, entity.type, name_key(alias, entity.type)) == iri for alias in entity.aliases)


def _retyped_iri(entity: Entity, entity_type: EntityType, base: str) -> EntityIri:
    """The same name under the other type; what sets it apart from others of its name stays."""
    return EntityIri(f"{base}{entity_type.value.lower()}/{entity.iri.rpartition('/')[2]}")
