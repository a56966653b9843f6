import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ApiError, call, isMissingRoute } from './client';
import type { RolloutDetail, RolloutEntry } from './rollouts';
import type {
  Alert,
  Decision,
  DecisionDetail,
  Drift,
  LedgerState,
  ModelDetail,
  ModelSummary,
  ModelVersion,
  NotificationState,
  Page,
  PerformanceWindow,
  PipelineRun,
  Replay,
  Status,
  Timeline,
  VersionDetail,
} from './types';

const SECOND = 1000;
const LIST_POLL = 5 * SECOND;
const SLOW_POLL = 15 * SECOND;

const path = (model: string) => `api/models/${encodeURIComponent(model).replaceAll('%40', '@')}`;

/** What news of a model refreshes stands below its name; an endpoint's below its own. */
function subject(of: string): string[] {
  const [, kind, name = ''] = of.split('/');
  return [kind === 'models' ? 'model' : 'endpoints', decodeURIComponent(name)];
}

/** A route that is not there is asked for again only by a reload; everything else goes on being polled. */
export function poll(every: number) {
  return (query: { state: { error: Error | null } }) => (isMissingRoute(query.state.error) ? (false as const) : every);
}

export const queries = {
  status: () =>
    queryOptions({
      queryKey: ['status'],
      queryFn: ({ signal }) => call<Status>('api/status', { signal }),
      refetchInterval: poll(LIST_POLL),
    }),
  models: () =>
    queryOptions({
      queryKey: ['models'],
      queryFn: ({ signal }) => call<Page<ModelSummary>>('api/models?limit=200', { signal }),
      refetchInterval: poll(LIST_POLL),
    }),
  model: (model: string) =>
    queryOptions({
      queryKey: ['model', model, 'detail'],
      queryFn: ({ signal }) => call<ModelDetail>(path(model), { signal }),
      refetchInterval: poll(LIST_POLL),
    }),
  timeline: (model: string) =>
    queryOptions({
      queryKey: ['model', model, 'timeline'],
      queryFn: ({ signal }) => call<Timeline>(`${path(model)}/timeline`, { signal }),
      refetchInterval: poll(LIST_POLL),
    }),
  performance: (model: string, windowDays: number) =>
    queryOptions({
      queryKey: ['model', model, 'performance', windowDays],
      queryFn: ({ signal }) => call<{ points: PerformanceWindow[] }>(`${path(model)}/performance?windowDays=${windowDays}`, { signal }),
      refetchInterval: poll(SLOW_POLL),
      placeholderData: keepPreviousData,
    }),
  decisions: (model: string, limit: number, kind?: string) =>
    queryOptions({
      queryKey: ['model', model, 'decisions', limit, kind],
      queryFn: ({ signal }) => call<Page<Decision>>(`${path(model)}/decisions?limit=${limit}${kind ? `&kind=${kind}` : ''}`, { signal }),
      placeholderData: keepPreviousData,
    }),
  /** One decision with its whole evidence, which lists leave out; null when the model has no such decision. */
  decision: (model: string, id: string) =>
    queryOptions({
      queryKey: ['model', model, 'decision', id],
      queryFn: ({ signal }) => foundOrNull(call<DecisionDetail>(`${path(model)}/decisions/${encodeURIComponent(id)}`, { signal })),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  versions: (model: string) =>
    queryOptions({
      queryKey: ['model', model, 'versions'],
      queryFn: ({ signal }) => call<Page<ModelVersion>>(`${path(model)}/versions?limit=500`, { signal }),
    }),
  version: (model: string, number: number) =>
    queryOptions({
      queryKey: ['model', model, 'version', number],
      queryFn: ({ signal }) => call<VersionDetail>(`${path(model)}/versions/${number}`, { signal }),
    }),
  /** The rollouts of a model or an endpoint, newest first; `of` is its address, as {@link modelPath} gives it. */
  rollouts: (of: string) =>
    queryOptions({
      queryKey: [...subject(of), 'rollouts'],
      queryFn: ({ signal }) => call<Page<RolloutEntry>>(`${of}/rollouts`, { signal }),
      refetchInterval: poll(SLOW_POLL),
    }),
  rollout: (of: string, id: string) =>
    queryOptions({
      queryKey: [...subject(of), 'rollouts', id],
      queryFn: ({ signal }) => call<RolloutDetail>(`${of}/rollouts/${encodeURIComponent(id)}`, { signal }),
      refetchInterval: poll(SLOW_POLL),
    }),
  drift: (model: string) =>
    queryOptions({
      queryKey: ['model', model, 'drift'],
      queryFn: ({ signal }) => call<Drift>(`${path(model)}/drift`, { signal }),
      refetchInterval: poll(SLOW_POLL),
    }),
  why: (model: string) =>
    queryOptions({
      queryKey: ['model', model, 'why'],
      queryFn: ({ signal }) => call<{ sentences: string[] }>(`${path(model)}/why`, { signal }),
    }),
  replays: () =>
    queryOptions({
      queryKey: ['replays'],
      queryFn: ({ signal }) => call<Page<Replay>>('api/replays?limit=50', { signal }),
      refetchInterval: (query) => {
        if (isMissingRoute(query.state.error)) {
          return false;
        }
        return query.state.data?.items.some((replay) => replay.state === 'RUNNING') ? 2 * SECOND : LIST_POLL;
      },
    }),
  /** Every open alert, and the newest of all. */
  alerts: () =>
    queryOptions({
      queryKey: ['alerts'],
      queryFn: async ({ signal }) => {
        const [open, newest] = await Promise.all([
          call<Page<Alert>>('api/alerts?limit=200&state=OPEN', { signal }),
          call<Page<Alert>>('api/alerts?limit=200', { signal }),
        ]);
        const known = new Set(open.items.map((alert) => alert.id));
        return [...open.items, ...newest.items.filter((alert) => !known.has(alert.id))];
      },
      refetchInterval: poll(LIST_POLL),
    }),
  notifications: () =>
    queryOptions({
      queryKey: ['notifications'],
      queryFn: ({ signal }) => call<NotificationState>('api/notifications', { signal }),
    }),
  ledger: () =>
    queryOptions({
      queryKey: ['ledger'],
      queryFn: ({ signal }) => call<LedgerState>('api/ledger', { signal }),
      refetchInterval: poll(SLOW_POLL),
    }),
  pipelineRuns: (limit: number) =>
    queryOptions({
      queryKey: ['runs', 'pipelines', limit],
      queryFn: ({ signal }) => call<Page<PipelineRun>>(`api/pipelines/runs?limit=${limit}`, { signal }),
      refetchInterval: (query) => {
        if (isMissingRoute(query.state.error)) {
          return false;
        }
        return query.state.data?.items.some((run) => run.endedAt === 0) ? 3 * SECOND : SLOW_POLL;
      },
      placeholderData: keepPreviousData,
    }),
  /** One run, also one that is older than any page of the list; null when there is none. */
  pipelineRun: (run: string) =>
    queryOptions({
      queryKey: ['runs', 'pipeline', run],
      queryFn: ({ signal }) => foundOrNull(call<PipelineRun>(`api/pipelines/runs/${encodeURIComponent(run)}`, { signal })),
    }),
};

/** What is not there, or can never have been, is an answer and no failure. */
export async function foundOrNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 400) && !isMissingRoute(error)) {
      return null;
    }
    throw error;
  }
}

export const modelPath = path;
