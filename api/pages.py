"""Pages of linked data: a resource as `api.described` reads it, or the ontology, as HTML that runs nothing.

A page is built as a tree of elements and written out once, so every text of a document or user is text on the page,
whatever stands in it. There is no script, and the policy lets none run; only http and https links lead outside.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, tostring

import pyoxigraph as ox

from api.described import Described, Finding, Link, Rival, Source, local_name, number, path_of
from kg.explorer import visible, words
from kg.iris import compress, expand, prefixes

STYLE = (Path(__file__).parent / "templates" / "linked_data.css").read_text(encoding="utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""What a browser may do with a page: show it in this style, and nothing else."""

MAX_TITLE = 120
MAX_RIVALS = 3
"""Contradictions that are written out beside a finding; its own page shows all."""

MAX_VALUES = 200
"""Values of one property that a page lists."""

ONTOLOGY = "/ontology"

_UNSEEN = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), 127, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
"""Characters that are not written: controls, and those that turn the direction of what stands around them."""

_HEAD_VALUES = frozenset(expand(name).value for name in ("rdf:type", "rdfs:label", "skos:altLabel", "owl:sameAs"))

_KINDS = {
    "Classes": "owl:Class",
    "Links": "owl:ObjectProperty",
    "Values": "owl:DatatypeProperty",
    "Individuals": "owl:NamedIndividual",
}

Child = Element | str


class Site:
    """How IRIs of the graph are linked on this server. base: of the IRIs."""

    def __init__(self, base: str) -> None:
        self.base = base

    def address(self, iri: str) -> str | None:
        """Where a click on the IRI leads; None where there is nothing to see."""
        if (path := path_of(iri, self.base)) is not None:
            return f"/page/{path}"
        if iri.startswith(prefixes()["kg"]):
            return f"{ONTOLOGY}#{quote(local_name(iri))}"
        return iri if iri.startswith(("https://", "http://")) else None

    def link(self, iri: str, text: str) -> Element:
        """The text as a link; an outside page is not told where its reader comes from."""
        if (address := self.address(iri)) is None:
            return _bdi(text)
        outside = {} if address.startswith("/") else {"rel": "noopener noreferrer nofollow"}
        return element("a", _bdi(text), href=address, **outside)


def element(tag: str, *children: Child | None, **attributes: str) -> Element:
    """An element with its children in order; None among them is nothing, and `class_` stands for `class`."""
    made = Element(tag, {name.rstrip("_"): value for name, value in attributes.items()})
    last: Element | None = None
    for child in (child.translate(_UNSEEN) if isinstance(child, str) else child for child in children):
        if isinstance(child, Element):
            made.append(child)
            last = child
        elif child is not None and last is None:
            made.text = (made.text or "") + child
        elif child is not None and last is not None:
            last.tail = (last.tail or "") + child
    return made


def render_resource(described: Described, base: str) -> str:
    """The page of an entity, a document, a finding, a sentence or a graph."""
    site, thing = Site(base), described.thing
    path = path_of(thing.iri, base) or ""
    claims = [finding for finding in described.findings if finding.object]
    figures = [finding for finding in described.findings if not finding.object]
    n_left = described.n_findings - len(described.findings)
    main = [
        _heading(described, site),
        *_facts(claims, site),
        *_figures(figures, site),
        element("p", f"{n_left:,} more are in the files below.") if n_left else None,
        *_values(described, site),
    ]
    files = {name: f"/data/{path}.{suffix}" for name, suffix in (("Turtle", "ttl"), ("JSON-LD", "jsonld"))}
    return _page(thing.label, main, files, explore=thing.iri if claims else None)


def render_ontology() -> str:
    """The classes, properties and other terms of the ontology, each with an anchor of its name."""
    site, graph = Site(prefixes()["kg"]), _ontology()
    title = _texts(graph, ox.NamedNode(prefixes()["kg"].rstrip("#")), "dcterms:title")
    main: list[Child | None] = [element("h1", " ".join(title) or "Ontology")]
    main.append(element("p", "Namespace ", element("code", prefixes()["kg"]), class_="iri"))
    shown: set[object] = set()
    for heading, kind in _KINDS.items():
        terms = [term for term in _terms(graph, expand(kind)) if term not in shown]
        shown.update(terms)
        main += [element("h2", heading), *(_term(graph, term, site) for term in terms)]
    named = {quad.subject for quad in graph.quads_for_pattern(None, expand("rdfs:label"), None)} - shown
    main += [element("h2", "Others"), *(_term(graph, term, site) for term in sorted(named, key=str))] if named else []
    files = {name: f"{ONTOLOGY}.{suffix}" for name, suffix in (("Turtle", "ttl"), ("JSON-LD", "jsonld"))}
    return _page("Ontology", main, files)


