"""Stage 5. Claims: spaCy component `kg_claims`.

In: clusters, anaphora, `doc._.scored_pairs` and the phrases of seeds/cues. Out: `doc._.claims`, sorted by evidence.
The reader and the phrases propose; what both propose is surer than what one does. A proposal becomes a claim with the
status that holds at the end of the text, one claim a triple, with role, dates, speaker and exact evidence.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.dates import DateMention, find_dates
from kg.patterns import Skeleton, document_skeletons
from kg.proposals import Proposal, propose
from kg.records import Attribution, Claim, Cluster, ClusterId, Document, Evidence, Predicate, Status
from kg.relations import rule_confidence
from kg.roles import Post, clean_role, find_posts, likeliest_post, verbal_role, widened
from kg.sentences import body_sentences, trimmed
from kg.speakers import speakers_of
from kg.statuses import (
    DEAL_WORDS,
    DEALS,
    Cue,
    CueIndex,
    bind_cues,
    find_cues,
    hinted_statuses,
    revise_status,
    weigh_status,
)
from kg.successions import passed_posts

Doc.set_extension("claims", default=(), force=True)

OF_PERSONS = frozenset({Predicate.WORKS_FOR, Predicate.FOUNDED_BY, Predicate.BOARD_MEMBER_OF, Predicate.EDUCATED_AT})
Cues = Mapping[Predicate, CueIndex]
OF_POSTS = frozenset({Status.ACTUAL, Status.FORMER, Status.PLANNED})
"""What a post or degree that a phrase states can be: in `Acme's head, Ann Lee, denied it` the post is not denied."""
UNSAID = frozenset({Status.PLANNED, Status.ATTEMPTED, Status.DENIED, Status.RUMOURED})


@dataclass(frozen=True, slots=True)
class _Text:
    """One document as this stage sees it; lists run over body sentences."""

    document: Document
    clusters: Mapping[ClusterId, Cluster]
    sentences: Sequence[Span]
    skeletons: Sequence[Skeleton]
    cues: Sequence[Cue]
    speakers: Sequence[Attribution | None]
    roles: Sequence[Span]
    posts: Sequence[Post]


@Language.factory(
    "kg_claims",
    requires=["doc._.clusters"],
    default_config={
        "thresholds": {},
        "default_threshold": 0.5,
        "actual_margin": 0.0,
        "min_status_score": 0.5,
        "hint_boost": 3.0,
    },
)
class ClaimFinder:
    """Claims between clusters.

    thresholds: predicate -> least confidence in [0, 1]; default_threshold for those not listed. actual_margin: what a
    claim of status actual, which alone becomes a plain triple, must reach above its threshold. min_status_score: the
    share from which a status other than actual is believed. hint_boost: how much words such as "until" or "denied"
    in the evidence raise the status that they hint at (statuses.weigh_status).
    """

    def __init__(
        self,
        nlp: Language,  # noqa: ARG002  # spaCy passes it to every factory
        name: str,  # noqa: ARG002
        thresholds: dict[str, float],
        default_threshold: float,
        actual_margin: float,
        min_status_score: float,
        hint_boost: float,
    ) -> None:
        self.thresholds = {p: thresholds.get(p.value, default_threshold) for p in Predicate}
        self.min_status_score, self.hint_boost = min_status_score, hint_boost
        self.actual_margin = actual_margin

    def __call__(self, doc: Doc) -> Doc:
        text = _read(doc)
        chosen = [
            (proposal, confidence)
            for proposal, confidence in propose(text.skeletons, text.clusters, doc._.scored_pairs)
            if confidence >= self.thresholds[proposal.triple[1]]
        ]
        unbound = dict.fromkeys(Predicate, CueIndex.of(text.cues, {}))
        cues = unbound | {predicate: _bind(text, chosen, predicate) for predicate in DEALS}
        claims = [self._claim(proposal, confidence, text, cues) for proposal, confidence in chosen]
        claims = [claim for claim in claims if self._is_sure(claim)]
        doc._.claims = tuple(sorted(claims, key=lambda c: (c.evidence, c.predicate, c.subject, c.object)))
        return doc

    def _is_sure(self, claim: Claim) -> bool:
        margin = self.actual_margin if claim.status is Status.ACTUAL else 0.0
        return claim.confidence >= self.thresholds[claim.predicate] + margin

    def _claim(self, proposal: Proposal, confidence: float, text: _Text, cues: Cues) -> Claim:
        subject, predicate, object_ = proposal.triple
        first, last = _evidence_sentences(proposal)
        words = " ".join(s.text for s in text.skeletons[first : last + 1])
        status, settled = self._first_status(proposal, words), last
        if predicate in DEALS or status in UNSAID:
            status, settled = revise_status((subject, object_), status, last, cues[predicate])
        return Claim(
            subject,
            predicate,
            object_,
            status,
            round(confidence, 3),
            _evidence(text, first, last),
            role=_role(proposal, text, status, first, last) if predicate is Predicate.WORKS_FOR else None,
            attributed_to=_speaker(text, proposal, last),
            **_dates(text, predicate, status, last, settled),
        )

    def _first_status(self, proposal: Proposal, words: str) -> Status:
        """The phrase's status where a phrase says it, else the likeliest by the reader and the words, else actual.

        Where a phrase says no more than the fact, the reader may change its status only if the words hint at that too.
        """
        said = [f.status for f in proposal.finds if f.status is not Status.ACTUAL]
        if said:
            return said[0]
        if proposal.scored is None or not proposal.scored.status:
            return Status.ACTUAL
        hinted = hinted_statuses(words)
        chances = proposal.scored.status
        if proposal.finds and proposal.triple[1] in OF_PERSONS:
            chances = {status: share for status, share in chances.items() if status in OF_POSTS}
        best, share = weigh_status(chances, hinted, self.hint_boost)
        sure = share >= self.min_status_score and (best in hinted or not proposal.finds)
        return best if sure else Status.ACTUAL


def _read(doc: Doc) -> _Text:
    sentences = body_sentences(doc)
    marked = document_skeletons(doc)
    roles = sorted(doc.spans.get("roles", []), key=lambda s: s.start)
    posts = find_posts(marked, [(s.start_char, s.end_char) for s in roles])
    return _Text(
        doc._.document,
        {c.id: c for c in doc._.clusters},
        sentences,
        marked,
        find_cues(marked),
        speakers_of(marked, doc.text),
        roles,
        [*posts, *passed_posts(marked, posts)],
    )


def _bind(text: _Text, chosen: Sequence[tuple[Proposal, float]], predicate: Predicate) -> CueIndex:
    """The cues, bound to deals of one kind where they can mean such a deal."""
    deals = {(p.triple[0], p.triple[2]) for p, _ in chosen if p.triple[1] is predicate}
    cues = [cue for cue in text.cues if DEAL_WORDS[predicate].search(cue.words.casefold())]
    return CueIndex.of(text.cues, bind_cues(cues, text.skeletons, deals))


def _evidence_sentences(proposal: Proposal) -> tuple[int, int]:
    """The phrase's sentence (the one with most names, then the first); without a phrase the reader's."""
    if proposal.finds:
        best = max(proposal.finds, key=lambda f: (f.status is not Status.ACTUAL, rule_confidence(f), -f.sentence))
        return best.sentence, best.sentence
    assert proposal.scored is not None
    return proposal.scored.first, proposal.scored.last


def _evidence(text: _Text, first: int, last: int) -> Evidence:
    start, end = trimmed(text.sentences[first])[0], trimmed(text.sentences[last])[1]
    return Evidence(text.document.id, start, end, text.document.text[start:end])


def _speaker(text: _Text, proposal: Proposal, sentence: int) -> Attribution | None:
    """Who says the sentence; nobody for what the sentence says of its speaker (`said Ann Lee, head of Acme`)."""
    speaker = text.speakers[sentence]
    of_speaker = speaker is not None and speaker.cluster in (proposal.triple[0], proposal.triple[2])
    return None if of_speaker and proposal.triple[1] in OF_PERSONS else speaker


def _role(proposal: Proposal, text: _Text, status: Status, first: int, last: int) -> str | None:
    """The position in the words of the text: the phrase's, else that of the likeliest place which gives the person one.

    What names the body, and in the evidence, comes first; then the reader's position nearest to the person.
    """
    spans = [f.role_span for f in proposal.finds if f.role_span and f.sentence == last]
    person, _, body = proposal.triple
    if spans:
        return clean_role(text.document.text[slice(*widened(spans[0], person, text.posts))])
    post = likeliest_post([p for p in text.posts if p.person == person], body, range(first, last + 1), status)
    if post:
        return clean_role(text.document.text[post.start : post.end])
    if role := _nearest_role(proposal, text, first, last):
        return role
    verb = verbal_role(text.skeletons[last], person)
    return text.document.text[slice(*verb)].strip() if verb else None


def _nearest_role(proposal: Proposal, text: _Text, first: int, last: int) -> str | None:
    """The reader's position nearest to a mention of the person, unless the words give it to somebody else."""
    start, end = text.sentences[first].start, text.sentences[last].end
    low, high = (bisect_left(text.roles, at, key=lambda s: s.start) for at in (start, end))
    given = [p for p in text.posts if p.person != proposal.triple[0] or (p.named and p.body != proposal.triple[2])]
    inside = [s for s in text.roles[low:high] if not any(p.start < s.end_char and s.start_char < p.end for p in given)]
    people = [
        a.start for n in range(first, last + 1) for a in text.skeletons[n].atoms if a.cluster == proposal.triple[0]
    ]
    if not inside or not people:
        return None
    nearest = min(inside, key=lambda s: (min(abs(s.start_char - at) for at in people), s.start))
    return clean_role(nearest.text)


def _dates(text: _Text, predicate: Predicate, status: Status, sentence: int, settled: int) -> dict[str, str | None]:
    """The dates of a claim: of the sentence that settled its status, else of its own, if that has one date alone."""
    for number in dict.fromkeys((settled, sentence)):
        found = _sentence_dates(text, number)
        if len(found) == 1:
            return {date_field(predicate, status, text.skeletons[number].text): found[0].iso}
    return {}


def _sentence_dates(text: _Text, number: int) -> list[DateMention]:
    sentence = text.sentences[number]
    return find_dates(text.document.text, sentence.start_char, sentence.end_char, text.document.published)


SPANS_TIME = frozenset({Predicate.WORKS_FOR, Predicate.BOARD_MEMBER_OF, Predicate.SUBSIDIARY_OF, Predicate.PARTNER_OF})


def date_field(predicate: Predicate, status: Status, words: str) -> str:
    """Which of a claim's dates the date in a sentence of these words is."""
    if predicate not in SPANS_TIME:
        return "occurred_on"
    if status is Status.FORMER:
        return "ended_on"
    return (
        "started_on"
        if re.search(r"\b(?:since|from|joined|joins|named|appointed|became|took|hired|will)\b", words)
        else "occurred_on"
    )
