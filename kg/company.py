"""Stage 6, context: who is named together with whom, and what that is worth as a sign that two names are one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from kg.named import Groups, Name, Roots
from kg.profiles import Profile
from kg.records import ClusterId, DocumentId, Predicate

COMMON = 5
"""Documents in which something may be named and still be enough by itself; in n of them it counts 5 / n. In a
collection of ten thousand, two Smiths are not one because both texts name Google."""


class Tie(NamedTuple):
    """A claim of a document, between names."""

    document_id: DocumentId
    subject: Name
    predicate: Predicate
    object: Name


def read_ties(groups: Groups, profiles: Sequence[Profile]) -> list[Tie]:
    """The claims of all documents."""
    ends = {(p.document_id, end) for p in profiles for link in p.links for end in (link.subject, link.object)}
    at: dict[tuple[DocumentId, ClusterId], Name] = {}
    for name, members in groups.items():
        for member in members:
            if (place := (member.document_id, member.cluster.id)) in ends:
                at[place] = name
    return [
        Tie(p.document_id, at[p.document_id, link.subject], link.predicate, at[p.document_id, link.object])
        for p in profiles
        for link in p.links
    ]


class Company:
    """Entities with full names, places apart, by document; and the ends of each one's claims."""

    def __init__(
        self, full: Groups, documents: Mapping[Name, set[DocumentId]], ties: Sequence[Tie], roots: Roots
    ) -> None:
        """full: names with their clusters, short ones apart. documents: of all names. Changes none of them."""
        self._roots = roots
        self._own = documents
        self._documents: dict[Name, set[DocumentId]] = {}
        self._entities: dict[DocumentId, set[Name]] = defaultdict(set)
        self._linked: dict[Name, set[Name]] = defaultdict(set)
        self._makers: dict[Name, set[Name]] = defaultdict(set)
        self._named_with: dict[Name, set[Name]] = {}
        for name in full:
            known = self._documents.get(roots[name])
            self._documents[roots[name]] = documents[name] if known is None else known | documents[name]
        for root, held in self._documents.items():
            if len(held) > 1 and root.kind != "place":  # what one document alone names is named with no two names
                for document in held:
                    self._entities[document].add(root)
        for _, one, predicate, other in ties:
            if predicate is Predicate.DEVELOPS:
                self._makers[other].add(roots[one])
            self._linked[one].add(roots[other])
            self._linked[roots[one]].add(roots[other])
            self._linked[other].add(roots[one])
            self._linked[roots[other]].add(roots[one])

    def shared(self, name: Name, root: Name) -> list[Name]:
        """What is named with `name` and, in other documents, with the entity `root`: the weightiest first."""
        here = self._company_of(name) - {root, self._roots[name]}
        linked = self._linked[name] | self._linked[root]
        documents = self._documents.get(root, set()) - self._own[name]
        common = {e for e in here if not documents.isdisjoint(self._documents[e])}
        return sorted(common, key=lambda e: (e not in linked, len(self._documents[e]), e))

    def is_kept(self, name: Name, root: Name) -> bool:
        """Whether what the two share is enough to take one for the other."""
        linked = self._linked[name] | self._linked[root]
        weight = 0.0
        for entity in self.shared(name, root):
            weight += 1.0 if entity in linked else min(1.0, COMMON / len(self._documents[entity]))
            if weight >= 1.0:
                return True
        return False

    def is_linked(self, name: Name, root: Name) -> bool:
        """Whether claims tie both to the same third."""
        return not self._linked[name].isdisjoint(self._linked[root] & set(self.shared(name, root)))

    def is_alike(self, one: Name, other: Name) -> bool:
        """Whether two bare names are named with the same full ones, by the same measure, and in other documents."""
        if not self._own[one].isdisjoint(self._own[other]):
            return False
        common = self._company_of(one) & self._company_of(other)
        return sum(sorted(min(1.0, COMMON / len(self._documents[e])) for e in common)) >= 1.0

    def is_absent(self, root: Name, documents: Collection[DocumentId]) -> bool:
        """Whether none of the documents gives the full name."""
        return self._documents.get(root, set()).isdisjoint(documents)

    def is_maker(self, name: Name, other: Name) -> bool:
        """Whether the company whose name `other` has before that of the product `name` is said to make `name` too."""
        maker = other.key.removesuffix(name.key).strip("-")
        return self._roots.get(Name("body", maker)) in self._makers[name]

    def _company_of(self, name: Name) -> set[Name]:
        """What stands in the documents of a name, itself among it."""
        if name not in self._named_with:
            self._named_with[name] = {entity for document in self._own[name] for entity in self._entities[document]}
        return self._named_with[name]
