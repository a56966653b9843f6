import { expect, it } from 'vitest';
import type { MlflowRun } from '../../api/types';
import { importanceOf, metricColumns, metricsOf, nameOf, orderBy, paramColumns } from './tracking';

const run = (id: string, metrics: Record<string, number | string>, params: Record<string, string>): MlflowRun => ({
  info: { run_id: id, experiment_id: '0', status: 'FINISHED' },
  data: {
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value })),
    params: Object.entries(params).map(([key, value]) => ({ key, value })),
    tags: [],
  },
});

it('puts well-known metrics first and leaves importance out of the columns', () => {
  const runs = [run('a', { zeta: 1, log_loss: 0.5, 'importance.carrier': 0.2 }, {}), run('b', { roc_auc: 0.7, log_loss: 0.4 }, {})];
  expect(metricColumns(runs)).toEqual(['log_loss', 'roc_auc', 'zeta']);
});

it('shows only parameters that differ', () => {
  expect(paramColumns([run('a', {}, { trees: '100', seed: '1' }), run('b', {}, { trees: '200', seed: '1' })])).toEqual(['trees']);
});

it('reads importance, odd numbers and names', () => {
  const odd = run('abcdefghij', { 'importance/carrier': 0.2, loss: 'NaN' }, {});
  expect(importanceOf(odd)).toEqual({ carrier: 0.2 });
  expect(metricsOf(odd).loss).toBeNaN();
  expect(nameOf(odd)).toBe('abcdefgh');
});

it('quotes column names that need it', () => {
  expect(orderBy('metrics', 'log_loss', false)).toBe('metrics.log_loss ASC');
  expect(orderBy('params', 'learning-rate', true)).toBe('params.`learning-rate` DESC');
});
