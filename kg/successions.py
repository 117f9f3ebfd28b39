"""Stage 5. Positions that pass from one person to the next: `the chief executive, Ann Lee, hands over to Bo Day`.

In: skeletons, and the Posts that words give (kg/roles.py). Out: further Posts, of those to whom no words of their own
give one. Which words say that a position passes on is read off seeds/cues/successions.csv; a position passes from a
person, or is taken up again by a noun (`the same post`), and is never made up.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from kg.lexicon import read_rows
from kg.patterns import HEADS, WORD, Skeleton
from kg.records import ClusterId
from kg.roles import Post

_PLACE = r"(?:job|post|role|position|function|capacity)\b"
_SEAT = (
    r"(?:job|post|role|position|office|seat|chair|place|shoes|mantle|duties|helm|reins|baton|torch|leadership"
    r"|chairmanship|chairwomanship|presidency|directorship|editorship|stewardship|responsibilities)\b"
)
_WILL = (
    r"(?:who|is|was|will|would|shall|to|set|due|expected|about|ready|poised|likely|has|had|have|be|been|being|now|then"
    r"|later|soon|also|still|formally|officially|eventually|finally|duly|recently|already|quietly|agreed|preparing"
    r"|slated|scheduled|tipped|lined up|named|appointed|chosen|picked|hired|elected|promoted|recruited|brought in"
    r"|drafted in|stepping in|steps in|stepped in|(?:on|in|last|next|this) \w+(?: \d{1,2})?)"
)
_REST = r"(?:(?!⟨P)[^.;!?\"]){0,80}?"
_ASIDE = rf"(?: \([^)⟨]{{1,20}}\))?(?:, {_REST},)?"
_TITLED = (
    r"(?:(?:the |its |their |our |⟨C\d+⟩(?:'s)? )?(?:longtime |former |current |late )?"
    rf"(?:{WORD} ){{0,4}}?(?:{HEADS})\b(?: (?:of|at) (?:the )?⟨C\d+⟩)?,? )?"
)
_MACROS = {
    "old": r"⟨P(?P<old>\d+)⟩",
    "new": r"⟨P(?P<new>\d+)⟩",
    "the_old": rf"{_TITLED}⟨P(?P<old>\d+)⟩",
    "the_new": rf"{_TITLED}⟨P(?P<new>\d+)⟩",
    "place": _PLACE,
    "seat": _SEAT,
    "office": rf"(?:(?:the|that|this|⟨[CP]\d+⟩'s) )?(?:[\w-]+ )?{_SEAT}"
    r"(?: (?:of|at) (?:the )?(?:[\w-]+ ){0,2}?[\w⟨⟩-]+)?",
    "rest": _REST,
    "aside": _ASIDE,
    "will": rf"(?!'s){_ASIDE}(?:{_REST} (?:and|before))?(?:,? {_WILL})*,?",
    "end": r"(?!'s)(?! (?:the|a|an|his|her|its|their|all|some|two|three|four|\d+)\b)",
    "bare": r"(?! (?:of|as|for(?! (?:\w+ )?(?:years|months|decades)\b)|in|that|which|where|to)\b)",
}
_INTO = re.compile(
    r"\b(?:as|be|become|becomes|became|named?|names|appoint\w*|made|elect\w*|promoted to|hire\w*|picked|chosen)"
    r"(?: (?!⟨P)[\w'⟨⟩-]+){0,3} ?$"
)
"""Before a position that a person comes into, as against one that says who he was."""
_ANY_ONE = re.compile(r"\ban? (?:[\w⟨⟩'-]+ ){0,2}$")
"""Before what is no office that another can come into: `Ann Lee, a former banker`."""
_ARTICLE_REACH = 60
"""Characters before a position in which its article is looked for."""
_AT = re.compile(r",? (?:at|with|for) (?:(?!⟨)[^.;:!?,\"]){0,40}?⟨C(\d+)⟩(?!'s \w)")


@dataclass(frozen=True, slots=True)
class _Cue:
    """kind: who gets whose position. to_new: the new holder that of the old one; to_old: the other way, where the new
    holder comes into it in the words of the cue; held: whoever holds `the post` the last one spoken of; same: so, at
    another body, and first of all the person's own.
    """

    kind: str
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def _cues() -> tuple[_Cue, ...]:
    """Raises KeyError for an unknown word in braces."""
    return tuple(
        _Cue(row["kind"], re.compile(re.sub(r"\{([a-z_]+)\}", lambda m: _MACROS[m[1]], row["pattern"])))
        for row in read_rows("cues/successions.csv")
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """The skeletons of a document and the posts that it tells of, in reading order by person and by sentence."""

    skeletons: Sequence[Skeleton]
    by_person: Mapping[ClusterId, Sequence[Post]]
    by_sentence: Mapping[int, Sequence[Post]]

    @classmethod
    def of(cls, skeletons: Sequence[Skeleton], posts: Iterable[Post]) -> _Told:
        people: dict[ClusterId, list[Post]] = defaultdict(list)
        sentences: dict[int, list[Post]] = defaultdict(list)
        for post in sorted(posts, key=_reading_order):
            people[post.person].append(post)
            sentences[post.sentence].append(post)
        return cls(skeletons, dict(people), dict(sentences))

    def of_person(self, person: ClusterId, until: int) -> Sequence[Post]:
        """The person's posts up to sentence `until`, that included."""
        own = self.by_person.get(person, ())
        return own[: bisect_right(own, until, key=lambda p: p.sentence)]

    def near(self, number: int, match: re.Match[str]) -> list[Post]:
        """Posts that end before the cue does, of its sentence and the one before."""
        stop = self.skeletons[number].origin(match.end() - 1)
        posts = [*self.by_sentence.get(number - 1, ()), *self.by_sentence.get(number, ())]
        return [p for p in posts if p.end <= stop]


