"""Predicted annotations against gold ones: what is right, what is wrong and what is missing, one verdict each.

In: pairs of Annotations of one document, and its text. Out: a Score, whose counts are set arithmetic over all that gold
and prediction hold; what was never proposed counts as missed. Names match by their surface forms, one to one, so a
duplicate is an error and no second hit. Not part of the flow: nothing that reads documents may import it.

Neither right nor wrong are: what gold marks optional or chrome_only, a predicted Place that matches nothing (gold lists
only places that a headquarters needs), names beyond gold's where gold samples the page chrome, figures of metric
`other`, and the second wording of a relation that gold words another way (see `neutral_triples`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kg.gold import AnnotatedEntity, AnnotatedObservation, AnnotatedRelation, Annotation
from kg.records import SYMMETRIC, EntityType, Metric, Predicate, Status

Part = Literal[
    "entities",
    "entities_typed",
    "relations",
    "relations_with_status",
    "observations",
    "roles",
    "evidence",
    "false_assertions",
]
Outcome = Literal["tp", "fp", "fn"]
Triple = tuple[str, str, str]
ByStatus = dict[str, AnnotatedRelation]

_CORPORATE = re.compile(
    r"[\s,]+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|plc|ag|se|sa|s\.a|gmbh|nv|n\.v|group|holdings)\.?$"
)
_ROLE_FILLERS = frozenset({"of", "the", "and", "at", "for", "its", "a", "an", "&"})
_ROLE_WORDS = {
    "ceo": "chief executive officer",
    "cto": "chief technology officer",
    "cfo": "chief financial officer",
    "coo": "chief operating officer",
    "cofounder": "co-founder",
    "vp": "vice president",
}
_SAME_ROLE = 0.5
"""Words that two wordings of a role share, as a part of all their words, from which on they are one role."""
_SAME_VALUE = 0.01
"""Difference of two values, as a part of the gold one, up to which they are one figure."""
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]*[A-Z])|\n")


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of what was found rightly (tp), wrongly (fp) and not at all (fn); its ratios are in [0, 1]."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def precision(self) -> float:
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p + r else 0.0


@dataclass(frozen=True, slots=True)
class Miss:
    """One error. kind: missed, wrong, false (asserted as actual and not so), status, role, type, unseen, unasked,
    unquoted. sentence: gold's evidence, or the prediction's where gold has none.
    """

    document: str
    kind: str
    what: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One count. label: the type, predicate, status or metric that it counts for; kind, what, sentence: of its miss."""

    part: Part
    label: str
    outcome: Outcome
    kind: str = ""
    what: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One document: what gold and what the prediction say of it, and its text."""

    gold: Annotation
    found: Annotation
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """The verdicts on a set of documents, counted; misses by document, kind and name."""

    n_documents: int
    counts: Counter[tuple[Part, str, Outcome]]
    misses: tuple[Miss, ...]

    def labels(self, part: Part) -> list[str]:
        """The types, predicates or statuses that gold or prediction use in `part`, sorted."""
        return sorted({label for counted, label, _ in self.counts if counted == part})

    def tally(self, part: Part, label: str | None = None) -> Tally:
        """The counts of one part, or of one label in it."""
        wanted = self.labels(part) if label is None else [label]
        return Tally(*(sum(self.counts[part, one, o] for one in wanted) for o in ("tp", "fp", "fn")))

    @property
    def false_assertions_per_100(self) -> float:
        """Relations asserted as actual that gold does not hold as actual, for each 100 documents."""
        return 100 * self.tally("false_assertions").fp / self.n_documents if self.n_documents else 0.0


def score_pairs(pairs: Sequence[Pair]) -> Score:
    """The score of all documents together, each judged on its own."""
    counts: Counter[tuple[Part, str, Outcome]] = Counter()
    misses: list[Miss] = []
    for pair in pairs:
        verdicts = list(judge(pair))
        counts.update((v.part, v.label, v.outcome) for v in verdicts)
        told = {Miss(pair.gold.doc, v.kind, v.what, " ".join(v.sentence.split())) for v in verdicts if v.kind}
        misses += sorted(told, key=lambda m: (m.kind, m.what, m.sentence))
    return Score(len(pairs), counts, tuple(misses))


def judge(pair: Pair) -> Iterator[Verdict]:
    """All verdicts on one document. Gold's ids are distinct and its relations name none but its own entities."""
    names = {"?" + e.id: e.name for e in pair.found.entities} | {e.id: e.name for e in pair.gold.entities}
    matched = _Matched(pair, match_entities(pair.gold.entities, pair.found.entities), names)
    yield from _judge_entities(matched)
    yield from _judge_relations(matched)
    yield from _judge_observations(matched)
    yield from _judge_evidence(matched)


