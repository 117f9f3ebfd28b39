import pytest
from spacy.tokens import Doc

from kg.claims import ClaimFinder
from kg.figures import ObservationFinder
from kg.records import Claim
from tests.nlp_docs import resolved_doc


def read(marked: str, published: str | None = None) -> Doc:
    doc = resolved_doc(marked, published)
    numbers = {"default_threshold": 0.4, "actual_margin": 0.0, "min_status_score": 0.5, "hint_boost": 3.0}
    finder = ClaimFinder(None, "kg_claims", thresholds={}, **numbers)  # type: ignore[arg-type]
    return ObservationFinder(None, "kg_observations", min_confidence=0.3)(finder(doc))  # type: ignore[arg-type]


def only(marked: str, predicate: str) -> Claim:
    claims = [c for c in read(marked)._.claims if c.predicate == predicate]
    assert len(claims) == 1, claims
    return claims[0]


@pytest.mark.parametrize(
    ("marked", "status"),
    [
        ("[C Acme] agreed to buy [C Beta] in March.", "planned"),
        ("[C Acme] agreed to buy [C Beta] in March. The deal fell apart in May.", "attempted"),
        ("[C Acme] agreed to buy [C Beta] in March. The deal closed in May.", "actual"),
        ("[C Acme] agreed to buy [C Beta]. Regulators blocked the takeover.", "attempted"),
        ("[C Acme] is in talks to buy [C Beta]. [C Acme] denied the report.", "denied"),
        ("[C Acme] bought [C Beta]. The deal closed in May.", "actual"),
        ("[C Acme] bought [C Beta]. Its partnership with [C Gamma] collapsed.", "actual"),
        ("[C Acme] bought [C Beta]. Talks between [C Gamma] and [C Delta] collapsed.", "actual"),
    ],
)
def test_claims_status_is_that_of_the_end_of_the_text(marked: str, status: str) -> None:
    assert only(marked, "acquired").status == status


@pytest.mark.parametrize(
    "marked", ["If [C Acme] bought [C Beta], prices would rise.", "Analysts ask whether [C Acme] acquired [C Beta]."]
)
def test_claims_hypothetical_gives_nothing(marked: str) -> None:
    assert read(marked)._.claims == ()


def test_claims_evidence_is_the_exact_sentence() -> None:
    doc = read("News.\n[C Acme] bought [C Beta] in May 2024. It paid cash.")
    (claim,) = doc._.claims
    assert claim.evidence.quote == "Acme bought Beta in May 2024."
    assert doc.text[claim.evidence.start : claim.evidence.end] == claim.evidence.quote
    assert claim.occurred_on == "2024-05"


def test_claims_role_is_in_the_words_of_the_text() -> None:
    assert only("[P Ann Lee], [C Acme]'s Chief Product Officer, spoke.", "worksFor").role == "Chief Product Officer"


def test_claims_speaker_unnamed_keeps_the_words() -> None:
    claim = only("[C Acme] bought [C Beta], according to a person with knowledge of the matter.", "acquired")
    assert claim.attributed_to is not None
    assert claim.attributed_to.text == "a person with knowledge of the matter"
    assert claim.attributed_to.cluster is None


def test_claims_speaker_named_has_its_cluster() -> None:
    doc = read("[C Acme] bought [C Beta], according to the [C Daily News].")
    (claim,) = doc._.claims
    assert claim.attributed_to is not None
    names = {c.id: c.name for c in doc._.clusters}
    assert claim.attributed_to.cluster is not None
    assert names[claim.attributed_to.cluster] == "Daily News"


def test_observations_revenue_is_on_the_product() -> None:
    (observation,) = read("[R Rover] generates $2.5B in annualized revenue, [C Acme] said.")._.observations
    assert (observation.metric, observation.value, observation.unit) == ("revenue", 2_500_000_000, "USD")


def test_claims_partnership_that_collapsed_was_attempted() -> None:
    marked = "[C Acme] has partnered with [C Beta]. The partnership collapsed in May."
    assert only(marked, "partnerOf").status == "attempted"


def test_claims_what_a_sentence_says_of_its_speaker_is_not_said_by_him() -> None:
    claim = only("“We grew,” said [P Ann Lee], head of design at [C Acme].", "worksFor")
    assert claim.attributed_to is None
