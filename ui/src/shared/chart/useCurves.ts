import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { tracking } from '../../api/mlflow';
import { curvesOf } from './curves';
import type { XKind } from './plot';
import { type Points, smooth } from './series';

/** Runs that one request asks for: a hundred runs come in a few parts, and what is there is drawn. */
const TOGETHER = 25;
const POINTS = 1000;

export interface Curve {
  points: Points;
  /** As logged, when `points` are smoothed. */
  raw: Points | undefined;
}

interface Asked {
  runs: string[];
  metric: string;
  axis: XKind;
  /** 0 to 99. */
  smoothing: number;
  live: boolean;
  enabled?: boolean;
}

export function useCurves({ runs, metric, axis, smoothing, live, enabled = true }: Asked): {
  curves: Map<string, Curve>;
  pending: boolean;
  error: Error | null;
} {
  const parts = enabled
    ? Array.from({ length: Math.ceil(runs.length / TOGETHER) }, (_, at) => runs.slice(at * TOGETHER, (at + 1) * TOGETHER))
    : [];
  const answers = useQueries({ queries: parts.map((part) => tracking.curves(part, metric, POINTS, live)) });
  const stamp = answers.map((answer) => answer.dataUpdatedAt).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp tells when an answer came
  const points = useMemo(
    () =>
      curvesOf(
        answers.flatMap((answer) => answer.data ?? []),
        axis,
      ),
    [stamp, metric, axis],
  );
  const curves = useMemo(
    () =>
      new Map(
        [...points].map(([run, raw]): [string, Curve] => [
          run,
          smoothing > 0 ? { points: { x: raw.x, y: smooth(raw.y, smoothing / 100) }, raw } : { points: raw, raw: undefined },
        ]),
      ),
    [points, smoothing],
  );
  return { curves, pending: answers.some((answer) => answer.isPending), error: answers.find((answer) => answer.error)?.error ?? null };
}
