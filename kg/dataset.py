"""Stage 9, for rdflib's users: the current snapshot as an rdflib Dataset, read where it lies and not copied."""

from __future__ import annotations

from pathlib import Path

import rdflib
from oxrdflib import OxigraphStore

from kg.store import open_current


def open_dataset(folder: str | Path) -> rdflib.Dataset:
    """The current graph of a store: read-only, each named graph a document, the default graph the union of all.

    Raises StoreError when there is no graph.
    """
    return rdflib.Dataset(OxigraphStore(store=open_current(Path(folder))), default_union=True)
