"""What a user says in names -> a correction in IRIs, in the file, and the graph that follows.

In: a request as `kg correct` and the API make it, in which an entity is a name, an alias, `person/jane-doe` or an IRI.
Out: the correction as it is kept, and what the build says. Refuses, with one line that lists the choices, a name that
fits no entity or several, and what no correction can say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from kg.build import BuildReport, correct_graph, read_quarantine
from kg.corrections import (
    DATES,
    Assertion,
    Change,
    Correction,
    End,
    Mark,
    Merge,
    NewEntity,
    Reference,
    Rename,
    RetractClaim,
    RetractLink,
    Retype,
    Split,
    next_id,
)
from kg.corrections_file import is_date, is_plain, parse_corrections, read_text, with_entry, with_undone, write_text
from kg.errors import CorrectionError
from kg.iris import entity_iri, expand, name_key, named_node
from kg.neighbourhood import EntityNameError, Named, Names
from kg.records import SIGNATURES, EntityType, Predicate, Refusal, Status, can_link
from kg.settings import Settings
from kg.store import open_current, write_store

_DETAILS = ("status", "role", *DATES, "subject_type", "object_type")
_TAKES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "merge": (frozenset({"into", "entities"}), frozenset()),
    "split": (frozenset({"entity", "name"}), frozenset({"documents", "names"})),
    "rename": (frozenset({"entity", "name"}), frozenset()),
    "retype": (frozenset({"entity", "type"}), frozenset()),
    "retract": (frozenset(), frozenset({"subject", "predicate", "object", "claim"})),
    "assert": (frozenset({"subject", "predicate", "object"}), frozenset(_DETAILS)),
}
"""What each kind of correction needs, and what it may have besides."""

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Request:
    """One correction in a user's words; None and () where it says nothing.

    subject_type, object_type: they let the end be an entity that the graph does not hold yet.
    """

    do: str
    who: str
    why: str = ""
    into: str | None = None
    entities: tuple[str, ...] = ()
    entity: str | None = None
    documents: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    name: str | None = None
    type: str | None = None
    claim: str | None = None
    subject: str | None = None
    predicate: str | None = None
    object: str | None = None
    subject_type: str | None = None
    object_type: str | None = None
    status: str | None = None
    role: str | None = None
    started_on: str | None = None
    ended_on: str | None = None
    occurred_on: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A correction that was made or undone. report: of the build, None without one. news: what it newly refuses."""

    correction: Correction
    report: BuildReport | None = None
    news: tuple[Refusal, ...] = ()


def list_corrections(settings: Settings) -> tuple[Correction, ...]:
    """All corrections, the undone ones too. Raises StoreError when the file is damaged."""
    path = settings.corrections_path
    return parse_corrections(read_text(path), str(path))


def correct(request: Request, settings: Settings, when: str, *, publish: bool = True) -> Outcome:
    """Make a correction on the day `when`; without `publish` it is only written down, for the next build.

    Raises CorrectionError, EntityNameError and StoreError; neither file nor graph have changed then.
    """
    return _carry_out(new_entry(request, settings, when)[1], settings, publish=publish)


def new_entry(request: Request, settings: Settings, when: str) -> tuple[Correction, Callable[[str], str]]:
    """The correction that a request stands for, and the edit of the file that adds it. Raises as `correct` does."""
    change = make_change(request, settings)
    mark = _mark(request.who, when, request.why)
    name = str(settings.corrections_path)

    def edit(text: str) -> str:
        before = parse_corrections(text, name)
        same = [c.id for c in before if c.undone is None and _says_same(c.change, change, settings.base_iri)]
        if same:
            raise CorrectionError(f"correction {same[0]} says so already")
        return with_entry(text, Correction(next_id(before), change, mark), name)

    return Correction(next_id(list_corrections(settings)), change, mark), edit


def undo(number: int, who: str, settings: Settings, when: str, *, why: str = "", publish: bool = True) -> Outcome:
    """Mark a correction as undone, so that it no longer counts. Raises CorrectionError and StoreError."""
    mark, name = _mark(who, when, why), str(settings.corrections_path)
    return _carry_out(lambda text: with_undone(text, number, mark, name), settings, publish=publish)


