"""Settings: defaults in code, then one TOML file, then `KG_*` variables; loaded once and passed down."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kg.errors import SettingsError

ENTITY_BASE = "https://w3id.org/tracegraph/id/"

MAX_OVERVIEW_ENTITIES = 50_000
"""What a browser can still draw and move."""


def _setting(default: Any, text: str, low: float | None = None, *, secret: bool = False) -> Any:
    """secret: it is never printed, and taken from the environment alone."""
    return field(default=default, metadata={"help": text, "low": low, "secret": secret}, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every number and path that a user may want to change; `kg serve --help` and the README list them."""

    store: str = _setting("./kg-store", "folder of the store")
    base_iri: str = _setting(ENTITY_BASE, "base of the IRIs of entities, documents and claims; ends in / or #")
    pipeline: str = _setting("shipped", "spaCy config of the components that read documents: a file, or `shipped`")
    corrections: str = _setting("{store}/corrections.yaml", "file of corrections; {store} is the store's folder")
    entities: str = _setting("", "your own list of entities, .csv or .ttl, which goes before all rules")
    token: str = _setting("", "who sends it may correct the graph over HTTP; from the environment alone", secret=True)
    workers: int = _setting(1, "processes that extract documents", 1)
    min_confidence: float = _setting(0.0, "a claim below it asserts no plain triple, in [0, 1]", 0)
    max_document_bytes: int = _setting(50_000_000, "a larger file is refused, bytes", 1)
    max_waiting_jobs: int = _setting(100, "changes of documents that wait for their turn; more are refused", 1)
    query_timeout_s: float = _setting(30.0, "a query is killed after it, seconds", 0.001)
    query_workers: int = _setting(2, "queries that run at one time", 1)
    query_memory_bytes: int = _setting(2_000_000_000, "memory that one query may use, bytes", 100_000_000)
    max_query_bytes: int = _setting(1_000_000, "a longer query text is refused, bytes", 1)
    max_write_bytes: int = _setting(50_000_000, "a longer body of an update, or graph, is refused, bytes", 1)
    max_result_bytes: int = _setting(500_000_000, "a larger answer is refused, bytes", 1)
    answer_cache_bytes: int = _setting(32_000_000, "small answers kept until the graph changes, bytes; 0 for none", 0)
    max_text_matches: int = _setting(400, "entities, and as many quotes, that one kg:textMatch stands for", 1)
    max_viz_entities: int = _setting(200, "entities that one picture shows", 1)
    max_overview_entities: int = _setting(20_000, "entities that the explorer opens on, 50,000 at most", 1)
    max_expand: int = _setting(200, "entities that one step of the explorer adds", 1)
    max_page_claims: int = _setting(500, "claims, and figures, that one page of linked data shows", 1)
    requests_per_minute: int = _setting(600, "requests of one client a minute; 0 for any number", 0)
    loopback_requests_per_minute: int = _setting(0, "the same, of a client on the machine of the server", 0)
    client_timeout_s: float = _setting(
        20.0, "a request must have come, and what is ready of an answer be taken, within it, seconds", 0.1
    )
    max_connections: int = _setting(1_000, "connections open at one time; a request on one more gets 503", 1)
    shutdown_timeout_s: int = _setting(10, "answers under way at a shutdown may take so long to end, seconds", 0)
    access_log: str = _setting("", "file that gets one JSON line an answer; `-` is stderr")

    @property
    def corrections_path(self) -> Path:
        """The file of corrections."""
        return Path(self.corrections.replace("{store}", self.store))

    def __post_init__(self) -> None:
        for f in fields(self):
            low = f.metadata["low"]
            if low is not None and getattr(self, f.name) < low:
                raise SettingsError(f"setting {f.name} is {getattr(self, f.name)}: give at least {low}")
        if self.max_overview_entities > MAX_OVERVIEW_ENTITIES:
            raise SettingsError(
                f"setting max_overview_entities is {self.max_overview_entities}: give at most {MAX_OVERVIEW_ENTITIES}"
            )
        if self.min_confidence > 1:
            raise SettingsError(f"setting min_confidence is {self.min_confidence}: give a number in [0, 1]")
        if not self.base_iri.startswith(("http://", "https://", "urn:")) or self.base_iri[-1] not in "/#:":
            raise SettingsError(f"setting base_iri is {self.base_iri!r}: give an absolute IRI that ends in / or #")


def load_settings(file: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from defaults, `file` (TOML), `KG_*` variables and `overrides`, the later over the earlier.

    environment: defaults to that of the process. overrides: values of None are left out.
    Raises SettingsError for an unknown key, a value of the wrong kind or out of range, or an unreadable file.
    """
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = _read_toml(file) if file else {}
    if unknown := sorted(values.keys() - known.keys()):
        raise SettingsError(f"{file}: no setting is named {', '.join(unknown)}; settings: {', '.join(known)}")
    if secrets := sorted(key for key in values if known[key].metadata["secret"]):
        raise SettingsError(f"{file}: {secrets[0]} is a secret: set $KG_{secrets[0].upper()} in place of the file")
    for name, text in (os.environ if environment is None else environment).items():
        key = name.removeprefix("KG_").lower()
        if name.startswith("KG_") and key in known:
            values[key] = text
    values |= {key: value for key, value in overrides.items() if value is not None}
    return Settings(**{key: _cast(key, value, type(known[key].default)) for key, value in values.items()})


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise SettingsError(f"settings file {file} cannot be read: {err}") from err


def _cast(key: str, value: Any, kind: type) -> Any:
    try:
        return kind(value)
    except (TypeError, ValueError) as err:
        raise SettingsError(f"setting {key} is {value!r}: give a value of type {kind.__name__}") from err
