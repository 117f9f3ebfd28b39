"""Which names may stand for one another, by form alone: surnames, initials, nicknames, acronyms, spellings.

A name offers forms under which it may be meant, and asks for those under which a fuller one may be found. Two names
that meet in a form are candidates, no more: kg.entities decides, from what else the documents say.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kg.iris import name_key
from kg.lexicon import BRANDS, ROLE_HEADS, read_rows
from kg.names import versions
from kg.records import EntityType

KINDS = {
    EntityType.PERSON: "person",
    EntityType.COMPANY: "body",
    EntityType.ORGANIZATION: "body",
    EntityType.PRODUCT: "product",
    EntityType.PLACE: "place",
}
"""What can be one entity: one document's company may be another's organization, a product is never its maker."""

DESCRIPTORS = frozenset(
    "group holding holdings technologies technology motors airlines airways industries international pharmaceuticals"
    " pharma therapeutics biosciences biotech foods stores brewery breweries enterprises global worldwide university"
    " college".split()
)
"""Last words of a company's name that it is often called without. Words that name a unit of the company (Cloud,
Research, Labs, Ventures, Studios, Services, Bank) are left out: `Google Cloud` is not Google."""

CIVIC_WORDS = frozenset(
    "parliament senate congress assembly house commons lords representatives cabinet government treasury ministry"
    " department council board committee commission court supreme high district federal national state central royal"
    " navy army air force police party conservative labour labor liberal democratic republican green socialist"
    " communist people bank reserve of the and for defence defense justice finance foreign affairs health education"
    " trade".split()
)
"""A body all of whose words are among these is another one in each country: `Parliament`, `Ministry of Defence`."""

_HONORIFICS = frozenset(
    "mr mrs ms miss dr prof professor sir dame lord lady president senator sen governor gov judge justice chancellor"
    " minister general colonel captain admiral rev reverend".split()
)
_OFFICE_WORDS = (
    _HONORIFICS | ROLE_HEADS | {"chief", "prime", "vice", "deputy", "king", "queen", "pope", "emperor", "of", "the"}
)
_GENERATIONS = frozenset(("jr", "sr", "ii", "iii", "iv"))
_STATES, _KINGDOM = "united-states", "united-kingdom"
_COUNTRIES = {"u.s": _STATES, "us": _STATES, "usa": _STATES, "uk": _KINGDOM, "u.k": _KINGDOM}
_WEB_SUFFIX = ".com"
_PARTICLE = re.compile(r"(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|el|al|bin|ibn|ten|ter) ")
_ACRONYM = re.compile(r"(?:[A-Z]\.?){2,6}")
_WORD_GAP = re.compile(r"[\s\-]+")
_TWO_NUMBERS = re.compile(r"\d[\s\-]+\d")
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("(?:iy|ij|yy|ii|yj|ei|ey|i|j)", "y"),
        ("kh", "h"),
        ("ph", "f"),
        ("ck|q", "k"),
        ("tz|ts|cz", "c"),
        ("sch|sh", "s"),
        ("tch|tsch", "ch"),
        ("ou|oo", "u"),
        ("w", "v"),
        ("x", "ks"),
        (r"(.)\1", r"\1"),
    )
)
MIN_SOUND_LETTERS = 6
"""A shorter surname is too often another one that sounds alike (Lee, Li)."""


MIN_ACRONYM_LETTERS = 3
"""Two initials fit too many names, and so do those of a brand (AIB): they need the same person, say, at both."""


class Form(NamedTuple):
    """A form of a name. rule: one of RULES; key: equal where two names meet in it."""

    rule: str
    key: str


RULES = {
    "spelling": "is spelled alike",
    "alias": "is another name of",
    "short": "is short for",
    "descriptor": "is short for",
    "nickname": "is the nickname of",
    "initial": "lacks only the middle initial of",
    "middle": "lacks the middle name of",
    "order": "has the words, in another order, of",
    "sound": "is another spelling of",
    "initials": "has the initials of",
    "acronym": "is the acronym of",
    "surname": "is the surname of",
    "letters": "has the first letters of",
}
"""Rules in the order of their strength, with the words for a reason that a person reads."""

MUTUAL = frozenset({"spelling", "sound", "order"})
"""Rules by which any number of names may be one: all that meet in the form are spellings of it."""

SURE = frozenset({"spelling", "alias"})
"""Rules that need no company in common."""


def _nicknames() -> dict[str, frozenset[str]]:
    forenames: dict[str, set[str]] = defaultdict(set)
    for row in read_rows("gazetteers/nicknames.csv"):
        forenames[row["nickname"]].add(row["forename"])
    return {nickname: frozenset(names) for nickname, names in forenames.items()}


NICKNAMES = _nicknames()
"""`bill` -> `william`; a nickname of several forenames has them all."""


@lru_cache(maxsize=100_000)
def is_short(name: str, entity_type: EntityType) -> bool:
    """A person's name with less than two whole words, or an acronym: too little to tell an entity by."""
    if entity_type is not EntityType.PERSON:
        return _ACRONYM.fullmatch(name) is not None
    has_case = name.lower() != name.upper()
    if _PARTICLE.match(name):
        return True
    words = person_words(name)
    return has_case and (is_office(name) or (sum(len(word) > 1 for word in words) < 2 and len(words) < 3))


