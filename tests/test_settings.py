from pathlib import Path

import pytest

from kg.errors import SettingsError
from kg.settings import Settings, load_settings


def test_load_settings_order_is_default_file_environment_argument(tmp_path: Path) -> None:
    file = tmp_path / "kg.toml"
    file.write_text('store = "a"\nworkers = 2\nquery_workers = 3\n')
    loaded = load_settings(file, {"KG_WORKERS": "4", "KG_STORE": "b"}, store="c")
    assert (loaded.store, loaded.workers, loaded.query_workers) == ("c", 4, 3)


def test_load_settings_nothing_given_gives_defaults() -> None:
    assert load_settings(environment={}) == Settings()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("sotre = 1", "sotre"),
        ("workers = 0", "workers"),
        ('workers = "many"', "workers"),
        ("= 3", "cannot be read"),
        ("min_confidence = 1.5", "min_confidence"),
        ('base_iri = "id"', "base_iri"),
    ],
)
def test_load_settings_bad_file_is_named(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "kg.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=word):
        load_settings(file, {})


def test_load_settings_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        load_settings(tmp_path / "none.toml", {})
