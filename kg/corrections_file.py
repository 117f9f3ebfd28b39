"""The file of corrections: YAML text -> records, and records -> text that is added to it.

    - id: 1
      do: merge
      into: {iri: person/jane-doe, label: Jane Doe}
      entities:
      - {iri: person/j.-doe, label: J. Doe}
      who: sam
      when: 2026-03-02
      why: one and the same, see her page

The file is the user's: an entry is added and marked as undone by putting text in, so that comments, order and layout of
what is there stay. Every value is read as text (YAML would make a date of `2024`, and a truth value of `No`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from unicodedata import category

import yaml

from kg.corrections import (
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
    to_plain,
)
from kg.errors import CorrectionError, GraphError, StoreError
from kg.records import EntityType, Predicate, Status
from kg.settings import ENTITY_BASE

_HEADER = """# Corrections to the graph, applied at every build from top to bottom: kg correct --help
# Entries may be edited by hand; nothing is deleted, what no longer counts has an `undone`.
"""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_ONE_LINE = 10**9
"""Width for the dumper: it folds no line."""

Choice = TypeVar("Choice", bound=StrEnum)


def read_text(path: Path) -> str:
    """The text of the file; empty where there is none. Raises StoreError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as err:
        raise StoreError(f"{path} cannot be read: {err}") from err


