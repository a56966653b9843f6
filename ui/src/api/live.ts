import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { call, isMissingRoute } from './client';
import type { LiveEvent } from './types';

const WAIT_SECONDS = 20;
const KEPT = 60;
const PAGE = 500;
const COALESCE_MILLIS = 500;
const BACK_OFF_MILLIS = [1000, 2000, 4000, 8000];
const FAILURES_BEFORE_BANNER = 3;

export interface LiveState {
  /** Newest first. */
  events: LiveEvent[];
  /** Answers that did not come, in a row. */
  failures: number;
  /** Wall time of the last answer, 0 before the first. */
  heardAt: number;
  /** The server has no event route: pages poll. */
  unavailable: boolean;
}

export const isStale = (state: LiveState) => state.failures >= FAILURES_BEFORE_BANNER;

type Ask = (after: number, wait: number, signal: AbortSignal) => Promise<{ items: LiveEvent[]; position?: number }>;

const askServer: Ask = (after, wait, signal) => call(`api/events?after=${after}&wait=${wait}`, { signal });

/** Follows the server's events by long poll, one for the whole page, and tells which data are old. Position survives every failure. */
export class LiveFeed {
  private state: LiveState = { events: [], failures: 0, heardAt: 0, unavailable: false };
  private readonly listeners = new Set<() => void>();
  private stopper: AbortController | undefined;
  private after = 0;
  private readonly touched = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly client: Pick<QueryClient, 'invalidateQueries'>;
  private readonly ask: Ask;

  constructor(client: Pick<QueryClient, 'invalidateQueries'>, ask: Ask = askServer) {
    this.client = client;
    this.ask = ask;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): LiveState => this.state;

  start(): () => void {
    this.stopper?.abort();
    const stopper = new AbortController();
    this.stopper = stopper;
    void this.run(stopper.signal);
    return () => stopper.abort();
  }

  private async run(signal: AbortSignal): Promise<void> {
    let wait = 0;
    while (!signal.aborted) {
      try {
        const { items, position } = await this.ask(this.after, wait, signal);
        if (signal.aborted) {
          return;
        }
        this.heard(items, wait > 0);
        this.after = Math.max(this.after, position ?? 0);
        wait = items.length === PAGE ? 0 : WAIT_SECONDS;
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (isMissingRoute(error)) {
          this.set({ ...this.state, unavailable: true });
          return;
        }
        this.set({ ...this.state, failures: this.state.failures + 1 });
        wait = 0;
        await pause(BACK_OFF_MILLIS[Math.min(this.state.failures - 1, BACK_OFF_MILLIS.length - 1)] ?? 1000, signal);
      }
    }
  }

  private heard(items: LiveEvent[], fresh: boolean): void {
    const recovered = this.state.failures > 0;
    const last = items.at(-1);
    if (last) {
      this.after = last.seq;
    }
    const events = last ? [...items.toReversed(), ...this.state.events].slice(0, KEPT) : this.state.events;
    this.set({ events, failures: 0, heardAt: Date.now(), unavailable: false });
    if (recovered) {
      void this.client.invalidateQueries();
    } else if (fresh) {
      for (const item of items) {
        this.touch(item.model);
      }
    }
  }

  /** Many events of one moment cause one refetch. */
  private touch(model: string): void {
    this.touched.add(model);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const key of ['models', 'alerts', 'runs', 'replays', 'ledger', 'endpoints']) {
        void this.client.invalidateQueries({ queryKey: [key] });
      }
      for (const one of this.touched) {
        void this.client.invalidateQueries({ queryKey: ['model', one] });
      }
      this.touched.clear();
    }, COALESCE_MILLIS);
  }

  private set(state: LiveState): void {
    this.state = state;
    for (const listener of this.listeners) {
      listener();
    }
  }
}

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, millis);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });
}

export function useLive(feed: LiveFeed): LiveState {
  return useSyncExternalStore(feed.subscribe, feed.current);
}
