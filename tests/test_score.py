"""The rules of the scorer, each on a document or two."""

from __future__ import annotations

from typing import Any

import pytest

from kg.gold import parse_annotation, read_gold
from kg.score import Miss, Pair, Part, Score, Tally, role_words, score_pairs, surface_key
from tests.conftest import ROOT

Json = dict[str, Any]
TEXT = "Acme bought Beta in May. Zoë Ek is its chief executive.\nRain fell."


def entity(key: str, name: str, kind: str = "Company", **more: Any) -> Json:
    return {"id": key, "name": name, "type": kind, "aliases": [name], **more}


ACME, BETA, ZOE = entity("e1", "Acme"), entity("e2", "Beta"), entity("e3", "Zoë Ek", "Person")


def relation(subject: str, predicate: str, target: str, status: str = "actual", **more: Any) -> Json:
    evidence = "Acme bought Beta in May."
    return {
        "subject": subject,
        "predicate": predicate,
        "object": target,
        "status": status,
        "evidence": evidence,
        **more,
    }


def figure(value: float, metric: str = "revenue", unit: str | None = "USD", **more: Any) -> Json:
    return {"subject": "e1", "metric": metric, "value": value, "unit": unit, "evidence": "Rain fell.", **more}


def score(gold: Json, found: Json, text: str = TEXT) -> Score:
    return score_pairs([Pair(parse_annotation({"doc": "a.txt", **gold}), parse_annotation(found), text)])


def tally(part: Part, gold: list[Json], found: list[Json]) -> Tally:
    """The counts of a part, where gold and prediction know the three names and say these things of them."""
    key = "observations" if part == "observations" else "relations"
    names = {"entities": [ACME, BETA, ZOE]}
    return score({**names, key: gold}, {**names, key: found}).tally(part)


def named(gold: list[Json], found: list[Json], part: Part = "entities") -> Tally:
    return score({"entities": gold}, {"entities": found}).tally(part)


@pytest.mark.parametrize(
    ("surface", "key"),
    [
        ("ACME", "acme"),
        ("The Acme Group", "acme"),
        ("Acme Co., Ltd.", "acme"),
        ("Acme, Inc", "acme"),
        ("Acme’s", "acme"),
        ("Acme\n Foods", "acme foods"),
        ("“Acme”", "“acme”"),
        ('"Acme."', "acme"),
        ("Group", "group"),
        ("\tInc.", " inc"),
        ("Acme Corporate", "acme corporate"),
        (" ", ""),
    ],
)
def test_surface_key_leaves_what_tells_names_apart(surface: str, key: str) -> None:
    assert surface_key(surface) == key


def test_entities_alias_of_the_other_is_a_hit() -> None:
    gold = entity("e1", "Acme Foods", aliases=["Acme Foods", "the grocer"])
    assert named([gold], [entity("x", "The Grocer")]) == Tally(1, 0, 0)


def test_entities_second_prediction_of_one_name_is_an_error() -> None:
    assert named([ACME], [entity("x", "Acme"), entity("y", "Acme Inc")]) == Tally(1, 1, 0)


def test_entities_most_shared_forms_win() -> None:
    gold = [entity("e1", "Alphabet", aliases=["Alphabet", "Google"])]
    found = [entity("a", "Google", "Product"), entity("b", "Google", aliases=["Google", "Alphabet"])]
    assert named(gold, found, "entities_typed") == Tally(1, 1, 0)


def test_entities_same_name_wins_before_same_type() -> None:
    gold = [entity("e1", "Ford", "Person", aliases=["Ford", "Mr Ford"])]
    found = [entity("a", "Mr Ford", "Person"), entity("b", "Ford", "Company")]
    assert named(gold, found, "entities_typed") == Tally(0, 2, 1)


def test_entities_same_type_wins_among_equal_names() -> None:
    gold = [entity("e1", "Ford", "Person")]
    found = [entity("a", "Ford", "Company"), entity("b", "Ford", "Person")]
    assert named(gold, found, "entities_typed") == Tally(1, 1, 0)


def test_entities_wrong_type_is_found_and_wrongly_typed() -> None:
    found = [entity("x", "Acme", "Product")]
    assert named([ACME], found) == Tally(1, 0, 0)
    result = score({"entities": [ACME]}, {"entities": found})
    assert result.tally("entities_typed", "Company") == Tally(0, 0, 1)
    assert result.tally("entities_typed", "Product") == Tally(0, 1, 0)


def test_entities_alternative_type_is_right() -> None:
    gold = entity("e1", "Acme", alt_types=["Organization"])
    assert named([gold], [entity("x", "Acme", "Organization")], "entities_typed") == Tally(1, 0, 0)


