"""The table of contents: how a folder of documents becomes a graph, one line a stage. READ THIS FILE FIRST.

    take_in           1-5   each new document on its own: text, names, clusters, claims, observations (in parallel)
    read_profiles     6     what of each document bears on who is who
    resolve           6     clusters of all documents -> entities
    apply_corrections 6     entities as the user has corrected them, and the links that the user asserts
    link_entities     6     entities -> Wikidata items of well-known brands, where the user's own list gives no IRI
    document_graphs   7, 8  RDF, one named graph a document, checked by SHACL: accepted, or quarantined with the reason
    find_retractions  7     the claims that the user has taken back
    asserted_quads    7     plain triples, from accepted claims with status Actual alone
    comparison_quads  8     where texts contradict each other, and how many agree; what is reprinted is one text
    publish_graphs    9     a new snapshot, put in the place of the old one at once

Every stage looks up what an earlier build has made of the same input (build_cache), so the cost follows the change and
the result does not depend on the way. Nothing is edited in place: a build that dies at any moment leaves the last good
graph served.
"""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg import __version__
from kg.annotations import annotation_text
from kg.build_cache import BuildCache, KeptGraph, open_cache
from kg.conflicts import comparison_quads
from kg.corrected import Corrected, Unmatched, apply_corrections, find_retractions
from kg.corrections import Correction, to_plain
from kg.corrections_file import parse_corrections, read_text, write_text
from kg.documents import list_sources
from kg.entities import resolve
from kg.errors import CorrectionError, DocumentError, KgError, StoreError
from kg.extractions import Json
from kg.graphs import Inputs, common_content, document_graphs, graph_content, graph_version
from kg.intake import read_profiles, take_in
from kg.known import KnownEntity, known_digest, read_known
from kg.linking import link_entities
from kg.name_forms import forget_names
from kg.pipeline import pipeline_config, pipeline_fingerprint
from kg.quads import asserted_quads, entity_quads
from kg.reading import Job, OnProgress, read_all
from kg.records import DocumentId, Extraction, Refusal, Resolution
from kg.reprints import reprint_groups
from kg.settings import Settings
from kg.shapes import check_quads
from kg.store import StoreWriter, open_current, read_documents, read_extraction, write_store
from kg.uploads import drop_uploads

logger = logging.getLogger(__name__)

