import type { EndpointDetail, InputColumn, Protocol, TensorSpec } from '../../api/endpoints';

/** A row typed by a person, as the bodies of three protocols. Pure functions. */

/** What stands in each field; an empty one is a value that is not known. */
export type Draft = Record<string, string>;

export interface Field {
  name: string;
  kind: 'number' | 'text' | 'key' | 'time';
  required: boolean;
}

export const EVENT_TIME = 'event_time';

type Described = Pick<EndpointDetail, 'inputs' | 'tensors' | 'key' | 'example' | 'servingExample'>;

/** The columns of the prediction id and the time first, for endpoints that have a key; then the model's columns. */
export function fieldsOf({ inputs, key }: Pick<Described, 'inputs' | 'key'>): Field[] {
  const columns: Field[] = inputs.map((one) => ({
    name: one.name,
    kind: key.includes(one.name) ? 'key' : one.type === 'number' ? 'number' : 'text',
    required: one.required !== false,
  }));
  const known = new Set(columns.map((one) => one.name));
  const ids: Field[] = key.filter((name) => !known.has(name)).map((name) => ({ name, kind: 'key', required: true }));
  return [...ids, { name: EVENT_TIME, kind: 'time', required: true }, ...columns];
}

/** The example of the model, an id of its own, and now. */
export function draftOf(endpoint: Described, now: number): Draft {
  const example = endpoint.example ?? {};
  return Object.fromEntries(
    fieldsOf(endpoint).map(({ name, kind }) => {
      if (kind === 'time') {
        return [name, new Date(now).toISOString()];
      }
      const value = example[name];
      return [name, value === null || value === undefined ? (kind === 'key' ? `try-${now}` : '') : String(value)];
    }),
  );
}

/** What is wrong with what was typed, by field. */
export function problemsOf(fields: Field[], draft: Draft): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const { name, kind } of fields) {
    const text = (draft[name] ?? '').trim();
    if (kind === 'number' && text !== '' && numberOf(text) === undefined) {
      problems[name] = `“${text}” is no number`;
    } else if (kind === 'key' && text === '') {
      problems[name] = 'The prediction id is made of it';
    } else if (kind === 'time' && Number.isNaN(timeOf(text))) {
      problems[name] = 'No time; write 2026-01-31T08:15:00Z';
    }
  }
  return problems;
}

/** A finite number as JSON can hold it. */
export function numberOf(text: string): number | undefined {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const timeOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text));

function typedValue({ name, kind }: Field, draft: Draft): unknown {
  const text = (draft[name] ?? '').trim();
  switch (kind) {
    case 'number':
      return text === '' ? null : (numberOf(text) ?? null);
    case 'time':
      return /^\d+$/.test(text) ? Number(text) : text;
    case 'key':
      return text;
    case 'text':
      return text === '' ? null : text;
  }
}

/** The row as a protocol takes it. MLflow's and the open protocol know the model's columns alone. */
export function bodyOf(protocol: Protocol, endpoint: Described, draft: Draft): unknown {
  if (endpoint.tensors.length > 0) {
    return protocol === 'invocations'
      ? (endpoint.servingExample ?? { inputs: tensorsByName(endpoint.tensors) })
      : v2Tensors(endpoint.tensors);
  }
  const fields = fieldsOf(endpoint);
  if (protocol === 'records') {
    return { records: [Object.fromEntries(fields.map((field) => [field.name, typedValue(field, draft)]))] };
  }
  const columns = endpoint.inputs.map((one) => ({ one, value: columnOf(one, draft) }));
  if (protocol === 'invocations') {
    return { dataframe_split: { columns: columns.map(({ one }) => one.name), data: [columns.map(({ value }) => value)] } };
  }
  return {
    inputs: columns.map(({ one, value }) => ({
      name: one.name,
      datatype: one.type === 'number' ? 'FP64' : 'BYTES',
      shape: [1],
      data: [value],
    })),
  };
}

function columnOf(one: InputColumn, draft: Draft): unknown {
  return typedValue({ name: one.name, kind: one.type === 'number' ? 'number' : 'text', required: true }, draft);
}

/** Open dimensions are 1. */
const sizes = ({ shape }: TensorSpec) => shape.map((size) => (size < 0 ? 1 : size));

function zero(datatype: string): unknown {
  return datatype === 'BOOL' ? false : datatype === 'BYTES' ? 'text' : 0;
}

const TENSOR_MOST = 10_000;

function v2Tensors(tensors: TensorSpec[]) {
  return {
    inputs: tensors.map((one) => {
      const shape = sizes(one);
      const count = Math.min(
        TENSOR_MOST,
        shape.reduce((all, size) => all * size, 1),
      );
      return { name: one.name, datatype: one.datatype, shape, data: Array.from({ length: count }, () => zero(one.datatype)) };
    }),
  };
}

function tensorsByName(tensors: TensorSpec[]): Record<string, unknown> {
  return Object.fromEntries(tensors.map((one) => [one.name, nested(sizes(one), zero(one.datatype))]));
}

function nested([size, ...rest]: number[], value: unknown): unknown {
  return size === undefined ? value : Array.from({ length: Math.min(size, TENSOR_MOST) }, () => nested(rest, value));
}

/** The protocols that such an endpoint speaks, the usual one first. */
export function protocolsOf({ tensors }: Pick<Described, 'tensors'>): Protocol[] {
  return tensors.length > 0 ? ['v2', 'invocations'] : ['records', 'v2', 'invocations'];
}

/** The body that was typed; a text says why it is none. */
export function parsed(text: string): { body: unknown } | { problem: string } {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? { body }
      : { problem: 'The body must be an object in braces.' };
  } catch (error) {
    return { problem: `This is no JSON: ${(error as Error).message}` };
  }
}

/** The score of the first row, whichever protocol told it; undefined when the answer has none. */
export function scoreOf(body: unknown): number | undefined {
  const answer = body as { predictions?: unknown; outputs?: { name?: string; data?: unknown[] }[] } | null;
  const first = Array.isArray(answer?.predictions) ? answer.predictions[0] : undefined;
  const told = [
    first,
    (first as { score?: unknown } | null | undefined)?.score,
    answer?.outputs?.length === 1 ? answer.outputs[0]?.data?.[0] : answer?.outputs?.find((one) => one.name === 'score')?.data?.[0],
  ];
  return told.find((one): one is number => typeof one === 'number');
}

const LINE_MOST = 88;

/** JSON for reading: lists of plain values that fit stand in one line, since shapes and rows read better so. */
export function pretty(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value) ?? 'null';
  if (value === null || typeof value !== 'object') {
    return flat;
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const plain = value.every((one) => one === null || typeof one !== 'object');
    const line = `[${value.map((one) => JSON.stringify(one) ?? 'null').join(', ')}]`;
    return plain && inner.length + line.length <= LINE_MOST
      ? line
      : `[\n${value.map((one) => inner + pretty(one, inner)).join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  return members.length === 0
    ? '{}'
    : `{\n${members.map(([key, one]) => `${inner}${JSON.stringify(key)}: ${pretty(one, inner)}`).join(',\n')}\n${indent}}`;
}