def surface_key(surface: str) -> str:
    """A surface form without what does not tell two names apart: case, "the", possessive, corporate suffix.

    >>> surface_key("The Acme Co., Ltd."), surface_key("acme’s")
    ('acme', 'acme')
    """
    text = re.sub(r"\s+", " ", surface.casefold().replace("’", "'").strip(" .,;:\"'()"))
    text = text.removesuffix("'s").removeprefix("the ")
    while (short := _CORPORATE.sub("", text)) != text and short:
        text = short
    return text


def match_entities(gold: Iterable[AnnotatedEntity], found: Iterable[AnnotatedEntity]) -> dict[str, str]:
    """Predicted id -> gold id, one to one: the pairs that share most surface forms first, then same name, same type.

    Cost: every predicted entity against every gold one.
    """
    keyed = [(g, _keys(g)) for g in gold]
    rows = [
        (-len(shared), surface_key(p.name) != surface_key(g.name), p.type != g.type, p.id, g.id)
        for p, p_keys in [(p, _keys(p)) for p in found]
        for g, g_keys in keyed
        if (shared := p_keys & g_keys)
    ]
    gold_of: dict[str, str] = {}
    taken: set[str] = set()
    for *_, p_id, g_id in sorted(rows):
        if p_id not in gold_of and g_id not in taken:
            gold_of[p_id] = g_id
            taken.add(g_id)
    return gold_of


def role_words(role: str | None) -> frozenset[str]:
    """The words of a role that matter, abbreviations written out.

    >>> sorted(role_words("CEO of the group"))
    ['chief', 'executive', 'group', 'officer']
    """
    words = (role or "").casefold().replace(",", " ").split()
    return frozenset(w for word in words for w in _ROLE_WORDS.get(word, word).split()) - _ROLE_FILLERS


@dataclass(frozen=True, slots=True)
class _Matched:
    """A pair with its entities matched. gold_of: predicted id -> gold id; an id without a match becomes `?` + id.
    names: of all these ids.
    """

    pair: Pair
    gold_of: dict[str, str]
    names: dict[str, str]

    def rename(self, found_id: str) -> str:
        return self.gold_of.get(found_id, "?" + found_id)

    def wording(self, triple: Triple, statuses: Iterable[str]) -> str:
        subject, predicate, target = triple
        name = f"{self.names.get(subject, subject)} {predicate} {self.names.get(target, target)}"
        return f"{name} ({'/'.join(sorted(statuses))})"


def _keys(entity: AnnotatedEntity) -> frozenset[str]:
    return frozenset(key for surface in (entity.name, *entity.aliases) if (key := surface_key(surface)))


def _judge_entities(matched: _Matched) -> Iterator[Verdict]:
    gold, found = matched.pair.gold.entities, matched.pair.found.entities
    found_by = {entity.id: entity for entity in found}
    found_of = {g_id: found_by[p_id] for p_id, g_id in matched.gold_of.items()}
    for entity in gold:
        if not entity.is_neutral:
            yield from _judge_entity(entity, found_of.get(entity.id), matched.pair.text)
    if any(entity.chrome_only for entity in gold):
        return
    for extra in found:
        if extra.id not in matched.gold_of and extra.type != EntityType.PLACE:
            what, sentence = f"{extra.type} {extra.name}", _sentence_with(extra, matched.pair.text)
            yield Verdict("entities", extra.type, "fp", "unasked", what, sentence)
            yield Verdict("entities_typed", extra.type, "fp")


