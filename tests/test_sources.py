from __future__ import annotations

import logging
import os
import unicodedata
from pathlib import Path

import pytest

from kg.records import Refusal
from kg.sources import Source, find_sources

TYPES = {".txt", ".jsonl"}


def write(path: Path, text: str = "Acme bought Widget Co.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def ids(sources: list[Source]) -> list[str]:
    return [str(source.id) for source in sources]


def test_find_sources_folder_is_read_with_all_below(tmp_path: Path) -> None:
    for name in ("b.txt", "a.TXT", "2024/notes.txt", ".hidden.txt", ".git/x.txt"):
        write(tmp_path / name)
    assert ids(find_sources([str(tmp_path)], TYPES)[0]) == ["2024/notes.txt", "a.TXT", "b.txt"]


def test_find_sources_other_types_in_folder_are_counted_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a.csv", "b.csv", "c"):
        write(tmp_path / name)
    with caplog.at_level(logging.WARNING):
        assert find_sources([str(tmp_path)], TYPES) == ([], [])
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}: 3 files of other types passed over: .csv (2), no suffix (1)"
    ]


@pytest.mark.parametrize(("name", "word"), [("a.csv", "type .csv"), ("none.txt", "no such file")])
def test_find_sources_wrong_file_given_is_refused(tmp_path: Path, name: str, word: str) -> None:
    write(tmp_path / "a.csv")
    sources, refusals = find_sources([str(tmp_path / name)], TYPES)
    assert sources == []
    assert word in refusals[0].reason


def test_find_sources_one_id_twice_refuses_second_whatever_the_order(tmp_path: Path) -> None:
    first, second = str(write(tmp_path / "a/x.txt")), str(write(tmp_path / "b/x.txt"))
    reason = f"has the id x.txt of {first}, or one below it: rename one, or give the one folder that holds both"
    expected = ([Source("x.txt", first)], [Refusal(second, reason)])  # type: ignore[arg-type]  # plain strings as ids
    assert find_sources([first, second], TYPES) == find_sources([second, first], TYPES) == expected


def test_find_sources_file_below_id_of_collection_is_refused(tmp_path: Path) -> None:
    paths = [str(write(tmp_path / "a/x.jsonl")), str(write(tmp_path / "b/x.jsonl/1.txt").parents[1])]
    sources, refusals = find_sources(paths, TYPES)
    assert (ids(sources), len(refusals)) == (["x.jsonl"], 1)


def test_find_sources_file_reached_twice_is_one(tmp_path: Path) -> None:
    path = write(tmp_path / "sub/x.txt")
    assert ids(find_sources([str(path), str(tmp_path), str(tmp_path)], TYPES)[0]) == ["sub/x.txt"]


def test_find_sources_circle_of_links_is_refused_once(tmp_path: Path) -> None:
    write(tmp_path / "sub/x.txt")
    (tmp_path / "sub/up").symlink_to(tmp_path, target_is_directory=True)
    sources, refusals = find_sources([str(tmp_path)], TYPES)
    assert ids(sources) == ["sub/x.txt"]
    assert refusals == [Refusal(str(tmp_path / "sub/up"), "link to a folder that holds the link: remove it")]


def test_find_sources_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").symlink_to(tmp_path / "gone.txt")
    assert find_sources([str(tmp_path)], TYPES)[1][0].reason.startswith("no regular file")


def test_find_sources_pipe_is_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.txt")
    assert find_sources([str(tmp_path)], TYPES)[1][0].reason.startswith("no regular file")


def test_find_sources_name_with_line_end_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a\nb.txt")
    assert find_sources([str(tmp_path)], TYPES)[1] == [
        Refusal(str(tmp_path / "a?b.txt"), "name is not UTF-8 or holds control characters: rename the file")
    ]


def test_find_sources_name_not_utf8_is_refused(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("Acme", encoding="utf-8")
    assert find_sources([str(tmp_path)], TYPES)[1][0].what == str(tmp_path / "caf?.txt")


def test_find_sources_decomposed_name_has_composed_id(tmp_path: Path) -> None:
    write(tmp_path / unicodedata.normalize("NFD", "café.txt"))
    assert ids(find_sources([str(tmp_path)], TYPES)[0]) == ["café.txt"]


def test_find_sources_dash_is_standard_input() -> None:
    assert find_sources(["-", "-"], TYPES) == ([Source("stdin.txt", "-")], [])  # type: ignore[arg-type]  # plain id
