"""Every queries/cq*.rq on tests/data/questions.trig, against tests/data/expected/<name>.csv.

An expected file is a CSV of the answer, IRIs shortened by their prefix. Its first line may set parameters:
`# company=Acme; day=2019-06-30`.
"""

from __future__ import annotations

import csv
import random
import re
import time
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store

from kg import iris
from kg.questions import bind_parameters, read_question
from kg.settings import ENTITY_BASE
from kg.sparql import QueryForm, check_query

ROOT = Path(__file__).parent.parent
WORLD = ROOT / "tests/data/questions.trig"
EXPECTED = ROOT / "tests/data/expected"
QUESTIONS = sorted((ROOT / "queries").glob("cq*.rq"))
N_CLAIMS = 1_500
LIMIT_S = 1.0
"""Seconds that a question may take on the made-up world."""
LARGE_LIMIT_S = 10.0
"""Seconds on N_CLAIMS claims: ten times what the slowest takes there, and a tenth of what a wrong join takes."""

NAMES = {
    "company/0": "Acme",
    "company/1": "Cobalt",
    "company/2": "Foxtrot",
    "person/0": "Ann Lee",
    "product/0": "Anvil",
    "product/1": "Oslo",
}
"""Names that the parameters of the expected files ask for, given to the best connected of the many."""

each_question = pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)


def parameters_of(path: Path) -> dict[str, str]:
    first = (EXPECTED / f"{path.stem}.csv").read_text(encoding="utf-8").splitlines()[0]
    pairs = first.removeprefix("# ").split("; ") if first.startswith("# ") else []
    return dict(pair.split("=", 1) for pair in pairs)


