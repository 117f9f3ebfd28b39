"""Exports: the same quads, the same bytes, in every format."""

import random
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import GraphError
from kg.export import FORMATS, Selection, export_quads, export_store, find_entity, select_quads
from kg.iris import expand

BASE = "https://w3id.org/tracegraph/id/"
FILE = Path(__file__).parent / "data" / "tiny.trig"
TINY = list(ox.parse(path=FILE))
MERGED = {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in TINY}
RDF = [".ttl", ".trig", ".nt", ".nq", ".jsonld", ".rdf"]
WITH_GRAPHS = (".trig", ".nq", ".jsonld")
RDFLIB_NAMES = {".ttl": "turtle", ".nt": "nt", ".nq": "nquads", ".jsonld": "json-ld", ".rdf": "xml", ".trig": "trig"}
CLAIM, ACTUAL = expand("kg:Claim"), expand("kg:Actual")


def store_of(quads: list[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.extend(quads)
    return store


def entity(local: str) -> ox.NamedNode:
    return ox.NamedNode(BASE + local)


def parsed(text: bytes, suffix: str) -> set[ox.Quad]:
    rdf_format = ox.RdfFormat.from_extension(suffix[1:])
    assert rdf_format is not None
    return set(ox.parse(text, format=rdf_format))


def labels(quads: list[ox.Quad]) -> set[str]:
    return {q.object.value for q in quads if q.predicate == expand("rdfs:label") and isinstance(q.object, ox.Literal)}


@pytest.mark.parametrize("suffix", RDF)
def test_export_then_parse_gives_the_same_quads(suffix: str) -> None:
    expected = set(TINY) if suffix in WITH_GRAPHS else MERGED
    assert parsed(export_quads(TINY, suffix, BASE), suffix) == expected


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own parsers use what it deprecates
@pytest.mark.parametrize("suffix", RDF)
def test_export_is_read_by_rdflib_as_the_same_quads(suffix: str) -> None:
    dataset = rdflib.Dataset()
    dataset.parse(data=export_quads(TINY, suffix, BASE), format=RDFLIB_NAMES[suffix])
    in_graphs = suffix in WITH_GRAPHS
    found = {(str(s), str(p), str(o), graph_name(g) if in_graphs else "") for s, p, o, g in dataset.quads()}
    assert found == {(*map(text_of, q.triple), text_of(q.graph_name) if in_graphs else "") for q in TINY}


def graph_name(name: object) -> str:
    return str(name or "").removeprefix("urn:x-rdflib:default")


def text_of(term: object) -> str:
    return str(getattr(term, "value", ""))


@pytest.mark.parametrize("suffix", RDF)
def test_export_of_any_order_and_store_has_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    shuffled = random.Random(1).sample(TINY, len(TINY))
    disk = ox.Store(str(tmp_path / "s"))
    disk.bulk_extend(shuffled)
    exports = {export_quads(quads, suffix, BASE) for quads in (TINY, shuffled, store_of(shuffled), disk)}
    assert len(exports) == 1


def test_export_of_the_tiny_graph_is_the_file_that_it_came_from() -> None:
    assert export_quads(TINY, ".trig", BASE) == FILE.read_bytes()


def test_turtle_groups_by_subject_and_puts_the_class_first() -> None:
    text = export_quads(TINY, ".ttl", BASE).decode()
    assert text.count("company:acme-robotics a kg:Company ;\n\trdfs:label") == 1


def test_turtle_declares_the_prefixes_in_use_sorted() -> None:
    lines = [line for line in export_quads(TINY, ".ttl", BASE).decode().splitlines() if line.startswith("@prefix")]
    assert lines == sorted(lines)
    assert not any(line.startswith("@prefix wdt:") for line in lines)


def literal_of(text: str) -> ox.Quad:
    return ox.Quad(entity("x"), expand("kg:quote"), ox.Literal(text), entity("graph/x"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_export_of_any_text_comes_back(text: str) -> None:
    for suffix in (".trig", ".nq", ".jsonld"):
        assert parsed(export_quads([literal_of(text)], suffix, BASE), suffix) == {literal_of(text)}


@pytest.mark.parametrize("text", ["a\r\nb\rc\td", " x ", "<b>&amp;]]>", "“é😀”"])
def test_rdf_xml_of_text_that_xml_has_comes_back(text: str) -> None:
    (quad,) = parsed(export_quads([literal_of(text)], ".rdf", BASE), ".rdf")
    (triple,) = rdflib.Graph().parse(data=export_quads([literal_of(text)], ".rdf", BASE), format="xml")
    assert (quad.object, str(triple[2])) == (ox.Literal(text), text)


def test_rdf_xml_of_control_characters_has_a_mark_for_each() -> None:
    (quad,) = parsed(export_quads([literal_of("a\x00b\x0bc\uffffd")], ".rdf", BASE), ".rdf")
    assert quad.object == ox.Literal("a\ufffdb\ufffdc\ufffdd")


def test_export_of_hostile_names_comes_back() -> None:
    quads = [
        ox.Quad(entity(f"product/{key}"), expand("rdfs:label"), ox.Literal("x"))
        for key in ("c++", "a.b~1_", "北", "x.")
    ]
    for suffix in RDF:
        assert parsed(export_quads(quads, suffix, BASE), suffix) == set(quads)


@pytest.mark.parametrize("suffix", RDF)
def test_export_of_nothing_is_an_empty_graph(suffix: str) -> None:
    assert parsed(export_quads([], suffix, BASE), suffix) == set()


def test_export_store_writes_the_file_whole(tmp_path: Path) -> None:
    n_quads = export_store(store_of(TINY), tmp_path / "graph.nq", base=BASE)
    assert n_quads == len(TINY)
    assert (tmp_path / "graph.nq").read_bytes() == export_quads(TINY, ".nq", BASE)
    assert [path.name for path in tmp_path.iterdir()] == ["graph.nq"]


def test_export_store_of_unknown_suffix_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"\.docx.*\.ttl"):
        export_store(store_of(TINY), tmp_path / "graph.docx", base=BASE)
    assert not list(tmp_path.iterdir())


def test_facts_only_holds_the_default_graph() -> None:
    quads = select_quads(store_of(TINY), Selection(facts_only=True))
    assert set(quads) == {quad for quad in TINY if quad.graph_name == ox.DefaultGraph()}


def test_neighbourhood_of_no_hops_is_the_entity() -> None:
    assert labels(select_quads(store_of(TINY), Selection(entity="Berlin", hops=0))) == {"Berlin"}


def test_neighbourhood_follows_claims_of_every_status() -> None:
    quads = select_quads(store_of(TINY), Selection(entity="epsilon", hops=1))
    assert labels(quads) == {"Epsilon", "Gamma Holdings"}
    assert {quad.object for quad in quads if quad.predicate == expand("kg:status")} == {expand("kg:Attempted")}


def test_neighbourhood_facts_only_has_no_claims() -> None:
    quads = select_quads(store_of(TINY), Selection(facts_only=True, entity="Coyote", hops=1))
    assert labels(quads) == {"Coyote", "Roadrunner", "Gamma Holdings"}
    assert {quad.graph_name for quad in quads} == {ox.DefaultGraph()}


def test_neighbourhood_of_many_hops_is_the_connected_graph() -> None:
    assert set(select_quads(store_of(TINY), Selection(entity="Berlin", hops=9))) == set(TINY)


def test_neighbourhood_names_nothing_outside_it_but_speakers() -> None:
    quads = select_quads(store_of(TINY), Selection(entity="Beta Labs", hops=1))
    described = {quad.subject for quad in quads}
    pointed = {
        quad.object for quad in quads if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(BASE)
    }
    assert pointed <= described


@pytest.mark.parametrize("name", ["Acme Robotics", "acme robotics", "Acme", f"{BASE}company/acme-robotics"])
def test_find_entity_by_label_alias_or_iri(name: str) -> None:
    assert find_entity(store_of(TINY), name) == entity("company/acme-robotics")


@pytest.mark.parametrize("name", ["Nobody", f"{BASE}company/nobody", "x y:z"])
def test_find_entity_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(GraphError, match="no entity is named"):
        find_entity(store_of(TINY), name)


def test_find_entity_of_two_with_one_name_lists_them() -> None:
    twin = ox.Quad(entity("product/acme-robotics"), expand("rdfs:label"), ox.Literal("Acme Robotics"))
    with pytest.raises(GraphError, match=r"company/acme-robotics, .*product/acme-robotics"):
        find_entity(store_of([*TINY, twin]), "Acme Robotics")


def test_formats_of_rdf_are_those_promised() -> None:
    assert set(RDF) <= set(FORMATS)


def test_export_store_as_csv_makes_a_folder_of_tables(tmp_path: Path) -> None:
    export_store(store_of(TINY), tmp_path / "out.csv", base=BASE)
    names = sorted(path.name for path in (tmp_path / "out.csv").iterdir())
    assert names == ["claims.csv", "documents.csv", "entities.csv", "links.csv", "observations.csv"]


@pytest.mark.parametrize("suffix", [".graphml", ".gexf"])
def test_export_of_a_network_in_any_order_has_the_same_bytes(suffix: str) -> None:
    assert export_quads(TINY, suffix, BASE) == export_quads(TINY[::-1], suffix, BASE)


def test_export_quads_of_a_folder_format_is_refused() -> None:
    with pytest.raises(GraphError, match=r"one file has the suffix '\.csv'"):
        export_quads(TINY, ".csv", BASE)
