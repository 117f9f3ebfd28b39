"""Word shapes, windows and BILOU sequences, without weights."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from kg.pieces import (
    ENCODED_AT_ONCE,
    NAME_TAGS,
    SHAPES,
    cut_pieces,
    decode_tags,
    distance_bucket,
    load_tokenizer,
    plan_windows,
    word_shape,
)
from kg.reader import WEIGHTS


@pytest.mark.parametrize(
    ("token", "shape"),
    [
        ("acme", "lower"),
        ("Acme", "Title"),
        ("IBM", "UPPER"),
        ("X", "Upper1"),
        ("iPhone", "mixed"),
        ("2024", "digits"),
        ("A350F", "alnum"),
        ("—", "punct"),
        ("€", "symbol"),
        ("\n\n", "space"),
        ("", "space"),
        ("東京", "other"),
    ],
)
def test_word_shape_kind_of_token_is_told_apart(token: str, shape: str) -> None:
    assert SHAPES[word_shape(token)] == shape


def test_plan_windows_short_text_is_one_window() -> None:
    windows = plan_windows(np.arange(11), [0, 5], max_pieces=20, overlap=4)
    assert [(w.start, w.end) for w in windows] == [(0, 10)]


def test_plan_windows_long_text_ends_on_sentences_with_overlap() -> None:
    windows = plan_windows(np.arange(31), [0, 6, 12, 18, 24], max_pieces=20, overlap=7)
    assert [(w.start, w.end) for w in windows] == [(0, 18), (12, 30)]


def test_plan_windows_endless_sentence_is_cut_inside() -> None:
    windows = plan_windows(np.arange(0, 202, 2), [0], max_pieces=20, overlap=4)
    covered = {token for w in windows for token in range(w.start, w.end)}
    assert covered == set(range(100))
    assert all(0 < w.end - w.start <= 10 for w in windows)


@pytest.mark.parametrize("seed", range(20))
def test_plan_windows_any_text_covers_all_within_size(seed: int) -> None:
    random = np.random.default_rng(seed)
    first = np.concatenate([[0], np.cumsum(random.integers(1, 9, 300))])
    starts = sorted(random.choice(300, 12, replace=False).tolist())
    windows = plan_windows(first, starts, max_pieces=64, overlap=24)
    assert windows[0].start == 0
    assert windows[-1].end == 300
    assert all(b.start <= a.end and a.start < b.start and a.end < b.end for a, b in pairwise(windows))
    assert all(first[w.end] - first[w.start] <= 64 for w in windows)


def test_decode_tags_broken_sequence_is_mended() -> None:
    logits = np.full((3, len(NAME_TAGS)), -5.0)
    logits[0, NAME_TAGS.index("B-Person")] = 2.0
    logits[1, NAME_TAGS.index("L-Company")] = 1.0
    logits[1, NAME_TAGS.index("L-Person")] = 0.9
    logits[2, 0] = 2.0
    assert decode_tags(logits, NAME_TAGS) == [(0, 2, "Person")]


def test_decode_tags_unit_beside_unit_stays_two() -> None:
    logits = np.full((2, len(NAME_TAGS)), -5.0)
    logits[:, NAME_TAGS.index("U-Company")] = 3.0
    assert decode_tags(logits, NAME_TAGS) == [(0, 1, "Company"), (1, 2, "Company")]


def test_decode_tags_no_tokens_gives_none() -> None:
    assert decode_tags(np.zeros((0, len(NAME_TAGS))), NAME_TAGS) == []


def test_distance_bucket_sign_tells_which_comes_first() -> None:
    assert distance_bucket(np.array([0, 3, -3, 500, -500])).tolist() == [0, 2, 11, 8, 17]


def test_cut_pieces_of_a_long_text_are_those_of_its_parts() -> None:
    tokenizer = load_tokenizer(WEIGHTS / "tokenizer.json")
    tokens = ["Brightwell", "acquired", " ", "Tamarind"] * (ENCODED_AT_ONCE // 3)
    whole, part = cut_pieces(tokenizer, tokens), cut_pieces(tokenizer, tokens[:4])
    assert len(whole.first) == len(tokens) + 1
    assert whole.ids.tolist() == part.ids.tolist() * (ENCODED_AT_ONCE // 3)
