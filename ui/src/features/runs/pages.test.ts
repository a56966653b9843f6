import { describe, expect, it } from 'vitest';
import { type Known, type PageAt, rowCount, wantedPages } from './pages';

const known = (change: Partial<Known> = {}): Known => ({
  size: 10,
  tokens: new Map(),
  asked: new Map(),
  total: undefined,
  ...change,
});
const list = (pages: Map<number, PageAt>) => [...pages];

describe('the pages that are asked for', () => {
  it('begin with the first alone: what follows is told by it', () => {
    expect(list(wantedPages(0, 5, known()))).toEqual([[0, {}]]);
    expect(list(wantedPages(0, 5, known({ total: 95 })))).toEqual([[0, {}]]);
  });

  it('go on by the token of the page before, ahead of who reads', () => {
    const tokens = new Map([
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ]);
    expect(list(wantedPages(4, 9, known({ tokens, total: 95 })))).toEqual([
      [0, {}],
      [1, { token: 'one' }],
      [2, { token: 'two' }],
    ]);
  });

  it('are found by their place after a jump, together with the one above', () => {
    expect(list(wantedPages(50, 58, known({ total: 95 })))).toEqual([
      [4, { offset: 40 }],
      [5, { offset: 50 }],
    ]);
  });

  it('wait for tokens as long as nobody knows how many rows there are', () => {
    expect(list(wantedPages(50, 58, known()))).toEqual([]);
  });

  it('never lie behind the end', () => {
    const tokens = new Map([[10, 'beyond']]);
    expect(list(wantedPages(90, 94, known({ total: 95, tokens })))).toEqual([
      [8, { offset: 80 }],
      [9, { offset: 90 }],
    ]);
    expect(list(wantedPages(0, 0, known({ total: 0 })))).toEqual([[0, {}]]);
  });

  it('are asked for again as they were the first time', () => {
    const asked = new Map<number, PageAt>([[5, { offset: 50 }]]);
    const tokens = new Map([[5, 'five']]);
    expect(wantedPages(50, 58, known({ total: 95, asked, tokens })).get(5)).toEqual({ offset: 50 });
  });
});

describe('the length of the list', () => {
  it('is what the server counted, loaded or not', () => {
    expect(rowCount(new Map([[0, { rows: 10, more: true }]]), 10, { count: 95, more: false })).toEqual({ count: 95, open: false });
    expect(rowCount(new Map(), 10, { count: 1000, more: true })).toEqual({ count: 1000, open: true });
  });

  it('ends where a page is the last, whatever was counted before', () => {
    expect(rowCount(new Map([[9, { rows: 3, more: false }]]), 10, { count: 95, more: false })).toEqual({ count: 93, open: false });
    expect(rowCount(new Map([[0, { rows: 0, more: false }]]), 10, undefined)).toEqual({ count: 0, open: false });
  });

  it('grows page by page as long as nothing is counted', () => {
    expect(rowCount(new Map([[1, { rows: 10, more: true }]]), 10, undefined)).toEqual({ count: 30, open: true });
    expect(rowCount(new Map(), 10, undefined)).toEqual({ count: 0, open: true });
  });

  it('holds every loaded row of a list that grew since it was counted', () => {
    expect(rowCount(new Map([[9, { rows: 10, more: true }]]), 10, { count: 95, more: false })).toEqual({ count: 100, open: false });
  });
});
