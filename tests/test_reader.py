"""The shipped model at run time."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import ExtractionError
from kg.pieces import ROLE
from kg.reader import PAIR_LABELS, Reader, load_reader
from kg.records import EntityType, Status

pytestmark = pytest.mark.model
TEXT = "Ruth Okafor , chief executive of Brightwell Foods , denied that Brightwell will acquire Tamarind Ltd ."
SENTENCE = TEXT.split()
NODES = [[(0, 2)], [(6, 8), (11, 12)], [(14, 16)]]
FILLING = "The weather in the hills stayed mild for most of the week and the roads were dry ."
FILLER = FILLING.split()


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


def test_read_names_are_found_with_types(reader: Reader) -> None:
    names = {" ".join(SENTENCE[n.start : n.end]): n.label for n in reader.read(SENTENCE, [0]).names}
    assert names["Ruth Okafor"] == EntityType.PERSON
    assert names["Brightwell Foods"] == EntityType.COMPANY


def test_read_position_is_found_as_role(reader: Reader) -> None:
    roles = [n for n in reader.read(SENTENCE, [0]).names if n.label == ROLE]
    assert [" ".join(SENTENCE[n.start : n.end]) for n in roles] == ["chief executive"]


def test_score_pairs_employer_is_the_likeliest_label(reader: Reader) -> None:
    (score,) = reader.read(SENTENCE, [0]).score_pairs(NODES, [(0, 1)])
    assert max(score.probability, key=lambda label: score.probability[label]) == "worksFor"


def test_score_pairs_status_is_a_distribution(reader: Reader) -> None:
    (score,) = reader.read(SENTENCE, [0]).score_pairs(NODES, [(1, 2)], floor=0.0)
    assert set(score.status["acquired"]) == set(Status)
    assert sum(score.status["acquired"].values()) == pytest.approx(1, abs=0.01)
    assert set(score.probability) == set(PAIR_LABELS)


def test_read_twice_gives_the_same(reader: Reader) -> None:
    first, second = reader.read(SENTENCE, [0]), load_reader().read(SENTENCE, [0])
    assert first.names == second.names
    pairs = [(0, 1), (1, 2)]
    assert repr(list(first.score_pairs(NODES, pairs))) == repr(list(second.score_pairs(NODES, pairs)))


def test_read_long_text_reaches_the_end(reader: Reader) -> None:
    tokens = FILLER * 300 + SENTENCE
    starts = list(range(0, len(FILLER) * 300 + 1, len(FILLER)))
    found = {(n.start, n.end) for n in reader.read(tokens, starts).names}
    assert (len(tokens) - len(SENTENCE), len(tokens) - len(SENTENCE) + 2) in found


def test_read_long_text_spans_lie_in_range(reader: Reader) -> None:
    tokens = (SENTENCE + FILLER) * 60
    names = reader.read(tokens, [0]).names
    assert all(0 <= n.start < n.end <= len(tokens) and 0 <= n.probability <= 1 for n in names)
    assert list(names) == sorted(names)


def test_score_pairs_too_far_apart_is_left_out(reader: Reader) -> None:
    tokens = SENTENCE + FILLER * 60 + SENTENCE
    last = len(tokens) - len(SENTENCE)
    nodes = [[(0, 2)], [(last + 14, last + 16)]]
    assert list(reader.read(tokens, [0]).score_pairs(nodes, [(0, 1)])) == []


def test_read_empty_text_gives_nothing(reader: Reader) -> None:
    reading = reader.read([], [])
    assert reading.names == ()
    assert list(reading.score_pairs([], [])) == []


def test_read_white_space_and_endless_token_are_read(reader: Reader) -> None:
    assert reader.read(["\n\n", "", "x-" * 5000, "\u200b"], [0]).names == ()


def test_score_pairs_span_outside_the_text_is_refused(reader: Reader) -> None:
    with pytest.raises(ExtractionError, match="does not lie in the text"):
        reader.read(SENTENCE, [0]).score_pairs([[(0, 2)], [(3, 99)]], [(0, 1)])


def test_load_reader_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="no readable weights"):
        load_reader(tmp_path)


@pytest.mark.parametrize(("number", "value"), [("KEPT_WINDOWS", 0), ("KEPT_WINDOWS", 1), ("LENGTH_A_WINDOW", 1)])
def test_score_pairs_beyond_the_kept_windows_is_the_same(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, number: str, value: int
) -> None:
    tokens = (SENTENCE + FILLER * 20) * 3
    pairs = [(0, 1), (1, 2)]
    kept = repr(list(reader.read(tokens, [0]).score_pairs(NODES, pairs)))
    monkeypatch.setattr(f"kg.reader.{number}", value)
    assert repr(list(reader.read(tokens, [0]).score_pairs(NODES, pairs))) == kept


def test_score_pairs_without_a_label_of_the_floor_is_left_out(reader: Reader) -> None:
    assert list(reader.read(SENTENCE, [0]).score_pairs(NODES, [(0, 1)], floor=0.999)) == []


def test_score_pairs_each_pair_alone_is_the_same(reader: Reader) -> None:
    reading = reader.read(SENTENCE, [0])
    (both,) = [s for s in reading.score_pairs(NODES, [(0, 1), (1, 2)]) if s.subject == 0]
    (alone,) = reading.score_pairs(NODES, [(0, 1)])
    assert both.probability == pytest.approx(alone.probability, abs=2e-4)
