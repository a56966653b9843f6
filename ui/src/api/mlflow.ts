import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from './client';
import { foundOrNull, poll } from './queries';

/** The shapes of MLflow's messages, as far as the screens read them, and the questions that they ask. */

export interface Pair {
  key: string;
  value: string;
}

export interface MetricPoint {
  key: string;
  /** Infinities and NaN travel as text. */
  value: number | string;
  timestamp?: number;
  step?: number;
  run_id?: string;
  /** Of a logged model's metrics: the data set that it was measured on. */
  dataset_name?: string;
}

export interface RunInfo {
  run_id: string;
  run_name?: string;
  experiment_id: string;
  user_id?: string;
  status: string;
  start_time?: number;
  end_time?: number;
  artifact_uri?: string;
  lifecycle_stage?: string;
}

export interface DatasetInput {
  tags?: Pair[];
  dataset: { name: string; digest: string; source_type: string; source: string; schema?: string; profile?: string };
}

export interface Run {
  info: RunInfo;
  data?: { metrics?: MetricPoint[]; params?: Pair[]; tags?: Pair[] };
  inputs?: { dataset_inputs?: DatasetInput[]; model_inputs?: { model_id: string }[] };
  outputs?: { model_outputs?: { model_id: string; step?: number }[] };
}

export interface Experiment {
  experiment_id: string;
  name: string;
  lifecycle_stage?: string;
  creation_time?: number;
  last_update_time?: number;
  artifact_location?: string;
  tags?: Pair[];
}

export interface FileInfo {
  path: string;
  is_dir?: boolean;
  file_size?: number;
}

export interface ModelVersion {
  name: string;
  version: string;
  creation_timestamp?: number;
  last_updated_timestamp?: number;
  user_id?: string;
  current_stage?: string;
  description?: string;
  source?: string;
  run_id?: string;
  run_link?: string;
  status?: string;
  status_message?: string;
  tags?: Pair[];
  aliases?: string[];
  model_id?: string;
}

export interface RegisteredModel {
  name: string;
  creation_timestamp?: number;
  last_updated_timestamp?: number;
  user_id?: string;
  description?: string;
  latest_versions?: ModelVersion[];
  tags?: Pair[];
  aliases?: { alias: string; version: string }[];
}

export interface LoggedModel {
  info: {
    model_id: string;
    experiment_id: string;
    name: string;
    creation_timestamp_ms?: number;
    artifact_uri?: string;
    status?: string;
    model_type?: string;
    source_run_id?: string;
    tags?: Pair[];
    registrations?: { name: string; version: string }[];
  };
  data?: { params?: Pair[]; metrics?: MetricPoint[] };
}

export type View = 'ACTIVE_ONLY' | 'DELETED_ONLY';

/** What a table of runs asks for. */
export interface RunQuestion {
  experiments: string[];
  filter: string;
  order: string;
  view: View;
}

const SECOND = 1000;
const AJAX = 'ajax-api/2.0/mlflow/';
const EXPERIMENTS_MAX = 1000;
/** Rows of one page of the runs table. */
export const RUNS_PAGE = 200;
/** Newest runs that are looked at for "new runs". */
export const NEWEST = 50;
const MODELS_PAGE = 200;
const COUNTED_MAX = 10_000;
/** Browsers make nothing higher than this many rows. */
const SCROLLED_MAX = 900_000;

type Fields = Record<string, string | number | undefined | string[]>;

export function asked<T>(path: string, fields: Fields, signal?: AbortSignal): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) {
        query.append(name, String(one));
      }
    }
  }
  return call<T>(`${AJAX}${path}?${query}`, { signal });
}

export function told<T = unknown>(
  path: string,
  body: unknown,
  method: 'POST' | 'PATCH' | 'DELETE' = 'POST',
  signal?: AbortSignal,
): Promise<T> {
  return call<T>(`${AJAX}${path}`, { method, body, signal });
}

export interface RunPage {
  runs: Run[];
  next: string | undefined;
}

async function runPage(body: object, signal: AbortSignal): Promise<RunPage> {
  const answer = await told<{ runs?: Run[]; next_page_token?: string }>('runs/search', body, 'POST', signal);
  return { runs: answer.runs ?? [], next: answer.next_page_token || undefined };
}

export interface RunTotal {
  count: number;
  /** There are more than were counted. */
  more: boolean;
}

