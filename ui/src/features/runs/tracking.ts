import type { Pair, Run } from '../../api/mlflow';

/** Runs of MLflow's wire as the screens use them. Pure functions. */

export interface RunRow {
  id: string;
  name: string;
  experiment: string;
  /** RUNNING, FINISHED, FAILED, KILLED or QUEUED. */
  status: string;
  user: string;
  /** Milliseconds of the wall clock; 0 when unknown. */
  start: number;
  end: number;
  deleted: boolean;
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
}

export function toRow(run: Run): RunRow {
  const { info, data } = run;
  const tags = pairs(data?.tags);
  return {
    id: info.run_id,
    name: info.run_name || tags['mlflow.runName'] || info.run_id.slice(0, 8),
    experiment: info.experiment_id,
    status: info.status === 'SCHEDULED' ? 'QUEUED' : info.status,
    user: info.user_id || tags['mlflow.user'] || '',
    start: Number(info.start_time ?? 0),
    end: Number(info.end_time ?? 0),
    deleted: info.lifecycle_stage === 'deleted',
    metrics: Object.fromEntries((data?.metrics ?? []).map((one) => [one.key, Number(one.value)])),
    params: pairs(data?.params),
    tags,
  };
}

export function pairs(list: Pair[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map((one) => [one.key, one.value]));
}

/** How long a run took, or takes until now; undefined when that is unknown. */
export function took(row: Pick<RunRow, 'start' | 'end' | 'status'>, now: number): number | undefined {
  if (row.start <= 0) {
    return undefined;
  }
  if (row.end > 0) {
    return row.end - row.start;
  }
  return row.status === 'RUNNING' ? now - row.start : undefined;
}

/** Tags that MLflow and this product set for themselves; people rarely want to read them. */
export const isInternalTag = (key: string) => key.startsWith('mlflow.') || key.startsWith('perennial.');

/** Feature importance, from metrics named `importance.<feature>` or `importance/<feature>`. */
export function importanceOf(metrics: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([key, value]) => {
      const found = /^importance[./](.+)$/.exec(key);
      return found?.[1] ? [[found[1], value]] : [];
    }),
  );
}

export const isImportance = (key: string) => /^importance[./]/.test(key);
