"""Train the reader's model; saves a checkpoint after every epoch and goes on from it.

python -m training.train --run training/runs/first --epochs 20
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, distributed
from torch.nn import functional

from kg.pieces import NAME_TAGS, load_tokenizer
from kg.reader import STATUSES
from training.augment import Pools, load_pools, rename
from training.extra import extra_examples, further_labels
from training.model import PairInput, ReaderModel, bilinear, pretrained_folder
from training.prepare import Example, annotated, split, to_example
from training.windows import IGNORED, Batch, Item, batches, pack, to_items

ENCODER_RATE, HEAD_RATE = 1.2e-4, 6e-4
WARM_UP = 0.06
RENAMED_SHARE = 0.7
PACKED_SHARE = 0.5
PACKED_TOKENS = 150
"""Documents of at most as many tokens are packed together, about PACKED_SHARE of them."""
PAIR_WEIGHT, STATUS_WEIGHT, ROLE_WEIGHT = 1.0, 0.5, 0.5
EXTRA_SHARES = {"core": 0.25, "knowledgenet": 0.05, "few_nerd": 0.25, "fewrel": 0.4, "re_docred": 0.05}
FURTHER_WEIGHT = 0.5
PAIRS_A_UNIT = 10.0
"""The pair loss is summed over labels and divided by a tenth of the pairs: about one pair in ten is linked."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--run", type=Path, default=Path("training/runs/first"))
    parser.add_argument("--start", type=Path, help="weights to begin with (a checkpoint of another run)")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--until", type=int, help="epochs after which to stop; the rates fall as if all were run")
    parser.add_argument("--extra", type=int, default=0, help="further examples of the other data sets, an epoch")
    parser.add_argument("--extra-epochs", type=int, default=0, help="epochs with further examples, at the beginning")
    parser.add_argument("--all", action="store_true", help="train on dev too (for the last model)")
    parser.add_argument(
        "--batch-pieces", type=int, default=1536, help="word pieces of a worker's batch, padding included"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each that share every step")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        meeting = f"file://{folder}/meeting"
        torch.multiprocessing.spawn(run, args=(args, meeting), nprocs=args.workers)


@dataclass(slots=True)
class Corpus:
    """What epochs are made of."""

    examples: list[Example]
    extra: list[Example]
    pools: Pools
    tokenizer: Tokenizer
    further: list[str]


def run(rank: int, args: argparse.Namespace, meeting: str) -> None:
    """One worker: it reads its share of each epoch; gradients are averaged over the workers at every step."""
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=args.workers)
    corpus = _corpus(args)
    model = ReaderModel(len(corpus.further))
    model.encoder.load_pretrained(pretrained_folder())
    if args.start:
        model.load_state_dict(torch.load(args.start, weights_only=True)["model"])
    optimizer = _optimizer(model)
    for epoch in range(_resume(args.run, model, optimizer), args.until or args.epochs):
        started = time.monotonic()
        items = _epoch_items(corpus, args, epoch, rank)
        losses = _epoch(model, items, optimizer, _Moment(args, epoch, rank, corpus.further))
        if rank == 0:
            _save(args.run, model, optimizer, epoch + 1)
            line = {"epoch": epoch + 1, "windows": len(items), "seconds": round(time.monotonic() - started)} | losses
            with (args.run / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
            print(line, flush=True)
    distributed.destroy_process_group()


def _corpus(args: argparse.Namespace) -> Corpus:
    documents = annotated(args.data)
    train, _ = split(documents)
    return Corpus(
        [to_example(d) for d in (documents if args.all else train)],
        extra_examples(args.data, documents) if args.extra else [],
        load_pools(args.data),
        load_tokenizer(pretrained_folder() / "tokenizer.json"),
        further_labels(args.data),
    )


def _epoch_items(corpus: Corpus, args: argparse.Namespace, epoch: int, rank: int) -> list[Item]:
    """The windows of a worker's share of an epoch: about half of the documents renamed, about half packed together."""
    shared = random.Random(f"{args.seed}-{epoch}")
    order = shared.sample(range(len(corpus.examples)), len(corpus.examples))[rank :: args.workers]
    further: list[int] = []
    if corpus.extra and epoch < args.extra_epochs:
        further = _choose_extra(corpus.extra, args.extra, shared)[rank :: args.workers]
    rng = random.Random(f"{args.seed}-{epoch}-{rank}")
    out, row = [], []
    for example in (_maybe_rename(corpus.examples[i], corpus.pools, rng) for i in order):
        if len(example.tokens) > PACKED_TOKENS or rng.random() >= PACKED_SHARE:
            out.append(example)
            continue
        row.append(example)
        if sum(len(e.tokens) for e in row) > rng.choice((80, 160, 240)):
            out.append(pack(row, rng, 240 + PACKED_TOKENS))
            row = []
    out += row + [_maybe_rename(corpus.extra[i], corpus.pools, rng) for i in further]
    return [item for example in out for item in to_items(example, corpus.tokenizer, rng)]


def _choose_extra(extra: Sequence[Example], count: int, rng: random.Random) -> list[int]:
    """Numbers of `count` further examples, in the shares of EXTRA_SHARES."""
    chosen: list[int] = []
    for source, share in EXTRA_SHARES.items():
        numbers = [i for i, example in enumerate(extra) if example.id.split(" ")[0] == source]
        chosen += rng.sample(numbers, min(len(numbers), round(count * share)))
    return chosen


def _maybe_rename(example: Example, pools: Pools, rng: random.Random) -> Example:
    return rename(example, pools, rng) if rng.random() < RENAMED_SHARE else example


def _optimizer(model: ReaderModel) -> torch.optim.Optimizer:
    new = ("encoder.tags.", "encoder.shapes.", "pairs.", "further.")
    heads = [p for n, p in model.named_parameters() if n.startswith(new)]
    body = [p for n, p in model.named_parameters() if not n.startswith(new) and p.requires_grad]
    groups = [{"params": body, "lr": ENCODER_RATE}, {"params": heads, "lr": HEAD_RATE}]
    return torch.optim.AdamW(groups, weight_decay=0.05, fused=True)


def _set_rates(optimizer: torch.optim.Optimizer, done: float) -> None:
    """Rates after the share `done` of the run: a linear rise, then a linear fall."""
    factor = min((done + 1e-3) / WARM_UP, max(0.02, (1 - done) / (1 - WARM_UP)))
    for group, rate in zip(optimizer.param_groups, (ENCODER_RATE, HEAD_RATE), strict=True):
        group["lr"] = rate * factor


def _resume(folder: Path, model: ReaderModel, optimizer: torch.optim.Optimizer) -> int:
    """Epochs done: those of the folder's checkpoint, which is loaded, or 0."""
    file = folder / "checkpoint.pt"
    if not file.exists():
        return 0
    state = torch.load(file, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["epoch"])


def _save(folder: Path, model: ReaderModel, optimizer: torch.optim.Optimizer, epoch: int) -> None:
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
    torch.save(state, folder / "checkpoint.tmp")
    (folder / "checkpoint.tmp").replace(folder / "checkpoint.pt")


@dataclass(frozen=True, slots=True)
class _Moment:
    """Where a worker stands in a run."""

    args: argparse.Namespace
    epoch: int
    rank: int
    further: list[str]


def _epoch(
    model: ReaderModel, items: Sequence[Item], optimizer: torch.optim.Optimizer, moment: _Moment
) -> dict[str, float]:
    """Train on the items; mean losses of this worker."""
    model.train()
    name = f"{moment.args.seed}-{moment.epoch}-{moment.rank}"
    torch.manual_seed(zlib.crc32(name.encode()))
    queue = list(batches(items, moment.args.batch_pieces, random.Random(name)))
    n_steps = torch.tensor(len(queue))
    distributed.all_reduce(n_steps, distributed.ReduceOp.MIN)
    parameters = [p for p in model.parameters() if p.requires_grad]
    totals: dict[str, list[float]] = {}
    for step in range(int(n_steps)):
        _set_rates(optimizer, (moment.epoch + step / int(n_steps)) / moment.args.epochs)
        losses = batch_losses(model, queue[step], moment.further)
        torch.stack(list(losses.values())).sum().backward()
        _average_gradients(parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        for part, loss in losses.items():
            totals.setdefault(part, []).append(loss.item())
    return {part: round(float(np.mean(values)), 4) for part, values in totals.items()}


def _average_gradients(parameters: Sequence[Tensor]) -> None:
    """One all-reduce of all gradients; a parameter that this worker's batch did not touch counts as zero."""
    grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
    flat = torch.cat([g.flatten() for g in grads])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    at = 0
    for parameter in parameters:
        parameter.grad = flat[at : at + parameter.numel()].view_as(parameter)
        at += parameter.numel()


def batch_losses(model: ReaderModel, batch: Batch, further: Sequence[str]) -> dict[str, Tensor]:
    """Weighted losses of the heads; the encoder runs in bfloat16, the heads in float32."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        encoded = model.encoder(batch.ids, batch.shapes, batch.present)
    hidden, query, key, tags = (t.float() for t in (encoded.hidden, encoded.query, encoded.key, encoded.tags))
    rows = torch.cat([tags[i, torch.from_numpy(item.token_piece)] for i, item in enumerate(batch.items)])
    names = torch.from_numpy(np.concatenate([item.names for item in batch.items]))
    roles = torch.from_numpy(np.concatenate([item.roles for item in batch.items]))
    losses = {
        "names": _cross_entropy(rows[:, : len(NAME_TAGS)], names),
        "roles": ROLE_WEIGHT * _cross_entropy(rows[:, len(NAME_TAGS) :], roles),
    }
    inputs, cells, known, wanted = [], [], [], []
    n_pairs = 0
    for i, item in enumerate(batch.items):
        if item.pair_nodes:
            size = len(item.ids)
            inputs.append(PairInput(hidden[i, :size], query[i, :size], key[i, :size], item.pairs))
            cells.append(item.cells)
            known.append(item.known)
            wanted.append(item.statuses + np.array([[n_pairs, 0, 0]]))
            n_pairs += len(item.pair_nodes)
    if inputs:
        labels, states, blocks = model.pairs(inputs)
        cell = functional.binary_cross_entropy_with_logits(
            labels, torch.from_numpy(np.concatenate(cells)), reduction="none"
        )
        mask = torch.from_numpy(np.concatenate(known))
        losses["pairs"] = PAIR_WEIGHT * PAIRS_A_UNIT * (cell * mask).sum() / max(int((mask.sum(1) > 0).sum()), 1)
        rows_wanted = torch.from_numpy(np.concatenate(wanted))
        if len(rows_wanted):
            chosen = model.pairs.status_of(states, rows_wanted[:, 0], rows_wanted[:, 1])
            losses["status"] = STATUS_WEIGHT * _cross_entropy(chosen, rows_wanted[:, 2], STATUS_BALANCE)
        losses |= _further_loss(model, batch, blocks, further)
    return losses


def _further_loss(model: ReaderModel, batch: Batch, blocks: Tensor, further: Sequence[str]) -> dict[str, Tensor]:
    """Loss of the labels that only training knows, over the pairs of the windows that answer some of them."""
    rows: list[int] = []
    right: list[tuple[int, int]] = []
    asked: list[str] = []
    base = 0
    for item in batch.items:
        if item.task:
            right += [(len(rows) + row, further.index(label)) for row, label in item.further]
            rows += range(base, base + len(item.pair_nodes))
            asked += [item.task] * len(item.pair_nodes)
        base += len(item.pair_nodes)
    if not rows:
        return {}
    logits = bilinear(model.further, blocks[torch.tensor(rows)], model.training)
    wanted = torch.zeros_like(logits)
    for row, label in right:
        wanted[row, label] = 1
    known = torch.tensor([[label.startswith(task) for label in further] for task in sorted(set(asked))])
    mask = known[torch.tensor([sorted(set(asked)).index(task) for task in asked])].float()
    loss = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    unit = max(len({row for row, _ in right}), len(rows) / PAIRS_A_UNIT)
    return {"further": FURTHER_WEIGHT * (loss * mask).sum() / unit}


STATUS_BALANCE = torch.tensor([0.7 if status.value == "actual" else 1.5 for status in STATUSES])


def _cross_entropy(logits: Tensor, wanted: Tensor, balance: Tensor | None = None) -> Tensor:
    if not bool((wanted != IGNORED).any()):
        return logits.sum() * 0
    return functional.cross_entropy(logits, wanted, weight=balance, ignore_index=IGNORED)


if __name__ == "__main__":
    main()
