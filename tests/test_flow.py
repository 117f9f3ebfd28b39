"""The laws that hold over the whole flow, on documents of other sectors than the seeds'."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg.build import build_graph, remove_documents, validate_store
from kg.errors import DocumentError
from kg.export import export_quads
from kg.iris import expand
from kg.settings import Settings, load_settings
from kg.store import open_current, read_documents, read_extraction

pytestmark = pytest.mark.model

DOCUMENTS = {
    "a.txt": "Haldane Pharma has bought Lumivex, a Basel-based antibody specialist, for $40 million. "
    "Maria Keller, chief executive of Haldane Pharma, announced the deal on 3 March 2025.",
    "b.txt": "Northwind Airlines agreed to buy Skyhop in May 2024. The deal fell apart in July 2024. "
    "Northwind Airlines is based in Oslo.",
    "c.md": "# Brewing\n\nErik Lund, president of Fjord Brewery, said Fjord Brewery had bought Ale Works.\n",
}


def write(folder: Path, names: list[str]) -> list[str]:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(DOCUMENTS[name], encoding="utf-8")
    return [str(folder / name) for name in names]


def settings_for(folder: Path) -> Settings:
    return load_settings(environment={}, store=str(folder))


def exported(settings: Settings) -> dict[str, bytes]:
    quads = list(open_current(Path(settings.store)))
    return {suffix: export_quads(quads, suffix, settings.base_iri) for suffix in (".ttl", ".trig", ".nq")}


def quads_of(settings: Settings) -> set[ox.Quad]:
    return set(open_current(Path(settings.store)))


@pytest.fixture
def built(tmp_path: Path) -> Settings:
    settings = settings_for(tmp_path / "store")
    report = build_graph(write(tmp_path / "in", sorted(DOCUMENTS)), settings)
    assert report.refusals == ()
    return settings


def test_build_evidence_is_verbatim(built: Settings) -> None:
    folder = Path(built.store)
    extractions = [read_extraction(folder, key) for key in read_documents(folder).values()]
    findings = [f for e in extractions for f in (*e.claims, *e.observations)]
    assert findings
    for extraction in extractions:
        for finding in (*extraction.claims, *extraction.observations):
            evidence = finding.evidence
            assert extraction.document.text[evidence.start : evidence.end] == evidence.quote
        for cluster in extraction.clusters:
            assert all(extraction.document.text[m.start : m.end] == m.text for m in cluster.mentions)


def test_build_other_order_and_place_gives_the_same_bytes(built: Settings, tmp_path: Path) -> None:
    other = settings_for(tmp_path / "other-store")
    for path in reversed(write(tmp_path / "elsewhere", sorted(DOCUMENTS))):
        build_graph([path], other)
    assert exported(other) == exported(built)


def test_build_again_changes_nothing(built: Settings, tmp_path: Path) -> None:
    before = exported(built)
    build_graph([str(tmp_path / "in")], built)
    assert exported(built) == before


def test_asserted_triples_rest_on_actual_claims_alone(built: Settings) -> None:
    store = open_current(Path(built.store))
    subject, predicate, object_ = expand("rdf:subject"), expand("rdf:predicate"), expand("rdf:object")
    links = {q.object for q in store.quads_for_pattern(None, predicate, None, None)}
    asserted = {
        (q.subject, q.predicate, q.object)
        for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        if q.predicate in links
    }
    actual = {q.subject for q in store.quads_for_pattern(None, expand("kg:status"), expand("kg:Actual"), None)}
    said = {
        (s.object, p.object, o.object)
        for claim in actual
        for s in store.quads_for_pattern(claim, subject, None, None)
        for p in store.quads_for_pattern(claim, predicate, None, None)
        for o in store.quads_for_pattern(claim, object_, None, None)
    }
    assert asserted
    assert asserted <= said | {(o, p, s) for s, p, o in said}


def test_failed_deal_is_a_claim_and_no_fact(built: Settings) -> None:
    ask = "ASK { ?a rdfs:label 'Northwind Airlines' ; kg:acquired ?b }"
    claimed = """ASK { ?c rdf:subject/rdfs:label 'Northwind Airlines' ; rdf:predicate kg:acquired ;
                  rdf:object/rdfs:label 'Skyhop' ; kg:status kg:Attempted }"""
    store = open_current(Path(built.store))
    prefixes = {"kg": expand("kg:").value, "rdf": expand("rdf:").value, "rdfs": expand("rdfs:").value}
    assert not store.query(ask, prefixes=prefixes, use_default_graph_as_union=True)
    assert store.query(claimed, prefixes=prefixes, use_default_graph_as_union=True)


def test_adding_a_document_keeps_what_the_others_say(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "store")
    build_graph(write(tmp_path / "in", ["a.txt", "b.txt"]), settings)
    before = quads_of(settings)
    build_graph(write(tmp_path / "in", ["c.md"]), settings)
    assert before <= quads_of(settings)


def test_removing_a_document_removes_only_its_own(built: Settings, tmp_path: Path) -> None:
    remove_documents(["c.md"], built)
    without = settings_for(tmp_path / "without")
    build_graph(write(tmp_path / "in2", ["a.txt", "b.txt"]), without)
    assert quads_of(built) == quads_of(without)


def test_changed_document_is_replaced(built: Settings, tmp_path: Path) -> None:
    file = tmp_path / "in" / "c.md"
    file.write_text("Nothing is said here about anyone.", encoding="utf-8")
    report = build_graph([str(file)], built)
    assert report.n_documents == 3
    assert not any("Erik Lund" in str(q.object) for q in quads_of(built))


def test_remove_unknown_document_is_refused(built: Settings) -> None:
    with pytest.raises(DocumentError, match=r"none\.txt"):
        remove_documents(["none.txt"], built)


def test_build_bad_input_is_listed_and_the_others_go_on(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "store")
    paths = write(tmp_path / "in", ["a.txt"])
    (tmp_path / "in" / "empty.txt").write_text("")
    (tmp_path / "in" / "binary.txt").write_bytes(b"\x00\x01" * 100)
    report = build_graph([*paths, str(tmp_path / "in"), str(tmp_path / "missing.txt")], settings)
    assert report.n_documents == 1
    assert len(report.refusals) == 3
    assert all(r.reason for r in report.refusals)


def test_build_without_any_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(DocumentError, match="no document"):
        build_graph([str(tmp_path / "in")], settings_for(tmp_path / "store"))


def test_two_processes_give_the_same_graph_as_one(built: Settings, tmp_path: Path) -> None:
    parallel = load_settings(environment={}, store=str(tmp_path / "parallel"), workers=2)
    build_graph([str(tmp_path / "in")], parallel)
    assert quads_of(parallel) == quads_of(built)


def test_built_graph_conforms_to_its_shapes(built: Settings) -> None:
    assert validate_store(built) == []


@pytest.mark.parametrize(("suffix", "name"), [(".ttl", "turtle"), (".nt", "nt"), (".rdf", "xml")])
def test_export_parses_in_rdflib_to_what_pyoxigraph_holds(built: Settings, suffix: str, name: str) -> None:
    quads = list(open_current(Path(built.store)))
    graph = rdflib.Graph()
    graph.parse(data=export_quads(quads, suffix, built.base_iri), format=name)
    expected = rdflib.Graph()
    expected.parse(data=ox.serialize({q.triple for q in quads}, format=ox.RdfFormat.N_TRIPLES), format="nt")
    assert set(graph) == set(expected)


@pytest.mark.parametrize(
    "text",
    [
        "Brightwell Foods could buy Tamarind Ltd.",
        "Analysts ask whether Brightwell Foods acquired Tamarind Ltd.",
        "If Brightwell Foods bought Tamarind Ltd, prices would rise.",
        "Brightwell Foods and Tamarind Ltd both rose on Tuesday.",
    ],
)
def test_supposition_and_company_are_no_facts(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert build_graph([str(tmp_path / "a.txt")], settings_for(tmp_path / "store")).n_asserted == 0


def test_damaged_cache_is_read_again(built: Settings, tmp_path: Path) -> None:
    before = exported(built)
    for file in Path(built.store).glob("extractions/*/*.json"):
        file.write_text(file.read_text()[:50])
    build_graph([str(tmp_path / "in")], built)
    assert exported(built) == before


def test_angle_marks_in_a_document_harm_nobody(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Acme grew, according to ⟨C7⟩ yesterday. ⟨C0⟩ acquired ⟨C1⟩.")
    assert build_graph([str(tmp_path / "a.txt")], settings_for(tmp_path / "store")).refusals == ()


def test_min_confidence_keeps_the_claims_and_asserts_nothing_below(built: Settings, tmp_path: Path) -> None:
    strict = load_settings(environment={}, store=str(tmp_path / "strict"), min_confidence=1.0)
    report = build_graph([str(tmp_path / "in")], strict)
    assert report.n_claims > 0
    assert report.n_asserted == 0
