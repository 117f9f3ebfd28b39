"""The command, as a user types it; heavy verbs on the seeds' graph, built once."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kg.build import BuildReport
from kg.cli import CLOSED_PIPE, main
from kg.settings import Settings
from tests.conftest import ROOT, SEEDS

Build = tuple[Settings, BuildReport]


def run(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with a bare locale, as a script would call it."""
    environment = {**os.environ, "LC_ALL": "C", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "kg.cli", *arguments],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )


@pytest.fixture
def store(seeds_build: Build) -> str:
    return seeds_build[0].store


def test_help_names_every_verb_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in (
        "build",
        "extract",
        "query",
        "export",
        "viz",
        "serve",
        "validate",
        "stats",
        "remove",
        "correct",
        "eval",
    ):
        with pytest.raises(SystemExit) as stop:
            main([verb, "--help"])
        assert stop.value.code == 0
        assert f"example: kg {verb}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "SELECT * {}"],
        ["export", "x.ttl"],
        ["stats"],
        ["viz", "x.html"],
        ["validate"],
        ["remove", "a.txt"],
        ["correct", "rename", "A", "B"],
        ["serve"],
    ],
)
def test_verb_without_a_graph_says_what_to_do(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--store", str(tmp_path / "none")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "kg build" in error or "cq27" in error


@pytest.mark.model
def test_query_failed_deals_gives_the_sentence(store: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = str(ROOT / "queries" / "cq02_failed_deals.rq")
    assert main(["query", "-f", file, "--format", "csv", "--store", store]) == 0
    rows = list(csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode())))
    windsurf = [row for row in rows if row["target"] == "Windsurf"]
    assert {row["buyer"] for row in windsurf} == {"OpenAI"}
    assert any("Windsurf" in row["sentence"] for row in windsurf)


@pytest.mark.model
def test_query_parameter_is_a_value_and_no_syntax(store: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = str(ROOT / "queries" / "cq01_leadership.rq")
    hostile = 'x" } INSERT DATA { <urn:a> <urn:b> "'
    assert main(["query", "-f", file, "--param", f"company={hostile}", "--format", "csv", "--store", store]) == 0
    assert len(capfdbinary.readouterr().out.decode().splitlines()) == 1


@pytest.mark.model
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["query"], "query text"),
        (["query", "SELECT * {", "--format", "csv"], "expected"),
        (["query", "SELECT * {}", "--format", "turtle"], "rows"),
        (["query", "CONSTRUCT WHERE { ?s ?p ?o }", "--format", "csv"], "triples"),
        (["query", "DROP ALL"], "update"),
        (["query", "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"], "SERVICE"),
        (["query", "SELECT * {}", "--param", "a=b"], "--param"),
        (["export", "graph.xyz"], ".xyz"),
        (["export", "graph.ttl", "--entity", "Nobody At All"], "Nobody At All"),
        (["viz", "page.html", "--entity", "Nobody At All"], "Nobody At All"),
        (["remove", "none.txt"], "none.txt"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    store: str,
    arguments: list[str],
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*arguments, "--store", store]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert word in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.model
def test_stats_counts_the_seeds(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--store", store]) == 0
    counts = {
        name: int(n.replace(",", ""))
        for n, name in (line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    }
    assert counts["Document"] == 4
    assert counts["claims: Attempted"] >= 2
    assert counts["Claim"] == sum(n for name, n in counts.items() if name.startswith("claims: "))


@pytest.mark.model
def test_validate_seeds_conform(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--store", store]) == 0
    assert "conforms" in capsys.readouterr().out


@pytest.mark.model
def test_viz_page_needs_no_network(store: str, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert main(["viz", str(out), "--entity", "OpenAI", "--store", store]) == 0
    page = out.read_text(encoding="utf-8")
    assert "OpenAI" in page
    assert "<script src=" not in page
    assert "cdn" not in page.casefold().split("</script>")[-1]


@pytest.mark.model
def test_extract_writes_one_file_a_document(tmp_path: Path) -> None:
    bad = tmp_path / "empty.txt"
    bad.write_text("")
    out = tmp_path / "out"
    done = run("extract", str(SEEDS / "002_d2e6f321dc8158bb.txt"), str(bad), "--out", str(out))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "empty.txt" in done.stderr
    (file,) = out.iterdir()
    found = json.loads(file.read_text(encoding="utf-8"))
    assert file.name == "002_d2e6f321dc8158bb.json"
    assert found["doc"] == "002_d2e6f321dc8158bb.txt"
    text = (SEEDS / found["doc"]).read_text(encoding="utf-8")
    assert all(text[r["start"] : r["end"]] == r["evidence"] for r in found["relations"] + found["observations"])


@pytest.mark.model
def test_build_standard_input_becomes_a_document(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    done = run("build", "-", "--store", store, text="Haldane Pharma bought Lumivex in 2024.")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 documents")


@pytest.mark.model
def test_build_standard_input_beside_files_in_two_processes_is_read(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Northwind Airlines is based in Oslo.")
    done = run(
        *("build", "-", str(other), "--workers", "2", "--store", str(tmp_path / "store")),
        text="Haldane Pharma bought Lumivex in 2024.",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 documents")


def test_output_that_nobody_reads_ends_the_command_without_a_trace(store: str) -> None:
    command = [sys.executable, "-c", f"import sys, kg.cli; sys.exit(kg.cli.main(['stats', '--store', {store!r}]))"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == CLOSED_PIPE
