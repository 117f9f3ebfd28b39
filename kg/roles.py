"""Stage 5. Positions that a text gives to persons, and at which body: `the chief executive of Acme, Ann Lee`.

In: skeletons, and the positions that the reader tagged. Out: Posts. A position is a run of words that ends in a word of
seeds/cues/role_heads.csv; whose it is, and where, is read off the words and marks around it, never off distance alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.lexicon import ROLE_HEADS
from kg.patterns import HEADS, WORD, Atom, Skeleton
from kg.records import ClusterId, Status

ROLE_EDGE = re.compile(
    r"^(?:the|a|an|its|their|his|her|our|former|then|now|ex-?|and)\s+|[\s,]+(?:and)?$|^[\s,&]+"
    r"|(?<=[a-z]{3})\.$|^(?:co-?\s?)?founders?(?:\s+and\s+|,\s*|\s*$)|(?:\s+and\s+|,\s*)(?:co-?\s?)?founders?$",
    re.IGNORECASE,
)
"""What is no part of a position: articles, possessives, `former`, a stop, and `founder`, which is its own claim."""

_PLAIN = rf"(?:{WORD} ){{0,4}}?(?:{HEADS})s?\b(?!-)(?! (?:{WORD} ){{0,2}}?(?:{HEADS})\b)"
_NO_FIELD = (
    r"(?!(?:in|last|this|next|since|from|with|by|who|after|before|when|there|here|which|that|personal|health|nearly"
    r"|almost|about|\d+|one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|twenty|some|many)\b)"
)
_FIELD = (
    r" (?:of|for) (?:(?:its|the|global|our) |⟨C(?P<body>\d+)⟩'s )?"
    rf"{_NO_FIELD}{WORD}(?: (?:and )?{_NO_FIELD}{WORD}){{0,3}}"
)
_IN_CHARGE = rf"\bin charge of (?:the )?{WORD}(?: (?:and )?{_NO_FIELD}{WORD}){{0,2}}"
_TITLE = re.compile(
    rf"(?<![\w&'/.⟨-]){_PLAIN}(?:(?:,? and |, | & |/)(?:(?:the|its) )?{_PLAIN})?|{_IN_CHARGE}", re.IGNORECASE
)
_APPOSED = re.compile(
    rf"⟨P\d+⟩(?: \([^)⟨]{{1,20}}\))?, (?:(?:now|formerly|until \w+|once|at present) )?an? "
    rf"((?:{WORD} ){{0,3}}{WORD})(?<!student)(?<!graduate)"
    r"(?= (?:of|at|with|for|in) (?:the )?(?:\w+ ){0,2}⟨C|,? there\b)"
)
"""A position by its place alone, whatever its words: `⟨P1⟩, an electrician with ⟨C2⟩`."""
_DOING = re.compile(
    r"⟨P(\d+)⟩(?:,? (?:who|and|also|now|still|today|then|has|had|have|long|currently|once"
    r"|previously|later|continues to))*"
    r" ((?:runs?|ran|running|chairs?|chaired|chairing|heads?|headed|heading|leads?|led|leading"
    rf"|manages|managed|directs|directed|teaches|taught)(?: (?:the |its |a )?"
    rf"(?:{_NO_FIELD}(?!(?:of|at|for|as|until|on)\b)[\w'-]+(?: |(?=[,.;])))+?(?=of|at|for|in|from|[,.;]))?)\b"
)
"""A position in a verb: `who chairs the board`, `teaches patent law at`; an object that is no name belongs to it."""
_OF_FIELD = re.compile(_FIELD)
_LEAD = re.compile(
    r"^(?:(?:named|appointed|elected|made|hired|promoted|picked|chosen|been|be|remains?|formerly|previously|both|another"
    r"|earlier|one|two|three|four|five|several|currently|retired|outgoing|departing|incoming|whose|my|your)\s+)+",
    re.IGNORECASE,
)
"""What can stand before a position, of no stop word, and is no part of it."""
_VERBS = re.compile(r"(?:head|lead|chair)s?(?= (?:⟨|the |its |a |an |our |up |all |for |\w+ for )|$)", re.IGNORECASE)
"""Words that are positions and verbs, where what follows makes them verbs."""
_STYLE = r"(?:(?:Dr|Sir|Dame|Lord|Lady|Professor|Prof|Mr|Ms|Mrs|Colonel|General)\.? )?"
_AT = r"(?:,? (?:of|at|for|with|from|in|to|on) (?:(?!⟨)[^.;:!?,\"]){0,40}?⟨C\d+⟩(?!'s))"
_NAMING = (
    r"(?:named?|names|appoint\w*|made|makes|hired|hires|promoted|promotes|elected|elects|chosen|picked|poached|taken on"
    r"|announced|recruited)"
)
_BODY_AFTER = re.compile(
    r",? (?:of|at|for|with|from|in|to|on) (?:(?!⟨)[^.;:!?,\"]){0,40}?⟨C(\d+)⟩(?!'s \w)|, ⟨C(\d+)⟩(?=[,.;])"
    r"|,? (?:of|at|for) (?:one of )?(?:⟨C\d+⟩'s|its|their|the) (?:[\w-]+ ){0,3}[\w-]+, ⟨C(\d+)⟩(?=[,.;])"
)
_BODY_BEFORE = re.compile(
    r"⟨C(\d+)⟩(?:'s(?: [\w-]+){0,2})? ?$"
    rf"|⟨C(\d+)⟩,?(?:(?!⟨[PC])[^.;]){{0,40}}\b{_NAMING} ⟨P\d+⟩(?:(?!⟨P)[^.;]){{0,100}}$"
    r"|\b(?:join\w*|mov\w+ to|went to|gone to|go to|return\w* to) (?:(?!⟨)[^.;,]){0,40}⟨C(\d+)⟩(?:(?!⟨)[^.;]){0,30} as"
    r" (?:\w+ ){0,2}$"
    r"|⟨C(\d+)⟩, whose (?:[\w-]+ ){0,2}$"
    r"|⟨C(\d+)⟩, where ⟨P\d+⟩ (?:[\w']+ ){0,4}$"
)
_NAME_AFTER = re.compile(rf" {_STYLE}⟨P(\d+)⟩")
_NAME_AFTER_COMMA = re.compile(rf"(?:{_AT},? |, ){_STYLE}⟨P(\d+)⟩")
_NAME_INVERTED = re.compile(
    rf"{_AT}?(?: since \w+| for \w+ years)?"
    rf" (?:is|was|remains|became|will be|has been|had been|would be) {_STYLE}⟨P(\d+)⟩"
)
_NAME_AFTER_AS = re.compile(rf"[^⟨.;!?\"]{{0,40}}{_AT}?[^⟨.;!?\"]{{0,20}}, {_STYLE}⟨P(\d+)⟩")
_NAME_AFTER_BY = re.compile(rf"{_AT}? by {_STYLE}⟨P(\d+)⟩")
_APPOSITION = re.compile(
    r"⟨P(\d+)⟩(?: \([^)⟨]{1,20}\))?, (?:(?!(?:said|told|met|asked|by|with|to)\b)[^⟨,.;:\"]){0,40}"
    r"(?:⟨C\d+⟩(?:'s)?[^⟨,.;:\"]{0,20})?$"
)
_CLAUSE = re.compile(
    r"⟨P(\d+)⟩(?:(?:(?!⟨P)[^.;!?\"]){0,120}(?:\b(?:is|was|be|been|become|becomes|became|remains|remained|as|stays|turned"
    rf"|promoted to|(?:post|job|role|title|position) of|{_NAMING})))?"
    r"(?:,? (?:also|now|still|currently|both|already|the|a|an"
    r"|⟨C\d+⟩(?:'s)?|its|their|his|her|first|new|next|then|\w+ly|one of)){0,3},? ?$"
)
_CLAUSE_BEYOND = re.compile(
    r"⟨P(\d+)⟩, (?:who|whose|whom)\b[^.;:!?\"]{1,120}, (?:is|was|becomes|became|remains|remained|will be|has been)"
    r" (?:(?:also|now|still|currently|both|already|the|a|an|⟨C\d+⟩'s|its|their|first|new|next) ){0,3}$"
)
"""`⟨P1⟩, whose brother ⟨P2⟩ founded ⟨C3⟩, is the`: past a clause that names others."""
_CHAIN = re.compile(
    r"(?:(?!⟨P)[^.;!?\"]){0,60}(?:,|\band)(?: (?:also|now|formerly|then|once|still|previously|later|an?|the"
    r"|⟨C\d+⟩'s)){0,3} ?"
)
"""Between two positions of one person: `, formerly its head of design and now a`."""
_SUCCEEDED = re.compile(
    r"⟨P(\d+)⟩(?:(?!⟨P)[^.;!?\"]){0,60}\b(?:succe\w+|replac\w+|follow\w+|took over from|takes over from|in place of)"
    r" ⟨P(\d+)⟩(?:(?!⟨P)[^.;!?\"]){0,30} as (?:\w+ ){0,2}$"
)
_PLURAL = re.compile(r"(?:(?! (?:of|for) ).)*[a-z]s(?: (?:of|for) |$)")
"""Several who hold a position, whatever its field: `heads of design`, and not `head of sales`."""
_OTHERS = re.compile(rf"(?:{_AT})?,? (?:and |& )?{_STYLE}⟨P(\d+)⟩")
REACH = 400
"""Characters before a position in which its holder and its body are looked for."""
_PAST = re.compile(
    r"\b(?:former|formerly|once|previously|then|had been|(?:was|were)(?! (?:\w+ed|named|made|chosen)\b)"
    r"|until \w+,?(?: the)?)(?: [\w⟨⟩'-]+){0,2} ?$|\bex-$"
)


@dataclass(frozen=True, slots=True, order=True)
class Post:
    """A position as one place of the text gives it to one person.

    sentence: number of the skeleton. start, end: half-open in the document's text. body: where, if the words say so.
    named: whether the body stands there by name; a noun or pronoun may have been taken for the wrong one. past: whether
    the words before it say that it was once. carried: whether it is another's, or an earlier one, that passes on to the
    person in this sentence (kg/successions.py).
    """

    sentence: int
    start: int
    end: int
    person: ClusterId
    body: ClusterId | None
    named: bool
    past: bool
    carried: bool = False


def find_posts(skeletons: Sequence[Skeleton], tagged: Iterable[tuple[int, int]]) -> list[Post]:
    """Posts by place. tagged: positions that the reader found, half-open in the document's text."""
    by_sentence = _by_sentence(skeletons, tagged)
    return [
        post
        for number, skeleton in enumerate(skeletons)
        if "⟨P" in skeleton.text
        for post in _sentence_posts(skeleton, number, by_sentence[number])
    ]


