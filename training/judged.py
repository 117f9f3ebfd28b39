"""What the pipeline proposes on annotated documents, each proposal with whether the annotation holds it.

Calibration and thresholds are fitted on these: on names, clusters and anaphora as the pipeline itself finds them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_config

from kg.annotations import to_annotation
from kg.gold import Annotation, parse_annotation
from kg.pairs import ScoredFigure, ScoredPair
from kg.pipeline import CONFIG, load_pipeline
from kg.reader import STATUSES
from kg.records import Claim, Cluster, Document, DocumentId, Extraction
from kg.running_text import find_running_text
from kg.score import Triple, match_entities, neutral_triples, ordered_triple
from training.notation import Json

FLOOR = 0.003
"""Least probability that the pair scorer keeps for judging."""
SAME_FIGURE = 0.01


@dataclass(frozen=True, slots=True)
class Judged:
    """One proposal. label: predicate or metric; wanted: its status in the annotation, None for a figure or a wrong
    proposal; chances: the reader's, of STATUSES.
    """

    document: str
    label: str
    probability: float
    is_right: bool
    wanted: str | None = None
    chances: tuple[float, ...] = ()


def pipeline_for(weights: Path | None = None, **numbers: Any) -> Language:
    """The shipped pipeline with other weights, and with other numbers: `kg_claims__default_threshold=0.1`."""
    config = load_config(CONFIG)
    if weights is not None:
        numbers["kg_mentions__weights"] = str(weights)
    for name, value in numbers.items():
        component, _, setting = name.partition("__")
        config["components"][component][setting] = value
    with tempfile.TemporaryDirectory() as folder:
        config.to_disk(file := Path(folder, "pipeline.cfg"))
        return load_pipeline(file)


def read(nlp: Language, document: Json) -> Doc:
    """The Doc of an annotated document after all components."""
    text = document["text"]
    doc = nlp.make_doc(text)
    doc._.document = Document(DocumentId(document["id"]), text, find_running_text(text))
    return nlp(doc)


def judged_pairs(doc: Doc, document: Json) -> Iterator[Judged]:
    """The reader's scored pairs and figures, those left out that count neither way."""
    gold = parse_annotation({"doc": document["id"]} | document)
    gold_of = _matched(gold, doc._.clusters, doc._.document)
    wanted, neutral = _wanted(gold), _neutral(gold)
    for pair in doc._.scored_pairs:
        triple = _triple(pair, gold_of)
        if triple in wanted or triple not in neutral:
            chances = tuple(pair.status.get(status, 0.0) for status in STATUSES)
            label = pair.predicate.value
            yield Judged(gold.doc, label, pair.probability, triple in wanted, wanted.get(triple), chances)
    for figure in doc._.scored_figures:
        right = _is_observed(figure, gold, gold_of.get(figure.about))
        yield Judged(gold.doc, figure.metric.value, figure.probability, right)


def judged_claims(doc: Doc, document: Json) -> Iterator[Judged]:
    """The claims with their confidence, those left out that count neither way; right whatever their status."""
    gold = parse_annotation({"doc": document["id"]} | document)
    gold_of = _matched(gold, doc._.clusters, doc._.document)
    wanted, neutral = _wanted(gold), _neutral(gold)
    for claim in doc._.claims:
        triple = _triple(claim, gold_of)
        if triple in wanted or triple not in neutral:
            yield Judged(gold.doc, claim.predicate.value, claim.confidence, triple in wanted, wanted.get(triple))


def _matched(gold: Annotation, clusters: Sequence[Cluster], document: Document) -> dict[str, str]:
    found = parse_annotation(to_annotation(Extraction(document, tuple(clusters), (), (), ())))
    return match_entities(gold.entities, found.entities)


def _triple(link: Claim | ScoredPair, gold_of: dict[str, str]) -> Triple:
    ends = [gold_of.get(end, f"?{end}") for end in (link.subject, link.object)]
    return ordered_triple((ends[0], link.predicate.value, ends[1]))


def _wanted(gold: Annotation) -> dict[Triple, str]:
    return {ordered_triple((r.subject, r.predicate, r.object)): r.status for r in gold.relations if not r.optional}


def _neutral(gold: Annotation) -> set[Triple]:
    return neutral_triples((ordered_triple((r.subject, r.predicate, r.object)), r) for r in gold.relations)


def _is_observed(figure: ScoredFigure, gold: Annotation, about: str | None) -> bool:
    value = abs(float(figure.amount.value))
    return any(
        (o.subject, o.metric, o.unit) == (about, figure.metric.value, figure.amount.unit)
        and abs(abs(o.value) - value) <= SAME_FIGURE * abs(o.value)
        for o in gold.observations
    )
