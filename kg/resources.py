"""Where the files of ontology/, queries/ and seeds/ lie: beside kg/ in a checkout, in kg/_resources in a wheel."""

from __future__ import annotations

from pathlib import Path

from kg.errors import GraphError

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE.parent, _PACKAGE / "_resources")


def resource_path(kind: str, name: str) -> Path:
    """The file `name` of folder `kind` (`ontology`, `queries`, `seeds`); a checkout comes before an installed copy.

    Raises GraphError when neither has it, which is a broken installation.
    """
    for root in _ROOTS:
        if (path := root / kind / name).is_file():
            return path
    raise GraphError(f"{kind}/{name} is not part of this installation: install tracegraph again")


def resource_paths(kind: str, suffix: str) -> list[Path]:
    """All files of folder `kind` whose names end in `suffix`, sorted by name."""
    for root in _ROOTS:
        if (folder := root / kind).is_dir():
            return sorted(folder.glob(f"*{suffix}"))
    raise GraphError(f"{kind} is not part of this installation: install tracegraph again")
