"""`kg correct` and what lasts: on small documents, from the command to the graph and through rebuilds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import graphs
from kg.build import build_graph, remove_documents, validate_store
from kg.cli import main
from kg.correcting import Request, correct
from kg.errors import CorrectionError, DocumentError, StoreError
from kg.export import export_quads
from kg.iris import expand
from kg.neighbourhood import EntityNameError
from kg.settings import Settings, load_settings
from kg.store import open_current, write_store

pytestmark = pytest.mark.model

DOCUMENTS = {
    "a.txt": "Haldane Pharma has bought Lumivex, a Basel-based antibody specialist, for $40 million. "
    "Maria Keller, chief executive of Haldane Pharma, announced the deal on 3 March 2025.",
    "b.txt": "Erik Lund, president of Fjord Brewery, said Fjord Brewery had bought Ale Works.",
}
Correct = Callable[..., int]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(environment={}, store=str(tmp_path / "store"))
    (tmp_path / "in").mkdir()
    for name, text in DOCUMENTS.items():
        (tmp_path / "in" / name).write_text(text, encoding="utf-8")
    assert build_graph([str(tmp_path / "in")], settings).refusals == ()
    return settings


@pytest.fixture
def kg_correct(settings: Settings) -> Correct:
    return lambda *arguments: main(["correct", *arguments, "--store", settings.store, "--who", "sam"])


def exported(settings: Settings) -> bytes:
    return export_quads(list(open_current(Path(settings.store))), ".nq", settings.base_iri)


def holds(settings: Settings, pattern: str) -> bool:
    prefixes = {name: expand(f"{name}:").value for name in ("kg", "rdf", "rdfs", "skos", "prov", "dcterms")}
    store = open_current(Path(settings.store))
    return bool(store.query(f"ASK {{ {pattern} }}", prefixes=prefixes, use_default_graph_as_union=True))


ACQUIRED = "?a rdfs:label 'Haldane Pharma' ; kg:acquired/rdfs:label 'Lumivex'"


def test_each_correction_changes_the_graph_and_undo_brings_it_back(settings: Settings, kg_correct: Correct) -> None:
    before = exported(settings)
    steps = [
        (("merge", "Haldane Pharma", "Fjord Brewery"), "?e skos:altLabel 'Fjord Brewery'"),
        (("rename", "Ale Works", "Ale Works Ltd"), "?e rdfs:label 'Ale Works Ltd' ; skos:altLabel 'Ale Works'"),
        (("retype", "Lumivex", "Product"), "?e a kg:Product ; rdfs:label 'Lumivex'"),
        (
            ("assert", "Maria Keller", "worksFor", "Gamma", "--object-type", "Company"),
            "?p kg:worksFor/rdfs:label 'Gamma'",
        ),
        (("split", "Haldane Pharma", "--document", "b.txt", "--as", "Fjord"), "?e rdfs:label 'Fjord' ; kg:acquired ?o"),
        (("retract", "Haldane Pharma", "acquired", "Lumivex"), "?c kg:retractedBy 'sam' ; kg:status kg:Actual"),
    ]
    for arguments, pattern in steps:
        assert not holds(settings, pattern), pattern
        assert kg_correct(*arguments) == (1 if arguments[0] == "retype" else 0)  # a product has no headquarters
        assert holds(settings, pattern), pattern
    assert not holds(settings, ACQUIRED)
    for number in range(len(steps), 0, -1):
        assert kg_correct("undo", str(number)) == 0
    assert exported(settings) == before


def test_corrections_last_and_give_the_same_bytes_from_nothing(
    settings: Settings, kg_correct: Correct, tmp_path: Path
) -> None:
    kg_correct("merge", "Haldane Pharma", "Fjord Brewery", "--why", "one group")
    kg_correct("assert", "Maria Keller", "boardMemberOf", "Haldane Pharma", "--started-on", "2024")
    corrected = exported(settings)
    build_graph([str(tmp_path / "in")], settings)
    assert exported(settings) == corrected
    other = load_settings(environment={}, store=str(tmp_path / "other"), corrections=str(settings.corrections_path))
    for name in sorted(DOCUMENTS, reverse=True):
        build_graph([str(tmp_path / "in" / name)], other)
    assert exported(other) == corrected
    assert validate_store(other) == []


def test_asserted_link_has_evidence_and_the_user_as_its_source(settings: Settings, kg_correct: Correct) -> None:
    kg_correct("assert", "Erik Lund", "worksFor", "Haldane Pharma", "--role", "adviser", "--why", "the company told me")
    assert holds(
        settings,
        """?c rdf:subject/rdfs:label 'Erik Lund' ; rdf:object/rdfs:label 'Haldane Pharma' ; kg:status kg:Actual ;
           kg:confidence 1.0 ; kg:role 'adviser' ; kg:attributionText 'sam' ; kg:evidence ?e .
           ?e kg:quote ?quote ; kg:start 0 ; kg:end ?end ; prov:wasDerivedFrom/dcterms:identifier 'corrections.yaml/1'
           FILTER(STRLEN(?quote) = ?end)
           FILTER(STRSTARTS(?quote, 'Erik Lund works for Haldane Pharma, as adviser (sam, '))""",
    )
    with pytest.raises(DocumentError, match="no document in"):
        remove_documents(["corrections.yaml/1"], settings)


def test_correction_that_no_longer_matches_is_reported_at_every_build(
    settings: Settings, kg_correct: Correct, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kg_correct("rename", "Fjord Brewery", "Fjord Breweries")
    assert main(["remove", "b.txt", "--store", settings.store]) == 1
    assert (
        "correction 1 (rename Fjord Brewery to Fjord Breweries): the graph holds no entity" in capsys.readouterr().err
    )
    assert main(["build", str(tmp_path / "in" / "a.txt"), "--store", settings.store]) == 1
    assert [refusal.what.partition(" (")[0] for refusal in validate_store(settings)] == ["correction 1"]
    assert main(["build", str(tmp_path / "in"), "--store", settings.store]) == 0
    assert holds(settings, "?e rdfs:label 'Fjord Breweries'")


def test_claims_that_no_longer_fit_are_listed_with_their_sentence(
    settings: Settings, kg_correct: Correct, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kg_correct("retype", "Fjord Brewery", "Person") == 1
    assert "[Erik Lund, president of Fjord Brewery" in capsys.readouterr().err


WRONG = [
    (["merge", "Lumivex", "Nobody Inc"], "no entity is named 'Nobody Inc'"),
    (["merge", "Lumivex", "Lumivex"], "named twice"),
    (["rename", "Lumivex", " "], "needs name|empty"),
    (["retype", "Lumivex", "Company"], "is a Company already"),
    (["split", "Lumivex", "--as", "X"], "documents or names"),
    (["split", "Lumivex", "--document", "b.txt", "--as", "X"], "b.txt does not name Lumivex so"),
    (["retract", "Lumivex", "acquired", "Haldane Pharma"], "no claim states it as a fact"),
    (["retract", "Lumivex"], "the IRI of a claim"),
    (["retract", "--claim", "claim/none"], "holds no claim"),
    (["assert", "Maria Keller", "acquired", "Lumivex"], "Maria Keller is a Person"),
    (["assert", "Lumivex", "bought", "Haldane Pharma"], "no predicate is named 'bought'"),
    (["assert", "Maria Keller", "worksFor", "Lumivex", "--started-on", "May"], "started_on is 'May'"),
    (["assert", "Nova", "acquired", "Lumivex"], "no entity is named 'Nova'"),
    (["undo", "9"], "no correction has the id 9"),
]


def test_wrong_correction_says_why_in_one_line_and_changes_nothing(
    settings: Settings, kg_correct: Correct, capsys: pytest.CaptureFixture[str]
) -> None:
    before = exported(settings)
    for arguments, words in WRONG:
        capsys.readouterr()
        assert kg_correct(*arguments) == 2, arguments
        error = capsys.readouterr().err
        assert any(word in error for word in words.split("|")), error
        assert error.count("\n") == 1
    assert not settings.corrections_path.exists()
    assert exported(settings) == before


def test_ambiguous_name_lists_the_choices_in_one_line(settings: Settings, kg_correct: Correct) -> None:
    kg_correct("assert", "Maria Keller", "worksFor", "Lumivex", "--object-type", "Organization")
    with pytest.raises(EntityNameError, match=r"company/lumivex = Lumivex .*organization/lumivex = Lumivex") as caught:
        correct(Request("rename", "sam", entity="Lumivex", name="X"), settings, "2026-03-02")
    assert "\n" not in str(caught.value)


def test_damaged_file_stops_a_build_and_leaves_the_graph(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = exported(settings)
    settings.corrections_path.write_text("- id: 1\n  do: [\n", encoding="utf-8")
    assert main(["build", str(tmp_path / "in"), "--store", settings.store]) == 2
    error = capsys.readouterr().err
    assert "corrections.yaml, line " in error
    assert error.count("\n") == 1
    assert exported(settings) == before


def test_correction_without_a_build_waits_for_the_next(settings: Settings, kg_correct: Correct, tmp_path: Path) -> None:
    before = exported(settings)
    assert kg_correct("rename", "Lumivex", "Lumivex AG", "--no-build") == 0
    assert exported(settings) == before
    build_graph([str(tmp_path / "in" / "b.txt")], settings)
    assert holds(settings, "?e rdfs:label 'Lumivex AG'")


def test_correction_of_a_store_that_is_being_written_is_refused(settings: Settings, kg_correct: Correct) -> None:
    with write_store(Path(settings.store)):
        assert kg_correct("rename", "Lumivex", "X") == 2
    assert not settings.corrections_path.exists()


def test_correction_keeps_the_least_confidence_of_the_build(settings: Settings, tmp_path: Path) -> None:
    strict = load_settings(environment={}, store=settings.store, min_confidence=1.0)
    build_graph([str(tmp_path / "in")], strict)
    outcome = correct(Request("rename", "sam", entity="Lumivex", name="X"), settings, "2026-03-02")
    assert outcome.report is not None
    assert outcome.report.n_asserted == 0


def test_correction_without_a_graph_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="kg build"):
        correct(Request("rename", "sam", entity="A", name="B"), Settings(store=str(tmp_path)), "2026-03-02")


def test_control_characters_are_refused(settings: Settings) -> None:
    with pytest.raises(CorrectionError, match="control character"):
        correct(Request("rename", "sam", entity="Lumivex", name="a\x07b"), settings, "2026-03-02")


def test_list_shows_who_when_and_why(
    settings: Settings, kg_correct: Correct, capsys: pytest.CaptureFixture[str]
) -> None:
    kg_correct("rename", "Lumivex", "Lumivex AG", "--why", "as it signs", "--no-build")
    kg_correct("undo", "1", "--no-build")
    capsys.readouterr()
    assert main(["correct", "list", "--store", settings.store]) == 0
    number, words, who, _, why, state = capsys.readouterr().out.strip().split("\t")
    assert (number, words, who, why) == ("1", "rename Lumivex to Lumivex AG", "sam", "as it signs")
    assert state.startswith("undone by sam on ")


def test_only_the_changed_documents_are_made_again(
    settings: Settings, kg_correct: Correct, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def counted(quads: list[ox.Quad]) -> object:
        made.append(len({quad.graph_name for quad in quads}) - 1)
        return check(quads)

    check = graphs.check_quads
    monkeypatch.setattr("kg.graphs.check_quads", counted)
    kg_correct("rename", "Lumivex", "Lumivex AG")
    kg_correct("retype", "Ale Works", "Organization")
    assert made == [1]


def test_same_assertion_twice_is_refused_though_its_end_is_known_by_then(
    settings: Settings, kg_correct: Correct, capsys: pytest.CaptureFixture[str]
) -> None:
    asserted = ("assert", "Jane Doe", "worksFor", "Lumivex", "--subject-type", "Person")
    assert kg_correct(*asserted) == 0
    assert kg_correct("rename", "Lumivex", "Lumivex AG") == 0
    before = settings.corrections_path.read_bytes()
    assert kg_correct(*asserted) == 2
    assert kg_correct("rename", "Lumivex AG", "Lumivex AG") == 2
    assert "correction 1 says so already" in capsys.readouterr().err
    assert settings.corrections_path.read_bytes() == before


def test_link_of_an_unknown_end_tells_how_to_make_it_new(settings: Settings) -> None:
    with pytest.raises(EntityNameError, match=r"'Jane Doe'.*; or give the type of a new one"):
        correct(Request("assert", "sam", subject="Jane Doe", predicate="worksFor", object="Lumivex"), settings, "2026")
