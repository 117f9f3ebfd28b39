"""How well names are resolved to entities, inside documents and across them, and what that costs at scale.

    python -m benchmarks.resolution [--data ../shared/data] [--misses]
    python -m benchmarks.resolution --scale 10000 [--data DIR]
    python -m benchmarks.resolution --names 10000 [--data DIR]

Four sets, each scored by B-cubed F1 and by pairs that are wrongly merged or missed (benchmarks/bcubed.py):

    within   names of Re-DocRED, as annotated, given to kg.coreference: which of them are one inside a document. With
             --data all 500 documents, without it the sample in tests/gold/resolution.
    across   224 Wikipedia texts annotated by hand for who is who in all of them, given to kg.entities as profiles
    gum      names of GUM's texts in ten genres by the Wikipedia article that each stands for, one collection; only with
             --data, since nothing of GUM is kept here (benchmarks/gum.py)
    hard     small cases written for this purpose, one difficulty each; a case is right when all of it is

Formats, sources and rules: tests/gold/resolution/README.md.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from benchmarks.annotated import annotated_profiles
from benchmarks.bcubed import Agreement, agreement
from benchmarks.gum import gum_documents
from benchmarks.scale import measure_scale, stored_profiles, time_resolve
from kg.coreference import cluster_names
from kg.entities import resolve
from kg.profiles import Link, Profile
from kg.records import Cluster, ClusterId, DocumentId, EntityType, Predicate, Status

GOLD = Path(__file__).resolve().parent.parent / "tests" / "gold" / "resolution"
DATA = Path("../shared/data")
TYPES = {"PER": "Person", "ORG": "Organization", "LOC": "Place", "MISC": "Product"}
"""Re-DocRED's types of names; its dates and numbers are none."""
Json = dict[str, Any]
Item = Any
"""Whatever tells names apart: a span, or a document with a cluster of it."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A document, collection or case: items with words for a person, the entity that each is, and the one found."""

    title: str
    names: Mapping[Item, str]
    gold: Mapping[Item, Hashable]
    found: Mapping[Item, Hashable]

    @property
    def agreement(self) -> Agreement:
        return agreement(self.gold, self.found)

    @property
    def is_right(self) -> bool:
        """Whether no pair is wrongly merged or missed."""
        return self.agreement.n_wrong == self.agreement.n_missed == 0

    def in_company(self) -> Scored:
        """The items alone that are, or are taken for, the same as another: where there is something to decide."""
        sizes = [_sizes(self.gold), _sizes({item: self.found[item] for item in self.gold})]
        gold = {i: e for i, e in self.gold.items() if sizes[0][e] > 1 or sizes[1][self.found[i]] > 1}
        return Scored(self.title, self.names, gold, self.found)

    def differences(self) -> Iterator[str]:
        """A line for each entity that mixes two, and for each that is left in parts."""
        gold, found = self.gold, {item: self.found[item] for item in self.gold}
        for mark, groups, parts in (("wrong", found, gold), ("missed", gold, found)):
            names: dict[Hashable, dict[Hashable, set[str]]] = defaultdict(lambda: defaultdict(set))
            for item in self.gold:
                names[groups[item]][parts[item]].add(self.names[item])
            for apart in names.values():
                if len(apart) > 1:
                    words = " // ".join(sorted(", ".join(sorted(forms)) for forms in apart.values()))
                    yield f"{mark} | {self.title} | {words}"


def _sizes(partition: Mapping[Item, Hashable]) -> dict[Hashable, int]:
    sizes: dict[Hashable, int] = defaultdict(int)
    for entity in partition.values():
        sizes[entity] += 1
    return sizes


def to_names(document: Json) -> Json:
    """A document of Re-DocRED as what the sample holds: lengths of sentences, names and brackets, no other word.

    tokens: position -> token, of names and round brackets. names: start, end (half-open), type, entity; the first one
    where two entities claim the same words. Mentions without a capital, digit or non-Latin letter are no names.
    """
    starts = [sum(map(len, document["sents"][:n])) for n in range(len(document["sents"]))]
    words = [word for sentence in document["sents"] for word in sentence]
    names: dict[tuple[int, int], tuple[str, int]] = {}
    for entity, mentions in enumerate(document["vertexSet"]):
        for mention in mentions:
            start, end = (starts[mention["sent_id"]] + at for at in mention["pos"])
            if mention["type"] in TYPES and _is_name(words[start:end]):
                names.setdefault((start, end), (TYPES[mention["type"]], entity))
    kept = {i for start, end in names for i in range(start, end)} | {i for i, w in enumerate(words) if w in "()"}
    return {
        "title": document["title"],
        "sentences": [len(sentence) for sentence in document["sents"]],
        "tokens": {str(i): words[i] for i in sorted(kept) if words[i].strip()},
        "names": [[start, end, kind, entity] for (start, end), (kind, entity) in names.items()],
    }


def _is_name(words: Iterable[str]) -> bool:
    return any(c.isupper() or c.isdigit() or not c.isascii() for word in words for c in word)


