"""Stage 12: texts and local names -> what a reader is shown of them, on one line, harmless to what stands around it."""

from __future__ import annotations

import re
from unicodedata import category

MAX_LABEL = 30
"""Characters of a name in a picture; the panel beside it shows all of them."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories of what has no shape of its own: controls, directions, surrogates, private and unassigned."""


def visible(text: str, width: int = MAX_LABEL) -> str:
    """`text` on one line, without control and direction characters, cut to `width` characters.

    >>> visible("Acme  Holdings of the Northern and Southern Hemispheres", 16)
    'Acme Holdings o…'
    """
    plain = " ".join("".join(c if c.isspace() or category(c) not in _UNSEEN else "" for c in text).split())
    return plain if len(plain) <= width else f"{plain[: width - 1]}…"


def words(name: str) -> str:
    """The local name of a property or individual as words.

    >>> words("boardMemberOf")
    'board member of'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