def is_office(name: str) -> bool:
    """Whether a person is called by a post alone (`Chief Justice`), by which another text means another."""
    return {name_key(word, EntityType.PERSON) for word in name.split()} <= _OFFICE_WORDS


def is_civic(key: str) -> bool:
    """Whether the key of a body's name is made of words that every country has a body of."""
    return set(key.split("-")) <= CIVIC_WORDS


@lru_cache(maxsize=100_000)
def person_words(name: str) -> tuple[str, ...]:
    """Keys of the words of a person's name, without honorifics before it and, where two are left, generation marks."""
    words = [name_key(word, EntityType.PERSON) for word in name.split()]
    while len(words) > 1 and words[0] in _HONORIFICS:
        words = words[1:]
    plain = [word for word in words if word not in _GENERATIONS]
    return tuple(plain if len(plain) > 1 or len(words) < 2 else words)


@lru_cache(maxsize=100_000)
def offered(name: str, entity_type: EntityType) -> tuple[Form, ...]:
    """Forms under which the bearer of this full name may be meant elsewhere."""
    if entity_type is EntityType.PERSON:
        return tuple(_of_person(name))
    return tuple(_of_thing(name, entity_type))


@lru_cache(maxsize=100_000)
def asked(name: str, entity_type: EntityType) -> tuple[Form, ...]:
    """Forms under which a fuller or another name of the same bearer may be found."""
    key = name_key(name, entity_type)
    if not is_short(name, entity_type):
        symmetric = [form for form in offered(name, entity_type) if form.rule in ("spelling", "sound")]
        return (*symmetric, Form("alias", key), Form("short", key), *_asked_by_kind(name, key, KINDS[entity_type]))
    if entity_type is EntityType.PERSON:
        words = person_words(name) or (key,)
        is_surname = len(words) == 1 or _PARTICLE.match(name)
        return (Form("surname", words[-1]) if is_surname else Form("initials", f"{words[0][0]}-{words[-1]}"),)
    country = [Form("spelling", _COUNTRIES[key])] if key in _COUNTRIES else []
    return (*country, *(Form(rule, key) for rule in ("acronym", "letters", "short")))


