"""Read documents with the exported weights alone, and score what they find.

    python -m training.evaluate                                              the held-out newsroom documents
    python -m training.evaluate --gold G --documents D                       another gold folder

Names are grouped by their words only and there are no rules, no coreference and no dates here: what `kg extract`
adds to the reader is not measured. Scored by gold's score.py.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from kg.amounts import Amount, find_amounts
from kg.pieces import ROLE
from kg.reader import PairScore, Reader, load_reader
from kg.records import SIGNATURES, SYMMETRIC, EntityType, Metric, Predicate
from training.prepare import NLP, Json, newsroom, sentence_starts, split

METRICS = frozenset(m.value for m in Metric)
SUFFIXES = frozenset(
    ["inc", "inc.", "corp", "corp.", "corporation", "co", "co.", "ltd", "ltd.", "plc", "ag", "gmbh", "llc"]
)


@dataclass(frozen=True, slots=True)
class Found:
    """A document as read: clusters (token spans, surface forms, type), amounts, and the scores of all legal pairs."""

    spans: list[list[tuple[int, int]]]
    forms: list[list[str]]
    types: list[EntityType]
    amounts: list[Amount]
    scores: list[PairScore]


def read_document(reader: Reader, text: str, *, floor: float = 0.02) -> Found:
    """Names, clusters by their words, amounts, and scores of all pairs that types allow."""
    doc = NLP.make_doc(text)
    tokens = [token.text for token in doc]
    reading = reader.read(tokens, sentence_starts(tokens))
    names = [n for n in reading.names if n.label != ROLE]
    groups = _group([(tuple(tokens[n.start : n.end]), n.label) for n in names])
    spans = [[(names[i].start, names[i].end) for i in group] for group in groups]
    forms = [sorted({doc[a:b].text for a, b in own}, key=lambda f: (-len(f), f)) for own in spans]
    types = [EntityType(names[group[0]].label) for group in groups]
    amounts, places = [], []
    for amount in find_amounts(text):
        cover = doc.char_span(amount.start, amount.end, alignment_mode="expand")
        if cover is not None and not any(n.start < cover.end and cover.start < n.end for n in names):
            amounts.append(amount)
            places.append([(cover.start, cover.end)])
    pairs = _candidates(types, len(amounts))
    return Found(spans, forms, types, amounts, reading.score_pairs([*spans, *places], pairs, floor=floor))


def _group(names: Sequence[tuple[tuple[str, ...], str]]) -> list[list[int]]:
    """Names of one type with the same words, or words that begin or end a longer name; longest first in each group."""
    order = sorted(range(len(names)), key=lambda i: (-len(_words(names[i][0])), i))
    groups: list[list[int]] = []
    for i in order:
        words, label = _words(names[i][0]), names[i][1]
        for group in groups:
            full, kind = _words(names[group[0]][0]), names[group[0]][1]
            part = (
                words in (full[: len(words)], full[-len(words) :]) if kind == "Person" else words == full[: len(words)]
            )
            initials = "".join(w[0] for w in full) == "".join(words) and len(full) > 1
            if full == words or (kind == label and (part or initials)):
                group.append(i)
                break
        else:
            groups.append([i])
    return groups


def _words(tokens: Sequence[str]) -> tuple[str, ...]:
    words = [t.lower() for t in tokens if t.lower() not in ("'s", "’s", "the", "'", "’")]
    while len(words) > 1 and words[-1] in SUFFIXES | {",", "."}:
        words.pop()
    return tuple(words) or tuple(t.lower() for t in tokens)


def _candidates(types: Sequence[EntityType], n_amounts: int) -> list[tuple[int, int]]:
    legal = {(s, o) for subjects, objects in SIGNATURES.values() for s in subjects for o in objects}
    n = len(types)
    pairs = [(s, o) for s in range(n) for o in range(n) if s != o and (types[s], types[o]) in legal]
    measured = [s for s in range(n) if types[s] not in (EntityType.PERSON, EntityType.PLACE)]
    return pairs + [(s, n + a) for s in measured for a in range(n_amounts)]


def cells(found: Found) -> list[tuple[int, int, str, float, str | None]]:
    """Every legal (subject, object, label) with its probability and status; of a pair without direction, both means."""
    n = len(found.types)
    table = {(s.subject, s.object): s for s in found.scores}
    out: list[tuple[int, int, str, float, str | None]] = []
    for (s, o), score in table.items():
        for label, probability in score.probability.items():
            if o >= n:
                if label in METRICS:
                    out.append((s, o, label, probability, None))
                continue
            if label in METRICS:
                continue
            subjects, objects = SIGNATURES[Predicate(label)]
            if found.types[s] not in subjects or found.types[o] not in objects:
                continue
            status = max(score.status[label].items(), key=lambda item: item[1])[0].value
            if Predicate(label) in SYMMETRIC:
                mirror = table[o, s].probability.get(label, 0.0) if (o, s) in table else probability
                if s > o and mirror > 0:
                    continue
                out.append((s, o, label, (probability + mirror) / 2, status))
            else:
                out.append((s, o, label, probability, status))
    return out


def to_prediction(found: Found, name: str, thresholds: Mapping[str, float]) -> Json:
    """What is at least as probable as its label's threshold, in gold's schema."""
    entities = [
        {"id": f"e{i + 1}", "name": forms[0], "type": kind.value, "aliases": forms}
        for i, (forms, kind) in enumerate(zip(found.forms, found.types, strict=True))
    ]
    n = len(entities)
    sure = [cell for cell in cells(found) if cell[3] >= thresholds[cell[2]]]
    relations = [
        {"subject": f"e{s + 1}", "predicate": label, "object": f"e{o + 1}", "status": status, "evidence": ""}
        for s, o, label, _, status in sure
        if o < n
    ]
    best: dict[int, tuple[int, int, str, float, str | None]] = {}
    for cell in sure:
        if cell[1] >= n and cell[3] > best.get(cell[1], (0, 0, "", 0.0, None))[3]:
            best[cell[1]] = cell
    observations = [
        {
            "subject": f"e{s + 1}",
            "metric": label,
            "value": float(found.amounts[o - n].value),
            "unit": found.amounts[o - n].unit,
            "evidence": "",
        }
        for s, o, label, _, _ in best.values()
    ]
    return {"doc": name, "entities": entities, "relations": relations, "observations": observations}


def load_scorer(file: Path) -> ModuleType:
    """Gold's score.py as a module."""
    spec = importlib.util.spec_from_file_location("score", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is no Python file: give --scorer")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score_documents(
    reader: Reader, documents: Sequence[Json], thresholds: Mapping[str, float], scorer: ModuleType
) -> Json:
    """The scorer's report on annotated documents."""
    with tempfile.TemporaryDirectory() as folder:
        gold, predicted = Path(folder, "gold"), Path(folder, "predicted")
        gold.mkdir()
        predicted.mkdir()
        for document in documents:
            name = document["id"].replace("/", "_")
            prediction = to_prediction(read_document(reader, document["text"]), name, thresholds)
            (gold / f"{name}.json").write_text(json.dumps({"doc": name} | document))
            (predicted / f"{name}.json").write_text(json.dumps(prediction))
        report: Json = scorer.score(gold, predicted, None, False)
        return report | {"types": _by_type(scorer, gold, predicted)}