@pytest.mark.parametrize("found", [[], [entity("x", "Acme")], [entity("x", "Acme", "Place")]])
@pytest.mark.parametrize("mark", ["optional", "chrome_only"])
def test_entities_marked_neutral_count_neither_way(mark: str, found: list[Json]) -> None:
    gold = [entity("e1", "Acme", **{mark: True})]
    assert named(gold, found) == named(gold, found, "entities_typed") == Tally(0, 0, 0)


def test_entities_beyond_gold_are_errors_but_where_chrome_is_sampled() -> None:
    menu = entity("e9", "Login", chrome_only=True)
    assert named([ACME], [ACME, BETA]) == Tally(1, 1, 0)
    assert named([ACME, menu], [ACME, BETA]) == Tally(1, 0, 0)


def test_entities_place_beyond_gold_is_ignored_and_gold_place_is_not() -> None:
    oslo = entity("e4", "Oslo", "Place")
    assert named([ACME], [ACME, oslo]) == Tally(1, 0, 0)
    assert named([ACME, oslo], [ACME]) == Tally(1, 0, 1)


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [("partnerOf", Tally(1, 0, 0)), ("competesWith", Tally(1, 0, 0)), ("sued", Tally(0, 1, 1))],
)
def test_relations_turned_round_is_right_only_without_direction(predicate: str, expected: Tally) -> None:
    assert tally("relations", [relation("e1", predicate, "e2")], [relation("e2", predicate, "e1")]) == expected


def test_relations_of_an_unmatched_name_are_wrong_and_gold_is_missed() -> None:
    gold = {"entities": [ACME, BETA], "relations": [relation("e1", "acquired", "e2")]}
    found = {"entities": [ACME, entity("e2", "Gamma")], "relations": [relation("e1", "acquired", "e2")]}
    assert score(gold, found).tally("relations") == Tally(0, 1, 1)


def test_relations_of_an_id_without_a_name_are_wrong() -> None:
    found = {"entities": [ACME], "relations": [relation("e1", "acquired", "e7")]}
    result = score({"entities": [ACME]}, found)
    assert result.tally("relations") == Tally(0, 1, 0)
    assert result.misses[0].what == "Acme acquired ?e7 (actual)"


@pytest.mark.parametrize(
    ("said", "also"), [("acquired", "subsidiaryOf"), ("uses", "suppliesTo"), ("suppliesTo", "uses")]
)
def test_relations_second_wording_of_a_gold_one_counts_neither_way(said: str, also: str) -> None:
    gold = [relation("e1", said, "e2")]
    assert tally("relations", gold, [*gold, relation("e2", also, "e1")]) == Tally(1, 0, 0)
    assert tally("relations", gold, [*gold, relation("e1", also, "e2")]) == Tally(1, 1, 0)


def test_relations_second_wording_that_gold_asks_for_counts() -> None:
    gold = [relation("e1", "acquired", "e2"), relation("e2", "subsidiaryOf", "e1")]
    assert tally("relations", gold, gold[:1]) == Tally(1, 0, 1)


def test_relations_optional_counts_neither_way() -> None:
    gold = [relation("e1", "sued", "e2", optional=True)]
    wrong_status = [relation("e1", "sued", "e2", "denied")]
    assert tally("relations", gold, []) == tally("relations_with_status", gold, wrong_status) == Tally(0, 0, 0)
    assert tally("false_assertions", [relation("e1", "sued", "e2", "denied", optional=True)], gold).fp == 0


def test_relations_optional_in_one_status_is_asked_for_in_the_other() -> None:
    gold = [relation("e1", "sued", "e2", optional=True), relation("e1", "sued", "e2", "former")]
    assert tally("relations", gold, []) == Tally(0, 0, 1)


def test_statuses_each_of_two_counts() -> None:
    gold = [relation("e1", "acquired", "e2", s) for s in ("rumoured", "denied")]
    found = [relation("e1", "acquired", "e2", s) for s in ("rumoured", "actual")]
    assert tally("relations", gold, found) == Tally(1, 0, 0)
    assert tally("relations_with_status", gold, found) == Tally(1, 1, 1)


def test_statuses_of_wrong_and_missed_relations_count() -> None:
    assert tally("relations_with_status", [relation("e1", "sued", "e2")], [relation("e2", "sued", "e1")]) == (
        Tally(0, 1, 1)
    )


def test_statuses_are_told_one_by_one() -> None:
    names = {"entities": [ACME, BETA]}
    gold = {**names, "relations": [relation("e1", "acquired", "e2", "planned")]}
    result = score(gold, {**names, "relations": [relation("e1", "acquired", "e2")]})
    assert result.labels("relations_with_status") == ["actual", "planned"]
    assert result.tally("relations_with_status", "planned") == Tally(0, 0, 1)
    assert result.tally("relations_with_status", "actual") == Tally(0, 1, 0)


