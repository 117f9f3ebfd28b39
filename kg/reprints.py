"""Stage 8, who speaks for himself: profiles of all documents -> which documents are one text.

In: profiles, in any order. Out: document -> the first document, by id, of those that share its text. An agency's report
in ten papers is one source, not ten, and cannot contradict itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from kg.profiles import Profile
from kg.records import DocumentId

SHARED = 0.5
"""Share of the shorter text's sentences from which two documents are one text: a paper cuts an agency's report from the
end, and an article that quotes another repeats far less than half of it."""

MAX_HOLDERS = 200
"""A sentence of more texts than these is a publisher's (`Sign up for our newsletter ...`), and tells nothing."""

ALL_PAIRS = 8
"""Documents with one sentence of which each is held against each; among more, against the first and the next, which
finds what shares many sentences and keeps the cost linear."""

_Sentences = Mapping[DocumentId, frozenset[str]]


def reprint_groups(profiles: Iterable[Profile]) -> dict[DocumentId, DocumentId]:
    """Document -> the document that stands for its text, itself when it has no reprint; sorted.

    Two documents are one text when they share at least half of the longer sentences of the one that has fewer, and so
    is what a chain of such pairs connects. Cost: linear in the sentences of all documents.
    """
    sentences = {p.document_id: frozenset(p.sentences) for p in sorted(profiles, key=lambda p: p.document_id)}
    root = _same_to_the_letter(sentences)
    telling = _without_common({d: found for d, found in sentences.items() if root[d] == d})
    for one, other in sorted(_candidates(telling)):
        if _is_one_text(telling[one], telling[other]):
            _unite(root, one, other)
    return {document: _find(root, document) for document in sentences}


def _same_to_the_letter(sentences: _Sentences) -> dict[DocumentId, DocumentId]:
    first: dict[frozenset[str], DocumentId] = {}
    return {d: first.setdefault(found, d) if found else d for d, found in sentences.items()}


def _without_common(sentences: _Sentences) -> _Sentences:
    common = {digest for digest, documents in _holders(sentences).items() if len(documents) > MAX_HOLDERS}
    return {document: found - common for document, found in sentences.items()}


def _holders(sentences: _Sentences) -> dict[str, list[DocumentId]]:
    holders: dict[str, list[DocumentId]] = defaultdict(list)
    for document, found in sentences.items():
        for digest in found:
            holders[digest].append(document)
    return holders


def _candidates(sentences: _Sentences) -> set[tuple[DocumentId, DocumentId]]:
    return {pair for documents in _holders(sentences).values() for pair in _compared(documents)}


def _compared(documents: Sequence[DocumentId]) -> Iterator[tuple[DocumentId, DocumentId]]:
    if len(documents) <= ALL_PAIRS:
        return combinations(documents, 2)
    return iter([*((documents[0], other) for other in documents[1:]), *pairwise(documents)])


def _is_one_text(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SHARED * min(len(one), len(other))


def _find(root: dict[DocumentId, DocumentId], document: DocumentId) -> DocumentId:
    while root[document] != document:
        root[document] = root[root[document]]
        document = root[document]
    return document


def _unite(root: dict[DocumentId, DocumentId], one: DocumentId, other: DocumentId) -> None:
    first, second = sorted((_find(root, one), _find(root, other)))
    root[second] = first
