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
  run?: string | undefined;
  pipeline?: string | undefined;
  model?: string | undefined;
}

export function runSearch(raw: Raw): RunSearch {
  return {
    tab: oneOf(raw, 'tab', RUN_TABS),
    experiment: text(raw, 'experiment'),
    filter: text(raw, 'filter'),
    order: text(raw, 'order'),
    run: text(raw, 'run'),
    pipeline: text(raw, 'pipeline'),
    model: text(raw, 'model'),
  };
}
