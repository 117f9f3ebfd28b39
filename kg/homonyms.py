"""Stage 6, one name of several: people at different employers, and each country's parliament, are set apart.

Two documents speak of one person when they name an employer, or anything else but places, in common, or when one
employer belongs to the other. What is then left in parts is several people, if two parts or more state an employer;
without one, a name alone is taken for one person's. A job change shows in its former employer, or in a colleague.
A body with a name such as every country has one of (`Parliament`) is one in the documents that share a name, places
among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

from kg.company import Tie
from kg.iris import name_key
from kg.lexicon import GENERIC_ORGANIZATION_WORDS
from kg.name_forms import CIVIC_WORDS, is_civic, offered
from kg.named import Groups, Member, Name, Roots, are_short
from kg.records import DocumentId, Predicate

_POSTS = frozenset({Predicate.WORKS_FOR, Predicate.BOARD_MEMBER_OF, Predicate.FOUNDED_BY})
MIN_FIRST_WORD = 4
"""Letters of the first word of an employer's name by which it is known: Delta for Delta Air Lines, not `The`."""

_FAMILY = frozenset({Predicate.SUBSIDIARY_OF, Predicate.ACQUIRED, Predicate.SUCCESSOR_OF})


def split_homonyms(groups: Groups, roots: Roots, ties: Sequence[Tie]) -> tuple[Groups, Roots]:
    """The groups and roots, with a name of its own for each person where several bear one name.

    A part is set apart by the key of its first employer in the alphabet; a document that fits no part, by itself.
    """
    shared = _shared_names(groups, roots)
    documents = {member.document_id for names in shared for name in names for member in groups[name]}
    scene = _Scene(groups, roots, ties, documents)
    groups, roots = dict(groups), dict(roots)
    for names in shared:
        root = roots[names[0]]
        parts = scene.parts(root, [member for name in names for member in groups[name]])
        if len(parts) > 1 and (root.kind == "body" or sum(bool(employers) for _, employers in parts) > 1):
            _set_apart(groups, roots, names, parts)
    return groups, roots


def _shared_names(groups: Groups, roots: Roots) -> list[list[Name]]:
    """Names, sorted, of each entity of several documents that may be several: people, and bodies of every country."""
    of_root: dict[Name, list[Name]] = defaultdict(list)
    for name in groups:
        if name.kind == "person" or (name.kind == "body" and is_civic(name.key)):
            of_root[roots[name]].append(name)
    shared = []
    for names in of_root.values():
        if len(names) == len(groups[names[0]]) == 1:
            continue
        members = [member for name in names for member in groups[name]]
        if len({m.document_id for m in members}) > 1 and not (names[0].kind == "person" and are_short(members)):
            shared.append(sorted(names))
    return sorted(shared)


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
    """What each of some documents names, and where the people of all work."""

    def __init__(self, groups: Groups, roots: Roots, ties: Sequence[Tie], documents: Container[DocumentId]) -> None:
        self._named: dict[DocumentId, set[Name]] = defaultdict(set)
        self._places: dict[DocumentId, set[Name]] = defaultdict(set)
        for name, members in groups.items():
            named = self._places if name.kind == "place" else self._named
            for member in members:
                if member.document_id in documents:
                    named[member.document_id].add(roots[name])
        self._employers: dict[tuple[DocumentId, Name], set[Name]] = defaultdict(set)
        self._family: dict[Name, set[Name]] = defaultdict(set)
        self._groups = groups
        self._bodies: dict[Name, list[Name]] = defaultdict(list)
        for name in groups:
            if name.kind == "body":
                self._bodies[roots[name]].append(name)
        for tie in ties:
            self._read_tie(tie, roots[tie.subject], roots[tie.object])

    def _read_tie(self, tie: Tie, one: Name, other: Name) -> None:
        person, body = sorted((one, other), key=lambda end: end.kind != "person")
        if tie.predicate in _POSTS and person.kind == "person" and body.kind == "body":
            self._employers[tie.document_id, person].add(body)
        elif tie.predicate in _FAMILY:
            self._family[one].add(other)
            self._family[other].add(one)

    def parts(self, root: Name, members: Iterable[Member]) -> list[tuple[set[DocumentId], set[Name]]]:
        """Documents that speak of one bearer of the name, and where that one works; sorted by first document."""
        parts: list[tuple[set[DocumentId], set[Name], set[Name]]] = []
        for document in sorted({member.document_id for member in members}):
            employers = self._employers.get((document, root), set())
            signs = self._named[document] - {root}
            signs |= {kin for body in employers for kin in self._family[body] | self._spellings_of(body)}
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

    def _spellings_of(self, body: Name) -> set[Name]:
        return {one for name in self._bodies[body] for one in _spellings(self._groups[name])}
