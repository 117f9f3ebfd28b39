"""What goes into the reader's encoder, and how its tags become spans: word shapes, word pieces, windows, BILOU.

In: tokens as spaCy's English tokenizer cuts them. Out: numbers. training/ uses the same functions: the model reads
at run time what it was trained on. Refused: nothing; a token of any kind and length becomes pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kg.records import EntityType

ROLE = "Role"
NAME_TAGS = ("O", *(f"{position}-{kind.value}" for kind in EntityType for position in "BILU"))
ROLE_TAGS = ("O", *(f"{position}-{ROLE}" for position in "BILU"))
SHAPES = ("space", "punct", "lower", "Title", "UPPER", "Upper1", "mixed", "digits", "alnum", "symbol", "other")
_SHAPE_ID = {name: number for number, name in enumerate(SHAPES)}
DISTANCE_EDGES = (1, 2, 4, 8, 16, 32, 64, 128)
"""Edges, in tokens, of the buckets of how far apart the nearest mentions of a pair stand; each bucket has a sign."""
N_DISTANCES = 2 * (len(DISTANCE_EDGES) + 1)
MAX_PIECES_A_TOKEN = 24
"""A longer token (a URL, a hash) is read by its first word pieces only, so that a window always fits."""
ENCODED_AT_ONCE = 10_000
"""Tokens given to the tokenizer in one go, which keeps 200 bytes a piece: each is cut on its own."""
CLS, SEP, UNKNOWN = 101, 102, 100

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens `[start, end)` that the encoder sees at one time."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """Word pieces of a text. ids, shapes: one number a piece. first: first piece of each token, then the total."""

    ids: Ints
    shapes: Ints
    first: Ints


def word_shape(token: str) -> int:
    """Number of the token's shape in SHAPES: what an uncased vocabulary loses.

    >>> [SHAPES[word_shape(t)] for t in ("iPhone", "IBM", "A", "Acme", "48m", "$", ",", "deal")]
    ['mixed', 'UPPER', 'Upper1', 'Title', 'alnum', 'symbol', 'punct', 'lower']
    """
    return _SHAPE_ID[_shape_name(token)]


def _shape_name(token: str) -> str:
    if not token.strip():
        return "space"
    has_letter = any(c.isalpha() for c in token)
    if any(c.isdigit() for c in token):
        return "alnum" if has_letter else "digits"
    if not has_letter:
        return "punct" if all(c in ".,;:!?'\"()[]{}-–—‘’“”…/" for c in token) else "symbol"
    letters = "".join(c for c in token if c.isalpha())
    if letters.islower():
        return "lower"
    if letters.isupper():
        return "UPPER" if len(letters) > 1 else "Upper1"
    if letters[0].isupper() and letters[1:].islower():
        return "Title"
    return "mixed" if any(c.isupper() for c in letters) else "other"


def load_tokenizer(file: Path) -> Tokenizer:
    """The word-piece tokenizer of a `tokenizer.json`, without truncation and padding."""
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def cut_pieces(tokenizer: Tokenizer, tokens: Sequence[str]) -> Pieces:
    """Word pieces of each token; a token without any (white space, say) is one unknown piece."""
    ids, owners = _encode(tokenizer, tokens)
    bare = np.setdiff1d(np.arange(len(tokens)), owners)
    ids = np.concatenate([ids, np.full(len(bare), UNKNOWN)])
    owners = np.concatenate([owners, bare])
    order = np.argsort(owners, kind="stable")
    ids, owners = ids[order], owners[order]
    kept = np.arange(len(ids)) - np.searchsorted(owners, owners) < MAX_PIECES_A_TOKEN
    ids, owners = ids[kept], owners[kept]
    shapes = np.array([word_shape(token) for token in tokens], dtype=np.int64)
    return Pieces(ids, shapes[owners], np.searchsorted(owners, np.arange(len(tokens) + 1)))


def _encode(tokenizer: Tokenizer, tokens: Sequence[str]) -> tuple[Ints, Ints]:
    """The word pieces, and the number of the token that each belongs to."""
    ids, owners = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for at in range(0, len(tokens), ENCODED_AT_ONCE):
        part = list(tokens[at : at + ENCODED_AT_ONCE])
        encoding = tokenizer.encode(part, is_pretokenized=True, add_special_tokens=False)
        ids.append(np.array(encoding.ids, dtype=np.int64))
        owners.append(np.array(encoding.word_ids, dtype=np.int64) + at)
    return np.concatenate(ids), np.concatenate(owners)


def plan_windows(first: Ints, sentence_starts: Sequence[int], max_pieces: int, overlap: int) -> list[Window]:
    """Windows that cover all tokens, in order, each of at most `max_pieces` word pieces.

    first: as in Pieces. A window ends where a sentence ends and shares its last sentences, `overlap` pieces at most,
    with the next one; inside a sentence that is longer than a window both fall on any token.
    """
    n_tokens = len(first) - 1
    bounds = np.unique(np.array([0, *sentence_starts, n_tokens], dtype=np.int64))
    windows: list[Window] = []
    start = end = 0
    while end < n_tokens:
        furthest = int(np.searchsorted(first, first[start] + max_pieces, side="right")) - 1
        end = _last_at_most(bounds, furthest, above=end)
        windows.append(Window(start, end))
        earliest = int(np.searchsorted(first, first[end] - overlap))
        after = bounds[(bounds >= max(earliest, start + 1)) & (bounds <= end)]
        start = int(after[0]) if len(after) and after[0] < end else max(earliest, start + 1)
    return windows


def _last_at_most(bounds: Ints, furthest: int, above: int) -> int:
    """The last sentence bound up to `furthest`, or `furthest` itself where none is above `above`."""
    bound = int(bounds[np.searchsorted(bounds, furthest, side="right") - 1])
    return bound if bound > above else furthest


def distance_bucket(distance: Ints) -> Ints:
    """Bucket number in [0, N_DISTANCES) of signed distances in tokens; negative where the object stands first."""
    size = np.searchsorted(np.array(DISTANCE_EDGES), np.abs(distance), side="right")
    return np.where(distance < 0, size + len(DISTANCE_EDGES) + 1, size).astype(np.int64)


def decode_tags(logits: Floats, tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Spans `(start, end, label)` of the best sequence of BILOU tags that is well formed (Viterbi).

    logits: one row a token, one column a tag of `tags`, of which the first is `O`.
    """
    if not len(logits):
        return []
    allowed = _transitions(tags)
    outside = np.array([tag[0] in "IL" for tag in tags])
    best = np.where(outside, -np.inf, logits[0])
    back = np.zeros(logits.shape, dtype=np.int8)
    for row in range(1, len(logits)):
        paths = best[:, None] + allowed
        back[row] = paths.argmax(axis=0)
        best = paths.max(axis=0) + logits[row]
    state = int(np.where([tag[0] in "BI" for tag in tags], -np.inf, best).argmax())
    path = [state]
    for row in range(len(logits) - 1, 0, -1):
        state = int(back[row, state])
        path.append(state)
    return _spans([tags[number] for number in reversed(path)])


def _transitions(tags: Sequence[str]) -> NDArray[np.float64]:
    """0 where the column's tag may follow the row's tag, else minus infinity."""
    free = [[_may_follow(before, after) for after in tags] for before in tags]
    return np.where(free, 0.0, -np.inf)


def _may_follow(before: str, after: str) -> bool:
    inside = before[0] in "BI"
    return (after[0] in "IL" and before[1:] == after[1:]) if inside else after[0] in "OBU"


def _spans(path: Sequence[str]) -> list[tuple[int, int, str]]:
    spans, start = [], 0
    for place, tag in enumerate(path):
        if tag[0] in "BU":
            start = place
        if tag[0] in "LU":
            spans.append((start, place + 1, tag[2:]))
    return spans
