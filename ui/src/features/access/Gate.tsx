import type { FormEvent, ReactNode } from 'react';
import { useEffect } from 'react';
import { rememberActor } from '../../api/client';
import { signInWanted } from '../../api/session';
import { queryClient } from '../../app/queryClient';
import { Mark } from '../../app/Shell';
import '../../app/runs.css';
import '../../app/access.css';

/** The one panel of a page that stands before the shell. */
export function Gate({ title, onSubmit, children }: { title: string; onSubmit: () => void; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Perennial`;
  }, [title]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <main className="gate">
      <form className="panel stack gate-panel" onSubmit={submit} aria-label={title}>
        <span className="brand">
          <Mark /> Perennial
        </span>
        <div>
          <h1>{title}</h1>
          <p className="quiet small">{location.host}</p>
        </div>
        {children}
      </form>
    </main>
  );
}

export function Problem({ error }: { error: Error | null }) {
  return error ? (
    <p className="status tone-fail" role="alert">
      {error.message}
    </p>
  ) : null;
}

/** What was read as somebody else, or as nobody, is forgotten. */
export function entered(user: string): void {
  rememberActor(user);
  queryClient.clear();
  signInWanted.set(false);
}
