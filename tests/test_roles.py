from dataclasses import replace

import pytest

from kg.patterns import document_skeletons
from kg.records import ClusterId, Status
from kg.roles import Post, find_posts, likeliest_post, verbal_role, widened
from kg.successions import passed_posts
from tests.nlp_docs import resolved_doc


def held(marked: str, tagged: tuple[str, ...] = ()) -> list[tuple[str, str, str | None]]:
    """(position, person, body) of each post; tagged: words that the reader is taken to have found."""
    doc = resolved_doc(marked)
    names = {c.id: c.name for c in doc._.clusters}
    spans = [(doc.text.index(words), doc.text.index(words) + len(words)) for words in tagged]
    posts = find_posts(document_skeletons(doc), spans)
    return [(doc.text[p.start : p.end], names[p.person], names[p.body] if p.body else None) for p in posts]


@pytest.mark.parametrize(
    ("marked", "role", "body"),
    [
        ("[P Ann Lee], chief executive of [C Acme], spoke.", "chief executive", "Acme"),
        ("[C Acme]'s finance director, [P Ann Lee], spoke.", "finance director", "Acme"),
        ("Chief economist [P Ann Lee] left [C Acme].", "Chief economist", None),
        ("[C Acme] named [P Ann Lee] its first head of design.", "head of design", "Acme"),
        ("[P Ann Lee] was promoted to head of design.", "head of design", None),
        ("The appointment of [P Ann Lee] as treasurer of [C Acme] is final.", "treasurer", "Acme"),
        ("The chief executive of [C Acme] since 2013 has been [P Ann Lee].", "chief executive", "Acme"),
        ("[P Ann Lee] moved to [C Acme] as head of risk.", "head of risk", "Acme"),
        ("[P Ann Lee], head of sales at [C Acme], spoke.", "head of sales", "Acme"),
        ("[C Beta] hired away [C Acme], whose engineer [P Ann Lee] spoke.", "engineer", "Acme"),
        ("[P Ann Lee], an electrician with [C Acme], spoke.", "electrician", "Acme"),
        ("[P Ann Lee] had been in charge of purchasing at [C Acme].", "in charge of purchasing", "Acme"),
        (
            "[P Ann Lee], vice-chairman and group chief executive, spoke.",
            "vice-chairman and group chief executive",
            None,
        ),
    ],
)
def test_find_posts_of_one_person_have_words_and_body(marked: str, role: str, body: str | None) -> None:
    assert held(marked) == [(role, "Ann Lee", body)]


def test_find_posts_shared_in_the_plural_have_each_holder() -> None:
    found = held("It was begun by two professors, [P Ann Lee] of [C Acme] and [P Bo Day] of [C Beta].")
    assert [(role, person) for role, person, _ in found] == [("professors", "Ann Lee"), ("professors", "Bo Day")]


def test_find_posts_succession_is_held_by_both() -> None:
    found = held("[P Ann Lee] succeeded [P Bo Day] as chief executive of [C Acme].")
    assert found == [("chief executive", "Ann Lee", "Acme"), ("chief executive", "Bo Day", "Acme")]


def test_find_posts_second_of_two_positions_keeps_its_own_body() -> None:
    found = held("[P Ann Lee], formerly head of design at [C Acme] and now a lecturer at [C Beta], spoke.")
    assert found == [("head of design", "Ann Lee", "Acme"), ("lecturer", "Ann Lee", "Beta")]


@pytest.mark.parametrize(
    "marked",
    [
        "[P Ann Lee], who heads [C Acme], spoke.",
        "[P Ann Lee] told the analysts about [C Acme].",
        "[P Ann Lee] left the chief executive's chair.",
        "[P Ann Lee], founder, left [C Acme].",
    ],
)
def test_find_posts_verbs_furniture_and_others_give_none(marked: str) -> None:
    assert held(marked) == []


def test_find_posts_reader_position_is_bound_like_others() -> None:
    assert held("[P Ann Lee], convener of [C Acme], spoke.", ("convener",)) == [("convener", "Ann Lee", "Acme")]


