"""The only module that mints, expands or compresses an IRI, and that makes a name key.

    <base><type>/<name key>         entities: company/openai, person/jane-doe
    <base>document/<id>             documents, the id percent-encoded segment by segment
    <base>graph/<id>                a document's named graph
    <base>claim/<digest>            claims, observations and evidences, by what they say and where

Prefixes come from ontology/prefixes.ttl, which is read once. Source: ontology/README.md, section Identity.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote

import pyoxigraph as ox

from kg.errors import GraphError
from kg.records import DocumentId, EntityIri, EntityType, Metric, Predicate, Status
from kg.resources import resource_path

DIGEST_LENGTH = 24
"""Hexadecimal digits of a digest in an IRI: 96 bits, so that a billion claims collide with a chance below 1e-11."""

RECORD_KINDS = ("claim", "document", "evidence", "graph", "observation")

_LEGAL_FORMS = (
    "ab|ag|as|asa|bhd|bv|co|company|corp|corporation|cv|gmbh|inc|incorporated|kg|kgaa|kk|limited|llc|llp|lp|ltd|ltda|"
    "nv|oy|oyj|plc|pte|pty|pvt|sa|sab|sarl|sas|sdn|se|spa|srl"
)
_LEGAL_FORM = re.compile(_LEGAL_FORMS)
"""Endings that do not tell two organizations apart; ISO 20275 (Entity Legal Forms), the common short forms."""

_LINKS = frozenset({"and", "de"})
"""Words that stand between or before legal forms (`& Co.`, `S.A. de C.V.`) and go with them."""

_FOLDS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h"})
"""Latin letters that Unicode does not decompose; casefolding has already made `ß` into `ss`."""

_POSSESSIVE = re.compile(r"(?<=\w)['’ʼ]s\b")
_APOSTROPHE = re.compile(r"['’ʼ`´]")
_INITIAL_DOT = re.compile(r"(?<!\w)([^\W\d_])\.(?=\W|$|[^\W\d_](?!\w))")
_SPACED_AND = re.compile(r"(?<=\s)&(?=\s)")
_SHARP = re.compile(r"(?<=[a-z])#")


@lru_cache(maxsize=1)
def prefixes() -> Mapping[str, str]:
    """Prefix -> namespace, as ontology/prefixes.ttl lists them, sorted."""
    parser = ox.parse(path=resource_path("ontology", "prefixes.ttl"))
    list(parser)
    return MappingProxyType(dict(sorted(parser.prefixes.items())))


def prefixes_with(base: str) -> dict[str, str]:
    """The prefixes, and one for each kind of IRI under `base` (`company:`, `claim:`, ...), sorted."""
    kinds = [*(t.value.lower() for t in EntityType), *RECORD_KINDS]
    return dict(sorted({**prefixes(), **{kind: f"{base}{kind}/" for kind in kinds}}.items()))


def named_node(iri: str) -> ox.NamedNode:
    """The IRI as a term. Raises GraphError when it is not an absolute IRI."""
    try:
        return ox.NamedNode(iri)
    except ValueError as err:
        raise GraphError(f"{iri!r} is not an IRI: {err}") from err


@lru_cache(maxsize=1024)
def expand(curie: str) -> ox.NamedNode:
    """`kg:acquired` -> its IRI. Raises GraphError for an unknown prefix.

    >>> expand("rdf:type").value
    'http://www.w3.org/1999/02/22-rdf-syntax-ns#type'
    """
    prefix, _, local = curie.partition(":")
    if prefix not in prefixes():
        raise GraphError(f"prefix {prefix!r} of {curie!r} is not in ontology/prefixes.ttl")
    return named_node(prefixes()[prefix] + local)


def compress(iri: str, base: str | None = None) -> str:
    """The IRI with the longest prefix that fits, those under `base` included; unchanged where none does.

    >>> compress("https://w3id.org/tracegraph/ontology#acquired")
    'kg:acquired'
    """
    known = prefixes_with(base) if base else prefixes()
    fitting = [(len(namespace), prefix) for prefix, namespace in known.items() if iri.startswith(namespace)]
    if not fitting:
        return iri
    length, prefix = max(fitting)
    return f"{prefix}:{iri[length:]}"


def class_term(entity_type: EntityType) -> ox.NamedNode:
    """`kg:Company` for EntityType.COMPANY."""
    return expand(f"kg:{entity_type.value}")


def predicate_term(predicate: Predicate) -> ox.NamedNode:
    """`kg:worksFor` for Predicate.WORKS_FOR."""
    return expand(f"kg:{predicate.value}")


def individual(value: Status | Metric) -> ox.NamedNode:
    """`kg:Actual` for Status.ACTUAL, `kg:MarketShare` for Metric.MARKET_SHARE, `kg:OtherMetric` for Metric.OTHER."""
    if value is Metric.OTHER:
        return expand("kg:OtherMetric")
    return expand("kg:" + "".join(part.capitalize() for part in value.value.split("_")))


_NOT_KEPT = re.compile(r"[^a-z0-9.+_~]")
"""As `_is_kept`, for ASCII, which most names are in: ten times as fast."""


_MARKS = frozenset("'`.&#")
"""The ASCII letters of what the rules below take away or write otherwise; most names have none: half the time."""


@lru_cache(maxsize=500_000)
def name_key(name: str, entity_type: EntityType) -> str:
    """The part of an entity IRI that stands for its name; equal for spellings that do not tell two entities apart.

    NFKC, casefold, ASCII letters where Unicode has them, no possessive, no leading "the", no legal form for
    organizations; anything but letters, digits and `. + _ ~` becomes `-`. Never empty: a name without a letter or
    digit gives a digest of itself.

    >>> name_key("The OpenAI, Inc.", EntityType.COMPANY), name_key("Škoda Superb", EntityType.PRODUCT)
    ('openai', 'skoda-superb')
    """
    is_ascii = name.isascii()
    text = name.lower() if is_ascii else _fold(unicodedata.normalize("NFKC", name).casefold())
    if not is_ascii or not _MARKS.isdisjoint(text):
        text = _SHARP.sub("sharp", _SPACED_AND.sub("and", _INITIAL_DOT.sub(r"\1", _POSSESSIVE.sub("", text))))
        text = _APOSTROPHE.sub("", text)
    text = _NOT_KEPT.sub("-", text) if is_ascii else "".join(c if _is_kept(c) else "-" for c in text)
    words = [word for part in text.split("-") if (word := part.strip("."))]
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if entity_type in (EntityType.COMPANY, EntityType.ORGANIZATION):
        words = _without_legal_form(words)
    if not any(c.isalnum() for word in words for c in word):
        return _digest(name)
    return "-".join(words)


def entity_iri(base: str, entity_type: EntityType, key: str, apart: str | None = None) -> EntityIri:
    """`<base>company/openai`; `apart`, where given, sets it off from others of the same key by a digest of its text."""
    suffix = f"~{_digest(apart)[:8]}" if apart is not None else ""
    return EntityIri(named_node(f"{base}{entity_type.value.lower()}/{key}{suffix}").value)


def document_iri(base: str, document_id: DocumentId) -> ox.NamedNode:
    """`<base>document/2024/a%20b.txt` for `2024/a b.txt`."""
    return named_node(f"{base}document/{_path(document_id)}")


def graph_iri(base: str, document_id: DocumentId) -> ox.NamedNode:
    """The named graph that holds what the document says."""
    return named_node(f"{base}graph/{_path(document_id)}")


def record_iri(base: str, kind: str, *said: str | None) -> ox.NamedNode:
    """IRI of a claim, evidence or observation, from all that it says, in a fixed order.

    kind: one of RECORD_KINDS. said: None where it says nothing, which differs from the empty text.
    """
    return named_node(f"{base}{kind}/{_digest(*said)}")


def _digest(*parts: str | None) -> str:
    text = "\x1e".join("\x1f" if part is None else f"={part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LENGTH]


def _path(document_id: DocumentId) -> str:
    return "/".join(quote(segment, safe="") for segment in document_id.split("/"))


def _fold(text: str) -> str:
    """ASCII letters for Latin ones; letters of other scripts and their marks stay."""
    if text.isascii():
        return text
    folded = ""
    for c in text.translate(_FOLDS):
        plain = unicodedata.normalize("NFKD", c)
        if plain[0].isascii() and plain[0].isalpha():
            folded += "".join(p for p in plain if not unicodedata.combining(p))
        elif not (unicodedata.combining(c) and folded[-1:].isascii()):
            folded += c
    return folded


def _is_kept(c: str) -> bool:
    return c in ".+_~" or unicodedata.category(c)[0] in "LNM"


def _without_legal_form(words: list[str]) -> list[str]:
    end = len(words)
    while end > 1 and (_LEGAL_FORM.fullmatch(words[end - 1]) or (end < len(words) and words[end - 1] in _LINKS)):
        end -= 1
    return words[:end]
