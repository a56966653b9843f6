/** Shapes of the server's answers. Times are epoch milliseconds. What a server may not send yet is optional. */

import type { RolloutState, RolloutStep } from './rollouts';

export interface Page<T> {
  items: T[];
  next?: string | null;
}

export interface Scorer {
  id: string;
  url: string;
  applied: number;
  flushed: number;
  seenAt: number;
  alive: boolean;
}

export interface Worker {
  name: string;
  run: string;
  pid: number;
  state: string;
}

export interface Status {
  version: string;
  ready: boolean;
  startedAt: number;
  /** What follows is told to administrators alone. */
  dataDir?: string;
  pid?: number;
  url?: string;
  scorerPid?: number | null;
  scorers?: Scorer[];
  workers?: Worker[];
}

export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface PerformanceWindow {
  from: string;
  to: string;
  days: number;
  withheld: string[];
  rows: number;
  labelled: number;
  coverage: number;
  rate: number | null;
  meanScore: number | null;
  logLoss: Estimate;
  skill: Estimate;
  brier: Estimate;
  auc: Estimate;
  calibration: Estimate;
}

export type ModelState = 'NEW' | 'TRAINING' | 'SERVING' | 'SHADOW' | 'CANARY' | 'PAUSED';

export interface ModelSummary {
  model: string;
  name: string;
  scope: string;
  title: string;
  owner: string;
  risk: string;
  state: ModelState;
  clock: number;
  records: number;
  labels: number;
  champion: number | null;
  candidate: number | null;
  openAlerts?: number;
  /** Days of the window that the performance monitor judges. */
  windowDays: number;
  lastDecision?: string;
  lastDecisionAt?: number;
  performance?: PerformanceWindow;
}

export interface Variant {
  version: string;
  role: string;
  weight: number;
}

export interface ModelDetail extends ModelSummary {
  lifecycle: string;
  digest: string;
  revision: number;
  timeZone: string;
  variants: Variant[];
  rollout?: { version: number; champion: number; state: RolloutState; steps: RolloutStep[] };
  review: number | null;
  paused: boolean;
  attempt: string | null;
}

export type VerdictWord = 'PASS' | 'FAIL' | 'REVIEW' | 'INSUFFICIENT_DATA' | 'ERROR';

export interface GateVerdict {
  gate: string;
  verdict: VerdictWord;
  detail: string;
  estimate: number | null;
  low: number | null;
  high: number | null;
  threshold: number | null;
  rows: number;
  clusters: number;
  deff: number | null;
  parts: GateVerdict[];
  text: string;
}

export interface Withheld {
  day: string;
  coverage: number;
  reason: string;
}

export interface GateReport {
  verdict: VerdictWord;
  verdicts: GateVerdict[];
  withheld: Withheld[];
  rows: number;
  clusters: number;
  firstVersion: boolean;
  text: string;
}

export interface RolloutNumbers {
  closedDays: number;
  judgedDays: number;
  rows: number;
  labelled: number;
  shift: { psi: number; tolerance: number; pTol: number; effectiveRows: number; deff: number; bins: number; rows: number } | null;
  harm: { metric: string; estimate: number; low: number; high: number; margin: number; effectiveRows: number; deff: number } | null;
  calls: number;
  errors: number;
  fallbacks: number;
}

export interface RolloutDecision {
  action: string;
  reason: string;
  text: string;
  numbers: RolloutNumbers;
  next?: RolloutState;
}

export interface RolloutDay {
  day: string;
  predictions: number;
  labels: number;
  calls: number;
  errors: number;
  fallbacks: number;
  /** Bins are sparse: place, count, place, count … of 1,000 bins of the scores on rows that both scored. */
  comparison: { rows: number; labelled: number; candidateBins?: number[]; championBins?: number[] };
}

export interface DecisionEvidence {
  report?: GateReport;
  run?: string;
  version?: number;
  decision?: RolloutDecision;
  evidence?: { days?: RolloutDay[]; blownFuse?: string | null; labelCoverage?: number };
  by?: string;
  authenticated?: boolean;
  reason?: string;
  detail?: string;
  [more: string]: unknown;
}

export interface Decision {
  id: string;
  model: string;
  at: number;
  recordedAt: number;
  kind: string;
  verdict: string;
  version: number | null;
  title: string;
  text: string;
  entry: string | null;
  injected: boolean;
}

/** A decision with what it was made from; lists do without. */
export interface DecisionDetail extends Decision {
  evidence: DecisionEvidence;
}

export interface TimelineSpan {
  from: number;
  to: number;
  label: string;
  kind: string;
  version?: number | null;
  decision?: string;
  alert?: string;
  injected?: boolean;
}

export interface TimelineMark {
  at: number;
  label: string;
  kind: string;
  verdict?: string;
  severity?: string;
  version?: number | null;
  injected?: boolean;
  decision?: string;
  alert?: string;
}

