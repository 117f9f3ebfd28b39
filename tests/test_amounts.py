"""kg.amounts and kg.numerals: what is an amount, what it is worth, and what is none."""

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.amounts import Amount, find_amounts

READ = [
    ("$2.5B", "2500000000", "USD"),
    ("raised £4m", "4000000", "GBP"),
    ("about $3 billion", "3000000000", "USD"),
    ("EUR 40 million", "40000000", "EUR"),
    ("40 million EUR", "40000000", "EUR"),
    ("one billion dollars", "1000000000", "USD"),
    ("half a billion dollars", "500000000", "USD"),
    ("a quarter of a billion dollars", "250000000", "USD"),
    ("two and a half million euros", "2500000", "EUR"),
    ("$10-billion deal", "10000000000", "USD"),
    ("US$40m", "40000000", "USD"),
    ("A$649", "649", "AUD"),
    ("C$11 an acre", "11", "CAD"),
    ("HK$50", "50", "HKD"),
    ("540 million Canadian dollars", "540000000", "CAD"),
    ("Rs 13,483 crore", "134830000000", "INR"),
    ("Rs 1.5 cr", "15000000", "INR"),
    ("5 lakh rupees", "500000", "INR"),
    ("₹2 lakh crore", "2000000000000", "INR"),
    ("SEK 900 million", "900000000", "SEK"),
    ("DKr13.8bn", "13800000000", "DKK"),
    ("CHF 3m", "3000000", "CHF"),
    ("¥41 billion", "41000000000", "JPY"),
    ("300 million yuan", "300000000", "CNY"),
    ("100 billion won", "100000000000", "KRW"),
    ("90 cents", "0.9", "USD"),
    ("75 pence", "0.75", "GBP"),
    ("172p a share", "1.72", "GBP"),
    ("5%", "5", "percent"),
    ("5.4 per cent", "5.4", "percent"),
    ("40 percent", "40", "percent"),
    ("Thirty-one per cent of it", "31", "percent"),
    ("nearly a fifth of the market", "20", "percent"),
    ("two-thirds of the market", "66.67", "percent"),
    ("1,234,567 users", "1234567", "count"),
    ("two hundred and six stores", "206", "count"),
    ("a dozen stores", "12", "count"),
    ("two million users", "2000000", "count"),
    ("12\u00a0000 staff", "12000", "count"),
]


@pytest.mark.parametrize(("text", "value", "unit"), READ)
def test_find_amounts_one_figure_gives_value_and_unit(text: str, value: str, unit: str) -> None:
    assert [(a.value, a.unit) for a in find_amounts(text)] == [(Decimal(value), unit)]


NONE = [
    "In 2019 and on 3 March 2025",
    "GPT-5.2 and o1 and A321",
    "the 737 MAX",
    "the iPhone 15 and Windows 11",
    "Kling 2.6 tops the ranking",
    "at 10:30, open 24/7",
    "the third, the 3rd",
    "Bakare, 42, said so",
    "he died at 83",
    "won 3-1",
    "Section 230, No. 10 and Chapter 11",
    "12 King Street",
    "call +44 20 7946 0958 or 555-0199",
    "2025-07-03 or 03/03/2025",
    "3.5 percentage points",
    "for 10 years and 5 km",
    "the DeepSeek-R1 model and the RM16 engine",
    "from 1987 to 1991 using staff",
    "the first half of the year",
    "the third quarter of the year",
    "one of them",
    "Series B",
    "5G and 4K",
    "9" * 40,
]


