"""Who says so: the speaker or outlet on which a sentence rests, when the text says who.

In: one skeleton. Out: the words, and the cluster when the speaker has a name. An unnamed speaker ("a person with direct
knowledge of the matter") is kept in the words of the text: it tells a reader how far to trust the claim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.patterns import MACROS, Skeleton
from kg.records import Attribution

SAYING = (
    r"(?:said|says|told|tells|added|adds|explained|explains|recalled|recalls|wrote|writes|reported|reports|noted|notes|announced|disclosed"
    r"|claimed|claims|argued|argues|admitted|confirmed|stated|acknowledged|estimated|estimates|believes|disputes|denied|denies)"
)
TELLING = (
    r"(?:said|says|told|tells|added|explained|recalled|wrote|announced|disclosed|claimed|argued|admitted|confirmed"
    r"|stated|estimated|reported|believes?)"
)
"""Those of them that are no nouns, for speakers without a name."""
UNNAMED = (
    r"(?:(?:[Aa]n?|[Tt]wo|[Tt]hree|[Ss]everal|[Ss]ome|[Mm]ultiple|[Mm]any|[Tt]he|[Oo]ne|[Ff]ormer|[Pp]eople|[Ii]nsiders|[Ss]ources|[Aa]nalysts|[Ee]xecutives)\b"
    r"[^.,;:⟨⟩\"]{0,70}?)"
)
_SPEAKERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b[Aa]ccording to (?:the |a report (?:in|by|from) )?⟨[CP](?P<mark>\d+)⟩",
        rf"\b[Aa]ccording to (?P<words>{UNNAMED}(?=[.,;:]|$))",
        r"\b(?:report(?:ed)? (?:in|by)|told|first reported by) (?:the )?⟨C(?P<mark>\d+)⟩",
        rf"⟨[CP](?P<mark>\d+)⟩,?(?: [^.;:\"⟨]{{0,60}},)? {SAYING}\b",
        rf"\b{SAYING} (?:{MACROS['role']} )?⟨[CP](?P<mark>\d+)⟩",
        rf"(?P<words>{UNNAMED}) {TELLING}\b(?! to\b)",
    )
)


def find_speaker(skeleton: Skeleton, text: str) -> Attribution | None:
    """The speaker of a sentence, or None; `text` is the document's."""
    for pattern in _SPEAKERS:
        match = pattern.search(skeleton.text)
        if match is None:
            continue
        if match.groupdict().get("mark") is not None:
            atom = skeleton.atoms[int(match["mark"])]
            return Attribution(text[atom.start : atom.end], atom.cluster)
        start, end = skeleton.source_span(*match.span("words"))
        return Attribution(text[start:end])
    return None


def speakers_of(skeletons: Sequence[Skeleton], text: str) -> list[Attribution | None]:
    """`find_speaker` for each sentence."""
    return [find_speaker(skeleton, text) for skeleton in skeletons]
