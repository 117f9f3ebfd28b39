"""Stage 6: clusters of all documents -> entities.

In: profiles of documents, in any order. Out: a Resolution in which every cluster stands for one entity. Three steps,
each deterministic, order-free and through indices by name key: clusters with one key are one entity; an entity whose full
name is another's alias is the same, if only one other has that alias; a bare surname or an acronym stands for the only
full name in the corpus that it can shorten, if the two also share company (a surname that one document misread as a
company is read again first). Never on doubt: two names that one document
keeps apart stay apart. Source: ontology/README.md, section Identity.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from kg.iris import entity_iri, name_key
from kg.lexicon import BRANDS
from kg.profiles import Profile
from kg.records import Cluster, ClusterId, DocumentId, Entity, EntityIri, EntityType, Resolution
from kg.settings import ENTITY_BASE

_KINDS = {
    EntityType.PERSON: "person",
    EntityType.COMPANY: "body",
    EntityType.ORGANIZATION: "body",
    EntityType.PRODUCT: "product",
    EntityType.PLACE: "place",
}
"""What can be one entity: one document's company may be another's organization, a product is never its maker."""

_HONORIFICS = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "dame", "lord", "lady"))
_GENERATIONS = frozenset(("jr", "sr", "ii", "iii", "iv"))
_ACRONYM = re.compile(r"(?:[A-Z]\.?){2,6}")
_WORD_GAP = re.compile(r"[\s\-]+")


class _Name(NamedTuple):
    """What clusters share that are one entity by name alone; `apart` keeps each document's bare surname by itself."""

    kind: str
    key: str
    apart: str = ""


class _Member(NamedTuple):
    document_id: DocumentId
    cluster: Cluster


_Groups = dict[_Name, list[_Member]]
_Roots = dict[_Name, _Name]


def resolve(profiles: Sequence[Profile], base: str = ENTITY_BASE) -> Resolution:
    """Entities of all documents, sorted by IRI, and which one each cluster stands for.

    An entity is named by its most frequent full name (a document counts once), ties by the longest, then by the
    alphabet; its IRI comes from the shortest of the full names that were joined, so that no count can change it.
    Cost: linear in clusters and aliases, plus the neighbours of each entity that a short form may stand for.
    """
    groups = _group(_with_surnames(profiles))
    roots = _join_short_forms(groups, _join_aliases(groups))
    merged: dict[_Name, list[_Name]] = defaultdict(list)
    for name in sorted(groups):
        merged[roots[name]].append(name)
    entities: list[Entity] = []
    iri_of: dict[tuple[DocumentId, ClusterId], EntityIri] = {}
    for names in merged.values():
        members = [member for name in names for member in groups[name]]
        entity = _entity({name: groups[name] for name in names}, members, base)
        entities.append(entity)
        iri_of.update({(m.document_id, m.cluster.id): entity.iri for m in members})
    return Resolution(tuple(sorted(entities, key=lambda e: e.iri)), dict(sorted(iri_of.items())))


def _with_surnames(profiles: Sequence[Profile]) -> list[Profile]:
    """The profiles, with a person where one misread a surname as a company or product.

    So it is taken to be when the one word is no brand, takes part in no claim and no observation, and ends the full
    name of exactly one person of the corpus. Whether it is that person is then for `_join_short_forms` to say.
    """
    persons: dict[str, set[str]] = defaultdict(set)
    for profile in profiles:
        for cluster in profile.clusters:
            if cluster.type is EntityType.PERSON and len(words := _person_words(cluster.name)) > 1:
                persons[words[-1]].add(" ".join(words))
    surnames = {word for word, names in persons.items() if len(names) == 1} - BRANDS
    return [_reread(profile, surnames) for profile in profiles]


