"""Stage 12: a graph -> its communities, and a place for every entity, so that no browser has to search for them.

In: a networkx graph and the room that each entity takes. Out: lists of entities, and pixels; the same every time.
vis-network's own physics takes a minute for a thousand entities.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import networkx as nx
import numpy as np

SEED = 20_250_101
"""Any number: communities and places start from chance, and one seed gives one picture."""

SPACING = 150
"""Pixels of canvas between neighbours, about the width of a label."""

FLATTENING = 0.7
"""Exponent on the distance from the middle: forces leave hubs in a heap and loners far away, and 1 would keep that."""

ASPECT = 1.1
"""Width to height of the picture, squared root: the canvas beside the panel is about 900 by 740."""

PUSH = 0.7
"""Part of an overlap that is undone in one round; all of it at once makes crowded boxes jump to and fro."""

ROW_GAP = 24
"""Pixels of canvas between two entities in a row."""

BLOCK = 64
"""Entities whose forces are computed at a time: their distances to 2,000 others stay in the processor's cache."""

_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def find_communities(graph: nx.Graph) -> list[list[str]]:
    """Groups of entities with more ties inside than out, the largest first; every entity is in one, sorted.

    Ties that join one pair count together. Source: Blondel et al. 2008, Fast unfolding of communities (Louvain).
    """
    names = sorted(graph)
    numbers = {name: number for number, name in enumerate(names)}
    ties: nx.Graph = nx.Graph()
    ties.add_nodes_from(range(len(names)))  # numbers: the order of a set of strings changes with every process
    for one, other in sorted((numbers[a], numbers[b]) for a, b in graph.edges() if a != b):
        weight = ties.get_edge_data(one, other, {"weight": 0})["weight"]
        ties.add_edge(one, other, weight=weight + 1)
    found = nx.community.louvain_communities(ties, seed=SEED) if names else []
    return sorted((sorted(names[number] for number in group) for group in found), key=lambda g: (-len(g), g))


def lay_out(
    graph: nx.Graph, boxes: Mapping[str, tuple[float, float]], groups: Sequence[Sequence[str]] = ()
) -> dict[str, tuple[int, int]]:
    """A place for each entity, in pixels: forces first, then overlapping boxes pushed apart.

    boxes: width and height of each entity with its label. groups: entities that should start out near each other, as
    from `find_communities`. Cost: quadratic in the number of entities (2,000: two seconds).
    """
    ties = sorted({(min(a, b), max(a, b)) for a, b in graph.edges() if a != b})
    names = sorted({name for tie in ties for name in tie})
    numbers = {name: number for number, name in enumerate(names)}
    weighted = [(numbers[a], numbers[b], 1.0) for a, b in ties]
    weighted += [(numbers[a], numbers[b], 0.05) for a, b in _bridges(names, ties)]
    starts = _start([[numbers[name] for name in group if name in numbers] for group in groups], len(names))
    side = picture_side(len(names))
    places = np.array([_spread(float(x), float(y), side) for x, y in _spring(starts, weighted)]).reshape(-1, 2)
    final = _push_apart(places, np.array([boxes[name] for name in names], dtype=float).reshape(-1, 2))
    linked = {name: (round(float(x)), round(float(y))) for name, (x, y) in zip(names, final, strict=True)}
    return linked | _rows(sorted(set(graph) - set(names)), boxes, linked)


