"""Profiles of real texts from their annotated names, without any reading: what kg.entities costs by itself.

Documents of Re-DocRED and DocRED with their clusters, then sentences of Few-NERD, SENTENCES a text, in which equal
names are one cluster. Links are those relations of Re-DocRED that are ours.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from kg.profiles import Link, Profile
from kg.records import Cluster, ClusterId, DocumentId, EntityType, Predicate, Status, can_link

SENTENCES = 4
"""Sentences of a text that is put together: about a hundred words."""
TYPES = {
    "PER": EntityType.PERSON,
    "ORG": EntityType.ORGANIZATION,
    "LOC": EntityType.PLACE,
    "MISC": EntityType.PRODUCT,
    "person": EntityType.PERSON,
    "organization": EntityType.ORGANIZATION,
    "location": EntityType.PLACE,
    "product": EntityType.PRODUCT,
    "art": EntityType.PRODUCT,
}
"""Types of Re-DocRED, and coarse types of Few-NERD; buildings, events and others are left out."""
RELATIONS = {
    "P108": (Predicate.WORKS_FOR, False),
    "P112": (Predicate.FOUNDED_BY, False),
    "P69": (Predicate.EDUCATED_AT, False),
    "P127": (Predicate.SUBSIDIARY_OF, False),
    "P749": (Predicate.SUBSIDIARY_OF, False),
    "P159": (Predicate.HEADQUARTERED_IN, False),
    "P176": (Predicate.DEVELOPS, True),
    "P178": (Predicate.DEVELOPS, True),
}
"""Wikidata's property -> our predicate, and whether its ends change places."""
Json = dict[str, Any]


def annotated_profiles(data: Path, n: int) -> list[Profile]:
    """The first n profiles in a fixed order; fewer where the data give no more."""
    return list(islice(_profiles(data), n))


def _profiles(data: Path) -> Iterator[Profile]:
    for name in ("re_docred/train_500", "docred_entities/entities_only_1000"):
        for number, document in enumerate(json.loads((data / f"{name}.json").read_text(encoding="utf-8"))):
            yield _wikipedia(f"{name}/{number}", document)
    sentences = _few_nerd(data / "few_nerd")
    number = 0
    while group := list(islice(sentences, SENTENCES)):
        yield _from_names(f"few_nerd/{number}", [name for names in group for name in names])
        number += 1


def _wikipedia(identifier: str, document: Json) -> Profile:
    clusters = {}
    for number, mentions in enumerate(document["vertexSet"]):
        names = {m["name"] for m in mentions if any(map(str.isupper, m["name"]))}
        if names and mentions[0]["type"] in TYPES:
            clusters[number] = _cluster(number, names, TYPES[mentions[0]["type"]])
    links = []
    for row in document.get("labels", []):
        predicate, turned = RELATIONS.get(row["r"], (None, False))
        subject, target = (clusters.get(row[end]) for end in ("th" if turned else "ht"))
        if predicate and subject and target and can_link(predicate, subject.type, target.type):
            links.append(Link(subject.id, predicate, target.id, Status.ACTUAL))
    return Profile(DocumentId(identifier), tuple(clusters.values()), tuple(links), frozenset())


def _from_names(identifier: str, named: Iterable[tuple[str, str]]) -> Profile:
    types: dict[str, EntityType] = {}
    for name, kind in named:
        types.setdefault(name, TYPES[kind])
    clusters = [_cluster(number, {name}, kind) for number, (name, kind) in enumerate(types.items())]
    return Profile(DocumentId(identifier), tuple(clusters), (), frozenset())


def _cluster(number: int, names: set[str], entity_type: EntityType) -> Cluster:
    name = max(names, key=lambda form: (len(form.split()), len(form), form))
    return Cluster(ClusterId(f"e{number + 1}"), name, entity_type, tuple(sorted(names)), ())


def _few_nerd(folder: Path) -> Iterator[list[tuple[str, str]]]:
    """Names of each sentence with their coarse types, those of TYPES alone."""
    for line in (folder / "sample.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        named = [(" ".join(row["tokens"][start:end]), kind.split("_")[0]) for start, end, kind in row["entities"]]
        yield [(name, kind) for name, kind in named if kind in TYPES]
    for file in ("inter_test.txt", "inter_val.txt"):
        for block in (folder / file).read_text(encoding="utf-8").split("\n\n"):
            yield _tagged(block)


def _tagged(block: str) -> list[tuple[str, str]]:
    """Names of a sentence of lines `token<TAB>tag`: neighbours of one tag are one name."""
    runs: dict[int, list[str]] = defaultdict(list)
    kinds, last = [], "O"
    for line in block.splitlines():
        token, _, tag = line.partition("\t")
        if tag != last:
            kinds.append(tag.split("-")[0])
        runs[len(kinds)].append(token)
        last = tag
    return [(" ".join(runs[n]), kind) for n, kind in enumerate(kinds, start=1) if kind in TYPES]