@pytest.mark.parametrize(
    ("gold", "found", "count"),
    [
        ([], ["actual"], 1),
        (["denied"], ["actual"], 1),
        (["denied", "actual"], ["actual"], 0),
        (["actual"], ["denied"], 0),
        (["actual"], ["actual", "former"], 0),
        ([], ["rumoured"], 0),
        (["former"], ["former", "actual"], 1),
    ],
)
def test_false_assertions_are_actual_without_gold_being_so(gold: list[str], found: list[str], count: int) -> None:
    wanted, got = ([relation("e1", "acquired", "e2", s) for s in some] for some in (gold, found))
    assert tally("false_assertions", wanted, got).fp == count


@pytest.mark.parametrize(
    ("gold", "found", "right"),
    [
        ("CEO", "chief executive officer of the company", True),  # three of four words
        ("chief executive", "CEO", True),  # two of three
        ("cofounder, chair", "co-founder and chair", True),
        ("VP", "president", True),
        ("head of strategy", "head of finance", False),
        ("head of strategy", None, False),
        ("chair", "the", False),
    ],
)
def test_roles_half_of_the_words_make_one_role(gold: str, found: str | None, right: bool) -> None:
    wanted, got = relation("e3", "worksFor", "e1", role=gold), relation("e3", "worksFor", "e1", role=found)
    assert tally("roles", [wanted], [got]) == (Tally(1, 0, 0) if right else Tally(0, 0, 1))


def test_roles_count_only_where_gold_has_one_and_the_relation_is_found() -> None:
    chair, none = relation("e3", "worksFor", "e1", role="chair"), relation("e3", "worksFor", "e1", role="the")
    assert tally("roles", [none], [chair]) == tally("roles", [chair], []) == Tally(0, 0, 0)


def test_roles_of_an_optional_wording_are_right_too() -> None:
    gold = [
        relation("e3", "worksFor", "e1", role="chair"),
        relation("e3", "worksFor", "e1", "former", role="clerk", optional=True),
    ]
    assert tally("roles", gold, [relation("e3", "worksFor", "e1", role="clerk")]) == Tally(1, 0, 0)


def test_role_words_of_nothing_are_none() -> None:
    assert role_words(None) == role_words("of the") == frozenset()


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (figure(1000), True),
        (figure(1010), True),
        (figure(1010.1), False),
        (figure(989.9), False),
        (figure(1000, "profit"), False),
        (figure(1000, unit="EUR"), False),
        (figure(1000, unit=None), False),
        (figure(1000, subject="e2"), False),
        (figure(-1000), False),
    ],
)
def test_observations_right_has_subject_metric_unit_and_value_within_a_percent(found: Json, right: bool) -> None:
    assert tally("observations", [figure(1000)], [found]) == (Tally(1, 0, 0) if right else Tally(0, 1, 1))


def test_observations_loss_matches_a_loss() -> None:
    assert tally("observations", [figure(-500, "profit")], [figure(-502, "profit")]) == Tally(1, 0, 0)


def test_observations_gold_figure_is_taken_once() -> None:
    assert tally("observations", [figure(1000)], [figure(1000), figure(1000)]) == Tally(1, 1, 0)


def test_observations_of_metric_other_count_neither_way() -> None:
    assert tally("observations", [figure(1, "other")], [figure(2, "other")]) == Tally(0, 0, 0)


def test_observations_optional_counts_neither_way_and_is_taken_last() -> None:
    gold = [figure(1000, optional=True), figure(1001)]
    assert tally("observations", gold, []) == Tally(0, 0, 1)
    assert tally("observations", gold, [figure(1000)]) == Tally(1, 0, 0)
    assert tally("observations", gold, [figure(1000), figure(1000)]) == Tally(1, 0, 0)
    assert tally("observations", gold, [figure(1000)] * 3) == Tally(1, 1, 0)


@pytest.mark.parametrize(
    ("quote", "verbatim"),
    [
        ("Acme bought Beta in May.", True),
        (" Acme  bought\nBeta ", True),
        ("chief executive. Rain fell.", True),
        ("Acme bought Beta in June.", False),
        ("acme bought Beta", False),
        ("", False),
        ("\n ", False),
    ],
)
def test_evidence_verbatim_is_the_text_white_space_apart(quote: str, verbatim: bool) -> None:
    found = [relation("e1", "acquired", "e2", evidence=quote)]
    assert tally("evidence", [], found) == (Tally(1, 0, 0) if verbatim else Tally(0, 1, 0))


def test_evidence_of_every_relation_and_observation_is_checked() -> None:
    found = {
        "relations": [relation("e1", "sued", "e2")],
        "observations": [figure(1), figure(2, "other", evidence="Snow fell.")],
    }
    assert score({}, found).tally("evidence") == Tally(2, 1, 0)


