"""Annotated documents -> examples: tokens, name spans, nodes, and what is known of each ordered pair of nodes.

    python -m training.prepare --data ../shared/data        counts of what the documents give

An example keeps the id of the document that it comes from. The split into training and held out is by document.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc
from spacy.tokens import Span as TokenSpan

from kg.amounts import find_amounts
from kg.coreference import find_anaphora
from kg.records import SYMMETRIC, Cluster, ClusterId, Document, DocumentId, EntityType, Metric, Span
from kg.records import Mention as RecordMention
from kg.sentences import split_sentences
from training.notation import Json, read_corpus

HELD_OUT = Path(__file__).with_name("held_out.txt")
AMOUNT = "Amount"
THING = "Thing"
"""A node of which the data set does not say what it is."""
SENTENCE_END = frozenset({".", "!", "?"})
NLP = spacy.blank("en")


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens `[start, end)` of an example that stand for node `node`, by name or as a noun or pronoun."""

    start: int
    end: int
    node: int
    named: bool = True


@dataclass(slots=True)
class Example:
    """One document, or one passage, for training.

    nodes: type of each node, an EntityType value or `Amount`. labels: (subject, object) -> predicate or metric
    -> status (None for a metric). hidden: (subject, object, label) that count neither way. known_labels, known_pairs:
    what the annotation covers, None for all. roles: token spans of positions; unsure: tokens whose name tag is not
    known; has_roles: positions are annotated. task: prefix of the further labels (training/extra.py) that this example
    answers, and further: (subject, object) -> those that hold.
    """

    id: str
    group: str
    tokens: list[str]
    mentions: list[Mention]
    nodes: list[str]
    labels: dict[tuple[int, int], dict[str, str | None]] = field(default_factory=dict)
    hidden: set[tuple[int, int, str]] = field(default_factory=set)
    known_labels: frozenset[str] | None = None
    known_pairs: frozenset[tuple[int, int]] | None = None
    roles: list[tuple[int, int]] = field(default_factory=list)
    unsure_roles: list[tuple[int, int]] = field(default_factory=list)
    unsure: set[int] = field(default_factory=set)
    has_roles: bool = True
    task: str | None = None
    further: dict[tuple[int, int], set[str]] = field(default_factory=dict)


def annotated(data: Path) -> list[Json]:
    """All documents that are annotated in full: training/corpus without page chrome, real passages of newsroom/."""
    lines = (data / "newsroom" / "real.jsonl").read_text(encoding="utf-8").splitlines()
    return [*map(without_chrome, read_corpus()), *map(json.loads, lines)]