QUARANTINE, MANIFEST = "quarantine.json", "manifest.json"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What the graph holds after a build.

    refusals: inputs that are no documents, then what the shapes refuse, then what components refused to take from an
    answer (of all documents in the graph), then corrections that match nothing; unmatched: these alone.
    """

    n_documents: int
    n_entities: int
    n_claims: int
    n_observations: int
    n_asserted: int
    refusals: tuple[Refusal, ...] = ()
    unmatched: tuple[Refusal, ...] = ()

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
    with _open_for_writing(settings) as place:
        keys, refusals = take_in(paths, settings, place.writer, place.cache, on_progress=on_progress)
        if not keys and not refusals:
            raise DocumentError(
                f"no document in {', '.join(paths)}: give files or folders of .txt, .md, .html, .pdf, .jsonl"
            )
        return _publish(place, keys, settings, refusals)


def remove_documents(ids: Sequence[str], settings: Settings) -> BuildReport:
    """Take documents out of the store, each with only what it alone says. Raises DocumentError for an unknown id."""
    with _open_for_writing(settings) as place:
        keys = read_documents(place.writer.folder)
        if unknown := sorted(set(ids) - keys.keys()):
            raise DocumentError(f"no document in {settings.store} has the id {unknown[0]}: question cq27 lists the ids")
        kept = {document: key for document, key in keys.items() if document not in ids}
        report = _publish(place, kept, settings, [])
        drop_uploads(place.writer.folder, ids)
        return report


def correct_graph(edit: Callable[[str], str], settings: Settings) -> BuildReport:
    """Edit the file of corrections, and publish the graph that follows; all else stays as it was built.

    edit: text of the file -> its new text. The file stays as it was when the graph cannot be published.
    Raises what `edit` raises; StoreError; CorrectionError when an added correction matches nothing.
    """
    settings = as_built(settings)
    path = settings.corrections_path
    with _open_for_writing(settings) as place:
        before = read_text(path)
        after = edit(before)
        corrections = parse_corrections(after, str(path))
        added = {c.id for c in corrections} - {c.id for c in place.corrections}
        write_text(path, after)
        try:
            keys = read_documents(place.writer.folder)
            return _publish(place._replace(corrections=corrections), keys, settings, [], must_match=added)
        except KgError:
            write_text(path, before) if before else path.unlink()
            raise


def preview_corrections(edit: Callable[[str], str], settings: Settings) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """Statements of the default graph that an edit of the file of corrections takes away, and those that it brings.

    edit: as for `correct_graph`. Nothing is written. Raises what `correct_graph` raises.
    """
    settings = as_built(settings)
    path = settings.corrections_path
    with _open_for_writing(settings) as place:
        corrections = parse_corrections(edit(read_text(path)), str(path))
        added = {c.id for c in corrections} - {c.id for c in place.corrections}
        keys = read_documents(place.writer.folder)
        before = set(_draw_up(place, keys, settings).common)
        after = set(_draw_up(place._replace(corrections=corrections), keys, settings, must_match=added).common)
    return sorted(before - after, key=str), sorted(after - before, key=str)


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
    return [*check_quads(list(open_current(Path(settings.store)))).refusals, *read_quarantine(settings)]


def read_quarantine(settings: Settings) -> list[Refusal]:
    """What the last build did not accept."""
    path = Path(settings.store) / QUARANTINE
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [Refusal(**entry) for entry in kept]


class _Place(NamedTuple):
    """Where a build works, the user's own entities, and the corrections that it applies."""

    writer: StoreWriter
    cache: BuildCache
    corrections: tuple[Correction, ...]
    known: tuple[KnownEntity, ...] = ()


@contextmanager
def _open_for_writing(settings: Settings) -> Iterator[_Place]:
    folder, path = Path(settings.store), settings.corrections_path
    known = tuple(read_known(Path(settings.entities))) if settings.entities else ()
    with write_store(folder) as writer, open_cache(folder) as cache:
        yield _Place(writer, cache, parse_corrections(read_text(path), str(path)), known)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave out the search for cycles: records have none, and are searched over and over while they grow.

    Resolving 75,000 names takes 6 s instead of 12; memory is given back as before, by reference counts. Not for
    reading: the documents of spaCy have cycles.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def as_built(settings: Settings) -> Settings:
    """The settings, what decides the content of the graph as the last build had it; a list that is given now stays."""
    path = Path(settings.store) / MANIFEST
    try:
        built = json.loads(path.read_text(encoding="utf-8"))["settings"]
        return replace(settings, **{**built, "entities": settings.entities or built.get("entities", "")})
    except FileNotFoundError as err:
        raise StoreError(f"no graph in {settings.store}: run kg build first") from err
    except (ValueError, KeyError, TypeError) as err:
        raise StoreError(f"{path} is damaged ({err!r}): run kg build again") from err


class _Drawn(NamedTuple):
    """A graph as it would be published. common: the default graph."""

    resolution: Resolution
    graphs: Mapping[DocumentId, KeptGraph]
    common: list[ox.Quad]
    n_asserted: int
    unmatched: list[Unmatched]


