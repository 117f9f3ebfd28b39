"""Stage 12: neighbourhood -> the model of one picture, a pyvis Network made from a networkx graph.

In: what is to be shown. Out: every entity with its place, size, colour (community) and shape (class), every line with
its style (status) and the best sentence behind it as plain text. Nothing here is HTML; kg.viz_page makes the page.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx

from kg.labels import visible, words
from kg.neighbourhood import Named, Neighbourhood, ShownClaim
from kg.positions import find_communities, lay_out, picture_side

if TYPE_CHECKING:
    from pyvis.network import Network

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
"""Colours of the largest communities. Source: Okabe and Ito 2008, Color Universal Design, without black."""

OTHER_COLOUR = "#98a2ad"
"""Of all smaller communities together."""

TYPE_SHAPES = {
    "Company": "dot",
    "Organization": "square",
    "Person": "triangle",
    "Product": "diamond",
    "Place": "hexagon",
    "Entity": "star",
}
"""Shapes of vis-network that have their name below them, by class."""


class LineStyle(NamedTuple):
    """How a claim of one status is drawn.

    dashes: lengths of lines and gaps in pixels; none is a solid line. opacity: in [0, 1]. is_crossed: bears a cross.
    """

    colour: str
    width: float
    dashes: tuple[int, ...] = ()
    opacity: float = 1.0
    is_crossed: bool = False


STATUS_STYLES = {
    "Actual": LineStyle("#6f7b87", 1.6),
    "Former": LineStyle("#6f7b87", 1.4, opacity=0.5),
    "Planned": LineStyle("#2f86d1", 1.6, (10, 5)),
    "Attempted": LineStyle("#b7791f", 1.6, (10, 4, 3, 4)),
    "Rumoured": LineStyle("#9a63c4", 2.2, (2, 5)),
    "Denied": LineStyle("#d1433a", 1.8, is_crossed=True),
    "Retracted": LineStyle("#b58b86", 1.4, (2, 9), opacity=0.6),
    "Unsure": LineStyle("#7b8794", 1.4, (1, 6)),
}
"""By status, told apart by pattern and not by colour alone.

`Retracted` is what a user has taken back, `Unsure` what is not asserted though a document says it as a fact.
"""

SYMMETRIC_PREDICATES = frozenset({"partnerOf", "competesWith"})

HUB_LABELS = 16
"""Names that can be read while the whole picture is in view."""

READABLE_SIDE = 1_200
"""Half of the width of a picture, in pixels, beyond which entities are drawn larger, or they would be specks in it."""

MAX_LABEL_ROOM = 240
"""Pixels of canvas that a name keeps free: wider boxes, in a large picture, push each other into columns."""

MANY_LINES = 800
"""With more, lines are left out while the picture is dragged or zoomed: all of them take a quarter of a second."""

MAX_TIP_QUOTE = 280
"""Characters of a sentence beside the pointer; the panel shows all of it."""

MAX_TIP_PART = 80
"""Characters of a name, title, date or relation beside the pointer."""


@dataclass(frozen=True, slots=True)
class Community:
    """A group of entities of one colour. name: of its best-connected entity; None for all smaller groups together."""

    name: str | None
    colour: str
    n_entities: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The model: what vis-network gets of `network`, and the communities to which `community` of a node points."""

    network: Network
    communities: tuple[Community, ...]


def draw(shown: Neighbourhood) -> Picture:
    """The model of what is shown, the same every time."""
    from pyvis.network import Network  # noqa: PLC0415  (imports IPython: 0.5 s that no other verb should pay)

    graph = _graph(shown)
    groups = find_communities(graph)
    communities = _communities(graph, groups, {entity.iri: entity for entity in shown.entities})
    _draw_entities(graph, shown, groups)
    _draw_links(graph, shown)
    network = Network(directed=True, cdn_resources="in_line")
    network.set_options(json.dumps(_options(graph)))
    network.from_nx(graph)
    return Picture(network, communities)


@lru_cache(maxsize=1)
def read_library() -> str:
    """The text of vis-network as pyvis ships it, fit to stand inside a script element."""
    import pyvis  # noqa: PLC0415

    script = Path(pyvis.__file__).parent / "templates" / "lib" / "vis-9.1.2" / "vis-network.min.js"
    return (
        script.read_text(encoding="utf-8").replace("</script", r"<\/script").replace("//# sourceMappingURL", "// map")
    )