def _reread(profile: Profile, surnames: set[str]) -> Profile:
    used = {end for link in profile.links for end in (link.subject, link.object)} | profile.figures
    clusters = tuple(
        replace(cluster, type=EntityType.PERSON)
        if _KINDS[cluster.type] in ("body", "product")
        and cluster.id not in used
        and {name_key(alias, EntityType.PERSON) for alias in cluster.aliases} <= surnames
        else cluster
        for cluster in profile.clusters
    )
    return replace(profile, clusters=clusters)


def _group(profiles: Iterable[Profile]) -> _Groups:
    groups: _Groups = defaultdict(list)
    for profile in profiles:
        for cluster in profile.clusters:
            is_bare = cluster.type is EntityType.PERSON and _is_short(cluster.name, cluster.type)
            apart = profile.document_id if is_bare else ""
            name = _Name(_KINDS[cluster.type], name_key(cluster.name, cluster.type), apart)
            groups[name].append(_Member(profile.document_id, cluster))
    return dict(groups)


def _join_aliases(groups: _Groups) -> _Roots:
    """Root of each name after joining a name with the only other whose alias it is."""
    holders: dict[_Name, set[_Name]] = defaultdict(set)
    for name, members in groups.items():
        for alias in _aliases(members, short=False):
            holders[_Name(name.kind, alias)].add(name)
    documents = _documents(groups)
    pairs = []
    for alias_name, holding in holders.items():
        others = holding - {alias_name}
        if alias_name in groups and len(others) == 1:
            pairs.append((alias_name, *others))
    roots = _united(groups, [pair for pair in pairs if documents[pair[0]].isdisjoint(documents[pair[1]])])
    torn = _torn(roots, documents)
    return {name: name if root in torn else root for name, root in roots.items()}


def _torn(roots: _Roots, documents: Mapping[_Name, set[DocumentId]]) -> set[_Name]:
    """Roots of chains in which some document keeps two names apart, though no joined pair of them is in one."""
    n_documents: Counter[_Name] = Counter()
    joined: dict[_Name, set[DocumentId]] = defaultdict(set)
    for name, root in roots.items():
        n_documents[root] += len(documents[name])
        joined[root] |= documents[name]
    return {root for root, n in n_documents.items() if n > len(joined[root])}


def _join_short_forms(groups: _Groups, roots: _Roots) -> _Roots:
    """Join each bare surname and acronym with the only full name it can stand for, if they share company."""
    full = {name: members for name, members in groups.items() if not _are_short(members)}
    candidates: dict[_Name, set[_Name]] = defaultdict(set)
    for name, members in full.items():
        for key in _short_keys(members):
            candidates[_Name(name.kind, key)].add(roots[name])
    company = _Company(full, roots)
    joined = dict(roots)
    for short in groups.keys() - full.keys():
        keys = _lookup_keys(short, groups[short])
        options = {root for key in keys for root in candidates.get(_Name(short.kind, key), ())}
        if len(options) == 1 and company.is_shared({m.document_id for m in groups[short]}, *options):
            (joined[short],) = options
    return joined


class _Company:
    """Who is named together with whom: entities with full names, places apart, by document."""

    def __init__(self, full: _Groups, roots: _Roots) -> None:
        self._documents: dict[_Name, set[DocumentId]] = defaultdict(set)
        self._entities: dict[DocumentId, set[_Name]] = defaultdict(set)
        self._neighbours: dict[_Name, set[_Name]] = {}
        for name, members in full.items():
            for member in members:
                self._documents[roots[name]].add(member.document_id)
                if name.kind != "place":
                    self._entities[member.document_id].add(roots[name])

    def is_shared(self, documents: set[DocumentId], root: _Name) -> bool:
        """Whether some entity of `documents` is named with `root` elsewhere, and `root` itself in none of them."""
        if root not in self._neighbours:
            self._neighbours[root] = {e for d in self._documents[root] for e in self._entities[d]} - {root}
        entities = {e for d in documents for e in self._entities[d]}
        return documents.isdisjoint(self._documents[root]) and not entities.isdisjoint(self._neighbours[root])


