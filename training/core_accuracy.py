"""Accuracy over CORE's twelve relations, between the two given names, on the sentences of it that no training sees.

    python -m training.core_accuracy --run training/runs/second

The head that answers is trained beside the reader and not shipped: it measures what the encoder has learnt of links.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer

from kg.pieces import load_tokenizer
from training.extra import core, further_labels, held_back
from training.model import PairInput, ReaderModel, bilinear, load_model, pretrained_folder
from training.prepare import Example, annotated
from training.windows import collate, to_items


def answers(
    model: ReaderModel, tokenizer: Tokenizer, labels: list[str], examples: list[Example]
) -> Iterator[tuple[str, str]]:
    """The right relation and the likeliest one of each sentence."""
    choices = [i for i, label in enumerate(labels) if label.startswith("core:")]
    for example in examples:
        item = to_items(example, tokenizer, None)[0]
        batch = collate([item])
        encoded = model.encoder(batch.ids, batch.shapes, batch.present)
        _, _, blocks = model.pairs([PairInput(encoded.hidden[0], encoded.query[0], encoded.key[0], item.pairs)])
        row = item.pair_nodes.index((0, 1))
        logits = bilinear(model.further, blocks[row : row + 1], training=False)[0, choices]
        ((right,),) = example.further.values()
        yield right, labels[choices[int(logits.argmax())]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--run", type=Path, default=Path("training/runs/second"))
    args = parser.parse_args()
    examples = held_back(core(args.data), annotated(args.data))
    model = load_model(args.run / "checkpoint.pt")
    tokenizer = load_tokenizer(pretrained_folder() / "tokenizer.json")
    with torch.inference_mode():
        found = list(answers(model, tokenizer, further_labels(args.data), examples))
    for label, n in Counter(right for right, _ in found).most_common():
        print(f"{label:28} {sum(a == b for a, b in found if a == label):4} of {n}")
    print(f"accuracy {sum(a == b for a, b in found) / len(found):.3f} on {len(found)} sentences")


if __name__ == "__main__":
    main()
