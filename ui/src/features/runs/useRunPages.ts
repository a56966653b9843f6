import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { NEWEST, RUNS_PAGE, type RunPage, type RunQuestion, tracking } from '../../api/mlflow';
import { type RunRow, toRow } from './tracking';

const LIVE_MILLIS = 3000;
const AHEAD = 2;
const LIVE_MAX = 100;

/** The rows of a page; each page is turned into rows once. */
const made = new WeakMap<RunPage, RunRow[]>();

function rowsOf(page: RunPage): RunRow[] {
  const known = made.get(page);
  if (known) {
    return known;
  }
  const rows = page.runs.map(toRow);
  made.set(page, rows);
  return rows;
}

export interface RunWindow {
  /** Rows that are known to exist, loaded or not. */
  count: number;
  /** More rows follow behind the last. */
  open: boolean;
  row: (at: number) => RunRow | undefined;
  /** Rows of the loaded pages around the window. */
  loaded: RunRow[];
  error: Error | null;
}

/**
 * The rows of a search from `first` to `last`, by keyset pages of the server. The token of each page is learned from the page before it, so
 * the table grows downwards; pages that were left are forgotten after a while and asked for again by their token. The caller remounts with
 * another question.
 */
export function useRunPages(question: RunQuestion, first: number, last: number): RunWindow {
  const [tokens, setTokens] = useState<string[]>(['']);
  const from = Math.max(0, Math.floor(first / RUNS_PAGE));
  const to = Math.min(tokens.length - 1, Math.floor(last / RUNS_PAGE) + AHEAD);
  const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  const pages = useQueries({ queries: numbers.map((number) => tracking.page(question, tokens[number] ?? '')) });
  const byNumber = new Map(numbers.map((number, at) => [number, pages[at]?.data]));
  const end = byNumber.get(tokens.length - 1);
  useEffect(() => {
    if (end) {
      const { next } = end;
      if (next) {
        setTokens((known) => (known.includes(next) ? known : [...known, next]));
      }
    }
  }, [end]);
  const complete = end !== undefined && !end.next;
  const count = (tokens.length - 1) * RUNS_PAGE + (end ? end.runs.length : tokens.length > 1 ? RUNS_PAGE : 0);
  const stamp = `${from} ${pages.map((page) => page.dataUpdatedAt).join(' ')}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp tells when a page came or left
  const loaded = useMemo(() => pages.flatMap((page) => (page.data ? rowsOf(page.data) : [])), [stamp]);
  return {
    count,
    open: !complete,
    row: (at) => {
      const page = byNumber.get(Math.floor(at / RUNS_PAGE));
      return page ? rowsOf(page)[at % RUNS_PAGE] : undefined;
    },
    loaded,
    error: pages.find((page) => page.error)?.error ?? null,
  };
}

/** The rows on the screen that still run, as they are now. */
export function useLiveRows(visible: RunRow[]): Map<string, RunRow> {
  const running = visible.filter((row) => row.status === 'RUNNING').slice(0, LIVE_MAX);
  const ids = running.map((row) => row.id).toSorted();
  const experiments = [...new Set(running.map((row) => row.experiment))].toSorted();
  const fresh = useQuery(tracking.runsById(ids, experiments, LIVE_MILLIS));
  return useMemo(() => new Map((fresh.data ?? []).map((run) => [run.info.run_id, toRow(run)])), [fresh.data]);
}

/** How many runs came since the table was opened, at most as many as are looked at; and the way to see them. */
export function useNewRuns(question: RunQuestion): { count: number; most: boolean; show: () => void } {
  const client = useQueryClient();
  const newest = useQuery(tracking.newest(question));
  const before = useRef<Set<string>>(undefined);
  const [, redraw] = useState(0);
  if (before.current === undefined && newest.data) {
    before.current = new Set(newest.data);
  }
  const oldest = newest.data?.findIndex((id) => before.current?.has(id));
  const count = !newest.data ? 0 : oldest === undefined || oldest < 0 ? newest.data.length : oldest;
  const show = useCallback(() => {
    before.current = undefined;
    redraw((one) => one + 1);
    client.removeQueries({ queryKey: ['run-pages'] });
  }, [client]);
  return { count, most: count >= NEWEST, show };
}
