from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.dataset import open_dataset
from kg.errors import StoreError
from kg.store import write_store

TINY = Path(__file__).parent / "data" / "tiny.trig"


def test_open_dataset_answers_over_the_union(tmp_path: Path) -> None:
    quads = list(ox.parse(path=TINY))
    with write_store(tmp_path) as writer:
        writer.publish(quads)
    dataset = open_dataset(tmp_path)
    (row,) = dataset.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert int(row[0]) == len({q.triple for q in quads})  # type: ignore[index]


def test_open_dataset_missing_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="kg build"):
        open_dataset(tmp_path / "none")