def split(documents: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """Train and held out: HELD_OUT lists the documents of the latter, so that further ones change nothing."""
    lines = [line for line in HELD_OUT.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    held_out = {identity for line in lines for identity in line.split()[1:]}
    return [d for d in documents if d["id"] not in held_out], [d for d in documents if d["id"] in held_out]


def sentence_starts(tokens: Sequence[str]) -> list[int]:
    """Tokens that follow the end of a sentence or a line: rough, used only to place windows in training."""
    return [0, *(i + 1 for i, token in enumerate(tokens) if token in SENTENCE_END or "\n" in token)]


class _Text:
    """A tokenised text that turns character spans into token spans."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.doc = doc = NLP.make_doc(text)
        self.tokens = [token.text for token in doc]
        self._start = {token.idx: token.i for token in doc}
        self._end = {token.idx + len(token): token.i + 1 for token in doc}

    def tokens_at(self, start: int, end: int) -> tuple[int, int] | None:
        """The tokens of a character span; None where it does not fall on their edges."""
        if start in self._start and end in self._end:
            return self._start[start], self._end[end]
        return None

    def find(self, words: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
        for match in re.finditer(re.escape(words), self.text[start:end]):
            span = self.tokens_at(start + match.start(), start + match.end())
            if span:
                yield span


def to_example(document: Json) -> Example:
    """An annotated document as an example; every cell that is not annotated is a negative."""
    text = _Text(document["text"])
    number = {entity["id"]: i for i, entity in enumerate(document["entities"])}
    if "mentions" in document:
        spans = ((text.tokens_at(start, end), number[key]) for start, end, key in document["mentions"])
        mentions = [Mention(*span, node) for span, node in spans if span]
    else:
        mentions = _find_mentions(text, document["entities"])
    example = Example(
        document["id"], document["group"], text.tokens, mentions, [e["type"] for e in document["entities"]]
    )
    for relation in document["relations"]:
        _add_relation(example, number[relation["subject"]], number[relation["object"]], relation)
    _add_anaphora(example, document, number)
    _add_roles(example, text, document["relations"], number)
    _add_amounts(example, text, document["observations"], number)
    return example


def without_chrome(document: Json) -> Json:
    """The document as it is when its lines of page chrome are cut out, as they are before the reader sees a page."""
    text, mentions, kept = document["text"], [], ""
    cuts = [*document["chrome"], [len(text), len(text)]]
    begin = 0
    for start, end in cuts:
        shift = len(kept) - begin
        mentions += [(a + shift, b + shift, key) for a, b, key in document["mentions"] if begin <= a and b <= start]
        kept += text[begin:start]
        begin = end
    return document | {"text": kept, "mentions": mentions, "chrome": []}


def _find_mentions(text: _Text, entities: Sequence[Json]) -> list[Mention]:
    """Every alias at token edges, the longest first, no two overlapping."""
    forms = sorted(((alias, i) for i, e in enumerate(entities) for alias in e["aliases"]), key=lambda f: -len(f[0]))
    taken: set[int] = set()
    mentions = []
    for alias, node in forms:
        for start, end in text.find(alias):
            if not taken & set(range(start, end)):
                taken |= set(range(start, end))
                mentions.append(Mention(start, end, node))
    return sorted(mentions, key=lambda m: m.start)


def _add_relation(example: Example, subject: int, target: int, relation: Json) -> None:
    """Write the cell, its mirror where the predicate has no direction, and hide what it says by the way."""
    predicate, status = relation["predicate"], relation["status"]
    example.labels.setdefault((subject, target), {})[predicate] = status
    if predicate in SYMMETRIC:
        example.labels.setdefault((target, subject), {})[predicate] = status
    elif predicate == "acquired":
        example.hidden.add((target, subject, "subsidiaryOf"))
    elif predicate in ("uses", "suppliesTo"):
        example.hidden.add((target, subject, "suppliesTo" if predicate == "uses" else "uses"))


def _add_anaphora(example: Example, document: Json, number: Mapping[str, int]) -> None:
    """Nouns and pronouns that the pipeline's own rules resolve, given the annotated names: as the reader meets them."""
    taken = {i for m in example.mentions for i in range(m.start, m.end)}
    doc = annotated_doc(document)
    for span in doc.spans["anaphora"]:
        if taken.isdisjoint(range(span.start, span.end)):
            example.mentions.append(Mention(span.start, span.end, number[span.label_], named=False))
    example.mentions.sort(key=lambda m: m.start)


def annotated_doc(document: Json) -> Doc:
    """A Doc with the clusters of an annotated document and the nouns and pronouns that stand for them."""
    text = document["text"]
    doc = NLP.make_doc(text)
    doc._.document = Document(DocumentId(document["id"]), text, (Span(0, len(text)),))
    split_sentences(doc)
    taken: set[int] = set()
    spans: list[TokenSpan] = []
    for start, end, identifier in document.get("mentions") or _forms_in(text, document["entities"]):
        span = doc.char_span(start, end, label=identifier)
        if span is not None and taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            spans.append(span)
    doc.spans["clusters"] = sorted(spans, key=lambda s: s.start)
    doc._.clusters = tuple(_cluster(entity, spans) for entity in document["entities"])
    doc.spans["anaphora"] = find_anaphora(doc)
    return doc


def _cluster(entity: Json, spans: Sequence[TokenSpan]) -> Cluster:
    own = tuple(RecordMention(s.start_char, s.end_char, s.text) for s in spans if s.label_ == entity["id"])
    return Cluster(ClusterId(entity["id"]), entity["name"], EntityType(entity["type"]), (), own)


def _forms_in(text: str, entities: Sequence[Json]) -> Iterator[tuple[int, int, str]]:
    """Where each form of each entity stands, the longest forms first."""
    forms = {(form, e["id"]) for e in entities for form in {e["name"], *e["aliases"]}}
    for form, identifier in sorted(forms, key=lambda f: (-len(f[0]), f)):
        for match in re.finditer(re.escape(form), text):
            yield match.start(), match.end(), identifier


def _add_roles(example: Example, text: _Text, relations: Sequence[Json], number: Mapping[str, int]) -> None:
    """Locate each position in its relation's evidence, nearest to the person; its other places are unsure."""
    for relation in relations:
        if not relation["role"]:
            continue
        start = text.text.find(relation["evidence"])
        spans = list(text.find(relation["role"], start, start + len(relation["evidence"]))) if start >= 0 else []
        people = [m.start for m in example.mentions if m.named and m.node == number[relation["subject"]]]
        if spans and people:
            example.roles.append(min(spans, key=lambda s: (min(abs(s[0] - p) for p in people), s)))
        example.unsure_roles.extend(text.find(relation["role"]))


def _add_amounts(example: Example, text: _Text, observations: Sequence[Json], number: Mapping[str, int]) -> None:
    """One node a figure in the text; an observation goes to the figures of its evidence with its value and unit."""
    left = list(observations)
    for amount in find_amounts(text.text):
        cover = text.doc.char_span(amount.start, amount.end, alignment_mode="expand")
        span = (cover.start, cover.end)
        if any(m.start < span[1] and span[0] < m.end for m in example.mentions if m.named):
            continue
        node = len(example.nodes)
        example.nodes.append(AMOUNT)
        example.mentions.append(Mention(*span, node))
        for observation in left:
            at = text.text.find(observation["evidence"])
            inside = at <= amount.start and amount.end <= at + len(observation["evidence"])
            if inside and _same_figure(amount.value, amount.unit, observation):
                example.labels.setdefault((number[observation["subject"]], node), {})[observation["metric"]] = None


def _same_figure(value: Any, unit: str, observation: Json) -> bool:
    """Within 1 %; a loss is negative in the annotation and may be positive in the text."""
    wanted = abs(float(observation["value"]))
    return bool(unit == observation["unit"] and abs(abs(float(value)) - wanted) <= 0.01 * wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    args = parser.parse_args()
    documents = annotated(args.data)
    train, held_out = split(documents)
    print(f"train {len(train)}, held out {len(held_out)}: {sorted(Counter(d['group'] for d in held_out).items())}")
    examples = [to_example(d) for d in documents]
    metrics = {m.value for m in Metric}
    aligned = sum(label in metrics for e in examples for cell in e.labels.values() for label in cell)
    wanted = sum(len(d["observations"]) for d in documents)
    roles = sum(len(e.roles) for e in examples)
    print(f"tokens {sum(len(e.tokens) for e in examples)}, nodes {Counter(n for e in examples for n in e.nodes)}")
    print(f"roles located {roles}; observations {wanted}, cells with a metric {aligned}")


if __name__ == "__main__":
    main()
