"""The records that stages hand to each other: frozen, ordered, with no library object inside.

    Document --(extraction)--> Extraction of Clusters, Claims, Observations --(resolution)--> Entities --> quads

Offsets are half-open `[start, end)` in Unicode code points of `document.text`, always. `document.text` is never
changed, so `document.text[e.start:e.end] == e.quote` holds for every evidence, mention, role and amount.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NewType

DocumentId = NewType("DocumentId", str)
"""Path of the document below the folder that was given, with `/` and its suffix: `c001.txt`, `2024/notes.html`."""

EntityIri = NewType("EntityIri", str)
ClusterId = NewType("ClusterId", str)
"""`e1`, `e2`, ...: one document's number for a cluster, in the order of first mention."""


class EntityType(StrEnum):
    """What a name can stand for; the value is the local name of the class in ontology/kg.ttl."""

    PERSON = "Person"
    COMPANY = "Company"
    ORGANIZATION = "Organization"
    PRODUCT = "Product"
    PLACE = "Place"


class Predicate(StrEnum):
    """The kinds of link; the value is the local name of the property in ontology/kg.ttl."""

    WORKS_FOR = "worksFor"
    FOUNDED_BY = "foundedBy"
    BOARD_MEMBER_OF = "boardMemberOf"
    EDUCATED_AT = "educatedAt"
    DEVELOPS = "develops"
    ACQUIRED = "acquired"
    INVESTED_IN = "investedIn"
    PARTNER_OF = "partnerOf"
    COMPETES_WITH = "competesWith"
    SUBSIDIARY_OF = "subsidiaryOf"
    BASED_ON = "basedOn"
    USES = "uses"
    SUPPLIES_TO = "suppliesTo"
    HEADQUARTERED_IN = "headquarteredIn"
    SUCCESSOR_OF = "successorOf"
    SUED = "sued"


SYMMETRIC = frozenset({Predicate.PARTNER_OF, Predicate.COMPETES_WITH})

_PERSON = frozenset({EntityType.PERSON})
_ORGANIZATION = frozenset({EntityType.ORGANIZATION, EntityType.COMPANY})
_AGENT = _PERSON | _ORGANIZATION
_PRODUCT = frozenset({EntityType.PRODUCT})
_THING = _ORGANIZATION | _PRODUCT

SIGNATURES: dict[Predicate, tuple[frozenset[EntityType], frozenset[EntityType]]] = {
    Predicate.WORKS_FOR: (_PERSON, _ORGANIZATION),
    Predicate.FOUNDED_BY: (_ORGANIZATION, _AGENT),
    Predicate.BOARD_MEMBER_OF: (_PERSON, _ORGANIZATION),
    Predicate.EDUCATED_AT: (_PERSON, _ORGANIZATION),
    Predicate.DEVELOPS: (_ORGANIZATION, _PRODUCT),
    Predicate.ACQUIRED: (_ORGANIZATION, _THING),
    Predicate.INVESTED_IN: (_AGENT, _ORGANIZATION),
    Predicate.PARTNER_OF: (_ORGANIZATION, _ORGANIZATION),
    Predicate.COMPETES_WITH: (_THING, _THING),
    Predicate.SUBSIDIARY_OF: (_ORGANIZATION, _ORGANIZATION),
    Predicate.BASED_ON: (_PRODUCT, _PRODUCT),
    Predicate.USES: (_ORGANIZATION, _THING),
    Predicate.SUPPLIES_TO: (_ORGANIZATION, _ORGANIZATION),
    Predicate.HEADQUARTERED_IN: (_ORGANIZATION, frozenset({EntityType.PLACE})),
    Predicate.SUCCESSOR_OF: (_THING, _THING),
    Predicate.SUED: (_AGENT, _AGENT),
}
"""Types that a predicate takes as subject and as object; tests/test_ontology.py holds it against ontology/kg.ttl."""

OF_ONE_KIND = frozenset({Predicate.COMPETES_WITH, Predicate.SUCCESSOR_OF})
"""What competes with, or succeeds, another is of its kind: two organizations, or two products (ontology/shapes.ttl)."""


def can_link(predicate: Predicate, subject: EntityType, object_: EntityType) -> bool:
    """Whether a claim of `predicate` may hold between things of these types."""
    domain, codomain = SIGNATURES[predicate]
    one_kind = (subject in _PRODUCT) == (object_ in _PRODUCT)
    return subject in domain and object_ in codomain and (one_kind or predicate not in OF_ONE_KIND)


