"""What makes two spellings one name: keys, legal suffixes, titles, initials. Strings in, strings out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LEGAL_SUFFIXES = frozenset(
    "inc incorporated corp corporation co company ltd limited llc llp lp plc ag se sa spa nv bv ab asa oyj gmbh kg kgaa"
    " sarl sas srl pty pte kk bhd ptc group holding holdings".split()
)
"""Words at the end of a company's name that do not tell it from another (the most frequent in ISO 20275)."""

TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir dame lord lady judge justice sen rep gov president chairman".split()
)
SMALL_WORDS = frozenset("of the and for in on at de la le du des der die und & y e".split())


@lru_cache(maxsize=65536)
def words(surface: str) -> tuple[str, ...]:
    """Comparable words of a name: case folded, accents, possessive, leading article, dots and commas gone.

    >>> words("The Coca-Cola Company's")
    ('coca-cola', 'company')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", surface) if not unicodedata.combining(c))
    text = plain.casefold().replace("’", "'").replace("‘", "'").replace("™", "").replace("®", "")
    text = re.sub(r"'s?$", "", text.strip(" .,;:\"()“”'"))
    found = [w.strip('.,;:"()') for w in text.split()]
    found = [w for w in found if w]
    return tuple(found[1:] if len(found) > 1 and found[0] == "the" else found)


@lru_cache(maxsize=65536)
def core_words(surface: str) -> tuple[str, ...]:
    """`words` without legal suffixes, but never empty.

    >>> core_words("Haldane Pharma plc")
    ('haldane', 'pharma')
    """
    kept = list(words(surface))
    while len(kept) > 1 and kept[-1].replace(".", "") in LEGAL_SUFFIXES:
        kept.pop()
    return tuple(kept)


def person_words(surface: str) -> tuple[str, ...]:
    """`words` of a person's name without titles, initials and generation marks.

    >>> person_words("Dr. John F. Smith Jr.")
    ('john', 'smith')
    """
    kept = [w for w in words(surface) if w not in TITLES and w not in {"jr", "sr", "ii", "iii", "iv"}]
    inner = [w for i, w in enumerate(kept) if i in (0, len(kept) - 1) or len(w.replace(".", "")) > 1]
    return tuple(inner or kept or words(surface))


def initials(surface: str) -> str:
    """First letters of the words of a name that count: `Massachusetts Institute of Technology` gives `mit`."""
    parts = [part for word in core_words(surface) for part in re.split(r"[-/]", word)]
    return "".join(part[0] for part in parts if part and part not in SMALL_WORDS)


def is_acronym(surface: str) -> bool:
    """Two to six capitals or digits, at least two capitals: IBM, MIT, FTC, but not A or 737.

    >>> [is_acronym(s) for s in ("IBM", "737", "A", "xAI")]
    [True, False, False, False]
    """
    plain = surface.replace(".", "").replace("&", "")
    return 2 <= len(plain) <= 6 and plain.isupper() and plain.isalnum() and sum(c.isalpha() for c in plain) >= 2


def versions(surface: str) -> tuple[str, ...]:
    """The numbers in a name, which tell products apart: GPT-5.2 is not GPT-5.3-Codex."""
    return tuple(re.findall(r"\d+(?:\.\d+)*", surface))
