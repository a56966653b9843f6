import { IconArrowNarrowRight, IconCircleCheck, IconCircleDashed, IconCircleX, IconProgress } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { queries } from '../../api/queries';
import type { GuardLook, PairedScores, RolloutDetail, RolloutLook, RolloutMove } from '../../api/rollouts';
import { EventTime, HashText, Scroll, useNow } from '../../shared/bits';
import { around, duration, exact, metric } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked } from '../../shared/states';
import { Guard, guardTitle } from './GuardSequence';
import { earliestEnd, type PlannedStep, type StepState, stepsOf } from './rolloutSteps';
import '../../app/rollout.css';

const DAY = 86_400_000;
const MOVES_SHOWN = 3;

interface Props {
  /** The address of the model, or of an endpoint that no lifecycle file made; see {@link queries.rollouts}. */
  of: string;
  /** In which days are told. */
  zone: string;
  /** Whose decisions have pages; an endpoint's have none. */
  model?: string;
}

/** The newest rollout: where it stands, each guard's sequence against its bound, look by look, and what was decided. */
export default function RolloutPanel({ of, zone, model }: Props) {
  const rollouts = useQuery(queries.rollouts(of));
  const newest = rollouts.data?.items[0];
  return newest ? <Newest of={of} zone={zone} id={newest.id} version={newest.version} {...(model ? { model } : {})} /> : null;
}

function Newest({ of, zone, model, id, version }: Props & { id: string; version: number }) {
  const detail = useQuery(queries.rollout(of, id));
  return (
    <section className="panel" aria-label={`Rollout of version ${version}`}>
      <Asked query={detail} what="The rollout is" rows={3}>
        {(rollout) => <Shown zone={zone} rollout={rollout} model={model} />}
      </Asked>
    </section>
  );
}

function Shown({ zone, rollout, model }: { zone: string; rollout: RolloutDetail; model: string | undefined }) {
  const last = rollout.looks.at(-1);
  const block = rollout.plan?.pace?.blockMillis ?? 0;
  const own = block > 0 && rollout.candidate !== undefined && rollout.replaces !== undefined;
  const [candidate, champion] = own ? [rollout.candidate, rollout.replaces] : [`v${rollout.version}`, `v${rollout.champion}`];
  return (
    <div className="stack panel-body">
      <div className="row">
        <h2 className="wrap-anywhere">
          Rollout of {candidate} against {champion}
        </h2>
        <Status word={rollout.phase} chip />
        <span className="small quiet">
          since <EventTime at={rollout.startedAt} zone={zone} day={block === 0} />
          {rollout.endedAt === null ? null : (
            <>
              {' '}
              until <EventTime at={rollout.endedAt} zone={zone} day={block === 0} />
            </>
          )}
        </span>
      </div>
      <Steps steps={stepsOf(rollout)} />
      {last ? (
        <Looks rollout={rollout} last={last} block={block} zone={zone} />
      ) : (
        <p className="quiet small">
          {block === 0
            ? 'No day has closed yet: the first look comes with the next publication hour.'
            : `No block of ${duration(block)} has closed yet: the first look comes with it.`}
        </p>
      )}
      {rollout.scores ? <Places scores={rollout.scores} names={[champion ?? '', candidate ?? '']} /> : null}
      <Moves moves={rollout.decisions} zone={zone} model={model} />
    </div>
  );
}

const ICONS: Record<StepState, typeof IconCircleCheck> = {
  done: IconCircleCheck,
  now: IconProgress,
  ended: IconCircleX,
  ahead: IconCircleDashed,
};
const STATES: Record<StepState, string> = { done: 'passed', now: 'runs now', ended: 'ended here', ahead: 'not begun' };
const TONES: Record<StepState, string> = { done: 'pass', now: 'running', ended: 'fail', ahead: 'unknown' };

function Steps({ steps }: { steps: PlannedStep[] }) {
  return steps.length === 0 ? null : (
    <ol className="rollout-steps" aria-label="Steps">
      {steps.map((step, at) => {
        const Icon = ICONS[step.state];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps stand in the order of the plan
          <Fragment key={at}>
            <li className={step.state === 'now' ? 'now' : undefined} aria-current={step.state === 'now' ? 'step' : undefined}>
              <span className={`status tone-${TONES[step.state]}`}>
                <Icon size={16} stroke={2} aria-hidden /> {step.name}
              </span>
              <span className="small quiet">
                {STATES[step.state]} · {step.needs}
              </span>
            </li>
            {at + 1 < steps.length ? (
              <li aria-hidden className="quiet">
                <IconArrowNarrowRight size={16} stroke={1.75} />
              </li>
            ) : null}
          </Fragment>
        );
      })}
    </ol>
  );
}

