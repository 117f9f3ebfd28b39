/** Every claim behind a line: the sentence in its paragraph, where it stands, who says it, how sure; conflicts side by side. */
import { type Details, FIRST_CLAIMS } from "../details";
import type { ClaimDetails, Iri, Status } from "../records";
import { type Store, useStore } from "../store";
import { dateWords, percent, predicateWords, statusWords } from "../words";
import { CorrectClaim } from "./corrections";
import { Quote } from "./quote";

export function EdgePanel({ store, details }: { store: Store; details: Details }) {
  const { claims, nOpen } = details;
  const label = useLabels(store);
  const conflicting = pairsOf(claims);
  const [first] = claims;
  if (first === undefined) return <p>No claim ties these two any more.</p>;
  return (
    <>
      <h2>
        <bdi>{label(first.subject)}</bdi> and <bdi>{label(first.object)}</bdi>
      </h2>
      <p class="quiet">
        {claims.length} {claims.length === 1 ? "claim" : "claims"}
        {conflicting.length > 0 && `, ${conflicting.length} in conflict`}
      </p>
      {conflicting.map(([one, other]) => (
        <section key={`${one.iri} ${other.iri}`} class="conflict" aria-label="Two claims in conflict">
          <h3>In conflict</h3>
          <div class="side-by-side">
            <ClaimCard store={store} claim={one} label={label} />
            <ClaimCard store={store} claim={other} label={label} />
          </div>
        </section>
      ))}
      <ul class="claims">
        {claims.slice(0, nOpen).map((claim) => (
          <li key={claim.iri}>
            <ClaimCard store={store} claim={claim} label={label} />
          </li>
        ))}
      </ul>
      {claims.length > FIRST_CLAIMS && nOpen < claims.length && (
        <button type="button" onClick={() => store.set({ details: { ...details, nOpen: claims.length } })}>
          See all evidence ({claims.length - nOpen} more)
        </button>
      )}
    </>
  );
}

function standingOf(claim: ClaimDetails): Status | "Retracted" {
  if (claim.retracted_by !== null) return "Retracted";
  return claim.status === "Actual" && !claim.is_asserted ? "Unsure" : claim.status;
}

function ClaimCard(props: { store: Store; claim: ClaimDetails; label: (iri: Iri) => string }) {
  const { store, claim, label } = props;
  const status = standingOf(claim);
  return (
    <article class={`claim status-${status.toLowerCase()}`}>
      <h3>
        <span class="status">{statusWords(status)}</span> <bdi>{label(claim.subject)}</bdi>{" "}
        {predicateWords(claim.predicate)} <bdi>{label(claim.object)}</bdi>
      </h3>
      <Quote evidence={claim} />
      <dl class="facts">
        {claim.role !== null && <Fact name="Role" value={claim.role} />}
        {whenOf(claim) !== "" && <Fact name="When" value={whenOf(claim)} />}
        {claim.said_by !== null && <Fact name="Said by" value={claim.said_by} />}
        {claim.confidence !== null && <Fact name="Confidence" value={percent(claim.confidence)} />}
        {claim.sources > 1 && <Fact name="Said in" value={`${claim.sources} texts`} />}
        {claim.retracted_by !== null && <Fact name="Taken back by" value={claim.retracted_by} />}
      </dl>
      <p class="links">
        <a href={pageOf(claim.iri)}>Page of this claim</a>
      </p>
      <CorrectClaim store={store} claim={claim} />
    </article>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

/** Pairs of claims here that contradict each other, each pair once. */
export function pairsOf(claims: readonly ClaimDetails[]): [ClaimDetails, ClaimDetails][] {
  const byIri = new Map(claims.map((claim) => [claim.iri, claim]));
  return claims.flatMap((claim) =>
    claim.conflicts_with.flatMap((iri): [ClaimDetails, ClaimDetails][] => {
      const other = byIri.get(iri);
      return other !== undefined && claim.iri < iri ? [[claim, other]] : [];
    }),
  );
}

function whenOf(claim: ClaimDetails): string {
  const parts = [
    claim.occurred_on && dateWords(claim.occurred_on),
    claim.started_on && `from ${dateWords(claim.started_on)}`,
    claim.ended_on && `until ${dateWords(claim.ended_on)}`,
  ];
  return parts.filter((part) => part).join(" ");
}

/** The page of a thing of the graph, at this server whatever the base of the IRIs. */
export function pageOf(iri: Iri): string {
  const path = /\/id\/(.*)$/.exec(iri)?.[1];
  return path === undefined ? `/viz?entity=${encodeURIComponent(iri)}` : `/page/${path}`;
}

function useLabels(store: Store): (iri: Iri) => string {
  const { entities } = useStore(store, (state) => state.facts);
  return (iri) => entities.get(iri)?.label ?? iri;
}
