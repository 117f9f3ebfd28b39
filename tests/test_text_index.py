"""What the text index finds, and that it is the same whether made anew or from the one before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.contents import graph_contents
from kg.errors import StoreError
from kg.iris import expand
from kg.store import current_snapshot, text_index_of, write_store
from kg.text_index import deletions, fold, is_index, write_index
from kg.text_search import FoundEntity, TextIndex, _edits

BASE = "https://w3id.org/tracegraph/id/"
A, B = (ox.NamedNode(f"{BASE}graph/{name}.txt") for name in "ab")


def entity(
    local: str, label: str, *aliases: str, graph: ox.NamedNode | None = None, cls: str = "Company"
) -> list[ox.Quad]:
    iri = ox.NamedNode(f"{BASE}{local}")
    where = graph or ox.DefaultGraph()
    names = [ox.Quad(iri, expand("skos:altLabel"), ox.Literal(alias), where) for alias in aliases]
    return [
        ox.Quad(iri, expand("rdf:type"), expand(f"kg:{cls}"), where),
        ox.Quad(iri, expand("rdfs:label"), ox.Literal(label), where),
        *names,
    ]


def claims(about: str, n: int, graph: ox.NamedNode = A) -> list[ox.Quad]:
    subject = ox.NamedNode(f"{BASE}{about}")
    return [ox.Quad(ox.NamedNode(f"{BASE}claim/{about}-{i}"), expand("rdf:subject"), subject, graph) for i in range(n)]


def evidence(local: str, quote: str, graph: ox.NamedNode = A) -> list[ox.Quad]:
    iri = ox.NamedNode(f"{BASE}evidence/{local}")
    document = ox.NamedNode(graph.value.replace("/graph/", "/document/"))
    return [
        ox.Quad(iri, expand("kg:quote"), ox.Literal(quote), graph),
        ox.Quad(iri, expand("prov:wasDerivedFrom"), document, graph),
    ]


QUADS = [
    *entity("openai", "OpenAI", "OpenAI Inc", "Open AI"),
    *entity("openarms", "OpenArms"),
    *entity("openair", "Open Air Labs"),
    *entity("meta", "Meta Platforms", "Facebook"),
    *entity("metalworks", "Metalworks"),
    *entity("sg", "Société Générale"),
    *entity("anthropic", "Anthropic"),
    *entity("volks", "Volkswagen Bank"),
    *entity("betalabs", "Betalabs"),
    *entity("tokyo", "東京電力"),
    *entity("jane", "Jane O'Neil-Doe", cls="Person"),
    *claims("openarms", 3),
    *claims("openair", 1),
    *claims("openarms", 2, B),
    *evidence("e1", "The deal gives OpenAI a data center in Norway."),
    *evidence("e2", "A center for data in Oslo.", B),
    *evidence("e3", "Société Générale said no."),
]


def publish(folder: Path, quads: Sequence[ox.Quad]) -> Path:
    with write_store(folder) as writer:
        return text_index_of(writer.publish(quads))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TextIndex]:
    with closing(TextIndex(publish(tmp_path_factory.mktemp("texts") / "store", QUADS))) as opened:
        yield opened


def locals_of(found: Sequence[FoundEntity]) -> list[str]:
    return [entity.iri.removeprefix(BASE) for entity in found]


def find(index: TextIndex, text: str, limit: int = 20) -> list[str]:
    return locals_of(index.find_entities(text, limit=limit))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OpenAI", ["openai", "openair"]),
        ("open ai", ["openai", "openair"]),
        ("OPEN-AI!", ["openai", "openair"]),
        ("open", ["openarms", "openair", "openai"]),
        ("labs", ["openair", "betalabs"]),
        ("open lab", ["openair"]),
        ("facebook", ["meta"]),
        ("meta", ["metalworks", "meta"]),
        ("societe generale", ["sg"]),
        ("SOCIÉTÉ", ["sg"]),
        ("oneil", ["jane"]),
        ("o'neil doe", ["jane"]),
        ("東京", ["tokyo"]),
        ("電力", []),
        ("opnai", ["openai"]),
        ("Antrhopic", ["anthropic"]),
        ("antropi", []),
        ("anthropics", ["anthropic"]),
        ("volkswagon bank", ["volks"]),
        ("wolksvagen", ["volks"]),
        ("xyzzyx", []),
    ],
)
def test_find_entities_text_finds_names_closest_first(index: TextIndex, text: str, expected: list[str]) -> None:
    assert find(index, text) == expected


def test_find_entities_same_class_orders_by_degree_over_all_graphs(index: TextIndex) -> None:
    found = index.find_entities("open", limit=3)
    assert [(e.label, e.degree) for e in found] == [("OpenArms", 5), ("Open Air Labs", 1), ("OpenAI", 0)]


def test_find_entities_found_by_alias_tells_label_and_kind(index: TextIndex) -> None:
    (meta,) = index.find_entities("Facebook", limit=5)
    assert (meta.label, meta.match, meta.kind, meta.type) == ("Meta Platforms", "Facebook", "alias", "Company")
    assert meta.aliases == ("Facebook",)


def test_find_entities_limit_keeps_the_best(index: TextIndex) -> None:
    assert find(index, "open", 1) == ["openarms"]


@pytest.mark.parametrize(
    "text",
    ["", "  ", '"', '""', "'", "*", "a*", "NEAR(a b)", "AND", "OR NOT", "open AND", "words:open", "^open", "{a b}",
     "a-b", "(", "\0", "\\", ";--", "%", "_", "é" * 900, "a " * 500, "𐐀𐐁 ꙮ", "\U000323af\U000323ae", "🙂 open", "ﬁn"],
)  # fmt: skip
def test_search_any_text_is_no_expression(index: TextIndex, text: str) -> None:
    assert set(find(index, text)) <= {"openai", "openarms", "openair"} | set(find(index, fold(text)))
    index.find_quotes(text, limit=5)
    index.find_iris(text, 5)


def test_find_quotes_phrase_comes_before_words(index: TextIndex) -> None:
    found = index.find_quotes("DATA cent", limit=5)
    assert [(q.iri.rsplit("/", 1)[1], q.has_phrase) for q in found] == [("e1", True), ("e2", False)]
    assert found[1].document == f"{BASE}document/b.txt"


def test_find_quotes_without_accents_finds_those_with(index: TextIndex) -> None:
    assert [quote.match for quote in index.find_quotes("societe generale", limit=5)] == ["Société Générale said no."]


def test_find_iris_scores_fall_and_name_entities_and_evidence(index: TextIndex) -> None:
    found = index.find_iris("openai", 10)
    assert [iri.removeprefix(BASE) for iri, _ in found] == ["openai", "openair", "evidence/e1"]
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert all(0 < score <= 1 for _, score in found)


# In step with the snapshot


def content(path: Path) -> list[list[tuple[object, ...]]]:
    """What the tables say, without the numbers of rows, which depend on the way."""
    queries = (
        "SELECT name, digest FROM graph",
        "SELECT iri, type, degree FROM entity WHERE type IS NOT NULL",
        "SELECT graph.name, iri, is_label, text, words, key FROM name, graph, entity"
        " WHERE graph.id = graph AND entity.id = entity",
        "SELECT graph.name, iri, document, text FROM quote, graph WHERE graph.id = graph",
        "SELECT key FROM name_words JOIN name ON name.id = name_words.rowid WHERE name_words MATCH '\"o\" *'",
        "SELECT iri FROM quote_words JOIN quote ON quote.id = quote_words.rowid WHERE quote_words MATCH 'data OR said'",
    )
    with closing(sqlite3.connect(path)) as connection:
        for table in ("name_words", "quote_words", "word_parts"):
            connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")
        return [sorted(connection.execute(query), key=repr) for query in queries]


CHANGED = [
    *[quad for quad in QUADS if quad.graph_name != B and "openai" not in quad.subject.value],  # type: ignore[union-attr]
    *entity("openai", "OpenAI Group", "Open AI"),
    *claims("openair", 4, B),
    *evidence("e9", "It said data.", B),
]


@pytest.mark.parametrize(
    "way", [[QUADS, CHANGED], [CHANGED, QUADS, CHANGED], [[], CHANGED], [QUADS[:4], QUADS, CHANGED]]
)
def test_index_made_from_the_one_before_is_as_one_made_anew(tmp_path: Path, way: list[list[ox.Quad]]) -> None:
    anew = publish(tmp_path / "anew", CHANGED)
    for quads in way:
        grown = publish(tmp_path / "grown", quads)
    assert content(grown) == content(anew)


def test_index_after_a_change_finds_the_new_and_not_the_old(tmp_path: Path) -> None:
    publish(tmp_path, QUADS)
    with closing(TextIndex(publish(tmp_path, CHANGED))) as index:
        assert [e.label for e in index.find_entities("openai", limit=9)][:1] == ["OpenAI Group"]
        assert index.find_quotes("oslo", limit=9) == []
        assert find(index, "openai inc") == []


def test_index_goes_with_its_snapshot(tmp_path: Path) -> None:
    paths = [publish(tmp_path, QUADS[:n]) for n in (2, 3, 4)]
    assert [path.exists() for path in paths] == [False, True, True]


def test_publish_again_makes_an_index_that_is_missing_or_foreign(tmp_path: Path) -> None:
    path = publish(tmp_path, QUADS)
    path.unlink()
    assert is_index(publish(tmp_path, QUADS))
    path.write_bytes(b"no database, but long enough to be taken for one" * 100)
    with pytest.raises(StoreError, match="run kg build again"):
        TextIndex(path)
    assert is_index(publish(tmp_path, QUADS))


def test_unchanged_graphs_are_not_read_again(tmp_path: Path) -> None:
    path = publish(tmp_path, QUADS)
    digests = {str(graph.name): graph.digest for graph in graph_contents(QUADS)}
    write_index(tmp_path / "same.sqlite", path, ox.Store(), digests)  # a store that holds nothing
    assert content(tmp_path / "same.sqlite") == content(path)


def test_entity_that_a_named_graph_alone_knows_is_found(tmp_path: Path) -> None:
    label = entity("x", "Xylophon", graph=A)
    path = publish(tmp_path, [label[1], ox.Quad(label[0].subject, label[0].predicate, label[0].object, B)])
    with closing(TextIndex(path)) as index:
        assert find(index, "xylophon") == ["x"]


def test_index_of_the_current_snapshot_is_where_readers_look(tmp_path: Path) -> None:
    assert publish(tmp_path, QUADS) == text_index_of(current_snapshot(tmp_path))


# Spelling


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "xabc", 1), ("abcd", "badc", 2),
     ("abc", "", 3), ("abc", "xyz", 3), ("kitten", "sitting", 3)],
)  # fmt: skip
def test_edits_counts_up_to_the_most_and_one(one: str, other: str, edits: int) -> None:
    assert _edits(one, other, 5) == edits == _edits(other, one, 5)
    assert _edits(one, other, 1) == min(edits, 2)


def test_deletions_words_one_edit_apart_share_a_key() -> None:
    word = "volkswagen"
    for at in range(len(word)):
        for other in (word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word[:at] + "x" + word[at + 1 :]):
            assert deletions(word) & deletions(other), other
