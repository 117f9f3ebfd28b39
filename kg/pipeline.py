"""Stage 2. The spaCy pipeline of pipeline.cfg, and the one function that takes a Document through it.

In: a spaCy config, the shipped one or a user's. Out: an `nlp`, and with it Document -> Extraction; no spaCy object
leaves this module. Refuses a config whose components ask for what no earlier one provides (ExtractionError).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, entry_points, version
from itertools import pairwise
from pathlib import Path

from spacy.about import __version__ as spacy_version
from spacy.lang.punctuation import TOKENIZER_SUFFIXES
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.util import compile_suffix_regex, load_config, load_model_from_config, registry
from thinc.config import Config, ConfigValidationError

import kg.claims
import kg.coreference
import kg.ent_names
import kg.figures
import kg.llm
import kg.mentions
import kg.pairs
import kg.sentences  # noqa: F401  # importing them registers their components
from kg.errors import ExtractionError, SettingsError
from kg.records import Document, Extraction
from kg.resources import resource_paths

CONFIG = Path(__file__).parent / "pipeline.cfg"
SHIPPED = "shipped"
"""What the setting `pipeline` says for CONFIG."""

# Modules with a factory do without `from __future__ import annotations`: spaCy (confection 1.3) checks no setting whose
# type is written as a string, and `min_pair_score = "low"` would load.


LONGEST_RUN = 500
"""Characters without white space that the tokenizer is given at one time: it is quadratic in them (20,000 quotation
marks took 40 s). Of a longer run each piece is cut into tokens on its own.
"""
_LONG_RUN = re.compile(rf"\S{{{LONGEST_RUN + 1},}}")


class _Tokenizer(Tokenizer):  # type: ignore[misc]  # spaCy's is untyped
    """spaCy's tokenizer, in time linear in the text."""

    def __call__(self, string: str) -> Doc:
        cuts = [0]
        for run in _LONG_RUN.finditer(string):
            cuts += range(run.start(), run.end(), LONGEST_RUN)
            cuts.append(run.end())
        pieces = [string[start:end] for start, end in pairwise([*cuts, len(string)]) if start < end]
        docs: list[Doc] = [super(_Tokenizer, self).__call__(piece) for piece in pieces or [string]]
        return docs[0] if len(docs) == 1 else Doc.from_docs(docs, ensure_whitespace=False) or docs[0]


@registry.tokenizers("kg.Tokenizer.v1")
def _create_tokenizer():  # type: ignore[no-untyped-def]  # spaCy reads the signature of registered functions as config
    """English, with the turned possessive (`Acme‘s`) that some pages carry split off like the straight one."""

    def build(nlp: Language) -> Tokenizer:
        plain: Tokenizer = registry.tokenizers.get("spacy.Tokenizer.v1")()(nlp)
        return _Tokenizer(
            nlp.vocab,
            rules=plain.rules,
            prefix_search=plain.prefix_search,
            suffix_search=compile_suffix_regex([*TOKENIZER_SUFFIXES, "‘s", "‘S"]).search,
            infix_finditer=plain.infix_finditer,
            token_match=plain.token_match,
            url_match=plain.url_match,
        )

    return build


def pipeline_config(setting: str) -> Path:
    """The config that the setting `pipeline` names. Raises SettingsError where there is no such file."""
    if setting == SHIPPED:
        return CONFIG
    if not Path(setting).is_file():
        raise SettingsError(f"setting pipeline is {setting!r}, which is no file: give a spaCy config, or {SHIPPED}")
    return Path(setting)


def load_pipeline(config: Path = CONFIG) -> Language:
    """The pipeline of `config`. Raises ExtractionError for a config that does not hold together."""
    sections = _read_config(config)
    _check_components(config, sections)
    try:
        nlp = load_model_from_config(sections, auto_fill=True, validate=True)
    except ConfigValidationError as err:
        raise ExtractionError(f"pipeline {config} cannot be loaded: {_faults(err)}") from err
    except (ValueError, TypeError, ImportError, OSError) as err:
        raise ExtractionError(f"pipeline {config} cannot be loaded: {_folded(err)}") from err
    analysis = nlp.analyze_pipes() or {}
    problems = {name: found for name, found in analysis["problems"].items() if found}
    if problems:
        needs = "; ".join(f"{name} needs {', '.join(found)}" for name, found in problems.items())
        raise ExtractionError(f"pipeline {config}: {needs}: put a component that provides them before it (`assigns`)")
    nlp.max_length = 10**9
    return nlp


