import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from './client';
import { isStale, LiveFeed } from './live';
import type { LiveEvent } from './types';

const event = (seq: number): LiveEvent => ({ seq, at: 1, recordedAt: 2, model: 'm', kind: 'GATE', title: `t${seq}`, text: '', ref: null });

describe('the live feed', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  function feed(script: (LiveEvent[] | Error)[]) {
    const asked: { after: number; wait: number }[] = [];
    const invalidated: unknown[] = [];
    const client = {
      invalidateQueries: async (filter?: { queryKey?: readonly unknown[] }) => void invalidated.push(filter?.queryKey ?? 'all'),
    };
    const live = new LiveFeed(client, async (after, wait, signal) => {
      asked.push({ after, wait });
      const next = script.shift();
      if (next === undefined) {
        return new Promise((_, stop) => signal.addEventListener('abort', () => stop(new Error('stopped'))));
      }
      if (next instanceof Error) {
        throw next;
      }
      return { items: next };
    });
    return { live, asked, invalidated };
  }

  it('reads what is there at once, then waits for more from where it was', async () => {
    const { live, asked } = feed([[event(1), event(2)], [event(3)]]);
    const stop = live.start();
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toEqual([
      { after: 0, wait: 0 },
      { after: 2, wait: 20 },
      { after: 3, wait: 20 },
    ]);
    expect(live.current().events.map((one) => one.seq)).toEqual([3, 2, 1]);
    stop();
  });

  it('goes on behind events that it may not see', async () => {
    const asked: number[] = [];
    const answers = [{ items: [], position: 40 }, { items: [event(41)], position: 55 }, { items: [] }];
    const live = new LiveFeed({ invalidateQueries: async () => {} }, async (after, _wait, signal) => {
      asked.push(after);
      const next = answers.shift();
      return next ?? new Promise((_, stop) => signal.addEventListener('abort', () => stop(new Error('stopped'))));
    });
    const stop = live.start();
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toEqual([0, 40, 55, 55]);
    stop();
  });

  it('makes data old for new events only, once for many', async () => {
    const { live, invalidated } = feed([[event(1)], [event(2), event(3)]]);
    const stop = live.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(invalidated.filter((key) => JSON.stringify(key) === '["model","m"]')).toHaveLength(1);
    stop();
  });

  it('counts failures, becomes stale after three, keeps its place and refetches all when it is back', async () => {
    const down = new ApiError(0, 'UNREACHABLE', 'no answer');
    const { live, asked, invalidated } = feed([[event(7)], down, down, down, []]);
    const stop = live.start();
    await vi.advanceTimersByTimeAsync(3100);
    expect(isStale(live.current())).toBe(true);
    expect(live.current().events).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(live.current().failures).toBe(0);
    expect(asked.at(-1)?.after).toBe(7);
    expect(invalidated).toContain('all');
    stop();
  });

  it('stops asking a server that has no events', async () => {
    const { live, asked } = feed([new ApiError(404, 'ENDPOINT_NOT_FOUND', 'no route')]);
    live.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    expect(live.current().unavailable).toBe(true);
  });
});
