import type { Alert } from '../../api/types';

export function alertWord(kind: string): string {
  const text = kind.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export type AlertWord = 'OPEN' | 'SILENCED' | 'RESOLVED';

/** What people call its state: an open alert whose messages are held back is silenced. Both run on the model's clock. */
export function alertState(alert: Pick<Alert, 'state' | 'silencedUntil'>, clock: number): AlertWord {
  if (alert.state === 'RESOLVED') {
    return 'RESOLVED';
  }
  return alert.silencedUntil !== null && alert.silencedUntil > clock ? 'SILENCED' : 'OPEN';
}

/** When an alert was last heard of. */
export function lastHeard(alert: Pick<Alert, 'openedAt' | 'resolvedAt' | 'findings'>): number {
  return Math.max(alert.openedAt, alert.resolvedAt ?? 0, ...alert.findings.map((finding) => finding.lastSeen ?? finding.at));
}
