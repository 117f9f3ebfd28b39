"""The built scripts of the pages, as api/web/dist holds them: a wheel has them, a checkout after `make web`."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from api.reads import reading
from api.responses import SAFETY_HEADERS

DIST = Path(__file__).parent / "web" / "dist"

MAX_AGE_S = 86_400
"""A browser keeps a script so long; its address in a page changes with the file."""

MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain; charset=utf-8"}

_NAME = re.compile(r"[\w-][\w.-]{0,99}", re.ASCII)
"""Not longer than a name of a file may be."""

router = APIRouter(include_in_schema=False)
read = reading(router)


def built(name: str) -> Path:
    """Where a built file is, or would be."""
    return DIST / name


def web_address(name: str) -> str:
    """The address of a built file, another one when the file changes; empty when it is not built."""
    path = built(name)
    return f"/web/{name}?v={path.stat().st_mtime_ns:x}" if path.is_file() else ""


@read("/web/{name}")
async def get_web_file(name: str) -> Response:
    """A script, a style sheet, or the licences of what is in them."""
    path = built(name)
    if not _NAME.fullmatch(name) or path.suffix not in MEDIA_TYPES or not path.is_file():
        raise HTTPException(404, "there is no such file; is the page not built: run `make web`")
    headers = {"Cache-Control": f"max-age={MAX_AGE_S}", **SAFETY_HEADERS}
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], headers=headers)
