"""Stage 6, after resolution: entities -> the Wikidata item of a well-known brand or company, or nothing.

In: entities. Out: the same, those that a brand of seeds/gazetteers/wikidata_brands.csv names linked by `same_as`. NIL
rather than a guess: the name must be spelled as the brand's, a link of a user's own list stays alone, and where two
entities of one type could be one brand, neither is. Source: ontology/README.md, section Identity.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from kg.iris import name_key, prefixes
from kg.lexicon import read_rows
from kg.name_forms import is_short
from kg.records import Entity, EntityIri, EntityType

LINKED = (EntityType.COMPANY, EntityType.PRODUCT)
"""What may bear a brand's name, the surer first: where a company and a product could be one brand, the company is."""

_APOSTROPHES = re.compile("['’ʼ`´]")
_GAP = re.compile(r"[\s\-]+")


def link_entities(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """The entities in their order, each with the Wikidata IRI of the one brand that its name or full alias is.

    An entity that has `same_as` keeps it and gets no other. An item is given to one entity at most.
    """
    taken = {iri for entity in entities for iri in entity.same_as}
    claimed: dict[str, dict[EntityType, list[EntityIri]]] = defaultdict(lambda: defaultdict(list))
    for entity in entities:
        if not entity.same_as and (iri := find_item(entity)) is not None and iri not in taken:
            claimed[iri][entity.type].append(entity.iri)
    item_of = {entity: iri for iri, of in claimed.items() for entity in _bearer(of)}
    return tuple(replace(e, same_as=(item_of[e.iri],)) if e.iri in item_of else e for e in entities)


def find_item(entity: Entity) -> str | None:
    """The IRI of the one Wikidata item that the entity's names name; None for none, for several, or for no brand."""
    if entity.type not in LINKED:
        return None
    names = {entity.name, *_full_aliases(entity)}
    items = {item for name in names if (item := _brands().get(spelling(name))) is not None}
    return prefixes()["wd"] + items.pop() if len(items) == 1 else None


def spelling(name: str) -> str:
    """What two spellings of a brand must share, letter case included; what they may differ in is left out.

    Left out: one legal form (`General Electric Company plc` is another company), a leading "the", accents,
    apostrophes, and whether a hyphen or a blank parts two words.

    >>> spelling("The Kroger Co."), spelling("Nestlé S.A."), spelling("Macy’s") == spelling("Macy")
    ('Kroger', 'Nestle', False)
    """
    plain = _APOSTROPHES.sub("", name)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    words = [word for word in _GAP.split(plain) if word]
    key = name_key(" ".join(words), EntityType.COMPANY)
    if len(words) > 1 and words[0].casefold() == "the":
        words = words[1:]
    if len(words) > 1 and name_key(" ".join(words[:-1]), EntityType.COMPANY) == key:
        words = words[:-1]
    return " ".join(words).rstrip(",")


def _full_aliases(entity: Entity) -> Iterator[str]:
    """Aliases that are no acronym and no part of another name of the entity: `Delta` of `Delta Galil` is neither."""
    keys = {name: set(name_key(name, entity.type).split("-")) for name in (entity.name, *entity.aliases)}
    for alias in entity.aliases:
        if not is_short(alias, entity.type) and not any(keys[alias] < words for words in keys.values()):
            yield alias


def _bearer(claimed: Mapping[EntityType, Sequence[EntityIri]]) -> Sequence[EntityIri]:
    """The one entity of the surest type; none where there are two."""
    found = next((claimed[entity_type] for entity_type in LINKED if entity_type in claimed), ())
    return found if len(found) == 1 else ()


@lru_cache(maxsize=1)
def _brands() -> dict[str, str]:
    """Spelling of a brand -> Wikidata id; a spelling of two brands is in neither."""
    ids: dict[str, set[str]] = defaultdict(set)
    for row in read_rows("gazetteers/wikidata_brands.csv"):
        ids[spelling(row["name"])].add(row["wikidata"])
    return {name: min(found) for name, found in ids.items() if len(found) == 1}
