import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import '../app/runs.css';
import { NameDialog } from './NameDialog';

interface Props {
  title: string;
  /** What one makes here: "experiment". */
  thing: string;
  search: string;
  find: (text: string | undefined) => void;
  /** Other choices beside the search. */
  tools?: ReactNode;
  create: (name: string) => Promise<void>;
  children: ReactNode;
}

/** A page with a list of named things: searched by a part of the name, and a new one is made by its name. */
export function ListPage({ title, thing, search, find, tools, create, children }: Props) {
  const [creating, setCreating] = useState(false);
  useEffect(() => {
    document.title = `${title} · Perennial`;
  }, [title]);
  return (
    <>
      <div className="page-head">
        <div className="titles">
          <h1>{title}</h1>
        </div>
        <Button leftSection={<IconPlus size={16} stroke={2} aria-hidden />} onClick={() => setCreating(true)}>
          New {thing}
        </Button>
      </div>
      <div className="panel">
        <div className="runs-bar">
          <input
            className="field list-search"
            data-filter
            aria-label={`Search ${thing}s`}
            placeholder="Part of a name"
            value={search}
            onChange={(event) => find(event.currentTarget.value || undefined)}
          />
          {tools}
        </div>
        {children}
      </div>
      {creating ? <NameDialog title={`New ${thing}`} verb="Create" act={create} close={() => setCreating(false)} /> : null}
    </>
  );
}
