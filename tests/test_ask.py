"""Questions from the command line: which text is run, and which is refused."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kg.ask import answer, read_query
from kg.errors import QueryError, StoreError
from kg.settings import load_settings

QUESTION = """# question: Who works where?
# parameters:
#   ?company  name of the company  "Acme"
# columns:
#   ?company  name of the company
SELECT ?company WHERE {
  VALUES ?company { "Acme" }  # parameter
}
ORDER BY ?company
"""
PLAIN = "SELECT ?s WHERE { ?s ?p ?o }\n"


@pytest.fixture
def question(tmp_path: Path) -> Path:
    file = tmp_path / "question.rq"
    file.write_text(QUESTION, encoding="utf-8")
    return file


def test_read_query_text_is_itself() -> None:
    assert read_query(PLAIN, None) == PLAIN


def test_read_query_plain_file_is_its_content(tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text(PLAIN, encoding="utf-8")
    assert read_query(None, tmp_path / "q.rq") == PLAIN


def test_read_query_question_without_parameters_keeps_the_default(question: Path) -> None:
    assert read_query(None, question) == QUESTION


@pytest.mark.parametrize("parameter", ["company=Beta", "?company=Beta"])
def test_read_query_parameter_replaces_the_default(question: Path, parameter: str) -> None:
    assert 'VALUES ?company { "Beta" }' in read_query(None, question, [parameter])


@pytest.mark.parametrize("value", ['x" } INSERT', "a\\b", "line\nbreak", "a=b"])
def test_read_query_parameter_cannot_leave_its_literal(question: Path, value: str) -> None:
    lines = read_query(None, question, [f"company={value}"]).splitlines()
    assert len(lines) == len(QUESTION.splitlines())
    assert lines[6].startswith('  VALUES ?company { "')
    assert lines[6].endswith('" }  # parameter')


@pytest.mark.parametrize(
    ("text", "parameters", "message"),
    [(None, [], "give a query text, or -f FILE"), (PLAIN, ["company=Beta"], "--param goes with -f FILE")],
)
def test_read_query_wrong_use_is_refused(text: str | None, parameters: list[str], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        read_query(text, None, parameters)


def test_read_query_text_and_file_are_refused(question: Path) -> None:
    with pytest.raises(QueryError, match="give a query text, or -f FILE"):
        read_query(PLAIN, question)


@pytest.mark.parametrize("parameter", ["company", "=Beta", ""])
def test_read_query_parameter_without_its_parts_is_refused(question: Path, parameter: str) -> None:
    with pytest.raises(QueryError, match="write it as NAME=VALUE"):
        read_query(None, question, [parameter])


def test_read_query_unknown_parameter_is_refused(question: Path) -> None:
    with pytest.raises(QueryError, match="no parameter is named person; parameters of this question: company"):
        read_query(None, question, ["person=Ann"])


def test_read_query_parameter_of_a_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text(PLAIN, encoding="utf-8")
    with pytest.raises(QueryError, match="has no line"):
        read_query(None, tmp_path / "q.rq", ["company=Beta"])


def test_read_query_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="cannot be read"):
        read_query(None, tmp_path / "nothing.rq")


def test_read_query_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QueryError, match="cannot be read"):
        read_query(None, tmp_path / "q.rq")


@pytest.mark.parametrize(
    ("text", "output_format", "message"),
    [
        (PLAIN, "turtle", "format turtle does not fit: this query gives rows"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "csv", "format csv does not fit: this query gives triples"),
    ],
)
def test_answer_format_that_does_not_fit_is_refused(
    tmp_path: Path, text: str, output_format: str, message: str
) -> None:
    settings = load_settings(environment={}, store=str(tmp_path))
    with pytest.raises(QueryError, match=message):
        answer(settings, text, output_format, io.BytesIO())


def test_answer_without_a_graph_is_refused(tmp_path: Path) -> None:
    settings = load_settings(environment={}, store=str(tmp_path / "nothing"))
    with pytest.raises(StoreError):
        answer(settings, PLAIN, None, io.BytesIO())
