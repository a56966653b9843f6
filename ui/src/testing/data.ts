import type { RolloutDetail } from '../api/rollouts';
import type {
  Alert,
  DecisionDetail,
  GateReport,
  ModelDetail,
  ModelSummary,
  PerformanceWindow,
  PipelineRun,
  Status,
  Timeline,
  VersionDetail,
} from '../api/types';

/** Answers as the server gives them, small. */

export const CLOCK = Date.UTC(2013, 4, 20, 10);
const DAY = 86_400_000;

export const status: Status = {
  version: '0.1.0',
  ready: true,
  dataDir: '/data',
  startedAt: CLOCK,
  pid: 41,
  url: 'http://127.0.0.1:7300',
  scorers: [{ id: 'local-1', url: 'http://127.0.0.1:7301', applied: 3, flushed: 0, seenAt: CLOCK, alive: true }],
  workers: [],
};

export const performance: PerformanceWindow = {
  from: '2013-05-06',
  to: '2013-05-19',
  days: 14,
  withheld: [],
  rows: 3200,
  labelled: 3150,
  coverage: 0.984,
  rate: 0.21,
  meanScore: 0.224,
  logLoss: { value: 0.4361, low: 0.3801, high: 0.4958 },
  skill: { value: 0.11, low: 0.02, high: 0.2 },
  brier: { value: 0.136, low: 0.11, high: 0.16 },
  auc: { value: 0.68, low: 0.63, high: 0.73 },
  calibration: { value: 0.014, low: -0.026, high: 0.05 },
};

export const summary: ModelSummary = {
  model: 'flight-delay@r1',
  name: 'flight-delay',
  scope: 'r1',
  title: 'Will this departure be late?',
  owner: 'flight-operations',
  risk: 'limited',
  state: 'CANARY',
  clock: CLOCK,
  records: 12_345,
  labels: 9398,
  champion: 1,
  candidate: 2,
  windowDays: 14,
  lastDecision: 'Rollout of version 2 goes on',
  lastDecisionAt: CLOCK - DAY,
  performance,
};

export const detail: ModelDetail = {
  ...summary,
  lifecycle: 'perennial: v1\nmodel: flight-delay\n',
  digest: 'ab'.repeat(32),
  revision: 1,
  timeZone: 'America/New_York',
  variants: [
    { version: 'flight-delay@r1/1', role: 'champion', weight: 9000 },
    { version: 'flight-delay@r1/2', role: 'canary', weight: 1000 },
  ],
  rollout: {
    version: 2,
    champion: 1,
    state: {
      candidate: 'flight-delay@r1/2',
      champion: 'flight-delay@r1/1',
      phase: 'CANARY',
      step: 1,
      startedAt: CLOCK - 3 * DAY,
      stepEnteredAt: CLOCK - DAY,
      stepEndsAt: CLOCK + 2 * DAY,
      extensions: 0,
      hold: null,
    },
    steps: [
      { shadow: true, share: 0, days: 2 },
      { shadow: false, share: 0.1, days: 3 },
    ],
  },
  review: null,
  paused: false,
  attempt: null,
};

export const rollout: RolloutDetail = {
  id: '9f2c41d07ab3',
  version: 2,
  champion: 1,
  phase: 'CANARY',
  startedAt: CLOCK - 3 * DAY,
  endedAt: null,
  plan: {
    pace: { blockMillis: 0 },
    steps: [
      { shadow: true, share: 0, days: 2 },
      { shadow: false, share: 0.1, days: 3 },
    ],
    stopOn: { harmMetric: 'log_loss' },
  },
  looks: [2, 1].map((days) => ({
    at: CLOCK - days * DAY,
    step: 0,
    guards: [
      {
        guard: 'harm',
        clusters: 3 - days,
        estimate: -0.011,
        low: -0.3 / (3 - days),
        high: 0.28 / (3 - days),
        bound: 0,
        alpha: 0.02,
        deff: 8.7,
        verdict: 'CLEAR',
        why: null,
      },
      {
        guard: 'latency',
        clusters: 0,
        estimate: null,
        low: null,
        high: null,
        bound: 1,
        alpha: 0.01,
        deff: 1,
        verdict: 'OFF',
        why: 'no tolerance is declared',
      },
    ],
    minima: { clusters: 3 - days, clustersNeeded: 2, rows: 460, rowsNeeded: 20 },
  })),
  decisions: [],
};

const gate = {
  gate: 'log_loss better-than champion',
  verdict: 'FAIL' as const,
  detail: 'SHOWN_WORSE',
  estimate: 0.0639,
  low: 0.0451,
  high: 0.0817,
  threshold: 0,
  rows: 3211,
  clusters: 14,
  deff: 2.64,
  parts: [],
  text: 'The candidate is shown worse.',
};

export const report: GateReport = {
  verdict: 'FAIL',
  verdicts: [gate],
  withheld: [{ day: '2013-02-08', coverage: 0.4, reason: 'too few outcomes' }],
  rows: 3211,
  clusters: 14,
  firstVersion: false,
  text: 'Refused: shown worse than the champion.',
};