def score_within(documents: Iterable[Json], vocab: Vocab) -> list[Scored]:
    """Each document's names as kg.coreference clusters them; what `to_names` gives is what it takes."""
    scored = []
    for document in documents:
        starts = {sum(document["sentences"][:n]) for n in range(len(document["sentences"]))}
        words = [document["tokens"].get(str(i), "_") for i in range(sum(document["sentences"]))]
        doc = Doc(vocab, words=words, sent_starts=[i in starts for i in range(len(words))])
        groups = cluster_names([Span(doc, start, end, label=kind) for start, end, kind, _ in document["names"]])
        found = {(span.start, span.end): number for number, group in enumerate(groups) for span in group}
        gold = {(start, end): entity for start, end, _, entity in document["names"]}
        names = {(start, end): doc[start:end].text for start, end in gold}
        scored.append(Scored(document["title"], names, gold, found))
    return scored


def score_across(title: str, documents: Sequence[Json]) -> Scored:
    """The clusters of a collection as kg.entities resolves them."""
    profiles, gold, names = [], {}, {}
    for number, document in enumerate(documents):
        identifier = DocumentId(document.get("id", str(number)))
        clusters = [_cluster(n, row) for n, row in enumerate(document["clusters"], start=1)]
        profiles.append(Profile(identifier, tuple(clusters), tuple(_links(document)), frozenset()))
        gold.update({(identifier, c.id): row[1] for c, row in zip(clusters, document["clusters"], strict=True)})
        names.update({(identifier, c.id): "/".join(c.aliases) for c in clusters})
    return Scored(title, names, gold, dict(resolve(profiles).iri_of))


def _cluster(number: int, row: Sequence[str]) -> Cluster:
    entity_type, _, *names = row
    return Cluster(ClusterId(f"e{number}"), names[0], EntityType(entity_type), tuple(sorted(names)), ())


def _links(document: Json) -> Iterator[Link]:
    for subject, predicate, target in document["links"]:
        ends = ClusterId(f"e{subject + 1}"), ClusterId(f"e{target + 1}")
        yield Link(ends[0], Predicate(predicate), ends[1], Status.ACTUAL)


def score_hard() -> list[Scored]:
    """Each case, resolved as a collection of its own."""
    return [score_across(f"{case['kind']}: {case['case']}", case["documents"]) for case in read_gold("hard")]


def read_gold(name: str) -> list[Json]:
    """The set tests/gold/resolution/<name>.json."""
    rows: list[Json] = json.loads((GOLD / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def total(scored: Iterable[Scored]) -> Agreement:
    """The agreement over all items of all of them."""
    return sum((one.agreement for one in scored), Agreement())


def _line(title: str, scored: Sequence[Scored]) -> str:
    one = total(scored)
    return (
        f"{title:34} {one.n_items:7,} items  P {100 * one.precision:6.2f}  R {100 * one.recall:6.2f}  "
        f"F1 {100 * one.f1:6.2f}  wrong {one.n_wrong:,} of {one.n_joined:,} pairs ({100 * one.wrong_merges:.2f} %)  "
        f"missed {one.n_missed:,} of {one.n_owed:,} ({100 * one.missed_merges:.1f} %)"
    )


def report(data: Path | None, misses: bool) -> Iterator[str]:
    """The lines that are printed. data: where Re-DocRED and GUM lie; None for the sample, and no GUM."""
    if data is None:
        documents = read_gold("within")
    else:
        documents = [to_names(d) for d in json.loads((data / "re_docred/train_500.json").read_text(encoding="utf-8"))]
    within = score_within(documents, spacy.blank("en").vocab)
    across = [score_across("across", read_gold("across"))]
    gum = [] if data is None else [score_across("gum", gum_documents(data / "gum/dep"))]
    hard = score_hard()
    yield _line(f"within {len(within)} documents", within)
    yield _line("across documents", across)
    yield _line("  where there is company", [one.in_company() for one in across])
    for one in gum:
        yield _line("gum", [one])
        yield _line("  where there is company", [one.in_company()])
    yield _line(f"hard, {sum(one.is_right for one in hard)} of {len(hard)} cases right", hard)
    if misses:
        for one in (*within, *across, *gum, *hard):
            yield from one.differences()


def main() -> None:
    """Print the table, and the differences where asked for; or measure a build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of open data, for all of Re-DocRED and for GUM")
    parser.add_argument("--misses", action="store_true", help="list every difference")
    parser.add_argument("--scale", type=int, metavar="N", help="build N texts of the open data instead, and one more")
    parser.add_argument("--names", type=int, metavar="N", help="only time the entities of N texts' annotated names")
    parser.add_argument("--store", type=Path, help="only time the entities of a store, and print JSON")
    args = parser.parse_args()
    if args.store:
        print(json.dumps(time_resolve(stored_profiles(args.store))))
    elif args.names:
        print(json.dumps(time_resolve(annotated_profiles(args.data or DATA, args.names))))
    elif args.scale:
        for row in measure_scale(args.data or DATA, args.scale):
            print(json.dumps(asdict(row)), flush=True)
    else:
        for line in report(args.data, args.misses):
            print(line)


if __name__ == "__main__":
    main()
