"""Stage 12: snapshot -> neighbourhood -> one HTML file that needs nothing else.

In: an open snapshot and what to show. Out: a page with the graph drawn and the sentence behind every line, in UTF-8,
the same bytes for the same snapshot. The page calls nobody: its content security policy forbids it, and names by
digest the only two scripts that may run, so that no text from a document can become one.

pyvis 0.3.2 gives the model of the picture and fills the page; its own template loads Bootstrap from a CDN in every mode
and prints headings and ids unescaped, so the template is ours (templates/explorer.html). Positions are computed here:
vis-network's own physics takes a minute for a thousand entities.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import category

import networkx as nx
import numpy as np
import pyoxigraph as ox

from kg.neighbourhood import Named, Names, Neighbourhood, ShownClaim, find_neighbourhood

if TYPE_CHECKING:
    from pyvis.network import Network

TYPE_COLOURS = {
    "Company": "#2f6fb5",
    "Organization": "#7a5195",
    "Person": "#d1701f",
    "Product": "#2b8a5b",
    "Place": "#8a6d5c",
    "Entity": "#6b7785",
}


class LineStyle(NamedTuple):
    """How a claim of one status is drawn. dashes: lengths of lines and gaps in pixels; none is a solid line."""

    colour: str
    width: float
    dashes: tuple[int, ...] = ()


STATUS_STYLES = {
    "Actual": LineStyle("#5b6773", 1.6),
    "Former": LineStyle("#b4bcc5", 1.6),
    "Planned": LineStyle("#2f86d1", 1.6, (9, 5)),
    "Attempted": LineStyle("#b7791f", 1.6, (9, 4, 2, 4)),
    "Rumoured": LineStyle("#8e5bb5", 1.6, (5, 6)),
    "Denied": LineStyle("#c8372d", 2.2, (2, 4)),
    "Retracted": LineStyle("#c7a6a3", 1.2, (2, 8)),
}
"""By status; `Retracted` is what a user has taken back, of whatever status."""

SYMMETRIC_PREDICATES = frozenset({"partnerOf", "competesWith"})

MAX_LABEL = 30
"""Characters of a name in the picture; the panel shows all of it."""

LAYOUT_SEED = 20_250_101
"""Any number: the layout starts from random places, and one seed gives one picture."""

SPACING = 150
"""Pixels of canvas between neighbours, about the width of a label."""

FLATTENING = 0.7
"""Exponent on the distance from the middle: forces leave hubs in a heap and loners far away, and 1 would keep that."""

ASPECT = 1.1
"""Width to height of the picture, squared root: the canvas beside the panel is about 900 by 740."""

PUSH = 0.7
"""Part of an overlap that is undone in one round; all of it at once makes crowded boxes jump to and fro."""

HUB_LABELS = 16
"""Names that can be read while the whole picture is in view."""

TEMPLATES = Path(__file__).parent / "templates"
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_POLICY_PLACE = "@CONTENT-SECURITY-POLICY@"


def write_page(
    store: ox.Store, out: Path, *, entity: str | None = None, hops: int = 1, max_entities: int = 200
) -> Neighbourhood:
    """Write the page of one entity's neighbourhood, or of the most named entities, to `out`; give back what it shows.

    Raises EntityNameError when no entity, or more than one, is named so; OSError when the file cannot be written.
    """
    shown = find_neighbourhood(store, Names(store), entity=entity, hops=hops, max_entities=max_entities)
    out.write_text(render_page(shown), encoding="utf-8")
    return shown


def render_page(shown: Neighbourhood, *, is_served: bool = False) -> str:
    """The page as text. is_served: the page comes from the server, so it may search there and link to other pages."""
    network = _draw(shown)
    labels = {entity.iri: entity.label for entity in shown.entities}
    network.heading = labels[shown.centre] if shown.centre else "Companies, people and products"
    network.templateEnv.autoescape = True
    network.templateEnv.globals["page"] = _page(shown, network.heading, is_served=is_served)
    return _with_policy(network.generate_html(), is_served=is_served)


def content_security_policy(html: str, *, is_served: bool) -> str:
    """A policy for `html`: its own inline scripts by digest, no other script, no request to anyone but the server."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in _SCRIPT.findall(html)]
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    own = "'self'" if is_served else "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; "
        f"connect-src {own}; form-action {own}; base-uri 'none'"
    )


