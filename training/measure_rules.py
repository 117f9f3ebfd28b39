"""How often each phrase of seeds/cues/relations.csv is right, on the training documents with their own names given.

    python -m training.measure_rules [--data ../shared/data] [--write]

A phrase's confidence is (right + 2) / (found + 2.5): its precision, drawn towards 0.8 while it has been seen little.
Only finds by name count; the share of those through nouns and pronouns is printed, which is what
kg.relations.ANAPHORIC_DISCOUNT was set from.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from kg.patterns import document_skeletons
from kg.records import SYMMETRIC
from kg.relations import find_relations
from kg.resources import resource_path
from training.notation import Json
from training.prepare import annotated, annotated_doc, split

TABLE = "cues/relations.csv"


def gold_triples(example: Json) -> set[tuple[str, str, str]]:
    """Triples of a corpus document, symmetric ones both ways."""
    triples = {(r["subject"], r["predicate"], r["object"]) for r in example["relations"]}
    return triples | {(o, p, s) for s, p, o in triples if p in SYMMETRIC}


def measure(data: Path) -> tuple[Counter[int], Counter[int], Counter[tuple[bool, bool]]]:
    """Right and all finds by rule, and finds by (named, right)."""
    right: Counter[int] = Counter()
    found: Counter[int] = Counter()
    by_name: Counter[tuple[bool, bool]] = Counter()
    for example in split(annotated(data))[0]:
        doc = annotated_doc(example)
        gold = gold_triples(example)
        marked = document_skeletons(doc)
        finds = {
            (f.subject, f.predicate, f.object): f for f in find_relations(marked, {c.id: c for c in doc._.clusters})
        }
        for triple, find in finds.items():
            by_name[find.named, triple in gold] += 1
            found[find.rule] += find.named
            right[find.rule] += find.named and triple in gold
    return right, found, by_name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--write", action="store_true", help="write the confidences into the table")
    args = parser.parse_args()
    right, found, by_name = measure(args.data)
    path = resource_path("seeds", TABLE)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["confidence"] = f"{(right[number] + 2) / (found[number] + 2.5):.2f}"
        print(
            f"{row['confidence']}  {right[number]:4} of {found[number]:4}  {row['predicate']:16} {row['pattern'][:90]}"
        )
    for named in (True, False):
        total = by_name[named, True] + by_name[named, False]
        print(f"{'by name' if named else 'by noun or pronoun'}: {by_name[named, True]} of {total} right")
    if args.write:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
