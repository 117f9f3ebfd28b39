/** The line at the bottom: what has just been done, what is under way, and what went wrong; read out by screen readers. */
import { type Store, useStore } from "../store";

export function Announcer({ store }: { store: Store }) {
  const said = useStore(store, (state) => state.said);
  const isBusy = useStore(store, (state) => state.pending > 0);
  const problem = useStore(store, (state) => state.problem);
  return (
    <footer id="announcer">
      <p role="status">{isBusy ? "Asking the graph…" : said}</p>
      <p role="alert" hidden={problem === ""}>
        {problem}
        {problem !== "" && (
          <button type="button" onClick={() => store.set({ problem: "" })}>
            Dismiss
          </button>
        )}
      </p>
    </footer>
  );
}
