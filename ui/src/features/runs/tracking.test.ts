import { describe, expect, it } from 'vitest';
import type { Run } from '../../api/mlflow';
import { importanceOf, took, toRow } from './tracking';

const run = (info: Partial<Run['info']>, data: Run['data'] = {}): Run => ({
  info: { run_id: 'abcdefghij', experiment_id: '0', status: 'FINISHED', ...info },
  data,
});

describe('a run of the wire', () => {
  it('is named by its name, else by its tag, else by its id', () => {
    expect(toRow(run({ run_name: 'a' })).name).toBe('a');
    expect(toRow(run({}, { tags: [{ key: 'mlflow.runName', value: 'b' }] })).name).toBe('b');
    expect(toRow(run({})).name).toBe('abcdefgh');
  });

  it('keeps NaN and infinities, which travel as text', () => {
    const { metrics } = toRow(
      run(
        {},
        {
          metrics: [
            { key: 'a', value: 'NaN' },
            { key: 'b', value: '-Infinity' },
          ],
        },
      ),
    );
    expect(metrics.a).toBeNaN();
    expect(metrics.b).toBe(Number.NEGATIVE_INFINITY);
  });

  it('takes the user from the tag when the field is empty', () => {
    expect(toRow(run({ user_id: '' }, { tags: [{ key: 'mlflow.user', value: 'ada' }] })).user).toBe('ada');
  });

  it('shows a scheduled run as queued and a deleted one as deleted', () => {
    expect(toRow(run({ status: 'SCHEDULED', lifecycle_stage: 'deleted' }))).toMatchObject({ status: 'QUEUED', deleted: true });
  });
});

describe('the length of a run', () => {
  it('is end less start, or counts on while it runs', () => {
    expect(took({ start: 10, end: 30, status: 'FINISHED' }, 99)).toBe(20);
    expect(took({ start: 10, end: 0, status: 'RUNNING' }, 99)).toBe(89);
  });

  it('is unknown for a run that ended nowhere or began never', () => {
    expect(took({ start: 10, end: 0, status: 'KILLED' }, 99)).toBeUndefined();
    expect(took({ start: 0, end: 0, status: 'RUNNING' }, 99)).toBeUndefined();
  });
});

it('reads feature importance from metrics', () => {
  expect(importanceOf({ 'importance/carrier': 0.2, 'importance.hub': 0.1, loss: 1 })).toEqual({ carrier: 0.2, hub: 0.1 });
});
