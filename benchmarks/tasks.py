"""What is measured, one task a fresh process: `python -m benchmarks.tasks TASK [FOLDER]` prints its seconds as JSON.

load: the shipped pipeline is loaded. tracegraph: it then reads all .txt files of a folder, one after the other. spacy:
the same with a spaCy pipeline of the size of en_core_web_sm.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import spacy
from spacy.language import Language

from kg.documents import list_sources, read_source
from kg.pipeline import extract_document, load_pipeline
from kg.records import Refusal

ENTITY_LABELS = (
    "CARDINAL DATE EVENT FAC GPE LANGUAGE LAW LOC MONEY NORP ORDINAL ORG PERCENT PERSON PRODUCT QUANTITY TIME"
    " WORK_OF_ART"
).split()
"""The names of OntoNotes, which en_core_web_sm finds."""
N_TAGS, N_DEPENDENCIES = 50, 45
"""As many as en_core_web_sm has; which they are makes no difference to the cost."""
MAX_BYTES = 10**9
Result = TypeVar("Result")
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96}
TRANSITIONS = {
    "@architectures": "spacy.TransitionBasedParser.v2",
    "extra_state_tokens": False,
    "hidden_width": 64,
    "maxout_pieces": 2,
    "use_upper": True,
    "nO": None,
    "tok2vec": LISTENER,
}


def spacy_pipeline() -> Language:
    """tok2vec (HashEmbedCNN of width 96 and depth 4, spaCy's default), tagger, parser and ner, which share it.

    The weights are random: its answers are worth nothing, and its cost is that of a trained one.
    """
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec")
    tagger = nlp.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER}})
    parser = nlp.add_pipe("parser", config={"model": TRANSITIONS | {"state_type": "parser"}})
    ner = nlp.add_pipe("ner", config={"model": TRANSITIONS | {"state_type": "ner"}})
    for number in range(N_TAGS):
        tagger.add_label(f"tag{number}")  # type: ignore[attr-defined]  # spaCy's type of a component is a function
    for number in range(N_DEPENDENCIES):
        parser.add_label(f"dep{number}")  # type: ignore[attr-defined]
    for label in ENTITY_LABELS:
        ner.add_label(label)  # type: ignore[attr-defined]
    nlp.initialize()
    nlp.max_length = MAX_BYTES
    return nlp


def read_with_tracegraph(folder: Path) -> dict[str, float]:
    """Seconds to load and to read; words are counted by the caller."""
    load, nlp = _timed(load_pipeline)
    sources, _ = list_sources([str(folder)])
    documents = [d for source in sources for d in read_source(source, max_bytes=MAX_BYTES)]
    read, _ = _timed(lambda: [extract_document(nlp, d) for d in documents if not isinstance(d, Refusal)])
    return {**_named("load", load), **_named("read", read)}


def read_with_spacy(folder: Path) -> dict[str, float]:
    """The same, with `spacy_pipeline`, by nlp.pipe in batches of spaCy's own size."""
    load, nlp = _timed(spacy_pipeline)
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt"))]
    read, _ = _timed(lambda: sum(len(doc) for doc in nlp.pipe(texts)))
    return {**_named("load", load), **_named("read", read)}


def _timed(work: Callable[[], Result]) -> tuple[tuple[float, float], Result]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return (time.perf_counter() - wall, time.process_time() - cpu), result


def _named(what: str, seconds: tuple[float, float]) -> dict[str, float]:
    return {f"{what}_wall_s": seconds[0], f"{what}_cpu_s": seconds[1]}


def main(arguments: list[str]) -> None:
    """Run one task and print its seconds."""
    task, *folder = arguments
    if task == "load":
        load_pipeline()
        found = {}
    else:
        found = (read_with_spacy if task == "spacy" else read_with_tracegraph)(Path(folder[0]))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
