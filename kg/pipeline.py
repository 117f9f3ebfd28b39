"""Stage 2. The spaCy pipeline of pipeline.cfg, and the one function that takes a Document through it.

In: settings. Out: an `nlp`, and with it Document -> Extraction; no spaCy object leaves this module. Refuses a config
whose components ask for what no earlier one provides (ExtractionError).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from spacy.about import __version__ as spacy_version
from spacy.lang.punctuation import TOKENIZER_SUFFIXES
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import compile_suffix_regex, load_config, load_model_from_config, registry
from thinc.config import ConfigValidationError

import kg.claims
import kg.coreference
import kg.figures
import kg.mentions
import kg.pairs
import kg.sentences  # noqa: F401  # importing them registers the components that pipeline.cfg names
from kg.errors import ExtractionError
from kg.records import Document, Extraction
from kg.resources import resource_paths

CONFIG = Path(__file__).parent / "pipeline.cfg"


@registry.tokenizers("kg.Tokenizer.v1")
def _create_tokenizer():  # type: ignore[no-untyped-def]  # spaCy reads the signature of registered functions as config
    """English, with the turned possessive (`Acme‘s`) that some pages carry split off like the straight one."""

    def build(nlp: Language) -> Tokenizer:
        tokenizer: Tokenizer = registry.tokenizers.get("spacy.Tokenizer.v1")()(nlp)
        tokenizer.suffix_search = compile_suffix_regex([*TOKENIZER_SUFFIXES, "‘s", "‘S"]).search
        return tokenizer

    return build


def load_pipeline(config: Path = CONFIG) -> Language:
    """The pipeline of `config`. Raises ExtractionError for a config that does not hold together."""
    try:
        nlp = load_model_from_config(load_config(config), auto_fill=True, validate=True)
    except (ConfigValidationError, ValueError, TypeError, ImportError, OSError) as err:
        raise ExtractionError(f"pipeline {config} cannot be loaded: {' '.join(str(err).split())}") from err
    analysis = nlp.analyze_pipes() or {}
    problems = {name: found for name, found in analysis["problems"].items() if found}
    if problems:
        raise ExtractionError(f"pipeline {config}: {problems}: put a component that provides them before it")
    nlp.max_length = 10**9
    return nlp


def extract_document(nlp: Language, document: Document) -> Extraction:
    """All that the pipeline finds in one document.

    Raises ExtractionError when an evidence is not verbatim the document's text: a stage is broken, nothing can be
    trusted.
    """
    doc = nlp.make_doc(document.text)
    doc._.document = document
    doc = nlp(doc)
    extraction = Extraction(document, doc._.clusters, doc._.claims, doc._.observations)
    for evidence in [*(c.evidence for c in extraction.claims), *(o.evidence for o in extraction.observations)]:
        if document.text[evidence.start : evidence.end] != evidence.quote or not evidence.quote:
            raise ExtractionError(f"{document.id}: evidence {evidence.start}-{evidence.end} is not the document's text")
    return extraction


def pipeline_fingerprint(config: Path = CONFIG) -> str:
    """SHA-256, in hexadecimal, over all that decides what is found: config, code, weights, cue words and gazetteers."""
    package = Path(__file__).parent
    files = [config, *package.glob("*.py"), *package.glob("weights/*")]
    files += resource_paths("seeds/cues", ".csv") + resource_paths("seeds/gazetteers", ".csv")
    digest = hashlib.sha256(spacy_version.encode())
    for file in sorted((f for f in files if f.is_file()), key=lambda f: f.name):
        digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
