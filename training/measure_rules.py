"""How often each phrase of seeds/cues/relations.csv is right, on the newsroom corpus with its own names given.

    python -m training.measure_rules [--data ../shared/data] [--write]

A phrase's confidence is (right + 2) / (found + 2.5): its precision, drawn towards 0.8 while it has been seen little.
Only finds by name count; the share of those through nouns and pronouns is printed, which is what
kg.relations.ANAPHORIC_DISCOUNT was set from.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter
from pathlib import Path

import spacy
from spacy.tokens import Doc
from spacy.tokens import Span as TokenSpan

from kg.coreference import find_anaphora
from kg.patterns import document_skeletons
from kg.records import SYMMETRIC, Cluster, ClusterId, Document, DocumentId, EntityType, Mention, Span
from kg.relations import find_relations
from kg.resources import resource_path
from kg.sentences import split_sentences

TABLE = "cues/relations.csv"


def annotated_doc(nlp: spacy.Language, example: dict) -> Doc:
    """A Doc with the clusters of a corpus document, its names found where they stand, longest first."""
    text = example["text"]
    doc = nlp.make_doc(text)
    doc._.document = Document(DocumentId(example["id"]), text, (Span(0, len(text)),))
    split_sentences(doc)
    forms = {(form, e["id"]) for e in example["entities"] for form in {e["name"], *e["aliases"]}}
    taken: set[int] = set()
    spans: list[TokenSpan] = []
    for form, identifier in sorted(forms, key=lambda f: (-len(f[0]), f)):
        for match in re.finditer(re.escape(form), text):
            span = doc.char_span(match.start(), match.end(), label=identifier)
            if span is not None and taken.isdisjoint(range(span.start, span.end)):
                taken.update(range(span.start, span.end))
                spans.append(span)
    types = {e["id"]: EntityType(e["type"]) for e in example["entities"]}
    doc.spans["clusters"] = sorted(spans, key=lambda s: s.start)
    doc._.clusters = tuple(
        Cluster(
            ClusterId(i),
            text,
            types[i],
            (),
            tuple(Mention(s.start_char, s.end_char, s.text) for s in spans if s.label_ == i),
        )
        for i in sorted({s.label_ for s in spans}, key=lambda i: int(i[1:]))
    )
    doc.spans["anaphora"] = find_anaphora(doc)
    return doc


def gold_triples(example: dict) -> set[tuple[str, str, str]]:
    """Triples of a corpus document, symmetric ones both ways."""
    triples = {(r["subject"], r["predicate"], r["object"]) for r in example["relations"]}
    return triples | {(o, p, s) for s, p, o in triples if p in SYMMETRIC}


def measure(data: Path) -> tuple[Counter[int], Counter[int], Counter[tuple[bool, bool]]]:
    """Right and all finds by rule, and finds by (named, right)."""
    nlp = spacy.blank("en")
    right: Counter[int] = Counter()
    found: Counter[int] = Counter()
    by_name: Counter[tuple[bool, bool]] = Counter()
    for name in ("own.jsonl", "real.jsonl"):
        for line in (data / "newsroom" / name).read_text(encoding="utf-8").splitlines():
            example = json.loads(line)
            doc = annotated_doc(nlp, example)
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
