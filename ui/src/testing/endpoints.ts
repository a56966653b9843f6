import type { DetailVariant, EndpointDetail, EndpointLive, EndpointSummary } from '../api/endpoints';
import { CLOCK, page, status } from './data';
import type { Answer } from './server';

/** Answers about endpoints as the server gives them, small. */

const variant = (number: number, role: DetailVariant['role'], weight = 0): DetailVariant => ({
  version: `iris/${number}`,
  model: 'iris',
  number,
  role,
  weight,
  format: 'xgboost-ubj',
  load: 'eager',
  resources: null,
  admission: {
    verdict: 'ADMITTED',
    reason: '',
    evidence: { format: 'xgboost-ubj', bytes: 22_676, latency: { p50Micros: 4.8, p99Micros: 25, runs: 200 }, example: 'scores as stored' },
  },
});

export const flowers: EndpointDetail = {
  name: 'flowers',
  project: 'garden',
  origin: 'api',
  model: null,
  mode: 'strict',
  key: [],
  default: true,
  state: 'SERVING',
  url: 'http://127.0.0.1:7301',
  urls: ['http://127.0.0.1:7301/endpoints/flowers/predict'],
  records: 12_345,
  rollout: null,
  variants: [variant(2, 'warm'), variant(3, 'champion', 9_000), variant(4, 'canary', 1_000)],
  settings: { mode: 'strict', log: { inputs: 'all', share: 1, redact: [] }, limits: { concurrency: 8 }, fallback: { constant: [0.5] } },
  edition: 2,
  createdAt: CLOCK,
  createdBy: 'ann',
  revision: 41,
  scorers: [{ id: 'local-1', url: 'http://127.0.0.1:7301', alive: true, revision: 41, current: true }],
  inputs: [
    { name: 'petal', type: 'number', required: true },
    { name: 'colour', type: 'category', required: false },
  ],
  tensors: [],
  outputs: [{ name: 'score', datatype: 'FP64', shape: [-1] }],
  example: { petal: 1.5, colour: 'red' },
  servingExample: null,
  deployments: [
    {
      id: 'd1',
      version: 'iris/7',
      source: 'models:/iris/7',
      run: '01a1-x',
      state: 'REFUSED',
      message: 'its example scores 0.5, stored is 0.7',
      role: null,
      weight: 0,
      by: 'ben',
      reason: 'more petals',
      startedAt: CLOCK,
      endedAt: CLOCK,
    },
  ],
};

export const summaryOf = ({ variants, ...one }: EndpointDetail, more: Partial<EndpointSummary> = {}): EndpointSummary => ({
  ...one,
  variants: variants.map(({ version, role, weight }) => ({ version, role, weight })),
  ...more,
});

export const live: EndpointLive = {
  endpoint: 'flowers',
  at: CLOCK,
  scorers: [{ id: 'local-1', answered: true }],
  versions: [{ version: '3', rows: 10, requests: 10, failures: 0, requestNanos: 1e6, modelNanos: 1e5 }],
  latency: { seconds: [0.001], counts: [10, 0] },
};

/** A name that no table has room for. */
export const LONG_NAME = 'a-name-that-is-much-too-long-for-any-table-of-the-world';

/** What the pages of endpoints ask for. */
export const endpointAnswers: Record<string, Answer> = {
  '/api/status': { body: status },
  '/api/models': page(),
  '/api/alerts': page(),
  '/api/events': { body: { items: [] } },
  '/api/access/me': { body: { user: '', authenticated: false, how: '', project: 'default', administrator: false, roles: [], grants: [] } },
  '/api/endpoints': page(summaryOf(flowers), summaryOf(flowers, { name: LONG_NAME, variants: [], state: 'EMPTY' })),
  '/api/live': { body: { at: live.at, scorers: live.scorers, items: [] } },
  '/api/endpoints/flowers': { body: flowers },
  '/api/endpoints/flowers/live': { body: live },
  '/api/endpoints/flowers/rollouts': page(),
  '/api/endpoints/flowers/tallies': { body: { endpoint: 'flowers', from: 0, to: 86_400_000, every: 15, items: [], sums: [] } },
};
