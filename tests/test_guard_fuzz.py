"""The guard before the engine, on texts made by a grammar and on texts of no sort at all.

    pytest tests/test_guard_fuzz.py                              the same texts every time, in half a minute
    pytest tests/test_guard_fuzz.py --hypothesis-profile=long    new ones, for as long as an afternoon

What the guard lets through is read and run by the engine itself, in a process that may die (tests/tools).
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyparsing import ParseBaseException
from rdflib.plugins.sparql.parser import parseQuery, parseUpdate
from rdflib.plugins.sparql.parserutils import CompValue

from kg.errors import QueryError, QueryRefused, QuerySyntaxError
from kg.settings import ENTITY_BASE, Settings
from kg.sparql import check_query
from kg.sparql_text import find_tokens, plain_text
from kg.text_match import put_in_matches
from kg.updates import UpdateRequest, check_update

READER = [sys.executable, "-m", "tests.tools.engine_reader"]
ROOT = Path(__file__).parent.parent
SETTINGS = Settings(max_query_bytes=20_000)
CALLED = "<http://called.example/>"
"""Where all calls in these texts lead; the reader puts the address of a listener of its own in its place."""

LINEAR_LENGTH = 20_000
LINEAR_CPU_S = 2.0
"""CPU time for LINEAR_LENGTH characters: 20 times what linear takes; reading anew from each dot takes twice as long."""

usual = settings(suppress_health_check=list(HealthCheck))
fewer = settings(usual, max_examples=settings().max_examples // 4)


class Reader:
    """The engine in a process of its own."""

    def __init__(self, port: int) -> None:
        self._process, self._port = self._start(), port

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(READER, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, text: str, *, is_update: bool) -> tuple[bool, bool]:
        """Whether the engine reads the text, and whether it sees a call in it; (True, False) when it takes too long.

        Fails when the process dies of it.
        """
        assert self._process.stdin
        assert self._process.stdout
        text = text.replace(CALLED, f"<http://127.0.0.1:{self._port}/>")
        self._process.stdin.write(json.dumps([is_update, text]) + "\n")
        self._process.stdin.flush()
        if line := self._process.stdout.readline():
            is_read, is_call = json.loads(line)
            return is_read, is_call
        status = self._process.wait()
        self.close()
        self._process = self._start()
        if status != -signal.SIGALRM:
            pytest.fail(f"the engine died of {text[:1000]!r} with status {status}")
        return True, False

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        reader = Reader(server.getsockname()[1])
        yield reader
        reader.close()
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has called
            server.accept()


# A grammar of SPARQL 1.1: strategies of lists of tokens


class Call(str):
    """A keyword that calls out."""

    __slots__ = ()


Tokens = list[str]

INSIDE = [
    *("SERVICE " + CALLED + " {", "LOAD", "load silent", "SELECT", "INSERT", "VALUES {", "kg:textMatch", "?a<b", "&&"),
    *("#", "{", "}", "((", ">", "<", ";", ".", "é", "😀", "\u200d", " ", "\\\\", "\\t", "\\u0027", "\\U0001F600"),
]
"""Parts of strings and comments."""

QUOTES = ["'", '"', "'''", '"""']
SHORT_STRINGS = st.tuples(st.sampled_from(QUOTES), st.lists(st.sampled_from(INSIDE), max_size=4).map("".join)).map(
    lambda drawn: drawn[0] + drawn[1] + drawn[0]
)
LONG_STRINGS = st.sampled_from(["'''a'b''c\nSERVICE'''", '"""a"b""c\r\nLOAD <x>"""', "'''#\r'''", "''", '""', '"\\""'])
STRINGS = st.one_of(SHORT_STRINGS, LONG_STRINGS)
IRIS = st.sampled_from(
    r"<e:x> <http://x/SERVICE#load> <e:a'b> <x(y)#z> <\u0061b> <#load> <> <e:😀> <b),'c> <service> <e:a;b,c&d> "
    r"<a(b)> <2024/a#b> <e:%27> <http://x/a'b>".split()
)
NAMES = st.sampled_from(
    r"p:a p:service :load service:x load:service p:a\'b p:%27 p:é : p:a.b p:1 p:a\#b loadx:y".split()
)
VARIABLES = st.sampled_from(["?x", "$y", "?service", "$load", "?é", "?SERVICE1", "?z"])
LITERALS = st.sampled_from("1 -1 1.5 +1e5 true false .5 'a'@en-GB 'service'^^xsd:string '1'^^<e:t>".split())
SPACES = st.sampled_from([" ", "\n", "\r", "\r\n", "\t", " # SERVICE {\n", "#'\r", "#\n", ' #<"""LOAD\r\n', "  "])
GLUE = st.one_of(st.just(""), st.just(""), SPACES)
PROLOGUE = (
    "PREFIX p: <http://p/#> PREFIX : <e:> PREFIX service: <http://service/load> PREFIX load: <load#> "
    f"PREFIX loadx: <'> PREFIX SERVICEx: {CALLED}"
).split()


