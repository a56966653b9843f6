/** Reads what the screens need of an MLmodel file: YAML as MLflow writes it. Pure functions; nothing of a model is run. */

export interface ModelColumn {
  name: string;
  type: string;
  required: boolean;
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

function column(one: Record<string, unknown>, at: number): ModelColumn {
  const tensor = one['tensor-spec'] as { dtype?: string; shape?: number[] } | undefined;
  const type = tensor ? `${tensor.dtype} [${(tensor.shape ?? []).join(', ')}]` : one.type;
  return {
    name: typeof one.name === 'string' ? one.name : String(at),
    type: typeof type === 'string' ? type : JSON.stringify(type ?? 'any'),
    required: one.required !== false,
  };
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

/** A row that fits the signature, to begin with. */
export function exampleRow(inputs: ModelColumn[]): Record<string, unknown> {
  return Object.fromEntries(inputs.map((one) => [one.name, EXAMPLES[one.type] ?? 'text']));
}
