/** Entities of the picture as the options of a field. */
import type { Facts } from "../facts";
import type { Entity, Iri } from "../records";
import { inPicture } from "../shown";
import type { View } from "../view";

/** Options at most: among more, nobody finds one, and the page stands still while they are made. */
const MOST = 2_000;

const LETTERS = 80;

/** Entities of the picture by name: of very many, the best connected, and those of `always`. */
export function choosable(view: View, facts: Facts, always: readonly (Iri | undefined)[] = []): Entity[] {
  const all = [...inPicture(view, facts)].flatMap((iri) => facts.entities.get(iri) ?? []);
  const kept = all.length > MOST ? all.sort((one, other) => other.degree - one.degree).slice(0, MOST) : all;
  const known = new Set(kept.map((one) => one.iri));
  const more = always.filter((iri) => iri !== undefined && !known.has(iri));
  const entities = [...kept, ...[...new Set(more)].flatMap((iri) => facts.entities.get(iri ?? "") ?? [])];
  return entities.sort((one, other) => compare(one.label, other.label));
}

const { compare } = new Intl.Collator();

export function EntityOptions({ entities, chosen }: { entities: readonly Entity[]; chosen: Iri }) {
  return (
    <>
      {entities.map((one) => (
        <option key={one.iri} value={one.iri} selected={one.iri === chosen}>
          {one.label.slice(0, LETTERS)}
        </option>
      ))}
    </>
  );
}