def test_find_posts_past_is_told_by_the_words_before() -> None:
    skeletons = document_skeletons(resolved_doc("[P Ann Lee], a former analyst, is now head of design."))
    assert [p.past for p in find_posts(skeletons, [])] == [True, False]


def post(body: str | None, sentence: int, *, named: bool = True, past: bool = False) -> Post:
    return Post(
        sentence, 10 * sentence, 10 * sentence + 5, ClusterId("e1"), ClusterId(body) if body else None, named, past
    )


def test_likeliest_post_at_the_body_comes_before_one_in_the_evidence() -> None:
    here, there = post(None, 2, named=False), post("e2", 5)
    assert likeliest_post([here, there], ClusterId("e2"), range(2, 3), Status.ACTUAL) == there


def test_likeliest_post_all_at_another_body_is_none() -> None:
    assert likeliest_post([post("e3", 2)], ClusterId("e2"), range(2, 3), Status.ACTUAL) is None


def test_likeliest_post_former_claim_takes_the_past_one() -> None:
    now, then = post("e2", 1), post("e2", 1, past=True)
    assert likeliest_post([now, then], ClusterId("e2"), range(1, 2), Status.FORMER) == then


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("[P Ann Lee], who runs [C Acme], spoke.", "runs"),
        ("[P Ann Lee] now chairs the board of [C Acme].", "chairs the board"),
        ("[P Ann Lee], who teaches patent law at [C Acme], spoke.", "teaches patent law"),
    ],
)
def test_verbal_role_is_verb_with_its_unnamed_object(marked: str, words: str) -> None:
    doc = resolved_doc(marked)
    (skeleton,) = document_skeletons(doc)
    span = verbal_role(skeleton, ClusterId("e1"))
    assert span is not None
    assert doc.text[slice(*span)].strip() == words


def test_widened_span_inside_a_post_takes_all_of_it() -> None:
    assert widened((12, 14), ClusterId("e1"), [post("e2", 1)]) == (10, 15)
    assert widened((12, 14), ClusterId("e9"), [post("e2", 1)]) == (12, 14)


def passed(marked: str) -> list[tuple[str, str, str | None]]:
    """(position, person, body) of each post that passes on to somebody in the text."""
    doc = resolved_doc(marked)
    names, skeletons = {c.id: c.name for c in doc._.clusters}, document_skeletons(doc)
    posts = passed_posts(skeletons, find_posts(skeletons, []))
    return [(doc.text[p.start : p.end], names[p.person], names[p.body] if p.body else None) for p in posts]


@pytest.mark.parametrize(
    ("marked", "role"),
    [
        ("[P Ann Lee], head brewer of [C Acme] since 2011, hands the reins to [P Bo Day] in May.", "head brewer"),
        ("[C Acme]'s departing harbour director, [P Ann Lee], is handing over to [P Bo Day].", "director"),
        ("[P Ann Lee], editor of [C Acme], is to be succeeded next spring by [P Bo Day].", "editor"),
        ("[P Ann Lee] retires as treasurer of [C Acme] in June, to be replaced by [P Bo Day].", "treasurer"),
        ("The dean of [O Acme], [P Ann Lee], made way for the surgeon [P Bo Day].", "dean"),
        ("[P Bo Day] has been brought in to replace [P Ann Lee], the plant manager of [C Acme].", "plant manager"),
        ("[C Acme] picked [P Bo Day] to succeed its chairwoman, [P Ann Lee].", "chairwoman"),
        ("[P Bo Day] takes over from [P Ann Lee], the general counsel of [C Acme].", "general counsel"),
        ("[P Bo Day] replaces [P Ann Lee], head coach of [C Acme].", "head coach"),
        ("[C Acme] has replaced [P Ann Lee], its chief buyer, with [P Bo Day].", "chief buyer"),
        (
            "[P Ann Lee] is chief pilot of [C Acme]. [P Bo Day] steps into the role vacated by [P Ann Lee].",
            "chief pilot",
        ),
        ("[P Ann Lee] is head chef of [C Acme]. Her successor will be [P Bo Day].", "head chef"),
        ("[P Ann Lee] is head of nursing at [C Acme]. [P Bo Day] will take [P Ann Lee]'s job.", "head of nursing"),
        ("[C Acme] made [P Ann Lee] its curator. [P Bo Day], who fills the post until May, is leaving.", "curator"),
        ("[P Ann Lee] is the actuary of [C Acme]. [P Bo Day], in the job for years, taught her.", "actuary"),
    ],
)
def test_passed_posts_go_to_who_comes_into_them(marked: str, role: str) -> None:
    (found,) = passed(marked)
    assert (found[0].endswith(role), *found[1:]) == (True, "Bo Day", "Acme")