def _page(title: str, main: Iterable[Child | None], files: dict[str, str], explore: str | None = None) -> str:
    media = {"Turtle": "text/turtle", "JSON-LD": "application/ld+json"}
    links = (("/", "Explorer"), ("/sparql", "SPARQL"), (ONTOLOGY, "Ontology"), ("/docs", "API"))
    nav = element("nav", *(element("a", text, href=address) for address, text in links))
    picture = element("a", "In the explorer", href=f"/viz?entity={quote(explore, safe='')}") if explore else None
    alternates = [element("a", name, href=address, type=media[name]) for name, address in files.items()]
    tree = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", f"{visible(title, MAX_TITLE)} · Tracegraph"),
            *(
                element("link", rel="alternate", type=media[name], href=address, title=name)
                for name, address in files.items()
            ),
            element("link", rel="icon", href="data:,"),
            element("style", STYLE),
        ),
        element(
            "body",
            element("header", element("strong", "Tracegraph"), nav),
            element("main", *main),
            element("footer", *_spaced([*alternates, *([picture] if picture is not None else [])])),
        ),
        lang="en",
    )
    return "<!DOCTYPE html>\n" + tostring(tree, encoding="unicode", method="html") + "\n"


def _heading(described: Described, site: Site) -> Element:
    thing, values = described.thing, described.values
    aliases = [value for value in values.get(expand("skos:altLabel").value, ()) if isinstance(value, str)]
    same = [value for value in values.get(expand("owl:sameAs").value, ()) if isinstance(value, Link)]
    return element(
        "section",
        element("p", words(thing.type) or "resource", class_="type"),
        element("h1", _bdi(thing.label)),
        element("p", element("code", thing.iri), class_="iri"),
        element("p", "Also called ", *_joined(_bdi(alias) for alias in aliases[:MAX_VALUES])) if aliases else None,
        element("p", "The same as ", *_joined(site.link(v.iri, compress(v.iri)) for v in same)) if same else None,
    )


def _facts(claims: Sequence[Finding], site: Site) -> list[Element]:
    """One block a link between two things, with every sentence that speaks of it."""
    if not claims:
        return []
    blocks = [element("h2", "Facts")]
    for _, group in groupby(claims, key=lambda claim: (claim.subject.iri, claim.what, claim.object)):
        alike = list(group)
        first = alike[0]
        ends = (first.subject, first.object or first.subject)
        subject, object_ = (site.link(end.iri, end.label) for end in ends)
        blocks.append(
            element(
                "article",
                element("h3", subject, " ", element("em", words(first.what)), " ", object_, *_statuses(alike)),
                *(_evidence(claim, site) for claim in alike),
            )
        )
    return blocks


def _figures(figures: Sequence[Finding], site: Site) -> list[Element]:
    if not figures:
        return []
    blocks = [element("h2", "Figures")]
    for figure in figures:
        subject = site.link(figure.subject.iri, figure.subject.label)
        amount = element("b", _amount(figure.details))
        when = f" ({figure.details['observedOn']})" if "observedOn" in figure.details else ""
        head = element("h3", subject, " ", element("em", words(figure.what)), " ", amount, when)
        blocks.append(element("article", head, _evidence(figure, site)))
    return blocks


def _evidence(finding: Finding, site: Site) -> Element:
    """What one document says, in its own words, and who contradicts it."""
    details = finding.details
    status = details.get("status", "").lower()
    said = f"said by {finding.said_by}" if finding.said_by else None
    dates = (("startedOn", "from"), ("endedOn", "until"), ("occurredOn", "on"))
    parts = [details.get("role"), *(f"{word} {details[name]}" for name, word in dates if name in details), said]
    parts += [_sources(details), _confidence(details)]
    parts.append(f"retracted by {details['retractedBy']}" if "retractedBy" in details else None)
    rivals = [_rival(rival, site) for rival in finding.rivals[:MAX_RIVALS]]
    if len(finding.rivals) > MAX_RIVALS:
        rivals.append(element("p", f"and {len(finding.rivals) - MAX_RIVALS:,} more contradictions", class_="rival"))
    about = [_chip(status) if status else None, *(_bdi(part) for part in parts if part)]
    about.append(site.link(finding.iri, words(_kind(finding))))
    shown = [part for part in about if part is not None]
    quotes = [_quote(source, site) for source in finding.sources]
    return element("div", *quotes, element("p", *_spaced(shown), class_="about"), *rivals, class_="evidence")


def _statuses(claims: Sequence[Finding]) -> list[Child]:
    """What is said of a link beside the link itself, so that an attempt does not look like a deed."""
    found = sorted({claim.details.get("status", "").lower() for claim in claims} - {"", "actual"})
    return [part for status in found for part in (" ", _chip(status))]


