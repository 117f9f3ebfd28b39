"""Documents over real HTTP: what is sent is in the graph when its job is done, and what is wrong is refused at once."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from reportlab.pdfgen.canvas import Canvas

from api import job_queue
from api.job_queue import JobQueue, JobRecord
from api.multipart import parse_multipart
from api.protocol import RequestError
from kg.build import build_graph, remove_documents
from kg.errors import DocumentError, StoreError
from kg.settings import Settings, load_settings
from kg.store import read_documents, write_store
from kg.uploads import check_upload_id, keep_waiting
from tests.test_api import serving

TOKEN = "a token"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
FIRST = "Erik Lund, president of Fjord Brewery, said Fjord Brewery had bought Ale Works."
SECOND = "Fjord Brewery has acquired Malt House."
PATIENCE_S = 120


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "first.txt").write_text(FIRST, encoding="utf-8")
    settings = load_settings(
        environment={"KG_TOKEN": TOKEN}, store=str(folder / "store"), query_workers=1, max_document_bytes=100_000
    )
    build_graph([str(folder / "first.txt")], settings)
    return settings


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def post(client: httpx.Client, content: str | bytes, media: str = "text/plain", **options: Any) -> httpx.Response:
    headers = {**AUTHORIZED, "Content-Type": media, **options.pop("headers", {})}
    return client.post("/documents", content=content, headers=headers, **options)


def finish(client: httpx.Client, accepted: httpx.Response) -> dict[str, Any]:
    """The job's record when it has ended."""
    assert accepted.status_code == 202, accepted.text
    assert accepted.headers["location"] == f"/jobs/{accepted.json()['id']}"
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        job: dict[str, Any] = client.get(accepted.headers["location"]).json()
        if job["state"] in ("done", "failed"):
            return job
        time.sleep(0.05)
    pytest.fail(f"the job did not end: {job}")


def listed(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in client.get("/documents").json()["documents"]}


def bought(client: httpx.Client) -> set[str]:
    query = "SELECT ?n { ?a kg:acquired/rdfs:label ?n }"
    rows = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    return {row["n"]["value"] for row in rows}


def pdf(*lines: str) -> bytes:
    content = io.BytesIO()
    canvas = Canvas(content, invariant=1)
    for number, line in enumerate(lines):
        canvas.drawString(50, 800 - 20 * number, line)
    canvas.save()
    return content.getvalue()


@pytest.mark.model
def test_text_is_added_replaced_and_removed(client: httpx.Client, settings: Settings) -> None:
    accepted = post(client, SECOND, params={"id": "second.txt"})
    assert accepted.json()["state"] == "waiting"
    assert bought(client) == {"Ale Works"}
    job = finish(client, accepted)
    assert (job["state"], job["documents"], job["done"], job["total"]) == ("done", ["second.txt"], 1, 1)
    assert "2 documents" in job["summary"]
    assert bought(client) == {"Ale Works", "Malt House"}
    assert listed(client)["second.txt"]["claims"] == 1
    kept = Path(settings.store) / "uploads" / "second.txt"
    assert kept.read_text() == SECOND
    finish(client, post(client, SECOND.replace("Malt House", "Hop Farm"), params={"id": "second.txt"}))
    assert bought(client) == {"Ale Works", "Hop Farm"}
    removed = client.delete("/documents/second.txt", headers=AUTHORIZED)
    assert finish(client, removed)["state"] == "done"
    assert bought(client) == {"Ale Works"}
    assert list(listed(client)) == ["first.txt"]
    assert not kept.exists()


