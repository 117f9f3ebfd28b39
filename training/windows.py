"""Examples -> windows of arrays, as the model takes them, and batches of windows of about one length."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kg.pieces import CLS, NAME_TAGS, ROLE_TAGS, SEP, Pieces, cut_pieces, distance_bucket, plan_windows
from kg.reader import PAIR_LABELS, STATUSES
from training.model import MASK_PIECE, PairBatch
from training.prepare import AMOUNT, THING, Example, Mention, sentence_starts

MAX_PIECES = 382
"""Word pieces of a window without `[CLS]` and `[SEP]`."""
OVERLAP = 96
MAX_PAIRS = 300
"""Pairs of one window in training; where there are more, those without a link are sampled."""
CROSS_PAIRS = 60
"""Pairs across two documents that stand in one window: all are negative."""
MASKED_SHARE = 0.08
LOST_MENTION = 0.1
IGNORED = -100
LABEL_ID = {label: i for i, label in enumerate(PAIR_LABELS)}
STATUS_ID = {status.value: i for i, status in enumerate(STATUSES)}
NAME_ID = {tag: i for i, tag in enumerate(NAME_TAGS)}
ROLE_ID = {tag: i for i, tag in enumerate(ROLE_TAGS)}


@dataclass(slots=True)
class Item:
    """One window: pieces, the tag of each token, and its pairs.

    token_piece: first piece of each token. cells, known: [pair, label], what holds and what is annotated at all.
    statuses: rows of pair, predicate, status. further: rows of pair and further label that hold, task: the prefix of
    the further labels that are annotated, None for none.
    """

    ids: NDArray[np.int64]
    shapes: NDArray[np.int64]
    token_piece: NDArray[np.int64]
    names: NDArray[np.int64]
    roles: NDArray[np.int64]
    pairs: PairBatch
    pair_nodes: list[tuple[int, int]]
    cells: NDArray[np.float32]
    known: NDArray[np.float32]
    statuses: NDArray[np.int64]
    task: str | None = None
    further: list[tuple[int, str]] = field(default_factory=list)


def pack(examples: Sequence[Example], rng: random.Random, max_tokens: int) -> Example:
    """Several closed examples as one text; pairs across them are negatives, few of which are kept."""
    out = Example("+".join(e.id for e in examples), examples[0].group, [], [], [])
    pairs: set[tuple[int, int]] = set()
    part: list[int] = []
    surface: list[set[str]] = []
    for number, example in enumerate(examples):
        if out.tokens and len(out.tokens) + len(example.tokens) > max_tokens:
            break
        shift, base = len(out.tokens), len(out.nodes)
        out.tokens += [*example.tokens, "\n\n"]
        out.mentions += [Mention(m.start + shift, m.end + shift, m.node + base, m.named) for m in example.mentions]
        out.nodes += example.nodes
        out.labels |= {(s + base, o + base): cell for (s, o), cell in example.labels.items()}
        out.hidden |= {(s + base, o + base, label) for s, o, label in example.hidden}
        out.roles += [(a + shift, b + shift) for a, b in example.roles]
        out.unsure_roles += [(a + shift, b + shift) for a, b in example.unsure_roles]
        out.unsure |= {i + shift for i in example.unsure}
        part += [number] * len(example.nodes)
        forms: list[set[str]] = [set() for _ in example.nodes]
        for m in (m for m in example.mentions if m.named):
            forms[m.node].update(example.tokens[m.start : m.end])
        surface += forms
    n = len(out.nodes)
    pairs = {(s, o) for s in range(n) for o in range(n) if part[s] == part[o]}
    for _ in range(CROSS_PAIRS if n else 0):
        s, o = rng.randrange(n), rng.randrange(n)
        if part[s] != part[o] and not surface[s] & surface[o]:
            pairs.add((s, o))
    out.known_pairs = frozenset(pairs)
    return out


def to_items(example: Example, tokenizer: Tokenizer, rng: random.Random | None) -> list[Item]:
    """The example's windows. rng: given for training, where mentions are lost, nodes added and words masked."""
    pieces = cut_pieces(tokenizer, example.tokens)
    windows = plan_windows(pieces.first, sentence_starts(example.tokens), MAX_PIECES, OVERLAP)
    names, roles = name_tags(example), role_tags(example)
    items = []
    for window in windows:
        mentions = [m for m in example.mentions if window.start <= m.start and m.end <= window.end]
        if rng:
            mentions = _disturb(example, mentions, window.start, window.end, rng)
        items.append(_item(example, mentions, pieces, (window.start, window.end), rng))
        items[-1].names, items[-1].roles = names[window.start : window.end], roles[window.start : window.end]
    return items


