"""Stage 4. Which names, nouns and pronouns mean the same one inside a document: spaCy component `kg_coreference`.

In: `doc.spans["names"]`. Out: `doc._.clusters` (records.Cluster, by first mention), `doc.spans["clusters"]` (the names
again, labelled with their cluster id) and `doc.spans["anaphora"]` (nouns and pronouns such as "the company", "she",
"its", labelled with the id of the cluster they stand for; one that is in doubt is left out).
Names are joined only when a rule says why; two names that no rule joins stay two.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.lexicon import BRANDS, FEMALE_FORENAMES, GENERIC_ORGANIZATION_WORDS, MALE_FORENAMES, NOMINALS
from kg.names import SMALL_WORDS, core_words, initials, is_acronym, person_words, versions, words
from kg.records import Cluster, ClusterId, EntityType, Mention
from kg.sentences import body_sentences

Doc.set_extension("clusters", default=(), force=True)

BODIES = frozenset({EntityType.COMPANY.value, EntityType.ORGANIZATION.value})
PERSON, PRODUCT = EntityType.PERSON.value, EntityType.PRODUCT.value
SURNAME_PARTICLES = frozenset("van von de der den del della di da dos du la le el al bin ibn ten ter".split())
GENERATIONS = frozenset(("jr", "sr", "ii", "iii", "iv"))
"""Last words of a person's name that tell two of one name apart; a name without one may be that of either."""
STRONG_SUFFIXES = frozenset(
    "technologies technology pharmaceuticals motors airlines industries international stores foods".split()
)
"""Words that a well-known one-word name may carry and still be the same company."""
FRONTING = frozenset(
    "with in by for despite through after before as like under unlike since while from on to at".split()
)
STOPPERS = frozenset("of in on at for to and or but that which who is was has had with from by as its his her".split())
MODIFIERS = 4
SIGHT = 60
"""Tokens of one sentence over which a pronoun looks back for `who`, or ahead for the name that it announces."""
TELLING, SPARE_WORDS = 5, 3
"""A first word of so many letters may stand alone for a name with so many more words; a shorter one, with one more."""
LEAD = 3
"""Sentences after the headline in which a name of the headline is given in full."""
DESCRIBED = 10
"""Tokens of an apposition that describe the name before it."""
ENDINGS = frozenset(", . ; : ( ) who which that whose with and or but".split())
VAGUE = frozenset("the this company group firm business it its itself he his him himself she her hers herself".split())
"""Words of a nominal that do not tell one body from another."""
CLOSINGS = frozenset(".!?\"'”’)")
LOOK_BACK = 3
"""Sentences that a pronoun or noun may reach back; beyond it the nearest name is as often the wrong one."""


@Language.component("kg_coreference", requires=["token.is_sent_start", "doc.spans"], assigns=["doc._.clusters"])
def resolve_names(doc: Doc) -> Doc:
    """Cluster `doc.spans["names"]` and resolve the nouns and pronouns that stand for them."""
    groups = cluster_names(list(doc.spans.get("names", [])))
    clusters, labelled = [], []
    for number, group in enumerate(groups, start=1):
        identifier = ClusterId(f"e{number}")
        clusters.append(_to_cluster(identifier, group))
        labelled += [Span(doc, s.start, s.end, label=identifier) for s in group]
    doc._.clusters = tuple(clusters)
    doc.spans["clusters"] = sorted(labelled, key=lambda s: s.start)
    doc.spans["anaphora"] = find_anaphora(doc)
    return doc


def cluster_names(names: Sequence[Span]) -> list[list[Span]]:
    """Partition of the names into entities, each sorted, in the order of first mention."""
    forms: dict[tuple[str, tuple[str, ...]], list[Span]] = defaultdict(list)
    for span in names:
        forms[_kind(span.label_), _key(span)].append(span)
    groups = list(forms.values())
    parent = list(range(len(groups)))
    for short, long in _links(groups):
        parent[_root(parent, short)] = _root(parent, long)
    merged: dict[int, list[Span]] = defaultdict(list)
    for i, group in enumerate(groups):
        merged[_root(parent, i)] += group
    ordered = [sorted(group, key=lambda s: s.start) for group in merged.values()]
    return sorted(ordered, key=lambda group: group[0].start)


def _kind(label: str) -> str:
    return "Body" if label in BODIES else label


