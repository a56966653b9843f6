/** Reads search parameters; whatever is mangled falls back to its default, so that no link opens an error page. */

export type Raw = Record<string, unknown>;

export const text = (raw: Raw, name: string): string | undefined => {
  const value = raw[name];
  if (typeof value === 'string') {
    return value === '' ? undefined : value;
  }
  return typeof value === 'number' ? String(value) : undefined;
};

export const whole = (raw: Raw, name: string): number | undefined => {
  const value = Number(raw[name]);
  return raw[name] !== undefined && raw[name] !== '' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
};

export const oneOf = <T extends string>(raw: Raw, name: string, values: readonly T[]): T | undefined => {
  const value = raw[name];
  return typeof value === 'string' && (values as readonly string[]).includes(value) ? (value as T) : undefined;
};

export const real = (raw: Raw, name: string): number | undefined => {
  const value = typeof raw[name] === 'boolean' || raw[name] === null || raw[name] === '' ? Number.NaN : Number(raw[name]);
  return Number.isFinite(value) ? value : undefined;
};

export const flag = (raw: Raw, name: string): true | undefined => (raw[name] === true || raw[name] === 'true' ? true : undefined);

export const MODEL_TABS = ['decisions', 'versions', 'card', 'performance', 'drift', 'file'] as const;
export type ModelTab = (typeof MODEL_TABS)[number];

export const DECISION_KINDS = ['RETRAIN', 'GATE', 'SIGN', 'ROLLOUT', 'PROMOTION', 'ROLLBACK', 'PAUSE', 'RESUME', 'APPLY'] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

export interface ModelSearch {
  kind?: DecisionKind | undefined;
  tab?: ModelTab | undefined;
  decision?: string | undefined;
  version?: number | undefined;
  alert?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

export function modelSearch(raw: Raw): ModelSearch {
  const from = whole(raw, 'from');
  const to = whole(raw, 'to');
  const range = from !== undefined && to !== undefined && from < to;
  return {
    tab: oneOf(raw, 'tab', MODEL_TABS),
    kind: oneOf(raw, 'kind', DECISION_KINDS),
    decision: text(raw, 'decision'),
    version: whole(raw, 'version'),
    alert: text(raw, 'alert'),
    from: range ? from : undefined,
    to: range ? to : undefined,
  };
}

export const ALERT_STATES = ['OPEN', 'SILENCED', 'RESOLVED', 'ALL'] as const;
export type AlertChoice = (typeof ALERT_STATES)[number];

export interface AlertSearch {
  state?: AlertChoice | undefined;
  model?: string | undefined;
  alert?: string | undefined;
}

export function alertSearch(raw: Raw): AlertSearch {
  return { state: oneOf(raw, 'state', ALERT_STATES), model: text(raw, 'model'), alert: text(raw, 'alert') };
}

export const RUN_TABS = ['tracking', 'pipelines'] as const;
export type RunTab = (typeof RUN_TABS)[number];

export interface RunSearch {
  tab?: RunTab | undefined;
  experiment?: string | undefined;
  filter?: string | undefined;
  order?: string | undefined;
  /** Columns of the table, as features/runs/columns writes them. */
  cols?: string | undefined;
  /** Deleted runs are shown. */
  deleted?: boolean | undefined;
  /** Ids of the picked runs, with commas. */
  picked?: string | undefined;
  pipeline?: string | undefined;
}

export function runSearch(raw: Raw): RunSearch {
  return {
    tab: oneOf(raw, 'tab', RUN_TABS),
    experiment: text(raw, 'experiment'),
    filter: text(raw, 'filter'),
    order: text(raw, 'order'),
    cols: text(raw, 'cols'),
    deleted: flag(raw, 'deleted'),
    picked: text(raw, 'picked'),
    pipeline: text(raw, 'pipeline'),
  };
}

export const RUN_VIEWS = ['overview', 'charts', 'artifacts'] as const;
export type RunView = (typeof RUN_VIEWS)[number];
export const AXES = ['step', 'time', 'relative'] as const;

/** How curves are drawn. */
export interface CurveSearch {
  axis?: (typeof AXES)[number] | undefined;
  log?: boolean | undefined;
  /** Smoothing in percent, 0 to 99. */
  smooth?: number | undefined;
  /** Filter of the metrics that are drawn. */
  metrics?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

function curveSearch(raw: Raw): CurveSearch {
  const smooth = whole(raw, 'smooth');
  const from = real(raw, 'from');
  const to = real(raw, 'to');
  const range = from !== undefined && to !== undefined && from < to;
  return {
    axis: oneOf(raw, 'axis', AXES),
    log: flag(raw, 'log'),
    smooth: smooth !== undefined && smooth > 0 && smooth < 100 ? smooth : undefined,
    metrics: text(raw, 'metrics'),
    from: range ? from : undefined,
    to: range ? to : undefined,
  };
}

export interface OneRunSearch extends CurveSearch {
  view?: RunView | undefined;
  /** The file that is shown. */
  path?: string | undefined;
  /** The logged model that the file belongs to; without, it is the run's own. */
  model?: string | undefined;
}

export function oneRunSearch(raw: Raw): OneRunSearch {
  return { view: oneOf(raw, 'view', RUN_VIEWS), path: text(raw, 'path'), model: text(raw, 'model'), ...curveSearch(raw) };
}

export const COMPARE_VIEWS = ['table', 'curves', 'scatter'] as const;
export type CompareView = (typeof COMPARE_VIEWS)[number];

export interface CompareSearch extends CurveSearch {
  view?: CompareView | undefined;
  /** Ids of the runs, with commas. */
  runs?: string | undefined;
  /** The runs in colour; without, the first eight. */
  lit?: string | undefined;
  /** Rows that are the same for all runs are shown too. */
  all?: boolean | undefined;
  baseline?: string | undefined;
  /** Axes of the scatter, as "m.loss" or "p.lr". */
  x?: string | undefined;
  y?: string | undefined;
  /** The axes of the scatter that are logarithmic: "x", "y" or "xy". */
  logs?: (typeof LOGS)[number] | undefined;
}

export const LOGS = ['x', 'y', 'xy'] as const;

export function compareSearch(raw: Raw): CompareSearch {
  return {
    view: oneOf(raw, 'view', COMPARE_VIEWS),
    runs: text(raw, 'runs'),
    lit: text(raw, 'lit'),
    all: flag(raw, 'all'),
    baseline: text(raw, 'baseline'),
    x: text(raw, 'x'),
    y: text(raw, 'y'),
    logs: oneOf(raw, 'logs', LOGS),
    ...curveSearch(raw),
  };
}

export interface ListSearch {
  q?: string | undefined;
  deleted?: boolean | undefined;
}

export function listSearch(raw: Raw): ListSearch {
  return { q: text(raw, 'q'), deleted: flag(raw, 'deleted') };
}

export interface LoggedModelSearch extends VersionSearch {
  /** The file that is shown. */
  path?: string | undefined;
}

export function loggedModelSearch(raw: Raw): LoggedModelSearch {
  return { path: text(raw, 'path'), ...versionSearch(raw) };
}

export const SNIPPETS = ['python', 'java', 'curl'] as const;

export interface VersionSearch {
  use?: (typeof SNIPPETS)[number] | undefined;
}

export function versionSearch(raw: Raw): VersionSearch {
  return { use: oneOf(raw, 'use', SNIPPETS) };
}
