"""The pipeline: held together by its config, open to other components, true to the text."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import registry

from kg.documents import read_document
from kg.errors import ExtractionError, SettingsError
from kg.pipeline import CONFIG, LONGEST_RUN, extract_document, load_pipeline, pipeline_config, pipeline_fingerprint
from kg.records import Claim, ClusterId, Document, Evidence, Predicate, Status

TEXT = b"Acme bought Beta in May 2024. Its deal closed, Acme said."


@Language.component("capitals_as_companies", requires=["token.is_sent_start"], assigns=["doc.spans"])
def capitals_as_companies(doc: Doc) -> Doc:
    """Two words that are companies wherever they stand."""
    known = {"Acme", "Beta"}
    doc.spans["names"] = [Span(doc, t.i, t.i + 1, label="Company") for t in doc if t.text in known]
    doc.spans["roles"] = []
    return doc


@Language.component("misquoting")
def misquoting(doc: Doc) -> Doc:
    """A broken stage: its evidence is not what the text says there."""
    first, second = ClusterId("e1"), ClusterId("e2")
    evidence = Evidence(doc._.document.id, 0, 4, "Beta")
    doc._.claims = (Claim(first, Predicate.ACQUIRED, second, Status.ACTUAL, 0.9, evidence),)
    return doc


def config_of(folder: Path, *changes: tuple[str, str]) -> Path:
    """The shipped config with each first text replaced by its second."""
    text = CONFIG.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "pipeline.cfg"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def own_names(tmp_path: Path) -> Language:
    """The pipeline with a component of the user's in the place of kg_mentions."""
    text = CONFIG.read_text(encoding="utf-8")
    start, end = text.index("[components.kg_mentions]"), text.index("[components.kg_coreference]")
    block = '[components.my_names]\nfactory = "capitals_as_companies"\n\n'
    return load_pipeline(config_of(tmp_path, (text[start:end], block), ('"kg_mentions"', '"my_names"')))


def test_extract_document_own_names_component_feeds_the_others(own_names: Language) -> None:
    extraction = extract_document(own_names, read_document("a.txt", TEXT))
    assert [(c.name, c.type) for c in extraction.clusters] == [("Acme", "Company"), ("Beta", "Company")]
    (claim,) = extraction.claims
    assert (claim.subject, claim.predicate, claim.object) == ("e1", Predicate.ACQUIRED, "e2")
    assert claim.evidence.quote == "Acme bought Beta in May 2024."


def test_extract_document_without_reader_is_the_same_twice(own_names: Language) -> None:
    document = read_document("a.txt", TEXT)
    assert extract_document(own_names, document) == extract_document(own_names, document)


def test_extract_document_false_evidence_stops_the_build(own_names: Language) -> None:
    own_names.add_pipe("misquoting")
    with pytest.raises(ExtractionError, match=r"a\.txt: evidence 0-4 is not the document's text"):
        extract_document(own_names, read_document("a.txt", TEXT))


def test_extract_document_empty_text_gives_nothing(own_names: Language) -> None:
    extraction = extract_document(own_names, Document(read_document("a.txt", TEXT).id, "", ()))
    assert (extraction.clusters, extraction.claims, extraction.observations) == ((), (), ())


@pytest.mark.model
def test_extract_document_shipped_pipeline_quotes_the_text() -> None:
    document = read_document("a.txt", "“Brightwell Foods‘s chief,” Ruth Okafor, left in May 2024.\n".encode())
    extraction = extract_document(load_pipeline(), document)
    assert {"Ruth Okafor"} <= {c.name for c in extraction.clusters}
    assert all(document.text[m.start : m.end] == m.text for c in extraction.clusters for m in c.mentions)
    for claim in extraction.claims:
        assert document.text[claim.evidence.start : claim.evidence.end] == claim.evidence.quote


@pytest.mark.parametrize("component", ["kg_sentences", "kg_mentions", "kg_coreference"])
def test_load_pipeline_component_missing_is_refused_in_one_line(tmp_path: Path, component: str) -> None:
    config = config_of(tmp_path, (f'"{component}",', ""))
    with pytest.raises(ExtractionError, match="put a component that provides them before it") as caught:
        load_pipeline(config)
    assert "\n" not in str(caught.value)