@pytest.mark.model
def test_form_of_a_page_and_a_pdf_is_one_job_and_fetches_nothing(client: httpx.Client, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        outside = f"http://127.0.0.1:{listening.getsockname()[1]}"
        page = (
            f'<html><head><title>Deal</title><link rel="canonical" href="{outside}/a"><base href="{outside}">'
            f'<script src="{outside}/b.js"></script></head><body><article><img src="{outside}/c.png">'
            f"<p>Fjord Brewery has acquired Malt House, the two companies said on Monday in a statement.</p>"
            f'<iframe src="{outside}/d"></iframe></article></body></html>'
        )
        files = [
            ("file", ("Köln page.html", page.encode(), "text/html")),
            ("file", ("report.pdf", pdf("Fjord Brewery has acquired Hop Farm."), "application/octet-stream")),
        ]
        job = finish(client, client.post("/documents", files=files, headers=AUTHORIZED))
        assert job["documents"] == ["Köln page.html", "report.pdf"]
        assert job["state"] == "done"
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert bought(client) == {"Ale Works", "Malt House", "Hop Farm"}
    assert listed(client)["Köln page.html"]["title"] == "Deal"
    again = build_graph([str(Path(settings.store) / "uploads")], settings)
    assert (again.n_documents, again.refusals) == (3, ())
    remove_documents(["Köln page.html", "report.pdf"], settings)
    assert [path.name for path in (Path(settings.store) / "uploads").iterdir()] == [".waiting"]


@pytest.mark.model
def test_document_that_cannot_be_read_fails_and_leaves_the_one_before(client: httpx.Client, settings: Settings) -> None:
    finish(client, post(client, pdf(SECOND), "application/pdf", params={"id": "x.pdf"}))
    before = listed(client)
    job = finish(client, post(client, b"%PDF-1.4 broken", "application/pdf", params={"id": "x.pdf"}))
    assert job["state"] == "failed"
    assert job["problem"]["status"] == 400
    assert "x.pdf: is no PDF that can be read" in job["problem"]["detail"]
    assert "\n" not in job["problem"]["detail"]
    assert settings.store not in str(job)
    assert listed(client) == before
    assert (Path(settings.store) / "uploads" / "x.pdf").read_bytes() == pdf(SECOND)
    finish(client, client.delete("/documents/x.pdf", headers=AUTHORIZED))


@pytest.mark.model
def test_jobs_wait_their_turn_and_for_another_writer(client: httpx.Client, settings: Settings) -> None:
    with write_store(Path(settings.store)):
        refused = post(client, SECOND, params={"id": "busy.txt"})
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
    first = post(client, SECOND, params={"id": "busy.txt"})
    with write_store(Path(settings.store)):  # the job's process is still starting, and waits
        second = client.delete("/documents/busy.txt", headers=AUTHORIZED)
        time.sleep(0.5)
        states = [client.get(one.headers["location"]).json()["state"] for one in (first, second)]
        assert states == ["running", "waiting"]
    assert [finish(client, one)["state"] for one in (first, second)] == ["done", "done"]
    assert "busy.txt" not in listed(client)
    assert [job["id"] for job in client.get("/jobs").json()["jobs"]][-2:] == [first.json()["id"], second.json()["id"]]


@pytest.mark.model
def test_documents_that_a_server_did_not_come_to_are_added_by_the_next(settings: Settings) -> None:
    store = Path(settings.store)
    keep_waiting(store, "7-left", {"left.txt": SECOND.encode()})
    with serving(settings) as url, httpx.Client(base_url=url, timeout=60) as client:
        until = time.monotonic() + PATIENCE_S
        while client.get("/jobs/7-left").json()["state"] != "done" and time.monotonic() < until:
            time.sleep(0.05)
        assert "left.txt" in listed(client)
        removed = client.delete("/documents/left.txt", headers=AUTHORIZED)
        assert removed.json()["id"].startswith("8-")
        finish(client, removed)
    assert list((store / "uploads" / ".waiting").iterdir()) == []


@pytest.mark.model
def test_server_that_ends_leaves_no_process_and_keeps_what_waits(settings: Settings) -> None:
    with serving(settings) as url, httpx.Client(base_url=url, timeout=60) as client:
        accepted = post(client, SECOND, params={"id": "late.txt"})
    assert "late.txt" not in read_documents(Path(settings.store))
    waiting = Path(settings.store) / "uploads" / ".waiting" / accepted.json()["id"]
    assert (waiting / "late.txt").read_text() == SECOND
    with write_store(Path(settings.store)):
        (waiting / "late.txt").unlink()
        waiting.rmdir()


@pytest.mark.model
@pytest.mark.parametrize(
    ("content", "media", "options", "status", "words"),
    [
        (FIRST, "application/json", {}, 415, "send text/plain"),
        (FIRST, "", {}, 415, "send text/plain"),
        (FIRST, "text/plain; charset=windows-1252", {}, 415, "UTF-8"),
        (FIRST, "text/plain", {"headers": {"Content-Encoding": "gzip"}}, 415, "gzip"),
        (" \n", "text/plain", {}, 400, "empty"),
        (FIRST, "text/plain", {"params": {"id": "../a.txt"}}, 400, "file name"),
        (FIRST, "text/plain", {"params": {"id": ".a.txt"}}, 400, "file name"),
        (FIRST, "text/plain", {"params": {"id": "a\nb.txt"}}, 400, "file name"),
        (FIRST, "text/plain", {"params": {"id": "a" * 300}}, 400, "file name"),
        (FIRST, "text/html", {"params": {"id": "a.pdf"}}, 400, "sent as text/html"),
        ("a" * 100_001, "text/plain", {}, 413, "larger than 100,000 bytes"),
        (FIRST, "multipart/form-data", {}, 400, "boundary"),
        (FIRST, "multipart/form-data; boundary=x", {}, 400, "cut off"),
        ("--x--", "multipart/form-data; boundary=x", {}, 400, "no file"),
    ],
)
def test_wrong_upload_is_refused_in_one_line(
    client: httpx.Client, content: str, media: str, options: dict[str, Any], status: int, words: str
) -> None:
    jobs = client.get("/jobs").json()
    answer = post(client, content, media, **options)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]
    assert client.get("/jobs").json() == jobs