def expected_rows(path: Path) -> list[list[str]]:
    lines = (EXPECTED / f"{path.stem}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    return list(csv.reader(line for line in lines if not line.startswith("# ")))


def text_of(path: Path) -> str:
    return bind_parameters(read_question(path), parameters_of(path))


def ask(store: Store, text: str) -> list[list[str]]:
    """Header and rows of the answer, IRIs shortened."""
    solutions = store.query(text, use_default_graph_as_union=True)
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [names, *([show(row[name]) for name in names] for row in solutions)]


def show(term: object) -> str:
    if isinstance(term, NamedNode):
        return iris.compress(term.value, ENTITY_BASE)
    return term.value if isinstance(term, Literal) else ""


@pytest.fixture(scope="module")
def world() -> Store:
    store = Store()
    store.load(path=str(WORLD))
    return store


@pytest.fixture(scope="module")
def large_world() -> Store:
    """N_CLAIMS claims in which a few names have most of the links, as in real text."""
    chance = random.Random(7)
    store = Store()
    quads: list[Quad] = []
    for n in range(N_CLAIMS):
        quads += claim_quads(n, chance)
    store.bulk_extend(quads)
    return store


def claim_quads(n: int, chance: random.Random) -> list[Quad]:
    kinds = (("worksFor", "person", "company"), ("acquired", "company", "company"), ("develops", "company", "product"))
    predicate, *ends = chance.choice((*kinds, ("competesWith", "product", "product"), ("sued", "company", "company")))
    subject, object_ = (NamedNode(f"{ENTITY_BASE}{end}/{int(200 * chance.random() ** 3)}") for end in ends)
    document, claim, evidence = (NamedNode(f"{ENTITY_BASE}{kind}/{n}") for kind in ("document", "claim", "evidence"))
    other = NamedNode(f"{ENTITY_BASE}claim/{n + 1}")
    status = chance.choice(("Actual", "Actual", "Actual", "Former", "Attempted", "Denied"))
    year = Literal(str(chance.randint(2000, 2025)), datatype=iris.expand("xsd:gYear"))
    figure = NamedNode(f"{ENTITY_BASE}observation/{n}")
    metric = chance.choice(("Revenue", "DealValue", "Valuation"))
    said: list[tuple[NamedNode, str, NamedNode | Literal]] = [
        *(
            (end, "rdf:type", iris.expand(f"kg:{kind.capitalize()}"))
            for end, kind in zip((subject, object_), ends, strict=True)
        ),
        *((end, "rdfs:label", name_of(end)) for end in (subject, object_)),
        *((end, "skos:altLabel", Literal(f"{name_of(end).value} Corp")) for end in (subject, object_)),
        *((document, "kg:mentions", end) for end in (subject, object_)),
        (document, "rdf:type", iris.expand("kg:Document")),
        (document, "dcterms:title", Literal("Acme, corrected" if n < 9 else f"Document {n}")),
        (claim, "rdf:type", iris.expand("kg:Claim")),
        (claim, "rdf:subject", subject),
        (claim, "rdf:predicate", iris.expand(f"kg:{predicate}")),
        (claim, "rdf:object", object_),
        (claim, "kg:status", iris.expand(f"kg:{status}")),
        (claim, "kg:confidence", Literal(0.5)),
        (claim, "kg:sourceCount", Literal(1 + n % 4)),
        *((claim, p, other) for p in ("kg:conflictsWith", "kg:differsInDateFrom") if n % 10 == 0),
        (claim, "kg:occurredOn", year),
        (claim, "kg:attributionText", Literal(f"Lee {n}")),
        (figure, "rdf:type", iris.expand("kg:Observation")),
        (figure, "kg:about", object_),
        (figure, "kg:metric", iris.expand(f"kg:{metric}")),
        (figure, "kg:value", Literal(n)),
        (figure, "kg:unit", Literal("USD")),
        (figure, "kg:confidence", Literal(0.5)),
        *((statement, "kg:evidence", evidence) for statement in (claim, figure)),
        (evidence, "kg:quote", Literal(f"Sentence {n}.")),
        (evidence, "kg:start", Literal(n)),
        (evidence, "prov:wasDerivedFrom", document),
    ]
    plain = [(subject, f"kg:{predicate}", object_)] if status == "Actual" else []
    return [Quad(s, iris.expand(p), o, DefaultGraph()) for s, p, o in (*said, *plain)]


def name_of(entity: NamedNode) -> Literal:
    key = entity.value.removeprefix(ENTITY_BASE)
    return Literal(NAMES.get(key, key))


def test_questions_folder_is_complete() -> None:
    assert len(QUESTIONS) >= 24
    assert [path.name[:4] for path in QUESTIONS] == [f"cq{n:02}" for n in range(1, len(QUESTIONS) + 1)]
    assert sorted(path.stem for path in EXPECTED.glob("cq*.csv")) == [path.stem for path in QUESTIONS]


@each_question
def test_question_made_up_world_gives_expected_rows(path: Path, world: Store) -> None:
    assert ask(world, text_of(path)) == expected_rows(path)


@each_question
def test_question_expected_rows_are_not_empty(path: Path) -> None:
    assert len(expected_rows(path)) > 1


@each_question
def test_question_header_columns_are_those_of_the_select(path: Path, world: Store) -> None:
    question = read_question(path)
    assert ask(world, question.text)[0] == [column.name for column in question.columns]


@each_question
def test_question_guard_of_the_endpoint_lets_it_through(path: Path) -> None:
    assert check_query(text_of(path)).form is QueryForm.SELECT


@each_question
def test_question_any_loading_order_gives_the_same_order(path: Path, world: Store) -> None:
    quads, text = list(world), text_of(path)
    for seed in range(3):
        random.Random(seed).shuffle(quads)
        store = Store()
        store.extend(quads)
        assert ask(store, text) == expected_rows(path)


@each_question
def test_question_order_by_tells_any_two_rows_apart(path: Path, large_world: Store) -> None:
    text = text_of(path)
    keys = set(re.findall(r"\?(\w+)", text[text.rindex("\nORDER BY ") :]))
    names, *rows = ask(large_world, text)
    seen = [tuple(value for name, value in zip(names, row, strict=True) if name in keys) for row in rows]
    assert keys <= set(names)
    assert len(set(seen)) == len(seen)


@each_question
def test_question_second_engine_gives_the_same_rows(path: Path, second_engine: rdflib.Graph) -> None:
    solutions = second_engine.query(text_of(path)).bindings
    names = [column.name for column in read_question(path).columns]
    rows = [[show_rdflib(solution.get(rdflib.Variable(name))) for name in names] for solution in solutions]
    assert rows == expected_rows(path)[1:]


@pytest.fixture(scope="module")
def second_engine(world: Store) -> rdflib.Graph:
    """The union of all graphs, in rdflib."""
    triples = "".join(f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in world)
    return rdflib.Graph().parse(data=triples, format="nt")


def show_rdflib(term: object) -> str:
    if isinstance(term, rdflib.URIRef):
        return iris.compress(str(term), ENTITY_BASE)
    return "" if term is None else str(term)


@each_question
def test_question_made_up_world_is_answered_in_time(path: Path, world: Store) -> None:
    began = time.perf_counter()
    ask(world, text_of(path))
    assert time.perf_counter() - began < LIMIT_S


@each_question
def test_question_many_claims_are_answered_in_time(path: Path, large_world: Store) -> None:
    began = time.perf_counter()
    ask(large_world, text_of(path))
    assert time.perf_counter() - began < LARGE_LIMIT_S


@each_question
@pytest.mark.parametrize("readme", ["queries/README.md", "ontology/README.md"])
def test_question_stands_in_the_table_of_the_readme(path: Path, readme: str) -> None:
    lines = (ROOT / readme).read_text(encoding="utf-8").splitlines()
    assert any(path.name in line and read_question(path).question in line for line in lines)


@pytest.mark.parametrize(
    ("start", "goal", "shortest"),
    [
        ("Bolt", "Anvil", "Bolt -basedOn-> Anvil"),
        ("Anvil", "Bolt", "Anvil <-basedOn- Bolt"),
        ("Delta", "Acme Corp", "Delta -partnerOf-> Acme"),
        ("Bolt", "Beta", "Bolt <-develops- Acme -competesWith-> Beta"),
        ("Golf", "Core", "Golf -subsidiaryOf-> Foxtrot -subsidiaryOf-> Cobalt -uses-> Anvil -competesWith-> Core"),
        ("Golf", "Drill", None),  # five facts away
        ("Acme", "Lyon", None),  # only a former seat
        ("Acme", "Acme", None),
        ("Acme", "Nobody", None),
    ],
)
def test_path_between_names_first_row_is_a_shortest_path(
    world: Store, start: str, goal: str, shortest: str | None
) -> None:
    question = read_question(ROOT / "queries/cq12_path_between_names.rq")
    rows = ask(world, bind_parameters(question, {"from": start, "to": goal}))[1:]
    assert next((row[1] for row in rows), None) == shortest


@pytest.mark.parametrize(
    ("day", "holds"), [("2015-12-31", False), ("2016-01-01", True), ("2019-12-31", True), ("2020-06-01", False)]
)
def test_as_of_date_former_position_holds_until_its_end(world: Store, day: str, holds: bool) -> None:
    question = read_question(ROOT / "queries/cq32_as_of_date.rq")
    rows = ask(world, bind_parameters(question, {"name": "Dee Fox", "day": day}))[1:]
    assert ("claim:06" in [row[-1] for row in rows]) is holds