def test_score_document_without_prediction_is_missed_whole() -> None:
    gold = {"entities": [ACME, BETA], "relations": [relation("e1", "acquired", "e2")], "observations": [figure(5)]}
    result = score(gold, {})
    assert result.tally("entities") == Tally(0, 0, 2)
    assert result.tally("relations") == result.tally("observations") == Tally(0, 0, 1)


def test_score_counts_false_assertions_for_each_100_documents() -> None:
    names = [ACME, BETA]
    bad = parse_annotation({"entities": names, "relations": [relation("e1", "acquired", "e2")]})
    nothing = parse_annotation({"doc": "a.txt", "entities": names})
    pairs = [Pair(nothing, bad, TEXT), *[Pair(nothing, parse_annotation({}), TEXT)] * 3]
    assert score_pairs(pairs).false_assertions_per_100 == 25.0


def test_score_of_no_document_is_nothing() -> None:
    empty = score_pairs([])
    assert (empty.false_assertions_per_100, empty.tally("relations"), empty.misses) == (0.0, Tally(), ())


@pytest.mark.parametrize(
    ("counts", "ratios"),
    [
        (Tally(), (0, 0, 0)),
        (Tally(0, 1, 1), (0, 0, 0)),
        (Tally(3, 1, 0), (0.75, 1, 6 / 7)),
        (Tally(1, 0, 1), (1, 0.5, 2 / 3)),
    ],
)
def test_tally_ratios_of_counts(counts: Tally, ratios: tuple[float, float, float]) -> None:
    assert (counts.precision, counts.recall, counts.f1) == pytest.approx(ratios)


def test_misses_name_document_kind_and_sentence() -> None:
    names = [ACME, BETA, ZOE]
    gold = {
        "entities": names,
        "relations": [
            relation("e1", "acquired", "e2", "planned"),
            relation("e3", "worksFor", "e1", role="chair", evidence="Zoë Ek is its\nchief executive."),
        ],
        "observations": [figure(2_500_000)],
    }
    found = {
        "entities": [entity("a", "Acme", "Product"), entity("b", "Beta"), entity("c", "Rain")],
        "relations": [relation("a", "acquired", "b"), relation("b", "sued", "a", "former", evidence="Beta sued.")],
        "observations": [figure(7, "users", "count", subject="b")],
    }
    assert score(gold, found).misses == (
        Miss("a.txt", "false", "Acme acquired Beta (planned): got actual", "Acme bought Beta in May."),
        Miss("a.txt", "missed", "Acme revenue 2,500,000 USD", "Rain fell."),
        Miss("a.txt", "missed", "Zoë Ek worksFor Acme (actual)", "Zoë Ek is its chief executive."),
        Miss("a.txt", "type", "Company Acme: got Product", "Acme bought Beta in May."),
        Miss("a.txt", "unasked", "Company Rain", "Rain fell."),
        Miss("a.txt", "unquoted", "sued", "Beta sued."),
        Miss("a.txt", "unseen", "Person Zoë Ek", "Zoë Ek is its chief executive."),
        Miss("a.txt", "wrong", "Beta sued Acme (former)", "Beta sued."),
        Miss("a.txt", "wrong", "Beta users 7 count", "Rain fell."),
    )


def test_misses_role_names_both() -> None:
    names = {"entities": [ACME, ZOE]}
    gold = {**names, "relations": [relation("e3", "worksFor", "e1", role="chair")]}
    (miss,) = score(gold, {**names, "relations": [relation("e3", "worksFor", "e1", role="clerk")]}).misses
    assert (miss.kind, miss.what) == ("role", "Zoë Ek worksFor Acme (actual): got clerk for chair")


def test_misses_do_not_depend_on_the_order_of_predictions() -> None:
    gold = {"entities": [ACME, BETA], "relations": [relation("e1", "acquired", "e2", "denied")]}
    found = [entity("x", "Xi"), entity("y", "Yps"), ZOE]
    assert score(gold, {"entities": found}).misses == score(gold, {"entities": found[::-1]}).misses


def test_score_gold_against_itself_is_perfect() -> None:
    gold = read_gold(ROOT / "tests/gold/dev/gold").values()
    result = score_pairs([Pair(one, one, "") for one in gold])
    parts: tuple[Part, ...] = ("entities", "entities_typed", "relations", "relations_with_status", "observations")
    assert [result.tally(part).f1 for part in parts] == [1.0] * 5
    assert result.tally("roles").recall == 1.0
    assert result.tally("false_assertions") == Tally()
    assert {miss.kind for miss in result.misses} == {"unquoted"}  # no text was given
