import { useEffect, useState } from 'react';
import { extended, type Sample } from './rates';

/** The looks since the page was opened, at most so old; for another subject it begins anew. */
export function useHistory(look: Sample | undefined, subject: string, millis: number): Sample[] {
  const [kept, setKept] = useState<{ subject: string; history: Sample[] }>({ subject, history: [] });
  useEffect(() => {
    if (look) {
      setKept((old) => ({ subject, history: extended(old.subject === subject ? old.history : [], look, millis) }));
    }
  }, [look, subject, millis]);
  return kept.subject === subject ? kept.history : [];
}
