"""Stage 10, between check and run: `?entity kg:textMatch "open ai"` in a query -> the IRIs that a text search finds.

    ?entity kg:textMatch "open ai" .                     VALUES ?entity { <...> <...> }
    ?entity a kg:Company ; kg:textMatch "open ai" .      ?entity a kg:Company . VALUES ?entity { <...> <...> }
    (?entity ?score) kg:textMatch "open ai" .            VALUES (?entity ?score) { (<...> 0.98) (<...> 0.77) }

The store knows nothing of texts, so the property is put in the query's text as what it stands for. The tokens of
kg.sparql find the places, and no more: the engine's own parser says of each place whether it is code, string or
comment, by whether a control character there breaks the query, and whether the new text is SPARQL. A place that is code
and has none of the shapes above is refused, never answered by silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, pairwise
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import QueryError
from kg.iris import expand, prefixes_with
from kg.sparql import CheckedQuery
from kg.sparql_text import find_tokens

MAX_MATCHES = 10
"""Places in one query; each is looked up, and parsed twice."""

TEXT_MATCH = expand("kg:textMatch").value

Token = re.Match[str]
Find = Callable[[str], Sequence[tuple[str, float]]]
"""A text -> IRIs and scores, the best first."""

_LOCAL = "textMatch"
_HOW = (
    'write ?entity kg:textMatch "words" . or (?entity ?score) kg:textMatch "words" . as a pattern of its own, '
    "with a plain string"
)
_CONTROL = "\x01"
"""A character that no SPARQL allows outside of strings and comments."""


class Parser(NamedTuple):
    """What the engine is told before it reads a query."""

    prefixes: Mapping[str, str]
    base_iri: str

    def accepts(self, text: str) -> bool:
        """Whether the text is a query; it is planned, and not run.

        A substitution for a variable that the query does not have is refused, but only after the parser is content.
        """
        unused = "unused"
        while unused in text:
            unused += "_"
        prefixes, impossible = {**self.prefixes}, {ox.Variable(unused): ox.Literal("")}
        try:
            ox.Store().query(text, prefixes=prefixes, base_iri=self.base_iri, substitutions={**impossible})
        except RuntimeError:
            return True
        except (SyntaxError, ValueError):  # ValueError: a base or prefix that is no IRI
            return False
        return True

    def is_code(self, text: str, at: int) -> bool:
        """Whether the character at `at` of a query is neither in a string nor in a comment."""
        return not self.accepts(f"{text[:at]}{_CONTROL}{text[at:]}")


class _Edit(NamedTuple):
    """Text that goes in the place of [start, end)."""

    start: int
    end: int
    text: str


def put_in_matches(query: CheckedQuery, find: Find, base_iri: str) -> CheckedQuery:
    """The query with every kg:textMatch replaced; unchanged where it has none, or is no SPARQL.

    base_iri: of the entities, as in RunOptions. Raises QueryError for a place that cannot be replaced, and for more
    than MAX_MATCHES.
    """
    if _LOCAL not in query.text:
        return query
    parser = Parser(prefixes_with(base_iri), base_iri)
    return replace(query, text=_rewritten(query.text, parser, find)) if parser.accepts(query.text) else query


def _rewritten(text: str, parser: Parser, find: Find) -> str:
    tokens = list(find_tokens(text))
    names = _names(tokens, parser.prefixes)
    _check_hidden(text, tokens, parser)
    if len(names) > MAX_MATCHES:
        raise QueryError(f"kg:textMatch stands in more than {MAX_MATCHES} places: split the query")
    places = [at for at in names if parser.is_code(text, tokens[at].start())]
    if not places:
        return text
    edits = [edit for at in places for edit in _replace(text, tokens, at, find)]
    rewritten = _apply(text, edits)
    if not parser.accepts(rewritten):
        raise _refused(text, tokens[places[0]])
    return rewritten


def _names(tokens: Sequence[Token], prefixes: Mapping[str, str]) -> list[int]:
    """Where the property is named in full or by a prefix, as far as tokens can tell."""
    known, found = dict(prefixes), []
    for at, token in enumerate(tokens):
        if at > 1 and tokens[at - 2][0].upper() == "PREFIX" and token.lastgroup == "iri":
            known[tokens[at - 1][0][:-1]] = token[0][1:-1]
            continue
        prefix, _, local = token[0].partition(":")
        is_name = token.lastgroup == "name" and known.get(prefix, "\0") + local == TEXT_MATCH
        if is_name or (token.lastgroup == "iri" and token[0][1:-1] == TEXT_MATCH):
            found.append(at)
    return found


def _check_hidden(text: str, tokens: Sequence[Token], parser: Parser) -> None:
    """Refuse a query whose strings and comments the engine reads otherwise than the tokens do, near the word."""
    seen = {
        token.start() + found.start()
        for token in tokens
        if token.lastgroup != "string"
        for found in re.finditer(_LOCAL, token[0])
    }
    hidden = [found.start() for found in re.finditer(_LOCAL, text) if found.start() not in seen]
    if len(hidden) > MAX_MATCHES:
        raise QueryError(f"{_LOCAL} stands in more than {MAX_MATCHES} strings and comments: leave it out of some")
    for at in hidden:
        if parser.is_code(text, at):
            raise QueryError(f"kg:textMatch cannot be told from a string here: {_HOW}")


def _replace(text: str, tokens: Sequence[Token], at: int, find: Find) -> Iterator[_Edit]:
    """The edits for the property at tokens[at]."""
    if at + 2 >= len(tokens) or tokens[at + 1].lastgroup != "string":
        raise _refused(text, tokens[at])
    after = tokens[at + 2]
    ends = after.lastgroup == "word" or after[0] in (".", ";", "}")
    if not ends or _enclosing(tokens, at) != "{":
        raise _refused(text, tokens[at])
    found = find(_string(tokens[at + 1][0]))
    if tokens[at - 1][0] == ";":
        yield from _replace_later(text, tokens, at, found)
    else:
        yield _replace_first(text, tokens, at, found)


def _replace_first(text: str, tokens: Sequence[Token], at: int, found: Sequence[tuple[str, float]]) -> _Edit:
    """For a subject that stands right before the property."""
    is_pair = tokens[at - 1][0] == ")"
    first = at - 4 if is_pair else at - 1
    subject = [token[0] for token in tokens[first:at]]
    variables = [word for word in subject if word[0] in "?$"]
    shape = ["(", *variables, ")"] if is_pair else variables
    if len(variables) != 1 + is_pair or subject != shape or tokens[first - 1][0] not in ("{", ".", "}", ")"):
        raise _refused(text, tokens[at])
    end, rest = tokens[at + 1].end(), ""
    if tokens[at + 2][0] == ";":
        following = next(i for i in count(at + 3) if tokens[i][0] != ";")
        end = tokens[following].start()
        has_more = tokens[following][0] not in (".", "}") and tokens[following].lastgroup != "word"
        if (has_more or tokens[following][0] == "a") and is_pair:
            raise _refused(text, tokens[at])
        rest = f" {variables[0]} " if has_more or tokens[following][0] == "a" else " "
    return _Edit(tokens[first].start(), end, _values(variables, found) + rest)


def _replace_later(
    text: str, tokens: Sequence[Token], at: int, found: Sequence[tuple[str, float]]
) -> tuple[_Edit, _Edit]:
    """For a property behind a semicolon: it goes, and its values come after the triples of its subject."""
    subject = _subject(tokens, at - 1)
    if subject is None or subject.lastgroup != "variable":
        raise _refused(text, tokens[at])
    end = next(i for i in _level(tokens, at + 2) if _ends_triples(tokens[i]))
    place = tokens[end].end() if tokens[end][0] == "." else tokens[end].start()
    return (
        _Edit(tokens[at - 1].start(), tokens[at + 1].end(), ""),
        _Edit(place, place, f" {_values([subject[0]], found)} "),
    )


def _subject(tokens: Sequence[Token], at: int) -> Token | None:
    """First token of the triples that go on at a semicolon; None where tokens cannot tell."""
    first, depth = None, 0
    for token in reversed(tokens[:at]):
        if depth == 0 and (token.lastgroup == "open" or token[0] in (".", "}")):
            return first
        if depth == 0 and token.lastgroup == "word" and token[0] != "a" and token[0].lower() not in ("true", "false"):
            return None
        depth += (token.lastgroup == "close") - (token.lastgroup == "open")
        first = token
    return None


def _level(tokens: Sequence[Token], start: int) -> Iterator[int]:
    """Indexes from `start` on that are inside no further bracket, with the bracket that ends the level."""
    depth = 0
    for at in range(start, len(tokens)):
        if depth == 0:
            yield at
        depth += (tokens[at].lastgroup == "open") - (tokens[at].lastgroup == "close")


def _ends_triples(token: Token) -> bool:
    is_keyword = token.lastgroup == "word" and token[0] != "a" and token[0].lower() not in ("true", "false")
    return token[0] in (".", "}") or is_keyword


def _enclosing(tokens: Sequence[Token], at: int) -> str:
    """The innermost bracket that is open at a token; empty where none is."""
    opened: list[str] = []
    for token in tokens[:at]:
        if token.lastgroup == "open":
            opened.append(token[0])
        elif token.lastgroup == "close" and opened:
            opened.pop()
    return opened[-1] if opened else ""


def _values(variables: Sequence[str], found: Sequence[tuple[str, float]]) -> str:
    """`VALUES` for one variable, or for two; terms are written by pyoxigraph."""
    if len(variables) == 1:
        return f"VALUES {variables[0]} {{ {' '.join(str(ox.NamedNode(iri)) for iri, _ in found)} }}"
    rows = " ".join(f"({ox.NamedNode(iri)} {score:.4f})" for iri, score in found)
    return f"VALUES ({' '.join(variables)}) {{ {rows} }}"


def _string(token: str) -> str:
    """What a string of SPARQL stands for; it is written as in Turtle."""
    (quad,) = ox.parse(f"<e:s> <e:p> {token} .", format=ox.RdfFormat.TURTLE)
    return str(quad.object.value) if isinstance(quad.object, ox.Literal) else ""


def _apply(text: str, edits: Sequence[_Edit]) -> str:
    """The text with edits made; those that overlap cannot be made, and break the query."""
    ordered = sorted(edits)
    if any(one.end > other.start for one, other in pairwise(ordered)):
        return _CONTROL
    pieces, end = [], 0
    for edit in ordered:
        pieces += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join([*pieces, text[end:]])


def _refused(text: str, token: Token) -> QueryError:
    line, column = text.count("\n", 0, token.start()) + 1, token.start() - text.rfind("\n", 0, token.start())
    return QueryError(f"kg:textMatch cannot be answered at line {line}, column {column}: {_HOW}")