def _rows(
    names: Sequence[str], boxes: Mapping[str, tuple[float, float]], linked: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Places of entities without a link: in rows below those that have one, about as wide as these."""
    half = max([picture_side(len(names)), *(abs(x) for x, _ in linked.values())])
    top = max((y + boxes[name][1] for name, (_, y) in linked.items()), default=0.0)
    rows: list[list[str]] = [[]]
    for name in names:
        if rows[-1] and sum(boxes[each][0] + ROW_GAP for each in [*rows[-1], name]) > 2 * half:
            rows.append([])
        rows[-1].append(name)
    places = {}
    for row in rows:
        left = -sum(boxes[name][0] + ROW_GAP for name in row) / 2
        top += max((boxes[name][1] for name in row), default=0.0)
        for name in row:
            places[name] = (round(left + boxes[name][0] / 2), round(top))
            left += boxes[name][0] + ROW_GAP
    return places


def picture_side(n_entities: int) -> float:
    """Half of the width of a picture with room for so many labels, in pixels."""
    return SPACING * 0.75 * math.sqrt(n_entities)


def _start(groups: Sequence[Sequence[int]], n: int) -> np.ndarray:
    """Places to begin with, within about 1 of the middle: each group in a heap, the heaps on a spiral."""
    places = np.random.default_rng(SEED).random((n, 2)) - 0.5
    so_far = 0
    for number, group in enumerate(group for group in groups if group):
        middle = math.sqrt((so_far + len(group) / 2) / n)
        turn = number * _GOLDEN_ANGLE
        heap = places[list(group)] * math.sqrt(len(group) / n)
        places[list(group)] = heap + middle * np.array([math.cos(turn), math.sin(turn)])
        so_far += len(group)
    return places


def _spring(places: np.ndarray, ties: Sequence[tuple[int, int, float]]) -> np.ndarray:
    """Places in the unit disc: all repel each other, the tied attract each other, and moves get shorter.

    ties: two entities and a weight. Source: Fruchterman and Reingold 1991, Graph Drawing by Force-directed Placement.
    """
    n = len(places)
    if n == 0:
        return places
    natural = 1.6 / math.sqrt(n)
    ones, others = (np.array([tie[end] for tie in ties], dtype=int) for end in (0, 1))
    weights = np.array([tie[2] for tie in ties])
    rounds = max(60, min(200, 60_000 // n))
    for step in range(rounds):
        apart = places[ones] - places[others]
        pull = apart * (weights * np.hypot(apart[:, 0], apart[:, 1]) / natural)[:, None]
        moves = _repulsion(places, natural)
        for axis in (0, 1):
            moves[:, axis] += np.bincount(others, pull[:, axis], n) - np.bincount(ones, pull[:, axis], n)
        length = np.maximum(np.hypot(moves[:, 0], moves[:, 1]), 0.01)
        places = places + moves / length[:, None] * (0.1 * (1 - step / rounds))
    places = places - places.mean(axis=0)
    radius: float = np.hypot(places[:, 0], places[:, 1]).max()
    return np.asarray(places / max(radius, 0.01))


def _repulsion(places: np.ndarray, natural: float) -> np.ndarray:
    x, y = np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])
    moves = np.empty_like(places)
    for begin in range(0, len(places), BLOCK):
        rows = slice(begin, begin + BLOCK)
        right, up = x[rows, None] - x, y[rows, None] - y
        force = natural**2 / np.maximum(right * right + up * up, 1e-4)
        moves[rows, 0] = (right * force).sum(axis=1)
        moves[rows, 1] = (up * force).sum(axis=1)
    return moves


def _spread(x: float, y: float, side: float) -> tuple[float, float]:
    """A place in the unit disc, in pixels; what is far out is drawn in, so that the middle gets the room."""
    stretch = side * math.hypot(x, y) ** (FLATTENING - 1) if (x, y) != (0, 0) else 0
    return x * stretch * ASPECT, y * stretch / ASPECT


def _bridges(names: Sequence[str], ties: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Weak ties from each separate part to the largest, so that the parts stay near each other."""
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(names)
    graph.add_edges_from(ties)
    parts = sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (-len(part), part))
    hubs = [max(part, key=lambda name: (graph.degree(name), name)) for part in parts]
    return [(hubs[0], hub) for hub in hubs[1:]]


def _push_apart(places: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The places with no two boxes on each other, or fewer of them after the last round.

    places, boxes: x and y, width and height, one row each. In a round every overlapping pair moves apart along the axis
    on which it overlaps less, each of the two by a part of half of the overlap.
    """
    n = len(places)
    for _ in range(max(60, min(300, 60_000 // max(n, 1)))):
        moves, is_hit = np.zeros_like(places), False
        for upper, lower, over, apart in _overlaps(places, boxes):
            is_hit = True
            axis = (over[:, 1] <= over[:, 0]).astype(int)
            row = np.arange(len(axis))
            way = np.where(apart[row, axis] < 0, -1.0, 1.0) * over[row, axis] / 2
            for each, ways in ((lower, way), (upper, -way)):
                moves[:, 0] += np.bincount(each, np.where(axis == 0, ways, 0.0), n)
                moves[:, 1] += np.bincount(each, np.where(axis == 1, ways, 0.0), n)
        if not is_hit:
            break
        places = places + moves * PUSH
    return places


def _overlaps(places: np.ndarray, boxes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Pairs of boxes on each other: numbers of the upper and of the lower, overlap and distance on both axes.

    Boxes are gone through from the top, each against the next, the next but one and so on, until none can reach so far.
    """
    order = np.argsort(places[:, 1] - boxes[:, 1] / 2, kind="stable")
    tops = (places[:, 1] - boxes[:, 1] / 2)[order]
    bottoms = (places[:, 1] + boxes[:, 1] / 2)[order]
    reach = np.searchsorted(tops, bottoms, side="left")
    steps = reach - np.arange(len(order))
    for step in range(1, int(steps.max(initial=0))):
        upper = np.flatnonzero(steps > step)
        one, other = order[upper], order[upper + step]
        apart = places[other] - places[one]
        over = (boxes[one] + boxes[other]) / 2 - np.abs(apart)
        is_hit = (over > 0.5).all(axis=1)
        if is_hit.any():
            yield one[is_hit], other[is_hit], over[is_hit], apart[is_hit]
