"""Stage 3. Names in the running text: spaCy component `kg_mentions`.

In: sentences and the shipped reader (or any component that fills `doc.spans["names"]` and `doc.spans["roles"]` in its
place). Out: `doc.spans["names"]`, sorted, disjoint, labelled with an EntityType value; `doc.spans["roles"]`; and
`doc._.reading`, from which stage 5 scores pairs. Refuses nothing: a name that breaks a rule below is not a name.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.lexicon import BRANDS, NOMINALS, NON_NAMES
from kg.names import LEGAL_SUFFIXES, core_words
from kg.reader import Reader, load_reader
from kg.records import EntityType
from kg.sentences import body_mask, body_sentences, n_body_sentences, sentence_at

Doc.set_extension("reading", default=None, force=True)

Ints = NDArray[np.int32]
_NONE = np.empty(0, dtype=np.int32)

ENTITY_LABELS = frozenset(str(t) for t in EntityType)
ROLE_LABEL = "Role"
SHORT_TEXT = 5
"""Sentences up to which a headline may hold a name that the text does not repeat."""
LINKS = frozenset(["called", "named", "dubbed", ",", '"', "“", "known", "as"])
"""What may stand between a noun and the name of which it is said."""
STATED = {"body": EntityType.COMPANY.value, "product": EntityType.PRODUCT.value}
DOUBTED = frozenset({*STATED.values(), EntityType.ORGANIZATION.value})
SURE = 0.9
STATED_WEIGHT = 0.5
"""Votes of a stated type, in readings that are wholly sure (the sum of their scores decides)."""
EDGES = frozenset("\"'“”‘’()[]{},;:!?•*|…-–—/") | {
    "'s",
    "’s",
    "‘s",
    "'S",
    "’S",
    "‘S",
    "the",
    "The",
    "a",
    "A",
    "an",
    "An",
    "its",
    "Its",
}
COMMON_STARTS = frozenset(
    "the a an it he she they we i you this that these those but and or if when while as at in on by for to from with of"
    " his her their our your my its what who how why where not no yes so then there here".split()
)


@Language.factory(
    "kg_mentions",
    requires=["token.is_sent_start"],
    assigns=["doc.spans"],
    default_config={
        "weights": None,
        "threads": 1,
        "max_pieces": 192,
        "min_name_score": 0.5,
        "min_role_score": 0.4,
        "min_repeat_length": 3,
    },
)
class MentionFinder:
    """Names and roles from the shipped model, repaired at their edges and repeated where the text repeats them.

    weights: folder of the model, None for the shipped one. max_pieces: word pieces that it reads at one time.
    min_name_score, min_role_score: probability in [0, 1] of the least certain token. min_repeat_length: a shorter name
    (characters) is not looked for again in the text.
    """

    def __init__(
        self,
        nlp: Language,  # noqa: ARG002  # spaCy passes it to every factory
        name: str,  # noqa: ARG002
        weights: str | None,
        threads: int,
        max_pieces: int,
        min_name_score: float,
        min_role_score: float,
        min_repeat_length: int,
    ) -> None:
        self.reader: Reader = load_reader(Path(weights) if weights else None, threads=threads, max_pieces=max_pieces)
        self.min_name_score, self.min_role_score = min_name_score, min_role_score
        self.min_repeat_length = min_repeat_length

    def __call__(self, doc: Doc) -> Doc:
        sentences = body_sentences(doc)
        at = np.concatenate([np.arange(s.start, s.end, dtype=np.int32) for s in sentences] or [_NONE])
        starts = np.cumsum([0, *(len(s) for s in sentences[:-1])]).tolist()
        reading = self.reader.read(_texts(doc, at), starts)
        doc._.reading = (reading, _numbers(at, len(doc)))
        names, scores, roles = [], [], []
        for found in reading.names:
            span = (int(at[found.start]), int(at[found.end - 1]) + 1)
            if found.label == ROLE_LABEL and found.probability >= self.min_role_score:
                roles.append(Span(doc, *span, label=ROLE_LABEL))
            elif found.label in ENTITY_LABELS and found.probability >= self.min_name_score:
                names.append(Span(doc, *span, label=found.label))
                scores.append(found.probability)
        set_names(doc, names, scores, min_repeat_length=self.min_repeat_length)
        doc.spans["roles"] = roles
        return doc


def _texts(doc: Doc, at: Ints) -> list[str]:
    """The texts of the tokens at `at`, each spelling one string in memory."""
    spellings, numbers = np.unique(doc.to_array("ORTH")[at], return_inverse=True)
    texts: list[str] = np.array([doc.vocab.strings[s] for s in spellings.tolist()], dtype=object)[numbers].tolist()
    return texts


def _numbers(at: Ints, n_tokens: int) -> Ints:
    """For each token its number among those at `at`, else -1."""
    numbers = np.full(n_tokens, -1, dtype=np.int32)
    numbers[at] = np.arange(len(at))
    return numbers


def set_names(
    doc: Doc, names: list[Span], scores: list[float], *, min_repeat_length: int, drop_common: bool = True
) -> None:
    """Write `doc.spans["names"]` from raw spans and their scores: edges repaired, types settled, repeats added.

    drop_common: whether words that only open sentences or stand in headlines are taken for misreadings.
    """
    inside = body_mask(doc)
    kept = [(repaired, score) for span, score in zip(names, scores, strict=True) if (repaired := repair(span))]
    lower = {token.text for token in doc if token.text.islower()}
    readings: dict[str, list[Span]] = defaultdict(list)
    for span, _ in kept:
        readings[span.text].append(span)
    common = {text for text, spans in readings.items() if drop_common and is_common_word(spans, lower)}
    kept = [(s, score) for s, score in kept if all(inside[s.start : s.end]) and s.text not in common]
    settled = settle_types(kept)
    doc.spans["names"] = sorted(_without_overlap([*settled, *_repeats(doc, settled, inside, min_repeat_length)]))


def repair(span: Span) -> Span | None:
    """The span without quotation marks, articles and possessives at its edges and cut at a line break; None if no name.

    A name has a letter or digit, and is not one of the words that only ever start sentences.
    """
    doc, start, end = span.doc, span.start, span.end
    while start < end and (doc[start].text in EDGES or doc[start].is_space):
        start += 1
    end = next((i for i in range(start, end) if "\n" in doc[i].text), end)
    while start < end and (doc[end - 1].text in EDGES or doc[end - 1].is_space):
        end -= 1
    end = _with_suffix(doc, end) if start < end else end
    text = doc[start:end].text
    if not any(c.isalnum() for c in text) or text.casefold() in COMMON_STARTS:
        return None
    if text in NON_NAMES:
        return None
    if text.islower() and not any(c.isdigit() for c in text) and end - start > 1:
        return None
    return Span(doc, start, end, label=span.label_)


def settle_types(scored: Iterable[tuple[Span, float]]) -> list[Span]:
    """Give one spelling one type through a document: the one with the greatest sum of scores.

    So three sure readings outvote one guess. A surname that stands in a person's full name is that person's, unless it
    is a brand that was surely read as something else (`Michael Dell founded Dell`).
    """
    scored = list(scored)
    weights: dict[tuple[str, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for span, score in scored:
        weights[core_words(span.text)][span.label_] += score
        if span.label_ in DOUBTED and (said := stated_type(span)) is not None:
            weights[core_words(span.text)][said] += STATED_WEIGHT
    best = {key: max(votes, key=lambda label: (votes[label], label)) for key, votes in weights.items()}
    surnames = {key[-1] for key, label in best.items() if label == EntityType.PERSON.value and len(key) > 1}
    for key in best:
        eponym = key[0] in BRANDS and weights[key][best[key]] >= SURE
        if len(key) == 1 and key[0] in surnames and not eponym:
            best[key] = EntityType.PERSON.value
    return [Span(span.doc, span.start, span.end, label=best[core_words(span.text)]) for span, _ in scored]


def stated_type(span: Span) -> str | None:
    """Company or Product, where the noun right beside the name says which: `the start-up Acme`, `Acme, a bank`."""
    doc, sentence = span.doc, sentence_at(span.doc, span.start)
    i = span.start - 1
    while i > sentence.start and doc[i].lower_ in LINKS:
        i -= 1
    if i >= sentence.start and (found := _noun_type(doc, i)) is not None:
        return found
    behind = doc[span.end : min(span.end + 6, sentence.end)]
    if behind[:2].text.lower() not in (", a", ", an"):
        return None
    nouns = [t.i for t in behind[2:] if t.text in EDGES or _noun_type(doc, t.i) is not None]
    return _noun_type(doc, nouns[0]) if nouns else None


def _noun_type(doc: Doc, i: int) -> str | None:
    return STATED.get(NOMINALS.get(f"the {doc[i].lower_}", ""))


def is_common_word(spans: Sequence[Span], lower: Collection[str]) -> bool:
    """Whether a spelling, wherever it was read as a name, only opens a sentence or stands in a headline.

    spans: all readings of one spelling. lower: the words that the same text has in lower case. A word of a headline in
    capitals that the text never takes up again is no name either, nor an adverb that opens a sentence (`Logically,`).
    """
    word, doc = spans[0].text, spans[0].doc
    if not (word.isalpha() and word.istitle()):
        return False
    sentences = [sentence_at(doc, span.start) for span in spans]
    headlines = [_is_headline(sentence) for sentence in sentences]
    if all(headlines) and len(spans) == 1 and word.casefold() not in BRANDS:
        return n_body_sentences(doc) > SHORT_TEXT
    plain = word.casefold() in lower or word.endswith("ly")
    opening = [sentence.start >= span.start - 1 for span, sentence in zip(spans, sentences, strict=True)]
    return plain and all(a or b for a, b in zip(opening, headlines, strict=True))


def _is_headline(sentence: Span) -> bool:
    words = [token.text for token in sentence if token.is_alpha and len(token.text) > 3]
    return sum(word[:1].isupper() for word in words) > 0.6 * len(words)


def _with_suffix(doc: Doc, end: int) -> int:
    """End of the name with the legal suffix that may stand right behind it (`Acme, Inc.`)."""
    at = end + 1 if end + 1 < len(doc) and doc[end].text == "," else end
    if at < len(doc) and doc[at].text.rstrip(".").casefold() in LEGAL_SUFFIXES and doc[at].text[:1].isupper():
        return at + 1 if at > end or doc[end - 1].text[:1].isupper() else end
    return end


def _repeats(doc: Doc, names: list[Span], inside: list[bool], min_length: int) -> list[Span]:
    """Where the text repeats, token by token, a spelling that was read as a name elsewhere.

    One of several tokens is found over shorter readings too (`GitHub Copilot` where only `GitHub` was read).
    """
    labels = _spellings(names, min_length)
    by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for form in sorted(labels, key=lambda form: (-len(form), form)):
        by_first[form[0]].append(form)
    taken = {i for span in names for i in range(span.start, span.end)}
    found = []
    for token in doc:
        for form in by_first.get(token.text, ()):
            end = token.i + len(form)
            same = tuple(t.text for t in doc[token.i : end]) == form
            free = len(form) > 1 or token.i not in taken
            if same and free and inside[token.i] and not _glued(doc, token.i, end):
                best = max(labels[form], key=lambda label: (labels[form][label], label))
                found.append(Span(doc, token.i, end, label=best))
                break
    return found


def _spellings(names: list[Span], min_length: int) -> dict[tuple[str, ...], Counter[str]]:
    """Token texts of the names that are worth looking for, with how often each was read as what."""
    labels: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for span in names:
        if len(span.text) >= min_length and any(c.isupper() or c.isdigit() for c in span.text):
            labels[tuple(token.text for token in span)][span.label_] += 1
    return labels


def _glued(doc: Doc, start: int, end: int) -> bool:
    """Whether a capitalised neighbour makes the words part of a longer name, or the word merely opens a sentence."""
    after = doc[end] if end < len(doc) else None
    before = doc[start - 1] if start else None
    longer = after is not None and after.text[:1].isupper() and after.is_alpha and bool(doc[end - 1].whitespace_)
    prefixed = before is not None and before.text[:1].isupper() and before.is_alpha and not before.is_sent_start
    common = end - start == 1 and doc[start].is_sent_start and doc[start].lower_ in COMMON_STARTS
    return common or (longer and end - start == 1 and not doc[start].is_sent_start) or (prefixed and end - start == 1)


def _without_overlap(spans: list[Span]) -> list[Span]:
    chosen: list[Span] = []
    taken: set[int] = set()
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
        if taken.isdisjoint(range(span.start, span.end)):
            chosen.append(span)
            taken.update(range(span.start, span.end))
    return sorted(chosen, key=lambda s: s.start)
