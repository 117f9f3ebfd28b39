from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions, Store

from kg.errors import QueryError
from kg.questions import Question, bind_parameters, read_question

TEXT = """\
# question: Who is named so,
#   and how surely?
# parameters:
#   ?name   a name  "Acme"
#   ?below  a bound, in [0, 1]  0.6
#   ?kind   a class  kg:Company
# columns:
#   ?name   the name
#   ?below  the bound
#   ?kind   the class

PREFIX kg: <https://w3id.org/tracegraph/ontology#>

SELECT ?name ?below ?kind
WHERE {
  VALUES ?name { "Acme" }  # parameter
  VALUES ?below { 0.6 }  # parameter
  VALUES ?kind { kg:Company }  # parameter
}
ORDER BY ?name
"""


def read(folder: Path, text: str = TEXT) -> Question:
    path = folder / "cq99_names.rq"
    path.write_text(text, encoding="utf-8")
    return read_question(path)


def answer(question: Question, **values: str) -> list[str]:
    """Values of the only row, in the order of the columns."""
    solutions = Store().query(bind_parameters(question, values))
    assert isinstance(solutions, QuerySolutions)
    (row,) = solutions
    return [str(getattr(term, "value", None)) for term in row]


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Question:
    return read(tmp_path_factory.mktemp("questions"))


def test_read_question_whole_header_gives_all_parts(question: Question) -> None:
    assert question.question == "Who is named so, and how surely?"
    assert [(p.name, p.description, str(p.default)) for p in question.parameters] == [
        ("name", "a name", '"Acme"'),
        ("below", "a bound, in [0, 1]", '"0.6"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("kind", "a class", "<https://w3id.org/tracegraph/ontology#Company>"),
    ]
    assert [(c.name, c.description) for c in question.columns] == [
        ("name", "the name"),
        ("below", "the bound"),
        ("kind", "the class"),
    ]
    assert question.text == TEXT


def test_read_question_parameters_none_gives_no_parameters(tmp_path: Path) -> None:
    text = "# question: What?\n# parameters: none\n# columns:\n#   ?s  a subject\n\nSELECT ?s WHERE { ?s ?p ?o }\n"
    assert read(tmp_path, text).parameters == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# columns:\n", "", "no line `# columns:`"),
        ("# question: Who is named so,\n#   and how surely?\n", "# question:\n", "must state a question"),
        ("#   ?kind   a class  kg:Company\n", "", "the VALUES lines have"),
        ('  VALUES ?name { "Acme" }  # parameter\n', "", "the VALUES lines have"),
        ('#   ?name   a name  "Acme"', '#   ?name   a name  "Beta"', "the VALUES lines have"),
        ('#   ?name   a name  "Acme"', '#   ?name   a name "Acme"', "2 more parts"),
        ("#   ?name   the name", "#   name   the name", "is not a ?variable"),
        ('a name  "Acme"', 'a name  "Acme', "is not a term"),
        ('a name  "Acme"', 'a name  "Acme", "Beta"', "is not one literal or IRI"),
        ('a name  "Acme"', 'a name  "Acme"@en', "no text can be read as"),
        ("0.6", '"high"^^<http://www.w3.org/2001/XMLSchema#decimal>', "is not a http"),
        ("PREFIX kg:", "PREFIX other:", "is not a term"),
    ],
)
def test_read_question_broken_header_raises(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(QueryError, match="cq99_names.rq: .*" + message.replace("?", r"\?")):
        read(tmp_path, TEXT.replace(old, new))


def test_read_question_missing_file_raises(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match=r"absent\.rq cannot be read"):
        read_question(tmp_path / "absent.rq")


def test_read_question_not_utf8_raises(tmp_path: Path) -> None:
    (tmp_path / "latin.rq").write_bytes(b"# question: Qu\xe9?\n")
    with pytest.raises(QueryError, match=r"latin\.rq cannot be read"):
        read_question(tmp_path / "latin.rq")


def test_bind_parameters_no_values_keeps_the_text(question: Question) -> None:
    assert bind_parameters(question, {}) == TEXT


def test_bind_parameters_some_values_keeps_other_defaults(question: Question) -> None:
    assert answer(question, name="Beta") == ["Beta", "0.6", "https://w3id.org/tracegraph/ontology#Company"]


def test_bind_parameters_value_takes_datatype_of_default(question: Question) -> None:
    assert '"0.25"^^<http://www.w3.org/2001/XMLSchema#decimal>' in bind_parameters(question, {"below": "0.25"})


def test_bind_parameters_same_parameter_twice_replaces_both(tmp_path: Path) -> None:
    line = '  VALUES ?name { "Acme" }  # parameter\n'
    text = bind_parameters(read(tmp_path, TEXT.replace(line, line * 2)), {"name": "Beta"})
    assert text.count('VALUES ?name { "Beta" }') == 2


@pytest.mark.parametrize("iri", ["kg:Person", "https://w3id.org/tracegraph/ontology#Person"])
def test_bind_parameters_iri_may_use_a_prefix_of_the_file(question: Question, iri: str) -> None:
    assert answer(question, kind=iri)[2] == "https://w3id.org/tracegraph/ontology#Person"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"nam": "Acme"}, "no parameter is named nam; parameters of this question: name, below, kind"),
        ({"?name": "Acme"}, r"no parameter is named \?name"),
        ({"below": "high"}, "parameter below cannot be 'high': not .*decimal"),
        ({"below": "0.6 } UNION { ?s ?p ?o"}, "parameter below cannot be"),
        ({"kind": "no iri"}, "parameter kind cannot be 'no iri'"),
        ({"kind": "kg:Company> } { <kg:x"}, "parameter kind cannot be"),
        ({"name": "\ud800"}, "parameter name cannot be"),
    ],
)
def test_bind_parameters_wrong_value_raises(question: Question, values: dict[str, str], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        bind_parameters(question, values)


def test_bind_parameters_no_parameters_says_none(tmp_path: Path) -> None:
    text = "# question: What?\n# parameters: none\n# columns:\n#   ?s  a subject\n\nSELECT ?s WHERE { ?s ?p ?o }\n"
    with pytest.raises(QueryError, match="parameters of this question: none"):
        bind_parameters(read(tmp_path, text), {"s": "x"})


@pytest.mark.parametrize(
    "value", ['" }  # parameter', "\\1\\g<before>", "\\u0022 } #", "a\r\nb\tc", "}{", "\x00", "日本 🦜"]
)
def test_bind_parameters_hostile_text_stays_one_literal(question: Question, value: str) -> None:
    assert answer(question, name=value)[0] == value


@given(st.text())
def test_bind_parameters_any_text_comes_back(question: Question, value: str) -> None:
    assert answer(question, name=value)[0] == value