export interface TimelineLane {
  name: string;
  spans: TimelineSpan[];
  marks: TimelineMark[];
}

export interface SeriesPoint {
  at: number;
  value: number | null;
  low: number | null;
  high: number | null;
  rows: number;
  coverage: number;
}

export interface TimelineSeries {
  name: string;
  unit: string;
  points: SeriesPoint[];
}

export interface Timeline {
  from: number;
  to: number;
  clock: number;
  windowDays: number;
  lanes: TimelineLane[];
  series: TimelineSeries[];
}

export interface Constraint {
  target: string;
  rule: string;
  expected: string;
  status: 'PASS' | 'FAIL' | 'NOT_APPLICABLE';
  checked: number;
  failed: number;
  share: number;
  examples: { key: Record<string, string>; value: string | null }[];
  onBreach: string;
}

export interface ValidationReport {
  constraints?: Constraint[];
  quarantined?: { source: string; key: Record<string, string>; column: string; value: string | null; rule: string }[];
  excludedDays?: { day: string; rule: string; reason: string }[];
}

export interface Training {
  cpuMillis?: number;
  importance?: Record<string, number>;
  prior?: number;
  rows?: number;
  trainLogLoss?: number[];
}

export interface ModelVersion {
  id: string;
  version: number;
  model: string;
  createdAt: number;
  eventTime: number;
  source: 'TRAINED' | 'IMPORTED';
  manifest: string;
  file: string;
  lifecycle: string;
  snapshot: string | null;
  run: string | null;
  trainedUntil: number | null;
  state: string;
  metrics: Record<string, number>;
}

export interface ModelManifest {
  format?: string;
  signature?: { name: string; type: string }[];
  parameters?: Record<string, unknown>;
  environment?: Record<string, unknown>;
  seed?: number;
  rows?: number;
  trainedDays?: { first: string; last: string };
  inputExample?: Record<string, unknown>;
  outputExample?: number;
}

export interface VersionDetail extends ModelVersion {
  evidence: {
    gates?: GateReport;
    validation?: ValidationReport;
    training?: Training;
    signature?: { by: string; reason: string; at: number };
    skew?: unknown;
    evaluation?: { cpuMicrosPerRow?: Record<string, number>; from?: number; to?: number; withheld?: Withheld[] };
  };
  manifestBody: ModelManifest;
  card: { title: string; owner: string; risk: string; predicts: string };
}

export interface Replay {
  model: string;
  state: 'RUNNING' | 'HELD' | 'DONE' | 'FAILED' | 'CANCELLED';
  plan: { from: number; to: number; loop: boolean; stops: number[] };
  clock: number;
  line: string;
  error: string | null;
}

export interface RunStep {
  path: string;
  kind: string;
  executor: string;
  state: string;
  attempt: number;
  share: number;
  line: string;
  startedAt: number;
  endedAt: number;
}

export interface PipelineRun {
  run: string;
  pipeline: string;
  subject?: string;
  model?: string;
  cause: string;
  state: string;
  reason: string;
  detail: string;
  startedAt: number;
  endedAt: number;
  steps: RunStep[];
}

export interface LiveEvent {
  seq: number;
  at: number;
  recordedAt: number;
  model: string;
  kind: string;
  title: string;
  text: string;
  ref: string | null;
}

export interface Finding {
  at: number;
  kind: string;
  column: string | null;
  text: string;
  evidence?: unknown;
  lastSeen?: number;
}

export interface Alert {
  id: string;
  model: string;
  cause: string;
  severity: string;
  state: 'OPEN' | 'RESOLVED';
  openedAt: number;
  resolvedAt: number | null;
  title: string;
  text: string;
  findings: Finding[];
  acknowledgedBy: string | null;
  silencedUntil: number | null;
  injected?: boolean;
}

export interface DriftColumn {
  column: string;
  missingShare?: number;
  referenceMissingShare?: number;
  seasonUncovered?: boolean;
  status: string;
  score: number | null;
  tolerance: number | null;
  pTol: number | null;
  pEqual: number | null;
  n: number;
  m: number;
  ne: number | null;
  deff: number | null;
  reason: string | null;
}

export interface Drift {
  day: string | null;
  drift: { columns: DriftColumn[]; from: string; to: string; seasonUncovered: boolean } | null;
  harm: { state: string; text: string; evidence: string[] } | null;
  verdict: { kind: string; text: string } | null;
  findings: {
    day: string;
    source: string;
    column: string | null;
    kind: string;
    severity: string;
    text: string;
    rows: number;
    affected: number;
  }[];
}

export interface NotificationState {
  webhook: string;
  waiting?: number;
  lastError?: string | null;
}

export interface LedgerState {
  entries: number;
  size?: number;
  checkpoint?: { size?: number; root?: string; at?: number; time?: number } | null;
}
