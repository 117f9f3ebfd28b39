"""Other open data sets as partly annotated examples: what they do not say counts neither way.

CORE (CC BY 4.0): one labelled pair a sentence. KnowledgeNet (MIT): six of its properties between names. Few-NERD
(CC BY-SA 4.0): names. FewRel (MIT) and Re-DocRED (MIT): Wikidata's relations, and CORE's twelve, as further labels that
only training knows: they teach the pair head what a link looks like. A passage that also stands among the annotated
documents is left out, and so is what `is_held_back` keeps for measuring.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from kg.reader import PAIR_LABELS
from training.notation import Json
from training.prepare import NLP, THING, Example, Mention

PROBE = 40
"""Letters and digits of a passage that are looked up in newsroom/, at its beginning, middle and end."""
CORE_LABELS: dict[str, tuple[str | None, bool, tuple[str, ...]]] = {
    "product_or_service_of": ("develops", True, ()),
    "brand_of": ("develops", True, ()),
    "acquired_by": ("acquired", True, ("subsidiaryOf",)),
    "subsidiary_of": ("subsidiaryOf", False, ("acquired",)),
    "shareholder_of": ("investedIn", False, ("acquired", "subsidiaryOf")),
    "collaboration": ("partnerOf", False, ("suppliesTo", "uses")),
    "competitor_of": ("competesWith", False, ()),
    "client_of": (None, False, ("suppliesTo", "uses", "partnerOf")),
    "merged_with": (None, False, ("acquired", "partnerOf", "subsidiaryOf")),
    "undefined": (None, False, ()),
    "regulated_by": (None, False, ()),
    "traded_on": (None, False, ()),
}
"""CORE relation -> our predicate, whether subject and object change places, and what may hold as well."""
NET_LABELS: dict[str, tuple[str, bool, str, str]] = {
    "HEADQUARTERS": ("headquarteredIn", False, "Company", "Place"),
    "FOUNDED_BY": ("foundedBy", False, "Company", "Person"),
    "CEO": ("worksFor", True, "Company", "Person"),
    "EMPLOYEE_OR_MEMBER_OF": ("worksFor", False, "Person", "Company"),
    "EDUCATED_AT": ("educatedAt", False, "Person", "Organization"),
    "SUBSIDIARY_OF": ("subsidiaryOf", False, "Company", "Company"),
}
NERD_COMPANIES = ("company", "media/newspaper")
NERD_ORGANIZATIONS = ("education", "government/governmentagency", "politicalparty", "religion", "other")
NERD_ORGANIZATIONS += ("sportsteam", "sportsleague")
NERD_PRODUCTS = ("software", "airplane", "car", "game", "weapon", "train", "ship", "other")


HELD_BACK = 0.1
"""Share of CORE's sentences and of KnowledgeNet's documents that no training sees."""


def extra_examples(data: Path, documents: Sequence[Json]) -> list[Example]:
    """All passages of the sets that do not stand in `documents` and are not held back."""
    is_new = not_among(documents)
    sources = (core, knowledge_net, few_nerd, fewrel, re_docred)
    return [e for source in sources for e in source(data) if not is_held_back(e.id) and is_new("".join(e.tokens))]


def held_back(examples: Iterable[Example], documents: Sequence[Json]) -> list[Example]:
    """The examples that no training sees: kept for measuring, and of no text that stands in `documents`."""
    is_new = not_among(documents)
    return [e for e in examples if is_held_back(e.id) and is_new("".join(e.tokens))]


def not_among(documents: Sequence[Json]) -> Callable[[str], bool]:
    """Whether a passage stands in none of the documents: three probes of it are looked up in their letters."""
    known = "|".join(_letters(d["text"]) for d in documents)
    return lambda text: not _stands_in(text, known)


def is_held_back(identity: str) -> bool:
    """Whether an example of this id is kept for measuring: a tenth of CORE and KnowledgeNet, by digest."""
    digest = hashlib.sha256(identity.encode()).digest()
    return identity.startswith(("core ", "knowledgenet ")) and digest[0] < HELD_BACK * 256


def further_labels(data: Path) -> list[str]:
    """`core:acquired_by`, `fewrel:P127`, `docred:P17`, ...: the labels that only training knows, in a fixed order."""
    relations = {json.loads(line)["relation"] for line in _lines(data / "fewrel" / "wiki_66_relations.jsonl")}
    wikidata = json.loads((data / "re_docred" / "rel_info.json").read_text(encoding="utf-8"))
    return [
        *(f"core:{name}" for name in sorted(CORE_LABELS)),
        *(f"docred:{number}" for number in sorted(wikidata)),
        *(f"fewrel:{name}" for name in sorted(relations)),
    ]


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _stands_in(text: str, known: str) -> bool:
    letters = _letters(text)
    middle = max(0, len(letters) // 2 - PROBE // 2)
    return any(p in known for p in (letters[:PROBE], letters[middle : middle + PROBE], letters[-PROBE:]))


def core(data: Path) -> Iterator[Example]:
    """Sentences of CORE, each with one pair."""
    for row in json.loads((data / "core" / "train.json").read_text(encoding="utf-8")):
        predicate, turned, also = CORE_LABELS[row["relation"]]
        tokens, starts = _retokenise(row["context"])
        ends = [(row["e1_start"], row["e1_end"] + 1), (row["e2_start"], row["e2_end"] + 1)]
        mentions = [Mention(starts[a], starts[b], node) for node, (a, b) in enumerate(ends)]
        goods = row["relation"] in ("product_or_service_of", "brand_of")
        subject, target = (1, 0) if row["invert_relation"] else (0, 1)
        kinds = ["Company", "Company"]
        if goods:
            kinds[subject] = "Product"
        example = _partly(f"core {row['id']}", tokens, mentions, kinds, PAIR_LABELS)
        if turned:
            subject, target = target, subject
        if predicate:
            example.labels[subject, target] = {predicate: None}
            if predicate in ("partnerOf", "competesWith"):
                example.labels[target, subject] = {predicate: None}
        example.hidden = {(s, o, label) for label in also for s, o in ((0, 1), (1, 0))}
        example.task, example.further = "core:", {(0, 1): {f"core:{row['relation']}"}}
        yield example


def fewrel(data: Path) -> Iterator[Example]:
    """Sentences of FewRel, each with one pair, for the further labels alone."""
    for number, line in enumerate(_lines(data / "fewrel" / "wiki_66_relations.jsonl")):
        row = json.loads(line)
        tokens, starts = _retokenise(row["token"])
        ends = [(row[side]["pos"][0], row[side]["pos"][-1] + 1) for side in ("h", "t")]
        mentions = [Mention(starts[a], starts[b], node) for node, (a, b) in enumerate(ends)]
        example = _for_pairs(f"fewrel {number}", tokens, mentions, 2, "fewrel:")
        example.further = {(0, 1): {f"fewrel:{row['relation']}"}}
        yield example


def re_docred(data: Path) -> Iterator[Example]:
    """Documents of Re-DocRED with their clusters, for the further labels alone."""
    for row in json.loads((data / "re_docred" / "train_500.json").read_text(encoding="utf-8")):
        tokens: list[str] = []
        starts: list[Mapping[int, int]] = []
        for sentence in row["sents"]:
            own, places = _retokenise(sentence)
            starts.append({word: place + len(tokens) for word, place in places.items()})
            tokens += own
        mentions = [
            Mention(starts[m["sent_id"]][m["pos"][0]], starts[m["sent_id"]][m["pos"][1]], node)
            for node, cluster in enumerate(row["vertexSet"])
            for m in cluster
        ]
        example = _for_pairs(f"re_docred {row['title']}", tokens, mentions, len(row["vertexSet"]), "docred:")
        for fact in row["labels"]:
            example.further.setdefault((fact["h"], fact["t"]), set()).add(f"docred:{fact['r']}")
        yield example


def _for_pairs(identity: str, tokens: list[str], mentions: list[Mention], n_nodes: int, task: str) -> Example:
    """An example that answers the further labels of `task` and nothing else."""
    example = Example(identity, "extra", tokens, sorted(mentions, key=lambda m: m.start), [THING] * n_nodes)
    example.known_labels, example.has_roles, example.task = frozenset(), False, task
    example.unsure = set(range(len(tokens)))
    return example


def knowledge_net(data: Path) -> Iterator[Example]:
    """Passages of KnowledgeNet with the names (no pronouns) between which a property of NET_LABELS holds."""
    with (data / "knowledgenet" / "folds_1_3.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            properties = [p for p in row["annotatedProperties"] if p in NET_LABELS]
            example = _passage(row, properties) if properties else None
            if example:
                yield example


def _passage(row: Json, properties: Sequence[str]) -> Example | None:
    doc = NLP.make_doc(row["passageText"])
    node_of: dict[tuple[int, int], int] = {}
    kinds: list[str] = []
    labels: dict[tuple[int, int], dict[str, str | None]] = {}
    for fact in row["facts"]:
        if fact["property"] not in properties:
            continue
        predicate, turned, *pair_kinds = NET_LABELS[fact["property"]]
        spans = [
            doc.char_span(fact[f"{side}Start"] - row["passageStart"], fact[f"{side}End"] - row["passageStart"])
            for side in ("subject", "object")
        ]
        if any(
            s is None or not s.text[:1].isupper() or s.text.lower() in ("he", "she", "it", "they", "i") for s in spans
        ):
            continue
        nodes = []
        for span, kind in zip(spans, pair_kinds, strict=True):
            if (span.start, span.end) not in node_of:
                node_of[span.start, span.end] = len(kinds)
                kinds.append(kind)
            nodes.append(node_of[span.start, span.end])
        subject, target = reversed(nodes) if turned else nodes
        labels.setdefault((subject, target), {})[predicate] = None
    taken = sorted(node_of)
    if not labels or any(b > c for (_, b), (c, _) in pairwise(taken)):
        return None
    mentions = [Mention(a, b, node_of[a, b]) for a, b in taken]
    known = [NET_LABELS[p][0] for p in properties]
    example = _partly(f"knowledgenet {row['documentId']}", [t.text for t in doc], mentions, kinds, known)
    example.labels = labels
    return example


def few_nerd(data: Path) -> Iterator[Example]:
    """Sentences of Few-NERD with the types that are ours; places and works of art are unsure."""
    with (data / "few_nerd" / "sample.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            tokens, starts = _retokenise(row["tokens"])
            kinds, mentions, unsure = [], [], set()
            for a, b, fine in row["entities"]:
                kind = _nerd_type(fine)
                if kind:
                    mentions.append(Mention(starts[a], starts[b], len(kinds)))
                    kinds.append(kind)
                elif fine.split("_")[0] in ("location", "building", "art", "product", "organization"):
                    unsure |= set(range(starts[a], starts[b]))
            example = Example(f"few_nerd {number}", "extra", tokens, mentions, kinds, unsure=unsure, has_roles=False)
            example.known_labels, example.known_pairs = frozenset(), frozenset()
            yield example


def _nerd_type(fine: str) -> str | None:
    coarse, _, rest = fine.partition("_")
    if coarse == "person":
        return "Person"
    if coarse == "product" and rest in NERD_PRODUCTS:
        return "Product"
    if coarse == "organization" and rest in NERD_COMPANIES:
        return "Company"
    return "Organization" if coarse == "organization" and rest in NERD_ORGANIZATIONS else None


def _partly(
    identity: str, tokens: list[str], mentions: list[Mention], kinds: list[str], known: Sequence[str]
) -> Example:
    """An example in which only the names of its pairs are annotated, and only some labels."""
    named = {i for m in mentions for i in range(m.start, m.end)}
    return Example(
        identity,
        "extra",
        tokens,
        sorted(mentions, key=lambda m: m.start),
        kinds,
        known_labels=frozenset(known),
        unsure=set(range(len(tokens))) - named,
        has_roles=False,
    )


def _retokenise(words: Sequence[str]) -> tuple[list[str], Mapping[int, int]]:
    """Our tokens, and the token at which each given word starts; the last key is one past the words."""
    tokens: list[str] = []
    starts = {}
    for number, word in enumerate(words):
        starts[number] = len(tokens)
        tokens += [t.text for t in NLP.make_doc({"``": '"', "''": '"'}.get(word, word))]
    starts[len(words)] = len(tokens)
    return tokens, starts
