"""How far two readers agree: a tenth of training/corpus against a second, independent annotation of the same texts.

    python -m training.agreement [--misses]        F1 of the second reader, with the first as gold

The second readers saw the text and the rules, not the first annotation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from kg.evaluation import report_table
from kg.gold import Annotation, parse_annotation
from kg.score import Pair, Score, score_pairs
from training.notation import CORPUS, Json, read_corpus

SECOND = CORPUS / "second"


def agreement(folder: Path = CORPUS, second: Path = SECOND) -> Score:
    """The score of the second annotation. Raises KeyError for a document that only the second reader has."""
    first = {document["id"]: document for document in read_corpus(folder)}
    again = read_corpus(second)
    return score_pairs([Pair(_annotation(first[d["id"]]), _annotation(d), first[d["id"]]["text"]) for d in again])


def _annotation(document: Json) -> Annotation:
    return parse_annotation({"doc": document["id"]} | document)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="list every difference")
    print(report_table(agreement(), misses=parser.parse_args().misses))


if __name__ == "__main__":
    main()