def _disturb(example: Example, mentions: list[Mention], start: int, end: int, rng: random.Random) -> list[Mention]:
    """Lose some mentions of nodes that have others, and add nodes where a capital letter stands by itself."""
    left = [0] * len(example.nodes)
    for m in mentions:
        left[m.node] += 1
    kept = []
    for m in mentions:
        if left[m.node] > 1 and rng.random() < LOST_MENTION:
            left[m.node] -= 1
        else:
            kept.append(m)
    if example.known_labels is None:
        taken = {i for m in mentions for i in range(m.start, m.end)}
        free = [i for i in range(start, end) if i not in taken and example.tokens[i][:1].isupper()]
        for i in rng.sample(free, min(len(free), rng.choice((0, 0, 1, 1, 2)))):
            kept.append(Mention(i, i + 1, len(example.nodes) + len(kept)))
    return kept


def _item(
    example: Example, mentions: list[Mention], pieces: Pieces, window: tuple[int, int], rng: random.Random | None
) -> Item:
    start, end = window
    a, b = int(pieces.first[start]), int(pieces.first[end])
    ids = np.concatenate([[CLS], pieces.ids[a:b], [SEP]])
    shapes = np.concatenate([[0], pieces.shapes[a:b], [0]])
    first = pieces.first[start : end + 1] - a + 1
    if rng:
        for token in range(end - start):
            if rng.random() < MASKED_SHARE:
                ids[first[token] : first[token + 1]] = MASK_PIECE
    nodes = sorted({m.node for m in mentions})
    local = {node: i for i, node in enumerate(nodes)}
    pair_nodes = _choose_pairs(example, nodes, rng)
    distances = nearest(mentions, pair_nodes)
    pairs = PairBatch(
        torch.tensor([int(first[m.start - start]) for m in mentions], dtype=torch.long),
        torch.tensor([int(first[m.end - 1 - start]) for m in mentions], dtype=torch.long),
        torch.tensor([local[m.node] for m in mentions], dtype=torch.long),
        len(nodes),
        torch.tensor([local[s] for s, _ in pair_nodes], dtype=torch.long),
        torch.tensor([local[o] for _, o in pair_nodes], dtype=torch.long),
        torch.from_numpy(distance_bucket(distances)),
    )
    cells, known, statuses = _cells(example, pair_nodes)
    empty = np.zeros(0, dtype=np.int64)
    item = Item(ids, shapes, first[:-1], empty, empty, pairs, pair_nodes, cells, known, statuses, example.task)
    rows = ((row, example.further.get(pair, ())) for row, pair in enumerate(pair_nodes))
    item.further = [(row, label) for row, labels in rows for label in sorted(labels)]
    return item


def _choose_pairs(example: Example, nodes: Sequence[int], rng: random.Random | None) -> list[tuple[int, int]]:
    """Ordered pairs whose subject can be one; where there are too many, positives and a sample of the rest."""

    def kind(node: int) -> str:
        return example.nodes[node] if node < len(example.nodes) else "Spurious"

    def is_known(pair: tuple[int, int]) -> bool:
        spurious = max(pair) >= len(example.nodes)
        return example.known_pairs is None or pair in example.known_pairs or spurious

    subjects = [n for n in nodes if kind(n) not in (AMOUNT, "Place")]
    pairs = [(s, o) for s in subjects for o in nodes if s != o and is_known((s, o))]
    if rng is None or len(pairs) <= MAX_PAIRS:
        return pairs
    positive = [p for p in pairs if p in example.labels or p in example.further]
    others = [p for p in pairs if p not in example.labels and p not in example.further]
    return positive + rng.sample(others, max(0, MAX_PAIRS - len(positive)))