def likeliest_post(posts: Sequence[Post], body: ClusterId, evidence: range, status: Status) -> Post | None:
    """Of one person's posts the one that most likely is that at `body`; None where all speak of others.

    A post at the body comes before one at no stated body, which outside the evidence counts only if no post of the
    person names another body; one that the person comes into counts as left only at a body that it names. Ties go to
    what is past or present as the status is, then, unless the claim is of what is to come, to what is the person's
    own, then to the first.
    """
    former, planned = status is Status.FORMER, status is Status.PLANNED
    posts = [p for p in posts if not (former and p.carried and not p.past) or (p.named and p.body == body)]
    own = [p for p in posts if p.body == body or (not p.named and p.sentence in evidence)]
    if not own and not any(p.named for p in posts):
        own = posts

    def unlikeliness(post: Post) -> tuple[bool, bool, bool, bool, int]:
        away, past = post.sentence not in evidence, post.past != former
        return post.body != body, away, past, post.carried != planned, post.start

    return min(own, default=None, key=unlikeliness)


def verbal_role(skeleton: Skeleton, person: ClusterId) -> tuple[int, int] | None:
    """The verb by which the sentence says what the person does at a body, half-open in the document's text."""
    matches = _DOING.finditer(skeleton.text)
    spans = (m.span(2) for m in matches if skeleton.atoms[int(m[1])].cluster == person)
    return next((skeleton.source_span(*span) for span in spans), None)


