"""Pictures of pages: marks stand where their dates are, and say so."""

from __future__ import annotations

import re
from xml.etree.ElementTree import tostring

import pytest

from api.page_plots import Mark, Point, draw_plot, draw_timeline
from api.page_words import Period, period

LANES = {"fact": "Facts", "document": "Documents"}


def days(text: str) -> Period:
    found = period(text)
    assert found is not None
    return found


def places(drawn: str) -> list[float]:
    """Where nested marks stand across, in percent, in the order in which they are drawn."""
    return [float(place) for place in re.findall(r'<svg x="([0-9.]+)%"', drawn)]


def timeline(*dates: str) -> str:
    return tostring(draw_timeline([Mark(days(d), "fact", d) for d in dates], LANES), encoding="unicode")


def test_draw_timeline_places_marks_in_the_order_of_time() -> None:
    found = places(timeline("2024-07-01", "2019", "2022-01"))
    assert found == sorted(found)
    assert found[0] < 20
    assert found[-1] > 90


@pytest.mark.parametrize(
    "dates", [("2024",), ("2024-07-03",), ("0001", "9999"), ("9999-12-31",), ("2024-12", "2025-01")]
)
def test_draw_timeline_of_any_span_has_ticks_inside(dates: tuple[str, ...]) -> None:
    drawn = timeline(*dates)
    ticks = [float(place) for place in re.findall(r'x1="([0-9.]+)%" x2="[0-9.]+%" [^>]*class="tick"', drawn)]
    assert 1 <= len(ticks) <= 5
    assert all(4 <= place <= 97 for place in [*ticks, *places(drawn)])


def test_draw_timeline_of_one_day_stacks_its_marks() -> None:
    heights = re.findall(r'<svg x="[0-9.]+%" y="([0-9]+)"', timeline("2024-07-03", "2024-07-03", "2024-07-03"))
    assert len({*heights}) == 3


def test_draw_timeline_leaves_out_lanes_without_marks() -> None:
    assert "Documents" not in timeline("2024")


def test_draw_timeline_draws_an_imprecise_date_as_wide_as_it_may_be() -> None:
    assert timeline("2024", "2020-01-01").count('class="span"') == 1


def plot(*points: Point) -> str:
    return tostring(draw_plot(points, "Revenue", "USD"), encoding="unicode")


def test_draw_plot_places_higher_values_higher() -> None:
    drawn = plot(Point(days("2023"), 1e9, "low", False), Point(days("2024"), 2.5e9, "high", False))
    low, high = (float(y) for y in re.findall(r'<svg x="[0-9.]+%" y="([0-9.]+)"', drawn))
    assert high < low
    assert "3bn" in drawn


def test_draw_plot_keeps_what_has_no_date_apart() -> None:
    drawn = plot(Point(days("2024"), 1.0, "dated", False), Point(None, 2.0, "undated", False))
    assert places(drawn)[1] > places(drawn)[0] or places(drawn)[0] > 82
    assert "no date" in drawn


def test_draw_plot_marks_what_another_source_disputes() -> None:
    assert plot(Point(None, 1.0, "a", True), Point(None, 2.0, "b", False)).count("disputed") == 1


@pytest.mark.parametrize("values", [(0.0, 0.0), (-5e6, 3e6), (1e-9, 2e-9), (1e15, 1.0), (7.0, 7.0)])
def test_draw_plot_of_any_values_stays_in_its_frame(values: tuple[float, float]) -> None:
    drawn = plot(*(Point(None, value, str(value), False) for value in values))
    heights = [float(y) for y in re.findall(r'<svg x="[0-9.]+%" y="([0-9.-]+)"', drawn)]
    assert all(12 <= y <= 132 for y in heights)
    assert 2 <= drawn.count('class="level"') <= 7
