import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../../api/queries';
import type { Estimate, ModelDetail } from '../../api/types';
import { EventTime, Fact, Progress } from '../../shared/bits';
import { ABSENT, around, count, exact, interval, metric, percent } from '../../shared/format';

function Measure({ estimate }: { estimate: Estimate | undefined }) {
  return (
    <>
      <span className="big" title={typeof estimate?.value === 'number' ? String(estimate.value) : 'not enough data'}>
        {metric(estimate?.value)}
      </span>{' '}
      <span className="quiet nowrap">{interval(estimate?.low, estimate?.high)}</span>
    </>
  );
}

/** How the model stands now. */
export function Now({ model, openVersion }: { model: ModelDetail; openVersion: (version: number) => void }) {
  const performance = model.performance;
  const skill = around(performance?.skill.value ?? null, performance?.skill.low ?? null, performance?.skill.high ?? null);
  return (
    <dl className="facts">
      <Fact name="Champion">
        {model.champion === null ? (
          <span className="big">{ABSENT}</span>
        ) : (
          <button type="button" className="cell-link big" onClick={() => openVersion(model.champion ?? 0)}>
            v{model.champion}
          </button>
        )}
      </Fact>
      <Fact name="Candidate">
        <Candidate model={model} openVersion={openVersion} />
      </Fact>
      <Fact name="Log loss, 14 days">
        <Measure estimate={performance?.logLoss} />
        <div className="small quiet">
          {performance
            ? `${exact(performance.labelled)} rows, ${percent(performance.coverage, 0)} of outcomes known`
            : 'no outcome known yet'}
        </div>
      </Fact>
      <Fact name="Skill">
        <span className="big" title={typeof performance?.skill.value === 'number' ? String(performance.skill.value) : 'not enough data'}>
          {skill.value}
        </span>{' '}
        <span className="quiet nowrap">{skill.range}</span>
        <div className="small quiet">against the rate alone</div>
      </Fact>
      <Fact name="Log records and outcomes">
        <span className="big" title={`${exact(model.records)} and ${exact(model.labels)}`}>
          {count(model.records)} · {count(model.labels)}
        </span>
        <Traffic model={model} />
      </Fact>
      <Fact name="Model clock">
        <EventTime at={model.clock} zone={model.timeZone} />
        <ReplayLine model={model} />
      </Fact>
    </dl>
  );
}

function Candidate({ model, openVersion }: { model: ModelDetail; openVersion: (version: number) => void }) {
  const rollout = model.rollout;
  if (!rollout) {
    return model.attempt === null ? (
      <span className="quiet">{model.review === null ? 'none under way' : `v${model.review} waits for a signature`}</span>
    ) : (
      <Link to="/runs" search={{ tab: 'pipelines', pipeline: model.attempt }}>
        being made
      </Link>
    );
  }
  const step = rollout.steps[rollout.state.step];
  const share = (model.clock - rollout.state.stepEnteredAt) / Math.max(1, rollout.state.stepEndsAt - rollout.state.stepEnteredAt);
  return (
    <div className="stack-tight">
      <span>
        <button type="button" className="cell-link big" onClick={() => openVersion(rollout.version)}>
          v{rollout.version}
        </button>{' '}
        {step ? (step.shadow ? 'shadow' : `canary ${percent(step.share, 0)}`) : rollout.state.phase.toLowerCase()}
      </span>
      <Progress share={share} label="Progress of this step" tone="running" />
      <span className="small quiet">
        step {rollout.state.step + 1} of {rollout.steps.length}, until <EventTime at={rollout.state.stepEndsAt} zone={model.timeZone} day />
        {rollout.state.extensions > 0 ? `, extended ${rollout.state.extensions}×` : ''}
        {rollout.state.hold ? `, held by ${rollout.state.hold.by}` : ''}
      </span>
    </div>
  );
}

function Traffic({ model }: { model: ModelDetail }) {
  const parts = model.variants
    .filter((variant) => variant.role !== 'warm')
    .map(
      (variant) =>
        `v${variant.version.split('/').at(-1)} ${variant.role}${variant.weight > 0 ? ` ${percent(variant.weight / 10_000, 0)}` : ''}`,
    );
  return <div className="small quiet">{parts.length > 0 ? parts.join(' · ') : 'no traffic yet'}</div>;
}

function ReplayLine({ model }: { model: ModelDetail }) {
  const replays = useQuery({ ...queries.replays(), enabled: model.scope !== '' });
  const replay = replays.data?.items.find((one) => one.model === model.model);
  if (!replay) {
    return null;
  }
  const share = Math.min(1, Math.max(0, (replay.clock - replay.plan.from) / Math.max(1, replay.plan.to - replay.plan.from)));
  return (
    <div className="stack-tight">
      <Progress share={share} label="Progress of the replay" tone={replay.state === 'RUNNING' ? 'running' : 'unknown'} />
      <span className="small quiet">
        replay {replay.state.toLowerCase()}, {Math.floor(100 * share)} %
      </span>
    </div>
  );
}
