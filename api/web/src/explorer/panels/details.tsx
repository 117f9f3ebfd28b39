/** What is selected: an entity, or the claims behind a line. */
import { type Store, useStore } from "../store";
import { EdgePanel } from "./edge";
import { EntityPanel } from "./entity";
import { useKeptFocus } from "./focus";

export function DetailsPanel({ store }: { store: Store }) {
  const selected = useStore(store, (state) => state.view.selected);
  const details = useStore(store, (state) => state.details);
  const isPending = useStore(store, (state) => state.pending > 0);
  useKeptFocus();
  if (selected === null) return <Nothing store={store} />;
  if (details === null) return <p class="quiet">{isPending ? "Reading…" : "The graph says nothing of this."}</p>;
  return details.entity === null ? (
    <EdgePanel store={store} details={details} />
  ) : (
    <EntityPanel store={store} entity={details.entity} />
  );
}

function Nothing({ store }: { store: Store }) {
  const { snapshot, nEntities, nClaims, communities } = useStore(store, (state) => state.facts);
  return (
    <>
      <h2>
        {snapshot === ""
          ? "Nothing read yet"
          : `${nEntities.toLocaleString("en")} entities, ${nClaims.toLocaleString("en")} claims`}
      </h2>
      <p>
        Select an entity or a line to read the sentences behind it. Double-click an entity, or press <kbd>E</kbd>, to
        see who is tied to it. Press <kbd>/</kbd> to search.
      </p>
      {communities.length > 0 && <h3>Who belongs together</h3>}
      <ol class="communities">
        {communities.slice(0, 12).map((one) => (
          <li key={one.names.join("|")}>
            <bdi>{one.names.slice(0, 3).join(", ") || "Nothing ties these to any other:"}</bdi>
            <span class="quiet"> {one.size.toLocaleString("en")} entities</span>
          </li>
        ))}
      </ol>
    </>
  );
}
