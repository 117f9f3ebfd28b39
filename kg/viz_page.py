"""Stage 12: picture -> one HTML file that needs nothing else.

In: an open snapshot and what to show. Out: a page with the graph drawn and the sentence behind every line, in UTF-8,
the same bytes for the same snapshot. The page calls nobody: its content security policy forbids it, and names by
digest the only two scripts that may run, so that no text from a document can become one.

pyvis 0.3.2 fills the page, but its own template loads Bootstrap from a CDN in every mode and prints headings and ids
unescaped, and it writes files in the encoding of the locale: template (templates/explorer.html) and writing are ours.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.labels import visible
from kg.neighbourhood import Names, Neighbourhood, ShownClaim, find_neighbourhood
from kg.picture import OTHER_COLOUR, STATUS_STYLES, TYPE_SHAPES, Community, draw, read_library, status_of

TEMPLATES = Path(__file__).parent / "templates"
OVERVIEW_HEADING = "Companies, people and products"
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
    picture = draw(shown)
    network = picture.network
    network.heading = heading_of(shown)
    network.set_template_dir(str(TEMPLATES), "explorer.html")
    network.templateEnv.autoescape = True
    network.templateEnv.globals["page"] = _page(shown, picture.communities, is_served=is_served)
    html: str = network.generate_html()
    return html.replace(_POLICY_PLACE, content_security_policy(html, is_served=is_served), 1)


def heading_of(shown: Neighbourhood) -> str:
    """The name of the entity in the middle, as it is; of an overview, what it is."""
    labels = {entity.iri: entity.label for entity in shown.entities}
    return labels[shown.centre] if shown.centre else OVERVIEW_HEADING


def content_security_policy(html: str, *, is_served: bool) -> str:
    """A policy for `html`: its own inline scripts by digest, no other script, no request to anyone but the server."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in _SCRIPT.findall(html)]
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    own = "'self'" if is_served else "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; "
        f"connect-src {own}; form-action {own}; base-uri 'none'"
    )


def _page(shown: Neighbourhood, communities: tuple[Community, ...], *, is_served: bool) -> dict[str, Any]:
    from markupsafe import Markup  # noqa: PLC0415  (comes with pyvis)

    return {
        "title": f"{visible(heading_of(shown), 80)} · Tracegraph",
        "n_shown": len(shown.entities),
        "n_reachable": shown.n_reachable,
        "is_served": is_served,
        "library": Markup(read_library()),  # noqa: S704  (the text of a script that pyvis ships)
        "content": {
            "centre": shown.centre,
            "is_served": is_served,
            "entities": [asdict(entity) for entity in shown.entities],
            "claims": [_claim(claim) for claim in shown.claims],
            "figures": [asdict(figure) for figure in shown.figures],
            "communities": [asdict(community) for community in communities],
            "other_colour": OTHER_COLOUR,
            "shapes": TYPE_SHAPES,
            "statuses": [(status, style._asdict()) for status, style in STATUS_STYLES.items()],
        },
    }


def _claim(claim: ShownClaim) -> dict[str, Any]:
    return {name: value for name, value in asdict(claim).items() if value is not None} | {"status": status_of(claim)}
