"""`kg eval`, as a user types it: earlier predictions scored at once, documents read by the shipped pipeline."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from kg.cli import main
from tests.conftest import ROOT

DEV = ROOT / "tests/gold/dev"
TEXT = "Haldane Pharma bought Lumivex, a specialist. It has 40 employees."
NAMES = [
    {"id": "e1", "name": "Haldane Pharma", "type": "Company", "aliases": []},
    {"id": "e2", "name": "Lumivex", "type": "Company", "aliases": []},
]
DEAL = {
    "subject": "e1",
    "predicate": "acquired",
    "object": "e2",
    "status": "actual",
    "evidence": "Haldane Pharma bought Lumivex, a specialist.",
}
STAFF = {"subject": "e2", "metric": "employees", "value": 40, "unit": "count", "evidence": "It has 40 employees."}
FULL = {"entities": NAMES, "relations": [DEAL], "observations": [STAFF]}


def write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A gold set of one document."""
    write(tmp_path / "set/docs/a.txt", TEXT)
    write(tmp_path / "set/gold/a.json", {"doc": "a.txt", **FULL})
    return tmp_path / "set"


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """Predictions for it: the deal in another status, and no figure."""
    weak = {**DEAL, "status": "denied", "confidence": 0.4}
    write(tmp_path / "found/a.json", {"entities": NAMES, "relations": [weak], "observations": []})
    return tmp_path / "found"


