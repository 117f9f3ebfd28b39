"""Stage 10: what a SPARQL text says before the engine sees it: its tokens, its shape, and whether it calls out.

In: the text of a query or an update. Refuses SERVICE and LOAD, and texts whose shape alone can bring the engine down
(pyoxigraph 0.5.13 dies of a stack overflow at about 2,100 nested braces, 4,500 nested parentheses, 6,250 UNIONs or
9,000 `||` terms, and plans a chain of 800 patterns for half a minute on one triple).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kg.errors import QueryRefused, QuerySyntaxError

MAX_QUERY_BYTES = 1_000_000
"""Default for a caller without settings; the same as `Settings.max_query_bytes`."""

MAX_DEPTH = 100
"""Braces, parentheses and brackets open at one point; the engine's own limit is near 2,100, rdflib's near 200."""

MAX_PATTERNS = 400
"""Triples, path steps and OPTIONALs; a chain of 400 plans in 1.5 s, one of 800 in 34 s."""

MAX_OPERATORS = 2_000
"""Operators and keywords of any other kind; the engine's own limit is near 6,250 UNIONs."""

_TOKEN = re.compile(
    r"""(?P<space>[ \t\n]+|\#[^\n]*)
      | (?P<string>\"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''
          |\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')
      | (?P<iri><(?:[^<>\"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
      | (?P<variable>[?$]\w+)
      | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<name>(?:[^\W\d_][\w.·-]*|_)?:(?:[\w:·%-]|\\.|\.(?=[\w:.·%\\-]))*)
      | (?P<word>[^\W\d_]\w*)
      | (?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)
      | (?P<open>[{(\[])
      | (?P<close>[})\]])
      | (?P<comma>,)
      | (?P<step>\.|;|/)
      | (?P<operator>\|\||&&|\^\^|.)""",
    re.VERBOSE | re.DOTALL,
)
"""Tokens of SPARQL 1.1 (section 19.8), tolerant: what is no token of SPARQL counts as an operator."""

_ADVICE = ": ask that endpoint itself, and send what it says"


def plain_text(text: str) -> str:
    """The text as every reader of SPARQL sees it, each carriage return a line feed. Raises QuerySyntaxError."""
    if lone := re.search("[\ud800-\udfff]", text):
        raise QuerySyntaxError("the text holds half of a surrogate pair", *line_and_column(text, lone.start()))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def find_tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens of a plain text; the group that matched (`word`, `iri`, `open`, ...) says of what kind."""
    return (match for match in _TOKEN.finditer(text) if match.lastgroup != "space")


def check_shape(text: str, tokens: Sequence[re.Match[str]]) -> None:
    """Refuse a text whose shape alone can bring the engine down. Raises QueryRefused."""
    opened: list[str] = []
    patterns = operators = 0
    for token in tokens:
        kind, word = token.lastgroup, token[0]
        if kind == "open":
            opened.append(word)
        elif kind == "close" and opened:
            opened.pop()
        elif kind == "step" or (kind == "comma" and "(" not in opened[-1:]) or word.upper() == "OPTIONAL":
            patterns += 1
        elif kind in ("operator", "word"):
            operators += 1
        for what, count, limit in (
            ("brackets inside each other", len(opened), MAX_DEPTH),
            ("triples, path steps and OPTIONALs", patterns, MAX_PATTERNS),
            ("operators and keywords", operators, MAX_OPERATORS),
        ):
            if count > limit:
                line, column = line_and_column(text, token.start())
                raise QueryRefused(f"more than {limit:,} {what}, line {line}, column {column}: split the query")


def check_calls(
    text: str, tokens: Sequence[re.Match[str]], calls: Mapping[str, str], *, is_update: bool = False
) -> None:
    """Refuse keywords that call out, in every place where either of two readers of SPARQL sees one.

    calls: keyword in lower case -> the part of what rdflib reads that stands for it. The tokens catch `SERVICE:x` and
    `SERVICEx:y`; a real parser catches what tokens without a grammar cannot, as in `FILTER(?a<?b).SERVICE:x#>`, which
    reads as one long IRI.
    """
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        is_before_group = following is not None and following[0] == "{"
        can_be_keyword = token.lastgroup == "word" or (token.lastgroup == "name" and is_before_group)
        for word in calls if can_be_keyword else ():
            if word in token[0].lower():
                line, column = line_and_column(text, token.start())
                raise QueryRefused(f"{word.upper()} is not allowed here (line {line}, column {column}){_ADVICE}")
    if found := _parsed_parts(text, is_update=is_update) & set(calls.values()):
        word = next(word for word, part in calls.items() if part in found)
        raise QueryRefused(f"{word.upper()} is not allowed here{_ADVICE}")


def _parsed_parts(text: str, *, is_update: bool) -> set[str]:
    from pyparsing import ParseBaseException  # noqa: PLC0415  (rdflib takes 0.3 s to import and is seldom needed)
    from rdflib.plugins.sparql.parser import parseQuery, parseUpdate  # noqa: PLC0415
    from rdflib.plugins.sparql.parserutils import CompValue  # noqa: PLC0415

    found: set[str] = set()
    try:
        parts: list[Any] = [parseUpdate(text) if is_update else parseQuery(text)]
    except (ParseBaseException, RecursionError, ValueError) as err:
        raise QueryRefused("the text holds the word `service` or `load` where it cannot be checked: reword it") from err
    while parts:
        part = parts.pop()
        if isinstance(part, CompValue):
            found.add(part.name)
            parts.extend(part.values())
        elif not isinstance(part, str) and hasattr(part, "__iter__"):
            parts.extend(part)
    return found


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Where a position is, both counted from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
