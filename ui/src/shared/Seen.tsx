import { type ReactNode, useEffect, useRef, useState } from 'react';

const AHEAD = '400px';

/** Makes its content when it comes near the screen for the first time; before, it only keeps the place. */
export function Seen({ height, children }: { height: number; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (!element || seen) {
      return;
    }
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { rootMargin: AHEAD });
    observer.observe(element);
    return () => observer.disconnect();
  }, [seen]);
  return (
    <div ref={place} style={{ minHeight: height }}>
      {seen ? children : null}
    </div>
  );
}
