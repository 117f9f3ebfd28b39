"""Files that the code reads are found in a checkout and in an installed copy."""

from pathlib import Path

import pytest

from kg import resources
from kg.errors import GraphError
from kg.resources import resource_path, resource_paths


def test_resource_path_in_a_checkout_is_beside_the_package() -> None:
    assert resource_path("ontology", "kg.ttl") == Path(__file__).parent.parent / "ontology" / "kg.ttl"


def test_resource_path_without_a_checkout_is_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "_resources" / "queries" / "cq01.rq"
    copy.parent.mkdir(parents=True)
    copy.write_text("")
    monkeypatch.setattr(resources, "_ROOTS", (tmp_path, tmp_path / "_resources"))
    assert resource_path("queries", "cq01.rq") == copy
    assert resource_paths("queries", ".rq") == [copy]


def test_resource_path_of_nothing_is_refused() -> None:
    with pytest.raises(GraphError, match=r"ontology/none\.ttl"):
        resource_path("ontology", "none.ttl")


def test_resource_paths_are_sorted() -> None:
    assert [path.name for path in resource_paths("ontology", ".ttl")] == [
        "alignments.ttl",
        "kg.ttl",
        "prefixes.ttl",
        "shapes.ttl",
    ]


def test_resource_paths_of_no_folder_is_refused() -> None:
    with pytest.raises(GraphError, match="nothing is not part"):
        resource_paths("nothing", ".ttl")
