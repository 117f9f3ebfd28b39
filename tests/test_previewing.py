"""A preview says what a correction then does, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import build_graph
from kg.correcting import Request, correct
from kg.errors import CorrectionError
from kg.export import export_quads
from kg.iris import predicate_term
from kg.previewing import preview
from kg.records import Predicate
from kg.settings import Settings, load_settings
from kg.store import open_current

pytestmark = pytest.mark.model

WHEN = "2025-06-01"
TEXT = (
    "Haldane Pharma has bought Lumivex, a Basel-based antibody specialist, for $40 million. "
    "Maria Keller, chief executive of Haldane Pharma, announced the deal on 3 March 2025."
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(environment={}, store=str(tmp_path / "store"))
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    build_graph([str(tmp_path / "a.txt")], settings)
    return settings


def exported(settings: Settings) -> bytes:
    return export_quads(list(open_current(Path(settings.store))), ".nq", settings.base_iri)


def test_preview_of_a_rename_names_what_goes_and_comes_and_changes_nothing(settings: Settings) -> None:
    before = exported(settings)
    found = preview(Request("rename", "sam", entity="Lumivex", name="Lumivex AG"), settings, WHEN)
    assert "Lumivex AG is named Lumivex AG" in found.added
    assert (found.n_removed, found.n_added) == (len(found.removed), len(found.added))
    assert exported(settings) == before
    assert not settings.corrections_path.exists()


def test_preview_of_a_retraction_tells_the_link_that_goes_and_the_correction_does_it(settings: Settings) -> None:
    wanted = Request("retract", "sam", subject="Haldane Pharma", predicate="acquired", object="Lumivex")
    found = preview(wanted, settings, WHEN)
    assert "Haldane Pharma acquired Lumivex" in found.removed
    assert "a claim is marked as taken back by sam" in found.added
    correct(wanted, settings, WHEN)
    store = open_current(Path(settings.store))
    assert not list(store.quads_for_pattern(None, predicate_term(Predicate.ACQUIRED), None, ox.DefaultGraph()))


def test_preview_of_a_merge_moves_the_links_to_the_entity_that_stays(settings: Settings) -> None:
    found = preview(Request("merge", "sam", into="Haldane Pharma", entities=("Lumivex",)), settings, WHEN)
    assert "Lumivex is a Company" in found.removed
    assert "Haldane Pharma is named Lumivex" in found.added


def test_preview_of_what_matches_nothing_is_refused_as_the_correction_is(settings: Settings) -> None:
    with pytest.raises(CorrectionError):
        preview(Request("retract", "sam", subject="Lumivex", predicate="sued", object="Haldane Pharma"), settings, WHEN)
