"""What is published, what readers see, and what a build keeps."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import StoreError
from kg.records import Document, DocumentId, Extraction
from kg.store import current_snapshot, open_current, read_documents, read_extraction, write_store

TINY = list(ox.parse(path=Path(__file__).parent / "data" / "tiny.trig"))


def made(document_id: str, text: str = "x") -> Extraction:
    return Extraction(Document(DocumentId(document_id), text, ()), (), (), ())


@contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes the store until the block ends."""
    program = "import sys, pathlib, kg.store\nwith kg.store.write_store(pathlib.Path(sys.argv[1])):\n"
    program += "    print('held', flush=True)\n    sys.stdin.read()"
    command = [sys.executable, "-c", program, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.communicate("")


def snapshots(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "snapshots").iterdir())


def test_publish_then_open_gives_the_quads(tmp_path: Path) -> None:
    with write_store(tmp_path / "store") as writer:
        writer.publish(TINY)
    assert set(open_current(tmp_path / "store")) == set(TINY)


def test_publish_another_order_is_the_same_snapshot(tmp_path: Path) -> None:
    names = []
    for number, quads in enumerate((TINY, TINY[::-1], [*TINY, *TINY[:3]])):
        with write_store(tmp_path / str(number)) as writer:
            names.append(writer.publish(quads).name)
    assert len(set(names)) == 1


def test_publish_keeps_the_snapshot_before_and_no_older(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        first, second, third = (writer.publish(TINY[:n]) for n in (1, 2, 3))
    assert snapshots(tmp_path) == sorted([second.name, third.name])
    assert current_snapshot(tmp_path) == third
    assert not first.exists()


def test_publish_the_current_snapshot_again_removes_nothing(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.publish(TINY[:1])
        writer.publish(TINY)
        before = snapshots(tmp_path)
        writer.publish(TINY)
    assert snapshots(tmp_path) == before


def test_reader_that_has_a_snapshot_open_outlives_it(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.publish(TINY)
        reader = open_current(tmp_path)
        writer.publish(TINY[:1])
        writer.publish(TINY[:2])
    assert set(reader) == set(TINY)


def test_snapshot_that_is_read_stays_and_goes_when_its_reader_ends(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        first = writer.publish(TINY)
        program = "import sys, pathlib, kg.store\nkg.store.open_current(pathlib.Path(sys.argv[1]))\n"
        program += "print('open', flush=True)\nsys.stdin.read()"
        command = [sys.executable, "-c", program, str(tmp_path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "open\n"
            for n in (1, 2, 3):
                writer.publish(TINY[:n])
            assert first.exists()
            reader.communicate("")
        writer.publish(TINY[:4])
        assert not first.exists()


def test_publish_from_a_snapshot_equals_publish_from_nothing(tmp_path: Path) -> None:
    with write_store(tmp_path / "grown") as writer:
        writer.publish(TINY[: len(TINY) // 2])
        writer.publish(TINY[len(TINY) // 3 :])
    with write_store(tmp_path / "new") as writer:
        writer.publish(TINY[len(TINY) // 3 :])
    grown, new = (current_snapshot(tmp_path / name) for name in ("grown", "new"))
    assert grown.name == new.name
    assert set(open_current(tmp_path / "grown")) == set(open_current(tmp_path / "new")) == set(TINY[len(TINY) // 3 :])


def test_open_current_is_read_only(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.publish(TINY)
    with pytest.raises(RuntimeError, match="only possible on read-write"):
        open_current(tmp_path).add(TINY[0])


def test_union_of_a_published_graph_counts_each_triple_once(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.publish(TINY)
    query = "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT TRIPLE(?s, ?p, ?o)) AS ?distinct) WHERE { ?s ?p ?o }"
    solutions = open_current(tmp_path).query(query, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    (row,) = solutions
    assert str(row["n"]) == str(row["distinct"])
    assert f'"{len(TINY)}"' in str(row["n"])


def test_open_current_of_a_missing_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no graph in .*kg-store: run kg build first"):
        open_current(tmp_path / "kg-store")


def test_open_current_of_a_lost_snapshot_is_refused(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        shutil.rmtree(writer.publish(TINY))
    with pytest.raises(StoreError, match="is gone"):
        open_current(tmp_path)


def test_store_of_another_version_is_refused(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.publish(TINY)
    (tmp_path / "VERSION").write_text("99\n")
    with pytest.raises(StoreError, match="format 99"):
        open_current(tmp_path)
    with pytest.raises(StoreError, match="format 99"), write_store(tmp_path):
        pass


def test_write_store_in_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(StoreError, match=r"is no store, it holds thesis\.txt"), write_store(tmp_path):
        pass


def test_write_store_on_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be made"), write_store(tmp_path / "file"):
        pass


def test_write_store_while_another_process_writes_is_refused(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="being written by another process"), write_store(tmp_path):
            pass
    with write_store(tmp_path) as writer:
        writer.publish(TINY)


def test_write_store_removes_what_a_broken_build_left(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.publish(TINY)
    (tmp_path / "snapshots" / ".part-0").mkdir()
    with write_store(tmp_path):
        pass
    assert snapshots(tmp_path) == [current_snapshot(tmp_path).name]


def test_keep_then_read_gives_the_extraction(tmp_path: Path) -> None:
    extraction = made("2024/a.txt")
    with write_store(tmp_path) as writer:
        key = writer.keep(extraction, "f1")
        writer.set_documents({extraction.document.id: key})
    assert read_extraction(tmp_path, read_documents(tmp_path)[DocumentId("2024/a.txt")]) == extraction


def test_keep_writes_where_the_cache_says(tmp_path: Path) -> None:
    extraction = made("a.txt")
    with write_store(tmp_path) as writer:
        writer.keep(extraction, "f1")
        assert (writer.cache("f1") / f"{extraction.document.digest}.json").is_file()


def test_set_documents_drops_extractions_that_none_needs(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        old, new = (writer.keep(made("a.txt", text), "f1") for text in ("old", "new"))
        writer.set_documents({DocumentId("a.txt"): new})
    with pytest.raises(StoreError, match="cannot be read"):
        read_extraction(tmp_path, old)
    assert read_extraction(tmp_path, new) == made("a.txt", "new")


def test_set_documents_without_their_extractions_is_refused(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer, pytest.raises(StoreError, match="holds no extraction f1/0"):
        writer.set_documents({DocumentId("a.txt"): "f1/0"})


def test_read_documents_of_a_new_store_is_empty(tmp_path: Path) -> None:
    assert read_documents(tmp_path / "none") == {}


def test_write_file_replaces_it_whole(tmp_path: Path) -> None:
    with write_store(tmp_path) as writer:
        writer.write_file("build.json", "one\n")
        writer.write_file("build.json", "two\n")
    assert (tmp_path / "build.json").read_bytes() == b"two\n"
    assert not list(tmp_path.glob(".part-*"))
