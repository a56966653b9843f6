import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import { poll } from './queries';
import type { Page } from './types';

const LIST_POLL = 5_000;
const LIVE_POLL = 2_000;
const SLOW_POLL = 60_000;
const ENTRIES_MOST = 1_000;

export type Role = 'champion' | 'canary' | 'shadow' | 'warm';

/** A version behind an endpoint. */
export interface EndpointVariant {
  /** MODEL/NUMBER. */
  version: string;
  role: Role;
  /** Basis points of the traffic. */
  weight: number;
}

export interface EndpointSummary {
  name: string;
  project?: string | null;
  origin?: 'lifecycle' | 'api';
  /** The model whose lifecycle file made it; null for one that was made over the API. */
  model?: string | null;
  mode?: 'strict' | 'mlflow';
  key: string[];
  default?: boolean;
  state?: 'EMPTY' | 'SERVING' | 'WAITING';
  /** Address of a live scorer; null without one. */
  url: string | null;
  urls: string[];
  /** Predictions in the log. */
  records: number;
  /** The running rollout. */
  rollout?: string | null;
  variants: EndpointVariant[];
}

/** What was found when a version was admitted. */
export interface Admission {
  verdict: string;
  reason: string;
  evidence: {
    format?: string;
    bytes?: number;
    sha256?: string;
    loadMillis?: number;
    example?: string;
    latency?: { input?: string; p50Micros: number; p99Micros: number; runs: number };
    limits?: { applied?: string[] };
    [more: string]: unknown;
  };
}

export interface DetailVariant extends EndpointVariant {
  model: string;
  number: number;
  format: string;
  load: 'eager' | 'demand';
  resources: Record<string, unknown> | null;
  admission: Admission | null;
}

export interface InputColumn {
  name: string;
  type: 'number' | 'category';
  required?: boolean;
}

export interface TensorSpec {
  name: string;
  datatype: string;
  shape: number[];
}

export interface Deployment {
  id: string;
  version: string;
  source: string;
  run: string;
  state: 'RUNNING' | 'DEPLOYED' | 'REFUSED' | 'FAILED' | 'CANCELLED';
  message: string;
  role: Role | null;
  weight: number;
  by: string;
  reason: string;
  startedAt: number;
  endedAt: number | null;
}

export interface EndpointSettings {
  mode: string;
  log: { inputs: string; share: number; redact: string[] };
  limits: Record<string, number | null>;
  fallback: { version?: string | null; constant?: number[] | null; outputs?: Record<string, unknown> | null } | null;
}

/** A version that a scorer does not serve, since its environment is not on the scorer's machine. */
export interface MissingEnvironment {
  version: string;
  state: 'BUILDING' | 'FAILED';
  message: string;
}

export interface EndpointDetail extends Omit<EndpointSummary, 'variants'> {
  settings: EndpointSettings;
  edition: number;
  createdAt: number;
  createdBy: string | null;
  revision: number;
  variants: DetailVariant[];
  scorers: { id: string; url: string; alive: boolean; revision: number; current: boolean; environments?: MissingEnvironment[] }[];
  inputs: InputColumn[];
  tensors: TensorSpec[];
  outputs: TensorSpec[];
  example: Record<string, unknown> | null;
  servingExample: Record<string, unknown> | null;
  deployments: Deployment[];
}

/** What a version did since its scorers began. */
export interface LiveCounts {
  version: string;
  rows: number;
  requests: number;
  failures: number;
  requestNanos: number;
  modelNanos: number;
}

export interface EndpointLive {
  endpoint: string;
  at: number;
  scorers: { id: string; answered: boolean }[];
  versions: LiveCounts[];
  latency: { seconds: number[]; counts: number[] };
  /** Since the scorers began: rows that a fallback answered, calls refused because too much waited. */
  turns?: { fallbacks: number; shed: number };
}

/** What one version did, of which the prediction log holds but a part. */
export interface Tally {
  version: string;
  role: string;
  /** Rows. */
  answered: number;
  /** Rows of them that are in the log. */
  logged: number;
  /** Failed requests. */
  errors: number;
  /** Of the answered rows, those that are in the log; null without any. */
  share: number | null;
}

export interface Tallies {
  from: number;
  to: number;
  /** Minutes of one item. */
  every: number;
  items: (Tally & { at: number })[];
  sums: Tally[];
}

/** An entry of the ledger, with what the product wrote into it. */
export interface LedgerEntry {
  stream: string;
  seq: number;
  hash: string;
  actor: string;
  action: string;
  recordedAt: number;
  payload: Record<string, unknown>;
}

export interface AllLive {
  at: number;
  scorers: { id: string; answered: boolean }[];
  items: { endpoint: string; versions: LiveCounts[] }[];
}

export type Protocol = 'records' | 'v2' | 'invocations';

export interface Tried {
  status: number;
  protocol: Protocol;
  scorer: string;
  predictionId: string | null;
  fallback: string | null;
  body: unknown;
}

export const endpointPath = (name: string) => `api/endpoints/${encodeURIComponent(name).replaceAll('%40', '@')}`;

export const endpoints = {
  all: () =>
    queryOptions({
      queryKey: ['endpoints', 'list'],
      queryFn: ({ signal }) => call<Page<EndpointSummary>>('api/endpoints', { signal }),
      refetchInterval: poll(LIST_POLL),
    }),
  one: (name: string) =>
    queryOptions({
      queryKey: ['endpoints', 'one', name],
      queryFn: ({ signal }) => call<EndpointDetail>(endpointPath(name), { signal }),
      refetchInterval: poll(LIST_POLL),
    }),
  live: (name: string) =>
    queryOptions({
      queryKey: ['endpoints', 'live', name],
      queryFn: ({ signal }) => call<EndpointLive>(`${endpointPath(name)}/live`, { signal }),
      refetchInterval: poll(LIVE_POLL),
    }),
  /** Of the last day; a server of another release may not tell them. */
  tallies: (name: string) =>
    queryOptions({
      queryKey: ['endpoints', 'tallies', name],
      queryFn: ({ signal }) => call<Tallies>(`${endpointPath(name)}/tallies`, { signal }),
      refetchInterval: poll(SLOW_POLL),
    }),
  /** Oldest first; for who may read the ledger. */
  entries: (stream: string) =>
    queryOptions({
      queryKey: ['ledger', stream],
      queryFn: ({ signal }) =>
        call<Page<LedgerEntry>>(`api/ledger/entries?stream=${encodeURIComponent(stream)}&limit=${ENTRIES_MOST}`, { signal }),
    }),
  allLive: () =>
    queryOptions({
      queryKey: ['endpoints', 'live'],
      queryFn: ({ signal }) => call<AllLive>('api/live', { signal }),
      refetchInterval: poll(LIST_POLL),
    }),
};

const post = <T>(path: string, body: unknown) => call<T>(path, { method: 'POST', body });

export const tryEndpoint = (name: string, protocol: Protocol, body: unknown) =>
  post<Tried>(`${endpointPath(name)}/try`, { protocol, body });

export interface DeployOrder {
  version: string;
  /** Champion at once. */
  now?: boolean;
  /** A canary's share in basis points; without, the version is a shadow. */
  weight?: number;
  /** In steps, in words. */
  rollout?: { plan: string };
  reason: string;
}

export const deploy = (name: string, actor: string, body: DeployOrder) =>
  call<Deployment>(`${endpointPath(name)}/deploy`, { method: 'POST', actor, body });
