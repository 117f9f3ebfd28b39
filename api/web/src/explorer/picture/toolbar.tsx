/** The buttons on the picture. */
import { type Store, useStore } from "../store";
import type { Stage } from "./stage";

/** Paths on a grid of 20 by 20, drawn as strokes. */
const ICONS = {
  in: "M10 4v12M4 10h12",
  out: "M4 10h12",
  fit: "M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4",
  arrange: "M10 4v3M10 13v3M4 10h3M13 10h3M10 10h.01M4.5 4.5h.01M15.5 4.5h.01M4.5 15.5h.01M15.5 15.5h.01",
  undo: "M7 4L3 8l4 4M3 8h9a5 5 0 0 1 0 10H8",
  redo: "M13 4l4 4-4 4M17 8H8a5 5 0 0 0 0 10h4",
};

export function Toolbar({ store, stage, arranging }: { store: Store; stage: Stage; arranging: boolean }) {
  const nPast = useStore(store, pastSteps);
  const nFuture = useStore(store, futureSteps);
  return (
    <div class="picture-tools" role="toolbar" aria-label="Picture">
      <Tool icon="in" name="Zoom in" act={() => stage.eye.zoom(1.6)} />
      <Tool icon="out" name="Zoom out" act={() => stage.eye.zoom(1 / 1.6)} />
      <Tool icon="fit" name="Fit into the window" act={() => stage.eye.fit()} />
      <Tool
        icon="arrange"
        name={arranging ? "Arranging…" : "Arrange again"}
        act={() => stage.arrange(true)}
        disabled={arranging || !stage.canArrange}
      />
      <Tool icon="undo" name="Undo" act={() => store.undo()} disabled={nPast === 0} />
      <Tool icon="redo" name="Redo" act={() => store.redo()} disabled={nFuture === 0} />
    </div>
  );
}

const pastSteps = (state: Store["state"]): number => state.past.length;
const futureSteps = (state: Store["state"]): number => state.future.length;

interface ToolProps {
  icon: keyof typeof ICONS;
  name: string;
  act: () => void;
  disabled?: boolean;
}

function Tool({ icon, name, act, disabled = false }: ToolProps) {
  return (
    <button type="button" aria-label={name} title={name} onClick={act} disabled={disabled}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <path d={ICONS[icon]} />
      </svg>
    </button>
  );
}