def nearest(mentions: Sequence[Mention], pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Signed distance in tokens from the subject to the object, between their nearest mentions."""
    starts: dict[int, list[int]] = {}
    for m in mentions:
        starts.setdefault(m.node, []).append(m.start)
    gaps = [min((o - s for s in starts[a] for o in starts[b]), key=lambda g: (abs(g), g)) for a, b in pairs]
    return np.array(gaps, dtype=np.int64)


def _cells(
    example: Example, pairs: Sequence[tuple[int, int]]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    cells = np.zeros((len(pairs), len(PAIR_LABELS)), dtype=np.float32)
    known = np.ones_like(cells)
    if example.known_labels is not None:
        known[:] = [label in example.known_labels for label in PAIR_LABELS]
    statuses = []
    for row, pair in enumerate(pairs):
        for label, status in example.labels.get(pair, {}).items():
            cells[row, LABEL_ID[label]] = known[row, LABEL_ID[label]] = 1
            if status is not None:
                statuses.append((row, LABEL_ID[label], STATUS_ID[status]))
    row_of = {pair: row for row, pair in enumerate(pairs)}
    for s, o, label in example.hidden:
        row = row_of.get((s, o), -1)
        if row >= 0 and not cells[row, LABEL_ID[label]]:
            known[row, LABEL_ID[label]] = 0
    return cells, known, np.array(statuses, dtype=np.int64).reshape(-1, 3)


def name_tags(example: Example) -> NDArray[np.int64]:
    """Number of each token's name tag; IGNORED where it is not known."""
    tags = np.zeros(len(example.tokens), dtype=np.int64)
    for m in example.mentions:
        if m.named and example.nodes[m.node] not in (AMOUNT, THING):
            _write(tags, m.start, m.end, NAME_ID, example.nodes[m.node])
    tags[sorted(example.unsure)] = IGNORED
    return tags


def role_tags(example: Example) -> NDArray[np.int64]:
    """Number of each token's role tag; IGNORED where a position's words stand without being its place."""
    tags = np.full(len(example.tokens), 0 if example.has_roles else IGNORED, dtype=np.int64)
    for start, end in example.unsure_roles:
        tags[start:end] = IGNORED
    for start, end in example.roles:
        _write(tags, start, end, ROLE_ID, "Role")
    return tags


def _write(tags: NDArray[np.int64], start: int, end: int, ids: dict[str, int], label: str) -> None:
    if end - start == 1:
        tags[start] = ids[f"U-{label}"]
        return
    tags[start], tags[start + 1 : end - 1], tags[end - 1] = ids[f"B-{label}"], ids[f"I-{label}"], ids[f"L-{label}"]


@dataclass(slots=True)
class Batch:
    """Windows padded to the longest."""

    items: list[Item]
    ids: torch.Tensor
    shapes: torch.Tensor
    present: torch.Tensor


def batches(items: Sequence[Item], max_pieces: int, rng: random.Random | None) -> Iterator[Batch]:
    """Batches of windows of about one length, `max_pieces` with padding at most, in random order where rng is given."""
    order = sorted(range(len(items)), key=lambda i: (len(items[i].ids), rng.random() if rng else i))
    groups: list[list[int]] = [[]]
    for i in order:
        if groups[-1] and len(items[i].ids) * (len(groups[-1]) + 1) > max_pieces:
            groups.append([])
        groups[-1].append(i)
    if rng:
        rng.shuffle(groups)
    for group in groups:
        yield collate([items[i] for i in group])


def collate(items: list[Item]) -> Batch:
    length = max(len(item.ids) for item in items)
    ids = torch.zeros(len(items), length, dtype=torch.long)
    shapes = torch.zeros_like(ids)
    for row, item in enumerate(items):
        ids[row, : len(item.ids)] = torch.from_numpy(item.ids)
        shapes[row, : len(item.ids)] = torch.from_numpy(item.shapes)
    sizes = torch.tensor([len(item.ids) for item in items])
    return Batch(items, ids, shapes, torch.arange(length) < sizes[:, None])
