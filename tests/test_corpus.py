"""training/corpus: the notation reads to what stands in it, and every document passes the checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.check import findings, shared_words
from training.notation import CORPUS, Json, NotationError, read_corpus, read_document
from training.prepare import without_chrome

DEAL = """== x1 article
{a Norvane} ends talks to buy {b:C Pellet Systems}

{a:C Norvane Labs} said that it had walked away from talks to buy {b Pellet}.
> a acquired b attempted @2024-05
It had offered 310 million euros.
> b deal_value 310000000 EUR "about" ^1
{p:P Ines Dahl} is its chair.
> p worksFor b <chair> ^2"""
LEAD = "Norvane Labs said that it had walked away from talks to buy Pellet."


def test_read_document_reads_text_names_and_facts() -> None:
    document = read_document(DEAL)
    assert document["text"] == (
        f"Norvane ends talks to buy Pellet Systems\n\n{LEAD} It had offered 310 million euros. Ines Dahl is its chair."
    )
    assert [(e["name"], e["type"], e["aliases"]) for e in document["entities"]] == [
        ("Pellet Systems", "Company", ["Pellet Systems", "Pellet"]),
        ("Norvane Labs", "Company", ["Norvane Labs", "Norvane"]),
        ("Ines Dahl", "Person", ["Ines Dahl"]),
    ]
    deal, chair = document["relations"]
    assert (deal["predicate"], deal["status"], deal["date"], deal["evidence"]) == (
        "acquired",
        "attempted",
        "2024-05",
        LEAD,
    )
    assert (chair["role"], chair["status"]) == ("chair", "actual")
    assert chair["evidence"] == f"{LEAD} It had offered 310 million euros. Ines Dahl is its chair."
    (value,) = document["observations"]
    assert (value["subject"], value["value"], value["unit"], value["qualifier"]) == ("b", 310000000, "EUR", "about")


def test_read_document_mentions_stand_at_their_offsets() -> None:
    document = read_document(DEAL)
    forms = [(key, document["text"][start:end]) for start, end, key in document["mentions"]]
    assert forms == [
        ("a", "Norvane"),
        ("b", "Pellet Systems"),
        ("a", "Norvane Labs"),
        ("b", "Pellet"),
        ("p", "Ines Dahl"),
    ]


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("no header\ntext", "first line"),
        ("== x1 short\n{a Acme} grew.", "no full name"),
        ("== x1 short\n{a:C Acme} and {a:C Acme Labs} grew.", "two full names"),
        ("== x1 short\n{a:C Acme grew.", "a brace is left"),
        ("== x1 short\n{a:C Acme} grew.\n> a likes a", "neither"),
        ("== x1 short\n{a:C Acme} grew.\n> a revenue much EUR", "neither"),
        ("== x1 short\n{a:C Acme} grew.\n> z uses a", "key of its subject"),
        ("== x1 short\n> a uses a\n{a:C Acme} grew.", "no sentence"),
        ("== x1 short\n{a:C Acme} grew.\n> a uses a ^3", "no sentence"),
    ],
)
def test_read_document_what_cannot_be_read_is_refused(block: str, complaint: str) -> None:
    with pytest.raises(NotationError, match=complaint):
        read_document(block)


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ("{p:P Ines Dahl} bought {b:C Pellet}.\n> p acquired b", "do not fit"),
        ("{b:C Pellet} grew. Then Pellet shrank.", "'Pellet' is not marked"),
        ("{b:C Pellet} sells to {c:C Acme} now.\n> b suppliesTo c\n> b suppliesTo c", "stands twice"),
        ("{b:C Pellet} grew a lot in May.\n> b partnerOf b", "with itself"),
        ("{b:C Pellet} and {c:C Acme} grew.\nSo it goes today.\n> b partnerOf c", "begin it earlier"),
        ("{b:C Pellet} grew to 40 people here.\n> b employees 40 heads", "no ISO 4217 code"),
        ("{b:C Pellet} has grown very fast.\n> b employees 40 count", "no figure"),
        ("{b:C Pellet} bought {c:C Acme} last year.\n> b acquired c @2024", "year of 2024"),
        ("{p:P Ines Dahl} runs {b:C Pellet} now.\n> p worksFor b <chair>", "not in its evidence"),
        ("{b:C Pellet} is near {c:C Pellet} in town.", "stands for two entities"),
        ("~ Menu\n{b:C Pellet} grew a lot.", "group page"),
    ],
)
def test_findings_each_mistake_is_found(body: str, finding: str) -> None:
    document = read_document(f"== x1 short\n{body}")
    found = list(findings([document]))
    assert len(found) == 1
    assert finding in found[0]


def test_findings_two_documents_of_one_text_are_found() -> None:
    text = "{a:C Acme} opened a second bakery in the old town hall of Ghent on a wet Monday in March."
    one, two = (read_document(f"== {name} short\n{text}") for name in ("x1", "x2"))
    (found,) = findings([one, two])
    assert found.startswith("x2: shares")
    assert found.endswith("with x1")


def test_without_chrome_mentions_move_with_the_text() -> None:
    document = read_document("== x1 page\n~ Home | News\n{a:C Acme} grew.\n~ Share this\n\n{b:C Pellet} did not.")
    cut = without_chrome(document)
    assert "Share" not in cut["text"]
    assert [cut["text"][start:end] for start, end, _ in cut["mentions"]] == ["Acme", "Pellet"]


@pytest.fixture(scope="module")
def corpus() -> list[Json]:
    return read_corpus()


def test_corpus_has_no_findings(corpus: list[Json]) -> None:
    assert list(findings(corpus)) == []


def test_corpus_shares_no_sentence_with_the_gold(corpus: list[Json]) -> None:
    gold = {f.name: f.read_text(encoding="utf-8") for f in sorted(Path("tests/gold/dev/docs").glob("*.txt"))}
    assert gold
    assert list(shared_words(corpus, gold)) == []


def test_corpus_every_status_and_predicate_has_examples(corpus: list[Json]) -> None:
    relations = [relation for document in corpus for relation in document["relations"]]
    for key in ("predicate", "status"):
        values = [relation[key] for relation in relations]
        assert min(values.count(value) for value in set(values)) >= 100, key
    assert len({relation["predicate"] for relation in relations}) == 16
    assert CORPUS.is_dir()
