"""Names from other spaCy components: any of them that writes doc.ents works by config alone."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Span
from spacy.training import Example
from spacy.util import fix_random_seed

from kg.documents import read_document
from kg.ent_names import NamesFromEnts, add_roles
from kg.errors import ExtractionError, SettingsError
from kg.pipeline import extract_document, load_pipeline, pipeline_fingerprint
from kg.records import EntityType, Extraction, Predicate
from tests.nlp_docs import named_doc

TEXT = b"Umbra Foods acquired Tamarind in May 2024. Ruth Okafor, chief executive of Umbra Foods, moved to Oslo."
LABELS = {"ORG": "Company", "PERSON": "Person", "GPE": "Place", "TITLE": "Role"}
CONFIG = """
[nlp]
lang = "en"
pipeline = {pipeline}

[nlp.tokenizer]
@tokenizers = "kg.Tokenizer.v1"

[components]

[components.kg_sentences]
factory = "kg_sentences"

[components.ner]
source = {source}
component = {component}

[components.kg_names_from_ents]
factory = "kg_names_from_ents"
{settings}

[components.kg_names_from_ents.labels]
{labels}

[components.kg_coreference]
factory = "kg_coreference"

[components.kg_pairs]
factory = "kg_pairs"

[components.kg_claims]
factory = "kg_claims"

[components.kg_observations]
factory = "kg_observations"
"""
PIPELINE = ["kg_sentences", "ner", "kg_names_from_ents", "kg_coreference", "kg_pairs", "kg_claims", "kg_observations"]


def config_for(
    folder: Path, source: Path, component: str, labels: dict[str, str] | None = None, **settings: Any
) -> Path:
    """A config of the user's, with the component of a saved spaCy pipeline in the place of kg_mentions."""
    table = LABELS if labels is None else labels
    file = folder / "own.cfg"
    file.write_text(
        CONFIG.format(
            pipeline=json.dumps(PIPELINE),
            source=json.dumps(str(source)),
            component=json.dumps(component),
            settings="\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items()),
            labels="\n".join(f'{label} = "{kind}"' for label, kind in table.items()),
        ),
        encoding="utf-8",
    )
    return file


