"""A checkpoint -> kg/weights: encoder.onnx (int8), pairs.onnx, tokenizer.json, reader.json.

    python -m training.export --run training/runs/first

Word embeddings become int8 with one scale a row, weights of matrix products int8 with one scale a column; activations
are quantised as they come. Calibrated on the held-out documents with names and clusters as the model itself finds them.
Files are written beside the old ones and then renamed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from kg.pieces import NAME_TAGS, ROLE_TAGS
from kg.reader import PAIR_LABELS, STATUSES
from training.calibrate import IDENTITY, calibrate
from training.model import HEAD_WIDTH, HEADS, WIDTH, Encoder, PairHead, ReaderModel, load_model, pretrained_folder
from training.notation import Json
from training.prepare import annotated, split
from training.windows import MAX_PIECES, OVERLAP


class ExportedEncoder(nn.Module):
    """The encoder for one window, with word embeddings of one byte a number."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        table = encoder.words.weight.detach()
        scale = table.abs().amax(dim=1, keepdim=True) / 127
        self.register_buffer("scale", scale)
        self.register_buffer("table", torch.round(table / scale.clamp(min=1e-12)).to(torch.int8))
        self.encoder = encoder

    def forward(self, ids: Tensor, shapes: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """ids, shapes: [piece]. Gives states, queries, keys and tag logits, [piece, ...] each."""
        words = self.table[ids].float() * self.scale[ids]
        encoder = self.encoder
        places = encoder.places.weight[: ids.shape[0]]
        states = encoder.norm(words + places + encoder.segment + encoder.shapes(shapes))[None]
        query = key = states
        for layer in encoder.layers:
            states, query, key = layer(states, torch.zeros(1))
        return states[0], query[0], key[0], encoder.tags(states)[0]


def export_encoder(encoder: Encoder, folder: Path, *, quantised: bool) -> None:
    """Write encoder.onnx. quantised: int8; otherwise float32, to compare with."""
    example = (torch.arange(1000, 1012), torch.zeros(12, dtype=torch.long))
    whole = folder / "float.onnx"
    torch.onnx.export(
        ExportedEncoder(encoder).eval(),
        example,
        str(whole),
        input_names=["ids", "shapes"],
        output_names=["hidden", "query", "key", "tags"],
        dynamic_axes={name: {0: "pieces"} for name in ("ids", "shapes", "hidden", "query", "key", "tags")},
        opset_version=17,
        dynamo=False,
    )
    if quantised:
        quantize_dynamic(
            str(whole),
            str(folder / "encoder.onnx"),
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=False,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
        whole.unlink()
    else:
        whole.rename(folder / "encoder.onnx")


class ExportedPairs(nn.Module):
    """The pair head for one window, with a matrix of ones and zeros, [node, mention]: whose each mention is."""

    def __init__(self, head: PairHead) -> None:
        super().__init__()
        self.head = head

    def forward(
        self,
        hidden: Tensor,
        query: Tensor,
        key: Tensor,
        first: Tensor,
        last: Tensor,
        pool: Tensor,
        subjects: Tensor,
        objects: Tensor,
        distances: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """query: rows of the mentions. Gives [pair, label] and [pair, predicate, status]."""
        mentions = (hidden[first] + hidden[last]) / 2
        top = mentions.max()
        nodes = torch.log(pool @ torch.exp(mentions - top) + 1e-30) + top
        q = query.view(-1, HEADS, HEAD_WIDTH).transpose(0, 1)
        k = key.view(-1, HEADS, HEAD_WIDTH).permute(1, 2, 0)
        looks = (pool / pool.sum(1, keepdim=True)) @ torch.softmax(q @ k * HEAD_WIDTH**-0.5, dim=-1)
        shared = (looks[:, subjects] * looks[:, objects]).sum(0)
        context = (shared / (shared.sum(-1, keepdim=True) + 1e-8)) @ hidden
        return self.head.score(nodes[subjects], nodes[objects], context, distances)


def export_pairs(head: PairHead, folder: Path) -> None:
    """Write pairs.onnx, in float32."""
    pairs = torch.tensor([0, 1, 1])
    example = (torch.randn(9, WIDTH), torch.randn(3, WIDTH), torch.randn(9, WIDTH), pairs, pairs, torch.eye(3))
    names = ["hidden", "query", "key", "first", "last", "pool", "subjects", "objects", "distances"]
    axes = {name: {0: "pairs"} for name in ("subjects", "objects", "distances", "labels", "statuses")}
    axes |= {name: {0: "mentions"} for name in ("query", "first", "last")}
    torch.onnx.export(
        ExportedPairs(head).eval(),
        (*example, pairs, pairs, pairs),
        str(folder / "pairs.onnx"),
        input_names=names,
        output_names=["labels", "statuses"],
        dynamic_axes=axes | {"hidden": {0: "pieces"}, "key": {0: "pieces"}, "pool": {0: "nodes", 1: "mentions"}},
        opset_version=17,
        dynamo=False,
    )


def export_rest(model: ReaderModel, folder: Path, calibration: Json) -> None:
    """Write the pair head, the tokenizer and what the reader has to know."""
    export_pairs(model.pairs, folder)
    shutil.copyfile(pretrained_folder() / "tokenizer.json", folder / "tokenizer.json")
    plan = {
        "name_tags": NAME_TAGS,
        "role_tags": ROLE_TAGS,
        "pair_labels": PAIR_LABELS,
        "statuses": STATUSES,
        "max_pieces": MAX_PIECES,
        "overlap": OVERLAP,
        "calibration": calibration,
    }
    (folder / "reader.json").write_text(json.dumps(plan, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, default=Path("training/runs/first"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--weights", type=Path, default=Path("kg/weights"))
    parser.add_argument("--float", action="store_true", help="leave the encoder in float32")
    args = parser.parse_args()
    torch.set_num_threads(2)
    model = load_model(args.run / "checkpoint.pt")
    held_out = split(annotated(args.data))[1]
    args.weights.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=args.weights.parent) as name:
        folder = Path(name)
        export_encoder(model.encoder, folder, quantised=not args.float)
        export_rest(model, folder, IDENTITY)
        export_rest(model, folder, calibrate(folder, held_out))
        for file in sorted(folder.iterdir()):
            file.replace(args.weights / file.name)
    total = sum(f.stat().st_size for f in args.weights.iterdir())
    print(f"{total / 1e6:.1f} MB in {args.weights}")


if __name__ == "__main__":
    main()
