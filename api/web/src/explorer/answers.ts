/** The answers to the view's question for paths: asked for anew where a link, an undo or a new graph brought the question. */
import { attempt, learn } from "./actions";
import * as server from "./server";
import type { Store } from "./store";
import { NO_FILTERS, type PathQuestion } from "./view";

export function startAnswers(store: Store): void {
  /** The question that is being asked, or that could not be answered. */
  let asked: PathQuestion | null = null;
  let snapshot = "";
  const check = () => {
    const { view, answered, facts } = store.state;
    if (facts.snapshot !== snapshot || view.paths === null) asked = null;
    snapshot = facts.snapshot;
    const question = view.paths;
    if (question === null || snapshot === "" || isSame(question, answered) || isSame(question, asked)) return;
    asked = question;
    void ask(store, question);
  };
  store.subscribe(() => queueMicrotask(check)); // an answer and its question may come one after the other
}

/** Whether two questions for paths are one. */
export const isSame = (one: PathQuestion | null, other: PathQuestion | null): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

function ask(store: Store, question: PathQuestion): Promise<void> {
  store.set({ paths: [], answered: null });
  return attempt(store, async () => {
    const { statuses } = store.state.view.filters;
    const answer = await server.paths(question, statuses.length > 0 ? statuses : NO_FILTERS.statuses);
    if (!isSame(store.state.view.paths, question)) return;
    await learn(store, answer.piece);
    store.set({ paths: answer.paths, answered: question });
  });
}
