import { describe, expect, it } from 'vitest';
import { addressOf, type Calling, programs } from './calls';

const calling = (more: Partial<Calling> = {}): Calling => ({
  scorer: 'http://127.0.0.1:7301',
  endpoint: 'churn',
  protocol: 'records',
  body: { records: [{ name: "O'Neil" }] },
  auth: false,
  ...more,
});
const text = (language: 'curl' | 'python', more: Partial<Calling> = {}) =>
  programs(calling(more)).find((one) => one.language === language)?.text ?? '';

describe('the address', () => {
  it('is the one that the protocol has', () => {
    const of = (protocol: Calling['protocol']) => addressOf(calling({ protocol }));
    expect(of('records')).toBe('http://127.0.0.1:7301/endpoints/churn/predict');
    expect(of('v2')).toBe('http://127.0.0.1:7301/v2/models/churn/infer');
    expect(of('invocations')).toBe('http://127.0.0.1:7301/serving/churn/invocations');
  });

  it('keeps the sign of a replay', () => {
    expect(addressOf(calling({ endpoint: 'churn@r1' }))).toContain('/churn@r1/');
  });
});

describe('curl', () => {
  it('quotes a body so that a shell passes it on unchanged', () => {
    expect(text('curl')).toContain(`-d '{"records":[{"name":"O'\\''Neil"}]}'`);
  });

  it('shows a token only where the installation asks for one', () => {
    expect(text('curl')).not.toContain('Authorization');
    expect(text('curl', { auth: true })).toContain('-H "Authorization: Bearer $PERENNIAL_TOKEN"');
  });
});

describe('Python', () => {
  it('holds the body as a literal', () => {
    expect(text('python')).toContain(`body = json.loads("{\\"records\\":[{\\"name\\":\\"O'Neil\\"}]}")`);
    expect(text('python')).not.toContain('import os');
    expect(text('python', { auth: true })).toContain('os.environ["PERENNIAL_TOKEN"]');
  });

  it("uses Triton's client for the open protocol", () => {
    const body = {
      inputs: [
        { name: 'weight', datatype: 'FP64', shape: [1], data: [null] },
        { name: 'hub', datatype: 'BYTES', shape: [1], data: [null] },
        { name: 'flag', datatype: 'BOOL', shape: [1], data: [true] },
        { name: 'count', datatype: 'INT64', shape: [2], data: [1, 2] },
      ],
    };
    const program = text('python', { protocol: 'v2', body });
    expect(program).toContain('("weight", "FP64", np.array([float("nan")], dtype=np.float64)),');
    expect(program).toContain('("hub", "BYTES", np.array([""], dtype=np.object_)),');
    expect(program).toContain('("flag", "BOOL", np.array([True], dtype=np.bool_)),');
    expect(program).toContain('("count", "INT64", np.array([1, 2], dtype=np.int64)),');
    expect(program).toContain('InferenceServerClient("127.0.0.1:7301")');
  });

  it('tells a tensor of one value by its value', () => {
    const body = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [0, 0, 0] }] };
    expect(text('python', { protocol: 'v2', body })).toContain('np.full((1, 3), 0, dtype=np.float32)');
  });

  it('gives a tensor of several dimensions its shape', () => {
    const body = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] };
    expect(text('python', { protocol: 'v2', body })).toContain('np.array([1, 2], dtype=np.float32).reshape((1, 2))');
  });
});