@pytest.mark.parametrize(
    ("marked", "role"),
    [
        ("[P Bo Day] took over as curator of [O Acme] in March from [P Ann Lee].", "curator"),
        ("[P Bo Day] became mine manager of [O Acme], succeeding [P Ann Lee].", "mine manager"),
    ],
)
def test_passed_posts_go_back_to_who_leaves_them(marked: str, role: str) -> None:
    assert passed(marked) == [(role, "Ann Lee", "Acme")]


@pytest.mark.parametrize(
    "marked",
    [
        "[P Ann Lee] was head of research at [C Acme]. She now holds the same position at [C Beta].",
        "[P Ann Lee], head of research at [C Acme], will do the same job at [C Beta].",
    ],
)
def test_passed_posts_the_same_at_another_body_is_there(marked: str) -> None:
    assert passed(marked) == [("head of research", "Ann Lee", "Beta")]


@pytest.mark.parametrize(
    "marked",
    [
        "[P Ann Lee], chief executive of [C Acme], will hand over documents to [P Bo Day].",
        "[P Ann Lee], chief executive of [C Acme], handed over to [P Bo Day] the deeds of the mill.",
        "[P Ann Lee], chief executive of [C Acme], handed over to [P Bo Day]'s lawyers.",
        "[P Ann Lee], chief executive of [C Acme], handed the keys to [P Bo Day].",
        "[P Ann Lee], chief engineer of [C Acme], replaced the engine for [P Bo Day].",
        "[P Ann Lee], sales director of [C Acme], succeeded in winning over [P Bo Day].",
        "[P Bo Day] said that the board would replace [P Ann Lee], chief executive of [C Acme].",
        "[P Bo Day] will not replace [P Ann Lee], chief executive of [C Acme].",
        "[P Bo Day] replaced [P Ann Lee], chief executive of [C Acme], with a machine.",
        "[P Bo Day] succeeded [P Ann Lee], a former banker.",
        "[P Bo Day] took over the brewery from [P Ann Lee], chairwoman of [C Acme].",
        "[P Ann Lee] is chief executive of [C Acme]. [P Bo Day] took the role of mediator.",
        "[P Ann Lee] is chief executive of [C Acme]. [P Bo Day] left the job at [C Beta].",
        "[P Ann Lee], chief executive of [C Acme], followed [P Bo Day] into the hall.",
        "[P Ann Lee] of [C Acme] succeeded [P Bo Day].",
    ],
)
def test_passed_posts_things_and_plans_handed_over_give_none(marked: str) -> None:
    assert passed(marked) == []


def test_find_posts_beyond_a_clause_on_others_are_of_who_it_is_about() -> None:
    found = held(
        "[P Ann Lee], whose cousin [P Bo Day] runs [C Acme], is the purser of its parent, [C Beta].", ("purser",)
    )
    assert found == [("purser", "Ann Lee", "Beta")]


@pytest.mark.parametrize(("status", "is_carried"), [(Status.PLANNED, True), (Status.ACTUAL, False)])
def test_likeliest_post_carried_comes_first_for_what_is_to_come(status: Status, is_carried: bool) -> None:
    own, carried = post("e2", 1), replace(post("e2", 1), carried=True)
    found = likeliest_post([own, carried], ClusterId("e2"), range(1, 2), status)
    assert found is not None
    assert found.carried is is_carried


def test_likeliest_post_come_into_elsewhere_is_none_that_was_left() -> None:
    carried = replace(post(None, 1, named=False), carried=True)
    assert likeliest_post([carried], ClusterId("e2"), range(1, 2), Status.FORMER) is None
    assert likeliest_post([carried], ClusterId("e2"), range(1, 2), Status.ACTUAL) == carried
