import { describe, expect, it } from 'vitest';
import type { RunRow } from '../runs/tracking';
import { axisText, differingParams, hintOf, idsOf, litRuns, metricKeys, readAxis, scaleOf } from './differ';

const row = (id: string, params: Record<string, string>, metrics: Record<string, number> = {}): RunRow => ({
  id,
  name: id,
  experiment: '1',
  status: 'FINISHED',
  user: '',
  start: 0,
  end: 0,
  deleted: false,
  metrics,
  params,
  tags: {},
});

describe('params of several runs', () => {
  it('differ when a value is another or is not there; those with few values come first', () => {
    const rows = [
      row('a', { seed: '1', lr: '0.1', opt: 'adam' }),
      row('b', { seed: '2', lr: '0.1', opt: 'sgd' }),
      row('c', { seed: '3', lr: '0.1' }),
    ];
    expect(differingParams(rows)).toEqual({ differing: ['opt', 'seed'], same: ['lr'] });
    expect(differingParams([...rows, row('d', { seed: '1', lr: '0.1', opt: 'adam' })]).differing).toEqual(['opt', 'seed']);
  });

  it('of one run differ nowhere', () => {
    expect(differingParams([row('a', { lr: '1' })])).toEqual({ differing: [], same: ['lr'] });
  });

  it('tell a run from the others in a few words', () => {
    expect(hintOf(row('a', { lr: '0.1' }), ['lr', 'opt'])).toBe('lr 0.1 · opt –');
  });
});

it('puts metrics that most runs have first', () => {
  expect(metricKeys([row('a', {}, { z: 1, a: 1 }), row('b', {}, { z: 2 })])).toEqual(['z', 'a']);
});

describe('runs in an address', () => {
  it('count once, at most a hundred, without rubbish', () => {
    expect(idsOf('a,b,a,,b c,../x')).toEqual(['a', 'b']);
    expect(idsOf(Array.from({ length: 150 }, (_, at) => `r${at}`).join(','))).toHaveLength(100);
    expect(idsOf(undefined)).toEqual([]);
  });

  it('are all in colour when they are few, none when they are many, or those that were chosen', () => {
    const many = Array.from({ length: 9 }, (_, at) => `r${at}`);
    expect(litRuns(['a', 'b'], undefined, 8)).toEqual(['a', 'b']);
    expect(litRuns(many, undefined, 8)).toEqual([]);
    expect(litRuns(many, 'r3,r1,gone', 8)).toEqual(['r3', 'r1']);
    expect(litRuns(['a', 'b'], 'none', 8)).toEqual([]);
    expect(litRuns(many, many.join(','), 8)).toHaveLength(8);
  });
});

describe('axes of a scatter', () => {
  it('are read from the address', () => {
    expect(readAxis('m.val/auc')).toEqual({ kind: 'metrics', key: 'val/auc' });
    expect(readAxis('p.a.b')).toEqual({ kind: 'params', key: 'a.b' });
    expect(readAxis('x.a')).toBeUndefined();
    expect(readAxis('m.')).toBeUndefined();
    expect(axisText({ kind: 'params', key: 'lr' })).toBe('p.lr');
  });

  it('of params are numbers when all can be read, else categories', () => {
    const numbers = [row('a', { lr: '0.1' }), row('b', { lr: '1e-3' }), row('c', {})];
    const scale = scaleOf(numbers, { kind: 'params', key: 'lr' });
    expect(scale.categories).toBeUndefined();
    expect(numbers.map(scale.value)).toEqual([0.1, 0.001, undefined]);
    const words = [row('a', { opt: 'sgd' }), row('b', { opt: 'adam' }), row('c', { opt: 'sgd' })];
    const named = scaleOf(words, { kind: 'params', key: 'opt' });
    expect(named.categories).toEqual(['adam', 'sgd']);
    expect(words.map(named.value)).toEqual([1, 0, 1]);
  });

  it('leave out what a logarithm does not have, and categories have none', () => {
    const rows = [row('a', { lr: '0.1' }, { m: -1 }), row('b', { lr: '0' }, { m: 0 }), row('c', { lr: '10' }, { m: 4 })];
    expect(rows.map(scaleOf(rows, { kind: 'params', key: 'lr' }, true).value)).toEqual([0.1, undefined, 10]);
    expect(rows.map(scaleOf(rows, { kind: 'metrics', key: 'm' }, true).value)).toEqual([undefined, undefined, 4]);
    expect(scaleOf([row('a', { opt: 'sgd' })], { kind: 'params', key: 'opt' }, true).log).toBe(false);
  });

  it('leave out a metric that is not finite', () => {
    const scale = scaleOf([row('a', {}, { m: Number.NaN })], { kind: 'metrics', key: 'm' });
    expect(scale.value(row('a', {}, { m: Number.NaN }))).toBeUndefined();
    expect(scale.value(row('a', {}, { m: 2 }))).toBe(2);
  });
});
