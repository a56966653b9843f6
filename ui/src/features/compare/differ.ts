import type { RunRow } from '../runs/tracking';

/** What several runs have in common, and what not. Pure functions. */

export interface Difference {
  /** Params that are not the same for all; one that a run does not have differs. Those with few values first. */
  differing: string[];
  same: string[];
}

export function differingParams(rows: RunRow[]): Difference {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row.params)))].toSorted();
  const values = new Map(keys.map((key) => [key, new Set(rows.map((row) => row.params[key]))]));
  const count = (key: string) => values.get(key)?.size ?? 0;
  return {
    differing: keys.filter((key) => count(key) > 1).toSorted((a, b) => count(a) - count(b)),
    same: keys.filter((key) => count(key) === 1),
  };
}

/** Metrics of any of the runs: those that most runs have come first. */
export function metricKeys(rows: RunRow[]): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    for (const key of Object.keys(row.metrics)) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts.keys()].toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1));
}

/** What tells a run from the others, short: "lr 0.1 · depth 3". */
export function hintOf(row: RunRow, differing: string[], most = 4): string {
  return differing
    .slice(0, most)
    .map((key) => `${key} ${row.params[key] ?? '–'}`)
    .join(' · ');
}

/** Ids of the runs in an address: each once, at most a hundred. */
export function idsOf(text: string | undefined, most = 100): string[] {
  return [...new Set((text ?? '').split(',').filter((id) => /^[\w-]+$/.test(id)))].slice(0, most);
}

/** "m.loss" is a metric, "p.lr" a param. */
export interface Axis {
  kind: 'metrics' | 'params';
  key: string;
}

export function readAxis(text: string | undefined): Axis | undefined {
  const kind = text?.startsWith('m.') ? 'metrics' : text?.startsWith('p.') ? 'params' : undefined;
  return kind && text && text.length > 2 ? { kind, key: text.slice(2) } : undefined;
}

export const axisText = ({ kind, key }: Axis): string => `${kind === 'metrics' ? 'm' : 'p'}.${key}`;

export interface Scale {
  /** Texts that stand for 0, 1, 2 …; undefined for numbers. */
  categories: string[] | undefined;
  /** Values are drawn by their logarithm; what is not above 0 has no place. */
  log: boolean;
  value: (row: RunRow) => number | undefined;
}

/** Params are numbers when all of them can be read as such, else categories in order. */
export function scaleOf(rows: RunRow[], axis: Axis, log = false): Scale {
  const numbers = (value: (row: RunRow) => number | undefined): Scale => ({
    categories: undefined,
    log,
    value: (row) => {
      const found = finite(value(row));
      return log && found !== undefined && found <= 0 ? undefined : found;
    },
  });
  if (axis.kind === 'metrics') {
    return numbers((row) => row.metrics[axis.key]);
  }
  const texts = rows.flatMap((row) => row.params[axis.key] ?? []);
  if (texts.length > 0 && texts.every((text) => text.trim() !== '' && Number.isFinite(Number(text)))) {
    return numbers((row) => (row.params[axis.key] === undefined ? undefined : Number(row.params[axis.key])));
  }
  const categories = [...new Set(texts)].toSorted();
  const places = new Map(categories.map((text, at) => [text, at]));
  return { categories, log: false, value: (row) => places.get(row.params[axis.key] ?? '\0') };
}

const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : undefined);

/** The runs in colour, in the order of their colours: those that were chosen, else all when they are few. */
export function litRuns(ids: string[], chosen: string | undefined, colours: number): string[] {
  const wanted = idsOf(chosen).filter((id) => ids.includes(id));
  if (chosen !== undefined) {
    return wanted.slice(0, colours);
  }
  return ids.length <= colours ? ids : [];
}
