"""The notation of training/corpus: a text with its names marked in place, and each fact below its sentence.

    == zz-001 article
    {a Norvane} ends talks to buy {b:C Pellet Systems}

    {a:C Norvane Labs} said on Tuesday that it had walked away from talks to buy {b Pellet}.
    > a acquired b attempted
    It had offered 310 million euros.
    > b deal_value 310000000 EUR ^1

A line is a sentence or, without a stop at its end, a heading; an empty line begins a paragraph; `~` marks a line of
page chrome. `{key:T Form}` is the full name of an entity, T a letter of TYPES, `{key Form}` any other mention of it. A
fact is `> subject predicate object` or `> subject metric value unit`, then in any order a status (actual where none is
given), `@date`, `<role>`, `"qualifier"`, and `^n` where its evidence begins n sentences before the one above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.records import EntityType, Metric, Predicate, Status

CORPUS = Path(__file__).with_name("corpus")
TYPES = {
    "P": EntityType.PERSON,
    "C": EntityType.COMPANY,
    "O": EntityType.ORGANIZATION,
    "R": EntityType.PRODUCT,
    "L": EntityType.PLACE,
}
Json = dict[str, Any]
_NAME = re.compile(r"\{(\w+)(?::([PCORL]))? ([^{}]+)\}")
_FACT_PART = re.compile(
    r'<(?P<role>[^<>]+)>|"(?P<qualifier>[^"]*)"|\^(?P<back>\d+)|@(?P<date>[\d-]+)|(?P<word>[^\s<>"]+)'
)
_HEADER = re.compile(r"== (\S+) (\w+)")
_PREDICATES = frozenset(p.value for p in Predicate)
_METRICS = frozenset(m.value for m in Metric)
_STATUSES = frozenset(s.value for s in Status)


class NotationError(ValueError):
    """A document that cannot be read; the message names it and says what is wrong."""


@dataclass(slots=True)
class _Draft:
    """A document while it is read: text so far, its sentences and mentions, and facts with their evidence."""

    text: str = ""
    sentences: list[tuple[int, int]] = field(default_factory=list)
    chrome: list[tuple[int, int]] = field(default_factory=list)
    mentions: list[tuple[int, int, str]] = field(default_factory=list)
    types: dict[str, tuple[str, str]] = field(default_factory=dict)
    facts: list[tuple[str, str]] = field(default_factory=list)


def read_corpus(folder: Path = CORPUS) -> list[Json]:
    """Every document of every .txt file of `folder`, in the order of the file names."""
    return [document for file in sorted(folder.glob("*.txt")) for document in read_file(file)]


def read_file(file: Path) -> Iterator[Json]:
    """The documents of one file, in the schema of `kg extract` plus id, group, text, mentions and chrome.

    mentions: `[start, end, entity id]`, chrome: `[start, end]`, half-open, code points of the text. Raises
    NotationError at the first document that cannot be read.
    """
    for block in split_documents(file.read_text(encoding="utf-8")):
        yield read_document(block)


def split_documents(text: str) -> list[str]:
    """The blocks that begin with a line `== id group`."""
    return [block.strip("\n") for block in re.split(r"^(?=== )", text, flags=re.MULTILINE) if block.strip()]


def read_document(block: str) -> Json:
    """One block as a document; see `read_file`."""
    head, _, body = block.partition("\n")
    header = _HEADER.fullmatch(head.strip())
    if not header:
        raise NotationError(f"{head!r}: the first line of a document is `== id group`")
    draft = _Draft()
    paragraph = False
    for line in map(str.strip, body.split("\n")):
        if line.startswith(">"):
            draft.facts.append((line[1:].strip(), _place(draft, line, header[1])))
        elif line:
            _add_line(draft, line, paragraph, header[1])
            paragraph = False
        else:
            paragraph = True
    return _finish(draft, header[1], header[2])


def _place(draft: _Draft, line: str, where: str) -> str:
    """The evidence of the fact on `line`: the sentence above, and the n before it where it says so."""
    back = re.search(r"\^(\d+)", line)
    first = len(draft.sentences) - 1 - (int(back[1]) if back else 0)
    if first < 0:
        raise NotationError(f"{where}: {line!r}: no sentence stands there")
    return draft.text[draft.sentences[first][0] : draft.sentences[-1][1]]


def _add_line(draft: _Draft, line: str, paragraph: bool, where: str) -> None:
    if draft.text:
        draft.text += "\n\n" if paragraph else "\n" if line.startswith("~") or _ends_line(draft) else " "
    start = len(draft.text)
    if line.startswith("~"):
        draft.text += line[1:].strip()
        draft.chrome.append((start, len(draft.text)))
        return
    position = 0
    for name in _NAME.finditer(line):
        draft.text += line[position : name.start()]
        position = name.end()
        key, kind, form = name.groups()
        draft.mentions.append((len(draft.text), len(draft.text) + len(form), key))
        draft.text += form
        if kind:
            if key in draft.types and draft.types[key] != (kind, form):
                raise NotationError(f"{where}: {key} has two full names, {draft.types[key][1]!r} and {form!r}")
            draft.types[key] = (kind, form)
    draft.text += line[position:]
    if "{" in draft.text[start:] or "}" in draft.text[start:]:
        raise NotationError(f"{where}: a brace is left in {line!r}")
    draft.sentences.append((start, len(draft.text)))


def _ends_line(draft: _Draft) -> bool:
    """Whether the text so far ends in chrome or, as a heading does, in no punctuation."""
    after_chrome = bool(draft.chrome) and draft.chrome[-1][1] == len(draft.text)
    return after_chrome or draft.text[-1].isalnum()


def _finish(draft: _Draft, identity: str, group: str) -> Json:
    missing = {key for _, _, key in draft.mentions} - set(draft.types)
    if missing:
        raise NotationError(f"{identity}: no full name `{{key:T Form}}` of {', '.join(sorted(missing))}")
    aliases: dict[str, list[str]] = {key: [form] for key, (_, form) in draft.types.items()}
    for start, end, key in draft.mentions:
        if draft.text[start:end] not in aliases[key]:
            aliases[key].append(draft.text[start:end])
    entities = [
        {"id": key, "name": form, "type": TYPES[kind].value, "aliases": aliases[key]}
        for key, (kind, form) in draft.types.items()
    ]
    document: Json = {"id": identity, "group": group, "text": draft.text, "entities": entities}
    document |= {"relations": [], "observations": [], "mentions": draft.mentions, "chrome": draft.chrome}
    for line, evidence in draft.facts:
        _add_fact(document, line, evidence)
    return document


def _add_fact(document: Json, line: str, evidence: str) -> None:
    parts = list(_FACT_PART.finditer(line))
    words = [p["word"] for p in parts if p["word"]]
    extra = {name: next((p[name] for p in parts if p[name]), None) for name in ("role", "qualifier", "date")}
    keys = {entity["id"] for entity in document["entities"]}
    where = f"{document['id']}: {line!r}"
    if len(words) < 3 or words[0] not in keys:
        raise NotationError(f"{where}: a fact begins with the key of its subject")
    fact: Json = {"subject": words[0], "evidence": evidence, "date": extra["date"]}
    if words[1] in _PREDICATES and words[2] in keys and set(words[3:]) <= _STATUSES and len(words) <= 4:
        status = words[3] if len(words) == 4 else Status.ACTUAL.value
        fact |= {"predicate": words[1], "object": words[2], "status": status, "role": extra["role"]}
        document["relations"].append(fact)
    elif words[1] in _METRICS and len(words) == 4 and re.fullmatch(r"-?\d+(\.\d+)?", words[2]):
        fact |= {"metric": words[1], "value": float(words[2]), "unit": words[3], "qualifier": extra["qualifier"]}
        document["observations"].append(fact)
    else:
        raise NotationError(f"{where}: neither `subject predicate object [status]` nor `subject metric value unit`")