@lru_cache(maxsize=100_000)
def stated_form(alias: str, name: str, entity_type: EntityType) -> Form | None:
    """The form that a document states by calling `name` also `alias`; None for one that tells products apart."""
    key, full = name_key(alias, entity_type), name_key(name, entity_type)
    if key == full:
        return None
    if entity_type is EntityType.PERSON and is_short(alias, entity_type):
        return asked(alias, entity_type)[0]
    if entity_type is EntityType.PRODUCT and versions(alias) != versions(name):
        return None
    is_part = set(key.split("-")) <= set(full.split("-"))
    return Form("short" if is_part or is_short(alias, entity_type) else "alias", key)


def forget_names() -> None:
    """Give back what is remembered of names once a build is done with them.

    At the end of a process Python searches all that is left for cycles: after 75,000 names that takes 1.5 s.
    """
    for remembered in (is_short, person_words, offered, asked, stated_form, name_key):
        remembered.cache_clear()


def _of_person(name: str) -> Iterator[Form]:
    words = person_words(name)
    if not words:
        return
    yield Form("surname", words[-1])
    yield Form("initials", f"{words[0][0]}-{words[-1]}")
    yield Form("nickname", f"{words[0]}-{words[-1]}")
    if len(words) > 2:
        is_initial = all(len(word) == 1 for word in words[1:-1]) and len(words[0]) > 1
        yield Form("initial" if is_initial else "middle", f"{words[0]}-{words[-1]}")
    if any(len(word) == 1 for word in words[:-1]) or "." in name:
        yield Form("spelling", "".join(words).replace(".", ""))
    if len(words[-1]) >= MIN_SOUND_LETTERS:
        yield Form("sound", "-".join(_sound(word) for word in words))


def _of_thing(name: str, entity_type: EntityType) -> Iterator[Form]:
    key = name_key(name, entity_type)
    if entity_type is EntityType.PLACE and (country := _COUNTRIES.get(key, key)) in _COUNTRIES.values():
        yield Form("spelling", country)
    if entity_type is not EntityType.PLACE and not _TWO_NUMBERS.search(name) and len(key) > 3:
        yield Form("spelling", "".join(_COUNTRIES.get(word, word) for word in key.split("-")).replace("-", ""))
        if inverted := _inverted(key):
            yield Form("order", inverted)
    acronym = "".join(word[0] for word in _WORD_GAP.split(name) if word[:1].isupper()).casefold()
    if len(acronym) > 1:
        is_telling = len(acronym) >= MIN_ACRONYM_LETTERS and acronym not in BRANDS
        yield Form("acronym" if is_telling else "letters", acronym)
    words = key.split("-") if KINDS[entity_type] == "body" else []
    while len(words) > 1 and words[-1] in DESCRIPTORS:
        words.pop()
        yield Form("descriptor", "-".join(words))
    if words and words[-1].endswith(_WEB_SUFFIX):
        yield Form("descriptor", "-".join(words).removesuffix(_WEB_SUFFIX))


def _asked_by_kind(name: str, key: str, kind: str) -> Iterator[Form]:
    if kind == "person":
        yield from (Form("nickname", formal) for formal in _formal_names(name))
        if len(words := person_words(name)) == 2:
            yield Form("initial", "-".join(words))
            yield Form("middle", "-".join(words))
    elif kind == "body":
        yield Form("descriptor", key)
        yield Form("order", _plain_order(key))


def _inverted(key: str) -> str | None:
    """`oxford-university` for `university-of-oxford`, `united-states-supreme-court` for that of the United States."""
    head, of, rest = key.partition("-of-")
    return _plain_order(f"{rest.removeprefix('the-')}-{head}") if of else None


def _plain_order(key: str) -> str:
    return "-".join(_COUNTRIES.get(word, word) for word in key.split("-"))


def _formal_names(name: str) -> Iterator[str]:
    words = person_words(name)
    if len(words) > 1:
        yield from (f"{forename}-{words[-1]}" for forename in sorted(NICKNAMES.get(words[0], ())))


def _sound(word: str) -> str:
    """What stays of a word when the spellings of one sound are made one (Zelensky, Zelenskyy, Zelenskiy)."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word
