import type { RunRow } from './tracking';
import { isImportance, isInternalTag } from './tracking';

/** Which columns the table of runs has. They stand in the address, so that a shared address shows the same table. Pure functions. */

export type ColumnKind = 'attributes' | 'metrics' | 'params' | 'tags';

export interface Column {
  kind: ColumnKind;
  key: string;
}

export interface Keys {
  metrics: string[];
  params: string[];
  tags: string[];
}

const SHORT: Record<ColumnKind, string> = { attributes: 'a', metrics: 'm', params: 'p', tags: 't' };
const KINDS = Object.fromEntries(Object.entries(SHORT).map(([kind, short]) => [short, kind])) as Record<string, ColumnKind>;
export const ATTRIBUTES: Record<string, { label: string; width: number; sortable: boolean }> = {
  status: { label: 'Status', width: 118, sortable: true },
  start_time: { label: 'Started', width: 122, sortable: true },
  end_time: { label: 'Ended', width: 122, sortable: true },
  duration: { label: 'Took', width: 92, sortable: false },
  experiment: { label: 'Experiment', width: 190, sortable: false },
  user_id: { label: 'User', width: 120, sortable: true },
  run_id: { label: 'Run id', width: 280, sortable: true },
};
const FIRST_METRICS = ['log_loss', 'roc_auc', 'brier', 'skill', 'accuracy', 'loss'];
const METRICS_SHOWN = 5;
const PARAMS_SHOWN = 4;
export const COLUMNS_MAX = 60;
const WIDTHS: Record<ColumnKind, number> = { attributes: 120, metrics: 108, params: 120, tags: 132 };
const CHARACTER = 7.2;
const WIDEST = 240;

/** "a.status,m.loss,p.lr"; undefined when the text names no column. */
export function parseColumns(text: string | undefined): Column[] | undefined {
  const columns: Column[] = [];
  for (const part of (text ?? '').split(',')) {
    const kind = KINDS[part.slice(0, 1)];
    const key = part.slice(2);
    if (kind && part[1] === '.' && key !== '' && (kind !== 'attributes' || ATTRIBUTES[key])) {
      if (!columns.some((one) => one.kind === kind && one.key === key)) {
        columns.push({ kind, key });
      }
    }
  }
  return columns.length === 0 ? undefined : columns.slice(0, COLUMNS_MAX);
}

export function columnsText(columns: Column[]): string {
  return columns.map(({ kind, key }) => `${SHORT[kind]}.${key}`).join(',');
}

/** What a table shows that nobody has changed: the well-known metrics, then the frequent ones; the params that differ. */
export function usualColumns(rows: RunRow[], experiments: number): Column[] {
  const metrics = frequent(
    rows.map((row) => Object.keys(row.metrics).filter((key) => !isImportance(key))),
    FIRST_METRICS,
  ).slice(0, METRICS_SHOWN);
  const params = frequent(
    rows.map((row) => Object.keys(row.params)),
    [],
  )
    .filter((key) => differs(rows, key))
    .slice(0, PARAMS_SHOWN);
  return [
    ...['status', 'start_time', 'duration'].map((key) => ({ kind: 'attributes' as const, key })),
    ...metrics.map((key) => ({ kind: 'metrics' as const, key })),
    ...params.map((key) => ({ kind: 'params' as const, key })),
    ...(experiments > 1 ? [{ kind: 'attributes' as const, key: 'experiment' }] : []),
  ];
}

function differs(rows: RunRow[], key: string): boolean {
  const first = rows[0]?.params[key];
  return rows.some((row) => row.params[key] !== first);
}

function frequent(keys: string[][], first: string[]): string[] {
  const counts = new Map<string, number>();
  for (const key of keys.flat()) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rank = (key: string) => {
    const at = first.indexOf(key);
    return at < 0 ? first.length : at;
  };
  return [...counts.keys()].toSorted(
    (a, b) => rank(a) - rank(b) || (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : a > b ? 1 : 0),
  );
}

/** The keys that rows have, sorted, joined to those that were seen before; the same object when there is nothing new. */
export function seenKeys(rows: RunRow[], before: Keys): Keys {
  const sets = { metrics: new Set(before.metrics), params: new Set(before.params), tags: new Set(before.tags) };
  for (const row of rows) {
    for (const kind of ['metrics', 'params', 'tags'] as const) {
      for (const key in row[kind]) {
        sets[kind].add(key);
      }
    }
  }
  const grown = (['metrics', 'params', 'tags'] as const).some((kind) => sets[kind].size > before[kind].length);
  const sorted = (set: Set<string>) => [...set].toSorted();
  return grown ? { metrics: sorted(sets.metrics), params: sorted(sets.params), tags: sorted(sets.tags) } : before;
}

/** All columns that can be chosen, in groups, those that nobody asks for last. */
export function offeredColumns(keys: Keys): Column[] {
  return [
    ...Object.keys(ATTRIBUTES).map((key) => ({ kind: 'attributes' as const, key })),
    ...keys.metrics.map((key) => ({ kind: 'metrics' as const, key })),
    ...keys.params.map((key) => ({ kind: 'params' as const, key })),
    ...keys.tags.filter((key) => !isInternalTag(key)).map((key) => ({ kind: 'tags' as const, key })),
    ...keys.tags.filter(isInternalTag).map((key) => ({ kind: 'tags' as const, key })),
  ];
}

export function labelOf({ kind, key }: Column): string {
  return kind === 'attributes' ? (ATTRIBUTES[key]?.label ?? key) : key;
}

export function widthOf(column: Column): number {
  if (column.kind === 'attributes') {
    return ATTRIBUTES[column.key]?.width ?? WIDTHS.attributes;
  }
  const label = labelOf(column).length * CHARACTER + 44;
  return Math.round(Math.min(WIDEST, Math.max(WIDTHS[column.kind], label)));
}

export function isSortable({ kind, key }: Column): boolean {
  return kind !== 'attributes' || (ATTRIBUTES[key]?.sortable ?? false);
}

/** The column's name in a filter or an order, quoted where it must be. */
export function filterName(kind: ColumnKind, key: string): string {
  return `${kind}.${/^[A-Za-z0-9_.]+$/.test(key) ? key : `\`${key}\``}`;
}

export function orderText({ kind, key }: Column, descending: boolean): string {
  return `${filterName(kind, key)} ${descending ? 'DESC' : 'ASC'}`;
}

/** A click on a head: numbers and times begin with the highest, texts with the first; then the other way round; then the usual order. */
export function nextOrder(column: Column, order: string): string {
  const down = orderText(column, true);
  const up = orderText(column, false);
  const highFirst = column.kind === 'metrics' || /_time$/.test(column.key);
  const [first, second] = highFirst ? [down, up] : [up, down];
  return order === first ? second : order === second ? '' : first;
}

export function orderState(column: Column, order: string): 'ascending' | 'descending' | 'none' {
  return order === orderText(column, false) ? 'ascending' : order === orderText(column, true) ? 'descending' : 'none';
}
