"""The shape of the code: the import arrow, module sizes, and what no module may do."""

import ast
import re
from pathlib import Path

import pytest

import kg

ROOT = Path(__file__).parent.parent
MODULES = sorted([*(ROOT / "kg").glob("*.py"), *(ROOT / "api").glob("*.py")])
MAX_LINES = 400


def flow() -> list[str]:
    """Module names of kg/ in the order of the map in kg/__init__.py."""
    assert kg.__doc__ is not None
    lines = re.findall(r"^    ([a-z_, .]+?)(?:  +\d*.*)?$", kg.__doc__.split("Where a change goes")[0], re.MULTILINE)
    names = [name.strip() for line in lines for name in line.split(",")]
    return [name for name in names if re.fullmatch("[a-z_]+", name)]


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_map_names_every_module_of_kg() -> None:
    assert sorted(flow()) == sorted(p.stem for p in (ROOT / "kg").glob("*.py") if p.stem != "__init__")


@pytest.mark.parametrize("path", sorted((ROOT / "kg").glob("[!_]*.py")), ids=lambda p: p.stem)
def test_module_imports_only_upstream(path: Path) -> None:
    order = flow()
    upstream = set(order[: order.index(path.stem)])
    used = {name.split(".")[1] for name in imports(path) if name.startswith("kg.")} & set(order)
    assert used <= upstream, f"{path.stem} imports {sorted(used - upstream)}, which the map lists below it"


def test_kg_does_not_import_api_but_for_the_serve_verb() -> None:
    users = [p.stem for p in (ROOT / "kg").glob("*.py") if any(n.split(".")[0] == "api" for n in imports(p))]
    assert users == ["cli_serve"]


@pytest.mark.parametrize(
    ("package", "allowed"),
    [("pyshacl", {"shapes"}), ("pyvis", {"picture"}), ("rdflib", {"shapes", "export", "dataset"})],
)
def test_library_stays_in_its_rooms(package: str, allowed: set[str]) -> None:
    users = {p.stem for p in MODULES if any(name.split(".")[0] == package for name in imports(p))}
    assert users <= allowed


def test_scorer_is_used_by_nothing_that_reads_documents() -> None:
    users = {p.stem for p in MODULES if imports(p) & {"kg.gold", "kg.score", "kg.evaluation"}}
    assert users == {"score", "evaluation", "cli"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: f"{p.parent.name}.{p.stem}")
def test_module_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", MODULES, ids=lambda p: f"{p.parent.name}.{p.stem}")
def test_module_has_no_clock_no_chance_and_no_blind_except(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for banned in ("uuid4", "import random", "except Exception", "except BaseException", "except:"):
        assert banned not in text
