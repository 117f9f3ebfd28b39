import pytest

from tests.nlp_docs import resolved_doc


def clusters(marked: str) -> list[set[str]]:
    return [set(c.aliases) for c in resolved_doc(marked)._.clusters]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[P Sam Altman] spoke. [P Altman] left.", [{"Sam Altman", "Altman"}]),
        ("[P Ann Lee] and [P Bob Lee] met. [P Lee] left.", [{"Ann Lee"}, {"Bob Lee"}, {"Lee"}]),
        ("[P Luis von Ahn] spoke. [P von Ahn] left.", [{"Luis von Ahn", "von Ahn"}]),
        ("[P James III] met [P James IV].", [{"James III"}, {"James IV"}]),
        (
            "[P Paul Roe Sr.] and [P Paul Roe Jr.] met. [P Paul Roe] left.",
            [{"Paul Roe Sr."}, {"Paul Roe Jr."}, {"Paul Roe"}],
        ),
        ("[P Paul Roe Jr.] spoke. [P Paul Roe] left.", [{"Paul Roe Jr.", "Paul Roe"}]),
        ("[P Jo Ann Lee Roe] and [P J. A. Roe] are one. [P Roe] left.", [{"Jo Ann Lee Roe", "J. A. Roe", "Roe"}]),
        ("[P José Sarney de Araújo Costa] spoke. [P Sarney] left.", [{"José Sarney de Araújo Costa", "Sarney"}]),
        ("[C Haldane Pharma plc] grew. [C Haldane] hired.", [{"Haldane Pharma plc", "Haldane"}]),
        ("[O Massachusetts Institute of Technology] and [O MIT].", [{"Massachusetts Institute of Technology", "MIT"}]),
        ("[C Nippon Yusen] ([C NYK]) sails.", [{"Nippon Yusen", "NYK"}]),
        ("[C OpenAI] sells [R OpenAI Codex]. [R Codex] grew.", [{"OpenAI"}, {"OpenAI Codex", "Codex"}]),
        ("[R GPT-5.2] came before [R GPT-5.3-Codex].", [{"GPT-5.2"}, {"GPT-5.3-Codex"}]),
        ("[C Google] owns [C Google Cloud Storage].", [{"Google"}, {"Google Cloud Storage"}]),
        ("[C Apple] sells. [P Apple] sings.", [{"Apple"}, {"Apple"}]),
    ],
)
def test_cluster_names_cases_join_or_stay_apart(marked: str, expected: list[set[str]]) -> None:
    assert clusters(marked) == expected


def anaphora(marked: str) -> list[tuple[str, str]]:
    doc = resolved_doc(marked)
    names = {c.id: c.name for c in doc._.clusters}
    return [(s.text, names[s.label_]) for s in doc.spans["anaphora"]]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[C Acme] grew. The company hired.", [("The company", "Acme")]),
        ("[C Acme] bought [C Halden], a Danish brewer. The brewer grew.", [("The brewer", "Halden")]),
        ("[C Acme] met [C Halden], a Danish brewer. The Danish company grew.", [("The Danish company", "Halden")]),
        ("[C Acme] sued Danish lender [C Halden]. The lender paid.", [("The lender", "Halden")]),
        ("[C Acme] met [P Ann Lee]. She left its board.", [("She", "Ann Lee"), ("its", "Acme")]),
        ("[C Acme] makes [R Rover]. The product sells.", [("The product", "Rover")]),
        ("[C Acme] grew. The small Leeds-based company hired.", [("The small Leeds-based company", "Acme")]),
        ("[C Acme] hired [P Ann Lee]. She left the company", [("She", "Ann Lee"), ("the company", "Acme")]),
        ("[C Acme] grew. The head of the parish spoke.", []),
        ("[P Maria Silva] spoke. He left.", []),
        ("Nobody came. The company closed.", []),
    ],
)
def test_find_anaphora_cases_take_the_fitting_name(marked: str, expected: list[tuple[str, str]]) -> None:
    assert anaphora(marked) == expected


def test_resolve_names_cluster_keeps_exact_offsets() -> None:
    doc = resolved_doc("[C Acme] grew, and [C Acme] hired.")
    assert [doc.text[m.start : m.end] for m in doc._.clusters[0].mentions] == ["Acme", "Acme"]
