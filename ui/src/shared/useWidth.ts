import { type RefCallback, useCallback, useRef, useState } from 'react';

const BEFORE_MEASURED = 800;

/** The width of an element in whole pixels, as it changes. */
export function useWidth(): [RefCallback<HTMLElement>, number] {
  const [width, setWidth] = useState(BEFORE_MEASURED);
  const observer = useRef<ResizeObserver>(undefined);
  const ref = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (element) {
      // At once, so that nothing is painted in a width that is not its own; the observer tells of changes a frame later.
      setWidth(element.clientWidth || BEFORE_MEASURED);
      observer.current = new ResizeObserver(([entry]) => {
        if (entry && entry.contentRect.width > 0) {
          setWidth(Math.floor(entry.contentRect.width));
        }
      });
      observer.current.observe(element);
    }
  }, []);
  return [ref, width];
}
