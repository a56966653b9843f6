import { describe, expect, it } from 'vitest';
import { columnsText, filterName, nextOrder, offeredColumns, orderState, parseColumns, seenKeys, usualColumns } from './columns';
import type { RunRow } from './tracking';

const row = (metrics: Record<string, number>, params: Record<string, string> = {}, tags: Record<string, string> = {}): RunRow => ({
  id: 'r',
  name: 'r',
  experiment: '1',
  status: 'FINISHED',
  user: '',
  start: 0,
  end: 0,
  deleted: false,
  metrics,
  params,
  tags,
});

describe('columns in the address', () => {
  it('come back as they were written, in their order, with every character of a key', () => {
    const columns = parseColumns('p.learning rate,m.val/auc:1,a.status,t.mlflow.user');
    expect(columns).toEqual([
      { kind: 'params', key: 'learning rate' },
      { kind: 'metrics', key: 'val/auc:1' },
      { kind: 'attributes', key: 'status' },
      { kind: 'tags', key: 'mlflow.user' },
    ]);
    expect(columnsText(columns ?? [])).toBe('p.learning rate,m.val/auc:1,a.status,t.mlflow.user');
  });

  it('leave out rubbish, unknown attributes and what stands there twice', () => {
    expect(parseColumns('x.a,m,m.,a.nothing,m.loss,m.loss,loss')).toEqual([{ kind: 'metrics', key: 'loss' }]);
  });

  it('are the usual ones when nothing readable is there', () => {
    expect(parseColumns(undefined)).toBeUndefined();
    expect(parseColumns(',,,')).toBeUndefined();
  });
});

describe('the usual columns', () => {
  const shown = (rows: RunRow[], experiments = 1) => columnsText(usualColumns(rows, experiments));

  it('put well-known metrics first, then the frequent, and leave importance out', () => {
    expect(shown([row({ zeta: 1, log_loss: 1, 'importance.x': 1 }), row({ zeta: 1, alpha: 1, roc_auc: 1 })])).toBe(
      'a.status,a.start_time,a.duration,m.log_loss,m.roc_auc,m.zeta,m.alpha',
    );
  });

  it('show only params that differ, also when a run has none', () => {
    expect(shown([row({}, { trees: '1', seed: '7' }), row({}, { trees: '2', seed: '7' })])).toContain('p.trees');
    expect(shown([row({}, { seed: '7' }), row({}, { seed: '7' })])).not.toContain('p.seed');
    expect(shown([row({}, { seed: '7' }), row({})])).toContain('p.seed');
  });

  it('name the experiment only when there are several', () => {
    expect(shown([row({})], 2)).toContain('a.experiment');
    expect(shown([row({})], 1)).not.toContain('a.experiment');
  });
});

describe('keys that were seen', () => {
  it('grow with the rows and stay the same object when nothing is new', () => {
    const first = seenKeys([row({ b: 1, a: 1 })], { metrics: [], params: [], tags: [] });
    expect(first.metrics).toEqual(['a', 'b']);
    expect(seenKeys([row({ a: 2 })], first)).toBe(first);
    expect(seenKeys([row({}, { p: '1' })], first)).toEqual({ metrics: ['a', 'b'], params: ['p'], tags: [] });
  });

  it('are offered with the tags of programs last', () => {
    const offered = offeredColumns({ metrics: ['m'], params: [], tags: ['mlflow.user', 'team'] });
    expect(offered.slice(-3)).toEqual([
      { kind: 'metrics', key: 'm' },
      { kind: 'tags', key: 'team' },
      { kind: 'tags', key: 'mlflow.user' },
    ]);
  });
});

describe('the order', () => {
  const loss = { kind: 'metrics', key: 'loss' } as const;
  const lr = { kind: 'params', key: 'learning rate' } as const;

  it('of a metric begins with the highest, of a text with the first, and ends as usual', () => {
    expect(nextOrder(loss, '')).toBe('metrics.loss DESC');
    expect(nextOrder(loss, 'metrics.loss DESC')).toBe('metrics.loss ASC');
    expect(nextOrder(loss, 'metrics.loss ASC')).toBe('');
    expect(nextOrder(lr, 'metrics.loss DESC')).toBe('params.`learning rate` ASC');
  });

  it('is told to readers of the head', () => {
    expect(orderState(loss, 'metrics.loss DESC')).toBe('descending');
    expect(orderState(loss, 'metrics.loss ASC')).toBe('ascending');
    expect(orderState(loss, 'metrics.other ASC')).toBe('none');
  });

  it('quotes keys that need it', () => {
    expect(filterName('metrics', 'val/auc')).toBe('metrics.`val/auc`');
    expect(filterName('tags', 'mlflow.user')).toBe('tags.mlflow.user');
  });
});
