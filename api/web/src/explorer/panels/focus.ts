/** Focus in the panel where what had it goes away: as with "Remove", or a line of the list that opens the details. */
import { useLayoutEffect } from "preact/hooks";

/** Give the focus to the panel when the control that had it is not drawn any more, so that keys go on from there. */
export function useKeptFocus(): void {
  const panel = document.getElementById("panel");
  const isInPanel = panel?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (isInPanel && document.activeElement === document.body) panel?.focus();
  });
}
