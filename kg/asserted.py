"""Links that a person asserts -> extractions, as if each were a document of one sentence by that person.

In: a correction, and the names and types of its two ends. Out: an Extraction whose text is one line, so that an
asserted link has its evidence, verbatim: `Acme acquired Beta, on 2024-07 (sam, 2026-03-02: annual report).` Each is a
document of its own, `corrections.yaml/7`, so that no correction can rename what another says.
"""

from __future__ import annotations

from typing import NamedTuple

from kg.corrections import PHRASES, Assertion, Correction
from kg.records import (
    Attribution,
    Claim,
    Cluster,
    ClusterId,
    Document,
    DocumentId,
    EntityType,
    Evidence,
    Extraction,
    Mention,
    Span,
    Status,
)

SOURCE = "corrections.yaml"
SUBJECT, OBJECT = ClusterId("e1"), ClusterId("e2")
_DATE_WORDS = {"started_on": "since", "ended_on": "until", "occurred_on": "on"}


class Ends(NamedTuple):
    """Names and types of what an asserted link connects."""

    subject: str
    subject_type: EntityType
    object: str
    object_type: EntityType


def asserted_document(number: int) -> DocumentId:
    """The id of the document that stands for a correction; no file that is read has such a suffix."""
    return DocumentId(f"{SOURCE}/{number}")


def correction_of(document: str) -> int | None:
    """The number of the correction that a document stands for; None for any other document.

    >>> correction_of(asserted_document(7)), correction_of("a.txt")
    (7, None)
    """
    name, _, number = document.partition("/")
    return int(number) if name == SOURCE and number.isdecimal() else None


def assertion_extraction(correction: Correction, assertion: Assertion, ends: Ends) -> Extraction:
    """The extraction of one asserted link."""
    text = _line(correction, assertion, ends)
    mark, document_id = correction.mark, asserted_document(correction.id)
    document = Document(
        document_id,
        text,
        (Span(0, len(text)),),
        title=f"Correction {correction.id}",
        author=mark.who,
        published=mark.when,
    )
    at = len(ends.subject) + len(PHRASES[assertion.predicate]) + 2
    subject = _cluster(SUBJECT, ends.subject, ends.subject_type, 0)
    object_ = _cluster(OBJECT, ends.object, ends.object_type, at)
    claim = Claim(
        SUBJECT,
        assertion.predicate,
        OBJECT,
        assertion.status,
        1.0,
        Evidence(document_id, 0, len(text), text),
        assertion.role,
        assertion.started_on,
        assertion.ended_on,
        assertion.occurred_on,
        Attribution(mark.who),
    )
    return Extraction(document, (subject, object_), (claim,), ())


def _cluster(cluster_id: ClusterId, name: str, entity_type: EntityType, start: int) -> Cluster:
    return Cluster(cluster_id, name, entity_type, (name,), (Mention(start, start + len(name), name),))


def _line(correction: Correction, assertion: Assertion, ends: Ends) -> str:
    """All that is asserted, and by whom; the subject stands first, and the object after the phrase."""
    mark = correction.mark
    said = [f"{ends.subject} {PHRASES[assertion.predicate]} {ends.object}"]
    said += [f"as {assertion.role}"] if assertion.role else []
    said += [f"{word} {day}" for name, word in _DATE_WORDS.items() if (day := getattr(assertion, name))]
    said += [f"status {assertion.status.value}"] if assertion.status is not Status.ACTUAL else []
    reason = f": {mark.why}" if mark.why else ""
    return f"{', '.join(said)} ({mark.who}, {mark.when}{reason})."
