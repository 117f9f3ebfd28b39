"""Stage 12: ties between entities -> communities, the same every time.

In: entities as numbers from 0, and weighted ties. Out: the number of each one's community, the biggest first. Fast
enough for a whole graph: entities of a single tie go with their neighbour, which is where the best partition has them,
and of the others only those are looked at again whose neighbours have moved.

Sources: Blondel et al. 2008, Fast unfolding of communities (Louvain); Ozaki et al. 2016, A simple acceleration method
for the Louvain algorithm (the queue); Newman 2006, Modularity and community structure in networks.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence

Ties = Sequence[Mapping[int, float]]
"""By entity, its neighbours and the weight of each tie, both ways round; a tie to itself counts twice its weight."""

MIN_GAIN = 1e-9
"""Of weight: less is a rounding error, and could move an entity to and fro for ever."""


def find_communities(ties: Ties) -> list[int]:
    """The community of each entity: 0 is the biggest, and of equal ones that with the first member comes first.

    An entity without ties is a community of its own.
    """
    member_of = _join_leaves(ties)
    while True:
        joined, member_of = _aggregate(ties, member_of)
        moved = _move(joined)
        if moved == list(range(len(joined))):
            return _by_size(member_of)
        member_of = [moved[community] for community in member_of]


def modularity(ties: Ties, communities: Sequence[int]) -> float:
    """How much more of the weight is inside communities than chance would put there, in [-0.5, 1]; 0 without ties."""
    total = sum(sum(of.values()) for of in ties)
    if not total:
        return 0.0
    inside = sum(w for one, of in enumerate(ties) for other, w in of.items() if communities[one] == communities[other])
    strength: defaultdict[int, float] = defaultdict(float)
    for one, of in enumerate(ties):
        strength[communities[one]] += sum(of.values())
    return inside / total - sum(value * value for value in strength.values()) / total**2


def _join_leaves(ties: Ties) -> list[int]:
    """Everyone alone, but for entities of one tie, which are with their neighbour; of a pair, with the first."""
    return [
        (one if len(of) != 1 or (len(ties[next(iter(of))]) == 1 and one < next(iter(of))) else next(iter(of)))
        for one, of in enumerate(ties)
    ]


def _aggregate(ties: Ties, member_of: Sequence[int]) -> tuple[list[dict[int, float]], list[int]]:
    """Communities as entities with the ties between them; and the community of each entity in their new numbers."""
    numbers = {community: number for number, community in enumerate(dict.fromkeys(member_of))}
    renumbered = [numbers[community] for community in member_of]
    joined: list[defaultdict[int, float]] = [defaultdict(float) for _ in numbers]
    for one, of in enumerate(ties):
        mine = joined[renumbered[one]]
        for other, weight in of.items():
            mine[renumbered[other]] += weight
    return [dict(of) for of in joined], renumbered


def _move(ties: Ties) -> list[int]:
    """Let everyone go to where that gains most, as long as any does; a community bears the number of a member."""
    strength = [sum(of.values()) for of in ties]
    total = sum(strength) or 1.0
    community, inside = list(range(len(ties))), strength.copy()
    waiting, is_waiting = deque(range(len(ties))), [True] * len(ties)
    while waiting:
        one = waiting.popleft()
        is_waiting[one] = False
        own, share = community[one], strength[one] / total
        inside[own] -= strength[one]
        best = _best_community(ties[one], community, inside, (one, own, share))
        inside[best] += strength[one]
        if best == own:
            continue
        community[one] = best
        for other in ties[one]:
            if community[other] != best and not is_waiting[other]:
                waiting.append(other)
                is_waiting[other] = True
    return community


def _best_community(
    ties: Mapping[int, float], community: Sequence[int], inside: Sequence[float], place: tuple[int, int, float]
) -> int:
    """Where an entity gains most; its own where nothing gains more. place: number, community and share of weight."""
    one, own, share = place
    weights: dict[int, float] = {}
    for other, weight in ties.items():
        if other != one:
            there = community[other]
            weights[there] = weights.get(there, 0.0) + weight
    best, gain = own, weights.get(own, 0.0) - share * inside[own]
    for there, weight in weights.items():
        if (found := weight - share * inside[there]) > gain + MIN_GAIN:
            best, gain = there, found
    return best


def _by_size(member_of: Sequence[int]) -> list[int]:
    sizes = Counter(member_of)
    order = {community: number for number, community in enumerate(sorted(sizes, key=lambda c: (-sizes[c], c)))}
    return [order[community] for community in member_of]