def test_load_pipeline_components_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    config = config_of(tmp_path, ('"kg_coreference","kg_pairs"', '"kg_pairs","kg_coreference"'))
    with pytest.raises(ExtractionError, match=r"kg_pairs.*clusters"):
        load_pipeline(config)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('factory = "kg_pairs"', 'factory = "kg_nothing"'),
        ('"kg_pairs",', '"kg_nothing",'),
        ("min_pair_score", "min_score_of_pairs"),
        ("[nlp.tokenizer]", "[nlp.tokenizer"),
    ],
)
def test_load_pipeline_malformed_config_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ExtractionError, match="cannot be loaded"):
        load_pipeline(config_of(tmp_path, (old, new)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('factory = "kg_pairs"', 'factory = "kg_nothing"', "kg_pairs has the factory 'kg_nothing', which nothing"),
        ('"kg_pairs",', '"kg_nothing",', r"kg_nothing has no section \[components\.kg_nothing\]"),
        ("min_pair_score", "min_score_of_pairs", "kg_pairs.min_score_of_pairs: unexpected argument"),
        ("min_pair_score = 0.1", 'min_pair_score = "low"', "kg_pairs.min_pair_score: "),
        ("max_pieces = 382", 'max_pieces = "many"', "kg_mentions.max_pieces: "),
        ("hint_boost = 3.0", 'hint_boost = "much"', "kg_claims.hint_boost: "),
        ("min_confidence = 0.4", 'min_confidence = "half"', "kg_observations.min_confidence: "),
    ],
)
def test_load_pipeline_fault_is_named_in_a_short_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ExtractionError, match=said) as caught:
        load_pipeline(config_of(tmp_path, (old, new)))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value).removeprefix(f"pipeline {tmp_path / 'pipeline.cfg'} ")) < 200


def test_pipeline_config_shipped_is_the_packages_own() -> None:
    assert pipeline_config("shipped") == CONFIG


def test_pipeline_config_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.cfg.*give a spaCy config, or shipped"):
        pipeline_config(str(tmp_path / "none.cfg"))


def test_load_pipeline_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="cannot be loaded"):
        load_pipeline(tmp_path / "nothing.cfg")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme‘s rise", ["Acme", "‘s", "rise"]),
        ("ACME‘S rise", ["ACME", "‘S", "rise"]),
        ("Acme’s rise", ["Acme", "’s", "rise"]),
        ("Acme's rise", ["Acme", "'s", "rise"]),
    ],
)
def test_tokenizer_possessive_is_split_off(text: str, expected: list[str]) -> None:
    tokenizer = registry.tokenizers.get("kg.Tokenizer.v1")()(spacy.blank("en"))
    assert [token.text for token in tokenizer(text)] == expected


def test_pipeline_fingerprint_same_config_is_the_same() -> None:
    assert pipeline_fingerprint() == pipeline_fingerprint()
    assert len(pipeline_fingerprint()) == 64


def test_pipeline_fingerprint_changes_with_a_number_of_the_config(tmp_path: Path) -> None:
    (tmp_path / "same").mkdir()
    same = config_of(tmp_path / "same")
    other = config_of(tmp_path, ("min_pair_score = 0.1", "min_pair_score = 0.3"))
    assert pipeline_fingerprint(same) == pipeline_fingerprint()
    assert pipeline_fingerprint(other) != pipeline_fingerprint()


@pytest.mark.parametrize("run", ['"' * 20_000, "a" * 1_001, "(“" * 600, "https://example.org/" + "x" * 2_000])
def test_tokenizer_long_run_keeps_the_text(run: str) -> None:
    text = f"Acme grew.  {run}\n\nBolt fell: {run}"
    doc = registry.tokenizers.get("kg.Tokenizer.v1")()(spacy.blank("en"))(text)
    assert doc.text == text
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)


def test_tokenizer_run_of_the_longest_length_is_one_token() -> None:
    doc = registry.tokenizers.get("kg.Tokenizer.v1")()(spacy.blank("en"))("a" * LONGEST_RUN + " b")
    assert [len(token) for token in doc] == [LONGEST_RUN, 1]