export const refusal: DecisionDetail = {
  id: '01a1ff31-3986-735a-a128-1cdf0fe11adf',
  model: 'flight-delay@r1',
  at: CLOCK - 5 * DAY,
  recordedAt: CLOCK,
  kind: 'GATE',
  verdict: 'FAIL',
  version: 2,
  title: 'Version 2: refused',
  text: 'Refused: shown worse than the champion.',
  evidence: { report, run: '01a1ff30', version: 2 },
  entry: 'f1'.repeat(32),
  injected: true,
};

export const timeline: Timeline = {
  from: CLOCK - 40 * DAY,
  to: CLOCK,
  clock: CLOCK,
  windowDays: 14,
  lanes: [
    {
      name: 'champion',
      spans: [{ from: CLOCK - 40 * DAY, to: CLOCK, label: 'v1', kind: 'CHAMPION', version: 1, decision: 'd1' }],
      marks: [],
    },
    { name: 'rollout', spans: [], marks: [] },
    {
      name: 'candidates',
      spans: [],
      marks: [{ at: refusal.at, label: refusal.title, kind: 'GATE', verdict: 'FAIL', version: 2, injected: true, decision: refusal.id }],
    },
    { name: 'people', spans: [], marks: [] },
  ],
  series: [
    {
      name: 'log_loss',
      unit: 'nats',
      points: Array.from({ length: 20 }, (_, day) => ({
        at: CLOCK - (20 - day) * DAY,
        value: 0.45 + 0.002 * day,
        low: day < 8 ? null : 0.4,
        high: day < 8 ? null : 0.55,
        rows: 200 * day,
        coverage: 0.98,
      })),
    },
    { name: 'skill', unit: '', points: [] },
  ],
};

export const version: VersionDetail = {
  id: 'flight-delay@r1/2',
  version: 2,
  model: 'flight-delay@r1',
  createdAt: CLOCK,
  eventTime: CLOCK - 5 * DAY,
  source: 'TRAINED',
  manifest: '5d'.repeat(32),
  file: 'be'.repeat(32),
  lifecycle: '09'.repeat(32),
  snapshot: '75'.repeat(32),
  run: '01a1ff30-e78f-7612-8252-9617ed8ad83a',
  trainedUntil: CLOCK - 20 * DAY,
  state: 'REFUSED',
  metrics: { log_loss: 0.4539, rows: 3211 },
  evidence: {
    gates: report,
    validation: {
      constraints: [
        {
          target: 'weather.wind_speed_mph',
          rule: 'max',
          expected: 'at most 150',
          status: 'FAIL',
          checked: 26_115,
          failed: 1,
          share: 1 / 26_115,
          examples: [{ key: { origin: 'EWR' }, value: '1048.36' }],
          onBreach: 'QUARANTINE',
        },
      ],
      quarantined: [{ source: 'weather', key: { origin: 'EWR' }, column: 'wind_speed_mph', value: '1048.36', rule: 'max' }],
      excludedDays: [],
    },
    training: { cpuMillis: 658, rows: 16_198, prior: 0.238, importance: { origin_dep_delay_2h: 0.2, carrier: 0.09 } },
  },
  manifestBody: { format: 'xgboost-json', signature: [{ name: 'carrier', type: 'category' }], parameters: { trees: 100 }, seed: 1 },
  card: { title: summary.title, owner: summary.owner, risk: 'limited', predicts: 'late' },
};

export const alert: Alert = {
  id: 'a1',
  model: 'flight-delay@r1',
  cause: 'source:weather',
  severity: 'PAGE',
  state: 'OPEN',
  openedAt: CLOCK - 2 * DAY,
  resolvedAt: null,
  title: 'Weather is silent',
  text: 'No weather row arrived for 7 hours.',
  findings: [{ at: CLOCK - 2 * DAY, kind: 'FRESHNESS', column: null, text: 'The newest weather row is 7 hours old.', evidence: {} }],
  acknowledgedBy: null,
  silencedUntil: null,
};

export const pipelineRun: PipelineRun = {
  run: '01a1ff30-e78f-7612-8252-9617ed8ad83a',
  pipeline: 'candidate',
  subject: 'flight-delay@r1',
  cause: 'schedule',
  state: 'RUNNING',
  reason: '',
  detail: '',
  startedAt: CLOCK,
  endedAt: 0,
  steps: [
    {
      path: 'snapshot',
      kind: 'snapshot',
      executor: 'WORKER',
      state: 'SUCCEEDED',
      attempt: 1,
      share: 1,
      line: '',
      startedAt: CLOCK,
      endedAt: CLOCK + 1000,
    },
    {
      path: 'train',
      kind: 'train',
      executor: 'WORKER',
      state: 'RUNNING',
      attempt: 2,
      share: 0.5,
      line: 'tree 50 of 100',
      startedAt: CLOCK + 1000,
      endedAt: 0,
    },
  ],
};

export const page = <T>(...items: T[]) => ({ body: { items, next: null } });
