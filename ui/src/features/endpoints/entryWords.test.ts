import { describe, expect, it } from 'vitest';
import { toldBy, whyOf } from './entryWords';

const told = (payload: Record<string, unknown>, action = 'deployment.update') => toldBy({ action, payload });

describe('an entry in words', () => {
  it('tells what was loaded and unloaded', () => {
    expect(told({ loaded: [], unloaded: ['iris/1'], reason: 'x' })).toBe('unloaded iris/1');
    expect(told({ loaded: ['iris/1', 'iris/2'], unloaded: ['iris/3'] })).toBe('loaded iris/1, iris/2; unloaded iris/3');
  });

  it('tells a deployment with its place in the traffic', () => {
    const variants = [
      { version: 'iris/2', role: 'champion', weight: '9000' },
      { version: 'iris/3', role: 'canary', weight: 1000 },
      { version: 'iris/1', role: 'warm', weight: '0' },
    ];
    expect(told({ version: 'iris/3', state: 'DEPLOYED', message: '', variants })).toBe(
      'iris/3 deployed: iris/2 champion 90 % · iris/3 canary 10 % · iris/1 warm',
    );
    expect(told({ version: 'iris/3', state: 'REFUSED', message: 'a cycle' })).toBe('iris/3 refused: a cycle');
  });

  it('tells that settings were changed', () => {
    expect(told({ key: [], reason: 'x', settings: '{"mode":"mlflow"}' })).toBe('settings changed');
  });

  it('tells the reason, or what a decision was made from', () => {
    expect(whyOf({ payload: { reason: 'complaints', text: 'more' } })).toBe('complaints');
    expect(whyOf({ payload: { text: 'on 876 rows' } })).toBe('on 876 rows');
    expect(whyOf({ payload: { reason: 7 } })).toBe('');
  });

  it('falls back on the action, whatever a release wrote', () => {
    expect(told({}, 'rollout.start')).toBe('rollout start');
    expect(told({ loaded: 'no list', variants: 7, version: 3 }, 'endpoint.delete')).toBe('endpoint delete');
  });
});
