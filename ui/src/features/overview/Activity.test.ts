import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../api/types';
import { together } from './Activity';

const event = (seq: number, title: string, ref: string | null, at = 1): LiveEvent => ({
  seq,
  at,
  recordedAt: 2,
  model: 'm',
  kind: 'ALERT',
  title,
  text: `text ${seq}`,
  ref,
});

describe('what happened', () => {
  it('tells findings of one alert and one moment on one line', () => {
    const lines = together([
      event(3, 'late (finding added)', 'alert:a'),
      event(2, 'late (finding added)', 'alert:a'),
      event(1, 'late (opened)', 'alert:a'),
    ]);
    expect(lines.map(({ event: one, more }) => [one.seq, more])).toEqual([
      [3, 1],
      [1, 0],
    ]);
  });

  it('keeps apart what is about something else, of another moment, or about nothing', () => {
    expect(together([event(4, 't', 'alert:a'), event(3, 't', 'alert:b')])).toHaveLength(2);
    expect(together([event(4, 't', 'alert:a', 2), event(3, 't', 'alert:a', 1)])).toHaveLength(2);
    expect(together([event(4, 't', null), event(3, 't', null)])).toHaveLength(2);
    expect(together([])).toEqual([]);
  });
});