def _key(span: Span) -> tuple[str, ...]:
    """Comparable words; a person's with the mark of generation or of a ruler last: James III is not James IV."""
    if span.label_ != PERSON:
        return core_words(span.text)
    return (*person_words(span.text), *_mark(span.text))


def _mark(name: str) -> tuple[str, ...]:
    last = words(name)[-1:]
    return last if len(words(name)) > 1 and last[0] in GENERATIONS else ()


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        i = parent[i]
    return i


def _links(groups: list[list[Span]]) -> Iterable[tuple[int, int]]:
    """Pairs (short form, long form) of groups to join; a short form that fits two long ones joins none.

    A long form has more words than the short one, and its first or last word, or all of them written as one.
    """
    index: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, group in enumerate(groups):
        kind, key = _kind(group[0].label_), _key(group[0])
        for word in {*key, initials(group[0].text), "".join(key)}:
            index[kind, word].append(i)
    ends = {(span.end, _kind(span.label_)): i for i, group in enumerate(groups) for span in group}
    keys = [_key(group[0]) for group in groups]
    makers = frozenset(key[0] for key, group in zip(keys, groups, strict=True) if _kind(group[0].label_) == "Body")
    for i, group in enumerate(groups):
        kind, key = _kind(group[0].label_), keys[i]
        bracketed = {ends[s.start - 1, kind] for s in group if (s.start - 1, kind) in ends}
        near = bracketed | {
            j
            for word in (*key[:1], *key[-1:], "".join(key))
            for j in index[kind, word.replace(".", "")] + index[kind, word]
            if len(key) < len(keys[j])
        }
        fits = [j for j in sorted(near) if j != i and _stands_for(group, groups[j], makers)]
        best = _unambiguous(fits, groups, makers)
        if best is not None:
            yield i, best


def _unambiguous(fits: list[int], groups: list[list[Span]], makers: Collection[str]) -> int | None:
    """The long form that is meant: the only one, or the longest if all others stand for that one."""
    if len(fits) < 2:
        return fits[0] if fits else None
    longest = max(fits, key=lambda j: len(_key(groups[j][0])))
    whole = set(_key(groups[longest][0]))
    nested = all(
        set(_key(groups[j][0])) <= whole or _stands_for(groups[j], groups[longest], makers)
        for j in fits
        if j != longest
    )
    return longest if nested else None


def _stands_for(short: list[Span], long: list[Span], makers: Collection[str]) -> bool:
    kind = _kind(short[0].label_)
    a, b = _key(short[0]), _key(long[0])
    if kind == PERSON:
        return _person_stands_for(a, b)
    if versions(short[0].text) != versions(long[0].text):
        return False
    if kind == PRODUCT:
        return _product_stands_for(a, b, makers)
    return kind == "Body" and _body_stands_for(short, long)