function Looks({ rollout, last, block, zone }: { rollout: RolloutDetail; last: RolloutLook; block: number; zone: string }) {
  const harmMetric = (rollout.plan?.stopOn?.harmMetric ?? 'loss').replaceAll('_', ' ');
  const judged = last.guards.filter((guard) => guard.verdict !== 'OFF');
  const off = last.guards.filter((guard) => guard.verdict === 'OFF');
  return (
    <>
      <p className="small quiet">
        {rollout.endedAt === null ? 'This step: ' : 'The last step: '}
        {last.minima.clusters} of {last.minima.clustersNeeded} {block === 0 ? 'days' : 'blocks'} closed, {exact(last.minima.rows)} rows of{' '}
        {exact(last.minima.rowsNeeded)}. <Next rollout={rollout} /> Harm is shown when a band lies above its bound; the bands hold at every
        look at once.
      </p>
      <div className="guards">
        {judged.map((guard) => (
          <Guard
            key={guard.guard}
            newest={guard}
            looks={rollout.looks}
            cluster={block === 0 ? DAY : block}
            days={block === 0}
            zone={zone}
            harmMetric={harmMetric}
          />
        ))}
      </div>
      {off.length > 0 ? <p className="small quiet">Not judged: {off.map(offText).join('; ')}.</p> : null}
    </>
  );
}

const offText = (guard: GuardLook) => `${guardTitle(guard.guard).toLowerCase()} (${guard.why ?? 'not asked for'})`;

/** When the step may end; days tell that themselves. */
function Next({ rollout }: { rollout: RolloutDetail }) {
  const now = useNow();
  const end = earliestEnd(rollout);
  if (end === undefined) {
    return null;
  }
  return end > now ? (
    <>It may end in {duration(end - now)}. </>
  ) : (
    <>Its time is over; it goes on once its blocks, rows and guards allow it. </>
  );
}

/** Where the scores of both versions lie, at the same shares of the rows. */
export function Places({ scores, names }: { scores: PairedScores; names: [string, string] }) {
  return (
    <div className="stack-tight">
      <strong>Scores on the same rows</strong>
      <span className="small quiet">
        {exact(scores.rows)} rows of the newest day that both scored
        {scores.places.every((one) => fine(one.champion) && fine(one.candidate)) ? '' : '; beyond 0 to 1 two digits are known'}
      </span>
      <PlacesTable places={scores.places} names={names} />
    </div>
  );
}

const fine = (score: number) => score >= 0 && score <= 1;
const BINNED = 2;

/** Beyond 0 to 1 scores are counted by magnitude: two digits are known. */
const scoreText = (score: number) => (fine(score) ? around(score, null, null).value : metric(score, BINNED));

function apartText(champion: number, candidate: number): string {
  const apart = candidate - champion;
  return fine(champion) && fine(candidate) ? around(apart, null, null).value : metric(apart, BINNED);
}

export function PlacesTable({ places, names }: { places: PairedScores['places']; names: [string, string] }) {
  return (
    <Scroll label="Scores at the same share of the rows">
      <table className="grid">
        <thead>
          <tr>
            <th>Rows below</th>
            <th className="num">{names[0]}</th>
            <th className="num">{names[1]}</th>
            <th className="num">Apart</th>
          </tr>
        </thead>
        <tbody>
          {places.map((one) => (
            <tr key={one.share}>
              <td>{Math.round(100 * one.share)} %</td>
              <td className="num">{scoreText(one.champion)}</td>
              <td className="num">{scoreText(one.candidate)}</td>
              <td className="num">{apartText(one.champion, one.candidate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** What was decided, the newest first, each with its ledger entry. */
function Moves({ moves, zone, model }: { moves: RolloutMove[]; zone: string; model: string | undefined }) {
  const newest = moves.toSorted((one, other) => other.at - one.at);
  if (newest.length === 0) {
    return null;
  }
  const [first, rest] = [newest.slice(0, MOVES_SHOWN), newest.slice(MOVES_SHOWN)];
  const shown = (all: RolloutMove[]) => all.map((one) => <Move key={one.id} move={one} zone={zone} model={model} />);
  return (
    <div className="stack-tight">
      <strong>Decisions</strong>
      <ol className="moves">{shown(first)}</ol>
      {rest.length > 0 ? (
        <details>
          <summary className="small">{rest.length} earlier</summary>
          <ol className="moves">{shown(rest)}</ol>
        </details>
      ) : null}
    </div>
  );
}

function Move({ move, zone, model }: { move: RolloutMove; zone: string; model: string | undefined }) {
  return (
    <li className="stack-tight">
      <span className="row">
        <Status word={move.verdict} />
        <span className="small quiet">
          <EventTime at={move.at} zone={zone} />
        </span>
        {model === undefined ? (
          <span className="small">{move.title}</span>
        ) : (
          <Link to="/models/$model" params={{ model }} search={{ decision: move.id }} className="small">
            {move.title}
          </Link>
        )}
        {move.entry ? (
          <span className="small quiet row-tight">
            ledger entry <HashText hash={move.entry} />
          </span>
        ) : null}
      </span>
      <span className="small quiet wrap-anywhere">{move.text}</span>
    </li>
  );
}
