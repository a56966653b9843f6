import { describe, expect, it } from 'vitest';
import { alertSearch, modelSearch, runSearch } from './search';

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
