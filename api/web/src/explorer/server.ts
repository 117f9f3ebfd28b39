/** Every request that the explorer makes. Each is one question; an error carries the server's own words. */
import type { ClaimDetails, EntityDetails, Expansion, Found, Iri, Paths, Piece, Status } from "./records";
import { written } from "./terms";
import type { PathQuestion } from "./view";

/** A request that did not succeed: `message` is what the server says, for the reader. */
export class ServerError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export const overview = (limit: number): Promise<Piece> => get(`/explore/overview?limit=${limit}`);

/** These entities and every claim among them. */
export const piece = (entities: readonly Iri[]): Promise<Piece> => post("/explore/piece", { entities });

export interface Expand {
  entity: Iri;
  /** Only claims of that kind; all where left out. */
  predicate?: string;
  direction?: "out" | "in";
  /** New entities at most; the best connected come first. */
  limit: number;
  /** Entities already shown: claims between them and the new ones come too. */
  shown: readonly Iri[];
  /** Of the claims that may lead to a new entity. */
  statuses: readonly Status[];
}

export const expand = (wanted: Expand): Promise<Expansion> => post("/explore/expand", wanted);

/** statuses: of the claims on a path. */
export const paths = (wanted: PathQuestion, statuses: readonly Status[]): Promise<Paths> => {
  const { maxLength, ...rest } = wanted;
  return post("/explore/paths", { ...rest, max_length: maxLength, statuses });
};

export const entity = (iri: Iri): Promise<EntityDetails> => get(`/explore/entity?${new URLSearchParams({ iri })}`);

/** Every claim from one entity to the other, with its sentence. */
export const claims = async (subject: Iri, object: Iri): Promise<ClaimDetails[]> => {
  const found = await get<{ claims: ClaimDetails[] }>(`/claims?${new URLSearchParams({ subject, object })}`);
  return found.claims;
};

export const search = (q: string, signal?: AbortSignal): Promise<Found> =>
  get(`/search?${new URLSearchParams({ q, limit: "12", quotes: "5" })}`, signal);

/** The ends of every claim that rests on an evidence. */
export async function tiesOf(evidence: Iri): Promise<{ subject: Iri; object: Iri }[]> {
  const query = `PREFIX kg: <https://w3id.org/tracegraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT DISTINCT ?subject ?object WHERE { ?claim kg:evidence ${written(evidence)} ; rdf:subject ?subject ; rdf:object ?object }`;
  const accept = "application/sparql-results+json";
  const found = await get<Solutions>(`/sparql?${new URLSearchParams({ query })}`, undefined, accept);
  return found.results.bindings.flatMap(({ subject, object }) =>
    subject && object ? [{ subject: subject.value, object: object.value }] : [],
  );
}

/** Rows of a SELECT, as SPARQL 1.1 Query Results JSON has them. */
export interface Solutions {
  results: { bindings: Record<string, { type: string; value: string }>[] };
}

async function get<T>(path: string, signal?: AbortSignal, accept = "application/json"): Promise<T> {
  return read<T>(await ask(path, { headers: { Accept: accept }, ...(signal ? { signal } : {}) }));
}

export async function post<T>(path: string, body: unknown, token = ""): Promise<T> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (token !== "") headers.Authorization = `Bearer ${token}`;
  return read<T>(await ask(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** A request whose failure is a ServerError; an aborted one stays an AbortError. */
export async function ask(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ServerError("The server does not answer. Is it still running?", 0);
  }
  if (response.ok) return response;
  const problem: unknown = await response.json().catch(() => null); // an error page of something in between
  const detail = problem !== null && typeof problem === "object" && "detail" in problem ? String(problem.detail) : "";
  throw new ServerError(detail || `The server answered ${response.status}.`, response.status);
}

async function read<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}
