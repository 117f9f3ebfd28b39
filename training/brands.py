"""The open gazetteer of brands -> seeds/gazetteers/wikidata_brands.csv: names that mean one thing, with Wikidata ids.

    python -m training.brands --data ../shared/data        a one-off; prints what was left out, and why

A brand gazetteer lists what has shops, and a name in the news may mean something else: what is left out here costs a
link, what is left in by mistake a false one. So a name stays only where nothing speaks for a second meaning.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.iris import name_key
from kg.records import EntityType
from training.notation import read_corpus

SEEDS = Path(__file__).parent.parent / "seeds" / "gazetteers" / "wikidata_brands.csv"
MAX_WORDS = 5
MIN_FAMILY = 3
"""Listed companies of other names that begin with a brand's word: so many make the word a common one."""
MIN_COMMON = 12
"""Names of brands that share a word: so many make it one of the trade (`banco`, `auto`), which tells nothing."""
RECENT_ITEM = 100_000_000
"""A one-word item of Wikidata of this number or above (made since 2020) is seldom the well-known bearer of its name."""
GENERIC = frozenset("bank insurance savings trust hospital".split())
"""Kinds of company of which many have a name of common words (`Union Bank`), each known in its own country."""
HOMONYMS = frozenset(
    "alliance apollo arc atlas aurora chase compass delta eagle emirates fortis gap golden-gate legacy liberty mercury "
    "meridian meta metro monarch orbit orange pioneer shell sky sprint summit target titan vanguard visa virgin "
    "aston-martin delfi elisa humana la-caixa linde national-grid pandora rolls-royce skoda yamaha".split()
)
"""Names of many bearers that the other lists happen not to show."""