def make_change(request: Request, settings: Settings) -> Change:
    """What the request means in the graph as it is now. Raises CorrectionError and EntityNameError."""
    given = {f.name for f in fields(request) if getattr(request, f.name)} - {"do", "who", "why"}
    if request.do not in _TAKES:
        raise CorrectionError(f"no correction is named {request.do!r}: {', '.join(_TAKES)}")
    needed, optional = _TAKES[request.do]
    if lost := sorted(needed - given):
        raise CorrectionError(f"{request.do} needs {', '.join(lost)}")
    if odd := sorted(given - needed - optional):
        raise CorrectionError(f"{request.do} takes no {', '.join(odd)}")
    return _Reader(request, settings).change()


def _carry_out(edit: Callable[[str], str], settings: Settings, *, publish: bool) -> Outcome:
    before, path = list_corrections(settings), settings.corrections_path
    known = set(read_quarantine(settings))
    report: BuildReport | None = None
    if publish:
        report = correct_graph(edit, settings)
    else:
        with write_store(Path(settings.store)):
            write_text(path, edit(read_text(path)))
    changed = next(c for c in reversed(list_corrections(settings)) if c not in before)
    news = [refusal for refusal in report.refusals if refusal not in known] if report else []
    return Outcome(changed, report, tuple(news))


class _Reader:
    """A request against the names of the current graph."""

    def __init__(self, request: Request, settings: Settings) -> None:
        self._request, self._base = request, settings.base_iri
        self._store = open_current(Path(settings.store))
        self._names = Names(self._store)

    def change(self) -> Change:
        request = self._request
        match request.do:
            case "merge":
                return self._merge()
            case "split":
                return self._split()
            case "rename":
                return self._rename()
            case "retype":
                return self._retype()
            case "retract" if request.claim:
                return self._retract_claim(request.claim)
            case "retract":
                return self._retract_link()
        return self._assertion()

    def _merge(self) -> Merge:
        into = self._reference(self._request.into)
        entities = tuple(self._reference(name) for name in self._request.entities)
        if into in entities or len(set(entities)) < len(entities):
            raise CorrectionError("one entity is named twice: there is nothing to merge")
        return Merge(into, entities)

    def _split(self) -> Split:
        request = self._request
        if not (request.documents or request.names):
            raise CorrectionError("split needs documents or names: say which part is another entity")
        documents = tuple(_line("a document", one) for one in request.documents)
        names = tuple(_line("a name", one) for one in request.names)
        return Split(self._reference(request.entity), documents, names, _line("the name of the part", request.name))

    def _rename(self) -> Rename:
        found, name = self._named(self._request.entity), _line("the new name", self._request.name)
        if found.label == name:
            raise CorrectionError(f"{name} is its name already")
        return Rename(self._as_reference(found), name)

    def _retype(self) -> Retype:
        found, wanted = self._named(self._request.entity), _choice("type", self._request.type, EntityType)
        if found.type == wanted.value:
            raise CorrectionError(f"{found.label} is a {wanted.value} already")
        return Retype(self._as_reference(found), wanted)

    def _retract_claim(self, text: str) -> RetractClaim:
        """text: an IRI, or what of it stands behind the base."""
        reference = Reference(text.removeprefix(self._base))
        node = named_node(reference.iri(self._base))
        said = {quad.predicate: quad.object for quad in self._store.quads_for_pattern(node, None, None)}
        if said.get(expand("rdf:type")) not in (expand("kg:Claim"), expand("kg:Observation")):
            raise CorrectionError(f"the graph holds no claim {text}: GET /claims and the explorer give their IRIs")
        terms = ("rdf:subject", "rdf:predicate", "rdf:object", "kg:about", "kg:metric", "kg:value", "kg:status")
        words = [self._text(said[expand(term)]) for term in terms if expand(term) in said]
        return RetractClaim(Reference(reference.path, " ".join(" ".join(words).split())))

    def _retract_link(self) -> RetractLink:
        request = self._request
        if not (request.subject and request.predicate and request.object):
            raise CorrectionError("retract needs a subject, a predicate and an object, or the IRI of a claim")
        predicate = _choice("predicate", request.predicate, Predicate)
        return RetractLink(self._reference(request.subject), predicate, self._reference(request.object))

    def _assertion(self) -> Assertion:
        request = self._request
        subject, subject_type = self._end(request.subject, request.subject_type)
        object_, object_type = self._end(request.object, request.object_type)
        predicate = _choice("predicate", request.predicate, Predicate)
        if not can_link(predicate, subject_type, object_type):
            domain, codomain = (" or ".join(sorted(types)) for types in SIGNATURES[predicate])
            raise CorrectionError(
                f"{predicate} leads from {domain} to {codomain}: {subject.words} is a {subject_type.value}, "
                f"{object_.words} a {object_type.value}"
            )
        if subject == object_:
            raise CorrectionError(f"{subject.words} cannot be both ends of a link")
        status = _choice("status", request.status or Status.ACTUAL.value, Status)
        role = _line("the role", request.role) if request.role else None
        return Assertion(subject, predicate, object_, status, role, *(_date(name, request) for name in DATES))

    def _end(self, text: str | None, new_type: str | None) -> tuple[End, EntityType]:
        """An entity of the graph; with a type, one of that type and, where there is none, a new one."""
        if new_type is None:
            try:
                found = self._named(text)
            except EntityNameError as err:
                raise EntityNameError(
                    f"{err}; or give the type of a new one", [(iri, label) for iri, label in err.choices]
                ) from err
            return self._as_reference(found), EntityType(found.type)
        wanted = _choice("type", new_type, EntityType)
        try:
            found = self._named(text)
        except EntityNameError:
            return NewEntity(_line("the name", text), wanted), wanted
        if found.type == wanted.value:
            return self._as_reference(found), wanted
        return NewEntity(_line("the name", text), wanted), wanted

    def _reference(self, text: str | None) -> Reference:
        return self._as_reference(self._named(text))

    def _as_reference(self, entity: Named) -> Reference:
        return Reference(entity.iri.removeprefix(self._base), " ".join(entity.label.split()))

    def _named(self, text: str | None) -> Named:
        name = _line("a name", text)
        if (found := self._names.entities.get(self._base + name)) is not None:
            return found
        try:
            return self._names.resolve(name)
        except EntityNameError as err:
            listed = ", ".join(f"{iri.removeprefix(self._base)} = {label}" for iri, label in err.choices)
            message = str(err).splitlines()[0] + (f": {listed}" if listed else "")
            raise EntityNameError(message, [(iri, label) for iri, label in err.choices]) from err

    def _text(self, term: object) -> str:
        """A label where there is one, else the end of an IRI, else the text."""
        if isinstance(term, ox.NamedNode):
            return " ".join(self._names.get(term.value).label.split())
        return str(term.value) if isinstance(term, ox.Literal) else ""


