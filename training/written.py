"""Further short documents of our own (written.txt, CC0), on what newsroom/ holds little of: status, rare predicates.

A document is a paragraph. `{key:T Name}` is an entity's first name, T in P person, C company, O organization, R
product, L place; `{key Form}` names it again. A line that begins with `>` is `key predicate key status` or `key metric
value unit`.
"""

from __future__ import annotations

import re
from pathlib import Path

from training.prepare import Json

TYPES = {"P": "Person", "C": "Company", "O": "Organization", "R": "Product", "L": "Place"}
NAME = re.compile(r"\{(\w)(?::([PCORL]))? ([^}]+)\}")


FILE = Path(__file__).with_name("written.txt")


def written(file: Path = FILE) -> list[Json]:
    """The documents, in the form of the newsroom's; ids `w0`, `w1`, ..."""
    paragraphs = file.read_text(encoding="utf-8").strip().split("\n\n")
    return [_document(f"w{number}", paragraph.split("\n")) for number, paragraph in enumerate(paragraphs)]


def _document(identity: str, lines: list[str]) -> Json:
    marked = " ".join(line for line in lines if not line.startswith(">"))
    text = NAME.sub(lambda match: match[3], marked)
    entities: dict[str, Json] = {}
    for key, kind, form in NAME.findall(marked):
        if kind:
            entities[key] = {"id": key, "name": form, "type": TYPES[kind], "aliases": []}
        if form not in entities[key]["aliases"]:
            entities[key]["aliases"].append(form)
    document: Json = {"id": identity, "group": "written", "text": text, "entities": list(entities.values())}
    document |= {"relations": [], "observations": []}
    for line in lines:
        if line.startswith("> "):
            _add_fact(document, line.split()[1:], set(entities))
    return document


def _add_fact(document: Json, words: list[str], keys: set[str]) -> None:
    subject, label, third, fourth = words
    fact = {"subject": subject, "evidence": document["text"], "date": None}
    if third in keys:
        document["relations"].append(fact | {"predicate": label, "object": third, "status": fourth, "role": None})
    else:
        document["observations"].append(fact | {"metric": label, "value": float(third), "unit": fourth})
