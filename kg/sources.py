"""Stage 1: paths of files and folders -> the files to read, each under the id of its document.

Refuses what is named but not there, of an unknown type, named like another, or a link that leads in a circle. In
folders hidden files are passed over, and files of other types are counted in the log.
"""

from __future__ import annotations

import logging
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kg.records import DocumentId, Refusal

logger = logging.getLogger(__name__)

STANDARD_INPUT = "-"
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One file that holds a document, or many when it is a collection; path is `-` for standard input."""

    id: DocumentId
    path: str

    @property
    def suffix(self) -> str:
        """The type of the file in lower case, with its dot."""
        return Path(self.id).suffix.lower()


def find_sources(paths: Sequence[str], suffixes: Collection[str]) -> tuple[list[Source], list[Refusal]]:
    """The files to read, sorted by id, and what is refused at sight, sorted; the order of `paths` does not matter.

    suffixes: the types that are read, in lower case. A file reached twice is one source, under the longer id; of two
    files with one id the second in the order of their paths is refused. A file keeps one id on every system (NFC).
    """
    found: dict[str, Source] = {}
    refused: set[tuple[str, str]] = set()
    for path in dict.fromkeys(paths):
        for one in _list_path(path, suffixes):
            if isinstance(one, Refusal):
                refused.add((one.what, one.reason))
                continue
            place = one.path if one.path == STANDARD_INPUT else os.path.abspath(one.path)  # noqa: PTH100  # keeps links
            known = found.get(place, one)
            found[place] = max(known, one, key=lambda source: (len(source.id), source.id, source.path))
    sources, namesakes = _drop_namesakes(sorted(found.values()))
    return sources, [Refusal(what, reason) for what, reason in sorted({*refused, *namesakes})]


def _list_path(path: str, suffixes: Collection[str]) -> Iterator[Source | Refusal]:
    if path == STANDARD_INPUT:
        yield Source(DocumentId("stdin.txt"), STANDARD_INPUT)
    elif os.path.isdir(path):  # noqa: PTH112  # Path.is_dir raises where a folder above may not be entered
        yield from _walk(Path(path), suffixes)
    elif not os.path.lexists(path):
        yield Refusal(path, "no such file or folder: check the path")
    elif Path(path).suffix.lower() not in suffixes:
        suffix = Path(path).suffix or "no suffix"
        yield Refusal(path, f"files of type {suffix} are not read: give one of {' '.join(sorted(suffixes))}")
    else:
        yield _to_source(Path(path), Path(path).name)


def _walk(root: Path, suffixes: Collection[str]) -> Iterator[Source | Refusal]:
    passed_over: Counter[str] = Counter()
    pending: list[tuple[Path, tuple[str, ...]]] = [(root, (os.path.realpath(root),))]
    while pending:
        folder, above = pending.pop()
        try:
            entries = sorted(folder.iterdir())
        except OSError as err:
            yield Refusal(str(folder), f"folder cannot be read ({err.strerror}): check its permissions")
            continue
        for path in entries:
            if path.name.startswith("."):
                continue
            if os.path.isdir(path):  # noqa: PTH112
                real = os.path.realpath(path)
                if real in above:
                    yield Refusal(str(path), "link to a folder that holds the link: remove it")
                else:
                    pending.append((path, (*above, real)))
            elif path.suffix.lower() in suffixes:
                yield _to_source(path, path.relative_to(root).as_posix())
            else:
                passed_over[path.suffix.lower() or "no suffix"] += 1
    if passed_over:
        kinds = ", ".join(f"{suffix} ({count})" for suffix, count in sorted(passed_over.items()))
        logger.warning("%s: %d files of other types passed over: %s", root, passed_over.total(), kinds)


def _to_source(path: Path, name: str) -> Source | Refusal:
    if _UNPRINTABLE.search(name):
        shown = _UNPRINTABLE.sub("?", str(path))
        return Refusal(shown, "name is not UTF-8 or holds control characters: rename the file")
    if not os.path.isfile(path):  # noqa: PTH113  # Path.is_file raises where a folder above may not be entered
        return Refusal(str(path), "no regular file, or a link to nothing: give a file")
    return Source(DocumentId(unicodedata.normalize("NFC", name)), str(path))


def _drop_namesakes(sources: Sequence[Source]) -> tuple[list[Source], list[tuple[str, str]]]:
    kept: dict[DocumentId, Source] = {}
    refused: list[tuple[str, str]] = []
    for source in sources:
        above = (DocumentId(parent.as_posix()) for parent in PurePosixPath(source.id).parents)
        first = next((kept[name] for name in above if name in kept), None) or kept.setdefault(source.id, source)
        if first is not source:
            same = f"has the id {first.id} of {first.path}, or one below it"
            reason = f"{same}: rename one, or give the one folder that holds both"
            refused.append((source.path, reason))
    return list(kept.values()), refused
