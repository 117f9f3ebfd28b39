"""Pages of linked data: an entity, a document, or a single finding, as `api.page_findings` reads it.

Of an entity: facts in plain words with their sentences, what is no fact set apart, who contradicts whom, figures, a
timeline, names, sources and links out. Of a document: what it says, in the order of its text. Of a finding: all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from urllib.parse import quote
from xml.etree.ElementTree import Element

from api.described import path_of
from api.markup import Child, Site, bdi, element, folded, joined, render_page, section
from api.page_facts import (
    badge,
    confidence,
    conflict_section,
    details_line,
    fact_sections,
    quotation,
    sources,
    statement,
    time_words,
)
from api.page_figures import figure_section
from api.page_findings import FACT, Described, Finding, Link, Paper
from api.page_timeline import timeline_section
from api.page_words import counted, sentence_case, standing_of
from kg.iris import compress, expand
from kg.labels import words

MAX_ALIASES = 8
"""Other names at the head of a page; more stand in a section of their own."""

MAX_VALUES = 200
"""Values of one property that a page lists."""

_LABEL, _ALIAS, _SAME, _REASON, _MENTIONS = (
    expand(name).value for name in ("rdfs:label", "skos:altLabel", "owl:sameAs", "kg:joinedBecause", "kg:mentions")
)
_FINDINGS = frozenset({"Claim", "Observation"})
_TEXTS = frozenset({"Document", "Evidence"})
_DATES = {"startedOn": "From", "endedOn": "Until", "occurredOn": "On", "observedOn": "As of"}


def render_resource(described: Described, base: str) -> str:
    """The page of an entity, a document, a finding, a sentence or a graph."""
    site, thing = Site(base), described.thing
    if thing.type in _FINDINGS and described.findings:
        main, title = [*_finding_page(described, site)], f"{sentence_case(words(thing.type))}: {_title(described)}"
    elif thing.type in _TEXTS or (not thing.type and not described.values):
        main, title = [*_text_page(described, site)], thing.label
    else:
        main, title = [*_entity_page(described, site)], thing.label
    path = path_of(thing.iri, base) or ""
    files = {name: f"/data/{path}.{suffix}" for name, suffix in (("Turtle", "ttl"), ("JSON-LD", "jsonld"))}
    return render_page(title, main, files)


def _entity_page(described: Described, site: Site) -> Iterator[Element]:
    thing, findings = described.thing, described.findings
    claims = [finding for finding in findings if finding.object]
    parts = [
        *fact_sections(claims, thing.iri, site),
        *conflict_section(findings, site),
        *figure_section([finding for finding in findings if not finding.object], thing.iri, site),
        *timeline_section(findings, described.papers, thing.iri, site),
        *_names(described, site),
        *_sources(described, site),
    ]
    yield _heading(described, site, [part for part in parts if part.tag == "section"])
    yield from _pager(described, site)
    yield from parts
    yield from _pager(described, site)
    yield from _statements(described, site)


def _text_page(described: Described, site: Site) -> Iterator[Element]:
    """A document, a sentence or a graph: each sentence once, with what it says under it."""
    said: list[Child] = []
    for source, group in groupby(described.findings, key=lambda finding: finding.sources[:1]):
        lines = [element("li", _mark(f), " ", statement(f, site), details_line(f, site)) for f in group]
        said.append(
            element(
                "article",
                *(quotation(s, site, described.thing.iri) for s in source),
                element("ul", *lines, class_="said"),
            )
        )
    parts = [section("What it says, in the order of the text", "claims", *said)] if said else []
    parts += [*conflict_section(described.findings, site), *_named(described, site)]
    yield _heading(described, site, parts)
    yield from _pager(described, site)
    yield from parts
    yield from _pager(described, site)
    yield from _statements(described, site)


def _finding_page(described: Described, site: Site) -> Iterator[Element]:
    finding = described.findings[0]
    mark = standing_of(finding.standing)
    shown: list[Child] = (
        [badge(finding.standing), " ", mark.meaning] if finding.object or finding.standing != FACT else []
    )
    yield element(
        "div",
        element("p", words(described.thing.type), class_="type"),
        element("h1", statement(finding, site)),
        element("p", *shown) if shown else None,
        _terms(finding),
        _address(described),
        class_="lead",
    )
    quotes = [quotation(source, site) for source in finding.sources]
    yield section("The words of the source", "evidence", *quotes, details_line(finding, site, with_link=False))
    yield from conflict_section([finding], site)
    if described.alike:
        same = [
            element("article", *(quotation(s, site) for s in f.sources), details_line(f, site)) for f in described.alike
        ]
        n_more = described.n_alike - len(same)
        more = element("p", f"{counted(n_more, 'more claim')} on the pages of both ends.") if n_more else None
        yield section("Also said by", "alike", *same, more)
    yield from _statements(described, site)


def _heading(described: Described, site: Site, parts: Sequence[Element]) -> Element:
    """Name, kind, other names, ways on, and what is on the page."""
    thing = described.thing
    aliases = [value for value in described.values.get(_ALIAS, ()) if isinstance(value, str)]
    n_more = len(aliases) - MAX_ALIASES
    also: list[Child | None] = [
        *joined(bdi(alias) for alias in aliases[:MAX_ALIASES]),
        f" and {n_more:,} more" if n_more > 0 else None,
    ]
    contents = [part for part in (_entry(part) for part in parts) if part is not None]
    return element(
        "div",
        element("p", words(thing.type) or "resource", class_="type"),
        element("h1", bdi(thing.label)),
        element("p", "Also called ", *also) if aliases else None,
        _paper_line(described, site),
        _ways(described, site),
        _address(described),
        element("nav", element("ul", *contents), aria_label="On this page", class_="contents") if contents else None,
        class_="lead",
    )


def _entry(part: Element) -> Element | None:
    """A section in the list of contents."""
    heading = part.find("h2")
    if heading is None:
        return None
    return element("li", element("a", heading.text or "", href=f"#{heading.get('id')}"))


def _ways(described: Described, site: Site) -> Element | None:
    """To the same thing elsewhere: the explorer, the picture, and other graphs."""
    ways: list[Child] = []
    iri = described.thing.iri
    if described.findings and described.thing.type not in _TEXTS:
        asked = quote(iri, safe="")
        ways.append(element("a", "Open in the explorer", href=f"/?entity={asked}"))
        ways.append(element("a", "Picture of its neighbours", href=f"/viz?entity={asked}"))
    same = [value for value in described.values.get(_SAME, ()) if isinstance(value, Link)]
    for value in same[:MAX_VALUES]:
        name = "Wikidata" if "wikidata.org/" in value.iri else "The same as"
        ways.append(element("span", f"{name}: ", site.link(value.iri, compress(value.iri))))
    return element("p", *joined(ways, " · "), class_="ways") if ways else None


def _address(described: Described) -> Element:
    return element("p", element("code", described.thing.iri), class_="iri")


def _paper_line(described: Described, site: Site) -> Element | None:
    """Outlet, author, date and address of a document."""
    if described.thing.type != "Document":
        return None
    names = ("dcterms:publisher", "dcterms:creator", "dcterms:date")
    found = [str(value) for name in names for value in described.values.get(expand(name).value, ())]
    parts: list[Child] = [time_words(text) if text[:4].isdigit() else bdi(text) for text in found]
    parts += [
        site.link(str(value), "the original")
        for value in described.values.get(expand("schema:url").value, ())
        if site.address(str(value))
    ]
    return element("p", *joined(parts, " · ")) if parts else None


def _mark(finding: Finding) -> Element | None:
    return badge(finding.standing) if finding.object or finding.standing != FACT else None


def _terms(finding: Finding) -> Element:
    """What is known of one finding, as terms and values."""
    details = finding.details
    rows: list[tuple[str, Child | None]] = [
        ("Role", details.get("role")),
        *((word, time_words(details[name])) for name, word in _DATES.items() if name in details),
        ("Said by", finding.said_by or (finding.speaker.label if finding.speaker else None)),
        ("Qualifier", details.get("qualifier")),
        ("Confidence", (confidence(details) or "").removeprefix("confidence ") or None),
        ("Agreement", sources(details)),
        ("Taken back by", details.get("retractedBy")),
        ("Because", details.get("retractionReason")),
    ]
    pairs = [
        (element("dt", name), element("dd", bdi(v) if isinstance(v, str) else v)) for name, v in rows if v is not None
    ]
    return element("dl", *(part for pair in pairs for part in pair))


def _names(described: Described, site: Site) -> list[Element]:
    """All names, and why several of them are held to be one entity's."""
    aliases = described.values.get(_ALIAS, ())
    reasons = [str(value) for value in described.values.get(_REASON, ())]
    if len(aliases) <= MAX_ALIASES and not reasons:
        return []
    why: list[Child] = []
    if reasons:
        why = [element("h3", "Why these names are one"), _items(reasons, site)]
    return [section("Names", "names", _items(aliases, site, class_="names") if aliases else None, *why)]


