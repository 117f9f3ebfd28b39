"""multipart/form-data -> its parts, as a pure function (RFC 7578; RFC 2046, section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from api.protocol import RequestError

MAX_PARTS = 1_000
"""Parts of one body; more are refused."""

MAX_HEAD_BYTES = 10_000
"""Bytes of the headers of one part; more are refused."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form; filename, media_type and charset are empty where the part does not state them."""

    name: str
    filename: str
    media_type: str
    charset: str
    content: bytes


def parse_multipart(content_type: str, body: bytes) -> list[Part]:
    """The parts of a body, in their order. Raises RequestError (400) for a body that is none, or is cut off."""
    boundary = _read_header("Content-Type", content_type).get_boundary("")
    if not 0 < len(boundary) <= 70 or not boundary.isascii():
        raise RequestError("multipart/form-data has no boundary of 1 to 70 ASCII characters")
    _, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"), MAX_PARTS + 1)
    ends = [i for i, piece in enumerate(pieces) if piece.startswith(b"--")]
    if not ends:
        raise RequestError(f"the body is cut off: no closing boundary within {MAX_PARTS:,} parts")
    return [_parse_part(piece) for piece in pieces[: ends[0]]]


def read_filename(disposition: str) -> str:
    """The file's name that a Content-Disposition states, without folders; empty where it states none.

    >>> read_filename("attachment; filename*=UTF-8''K%C3%B6ln.txt")
    'Köln.txt'
    """
    name = _read_header("Content-Disposition", disposition).get_filename("")
    return name.replace("\\", "/").rpartition("/")[2].strip()


def _parse_part(piece: bytes) -> Part:
    padding, line_end, rest = piece.partition(b"\r\n")
    head, blank, content = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if padding.strip(b" \t") or not line_end or not blank or len(head) > MAX_HEAD_BYTES:
        raise RequestError("a part of the body has no headers that end in an empty line")
    try:
        headers = HeaderParser().parsestr(head.removeprefix(b"\r\n").decode("utf-8"))
    except UnicodeDecodeError as err:
        raise RequestError("the headers of a part are not UTF-8") from err
    return Part(
        name=str(headers.get_param("name", "", header="content-disposition")),
        filename=read_filename(headers.get("Content-Disposition", "")),
        media_type=headers.get_content_type() if "Content-Type" in headers else "",
        charset=headers.get_content_charset(""),
        content=content,
    )


def _read_header(name: str, value: str) -> Message:
    message = Message()
    message[name] = value.replace("\r", " ").replace("\n", " ")
    return message
