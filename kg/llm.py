"""Stages 3 and 5 by a language model of the user's: spaCy components `kg_llm` and `kg_llm_claims`.

`kg_llm` sends the running text, in windows, to an address that speaks the OpenAI protocol, and writes the names of the
answers like kg_mentions: `doc.spans["names"]`; the rest waits in `doc._.statements`. `kg_llm_claims` comes after
kg_coreference and turns each statement into a claim or observation, added to `doc._.claims` and `doc._.observations`:
in the place of kg_pairs, kg_claims and kg_observations, or beside them, whose findings stay where both read the same.

Nothing is believed on the model's word: grounds.py finds the quote and the names in the text, letter by letter, and the
figure, date and role in the quote. What fails is in `doc._.refusals`, with the reason.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as TokenSpan

from kg.answers import Answer, Figure, Name, Relation, answer_schema, instructions, read_answer, to_data
from kg.chat import ChatServer
from kg.ent_names import add_names, add_roles
from kg.errors import DocumentError, SettingsError
from kg.grounds import MAX_REFUSED, Ground, Ungrounded, ground_claim, ground_observation, read_ground
from kg.proposals import Triple
from kg.records import Claim, Observation, Refusal, Span
from kg.sentences import body_sentences, trimmed

Doc.set_extension("statements", default=(), force=True)

OVERLAP = 2
"""Sentences that a window repeats of the one before, where it is longer than four times that."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One relation or figure as the model gave it, and the window of the text that it was shown."""

    window: Span
    said: Relation | Figure


@Language.factory(
    "kg_llm",
    requires=["token.is_sent_start"],
    assigns=["doc.spans", "doc._.statements"],
    default_config={
        "base_url": None,
        "model": None,
        "key_variable": None,
        "timeout_s": 120.0,
        "retries": 2,
        "max_characters": 6000,
        "max_requests": 200,
        "replace": False,
        "min_repeat_length": 3,
        "request": {},
    },
)
class ModelReader:
    """Names and statements of a document, as a language model reads it.

    base_url: what comes before `/chat/completions`. model: its name there. key_variable: the environment variable that
    holds the key; None for a server that asks for none. timeout_s: seconds without an answer. retries: tries after the
    first, where the server is busy. max_characters: text of one request; max_requests: a document that needs more is
    refused. replace: whether the names take the place of those found before. request: further fields of the request;
    null takes one out (`temperature = null`). A document of n characters costs about n / max_characters requests.
    """

    def __init__(
        self,
        nlp: Language,  # noqa: ARG002  # spaCy passes it to every factory
        name: str,
        base_url: str | None,
        model: str | None,
        key_variable: str | None,
        timeout_s: float,
        retries: int,
        max_characters: int,
        max_requests: int,
        replace: bool,
        min_repeat_length: int,
        request: dict[str, Any],
    ) -> None:
        if min(timeout_s, max_characters, max_requests) <= 0 or retries < 0:
            raise SettingsError(f"{name}: timeout_s, max_characters and max_requests are above 0, retries is 0 or more")
        try:
            self.server = ChatServer(base_url, model, key_variable=key_variable, timeout_s=timeout_s, retries=retries)
        except SettingsError as err:
            raise SettingsError(f"{name}: {err}") from err
        self.max_characters, self.max_requests, self.request = max_characters, max_requests, request
        self.replace, self.min_repeat_length = replace, min_repeat_length

    def __call__(self, doc: Doc) -> Doc:
        text = doc.text  # put together anew at each call
        windows = split_windows(text, [trimmed(s) for s in body_sentences(doc)], self.max_characters)
        if len(windows) > self.max_requests:
            raise DocumentError(f"needs {len(windows):,} requests to {self.server.address}: raise max_requests")
        names: dict[tuple[int, int], str] = {}
        statements: list[Statement] = []
        refusals: list[Refusal] = []
        for pieces in windows:
            window, answer = Span(pieces[0][0], pieces[-1][1]), self._ask(doc, _joined(text, pieces))
            for name in answer.names:
                places = _places(doc, text, window, name)
                names.update(dict.fromkeys(places, name.type.value))
                if not places:
                    refusals.append(_refused_name(doc, name))
            statements += [Statement(window, relation) for relation in answer.relations]
            statements += [Statement(window, figure) for figure in answer.observations]
        spans = [(TokenSpan(doc, start, end, label=names[start, end]), 1.0) for start, end in sorted(names)]
        least = self.min_repeat_length
        add_names(doc, spans, replace=self.replace, min_repeat_length=least, drop_common=False)
        add_roles(doc, [])
        doc._.statements = tuple(statements)
        doc._.refusals = (*doc._.refusals, *dict.fromkeys(refusals))
        return doc

    def _ask(self, doc: Doc, piece: str) -> Answer:
        words = self.server.ask(instructions(), to_data(doc._.document, piece), answer_schema(), self.request)
        return read_answer(words, self.server.address)