def status_of(claim: ShownClaim) -> str:
    """The key of `STATUS_STYLES` by which a claim is drawn; of a status that has none, the status itself."""
    if claim.retracted_by:
        return "Retracted"
    return "Unsure" if claim.status == "Actual" and not claim.is_asserted else claim.status


def _graph(shown: Neighbourhood) -> nx.MultiDiGraph:
    """One edge for all claims of one subject, predicate, object and status.

    `claims` are their places in `shown`, the most certain first.
    """
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    graph.add_nodes_from(entity.iri for entity in shown.entities)
    grouped: dict[tuple[str, str, str, str], list[int]] = {}
    for number, claim in enumerate(shown.claims):
        grouped.setdefault((claim.subject, claim.object, claim.predicate, status_of(claim)), []).append(number)
    for (subject, object_, predicate, status), numbers in sorted(grouped.items()):
        claims = sorted(numbers, key=lambda number: -(shown.claims[number].confidence or 0))
        graph.add_edge(subject, object_, predicate=predicate, status=status, claims=claims)
    return graph


def _communities(
    graph: nx.MultiDiGraph, groups: Sequence[Sequence[str]], entities: dict[str, Named]
) -> tuple[Community, ...]:
    """The groups that have a colour of their own, and one for all the others; a group has three entities at least."""
    own = [group for group in groups[: len(PALETTE)] if len(group) >= 3]
    hubs = [max(group, key=lambda iri: (graph.degree(iri), iri)) for group in own]
    named = [
        Community(visible(entities[hub].label, MAX_TIP_PART), colour, len(group))
        for hub, colour, group in zip(hubs, PALETTE, own, strict=False)
    ]
    n_others = len(graph) - sum(map(len, own))
    return (*named, *([Community(None, OTHER_COLOUR, n_others)] if n_others else []))


def _draw_entities(graph: nx.MultiDiGraph, shown: Neighbourhood, groups: Sequence[Sequence[str]]) -> None:
    labels = {entity.iri: visible(entity.label) or visible(entity.iri) for entity in shown.entities}
    fonts = _font_sizes(graph)
    scale = max(1.0, picture_side(len(graph)) / READABLE_SIDE)
    sizes = {iri: round(scale * (9 + 4 * math.sqrt(degree))) for iri, degree in graph.degree()}
    boxes = {iri: _box(len(labels[iri]) * fonts[iri] * 0.58, sizes[iri], fonts[iri]) for iri in graph}
    places = lay_out(graph, boxes, groups)
    group_of = {iri: number for number, group in enumerate(groups) for iri in group}
    n_own = sum(len(group) >= 3 for group in groups[: len(PALETTE)])
    best = _best_claims(shown)
    for entity in shown.entities:
        iri, (x, y) = entity.iri, places[entity.iri]
        community = min(group_of[iri], n_own)
        colour = PALETTE[community] if community < n_own else OTHER_COLOUR
        graph.nodes[iri].update(
            label=labels[iri],
            title=_entity_tip(entity, graph.degree(iri), best.get(iri)),
            shape=TYPE_SHAPES.get(entity.type, TYPE_SHAPES["Entity"]),
            color={"background": colour},
            community=community,
            font={"size": fonts[iri]},
            size=sizes[iri],
            x=x,
            y=y,
        )


def _draw_links(graph: nx.MultiDiGraph, shown: Neighbourhood) -> None:
    names = {entity.iri: visible(entity.label) for entity in shown.entities}
    turns: Counter[frozenset[str]] = Counter()
    for number, (subject, object_, link) in enumerate(graph.edges(data=True)):
        ends = frozenset((subject, object_))
        claims = [shown.claims[claim] for claim in link["claims"]]
        style = STATUS_STYLES.get(link["status"], STATUS_STYLES["Unsure"])
        said = _said(link["predicate"], link["status"])
        link.update(
            id=f"claims-{number}",
            label=visible(said),
            title="\n".join([f"{names[subject]} — {said} → {names[object_]}", *_source_lines(claims)]),
            color={"color": style.colour, "highlight": style.colour, "hover": style.colour, "opacity": style.opacity},
            weight=round(style.width + 0.6 * math.log2(len({claim.document for claim in claims})), 2),
            dashes=list(style.dashes) or False,
            arrows="" if link["predicate"] in SYMMETRIC_PREDICATES else "to",
            smooth=_curve(turns[ends], is_forward=subject <= object_),
        )
        turns[ends] += 1


