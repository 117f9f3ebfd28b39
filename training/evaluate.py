"""Score the pipeline on the held-out documents, as `kg eval` does on any gold set.

    python -m training.evaluate [--groups article,page] [--misses] [--keep DIR]

`--keep` writes the documents and their annotation to a folder that `kg eval` reads.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from kg.evaluation import evaluate, report_table
from kg.settings import Settings
from training.notation import Json
from training.prepare import annotated, split

REAL = "real1,real2"
"""Groups of passages of real text."""


def write_gold(documents: Iterable[Json], folder: Path) -> None:
    """Documents as docs/ID.txt and gold/ID.json, as `kg eval` reads them."""
    for name in ("docs", "gold"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for document in documents:
        name = document["id"].replace("/", "_")
        facts = {part: document[part] for part in ("entities", "relations", "observations")}
        (folder / "docs" / f"{name}.txt").write_text(document["text"] + "\n", encoding="utf-8")
        annotation = json.dumps({"doc": f"{name}.txt"} | facts, ensure_ascii=False, indent=1)
        (folder / "gold" / f"{name}.json").write_text(annotation + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--groups", default="", help=f"only documents of these groups, such as article,page or {REAL}")
    parser.add_argument("--misses", action="store_true", help="list every miss")
    parser.add_argument("--keep", type=Path, help="write the documents to this folder and leave them there")
    args = parser.parse_args()
    groups = set(filter(None, args.groups.split(",")))
    documents = [d for d in split(annotated(args.data))[1] if not groups or d["group"] in groups]
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        write_gold(documents, folder)
        evaluation = evaluate(folder, Settings())
    print(report_table(evaluation.score, misses=args.misses))
    reading = evaluation.reading
    print(f"{reading.n_words} words, {reading.n_words / max(reading.read_s, 1e-9):.0f} a second")


if __name__ == "__main__":
    main()
