import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconProgress,
  type IconProps,
  IconZoomExclamation,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

export type Tone = 'pass' | 'warn' | 'fail' | 'unknown' | 'running' | 'error';

const ICONS: Record<Tone, ComponentType<IconProps>> = {
  pass: IconCircleCheck,
  warn: IconAlertTriangle,
  fail: IconCircleX,
  unknown: IconCircleDashed,
  running: IconProgress,
  error: IconZoomExclamation,
};

/** The one map from a word of the server to what people see. */
const WORDS: Record<string, [Tone, string]> = {
  PASS: ['pass', 'Pass'],
  SERVING: ['pass', 'Serving'],
  CHAMPION: ['pass', 'Champion'],
  SUCCEEDED: ['pass', 'Succeeded'],
  FINISHED: ['pass', 'Finished'],
  DONE: ['pass', 'Done'],
  PROMOTED: ['pass', 'Promoted'],
  PROMOTE: ['pass', 'Promoted'],
  RESOLVED: ['pass', 'Resolved'],
  ALIVE: ['pass', 'Alive'],
  OK: ['pass', 'OK'],
  STABLE: ['pass', 'Stable'],
  NO_DRIFT: ['pass', 'No drift'],
  WITHIN: ['pass', 'Within tolerance'],
  SIGNED: ['pass', 'Signed'],
  APPLIED: ['pass', 'Applied'],
  ADMITTED: ['pass', 'Admitted'],
  DEPLOYED: ['pass', 'Deployed'],
  RESUMED: ['pass', 'Resumed'],
  REVIEW: ['warn', 'Needs review'],
  IN_REVIEW: ['warn', 'Needs review'],
  PAUSED: ['warn', 'Paused'],
  WARNING: ['warn', 'Warning'],
  HELD: ['warn', 'Waits for a person'],
  TICKET: ['warn', 'Ticket'],
  EXTEND: ['warn', 'Extended'],
  ROLLED_BACK: ['warn', 'Rolled back'],
  DRIFT: ['warn', 'Drift'],
  FAIL: ['fail', 'Fail'],
  REFUSED: ['fail', 'Refused'],
  FAILED: ['fail', 'Failed'],
  STOP: ['fail', 'Stopped'],
  STOPPED: ['fail', 'Stopped'],
  ABORTED: ['fail', 'Aborted'],
  ABORT: ['fail', 'Aborted'],
  OPEN: ['fail', 'Open'],
  FIRING: ['fail', 'Firing'],
  PAGE: ['fail', 'Page'],
  CRITICAL: ['fail', 'Critical'],
  SILENT: ['fail', 'Silent'],
  INSUFFICIENT_DATA: ['unknown', 'Not enough data'],
  NOT_ENOUGH_DATA: ['unknown', 'Not enough data'],
  NOT_APPLICABLE: ['unknown', 'Not applicable'],
  UNKNOWN: ['unknown', 'Unknown'],
  NO_REFERENCE: ['unknown', 'Nothing to compare with'],
  NEW: ['unknown', 'No champion yet'],
  QUEUED: ['unknown', 'Queued'],
  PENDING: ['unknown', 'Waiting'],
  READY: ['unknown', 'Ready'],
  WAITING: ['unknown', 'Waiting'],
  EMPTY: ['unknown', 'No version yet'],
  WARM: ['unknown', 'Warm'],
  SKIPPED: ['unknown', 'Skipped'],
  CANCELLED: ['unknown', 'Cancelled'],
  KILLED: ['unknown', 'Killed'],
  RETIRED: ['unknown', 'Retired'],
  CANDIDATE: ['unknown', 'Candidate'],
  SILENCED: ['unknown', 'Silenced'],
  ACKNOWLEDGED: ['warn', 'Acknowledged'],
  RUNNING: ['running', 'Running'],
  CLAIMED: ['running', 'Running'],
  TRAINING: ['running', 'Training'],
  SHADOW: ['running', 'Shadow'],
  CANARY: ['running', 'Canary'],
  ROLLING_OUT: ['running', 'In rollout'],
  ADVANCE: ['running', 'Goes on'],
  FIRED: ['running', 'Tried'],
  INFO: ['unknown', 'Info'],
  NEITHER: ['pass', 'No drift, no harm'],
  DRIFT_ONLY: ['warn', 'Drift, no harm shown'],
  HARM_ONLY: ['fail', 'Harm shown'],
  BOTH: ['fail', 'Drift and harm'],
  NOT_SHOWN: ['pass', 'Not shown'],
  CLEAR: ['pass', 'Harm is not shown'],
  SHOWN: ['fail', 'Harm is shown'],
  NOT_COMPUTABLE: ['unknown', 'Cannot be computed'],
  STARTED: ['running', 'Started'],
  ERROR: ['error', 'Could not judge'],
};

/** Tone and label of a word; a verdict of two words ("STOP HARM") is told by its first. An unknown word is shown as it is. */
export function tell(word: string): [Tone, string] {
  const known = WORDS[word] ?? WORDS[word.split(' ')[0] ?? ''];
  return known ?? ['unknown', word === '' ? 'Unknown' : word.charAt(0) + word.slice(1).toLowerCase().replaceAll('_', ' ')];
}

/** Worst first, for what must be told by one sign. */
const SEVERITY: Tone[] = ['fail', 'error', 'warn', 'unknown', 'running', 'pass'];

export function worst(tones: Tone[]): Tone {
  return SEVERITY.find((tone) => tones.includes(tone)) ?? 'unknown';
}

export function ToneIcon({ tone, size = 16 }: { tone: Tone; size?: number }) {
  const Icon = ICONS[tone];
  return <Icon size={size} stroke={2} aria-hidden />;
}

export function Status({ word, label, chip = false }: { word: string; label?: string; chip?: boolean }) {
  const [tone, usual] = tell(word);
  return (
    <span className={`status tone-${tone}${chip ? ' chip' : ''}`}>
      <ToneIcon tone={tone} />
      <span>{label ?? usual}</span>
    </span>
  );
}
