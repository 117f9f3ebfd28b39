"""A store as one archive and back: the same graph, every file checked, nothing overwritten."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.backup import MANIFEST, back_up, restore
from kg.cli import main
from kg.errors import StoreError
from kg.settings import Settings
from kg.store import current_snapshot, open_current, write_store

TINY = Path(__file__).parent / "data" / "tiny.trig"
QUADS = frozenset(ox.parse(path=TINY))
ONE = ox.Quad(ox.NamedNode("e:a"), ox.NamedNode("e:p"), ox.Literal("v"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store that has had another graph before, with corrections and what a writer keeps of its own."""
    folder = tmp_path / "store"
    with write_store(folder) as writer:
        writer.publish([ONE])
        writer.publish(QUADS)
        writer.write_file("written.nq", "<e:a> <e:p> <e:b> .\n")
        (writer.cache("f") / "d.json").write_text("{}", encoding="utf-8")
    (folder / "corrections.yaml").write_text("corrections: []\n", encoding="utf-8")
    (folder / "cache.sqlite").write_bytes(b"to be made anew")
    return Settings(store=str(folder))


def elsewhere(tmp_path: Path) -> Settings:
    return Settings(store=str(tmp_path / "restored"))


def members(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        found = {member.name: tar.extractfile(member) for member in tar}
        return {name: content.read() for name, content in found.items() if content}


def write_archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["store.tar", "store.tar.gz", "store.tgz"])
def test_restore_gives_the_same_graph_and_files(tmp_path: Path, settings: Settings, name: str) -> None:
    written = back_up(settings, tmp_path / name)
    restored = restore(tmp_path / name, elsewhere(tmp_path))
    folder = tmp_path / "restored"
    assert restored == written
    assert set(open_current(folder)) == QUADS
    assert current_snapshot(folder).name == current_snapshot(Path(settings.store)).name == written.snapshot
    for file in ("written.nq", "corrections.yaml", "extractions/f/d.json"):
        assert (folder / file).read_bytes() == (Path(settings.store) / file).read_bytes()


def test_backup_leaves_older_snapshots_and_caches_behind(tmp_path: Path, settings: Settings) -> None:
    back_up(settings, tmp_path / "store.tar")
    assert len(list((Path(settings.store) / "snapshots").iterdir())) == 2
    names = members(tmp_path / "store.tar").keys()
    assert len({name.split("/")[1] for name in names if name.startswith("snapshots/")}) == 1
    assert not {"cache.sqlite", "LOCK"} & names


def test_backup_twice_gives_the_same_bytes(tmp_path: Path, settings: Settings) -> None:
    for name in ("one.tar.gz", "two.tar.gz"):
        back_up(settings, tmp_path / name)
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()