@pytest.fixture
def ruler(tmp_path: Path) -> Path:
    """A saved pipeline of the user's whose entity ruler knows five spellings."""
    nlp = spacy.blank("en")
    patterns = [
        ("ORG", "Umbra Foods"),
        ("ORG", "Tamarind"),
        ("PERSON", "Ruth Okafor"),
        ("GPE", "Oslo"),
        ("DATE", "May 2024"),
        ("TITLE", "chief executive"),
    ]
    entity_ruler: Any = nlp.add_pipe("entity_ruler")
    entity_ruler.add_patterns([{"label": label, "pattern": pattern} for label, pattern in patterns])
    nlp.to_disk(tmp_path / "ruler")
    return tmp_path / "ruler"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved pipeline with a spaCy recogniser, trained until it knows its few sentences."""
    fix_random_seed(0)
    random.seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    examples = []
    for buyer, bought in (("Umbra Foods", "Tamarind"), ("Borealis Steel", "Quorin"), ("Haldane Pharma", "Lumivex")):
        text = f"{buyer} acquired {bought} in May 2024."
        at = text.index(bought)
        entities = [(0, len(buyer), "ORG"), (at, at + len(bought), "ORG")]
        examples.append(Example.from_dict(nlp.make_doc(text), {"entities": entities}))
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(25):
        nlp.update(examples, sgd=optimizer)
    folder = tmp_path_factory.mktemp("trained") / "ner"
    nlp.to_disk(folder)
    return folder


def read(config: Path) -> Extraction:
    return extract_document(load_pipeline(config), read_document("a.txt", TEXT))


def test_kg_names_from_ents_ruler_feeds_claims(tmp_path: Path, ruler: Path) -> None:
    found = read(config_for(tmp_path, ruler, "entity_ruler"))
    types = {c.name: c.type for c in found.clusters}
    assert types == {
        "Umbra Foods": EntityType.COMPANY,
        "Tamarind": EntityType.COMPANY,
        "Ruth Okafor": EntityType.PERSON,
        "Oslo": EntityType.PLACE,
    }
    said = {c.predicate: c for c in found.claims}
    assert set(said) == {Predicate.ACQUIRED, Predicate.WORKS_FOR}
    assert said[Predicate.ACQUIRED].evidence.quote == "Umbra Foods acquired Tamarind in May 2024."
    assert said[Predicate.WORKS_FOR].role == "chief executive"


def test_kg_names_from_ents_trained_recogniser_feeds_claims(tmp_path: Path, trained: Path) -> None:
    found = read(config_for(tmp_path, trained, "ner"))
    assert {"Umbra Foods", "Tamarind"} <= {c.name for c in found.clusters}
    assert Predicate.ACQUIRED in {c.predicate for c in found.claims}


def test_kg_names_from_ents_label_not_in_the_table_is_no_name(tmp_path: Path, ruler: Path) -> None:
    found = read(config_for(tmp_path, ruler, "entity_ruler", {"GPE": "Place"}))
    assert [c.name for c in found.clusters] == ["Oslo"]


@pytest.mark.parametrize(
    ("labels", "said"),
    [({"ORG": "Firm"}, "kg_names_from_ents: labels.ORG is 'Firm': give one of Company"), ({}, "labels is empty")],
)
def test_load_pipeline_bad_table_of_labels_is_refused(
    tmp_path: Path, ruler: Path, labels: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        load_pipeline(config_for(tmp_path, ruler, "entity_ruler", labels))


def test_load_pipeline_setting_of_the_wrong_kind_is_named(tmp_path: Path, ruler: Path) -> None:
    with pytest.raises(ExtractionError, match=r"kg_names_from_ents\.score: ") as caught:
        load_pipeline(config_for(tmp_path, ruler, "entity_ruler", score="high"))
    assert "\n" not in str(caught.value)


def test_load_pipeline_without_a_component_that_writes_ents_is_refused(tmp_path: Path, ruler: Path) -> None:
    config = config_for(tmp_path, ruler, "entity_ruler")
    config.write_text(config.read_text(encoding="utf-8").replace('"ner", ', ""), encoding="utf-8")
    with pytest.raises(ExtractionError, match=r"kg_names_from_ents needs doc\.ents: put a component"):
        load_pipeline(config)


def test_load_pipeline_source_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="cannot be loaded") as caught:
        load_pipeline(config_for(tmp_path, tmp_path / "none", "ner"))
    assert "\n" not in str(caught.value)


def test_pipeline_fingerprint_changes_with_the_files_of_a_source(tmp_path: Path, ruler: Path) -> None:
    config = config_for(tmp_path, ruler, "entity_ruler")
    before = pipeline_fingerprint(config)
    assert pipeline_fingerprint(config) == before
    (ruler / "entity_ruler" / "patterns.jsonl").write_text('{"label":"ORG","pattern":"Oslo"}\n', encoding="utf-8")
    assert pipeline_fingerprint(config) != before


def names_from(marked: str, ents: list[tuple[int, int, str]], **settings: Any) -> list[tuple[str, str]]:
    """Names of a Doc with these names already and these entities (first token, end, label) of another component."""
    doc = named_doc(marked)
    doc.ents = tuple(Span(doc, *ent) for ent in ents)
    values = {"labels": LABELS, "replace": True, "score": 1.0, "min_repeat_length": 3, **settings}
    NamesFromEnts(spacy.blank("en"), "names", **values)(doc)
    return [(span.text, span.label_) for span in doc.spans["names"]]


MARKED = "[C Umbra Foods] bought the tamarind firm Borealis Steel."


@pytest.mark.parametrize(
    ("replace", "expected"),
    [
        (True, [("Foods", "Person"), ("Borealis Steel", "Company")]),
        (False, [("Umbra Foods", "Company"), ("Borealis Steel", "Company")]),
    ],
)
def test_kg_names_from_ents_replace_or_stand_beside(replace: bool, expected: list[tuple[str, str]]) -> None:
    assert names_from(MARKED, [(1, 2, "PERSON"), (6, 8, "ORG")], replace=replace) == expected


def test_kg_names_from_ents_repeats_and_edges_are_those_of_mentions() -> None:
    found = names_from("Why Borealis Steel’s chief left. Borealis Steel fell.", [(1, 4, "ORG")])
    assert found == [("Borealis Steel", "Company")] * 2


def test_kg_names_from_ents_score_of_the_entity_decides_its_type() -> None:
    Span.set_extension("score", default=0, force=True)
    try:
        doc = named_doc("Quorin rose. Later Quorin fell.")
        doc.ents = (Span(doc, 0, 1, "PERSON"), Span(doc, 4, 5, "ORG"))
        doc.ents[0]._.score, doc.ents[1]._.score = 0.4, 0.9
        NamesFromEnts(spacy.blank("en"), "names", LABELS, replace=True, score=1.0, min_repeat_length=3)(doc)
    finally:
        Span.remove_extension("score")
    assert [span.label_ for span in doc.spans["names"]] == ["Company", "Company"]


def test_add_roles_stand_beside_those_that_they_do_not_overlap() -> None:
    doc = named_doc("The chief executive and the chairman of the board left.")
    doc.spans["roles"] = [Span(doc, 1, 3, "Role")]
    add_roles(doc, [Span(doc, 5, 6, "Role"), Span(doc, 2, 4, "Role")])
    assert [span.text for span in doc.spans["roles"]] == ["chief executive", "chairman"]