def _person_stands_for(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    if a[-1:] != b[-1:] and GENERATIONS.intersection(a[-1:]):
        return False
    a, b = (key[:-1] if len(key) > 1 and key[-1] in GENERATIONS else key for key in (a, b))
    if a == b:
        return True
    if len(a) == 1 and len(b) > 1:
        return a[0] in (b[0], b[-1]) or (len(b) > 2 and a[0] in b and a[0] not in SURNAME_PARTICLES)
    if len(a) > 1 and len(a) <= len(b) and a[-1] == b[-1] and len(a[0].strip(".")) == 1:
        return a[0][0] == b[0][0]
    surname_with_particle = len(a) > 1 and a[0] in SURNAME_PARTICLES and b[-len(a) :] == a
    return len(a) < len(b) and len(a) > 1 and ((a[0], a[-1]) == (b[0], b[-1]) or surname_with_particle)


def _product_stands_for(a: tuple[str, ...], b: tuple[str, ...], makers: Collection[str]) -> bool:
    """`Codex` for `OpenAI Codex`: what the long form has in front is the name of a company in the same text.

    makers: first words of the companies of the text.
    """
    return len(a) < len(b) and b[len(b) - len(a) :] == a and b[0] in makers


def _body_stands_for(short: list[Span], long: list[Span]) -> bool:
    a, b = core_words(short[0].text), core_words(long[0].text)
    if len(a) == 1 and len(b) > 1 and (_abbreviates(short[0].text, long[0].text) or _in_brackets_after(short, long)):
        return True
    if len(a) < len(b) and "".join(a).replace("-", "") == "".join(b).replace("-", ""):
        return True
    if not (len(a) < len(b) and b[: len(a)] == a) or set(a) <= SMALL_WORDS or is_acronym(short[0].text):
        return False
    if a[0] in BRANDS and len(a) == 1:
        return all(w in STRONG_SUFFIXES for w in b[1:])
    introduced = (short[0].start > long[0].start or _heads_the_text(short, long)) and len(long) <= 2
    generic = all(w in GENERIC_ORGANIZATION_WORDS or w in SMALL_WORDS for w in b[len(a) :])
    longer = SPARE_WORDS if len(a[0]) >= TELLING else 1
    return introduced and len(a[0]) > 2 and (generic or len(b) - len(a) <= longer)


def _heads_the_text(short: list[Span], long: list[Span]) -> bool:
    """Whether the short form stands in the headline, and again only after the long one has come in the lead."""
    lead = body_sentences(short[0].doc, 1 + LEAD)
    is_head = bool(lead) and short[0].end <= lead[0].end and lead[0].text.rstrip()[-1:] not in CLOSINGS
    follows = all(span.start > long[0].start for span in short if span.start >= lead[0].end) if is_head else False
    return follows and lead[0].end <= long[0].start < lead[-1].end


def _abbreviates(short: str, long: str) -> bool:
    letters = short.replace(".", "").replace("&", "").casefold()
    return is_acronym(short) and letters in (initials(long), "".join(w[0] for w in words(long)))


def _in_brackets_after(short: list[Span], long: list[Span]) -> bool:
    """`Long Form Name (LFN)`: a bracketed form right behind a long one that starts with the same letter."""
    doc = short[0].doc
    behind = {s.end + 1 for s in long if s.end + 1 < len(doc) and doc[s.end].text == "("}
    same_letter = short[0].text[:1].casefold() == core_words(long[0].text)[0][:1]
    return same_letter and any(s.start in behind and doc[s.end : s.end + 1].text == ")" for s in short)


def _to_cluster(identifier: ClusterId, group: list[Span]) -> Cluster:
    labels = Counter(s.label_ for s in group)
    label = max(labels, key=lambda name: (labels[name], name))
    mentions = tuple(Mention(s.start_char, s.end_char, s.text) for s in group)
    forms = Counter(" ".join(s.text.split()) for s in group)
    name = max(forms, key=lambda form: (len(_full(form, label)), forms[form], form))
    return Cluster(identifier, name, EntityType(label), tuple(sorted(forms)), mentions)


def _full(form: str, label: str) -> tuple[str, ...] | str:
    return person_words(form) if label == PERSON else form


def find_anaphora(doc: Doc) -> list[Span]:
    """Nouns and pronouns that stand for a cluster, labelled with its id, sorted.

    Each looks back for the nearest cluster of the right kind, subjects (first name of a sentence) before others, at
    most LOOK_BACK sentences; a quoted "I" or "we" is not resolved here, since the speaker is found elsewhere.
    """
    named = {s.start: s for s in doc.spans["clusters"]}
    clusters = {c.id: c for c in doc._.clusters}
    descriptions = _descriptions(doc)
    found: list[Span] = []
    history: deque[list[Span]] = deque(maxlen=LOOK_BACK)
    for sentence in body_sentences(doc):
        here: list[Span] = []
        covered = -1
        for token in sentence:
            if token.i in named:
                here.append(named[token.i])
                covered = named[token.i].end
            elif token.i >= covered and (match := _nominal_at(doc, token.i)):
                kinds, end = match
                ahead = _announced(sentence, token.i, named) if not here else []
                told = _told(doc[token.i : end], descriptions)
                candidates = [_by_prominence(doc, here, token.i) or ahead, *reversed(history)]
                referent = _referent(kinds, _described_first(candidates, told), clusters)
                if referent is not None:
                    found.append(Span(doc, token.i, end, label=referent))
                    here.append(found[-1])
                covered = end
        history.append(here)
    return sorted(found, key=lambda s: s.start)


def _announced(sentence: Span, at: int, named: Mapping[int, Span]) -> list[Span]:
    """The names behind the comma of a fronted phrase: in `With its new app, Acme grew`, `its` points ahead."""
    doc = sentence.doc
    if doc[sentence.start].lower_ not in FRONTING:
        return []
    end = min(sentence.end, at + SIGHT)
    commas = [i for i in range(at, end) if doc[i].text == ","]
    return [named[i] for i in range(commas[0], end) if i in named] if commas else []


def _by_prominence(doc: Doc, here: list[Span], at: int) -> list[Span]:
    """The candidates of a sentence, best first: its first names, but after `who` the name that `who` follows."""
    relative = [i for i in range(max(here[0].start, at - SIGHT), at) if doc[i].lower_ == "who"] if here else []
    if not relative:
        return here
    return [s for s in reversed(here) if s.start < relative[-1]] or here


def _nominal_at(doc: Doc, i: int) -> tuple[str, int] | None:
    """The kind of entity that the words at token `i` can stand for, and the end of those words.

    Up to MODIFIERS words may stand before the noun: `the company`, `the Leeds-based company`, `this small start-up`.
    """
    if doc[i].lower_ not in ("the", "this"):
        kinds = NOMINALS.get(doc[i].lower_)
        return (kinds, i + 1) if kinds else None
    for start in range(i + 1, min(i + 2 + MODIFIERS, len(doc))):
        for length in (3, 2, 1):
            kinds = NOMINALS.get("the " + " ".join(token.lower_ for token in doc[start : start + length]))
            if kinds and start + length <= len(doc):
                return kinds, start + length
        if not (doc[start].text.replace("-", "a").isalpha() and doc[start].lower_ not in STOPPERS):
            return None
    return None


def _descriptions(doc: Doc) -> dict[str, set[str]]:
    """Word -> labels of the clusters that the text calls so: in the name (`Harbour Bank`), before it (`the brewer X`),
    in apposition (`X, a Spanish brewer`) or as a predicate (`X is a brewer`).
    """
    told: dict[str, set[str]] = defaultdict(set)
    for span in doc.spans["clusters"]:
        for word in {*(t.lower_ for t in span), *_words_before(doc, span.start), *_words_behind(doc, span.end)}:
            told[word].add(span.label_)
    return told


def _words_before(doc: Doc, start: int) -> Iterable[str]:
    for i in range(start - 1, max(-1, start - 1 - MODIFIERS), -1):
        if not doc[i].text.replace("-", "a").isalpha() or doc[i].lower_ in STOPPERS or doc[i].is_sent_start:
            return
        yield doc[i].lower_


def _words_behind(doc: Doc, end: int) -> Iterable[str]:
    opening = [t.lower_ for t in doc[end : end + 2]]
    if len(opening) < 2 or opening[0] not in (",", "is", "was") or opening[1] not in ("a", "an", "the"):
        return
    for token in doc[end + 2 : end + 2 + DESCRIBED]:
        if token.lower_ in ENDINGS or token.is_sent_start:
            return
        yield token.lower_


def _told(nominal: Span, descriptions: Mapping[str, set[str]]) -> set[str]:
    """Labels of the clusters that the words of a nominal describe: of `the Spanish brewer` those called either."""
    wanted = {t.lower_ for t in nominal} - VAGUE
    return set().union(*(descriptions.get(word, set()) for word in wanted))


def _described_first(candidates: Sequence[list[Span]], told: Collection[str]) -> list[list[Span]]:
    """The candidates that the words of the nominal describe, then all of them."""
    described = [[s for s in spans if s.label_ in told] for spans in candidates] if told else []
    return [*described, *candidates]


def _referent(kinds: str, candidates: Iterable[list[Span]], clusters: dict[ClusterId, Cluster]) -> str | None:
    """Label of the first fitting cluster of the first list that has one; None without one."""
    for spans in candidates:
        fitting = [s for s in spans if _fits(kinds, clusters[ClusterId(s.label_)])]
        if fitting:
            return fitting[0].label_
    return None


def _fits(kinds: str, cluster: Cluster) -> bool:
    if kinds == "body":
        return cluster.type.value in BODIES
    if kinds == "product":
        return cluster.type.value == PRODUCT
    if kinds == "thing":
        return cluster.type.value in BODIES or cluster.type.value == PRODUCT
    if cluster.type.value != PERSON:
        return False
    first = person_words(cluster.name)[0]
    return first not in (MALE_FORENAMES if kinds == "she" else FEMALE_FORENAMES if kinds == "he" else ())
