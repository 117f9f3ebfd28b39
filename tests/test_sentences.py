import pytest
import spacy

from kg.records import Document, DocumentId, Span
from kg.sentences import body_sentences, split_sentences, trimmed


def sentences(text: str, body: tuple[Span, ...] | None = None) -> list[str]:
    doc = spacy.blank("en").make_doc(text)
    doc._.document = Document(DocumentId("a.txt"), text, body) if body is not None else None
    return [text[slice(*trimmed(s))] for s in body_sentences(split_sentences(doc))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. Then she did.", ["He left.", "Then she did."]),
        ('He left. "We are fine," he said.', ["He left.", '"We are fine," he said.']),
        ("“Fine.” He left.", ["“Fine.”", "He left."]),
        ("Acme Inc. said so. xAI grew.", ["Acme Inc. said so.", "xAI grew."]),
        ("It is in the U.S. The firm left.", ["It is in the U.S.", "The firm left."]),
        ("J. Smith runs St. Louis Steel.", ["J. Smith runs St. Louis Steel."]),
        ("It cost $3.5 million. iPhone sales fell.", ["It cost $3.5 million.", "iPhone sales fell."]),
        ("It paid $844m. It hired.", ["It paid $844m.", "It hired."]),
        ("A headline without a stop\nThe first sentence.", ["A headline without a stop", "The first sentence."]),
        ("- One point\n- Another point", ["One point", "Another point"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_split_sentences_cases_give_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_body_sentences_chrome_between_is_left_out() -> None:
    text = "Sign up\nAcme grew. Menu Log in\nIt hired."
    body = (Span(8, 18), Span(31, 40))
    assert sentences(text, body) == ["Acme grew.", "It hired."]
