import { describe, expect, it } from 'vitest';
import type { EndpointDetail } from '../../api/endpoints';
import { bodyOf, draftOf, fieldsOf, numberOf, parsed, pretty, problemsOf, protocolsOf, scoreOf } from './tryForm';

type Described = Pick<EndpointDetail, 'inputs' | 'tensors' | 'key' | 'example' | 'servingExample'>;

const NOW = Date.UTC(2026, 0, 31, 8, 15);
const rows: Described = {
  inputs: [
    { name: 'weight', type: 'number', required: true },
    { name: 'hub', type: 'category', required: false },
  ],
  tensors: [],
  key: ['parcel'],
  example: { weight: 0.25, hub: null },
  servingExample: null,
};
const tensors: Described = {
  inputs: [],
  tensors: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
  key: [],
  example: null,
  servingExample: null,
};

describe('the form', () => {
  it('asks for the prediction id and the time before the columns of the model', () => {
    expect(fieldsOf(rows)).toEqual([
      { name: 'parcel', kind: 'key', required: true },
      { name: 'event_time', kind: 'time', required: true },
      { name: 'weight', kind: 'number', required: true },
      { name: 'hub', kind: 'text', required: false },
    ]);
  });

  it('asks once for a column that is also the prediction id', () => {
    const fields = fieldsOf({ ...rows, key: ['hub'] });
    expect(fields.filter((one) => one.name === 'hub')).toEqual([{ name: 'hub', kind: 'key', required: false }]);
  });

  it('begins with the example, an id of its own, and now', () => {
    expect(draftOf(rows, NOW)).toEqual({ parcel: `try-${NOW}`, event_time: '2026-01-31T08:15:00.000Z', weight: '0.25', hub: '' });
  });

  it('names each field that cannot be sent', () => {
    const problems = problemsOf(fieldsOf(rows), { parcel: ' ', event_time: 'soon', weight: '1,5', hub: '' });
    expect(Object.keys(problems)).toEqual(['parcel', 'event_time', 'weight']);
    expect(problems.weight).toBe('“1,5” is no number');
  });

  it('has nothing against values that are not known', () => {
    expect(problemsOf(fieldsOf(rows), { parcel: 'p1', event_time: '1700000000000', weight: '', hub: '' })).toEqual({});
  });
});

describe('a number', () => {
  it('is read as JSON would hold it', () => {
    expect(['1', '-2.5', '.5', '3.', '1e3', '+4'].map(numberOf)).toEqual([1, -2.5, 0.5, 3, 1000, 4]);
    expect(['', '1,5', 'NaN', 'Infinity', '0x10', '1e999', '1 2'].map(numberOf)).toEqual(Array(7).fill(undefined));
  });
});

describe('the body', () => {
  const draft = { parcel: 'p1', event_time: '2026-01-31T08:15:00Z', weight: '1.5', hub: '' };

  it('is a record with id and time', () => {
    expect(bodyOf('records', rows, draft)).toEqual({
      records: [{ parcel: 'p1', event_time: '2026-01-31T08:15:00Z', weight: 1.5, hub: null }],
    });
  });

  it('is one input for each column of the model in the open protocol', () => {
    expect(bodyOf('v2', rows, { ...draft, hub: 'north' })).toEqual({
      inputs: [
        { name: 'weight', datatype: 'FP64', shape: [1], data: [1.5] },
        { name: 'hub', datatype: 'BYTES', shape: [1], data: ['north'] },
      ],
    });
  });

  it('is a frame of one row for MLflow', () => {
    expect(bodyOf('invocations', rows, draft)).toEqual({ dataframe_split: { columns: ['weight', 'hub'], data: [[1.5, null]] } });
  });

  it('sends a number as a text where the column is a text', () => {
    expect(bodyOf('records', rows, { ...draft, hub: '7' })).toMatchObject({ records: [{ hub: '7' }] });
  });

  it('is a tensor of zeros for a model of tensors, with 1 for an open dimension', () => {
    expect(bodyOf('v2', tensors, {})).toEqual({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [0, 0, 0] }] });
    expect(bodyOf('invocations', tensors, {})).toEqual({ inputs: { x: [[0, 0, 0]] } });
  });

  it("is the model's own example for MLflow where there is one", () => {
    const servingExample = { inputs: { x: [[1, 2, 3]] } };
    expect(bodyOf('invocations', { ...tensors, servingExample }, {})).toBe(servingExample);
  });

  it('can be no record for a model of tensors', () => {
    expect(protocolsOf(tensors)).toEqual(['v2', 'invocations']);
    expect(protocolsOf(rows)[0]).toBe('records');
  });
});

describe('a typed body', () => {
  it('must be an object', () => {
    expect(parsed('{"records": []}')).toEqual({ body: { records: [] } });
    expect(parsed('[1]')).toEqual({ problem: 'The body must be an object in braces.' });
    expect(parsed('null')).toEqual({ problem: 'The body must be an object in braces.' });
    expect(parsed('{')).toMatchObject({ problem: expect.stringMatching(/^This is no JSON: /) });
  });
});

describe('the score', () => {
  it('is found in the answer of each protocol', () => {
    expect(scoreOf({ predictions: [{ id: 'a', score: 0.25 }] })).toBe(0.25);
    expect(scoreOf({ predictions: [0.5] })).toBe(0.5);
    expect(scoreOf({ outputs: [{ name: 'score', data: [0.75] }] })).toBe(0.75);
    expect(
      scoreOf({
        outputs: [
          { name: 'a', data: [1] },
          { name: 'score', data: [2] },
        ],
      }),
    ).toBe(2);
  });

  it('is missing where the answer is a refusal or no number', () => {
    expect(scoreOf({ error: 'no' })).toBeUndefined();
    expect(scoreOf({ predictions: ['red'] })).toBeUndefined();
    expect(scoreOf({ predictions: [] })).toBeUndefined();
    expect(scoreOf('text')).toBeUndefined();
    expect(scoreOf(null)).toBeUndefined();
  });
});

describe('JSON for reading', () => {
  it('keeps shapes and rows in one line, and breaks what is long', () => {
    expect(
      pretty({
        shape: [1, 2],
        data: [
          [0.5, null],
          ['a', true],
        ],
      }),
    ).toBe('{\n  "shape": [1, 2],\n  "data": [\n    [0.5, null],\n    ["a", true]\n  ]\n}');
    expect(pretty(Array.from({ length: 40 }, () => 1.25)).split('\n').length).toBe(42);
    expect(pretty({})).toBe('{}');
    expect(pretty([])).toBe('[]');
  });

  it('is the same value again', () => {
    for (const value of [null, 7, 'a "b"', [1, { x: [] }], { a: { b: [{}, [[]]] }, c: undefined }]) {
      expect(JSON.parse(pretty(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }
  });
});