def any_case(word: str) -> st.SearchStrategy[str]:
    return st.sampled_from([word, word.lower(), word.title(), word.title().swapcase()])


def joined(*parts: st.SearchStrategy[Tokens]) -> st.SearchStrategy[Tokens]:
    return st.tuples(*parts).map(lambda drawn: [token for part in drawn for token in part])


def one(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[Tokens]:
    return strategy.map(lambda token: [token])


def just(text: str) -> st.SearchStrategy[Tokens]:
    return st.just(text.split())


def several(part: st.SearchStrategy[Tokens], least: int = 0, most: int = 3) -> st.SearchStrategy[Tokens]:
    return st.lists(part, min_size=least, max_size=most).map(lambda parts: [token for part in parts for token in part])


TERM = st.one_of(*map(one, (STRINGS, IRIS, NAMES, VARIABLES, LITERALS)))
DATUM = st.one_of(*map(one, (STRINGS, IRIS, NAMES, LITERALS)))
SUBJECT = st.one_of(*map(one, (IRIS, NAMES, VARIABLES)))
VERB = st.one_of(
    *map(one, (IRIS, NAMES, VARIABLES)),
    *map(just, ("a", "p:a / ^ :b", "( p:a | <e:x> ) *", "! ( p:a | ^ <#b> )", "p:a +", "( <e:a#b> / <x,y> ) ?")),
)
OBJECT = st.recursive(
    TERM,
    lambda inner: st.one_of(
        joined(just("("), several(inner), just(")")), joined(just("["), VERB, inner, just("]")), just("[ ]")
    ),
    max_leaves=4,
)
TRIPLES = joined(SUBJECT, VERB, OBJECT, several(joined(just(";"), VERB, OBJECT), most=1), just("."))


def expressions(groups: st.SearchStrategy[Tokens]) -> st.SearchStrategy[Tokens]:
    operators = one(st.sampled_from(["<", ">", "=", "!=", "&&", "||", "+", "-", "*", "/", "<="]))
    return st.recursive(
        TERM,
        lambda inner: st.one_of(
            joined(just("("), inner, operators, inner, just(")")),
            joined(just("! ("), inner, just(")")),
            joined(just("("), inner, just("IN ("), inner, just(","), inner, just(") )")),
            joined(just("COALESCE ("), inner, just(","), inner, just(")")),
            joined(just("xsd:string ("), inner, just(")")),
            joined(just("EXISTS {"), groups, just("}")),
        ),
        max_leaves=4,
    )


def patterns(inner: st.SearchStrategy[Tokens], *, calls: bool) -> st.SearchStrategy[Tokens]:
    group = joined(just("{"), inner, just("}"))
    kinds = [
        group,
        TRIPLES,
        joined(just("OPTIONAL"), group),
        joined(group, just("UNION"), group),
        joined(just("MINUS"), group),
        joined(just("GRAPH"), SUBJECT, group),
        joined(just("FILTER ("), expressions(inner), just(")")),
        joined(just("{ BIND ("), expressions(inner), just("AS ?new ) }")),
        joined(just("VALUES ( ?v ?service ) { ("), DATUM, DATUM, just(") }")),
        joined(just("{ SELECT * {"), inner, just("} ORDER BY ("), expressions(inner), just(") LIMIT 5 }")),
    ]
    if calls:
        at = st.sampled_from([[CALLED], ["SILENT", CALLED], ["SERVICEx:y"], ["?where"]])
        kinds += [joined(one(any_case("SERVICE").map(Call)), at, group)] * 4
    return st.one_of(*kinds)


def groups(*, calls: bool) -> st.SearchStrategy[Tokens]:
    return st.recursive(TRIPLES, lambda inner: several(patterns(inner, calls=calls), 1, 3), max_leaves=8)


def queries(*, calls: bool = False) -> st.SearchStrategy[Tokens]:
    body = joined(just("{"), groups(calls=calls), just("}"))
    forms = st.one_of(
        joined(just("SELECT *"), body),
        joined(just("SELECT ( 'load' AS ?s ) FROM <e:service> WHERE"), body, just("GROUP BY ?x HAVING ( 1 < 2 )")),
        joined(just("ASK"), body),
        joined(just("CONSTRUCT { ?x :service ?y } WHERE"), body, just("LIMIT 3")),
        joined(just("DESCRIBE service:x ?x WHERE"), body),
    )
    return joined(st.just(PROLOGUE), forms)


def updates(*, calls: bool = False) -> st.SearchStrategy[Tokens]:
    body = joined(just("{"), groups(calls=calls), just("}"))
    quad = joined(one(IRIS), one(NAMES), DATUM, just("."))
    kinds = [
        joined(just("INSERT DATA {"), several(quad), just("GRAPH service:x {"), quad, just("} }")),
        joined(just("INSERT { ?x :load ?y } WHERE"), body),
        joined(just("WITH <load> DELETE { ?x ?y ?service } INSERT { ?x p:a ( 1 <#service> ) } WHERE"), body),
        just("CLEAR SILENT GRAPH load:service"),
        just("COPY <e:load> TO :service"),
    ]
    if calls:
        load = joined(one(any_case("LOAD").map(Call)), st.sampled_from([[], ["SILENT"]]), just(CALLED))
        kinds += [load, load, joined(load, just("INTO GRAPH <e:g>"))]
    operation = st.one_of(*kinds)
    return joined(st.just(PROLOGUE), operation, several(joined(just(";"), operation), most=2))


@st.composite
def texts(draw: st.DrawFn, tokens: st.SearchStrategy[Tokens], spaces: st.SearchStrategy[str]) -> tuple[str, bool]:
    """A text, and whether it holds a call."""
    drawn = draw(tokens)
    between = draw(st.lists(spaces, min_size=3, max_size=6))
    pieces = [piece for at, token in enumerate(drawn) for piece in (token, between[at % len(between)])]
    return "".join(pieces), any(isinstance(token, Call) for token in drawn)


ODD = [*INSIDE, *QUOTES, *"<>{}()[]\\#\n\r.;,|^@?$_-:", "<'", "?a<?b&&", "ASK", "?x", "e:"]
ANY = st.text(max_size=40)


@st.composite
def broken(draw: st.DrawFn, tokens: st.SearchStrategy[Tokens]) -> str:
    """A text of the grammar that is glued together, and has had something put in, taken out or doubled."""
    text, _ = draw(texts(tokens, GLUE))
    for _ in range(draw(st.integers(0, 3))):
        start, length = draw(st.integers(0, len(text))), draw(st.sampled_from([0, 0, 1, 3, 20]))
        odd = draw(st.one_of(st.sampled_from([*ODD, text[start : start + 30]]), ANY))
        text = text[:start] + odd + text[start + length :]
    return text


# What must hold of every text


def guarded(text: str, *, is_update: bool) -> str | None:
    """The text that would run; None when it is refused, which is said with a place."""
    try:
        if is_update:
            return check_update(UpdateRequest(text), SETTINGS)
        query = check_query(text, max_bytes=SETTINGS.max_query_bytes)
    except (QuerySyntaxError, QueryRefused) as err:
        place = (err.line, err.column) if isinstance(err, QuerySyntaxError) else (1, 1)
        if min(place) < 1 or not re.search(r"line \d+, column \d+|longer than|surrogate|no SELECT|an update", str(err)):
            pytest.fail(f"no place in {err!r} of {text!r}")
        return None
    with contextlib.suppress(QueryError):
        return put_in_matches(query, lambda _: [("e:1", 0.5)], ENTITY_BASE).text
    return query.text


def rdflib_sees_a_call(text: str, *, is_update: bool) -> bool:
    """In the tree of a second reader; False for what it cannot read."""
    if not re.search("service|load", text, re.IGNORECASE):
        return False
    try:
        parts: list[Any] = [parseUpdate(text) if is_update else parseQuery(text)]
    except (ParseBaseException, RecursionError, ValueError, TypeError):
        return False
    while parts:
        part = parts.pop()
        if isinstance(part, CompValue):
            if part.name in ("ServiceGraphPattern", "Load"):
                return True
            parts.extend(part.values())
        elif not isinstance(part, str) and hasattr(part, "__iter__"):
            parts.extend(part)
    return False


def check_safe(reader: Reader, text: str, *, is_update: bool) -> None:
    """Refused with a place, or harmless in the eyes of both readers and of the engine that runs it."""
    passed = guarded(text, is_update=is_update)
    if passed is not None:
        _, is_call = reader.read(passed, is_update=is_update)
        assert not is_call
        assert not rdflib_sees_a_call(passed, is_update=is_update)


@usual
@given(query=texts(queries(), SPACES), update=texts(updates(), SPACES))
def test_text_without_a_call_is_never_refused(
    reader: Reader, query: tuple[str, bool], update: tuple[str, bool]
) -> None:
    for (text, _), is_update in ((query, False), (update, True)):
        passed = guarded(text, is_update=is_update)
        as_sent, as_plain = (
            reader.read(one, is_update=is_update) for one in (text.replace("\r", "\n"), plain_text(text))
        )
        assert as_sent == as_plain
        assert as_plain == (passed is not None, False) or as_plain == (False, False)


@usual
@given(
    query=texts(queries(calls=True), st.one_of(SPACES, GLUE)).filter(lambda drawn: drawn[1]),
    update=texts(updates(calls=True), st.one_of(SPACES, GLUE)).filter(lambda drawn: drawn[1]),
)
def test_text_with_a_call_never_passes(reader: Reader, query: tuple[str, bool], update: tuple[str, bool]) -> None:
    for (text, _), is_update in ((query, False), (update, True)):
        check_safe(reader, text, is_update=is_update)


@usual
@given(query=broken(queries(calls=True)), update=broken(updates(calls=True)))
def test_broken_text_is_refused_or_harmless(reader: Reader, query: str, update: str) -> None:
    check_safe(reader, query, is_update=False)
    check_safe(reader, update, is_update=True)


@usual
@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(ODD), max_size=25).map("".join),
        st.text(st.characters(categories=["Cs", "Cc", "Cf", "Lo", "Zl", "Zs"])),
    )
)
@example("FILTER(?a<'b>c') SERVICE " + CALLED + " {} FILTER('b'='c') }")
@example("FILTER('a'<'b>c') SERVICE " + CALLED + " {} } # '")
@example("FILTER(1<2&&3>2) }")
def test_any_text_is_refused_or_harmless(reader: Reader, text: str) -> None:
    for is_update in (False, True):
        check_safe(reader, text, is_update=is_update)
        check_safe(reader, f"ASK {{ {text}", is_update=is_update)