@pytest.mark.parametrize("text", NONE)
def test_find_amounts_no_measure_gives_nothing(text: str) -> None:
    assert find_amounts(text) == []


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("20 to 21%", (20, 21), "percent"),
        ("40-45%", (40, 45), "percent"),
        ("$2bn-$3bn", (2 * 10**9, 3 * 10**9), "USD"),
        ("$2-3 billion", (2 * 10**9, 3 * 10**9), "USD"),
        ("between 4 and 5 billion dollars", (4 * 10**9, 5 * 10**9), "USD"),
        ("4,000-5,000 employees", (4000, 5000), "count"),
        ("£50,000 to £1m", (50_000, 10**6), "GBP"),
    ],
)
def test_find_amounts_range_gives_both_ends_scaled(text: str, values: tuple[int, int], unit: str) -> None:
    assert [(a.value, a.unit) for a in find_amounts(text)] == [(values[0], unit), (values[1], unit)]


def test_find_amounts_qualifier_and_noun_lie_outside_the_span() -> None:
    text = "It has more than 500 million mobile customers."
    assert find_amounts(text) == [Amount(17, 28, Decimal(500_000_000), "count", "customers", "more than")]


def test_find_amounts_qualifier_after_is_read() -> None:
    assert find_amounts("$2.5B annualized revenue")[0].qualifier == "annualized"


def test_find_amounts_hyphenated_noun_is_the_noun() -> None:
    assert find_amounts("a seven-person start-up")[0].noun == "person"


def test_find_amounts_crowns_take_the_nation_of_the_text() -> None:
    units = [
        find_amounts(f"{nation} firm earned 5 million crowns")[0].unit for nation in ("Swedish", "Danish", "Czech")
    ]
    assert units == ["SEK", "DKK", "CZK"]


def test_find_amounts_cents_take_the_currency_before() -> None:
    assert [a.unit for a in find_amounts("€2.60, about 40 cents more")] == ["EUR", "EUR"]


def test_find_amounts_outside_range_is_not_read() -> None:
    text = "$5m, then $6m, then $7m"
    assert [text[a.start : a.end] for a in find_amounts(text, 4, 14)] == ["$6m"]


@pytest.mark.parametrize("piece", ["1", "1,234,", "twenty ", "$", "1 to ", "half a ", "Ann, ", "five hundred million "])
def test_find_amounts_long_repetition_stays_fast(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    started = time.perf_counter()
    find_amounts(text)
    assert time.perf_counter() - started < 5


@given(st.text(alphabet="0123456789.,-$€£% abekmnortuwy'\n", max_size=200))
@settings(max_examples=200, deadline=None)
def test_find_amounts_any_text_gives_sorted_disjoint_spans(text: str) -> None:
    ends = [position for amount in find_amounts(text) for position in (amount.start, amount.end)]
    assert ends == sorted(ends)
    assert all(text[a.start : a.end].strip() and a.value >= 0 for a in find_amounts(text))


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Sales were €96 million and there was a loss of 7.2 million.", ["EUR", "EUR"]),
        ("It has 40 million users, up from 30 million.", ["count", "count"]),
        ("It cost $3m and sold 1.4 million.", ["USD", "count"]),
        ("It cost $3m and went to 5.2 million of them.", ["USD", "count"]),
    ],
)
def test_find_amounts_large_figure_without_unit_takes_the_one_before(text: str, units: list[str]) -> None:
    assert [a.unit for a in find_amounts(text)] == units


def test_find_amounts_money_of_the_sentence_before_is_taken() -> None:
    text = "Sales were 12 million zlotys. The loss was 3 million."
    assert [a.unit for a in find_amounts(text, text.index("The"))] == ["PLN"]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Karachi: a profit of 640 million rupees", "PKR"),
        ("A profit of 640 million rupees", "INR"),
        ("Pakistan sold it for 5 million Indian rupees", "INR"),
        ("SANTIAGO. It costs 129,990 pesos", "CLP"),
        ("240 million kroner", "NOK"),
        ("It paid 12 million hryvnias", "UAH"),
    ],
)
def test_find_amounts_shared_name_takes_the_nation_of_the_text(text: str, unit: str) -> None:
    assert [a.unit for a in find_amounts(text)] == [unit]
