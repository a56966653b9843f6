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
        { name: "it's", type: 'double', required: true },
        { name: 'hub', type: 'string', required: false },
      ],
      outputs: [{ name: '0', type: 'int64 [-1]', required: true }],
      params: [],
    });
  });

  it('without signature, or of rubbish, tells nothing', () => {
    const nothing = { flavors: [], inputs: [], outputs: [], params: [] };
    expect(readModelFile('artifact_path: model\n')).toEqual(nothing);
    expect(readModelFile('signature:\n  inputs: not json\n')).toEqual(nothing);
    expect(readModelFile('')).toEqual(nothing);
  });

  it('gives a row to begin with', () => {
    expect(exampleRow(readModelFile(FILE).inputs)).toEqual({ "it's": 0.5, hub: 'text' });
  });
});

describe('programs that use a model', () => {
  const use: Use = {
    server: 'http://127.0.0.1:7300',
    name: `it's "mine"`,
    version: '3',
    inputs: [
      { name: "it's", type: 'double', required: true },
      { name: 'on', type: 'boolean', required: true },
    ],
    endpoint: undefined,
  };
  const text = (which: number, of = use) => snippets(of)[which]?.text ?? '';

  it('quote a name for their language', () => {
    expect(text(0)).toContain(String.raw`load_model("models:/it's \"mine\"/3")`);
    expect(text(1)).toContain("name=it's%20%22mine%22&version=3");
    expect(text(2)).toContain("'\\''");
  });

  it('give a row of the signature in the words of the language', () => {
    expect(text(0)).toContain(`pd.DataFrame([{"it's": 0.5, "on": True}])`);
    expect(text(0, { ...use, inputs: [] })).toContain('pd.DataFrame()');
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
