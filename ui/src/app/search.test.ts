import { describe, expect, it } from 'vitest';
import { alertSearch, compareSearch, loggedModelSearch, modelSearch, oneRunSearch, runSearch } from './search';

describe('search parameters', () => {
  it('are read', () => {
    expect(modelSearch({ tab: 'versions', version: 3, from: 10, to: 20 })).toMatchObject({ tab: 'versions', version: 3, from: 10, to: 20 });
    expect(alertSearch({ state: 'RESOLVED', model: 'm@r' })).toMatchObject({ state: 'RESOLVED', model: 'm@r' });
    expect(runSearch({ filter: 'metrics.a < 1', picked: 12, deleted: 'true' })).toMatchObject({
      filter: 'metrics.a < 1',
      picked: '12',
      deleted: true,
    });
  });

  it('tell whose file is shown, and which axes are logarithmic', () => {
    expect(oneRunSearch({ path: 'MLmodel', model: 'm-1', view: 'artifacts' })).toMatchObject({ path: 'MLmodel', model: 'm-1' });
    expect(loggedModelSearch({ path: 'a/b', use: 'curl' })).toEqual({ path: 'a/b', use: 'curl' });
    expect(loggedModelSearch({ path: {}, use: 'cobol' })).toEqual({ path: undefined, use: undefined });
    expect(compareSearch({ logs: 'xy' }).logs).toBe('xy');
    expect(compareSearch({ logs: 'yx' }).logs).toBeUndefined();
  });

  it('fall back to their defaults when they are rubbish', () => {
    for (const rubbish of [
      { tab: 'x', version: -1, decision: {}, from: 20, to: 10 },
      { tab: 7, version: 'three', from: 'a' },
      { version: 1.5, to: [] },
    ]) {
      const read = modelSearch(rubbish);
      expect(Object.values(read).every((value) => value === undefined)).toBe(true);
    }
    expect(alertSearch({ state: 'open' }).state).toBeUndefined();
    expect(runSearch({ tab: null, filter: '' })).toMatchObject({ tab: undefined, filter: undefined });
  });
});