def _chip(status: str) -> Element:
    return element("span", status, class_=f"status {'actual' if status == 'actual' else 'other'}")


def _kind(finding: Finding) -> str:
    return "claim" if finding.object else "observation"


def _quote(source: Source, site: Site) -> Element:
    document = site.link(source.document.iri, source.document.label) if source.document else None
    published = f", {source.published}" if source.published else None
    cite = element("cite", document, published) if document is not None else None
    return element("blockquote", element("p", source.quote, dir="auto"), cite)


def _rival(rival: Rival, site: Site) -> Element:
    what = " and ".join(aspect.lower() for aspect in rival.aspects)
    head = element("p", "Contradicted", f" in {what}" if what else None, " by ", site.link(rival.iri, "another source"))
    return element("div", head, *(_quote(source, site) for source in rival.sources), class_="rival")


def _values(described: Described, site: Site) -> list[Element]:
    """Everything else that the graph says of the resource itself, as a table."""
    rows = [
        element("tr", element("th", site.link(name, compress(name, site.base))), element("td", *_listed(values, site)))
        for name, values in described.values.items()
        if name not in _HEAD_VALUES
    ]
    return [element("h2", "Statements"), element("table", *rows)] if rows else []


def _listed(values: Sequence[Link | str], site: Site) -> list[Child]:
    shown = [site.link(v.iri, v.label) if isinstance(v, Link) else _literal(v, site) for v in values[:MAX_VALUES]]
    more = [f" and {len(values) - MAX_VALUES:,} more"] if len(values) > MAX_VALUES else []
    return [*_joined(shown), *more]


def _literal(text: str, site: Site) -> Element:
    is_address = text.startswith(("https://", "http://")) and not any(c.isspace() for c in text)
    return site.link(text, text) if is_address else _bdi(text)


def _amount(details: dict[str, str]) -> str:
    """The value with its unit and qualifier, such as `about 2,500,000,000 USD`."""
    value = details.get("value", "")
    with suppress(InvalidOperation):  # a user's own statement may hold any text
        value = f"{Decimal(value):,}"
    return " ".join(part for part in (details.get("qualifier", ""), value, details.get("unit", "")) if part)


def _sources(details: dict[str, str]) -> str | None:
    count = details.get("sourceCount", "1")
    return None if count == "1" else f"{count} sources agree"


def _confidence(details: dict[str, str]) -> str | None:
    confidence = details.get("confidence")
    return None if confidence is None else f"confidence {number(confidence):.0%}"


def _bdi(text: str) -> Element:
    """Text that keeps its own direction, and cannot turn that of what stands beside it."""
    return element("bdi", text)


def _joined(elements: Iterable[Element]) -> list[Child]:
    return [part for shown in elements for part in (", ", shown)][1:]


def _spaced(elements: Iterable[Element]) -> list[Child]:
    return [part for shown in elements for part in (" · ", shown)][1:]


@lru_cache(maxsize=1)
def _ontology() -> ox.Store:
    from kg.resources import resource_path  # noqa: PLC0415

    store = ox.Store()
    store.load(path=resource_path("ontology", "kg.ttl"))
    return store


def _terms(graph: ox.Store, kind: ox.NamedNode) -> list[ox.NamedNode]:
    subjects = {quad.subject for quad in graph.quads_for_pattern(None, expand("rdf:type"), kind)}
    return sorted((s for s in subjects if isinstance(s, ox.NamedNode)), key=str)


def _term(graph: ox.Store, term: Any, site: Site) -> Element:
    rows = []
    for name, label in (("rdfs:subClassOf", "a kind of"), ("rdfs:domain", "of"), ("rdfs:range", "gives")):
        ends = sorted((quad.object for quad in graph.quads_for_pattern(term, expand(name), None)), key=str)
        links = [
            element("a", compress(end.value), href=_anchor(end, site)) for end in ends if isinstance(end, ox.NamedNode)
        ]
        rows += [element("p", f"{label} ", *_joined(links), class_="about")] if links else []
    definition = _texts(graph, term, "skos:definition")
    name = local_name(term.value)
    return element("article", element("h3", compress(term.value)), element("p", " ".join(definition)), *rows, id=name)


def _anchor(term: ox.NamedNode, site: Site) -> str:
    return f"#{quote(local_name(term.value))}" if term.value.startswith(site.base) else term.value


def _texts(graph: ox.Store, term: ox.NamedNode, name: str) -> list[str]:
    objects = [quad.object for quad in graph.quads_for_pattern(term, expand(name), None)]
    return sorted(text.value for text in objects if isinstance(text, ox.Literal))
