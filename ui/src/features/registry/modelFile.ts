/** Reads what the screens need of an MLmodel file: YAML as MLflow writes it. Pure functions; nothing of a model is run. */

export interface ModelColumn {
  /** Empty for what has none, such as the one array that a model gives. */
  name: string;
  type: string;
  required: boolean;
  /** A value that fits, to begin with; of an array its element type and shape instead. */
  example: unknown;
  tensor?: { dtype: string; shape: number[] };
}

export interface ModelFile {
  flavors: string[];
  inputs: ModelColumn[];
  outputs: ModelColumn[];
  /** Names and types of what may be given with a prediction. */
  params: ModelColumn[];
}

/** Lines under a key of the top level, without their indent. */
function block(lines: string[], key: string): string[] {
  const start = lines.findIndex((line) => line.startsWith(`${key}:`));
  if (start < 0) {
    return [];
  }
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line !== '' && !/^\s/.test(line));
  return (end < 0 ? rest : rest.slice(0, end)).filter((line) => line.trim() !== '');
}

/** Entries of a block: a key at its indent, and all that belongs to it in one text. */
function entries(lines: string[]): [string, string][] {
  const indent = lines[0]?.search(/\S/) ?? 0;
  const found: [string, string][] = [];
  for (const line of lines) {
    const match = line.search(/\S/) === indent ? /^\s*([\w.-]+):\s*(.*)$/.exec(line) : null;
    const last = found.at(-1);
    if (match) {
      found.push([match[1] as string, match[2] as string]);
    } else if (last) {
      last[1] = `${last[1]} ${line.trim()}`;
    }
  }
  return found;
}

/** A scalar without its quotes. */
function scalar(text: string): string {
  const value = text.trim();
  if (value.startsWith("'") && value.endsWith("'")) {
    return value.slice(1, -1).replaceAll("''", "'");
  }
  if (value.startsWith('"') && value.endsWith('"')) {
    try {
      return String(JSON.parse(value.replaceAll('\\ ', ' ')));
    } catch {
      return value.slice(1, -1);
    }
  }
  return value;
}

function columns(text: string | undefined): ModelColumn[] {
  try {
    const list: unknown = JSON.parse(scalar(text ?? ''));
    return Array.isArray(list) ? list.map(column) : [];
  } catch {
    return [];
  }
}

/** A type as MLflow writes it. */
interface Spec {
  name?: unknown;
  type?: unknown;
  required?: unknown;
  items?: Spec;
  values?: Spec;
  properties?: Record<string, Spec>;
  'tensor-spec'?: { dtype?: string; shape?: number[] };
}

function column(one: Spec): ModelColumn {
  const tensor = one['tensor-spec'];
  const { dtype = 'float64', shape = [] } = tensor ?? {};
  return {
    name: typeof one.name === 'string' ? one.name : '',
    type: tensor ? `${dtype} [${shape.join(', ')}]` : typeText(one),
    required: one.required !== false,
    example: exampleOf(one),
    ...(tensor ? { tensor: { dtype, shape } } : {}),
  };
}

function typeText({ type, items, values }: Spec): string {
  if (type === 'array' && items) {
    return `array of ${typeText(items)}`;
  }
  if (type === 'map' && values) {
    return `map of ${typeText(values)}`;
  }
  return typeof type === 'string' ? type : JSON.stringify(type ?? 'any');
}

export function readModelFile(text: string): ModelFile {
  const lines = text.split(/\r?\n/);
  const signature = new Map(entries(block(lines, 'signature')));
  return {
    flavors: entries(block(lines, 'flavors')).map(([name]) => name),
    inputs: columns(signature.get('inputs')),
    outputs: columns(signature.get('outputs')),
    params: columns(signature.get('params')),
  };
}

const EXAMPLES: Record<string, unknown> = {
  double: 0.5,
  float: 0.5,
  long: 1,
  integer: 1,
  boolean: true,
  datetime: '2026-01-01T00:00:00',
  string: 'text',
};

function exampleOf({ type, items, values, properties }: Spec): unknown {
  switch (type) {
    case 'array':
      return [exampleOf(items ?? {})];
    case 'map':
      return { key: exampleOf(values ?? {}) };
    case 'object':
      return Object.fromEntries(Object.entries(properties ?? {}).map(([name, one]) => [name, exampleOf(one)]));
    default:
      return EXAMPLES[String(type)] ?? 'text';
  }
}

/** A row that fits the signature, to begin with. */
export function exampleRow(inputs: ModelColumn[]): Record<string, unknown> {
  return Object.fromEntries(inputs.filter((one) => one.name !== '').map((one) => [one.name, one.example]));
}
