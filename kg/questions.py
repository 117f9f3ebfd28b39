"""Question files: a SPARQL query whose header says what it asks, what may be set, and what each column means.

A header is the first block of comment lines, with three keys; parameters and columns follow their key one a line,
their parts two or more spaces apart:

    # question: Who holds which position at a company?
    # parameters:
    #   ?company  name of the company  "OpenAI"
    # columns:
    #   ?person  name of the person

Each parameter stands once more in the query, or once in each subquery, on a line of its own with the same default:

    VALUES ?company { "OpenAI" }  # parameter

A value replaces the term on that line and nothing else. It is rendered by pyoxigraph from a term, so no text that a
user gives can end the literal that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store, parse

from kg.errors import QueryError

_KEYS = ("question", "parameters", "columns")
_KEY_LINE = re.compile(r"#\s*(question|parameters|columns):\s*(.*)")
_VALUES_LINE = re.compile(r"^(?P<before>\s*VALUES \?(?P<name>\w+) \{ )(?P<term>.+)(?P<after> \}  # parameter)$", re.M)
_PREFIX_LINE = re.compile(r"^PREFIX (?P<prefix>[\w-]*): <(?P<iri>[^>]*)>$", re.M)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the asker may set; a given value takes the datatype of the default."""

    name: str
    description: str
    default: Literal | NamedNode


@dataclass(frozen=True, slots=True)
class Column:
    """A variable of the SELECT, without its question mark, and what it holds."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question file; `text` is the whole of it, header included, and runs as it is with the defaults."""

    question: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    text: str


def read_question(path: Path) -> Question:
    """Read the header of a question file and check it against its VALUES lines.

    Raises QueryError when the file cannot be read, a key is missing, a line of the header has not its parts, or the
    header and the VALUES lines differ in a parameter or its default.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise QueryError(f"question file {path} cannot be read: {err}") from err
    try:
        return _parse_question(text)
    except QueryError as err:
        raise QueryError(f"question file {path}: {err}") from err


def bind_parameters(question: Question, values: Mapping[str, str]) -> str:
    """Text of the query with `values` in place of the defaults of the parameters they name.

    values: parameter name without its question mark -> text. It becomes a literal of the default's datatype, or an
    IRI, written whole or with a prefix of the file, where the default is one.
    Raises QueryError for a name that is no parameter, and for a text that its datatype does not allow.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    if unknown := sorted(values.keys() - known.keys()):
        choice = ", ".join(known) or "none"
        raise QueryError(f"no parameter is named {', '.join(unknown)}; parameters of this question: {choice}")
    prefixes = _prefixes(question.text)
    terms = {name: _to_term(known[name], value, prefixes) for name, value in values.items()}

    def replace(match: re.Match[str]) -> str:
        term = terms.get(match["name"])
        return match[0] if term is None else f"{match['before']}{term}{match['after']}"

    return _VALUES_LINE.sub(replace, question.text)


def _parse_question(text: str) -> Question:
    header = _read_header(text)
    prefixes = _prefixes(text)
    parameters = tuple(_parse_parameter(line, prefixes) for line in header["parameters"])
    columns = tuple(Column(*_split(line, 2)) for line in header["columns"])
    _check_parameters(parameters, text, prefixes)
    return Question(" ".join(header["question"]), parameters, columns, text)


def _read_header(text: str) -> dict[str, list[str]]:
    """Lines under each key, comment signs off; `none` stands for no lines."""
    header: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if match := _KEY_LINE.match(line):
            lines = header.setdefault(match[1], [])
        content = match[2] if match else line.lstrip("#").strip()
        if content and content != "none":
            lines.append(content)
    if missing := [key for key in _KEYS if key not in header]:
        raise QueryError(f"the header has no line `# {missing[0]}:`")
    if not header["question"] or not header["columns"]:
        raise QueryError("the header must state a question and at least one column")
    return header


def _parse_parameter(line: str, prefixes: Mapping[str, str]) -> Parameter:
    name, description, default = _split(line, 3)
    term = _parse_term(default, prefixes)
    if isinstance(term, Literal) and _cast(Literal(term.value), term.datatype) is None:
        raise QueryError(f"the default of {name} is not a {term.datatype.value}: {term.value!r}")
    return Parameter(name, description, term)


def _split(line: str, n_parts: int) -> list[str]:
    parts = re.split(r"\s{2,}", line, maxsplit=n_parts - 1)
    if len(parts) != n_parts or not re.fullmatch(r"\?\w+", parts[0]):
        raise QueryError(f"`{line}` is not a ?variable and {n_parts - 1} more parts, two spaces apart")
    return [parts[0].removeprefix("?"), *parts[1:]]


def _parse_term(text: str, prefixes: Mapping[str, str]) -> Literal | NamedNode:
    """Read one term in Turtle's notation, which for literals and IRIs is SPARQL's."""
    declarations = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.items())
    try:
        quads = list(parse(f"{declarations}<x:s> <x:p> {text} .", format=RdfFormat.TURTLE))
    except SyntaxError as err:
        raise QueryError(f"`{text}` is not a term: {err}") from err
    term = quads[0].object if len(quads) == 1 else None
    if not isinstance(term, Literal | NamedNode):
        raise QueryError(f"`{text}` is not one literal or IRI")
    return term


def _check_parameters(parameters: tuple[Parameter, ...], text: str, prefixes: Mapping[str, str]) -> None:
    stated = sorted((parameter.name, str(parameter.default)) for parameter in parameters)
    lines = _VALUES_LINE.finditer(text)
    used = sorted({(match["name"], str(_parse_term(match["term"], prefixes))) for match in lines})
    if stated != used:
        raise QueryError(f"the header has the parameters {stated}, the VALUES lines have {used}")


def _prefixes(text: str) -> dict[str, str]:
    return {match["prefix"]: match["iri"] for match in _PREFIX_LINE.finditer(text)}


def _to_term(parameter: Parameter, value: str, prefixes: Mapping[str, str]) -> Literal | NamedNode:
    try:
        if isinstance(parameter.default, NamedNode):
            return _to_iri(value, prefixes)
        term = _cast(Literal(value), parameter.default.datatype)
    except ValueError as err:
        raise QueryError(f"parameter {parameter.name} cannot be {value!r}: {err}") from err
    if term is None:
        raise QueryError(f"parameter {parameter.name} cannot be {value!r}: not {parameter.default.datatype}")
    return term


def _to_iri(value: str, prefixes: Mapping[str, str]) -> NamedNode:
    prefix, _, name = value.partition(":")
    return NamedNode(prefixes[prefix] + name if prefix in prefixes else value)


def _cast(literal: Literal, datatype: NamedNode) -> Literal | None:
    """Give `literal` the datatype by SPARQL's own cast (SPARQL 1.1, section 17.5), or None where that fails."""
    try:
        answer = Store().query(f"SELECT ({datatype}({literal}) AS ?value) {{}}")
    except RuntimeError as err:
        raise QueryError(f"no text can be read as a {datatype.value}") from err
    term = next(answer)["value"] if isinstance(answer, QuerySolutions) else None
    return term if isinstance(term, Literal) else None
