"""How well documents are read: a folder of documents with their gold in, a Score out, and the score as text.

    GOLD_DIR/docs/c001.txt        the documents (.txt, .html)
    GOLD_DIR/gold/c001.json       what a careful reader finds in each; a document without gold is not read

The documents are read as `kg extract` reads them, in one process and without a store, or predictions made earlier are
taken. A quote is verbatim when it stands in the document's text as it was read, white space apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from kg.annotations import to_annotation
from kg.documents import list_sources, read_source
from kg.errors import DocumentError
from kg.gold import Annotation, parse_annotation, read_annotation, read_gold
from kg.pipeline import pipeline_config
from kg.reading import Job, OnProgress, pipeline, read_all
from kg.records import Document, Extraction, Refusal
from kg.score import Pair, Part, Score, Tally, score_pairs
from kg.settings import Settings
from kg.sources import Source

ROWS: tuple[Part, ...] = ("entities", "entities_typed", "relations", "relations_with_status", "observations")
BREAKDOWNS: dict[str, Part] = {
    "per_entity_type": "entities_typed",
    "per_predicate": "relations",
    "per_status": "relations_with_status",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: texts and annotations by document id, and what was refused.

    load_s, read_s: seconds to load the pipeline and to read the texts with it; 0 where predictions were made earlier.
    """

    texts: Mapping[str, str]
    found: Mapping[str, Annotation]
    refusals: tuple[Refusal, ...]
    load_s: float = 0.0
    read_s: float = 0.0

    @property
    def n_words(self) -> int:
        return sum(len(text.split()) for text in self.texts.values())


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A score, and what it was made from; n_unpredicted: gold documents of which nothing is predicted at all."""

    score: Score
    reading: Reading
    n_unpredicted: int


def evaluate(
    folder: Path, settings: Settings, *, predictions: Path | None = None, on_progress: OnProgress | None = None
) -> Evaluation:
    """Score the pipeline, or predictions made earlier, on the gold set in `folder`.

    predictions: a folder with a JSON file for each gold file, of the same name; a missing one is an empty prediction,
    and so is a document that cannot be read. Claims and observations below `settings.min_confidence` are left out; one
    that states no confidence counts as certain.
    Raises DocumentError when a folder or a document is missing, and for malformed gold or predictions.
    """
    gold = read_gold(folder / "gold")
    earlier = None if predictions is None else _read_predictions(predictions, gold)
    sources, refusals = _find_sources(folder / "docs", gold)
    config = pipeline_config(settings.pipeline)
    jobs = [Job(source, settings.max_document_bytes, config=config) for source in sources]
    reading = _read_now(jobs, config, on_progress) if earlier is None else _read_texts(jobs, earlier)
    found = {doc: _at_least(one, settings.min_confidence) for doc, one in reading.found.items()}
    pairs = [Pair(one, found.get(one.doc, Annotation()), reading.texts.get(one.doc, "")) for one in gold.values()]
    unpredicted = {one.doc for one in gold.values()} - found.keys()
    reading = replace(reading, refusals=(*refusals, *reading.refusals))
    return Evaluation(score_pairs(pairs), reading, len(unpredicted))


def to_report(score: Score) -> dict[str, Any]:
    """The numbers of a score, JSON-ready; ratios in percent, to one decimal."""
    roles, evidence = score.tally("roles"), score.tally("evidence")
    report: dict[str, Any] = {"documents": score.n_documents}
    report |= {part: _row(score.tally(part)) for part in ROWS}
    report |= {
        "roles_right": f"{roles.tp}/{roles.tp + roles.fn}",
        "role_accuracy": round(100 * roles.recall, 1),
        "false_assertions": score.tally("false_assertions").fp,
        "false_assertions_per_100_documents": round(score.false_assertions_per_100, 1),
        "evidence_verbatim": f"{evidence.tp}/{evidence.tp + evidence.fp}",
    }
    return report | {
        name: {label: _row(score.tally(part, label)) for label in score.labels(part)}
        for name, part in BREAKDOWNS.items()
    }


def report_json(score: Score, *, misses: bool = False) -> str:
    """The report as JSON, with the misses when asked for."""
    report = to_report(score) | ({"misses": [asdict(miss) for miss in score.misses]} if misses else {})
    return json.dumps(report, ensure_ascii=False, indent=2)


def report_table(score: Score, *, misses: bool = False) -> str:
    """The report as a table for a person, then the misses, one a line, when asked for."""
    report = to_report(score)
    lines = [f"{report['documents']:,} documents", "", _HEAD, *(_line(part, report[part]) for part in ROWS)]
    for name in BREAKDOWNS:
        lines += ["", name.replace("_", " "), *(_line(f"  {label}", row) for label, row in report[name].items())]
    per_100 = report["false_assertions_per_100_documents"]
    lines += [
        "",
        f"roles right        {report['roles_right']} ({report['role_accuracy']} %)",
        f"false assertions   {report['false_assertions']} ({per_100} per 100 documents)",
        f"evidence verbatim  {report['evidence_verbatim']}",
    ]
    if misses:
        lines += ["", *(f"{m.document}: {m.kind:8}  {m.what}  [{m.sentence}]" for m in score.misses)]
    return "\n".join(lines)


_HEAD = f"{'':24}{'P':>6}{'R':>7}{'F1':>7}{'tp':>8}{'fp':>6}{'fn':>6}"


def _line(name: str, row: Mapping[str, Any]) -> str:
    ratios = f"{row['precision']:6.1f}{row['recall']:7.1f}{row['f1']:7.1f}"
    return f"{name.replace('_', ' '):24}{ratios}{row['tp']:8}{row['fp']:6}{row['fn']:6}"


def _row(tally: Tally) -> dict[str, float]:
    ratios = {name: round(100 * getattr(tally, name), 1) for name in ("precision", "recall", "f1")}
    return {**ratios, **asdict(tally)}


def _read_predictions(folder: Path, gold: Mapping[str, Annotation]) -> dict[str, Annotation]:
    if not folder.is_dir():
        raise DocumentError(f"no folder {folder}: give one that `kg extract` has written")
    files = {one.doc: folder / name for name, one in gold.items()}
    return {doc: read_annotation(file) for doc, file in files.items() if file.exists()}


def _find_sources(folder: Path, gold: Mapping[str, Annotation]) -> tuple[list[Source], list[Refusal]]:
    """The sources that gold describes, sorted; raises DocumentError where one is not there."""
    if not folder.is_dir():
        raise DocumentError(f"no folder {folder}: give one that holds docs/ and gold/")
    sources, refusals = list_sources([str(folder)])
    ids: set[str] = {source.id for source in sources}
    for name, one in gold.items():
        if one.doc not in ids:
            raise DocumentError(f"{folder} holds no {one.doc}, which gold/{name} describes")
    described = {one.doc for one in gold.values()}
    return [source for source in sources if source.id in described], refusals


def _read_now(jobs: list[Job], config: Path, on_progress: OnProgress | None) -> Reading:
    """Read by the pipeline, in this process: the seconds are those of one."""
    start = perf_counter()
    pipeline(config)
    loaded = perf_counter()
    results = list(read_all(jobs, 1, on_progress))
    read_s = perf_counter() - loaded
    extractions = [result for result in results if isinstance(result, Extraction)]
    return Reading(
        {e.document.id: e.document.text for e in extractions},
        {e.document.id: parse_annotation(to_annotation(e)) for e in extractions},
        tuple(r for result in results for r in ([result] if isinstance(result, Refusal) else result.refusals)),
        loaded - start,
        read_s,
    )


def _read_texts(jobs: list[Job], found: Mapping[str, Annotation]) -> Reading:
    """Only the texts, for predictions made earlier."""
    results = [result for job in jobs for result in read_source(job.source, max_bytes=job.max_bytes)]
    return Reading(
        {result.id: result.text for result in results if isinstance(result, Document)},
        found,
        tuple(result for result in results if isinstance(result, Refusal)),
    )


def _at_least(annotation: Annotation, confidence: float) -> Annotation:
    return replace(
        annotation,
        relations=tuple(r for r in annotation.relations if r.confidence >= confidence),
        observations=tuple(o for o in annotation.observations if o.confidence >= confidence),
    )
