"""Stage 12: a store -> pictures in a notebook.

In: the folder of a store. Out: pictures that Jupyter shows where they are asked for, each in a frame of its own that
no request leaves and that cannot reach the notebook around it.

    from kg.explorer import Graph
    Graph("kg-store").around("OpenAI", hops=1)
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from pathlib import Path

from kg.labels import visible
from kg.neighbourhood import Names, Neighbourhood, find_neighbourhood
from kg.store import open_current
from kg.viz_page import heading_of, render_page

FRAME_PIXELS = 620
"""Height of a picture in a notebook."""


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """What `Graph` gives: shown by Jupyter as the last value of a cell. html: a whole page that needs nothing else."""

    shown: Neighbourhood
    html: str

    def __repr__(self) -> str:
        """What is shown, where only text can be."""
        n, all_of_them = len(self.shown.entities), self.shown.n_reachable
        return f"<{visible(heading_of(self.shown), 80)}: showing {n:,} of {all_of_them:,} entities>"

    def _repr_html_(self) -> str:
        """A frame with the page in it. Its scripts run without the notebook's origin, cookies or kernel."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(repr(self))}" sandbox="allow-scripts allow-popups" '
            f'style="width: 100%; height: {FRAME_PIXELS}px; border: 1px solid #8886; border-radius: 8px"></iframe>'
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, in UTF-8; gives back where. Raises OSError."""
        out = Path(path)
        out.write_text(self.html, encoding="utf-8")
        return out


class Graph:
    """The current snapshot of a store, to look at; a build that comes later is seen by a new `Graph`.

    max_entities: how many one picture shows at most, the best supported first. Raises StoreError where there is none.
    """

    def __init__(self, store: str | os.PathLike[str], *, max_entities: int = 200) -> None:
        self.max_entities = max_entities
        self._store = open_current(Path(store))
        self._names = Names(self._store)

    def around(self, entity: str, *, hops: int = 1) -> GraphPicture:
        """The neighbourhood of one entity, by name, alias or IRI. Raises EntityNameError, with what it may mean."""
        return self._picture(entity, hops)

    def overview(self) -> GraphPicture:
        """The most named entities of the whole graph."""
        return self._picture(None, 0)

    def _picture(self, entity: str | None, hops: int) -> GraphPicture:
        shown = find_neighbourhood(self._store, self._names, entity=entity, hops=hops, max_entities=self.max_entities)
        return GraphPicture(shown, render_page(shown))
