"""Stage 10: what a SPARQL text says before the engine sees it: its tokens, its shape, and whether it calls out.

In: the text of a query or an update. Refuses SERVICE and LOAD, and texts whose shape alone can bring the engine down
(pyoxigraph 0.5.13 dies of a stack overflow at about 2,100 nested braces, 4,500 nested parentheses, 6,250 UNIONs,
9,000 `||` terms or 5,000 orders in a row, and plans a chain of 800 patterns for half a minute on one triple).

Time is linear in the text: no part of it is looked at again from each of many places. What the tokens see is what the
engine sees: in the one place where it could read otherwise, `?a<'b>c'`, the text is changed so that it cannot.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import pyoxigraph as ox

from kg.errors import QueryRefused, QuerySyntaxError
from kg.iris import prefixes_with
from kg.settings import ENTITY_BASE

MAX_QUERY_BYTES = 1_000_000
"""Default for a caller without settings; the same as `Settings.max_query_bytes`."""

MAX_DEPTH = 100
"""Braces, parentheses and brackets open at one point; the engine's own limit is near 2,100."""

MAX_PATTERNS = 400
"""Triples, path steps, items of lists, and joined groups; a chain of 400 plans in 1.5 s, one of 800 in 34 s."""

MAX_OPERATORS = 2_000
"""Operators and keywords of any other kind; the engine's own limit is near 6,250 UNIONs."""

MAX_TERMS = 2_000
"""Terms in a row, as after SELECT, DESCRIBE and ORDER BY; the engine's own limit is between 2,000 and 5,000."""

_WORDS = r"""
        (?P<word>[^\W\d_]\w*)
      | (?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)
      | (?P<open>[{(\[])
      | (?P<close>[})\]])
      | (?P<comma>,)
      | (?P<step>\.|;|/)
      | (?P<operator>\|\||&&|\^\^|\\.|.)"""

_TOKEN = re.compile(
    r"""(?P<space>[ \t\n]+|\#[^\n]*)
      | (?P<string>\"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''
          |\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')
      | (?P<iri><(?:[^<>\"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
      | (?P<variable>[?$]\w+)
      | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<words>[^\W\d_][\w.·-]*+(?!:))
      | (?P<name>(?:[^\W\d_][\w.·-]*+|_)?:(?:[\w:·%-]|\\.|\.(?=[\w:.·%\\-]))*)
      |"""
    + _WORDS,
    re.VERBOSE | re.DOTALL,
)
"""Tokens of SPARQL 1.1 (section 19.8), tolerant: what is no token of SPARQL counts as an operator.

`words` is what would begin a name if a colon followed; _IN_WORDS takes it apart, so that no dot in it begins it anew.
"""

_IN_WORDS = re.compile(_WORDS, re.VERBOSE | re.DOTALL)
_LESS = re.compile("(?P<operator><)")

_TWO_READINGS = re.compile(r"<(?!\\|[A-Za-z][A-Za-z0-9+.-]*://)[^<>\"{}|^`\x00-\x20&,)'#;]*[&,)'#;]")
"""Start of an IRI that could also be a comparison: it holds what ends a comparison, or hides its end."""

_IS_COMPARISON = re.compile(r"<(?:[?$'+\-(!]|[0-9.]+(?:&&|[),]))|(?<![ \t\n])<[^>]*?(?:&&|\()")
"""Which of these is meant as a comparison; one taken for the other is a syntax error, and never runs."""

_OPERANDS = frozenset({"string", "language", "iri", "variable", "name", "number"})
_VALUES = frozenset({"TRUE", "FALSE"})
_JOINED = frozenset({"OPTIONAL", "GRAPH", "VALUES"})

_ADVICE = ": ask that endpoint itself, and send what it says"

_POSITION = re.compile(
    r"error (?:at|between) (?:line )?(\d+)(?::| column | between columns )(\d+)"
    r"(?: and (?:line \d+ column )?\d+)?: (.*)",
    re.DOTALL,
)
_CHARACTER_CLASS = re.compile(r"(, )?\[(?:'[^']*'|[^]'])*\]")

_HEX_TO_LETTERS = str.maketrans("0123456789", "ghijklmnop")

Token = re.Match[str]
Reader = Callable[[str], QuerySyntaxError | None]
"""What the engine says of a text that it cannot read; it runs nothing."""


