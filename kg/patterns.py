"""Sentences as skeletons, and the patterns of seeds/cues that are matched on them.

A skeleton is the sentence with every cluster mention, by name or by noun and pronoun, replaced by a mark that tells its
kind: `⟨C0⟩ CEO ⟨P1⟩ said ...` (C company or organization, P person, R product, L place). A pattern is a regular
expression over skeletons in which a few words in braces stand for longer ones (MACROS), so that a line of a table reads
almost like the phrase that it finds.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Span

from kg.lexicon import ROLE_HEADS, ROLE_STOPS
from kg.records import ClusterId, EntityType
from kg.sentences import body_sentences

LETTERS = {
    EntityType.COMPANY: "C",
    EntityType.ORGANIZATION: "C",
    EntityType.PERSON: "P",
    EntityType.PRODUCT: "R",
    EntityType.PLACE: "L",
}
QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "\n": " ", "–": "-", "—": "-"})

FOREIGN_MARKS = str.maketrans({"⟨": "<", "⟩": ">"})
"""A text's own angle brackets, which must not be taken for marks."""

_LONGEST_FIRST = sorted((re.escape(h) for h in ROLE_HEADS), key=lambda h: (-len(h), h))
HEADS = rf"(?:(?:vice|co|deputy|sub)-)?(?:{'|'.join(_LONGEST_FIRST)})"
"""The last word of a position, as a part of an expression."""
WORD = rf"(?!(?:{'|'.join(sorted(ROLE_STOPS))})\b)\w[\w&'/.-]{{0,39}}"
"""A word that can stand before it."""
_TITLE = rf"(?:{WORD} ){{0,4}}?(?i:{HEADS})\b(?! (?:{WORD} ){{0,2}}?(?i:{HEADS})\b)"
_NO_NUMBER = r"(?!\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|twenty|some|many|almost|nearly)\b)"
_FIELD = rf"(?: (?:of|for|in charge of) (?:(?:its|the|global|our) )?{_NO_NUMBER}(?:{WORD})(?: (?:and )?{WORD}){{0,3}})?"
MACROS = {
    "role": rf"(?<![\w&'/.-])(?:{_TITLE})(?:{_FIELD})"
    rf"(?:(?:,? and |, | & |/)(?:(?:the|its) )?(?:{_TITLE})(?:{_FIELD}))?",
    "gap": r"(?:(?!⟨)[^.;!?\"]){0,70}?",
    "mod": r"(?:(?!⟨)[^.;:!?,\"]){0,50}?",
    "aside": r"(?:, (?:(?!⟨)[^.;!?\"]){0,80}?,)?",
    "det": r"(?:(?:the|a|an|its|their|his|her|fellow|rival|former|own) )?",
    "have": r"(?:(?:has|have|had|having) )?(?:(?:also|already|since|recently|now|just|quietly|finally) )?",
    "be": r"(?:is|are|was|were|be|been|being|has been|have been|had been)",
    "deal": r"(?:deal|acquisition|takeover|purchase|buyout|merger|bid|offer|transaction|buy-out|talks)",
}
Doc.set_extension("skeletons", default=None, force=True)

_Mark = tuple[int, int, str, bool]
ATOM = re.compile(r"⟨([A-Z])(\d+)⟩")


