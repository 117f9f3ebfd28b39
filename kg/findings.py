"""Stage 8, what comes out: the accepted claims and figures of one document, in terms of entities, for comparison.

In: a document's quads as the shapes accepted them. Out: what assertion, agreement and conflict are decided from, so
that none of them has to read ten thousand documents' graphs again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal

import pyoxigraph as ox

from kg import iris
from kg.errors import StoreError
from kg.records import Metric, Predicate, Status

_TYPE, _EVIDENCE = iris.expand("rdf:type"), iris.expand("kg:evidence")
_CLAIM, _OBSERVATION = iris.expand("kg:Claim"), iris.expand("kg:Observation")
_DOCUMENT, _DATE = iris.expand("kg:Document"), iris.expand("dcterms:date")
_PREDICATES = {iris.predicate_term(p).value: p for p in Predicate}
_STATUSES = {iris.individual(s).value: s for s in Status}
_METRICS = {iris.individual(m).value: m for m in Metric}


@dataclass(frozen=True, slots=True, order=True)
class StatedClaim:
    """One accepted claim; iri, subject, object and evidence are IRIs, confidence is a decimal as text."""

    iri: str
    subject: str
    predicate: Predicate
    object: str
    status: Status
    confidence: str
    evidence: str
    role: str | None = None
    started_on: str | None = None
    ended_on: str | None = None
    occurred_on: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class StatedFigure:
    """One accepted observation; iri, about and evidence are IRIs, value and confidence are decimals as text."""

    iri: str
    about: str
    metric: Metric
    value: str
    unit: str
    confidence: str
    evidence: str
    observed_on: str | None = None
    qualifier: str | None = None

    @property
    def number(self) -> Decimal:
        """The value to reckon with."""
        return Decimal(self.value)


@dataclass(frozen=True, slots=True)
class Findings:
    """The claims and figures of one document, each sorted by IRI, and its date of publication where it states one."""

    claims: tuple[StatedClaim, ...] = ()
    figures: tuple[StatedFigure, ...] = ()
    published: str | None = None


def findings_of(quads: Iterable[ox.Quad]) -> Findings:
    """The claims and observations that stand whole among the quads."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for quad in quads:
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            said[quad.subject.value][quad.predicate.value] = quad.object.value
    kinds = {iri: values.get(_TYPE.value) for iri, values in said.items()}
    return Findings(
        tuple(sorted((_claim(iri, said[iri]) for iri in kinds if kinds[iri] == _CLAIM.value), key=lambda c: c.iri)),
        tuple(
            sorted((_figure(iri, said[iri]) for iri in kinds if kinds[iri] == _OBSERVATION.value), key=lambda f: f.iri)
        ),
        next((said[iri].get(_DATE.value) for iri in sorted(kinds) if kinds[iri] == _DOCUMENT.value), None),
    )


def findings_to_json(findings: Findings) -> str:
    """One line; equal findings give equal lines."""
    return json.dumps(asdict(findings), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def findings_from_json(line: str) -> Findings:
    """What `findings_to_json` wrote. Raises StoreError for anything else."""
    try:
        record = json.loads(line)
        return Findings(
            tuple(
                StatedClaim(**{**c, "predicate": Predicate(c["predicate"]), "status": Status(c["status"])})
                for c in record["claims"]
            ),
            tuple(StatedFigure(**{**f, "metric": Metric(f["metric"])}) for f in record["figures"]),
            record["published"],
        )
    except (ValueError, TypeError, KeyError) as err:
        raise StoreError(f"not the findings of this version ({err!r}): build again") from err


def _claim(iri: str, said: Mapping[str, str]) -> StatedClaim:
    return StatedClaim(
        iri,
        said[iris.expand("rdf:subject").value],
        _PREDICATES[said[iris.expand("rdf:predicate").value]],
        said[iris.expand("rdf:object").value],
        _STATUSES[said[iris.expand("kg:status").value]],
        said[iris.expand("kg:confidence").value],
        said[_EVIDENCE.value],
        said.get(iris.expand("kg:role").value),
        said.get(iris.expand("kg:startedOn").value),
        said.get(iris.expand("kg:endedOn").value),
        said.get(iris.expand("kg:occurredOn").value),
    )


def _figure(iri: str, said: Mapping[str, str]) -> StatedFigure:
    return StatedFigure(
        iri,
        said[iris.expand("kg:about").value],
        _METRICS[said[iris.expand("kg:metric").value]],
        said[iris.expand("kg:value").value],
        said[iris.expand("kg:unit").value],
        said[iris.expand("kg:confidence").value],
        said[_EVIDENCE.value],
        said.get(iris.expand("kg:observedOn").value),
        said.get(iris.expand("kg:qualifier").value),
    )
