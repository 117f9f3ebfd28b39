"""What is wrong with the documents of training/corpus: offsets, names, domains, facts, duplicates.

python -m training.check [FILE...]        every finding on a line; exit 1 when there is one
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kg.records import SIGNATURES, EntityType, Predicate
from training.notation import CORPUS, Json, NotationError, read_document, split_documents

GROUPS = frozenset({"article", "page", "brief", "short", "tech", "health", "industry", "finance", "hard", "written"})
"""Kinds of document; the last six are the groups of the documents that were written first."""
SHINGLE = 12
"""Words in a row that no two documents may share: longer than any name or set phrase that news repeats."""
_UNIT = re.compile(r"[A-Z]{3}|percent|count")
_FIGURE = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|.*teen|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty|ninety|hundred|thousand|million|billion|dozen|half|third|quarter|fifth)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")


def findings(documents: Sequence[Json]) -> Iterator[str]:
    """One line a mistake, the document's id first."""
    seen: set[str] = set()
    for document in documents:
        if document["id"] in seen:
            yield f"{document['id']}: two documents have this id"
        seen.add(document["id"])
        for finding in (*_text(document), *_names(document), *_relations(document), *_observations(document)):
            yield f"{document['id']}: {finding}"
    yield from shared_words(documents)


def _text(document: Json) -> Iterator[str]:
    if document["group"] not in GROUPS:
        yield f"group {document['group']!r} is none of {', '.join(sorted(GROUPS))}"
    if document["chrome"] and document["group"] != "page":
        yield "chrome lines stand only in documents of group page"
    if len(document["text"].split()) < 4:
        yield "hardly any text"


def _names(document: Json) -> Iterator[str]:
    """Mentions at their offsets, one entity of a type and name, and no occurrence of a form left unmarked."""
    text, covered = document["text"], set[int]()
    aliases = {entity["id"]: entity["aliases"] for entity in document["entities"]}
    for start, end, key in document["mentions"]:
        if text[start:end] not in aliases[key]:
            yield f"the offsets of {text[start:end]!r} are off"
        if text[start:end] != text[start:end].strip():
            yield f"{text[start:end]!r} begins or ends with a space"
        covered.update(range(start, end))
    for start, end in document["chrome"]:
        covered.update(range(start, end))
    titles = [(entity["name"], entity["type"]) for entity in document["entities"]]
    for title in sorted({t for t in titles if titles.count(t) > 1}):
        yield f"{title[0]} stands for two entities of type {title[1]}"
    for entity in document["entities"]:
        for form in entity["aliases"] if entity["type"] != EntityType.PLACE else ():
            for match in re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", text):
                if not covered.intersection(range(*match.span())):
                    yield f"{form!r} is not marked in {text[max(0, match.start() - 20) : match.end() + 20]!r}"


def _relations(document: Json) -> Iterator[str]:
    types = {entity["id"]: EntityType(entity["type"]) for entity in document["entities"]}
    said: set[tuple[str, ...]] = set()
    for relation in document["relations"]:
        subject, predicate, target = relation["subject"], relation["predicate"], relation["object"]
        line = f"{subject} {predicate} {target}"
        domain, codomain = SIGNATURES[Predicate(predicate)]
        if types[subject] not in domain or types[target] not in codomain:
            yield f"{line}: a {types[subject]} and a {types[target]} do not fit"
        if subject == target:
            yield f"{line}: links a thing with itself"
        if (triple := (subject, predicate, target, relation["status"])) in said:
            yield f"{line}: stands twice"
        said.add(triple)
        yield from _evidence(document, relation, (subject, target), line)
        if relation["role"] and relation["role"] not in relation["evidence"]:
            yield f"{line}: the role {relation['role']!r} is not in its evidence"
        if relation["role"] and predicate not in ("worksFor", "boardMemberOf"):
            yield f"{line}: only a person's position has a role"


def _observations(document: Json) -> Iterator[str]:
    for observation in document["observations"]:
        line = f"{observation['subject']} {observation['metric']} {observation['value']:g}"
        if not _UNIT.fullmatch(observation["unit"]):
            yield f"{line}: the unit {observation['unit']!r} is no ISO 4217 code, percent or count"
        if not _FIGURE.search(observation["evidence"]):
            yield f"{line}: no figure in its evidence"
        yield from _evidence(document, observation, (observation["subject"],), line)


def _evidence(document: Json, fact: Json, keys: Iterable[str], line: str) -> Iterator[str]:
    """The sentence holds a name of one of the two at least, and the year of the date stands in the text."""
    start = document["text"].find(fact["evidence"])
    inside = {key for a, b, key in document["mentions"] if start <= a and b <= start + len(fact["evidence"])}
    if not inside.intersection(keys) and document["group"] in ("article", "page", "brief", "short"):
        yield f"{line}: no name of it stands in its evidence; begin it earlier with ^n"
    if fact["date"]:
        if not _DATE.fullmatch(fact["date"]):
            yield f"{line}: {fact['date']!r} is no date"
        elif fact["date"][:4] not in document["text"] and document["group"] in ("article", "page", "brief", "short"):
            yield f"{line}: the year of {fact['date']} is not in the text"


def shared_words(documents: Sequence[Json], others: Mapping[str, str] | None = None) -> Iterator[str]:
    """Documents that share SHINGLE words in a row with an earlier one, or with one of `others`, texts by name."""
    first: dict[str, str] = {}
    texts = [*(others or {}).items(), *((document["id"], document["text"]) for document in documents)]
    pairs: dict[tuple[str, str], str] = defaultdict(str)
    for name, text in texts:
        words = re.findall(r"\w+", text.lower())
        for i in range(len(words) - SHINGLE + 1):
            shingle = " ".join(words[i : i + SHINGLE])
            earlier = first.setdefault(shingle, name)
            if earlier != name and not (others and name in others):
                pairs.setdefault((name, earlier), shingle)
    for (name, earlier), shingle in pairs.items():
        yield f"{name}: shares {shingle!r} with {earlier}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    documents, found = [], []
    for file in parser.parse_args().files or sorted(CORPUS.glob("*.txt")):
        for block in split_documents(file.read_text(encoding="utf-8")):
            try:
                documents.append(read_document(block))
            except NotationError as error:
                found.append(str(error))
    found += findings(documents)
    print("\n".join([*found, f"{len(documents)} documents, {len(found)} findings"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
