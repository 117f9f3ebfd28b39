"""Stage 6: clusters of all documents -> entities.

In: profiles of documents, in any order. Out: a Resolution in which every cluster stands for one entity, with a reason
for each join of two names. Clusters of one kind and one name key are one name. Two names are joined when a form of one
is a form of exactly one other (kg.name_forms) and, but for the surest rules, the two keep company (kg.company): what is
named with both counts for more the rarer it is, and for enough when it is an end of one's claims. Never on doubt: two
names that one document keeps apart stay apart, and people of one name at different employers do too (kg.homonyms).
Every step is deterministic, order-free and goes through indices. Source: ontology/README.md, section Identity.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from kg.company import Company, Tie, read_ties
from kg.homonyms import split_homonyms
from kg.iris import entity_iri, name_key
from kg.known import KnownEntity
from kg.lexicon import BRANDS
from kg.name_forms import (
    KINDS,
    MUTUAL,
    RULES,
    SURE,
    Form,
    asked,
    is_office,
    is_short,
    offered,
    person_words,
    stated_form,
)
from kg.named import Groups, Member, Name, Roots, are_short, documents_of, united
from kg.profiles import Profile
from kg.records import ClusterId, DocumentId, Entity, EntityIri, EntityType, Resolution
from kg.settings import ENTITY_BASE

_IDLE = frozenset(t for t, kind in KINDS.items() if kind in ("body", "product"))
"""Types of a name that may be read otherwise where nothing is said of it."""

_RANK = {rule: rank for rank, rule in enumerate((*RULES, "maker"))}
_WORDS = {**RULES, "maker": "lacks only the maker's name of"}
_Reasons = dict[Name, str]


def resolve(profiles: Sequence[Profile], base: str = ENTITY_BASE, known: Sequence[KnownEntity] = ()) -> Resolution:
    """Entities of all documents, sorted by IRI, and which one each cluster stands for.

    known: a user's own entities, which go before all rules. An entity is named as the user's list names it, else by its
    most frequent full name (a document counts once), ties by the longest, then by the alphabet; its IRI comes from the
    shortest of the full names that were joined, so that no count can change it.
    Cost: linear in clusters and aliases, plus the neighbours of the names that meet in a form.
    """
    profiles = _reread_idle_names(profiles)
    groups = _group(profiles)
    listed = _listed(groups, known)
    reasons: _Reasons = {}
    scene = _scene(groups, profiles)
    roots = _join(scene, _joined_by_list(groups, listed), SURE, reasons)
    roots = _join(scene, roots, frozenset(_WORDS) - SURE, reasons)
    roots = _join_short_names(scene, roots, reasons)
    groups, roots = split_homonyms(groups, roots, scene.ties)
    return _to_resolution(groups, roots, reasons, listed, base)


def _reread_idle_names(profiles: Sequence[Profile]) -> list[Profile]:
    """The profiles, with another type for a name that one document reads otherwise than all that say something of it.

    A name is idle in a document that claims nothing of it. Idle, it is taken for what it is where it is not idle, if
    that is of one kind; a lone surname of exactly one person, no brand's, is taken for that person's.
    """
    used: dict[str, set[EntityType]] = defaultdict(set)
    surnames: dict[str, set[str]] = defaultdict(set)
    for profile in profiles:
        active = _active(profile)
        for cluster in profile.clusters:
            if cluster.id in active:
                used[_plain_key(cluster.name)].add(cluster.type)
            if cluster.type is EntityType.PERSON and len(words := person_words(cluster.name)) > 1:
                surnames[words[-1]].add(" ".join(words))
    of_one = {word for word, names in surnames.items() if len(names) == 1} - BRANDS
    return [_reread(profile, used, of_one) for profile in profiles]


def _active(profile: Profile) -> set[ClusterId]:
    return {end for link in profile.links for end in (link.subject, link.object)} | profile.figures


def _reread(profile: Profile, used: Mapping[str, set[EntityType]], surnames: set[str]) -> Profile:
    active = _active(profile)
    reread: dict[ClusterId, EntityType] = {}
    for cluster in profile.clusters:
        if cluster.id in active or cluster.type not in _IDLE:
            continue
        types = used.get(_plain_key(cluster.name), set())
        if all(_plain_key(alias) in surnames for alias in cluster.aliases):
            reread[cluster.id] = EntityType.PERSON
        elif types <= _IDLE and cluster.type not in types and len({KINDS[t] for t in types}) == 1:
            reread[cluster.id] = min(types)
    if not reread:
        return profile
    clusters = (replace(c, type=reread[c.id]) if c.id in reread else c for c in profile.clusters)
    return replace(profile, clusters=tuple(clusters))


def _plain_key(name: str) -> str:
    """The key of a name that is no body's, whose legal form would go."""
    return name_key(name, EntityType.PRODUCT)


