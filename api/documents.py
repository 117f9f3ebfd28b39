"""The addresses under /documents and /jobs: the list, and with the token what adds documents and removes them.

An upload is a body of one type, or a form of several files. It is answered when it is safe on disk; /jobs/{id} tells
when the graph has it. Nothing is fetched: what a document says of an address is text.
"""

from __future__ import annotations

import hashlib
import logging
from itertools import count
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.corrections import check_token
from api.job_queue import JobQueue, JobRecord
from api.multipart import Part, parse_multipart, read_filename
from api.protocol import RequestError
from api.responses import SAFETY_HEADERS, Problem, stream
from api.worker import Job, QueryPool
from kg.documents import READERS
from kg.errors import DocumentError
from kg.settings import Settings
from kg.store import read_documents
from kg.uploads import check_upload_id, keep_waiting, list_waiting

logger = logging.getLogger(__name__)

SUFFIXES = {
    "text/plain": (".txt", ".md"),
    "text/markdown": (".md",),
    "text/html": (".html", ".htm"),
    "application/xhtml+xml": (".html", ".htm"),
    "application/pdf": (".pdf",),
}
"""Media type -> suffixes that a document of it may have, the first for one without."""

FORM = "multipart/form-data"
ANY = ("", "application/octet-stream")
"""Types of a file in a form that say nothing of it: its suffix does."""

UTF_8 = ("", "utf-8", "utf8", "us-ascii")
DIGEST_LENGTH = 12
MAX_LISTED = 10_000
"""Documents that one request lists."""


class ListedDocument(BaseModel):
    """A document of the graph that is served, and how many claims and figures come from it."""

    iri: str
    id: str
    title: str | None
    published: str | None
    outlet: str | None
    claims: int
    observations: int


class Documents(BaseModel):
    """Documents sorted by id, and how many there are in all."""

    documents: list[ListedDocument]
    total: int


class Jobs(BaseModel):
    """All jobs of this server since it began, the first first."""

    jobs: list[JobRecord]


router = APIRouter(responses={code: {"model": Problem} for code in (400, 401, 403, 404, 413, 415, 503)})
_BODIES = {media: {"schema": {"type": "string", "format": "binary"}} for media in SUFFIXES}
_FILE = {"type": "string", "format": "binary"}
_FILES = {"type": "object", "properties": {"file": {"anyOf": [_FILE, {"type": "array", "items": _FILE}]}}}


