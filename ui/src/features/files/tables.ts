/** Files that hold a table, as rows of text. Pure functions. */

export interface Table {
  columns: string[];
  rows: string[][];
  /** More rows follow in the file. */
  more: boolean;
}

export const ROWS_MAX = 500;
export const COLUMNS_MAX = 100;

/** Comma or tab separated values with quotes as RFC 4180 has them. A last row that was cut off is left out when `whole` is false. */
export function parseSeparated(text: string, separator: string, whole: boolean): Table {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  let at = 0;
  const endRow = () => {
    row.push(cell);
    cell = '';
    if (row.length > 1 || row[0] !== '') {
      rows.push(row);
    }
    row = [];
  };
  for (; at < text.length && rows.length <= ROWS_MAX + 1; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '"' && text[at + 1] === '"') {
        cell += '"';
        at++;
      } else if (character === '"') {
        quoted = false;
      } else {
        cell += character;
      }
    } else if (character === '"' && cell === '') {
      quoted = true;
    } else if (character === separator) {
      row.push(cell);
      cell = '';
    } else if (character === '\n') {
      endRow();
    } else if (character !== '\r' || text[at + 1] !== '\n') {
      cell += character;
    }
  }
  const ended = at >= text.length;
  if (ended && whole && (cell !== '' || row.length > 0)) {
    endRow();
  }
  const [columns = [], ...body] = rows;
  return { columns: columns.slice(0, COLUMNS_MAX), rows: body.slice(0, ROWS_MAX), more: !whole || !ended || body.length > ROWS_MAX };
}

/** What MLflow's log_table writes: {"columns": […], "data": [[…]]}; undefined for any other JSON. */
export function tableOfJson(value: unknown): Table | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { columns, data } = value as { columns?: unknown; data?: unknown };
  if (!Array.isArray(columns) || columns.length === 0 || !Array.isArray(data) || !data.every(Array.isArray)) {
    return undefined;
  }
  return {
    columns: columns.slice(0, COLUMNS_MAX).map(String),
    rows: data.slice(0, ROWS_MAX).map((row: unknown[]) => row.slice(0, COLUMNS_MAX).map(cellText)),
    more: data.length > ROWS_MAX,
  };
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export type FileKind = 'image' | 'table' | 'json' | 'text' | 'unknown';

const KINDS: Record<string, FileKind> = {
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
  gif: 'image',
  webp: 'image',
  svg: 'image',
  csv: 'table',
  tsv: 'table',
  json: 'json',
  jsonl: 'text',
  txt: 'text',
  log: 'text',
  md: 'text',
  yaml: 'text',
  yml: 'text',
  toml: 'text',
  ini: 'text',
  cfg: 'text',
  py: 'text',
  r: 'text',
  java: 'text',
  sql: 'text',
  sh: 'text',
  js: 'text',
  ts: 'text',
  html: 'text',
  xml: 'text',
  conda: 'text',
};
/** Files without an ending that MLflow writes. */
const NAMED: Record<string, FileKind> = { MLmodel: 'text', Dockerfile: 'text', README: 'text', LICENSE: 'text' };

/** What kind of preview a file gets, by its name. */
export function kindOf(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return NAMED[name] ?? (dot < 0 ? undefined : KINDS[name.slice(dot + 1).toLowerCase()]) ?? 'unknown';
}

/** "12 B", "3.4 kB", "1.2 GB": decimal units. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? bytes : value >= 100 ? Math.floor(value) : (Math.floor(value * 10) / 10).toFixed(1)} ${units[power]}`;
}