class Status(StrEnum):
    """How a document means a claim at the end of its text; only `actual` is ever asserted as a plain triple."""

    ACTUAL = "actual"
    FORMER = "former"
    PLANNED = "planned"
    ATTEMPTED = "attempted"
    DENIED = "denied"
    RUMOURED = "rumoured"


class Metric(StrEnum):
    """What a figure measures; `market_share` is `kg:MarketShare` in the ontology, `other` is `kg:OtherMetric`."""

    REVENUE = "revenue"
    PROFIT = "profit"
    VALUATION = "valuation"
    FUNDING = "funding"
    USERS = "users"
    MARKET_SHARE = "market_share"
    EMPLOYEES = "employees"
    PRICE = "price"
    DEAL_VALUE = "deal_value"
    SALES_UNITS = "sales_units"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open piece of a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One source text, exactly as read, and what the source says about itself.

    body: the running text, sorted and disjoint; everything outside it is page chrome (menus, captions, bylines) in
    which no name becomes an entity. title, author, outlet, published and url are None where the source does not state
    them; published is an ISO date at the precision of the source (`2026-02-03`, `2026-02` or `2026`).
    """

    id: DocumentId
    text: str
    body: tuple[Span, ...]
    source: str = ""
    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    published: str | None = None
    url: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the text and of all that is known about it, in hexadecimal."""
        parts = (self.id, self.title, self.author, self.outlet, self.published, self.url, self.text)
        body = ",".join(f"{span.start}-{span.end}" for span in self.body)
        return hashlib.sha256("\x1f".join([body, *(p or "" for p in parts)]).encode()).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A name in the text: `document.text[start:end] == text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """All mentions of one entity inside one document.

    name: its fullest surface form. aliases: every surface form, `name` included, sorted. mentions: sorted, never empty.
    """

    id: ClusterId
    name: str
    type: EntityType
    aliases: tuple[str, ...]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """The sentence or sentences, verbatim, on which a claim or an observation rests."""

    document_id: DocumentId
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says so, when the text says who: its words, and the cluster of the speaker or outlet if that has a name."""

    text: str
    cluster: ClusterId | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What one document says of two entities.

    confidence: calibrated, in [0, 1]. role: the position as the text words it (worksFor). started_on, ended_on and
    occurred_on are ISO dates never finer than the text: `2025-07-03`, `2025-07` or `2025`.
    """

    subject: ClusterId
    predicate: Predicate
    object: ClusterId
    status: Status
    confidence: float
    evidence: Evidence
    role: str | None = None
    started_on: str | None = None
    ended_on: str | None = None
    occurred_on: str | None = None
    attributed_to: Attribution | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """A figure that one document gives for one entity.

    value: a level, never a change, in whole units (2500000000, not 2.5). unit: an ISO 4217 code, `percent` or `count`.
    qualifier: the words that bound or colour the figure (`annualized`, `at least`, `about`).
    """

    about: ClusterId
    metric: Metric
    value: Decimal
    unit: str
    confidence: float
    evidence: Evidence
    observed_on: str | None = None
    qualifier: str | None = None
    attributed_to: Attribution | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that stages 2 to 5 find in one document: clusters by first mention, claims and observations by evidence.

    refusals: what a component was given to find there and did not accept; empty for the shipped pipeline.
    """

    document: Document
    clusters: tuple[Cluster, ...]
    claims: tuple[Claim, ...]
    observations: tuple[Observation, ...]
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """One company, organization, person, product or place across all documents; aliases sorted, `name` included.

    same_as: IRIs of other graphs for it. reasons: why names of several spellings were joined, a sentence each, sorted.
    """

    iri: EntityIri
    name: str
    type: EntityType
    aliases: tuple[str, ...]
    same_as: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which entity each cluster of each document stands for. Entities are sorted by IRI; every cluster is mapped."""

    entities: tuple[Entity, ...]
    iri_of: dict[tuple[DocumentId, ClusterId], EntityIri] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was not accepted, and why: an input that is no document, a claim that the shapes refuse, an answer of a
    language model that the text does not bear out.
    """

    what: str
    reason: str
    quote: str = ""
