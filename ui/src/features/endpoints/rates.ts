import type { EndpointLive, LiveCounts } from '../../api/endpoints';
import { versionParts } from './words';

/** Rates from counts that only grow. Pure functions; what cannot be known is undefined, never 0. */

export interface Sample {
  at: number;
  scorers: { id: string; answered: boolean }[];
  versions: LiveCounts[];
  latency?: EndpointLive['latency'];
}

export interface Rate {
  rowsPerSecond: number;
  requestsPerSecond: number;
  failuresPerSecond: number;
  /** Of all requests; undefined without any. */
  failureShare: number | undefined;
  /** Mean time of an answered request; undefined without any. */
  meanMillis: number | undefined;
}

const SECOND = 1_000;
const NANOS_PER_MILLI = 1e6;

const answered = (sample: Sample) =>
  sample.scorers
    .filter((one) => one.answered)
    .map((one) => one.id)
    .sort()
    .join(' ');

/** Whether two looks count the same scorers, so that their difference is what happened between. */
export function comparable(before: Sample, now: Sample): boolean {
  return now.at > before.at && answered(now) !== '' && answered(now) === answered(before);
}

/**
 * What a version did between two looks; undefined when the looks cannot be compared, or a scorer began anew between them. Scorers call a
 * version by its number, or by its full name where another model's version has that number.
 */
export function rateOf(before: Sample, now: Sample, version: string): Rate | undefined {
  if (!comparable(before, now)) {
    return undefined;
  }
  const called = now.versions.some((one) => one.version === version) ? version : versionParts(version).number;
  const from = before.versions.find((one) => one.version === called);
  const to = now.versions.find((one) => one.version === called);
  return to ? between(from ?? NOTHING, to, (now.at - before.at) / SECOND) : undefined;
}

/** The same for all versions together. */
export function rateOfAll(before: Sample, now: Sample): Rate | undefined {
  if (!comparable(before, now)) {
    return undefined;
  }
  const shrunk = before.versions.some((one) => {
    const later = now.versions.find((other) => other.version === one.version);
    return later === undefined || later.requests < one.requests || later.failures < one.failures;
  });
  return shrunk ? undefined : between(sum(before.versions), sum(now.versions), (now.at - before.at) / SECOND);
}

const NOTHING: LiveCounts = { version: '', rows: 0, requests: 0, failures: 0, requestNanos: 0, modelNanos: 0 };

function sum(all: LiveCounts[]): LiveCounts {
  return all.reduce(
    (before, one) => ({
      version: '',
      rows: before.rows + one.rows,
      requests: before.requests + one.requests,
      failures: before.failures + one.failures,
      requestNanos: before.requestNanos + one.requestNanos,
      modelNanos: before.modelNanos + one.modelNanos,
    }),
    NOTHING,
  );
}

function between(from: LiveCounts, to: LiveCounts, seconds: number): Rate | undefined {
  const requests = to.requests - from.requests;
  const failures = to.failures - from.failures;
  const rows = to.rows - from.rows;
  if (requests < 0 || failures < 0 || rows < 0) {
    return undefined;
  }
  const all = requests + failures;
  return {
    rowsPerSecond: rows / seconds,
    requestsPerSecond: all / seconds,
    failuresPerSecond: failures / seconds,
    failureShare: all === 0 ? undefined : failures / all,
    meanMillis: requests === 0 ? undefined : (to.requestNanos - from.requestNanos) / requests / NANOS_PER_MILLI,
  };
}

export interface Quantile {
  millis: number;
  /** The value lies beyond the last edge: it is at least this. */
  beyond: boolean;
}

/** The time within which a share of the requests between two looks was answered, straight between the edges of its bucket. */
export function quantile(before: Sample, now: Sample, share: number): Quantile | undefined {
  const edges = now.latency?.seconds ?? [];
  const last = edges.at(-1);
  if (!comparable(before, now) || last === undefined || before.latency?.counts.length !== now.latency?.counts.length) {
    return undefined;
  }
  const counts = (now.latency?.counts ?? []).map((count, at) => count - (before.latency?.counts[at] ?? 0));
  const all = counts.reduce((one, other) => one + other, 0);
  if (all <= 0 || counts.some((count) => count < 0)) {
    return undefined;
  }
  let below = 0;
  for (const [at, count] of counts.entries()) {
    const edge = edges[at];
    if (edge === undefined) {
      break;
    }
    if (count > 0 && below + count >= share * all) {
      const low = edges[at - 1] ?? 0;
      return { millis: SECOND * (low + ((share * all - below) / count) * (edge - low)), beyond: false };
    }
    below += count;
  }
  return { millis: SECOND * last, beyond: true };
}

/** The newest look that is at least so old, or else the oldest: what the newest is compared with. */
export function earlier(history: Sample[], millis: number): Sample | undefined {
  const now = history.at(-1);
  if (!now) {
    return undefined;
  }
  return history.findLast((one) => now.at - one.at >= millis) ?? (history.length > 1 ? history[0] : undefined);
}

/** The history with one more look, none of them older than asked; a look that is there already changes nothing. */
export function extended(history: Sample[], look: Sample, millis: number): Sample[] {
  const last = history.at(-1);
  if (last && last.at >= look.at) {
    return history;
  }
  return [...history.filter((one) => look.at - one.at <= millis), look];
}
