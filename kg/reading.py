"""Stages 1 to 5 for many documents: sources in; extractions and refusals out, in the order of the sources.

Documents are independent, so they are read in as many processes as the settings say; a document that the cache holds in
the same words, read by the same pipeline, costs no more than reading its file.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from spacy.language import Language

from kg.documents import read_source
from kg.errors import DocumentError, StoreError
from kg.extractions import from_json
from kg.pipeline import CONFIG, extract_document, load_pipeline
from kg.records import Document, Extraction, Refusal
from kg.sources import STANDARD_INPUT, Source

logger = logging.getLogger(__name__)

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One source to read. cached: the file that holds an extraction of a document, by its digest; None where none
    may. config: of the pipeline that reads it.
    """

    source: Source
    max_bytes: int
    cached: Path | None = None
    config: Path = CONFIG


@cache
def pipeline(config: Path = CONFIG) -> Language:
    """The pipeline of a config, loaded once a process."""
    return load_pipeline(config)


def read_all(jobs: list[Job], workers: int, on_progress: OnProgress | None = None) -> Iterator[Extraction | Refusal]:
    """What the sources give, in order. on_progress: called with the sources done and all of them."""
    for results in read_each(jobs, workers, on_progress):
        yield from results


def read_each(
    jobs: list[Job], workers: int, on_progress: OnProgress | None = None
) -> Iterator[list[Extraction | Refusal]]:
    """What each source gives, in order."""
    for done, results in enumerate(_map(jobs, workers), start=1):
        if on_progress:
            on_progress(done, len(jobs))
        yield results


def _map(jobs: list[Job], workers: int) -> Iterator[list[Extraction | Refusal]]:
    if workers == 1 or len(jobs) < 2:
        yield from map(_read, jobs)
        return
    elsewhere = [job for job in jobs if job.source.path != STANDARD_INPUT]  # a child process has another one
    with multiprocessing.get_context("spawn").Pool(min(workers, len(jobs))) as pool:
        results = pool.imap(_read, elsewhere)
        for job in jobs:
            yield _read(job) if job.source.path == STANDARD_INPUT else next(results)


def _read(job: Job) -> list[Extraction | Refusal]:
    found: list[Extraction | Refusal] = []
    for document in read_source(job.source, max_bytes=job.max_bytes):
        if isinstance(document, Refusal):
            found.append(document)
            continue
        kept = _kept(job.cached / f"{document.digest}.json") if job.cached else None
        found.append(kept or _extract(document, job.config))
    return found


def _extract(document: Document, config: Path) -> Extraction | Refusal:
    """What the pipeline finds; a document that a component cannot be answered for is refused, and the others go on."""
    nlp = pipeline(config)
    try:
        return extract_document(nlp, document)
    except DocumentError as err:
        return Refusal(document.id, str(err))


def _kept(file: Path) -> Extraction | None:
    """What an earlier build kept of a document; None, with a warning, where its file is damaged."""
    if not file.exists():
        return None
    try:
        return from_json(file.read_text(encoding="utf-8"))
    except (StoreError, UnicodeDecodeError) as err:
        logger.warning("%s: %s: the document is read again", file.name, err)
        file.unlink()
        return None
