"""Stage 10: the text of a SPARQL 1.1 Update -> guarded, run on a copy of the graph; what it adds and removes.

In: a text and an open snapshot. Out: a Delta, and nothing else changes. Refuses LOAD and SERVICE, and texts whose shape
can bring the engine down. An update sees its dataset as SPARQL says: outside of GRAPH, the default graph alone (names,
classes and plain links), unless USING, WITH or the request name another.

An update of INSERT DATA and DELETE DATA alone costs what it says, and may be long. Any other runs on a copy of the
whole graph, and what it changed is found by comparing the two, in time linear in the graph (20 s for 1,000,000 quads).
Every write also takes 12 s for each 1,000,000 quads that users wrote before, because their file is written whole.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pyoxigraph as ox

from kg.errors import QueryError, QueryRefused, QuerySyntaxError
from kg.iris import prefixes_with
from kg.listings import drop_empty_graphs
from kg.overlay import Delta
from kg.settings import Settings
from kg.sparql_text import (
    MAX_DEPTH,
    check_calls,
    check_depth,
    check_shape,
    find_tokens,
    plain_text,
    syntax_error,
    update_error,
)

_CALLS = ("service", "load")
_DATA_WORDS = frozenset({"PREFIX", "BASE", "INSERT", "DELETE", "DATA", "GRAPH", "A", "TRUE", "FALSE"})
_DATA_OPERATORS = frozenset({"^^", "+", "-"})
_AT_TOP: dict[str | None, tuple[str, ...]] = {"name": ("PREFIX",), "iri": ("BASE", "name")}
"""What may stand outside of all braces, and after what."""


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """One update operation of the protocol. using, using_named: IRIs that stand for USING and USING NAMED."""

    text: str
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()


def has_data_only(text: str) -> bool:
    """Whether a plain text is nothing but INSERT DATA and DELETE DATA, which see no pattern and call nobody.

    >>> has_data_only("INSERT DATA { <e:a> <e:b> 1 }"), has_data_only("DELETE WHERE { ?s ?p 1 }")
    (True, False)
    """
    previous, depth = "", 0
    for token in find_tokens(text):
        kind, word = token.lastgroup, token[0].upper()
        if kind in _AT_TOP and depth == 0 and previous not in _AT_TOP[kind]:  # as in `LOADx:y`, which calls out
            return False
        is_odd_word = kind == "word" and word not in _DATA_WORDS
        is_odd_brace = (word == "{" and previous in ("INSERT", "DELETE")) or depth > MAX_DEPTH
        if is_odd_word or is_odd_brace or (kind == "operator" and word not in _DATA_OPERATORS) or kind == "variable":
            return False
        depth += (kind == "open") - (kind == "close")
        previous = "name" if kind == "name" else word
    return True


def change_data(text: str, before: ox.Store, settings: Settings) -> Delta:
    """What INSERT DATA and DELETE DATA change, found on the statements that the text names and no other.

    Raises QuerySyntaxError.
    """
    named = ox.Store()
    _run(named, _with_inserts_only(text), settings)
    store = ox.Store()
    known = frozenset(quad for quad in named if quad in before)
    store.extend(known)
    _run(store, text, settings)
    after = frozenset(store)
    return Delta(after - known, known - after)


def change_copy(text: str, before: ox.Store, part: Path, settings: Settings) -> Delta:
    """What any update changes: it is run on the copy of `before` that lies at `part`. Raises QueryError."""
    store = ox.Store(str(part))
    _run(store, text, settings)
    drop_empty_graphs(store)
    store.flush()
    return _difference(before, store)


def check_update(request: UpdateRequest, settings: Settings) -> str:
    """The text that may run, its dataset written into it. Raises QueryRefused and QuerySyntaxError."""
    text = plain_text(request.text)
    if has_data_only(text):
        return text
    if len(text.encode()) > (limit := settings.max_query_bytes):
        raise QueryRefused(f"the update is longer than {limit:,} bytes and more than INSERT DATA: send it in parts")
    tokens = list(find_tokens(text))
    check_depth(text, tokens)
    check_shape(text, _without_data(tokens))
    check_calls(text, tokens, _CALLS, update_error)
    return _with_using(text, tokens, request) if request.using or request.using_named else text


def _run(store: ox.Store, text: str, settings: Settings) -> None:
    try:
        store.update(text, base_iri=settings.base_iri, prefixes=prefixes_with(settings.base_iri))
    except SyntaxError as err:
        raise syntax_error(str(err)) from err
    except (OSError, RuntimeError, ValueError) as err:
        raise QueryError(f"the update failed, and has changed nothing: {err}") from err


def _without_data(tokens: Sequence[re.Match[str]]) -> Iterator[re.Match[str]]:
    """What is planned, and so can be too much: all but the statements of INSERT DATA and DELETE DATA."""
    depth, is_data, previous = 0, False, ""
    for token in tokens:
        if token[0] == "{" and previous == "DATA" and depth == 0:
            is_data = True
        depth += (token[0] == "{") - (token[0] == "}")
        if depth == 0:
            is_data = False
        if not is_data:
            yield token
        previous = token[0].upper()


def _with_inserts_only(text: str) -> str:
    """INSERT DATA for each DELETE DATA, so that every statement which the text names can be read."""
    pieces, end = [], 0
    for token in find_tokens(text):
        if token.lastgroup == "word" and token[0].upper() == "DELETE":
            pieces += [text[end : token.start()], "INSERT"]
            end = token.end()
    return "".join([*pieces, text[end:]])


def _with_using(text: str, tokens: Sequence[re.Match[str]], request: UpdateRequest) -> str:
    """USING clauses before each WHERE; `DELETE WHERE P`, which takes none, becomes `DELETE P USING ... WHERE P`.

    Source: SPARQL 1.1 Protocol, section 2.2.3. Raises QuerySyntaxError when the text names its dataset itself.
    """
    try:
        clauses = [f"USING {ox.NamedNode(iri)}" for iri in request.using]
        clauses += [f"USING NAMED {ox.NamedNode(iri)}" for iri in request.using_named]
    except ValueError as err:
        raise QuerySyntaxError(f"a graph of the dataset is no absolute IRI: {err}") from err
    using, pieces, end, depth = f" {' '.join(clauses)} ", list[str](), 0, 0
    for number, token in enumerate(tokens):
        depth += (token[0] == "{") - (token[0] == "}")
        word = token[0].upper() if token.lastgroup == "word" and depth == 0 else ""
        if word in ("USING", "WITH"):
            raise QuerySyntaxError("the update names its dataset (USING or WITH), and the request another: use one")
        if word == "WHERE":
            is_short = tokens[number - 1][0].upper() == "DELETE"
            template = _group(text, tokens, number + 1) if is_short else ""
            pieces += [text[end : token.start()], template, using]
            end = token.start()
    return "".join([*pieces, text[end:]])


def _group(text: str, tokens: Sequence[re.Match[str]], first: int) -> str:
    """The text from the brace at the token `first` to the one that closes it."""
    depth = 0
    for at in range(first, len(tokens)):
        depth += (tokens[at][0] == "{") - (tokens[at][0] == "}")
        if depth == 0:
            return text[tokens[first].start() : tokens[at].end()]
    return ""


def _difference(before: ox.Store, after: ox.Store) -> Delta:
    """Both stores are written in the order of their keys, so the two files differ in few places; lines are cheap."""
    gone, new = set[bytes](), set[bytes]()
    with tempfile.TemporaryFile() as old_lines, tempfile.TemporaryFile() as new_lines:
        for store, file in ((before, old_lines), (after, new_lines)):
            store.dump(file, ox.RdfFormat.N_QUADS)
            file.seek(0)
        for old, line in zip_longest(old_lines, new_lines):
            if old != line:
                _cancel(old, new, gone)
                _cancel(line, gone, new)
    return Delta(_quads(new), _quads(gone))


def _cancel(line: bytes | None, others: set[bytes], own: set[bytes]) -> None:
    if line in others:
        others.discard(line)
    elif line is not None:
        own.add(line)


def _quads(lines: set[bytes]) -> frozenset[ox.Quad]:
    return frozenset(ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS))