def lay_out(graph: nx.MultiDiGraph, boxes: dict[str, tuple[float, float]]) -> dict[str, tuple[int, int]]:
    """A place for each entity, in pixels: forces first, then overlapping boxes pushed apart; the same every time.

    boxes: width and height of each entity with its label. Cost: quadratic in the number of entities.
    networkx's own spring layout needs scipy from 500 entities on.
    """
    if not graph:
        return {}
    simple = nx.Graph()
    simple.add_nodes_from(sorted(graph))
    simple.add_edges_from(sorted((a, b) for a, b in graph.edges() if a != b))
    simple.add_edges_from((a, b, {"weight": 0.05}) for a, b in _bridges(simple))
    places = _spring(nx.to_numpy_array(simple))
    side = _side(len(simple))
    spread = np.array([_spread(float(x), float(y), side) for x, y in places])
    final = _push_apart(spread, np.array([boxes[iri] for iri in simple]))
    return {iri: (round(float(x)), round(float(y))) for iri, (x, y) in zip(simple, final, strict=True)}


def _spring(ties: np.ndarray) -> np.ndarray:
    """Places in the unit disc: all repel each other, the tied attract each other, and moves get shorter.

    ties: weights, symmetric. Source: Fruchterman and Reingold 1991, Graph Drawing by Force-directed Placement.
    """
    n = len(ties)
    natural = 1.6 / math.sqrt(n)
    rounds = max(50, min(200, 60_000 // n))
    places = np.random.default_rng(LAYOUT_SEED).random((n, 2)) - 0.5
    for step in range(rounds):
        apart = places[:, None, :] - places[None, :, :]
        distance = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 0.01)
        force = natural**2 / distance**2 - ties * distance / natural
        moves = (apart * force[..., None]).sum(axis=1)
        length = np.maximum(np.hypot(moves[:, 0], moves[:, 1]), 0.01)
        places = places + moves / length[:, None] * (0.1 * (1 - step / rounds))
    places = places - places.mean(axis=0)
    radius: float = np.hypot(places[:, 0], places[:, 1]).max()
    return np.asarray(places / max(radius, 0.01))


def _side(n_entities: int) -> float:
    """Half of the width of a picture with room for so many labels, in pixels."""
    return SPACING * 0.75 * math.sqrt(n_entities)


def _spread(x: float, y: float, side: float) -> tuple[float, float]:
    """A place in the unit disc, in pixels; what is far out is drawn in, so that the middle gets the room."""
    stretch = side * math.hypot(x, y) ** (FLATTENING - 1) if (x, y) != (0, 0) else 0
    return x * stretch * ASPECT, y * stretch / ASPECT


def _bridges(graph: nx.Graph) -> list[tuple[str, str]]:
    """Weak ties from each separate part to the largest, so that the parts stay near each other."""
    parts = sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (-len(part), part))
    hubs = [max(part, key=lambda iri: (graph.degree(iri), iri)) for part in parts]
    return [(hubs[0], hub) for hub in hubs[1:]]


