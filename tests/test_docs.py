"""What is written for users is true: every setting, verb, route and question is documented."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from api.app import create_app
from kg.cli import main
from kg.records import Predicate
from kg.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
VERBS = (
    "build",
    "extract",
    "query",
    "export",
    "viz",
    "serve",
    "validate",
    "stats",
    "conflicts",
    "remove",
    "correct",
    "backup",
    "restore",
    "eval",
)


def test_readme_lists_every_setting_with_its_default() -> None:
    for f in fields(Settings):
        default = "none" if f.default == "" else f"`{f.default}`"
        assert f"| `{f.name}` | {default} | {f.metadata['help']} |" in README


def test_readme_uses_only_verbs_that_exist() -> None:
    used = set(re.findall(r"(?:bin/)?kg ([a-z]+) ", README))
    assert used <= {*VERBS, "extract"}


def test_readme_names_every_route() -> None:
    paths = sorted(create_app(Settings()).openapi()["paths"])
    missing = [path for path in paths if f"`{path}`" not in README and f"`{path}?" not in README]
    assert missing == []


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "ontology/README.md", "seeds/README.md", "queries/README.md"]
)
def test_links_of_a_page_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_seed_and_cue_files_are_all_listed() -> None:
    listed = (ROOT / "seeds" / "README.md").read_text(encoding="utf-8")
    files = [p.relative_to(ROOT / "seeds").as_posix() for p in (ROOT / "seeds").rglob("*") if p.is_file()]
    assert [f for f in files if f != "README.md" and f not in listed] == []


def test_every_question_is_listed() -> None:
    listed = (ROOT / "queries" / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in (ROOT / "queries").glob("cq*.rq") if p.stem not in listed] == []


def test_every_predicate_is_in_the_ontology_page() -> None:
    ontology = (ROOT / "ontology" / "kg.ttl").read_text(encoding="utf-8")
    assert [p for p in Predicate if f"kg:{p} " not in ontology] == []


def test_version_is_the_same_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    version = capsys.readouterr().out.split()[-1]
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_no_registry_address_and_no_machine_path_in_tracked_text() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml", "Makefile", ".ci/run"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"--(?:extra-)?index.url|find.links|https?://(?!127\.0\.0\.1|w3id)", text), name
