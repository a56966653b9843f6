import { Button } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '../../api/client';
import type { Page } from '../../api/types';
import { Ago, Panel, Scroll } from '../../shared/bits';
import { ABSENT, count, percent } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked, Command, Empty } from '../../shared/states';

const POLL_MILLIS = 2000;
const SHOWN = 200;

/** A job of the API's list. */
interface Scoring {
  id: string;
  state: 'WAITING' | 'RUNNING' | 'CANCELLING' | 'DONE' | 'FAILED' | 'CANCELLED';
  target: string;
  version: string;
  by: string;
  name: string;
  output: string | null;
  resultName: string;
  share: number;
  line: string;
  rows: number | null;
  errors: number | null;
  createdAt: number;
}

const scorings = queryOptions({
  queryKey: ['scorings'],
  queryFn: ({ signal }) => call<Page<Scoring>>(`api/scorings?limit=${SHOWN}`, { signal }),
  refetchInterval: (query) =>
    query.state.data?.items.some((one) => one.state === 'RUNNING' || one.state === 'CANCELLING') ? POLL_MILLIS : false,
});

/** Jobs that score files, newest first: how far each is, and where its result is. */
export function ScoringsPage() {
  const found = useQuery(scorings);
  useEffect(() => {
    document.title = 'Scorings · Perennial';
  }, []);
  return (
    <>
      <div className="page-head">
        <div className="titles">
          <h1>Scorings</h1>
        </div>
      </div>
      <Panel title="Files that were scored">
        <Asked query={found} what="The list of scorings is" rows={6}>
          {(page) => (page.items.length === 0 ? <None /> : <List all={page.items} />)}
        </Asked>
      </Panel>
    </>
  );
}

function None() {
  return (
    <Empty title="No file has been scored">
      <p className="quiet">The command line scores files by an endpoint or a version:</p>
      <Command text="perennial score rows.csv --endpoint NAME" />
    </Empty>
  );
}

function List({ all }: { all: Scoring[] }) {
  return (
    <Scroll label="Scorings">
      <table className="grid">
        <thead>
          <tr>
            <th>File</th>
            <th>State</th>
            <th>Version</th>
            <th className="num">Rows</th>
            <th className="num">Without a result</th>
            <th>Result</th>
            <th>By</th>
            <th>Began</th>
            <th>
              <span className="hidden-text">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <Row key={one.id} one={one} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Row({ one }: { one: Scoring }) {
  return (
    <tr>
      <td className="title">
        <span className="strong wrap-anywhere">{one.name}</span>
        <div className="mono small quiet">{one.id}</div>
      </td>
      <td className="roomy">
        <Status word={one.state} /> {one.state === 'RUNNING' ? percent(one.share, 0) : null}
        {one.line ? <div className="small quiet wrap-anywhere">{one.line}</div> : null}
      </td>
      <td>
        {one.version}
        <div className="small quiet">{one.target}</div>
      </td>
      <td className="num">{count(one.rows)}</td>
      <td className="num">{count(one.errors)}</td>
      <td className="wrap-anywhere">
        <Result one={one} />
      </td>
      <td>{one.by}</td>
      <td>
        <Ago at={one.createdAt} />
      </td>
      <td className="right">
        <Act one={one} />
      </td>
    </tr>
  );
}

function Result({ one }: { one: Scoring }) {
  if (one.state !== 'DONE') {
    return ABSENT;
  }
  return one.output === null ? (
    <a href={new URL(`api/scorings/${encodeURIComponent(one.id)}/result`, document.baseURI).toString()} download={one.resultName}>
      {one.resultName}
    </a>
  ) : (
    <span className="mono small">{one.output}</span>
  );
}

/** Ends a job that runs, or goes on with one that stopped. */
function Act({ one }: { one: Scoring }) {
  const client = useQueryClient();
  const verb = one.state === 'RUNNING' ? 'cancel' : one.state === 'FAILED' || one.state === 'CANCELLED' ? 'resume' : undefined;
  const acting = useMutation({
    mutationFn: (what: string) => call<Scoring>(`api/scorings/${encodeURIComponent(one.id)}/${what}`, { method: 'POST', body: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ['scorings'] }),
  });
  return (
    <>
      {verb ? (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`${verb === 'cancel' ? 'Cancel' : 'Resume'} ${one.name}`}
          loading={acting.isPending}
          onClick={() => acting.mutate(verb)}
        >
          {verb === 'cancel' ? 'Cancel' : 'Resume'}
        </Button>
      ) : null}
      {acting.error ? <div className="status tone-fail small">{acting.error.message}</div> : null}
    </>
  );
}
