"""What a build of many thousand texts costs, what one more text costs, and how long the entities alone take.

The texts are put together from open data sets (NOTICE names them): documents of Re-DocRED and DocRED as they are, then
passages of KnowledgeNet and sentences of CORE, Few-NERD and FewRel, SENTENCES a text. No two are equal.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from benchmarks.annotated import SENTENCES
from benchmarks.speed import BYTES, Row, run_task
from benchmarks.texts import n_words
from kg.build_cache import open_cache
from kg.cli import main as run_kg
from kg.entities import resolve
from kg.profiles import Profile

WORKERS = 2


def open_texts(data: Path) -> Iterator[str]:
    """Texts in a fixed order: whole documents first, then those put together."""
    for file in ("re_docred/train_500.json", "docred_entities/entities_only_1000.json"):
        for document in json.loads((data / file).read_text(encoding="utf-8")):
            yield _joined(" ".join(words) for words in document["sents"])
    passages = dict.fromkeys(chain(_knowledgenet(data), _core(data), _few_nerd(data), _fewrel(data)))
    rest = iter(passages)
    while group := list(islice(rest, SENTENCES)):
        yield _joined(group)


def _joined(sentences: Iterator[str] | Sequence[str]) -> str:
    """Sentences of tokens as running text, as far as blanks before marks go."""
    text = " ".join(sentences)
    for mark in (" ,", " .", " ;", " :", " )", " 's", " %"):
        text = text.replace(mark, mark.lstrip())
    return text.replace("( ", "(").replace("$ ", "$")


def _knowledgenet(data: Path) -> Iterator[str]:
    for line in (data / "knowledgenet/folds_1_3.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)["passageText"].strip()


def _core(data: Path) -> Iterator[str]:
    for row in json.loads((data / "core/train.json").read_text(encoding="utf-8")):
        yield " ".join(row["context"])


def _few_nerd(data: Path) -> Iterator[str]:
    for line in (data / "few_nerd/sample.jsonl").read_text(encoding="utf-8").splitlines():
        yield " ".join(json.loads(line)["tokens"])
    for file in ("inter_test.txt", "inter_val.txt"):
        for block in (data / "few_nerd" / file).read_text(encoding="utf-8").split("\n\n"):
            yield " ".join(line.split("\t")[0] for line in block.splitlines())


def _fewrel(data: Path) -> Iterator[str]:
    for line in (data / "fewrel/wiki_66_relations.jsonl").read_text(encoding="utf-8").splitlines():
        yield " ".join(json.loads(line)["token"])


def measure_scale(data: Path, n: int) -> list[Row]:
    """Rows of a build of n texts, of the same with one text more, and of the entities alone; a fresh process each."""
    texts = list(islice(open_texts(data), n + 1))
    if len(texts) <= n:
        raise ValueError(f"{data} gives {len(texts):,} texts, not {n + 1:,}")
    with tempfile.TemporaryDirectory() as place:
        folder, store = Path(place) / "texts", Path(place) / "store"
        folder.mkdir()
        for number, text in enumerate(texts[:n]):
            (folder / f"{number:06}.txt").write_text(text, encoding="utf-8")
        build = ["-m", "benchmarks.scale", "build", str(folder), "--store", str(store), "--workers", str(WORKERS)]
        words = sum(map(n_words, texts[:n]))
        rows = [run_task(f"kg build, {n:,} texts", build, words)]
        (folder / f"{n:06}.txt").write_text(texts[n], encoding="utf-8")
        rows.append(run_task("kg build, one text more", build, n_words(texts[n])))
        alone = ["-m", "benchmarks.resolution", "--store", str(store)]
        rows.append(run_task("entities alone", alone, 0, inner="resolve"))
    return rows


def stored_profiles(store: Path) -> list[Profile]:
    """The profiles that a store keeps."""
    with open_cache(store) as cache:
        return list(cache.profiles().values())


def time_resolve(profiles: Sequence[Profile]) -> dict[str, float]:
    """Seconds of kg.entities over the profiles, in the form that run_task reads, the peak of memory, and counts."""
    wall, cpu = time.perf_counter(), time.process_time()
    resolution = resolve(profiles)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES / 1e6
    counts = {
        "peak_mb": peak_mb,
        "documents": len(profiles),
        "clusters": len(resolution.iri_of),
        "entities": len(resolution.entities),
    }
    return {"resolve_wall_s": wall, "resolve_cpu_s": cpu, **counts}


def main() -> None:
    """Run `kg` with the arguments, and end with 0 too where a build has findings: a claim that the shapes refuse."""
    code = run_kg(sys.argv[1:])
    sys.exit(code if code > 1 else 0)


if __name__ == "__main__":
    main()