def _font_sizes(graph: nx.MultiDiGraph) -> dict[str, int]:
    """Pixels of each name on the canvas: hubs so large that they can be read when all is in view, the rest for near."""
    far = max(16, round(picture_side(len(graph)) / 30))
    hubs = sorted(graph, key=lambda iri: (-graph.degree(iri), iri))[:HUB_LABELS]
    return {iri: far if iri in hubs else max(15, min(20, far // 3)) for iri in graph}


def _box(label: float, size: int, font: int) -> tuple[float, float]:
    """The room of an entity; of a long name only as much as its neighbours can do without."""
    return max(2 * size, min(label, MAX_LABEL_ROOM)) + 16, 2 * (size + font * 1.2)


def _said(predicate: str, status: str) -> str:
    text = visible(words(predicate), MAX_TIP_PART)
    return text if status == "Actual" else f"{text} ({visible(words(status), MAX_TIP_PART)})"


def _best_claims(shown: Neighbourhood) -> dict[str, ShownClaim]:
    """The most certain claim on each entity that has one with a sentence, the first in order among equals."""
    best: dict[str, ShownClaim] = {}
    for claim in sorted(shown.claims, key=lambda claim: -(claim.confidence or 0)):
        for iri in (claim.subject, claim.object):
            if claim.quote:
                best.setdefault(iri, claim)
    return best


def _entity_tip(entity: Named, n_links: int, claim: ShownClaim | None) -> str:
    line = f"{visible(entity.label, MAX_TIP_PART)}\n{visible(entity.type)} · {_count(n_links, 'link')}"
    return "\n".join([line, *(_source_lines([claim]) if claim else [])])


def _source_lines(claims: Sequence[ShownClaim]) -> list[str]:
    """Sentence, source, date and confidence of the first claim, and how many more there are."""
    claim = claims[0]
    source = [visible(part, MAX_TIP_PART) for part in (claim.title or claim.document, claim.published) if part]
    lines = [f"“{visible(claim.quote, MAX_TIP_QUOTE)}”"] if claim.quote else []
    lines += [" · ".join(source)] if source else []
    lines += [f"confidence {claim.confidence:.0%}"] if claim.confidence is not None else []
    return lines + ([f"and {_count(len(claims) - 1, 'more claim')}"] if len(claims) > 1 else [])


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def _curve(turn: int, *, is_forward: bool) -> dict[str, Any]:
    """A straight line for the first edge of a pair, arcs to either side for the rest, whichever way they point."""
    if turn == 0:
        return {"enabled": False}
    is_left = (turn % 2 == 1) == is_forward
    return {"enabled": True, "type": "curvedCW" if is_left else "curvedCCW", "roundness": 0.12 * ((turn + 1) // 2)}


def _options(graph: nx.MultiDiGraph) -> dict[str, Any]:
    is_large = graph.number_of_edges() > MANY_LINES
    hiding = {"hideEdgesOnDrag": is_large, "hideEdgesOnZoom": is_large}
    return {**_OPTIONS, "interaction": {**_OPTIONS["interaction"], **hiding}}


_OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {"hover": True, "tooltipDelay": 200, "selectConnectedEdges": False},
    "nodes": {
        "borderWidth": 1.5,
        "borderWidthSelected": 4,
        "font": {"face": "system-ui", "strokeWidth": 4},
        "scaling": {"label": {"enabled": True, "drawThreshold": 9, "maxVisible": 22}},
    },
    "edges": {
        "arrows": {"to": {"scaleFactor": 0.6}},
        "font": {"size": 11, "face": "system-ui", "strokeWidth": 3, "align": "top"},
        "scaling": {"label": {"enabled": True, "drawThreshold": 9}},
        "selectionWidth": 2,
        "hoverWidth": 1,
    },
}
"""How vis-network draws; it hides a label that would be drawn in fewer pixels than `drawThreshold`. No colour of a text
is here: the page sets them by its theme, light or dark."""