@dataclass(frozen=True, slots=True)
class Atom:
    """One mark of a skeleton: the cluster, where it stands in the document, and whether it is a name.

    at, until: where the mark, with the possessive that it may carry, stands in the skeleton.
    """

    cluster: ClusterId
    start: int
    end: int
    named: bool
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A sentence with its cluster mentions abstracted away.

    text: the skeleton. atoms: by the number in their mark. start, end: the sentence in the document's text.
    """

    text: str
    atoms: tuple[Atom, ...]
    start: int
    end: int

    def origin(self, at: int) -> int:
        """The offset in the document's text that a character of `text` came from; of a mark, the mention's start."""
        number = bisect_right(self.atoms, at, key=lambda atom: atom.at) - 1
        if number < 0:
            return self.start + at
        atom = self.atoms[number]
        return atom.start if at < atom.until else atom.end + at - atom.until

    def place(self, offset: int) -> int:
        """Where an offset in the document's text stands in `text`; inside a mention, where its mark begins."""
        number = bisect_right(self.atoms, offset, key=lambda atom: atom.start) - 1
        if number < 0:
            return offset - self.start
        atom = self.atoms[number]
        return atom.at if offset < atom.end else atom.until + offset - atom.end

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Half-open offsets in the document's text of the skeleton's characters `[start, end)`, marks taken whole."""
        last = ATOM.match(self.text, self.text.rfind("⟨", 0, end)) if "⟩" in self.text[end - 1 : end] else None
        stop = self.atoms[int(last[2])].end if last else self.origin(end - 1) + 1
        return self.origin(start), stop


def document_skeletons(doc: Doc) -> list[Skeleton]:
    """The skeleton of each body sentence, from `doc._.clusters`, `doc.spans["clusters"]` and `doc.spans["anaphora"]`.

    Kept with the Doc, since two components ask for them.
    """
    if doc._.skeletons is None:
        types = {c.id: c.type for c in doc._.clusters}
        groups = ((doc.spans["clusters"], True), (doc.spans["anaphora"], False))
        marks = sorted((s.start_char, s.end_char, s.label_, named) for spans, named in groups for s in spans)
        starts, text = [mark[0] for mark in marks], doc.text
        doc._.skeletons = [
            _skeleton(text, s.start_char, s.end_char, marks[slice(*_range(starts, s))], types)
            for s in body_sentences(doc)
        ]
    skeletons: list[Skeleton] = doc._.skeletons
    return skeletons


def _range(starts: Sequence[int], sentence: Span) -> tuple[int, int]:
    return bisect_left(starts, sentence.start_char), bisect_left(starts, sentence.end_char)


def _skeleton(
    source: str, begin: int, finish: int, marks: Sequence[_Mark], types: Mapping[ClusterId, EntityType]
) -> Skeleton:
    text: list[str] = []
    atoms: list[Atom] = []
    at, length = begin, 0
    for start, end, label, is_name in marks:
        if start < at:
            continue
        text.append(source[at:start].translate(FOREIGN_MARKS))
        length += start - at
        possessive = "" if is_name or source[start:end].casefold() not in POSSESSIVES else "'s"
        mark = f"⟨{LETTERS[types[ClusterId(label)]]}{len(atoms)}⟩{possessive}"
        text.append(mark)
        atoms.append(Atom(ClusterId(label), start, end, is_name, length, length + len(mark)))
        at, length = end, length + len(mark)
    text.append(source[at:finish].translate(FOREIGN_MARKS))
    return Skeleton("".join(text).translate(QUOTES), tuple(atoms), begin, finish)


POSSESSIVES = frozenset({"its", "his", "her", "their"})


def compile_pattern(pattern: str, subject: frozenset[EntityType], object_: frozenset[EntityType]) -> re.Pattern[str]:
    """A pattern of the tables, with `{S}` and `{O}` as marks of those types and MACROS written out.

    `{R}` is a product in the place of an object: the pattern then speaks of the product's maker.

    Raises KeyError for an unknown word in braces.
    """
    product = frozenset({EntityType.PRODUCT})
    marks = {"S": _mark("s", subject), "O": _mark("o", object_), "R": _mark("o", product), "X": r"⟨[A-Z]\d+⟩"}
    uses = iter(range(1000))

    def expand(match: re.Match[str]) -> str:
        name = match[1]
        if name == "role" and next(uses) == 0:
            return f"(?P<role>{MACROS['role']})"
        return marks[name] if name in marks else MACROS[name]

    return re.compile(re.sub(r"\{([A-Za-z]+)\}", expand, pattern))


def _mark(group: str, types: frozenset[EntityType]) -> str:
    letters = "".join(sorted({LETTERS[t] for t in types}))
    return rf"⟨[{letters}](?P<{group}>\d+)⟩"


def coordinated(skeleton: Skeleton, position: int, letter: str) -> list[int]:
    """Numbers of the marks of kind `letter` in the list that the mark ending at `position` opens (`⟨R1⟩, ⟨R2⟩`)."""
    found = []
    following = re.compile(rf"(?:, (?:and |or )?| and | & | or |/)(?:(?:the|its|with|by) )?⟨{letter}(\d+)⟩")
    while match := following.match(skeleton.text, position):
        found.append(int(match[1]))
        position = match.end()
    return found


def coordinated_before(skeleton: Skeleton, position: int, letter: str) -> list[int]:
    """As `coordinated`, for the list that ends in the mark which begins at `position`."""
    found = []
    preceding = re.compile(rf"⟨{letter}(\d+)⟩(?:, (?:and )?| and | & )(?:the )?$")
    while match := preceding.search(skeleton.text, 0, position):
        found.append(int(match[1]))
        position = match.start()
    return found
