import { describe, expect, it } from 'vitest';
import { columnsOf, sourceText } from '../run/Lineage';
import { kindOf, parseSeparated, ROWS_MAX, size, tableOfJson } from './tables';

describe('separated values', () => {
  it('have quotes, doubled quotes, and line ends within quotes', () => {
    expect(parseSeparated('a,b\n"x, y","say ""hi""\nagain"\r\n1,2', ',', true)).toEqual({
      columns: ['a', 'b'],
      rows: [
        ['x, y', 'say "hi"\nagain'],
        ['1', '2'],
      ],
      more: false,
    });
  });

  it('that were cut off lose the last row, and say so', () => {
    expect(parseSeparated('a\n1\n2\n3', ',', false)).toEqual({ columns: ['a'], rows: [['1'], ['2']], more: true });
  });

  it('end with or without a line end', () => {
    expect(parseSeparated('a\n1\n', ',', true).rows).toEqual([['1']]);
    expect(parseSeparated('a\n1', ',', true).rows).toEqual([['1']]);
  });

  it('keep empty cells and drop empty lines', () => {
    expect(parseSeparated('a\tb\n\n1\t\n', '\t', true).rows).toEqual([['1', '']]);
  });

  it('show only the first rows of a long file', () => {
    const text = `a\n${'1\n'.repeat(ROWS_MAX + 5)}`;
    const table = parseSeparated(text, ',', true);
    expect(table.rows).toHaveLength(ROWS_MAX);
    expect(table.more).toBe(true);
    expect(parseSeparated(`a\n${'1\n'.repeat(ROWS_MAX)}`, ',', true).more).toBe(false);
  });

  it('of an empty file are an empty table', () => {
    expect(parseSeparated('', ',', true)).toEqual({ columns: [], rows: [], more: false });
  });
});

describe('JSON', () => {
  it('of log_table is a table', () => {
    expect(
      tableOfJson({
        columns: ['q', 'a'],
        data: [
          ['x', null],
          [{ k: 1 }, 2.5],
        ],
      }),
    ).toEqual({
      columns: ['q', 'a'],
      rows: [
        ['x', ''],
        ['{"k":1}', '2.5'],
      ],
      more: false,
    });
  });

  it('of any other shape is none', () => {
    for (const other of [null, 1, 'x', [], {}, { columns: [], data: [] }, { columns: ['a'], data: [1] }, { columns: 'a', data: [] }]) {
      expect(tableOfJson(other)).toBeUndefined();
    }
  });
});

describe('files', () => {
  it('are shown by the end of their name', () => {
    expect(kindOf('plots/roc.PNG')).toBe('image');
    expect(kindOf('a.b/eval.csv')).toBe('table');
    expect(kindOf('model/MLmodel')).toBe('text');
    expect(kindOf('page.html')).toBe('text');
    expect(kindOf('model.pkl')).toBe('unknown');
    expect(kindOf('a.csv/none')).toBe('unknown');
  });

  it('have sizes that are never rounded up', () => {
    expect(size(0)).toBe('0 B');
    expect(size(999)).toBe('999 B');
    expect(size(1999)).toBe('1.9 kB');
    expect(size(999_999)).toBe('999 kB');
    expect(size(5_000_000_000)).toBe('5.0 GB');
  });
});

describe('data sets', () => {
  it('tell their columns and where they came from', () => {
    expect(columnsOf('{"mlflow_colspec":[{"name":"a","type":"double"},{"type":"long"}]}')).toEqual([
      { name: 'a', type: 'double' },
      { name: '1', type: 'long' },
    ]);
    expect(columnsOf('not json')).toEqual([]);
    expect(columnsOf(undefined)).toEqual([]);
    expect(sourceText('{"uri":"s3://bucket/x"}')).toBe('s3://bucket/x');
    expect(sourceText('{"tags":{}}')).toBe('{"tags":{}}');
    expect(sourceText('plain')).toBe('plain');
  });
});