def _group(profiles: Iterable[Profile]) -> Groups:
    groups: Groups = defaultdict(list)
    for profile in profiles:
        for cluster in profile.clusters:
            is_bare = cluster.type is EntityType.PERSON and is_short(cluster.name, cluster.type)
            apart = profile.document_id if is_bare else ""
            key = "-".join(person_words(cluster.name)) if is_bare else name_key(cluster.name, cluster.type)
            name = Name(KINDS[cluster.type], key, apart)
            groups[name].append(Member(profile.document_id, cluster))
    return dict(groups)


def _listed(groups: Groups, known: Sequence[KnownEntity]) -> dict[Name, KnownEntity]:
    """The names that a user's list knows, by the list's name or by an alias that it gives to one entity only."""
    holders: dict[Name, set[int]] = defaultdict(set)
    for number, entity in enumerate(known):
        for text in (entity.name, *entity.aliases):
            holders[Name(KINDS[entity.type], name_key(text, entity.type))].add(number)
    named = {Name(KINDS[e.type], name_key(e.name, e.type)): e for e in reversed(known)}
    found = {name: known[min(numbers)] for name, numbers in holders.items() if len(numbers) == 1}
    return {name: entity for name, entity in {**found, **named}.items() if name in groups}


def _joined_by_list(groups: Groups, listed: Mapping[Name, KnownEntity]) -> Roots:
    of_entity: dict[tuple[str, str, str], list[Name]] = defaultdict(list)
    for name, entity in listed.items():
        of_entity[entity.name, entity.type, entity.iri].append(name)
    return united(groups, [(names[0], name) for names in of_entity.values() for name in names[1:]])


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the rules look things up in: names, the documents of each, and the full names that each meets in a form.

    full: names that are no short ones. met: strongest rule first, names sorted; without the names that meet none.
    """

    groups: Groups
    full: Groups
    documents: Mapping[Name, set[DocumentId]]
    ties: Sequence[Tie]
    met: Mapping[Name, Sequence[tuple[Form, Sequence[Name]]]]

    def company(self, roots: Roots) -> Company:
        """Who is named with whom, when names are joined so."""
        return Company(self.full, self.documents, self.ties, roots)


def _scene(groups: Groups, profiles: Sequence[Profile]) -> _Scene:
    full = {name: members for name, members in groups.items() if not are_short(members)}
    met = _met(groups, _offers(full))
    return _Scene(groups, full, documents_of(groups), read_ties(groups, profiles), met)


def _offers(groups: Groups) -> dict[tuple[str, Form], list[Name]]:
    """Full names by the forms under which they may be meant; a product also without the name of its maker."""
    bodies = {name.key for name in groups if name.kind == "body"}
    offers: dict[tuple[str, Form], list[Name]] = defaultdict(list)
    for name, members in groups.items():
        for form in set(_forms(name, members, bodies)):
            offers[name.kind, form].append(name)
    return offers


def _met(groups: Groups, offers: Mapping[tuple[str, Form], list[Name]]) -> dict[Name, list[tuple[Form, list[Name]]]]:
    """The forms in which each name meets full names, the strongest rule first, and these sorted; most meet none."""
    found: dict[Name, list[tuple[Form, list[Name]]]] = {}
    for name, members in groups.items():
        forms = {form for member in members for form in asked(member.cluster.name, member.cluster.type)}
        if name.kind == "product":
            forms.add(Form("maker", name.key))
        met = [(form, held) for form in forms if (held := offers.get((name.kind, form))) and held != [name]]
        if met:
            met.sort(key=lambda one: (_RANK[one[0].rule], one[0].key))
            found[name] = [(form, sorted(other for other in held if other != name)) for form, held in met]
    return found


def _forms(name: Name, members: Iterable[Member], bodies: set[str]) -> Iterator[Form]:
    for member in members:
        cluster = member.cluster
        yield from offered(cluster.name, cluster.type)
        if len(cluster.aliases) > 1:
            stated = (stated_form(alias, cluster.name, cluster.type) for alias in cluster.aliases)
            yield from (form for form in stated if form is not None)
    words = name.key.split("-") if name.kind == "product" else []
    for end in range(1, len(words)):
        if "-".join(words[:end]) in bodies:
            yield Form("maker", "-".join(words[end:]))


def _join(scene: _Scene, roots: Roots, rules: frozenset[str], reasons: _Reasons) -> Roots:
    """Unite each full name with the only other that it meets in a form of these rules, and keeps company with."""
    company = scene.company(roots)
    pairs: list[tuple[Name, Name]] = []
    for name in (name for name in scene.met if name in scene.full):
        found = _options(scene, name, rules, roots, company)
        if len(found) != 1 and not all(rule in MUTUAL for rule, _ in found.values()):
            continue
        for root, (rule, other) in found.items():
            if scene.documents[name].isdisjoint(scene.documents[other]):
                pairs.append((name, other))
                reasons[name] = _reason(scene.groups, name, other, rule, company.shared(name, root))
    return _without_torn(united(scene.groups, [*roots.items(), *pairs]), roots, scene.documents, reasons)


def _options(
    scene: _Scene, name: Name, rules: frozenset[str], roots: Roots, company: Company
) -> dict[Name, tuple[str, Name]]:
    """Roots that a name may belong to, each with the strongest rule and the name that it meets there."""
    options: dict[Name, tuple[str, Name]] = {}
    for form, others in scene.met[name]:
        for other in others if form.rule in rules else ():
            root = roots[other]
            is_new = root != roots[name] and root not in options
            if is_new and _is_borne_out(form.rule, name, other, root, company):
                options[root] = (form.rule, other)
    return options


def _is_borne_out(rule: str, name: Name, other: Name, root: Name, company: Company) -> bool:
    """Whether what else the documents say is enough for a rule to join a name with another."""
    if rule == "maker":
        return company.is_maker(name, other)
    if rule == "letters":
        return company.is_linked(name, root)
    return rule in SURE or company.is_kept(name, root)


def _join_short_names(scene: _Scene, roots: Roots, reasons: _Reasons) -> Roots:
    """Give each bare surname, initial and acronym to the only full name that it fits and keeps company with."""
    company = scene.company(roots)
    joined = dict(roots)
    for short in (name for name in scene.met if name not in scene.full):
        found = _options(scene, short, frozenset(RULES), roots, company)
        found = {root: how for root, how in found.items() if company.is_absent(root, scene.documents[short])}
        if len(found) == 1:
            ((root, (rule, other)),) = found.items()
            joined[short] = root
            reasons[short] = _reason(scene.groups, short, other, rule, company.shared(short, root))
    return _join_alike(joined, company)


def _join_alike(roots: Roots, company: Company) -> Roots:
    """Make one of the bare names of one spelling that no full name explains, where they keep the same company."""
    bare: dict[tuple[str, str], list[Name]] = defaultdict(list)
    for name, root in roots.items():
        if name.apart and root == name and not is_office(name.key.replace("-", " ")):
            bare[name.kind, name.key].append(name)
    pairs = [
        (one, other) for names in bare.values() for one, other in combinations(names, 2) if company.is_alike(one, other)
    ]
    return united(roots, [*roots.items(), *pairs])


def _without_torn(roots: Roots, before: Roots, documents: Mapping[Name, set[DocumentId]], reasons: _Reasons) -> Roots:
    """Undo the joins of chains in which some document keeps two names apart, though it holds no joined pair of them."""
    joined = {root for name, root in roots.items() if before[name] != root}
    parts: dict[Name, set[Name]] = defaultdict(set)
    held: dict[Name, set[DocumentId]] = defaultdict(set)
    for name, root in roots.items():
        if root in joined:
            parts[root].add(before[name])
            held[before[name]] |= documents[name]
    torn = {
        root
        for root, olds in parts.items()
        if len(olds) > 1 and sum(len(held[old]) for old in olds) > len(set().union(*(held[old] for old in olds)))
    }
    for name in [name for name in reasons if roots[name] in torn and before[name] != roots[name]]:
        del reasons[name]
    return {name: before[name] if root in torn else root for name, root in roots.items()} if torn else roots


def _reason(groups: Groups, name: Name, other: Name, rule: str, shared: Sequence[Name]) -> str:
    """`Altman is the surname of Sam Altman; both are named with OpenAI`."""
    said = f"{_label(groups[name])} {_WORDS[rule]} {_label(groups[other])}"
    if rule in SURE or not shared:
        return said
    return f"{said}; both are named with {' and '.join(_label(groups[one]) for one in shared[:2])}"


def _label(members: Iterable[Member]) -> str:
    return min((m.cluster.name for m in members), key=lambda name: (-len(name), name))


def _to_resolution(
    groups: Groups, roots: Roots, reasons: Mapping[Name, str], listed: Mapping[Name, KnownEntity], base: str
) -> Resolution:
    merged: dict[Name, list[Name]] = defaultdict(list)
    for name in groups:
        merged[roots[name]].append(name)
    entities: list[tuple[EntityIri, Name, Entity]] = []
    iri_of: dict[tuple[DocumentId, ClusterId], EntityIri] = {}
    for names in merged.values():
        names.sort()
        entity = _entity(names, groups, base, next((listed[name] for name in names if name in listed), None))
        if why := {reasons[name] for name in names if name in reasons}:
            entity = replace(entity, reasons=tuple(sorted(why)))
        entities.append((entity.iri, names[0], entity))
        for name in names:
            for member in groups[name]:
                iri_of[member.document_id, member.cluster.id] = entity.iri
    return Resolution(tuple(entity for *_, entity in sorted(entities)), dict(sorted(iri_of.items())))


def _entity(names: Sequence[Name], groups: Groups, base: str, known: KnownEntity | None) -> Entity:
    members = [member for name in names for member in groups[name]]
    aliases = {alias for member in members for alias in member.cluster.aliases}
    if known is not None:
        iri = entity_iri(base, known.type, name_key(known.name, known.type))
        return Entity(iri, known.name, known.type, tuple(sorted({*aliases, known.name, *known.aliases})), (known.iri,))
    if len(members) == 1:
        ((name,), ((_, cluster),)) = names, members
        iri = entity_iri(base, cluster.type, name.key, name.apart or None)
        return Entity(iri, cluster.name, cluster.type, tuple(sorted(aliases)))
    entity_type = _majority_type(members)
    full = [name for name in names if not are_short(groups[name])]
    name = min(full or names, key=lambda n: (n.key.count("-"), len(n.key), n))
    iri = entity_iri(base, entity_type, name.key, name.apart or None)
    return Entity(iri, _canonical_name(members), entity_type, tuple(sorted(aliases)))


def _majority_type(members: Iterable[Member]) -> EntityType:
    """The type that most documents give; on a tie between Company and Organization, Company."""
    votes = Counter(entity_type for _, entity_type in {(m.document_id, m.cluster.type) for m in members})
    return min(votes, key=lambda entity_type: (-votes[entity_type], entity_type.value))


def _canonical_name(members: Sequence[Member]) -> str:
    full = [m for m in members if not is_short(m.cluster.name, m.cluster.type)] or members
    votes = Counter(name for _, name in {(m.document_id, m.cluster.name) for m in full})
    return min(votes, key=lambda name: (-votes[name], -len(name), name))
