import { describe, expect, it } from 'vitest';
import { pageOfMlflow } from './mlflowAddress';

describe('addresses that clients print', () => {
  it('lead to our pages', () => {
    expect(pageOfMlflow('#/experiments/3/runs/01a2-x')).toBe('runs/01a2-x');
    expect(pageOfMlflow('#/experiments/3')).toBe('runs?experiment=3');
    expect(pageOfMlflow('#/experiments/3?searchFilter=')).toBe('runs?experiment=3');
    expect(pageOfMlflow('#/models/churn%20risk/versions/2')).toBe('registry/churn%20risk/2');
    expect(pageOfMlflow('#/models/churn')).toBe('registry/churn');
    expect(pageOfMlflow('#/experiments/3/models/m-01a2')).toBe('logged-models/m-01a2');
    expect(pageOfMlflow('#/experiments/3/models/m-01a2?x=1')).toBe('logged-models/m-01a2');
  });

  it('are left alone otherwise', () => {
    for (const other of ['', '#', '#lineage', '#/experiments/x', '#/models/', '#/experiments/1/runs/../..', '#/models/a/b']) {
      expect(pageOfMlflow(other), other).toBeNull();
    }
  });
});
