"""Stage 6, one name of several: people at different employers, and each country's parliament, are set apart.

Two documents speak of one person when they name an employer, or anything else but places, in common, or when one
employer belongs to the other. What is then left in parts is several people, if two parts or more state an employer;
without one, a name alone is taken for one person's. A job change shows in its former employer, or in a colleague.
A body with a name such as every country has one of (`Parliament`) is one in the documents that share a name, places
among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kg.iris import name_key
from kg.lexicon import GENERIC_ORGANIZATION_WORDS
from kg.name_forms import CIVIC_WORDS, is_civic, offered
from kg.named import Groups, Member, Name, Roots, are_short
from kg.profiles import Profile
from kg.records import ClusterId, DocumentId, Predicate

_POSTS = frozenset({Predicate.WORKS_FOR, Predicate.BOARD_MEMBER_OF, Predicate.FOUNDED_BY})
MIN_FIRST_WORD = 4
"""Letters of the first word of an employer's name by which it is known: Delta for Delta Air Lines, not `The`."""

_FAMILY = frozenset({Predicate.SUBSIDIARY_OF, Predicate.ACQUIRED, Predicate.SUCCESSOR_OF})


def split_homonyms(groups: Groups, roots: Roots, profiles: Sequence[Profile]) -> tuple[Groups, Roots]:
    """The groups and roots, with a name of its own for each person where several bear one name.

    A part is set apart by the key of its first employer in the alphabet; a document that fits no part, by itself.
    """
    scene = _Scene(groups, roots, profiles)
    groups, roots = dict(groups), dict(roots)
    of_root: dict[Name, list[Name]] = defaultdict(list)
    for name in sorted(groups):
        if name.kind == "person" or (name.kind == "body" and is_civic(name.key)):
            of_root[roots[name]].append(name)
    for root, names in of_root.items():
        members = [member for name in names for member in groups[name]]
        if len({m.document_id for m in members}) < 2 or (root.kind == "person" and are_short(members)):
            continue
        parts = scene.parts(root, members)
        if len(parts) > 1 and (root.kind == "body" or sum(bool(employers) for _, employers in parts) > 1):
            _set_apart(groups, roots, names, parts)
    return groups, roots


def _set_apart(
    groups: Groups, roots: Roots, names: Iterable[Name], parts: Iterable[tuple[set[DocumentId], set[Name]]]
) -> None:
    for documents, employers in parts:
        apart = min(employers).key if employers else min(documents)
        made = []
        for name in names:
            if members := [m for m in groups.get(name, []) if m.document_id in documents]:
                part = Name(name.kind, name.key, f"{name.apart}{apart}")
                groups[part] = members
                made.append(part)
        roots.update({part: min(made) for part in made})
    for name in names:
        del groups[name], roots[name]


def _spellings(members: Iterable[Member]) -> set[Name]:
    """What a body may also be called, so that two employers which may be one are not taken for two."""
    found = set()
    for member in members:
        name, entity_type = member.cluster.name, member.cluster.type
        key = name_key(name, entity_type)
        keys = {key, *(form.key for form in offered(name, entity_type))}
        first = key.split("-")[0]
        if first not in GENERIC_ORGANIZATION_WORDS | CIVIC_WORDS and len(first) >= MIN_FIRST_WORD:
            keys.add(first)
        found |= {Name("spelling", one) for one in keys}
    return found


class _Scene:
    """What each document names, and where its people work."""

    def __init__(self, groups: Groups, roots: Roots, profiles: Sequence[Profile]) -> None:
        self._at: dict[tuple[DocumentId, ClusterId], Name] = {}
        self._named: dict[DocumentId, set[Name]] = defaultdict(set)
        self._places: dict[DocumentId, set[Name]] = defaultdict(set)
        for name, members in groups.items():
            for member in members:
                self._at[member.document_id, member.cluster.id] = roots[name]
                named = self._places if name.kind == "place" else self._named
                named[member.document_id].add(roots[name])
        self._employers: dict[tuple[DocumentId, Name], set[Name]] = defaultdict(set)
        self._family: dict[Name, set[Name]] = defaultdict(set)
        self._spellings: dict[Name, set[Name]] = defaultdict(set)
        for name, members in groups.items():
            if name.kind == "body":
                self._spellings[roots[name]] |= _spellings(members)
        for profile in profiles:
            self._read_links(profile)

    def _read_links(self, profile: Profile) -> None:
        for link in profile.links:
            ends = [self._at[profile.document_id, end] for end in (link.subject, link.object)]
            person, body = sorted(ends, key=lambda end: end.kind != "person")
            if link.predicate in _POSTS and person.kind == "person" and body.kind == "body":
                self._employers[profile.document_id, person].add(body)
            elif link.predicate in _FAMILY:
                self._family[ends[0]].add(ends[1])
                self._family[ends[1]].add(ends[0])

    def parts(self, root: Name, members: Iterable[Member]) -> list[tuple[set[DocumentId], set[Name]]]:
        """Documents that speak of one bearer of the name, and where that one works; sorted by first document."""
        parts: list[tuple[set[DocumentId], set[Name], set[Name]]] = []
        for document in sorted({member.document_id for member in members}):
            employers = self._employers.get((document, root), set())
            signs = self._named[document] - {root}
            signs |= {kin for body in employers for kin in self._family[body] | self._spellings[body]}
            if root.kind == "body":
                signs |= self._places[document]
            documents, posts = {document}, set(employers)
            apart = []
            for part in parts:
                if part[2].isdisjoint(signs):
                    apart.append(part)
                else:
                    documents, posts, signs = documents | part[0], posts | part[1], signs | part[2]
            parts = [*apart, (documents, posts, signs)]
        return sorted(((documents, posts) for documents, posts, _ in parts), key=lambda part: min(part[0]))
