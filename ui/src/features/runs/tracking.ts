import type { MlflowRun } from '../../api/types';

/** How tracking runs become a table. Pure functions. */

const COLUMNS_MAX = 6;
const FIRST_METRICS = ['log_loss', 'roc_auc', 'brier', 'skill', 'accuracy', 'loss'];

export function metricsOf(run: MlflowRun): Record<string, number> {
  return Object.fromEntries((run.data?.metrics ?? []).map((one) => [one.key, Number(one.value)]));
}

export function paramsOf(run: MlflowRun): Record<string, string> {
  return Object.fromEntries((run.data?.params ?? []).map((one) => [one.key, one.value]));
}

export function tagsOf(run: MlflowRun): Record<string, string> {
  return Object.fromEntries((run.data?.tags ?? []).map((one) => [one.key, one.value]));
}

export function nameOf(run: MlflowRun): string {
  return run.info.run_name || tagsOf(run)['mlflow.runName'] || run.info.run_id.slice(0, 8);
}

/** Metrics that deserve a column: the well-known first, then the most frequent. */
export function metricColumns(runs: MlflowRun[]): string[] {
  return frequent(
    runs.map((run) => Object.keys(metricsOf(run)).filter((key) => !key.startsWith('importance'))),
    FIRST_METRICS,
  );
}

/** Parameters that differ between the runs; what is the same for all tells nothing. */
export function paramColumns(runs: MlflowRun[]): string[] {
  const values = new Map<string, Set<string>>();
  const all = runs.map(paramsOf);
  for (const params of all) {
    for (const key of Object.keys(params)) {
      values.set(key, new Set(all.map((one) => one[key] ?? '')));
    }
  }
  const differing = new Set([...values].filter(([, seen]) => seen.size > 1).map(([key]) => key));
  return frequent(
    all.map((params) => Object.keys(params).filter((key) => differing.has(key))),
    [],
  );
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
  return [...counts.keys()]
    .toSorted((a, b) => rank(a) - rank(b) || (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || a.localeCompare(b))
    .slice(0, COLUMNS_MAX);
}

/** Feature importance, from metrics named `importance.<feature>` or `importance/<feature>`. */
export function importanceOf(run: MlflowRun): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metricsOf(run)).flatMap(([key, value]) => {
      const found = /^importance[./](.+)$/.exec(key);
      return found?.[1] ? [[found[1], value]] : [];
    }),
  );
}

/** MLflow's name of a column, quoted where it must be. */
export function orderBy(kind: 'metrics' | 'params' | 'attributes', key: string, descending: boolean): string {
  const name = /^[A-Za-z0-9_]+$/.test(key) ? key : `\`${key}\``;
  return `${kind}.${name} ${descending ? 'DESC' : 'ASC'}`;
}

export function statusWord(run: MlflowRun): string {
  return run.info.status === 'SCHEDULED' ? 'QUEUED' : run.info.status;
}