def test_backup_leaves_nothing_else_and_is_its_writers_alone(tmp_path: Path, settings: Settings) -> None:
    before = sorted(path.name for path in Path(settings.store).iterdir())
    back_up(settings, tmp_path / "store.tar")
    assert sorted(path.name for path in Path(settings.store).iterdir()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store", "store.tar"]
    assert (tmp_path / "store.tar").stat().st_mode & 0o777 == 0o600


def test_backup_removes_what_a_killed_one_has_left(tmp_path: Path, settings: Settings) -> None:
    left = Path(settings.store) / ".backup-x"
    left.mkdir()
    (left / "file").write_text("", encoding="utf-8")
    back_up(settings, tmp_path / "store.tar")
    assert not left.exists()
    assert not [name for name in members(tmp_path / "store.tar") if name.startswith(".backup-")]


def test_backup_of_corrections_that_stand_elsewhere_has_them(tmp_path: Path, settings: Settings) -> None:
    (Path(settings.store) / "corrections.yaml").unlink()
    (tmp_path / "mine.yaml").write_text("mine", encoding="utf-8")
    back_up(Settings(store=settings.store, corrections=str(tmp_path / "mine.yaml")), tmp_path / "store.tar")
    assert members(tmp_path / "store.tar")["corrections.yaml"] == b"mine"


def test_backup_while_another_process_writes_is_refused(tmp_path: Path, settings: Settings) -> None:
    with write_store(Path(settings.store)), pytest.raises(StoreError, match="being written"):
        back_up(settings, tmp_path / "store.tar", wait_s=0)


def test_backup_waits_for_a_writer_that_ends(tmp_path: Path, settings: Settings) -> None:
    with ThreadPoolExecutor() as pool:
        with write_store(Path(settings.store)):
            done = pool.submit(back_up, settings, tmp_path / "store.tar")
            with pytest.raises(TimeoutError):
                done.result(timeout=0.3)
        assert done.result(timeout=60).n_files > 0


def test_backup_without_a_graph_is_refused_and_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no graph"):
        back_up(Settings(store=str(tmp_path / "none")), tmp_path / "store.tar")
    assert list(tmp_path.iterdir()) == []


def test_backup_into_the_store_is_refused(settings: Settings) -> None:
    with pytest.raises(StoreError, match="outside"):
        back_up(settings, Path(settings.store) / "store.tar")


def test_restore_into_a_folder_that_holds_anything_is_refused(tmp_path: Path, settings: Settings) -> None:
    back_up(settings, tmp_path / "store.tar")
    (tmp_path / "restored").mkdir()
    (tmp_path / "restored" / "precious").write_text("keep", encoding="utf-8")
    with pytest.raises(StoreError, match="not empty"):
        restore(tmp_path / "store.tar", elsewhere(tmp_path))
    assert [path.name for path in (tmp_path / "restored").iterdir()] == ["precious"]


def test_restore_into_an_empty_folder_works(tmp_path: Path, settings: Settings) -> None:
    back_up(settings, tmp_path / "store.tar")
    (tmp_path / "restored").mkdir()
    restore(tmp_path / "store.tar", elsewhere(tmp_path))
    assert set(open_current(tmp_path / "restored")) == QUADS


def refused(archive: Path, tmp_path: Path, words: str) -> None:
    """The archive is refused, and nothing is left of the attempt."""
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(StoreError, match=words):
        restore(archive, elsewhere(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_restore_of_every_file_changed_in_one_byte_is_refused(tmp_path: Path, settings: Settings) -> None:
    back_up(settings, tmp_path / "store.tar")
    files = members(tmp_path / "store.tar")
    for name, content in files.items():
        if content and name != MANIFEST:
            changed = bytes([content[0] ^ 1]) + content[1:]
            refused(write_archive(tmp_path / "bad.tar", files | {name: changed}), tmp_path, "not what was backed up")
            (tmp_path / "bad.tar").unlink()


def test_restore_of_an_archive_without_a_file_is_refused(tmp_path: Path, settings: Settings) -> None:
    back_up(settings, tmp_path / "store.tar")
    files = {name: content for name, content in members(tmp_path / "store.tar").items() if name != "written.nq"}
    refused(write_archive(tmp_path / "bad.tar", files), tmp_path, "written.nq is missing")


def test_restore_of_an_archive_with_a_file_more_is_refused(tmp_path: Path, settings: Settings) -> None:
    back_up(settings, tmp_path / "store.tar")
    files = members(tmp_path / "store.tar") | {"more.txt": b"x"}
    refused(write_archive(tmp_path / "bad.tar", files), tmp_path, "does not list")


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt"])
def test_restore_of_an_archive_that_reaches_outside_is_refused(tmp_path: Path, settings: Settings, name: str) -> None:
    back_up(settings, tmp_path / "store.tar")
    files = members(tmp_path / "store.tar")
    head: dict[str, Any] = json.loads(files[MANIFEST])
    head["files"][name] = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    files[MANIFEST] = json.dumps(head).encode()
    refused(write_archive(tmp_path / "bad.tar", files | {name: b"x"}), tmp_path, "does not list")


def test_restore_of_a_link_in_place_of_a_file_is_refused(tmp_path: Path, settings: Settings) -> None:
    back_up(settings, tmp_path / "store.tar")
    with tarfile.open(tmp_path / "bad.tar", "w") as bad:
        for name, content in members(tmp_path / "store.tar").items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            if name == "written.nq":
                member.size, member.type, member.linkname = 0, tarfile.SYMTYPE, "/etc/hostname"
            bad.addfile(member, io.BytesIO(content) if member.isreg() else None)
    refused(tmp_path / "bad.tar", tmp_path, "does not list")


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08", gzip.compress(b"x" * 2000)])
def test_restore_of_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad").write_bytes(content)
    refused(tmp_path / "bad", tmp_path, "bad")


def test_restore_of_a_cut_archive_is_refused(tmp_path: Path, settings: Settings) -> None:
    back_up(settings, tmp_path / "store.tar.gz")
    content = (tmp_path / "store.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(content[: len(content) // 2])
    refused(tmp_path / "cut.tar.gz", tmp_path, "cut.tar.gz")


def test_restore_of_a_compressed_archive_changed_anywhere_is_refused(tmp_path: Path, settings: Settings) -> None:
    back_up(settings, tmp_path / "store.tar.gz")
    content = (tmp_path / "store.tar.gz").read_bytes()
    for at in range(100, len(content), len(content) // 20):
        (tmp_path / "bad.tar.gz").write_bytes(content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :])
        refused(tmp_path / "bad.tar.gz", tmp_path, "bad.tar.gz")


@pytest.mark.parametrize(
    "head", [b"{", b"[]", b'{"archive": 2, "store": "1", "snapshot": "", "files": {}}', b'{"files": {"a": {}}}']
)
def test_restore_of_another_format_is_refused(tmp_path: Path, head: bytes) -> None:
    refused(write_archive(tmp_path / "bad.tar", {MANIFEST: head}), tmp_path, "bad.tar")


def test_verbs_back_up_and_restore(tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    archive = str(tmp_path / "store.tar.gz")
    assert main(["backup", archive, "--store", settings.store]) == 0
    assert main(["restore", archive, "--store", str(tmp_path / "restored")]) == 0
    assert "each as it was backed up" in capsys.readouterr().err
    assert main(["restore", archive, "--store", str(tmp_path / "restored")]) == 2
    assert "not empty" in capsys.readouterr().err
    assert set(open_current(tmp_path / "restored")) == QUADS