_LATIN = re.compile(r"[A-Za-zÀ-ɏ0-9&'’.+!\- ]+")
_ACRONYM = re.compile(r"[A-Z0-9&.]{1,4}")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Lists:
    """What other lists say, by name key: words and names that brands must not be, and who else bears a name."""

    words: frozenset[str]
    places: frozenset[str]
    people: frozenset[str]
    sectors: dict[str, set[str]]
    family: dict[str, set[str]]
    known: frozenset[str]


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data: Path = parser.parse_args().data
    rows = _rows(data, "brands_wikidata.csv")
    lists = _read_lists(data)
    ids: dict[str, set[str]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        ids[_key(row["name"])].add(row["wikidata"])
        names[row["wikidata"]].add(row["name"])
    common = Counter(word for key in ids for word in set(key.split("-")))
    lists = Lists(**{**vars(lists), "words": lists.words | {w for w, n in common.items() if n >= MIN_COMMON}})
    left_out: Counter[str] = Counter()
    kept: set[tuple[str, str]] = set()
    for row in rows:
        foreign = any(not _is_latin(name) for name in names[row["wikidata"]])
        reason = _refused(row["name"], ids, lists, is_famous=foreign)
        if not reason and "-" not in _key(row["name"]) and int(row["wikidata"][1:]) >= RECENT_ITEM:
            reason = "one word, a recent item"
        left_out[reason] += 1
        if not reason:
            kept.add((row["name"], row["wikidata"]))
    with SEEDS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", "wikidata"))
        writer.writerows(sorted(kept))
    for reason, n in left_out.most_common():
        print(f"{n:>7,}  {reason or 'kept'}")


def _refused(name: str, ids: dict[str, set[str]], lists: Lists, *, is_famous: bool) -> str:
    """Why the name is left out; empty where it stays."""
    key = _key(name)
    words = key.split("-")
    if not _LATIN.fullmatch(name) or len(words) > MAX_WORDS or not any(c.isupper() for c in name):
        return "not a short name in Latin letters"
    if len(ids[key]) > 1:
        return "several Wikidata ids"
    if key in HOMONYMS or len(lists.sectors.get(key, ())) > 1:
        return "several listed companies"
    if lists.places & _readings(name):
        return "a place"
    if lists.people & _readings(name):
        return "a forename or surname"
    is_known = is_famous or key in lists.known
    if len(words) == 1:
        return _refused_word(name, lists, is_famous=is_famous, is_known=is_known)
    telling = [word for word in words if len(word) > 2 and not any(word in of for of in _others(lists))]
    is_known = is_famous or (key in lists.known and GENERIC.isdisjoint(words))
    return "" if telling or is_known else "of common words only"


def _others(lists: Lists) -> tuple[frozenset[str], ...]:
    return lists.words, lists.places, lists.people


def _refused_word(name: str, lists: Lists, *, is_famous: bool, is_known: bool) -> str:
    key = _key(name)
    if lists.words & _readings(name):
        return "a word"
    if len(lists.family.get(key, ())) >= MIN_FAMILY and not is_famous:
        return "several listed companies"
    if len(key) < 3 or not is_known:
        return "one word, known from no other list"
    return "an acronym, not famous" if _ACRONYM.fullmatch(name) and not is_famous else ""


def _readings(name: str) -> set[str]:
    """Keys under which another list may have the name: as it is, without a possessive or plural s."""
    key = _key(name)
    return {key, key.removesuffix("s"), _key(name.replace("'", "").replace("’", "")), f"{key}s"}


def _read_lists(data: Path) -> Lists:
    cities, countries = _rows(data, "cities.csv"), _rows(data, "countries.csv")
    places = {_key(row[column]) for row in cities for column in ("name", "subcountry", "country")}
    places |= {_key(row["official_name_en"] or row["CLDR display name"]) for row in countries}
    places |= {_key(row["CLDR display name"]) for row in countries} | {_key(row["Capital"]) for row in countries}
    people = {_key(row[c]) for f in ("forenames.csv", "surnames.csv") for row in _rows(data, f) for c in _NAME_COLUMNS}
    sectors: dict[str, set[str]] = defaultdict(set)
    family: dict[str, set[str]] = defaultdict(set)
    for row in _rows(data, "listed_companies.csv"):
        key = _key(row["name"])
        sectors[key] |= {row["sector"]} - {""}
        if "-" in key:
            family[key.split("-")[0]].add(key)
    known = {*sectors, *(_key(row["Security"]) for row in _rows(data, "sp500.csv"))}
    known |= {_key(row["name"]) for row in _rows(data, "tech_brands.csv")}
    return Lists(frozenset(_lower_words(data)), frozenset(places), frozenset(people), sectors, family, frozenset(known))


_NAME_COLUMNS = ("Localized Name", "Romanized Name")


def _lower_words(data: Path) -> set[str]:
    """Words that open texts write in lower case."""
    words: set[str] = set()
    for text in _texts(data):
        words.update(_plain(word) for word in _WORD.findall(text) if word.islower())
    return words


def _texts(data: Path) -> Iterator[str]:
    for document in read_corpus():
        yield document["text"]
    for file in sorted((data / "newsroom").glob("*.jsonl")):
        yield from (json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines())
    for line in (data / "few_nerd" / "sample.jsonl").read_text(encoding="utf-8").splitlines():
        yield " ".join(json.loads(line)["tokens"])
    for file in sorted((data / "ud_ewt").glob("*.conllu")):
        yield "\n".join(_forms(file.read_text(encoding="utf-8").splitlines()))
    for line in (data / "knowledgenet" / "folds_1_3.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)["passageText"]
    for document in json.loads((data / "re_docred" / "train_500.json").read_text(encoding="utf-8")):
        yield "\n".join(" ".join(sentence) for sentence in document["sents"])


def _forms(lines: Iterable[str]) -> Iterator[str]:
    return (line.split("\t")[1] for line in lines if line[:1].isdigit())


def _rows(data: Path, name: str) -> list[dict[str, str]]:
    with (data / "gazetteers" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _key(name: str) -> str:
    return name_key(name, EntityType.COMPANY)


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _is_latin(name: str) -> bool:
    return all(unicodedata.name(c, "").startswith("LATIN") for c in name if c.isalpha())


if __name__ == "__main__":
    main()