def _push_apart(places: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The places with no two boxes on each other, or fewer of them after the last round.

    places, boxes: x and y, width and height, one row each. In a round every overlapping pair moves apart along the axis
    on which it overlaps less, each of the two by a part of half of the overlap.
    """
    n = len(places)
    reach = (boxes[:, None, :] + boxes[None, :, :]) / 2
    before = np.triu(np.ones((n, n), dtype=bool))
    for _ in range(max(60, min(300, 60_000 // n))):
        apart = places[:, None, :] - places[None, :, :]
        over = reach - np.abs(apart)
        is_hit = (over > 0.5).all(axis=2) & ~np.eye(n, dtype=bool)
        if not is_hit.any():
            break
        way = np.where((apart < 0) | ((apart == 0) & before[..., None]), -1.0, 1.0)
        is_vertical = over[..., 1] <= over[..., 0]
        moves = np.where(np.stack([~is_vertical, is_vertical], axis=2) & is_hit[..., None], way * over / 2, 0)
        places = places + moves.sum(axis=1) * PUSH
    return places


def _draw(shown: Neighbourhood) -> Network:
    from pyvis.network import Network  # noqa: PLC0415  (imports IPython: 0.5 s that no other verb should pay)

    graph = _graph(shown)
    labels = {entity.iri: visible(entity.label) for entity in shown.entities}
    fonts = _font_sizes(graph)
    sizes = {iri: round(9 + 4 * math.sqrt(degree), 1) for iri, degree in graph.degree()}
    boxes = {iri: (len(labels[iri]) * fonts[iri] * 0.58 + 16, 2 * (sizes[iri] + fonts[iri] * 1.2)) for iri in graph}
    places = lay_out(graph, boxes)
    network = Network(directed=True, cdn_resources="in_line")
    network.set_template_dir(str(TEMPLATES), "explorer.html")
    network.set_options(json.dumps(_OPTIONS))
    for entity in shown.entities:
        iri, (x, y) = entity.iri, places[entity.iri]
        network.add_node(iri, label=labels[iri], x=x, y=y, size=sizes[iri], font={"size": fonts[iri]}, **_looks(entity))
        if iri == shown.centre:
            network.nodes[-1] |= {"borderWidth": 4, "color": {**network.nodes[-1]["color"], "border": "#1d2733"}}
    turns: Counter[frozenset[str]] = Counter()
    for number, (subject, object_, link) in enumerate(graph.edges(data=True)):
        ends = frozenset((subject, object_))
        network.add_edge(subject, object_, **_edge(number, link, labels[subject], labels[object_]))
        network.edges[-1] |= {"smooth": _curve(turns[ends], is_forward=subject <= object_)}
        turns[ends] += 1
    return network


def _graph(shown: Neighbourhood) -> nx.MultiDiGraph:
    """One edge for all claims of one subject, predicate, object and status; `claims` are their places in `shown`."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(entity.iri for entity in shown.entities)
    grouped: dict[tuple[str, str, str, str], list[int]] = {}
    for number, claim in enumerate(shown.claims):
        grouped.setdefault((claim.subject, claim.object, claim.predicate, _state(claim)), []).append(number)
    for (subject, object_, predicate, status), claims in sorted(grouped.items()):
        n_sources = len({shown.claims[number].document for number in claims})
        graph.add_edge(subject, object_, predicate=predicate, status=status, claims=claims, n_sources=n_sources)
    return graph


def _font_sizes(graph: nx.MultiDiGraph) -> dict[str, int]:
    """Pixels of each name on the canvas: hubs so large that they can be read when all is in view, the rest for near."""
    far = max(16, round(_side(len(graph)) / 30))
    hubs = sorted(graph, key=lambda iri: (-graph.degree(iri), iri))[:HUB_LABELS]
    return {iri: far if iri in hubs else max(15, far // 3) for iri in graph}


def _looks(entity: Named) -> dict[str, Any]:
    colour = TYPE_COLOURS.get(entity.type, TYPE_COLOURS["Entity"])
    return {
        "title": f"{visible(entity.label, 200)}\n{entity.type}",
        "color": {"background": colour, "border": "#ffffff", "highlight": {"background": colour, "border": "#1d2733"}},
    }


def _edge(number: int, link: dict[str, Any], subject: str, object_: str) -> dict[str, Any]:
    style = STATUS_STYLES.get(link["status"], STATUS_STYLES["Actual"])
    text = words(link["predicate"])
    said = text if link["status"] == "Actual" else f"{text} ({words(link['status'])})"
    n_sources = link["n_sources"]
    return {
        "id": f"claims-{number}",
        "label": said,
        "title": f"{subject} — {said} → {object_}\n{n_sources} document{'' if n_sources == 1 else 's'}",
        "color": {"color": style.colour, "highlight": style.colour, "hover": style.colour},
        "font": {"color": style.colour},
        "width": round(style.width + 0.6 * math.log2(n_sources), 2),
        "dashes": list(style.dashes) or False,
        "arrows": "" if link["predicate"] in SYMMETRIC_PREDICATES else "to",
        "predicate": link["predicate"],
        "status": link["status"],
        "claims": link["claims"],
    }


def _curve(turn: int, *, is_forward: bool) -> dict[str, Any]:
    """A straight line for the first edge of a pair, arcs to either side for the rest, whichever way they point."""
    if turn == 0:
        return {"enabled": False}
    is_left = (turn % 2 == 1) == is_forward
    return {"enabled": True, "type": "curvedCW" if is_left else "curvedCCW", "roundness": 0.12 * ((turn + 1) // 2)}


def _page(shown: Neighbourhood, heading: str, *, is_served: bool) -> dict[str, Any]:
    from markupsafe import Markup  # noqa: PLC0415  (comes with pyvis)

    return {
        "title": f"{visible(heading, 80)} · Tracegraph",
        "n_shown": len(shown.entities),
        "n_reachable": shown.n_reachable,
        "is_served": is_served,
        "library": Markup(_library()),  # noqa: S704  (the text of a script that pyvis ships)
        "content": {
            "centre": shown.centre,
            "is_served": is_served,
            "entities": [asdict(entity) for entity in shown.entities],
            "claims": [_claim(claim) for claim in shown.claims],
            "figures": [asdict(figure) for figure in shown.figures],
            "types": TYPE_COLOURS,
            "statuses": {status: style._asdict() for status, style in STATUS_STYLES.items()},
        },
    }


def _claim(claim: ShownClaim) -> dict[str, Any]:
    return {name: value for name, value in asdict(claim).items() if value is not None} | {"status": _state(claim)}


def _state(claim: ShownClaim) -> str:
    return "Retracted" if claim.retracted_by else claim.status


def _with_policy(html: str, *, is_served: bool) -> str:
    return html.replace(_POLICY_PLACE, content_security_policy(html, is_served=is_served), 1)


@lru_cache(maxsize=1)
def _library() -> str:
    import pyvis  # noqa: PLC0415

    script = Path(pyvis.__file__).parent / "templates" / "lib" / "vis-9.1.2" / "vis-network.min.js"
    return (
        script.read_text(encoding="utf-8").replace("</script", r"<\/script").replace("//# sourceMappingURL", "// map")
    )


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


_UNSEEN: Iterable[str] = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

_OPTIONS = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {"hover": True, "tooltipDelay": 200, "selectConnectedEdges": False},
    "nodes": {
        "shape": "dot",
        "borderWidth": 2,
        "borderWidthSelected": 4,
        "font": {"color": "#1d2733", "face": "system-ui", "strokeWidth": 4, "strokeColor": "#f6f7f9"},
        "scaling": {"label": {"enabled": True, "drawThreshold": 9, "maxVisible": 22}},
    },
    "edges": {
        "arrows": {"to": {"scaleFactor": 0.6}},
        "font": {"size": 11, "face": "system-ui", "strokeWidth": 0, "background": "#f6f7f9", "align": "middle"},
        "scaling": {"label": {"enabled": True, "drawThreshold": 9}},
        "selectionWidth": 2,
        "hoverWidth": 1,
    },
}
"""How vis-network draws; it hides a label that would be drawn in fewer pixels than `drawThreshold`."""
