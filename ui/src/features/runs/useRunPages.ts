import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { NEWEST, RUNS_PAGE, type RunPage, type RunQuestion, tracking } from '../../api/mlflow';
import { type Loaded, type PageAt, rowCount, wantedPages } from './pages';
import { type RunRow, toRow } from './tracking';

const LIVE_MILLIS = 3000;
const CALM_MILLIS = 100;
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
  /** Rows of the table, loaded or not. */
  count: number;
  /** More rows follow behind the last. */
  open: boolean;
  row: (at: number) => RunRow | undefined;
  /** Rows of the loaded pages around the window. */
  loaded: RunRow[];
  /** The pages are being asked for. */
  pending: boolean;
  error: Error | null;
}

/** A window as it was a moment ago, when it moves on fast: who flings through a long table asks for little on the way. */
function useCalm(first: number, last: number): [number, number] {
  const latest = useRef<[number, number]>([first, last]);
  latest.current = [first, last];
  const [calm, setCalm] = useState(latest.current);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const near = Math.abs(first - calm[0]) < RUNS_PAGE && Math.abs(last - calm[1]) < RUNS_PAGE;
  useEffect(() => {
    if (!near) {
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        setCalm(latest.current);
      }, CALM_MILLIS);
    }
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return near ? [first, last] : calm;
}

/**
 * The rows of a search from `first` to `last`: by keyset pages of the server for who reads on, by their place for who jumps. Pages that were
 * left are forgotten after a while and asked for again in the same way. The caller remounts with another question.
 */
export function useRunPages(question: RunQuestion, first: number, last: number): RunWindow {
  const [tokens, setTokens] = useState<ReadonlyMap<number, string>>(new Map());
  const [asked] = useState(() => new Map<number, PageAt>());
  const total = useQuery(tracking.total(question));
  const [from, to] = useCalm(first, last);
  const wanted = wantedPages(from, to, { size: RUNS_PAGE, tokens, asked, total: total.data?.count });
  for (const [number, at] of wanted) {
    asked.set(number, at);
  }
  const numbers = [...wanted.keys()];
  const pages = useQueries({ queries: [...wanted.values()].map((at) => tracking.page(question, at)) });
  const byNumber = new Map(numbers.map((number, at) => [number, pages[at]?.data]));
  const stamp = `${numbers.join(' ')}: ${pages.map((page) => page.dataUpdatedAt).join(' ')}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp tells when a page came or left
  useEffect(() => {
    const told = [...byNumber].flatMap(([number, page]): [number, string][] => (page?.next ? [[number + 1, page.next]] : []));
    setTokens((known) => (told.every(([number]) => known.has(number)) ? known : new Map([...told, ...known])));
  }, [stamp]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp tells when a page came or left
  const loaded = useMemo(() => pages.flatMap((page) => (page.data ? rowsOf(page.data) : [])), [stamp]);
  const lengths = new Map<number, Loaded>();
  for (const [number, page] of byNumber) {
    if (page) {
      lengths.set(number, { rows: page.runs.length, more: page.next !== undefined });
    }
  }
  const row = (at: number) => {
    const page = byNumber.get(Math.floor(at / RUNS_PAGE));
    return page ? rowsOf(page)[at % RUNS_PAGE] : undefined;
  };
  return {
    ...rowCount(lengths, RUNS_PAGE, total.data),
    row,
    loaded,
    pending: pages.some((page) => page.isPending),
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
    client.removeQueries({ queryKey: ['run-total'] });
  }, [client]);
  return { count, most: count >= NEWEST, show };
}
