import { describe, expect, it } from 'vitest';
import { seriesOf } from './tallyLines';

const item = (at: number, version: string, answered: number, logged: number, more = {}) => ({
  at,
  version,
  role: 'champion',
  answered,
  logged,
  errors: 0,
  share: answered === 0 ? null : logged / answered,
  ...more,
});
const MINUTES = 15 * 60_000;

describe('tallies as lines', () => {
  it('have one line for each version, and none at moments that nobody told', () => {
    const { at, lines } = seriesOf(
      { every: 15, items: [item(MINUTES, 'a/2', 10, 1), item(0, 'a/1', 4, 4), item(MINUTES, 'a/1', 8, 2)] },
      (v) => v,
    );
    expect(at).toEqual([MINUTES, 2 * MINUTES]);
    expect(lines.map((line) => line.name)).toEqual(['a/2', 'a/1']);
    expect(lines[0]?.answered).toEqual([undefined, 10]);
    expect(lines[1]?.share).toEqual([1, 0.25]);
  });

  it('break where nothing was told for a while', () => {
    const { at, lines } = seriesOf({ every: 15, items: [item(0, 'a/1', 4, 4), item(3 * MINUTES, 'a/1', 8, 2)] }, (version) => version);
    expect(at.length).toBe(4);
    expect(lines[0]?.answered).toEqual([4, undefined, undefined, 8]);
  });

  it('sum the roles of a version within one item', () => {
    const { lines } = seriesOf(
      { every: 1, items: [item(0, 'a/1', 6, 3, { errors: 1 }), item(0, 'a/1', 2, 1, { role: 'fallback', errors: 2 })] },
      (version) => version,
    );
    expect(lines).toEqual([{ name: 'a/1', answered: [8], share: [0.5], errors: [3] }]);
  });

  it('have no share where nothing was answered', () => {
    const { lines } = seriesOf({ every: 1, items: [item(0, 'a/1', 0, 0, { errors: 5 })] }, (version) => version);
    expect(lines[0]?.share).toEqual([undefined]);
    expect(lines[0]?.errors).toEqual([5]);
    expect(seriesOf({ every: 1, items: [] }, (version) => version)).toEqual({ at: [], lines: [] });
  });
});
