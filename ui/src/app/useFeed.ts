import { useEffect } from 'react';
import { liveFeed } from './queryClient';

const HIDDEN_MILLIS = 60_000;

/** Follows the server's events while somebody may look: a tab that is hidden for a minute lets go of its connection. */
export function useFeed(): void {
  useEffect(() => {
    let stop: (() => void) | undefined = liveFeed.start();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.hidden) {
        timer = setTimeout(() => {
          stop?.();
          stop = undefined;
        }, HIDDEN_MILLIS);
      } else {
        stop ??= liveFeed.start();
      }
    };
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      clearTimeout(timer);
      stop?.();
    };
  }, []);
}
