import pytest

from kg.patterns import document_skeletons
from kg.records import ClusterId, Status
from kg.roles import Post, find_posts, likeliest_post, verbal_role, widened
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
