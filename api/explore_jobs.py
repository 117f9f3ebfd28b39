"""What a worker does for the explorer: more jobs of `api.jobs`, each answered in JSON, compressed if asked."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from api.answering import Output, Snapshot
from kg.columns import find_piece
from kg.entity_details import describe_entity
from kg.expansion import Wanted, expand
from kg.paths import PathQuestion, find_paths

_GZIP_LEVEL = 1
"""A piece shrinks to a fifth at any level; this one takes 10 ms for a megabyte."""


def write_overview(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """The best connected entities, with communities and places."""
    packed = snapshot.overviews.get(arguments["limit"])
    output.write(packed if arguments["gzip"] else gzip.decompress(packed))


def prepare_overview(snapshot: Snapshot, _: Mapping[str, Any], output: Output) -> None:
    """Make the overview that the explorer opens on, if it is not there, so that whoever asks for it need not wait."""
    snapshot.overviews.get(snapshot.settings.max_overview_entities)
    output.write(b"true")


def write_piece(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """Entities and the claims among them."""
    _write(output, find_piece(snapshot.graph, arguments["entities"]), arguments)


def write_expansion(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """Where an entity leads to. Raises EntityNameError."""
    piece, remaining = expand(snapshot.graph, Wanted(**arguments["wanted"]))
    _write(output, {"piece": piece, "remaining": [asdict(one) for one in remaining]}, arguments)


def write_paths(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """The ways from one entity to another. Raises EntityNameError and QueryError."""
    paths, piece = find_paths(snapshot.graph, PathQuestion(**arguments["question"]))
    _write(output, {"paths": paths, "piece": piece}, arguments)


def write_entity(snapshot: Snapshot, arguments: Mapping[str, Any], output: Output) -> None:
    """All about an entity. Raises EntityNameError."""
    details = asdict(describe_entity(snapshot.graph, snapshot.store, arguments["iri"]))
    for source in details["sources"]:
        source["document"] = source["document"]._asdict()
    _write(output, details, arguments)


def _write(output: Output, body: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    output.write(gzip.compress(text, _GZIP_LEVEL, mtime=0) if arguments["gzip"] else text)


EXPLORE_JOBS = {
    "overview": write_overview,
    "prepare_overview": prepare_overview,
    "piece": write_piece,
    "expand": write_expansion,
    "paths": write_paths,
    "entity": write_entity,
}
