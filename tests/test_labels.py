"""What a reader is shown of a text: one short line."""

from __future__ import annotations

import pytest

from kg.labels import visible
from tests.claim_stores import HOSTILE


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_visible_label_is_one_short_line_without_controls(hostile: str) -> None:
    label = visible(hostile)
    assert len(label) <= 30
    assert label.isprintable()


def test_visible_text_of_controls_alone_is_empty() -> None:
    assert visible("\u202e\x00 \u200b") == ""
