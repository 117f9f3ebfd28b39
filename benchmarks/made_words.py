"""The words that a made graph is made of: invented names of every kind, and sentences for every predicate."""

from __future__ import annotations

from random import Random

from kg.records import EntityType, Metric, Predicate, Status

_STARTS = (
    "Al Bel Bran Cal Cor Dal Del Dor El Far Fen Gal Gar Hal Har Hel Ir Jar Kal Kel Kor Lan Lor Mar Mel Mor Nor Or Pel"
    " Quin Ral Ros Sal Sel Stan Tal Tor Ul Val Vel Wes Yar Zan Zel"
).split()
_MIDDLES = "a e i o u am an ar en er in ir ol on or un ver land min ston".split()
_ENDS = "by dale den don field ford ham ix ley lin mont more na nova ra rik son ta ter tis ton va vik wick".split()
_FIRST_NAMES = (
    "Aisha Akua Alice Amir Ana Anders Anita Arjun Astrid Beatriz Carlos Chen Clara Daniel David Elena Emeka Emma Eric"
    " Fatima Felix Grace Hana Hassan Helen Henry Ibrahim Ines Ingrid Ivan James Jane Javier John Jorge Julia Kenji Kofi"
    " Lars Laura Leila Lucas Luis Magnus Maria Mary Mehmet Michael Mina Nadia Naomi Nia Nina Noah Olga Omar Paul Peter"
    " Priya Rachel Rahul Rosa Ruth Samuel Sara Sofia Stefan Sunita Tariq Thomas Tomas Uma Vera Victor Wei Yara Zoe"
).split()
_FIELDS = (
    "Aerospace Analytics Biotech Capital Chemicals Cloud Devices Dynamics Energy Financial Foods Freight Health Labs"
    " Logistics Materials Media Mobility Motors Networks Pharma Power Robotics Security Semiconductors Software Systems"
    " Technologies Therapeutics Water"
).split()
_FORMS = ("Inc.", "Ltd", "GmbH", "AG", "S.A.", "plc", "Corp.", "LLC", "", "")
_BODIES = (
    "University of {}",
    "{} Institute of Technology",
    "{} Chamber of Commerce",
    "{} Research Council",
    "{} Foundation",
)
_SITES = ("", "New ", "North ", "Port ", "East ", "Lake ")
_EDITIONS = ("", " Pro", " Max", " Air", " One", " X", " Cloud", " Mini")

PHRASES: dict[Predicate, tuple[str, str]] = {
    Predicate.WORKS_FOR: ("works for", "work for"),
    Predicate.FOUNDED_BY: ("was founded by", "be founded by"),
    Predicate.BOARD_MEMBER_OF: ("sits on the board of", "sit on the board of"),
    Predicate.EDUCATED_AT: ("studied at", "study at"),
    Predicate.DEVELOPS: ("makes", "make"),
    Predicate.ACQUIRED: ("acquired", "acquire"),
    Predicate.INVESTED_IN: ("invested in", "invest in"),
    Predicate.PARTNER_OF: ("is a partner of", "be a partner of"),
    Predicate.COMPETES_WITH: ("competes with", "compete with"),
    Predicate.SUBSIDIARY_OF: ("is a subsidiary of", "be a subsidiary of"),
    Predicate.BASED_ON: ("is based on", "be based on"),
    Predicate.USES: ("uses", "use"),
    Predicate.SUPPLIES_TO: ("supplies parts to", "supply parts to"),
    Predicate.HEADQUARTERED_IN: ("has its headquarters in", "have its headquarters in"),
    Predicate.SUCCESSOR_OF: ("takes the place of", "take the place of"),
    Predicate.SUED: ("sued", "sue"),
}
"""How a sentence says it: as it is, and after `to`."""

_MEANT = {
    Status.ACTUAL: "{subject} {is_so} {object}",
    Status.FORMER: "{subject} used to {to} {object}",
    Status.PLANNED: "{subject} plans to {to} {object}",
    Status.ATTEMPTED: "{subject} tried in vain to {to} {object}",
    Status.DENIED: "it is not true that {subject} {is_so} {object}",
    Status.RUMOURED: "{subject} is said to {to} {object}",
}
_TAILS = (
    ".",
    ", a filing shows.",
    ", two people who know of the matter said.",
    ", the company told its shareholders on Monday.",
    " after months of talks that both sides had kept to themselves.",
    ", according to a statement that was sent to the exchange late in the day.",
    ", which analysts had expected since the spring, when the first reports came out.",
    ", and the market took the news calmly.",
)
ROLES = (
    "chief executive",
    "chairman",
    "engineer",
    "head of research",
    "chief financial officer",
    "director",
    "counsel",
)
MEASURES = {
    Metric.REVENUE: ("USD", "revenue of ${:,}"),
    Metric.PROFIT: ("USD", "a profit of ${:,}"),
    Metric.FUNDING: ("USD", "funding of ${:,}"),
    Metric.EMPLOYEES: ("count", "{:,} employees"),
    Metric.USERS: ("count", "{:,} users"),
}
"""Metric -> its unit, and how a sentence gives a value of it."""


def make_name(rng: Random, kind: EntityType) -> str:
    """A name as things of that kind bear it. Two calls may give the same."""
    word = _word(rng)
    if kind is EntityType.PERSON:
        return f"{rng.choice(_FIRST_NAMES)} {word}"
    if kind is EntityType.COMPANY:
        return f"{word} {rng.choice(_FIELDS)} {rng.choice(_FORMS)}".strip()
    if kind is EntityType.ORGANIZATION:
        return rng.choice(_BODIES).format(word)
    if kind is EntityType.PRODUCT:
        return f"{word}{rng.choice(_EDITIONS)} {rng.randint(1, 30)}"
    return rng.choice(_SITES) + word


def make_aliases(rng: Random, kind: EntityType, name: str) -> tuple[str, ...]:
    """Other names for what bears `name`: none for most, a short one or initials for the rest."""
    words = name.split()
    aliases = {name}
    if len(words) > 1 and kind in (EntityType.PERSON, EntityType.COMPANY) and rng.random() < 0.5:
        aliases.add(words[-1] if kind is EntityType.PERSON else words[0])
    if kind is EntityType.COMPANY and rng.random() < 0.3:
        aliases.add(" ".join(words[:2]))
    if kind is EntityType.ORGANIZATION and rng.random() < 0.3:
        aliases.add("".join(word[0] for word in words if word[0].isupper()) + words[-1][1:2].upper())
    return tuple(sorted(aliases))


def say(rng: Random, subject: str, predicate: Predicate, object_: str, status: Status) -> str:
    """A sentence that makes the claim."""
    is_so, to = PHRASES[predicate]
    said = _MEANT[status].format(subject=subject, is_so=is_so, to=to, object=object_)
    return f"{said[0].upper()}{said[1:]}{rng.choice(_TAILS)}"


def _word(rng: Random) -> str:
    return rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(_ENDS)