# Shapes that end the engine, however they are dressed up


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {} ORDER BY " + "(1) " * 30_000,
        "SELECT (1 AS ?z) {} GROUP BY " + "(1)" * 30_000,
        "SELECT (1 AS ?z) {} HAVING " + "(1)" * 30_000,
        "DESCRIBE " + "<e:a>" * 30_000,
        "ASK { ?s ?p (" + "1 " * 30_000 + ") }",
        "ASK { ?s ?p (" + "-1 " * 1_000 + ") }",
        "ASK { ?s ?p (" + "()" * 30_000 + ") }",
        "ASK { " + "{?s ?p ?o}" * 10_000 + " }",
        "ASK { " + "GRAPH ?g {?s ?p ?o}" * 1_000 + " }",
        "ASK { FILTER('a'<'b>c') " + "{" * 3_000 + "}" * 3_000 + " FILTER(1='q') }",
        "ASK { FILTER(?a<1" + "+1" * 30_000 + "&&?c>1) }",
        "ASK { FILTER(?a<(" + "(" * 4_000 + "1" + ")" * 4_000 + ")&&?c>1) }",
    ],
    ids=lambda text: text[:30],
)
def test_check_query_shape_that_ends_the_engine_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match="split the query"):
        check_query(text)


OPENINGS = ["{", "(", "[ ?p ", "OPTIONAL {", "FILTER(", "!(", "{ SELECT * {", "EXISTS {", "GRAPH ?g {"]
REPEATED = ["1 ", "(1) ", "?s ?p ?o .", "<e:a> ", "+1", "||1", "{} ", "UNION {} ", "FILTER(1) ", ",1", "a "]


