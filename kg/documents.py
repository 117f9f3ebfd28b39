"""Stage 1: files, folders and standard input -> Documents.

`list_sources` says which files are documents and under which id; `read_source` reads one of them, so that files can be
read in worker processes and need not all be in memory. What cannot become a document is a Refusal with one clear line,
and the others go on: empty, binary, wrongly encoded, too large, unreadable, vanished, encrypted, without text, invalid
JSON, named like another.

`Document.text` is normalised once, here: the byte order mark is dropped, CRLF and CR become LF, and each character that
XML 1.0 does not allow (control characters, lone surrogates, U+FFFE, U+FFFF) becomes a space.

Encoding: UTF-8; UTF-16 and UTF-32 with a byte order mark; for HTML also the charset that the page declares. Anything
else is refused and not guessed: charset-normalizer 3.5.2 put wrong letters in 51 of 140 English news texts in
windows-1252, and a wrong letter is a wrong name.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from kg.datelines import Dateline, read_date, read_dateline
from kg.errors import DocumentError
from kg.records import Document, DocumentId, Refusal, Span
from kg.running_text import find_markdown_text, find_paragraphs, find_running_text
from kg.sources import STANDARD_INPUT, Source, find_sources
from kg.web_pages import read_web_page

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins alike
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_TEXT_BYTES = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), *b"\t\n\r\f\b\x1b"})
_SAMPLE_BYTES = 8192
_MAX_CONTROL_SHARE = 0.01  # of the sample; text has none or a few strays
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_CHARSET_BYTES = 4096  # browsers look for it in the first 1024 bytes; some pages put it later
_HTML_START = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype html|html)\b", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---\n(.{0,5000}?)\n---(?:\n|\Z)", re.DOTALL)
_FRONT_FIELD = re.compile(r"^(title|author|date|url):[ \t]*(\S.*)$", re.MULTILINE)
# What pypdf raises on damaged files, beside its own errors.
_PDF_ERRORS = (
    PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError, ArithmeticError,
    NotImplementedError, AssertionError, EOFError, struct.error, zlib.error,
)  # fmt: skip
_BROKEN_WORD = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_LINE_END = re.compile(r"[ \t]*\n[ \t]*")

Reader = Callable[[bytes], tuple[str, tuple[Span, ...], Dateline]]
"""Content of a file -> its normalised text, the running text in it, and what the file states beside its text."""


def list_sources(paths: Sequence[str]) -> tuple[list[Source], list[Refusal]]:
    """The files below `paths` that are read, sorted by id, and what is refused at sight.

    paths: files, folders (with all below them) and `-` for standard input, which is plain text or HTML, `stdin.txt`.
    """
    return find_sources(paths, {*READERS, *COLLECTION_READERS})


def read_documents(paths: Sequence[str], *, max_bytes: int) -> Iterator[Document | Refusal]:
    """All documents below the given files and folders, one at a time, and what was refused."""
    sources, refusals = list_sources(paths)
    yield from refusals
    for source in sources:
        yield from read_source(source, max_bytes=max_bytes)


def read_source(source: Source, *, max_bytes: int) -> Iterator[Document | Refusal]:
    """The document of a source, or the documents of a collection, and a Refusal for each that cannot be one.

    max_bytes: a larger file, or a longer line of a collection, is refused. Standard input is that of this process.
    """
    try:
        if source.path == STANDARD_INPUT:
            yield from _read_stream(source, sys.stdin.buffer, max_bytes)
        else:
            with Path(source.path).open("rb") as stream:
                yield from _read_stream(source, stream, max_bytes)
    except OSError as err:
        yield Refusal(source.path, f"cannot be read ({err.strerror}): check that it is there and its permissions")


def _read_stream(source: Source, stream: BinaryIO, max_bytes: int) -> Iterator[Document | Refusal]:
    if source.suffix in COLLECTION_READERS:
        yield from COLLECTION_READERS[source.suffix](source, stream, max_bytes)
        return
    try:
        content = _check_size(stream.read(max_bytes + 1), max_bytes)
        yield _to_document(source.id, source.path, READERS[source.suffix](content))
    except DocumentError as err:
        yield Refusal(source.path, str(err))


def _check_size(content: bytes, max_bytes: int) -> bytes:
    if len(content) > max_bytes:
        raise DocumentError(f"is larger than {max_bytes} bytes: split it, or raise the setting max_document_bytes")
    return content


def read_document(document_id: str, content: bytes, *, source: str = "") -> Document:
    """The document in `content`, read as the suffix of its id says.

    Raises DocumentError when it is none, or the suffix is not one of READERS.
    """
    reader = READERS.get(Path(document_id).suffix.lower())
    if reader is None:
        raise DocumentError(f"{document_id}: type is not read: give one of {' '.join(sorted(READERS))}")
    try:
        return _to_document(DocumentId(document_id), source or document_id, reader(content))
    except DocumentError as err:
        raise DocumentError(f"{document_id}: {err}") from err


def _to_document(document_id: DocumentId, source: str, page: tuple[str, tuple[Span, ...], Dateline]) -> Document:
    text, body, stated = page
    if not text.strip():
        raise DocumentError("is empty: nothing to read")
    in_text = read_dateline(text, body)
    known = {f.name: getattr(stated, f.name) or getattr(in_text, f.name) for f in fields(Dateline)}
    return Document(id=document_id, text=text, body=body, source=source, **known)


def _read_plain(content: bytes) -> tuple[str, tuple[Span, ...], Dateline]:
    text = _decode(content)
    return _read_html(content) if _HTML_START.match(text) else (text, find_running_text(text), Dateline())


def _read_html(content: bytes) -> tuple[str, tuple[Span, ...], Dateline]:
    charset = _CHARSET.search(content[:_CHARSET_BYTES])
    text, stated = read_web_page(_decode(content, charset[1].decode("ascii", "replace") if charset else None))
    text = _clean(text)
    return text, find_running_text(text), stated


def _read_markdown(content: bytes) -> tuple[str, tuple[Span, ...], Dateline]:
    text = _decode(content)
    front = _FRONT_MATTER.match(text)
    stated = {key: value.strip("\"' ") for key, value in _FRONT_FIELD.findall(front[1])} if front else {}
    published = read_date(stated.pop("date", ""))
    return text, find_markdown_text(text), Dateline(published=published, **stated)


def _read_pdf(content: bytes) -> tuple[str, tuple[Span, ...], Dateline]:
    """The text of all pages, one line a paragraph. Title and author of the file are left out: tools fill them in."""
    try:
        reader = PdfReader(io.BytesIO(content))
        is_locked = reader.is_encrypted and not reader.decrypt("")
        pages = [] if is_locked else [page.extract_text() for page in reader.pages]
    except DependencyError:
        is_locked = True
    except _PDF_ERRORS as err:
        reason = " ".join(str(err).split())[:100]
        raise DocumentError(f"is no PDF that can be read ({reason}): save it again") from err
    if is_locked:
        raise DocumentError("is an encrypted PDF: save a copy without a password")
    text = _clean("\n\n".join(pages))
    if not text.strip():
        raise DocumentError("is a PDF without text, such as a scan: run OCR on it first")
    lines = (_BROKEN_WORD.sub("", text[span.start : span.end]) for span in find_paragraphs(text))
    text = "\n".join(_LINE_END.sub(lambda _: " ", line.replace("-\n", "-")) for line in lines)
    return text, find_running_text(text), Dateline()


def _decode(content: bytes, declared: str | None = None) -> str:
    """The normalised text; declared: an encoding to try when the bytes are not UTF-8."""
    mark, encoding = next(((mark, name) for mark, name in _BOMS if content.startswith(mark)), (b"", None))
    sample = content[:_SAMPLE_BYTES]
    if encoding is None and (
        b"\0" in content or len(sample.translate(None, _TEXT_BYTES)) > _MAX_CONTROL_SHARE * len(sample)
    ):
        raise DocumentError("is binary, or UTF-16 without a byte order mark: give a text file in UTF-8")
    for name in (encoding or "utf-8", declared):
        if name is None:
            continue
        try:
            return _clean(content[len(mark) :].decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    raise DocumentError("is not UTF-8: convert it, for example with iconv -f WINDOWS-1252 -t UTF-8")


def _clean(text: str) -> str:
    """The text with LF as the only line end, and a space for each character that XML does not allow."""
    return _NOT_XML.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def _read_json_lines(source: Source, stream: BinaryIO, max_bytes: int) -> Iterator[Document | Refusal]:
    """A document a line, from its fields text, id, title, author, outlet, date and url; the id defaults to the line."""
    line_of: dict[DocumentId, int] = {}
    for number, line in enumerate(iter(lambda: stream.readline(max_bytes + 1), b""), 1):
        if len(line) > max_bytes:
            _skip_line(line, stream)
        if not line.strip():
            continue
        try:
            document = _read_json_line(_check_size(line, max_bytes), source.id, f"{source.path}:{number}")
            _check_new(document.id, line_of.setdefault(document.id, number), number)
            yield document
        except DocumentError as err:
            yield Refusal(f"{source.path}:{number}", str(err))


def _skip_line(line: bytes, stream: BinaryIO) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(_SAMPLE_BYTES)


def _check_new(document_id: DocumentId, first: int, number: int) -> None:
    if first != number:
        raise DocumentError(f"has the id {document_id} of line {first}: give each line an id of its own")


def _read_json_line(line: bytes, file_id: DocumentId, place: str) -> Document:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as err:
        raise DocumentError("is not UTF-8: convert the file, for example with iconv") from err
    except (ValueError, RecursionError) as err:
        raise DocumentError(f"is no JSON ({err}): give one object a line") from err
    if not isinstance(record, dict):
        raise DocumentError(f"is a JSON {type(record).__name__}: give an object with the field text")
    name = _read_id(record.get("id"), place.rpartition(":")[2])
    texts = {key: _read_field(record, key) for key in ("text", "title", "author", "outlet", "date", "url")}
    if not texts["text"]:
        raise DocumentError("has no text: give the field text")
    published = read_date(texts["date"]) if texts["date"] else None
    if texts["date"] and published is None:
        raise DocumentError(f"date is {texts['date']!r}: give YYYY-MM-DD, YYYY-MM or YYYY")
    stated = Dateline(texts["title"], texts["author"], texts["outlet"], published, texts["url"])
    text = texts["text"]
    return _to_document(DocumentId(f"{file_id}/{name}"), place, (text, find_running_text(text), stated))


def _read_id(value: Any, number: str) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        return number
    name = value.strip() if isinstance(value, str) else str(value)
    if (
        not isinstance(value, str | int)
        or isinstance(value, bool)
        or _UNPRINTABLE.search(name)
        or ".." in name.split("/")
    ):
        raise DocumentError(f"id is {name[:60]!r}: give a string or a whole number, without '..' as a part")
    return name


def _read_field(record: dict[str, Any], key: str) -> str | None:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise DocumentError(f"{key} is of type {type(value).__name__}: give a string")
    return _clean(value) if value and value.strip() else None


READERS: dict[str, Reader] = {
    ".txt": _read_plain,
    ".md": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
}
COLLECTION_READERS: dict[str, Callable[[Source, BinaryIO, int], Iterator[Document | Refusal]]] = {
    ".jsonl": _read_json_lines,
}