@Language.factory("kg_llm_claims", requires=["doc._.clusters", "doc._.statements"], default_config={"confidence": 0.7})
class StatementGrounder:
    """Claims and observations from the model's statements.

    confidence: that of each, in [0, 1]. It is the user's guess and calibrated on nothing: the share of statements that
    are right differs from model to model and can be measured with `kg eval`.
    """

    def __init__(self, nlp: Language, name: str, confidence: float) -> None:  # noqa: ARG002  # spaCy's signature
        if not 0 <= confidence <= 1:
            raise SettingsError(f"{name}: confidence is {confidence}: give a number in [0, 1]")
        self.confidence = confidence

    def __call__(self, doc: Doc) -> Doc:
        ground = read_ground(doc)
        refusals: list[Refusal] = []
        claims: list[Claim] = []
        observations: list[Observation] = []
        for statement in doc._.statements:
            said, window = statement.said, statement.window
            try:
                if isinstance(said, Relation):
                    claims.append(ground_claim(ground, said, window, self.confidence, refusals))
                else:
                    observations.append(ground_observation(ground, said, window, self.confidence, refusals))
            except Ungrounded as err:
                refusals.append(ground.refusal(said, str(err)))
        doc._.claims = _with_claims(doc._.claims, claims, ground, refusals)
        doc._.observations = _with_observations(doc._.observations, observations, ground, refusals)
        doc._.refusals = (*doc._.refusals, *dict.fromkeys(refusals))
        return doc


def split_windows(text: str, sentences: Sequence[tuple[int, int]], max_characters: int) -> list[list[tuple[int, int]]]:
    """The sentences in windows of at most `max_characters` each, in order; a longer sentence is cut at white space.

    The windows hold every sentence; a long window begins with the last OVERLAP of the one before.
    """
    pieces = [piece for start, end in sentences for piece in _cut(text, start, end, max_characters)]
    windows, first = [], 0
    while first < len(pieces):
        last = first
        while last + 1 < len(pieces) and pieces[last + 1][1] - pieces[first][0] <= max_characters:
            last += 1
        windows.append(pieces[first : last + 1])
        if last + 1 == len(pieces):
            break
        first = last + 1 - (OVERLAP if last - first > 4 * OVERLAP else 0)
    return windows


def _cut(text: str, start: int, end: int, max_characters: int) -> Iterator[tuple[int, int]]:
    while end - start > max_characters:
        cut = text.rfind(" ", start + 1, start + max_characters)
        cut = cut if cut > start else start + max_characters
        yield start, cut
        start = cut
    yield start, end


def _joined(text: str, pieces: Sequence[tuple[int, int]]) -> str:
    """The text of a window as it is, with a line break where page chrome is left out."""
    parts, at = [], pieces[0][0]
    for start, end in pieces:
        between = text[at:start]
        parts += ["\n" if between and not between.isspace() else between, text[start:end]]
        at = end
    return "".join(parts)


def _places(doc: Doc, text: str, window: Span, name: Name) -> list[tuple[int, int]]:
    """Token spans at which the name stands in the window, as words of their own."""
    pattern = re.compile(rf"(?<!\w){re.escape(name.name)}(?!\w)")
    found = (doc.char_span(*m.span()) for m in pattern.finditer(text, window.start, window.end))
    return [(span.start, span.end) for span in found if span is not None]


def _refused_name(doc: Doc, name: Name) -> Refusal:
    reason = "the language model gave a name that the text does not have in these letters"
    return Refusal(f"name in {doc._.document.id}: {name.name[:MAX_REFUSED]} ({name.type})", reason)


def _with_claims(
    before: Sequence[Claim], found: Sequence[Claim], ground: Ground, refusals: list[Refusal]
) -> tuple[Claim, ...]:
    """One claim a triple: what was there stays; of two of the model's the later in the text, where statuses differ."""
    known: dict[Triple, Claim] = {(c.subject, c.predicate, c.object): c for c in before}
    own: dict[Triple, Claim] = {}
    for claim in sorted(found, key=lambda c: c.evidence):
        triple = (claim.subject, claim.predicate, claim.object)
        other = known.get(triple) or own.get(triple)
        if other is None:
            own[triple] = claim
        elif other.status is not claim.status:
            lost, kept = (claim, other) if triple in known else (other, claim)
            where = "another component" if triple in known else "a later sentence"
            refusals.append(ground.refused_claim(lost, f"{where} gives it the status {kept.status}"))
            if triple in own:
                own[triple] = claim
    every = [*before, *own.values()]
    return tuple(sorted(every, key=lambda c: (c.evidence, c.predicate, c.subject, c.object)))


def _with_observations(
    before: Sequence[Observation], found: Sequence[Observation], ground: Ground, refusals: list[Refusal]
) -> tuple[Observation, ...]:
    """One observation a figure of a sentence: what was there first stays, and another reading of it is refused."""
    kept = list(before)
    for observation in found:
        same = [o for o in kept if _is_same_figure(o, observation)]
        if not same:
            kept.append(observation)
        elif all((o.about, o.metric, o.value) != _reading(observation) for o in same):
            refusals.append(ground.refused_observation(observation, "the figure has another reading already"))
    return tuple(sorted(kept, key=lambda o: (o.evidence, o.metric, o.value, o.about)))


def _reading(observation: Observation) -> tuple[str, str, Any]:
    return observation.about, observation.metric, observation.value


def _is_same_figure(a: Observation, b: Observation) -> bool:
    overlap = a.evidence.start < b.evidence.end and b.evidence.start < a.evidence.end
    return overlap and (a.unit, abs(a.value)) == (b.unit, abs(b.value))
