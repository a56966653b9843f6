import { describe, expect, it } from 'vitest';
import type { RolloutDetail } from '../../api/rollouts';
import { earliestEnd, stepsOf } from './rolloutSteps';

const MINUTE = 60_000;
const advance = (at: number) => ({ id: `${at}`, at, verdict: 'ADVANCE STEP_PASSED', title: '', text: '' });
const rollout = (more: Partial<RolloutDetail> = {}): RolloutDetail => ({
  id: 'r',
  version: 2,
  champion: 1,
  phase: 'CANARY',
  startedAt: 1_000,
  endedAt: null,
  looks: [],
  decisions: [advance(5 * MINUTE)],
  plan: {
    pace: { blockMillis: MINUTE },
    steps: [
      { shadow: true, share: 0, days: 0, blocks: 10, rows: 200 },
      { shadow: false, share: 0.1, days: 0, blocks: 90, rows: 0 },
      { shadow: false, share: 0.125, days: 0, blocks: 60, rows: 1500 },
    ],
  },
  ...more,
});
const states = (more: Partial<RolloutDetail>) => stepsOf(rollout(more)).map((one) => one.state);

describe('the steps of a rollout', () => {
  it('tell share, time and rows', () => {
    expect(stepsOf(rollout()).map((one) => [one.name, one.needs])).toEqual([
      ['Shadow', '10 min, 200 rows'],
      ['Canary 10 %', '1 h 30 min'],
      ['Canary 12.5 %', '1 h, 1,500 rows'],
    ]);
    const days = { pace: { blockMillis: 0 }, steps: [{ shadow: false, share: 0.5, days: 1 }] };
    expect(stepsOf(rollout({ plan: days }))[0]?.needs).toBe('1 day');
  });

  it('tell where it stands', () => {
    expect(states({})).toEqual(['done', 'now', 'ahead']);
    expect(states({ decisions: [] })).toEqual(['now', 'ahead', 'ahead']);
    expect(states({ phase: 'STOPPED', endedAt: 9 })).toEqual(['done', 'ended', 'ahead']);
    expect(states({ phase: 'PROMOTED', endedAt: 9 })).toEqual(['done', 'done', 'done']);
  });

  it('count passes alone: a step that is extended stays', () => {
    const extended = { ...advance(7 * MINUTE), verdict: 'EXTEND NOT_COMPUTABLE' };
    expect(states({ decisions: [extended] })).toEqual(['now', 'ahead', 'ahead']);
  });

  it('are none where an older release tells no plan', () => {
    expect(stepsOf(rollout({ plan: { pace: { blockMillis: MINUTE } } }))).toEqual([]);
  });
});

describe('the earliest end of the present step', () => {
  it('is its time after it was entered', () => {
    expect(earliestEnd(rollout())).toBe(95 * MINUTE);
    expect(earliestEnd(rollout({ decisions: [] }))).toBe(1_000 + 10 * MINUTE);
  });

  it('is not told where days are judged, or nothing runs', () => {
    expect(earliestEnd(rollout({ endedAt: 9 }))).toBeUndefined();
    expect(earliestEnd(rollout({ plan: { pace: { blockMillis: 0 }, steps: [{ shadow: true, share: 0, days: 2 }] } }))).toBeUndefined();
    expect(earliestEnd(rollout({ decisions: [1, 2, 3].map(advance) }))).toBeUndefined();
  });
});
