"""Small spaCy Docs with the names already found, so that later stages are tested without the trained reader."""

from __future__ import annotations

import re

import spacy
from spacy.tokens import Doc, Span

from kg.coreference import resolve_names
from kg.records import Document, DocumentId
from kg.records import Span as TextSpan
from kg.sentences import split_sentences

TYPES = {"P": "Person", "C": "Company", "O": "Organization", "R": "Product", "L": "Place"}
MARK = re.compile(r"\[([PCORL]) ([^\]]+)\]")


def named_doc(marked: str, published: str | None = None) -> Doc:
    """Doc of a text in which names stand as `[C Acme]` (P person, C company, O organization, R product, L place)."""
    text, spans, at = "", [], 0
    for match in MARK.finditer(marked):
        text += marked[at : match.start()]
        spans.append((len(text), len(text) + len(match[2]), TYPES[match[1]]))
        text += match[2]
        at = match.end()
    text += marked[at:]
    doc = spacy.blank("en").make_doc(text)
    doc._.document = Document(DocumentId("test.txt"), text, (TextSpan(0, len(text)),), published=published)
    split_sentences(doc)
    names: list[Span] = []
    for start, end, label in spans:
        span = doc.char_span(start, end, label=label)
        assert span is not None, text[start:end]
        names.append(span)
    doc.spans["names"] = names
    return doc


def resolved_doc(marked: str, published: str | None = None) -> Doc:
    """`named_doc` with its clusters."""
    doc: Doc = resolve_names(named_doc(marked, published))
    return doc
