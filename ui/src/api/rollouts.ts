/** Rollouts as the server tells them, behind a model and behind an endpoint. */

export interface RolloutState {
  candidate: string;
  champion: string;
  phase: string;
  step: number;
  startedAt: number;
  stepEnteredAt: number;
  stepEndsAt: number;
  extensions: number;
  hold: { by: string; reason: string; at: number } | null;
}

export interface RolloutStep {
  shadow: boolean;
  share: number;
  days: number;
}

export type GuardVerdict = 'CLEAR' | 'SHOWN' | 'NOT_COMPUTABLE' | 'OFF';

/** One guard at one look; bounds hold at every look at once, and harm is shown when `low` lies above `bound`. */
export interface GuardLook {
  guard: string;
  clusters: number;
  estimate: number | null;
  low: number | null;
  high: number | null;
  bound: number;
  alpha: number;
  deff: number;
  verdict: GuardVerdict;
  why: string | null;
}

export interface RolloutLook {
  at: number;
  step: number;
  guards: GuardLook[];
  minima: { clusters: number; clustersNeeded: number; rows: number; rowsNeeded: number };
}

/** What a rollout was begun with; blocks of minutes are judged where no days are. */
export interface RolloutPlan {
  pace?: { blockMillis: number };
  replayed?: boolean;
  steps?: { shadow: boolean; share: number; days: number; blocks?: number; rows?: number }[];
  stopOn?: { harmMetric?: string | null };
}

/** Where the scores of both versions lie on the same rows. */
export interface PairedScores {
  rows: number;
  places: { share: number; champion: number; candidate: number }[];
}

export interface RolloutMove {
  id: string;
  at: number;
  kind?: string;
  verdict: string;
  title: string;
  text: string;
  /** Hash of its ledger entry. */
  entry?: string | null;
}

export interface RolloutEntry {
  id: string;
  version: number;
  champion: number;
  /** Both with their models' names, where an endpoint may hold those of several. */
  candidate?: string;
  replaces?: string;
  plan?: RolloutPlan;
  phase: string;
  startedAt: number;
  endedAt: number | null;
}

export interface RolloutDetail extends RolloutEntry {
  looks: RolloutLook[];
  decisions: RolloutMove[];
  /** Behind an endpoint that no lifecycle file made; null while no row was scored by both. */
  scores?: PairedScores | null;
}
