"""Stage 6, context: who is named together with whom, and what that is worth as a sign that two names are one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from kg.named import Groups, Name, Roots, are_short
from kg.profiles import Profile
from kg.records import ClusterId, DocumentId, Predicate

COMMON = 5
"""Documents in which something may be named and still be enough by itself; in n of them it counts 5 / n. In a
collection of ten thousand, two Smiths are not one because both texts name Google."""


class Company:
    """Entities with full names, places apart, by document; and the ends of each one's claims."""

    def __init__(self, groups: Groups, roots: Roots, profiles: Sequence[Profile]) -> None:
        self._roots = roots
        self._documents: dict[Name, set[DocumentId]] = defaultdict(set)
        self._own: dict[Name, set[DocumentId]] = {}
        self._entities: dict[DocumentId, set[Name]] = defaultdict(set)
        self._linked: dict[Name, set[Name]] = defaultdict(set)
        self._makers: dict[Name, set[Name]] = defaultdict(set)
        at: dict[tuple[DocumentId, ClusterId], Name] = {}
        for name, members in groups.items():
            self._own[name] = {member.document_id for member in members}
            at.update({(m.document_id, m.cluster.id): name for m in members})
            if not are_short(members):
                self._documents[roots[name]] |= self._own[name]
                if name.kind != "place":
                    for document in self._own[name]:
                        self._entities[document].add(roots[name])
        for profile in profiles:
            for link in profile.links:
                one, other = at[profile.document_id, link.subject], at[profile.document_id, link.object]
                if link.predicate is Predicate.DEVELOPS:
                    self._makers[other].add(roots[one])
                self._linked[one].add(roots[other])
                self._linked[roots[one]].add(roots[other])
                self._linked[other].add(roots[one])
                self._linked[roots[other]].add(roots[one])

    def shared(self, name: Name, root: Name) -> list[Name]:
        """What is named with `name` and, in other documents, with the entity `root`: the weightiest first."""
        here = {e for d in self._own[name] for e in self._entities[d]} - {root, self._roots[name]}
        linked = self._linked[name] | self._linked[root]
        documents = self._documents[root] - self._own[name]
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
        named = [{e for d in self._own[name] for e in self._entities[d]} for name in (one, other)]
        return sum(min(1.0, COMMON / len(self._documents[e])) for e in set.intersection(*named)) >= 1.0

    def is_absent(self, root: Name, documents: Collection[DocumentId]) -> bool:
        """Whether none of the documents gives the full name."""
        return self._documents[root].isdisjoint(documents)

    def is_maker(self, name: Name, other: Name) -> bool:
        """Whether the company whose name `other` has before that of the product `name` is said to make `name` too."""
        maker = other.key.removesuffix(name.key).strip("-")
        return self._roots.get(Name("body", maker)) in self._makers[name]