def numbers(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    """The report of a run that must end well."""
    assert main(["eval", *map(str, arguments), "--json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_eval_earlier_predictions_are_counted(folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = numbers(capsys, folder, "--predictions", earlier)
    assert report["documents"] == 1
    assert report["relations"] == {"precision": 100.0, "recall": 100.0, "f1": 100.0, "tp": 1, "fp": 0, "fn": 0}
    assert report["per_status"]["denied"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "tp": 0, "fp": 1, "fn": 0}
    assert report["per_entity_type"]["Company"]["tp"] == 2
    assert report["per_predicate"]["acquired"]["tp"] == 1
    assert (report["observations"]["fn"], report["evidence_verbatim"]) == (1, "1/1")
    assert "misses" not in report


def test_eval_table_has_the_same_numbers(folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", str(folder), "--predictions", str(earlier)]) == 0
    out, err = capsys.readouterr()
    rows = {line[:24].strip(): line[24:].split() for line in out.splitlines()}
    assert err == ""
    assert rows["relations with status"] == ["0.0", "0.0", "0.0", "0", "1", "1"]
    assert rows["entities typed"] == ["100.0", "100.0", "100.0", "2", "0", "0"]
    assert {"Company", "acquired", "actual", "denied"} <= rows.keys()
    assert "false assertions   0 (0.0 per 100 documents)" in out


def test_eval_false_assertion_is_counted_and_told(
    folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "gold/a.json", {"doc": "a.txt", **FULL, "relations": [{**DEAL, "status": "planned"}]})
    write(earlier / "a.json", FULL)
    report = numbers(capsys, folder, "--predictions", earlier, "--misses")
    assert (report["false_assertions"], report["false_assertions_per_100_documents"]) == (1, 100.0)
    assert [(miss["document"], miss["kind"]) for miss in report["misses"]] == [("a.txt", "false")]


def test_eval_misses_stand_below_the_table_with_their_sentence(
    folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", str(folder), "--predictions", str(earlier), "--misses"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "a.txt: missed    Lumivex employees 40 count  [It has 40 employees.]",
        "a.txt: status    Haldane Pharma acquired Lumivex (actual): got denied"
        "  [Haldane Pharma bought Lumivex, a specialist.]",
    ]


@pytest.mark.parametrize(("least", "found"), [("0.4", 1), ("0.41", 0)])
def test_eval_min_confidence_leaves_out_what_is_below(
    least: str, found: int, folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = numbers(capsys, folder, "--predictions", earlier, "--min-confidence", least)
    assert report["relations"]["tp"] == found
    assert report["entities"]["tp"] == 2


def test_eval_min_confidence_keeps_what_states_none(
    folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(earlier / "a.json", FULL)
    report = numbers(capsys, folder, "--predictions", earlier, "--min-confidence", "1")
    assert (report["relations"]["tp"], report["observations"]["tp"]) == (1, 1)


def test_eval_document_without_prediction_is_missed_and_told(
    folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (earlier / "a.json").unlink()
    assert main(["eval", str(folder), "--predictions", str(earlier), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["entities"]["fn"] == 2
    assert err == f"{earlier}: nothing on 1 documents\n"


def test_eval_document_without_gold_is_left_alone(
    folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "docs/b.txt", "")
    assert numbers(capsys, folder, "--predictions", earlier)["documents"] == 1


def test_eval_quote_in_a_page_is_verbatim_in_its_text(
    folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "docs/a.txt").unlink()
    write(folder / "docs/a.html", f"<html><body><p>{TEXT.replace('bought', '<b>bought</b>')}</p></body></html>")
    write(folder / "gold/a.json", {"doc": "a.html", **FULL})
    assert numbers(capsys, folder, "--predictions", earlier)["evidence_verbatim"] == "1/1"


def test_eval_unreadable_document_is_told_and_missed(
    folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "docs/a.txt", "")
    assert main(["eval", str(folder), "--predictions", str(earlier), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["evidence_verbatim"] == "0/1"
    assert err.count("\n") == 1
    assert "a.txt: is empty" in err


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("set/gold/a.json", "{", "a.json: is no JSON"),
        ("set/gold/a.json", "[]", "a.json: is a JSON list"),
        ("set/gold/a.json", {"doc": "b.txt"}, "holds no b.txt, which gold/a.json describes"),
        ("set/gold/a.json", {"doc": "../set/docs/a.txt"}, "holds no ../set/docs/a.txt"),
        ("set/gold/a.json", {"doc": "a.txt", "relations": [DEAL]}, "no entity has the id e1"),
        ("found/a.json", {"entities": [{"id": "e1"}]}, "found/a.json: entities[0]: name is None"),
    ],
)
def test_eval_malformed_input_is_one_line_and_exit_2(
    name: str, content: object, words: str, folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder.parent / name, content)
    assert main(["eval", str(folder), "--predictions", str(earlier)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words in err


@pytest.mark.parametrize("missing", ["set", "set/gold", "set/docs", "found"])
def test_eval_missing_folder_is_one_line_and_exit_2(
    missing: str, folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(folder.parent / missing)
    assert main(["eval", str(folder), "--predictions", str(earlier)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"no folder {folder.parent / missing}" in error


def test_eval_confidence_out_of_range_is_wrong_use(
    folder: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", str(folder), "--predictions", str(earlier), "--min-confidence", "2"]) == 2
    assert "[0, 1]" in capsys.readouterr().err


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Three documents of the gold set, the last of them as a page."""
    for name in ("c001", "c003", "c005"):
        for part in ("docs", "gold"):
            (tmp_path / part).mkdir(exist_ok=True)
        shutil.copy(DEV / f"docs/{name}.txt", tmp_path / "docs")
        shutil.copy(DEV / f"gold/{name}.json", tmp_path / "gold")
    text = (tmp_path / "docs/c005.txt").read_text(encoding="utf-8")
    write(tmp_path / "docs/c005.html", f"<html><body><article><p>{text}</p></article></body></html>")
    (tmp_path / "docs/c005.txt").unlink()
    gold = (tmp_path / "gold/c005.json").read_text(encoding="utf-8")
    write(tmp_path / "gold/c005.json", gold.replace("c005.txt", "c005.html"))
    return tmp_path


@pytest.mark.model
def test_eval_reads_the_documents_as_extract_does(three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = three / "found"
    assert main(["extract", str(three / "docs"), "--out", str(found)]) == 0
    now = numbers(capsys, three, "--misses")
    assert now == numbers(capsys, three, "--misses", "--predictions", found)
    assert now["entities"]["tp"] >= 3


@pytest.mark.model
def test_eval_twice_prints_the_same_and_tells_the_speed_apart(three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", str(three), "--misses"]) == 0
    first = capsys.readouterr()
    assert main(["eval", str(three), "--misses"]) == 0
    assert capsys.readouterr().out == first.out
    assert " a second" in first.err
    assert first.err.startswith("loaded in ")
    assert " a second" not in first.out


@pytest.mark.model
def test_eval_unreadable_document_is_not_predicted(three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(three / "docs/c001.txt", "")
    assert main(["eval", str(three), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["documents"] == 3
    assert "c001.txt: is empty" in err
