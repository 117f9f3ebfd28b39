"""Stage 5. Observations of a Doc: spaCy component `kg_observations`.

In: clusters, anaphora and `doc._.scored_figures`. Out: `doc._.observations`, sorted by evidence: what the phrases of
observations.py read, joined with what the reader reads, each with its speaker.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc

from kg.lexicon import read_rows
from kg.observations import find_observations, merge_observations
from kg.pairs import ScoredFigure
from kg.patterns import document_skeletons
from kg.records import ClusterId, Document, EntityType, Evidence, Metric, Observation, Span
from kg.sentences import body_sentences, trimmed
from kg.speakers import speakers_of

READER_WEIGHT = 0.85
"""Factor on the reader's probability where a phrase reads the same figure otherwise: it is right less often then."""
UNSEEN_WEIGHT = 0.5
"""Factor on a phrase's confidence where the reader scores the pair of figure and subject below `min_pair_score`: on the
held-out articles 7 of 27 such observations were right, of those that the reader sees too 33 of 46.
"""
SURE = 0.9
"""A phrase's confidence from which the reader casts no doubt on it."""
NEAR_CHARACTERS = 60
_PART_OF = re.compile(r"\s+of\s+(?:the\s+)?", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['\u2019]s?(?!\w)|(?<=['\u2019]s)(?!\w)")
RESULTS = ("loss", "profit")
OF_BODIES = frozenset({Metric.VALUATION, Metric.FUNDING, Metric.EMPLOYEES})
BODIES = frozenset({EntityType.COMPANY, EntityType.ORGANIZATION})

Doc.set_extension("observations", default=(), force=True)


@Language.factory("kg_observations", requires=["doc._.clusters"], default_config={"min_confidence": 0.5})
class ObservationFinder:
    """Observations of one document. min_confidence: those below it, in [0, 1], are left out."""

    def __init__(self, nlp: Language, name: str, min_confidence: float) -> None:  # noqa: ARG002  # spaCy's signature
        self.min_confidence = min_confidence

    def __call__(self, doc: Doc) -> Doc:
        document: Document = doc._.document
        sentences = body_sentences(doc)
        spans = [Span(*trimmed(s)) for s in sentences]
        anaphora = [(Span(s.start_char, s.end_char), ClusterId(s.label_)) for s in doc.spans["anaphora"]]
        by_phrase = find_observations(document, spans, doc._.clusters, anaphora)
        by_reader = [_to_observation(document, spans, figure) for figure in doc._.scored_figures]
        if doc._.reading is not None:
            by_phrase = _doubted(by_phrase, by_reader)
        types, parts = {c.id: c.type for c in doc._.clusters}, _parts(doc, spans)
        speakers = dict(zip((s.start for s in spans), speakers_of(document_skeletons(doc), doc.text), strict=True))
        doc._.observations = tuple(
            replace(o, confidence=round(o.confidence, 3), attributed_to=speakers.get(o.evidence.start))
            for o in merge_observations(by_phrase, _unopposed(_best(by_reader), by_phrase))
            if o.confidence >= self.min_confidence and o.metric is not Metric.OTHER and _is_measurable(o, types)
            if _figure_of(o) not in parts
        )
        return doc


def _parts(doc: Doc, sentences: list[Span]) -> set[tuple[int, str, Decimal, ClusterId]]:
    """Figures that are a part of what they name, and so no level of it: `its user base grew to 40% of Rover's`."""
    text: str = doc.text
    owners = {m.start: (m.end, c.id) for c in doc._.clusters for m in c.mentions}
    found = set()
    for amount in doc._.amounts:
        part = _PART_OF.match(text, amount.end)
        end, owner = owners.get(part.end(), (0, None)) if part else (0, None)
        sentence = next((s.start for s in sentences if s.start <= amount.start < s.end), None)
        if owner is not None and sentence is not None and _POSSESSIVE.match(text, end):
            found.add((sentence, amount.unit, abs(amount.value), owner))
    return found


def _to_observation(document: Document, sentences: list[Span], figure: ScoredFigure) -> Observation:
    span = sentences[figure.sentence]
    evidence = Evidence(document.id, span.start, span.end, document.text[span.start : span.end])
    amount = figure.amount
    is_loss = figure.metric is Metric.PROFIT and _is_loss(document.text[span.start : amount.start])
    value = -abs(amount.value) if is_loss else amount.value
    return Observation(
        figure.about, figure.metric, value, amount.unit, figure.probability, evidence, qualifier=amount.qualifier
    )


def _is_loss(before: str) -> bool:
    """Whether the last word of profit or loss before a figure, a few words away at most, is one of loss."""
    cues = list(_results().finditer(before[-NEAR_CHARACTERS:]))
    return bool(cues) and cues[-1].lastgroup == "loss"


@lru_cache(maxsize=1)
def _results() -> re.Pattern[str]:
    rows = read_rows("cues/metrics.csv")
    groups = {metric: "|".join(re.escape(r["phrase"]) for r in rows if r["metric"] == metric) for metric in RESULTS}
    return re.compile("|".join(rf"(?P<{metric}>\b(?:{words})\b)" for metric, words in groups.items()), re.IGNORECASE)


def _is_measurable(observation: Observation, types: Mapping[ClusterId, EntityType]) -> bool:
    """Only a company or organization has a valuation, funding or employees."""
    return observation.metric not in OF_BODIES or types[observation.about] in BODIES


def _best(observations: list[Observation]) -> list[Observation]:
    """One observation a figure: the surest subject and metric."""
    best: dict[tuple[Evidence, Decimal, str], Observation] = {}
    for o in observations:
        key = (o.evidence, o.value, o.unit)
        if key not in best or o.confidence > best[key].confidence:
            best[key] = o
    return list(best.values())


def _doubted(by_phrase: list[Observation], by_reader: list[Observation]) -> list[Observation]:
    """The phrases' observations, less sure where the reader does not see at all that the figure is of that subject."""
    seen = set(map(_figure_of, by_reader))
    return [
        o if o.confidence >= SURE or _figure_of(o) in seen else replace(o, confidence=UNSEEN_WEIGHT * o.confidence)
        for o in by_phrase
    ]


def _figure_of(observation: Observation) -> tuple[int, str, Decimal, ClusterId]:
    return observation.evidence.start, observation.unit, abs(observation.value), observation.about


def _unopposed(by_reader: list[Observation], by_phrase: list[Observation]) -> list[Observation]:
    """The reader's observations without those that a phrase reads otherwise and about as surely."""
    said = {(o.evidence.start, o.unit, abs(o.value)): o for o in by_phrase}
    kept = []
    for o in by_reader:
        rival = said.get((o.evidence.start, o.unit, abs(o.value)), o)
        same = (rival.about, rival.metric) == (o.about, o.metric)
        if same or o.confidence * READER_WEIGHT > rival.confidence:
            kept.append(o)
    return kept
