"""Stages 1 to 5 into a store: paths -> the documents of the store, reading only what is new or changed.

A file of the same id and bytes, read by the same pipeline, is not even parsed again: its digest is looked up. A
document that a file no longer gives stays, as documents of other folders do, until `kg remove`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from kg.build_cache import BuildCache
from kg.documents import list_sources
from kg.pipeline import pipeline_config, pipeline_fingerprint
from kg.profiles import Profile, profile_of
from kg.reading import Job, OnProgress, read_each
from kg.records import DocumentId, Extraction, Refusal
from kg.settings import Settings
from kg.sources import STANDARD_INPUT, Source
from kg.store import StoreWriter, read_documents, read_extraction

Keys = dict[DocumentId, str]
"""Document id -> key of its extraction in the store."""


def take_in(
    paths: Sequence[str],
    settings: Settings,
    writer: StoreWriter,
    cache: BuildCache,
    *,
    on_progress: OnProgress | None = None,
) -> tuple[Keys, list[Refusal]]:
    """The store's documents with those of the paths added or replaced, and the inputs that are refused."""
    sources, refusals = list_sources(paths)
    config = pipeline_config(settings.pipeline)
    fingerprint = pipeline_fingerprint(config)
    keys, kept = read_documents(writer.folder), writer.kept()
    jobs, digests = [], []
    for source in sources:
        digest = _source_digest(source, fingerprint, settings.max_document_bytes)
        known = cache.documents_of(digest) if digest else None
        if known is not None and kept.issuperset(known.values()):
            keys.update(known)
        else:
            jobs.append(Job(source, settings.max_document_bytes, writer.cache(fingerprint), config))
            digests.append(digest)
    for digest, found in zip(digests, read_each(jobs, settings.workers, on_progress), strict=True):
        refused = [one for one in found if isinstance(one, Refusal)]
        read = {e.document.id: _keep(e, fingerprint, writer, cache) for e in found if isinstance(e, Extraction)}
        refusals += refused
        keys.update(read)
        if digest and not refused:
            cache.keep_source(digest, read)
            cache.save()
    return keys, refusals


def read_profiles(keys: Iterable[str], writer: StoreWriter, cache: BuildCache) -> list[Profile]:
    """The profiles of extractions, in their order; those that the cache lacks are made and kept there."""
    kept = cache.profiles()
    profiles = []
    for key in keys:
        if key not in kept:
            kept[key] = profile_of(read_extraction(writer.folder, key))
            cache.keep_profile(key, kept[key])
        profiles.append(kept[key])
    return profiles


def _keep(extraction: Extraction, fingerprint: str, writer: StoreWriter, cache: BuildCache) -> str:
    key = writer.keep(extraction, fingerprint)
    cache.keep_profile(key, profile_of(extraction))
    return key


def _source_digest(source: Source, fingerprint: str, max_bytes: int) -> str | None:
    """Of all that decides what a file gives; None for standard input and for a file that will be refused."""
    path = Path(source.path)
    try:
        if source.path == STANDARD_INPUT or path.stat().st_size > max_bytes:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    digest = hashlib.sha256(f"{fingerprint}\n{source.id}\n{source.path}\n".encode("utf-8", "surrogateescape"))
    digest.update(content)
    return digest.hexdigest()
