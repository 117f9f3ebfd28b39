"""Names of GUM and the Wikipedia article that each stands for, as clusters of documents.

From dep/*.conllu of GUM (Zeldes 2017; licences by genre, so nothing of it is kept here): a document's mentions of one
article are one cluster. A mention is a name where its head, or what stands flat beside it (`captain Harry Kane`), is
tagged as a proper noun; the name is the run of proper nouns, numerals and links (`of`, `the`, `&`) around it, without
titles, descriptions, possessors and what is added after a comma. Left out: abstract things (languages, prizes, laws,
works), events, times, living and other matter, as in the sets beside this one; of people those named with an article or
in the plural (`the President`, `Saudis`), which are offices and peoples.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

TYPES = {"person": "Person", "organization": "Organization", "place": "Place", "object": "Product"}
"""GUM's types of entities that are kept -> ours."""
PROPER = frozenset({"NNP", "NNPS"})
LINKS = frozenset({"of", "for", "to", "the", "and", "&", "-", "–", "/", "de", "von", "van", "la", "du", "al"})
"""What a name may hold between two proper nouns."""
INSIDE = frozenset(
    {"flat", "compound", "amod", "nmod", "nmod:unmarked", "nummod", "conj", "cc", "case", "det", "punct"}
)
"""Relations by which a word is a part of its head's name."""
_BRACKET = re.compile(r"\(([^()]+)(\)?)|([^()]+)\)")
_N_FIELDS = 8
"""Fields of a mention with an identity; the header `global.Entity` names them. One without has a field less."""
Json = dict[str, Any]


class Word(NamedTuple):
    """A token. head: its place in the sentence, -1 for none. space: what stands between it and the next."""

    form: str
    tag: str
    features: str
    head: int
    relation: str
    space: str
    brackets: str


class Mention(NamedTuple):
    """A half-open span of words of a sentence, its type in GUM's words, and the article."""

    start: int
    end: int
    type: str
    article: str


def gum_documents(folder: Path) -> list[Json]:
    """The documents of dep/*.conllu that name an entity, by file name, each as one of across.json without links."""
    documents = []
    for file in sorted(folder.glob("*.conllu")):
        clusters = _clusters(file.read_text(encoding="utf-8"))
        if clusters:
            documents.append({"id": file.stem, "clusters": clusters, "links": []})
    return documents


def _clusters(text: str) -> list[list[str]]:
    """Rows `type, article, name, other name ...`: the commonest type, the longest name first."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for words in _sentences(text):
        for mention in _mentions(words):
            if name := name_of(words, mention):
                names[mention.article][name] += 1
                types[mention.article][TYPES[mention.type]] += 1
    return [
        [types[article].most_common(1)[0][0], article, *sorted(found, key=lambda n: (-len(n.split()), -len(n), n))]
        for article, found in names.items()
    ]


def _sentences(text: str) -> Iterator[list[Word]]:
    for block in text.split("\n\n"):
        rows = [line.split("\t") for line in block.splitlines() if line and not line.startswith("#")]
        words = [_word(row) for row in rows if row[0].isdigit()]
        if words:
            yield words


def _word(row: Sequence[str]) -> Word:
    _, form, _, _, tag, features, head, relation, _, misc = row
    fields = dict(field.partition("=")[::2] for field in misc.split("|"))
    space = "" if fields.get("SpaceAfter") == "No" else " "
    return Word(form, tag, features, int(head) - 1, relation, space, fields.get("Entity", ""))


def _mentions(words: Sequence[Word]) -> Iterator[Mention]:
    """The mentions of kept types that have an article, in the order in which they end."""
    opened: list[tuple[list[str], int]] = []
    for place, word in enumerate(words):
        for opening, is_closed, number in _BRACKET.findall(word.brackets):
            if opening:
                opened.append((opening.split("-"), place))
            if is_closed or number:
                at = max(i for i, (fields, _) in enumerate(opened) if is_closed or fields[0] == number)
                fields, start = opened.pop(at)
                if len(fields) == _N_FIELDS and fields[1] in TYPES:
                    yield Mention(start, place + 1, fields[1], unquote(fields[-1]))


def name_of(words: Sequence[Word], mention: Mention) -> str | None:
    """The name in a mention; None where it holds none, or one of an office or a people."""
    span = range(mention.start, mention.end)
    heads = _heads(words, span)
    if not heads or (mention.type == "person" and _is_no_one(words, heads[0], mention)):
        return None
    start = end = heads[0]
    while start - 1 in span and _is_inside(words, start - 1, heads, mention.type):
        start -= 1
    while end + 1 in span and _is_inside(words, end + 1, heads, mention.type):
        end += 1
    start = next(i for i in range(start, end + 1) if not _is_link(words[i]))
    end = next(i for i in range(end, start - 1, -1) if not _is_link(words[i]))
    return "".join(word.form + word.space for word in words[start : end + 1]).strip()


def _heads(words: Sequence[Word], span: range) -> list[int]:
    """The head of a span, or what stands flat beside it, as far as these are proper nouns."""
    top = next(i for i in span if words[i].head not in span)
    if words[top].tag in PROPER:
        return [top]
    flat = (i for i in span if words[i].head == top and words[i].relation == "flat")
    return [i for i in flat if words[i].tag in PROPER]


def _is_no_one(words: Sequence[Word], head: int, mention: Mention) -> bool:
    before = range(mention.start, head)
    has_article = any(words[i].head == head and words[i].relation == "det" for i in before)
    return has_article or "Number=Plur" in words[head].features or "people" in mention.article


def _is_link(word: Word) -> bool:
    return word.form in LINKS and word.tag not in PROPER


def _is_inside(words: Sequence[Word], place: int, heads: Sequence[int], mention_type: str) -> bool:
    """Whether a word is of the name of these heads: all steps from it to one are of a name, and it may stand in one."""
    word = words[place]
    if word.tag not in PROPER and word.tag != "CD" and word.form not in LINKS:
        return False
    while place not in heads:
        relation = words[place].relation
        if place < 0 or relation not in INSIDE or (mention_type == "person" and relation in ("nmod", "conj")):
            return False
        place = words[place].head
    return True