def widened(span: tuple[int, int], person: ClusterId, posts: Sequence[Post]) -> tuple[int, int]:
    """The position at `span`, or the longer one of the person that holds all of it."""
    around = [p for p in posts if p.person == person and p.start <= span[0] and span[1] <= p.end]
    return (around[0].start, around[0].end) if around else span


def clean_role(words: str) -> str | None:
    """A position without what ROLE_EDGE names, white space folded; None if nothing is left.

    >>> clean_role("the former chief executive "), clean_role("President and co-founder"), clean_role("founder")
    ('chief executive', 'President', None)
    >>> clean_role("head of strategy."), clean_role("V.P.")
    ('head of strategy', 'V.P.')
    >>> clean_role("senior engineers")
    'senior engineer'
    """
    text = " ".join(words.split())
    while (short := ROLE_EDGE.sub("", text)) != text:
        text = short
    return _of_one(_LEAD.sub("", text)) or None


def _of_one(words: str) -> str:
    """The position of each of several: `engineer` for `two former engineers`."""
    last = words.rpartition(" ")[2].casefold()
    is_plural = last.endswith("s") and last not in ROLE_HEADS and last[:-1] in ROLE_HEADS
    return words[:-1] if is_plural else words


def _by_sentence(
    skeletons: Sequence[Skeleton], tagged: Iterable[tuple[int, int]]
) -> Mapping[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    number, last = 0, len(skeletons) - 1
    for start, end in sorted(tagged):
        while number < last and skeletons[number].end <= start:
            number += 1
        if skeletons and skeletons[number].start <= start and end <= skeletons[number].end:
            found[number].append((start, end))
    return found


def _sentence_posts(skeleton: Skeleton, number: int, tagged: Sequence[tuple[int, int]]) -> Iterator[Post]:
    last, holders = 0, list[int]()
    for start, end in _titles(skeleton, tagged):
        linked = holders and _CHAIN.fullmatch(skeleton.text, last, start)
        last, holders = end, _holders(skeleton, start, end) or (holders if linked else [])
        body, past = _body(skeleton, start, end), bool(_PAST.search(_before(skeleton, start)))
        span, where = skeleton.source_span(start, end), body.cluster if body else None
        for person in (skeleton.atoms[n] for n in dict.fromkeys(holders)):
            named = body is not None and body.named
            yield Post(number, *span, person.cluster, where, named, past)


def _titles(skeleton: Skeleton, tagged: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where positions stand in the skeleton, sorted; of two that overlap the longer."""
    found = [_title(skeleton, m) for m in _TITLE.finditer(skeleton.text) if not _is_verb_or_seat(skeleton, m)]
    found += [m.span(1) for m in _APPOSED.finditer(skeleton.text)]
    found += [(a, b) for span in tagged if (a := skeleton.place(span[0])) < (b := skeleton.place(span[1]))]
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(found), key=lambda s: (s[0] - s[1], s)):
        if all(end <= a or b <= start for a, b in kept) and clean_role(skeleton.text[start:end]):
            kept.append((start, end))
    return sorted(kept)


def _title(skeleton: Skeleton, match: re.Match[str]) -> tuple[int, int]:
    """With its field (`of design`), unless that is the body itself (`of the union ⟨C1⟩`, `of ⟨C1⟩'s federation`)."""
    lead, end = _LEAD.match(match[0]), match.end()
    field = _OF_FIELD.match(skeleton.text, end)
    if field and not re.match(r",? ⟨C", skeleton.text[field.end() : field.end() + 4]):
        stop = field.end() - field[0].endswith(".")
        end = end if field["body"] and skeleton.atoms[int(field["body"])].named else stop
    return match.start() + (lead.end() if lead else 0), end


def _is_verb_or_seat(skeleton: Skeleton, match: re.Match[str]) -> bool:
    """Whether the word is a verb (`who heads ⟨C1⟩`) or a piece of furniture (`the chief executive's chair`)."""
    seat = match[0] == "chair" and re.search(r"\w's $", _before(skeleton, match.start()))
    rest = _VERBS.match(skeleton.text, match.start())
    return bool(seat or (rest and rest.end() == match.end()))


def _body(skeleton: Skeleton, start: int, end: int) -> Atom | None:
    inside = re.search(r"⟨C(\d+)⟩", skeleton.text[start:end])
    match = inside or _BODY_AFTER.match(skeleton.text, end) or _BODY_BEFORE.search(_before(skeleton, start))
    return skeleton.atoms[int(next(filter(None, match.groups())))] if match else None


def _holders(skeleton: Skeleton, start: int, end: int) -> list[int]:
    """Numbers of the marks of those who hold the position, by the surest of the shapes that fit."""
    text, before = skeleton.text, _before(skeleton, start)
    plural = _PLURAL.match(text, start, end) is not None
    if match := _NAME_AFTER.match(text, end):
        return [int(match[1]), *(_further(text, match.end()) if plural else ())]
    if match := _SUCCEEDED.search(before):
        return [int(match[1]), int(match[2])]
    if not plural and (match := _APPOSITION.search(before)):
        return [int(match[1])]
    if match := _NAME_AFTER_COMMA.match(text, end) or _NAME_INVERTED.match(text, end):
        return [int(match[1]), *(_further(text, match.end()) if plural else ())]
    if re.search(r"\b[Aa]s (?:\w+ )?$", before) and (match := _NAME_AFTER_AS.match(text, end)):
        return [int(match[1])]
    clause = _CLAUSE_BEYOND.search(before) or _CLAUSE.search(before)
    matches = [] if plural else [clause, _NAME_AFTER_BY.match(text, end)]
    return [int(match[1]) for match in matches if match]


def _before(skeleton: Skeleton, start: int) -> str:
    return skeleton.text[max(0, start - REACH) : start]


def _further(text: str, at: int) -> Iterator[int]:
    """Those who share a position in the plural: `two professors, Ann Lee of Acme and Bo Day of Beta`."""
    while match := _OTHERS.match(text, at):
        yield int(match[1])
        at = match.end()