def plain_text(text: str) -> str:
    r"""The text as every reader of SPARQL sees it. Raises QuerySyntaxError for half of a surrogate pair.

    Each carriage return is a line feed, since readers differ on what ends a comment. Where `<` begins an IRI by the
    rule of the longest token and a comparison by the engine's, the one that is meant is written so that it has no
    other reading: a comparison with a space, an IRI with an escape.

    >>> print(plain_text("FILTER(?a<'b'&&?c>'d') VALUES (?e ?f) { (1 <#g>) }"))
    FILTER(?a< 'b'&&?c>'d') VALUES (?e ?f) { (1 <\U00000023g>) }
    """
    if lone := re.search("[\ud800-\udfff]", text):
        raise QuerySyntaxError("the text holds half of a surrogate pair", *line_and_column(text, lone.start()))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _TWO_READINGS.search(text):
        return text
    pieces, end = [], 0
    for token, has_two_readings in _scan(text):
        if has_two_readings:
            first, is_iri = token.start() + 1, token.lastgroup == "iri"
            pieces += [text[end:first], f"\\U{ord(text[first]):08X}" if is_iri else " "]
            end = first + is_iri
    return "".join([*pieces, text[end:]])


def find_tokens(text: str) -> Iterator[Token]:
    """The tokens of a plain text; the group that matched (`word`, `iri`, `open`, ...) says of what kind."""
    return (token for token, _ in _scan(text))


def _scan(text: str) -> Iterator[tuple[Token, bool]]:
    """Each token, and whether the engine could read it otherwise."""
    opened: list[str] = []
    at, is_operand = 0, False
    while token := _TOKEN.match(text, at):
        kind = token.lastgroup
        # A comparison stands in parentheses and behind a value; everywhere else the engine too reads an IRI.
        has_two_readings = kind == "iri" and is_operand and opened[-1:] == ["("] and _has_two_readings(text, token)
        if has_two_readings and _IS_COMPARISON.match(text, at):
            token, kind = _LESS.match(text, at) or token, "operator"
        at = token.end()
        if kind == "space":
            continue
        parts = list(_IN_WORDS.finditer(text, token.start(), at)) if kind == "words" else [token]
        yield from ((part, has_two_readings) for part in parts)
        is_operand = parts[-1].lastgroup in _OPERANDS or parts[-1].lastgroup in ("word", "close")
        if kind == "open":
            opened.append(token[0])
        elif kind == "close" and opened:
            opened.pop()


def _has_two_readings(text: str, token: Token) -> bool:
    found = _TWO_READINGS.match(text, token.start())
    return found is not None and found.end() < token.end()


def check_depth(text: str, tokens: Iterable[Token]) -> None:
    """Refuse a text with too many brackets inside each other, be they of data. Raises QueryRefused."""
    depth = 0
    for token in tokens:
        depth += (token.lastgroup == "open") - (token.lastgroup == "close" and depth > 0)
        if depth > MAX_DEPTH:
            raise _too_many(text, token, "brackets inside each other", MAX_DEPTH)


def check_shape(text: str, tokens: Iterable[Token]) -> None:
    """Refuse a text whose shape alone can bring the engine down. Raises QueryRefused."""
    shape = _Shape()
    for token in tokens:
        shape.take(token)
        for what, count, limit in (
            ("brackets inside each other", len(shape.opened), MAX_DEPTH),
            ("triples, path steps, items of lists and joined groups", shape.patterns, MAX_PATTERNS),
            ("operators and keywords", shape.operators, MAX_OPERATORS),
            ("terms in a row", shape.terms, MAX_TERMS),
        ):
            if count > limit:
                raise _too_many(text, token, what, limit)


def _too_many(text: str, token: Token, what: str, limit: int) -> QueryRefused:
    line, column = line_and_column(text, token.start())
    return QueryRefused(f"more than {limit:,} {what}, line {line}, column {column}: split the query")


