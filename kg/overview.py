"""Stage 12: a snapshot -> its best connected entities with their communities and places: what the explorer opens on.

In: a snapshot and a number of entities. Out: a piece (kg.columns) with places, as compressed JSON that is kept beside
the snapshot's listing, because it takes seconds to make: 1.6 s for 20,000 entities and 30,000 claims.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kg.claim_search import ACTUAL, Link
from kg.columns import Graph, make_piece
from kg.communities import find_communities
from kg.places import find_places

logger = logging.getLogger(__name__)

OVERVIEW_VERSION = 1
"""Number of what an overview says and how; one that is kept of another is made anew."""

STEPS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
"""Above the first, an overview has one of these sizes, so that few are made and kept."""

N_NAMES = 3
"""Members that a community is named by."""

_FACT_WEIGHT, _OTHER_WEIGHT = 2.0, 1.0
"""Of a tie between two entities with a fact between them, and with other claims alone, which are drawn on demand."""

_PLACE_DIGITS = 1
_GZIP_LEVEL = 6


def overview_size(limit: int, n_entities: int) -> int:
    """How many entities the overview of at most `limit` shows."""
    if limit >= n_entities or limit <= STEPS[0]:
        return min(limit, n_entities)
    return max(step for step in STEPS if step <= limit)


class Overviews:
    """The overviews of one snapshot: those that are kept in a folder, and new ones, kept from then on."""

    def __init__(self, graph: Graph, folder: Path) -> None:
        self._graph, self._folder = graph, folder
        self._unkept: dict[int, bytes] = {}

    def get(self, limit: int) -> bytes:
        """The overview of at most `limit` entities, as gzip of JSON.

        Where the folder cannot be written to, it is kept in memory.
        """
        n_entities = self._graph.search.size[0]
        size = overview_size(limit, n_entities)
        path = self._folder / f"{self._graph.snapshot}.overview-{size}-v{OVERVIEW_VERSION}"
        if size in self._unkept or path.exists():
            return self._unkept.get(size) or path.read_bytes()
        text = json.dumps(make_overview(self._graph, size), ensure_ascii=False, separators=(",", ":"))
        packed = gzip.compress(text.encode(), _GZIP_LEVEL, mtime=0)
        if size in (*STEPS, n_entities) and not _keep(path, packed):
            self._unkept[size] = packed
        return packed


def make_overview(graph: Graph, n_shown: int) -> dict[str, Any]:
    """The piece of the best connected entities with all claims among them, their communities and places.

    Entities without a claim among them share the last community, which has no names.
    """
    entities = graph.search.best_connected(n_shown)
    claims = graph.search.claims_between(entities, entities)
    piece = make_piece(graph, entities, claims)
    ties = find_ties(claims, entities, graph.search.retracted)
    found = find_communities(ties)
    places = find_places(ties, found).round(_PLACE_DIGITS)
    n_communities = len({community for community, of in zip(found, ties, strict=True) if of})
    communities = [community if of else n_communities for community, of in zip(found, ties, strict=True)]
    piece["entities"] |= {"community": communities, "x": places[:, 0].tolist(), "y": places[:, 1].tolist()}
    piece["communities"] = _describe(communities, n_communities, piece["entities"]["label"])
    return piece


def find_ties(claims: Sequence[Link], entities: Sequence[int], retracted: frozenset[str]) -> list[dict[int, float]]:
    """For each entity, by its place in `entities`, those that claims tie it to, with weights."""
    at = {number: place for place, number in enumerate(entities)}
    ties: list[defaultdict[int, float]] = [defaultdict(float) for _ in entities]
    for claim in claims:
        one, other = at[claim.subject], at[claim.object]
        if one != other and claim.iri not in retracted:
            weight = _FACT_WEIGHT if claim.status == ACTUAL else _OTHER_WEIGHT
            ties[one][other] = ties[other][one] = max(weight, ties[one][other])
    return [dict(sorted(of.items())) for of in ties]


def _describe(communities: Sequence[int], n_communities: int, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Sizes and names, by number; entities come best connected first."""
    names: defaultdict[int, list[str]] = defaultdict(list)
    for community, label in zip(communities, labels, strict=True):
        if community < n_communities and len(names[community]) < N_NAMES:
            names[community].append(label)
    sizes = Counter(communities)
    return [{"size": sizes[number], "names": names[number]} for number in sorted(sizes)]


def _keep(path: Path, content: bytes) -> bool:
    """Write the file whole; False where that cannot be done."""
    part = path.with_name(f".part-{path.name}-{os.getpid()}")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as err:
        logger.warning("each worker makes the overview anew: %s cannot be written: %s", path, err)
        return False
    return True
