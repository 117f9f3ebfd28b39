"""Stage 3. Names from another spaCy component: spaCy component `kg_names_from_ents`.

In: `doc.ents`, as spaCy's own recognisers, entity rulers and wrappers of other models write them. Out: what
kg_mentions gives, `doc.spans["names"]` and `doc.spans["roles"]`, by the same rules of edges, types and repeats. Refuses
a table that gives a label a type that is none of ours (SettingsError); an entity whose label is not in the table is no
name.
"""

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.errors import SettingsError
from kg.mentions import ENTITY_LABELS, ROLE_LABEL, set_names


@Language.factory(
    "kg_names_from_ents",
    requires=["token.is_sent_start", "doc.ents"],
    assigns=["doc.spans"],
    default_config={"labels": {}, "replace": True, "score": 1.0, "min_repeat_length": 3},
)
class NamesFromEnts:
    """Names from `doc.ents`.

    labels: label of the other component -> one of records.EntityType, or `Role` for positions such as `chief
    executive`. replace: whether they take the place of names found before, or only stand beside those that they do not
    overlap. score: how sure one reading is, in [0, 1], where the component keeps no `span._.score`; readings of one
    spelling are weighed by it. min_repeat_length: as in kg_mentions.
    """

    def __init__(
        self,
        nlp: Language,  # noqa: ARG002  # spaCy passes it to every factory
        name: str,
        labels: dict[str, str],
        replace: bool,
        score: float,
        min_repeat_length: int,
    ) -> None:
        types = sorted({*ENTITY_LABELS, ROLE_LABEL})
        for label, kind in labels.items():
            if kind not in types:
                raise SettingsError(f"{name}: labels.{label} is {kind!r}: give one of {', '.join(types)}")
        if not labels:
            raise SettingsError(f"{name}: labels is empty: say which label stands for which of {', '.join(types)}")
        self.labels, self.replace = labels, replace
        self.score, self.min_repeat_length = score, min_repeat_length

    def __call__(self, doc: Doc) -> Doc:
        mapped = [Span(doc, e.start, e.end, label=self.labels[e.label_]) for e in doc.ents if e.label_ in self.labels]
        scores = [_score(e, self.score) for e in doc.ents if e.label_ in self.labels]
        names = [(span, score) for span, score in zip(mapped, scores, strict=True) if span.label_ != ROLE_LABEL]
        roles = [span for span in mapped if span.label_ == ROLE_LABEL]
        add_names(doc, names, replace=self.replace, min_repeat_length=self.min_repeat_length)
        add_roles(doc, roles)
        return doc


def add_names(
    doc: Doc, scored: list[tuple[Span, float]], *, replace: bool, min_repeat_length: int, drop_common: bool = True
) -> None:
    """Write names, each with its score in [0, 1], in the place of those of `doc` or beside them.

    Beside them: a name that was there counts as sure, and one that overlaps it is left out. drop_common: as in
    set_names.
    """
    before = [] if replace else list(doc.spans.get("names", []))
    taken = {i for span in before for i in range(span.start, span.end)}
    free = [(span, score) for span, score in scored if taken.isdisjoint(range(span.start, span.end))]
    both = [*((span, 1.0) for span in before), *free]
    spans, scores = [span for span, _ in both], [score for _, score in both]
    set_names(doc, spans, scores, min_repeat_length=min_repeat_length, drop_common=drop_common)


def add_roles(doc: Doc, roles: list[Span]) -> None:
    """Write positions beside those of `doc`, without those that overlap one."""
    kept = list(doc.spans.get("roles", []))
    for span in sorted(roles):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    doc.spans["roles"] = sorted(kept)


def _score(ent: Span, otherwise: float) -> float:
    """The score in [0, 1] that the component keeps with the entity, where it keeps one."""
    said = ent._.score if Span.has_extension("score") else None
    return float(said) if isinstance(said, float) and 0 < said <= 1 else otherwise
