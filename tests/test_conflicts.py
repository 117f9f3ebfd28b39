"""What contradicts what, what only looks as if it did, and how many texts agree."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kg.agreement import level_of, levels_agree, sole_posts
from kg.ask import list_conflicts
from kg.build import build_graph, remove_documents, validate_store
from kg.cli import main
from kg.cli_conflicts import ASPECTS
from kg.conflicts import COMPARISONS, MAX_PEERS, PROPERTIES, comparison_quads, count_sources, find_conflicts
from kg.export import Selection, select_quads
from kg.findings import Findings, StatedClaim, StatedFigure
from kg.records import DocumentId, Metric, Predicate, Status
from kg.settings import Settings, load_settings
from kg.store import open_current
from kg.topics import Aspect

BASE = "https://example.org/"
A, B, C = DocumentId("a.txt"), DocumentId("b.txt"), DocumentId("c.txt")
World = dict[DocumentId, Findings]


def claim(link: str, status: str = "actual", name: str = "1", **details: str) -> StatedClaim:
    """`acme acquired beta`; the IRI is told apart by name."""
    subject, predicate, object_ = link.split()
    iri = f"{BASE}claim/{link.replace(' ', '-')}-{status}-{name}"
    ends = (f"{BASE}{subject}", Predicate(predicate), f"{BASE}{object_}")
    stated = StatedClaim(iri, *ends, Status(status), "0.9", f"{iri}/e")
    return replace(stated, **details)  # type: ignore[arg-type]  # every detail is a text


def figure(value: str, name: str = "1", metric: Metric = Metric.REVENUE, **details: str) -> StatedFigure:
    iri = f"{BASE}observation/{value}-{name}"
    return StatedFigure(iri, f"{BASE}acme", metric, value, "USD", "0.9", f"{iri}/e", **details)


def world(*documents: StatedClaim | StatedFigure | Findings) -> World:
    """One document for each finding: a.txt, b.txt, ..., their IRIs told apart."""
    found: World = {}
    for number, said in enumerate(documents):
        found[DocumentId(f"{'abcdefgh'[number]}.txt")] = (
            said if isinstance(said, Findings) else alone(said, str(number))
        )
    return found


def alone(said: StatedClaim | StatedFigure, name: str) -> Findings:
    said = replace(said, iri=f"{said.iri}-{name}")
    return Findings((said,)) if isinstance(said, StatedClaim) else Findings((), (said,))


def aspects(found: World, **texts: str) -> set[str]:
    groups = {DocumentId(f"{name}.txt"): DocumentId(f"{root}.txt") for name, root in texts.items()}
    return {conflict.aspect.value for conflict in find_conflicts(found, groups)}


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (("2500000000", None), ("2510000000", None), True),
        (("2500000000", None), ("2600000000", None), False),
        (("1000000000", None), ("1050000000", None), True),
        (("100000000", None), ("140000000", None), False),
        (("100000000", "about"), ("110000000", None), True),
        (("900", "more than"), ("1200", None), True),
        (("900", "more than"), ("700", None), False),
        (("900", "up to"), ("1200", None), False),
        (("-40000000", None), ("40000000", None), False),
    ],
)
def test_levels_agree_rounding_and_bounding_words_are_no_difference(
    one: tuple[str, str | None], other: tuple[str, str | None], agree: bool
) -> None:
    levels = [level_of(Decimal(value), "USD", qualifier) for value, qualifier in (one, other)]
    assert levels_agree(*levels) is agree
    assert levels_agree(*reversed(levels)) is agree


def test_levels_agree_percentages_are_written_to_the_last_digit() -> None:
    assert not levels_agree(level_of(Decimal(40), "percent", None), level_of(Decimal(43), "percent", None))
    assert levels_agree(level_of(Decimal("40.4"), "percent", None), level_of(Decimal(40), "percent", None))


@pytest.mark.parametrize(
    ("role", "posts"),
    [
        ("CEO", ("chief executive",)),
        ("Chairman and chief executive officer", ("chair", "chief executive")),
        ("co-CEO", ()),
        ("deputy chief executive", ()),
        ("CEO of its cloud unit", ()),
        ("engineer", ()),
        (None, ()),
    ],
)
def test_sole_posts_only_whole_positions_of_one_holder(role: str | None, posts: tuple[str, ...]) -> None:
    assert sole_posts(role) == posts


CONFLICTS: dict[str, list[StatedClaim | StatedFigure]] = {
    "figure": [figure("2000000000", observed_on="2025"), figure("3000000000", observed_on="2025-12")],
    "status": [claim("acme acquired beta"), claim("acme acquired beta", "denied")],
    "date": [claim("acme acquired beta", occurred_on="2024-05"), claim("acme acquired beta", occurred_on="2024-06-02")],
    "buyer": [claim("acme acquired beta"), claim("core acquired beta")],
    "employer": [claim("ann worksFor acme", role="CEO"), claim("ann worksFor beta", role="chief executive")],
    "holder": [claim("ann worksFor acme", role="CEO"), claim("bob worksFor acme", role="chief executive officer")],
}


@pytest.mark.parametrize("aspect", Aspect)
def test_find_conflicts_two_texts_that_cannot_both_be_right_are_found(aspect: Aspect) -> None:
    assert aspects(world(*CONFLICTS[aspect.value])) == {aspect.value}


@pytest.mark.parametrize("aspect", Aspect)
def test_find_conflicts_within_one_text_or_its_reprint_there_is_none(aspect: Aspect) -> None:
    assert aspects(world(*CONFLICTS[aspect.value]), a="a", b="a") == set()


NO_CONFLICT: dict[str, list[StatedClaim | StatedFigure]] = {
    "another year": [figure("2000000000", observed_on="2024"), figure("3000000000", observed_on="2025")],
    "another metric": [figure("2000000000"), figure("3000000000", metric=Metric.PROFIT)],
    "another measure": [figure("2000000000"), figure("3000000000", qualifier="annualized")],
    "unknown metric": [figure("1", metric=Metric.OTHER), figure("5", metric=Metric.OTHER)],
    "a dated and an undated figure": [figure("2000000000", observed_on="2024"), figure("3000000000")],
    "planned, then done": [claim("acme acquired beta", "planned"), claim("acme acquired beta")],
    "rumoured and done": [claim("acme acquired beta", "rumoured"), claim("acme acquired beta")],
    "failed, then done": [
        claim("acme acquired beta", "attempted", occurred_on="2019"),
        claim("acme acquired beta", occurred_on="2024-05"),
    ],
    "held, then ended": [claim("ann worksFor acme"), claim("ann worksFor acme", "former", ended_on="2024")],
    "coarser date": [
        claim("acme acquired beta", occurred_on="2024"),
        claim("acme acquired beta", occurred_on="2024-05-14"),
    ],
    "two investments": [
        claim("acme investedIn beta", occurred_on="2022"),
        claim("acme investedIn beta", occurred_on="2024"),
    ],
    "another position began": [
        claim("ann worksFor acme", role="engineer", started_on="2010"),
        claim("ann worksFor acme", role="CEO", started_on="2019"),
    ],
    "two sales": [claim("acme acquired beta", occurred_on="2010"), claim("core acquired beta", occurred_on="2020")],
    "two employers": [claim("ann worksFor acme", role="adviser"), claim("ann worksFor beta", role="adviser")],
    "two positions": [claim("ann worksFor acme", role="CEO"), claim("bob worksFor acme", role="CFO")],
    "successor": [
        claim("ann worksFor acme", role="CEO", started_on="2010"),
        claim("bob worksFor acme", role="CEO", started_on="2020"),
    ],
}


@pytest.mark.parametrize("case", NO_CONFLICT)
def test_find_conflicts_what_can_both_be_true_is_none(case: str) -> None:
    assert aspects(world(*NO_CONFLICT[case])) == set()


def dated(said: StatedClaim | StatedFigure, published: str) -> Findings:
    return replace(alone(said, published), published=published)


@pytest.mark.parametrize(
    ("one", "other", "later", "expected"),
    [
        (figure("2000000000"), figure("3000000000"), "2025-04-02", {"figure"}),
        (figure("2000000000"), figure("3000000000"), "2025-09-02", set()),
        (claim("ann worksFor acme", role="CEO"), claim("bob worksFor acme", role="CEO"), "2025-04-02", {"holder"}),
        (claim("ann worksFor acme", role="CEO"), claim("bob worksFor acme", role="CEO"), "2027-01-01", set()),
        (claim("ann worksFor acme", "former", ended_on="2024"), claim("ann worksFor acme"), "2025-04-02", {"status"}),
        (claim("acme acquired beta", "denied"), claim("acme acquired beta", occurred_on="2026"), "2026-05", set()),
        (claim("acme acquired beta"), claim("core acquired beta", occurred_on="2026"), "2026-05", set()),
    ],
)
def test_find_conflicts_date_of_publication_tells_times_apart(
    one: StatedClaim | StatedFigure, other: StatedClaim | StatedFigure, later: str, expected: set[str]
) -> None:
    assert aspects(world(dated(one, "2025-03-20"), dated(other, later))) == expected


def test_find_conflicts_companies_of_one_group_are_no_rivals() -> None:
    buyers = [claim("acme acquired beta"), claim("unit acquired beta")]
    assert aspects(world(*buyers, claim("unit subsidiaryOf acme"))) == set()


def test_find_conflicts_joint_buyers_that_one_text_names_are_no_rivals() -> None:
    one, other = claim("acme acquired beta"), claim("core acquired beta")
    joint = Findings(tuple(replace(c, iri=f"{c.iri}-joint") for c in (one, other)))
    assert aspects(world(one, other, joint)) == set()


def test_find_conflicts_text_that_gives_both_figures_contradicts_neither() -> None:
    both = Findings((), (figure("20", "x"), figure("200", "x")))
    assert aspects(world(both, figure("20"))) == set()
    assert aspects(world(both, figure("90"))) == {"figure"}


def test_find_conflicts_text_that_dates_the_other_figure_tells_of_a_development() -> None:
    course = Findings((), (figure("20", "x", qualifier="annualized"), figure("200", "x", observed_on="2026")))
    assert aspects(world(course, figure("200", qualifier="annualized"))) == set()
    assert aspects(world(course, figure("90", qualifier="annualized"))) == {"figure"}
    assert aspects(world(course, figure("20", observed_on="2026"))) == {"figure"}


def test_find_conflicts_order_of_documents_does_not_matter() -> None:
    said = [found for pair in CONFLICTS.values() for found in pair]
    found = world(*said[:8])
    shuffled = list(found.items())
    random.Random(3).shuffle(shuffled)
    assert find_conflicts(dict(shuffled)) == find_conflicts(found)
    assert comparison_quads(dict(shuffled)) == comparison_quads(found)


def test_find_conflicts_many_against_many_stay_linear() -> None:
    many: World = {}
    for number in range(300):
        status = "actual" if number % 2 else "denied"
        many[DocumentId(f"{number:03}.txt")] = Findings((claim("acme acquired beta", status, str(number)),))
    found = find_conflicts(many)
    assert len(found) <= MAX_PEERS * len(many)
    assert {end for c in found for end in (c.one, c.other)} == {f.claims[0].iri for f in many.values()}


def test_comparison_quads_stand_both_ways_in_the_default_graph() -> None:
    quads = comparison_quads(world(*CONFLICTS["date"]))
    ends = {(q.subject, q.object) for q in quads if q.predicate == PROPERTIES[Aspect.DATE]}
    assert len(ends) == 2
    assert ends == {(b, a) for a, b in ends}
    assert {q.predicate for q in quads} <= COMPARISONS
    assert len(set(quads)) == len(quads)


def test_comparison_quads_retracted_claim_is_neither_compared_nor_counted() -> None:
    found = world(*CONFLICTS["date"])
    (kept,) = comparison_quads(found, retracted={found[A].claims[0].iri})
    assert str(kept.subject) == f"<{found[B].claims[0].iri}>"
    assert str(kept.object).startswith('"1"')


def test_count_sources_reprints_count_once() -> None:
    said = [claim("acme acquired beta") for _ in range(4)]
    found = world(*said)
    assert set(count_sources(found).values()) == {4}
    assert set(count_sources(found, {B: A, C: A}).values()) == {2}


def test_count_sources_same_status_either_direction_of_a_symmetric_link() -> None:
    found = world(claim("acme partnerOf beta"), claim("beta partnerOf acme"), claim("acme partnerOf beta", "denied"))
    assert [count_sources(found)[f.claims[0].iri] for f in found.values()] == [2, 2, 1]


def test_count_sources_figures_that_agree_count() -> None:
    found = world(figure("2500000000"), figure("2510000000"), figure("4000000000"))
    assert [count_sources(found)[f.figures[0].iri] for f in found.values()] == [2, 2, 1]


def test_aspects_of_the_command_are_those_of_the_topics() -> None:
    assert tuple(aspect.value for aspect in Aspect) == ASPECTS


TEXTS = {
    "a.txt": "Haldane Pharma bought Lumivex for $40 million on 3 March 2025, the two companies said in a statement.",
    "b.txt": "Haldane Pharma bought Lumivex for $55 million in April 2025, according to a filing with the exchange.",
    "c.txt": "Maria Keller, chief executive of Haldane Pharma, said on Monday that the plant would be extended.",
    "d.txt": "Erik Lund, chief executive of Haldane Pharma, said on Tuesday that prices of materials had risen.",
    "e.txt": "Haldane Pharma bought Lumivex for $40 million on 3 March 2025, the two companies said in a statement.",
}


@pytest.fixture
def built(tmp_path: Path) -> Settings:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = load_settings(environment={}, store=str(tmp_path / "store"))
    build_graph([str(folder)], settings)
    return settings


@pytest.mark.model
def test_build_five_documents_differ_agree_and_reprint(built: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list_conflicts(built)
    pairs = {(row["aspect"], frozenset({row["firstDocument"], row["secondDocument"]})) for row in rows}
    assert ("date", frozenset({"a.txt", "b.txt"})) in pairs
    assert ("holder", frozenset({"c.txt", "d.txt"})) in pairs
    assert frozenset({"a.txt", "e.txt"}) not in {documents for _, documents in pairs}
    assert validate_store(built) == []
    assert main(["conflicts", "--store", built.store]) == 0
    assert TEXTS["d.txt"][:60] in capsys.readouterr().out
    assert main(["conflicts", "--store", built.store, "--json", "--aspect", "date"]) == 0
    assert {row["aspect"] for row in json.loads(capsys.readouterr().out)} == {"date"}


@pytest.mark.model
def test_build_facts_only_and_one_entity_leave_comparisons_whole(built: Settings) -> None:
    store = open_current(Path(built.store))
    assert not {q.predicate for q in select_quads(store, Selection(facts_only=True))} & COMPARISONS
    chosen = select_quads(store, Selection(entity="Maria Keller", hops=0))
    assert {q.object for q in chosen if q.predicate in PROPERTIES.values()} <= {q.subject for q in chosen}


@pytest.mark.model
def test_build_removed_document_takes_its_conflicts_along(built: Settings) -> None:
    remove_documents(["b.txt", "d.txt"], built)
    assert list_conflicts(built) == []
