"""Speed and memory of extraction: `make bench`, or `python -m benchmarks.speed --help`.

Each figure is of a process of its own, as the operating system counts it at its end. This process stays small and
imports nothing of kg: a child's peak memory is never below that of the process that started it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.texts import long_text, n_words, read_paragraphs, short_texts

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds" / "documents"
LENGTHS = (10_000, 50_000, 200_000)
MILLION = 1_000_000
CORPUS_WORDS = 40_000
BYTES = 1 if sys.platform == "darwin" else 1024
"""Unit of the peak memory that the operating system gives."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    wall_s, cpu_s: seconds, by the clock and of the processor (user and system, all processes of the task together).
    peak_mb: largest memory of one process, in 10^6 bytes.
    """

    task: str
    words: int
    wall_s: float
    cpu_s: float
    peak_mb: float

    @property
    def words_per_s(self) -> float:
        """Words in a second by the clock."""
        return self.words / self.wall_s

    @property
    def words_per_cpu_s(self) -> float:
        """Words in a second of one processor: what the clock would say of one free core."""
        return self.words / self.cpu_s


def run_task(task: str, arguments: Sequence[str], words: int, *, inner: str = "") -> Row:
    """Run a Python process to its end. inner: `read`, where the process prints the seconds of its part of that name.

    Raises RuntimeError where the process fails.
    """
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall, cpu = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
    if process.returncode:
        raise RuntimeError(f"{task} ended with exit code {process.returncode}")
    if inner:
        seconds = json.loads(said)
        wall, cpu = seconds[f"{inner}_wall_s"], seconds[f"{inner}_cpu_s"]
    return Row(task, words, wall, cpu, usage.ru_maxrss * BYTES / 1e6)


def measure_corpus(folder: Path, words: int) -> list[Row]:
    """Rows of many short documents: load alone, one process, `kg extract` with every core, and spaCy."""
    cores = str(os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as out:
        extract = ["-m", "kg.cli", "extract", str(folder), "--out", out, "--workers", cores]
        return [
            run_task("load", ["-m", "benchmarks.tasks", "load"], 0),
            run_task(
                "tracegraph, one process", ["-m", "benchmarks.tasks", "tracegraph", str(folder)], words, inner="read"
            ),
            run_task(f"kg extract --workers {cores}, load included", extract, words),
            run_task("spaCy as en_core_web_sm", ["-m", "benchmarks.tasks", "spacy", str(folder)], words, inner="read"),
        ]


def measure_lengths(paragraphs: list[str], lengths: Sequence[int]) -> list[Row]:
    """A row for each length, in words, of one document."""
    rows = []
    for length in lengths:
        with tempfile.TemporaryDirectory() as folder:
            text = long_text(paragraphs, length)
            (Path(folder) / "long.txt").write_text(text, encoding="utf-8")
            arguments = ["-m", "benchmarks.tasks", "tracegraph", folder]
            rows.append(run_task(f"one document, {length:,} words", arguments, n_words(text), inner="read"))
    return rows


def measure(documents: Path | None, words: int, lengths: Sequence[int]) -> list[Row]:
    """All rows. documents: a folder of .txt files; without it short texts are made of the seed documents."""
    paragraphs = read_paragraphs(documents or SEEDS)
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(short_texts(paragraphs, words)):
            (Path(folder) / f"{number:05}.txt").write_text(text, encoding="utf-8")
        total = sum(n_words(file.read_text(encoding="utf-8")) for file in Path(folder).iterdir())
        rows = measure_corpus(Path(folder), total)
    return [*rows, *measure_lengths(paragraphs, lengths)]


def table(rows: Sequence[Row]) -> str:
    """The rows for a person."""
    lines = [f"{'task':44} {'words':>9} {'wall s':>8} {'cpu s':>8} {'words/s':>8} {'words/cpu s':>11} {'peak MB':>8}"]
    for row in rows:
        speeds = f"{row.words_per_s:8,.0f} {row.words_per_cpu_s:11,.0f}" if row.words else f"{'':8} {'':11}"
        lines.append(f"{row.task:44} {row.words:9,} {row.wall_s:8.1f} {row.cpu_s:8.1f} {speeds} {row.peak_mb:8,.0f}")
    by_task = {row.task.split(",")[0]: row for row in rows if row.words}
    ours, theirs = by_task["tracegraph"], by_task["spaCy as en_core_web_sm"]
    lines.append(f"tracegraph reads {ours.words_per_cpu_s / theirs.words_per_cpu_s:.2f} words where spaCy reads one")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description="Speed and memory of extraction.")
    parser.add_argument("--documents", type=Path, metavar="DIR", help="folder of .txt files (default seeds/documents)")
    parser.add_argument(
        "--words", type=int, default=CORPUS_WORDS, help="words of the short documents (default %(default)s)"
    )
    parser.add_argument("--million", action="store_true", help="also one document of a million words")
    parser.add_argument("--json", action="store_true", help="JSON in the place of the table")
    args = parser.parse_args(arguments)
    rows = measure(args.documents, args.words, (*LENGTHS, MILLION) if args.million else LENGTHS)
    print(json.dumps([asdict(row) for row in rows], indent=1) if args.json else table(rows))


if __name__ == "__main__":
    main()
