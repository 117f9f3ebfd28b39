"""Stage 8, across documents: which findings contradict each other, and how many texts agree.

In: findings of all documents, and which documents are one text (kg.reprints). Out: pairs of claims or figures with what
they differ in, and for each claim and figure the number of texts that say the same. Nothing is settled: both stay.
A pair is named where both cannot be true (kg.topics) and neither text also says what the other does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping
from itertools import combinations, product
from typing import NamedTuple

import pyoxigraph as ox

from kg import iris
from kg.findings import Findings
from kg.records import DocumentId
from kg.topics import Aspect, Stand, Topic, claim_topics, claims_said, figure_topics, figures_said, link_of

MAX_PEERS = 10
"""Links of a finding on one question, unless the other side has fewer: a thousand texts against a thousand others need
not be a million links."""

PROPERTIES = {aspect: iris.expand(f"kg:differsIn{aspect.value.capitalize()}From") for aspect in Aspect}
CONFLICTS_WITH, SOURCE_COUNT = iris.expand("kg:conflictsWith"), iris.expand("kg:sourceCount")
COMPARISONS = frozenset({*PROPERTIES.values(), CONFLICTS_WITH, SOURCE_COUNT})
"""Properties of claims and figures that stand in the default graph, because they follow from several documents."""

_NOBODY: Mapping[DocumentId, DocumentId] = {}


class Conflict(NamedTuple):
    """Two findings that cannot both be true; one and other are IRIs, the smaller first."""

    aspect: Aspect
    one: str
    other: str


def comparison_quads(
    findings: Mapping[DocumentId, Findings],
    texts: Mapping[DocumentId, DocumentId] = _NOBODY,
    retracted: Container[str] = (),
) -> list[ox.Quad]:
    """Conflicts, both ways round, and numbers of sources, in the default graph, sorted.

    texts: document -> the document that stands for its text, as `kg.reprints.reprint_groups` gives it.
    retracted: IRIs of findings that are neither compared nor counted.
    """
    findings = {document: _without(found, retracted) for document, found in findings.items()}
    quads = set()
    for aspect, *ends in find_conflicts(findings, texts):
        one, other = (iris.named_node(end) for end in ends)
        for term in (CONFLICTS_WITH, PROPERTIES[aspect]):
            quads |= {ox.Quad(one, term, other), ox.Quad(other, term, one)}
    integer = iris.expand("xsd:integer")
    for iri, count in count_sources(findings, texts).items():
        quads.add(ox.Quad(iris.named_node(iri), SOURCE_COUNT, ox.Literal(str(count), datatype=integer)))
    return sorted(quads, key=str)


def _without(found: Findings, retracted: Container[str]) -> Findings:
    claims = tuple(claim for claim in found.claims if claim.iri not in retracted)
    return Findings(claims, tuple(f for f in found.figures if f.iri not in retracted), found.published)


def find_conflicts(
    findings: Mapping[DocumentId, Findings], texts: Mapping[DocumentId, DocumentId] = _NOBODY
) -> list[Conflict]:
    """All pairs of findings of different texts that contradict each other, sorted and each once."""
    topics = [*figure_topics(figures_said(findings, texts)), *claim_topics(claims_said(findings, texts))]
    return sorted({conflict for topic in topics if len(topic.stands) > 1 for conflict in _conflicts_on(topic)})


def count_sources(
    findings: Mapping[DocumentId, Findings], texts: Mapping[DocumentId, DocumentId] = _NOBODY
) -> dict[str, int]:
    """IRI of each claim and figure -> how many texts say the same, its own among them.

    The same: a claim of the same ends, predicate and status; a figure of the same thing and time that agrees with it.
    Figures of `kg:OtherMetric` have no number, for nobody knows what they measure.
    """
    claims = claims_said(findings, texts)
    holders: dict[tuple[str, ...], set[DocumentId]] = defaultdict(set)
    for said in claims:
        holders[*link_of(said.finding), said.finding.status].add(said.text)
    counts = {said.finding.iri: len(holders[*link_of(said.finding), said.finding.status]) for said in claims}
    for topic in figure_topics(figures_said(findings, texts)):
        counts |= dict(_count_figures(topic))
    return counts


def _count_figures(topic: Topic) -> Iterator[tuple[str, int]]:
    texts = {stand: set(found) for stand, found in topic.stands.items()}
    for one, other in combinations(topic.stands, 2):
        if topic.agree(one, other):
            texts[one] |= topic.stands[other].keys()
            texts[other] |= topic.stands[one].keys()
    for stand, found in topic.stands.items():
        yield from ((voice.iri, len(texts[stand])) for voices in found.values() for voice in voices)


def _conflicts_on(topic: Topic) -> Iterator[Conflict]:
    """Pairs on one question; of several findings of a text that take one stand, the surest speaks for all."""
    taken: dict[DocumentId, list[Stand]] = defaultdict(list)
    for stand, texts in topic.stands.items():
        for text in texts:
            taken[text].append(stand)
    links: Counter[str] = Counter()
    for one, other in combinations(sorted(topic.stands), 2):
        if topic.agree(one, other) is not False:
            continue
        for (first, text), (second, rival) in _speakers(topic, one, other):
            ends = sorted((first, second))
            is_crowded = min(links[end] for end in ends) >= MAX_PEERS
            says_both = _says_both(topic, (one, taken[rival]), (other, taken[text]))
            is_course = topic.is_dated_in(text, other) or topic.is_dated_in(rival, one)
            if text != rival and not (is_crowded or says_both or is_course):
                links.update(ends)
                yield Conflict(topic.aspect, *ends)


def _speakers(topic: Topic, one: Stand, other: Stand) -> Iterator[tuple[tuple[str, DocumentId], ...]]:
    """Each finding of either stand with the surest of the other, as (IRI, text)."""
    mine, theirs = (
        [(v.iri, text) for v, text in sorted((min(voices), text) for text, voices in topic.stands[stand].items())]
        for stand in (one, other)
    )
    pairs = {**dict.fromkeys(product(mine, theirs[:MAX_PEERS])), **dict.fromkeys(product(mine[:MAX_PEERS], theirs))}
    return iter(pairs)


def _says_both(topic: Topic, *sides: tuple[Stand, list[Stand]]) -> bool:
    """Whether a text that takes the one stand also takes one that agrees with the other's."""
    return any(topic.agree(stand, also) for stand, stands in sides for also in stands)
