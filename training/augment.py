"""Other names in the same sentences, so that the model reads the context and does not learn the names by heart.

A person gets forenames and a surname, a company or product the name of another one, the same throughout a document. An
entity keeps its names where they share a word with another entity's, or where a short form does not begin the long one.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.prepare import NLP, Example, Mention

SHARE_OF_ENTITIES = 0.8
SUFFIXES = frozenset(["Inc", "Inc.", "Corp", "Corp.", "Corporation", "Company", "Co", "Co.", "Ltd", "Ltd.", "Limited"])
SUFFIXES |= frozenset(["LLC", "PLC", "Plc", "plc", "AG", "SE", "SA", "S.A.", "GmbH", "NV", "N.V.", "Group", "Holdings"])
SUFFIXES |= frozenset(["&", ",", "."])
MAX_NAME_WORDS = 4
Names = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Pools:
    """Names to draw from, each as its tokens."""

    forenames: Names
    surnames: Names
    companies: Names
    products: Names
    universities: Names


def load_pools(data: Path) -> Pools:
    """Read the name lists of gazetteers/."""
    folder = data / "gazetteers"
    return Pools(
        _names(folder / "forenames.csv", "Romanized Name"),
        _names(folder / "surnames.csv", "Romanized Name"),
        _names(folder / "listed_companies.csv", "name") + _names(folder / "brands_wikidata.csv", "name"),
        _names(folder / "tech_brands.csv", "name") + _names(folder / "software_products.csv", "name"),
        _names(folder / "universities.csv", "name"),
    )


def _names(file: Path, column: str) -> Names:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        found = {row[column].strip() for row in csv.DictReader(lines)}
    cut = (_without_suffix(tuple(name.split())) for name in sorted(found) if name[:1].isalnum() and "(" not in name)
    return [name for name in cut if 0 < len(name) <= MAX_NAME_WORDS and name[0][:1].isupper()]


def _without_suffix(words: tuple[str, ...]) -> tuple[str, ...]:
    while len(words) > 1 and words[-1].rstrip(",") in SUFFIXES:
        words = words[:-1]
    return (*words[:-1], words[-1].rstrip(",")) if words else words


def rename(example: Example, pools: Pools, rng: random.Random) -> Example:
    """The example with other names for most of its persons, companies, products and universities."""
    forms: list[set[tuple[str, ...]]] = [set() for _ in example.nodes]
    for m in (m for m in example.mentions if m.named):
        forms[m.node].add(tuple(example.tokens[m.start : m.end]))
    words = Counter(w.lower() for own in forms for w in {word for form in own for word in form})
    new: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    for node, own in enumerate(forms):
        if not own or any(words[w.lower()] > 1 for form in own for w in form if w[0].isupper()):
            continue
        if rng.random() < SHARE_OF_ENTITIES:
            for form, words_of_form in _new_forms(own, example.nodes[node], pools, rng).items():
                new[node, form] = words_of_form
    return _rewrite(example, new) if new else example


def _new_forms(
    own: set[tuple[str, ...]], kind: str, pools: Pools, rng: random.Random
) -> dict[tuple[str, ...], list[str]]:
    full = max(own, key=lambda form: (len(form), form))
    if kind == "Person":
        return _new_person(own, full, pools, rng)
    pool = {"Company": pools.companies, "Product": pools.products}.get(kind)
    if kind == "Organization" and "University" in full:
        pool = pools.universities
    if pool is None or any(form != full[: len(form)] for form in own):
        return {}
    name = _tokens(rng.choice(pool))
    suffix = list(full[len(_without_suffix(full)) :])
    short = {form: name if form == _without_suffix(full) else name[:1] for form in own}
    return short | {full: name + suffix}


def _new_person(
    own: set[tuple[str, ...]], full: tuple[str, ...], pools: Pools, rng: random.Random
) -> dict[tuple[str, ...], list[str]]:
    if any(word not in full for form in own for word in form):
        return {}
    part = {word: _tokens(rng.choice(pools.forenames)) for word in full[:-1] if word[0].isupper() and len(word) > 2}
    if len(full) > 1 or rng.random() < 0.5:
        part[full[-1]] = _tokens(rng.choice(pools.surnames))
    else:
        part[full[-1]] = _tokens(rng.choice(pools.forenames))
    return {form: [t for word in form for t in part.get(word, [word])] for form in own}


def _tokens(words: Sequence[str]) -> list[str]:
    return [token.text for token in NLP.make_doc(" ".join(words))]


def _rewrite(example: Example, new: dict[tuple[int, tuple[str, ...]], list[str]]) -> Example:
    """Put the new forms in and move every span with them."""
    tokens: list[str] = []
    mentions: list[Mention] = []
    moved = [0] * (len(example.tokens) + 1)
    begin = {m.start: m for m in example.mentions}
    place = 0
    while place < len(example.tokens):
        moved[place] = len(tokens)
        mention = begin.get(place)
        end = mention.end if mention else place + 1
        old = example.tokens[place:end]
        tokens.extend(new.get((mention.node, tuple(old)), old) if mention and mention.named else old)
        for inner in range(place + 1, end):
            moved[inner] = min(moved[place] + inner - place, len(tokens))
        if mention:
            mentions.append(Mention(moved[place], len(tokens), mention.node, mention.named))
        place = end
    moved[-1] = len(tokens)
    return replace(
        example,
        tokens=tokens,
        mentions=mentions,
        roles=_move(example.roles, moved),
        unsure_roles=_move(example.unsure_roles, moved),
        unsure={moved[i] for i in example.unsure},
    )


def _move(spans: Sequence[tuple[int, int]], moved: Sequence[int]) -> list[tuple[int, int]]:
    return [(moved[a], moved[b]) for a, b in spans if moved[a] < moved[b]]