def _short_keys(members: Iterable[_Member]) -> set[str]:
    """Keys of the short forms that can stand for these full names: stated ones, surnames, initials."""
    keys = set(_aliases(members, short=True))
    for member in members:
        name, entity_type = member.cluster.name, member.cluster.type
        if entity_type is not EntityType.PERSON:
            keys.add("".join(word[0] for word in _WORD_GAP.split(name) if word[:1].isupper()).casefold())
        elif words := _person_words(name):
            keys |= {words[-1], f"{words[0][0]}-{words[-1]}"}
    return keys


def _lookup_keys(short: _Name, members: Iterable[_Member]) -> set[str]:
    """Keys under which a short form may be found: `altman` for `Mr. Altman`, `s-altman` for `S. Altman`."""
    if short.kind != "person":
        return {short.key}
    words = [_person_words(member.cluster.name) or [short.key] for member in members]
    return {w[-1] if len(w) == 1 else f"{w[0][0]}-{w[-1]}" for w in words}


def _aliases(members: Iterable[_Member], *, short: bool) -> Iterator[str]:
    """Name keys of the aliases that are short forms, or of those that are not."""
    for member in members:
        for alias in member.cluster.aliases:
            if _is_short(alias, member.cluster.type) == short:
                yield name_key(alias, member.cluster.type)


def _are_short(members: Iterable[_Member]) -> bool:
    return all(_is_short(member.cluster.name, member.cluster.type) for member in members)


@lru_cache(maxsize=100_000)
def _is_short(name: str, entity_type: EntityType) -> bool:
    """A person's name with less than two whole words, or an acronym: too little to tell an entity by."""
    if entity_type is not EntityType.PERSON:
        return _ACRONYM.fullmatch(name) is not None
    has_case = name.lower() != name.upper()
    return has_case and sum(len(word) > 1 for word in _person_words(name)) < 2


def _person_words(name: str) -> list[str]:
    words = [name_key(word, EntityType.PERSON) for word in name.split()]
    return [word for word in words if word not in _HONORIFICS | _GENERATIONS]


def _documents(groups: _Groups) -> dict[_Name, set[DocumentId]]:
    return {name: {member.document_id for member in members} for name, members in groups.items()}


def _united(names: Iterable[_Name], pairs: Iterable[tuple[_Name, ...]]) -> _Roots:
    """Smallest name of the component that each name is in, pairs being edges."""
    parent = {name: name for name in names}

    def root_of(name: _Name) -> _Name:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one, other in pairs:
        low, high = sorted((root_of(one), root_of(other)))
        parent[high] = low
    return {name: root_of(name) for name in parent}


def _entity(groups: _Groups, members: Sequence[_Member], base: str) -> Entity:
    entity_type = _majority_type(members)
    full = [name for name, of_name in groups.items() if not _are_short(of_name)]
    name = min(full or groups, key=lambda n: (n.key.count("-"), len(n.key), n))
    iri = entity_iri(base, entity_type, name.key, name.apart or None)
    aliases = {alias for member in members for alias in member.cluster.aliases}
    return Entity(iri, _canonical_name(members), entity_type, tuple(sorted(aliases)))


def _majority_type(members: Iterable[_Member]) -> EntityType:
    """The type that most documents give; on a tie between Company and Organization, Company."""
    votes = Counter(entity_type for _, entity_type in {(m.document_id, m.cluster.type) for m in members})
    return min(votes, key=lambda entity_type: (-votes[entity_type], entity_type.value))


def _canonical_name(members: Sequence[_Member]) -> str:
    full = [m for m in members if not _is_short(m.cluster.name, m.cluster.type)] or members
    votes = Counter(name for _, name in {(m.document_id, m.cluster.name) for m in full})
    return min(votes, key=lambda name: (-votes[name], -len(name), name))
