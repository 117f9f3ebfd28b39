"""Extraction <-> JSON without loss, the same bytes every time: what the store keeps of a document between builds."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from kg.errors import StoreError
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
    Metric,
    Observation,
    Predicate,
    Refusal,
    Span,
    Status,
)

Json = dict[str, Any]


def to_json(extraction: Extraction) -> str:
    """One JSON object with sorted keys and a final line feed; values of observations as text, lest they be rounded."""
    record = {
        "document": _from_document(extraction.document),
        "clusters": [_from_cluster(cluster) for cluster in extraction.clusters],
        "claims": [_from_claim(claim) for claim in extraction.claims],
        "observations": [_from_observation(observation) for observation in extraction.observations],
        "refusals": [[refusal.what, refusal.reason, refusal.quote] for refusal in extraction.refusals],
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def from_json(text: str) -> Extraction:
    """The extraction that `to_json` wrote. Raises StoreError for anything else."""
    try:
        record = json.loads(text)
        document = _to_document(record["document"])
        return Extraction(
            document,
            tuple(_to_cluster(c) for c in record["clusters"]),
            tuple(_to_claim(c, document.id) for c in record["claims"]),
            tuple(_to_observation(o, document.id) for o in record["observations"]),
            tuple(_to_refusal(r) for r in record["refusals"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as err:
        raise StoreError(f"not an extraction of this version ({err!r}): build again") from err


def _from_document(document: Document) -> Json:
    return {
        "id": document.id,
        "text": document.text,
        "body": [[span.start, span.end] for span in document.body],
        "source": document.source,
        "title": document.title,
        "author": document.author,
        "outlet": document.outlet,
        "published": document.published,
        "url": document.url,
    }


def _to_document(record: Json) -> Document:
    body = tuple(Span(start, end) for start, end in record["body"])
    rest = {key: record[key] for key in ("source", "title", "author", "outlet", "published", "url")}
    return Document(DocumentId(record["id"]), record["text"], body, **rest)


def _from_cluster(cluster: Cluster) -> Json:
    return {
        "id": cluster.id,
        "name": cluster.name,
        "type": cluster.type.value,
        "aliases": list(cluster.aliases),
        "mentions": [[mention.start, mention.end, mention.text] for mention in cluster.mentions],
    }


def _to_cluster(record: Json) -> Cluster:
    return Cluster(
        ClusterId(record["id"]),
        record["name"],
        EntityType(record["type"]),
        tuple(record["aliases"]),
        tuple(Mention(start, end, text) for start, end, text in record["mentions"]),
    )


def _from_claim(claim: Claim) -> Json:
    return {
        "subject": claim.subject,
        "predicate": claim.predicate.value,
        "object": claim.object,
        "status": claim.status.value,
        "role": claim.role,
        "started_on": claim.started_on,
        "ended_on": claim.ended_on,
        "occurred_on": claim.occurred_on,
        **_from_finding(claim),
    }


def _to_claim(record: Json, document_id: DocumentId) -> Claim:
    return Claim(
        ClusterId(record["subject"]),
        Predicate(record["predicate"]),
        ClusterId(record["object"]),
        Status(record["status"]),
        record["confidence"],
        _to_evidence(record["evidence"], document_id),
        role=record["role"],
        started_on=record["started_on"],
        ended_on=record["ended_on"],
        occurred_on=record["occurred_on"],
        attributed_to=_to_attribution(record["attributed_to"]),
    )


def _from_observation(observation: Observation) -> Json:
    return {
        "about": observation.about,
        "metric": observation.metric.value,
        "value": str(observation.value),
        "unit": observation.unit,
        "observed_on": observation.observed_on,
        "qualifier": observation.qualifier,
        **_from_finding(observation),
    }


def _to_observation(record: Json, document_id: DocumentId) -> Observation:
    return Observation(
        ClusterId(record["about"]),
        Metric(record["metric"]),
        Decimal(record["value"]),
        record["unit"],
        record["confidence"],
        _to_evidence(record["evidence"], document_id),
        observed_on=record["observed_on"],
        qualifier=record["qualifier"],
        attributed_to=_to_attribution(record["attributed_to"]),
    )


def _to_refusal(record: list[str]) -> Refusal:
    what, reason, quote = record
    return Refusal(what, reason, quote)


def _from_finding(finding: Claim | Observation) -> Json:
    """What claims and observations share; the evidence's document is the extraction's own."""
    evidence, speaker = finding.evidence, finding.attributed_to
    return {
        "confidence": finding.confidence,
        "evidence": [evidence.start, evidence.end, evidence.quote],
        "attributed_to": None if speaker is None else [speaker.text, speaker.cluster],
    }


def _to_evidence(record: list[Any], document_id: DocumentId) -> Evidence:
    start, end, quote = record
    return Evidence(document_id, start, end, quote)


def _to_attribution(record: list[Any] | None) -> Attribution | None:
    if record is None:
        return None
    text, cluster = record
    return Attribution(text, None if cluster is None else ClusterId(cluster))
