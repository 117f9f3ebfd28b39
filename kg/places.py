"""Stage 12: communities and ties -> a place for every entity, so that the picture reads as an overview.

In: the community of each entity, as kg.communities gives it, and ties. Out: x and y, about one unit between neighbours,
the same every time. Each community is a disc of even density, with its best connected member in the middle and members
of one branch side by side. Big discs are packed from the middle of the picture, each next to those that it has most
ties with; small ones lie around them.

Source of the even density: H. Vogel 1979, A better way to construct the sunflower head.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kg.communities import Ties

Places = NDArray[np.float64]
"""A row for each, of x and y."""

SPACING = 0.6
"""Of a sunflower: the n-th seed is at SPACING * sqrt(n), which leaves 1.1 units between neighbours."""

GAP = 1.5
"""Units between the edges of two discs."""

MAX_PACKED = 120
"""Discs that are packed by their ties; what each costs grows with the number of those before it."""

DIRECTIONS = 32
"""Places around each disc that are tried for the next one."""

_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def find_places(ties: Ties, communities: Sequence[int]) -> Places:
    """A place for each entity. communities: numbers from 0, the biggest first."""
    members: list[list[int]] = [[] for _ in range(max(communities, default=-1) + 1)]
    for entity, community in enumerate(communities):
        members[community].append(entity)
    radii = np.array([SPACING * math.sqrt(len(of)) + GAP / 2 for of in members])
    centres = _pack(radii, _weights(ties, communities))
    places = np.zeros((len(communities), 2))
    for of, centre in zip(members, centres, strict=True):
        places[of] = centre + _disc(ties, of)
    return places


def _disc(ties: Ties, members: Sequence[int]) -> Places:
    """Places of members around their middle: steps from the best connected one outwards, branches by direction."""
    inside = set(members)
    degree = {one: sum(other in inside for other in ties[one]) for one in members}
    order = sorted(members, key=lambda one: (-degree[one], one))
    seeds = np.arange(len(members))
    radii, angles = SPACING * np.sqrt(seeds), (seeds * _GOLDEN_ANGLE) % (2 * math.pi)
    found: dict[int, int] = {}
    start = 0
    for ring in _rings(ties, order):
        slots = start + np.argsort(angles[start : start + len(ring)], kind="stable")
        found |= dict(zip(ring, slots.tolist(), strict=True))
        start += len(ring)
    at = np.array([found[one] for one in members], dtype=np.intp)
    return np.column_stack((radii[at] * np.cos(angles[at]), radii[at] * np.sin(angles[at])))


def _rings(ties: Ties, order: Sequence[int]) -> Iterator[list[int]]:
    """Members by steps from the first of `order`, in each ring those of one parent side by side; then what is apart."""
    rank = {one: at for at, one in enumerate(order)}
    seen: set[int] = set()
    for first in order:
        ring = [first] if first not in seen else []
        while ring:
            seen.update(ring)
            yield ring
            found: dict[int, None] = {}
            for one in ring:
                new = (other for other in ties[one] if other in rank and other not in seen)
                found |= dict.fromkeys(sorted(new, key=rank.__getitem__))
            ring = list(found)


def _weights(ties: Ties, communities: Sequence[int]) -> list[Mapping[int, float]]:
    """Ties between communities."""
    found: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for one, of in enumerate(ties):
        mine = found[communities[one]]
        for other, weight in of.items():
            mine[communities[other]] += weight  # type: ignore[assignment]  # a Counter of floats
    return [found[community] for community in range(max(communities, default=-1) + 1)]


def _pack(radii: NDArray[np.float64], weights: Sequence[Mapping[int, float]]) -> Places:
    """Centres of discs that do not overlap, the biggest in the middle."""
    centres = np.zeros((len(radii), 2))
    n_packed = min(len(radii), MAX_PACKED)
    for disc in range(1, n_packed):
        pull = np.array([weights[disc].get(other, 0.0) for other in range(disc)])
        centres[disc] = _next_to(centres[:disc], radii[: disc + 1], pull)
    if n_packed < len(radii):
        _surround(centres, radii, n_packed)
    return centres


def _next_to(centres: Places, radii: NDArray[np.float64], pull: NDArray[np.float64]) -> Places:
    """The free place beside one of the discs that is nearest to the middle, and to the discs with ties to it."""
    turns = np.arange(DIRECTIONS) * (2 * math.pi / DIRECTIONS)
    ways = np.column_stack((np.cos(turns), np.sin(turns)))
    own, others = radii[-1], radii[:-1]
    tried = (centres[:, None, :] + (others[:, None, None] + own) * ways[None, :, :]).reshape(-1, 2)
    apart = np.hypot(*(tried[:, None, :] - centres[None, :, :]).transpose(2, 0, 1))
    free = (apart >= others + own - 1e-6).all(axis=1)
    share = pull / pull.sum() if pull.any() else pull
    cost = np.hypot(tried[:, 0], tried[:, 1]) + apart @ share
    return np.asarray(tried[np.where(free, cost, np.inf).argmin()])


def _surround(centres: Places, radii: NDArray[np.float64], first: int) -> None:
    """Put the discs from `first` on in rings around those before; they are the smallest, in order of size."""
    edge = float((np.hypot(*centres[:first].T) + radii[:first]).max())
    at, turn = first, 0
    while at < len(radii):
        width = float(radii[at])
        ring = edge + width
        step = 2 * math.asin(min(1.0, width / ring))
        n = min(len(radii) - at, max(1, int(2 * math.pi / step)))
        angles = np.arange(n) * (2 * math.pi / n if n * step > math.pi else step) + turn * _GOLDEN_ANGLE
        centres[at : at + n] = ring * np.column_stack((np.cos(angles), np.sin(angles)))
        edge, at, turn = ring + width, at + n, turn + 1
