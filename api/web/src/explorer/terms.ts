/** Terms as SPARQL writes them. */
import type { Iri } from "./records";

/** An IRI in angle brackets. The server's IRIs hold none of what ends one; anything else is refused here. */
export function written(iri: Iri): string {
  if (/[\s<>"{}|\\^`]/.test(iri)) throw new TypeError(`not an IRI: ${iri}`);
  return `<${iri}>`;
}
