"""Stage 6, its words: a name of one kind, the clusters that bear it, and which names are one entity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kg.name_forms import is_short
from kg.records import Cluster, DocumentId


class Name(NamedTuple):
    """What clusters share that are one entity by name alone.

    apart: sets off what the key alone does not tell apart: each document's bare surname, people of one name.
    """

    kind: str
    key: str
    apart: str = ""


class Member(NamedTuple):
    """A cluster, and the document that it is in."""

    document_id: DocumentId
    cluster: Cluster


Groups = dict[Name, list[Member]]
Roots = dict[Name, Name]
"""Name -> the name that stands for its entity; two names are one entity when their roots are equal."""


def are_short(members: Iterable[Member]) -> bool:
    """Whether no member gives more than a surname or an acronym."""
    return all(is_short(member.cluster.name, member.cluster.type) for member in members)


def documents_of(groups: Groups) -> dict[Name, set[DocumentId]]:
    """The documents in which each name stands."""
    return {name: {member.document_id for member in members} for name, members in groups.items()}


def united(names: Iterable[Name], pairs: Iterable[tuple[Name, Name]]) -> Roots:
    """Smallest name of the component that each name is in, pairs being edges."""
    parent = {name: name for name in names}

    def root_of(name: Name) -> Name:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one, other in pairs:
        if one != other:
            low, high = sorted((root_of(one), root_of(other)))
            parent[high] = low
    return {name: name if above is name else root_of(name) for name, above in parent.items()}
