/** The graph's terms in plain words. */

import type { Status } from "./records";
import type { Edge } from "./shown";
import { ALL_STATUSES } from "./view";

/** Local name of a predicate -> how a sentence says it, from subject to object. */
const PREDICATES: Record<string, string> = {
  worksFor: "works for",
  foundedBy: "was founded by",
  boardMemberOf: "is on the board of",
  educatedAt: "studied at",
  develops: "develops",
  acquired: "acquired",
  investedIn: "invested in",
  partnerOf: "is a partner of",
  competesWith: "competes with",
  subsidiaryOf: "is a subsidiary of",
  basedOn: "is based on",
  uses: "uses",
  suppliesTo: "supplies",
  headquarteredIn: "is headquartered in",
  successorOf: "is the successor of",
  sued: "sued",
};

const STATUSES: Record<Status | "Retracted", string> = {
  Actual: "fact",
  Former: "no longer so",
  Planned: "planned",
  Attempted: "attempted, not done",
  Rumoured: "rumoured",
  Denied: "denied",
  Unsure: "too uncertain to be a fact",
  Retracted: "taken back by a user",
};

/** A predicate of the user's own is shown as its name, its words apart. */
export function predicateWords(predicate: string): string {
  const name = predicate.split(/[#/]/).at(-1) || predicate; // one of another vocabulary comes as its IRI
  return PREDICATES[predicate] ?? name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

export const statusWords = (status: Status | "Retracted"): string => STATUSES[status];

/** What the claims behind a line say, facts first; whatever is no fact stands behind the word of its status. */
export function edgeWords({ claims }: Pick<Edge, "claims">): string {
  const said = new Set<string>();
  const parts = [...ALL_STATUSES, "Retracted" as const].flatMap((status) => {
    const these = claims.filter((claim) => (claim.retracted ? "Retracted" : claim.status) === status);
    const predicates = [...new Set(these.map((claim) => claim.predicate))].filter((one) => !said.has(one)).sort();
    for (const one of predicates) said.add(one);
    const words = predicates.map(predicateWords).join(", ");
    return words === "" ? [] : [status === "Actual" ? words : `${statusWords(status)}: ${words}`];
  });
  return parts.join("; ");
}

/** `2025-07` as `Jul 2025`, `2025-07-03` as `3 Jul 2025`. */
export function dateWords(date: string): string {
  const [year = "", month, day] = date.split("-");
  const name = month === undefined ? "" : (MONTHS[Number(month) - 1] ?? month);
  return [day === undefined ? "" : String(Number(day)), name, year].filter((part) => part !== "").join(" ");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `0.871` as `87 %`. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;
