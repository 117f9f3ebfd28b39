"""KnowledgeNet (Mesquita et al. 2019), text F1 end to end, on passages that no training sees.

    python -m benchmarks.knowledgenet [--data ../shared/data] [--misses]

The six properties that our predicates express; a passage counts for those that are annotated in it. As in the data
set's own evaluation by exact span, a fact is a subject span, a property and an object span, and every coreferent
mention counts: "he", "its" and "which" too. So there are two tables: all facts, and those between two names, which is
what the pipeline looks for. The passage is all that is read; its first word is often a pronoun for a name before it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from kg.pipeline import load_pipeline
from kg.records import Claim, Document, DocumentId, Predicate, Span
from kg.score import Tally, role_words
from training.extra import is_held_back, not_among
from training.prepare import annotated

PROPERTIES = {
    Predicate.HEADQUARTERED_IN: "HEADQUARTERS",
    Predicate.FOUNDED_BY: "FOUNDED_BY",
    Predicate.WORKS_FOR: "EMPLOYEE_OR_MEMBER_OF",
    Predicate.BOARD_MEMBER_OF: "EMPLOYEE_OR_MEMBER_OF",
    Predicate.EDUCATED_AT: "EDUCATED_AT",
    Predicate.SUBSIDIARY_OF: "SUBSIDIARY_OF",
}
"""`kg:worksFor` of a chief executive is CEO besides, the other way round."""
CEO = role_words("chief executive")
Passage = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """Offsets in the passage, half-open; named: both ends are names."""

    property: str
    subject: tuple[int, int]
    object: tuple[int, int]
    named: bool


def held_back_passages(data: Path) -> Iterator[Passage]:
    """Passages of held-back documents that stand in no annotated document, with a property of ours."""
    lines = (data / "knowledgenet" / "folds_1_3.jsonl").read_text(encoding="utf-8").splitlines()
    rows = (json.loads(line) for line in lines)
    known = not_among(annotated(data))
    wanted = {*PROPERTIES.values(), "CEO"}
    for row in rows:
        held_back = is_held_back(f"knowledgenet {row['documentId']}") and known(row["passageText"])
        if held_back and wanted & set(row["annotatedProperties"]):
            yield row


def gold_facts(passage: Passage) -> set[Fact]:
    """What is annotated in the passage, of our properties."""
    start, text = passage["passageStart"], passage["passageText"]
    facts = set()
    for row in passage["facts"]:
        if row["property"] in {*PROPERTIES.values(), "CEO"}:
            ends = [(row[f"{end}Start"] - start, row[f"{end}End"] - start) for end in ("subject", "object")]
            facts.add(Fact(row["property"], *ends, all(text[a].isupper() and not _pronoun(text[a:b]) for a, b in ends)))
    return facts


def _pronoun(words: str) -> bool:
    return words.lower() in {"he", "she", "it", "they", "his", "her", "its", "their", "i", "my", "we", "our", "who"}


def found_facts(doc: Doc, asked: Sequence[str]) -> set[Fact]:
    """What the pipeline finds, for every pair of mentions of the two; of a refused or failed thing nothing."""
    places: dict[str, list[tuple[int, int, bool]]] = {}
    for group, named in (("clusters", True), ("anaphora", False)):
        for span in doc.spans[group]:
            places.setdefault(span.label_, []).append((span.start_char, span.end_char, named))
    return {
        Fact(name, subject[:2], target[:2], subject[2] and target[2])
        for claim in doc._.claims
        if claim.status in ("actual", "former")
        for name, ends in _readings(claim)
        if name in asked
        for subject in places[ends[0]]
        for target in places[ends[1]]
    }


def _readings(claim: Claim) -> Iterator[tuple[str, tuple[str, str]]]:
    if claim.predicate in PROPERTIES:
        yield PROPERTIES[claim.predicate], (claim.subject, claim.object)
    if claim.predicate is Predicate.WORKS_FOR and role_words(claim.role) >= CEO:
        yield "CEO", (claim.object, claim.subject)


def read(nlp: Language, passage: Passage) -> Doc:
    """The passage after all components."""
    text = passage["passageText"]
    doc = nlp.make_doc(text)
    doc._.document = Document(DocumentId(str(passage["documentId"])), text, (Span(0, len(text)),))
    return nlp(doc)


def tally(pairs: Iterable[tuple[set[Fact], set[Fact]]]) -> Tally:
    """Counts over (gold, found) of all passages."""
    rows = list(pairs)
    return Tally(sum(len(g & f) for g, f in rows), sum(len(f - g) for g, f in rows), sum(len(g - f) for g, f in rows))


def _of(name: str, facts: set[Fact]) -> set[Fact]:
    return {fact for fact in facts if name in ("", fact.property)}


def main() -> None:
    """Print the two tables, and the differences where asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--misses", action="store_true", help="list every difference between names")
    args = parser.parse_args()
    nlp = load_pipeline()
    passages = list(held_back_passages(args.data))
    pairs = [(gold_facts(p), found_facts(read(nlp, p), p["annotatedProperties"])) for p in passages]
    between_names = [({f for f in g if f.named}, {f for f in found if f.named}) for g, found in pairs]
    for title, rows in (("all facts", pairs), ("between names", between_names)):
        for name in ("", *sorted({f.property for g, found in rows for f in g | found})):
            one = tally((_of(name, gold), _of(name, found)) for gold, found in rows)
            ratios = f"P {one.precision:.3f} R {one.recall:.3f} F1 {one.f1:.3f}"
            print(f"{title:14} {name or 'all':22} {ratios}  ({one.tp} right, {one.fp} wrong, {one.fn} missed)")
    if args.misses:
        for passage, (gold, found) in zip(passages, between_names, strict=True):
            for mark, facts in (("missed", gold - found), ("wrong", found - gold)):
                for fact in sorted(facts):
                    words = [passage["passageText"][a:b] for a, b in (fact.subject, fact.object)]
                    print(mark, words[0], fact.property, words[1], "|", " ".join(passage["passageText"].split()))
    print(f"{len(passages)} passages")


if __name__ == "__main__":
    main()
