from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from kg.documents import list_sources, read_document, read_documents, read_source
from kg.errors import DocumentError
from kg.records import Document, Refusal
from kg.sources import Source

FILES = Path(__file__).parent / "data" / "documents"
MAX_BYTES = 1_000_000


def read(path: Path, max_bytes: int = MAX_BYTES) -> list[Document | Refusal]:
    return list(read_documents([str(path)], max_bytes=max_bytes))


def reason(name: str, content: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        read_document(name, content)
    return str(caught.value)


def body(document: Document) -> list[str]:
    return [document.text[span.start : span.end] for span in document.body]


def pdf(*lines: str) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=True)
    for index, line in enumerate(lines):
        canvas.drawString(72, 750 - 14 * index, line)
    canvas.save()
    return stream.getvalue()


def test_read_documents_folder_gives_each_document_under_its_path() -> None:
    found = read(FILES)
    ids = [document.id for document in found if isinstance(document, Document)]
    assert ids == [
        "bank_page.html",
        "briefs.jsonl/b1",
        "briefs.jsonl/2",
        "ferry_notes.md",
        "health_page.txt",
        "local_page.txt",
        "sport_page.txt",
        "windows_1252.html",
    ]


def test_read_documents_order_of_paths_changes_nothing() -> None:
    paths = [str(path) for path in sorted(FILES.iterdir())]
    assert list(read_documents(paths, max_bytes=MAX_BYTES)) == list(read_documents(paths[::-1], max_bytes=MAX_BYTES))


def test_read_document_body_is_slices_of_text() -> None:
    for document in read(FILES):
        if isinstance(document, Document):
            assert document.body
            assert all(line.strip() for line in body(document))


def test_read_document_plain_text_is_kept_but_for_line_ends() -> None:
    assert (
        read_document("a.txt", b"\xef\xbb\xbfAcme \t bought\r\nWidget\rCo.\n").text == "Acme \t bought\nWidget\nCo.\n"
    )


def test_read_document_control_characters_become_spaces_one_to_one() -> None:
    text = "Acme " + 200 * "and Widget " + "bought\x0c\x1bit."
    assert read_document("a.txt", text.encode()).text == text.replace("\x0c\x1b", "  ")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_read_document_byte_order_mark_tells_encoding(encoding: str) -> None:
    assert read_document("a.txt", "Zoë bought Škoda.".encode(encoding)).text == "Zoë bought Škoda."


def test_read_document_html_declared_charset_is_used() -> None:
    document = read_document("windows_1252.html", (FILES / "windows_1252.html").read_bytes())
    assert document.text == "Café Zoë was bought by Nestlé for £40m on Monday."


def test_read_document_html_named_txt_is_read_as_html() -> None:
    content = (FILES / "bank_page.html").read_bytes()
    assert read_document("a.txt", content).text == read_document("a.html", content).text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "a.txt: is empty"),
        ("a.txt", b" \n\t\n", "is empty"),
        ("a.txt", b"\xef\xbb\xbf", "is empty"),
        ("a.txt", b"PK\x03\x04\x00\x00", "is binary"),
        ("a.txt", b"\x01\x02\x03\x04 Acme", "is binary"),
        ("a.txt", "Acme".encode("utf-16-le"), "is binary, or UTF-16 without"),
        ("a.txt", (FILES / "windows_1252.txt").read_bytes(), "is not UTF-8: convert it"),
        ("a.html", b"<html><body>Caf\xe9</body></html>", "is not UTF-8"),
        ("a.html", b'<html><meta charset="no-such"><body>Caf\xe9</body></html>', "is not UTF-8"),
        ("a.html", b"<html><body><img src=x></body></html>", "page has no text"),
        ("a.pdf", b"no pdf at all", "is no PDF that can be read"),
        ("a.pdf", pdf("Acme")[:300], "is no PDF that can be read"),
        ("a.pdf", pdf(), "is a PDF without text"),
        ("a.docx", b"Acme", "type is not read: give one of .htm .html .md .pdf .txt"),
    ],
)
def test_read_document_what_is_none_is_refused_with_reason(name: str, content: bytes, words: str) -> None:
    message = reason(name, content)
    assert words in message
    assert message.startswith(name)
    assert "\n" not in message


def test_read_document_pdf_wrapped_lines_become_one_paragraph() -> None:
    content = pdf(
        "Acme has agreed to buy Widget Co of Leeds for three million dollars in cash, the two com-",
        "panies said on Monday. The deal was led by Jane Roe of Coca-",
        "Cola, who will stay.",
    )
    assert read_document("a.pdf", content).text == (
        "Acme has agreed to buy Widget Co of Leeds for three million dollars in cash, the two companies said on Monday."
        " The deal was led by Jane Roe of Coca-Cola, who will stay."
    )