class _Shape:
    """Counts of what it has taken. Rows of VALUES are data, of which there may be any number."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.patterns = self.operators = self.terms = 0
        self._before = ""
        self._data_depth = 0
        self._is_values = False

    def take(self, token: Token) -> None:
        """Count one token."""
        kind, word = token.lastgroup or "", token[0].upper()
        is_value = kind in _OPERANDS or word in _VALUES
        if not self._data_depth:
            self._count(kind, word)
            if self._before and (is_value or kind == "open"):
                self._count_adjacent(word, is_value=is_value)
        self._track(kind, word)
        is_sign = word in ("+", "-") and self.opened[-1:] == ["("]
        if not is_sign:
            self._before = "value" if is_value else word if kind == "close" else ""

    def _count(self, kind: str, word: str) -> None:
        is_listed = kind == "comma" and self.opened[-1:] != ["("]
        if kind == "step" or is_listed or (kind == "word" and word in _JOINED):
            self.patterns += 1
        elif kind in ("operator", "word"):
            self.operators += 1

    def _count_adjacent(self, word: str, *, is_value: bool) -> None:
        """What follows another with nothing between: an item of a list, a joined group, or a term in a row."""
        is_argument = word == "(" and self._before == "value"
        is_item = self.opened[-1:] == ["("] and (is_value or not is_argument)
        if is_item or (self._before == "}" and self.opened):
            self.patterns += 1
        else:
            self.terms += 1

    def _track(self, kind: str, word: str) -> None:
        if kind == "open":
            self.opened.append(word)
            if word == "{" and self._is_values:
                self._data_depth = len(self.opened)
        elif kind == "close" and self.opened:
            self.opened.pop()
            if len(self.opened) < self._data_depth:
                self._data_depth = 0
        if word == "{" or kind == "word":
            self._is_values = word == "VALUES"


def check_calls(text: str, tokens: Sequence[Token], calls: Sequence[str], read: Reader) -> None:
    """Refuse keywords that call out, wherever the engine reads one. Raises QueryRefused and QuerySyntaxError.

    calls: the keywords in lower case. The tokens tell where one stands by itself, or has grown together with a value as
    in `1SERVICE`. Whether `SERVICEx:y {` is a keyword and a name or all one name, the engine tells: with another word
    in the place of a keyword it cannot read the text, and with another word in a name, string or comment it can.
    """
    places = {word: found.start() for word in calls if (found := re.search(word, text, re.ASCII | re.IGNORECASE))}
    if not places:
        return
    for token in tokens:
        if token.lastgroup == "word" and (word := next((one for one in places if one in token[0].lower()), "")):
            raise _calls_out(text, word, token.start())
    if error := read(text):
        raise error
    for word, position in places.items():
        if read(_with_another_word(text, word)):
            raise _calls_out(text, word, position)


def query_error(text: str) -> QuerySyntaxError | None:
    """What the engine says of a text that is no query; it plans one that is, and does not run it.

    A value for a variable that the query does not have is refused, but only after the text has been read.
    """
    impossible = {ox.Variable(f"v{_other_word(text)}"): ox.Literal("")}

    def read() -> None:
        prefixes = prefixes_with(ENTITY_BASE)
        ox.Store().query(text, base_iri=ENTITY_BASE, prefixes=prefixes, substitutions={**impossible})

    return _error_of(read)


def update_error(text: str) -> QuerySyntaxError | None:
    """What the engine says of a text that is no update; it reads one that is, and does none of it."""
    prefixes = prefixes_with(ENTITY_BASE)
    return _error_of(lambda: _read_only_store().update(text, base_iri=ENTITY_BASE, prefixes=prefixes))


def _error_of(read: Callable[[], object]) -> QuerySyntaxError | None:
    try:
        read()
    except (SyntaxError, ValueError) as err:  # ValueError: a base or prefix that is no IRI
        return syntax_error(str(err))
    except RuntimeError:
        return None
    raise AssertionError("a text was run that was only to be read")


@lru_cache(maxsize=1)
def _read_only_store() -> ox.Store:
    """An empty store, gone from the disk, that refuses to begin an update once it has read it."""
    with tempfile.TemporaryDirectory() as folder:
        ox.Store(folder).flush()
        return ox.Store.read_only(folder)


def syntax_error(message: str, what: str = "not SPARQL 1.1") -> QuerySyntaxError:
    """The engine's `error at 1:25: expected …` as an error with numbers; long lists of what it expected are cut."""
    if not (found := _POSITION.search(message)):
        return QuerySyntaxError(f"{what}: {message}")
    line, column, why = int(found[1]), int(found[2]), _CHARACTER_CLASS.sub("", " ".join(found[3].split()))
    why = why if len(why) <= 300 else f"{why[:300]}…"
    return QuerySyntaxError(f"{what}, line {line}, column {column}: {why}", line, column)


def _with_another_word(text: str, word: str) -> str:
    """A word for a word everywhere, and small and large letters where they were."""
    other = _other_word(text)

    def replace(found: re.Match[str]) -> str:
        start = "".join(o.upper() if f.isupper() else o for f, o in zip(found[0], other, strict=False))
        return start + other[len(start) :]

    return re.sub(word, replace, text, flags=re.ASCII | re.IGNORECASE)


def _other_word(text: str) -> str:
    """A word of letters that the text does not hold: one would have to know its own digest."""
    return hashlib.sha256(text.encode()).hexdigest()[:24].translate(_HEX_TO_LETTERS)


def _calls_out(text: str, word: str, position: int) -> QueryRefused:
    line, column = line_and_column(text, position)
    return QueryRefused(f"{word.upper()} is not allowed here (line {line}, column {column}){_ADVICE}")


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Where a position is, both counted from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