def write_text(path: Path, text: str) -> None:
    """Write the file so that it is either the old one or the new one. Raises StoreError."""
    part = path.with_name(f".part-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path.resolve())
    except OSError as err:
        raise StoreError(f"{path} cannot be written: {err}") from err


def parse_corrections(text: str, name: str = "corrections.yaml") -> tuple[Correction, ...]:
    """The entries of the file, in its order. Raises StoreError that names the line of what is wrong."""
    root = _compose(text, name)
    if root is None:
        return ()
    if not isinstance(root, yaml.SequenceNode):
        raise _damage(name, root, "the file is a list of corrections, each begins with `- id:`")
    found = [_Fields(node, name).correction() for node in root.value]
    seen: set[int] = set()
    for node, correction in zip(root.value, found, strict=True):
        if correction.id in seen:
            raise _damage(name, node, f"the id {correction.id} is used twice")
        seen.add(correction.id)
    return tuple(found)


def with_entry(text: str, correction: Correction, name: str = "corrections.yaml") -> str:
    """The text with one more entry at its end. Raises StoreError when the text is damaged or laid out otherwise."""
    before, root = parse_corrections(text, name), _compose(text, name)
    if root is not None and not root.value:  # an empty list, `[]`
        text = text[: root.start_mark.index] + text[root.end_mark.index :]
    indent = " " * (root.start_mark.column if root is not None and root.value else 0)
    entry = "".join(f"{indent}{line}\n" for line in _dump([to_plain(correction)]).splitlines())
    text = text or _HEADER
    added = text + ("" if text.endswith("\n") else "\n") + ("\n" if before or text == _HEADER else "") + entry
    return _checked(added, (*before, correction), name)


def with_undone(text: str, number: int, mark: Mark, name: str = "corrections.yaml") -> str:
    """The text with one entry marked as undone. Raises CorrectionError when there is none, or it is undone already."""
    before, root = parse_corrections(text, name), _compose(text, name)
    index = next((i for i, correction in enumerate(before) if correction.id == number), None)
    if index is None or root is None:
        raise CorrectionError(f"no correction has the id {number}: kg correct list shows them")
    if before[index].undone:
        raise CorrectionError(f"correction {number} is undone already")
    key, value = next((k, v) for k, v in root.value[index].value if k.value == "id")
    block = {"undone": {"who": mark.who, "when": mark.when, "why": mark.why}}
    if root.value[index].flow_style:
        place, put = value.end_mark.index, f", {_dump(block, flow=True).strip()[1:-1]}"
    else:
        place = text.find("\n", value.end_mark.index)
        place = len(text) if place < 0 else place
        indent = " " * key.start_mark.column
        put = "".join(f"\n{indent}{line}" for line in _dump(block).splitlines())
    after = [replace(c, undone=mark) if i == index else c for i, c in enumerate(before)]
    return _checked(text[:place] + put + text[place:], tuple(after), name)


def is_plain(text: str) -> bool:
    """Whether it is a line that any file and page can hold: no control characters, no halves of characters."""
    return all(category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in text)


def is_date(text: str) -> bool:
    """Whether it is `2024-07-03`, `2024-07` or `2024`, and the calendar has it.

    >>> is_date("2024-02-30"), is_date("2024-02"), is_date("2024")
    (False, True, True)
    """
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def _checked(text: str, expected: tuple[Correction, ...], name: str) -> str:
    try:
        is_so = parse_corrections(text, name) == expected
    except StoreError:
        is_so = False
    if not is_so:
        raise StoreError(
            f"{name} is not laid out as a plain list, nothing can be added: write each entry as `- id: ...`"
        )
    return text


def _dump(value: Any, *, flow: bool | None = None) -> str:
    return str(
        yaml.safe_dump(_dated(value), sort_keys=False, allow_unicode=True, default_flow_style=flow, width=_ONE_LINE)
    )


def _dated(value: Any) -> Any:
    """Days as dates, so that they are written without quotation marks."""
    if isinstance(value, dict):
        return {k: date.fromisoformat(v) if k == "when" else _dated(v) for k, v in value.items()}
    return [_dated(one) for one in value] if isinstance(value, list) else value


def _compose(text: str, name: str) -> Any:
    try:
        return yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise StoreError(f"{name}, line {line}: not YAML ({err.problem}): mend it by hand") from err
    except (yaml.YAMLError, RecursionError) as err:
        raise StoreError(f"{name}: not YAML ({' '.join(str(err).split())[:200]}): mend it by hand") from err


def _damage(name: str, node: Any, message: str) -> StoreError:
    return StoreError(f"{name}, line {node.start_mark.line + 1}: {message}")


class _Fields:
    """The keys of one mapping node; each is taken once, and what is left over is refused."""

    def __init__(self, node: Any, name: str) -> None:
        self._node, self._name = node, name
        if not isinstance(node, yaml.MappingNode):
            raise _damage(name, node, "give keys and values here: `- id: 1`, `do: merge`, ...")
        self._values: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _damage(name, key, "a key is one word")
            if key.value in self._values:
                raise _damage(name, key, f"the key {key.value} stands there twice")
            self._values[key.value] = value

    def correction(self) -> Correction:
        number, undone = self._text("id"), self._values.pop("undone", None)
        if not re.fullmatch(r"[1-9]\d{0,8}", number):
            raise _damage(self._name, self._node, f"the id is {number!r}: give a whole number from 1")
        mark = self._mark()
        change = self._change(self._text("do"))
        taken_back = _Fields(undone, self._name)._only_mark() if undone is not None else None
        self._finish()
        return Correction(int(number), change, mark, taken_back)

    def _change(self, verb: str) -> Change:
        match verb:
            case "merge":
                return Merge(self._reference("into"), self._references("entities"))
            case "split":
                split = Split(
                    self._reference("entity"), self._texts("documents"), self._texts("names"), self._text("as")
                )
                if not (split.documents or split.names):
                    raise _damage(self._name, self._node, "a split takes documents, names or both")
                return split
            case "rename":
                return Rename(self._reference("entity"), self._text("name"))
            case "retype":
                return Retype(self._reference("entity"), self._choice("type", EntityType))
            case "retract" if "claim" in self._values:
                return RetractClaim(self._reference("claim"))
            case "retract":
                link = (self._reference("subject"), self._choice("predicate", Predicate), self._reference("object"))
                return RetractLink(*link)
            case "assert":
                return self._assertion()
        verbs = "merge, split, rename, retype, retract or assert"
        raise _damage(self._name, self._node, f"`do` is {verb!r}: give {verbs}")

    def _split(self) -> Split:
        split = Split(self._reference("entity"), self._texts("documents"), self._texts("names"), self._text("as"))
        if not (split.documents or split.names):
            raise _damage(self._name, self._node, "a split takes documents, names or both")
        return split

    def _assertion(self) -> Assertion:
        return Assertion(
            self._end("subject"),
            self._choice("predicate", Predicate),
            self._end("object"),
            self._choice("status", Status) if "status" in self._values else Status.ACTUAL,
            self._optional("role"),
            self._date("started_on"),
            self._date("ended_on"),
            self._date("occurred_on"),
        )

    def _only_mark(self) -> Mark:
        mark = self._mark()
        self._finish()
        return mark

    def _mark(self) -> Mark:
        who, when = self._text("who"), self._text("when")
        if not is_date(when) or not _DAY.fullmatch(when):
            raise _damage(self._name, self._node, f"`when` is {when!r}: give a day as 2026-03-02")
        return Mark(who, when, self._optional("why") or "")

    def _finish(self) -> None:
        if self._values:
            key = sorted(self._values)[0]
            raise _damage(self._name, self._values[key], f"no key is named {key!r} here")

    def _text(self, key: str) -> str:
        text = self._optional(key)
        if text is None:
            raise _damage(self._name, self._node, f"the key {key} is missing or empty")
        return text

    def _optional(self, key: str) -> str | None:
        node = self._values.pop(key, None)
        if node is None:
            return None
        return self._line(node, key) or None

    def _line(self, node: Any, key: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise _damage(self._name, node, f"{key} is one text")
        text = " ".join(str(node.value).split())
        if not is_plain(text):
            raise _damage(self._name, node, f"{key} holds a control character")
        return text

    def _texts(self, key: str) -> tuple[str, ...]:
        node = self._values.pop(key, None)
        return tuple(self._line(one, key) for one in self._list(node, key)) if node is not None else ()

    def _list(self, node: Any, key: str) -> Sequence[Any]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise _damage(self._name, node, f"{key} is a list: [one, other]")
        return list(node.value)

    def _choice(self, key: str, kind: type[Choice]) -> Choice:
        text = self._text(key)
        if text not in list(kind):
            raise _damage(self._name, self._node, f"{key} is {text!r}: give one of {', '.join(kind)}")
        return kind(text)

    def _date(self, key: str) -> str | None:
        text = self._optional(key)
        if text is not None and not is_date(text):
            raise _damage(self._name, self._node, f"{key} is {text!r}: give a date as 2024-07-03, 2024-07 or 2024")
        return text

    def _references(self, key: str) -> tuple[Reference, ...]:
        if key not in self._values:
            raise _damage(self._name, self._node, f"the key {key} is missing or empty")
        nodes = self._list(self._values.pop(key), key)
        return tuple(_Fields.reference(node, self._name, key) for node in nodes)

    def _reference(self, key: str) -> Reference:
        if key not in self._values:
            raise _damage(self._name, self._node, f"the key {key} is missing or empty")
        return _Fields.reference(self._values.pop(key), self._name, key)

    def _end(self, key: str) -> End:
        node = self._values.get(key)
        if isinstance(node, yaml.MappingNode) and any(k.value == "name" for k, _ in node.value):
            fields = _Fields(self._values.pop(key), self._name)
            new = NewEntity(fields._text("name"), fields._choice("type", EntityType))
            fields._finish()
            return new
        return self._reference(key)

    @staticmethod
    def reference(node: Any, name: str, key: str) -> Reference:
        """`person/jane-doe`, or the same with a label: {iri: person/jane-doe, label: Jane Doe}."""
        if isinstance(node, yaml.ScalarNode):
            found = Reference(str(node.value).strip())
        else:
            fields = _Fields(node, name)
            found = Reference(fields._text("iri"), fields._optional("label") or "")
            fields._finish()
        try:
            found.iri(ENTITY_BASE)
        except GraphError as err:
            raise _damage(name, node, f"{key}: {err}") from err
        return found