@fewer
@given(st.lists(st.sampled_from(OPENINGS), max_size=4), st.sampled_from(REPEATED), st.sampled_from([10, 60]))
def test_nested_and_repeated_parts_do_not_end_the_engine(
    reader: Reader, openings: Sequence[str], part: str, n_times: int
) -> None:
    start = "".join(openings) * (90 // max(len(openings), 1))
    closing = "".join({"{": "}", "(": ")", "[": "]"}[one] for one in reversed(re.findall(r"[{(\[]", start)))
    for text in (f"ASK {{ {start}1{closing} }}", f"ASK {{ ?s ?p {start} {part * n_times} {closing} }}"):
        check_safe(reader, text, is_update=False)


# Time


@fewer
@given(
    start=st.sampled_from(["ASK { ", "ASK { FILTER(?a", "INSERT DATA { ", "", "SELECT ('", "ASK { ?s ?p ("]),
    unit=st.lists(st.sampled_from([*ODD, "\\'", '\\"', "a.", "a-", "//"]), min_size=1, max_size=5).map("".join),
)
@example(start="ASK { ", unit='"\\')
@example(start="", unit='\\"')
@example(start='ASK { "', unit='\\"')
@example(start="ASK { ", unit="a.")
@example(start="ASK { ", unit="a-")
@example(start="ASK { ", unit="'''x\\")
@example(start="ASK { FILTER(1", unit="<'a,")
@example(start="ASK { FILTER(1 IN (", unit="kg:textMatch,")
def test_time_is_linear_in_the_text(start: str, unit: str) -> None:
    text = start + unit * (LINEAR_LENGTH // len(unit))
    begun = time.process_time()
    for _ in find_tokens(plain_text(text)):
        pass
    with contextlib.suppress(QueryError):
        put_in_matches(check_query(text), lambda _: [], ENTITY_BASE)
    with contextlib.suppress(QueryError):
        check_update(UpdateRequest(text, using=("e:g",)), Settings())
    assert time.process_time() - begun < LINEAR_CPU_S
