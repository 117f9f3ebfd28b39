"""One document's extraction as the JSON that `kg extract` writes and that gold sets are annotated in.

Keys and values are those of the gold format (entities, relations, observations by local id); beyond it an entity has
its `mentions` with offsets, and a relation or observation `confidence`, `start`, `end` and `attributed_to`.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from kg.records import Attribution, Claim, Cluster, Extraction, Observation


def to_annotation(extraction: Extraction) -> dict[str, Any]:
    """The extraction as a JSON-ready dictionary; `doc` is the document's id."""
    return {
        "doc": extraction.document.id,
        "entities": [_entity(c) for c in extraction.clusters],
        "relations": [_relation(c) for c in extraction.claims],
        "observations": [_observation(o) for o in extraction.observations],
    }


def annotation_text(extraction: Extraction) -> str:
    """`to_annotation` as text, the same bytes for the same extraction."""
    return json.dumps(to_annotation(extraction), ensure_ascii=False, indent=1) + "\n"


def _entity(cluster: Cluster) -> dict[str, Any]:
    return {
        "id": cluster.id,
        "name": cluster.name,
        "type": cluster.type.value,
        "aliases": list(cluster.aliases),
        "mentions": [{"start": m.start, "end": m.end} for m in cluster.mentions],
    }


def _relation(claim: Claim) -> dict[str, Any]:
    return {
        "subject": claim.subject,
        "predicate": claim.predicate.value,
        "object": claim.object,
        "status": claim.status.value,
        "role": claim.role,
        "date": claim.occurred_on or claim.started_on or claim.ended_on,
        "evidence": claim.evidence.quote,
        "start": claim.evidence.start,
        "end": claim.evidence.end,
        "confidence": claim.confidence,
        "attributed_to": _speaker(claim.attributed_to),
    }


def _observation(observation: Observation) -> dict[str, Any]:
    return {
        "subject": observation.about,
        "metric": observation.metric.value,
        "value": _number(observation.value),
        "unit": observation.unit,
        "date": observation.observed_on,
        "qualifier": observation.qualifier,
        "evidence": observation.evidence.quote,
        "start": observation.evidence.start,
        "end": observation.evidence.end,
        "confidence": observation.confidence,
        "attributed_to": _speaker(observation.attributed_to),
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _speaker(attribution: Attribution | None) -> str | None:
    return attribution.text if attribution else None