def passed_posts(skeletons: Sequence[Skeleton], posts: Iterable[Post]) -> list[Post]:
    """Posts of those who come into one of `posts`, marked `carried`, sorted; none that words give already.

    A carried post stands in the sentence that passes it on; its words may stand in an earlier one.
    """
    told = _Told.of(skeletons, posts)
    if not told.by_person:
        return []
    given = {(p.person, p.sentence, p.start, p.body) for own in told.by_person.values() for p in own}
    passed = {post for number in range(len(skeletons)) for post in _passed(told, number)}
    fresh = (p for p in passed if (p.person, p.sentence, p.start, p.body) not in given)
    return sorted(fresh, key=_reading_order)


def _reading_order(post: Post) -> tuple[int, int, int, str, str]:
    return post.sentence, post.start, post.end, post.person, post.body or ""


def _passed(told: _Told, number: int) -> Iterator[Post]:
    text = told.skeletons[number].text
    for cue in _cues() if "⟨P" in text else ():
        for match in cue.pattern.finditer(text):
            if found := _BY_KIND[cue.kind](told, number, match):
                yield found


def _to_new(told: _Told, number: int, match: re.Match[str]) -> Post | None:
    """The old holder's office as told last, and of two in one sentence sooner what is held than what was held."""
    old, new = (told.skeletons[number].atoms[int(match[name])].cluster for name in ("old", "new"))
    last = next((p for p in reversed(told.of_person(old, number)) if _is_office(told, p)), None)
    if last is None or old == new:
        return None
    beside = (p for p in told.by_sentence[last.sentence] if p.person == old and _is_office(told, p))
    office = min(beside, key=lambda p: (p.past, p.start))
    return replace(office, sentence=number, person=new, past=False, carried=True)


def _to_old(told: _Told, number: int, match: re.Match[str]) -> Post | None:
    """The new holder's position, for an old one of whom the document tells none."""
    skeleton = told.skeletons[number]
    old, new = (skeleton.atoms[int(match[name])].cluster for name in ("old", "new"))
    if old == new or old in told.by_person:
        return None
    for post in told.by_sentence.get(number, ()):
        at = skeleton.place(post.start)
        if post.person == new and match.start() < at < match.end() and _INTO.search(skeleton.text, match.start(), at):
            return replace(post, person=old, past=True, carried=True)
    return None


def _held(told: _Told, number: int, match: re.Match[str]) -> Post | None:
    """The last position before it, of this sentence or the one before, unless it is elsewhere."""
    person, body = _holder(told.skeletons[number], match)
    near = told.near(number, match)
    if not near or any(p.person == person for p in told.by_sentence.get(number, ())):
        return None
    last = near[-1]
    if body and last.body not in (body, None):
        return None
    return replace(last, sentence=number, person=person, body=body or last.body, past=False, carried=True)


def _same(told: _Told, number: int, match: re.Match[str]) -> Post | None:
    """The person's own last position, else the last before it, at the body that is named after it."""
    person, body = _holder(told.skeletons[number], match)
    at = told.skeletons[number].origin(match.end() - 1)
    own = [p for p in told.of_person(person, number) if p.sentence < number or p.start < at]
    known = own or told.near(number, match)
    if not known or body is None:
        return None
    return replace(known[-1], sentence=number, person=person, body=body, named=True, past=False, carried=True)


_BY_KIND = {"to_new": _to_new, "to_old": _to_old, "held": _held, "same": _same}


def _holder(skeleton: Skeleton, match: re.Match[str]) -> tuple[ClusterId, ClusterId | None]:
    """Who holds it, and the body that is named right after it."""
    after = _AT.match(skeleton.text, match.end())
    return skeleton.atoms[int(match["new"])].cluster, skeleton.atoms[int(after[1])].cluster if after else None


def _is_office(told: _Told, post: Post) -> bool:
    skeleton = told.skeletons[post.sentence]
    at = skeleton.place(post.start)
    return not _ANY_ONE.search(skeleton.text, max(0, at - _ARTICLE_REACH), at)