def _sources(described: Described, site: Site) -> list[Element]:
    if not described.papers:
        return []
    cells = ("Document", "Published", "Statements")
    n_more = described.n_papers - len(described.papers)
    table = element(
        "table",
        element("caption", "Documents that speak of it, and how many statements each makes", class_="unseen"),
        element("thead", element("tr", *(element("th", cell, scope="col") for cell in cells))),
        element("tbody", *(_paper(paper, site) for paper in described.papers)),
        class_="sources",
    )
    more = element("p", f"{counted(n_more, 'more document')}; the files below name all.") if n_more else None
    return [section("Sources", "sources", table, more)]


def _paper(paper: Paper, site: Site) -> Element:
    original = site.address(paper.url) if paper.url else None
    by: list[Child] = [" ", element("small", bdi(paper.outlet))] if paper.outlet else []
    out: list[Child] = [" ", element("small", site.link(paper.url, "original"))] if original else []
    return element(
        "tr",
        element("th", site.thing(paper.link), *by, *out, scope="row"),
        element("td", time_words(paper.published) if paper.published else element("span", "not stated", class_="none")),
        element("td", f"{paper.n_findings:,}", class_="number"),
    )


def _named(described: Described, site: Site) -> list[Element]:
    """Whom a document names, by kind."""
    links = [value for value in described.values.get(_MENTIONS, ()) if isinstance(value, Link)]
    if not links:
        return []
    rows: list[Child] = []
    for kind, group in groupby(sorted(links, key=lambda v: (v.type, v.label, v.iri)), key=lambda v: v.type):
        rows += [element("h3", sentence_case(words(kind)) or "Other"), element("p", *_listed([*group], site))]
    return [section("Named in it", "named", *rows)]