function counted(question: Pick<RunQuestion, 'experiments' | 'filter' | 'view'>, most: number, signal: AbortSignal): Promise<RunTotal> {
  const { experiments, filter, view } = question;
  return told('runs/count', { experiment_ids: experiments, filter, run_view_type: view, max_count: most }, 'POST', signal);
}

const quoted = (ids: string[]) => ids.map((id) => `'${id.replaceAll("'", '')}'`).join(', ');

export const tracking = {
  experiments: (view: View = 'ACTIVE_ONLY', filter = '') =>
    queryOptions({
      queryKey: ['runs', 'experiments', view, filter],
      queryFn: async ({ signal }) =>
        (
          await told<{ experiments?: Experiment[] }>(
            'experiments/search',
            { max_results: EXPERIMENTS_MAX, view_type: view, ...(filter === '' ? {} : { filter }) },
            'POST',
            signal,
          )
        ).experiments ?? [],
      refetchInterval: poll(15 * SECOND),
      placeholderData: keepPreviousData,
    }),
  experiment: (id: string) =>
    queryOptions({
      queryKey: ['runs', 'experiment', id],
      queryFn: async ({ signal }) => (await asked<{ experiment: Experiment }>('experiments/get', { experiment_id: id }, signal)).experiment,
      staleTime: 60 * SECOND,
    }),
  /** A page of the table. It never changes under the reader: new runs are counted apart, running ones are refreshed by id. */
  page: (question: RunQuestion, { token, offset }: { token?: string; offset?: number }) =>
    queryOptions({
      queryKey: ['run-pages', question, token ?? offset ?? ''],
      queryFn: ({ signal }) =>
        runPage(
          {
            experiment_ids: question.experiments,
            filter: question.filter,
            order_by: question.order === '' ? [] : [question.order],
            run_view_type: question.view,
            max_results: RUNS_PAGE,
            ...(token === undefined ? {} : { page_token: token }),
            ...(offset === undefined ? {} : { offset }),
          },
          signal,
        ),
      enabled: question.experiments.length > 0,
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 120 * SECOND,
    }),
  /** How many rows the table has, so that it can be scrolled to any place. Like its pages it does not change under the reader. */
  total: (question: RunQuestion) =>
    queryOptions({
      queryKey: ['run-total', question.experiments, question.filter, question.view],
      queryFn: ({ signal }) => counted(question, SCROLLED_MAX, signal),
      enabled: question.experiments.length > 0,
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 120 * SECOND,
    }),
  /** How many runs an experiment has now: exact up to ten thousand. */
  runCount: (experiment: string, view: View, live: boolean) =>
    queryOptions({
      queryKey: ['runs', 'count', experiment, view],
      queryFn: ({ signal }) => counted({ experiments: [experiment], filter: '', view }, COUNTED_MAX, signal),
      staleTime: 2 * SECOND,
      refetchInterval: live ? poll(5 * SECOND) : false,
      placeholderData: keepPreviousData,
    }),
  /** Ids of the newest runs that match, newest first. */
  newest: (question: RunQuestion) =>
    queryOptions({
      queryKey: ['run-newest', question.experiments, question.filter, question.view],
      queryFn: async ({ signal }) => {
        const page = await runPage(
          {
            experiment_ids: question.experiments,
            filter: question.filter,
            order_by: ['attributes.start_time DESC'],
            run_view_type: question.view,
            max_results: NEWEST,
          },
          signal,
        );
        return page.runs.map((run) => run.info.run_id);
      },
      enabled: question.experiments.length > 0,
      refetchInterval: poll(5 * SECOND),
      gcTime: 0,
    }),
  /** Runs by their ids, in any order; at most 200. */
  runsById: (ids: string[], experiments: string[], every: number | false) =>
    queryOptions({
      queryKey: ['runs', 'by-id', ids, experiments],
      queryFn: async ({ signal }) =>
        (
          await runPage(
            { experiment_ids: experiments, filter: `attributes.run_id IN (${quoted(ids)})`, max_results: RUNS_PAGE, run_view_type: 'ALL' },
            signal,
          )
        ).runs,
      enabled: ids.length > 0 && experiments.length > 0,
      refetchInterval: every === false ? false : poll(every),
      placeholderData: keepPreviousData,
    }),
  run: (id: string) =>
    queryOptions({
      queryKey: ['runs', 'run', id],
      queryFn: async ({ signal }) => (await asked<{ run: Run }>('runs/get', { run_id: id }, signal)).run,
      refetchInterval: (query) => (query.state.data?.info.status === 'RUNNING' ? 3 * SECOND : query.state.error ? false : 30 * SECOND),
    }),
  /** Runs that name this one as their parent. */
  children: (id: string, experiment: string) =>
    queryOptions({
      queryKey: ['runs', 'children', id],
      queryFn: ({ signal }) =>
        runPage({ experiment_ids: [experiment], filter: `tags.mlflow.parentRunId = '${id}'`, max_results: RUNS_PAGE }, signal),
      refetchInterval: poll(10 * SECOND),
    }),
  /** One metric of up to 100 runs, sampled by the server at shared steps. */
  curves: (runs: string[], key: string, points: number, live: boolean) =>
    queryOptions({
      queryKey: ['runs', 'curves', runs, key, points],
      queryFn: async ({ signal }) =>
        (
          await asked<{ metrics?: MetricPoint[] }>(
            'metrics/get-history-bulk-interval',
            { run_ids: runs, metric_key: key, max_results: points },
            signal,
          )
        ).metrics ?? [],
      enabled: runs.length > 0 && key !== '',
      staleTime: live ? 0 : 30 * SECOND,
      refetchInterval: live ? poll(3 * SECOND) : false,
      placeholderData: keepPreviousData,
    }),
  files: (run: string, path: string) =>
    queryOptions({
      queryKey: ['runs', 'files', run, path],
      queryFn: async ({ signal }) =>
        await asked<{ root_uri?: string; files?: FileInfo[] }>('artifacts/list', { run_id: run, ...(path === '' ? {} : { path }) }, signal),
      staleTime: 5 * SECOND,
    }),
  /** The files of a logged model; their paths begin at the model. */
  modelFiles: (id: string, path: string) =>
    queryOptions({
      queryKey: ['logged', 'files', id, path],
      queryFn: async ({ signal }) =>
        await asked<{ root_uri?: string; files?: FileInfo[] }>(
          `logged-models/${encodeURIComponent(id)}/artifacts/directories`,
          path === '' ? {} : { artifact_directory_path: path },
          signal,
        ),
      staleTime: 5 * SECOND,
    }),
  registeredModels: (filter: string) =>
    queryOptions({
      queryKey: ['registry', 'models', filter],
      queryFn: ({ signal }) =>
        asked<{ registered_models?: RegisteredModel[]; next_page_token?: string }>(
          'registered-models/search',
          { max_results: MODELS_PAGE, ...(filter === '' ? {} : { filter }) },
          signal,
        ),
      refetchInterval: poll(15 * SECOND),
      placeholderData: keepPreviousData,
    }),
  registeredModel: (name: string) =>
    queryOptions({
      queryKey: ['registry', 'model', name],
      queryFn: async ({ signal }) =>
        (await asked<{ registered_model: RegisteredModel }>('registered-models/get', { name }, signal)).registered_model,
      refetchInterval: poll(15 * SECOND),
    }),
  modelVersions: (name: string) =>
    queryOptions({
      queryKey: ['registry', 'versions', name],
      queryFn: async ({ signal }) =>
        (
          await asked<{ model_versions?: ModelVersion[] }>(
            'model-versions/search',
            { filter: `name = '${name.replaceAll("'", "\\'")}'`, max_results: 1000, order_by: ['version_number DESC'] },
            signal,
          )
        ).model_versions ?? [],
      refetchInterval: poll(15 * SECOND),
    }),
  versionsOfRun: (run: string) =>
    queryOptions({
      queryKey: ['registry', 'of-run', run],
      queryFn: async ({ signal }) =>
        (
          await asked<{ model_versions?: ModelVersion[] }>(
            'model-versions/search',
            { filter: `run_id = '${run}'`, max_results: 100 },
            signal,
          )
        ).model_versions ?? [],
      staleTime: 30 * SECOND,
    }),
  modelVersion: (name: string, version: string) =>
    queryOptions({
      queryKey: ['registry', 'version', name, version],
      queryFn: async ({ signal }) =>
        (await asked<{ model_version: ModelVersion }>('model-versions/get', { name, version }, signal)).model_version,
    }),
  loggedModel: (id: string) =>
    queryOptions({
      queryKey: ['registry', 'logged', id],
      queryFn: ({ signal }) => foundOrNull(asked<{ model: LoggedModel }>(`logged-models/${encodeURIComponent(id)}`, {}, signal)),
      staleTime: 30 * SECOND,
    }),
};
