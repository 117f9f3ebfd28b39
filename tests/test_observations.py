"""kg.observations with kg.figure_cues and kg.figure_subjects: which figure measures what, and of whom."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kg.observations import find_observations, merge_observations
from kg.records import Cluster, ClusterId, Document, DocumentId, EntityType, Mention, Metric, Observation, Span

COMPANY, PRODUCT, PERSON = EntityType.COMPANY, EntityType.PRODUCT, EntityType.PERSON
Names = dict[str, EntityType]


def observe(*sentences: str, names: Names, anaphora: dict[str, str] | None = None) -> list[Observation]:
    """Observations of the sentences, one a line; `about` is the name of the cluster. anaphora: words -> name."""
    text = "\n".join(sentences)
    starts = [sum(len(s) + 1 for s in sentences[:k]) for k in range(len(sentences))]
    spans = [Span(start, start + len(s)) for start, s in zip(starts, sentences, strict=True)]
    places = {name: [i for i in range(len(text)) if text.startswith(name, i)] for name in names}
    clusters = [
        Cluster(ClusterId(name), name, kind, (name,), tuple(Mention(i, i + len(name), name) for i in places[name]))
        for name, kind in names.items()
    ]
    pairs = [(Span(text.index(w), text.index(w) + len(w)), ClusterId(name)) for w, name in (anaphora or {}).items()]
    document = Document(DocumentId("d.txt"), text, (Span(0, len(text)),), published="2026-02-03")
    found = find_observations(document, spans, clusters, pairs)
    assert all(text[o.evidence.start : o.evidence.end] == o.evidence.quote for o in found)
    return found


def facts(found: list[Observation]) -> list[tuple[str, str, int, str]]:
    return [(o.about, o.metric.value, int(o.value), o.unit) for o in found]


ONE = [
    ("Vexa's revenue was $5.8bn last year.", ("Vexa", "revenue", 5_800_000_000, "USD")),
    ("Sales at Vexa climbed 14% to €212 million.", ("Vexa", "revenue", 212_000_000, "EUR")),
    ("Vexa, whose brands include Ostra and Pell, posted sales of $15m.", ("Vexa", "revenue", 15_000_000, "USD")),
    ("Vexa made a net profit of £7m.", ("Vexa", "profit", 7_000_000, "GBP")),
    ("Vexa lost $5 million.", ("Vexa", "profit", -5_000_000, "USD")),
    ("Vexa was valued at around $11 billion.", ("Vexa", "valuation", 11_000_000_000, "USD")),
    ("Ostra invested $40m in Vexa.", ("Vexa", "funding", 40_000_000, "USD")),
    ("Vexa has raised $48 million in a Series B round.", ("Vexa", "funding", 48_000_000, "USD")),
    ("Vexa employs 4,000 people.", ("Vexa", "employees", 4000, "count")),
    ("Vexa has a workforce of 4,000.", ("Vexa", "employees", 4000, "count")),
    ("Ostra bought Vexa, a seven-person start-up.", ("Vexa", "employees", 7, "count")),
    ("Some 1,900 people work for Vexa.", ("Vexa", "employees", 1900, "count")),
    ("Vexa says it has a 37% share of the market.", ("Vexa", "market_share", 37, "percent")),
    ("Ostra said that Vexa had 45 million registered users.", ("Vexa", "users", 45_000_000, "count")),
    ("Vexa delivered 157 aircraft.", ("Vexa", "sales_units", 157, "count")),
    ("Ostra agreed to buy Vexa for $3 billion.", ("Vexa", "deal_value", 3_000_000_000, "USD")),
    ("Ostra has sold Vexa to Pell for $38m.", ("Vexa", "deal_value", 38_000_000, "USD")),
    ("Vexa was bought by Ostra for $38m.", ("Vexa", "deal_value", 38_000_000, "USD")),
    ("Ostra closed its $25 billion purchase of Vexa.", ("Vexa", "deal_value", 25_000_000_000, "USD")),
    ("Ostra paid $25 million for Vexa.", ("Vexa", "deal_value", 25_000_000, "USD")),
    ("The shares of Vexa closed at $17.40.", ("Vexa", "price", 17, "USD")),
    ("Vexa shares rose 4% to 1,214 yen.", ("Vexa", "price", 1214, "JPY")),
    ("Ostra picked up Vexa out of bankruptcy for $27m.", ("Vexa", "deal_value", 27_000_000, "USD")),
    ("Vexa went to Ostra for $10m.", ("Vexa", "deal_value", 10_000_000, "USD")),
    ("Vexa, sold to Ostra for $184m, is small.", ("Vexa", "deal_value", 184_000_000, "USD")),
    ("Ostra put $20m into Vexa.", ("Vexa", "funding", 20_000_000, "USD")),
    ("Vexa took $73m from Ostra.", ("Vexa", "funding", 73_000_000, "USD")),
    ("Ostra has supported Vexa with $6m.", ("Vexa", "funding", 6_000_000, "USD")),
    ("Ostra led a $34m Series B that helped Vexa.", ("Vexa", "funding", 34_000_000, "USD")),
    ("Vexa handles 31 per cent of card payments.", ("Vexa", "market_share", 31, "percent")),
    ("The page was written by Vexa, a workshop of 60 people.", ("Vexa", "employees", 60, "count")),
    ("The 74 employees of Vexa were told on Monday.", ("Vexa", "employees", 74, "count")),
    ("The accounts of Vexa show a loss of £37m.", ("Vexa", "profit", -37_000_000, "GBP")),
    ("Vexa made $1.2 billion in revenue.", ("Vexa", "revenue", 1_200_000_000, "USD")),
]


@pytest.mark.parametrize(("sentence", "fact"), ONE)
def test_find_observations_one_sentence_gives_its_figure(sentence: str, fact: tuple[str, str, int, str]) -> None:
    names = {name: COMPANY for name in ("Vexa", "Ostra", "Pell") if name in sentence}
    assert facts(observe(sentence, names=names)) == [fact]


@pytest.mark.parametrize(
    "sentence",
    [
        "Shares in Vexa rose 5 per cent.",
        "Vexa cut 300 jobs and expects to hire about 30 more.",
        "Vexa was fined $40m.",
        "Vexa has debts of $250m.",
        "The dividend of Vexa was $1.20 a share.",
        "Vexa lost $3m in orders.",
        "Ostra owns 30% of Vexa and handles 20% of its shares.",
        "Vexa would have been worth $9bn.",
        "Vexa increased its revenue by $3m.",
        "Vexa raised its price target to $210.",
        "Usage of Vexa is closer to 40% of that of Ostra.",
    ],
)
def test_find_observations_change_or_other_money_gives_nothing(sentence: str) -> None:
    assert observe(sentence, names={"Vexa": COMPANY, "Ostra": COMPANY}) == []


def test_find_observations_price_is_of_the_product() -> None:
    found = observe("Vexa sells the Lumo, which costs £349.", names={"Vexa": COMPANY, "Lumo": PRODUCT})
    assert facts(found) == [("Lumo", "price", 349, "GBP")]


def test_find_observations_two_metrics_in_one_sentence_gives_both() -> None:
    found = observe("Vexa lost £18m before tax on sales of £402m.", names={"Vexa": COMPANY})
    assert facts(found) == [("Vexa", "profit", -18_000_000, "GBP"), ("Vexa", "revenue", 402_000_000, "GBP")]


def test_find_observations_versus_takes_the_metric_of_the_figure_before() -> None:
    found = observe(
        "Gap: Vexa generates $2.5B annualized revenue vs. Lumo's $1B", names={"Vexa": PRODUCT, "Lumo": PRODUCT}
    )
    assert facts(found) == [("Vexa", "revenue", 2_500_000_000, "USD"), ("Lumo", "revenue", 10**9, "USD")]
    assert found[0].qualifier == "annualized"


def test_find_observations_range_gives_both_ends() -> None:
    found = observe("Vexa has a market share of 20 to 21%.", names={"Vexa": COMPANY})
    assert [int(o.value) for o in found] == [20, 21]


def test_find_observations_pronoun_gives_its_cluster() -> None:
    found = observe(
        "Tova Lind runs Vexa.",
        "Last year it employed 410 people.",
        names={"Tova Lind": PERSON, "Vexa": COMPANY},
        anaphora={"it": "Vexa"},
    )
    assert facts(found) == [("Vexa", "employees", 410, "count")]


def test_find_observations_opening_noun_phrase_is_what_was_spoken_of() -> None:
    found = observe(
        "Vexa will open in Arlington.", "The Arlington-based company has 410 employees.", names={"Vexa": COMPANY}
    )
    assert facts(found) == [("Vexa", "employees", 410, "count")]


def test_find_observations_person_is_never_measured() -> None:
    assert observe("Tova Lind raised $4m.", names={"Tova Lind": PERSON}) == []


@pytest.mark.parametrize(
    ("sentence", "date"),
    [
        ("Vexa had revenue of $3m in 2024.", "2024"),
        ("Vexa had revenue of $3m last year.", "2025"),
        ("In July 2025 Vexa raised $3m.", "2025-07"),
        ("Vexa has raised $3m.", None),
    ],
)
def test_find_observations_date_is_that_of_the_sentence(sentence: str, date: str | None) -> None:
    assert [o.observed_on for o in observe(sentence, names={"Vexa": COMPANY})] == [date]


def test_find_observations_qualifier_has_bound_and_round() -> None:
    found = observe("Vexa raised more than $48 million in a Series B round.", names={"Vexa": COMPANY})
    assert [o.qualifier for o in found] == ["more than; Series B"]


def test_find_observations_sentence_without_end_is_still_read() -> None:
    found = observe("Vexa has 300 employees, " * 2000, names={"Vexa": COMPANY})
    assert {o.about for o in found} == {"Vexa"}
    assert max(o.evidence.end - o.evidence.start for o in found) <= 2000


def _observation(metric: Metric = Metric.REVENUE, confidence: float = 0.5) -> Observation:
    return replace(
        observe("Vexa has revenue of $3m.", names={"Vexa": COMPANY})[0], metric=metric, confidence=confidence
    )


def test_merge_observations_same_figure_keeps_the_more_confident() -> None:
    merged = merge_observations([_observation(confidence=0.5)], [_observation(Metric.FUNDING, 0.9)])
    assert [o.metric for o in merged] == [Metric.FUNDING]


def test_merge_observations_equal_confidence_keeps_the_rule() -> None:
    merged = merge_observations([_observation()], [_observation(Metric.FUNDING)])
    assert [o.metric for o in merged] == [Metric.REVENUE]


def test_merge_observations_agreement_raises_confidence() -> None:
    merged = merge_observations([_observation(confidence=0.5)], [_observation(confidence=0.8)])
    assert [round(o.confidence, 6) for o in merged] == [0.9]


def test_merge_observations_other_figure_is_added() -> None:
    other = replace(_observation(), value=Decimal(7))
    assert [o.value for o in merge_observations([_observation()], [other])] == [7, 3_000_000]


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        ("Vexa sold 1.3 million of its Rover machines.", ("Rover", "sales_units", 1_300_000, "count")),
        ("The grinder of Vexa, Rover, at about €500, is slow.", ("Rover", "price", 500, "EUR")),
    ],
)
def test_find_observations_product_of_a_company_is_what_is_measured(
    sentence: str, fact: tuple[str, str, int, str]
) -> None:
    assert facts(observe(sentence, names={"Vexa": COMPANY, "Rover": PRODUCT})) == [fact]


def test_find_observations_pronoun_takes_the_subject_before_not_the_most_named() -> None:
    names = {"Vexa": COMPANY, "Ostra": COMPANY}
    said = ["Ostra grew.", "Ostra hired in May.", "Vexa left the house that Ostra built.", "It made a profit of $3m."]
    assert facts(observe(*said, names=names)) == [("Vexa", "profit", 3_000_000, "USD")]


def test_find_observations_second_share_goes_to_the_name_before_it() -> None:
    names = {"Vexa": COMPANY, "Ostra": COMPANY}
    found = observe("Vexa had a market share of 39%, ahead of Ostra on 24%.", names=names)
    assert facts(found) == [("Vexa", "market_share", 39, "percent"), ("Ostra", "market_share", 24, "percent")]


def test_find_observations_bare_offer_is_for_the_topic() -> None:
    names = {"Vexa": COMPANY, "Ostra": COMPANY}
    found = observe("Vexa is for sale again.", "Ostra offered $40m.", names=names)
    assert facts(found) == [("Vexa", "deal_value", 40_000_000, "USD")]
