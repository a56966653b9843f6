import { describe, expect, it } from 'vitest';
import { exampleRow, readModelFile } from './modelFile';
import { snippets, type Use } from './snippets';
import { latestNumber, statusWord } from './versions';

const FILE = `artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
    loader_module: mlflow.sklearn
  sklearn:
    code: null
mlflow_version: 3.17.2
signature:
  inputs: '[{"type": "double", "name": "it''s", "required": true}, {"type": "string",
    "name": "hub", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
utc_time_created: '2026-11-21 10:00:00'
`;

describe('an MLmodel file', () => {
  it('tells flavours and signature, also when YAML has folded a line', () => {
    expect(readModelFile(FILE)).toEqual({
      flavors: ['python_function', 'sklearn'],
      inputs: [
        { name: "it's", type: 'double', required: true, example: 0.5 },
        { name: 'hub', type: 'string', required: false, example: 'text' },
      ],
      outputs: [{ name: '', type: 'int64 [-1]', required: true, example: 'text', tensor: { dtype: 'int64', shape: [-1] } }],
      params: [],
    });
  });

  it('without signature, or of rubbish, tells nothing', () => {
    const nothing = { flavors: [], inputs: [], outputs: [], params: [] };
    expect(readModelFile('artifact_path: model\n')).toEqual(nothing);
    expect(readModelFile('signature:\n  inputs: not json\n')).toEqual(nothing);
    expect(readModelFile('')).toEqual(nothing);
  });

  it('knows lists, maps and objects of values', () => {
    const nested = `signature:
  inputs: '[{"name": "a", "type": "array", "items": {"type": "array", "items": {"type": "long"}}}, {"name": "m", "type": "map",
    "values": {"type": "boolean"}}, {"name": "o", "type": "object", "properties": {"x": {"type": "double"}}}, {"name": "any", "type": "any"}]'
`;
    const { inputs } = readModelFile(nested);
    expect(inputs.map((one) => one.type)).toEqual(['array of array of long', 'map of boolean', 'object', 'any']);
    expect(exampleRow(inputs)).toEqual({ a: [[1]], m: { key: true }, o: { x: 0.5 }, any: 'text' });
  });

  it('gives a row to begin with', () => {
    expect(exampleRow(readModelFile(FILE).inputs)).toEqual({ "it's": 0.5, hub: 'text' });
  });
});

describe('programs that use a model', () => {
  const use: Use = {
    server: 'http://127.0.0.1:7300',
    uri: `models:/it's "mine"/3`,
    about: "api/get?name=it's",
    file: 'get-artifact?name=it%27s&path=MLmodel',
    auth: false,
    inputs: [
      { name: "it's", type: 'double', required: true, example: 0.5 },
      { name: 'on', type: 'boolean', required: true, example: true },
    ],
    endpoint: undefined,
  };
  const text = (which: number, of = use) => snippets(of)[which]?.text ?? '';

  it('quote a name for their language', () => {
    expect(text(0)).toContain(String.raw`load_model("models:/it's \"mine\"/3")`);
    expect(text(1)).toContain('URI.create("http://127.0.0.1:7300/get-artifact?name=it%27s&path=MLmodel")');
    expect(text(2)).toContain("'\\''");
  });

  it('give a row of the signature in the words of the language', () => {
    expect(text(0)).toContain(`pd.DataFrame([{"it's": 0.5, "on": True}])`);
  });

  it('ask for no rows when nothing is known of what the model takes', () => {
    expect(text(0, { ...use, inputs: [] })).toContain('print(model)');
    expect(text(0, { ...use, inputs: [] })).not.toContain('pandas');
  });

  it('give arrays to a model that takes arrays, with a row for an open size', () => {
    const tensor = (name: string, dtype: string, shape: number[]) => ({
      name,
      type: dtype,
      required: true,
      example: 0,
      tensor: { dtype, shape },
    });
    expect(text(0, { ...use, inputs: [tensor('', 'float64', [-1, 13])] })).toContain('rows = np.zeros((1, 13), dtype="float64")');
    expect(text(0, { ...use, inputs: [tensor('', 'float64', [-1, 13])] })).toContain('import numpy as np');
    expect(text(0, { ...use, inputs: [tensor('a', 'int8', [-1]), tensor('b', 'str', [-1, 2])] })).toContain(
      'rows = {"a": np.zeros((1,), dtype="int8"), "b": np.full((1, 2), "text", dtype=object)}',
    );
  });

  it('keep numbers as narrow as the signature has them, and columns without names in their order', () => {
    const column = (name: string, type: string, example: unknown) => ({ name, type, required: true, example });
    expect(text(0, { ...use, inputs: [column('n', 'integer', 1), column('s', 'string', 'text')] })).toContain(
      'pd.DataFrame([{"n": 1, "s": "text"}]).astype({"n": "int32"})',
    );
    expect(text(0, { ...use, inputs: [column('', 'double', 0.5), column('', 'boolean', false)] })).toContain(
      'pd.DataFrame([[0.5, False]])',
    );
  });

  it('show a token to a server that asks, and none to others', () => {
    for (const at of [0, 1, 2]) {
      expect(text(at, { ...use, auth: true })).toContain('MLFLOW_TRACKING_TOKEN');
      expect(text(at)).not.toContain('TOKEN');
    }
  });

  it('ask the endpoint of a model that has one', () => {
    const served = { ...use, endpoint: 'http://127.0.0.1:7301/endpoints/flights/predict' };
    for (const at of [0, 1, 2]) {
      expect(text(at, served)).toContain('http://127.0.0.1:7301/endpoints/flights/predict');
    }
    expect(text(2, served)).toContain(String.raw`-d '{"records":[{"it'\''s":0.5,"on":true,"key":"example-1"}]}'`);
  });
});

describe('versions', () => {
  it('are counted as numbers', () => {
    expect(
      latestNumber([
        { name: 'm', version: '9' },
        { name: 'm', version: '10' },
      ]),
    ).toBe('10');
    expect(latestNumber([])).toBeUndefined();
    expect(latestNumber(undefined)).toBeUndefined();
  });

  it('are told in the words of the screens', () => {
    expect(statusWord({ status: 'READY' })).toBe('OK');
    expect(statusWord({ status: 'FAILED_REGISTRATION' })).toBe('FAILED');
    expect(statusWord({ status: 'PENDING_REGISTRATION' })).toBe('RUNNING');
  });
});