def _pager(described: Described, site: Site) -> list[Element]:
    """Ways to the other parts of a page that would be too long."""
    if described.n_parts == 1:
        return []
    here, n_parts = described.part, described.n_parts
    address = site.address(described.thing.iri) or ""
    ways = [
        element("a", text, href=f"{address}?part={part}", rel=rel)
        for part, text, rel in ((here - 1, "← Previous", "prev"), (here + 1, "Next →", "next"))
        if 1 <= part <= n_parts
    ]
    n_more = described.n_findings - len(described.findings)
    text = f"Part {here:,} of {n_parts:,}: {counted(len(described.findings), 'statement')}, {n_more:,} on others. "
    return [element("nav", text, *joined(ways, " "), class_="pager", aria_label="Parts of this page")]


def _statements(described: Described, site: Site) -> list[Element]:
    """Everything that the graph says of the resource itself, in its own terms."""
    rows = [
        element(
            "tr",
            element("th", site.link(name, compress(name, site.base)), scope="row"),
            element("td", *_listed(values, site)),
        )
        for name, values in described.values.items()
    ]
    if not rows:
        return []
    head = element("thead", element("tr", element("th", "Property", scope="col"), element("th", "Value", scope="col")))
    table = element("table", element("caption", "As the graph has it", class_="unseen"), head, element("tbody", *rows))
    return [folded(f"As the graph has it: {counted(len(rows), 'property', 'properties')}", [table])]


def _items(values: Sequence[Link | str], site: Site, **attributes: str) -> Element:
    """Values one below the other, and how many are left out."""
    n_more = len(values) - MAX_VALUES
    more = element("li", f"and {n_more:,} more") if n_more > 0 else None
    return element("ul", *(element("li", *_listed([v], site)) for v in values[:MAX_VALUES]), more, **attributes)


def _listed(values: Sequence[Link | str], site: Site) -> list[Child]:
    shown = [site.thing(value) if isinstance(value, Link) else _literal(value, site) for value in values[:MAX_VALUES]]
    more = [f" and {len(values) - MAX_VALUES:,} more"] if len(values) > MAX_VALUES else []
    return [*joined(shown), *more]


def _literal(text: str, site: Site) -> Element:
    is_address = text.startswith(("https://", "http://")) and not any(c.isspace() for c in text)
    return site.link(text, text) if is_address else bdi(text)


def _title(described: Described) -> str:
    finding = described.findings[0]
    ends: Iterable[str] = (finding.subject.label, words(finding.what), finding.object.label if finding.object else "")
    mark = "" if finding.standing == FACT else f" ({standing_of(finding.standing).word})"
    return " ".join(end for end in ends if end) + mark