def _by_type(scorer: ModuleType, gold: Path, predicted: Path) -> Json:
    """Precision, recall and F1 of typed entities, by type."""
    tallies = {kind.value: scorer.Tally() for kind in EntityType}
    for file in sorted(gold.glob("*.json")):
        wanted = json.loads(file.read_text())["entities"]
        found = json.loads((predicted / file.name).read_text())["entities"]
        pairs = scorer.match_entities(wanted, found)
        kind_of = {e["id"]: e["type"] for e in wanted}
        right = [e["type"] for e in found if e["id"] in pairs and kind_of[pairs[e["id"]]] == e["type"]]
        for kind, tally in tallies.items():
            hits = right.count(kind)
            n_found, n_wanted = (sum(e["type"] == kind for e in rows) for rows in (found, wanted))
            tally.add(hits, n_found - hits, n_wanted - hits)
    return {kind: tally.row() for kind, tally in tallies.items()}


def print_report(report: Json) -> None:
    for title, rows in (("", report), ("type", report["types"]), ("predicate", report["per_predicate"])):
        for name, row in rows.items():
            if isinstance(row, dict) and "f1" in row:
                counts = f"tp {row['tp']} fp {row['fp']} fn {row['fn']}"
                print(f"{title:9} {name:22} P {row['precision']:5} R {row['recall']:5} F1 {row['f1']:5}  ({counts})")
    print("false assertions", report["false_assertions"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--weights", type=Path, default=Path("kg/weights"))
    parser.add_argument("--scorer", type=Path, default=Path("../shared/gold/score.py"))
    parser.add_argument("--gold", type=Path, help="folder of gold files, instead of the held-out newsroom documents")
    parser.add_argument("--documents", type=Path, help="folder of their texts")
    args = parser.parse_args()
    reader = load_reader(args.weights)
    thresholds = json.loads((args.weights / "thresholds.json").read_text())
    if args.gold:
        documents = [
            json.loads(file.read_text(encoding="utf-8")) | {"id": file.stem, "text": _text(args.documents, file.stem)}
            for file in sorted(args.gold.glob("*.json"))
        ]
    else:
        documents = split(newsroom(args.data))[1]
    started = time.monotonic()
    report = score_documents(reader, documents, thresholds, load_scorer(args.scorer))
    n_words = sum(len(d["text"].split()) for d in documents)
    print_report(report)
    print(f"{len(documents)} documents, {n_words} words, {n_words / (time.monotonic() - started):.0f} words a second")


def _text(folder: Path, stem: str) -> str:
    return (folder / f"{stem}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
