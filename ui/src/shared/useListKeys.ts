import { type KeyboardEvent, useCallback } from 'react';

/** j and k go from row to row of a list whose rows hold a `data-row` button. */
export function useListKeys() {
  return useCallback((event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'j' || event.key === 'ArrowDown' ? 1 : event.key === 'k' || event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0 || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
    // A row may hold the list of its own rows: the innermost that has the focus counts.
    const here = rows.findLastIndex((row) => row.closest('tr, li')?.contains(document.activeElement));
    const next = rows[here + step];
    if (next) {
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: 'nearest' });
    }
  }, []);
}
