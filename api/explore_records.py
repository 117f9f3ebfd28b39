"""What /explore asks for and answers: the models behind its documentation, and behind the checks of what is sent.

They mirror api/web/src/explorer/records.ts. The answers are written by kg.columns and its neighbours.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kg.paths import MAX_LENGTH, MAX_PATHS

Iri = Annotated[str, Field(max_length=4_000)]
Status = Literal["Actual", "Former", "Planned", "Attempted", "Rumoured", "Denied", "Unsure"]
Direction = Literal["out", "in"]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PieceWanted(_Sent):
    """entities: IRIs; those that the graph does not hold are left out."""

    entities: list[Iri]


class ExpansionWanted(_Sent):
    """entity: an IRI. predicate, direction: only claims of that kind. shown: IRIs of what is there already.

    statuses: of the claims that may lead to a new entity; any claim where it is empty.
    """

    entity: Iri
    predicate: str | None = None
    direction: Direction | None = None
    limit: int = Field(50, ge=0, description="new entities at most; capped by the setting max_expand")
    shown: list[Iri] = []
    statuses: list[Status] = Field([], max_length=7)


class PathsWanted(_Sent):
    """from, to: IRIs. predicates: those that a path may use; all where empty. statuses: of the claims on it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: Iri = Field(alias="from")
    to: Iri
    k: int = Field(5, ge=1, le=MAX_PATHS, description="paths at most, the shortest first")
    max_length: int = Field(4, ge=1, le=MAX_LENGTH, description="claims on a path at most")
    predicates: list[str] = Field([], max_length=100)
    statuses: list[Status] = Field(["Actual"], min_length=1, max_length=7)


class DocumentInfo(BaseModel):
    """A document as it names itself; id is its IRI where it gives none."""

    iri: str
    id: str
    title: str | None
    published: str | None
    outlet: str | None


class EntityColumns(BaseModel):
    """Entry i of every column speaks of one entity.

    iri: relative to the piece's base where it has no scheme. type: index into `types`. degree: claims of the whole
    graph that speak of it. Only in the overview: community, whose number is an index into `communities`; x and y, about
    one unit between neighbours.
    """

    iri: list[str]
    label: list[str]
    type: list[int]
    degree: list[int]
    community: list[int] | None = None
    x: list[float] | None = None
    y: list[float] | None = None


class ClaimColumns(BaseModel):
    """Entry i of every column speaks of one claim.

    id: the same in every piece of one snapshot. The others are indexes, or -1 for none; confidence is in [0, 1], and 1
    where the claim gives none; sources: texts that say the same; from, to: days it speaks of, ISO 8601, empty for none;
    marks: bits, 1 for retracted by a user, 2 for contradicted by another claim.
    """

    id: list[int]
    subject: list[int]
    object: list[int]
    predicate: list[int]
    status: list[int]
    document: list[int]
    confidence: list[float]
    sources: list[int]
    from_: list[str] = Field(alias="from")
    to: list[str]
    marks: list[int]


class Community(BaseModel):
    """names: of its best connected entities; none for the last one where it holds those without ties."""

    size: int
    names: list[str]


class Piece(BaseModel):
    """A part of the graph in columns. n_entities, n_claims: of the whole graph."""

    snapshot: str
    base: str
    types: list[str]
    predicates: list[str]
    statuses: list[Status]
    documents: list[DocumentInfo]
    entities: EntityColumns
    claims: ClaimColumns
    communities: list[Community] | None = None
    n_entities: int
    n_claims: int


class Remaining(BaseModel):
    """How many claims an entity has by one predicate in one direction.

    n_hidden: those whose other end is not shown. n_facts: those that are Actual and not taken back.
    """

    predicate: str
    direction: Direction
    n: int
    n_hidden: int
    n_facts: int


class Expansion(BaseModel):
    """The entity first, then the new ones, the best supported first, then shown ones that claims tie to them."""

    piece: Piece
    remaining: list[Remaining]


class Paths(BaseModel):
    """Each path as the IRIs of the entities on it, the shortest first; the piece holds every claim among them."""

    paths: list[list[str]]
    piece: Piece


class Figure(BaseModel):
    """An observation and the sentence behind it, with the rest of its paragraph. value: in whole units."""

    about: str
    metric: str
    value: str
    unit: str | None
    qualifier: str | None
    observed_on: str | None
    quote: str | None
    document: str | None
    title: str | None
    published: str | None
    document_iri: str | None
    before: str | None
    after: str | None
    said_by: str | None


class EntitySource(BaseModel):
    """A document, and the number of its claims and figures that speak of the entity."""

    document: DocumentInfo
    n: int


class EntityDetails(BaseModel):
    """All that a panel says of an entity; same_as: IRIs; sources: those that say most come first."""

    iri: str
    label: str
    type: str
    aliases: list[str]
    same_as: list[str]
    joined_because: list[str]
    relations: list[Remaining]
    figures: list[Figure]
    sources: list[EntitySource]
