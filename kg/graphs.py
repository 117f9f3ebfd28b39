"""Stages 7 and 8, document by document: extraction + resolution -> an accepted graph, made only where need be.

A document's graph follows from its extraction, from the entities that its names stand for, and from the code; the key
of a graph is a digest of these. A graph that the cache has under its key is neither made nor checked again, so that the
cost of a build follows the change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pyoxigraph as ox

from kg import iris
from kg.build_cache import BuildCache, KeptGraph
from kg.contents import GraphContent
from kg.findings import findings_of
from kg.listings import quads_digest
from kg.quads import entity_quads, extraction_quads
from kg.records import ClusterId, DocumentId, Entity, EntityIri, Extraction, Resolution
from kg.resources import resource_path
from kg.shapes import Checked, check_quads

BATCH_DOCUMENTS = 200
"""Documents whose graphs are made and checked in one go: bounds the memory; pySHACL's start (50 ms) is shared."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the graphs of all documents are made from.

    keys: document id -> key of its extraction. read: gives an extraction by its key. version: of code and shapes.
    """

    keys: Mapping[DocumentId, str]
    read: Callable[[str], Extraction]
    resolution: Resolution
    base: str
    version: str


def graph_version(fingerprint: str) -> str:
    """Of the code and the shapes that graphs are made with."""
    digest = hashlib.sha256(fingerprint.encode())
    for name in ("kg.ttl", "shapes.ttl", "prefixes.ttl"):
        digest.update(resource_path("ontology", name).read_bytes())
    return digest.hexdigest()


def document_graphs(inputs: Inputs, cache: BuildCache) -> dict[DocumentId, KeptGraph]:
    """The accepted graph of each document, sorted by document; those that the cache lacks are made and kept there."""
    mapping = _entities_by_document(inputs.resolution)
    keys = {document: _graph_key(inputs, document, mapping.get(document, {})) for document in sorted(inputs.keys)}
    kept = cache.graphs()
    missing = [document for document, key in keys.items() if key not in kept]
    entities = {entity.iri: entity for entity in inputs.resolution.entities} if missing else {}
    for start in range(0, len(missing), BATCH_DOCUMENTS):
        batch = missing[start : start + BATCH_DOCUMENTS]
        spoken_of = {iri for document in batch for iri in mapping.get(document, {}).values()}
        for graph, quads in _make_graphs(inputs, batch, keys, [entities[iri] for iri in sorted(spoken_of)]):
            cache.keep_graph(graph, quads)
            kept[graph.key] = graph
        cache.save()
    return {document: kept[key] for document, key in keys.items()}


def graph_content(base: str, document: DocumentId, graph: KeptGraph, cache: BuildCache) -> GraphContent:
    """The graph as the store takes it; its quads are read only if the store asks."""
    name, text = iris.graph_iri(base, document), partial(cache.quads_of, graph.key)
    return GraphContent(name, graph.digest, lambda: ox.parse(text(), format=ox.RdfFormat.N_QUADS), text)


def common_content(quads: Sequence[ox.Quad], cache: BuildCache) -> GraphContent:
    """What all documents make together, in the default graph; kept as text, for the next build to find what differs."""
    digest, text = quads_digest(quads), ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    cache.keep_common(digest, text)
    return GraphContent(ox.DefaultGraph(), digest, lambda: quads, lambda: text, cache.common)


def _entities_by_document(resolution: Resolution) -> dict[DocumentId, dict[ClusterId, EntityIri]]:
    found: dict[DocumentId, dict[ClusterId, EntityIri]] = {}
    for (document, cluster), iri in resolution.iri_of.items():
        found.setdefault(document, {})[cluster] = iri
    return found


def _graph_key(inputs: Inputs, document: DocumentId, entities: Mapping[ClusterId, EntityIri]) -> str:
    parts = [inputs.version, inputs.base, document, inputs.keys[document]]
    parts += [f"{cluster} {iri}" for cluster, iri in sorted(entities.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _make_graphs(
    inputs: Inputs, documents: Sequence[DocumentId], keys: Mapping[DocumentId, str], entities: Sequence[Entity]
) -> Iterable[tuple[KeptGraph, bytes]]:
    extractions = {document: inputs.read(inputs.keys[document]) for document in documents}
    given = {d: extraction_quads(extraction, inputs.resolution, inputs.base) for d, extraction in extractions.items()}
    about = entity_quads(entities)
    accepted = _by_graph(check_quads([*about, *(quad for quads in given.values() for quad in quads)]).quads)
    for document, quads in given.items():
        checked = Checked(accepted.get(iris.graph_iri(inputs.base, document), []), [])
        if len(checked.quads) < len(quads):  # something is refused: by itself, the reasons are this document's own
            checked = _check_alone(quads, about)
        lines = ox.serialize(checked.quads, format=ox.RdfFormat.N_QUADS) or b""
        refusals = (*checked.refusals, *extractions[document].refusals)
        yield KeptGraph(keys[document], quads_digest(checked.quads), findings_of(checked.quads), refusals), lines


def _check_alone(quads: Sequence[ox.Quad], about: Sequence[ox.Quad]) -> Checked:
    named = {quad.object for quad in quads}
    checked = check_quads([*(quad for quad in about if quad.subject in named), *quads])
    return Checked([quad for quad in checked.quads if quad.graph_name != ox.DefaultGraph()], checked.refusals)


def _by_graph(quads: Collection[ox.Quad]) -> dict[object, list[ox.Quad]]:
    found: dict[object, list[ox.Quad]] = {}
    for quad in quads:
        found.setdefault(quad.graph_name, []).append(quad)
    return found
