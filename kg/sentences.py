"""Sentence boundaries, by rule: spaCy component `kg_sentences`.

In: a tokenised Doc whose `doc._.document` marks the running text. Out: `token.is_sent_start`.
A line break always ends a sentence, since headlines, captions and list entries carry no full stop; so does the border
of the running text. spaCy's own `sentencizer` was tried first: it gives an opening quotation mark to the sentence
before.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span, Token
from thinc.types import Ints2d

from kg.records import Document

TERMINALS = frozenset({".", "!", "?", "…", "...", "?!", "!?"})
MAX_CLOSERS = 5
"""Closing marks that may stand between a full stop and the next sentence; more are no prose."""
CLOSERS = frozenset({'"', "”", "’", "'", ")", "]", "»", "''"})
OPENERS = frozenset({'"', "“", "‘", "'", "(", "[", "«", "``", "-", "–", "—", "•", "*"})
RESTARTERS = frozenset(
    "The A An He She It They We I In On At But And That This These Those Its His Her Their However Last By".split()
)
"""Words that open a sentence when they follow an abbreviation that ends in a full stop ("in the U.S. The firm ...")."""

START, NO_START = np.uint64(1), np.uint64(2**64 - 1)
"""spaCy's 1 and -1 for SENT_START; set all at once, since its setter for one token walks through the text."""
ALL_BOUNDS, BODY_BOUNDS = "kg_sentences", "kg_body_sentences"
SCALES = frozenset("m. mn. bn. b. k. tn. t. p. km. kg. kw. mw. gw.".split())
"""Units behind a figure that spaCy keeps in one token with the full stop of their sentence: `$844m.`"""

Doc.set_extension("document", default=None, force=True)
Doc.set_extension("refusals", default=(), force=True)


@Language.component("kg_sentences", assigns=["token.is_sent_start"])
def split_sentences(doc: Doc) -> Doc:
    """Set `is_sent_start` on every token; `doc._.document` may be None, then all the text is running text."""
    if not len(doc):
        return doc
    borders = _body_borders(doc)
    starts = np.full(len(doc), NO_START, dtype=np.uint64)
    starts[0] = START
    for token in doc[1:]:
        if token.i in borders or _starts_sentence(doc, token, starts):
            starts[token.i] = START
    doc.from_array(["SENT_START"], cast("Ints2d", starts.reshape(-1, 1)))
    return doc


def body_sentences(doc: Doc, first: int | None = None) -> list[Span]:
    """The sentences that lie in running text, or the `first` of them, in order, without those of white space alone."""
    return [doc[start:end] for start, end in _bounds(doc, BODY_BOUNDS)[:first]]


def n_body_sentences(doc: Doc) -> int:
    """How many sentences body_sentences gives."""
    return len(_bounds(doc, BODY_BOUNDS))


def sentence_at(doc: Doc, i: int) -> Span:
    """The sentence of token `i`, found by bisection: `token.sent` walks through the text to it."""
    bounds = _bounds(doc, ALL_BOUNDS)
    start, end = bounds[bisect_right(bounds, (i, len(doc))) - 1]
    return doc[start:end]


def _bounds(doc: Doc, which: str) -> tuple[tuple[int, int], ...]:
    """First token and end of each sentence, computed once; no Spans, which would keep their Doc alive."""
    if which not in doc.user_data:
        starts = [token.i for token in doc if token.is_sent_start]
        every = tuple(pairwise([*starts, len(doc)]))
        inside = body_mask(doc)
        doc.user_data[ALL_BOUNDS] = every
        doc.user_data[BODY_BOUNDS] = tuple((a, b) for a, b in every if inside[a] and not doc[a:b].text.isspace())
    bounds: tuple[tuple[int, int], ...] = doc.user_data[which]
    return bounds


def body_mask(doc: Doc) -> list[bool]:
    """For each token, whether it lies in the running text of `doc._.document`; all do when there is no document."""
    document: Document | None = doc._.document
    if document is None:
        return [True] * len(doc)
    mask, spans = [False] * len(doc), iter(document.body)
    span = next(spans, None)
    for token in doc:
        while span is not None and span.end <= token.idx:
            span = next(spans, None)
        mask[token.i] = span is not None and span.start <= token.idx
    return mask


def trimmed(sentence: Span) -> tuple[int, int]:
    """Character offsets of a sentence without the white space and list marks around it."""
    text = sentence.text
    left = len(text) - len(text.lstrip(" \t\n\u00a0-–—•*"))
    return sentence.start_char + left, sentence.start_char + len(text.rstrip())


def _body_borders(doc: Doc) -> set[int]:
    mask = body_mask(doc)
    return {i for i in range(1, len(mask)) if mask[i] != mask[i - 1]}


def _starts_sentence(doc: Doc, token: Token, starts: NDArray[np.uint64]) -> bool:
    before = doc[token.i - 1]
    if "\n" in before.text or "\n" in before.whitespace_:
        return True
    if token.is_space or (token.text in CLOSERS and not _opens(doc, token)):
        return False
    i = token.i - 1
    while i > max(0, token.i - MAX_CLOSERS) and (doc[i].text in CLOSERS or doc[i].is_space) and starts[i] != START:
        i -= 1
    return _ends_sentence(doc[i], token) and _may_open(doc, token)


def _ends_sentence(end: Token, following: Token) -> bool:
    if end.text in TERMINALS or (end.lower_ in SCALES and end.i > 0 and end.nbor(-1).text[-1:].isdigit()):
        return True
    abbreviation = len(end.text) > 2 and end.text.endswith(".") and not end.text[:-1].isdigit()
    return abbreviation and following.text in RESTARTERS


def _may_open(doc: Doc, token: Token) -> bool:
    first = doc[token.i + 1] if token.text in OPENERS and token.i + 1 < len(doc) else token
    return not first.text[:1].islower() or first.text[:2].lower() != first.text[:2]


def _opens(doc: Doc, token: Token) -> bool:
    """Whether a straight quotation mark opens rather than closes: white space before it and none after."""
    return token.text in OPENERS and bool(doc[token.i - 1].whitespace_) and not token.whitespace_