def _judge_entity(entity: AnnotatedEntity, found: AnnotatedEntity | None, text: str) -> Iterator[Verdict]:
    what, sentence = f"{entity.type} {entity.name}", _sentence_with(entity, text)
    if found is None:
        yield Verdict("entities", entity.type, "fn", "unseen", what, sentence)
        yield Verdict("entities_typed", entity.type, "fn")
        return
    yield Verdict("entities", entity.type, "tp")
    if found.type in {entity.type, *entity.alt_types}:
        yield Verdict("entities_typed", entity.type, "tp")
    else:
        yield Verdict("entities_typed", entity.type, "fn", "type", f"{what}: got {found.type}", sentence)
        yield Verdict("entities_typed", found.type, "fp")


def _judge_relations(matched: _Matched) -> Iterator[Verdict]:
    gold = [((r.subject, r.predicate, r.object), r) for r in matched.pair.gold.relations]
    required = _by_triple((ordered_triple(t), r) for t, r in gold if not r.optional)
    found = _by_triple(
        (ordered_triple((matched.rename(r.subject), r.predicate, matched.rename(r.object))), r)
        for r in matched.pair.found.relations
    )
    neutral = neutral_triples((ordered_triple(t), r) for t, r in gold) - required.keys()
    roles = [(ordered_triple(t), r.role) for t, r in gold if role_words(r.role)]
    for triple in sorted((required.keys() | found.keys()) - neutral):
        want, got = required.get(triple, {}), found.get(triple, {})
        yield from _judge_triple(matched, triple, want, got)
        wanted_roles = [role for t, role in roles if t == triple]
        if want and got and wanted_roles:
            yield _judge_role(matched, triple, wanted_roles, got)


def _judge_triple(matched: _Matched, triple: Triple, want: ByStatus, got: ByStatus) -> Iterator[Verdict]:
    is_false = Status.ACTUAL in got and Status.ACTUAL not in want
    what = matched.wording(triple, want or got)
    sentence = next(iter((want or got).values())).evidence
    if not got:
        yield Verdict("relations", triple[1], "fn", "missed", what, sentence)
    elif not want:
        yield Verdict("relations", triple[1], "fp", "false" if is_false else "wrong", what, sentence)
    else:
        told = f"{what}: got {'/'.join(sorted(got))}"
        kind = "" if want.keys() == got.keys() else "false" if is_false else "status"
        yield Verdict("relations", triple[1], "tp", kind, told, sentence)
    if is_false:
        yield Verdict("false_assertions", triple[1], "fp")
    for status in want.keys() | got.keys():
        yield Verdict("relations_with_status", status, _outcome(status in want, status in got))


def _judge_role(matched: _Matched, triple: Triple, wanted: list[str | None], got: ByStatus) -> Verdict:
    roles = [r.role for r in got.values()]
    if any(_is_same_role(w, role) for w in wanted for role in roles):
        return Verdict("roles", triple[1], "tp")
    told = " for ".join(" / ".join(sorted({role or "no role" for role in some})) for some in (roles, wanted))
    sentence = next(iter(got.values())).evidence
    return Verdict("roles", triple[1], "fn", "role", f"{matched.wording(triple, got)}: got {told}", sentence)