@_uncollected()
def _draw_up(
    place: _Place, documents: Mapping[DocumentId, str], settings: Settings, *, must_match: Collection[int] = ()
) -> _Drawn:
    """must_match: ids of corrections; CorrectionError is raised when one of them matches nothing."""
    writer, cache, corrections, base = place.writer, place.cache, place.corrections, settings.base_iri
    documents = dict(sorted(documents.items()))
    profiles = read_profiles(documents.values(), writer, cache)
    entities = resolve(profiles, base, place.known)
    corrected = apply_corrections(entities, profiles, corrections, base)
    corrected = replace(corrected, resolution=_linked(corrected.resolution))
    resolution, keys = corrected.resolution, {**documents, **corrected.keys}
    version = graph_version(pipeline_fingerprint(pipeline_config(settings.pipeline)))
    graphs = document_graphs(Inputs(keys, _reader(writer.folder, corrected), resolution, base, version), cache)
    findings = {document: graph.findings for document, graph in graphs.items()}
    retracted = find_retractions(corrected, findings)
    claims = [c for g in graphs.values() for c in g.findings.claims if c.iri not in retracted.by_iri]
    asserted = asserted_quads(claims, settings.min_confidence)
    common = [*entity_quads(resolution.entities), *asserted, *retracted.quads]
    common += comparison_quads(findings, reprint_groups(profiles), retracted.by_iri)
    unmatched = [*corrected.unmatched, *retracted.unmatched]
    if missed := [one for one in unmatched if one.correction.id in must_match]:
        raise CorrectionError(f"{missed[0].correction.words}: {missed[0].reason}")
    return _Drawn(resolution, graphs, common, len(asserted), unmatched)


@_uncollected()
def _publish(
    place: _Place,
    documents: Mapping[DocumentId, str],
    settings: Settings,
    refusals: Sequence[Refusal],
    *,
    must_match: Collection[int] = (),
) -> BuildReport:
    """must_match: ids of corrections; nothing is published, but CorrectionError raised, when one matches nothing."""
    writer, cache, documents = place.writer, place.cache, dict(sorted(documents.items()))
    resolution, graphs, common, n_asserted, unmatched = _draw_up(place, documents, settings, must_match=must_match)
    contents = [graph_content(settings.base_iri, document, graph, cache) for document, graph in graphs.items()]
    if common:
        contents.append(common_content(common, cache))
    quarantined = [r for graph in graphs.values() for r in graph.refusals] + [one.refusal for one in unmatched]
    writer.set_documents(documents)
    writer.write_file(QUARANTINE, _lines([asdict(refusal) for refusal in quarantined]))
    writer.write_file(MANIFEST, _lines(_manifest(documents, settings, place)))
    writer.publish_graphs(contents)
    cache.drop_all_but(documents.values(), [graph.key for graph in graphs.values()], [c.digest for c in contents])
    forget_names()
    report = BuildReport(
        len(documents),
        len(resolution.entities),
        sum(len(graph.findings.claims) for graph in graphs.values()),
        sum(len(graph.findings.figures) for graph in graphs.values()),
        n_asserted,
        (*refusals, *quarantined),
        tuple(one.refusal for one in unmatched),
    )
    logger.info("%s", report.summary)
    return report


def _reader(folder: Path, corrected: Corrected) -> Callable[[str], Extraction]:
    """Gives the extraction of a key: an asserted link's, or one that the store keeps."""
    asserted = {key: corrected.asserted[document] for document, key in corrected.keys.items()}
    return lambda key: asserted[key] if key in asserted else read_extraction(folder, key)


def _linked(resolution: Resolution) -> Resolution:
    return replace(resolution, entities=link_entities(resolution.entities))


def _manifest(keys: Mapping[DocumentId, str], settings: Settings, place: _Place) -> Json:
    """What the graph was made from: inputs by digest, settings that decide its content, and versions."""
    return {
        "corrections": [to_plain(correction) for correction in place.corrections if correction.undone is None],
        "entities": known_digest(place.known),
        "documents": {document: key.split("/")[1] for document, key in keys.items()},
        "pipelines": sorted({key.split("/")[0] for key in keys.values()}),
        "settings": {name: getattr(settings, name) for name in ("base_iri", "entities", "min_confidence")},
        "version": __version__,
    }


def _lines(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