def _read_config(config: Path) -> Config:
    try:
        return load_config(config)
    except (ConfigValidationError, ValueError, OSError) as err:
        raise ExtractionError(f"pipeline {config} cannot be loaded: {_folded(err)}") from err


def _check_components(config: Path, sections: Config) -> None:
    """Name the first component that has no section or no factory, before spaCy lists all that it knows."""
    components = sections.get("components", {})
    for name in sections.get("nlp", {}).get("pipeline", []):
        section = components.get(name)
        if section is None:
            raise ExtractionError(f"pipeline {config} cannot be loaded: {name} has no section [components.{name}]")
        factory = section.get("factory")
        if "source" not in section and not _is_factory(str(factory)):
            raise ExtractionError(
                f"pipeline {config} cannot be loaded: component {name} has the factory {factory!r}, which nothing"
                " installed here provides: install its package, or mend the name"
            )


def _is_factory(name: str) -> bool:
    """Whether a factory is registered, or announced by an installed package; spaCy imports those when it loads."""
    return Language.has_factory(name) or bool(entry_points(group="spacy_factories", name=name))


def _faults(err: ConfigValidationError) -> str:
    """`components.kg_pairs.min_score: extra fields not permitted`, one after the other."""
    places = [*(err.parent.split(".") if err.parent else [])]
    return "; ".join(
        f"{'.'.join([*places, *map(str, fault['loc'])])}: {fault['msg']}" for fault in err.errors
    ) or _folded(err)


def _folded(err: Exception) -> str:
    return " ".join(str(err).split())


def extract_document(nlp: Language, document: Document) -> Extraction:
    """All that the pipeline finds in one document.

    Raises ExtractionError when an evidence is not verbatim the document's text: a stage is broken, nothing can be
    trusted. Raises DocumentError when a component cannot be answered for this document.
    """
    doc = nlp.make_doc(document.text)
    doc._.document = document
    doc = nlp(doc)
    extraction = Extraction(document, doc._.clusters, doc._.claims, doc._.observations, doc._.refusals)
    for evidence in [*(c.evidence for c in extraction.claims), *(o.evidence for o in extraction.observations)]:
        if document.text[evidence.start : evidence.end] != evidence.quote or not evidence.quote:
            raise ExtractionError(f"{document.id}: evidence {evidence.start}-{evidence.end} is not the document's text")
    return extraction


def pipeline_fingerprint(config: Path = CONFIG) -> str:
    """SHA-256, in hexadecimal, over all that decides what is found: config, code, weights, cue words and gazetteers.

    Of components from elsewhere it holds the version of their package, or the files of their folder.
    Raises ExtractionError for a file that is no config.
    """
    package = Path(__file__).parent
    files = [config, *package.glob("*.py"), *package.glob("weights/*")]
    files += resource_paths("seeds/cues", ".csv") + resource_paths("seeds/gazetteers", ".csv")
    digest = hashlib.sha256(spacy_version.encode())
    for file in sorted((f for f in files if f.is_file()), key=lambda f: f.name):
        digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    for origin in _outside_origins(_read_config(config)):
        digest.update(origin.encode() + b"\n")
    return digest.hexdigest()


def _outside_origins(sections: Config) -> Iterator[str]:
    """For each component that is not ours: the package and version of its factory or source, or its folder's files."""
    for name, section in sorted(sections.get("components", {}).items()):
        for entry in entry_points(group="spacy_factories", name=str(section.get("factory", ""))):
            if entry.dist is not None and not entry.value.startswith("kg."):
                yield f"{name} {entry.dist.name} {entry.dist.version}"
        if "source" in section:
            yield f"{name} {_source_state(str(section['source']))}"


def _source_state(source: str) -> str:
    if Path(source).is_dir():
        digest = hashlib.sha256()
        for file in sorted(f for f in Path(source).rglob("*") if f.is_file()):
            with file.open("rb") as stream:
                digest.update(file.relative_to(source).as_posix().encode())
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return digest.hexdigest()
    try:
        return f"{source} {version(source)}"
    except PackageNotFoundError:
        return source