def _judge_observations(matched: _Matched) -> Iterator[Verdict]:
    left = [o for o in matched.pair.gold.observations if o.metric != Metric.OTHER]
    for figure in matched.pair.found.observations:
        if figure.metric == Metric.OTHER:
            continue
        subject = matched.rename(figure.subject)
        same = [o for o in left if _is_same(figure, o, subject)]
        if not same:
            what = _figure(figure, matched.names.get(subject, subject))
            yield Verdict("observations", figure.metric, "fp", "wrong", what, figure.evidence)
            continue
        hit = next((o for o in same if not o.optional), same[0])
        left = [o for o in left if o is not hit]
        if not hit.optional:
            yield Verdict("observations", figure.metric, "tp")
    for missed in left:
        if not missed.optional:
            what = _figure(missed, matched.names[missed.subject])
            yield Verdict("observations", missed.metric, "fn", "missed", what, missed.evidence)


def _judge_evidence(matched: _Matched) -> Iterator[Verdict]:
    text = re.sub(r"\s+", " ", matched.pair.text)
    found = matched.pair.found
    findings: list[AnnotatedRelation | AnnotatedObservation] = [*found.relations, *found.observations]
    for finding in findings:
        quote = re.sub(r"\s+", " ", finding.evidence).strip()
        label = finding.predicate if isinstance(finding, AnnotatedRelation) else finding.metric
        if quote and quote in text:
            yield Verdict("evidence", label, "tp")
        else:
            yield Verdict("evidence", label, "fp", "unquoted", label, quote)


def _by_triple(relations: Iterable[tuple[Triple, AnnotatedRelation]]) -> dict[Triple, ByStatus]:
    found: dict[Triple, ByStatus] = {}
    for triple, relation in relations:
        found.setdefault(triple, {})[relation.status] = relation
    return found


def neutral_triples(relations: Iterable[tuple[Triple, AnnotatedRelation]]) -> set[Triple]:
    """The optional triples, and what a gold triple as good as says: what was bought as a subsidiary of its buyer, and
    suppliesTo beside uses, turned round.
    """
    neutral: set[Triple] = set()
    for triple, relation in relations:
        if relation.optional:
            neutral.add(triple)
        subject, predicate, target = triple
        if predicate in _ALSO_SAYS:
            neutral.add((target, _ALSO_SAYS[predicate], subject))
    return neutral


_ALSO_SAYS: dict[str, str] = {
    Predicate.ACQUIRED: Predicate.SUBSIDIARY_OF,
    Predicate.USES: Predicate.SUPPLIES_TO,
    Predicate.SUPPLIES_TO: Predicate.USES,
}


def ordered_triple(triple: Triple) -> Triple:
    """The triple; of a predicate without direction, the one that stands for both orders."""
    subject, predicate, target = triple
    return (target, predicate, subject) if predicate in SYMMETRIC and target < subject else triple


def _outcome(is_wanted: bool, is_found: bool) -> Outcome:
    return "fn" if not is_found else "tp" if is_wanted else "fp"


def _is_same_role(gold: str | None, found: str | None) -> bool:
    """Gold has words that matter; the prediction may have none."""
    want, got = role_words(gold), role_words(found)
    return len(want & got) / len(want | got) >= _SAME_ROLE


def _is_same(figure: AnnotatedObservation, gold: AnnotatedObservation, subject: str) -> bool:
    same = (subject, figure.metric, figure.unit) == (gold.subject, gold.metric, gold.unit)
    return same and abs(figure.value - gold.value) <= _SAME_VALUE * abs(gold.value)


def _figure(figure: AnnotatedObservation, name: str) -> str:
    return f"{name} {figure.metric} {figure.value:,.12g} {figure.unit}"


def _sentence_with(entity: AnnotatedEntity, text: str) -> str:
    """The first sentence that holds the name, or else an alias; empty where gold's spelling is not the text's."""
    at = next((i for surface in (entity.name, *entity.aliases) if (i := text.find(surface)) >= 0), -1)
    if at < 0:
        return ""
    start = max((m.end() for m in _SENTENCE_END.finditer(text, 0, at + 1)), default=0)
    end = _SENTENCE_END.search(text, at)
    return text[start : end.start() if end else len(text)]
