import type { RolloutDetail, RolloutPlan } from '../../api/rollouts';
import { duration, exact, percent } from '../../shared/format';

/** The steps of a rollout, and where it stands among them. Pure functions. */

export type StepState = 'done' | 'now' | 'ended' | 'ahead';

export interface PlannedStep {
  name: string;
  /** How long it lasts at least, and how many rows it needs. */
  needs: string;
  state: StepState;
}

type PlanStep = NonNullable<RolloutPlan['steps']>[number];

const shareText = (share: number) => percent(share, Number.isInteger(Math.round(share * 1e4) / 100) ? 0 : 1);

function needs(step: PlanStep, blockMillis: number): string {
  const time = step.blocks ? lasting(step.blocks * blockMillis) : `${step.days} ${step.days === 1 ? 'day' : 'days'}`;
  return step.rows ? `${time}, ${exact(step.rows)} rows` : time;
}

/** A time that was declared, without parts that are 0. */
function lasting(millis: number): string {
  const minutes = Math.round(millis / 60_000);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return minutes >= 1440 ? duration(millis) : [hours > 0 ? `${hours} h` : '', rest > 0 ? `${rest} min` : ''].filter(Boolean).join(' ');
}

/** Steps that were passed: each pass is a decision. */
export const passed = ({ decisions }: Pick<RolloutDetail, 'decisions'>) =>
  decisions.filter((one) => one.verdict.split(' ')[0] === 'ADVANCE').length;

export function stepsOf(rollout: Pick<RolloutDetail, 'plan' | 'phase' | 'decisions' | 'endedAt'>): PlannedStep[] {
  const at = passed(rollout);
  const state = (place: number): StepState => {
    if (rollout.phase === 'PROMOTED' || place < at) {
      return 'done';
    }
    return place > at ? 'ahead' : rollout.endedAt === null ? 'now' : 'ended';
  };
  return (rollout.plan?.steps ?? []).map((step, place) => ({
    name: step.shadow ? 'Shadow' : `Canary ${shareText(step.share)}`,
    needs: needs(step, rollout.plan?.pace?.blockMillis ?? 0),
    state: state(place),
  }));
}

/** When the present step may end at the earliest; undefined where days are judged, or nothing runs. */
export function earliestEnd(rollout: Pick<RolloutDetail, 'plan' | 'decisions' | 'startedAt' | 'endedAt'>): number | undefined {
  const step = rollout.plan?.steps?.[passed(rollout)];
  const block = rollout.plan?.pace?.blockMillis ?? 0;
  if (rollout.endedAt !== null || !step?.blocks || block === 0) {
    return undefined;
  }
  const advances = rollout.decisions.filter((one) => one.verdict.split(' ')[0] === 'ADVANCE').map((one) => one.at);
  return Math.max(rollout.startedAt, ...advances) + step.blocks * block;
}