def _says_same(one: Change, other: Change, base: str) -> bool:
    """Whether the second adds nothing to the first: a link or its retraction, whatever label its ends had then.

    An end that was new with the one is of the graph with the other.
    """
    if isinstance(one, RetractClaim) and isinstance(other, RetractClaim):
        return one.claim.path == other.claim.path
    if not isinstance(one, Assertion | RetractLink) or type(one) is not type(other):
        return False
    first, second = (replace(c, subject=_plain(c.subject, base), object=_plain(c.object, base)) for c in (one, other))
    return first == second


def _plain(end: End, base: str) -> Reference:
    """The end by its IRI alone."""
    if isinstance(end, NewEntity):
        return Reference(entity_iri(base, end.type, name_key(end.name, end.type)))
    return Reference(end.iri(base))


def _mark(who: str, when: str, why: str) -> Mark:
    return Mark(_line("who makes the correction", who), when, _line("the reason", why) if why.strip() else "")


def _line(what: str, text: str | None) -> str:
    """One line of plain text; white space is made single."""
    line = " ".join((text or "").split())
    if not line or not is_plain(line):
        raise CorrectionError(f"{what} is {'empty' if not line else 'no plain text: it holds a control character'}")
    return line


def _choice(what: str, text: str | None, kind: type[Choice]) -> Choice:
    """In any case of letters."""
    found = [one for one in kind if one.value.casefold() == (text or "").strip().casefold()]
    if not found:
        raise CorrectionError(f"no {what} is named {text!r}: {', '.join(kind)}")
    return found[0]


def _date(name: str, request: Request) -> str | None:
    text = getattr(request, name)
    if text and not is_date(text):
        raise CorrectionError(f"{name} is {text!r}: give a date as 2024-07-03, 2024-07 or 2024")
    return text or None
