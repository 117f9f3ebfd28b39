"""The table of contents: how a folder of documents becomes a graph, one line a stage. READ THIS FILE FIRST.

    take_in           1-5   each new document on its own: text, names, clusters, claims, observations (in parallel)
    read_profiles     6     what of each document bears on who is who
    resolve           6     clusters of all documents -> entities
    document_graphs   7, 8  RDF, one named graph a document, checked by SHACL: accepted, or quarantined with the reason
    _common_quads     7     entities, and plain triples from accepted claims with status Actual alone
    publish_graphs    9     a new snapshot, put in the place of the old one at once

Every stage looks up what an earlier build has made of the same input (build_cache), so the cost follows the change and
the result does not depend on the way. Nothing is edited in place: a build that dies at any moment leaves the last good
graph served.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from kg import __version__
from kg.annotations import annotation_text
from kg.build_cache import BuildCache, open_cache
from kg.documents import list_sources
from kg.entities import resolve
from kg.errors import DocumentError
from kg.extractions import Json
from kg.graphs import Inputs, document_graphs, graph_content, graph_version
from kg.intake import read_profiles, take_in
from kg.pipeline import pipeline_config, pipeline_fingerprint
from kg.quads import asserted_quads, entity_quads
from kg.reading import Job, OnProgress, read_all
from kg.records import DocumentId, Refusal
from kg.settings import Settings
from kg.shapes import check_quads
from kg.store import StoreWriter, graph_contents, open_current, read_documents, read_extraction, write_store

logger = logging.getLogger(__name__)

QUARANTINE, MANIFEST = "quarantine.json", "manifest.json"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What the graph holds after a build.

    refusals: inputs that are no documents, then what the shapes refuse, then what components refused to take from an
    answer (of all documents in the graph).
    """

    n_documents: int
    n_entities: int
    n_claims: int
    n_observations: int
    n_asserted: int
    refusals: tuple[Refusal, ...] = ()

    @property
    def summary(self) -> str:
        """One line for a person."""
        return (
            f"{self.n_documents:,} documents, {self.n_entities:,} entities, {self.n_claims:,} claims "
            f"({self.n_asserted:,} asserted links), {self.n_observations:,} observations, "
            f"{len(self.refusals):,} refused"
        )


def build_graph(paths: Sequence[str], settings: Settings, *, on_progress: OnProgress | None = None) -> BuildReport:
    """Read the documents into the store: new ones are added, changed ones replaced, the others stay.

    Raises StoreError, DocumentError when there is nothing to build from, and ExtractionError when a stage is broken.
    """
    with _open_for_writing(settings) as (writer, cache):
        keys, refusals = take_in(paths, settings, writer, cache, on_progress=on_progress)
        if not keys and not refusals:
            raise DocumentError(
                f"no document in {', '.join(paths)}: give files or folders of .txt, .md, .html, .pdf, .jsonl"
            )
        return _publish(writer, cache, keys, settings, refusals)


def remove_documents(ids: Sequence[str], settings: Settings) -> BuildReport:
    """Take documents out of the store, each with only what it alone says. Raises DocumentError for an unknown id."""
    with _open_for_writing(settings) as (writer, cache):
        keys = read_documents(writer.folder)
        if unknown := sorted(set(ids) - keys.keys()):
            raise DocumentError(f"no document in {settings.store} has the id {unknown[0]}: question cq27 lists the ids")
        kept = {document: key for document, key in keys.items() if document not in ids}
        return _publish(writer, cache, kept, settings, [])


def write_annotations(
    paths: Sequence[str], out: Path, settings: Settings, *, on_progress: OnProgress | None = None
) -> list[Refusal]:
    """Write what each document says to `out`, one JSON file each, without a store; gives what was refused."""
    config = pipeline_config(settings.pipeline)
    sources, refusals = list_sources(paths)
    jobs = [Job(source, settings.max_document_bytes, config=config) for source in sources]
    for found in read_all(jobs, settings.workers, on_progress):
        if isinstance(found, Refusal):
            refusals.append(found)
            continue
        refusals += found.refusals
        file = out / annotation_name(found.document.id)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(annotation_text(found), encoding="utf-8")
    return refusals


def annotation_name(document_id: DocumentId) -> str:
    """File name of a document's annotation: `.json` in the place of `.txt` or `.html`, behind any other suffix.

    >>> annotation_name(DocumentId("2024/a.txt")), annotation_name(DocumentId("a.pdf"))
    ('2024/a.json', 'a.pdf.json')
    """
    stem = document_id.removesuffix(".txt").removesuffix(".html")
    return f"{stem}.json"


def validate_store(settings: Settings) -> list[Refusal]:
    """All that is refused: what the shapes find in the current graph, then what builds have put in quarantine."""
    folder = Path(settings.store)
    found = check_quads(list(open_current(folder))).refusals
    quarantine = folder / QUARANTINE
    kept = json.loads(quarantine.read_text(encoding="utf-8")) if quarantine.exists() else []
    return [*found, *(Refusal(**entry) for entry in kept)]


@contextmanager
def _open_for_writing(settings: Settings) -> Iterator[tuple[StoreWriter, BuildCache]]:
    folder = Path(settings.store)
    with write_store(folder) as writer, open_cache(folder) as cache:
        yield writer, cache


def _publish(
    writer: StoreWriter,
    cache: BuildCache,
    keys: Mapping[DocumentId, str],
    settings: Settings,
    refusals: Sequence[Refusal],
) -> BuildReport:
    keys, base = dict(sorted(keys.items())), settings.base_iri
    resolution = resolve(read_profiles(keys.values(), writer, cache), base)
    version = graph_version(pipeline_fingerprint(pipeline_config(settings.pipeline)))
    graphs = document_graphs(Inputs(keys, partial(read_extraction, writer.folder), resolution, base, version), cache)
    asserted = asserted_quads((c for g in graphs.values() for c in g.findings.claims), settings.min_confidence)
    common = [*entity_quads(resolution.entities), *asserted]
    contents = [graph_content(base, document, graph, cache) for document, graph in graphs.items()]
    quarantined = [refusal for graph in graphs.values() for refusal in graph.refusals]
    writer.set_documents(keys)
    writer.write_file(QUARANTINE, _lines([asdict(refusal) for refusal in quarantined]))
    writer.write_file(MANIFEST, _lines(_manifest(keys, settings)))
    writer.publish_graphs([*graph_contents(common), *contents])
    cache.drop_all_but(keys.values(), [graph.key for graph in graphs.values()])
    report = BuildReport(
        len(keys),
        len(resolution.entities),
        sum(len(graph.findings.claims) for graph in graphs.values()),
        sum(len(graph.findings.figures) for graph in graphs.values()),
        len(asserted),
        (*refusals, *quarantined),
    )
    logger.info("%s", report.summary)
    return report


def _manifest(keys: Mapping[DocumentId, str], settings: Settings) -> Json:
    """What the graph was made from: inputs by digest, settings that decide its content, and versions."""
    return {
        "documents": {document: key.split("/")[1] for document, key in keys.items()},
        "pipelines": sorted({key.split("/")[0] for key in keys.values()}),
        "settings": {"base_iri": settings.base_iri, "min_confidence": settings.min_confidence},
        "version": __version__,
    }


def _lines(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
