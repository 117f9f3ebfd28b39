"""Texts to measure with, made from a folder of documents: many short ones, or one as long as is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

PARAGRAPHS = 12
"""Paragraphs of a short text: some 400 words of the seed documents, about a news article."""
STRIDE = 7
"""Paragraphs between the beginnings of two short texts."""


def read_paragraphs(folder: Path) -> list[str]:
    """The lines of all .txt files of a folder that are not blank, in order of the files' names."""
    texts = (file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.txt")))
    return [line for text in texts for line in text.splitlines() if line.strip()]


def n_words(text: str) -> int:
    """Words between white space: what `wc -w` counts."""
    return len(text.split())


def short_texts(paragraphs: list[str], words: int) -> list[str]:
    """Texts of PARAGRAPHS paragraphs, at least `words` words together; the paragraphs come round and round."""
    texts: list[str] = []
    total = 0
    for start in count(0, STRIDE):
        if total >= words:
            return texts
        texts.append("\n\n".join(islice(_round(paragraphs, start), PARAGRAPHS)))
        total += n_words(texts[-1])
    return texts


def long_text(paragraphs: list[str], words: int) -> str:
    """One text of at least `words` words: all paragraphs, again and again."""
    chosen: list[str] = []
    total = 0
    for paragraph in _round(paragraphs, 0):
        if total >= words:
            break
        chosen.append(paragraph)
        total += n_words(paragraph)
    return "\n\n".join(chosen)


def _round(paragraphs: list[str], start: int) -> Iterator[str]:
    return (paragraphs[n % len(paragraphs)] for n in count(start))