def test_read_document_encrypted_pdf_is_refused() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Acme bought Widget Co."))))
    writer.encrypt("secret", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    assert "is an encrypted PDF" in reason("a.pdf", stream.getvalue())


def test_read_document_markdown_front_matter_states_title_author_date() -> None:
    content = (FILES / "ferry_notes.md").read_bytes()
    document = read_document("ferry_notes.md", content)
    assert (document.title, document.author, document.published) == ("Notes on Solenne", "Luc Petit", "2025-06-04")
    assert document.text == content.decode()


def test_read_source_json_lines_gives_documents_and_reasons() -> None:
    found = read(FILES / "briefs.jsonl")
    first = found[0]
    assert isinstance(first, Document)
    assert (first.title, first.outlet, first.published) == ("Acme buys Widget", "News", "2025-03-03")
    assert first.url == "https://news.example/b1"
    refused = {one.what.rpartition(":")[2]: one.reason for one in found if isinstance(one, Refusal)}
    assert refused == {
        "4": "has the id briefs.jsonl/b1 of line 1: give each line an id of its own",
        "5": "is no JSON (Expecting value: line 1 column 1 (char 0)): give one object a line",
        "6": "is a JSON list: give an object with the field text",
        "7": "text is of type int: give a string",
        "8": "date is 'last week': give YYYY-MM-DD, YYYY-MM or YYYY",
        "9": "id is '../9': give a string or a whole number, without '..' as a part",
        "10": "has no text: give the field text",
    }


@pytest.mark.parametrize(
    "line", [b'{"text": "Acme \\ud800 bought\\u0000 it."}', b'\xef\xbb\xbf{"text": "Acme   bought  it."}']
)
def test_read_source_json_line_text_is_valid_in_xml(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(line)
    assert [one.text for one in read(tmp_path) if isinstance(one, Document)] == ["Acme   bought  it."]


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b"\xff", b"true", b'{"id": true, "text": "a"}', b'{"id": "a\\nb", "text": "a"}']
)
def test_read_source_malformed_json_line_is_refused_and_next_is_read(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(line + b'\n{"text": "Acme"}\n')
    refusal, document = read(tmp_path)
    assert isinstance(refusal, Refusal)
    assert isinstance(document, Document)
    assert document.id == "a.jsonl/2"


def test_read_source_long_json_line_is_refused_and_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "' + 50_000 * "a" + '"}\n{"text": "Acme"}\n', encoding="utf-8")
    refusal, document = read(tmp_path, max_bytes=100)
    assert isinstance(refusal, Refusal)
    assert "is larger than 100 bytes" in refusal.reason
    assert isinstance(document, Document)


@pytest.mark.parametrize(("max_bytes", "kind"), [(4, Document), (3, Refusal)])
def test_read_source_file_over_limit_is_refused(tmp_path: Path, max_bytes: int, kind: type) -> None:
    (tmp_path / "a.txt").write_bytes(b"Acme")
    assert isinstance(read(tmp_path, max_bytes)[0], kind)


def test_read_source_vanished_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Acme", encoding="utf-8")
    sources, _ = list_sources([str(tmp_path)])
    (tmp_path / "a.txt").unlink()
    found = list(read_source(sources[0], max_bytes=MAX_BYTES))
    expected = "cannot be read (No such file or directory): check that it is there and its permissions"
    assert found == [Refusal(str(tmp_path / "a.txt"), expected)]


def test_read_documents_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\x00")
    (tmp_path / "b.txt").write_text("Acme bought Widget Co.", encoding="utf-8")
    assert [type(one) for one in read(tmp_path)] == [Refusal, Document]


def test_read_documents_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Acme bought Widget Co."), encoding="utf-8"))
    document = next(read_documents(["-"], max_bytes=MAX_BYTES))
    assert isinstance(document, Document)
    assert (document.id, document.text) == ("stdin.txt", "Acme bought Widget Co.")


def test_read_document_twice_gives_one_digest() -> None:
    content = (FILES / "health_page.txt").read_bytes()
    assert read_document("a.txt", content).digest == read_document("a.txt", content, source="elsewhere").digest


def test_list_sources_file_has_its_name_as_id(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Acme", encoding="utf-8")
    assert list_sources([str(tmp_path / "a.txt")])[0] == [Source("a.txt", str(tmp_path / "a.txt"))]  # type: ignore[arg-type]  # plain id