@router.get("/documents", summary="The documents of the graph", response_model=Documents)
async def get_documents(
    request: Request,
    limit: Annotated[int, Query(ge=0, le=MAX_LISTED)] = 1_000,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Documents sorted by id, with what each states of itself."""
    pool: QueryPool = request.app.state.pool
    return stream(await pool.answer(Job("list_documents", {"limit": limit, "offset": offset})))


@router.post(
    "/documents",
    summary="Add documents to the graph; needs the token",
    response_model=JobRecord,
    status_code=202,
    openapi_extra={"requestBody": {"required": True, "content": {**_BODIES, FORM: {"schema": _FILES}}}},
)
async def post_documents(
    request: Request,
    id: Annotated[  # noqa: A002
        str | None, Query(description="file name under which the document is kept, in the place of one of that name")
    ] = None,
) -> Response:
    """Take a text, page, PDF or a form of them; the job that reads them is at Location."""
    check_token(request)
    queue, store = _queue(request), Path(_settings(request).store)
    queue.check_free()
    body = await _read_body(request, _settings(request).max_document_bytes)
    contents = _read_upload(request, body, id)
    numbers: count[int] = request.app.state.job_numbers
    name = f"{next(numbers)}-{_digest(contents)}"
    await run_in_threadpool(keep_waiting, store, name, contents)
    return _submit(queue, JobRecord(id=name, kind="add", documents=sorted(contents)))


@router.delete(
    "/documents/{id:path}",
    summary="Remove a document with what it alone says; needs the token",
    response_model=JobRecord,
    status_code=202,
)
async def delete_document(request: Request, id: str) -> Response:  # noqa: A002
    """Take one document out of the graph, and its upload, if it was one, out of the store."""
    check_token(request)
    queue = _queue(request)
    known = await run_in_threadpool(read_documents, Path(_settings(request).store))
    if id not in known and not any(id in job.documents for job in queue.pending):
        raise HTTPException(404, f"no document has the id {id!r}: GET /documents lists them")
    queue.check_free()
    numbers: count[int] = request.app.state.job_numbers
    name = f"{next(numbers)}-{_digest({id: b''})}"
    return _submit(queue, JobRecord(id=name, kind="remove", documents=[id]))


@router.get("/jobs", summary="Documents added and removed since the server began", response_model=Jobs)
async def get_jobs(request: Request) -> Jobs:
    """All jobs, the first first."""
    return Jobs(jobs=list(_queue(request).records.values()))


@router.get("/jobs/{id}", summary="How far a job is, and what came of it", response_model=JobRecord)
async def get_job(request: Request, id: str) -> JobRecord:  # noqa: A002
    """State, progress, result or problem of one job."""
    if id not in (records := _queue(request).records):
        raise HTTPException(404, f"no job has the id {id!r}: jobs are known until the server ends")
    return records[id]


def resume_waiting(app: FastAPI) -> None:
    """Queue the documents that an earlier server accepted and did not come to; only a server that may write does."""
    settings: Settings = app.state.settings
    waiting = list_waiting(Path(settings.store)) if settings.token else {}
    numbered = sorted((int(name.partition("-")[0]), name) for name in waiting)
    app.state.job_numbers = count(max((number for number, _ in numbered), default=0) + 1)
    for _, name in numbered:
        logger.warning("job %s of an earlier server is done now", name)
        record = JobRecord(id=name, kind="add", documents=waiting[name])
        app.state.queue.submit(record, {"job": name})


def _submit(queue: JobQueue, record: JobRecord) -> Response:
    arguments = {"job": record.id} if record.kind == "add" else {"documents": record.documents}
    answer = JSONResponse(record.model_dump(), 202, headers={"Location": f"/jobs/{record.id}", **SAFETY_HEADERS})
    queue.submit(record, arguments)
    return answer


async def _read_body(request: Request, limit: int) -> bytes:
    """Only after the token is checked, and no more than the limit."""
    too_large = RequestError(f"the body is larger than {limit:,} bytes: split it, or raise max_document_bytes", 413)
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


def _read_upload(request: Request, body: bytes, wanted: str | None) -> dict[str, bytes]:
    """Id -> content of each document of a request. Raises RequestError and DocumentError."""
    header = request.headers.get("content-type", "")
    encoding = request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise RequestError(f"the body is encoded as {encoding}: send it as it is", 415)
    media_type = header.partition(";")[0].strip().lower()
    if media_type == FORM:
        files = parse_multipart(header, body)
    else:
        named = request.headers.get("content-disposition", "").encode("latin-1").decode("utf-8", "replace")
        files = [Part("", read_filename(named), media_type, _charset(header), body)]
        if media_type not in SUFFIXES:
            raise RequestError(
                f"the body is {media_type or 'of no media type'}: send {', '.join(SUFFIXES)} or {FORM}", 415
            )
    if wanted is not None and len(files) != 1:
        raise RequestError(f"one id for {len(files)} files: name each in its part")
    contents: dict[str, bytes] = {}
    for file in files:
        name = _name_upload(file, wanted)
        if name in contents:
            raise RequestError(f"two files are named {name!r}: name them apart")
        contents[name] = file.content
    if not contents:
        raise RequestError("the form holds no file")
    return contents


def _name_upload(file: Part, wanted: str | None) -> str:
    """The id of an upload: as asked for, or as the file is named, or by its content; with a suffix of its type."""
    name = file.filename if wanted is None else wanted
    place = f"the file {name!r}" if name else "the body"
    if file.charset not in UTF_8:
        raise RequestError(f"{place} is in {file.charset}: send UTF-8", 415)
    if not file.content.strip():
        raise RequestError(f"{place} is empty: nothing to read")
    if file.media_type not in (*SUFFIXES, *ANY):
        raise RequestError(f"{place} is {file.media_type}: send {', '.join(SUFFIXES)}", 415)
    if not name and file.media_type in ANY:
        raise RequestError(f"part {file.name!r} of the form is no file: give it a filename or a type")
    fitting = SUFFIXES.get(file.media_type, tuple(READERS))
    suffix = Path(name).suffix.lower()
    if suffix not in fitting:
        if suffix in READERS:
            raise RequestError(f"{place} is sent as {file.media_type}: name it *{fitting[0]}")
        if file.media_type in ANY:
            raise RequestError(f"{place} is of no known type: give one of {' '.join(READERS)}", 415)
        name = (name or hashlib.sha256(file.content).hexdigest()[: 2 * DIGEST_LENGTH]) + fitting[0]
    try:
        return check_upload_id(name)
    except DocumentError as err:
        raise RequestError(str(err)) from err


def _charset(content_type: str) -> str:
    parameters = dict(part.strip().lower().partition("=")[::2] for part in content_type.split(";")[1:])
    return parameters.get("charset", "").strip('"')


def _digest(contents: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        digest.update(name.encode() + b"\x00" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:DIGEST_LENGTH]


def _queue(request: Request) -> JobQueue:
    queue: JobQueue = request.app.state.queue
    return queue


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