@pytest.mark.model
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}])
def test_without_the_token_nothing_is_added_or_removed(client: httpx.Client, header: dict[str, str]) -> None:
    assert client.post("/documents", content=FIRST, headers=header).status_code == 401
    assert client.delete("/documents/first.txt", headers=header).status_code == 401
    assert list(listed(client)) == ["first.txt"]


@pytest.mark.model
def test_unknown_document_and_job_are_404(client: httpx.Client) -> None:
    assert client.delete("/documents/nobody/knows.txt", headers=AUTHORIZED).status_code == 404
    assert client.get("/jobs/1-none").status_code == 404


@pytest.mark.model
def test_list_of_documents_is_given_in_parts(client: httpx.Client) -> None:
    assert client.get("/documents", params={"limit": 0}).json() == {"documents": [], "total": 1}
    assert client.get("/documents", params={"offset": 1}).json() == {"documents": [], "total": 1}
    assert client.get("/documents", params={"limit": -1}).status_code == 400


def test_process_that_dies_is_a_store_error(tmp_path: Path) -> None:
    queue = JobQueue(Settings(store=str(tmp_path)))
    with pytest.raises(StoreError, match="ended the process"):
        asyncio.run(queue.run("nothing of the kind", {}))


def test_submit_forgets_no_record_while_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_queue, "KEPT_RECORDS", 10)

    async def n_records(n_ended: int) -> int:
        queue = JobQueue(Settings(store=str(tmp_path)))
        ended = (JobRecord(id=f"{number}", kind="remove", documents=[], state="done") for number in range(n_ended))
        queue.records = {record.id: record for record in ended}
        queue.submit(JobRecord(id="new", kind="remove", documents=[]), {})
        await queue.close()
        return len(queue.records)

    assert [asyncio.run(n_records(n)) for n in (7, 12)] == [8, 11]


def test_parse_multipart_keeps_every_byte_of_a_part() -> None:
    content = bytes(range(256)) + b"\r\n--y\r\n\n\r"
    head = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="C:\\dir\\a.txt"\r\nContent-Type: text/html\r\n\r\n'
    )
    (part,) = parse_multipart("multipart/form-data; boundary=x", head + content + b"\r\n--x--\r\n")
    assert (part.name, part.filename, part.media_type, part.content) == ("f", "a.txt", "text/html", content)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x\r\n\r\na",
        b"--xy\r\n\r\na\r\n--x--",
        b"--x\r\nA: b\r\n--x--",
        b"--x\r\nA: \xff\r\n\r\n\r\n--x--",
    ],
)
def test_parse_multipart_broken_body_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError):
        parse_multipart("multipart/form-data; boundary=x", body)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "\x00", "\ud800", "ä" * 101])
def test_check_upload_id_refuses_what_is_no_file_name(name: str) -> None:
    with pytest.raises(DocumentError):
        check_upload_id(name)
    assert check_upload_id("Ko\u0308ln.txt") == "Köln.txt"


def test_keep_waiting_in_parallel_gives_each_job_its_folder(tmp_path: Path) -> None:
    jobs = [
        threading.Thread(target=keep_waiting, args=(tmp_path, f"{n}-x", {"a.txt": str(n).encode()})) for n in range(8)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    found = {folder.name: (folder / "a.txt").read_text() for folder in (tmp_path / "uploads" / ".waiting").iterdir()}
    assert found == {f"{n}-x": str(n) for n in range(8)}
