import { Button } from '@mantine/core';
import { IconArrowBackUp, IconArrowUp, IconPlayerPause, IconPlayerPlay, IconRocket, IconSignature, IconSquareX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { access } from '../../api/access';
import { type EndpointDetail, endpointPath } from '../../api/endpoints';
import { queries } from '../../api/queries';
import type { RolloutDetail } from '../../api/rollouts';
import type { Act } from '../model/ActDialog';
import { Actions } from '../model/Actions';
import { byRole, lifeOf, missing, shareText, variantName } from './words';

const ActDialog = lazy(() => import('../model/ActDialog'));
const DeployDialog = lazy(() => import('./DeployDialog'));

/** What a person may do to the traffic now. Where a lifecycle decides, it is what one may do to its model. */
export function EndpointActions({ endpoint }: { endpoint: EndpointDetail }) {
  const model = lifeOf(endpoint);
  return model === undefined ? <Own endpoint={endpoint} /> : <OfLife model={model} />;
}

function OfLife({ model }: { model: string }) {
  const detail = useQuery(queries.model(model));
  return detail.data ? <Actions model={detail.data} /> : null;
}

function Own({ endpoint }: { endpoint: EndpointDetail }) {
  const [act, open] = useState<Act>();
  const here = endpointPath(endpoint.name);
  const [deploying, setDeploying] = useState(false);
  const opener = useRef<HTMLElement>(null);
  const { data: me } = useQuery(access.me());
  const rollout = useQuery({
    ...queries.rollout(endpointPath(endpoint.name), endpoint.rollout ?? ''),
    enabled: Boolean(endpoint.rollout),
  });
  const why = missing(me, endpoint, 'MANAGE');
  const setAct = (next: Act) => {
    opener.current = document.activeElement as HTMLElement | null;
    open(next);
  };
  // The dialog is gone before it could give the focus back.
  const close = () => {
    open(undefined);
    requestAnimationFrame(() => opener.current?.focus());
  };
  const rollback = rollbackOf(endpoint);
  const promote = promoteOf(endpoint);
  const locked = why === undefined ? {} : { disabled: true, title: why };
  return (
    <div className="stack-tight">
      <div className="row">
        <Button leftSection={<IconRocket size={16} stroke={2} aria-hidden />} {...locked} onClick={() => setDeploying(true)}>
          Deploy a version
        </Button>
        {endpoint.rollout ? (
          <RolloutActs rollout={rollout.data} locked={locked} act={setAct} />
        ) : promote ? (
          <Button
            variant="default"
            leftSection={<IconArrowUp size={16} stroke={2} aria-hidden />}
            {...locked}
            onClick={() => setAct(promote)}
          >
            Promote
          </Button>
        ) : null}
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={16} stroke={2} aria-hidden />}
          {...(rollback ? locked : { disabled: true, title: why ?? 'No former version is kept warm' })}
          onClick={() => rollback && setAct(rollback)}
        >
          Roll back
        </Button>
      </div>
      {why === undefined ? null : <p className="small quiet">{why}</p>}
      <Suspense fallback={null}>
        {act ? (
          <ActDialog
            key={act.verb}
            path={ROLLOUT.includes(act.verb) ? `${here}/rollouts/${endpoint.rollout}` : here}
            changes={[['endpoints']]}
            act={act}
            done={`${act.button}: done`}
            close={close}
          />
        ) : null}
        {deploying ? <DeployDialog endpoint={endpoint.name} close={() => setDeploying(false)} /> : null}
      </Suspense>
    </div>
  );
}

interface RolloutActsProps {
  rollout: RolloutDetail | undefined;
  locked: { disabled?: boolean; title?: string };
  act: (act: Act) => void;
}

function RolloutActs({ rollout, locked, act }: RolloutActsProps) {
  const paused = rollout !== undefined && isPaused(rollout);
  return (
    <>
      {rollout !== undefined && wantsSignature(rollout) ? (
        <Button leftSection={<IconSignature size={16} stroke={2} aria-hidden />} {...locked} onClick={() => act(SIGN)}>
          Sign the step
        </Button>
      ) : null}
      <Button
        variant="default"
        leftSection={paused ? <IconPlayerPlay size={16} stroke={2} aria-hidden /> : <IconPlayerPause size={16} stroke={2} aria-hidden />}
        {...locked}
        onClick={() => act(paused ? RESUME : PAUSE)}
      >
        {paused ? 'Resume' : 'Pause'}
      </Button>
      <Button variant="default" leftSection={<IconSquareX size={16} stroke={2} aria-hidden />} {...locked} onClick={() => act(ABORT)}>
        Abort rollout
      </Button>
    </>
  );
}

/** Acts on the running rollout; the others are on the endpoint. */
const ROLLOUT = ['pause', 'resume', 'abort', 'sign'];

/** Whether a person holds it: the newest of pauses and resumptions is a pause. */
export function isPaused({ decisions }: Pick<RolloutDetail, 'decisions'>): boolean {
  const moves = decisions.filter((one) => one.kind === 'PAUSE' || one.kind === 'RESUME').toSorted((one, other) => one.at - other.at);
  return moves.at(-1)?.kind === 'PAUSE';
}

/** Whether the step waits for a person, because a guard cannot be computed. */
export function wantsSignature({ looks }: Pick<RolloutDetail, 'looks'>): boolean {
  return looks.at(-1)?.guards.some((one) => one.verdict === 'NOT_COMPUTABLE') ?? false;
}

const PAUSE: Act = {
  verb: 'pause',
  button: 'Pause the rollout',
  title: 'Pause the rollout?',
  explains: <p>No further step is entered until somebody resumes it. Traffic stays as it is, and what is dangerous still stops it.</p>,
};
const RESUME: Act = {
  verb: 'resume',
  button: 'Resume the rollout',
  title: 'Resume the rollout?',
  explains: <p>Steps go on when their minima are met.</p>,
};
const ABORT: Act = {
  verb: 'abort',
  button: 'Abort the rollout',
  title: 'Abort the rollout?',
  explains: <p>The champion takes back all traffic at once. The candidate does not come back by itself.</p>,
  danger: true,
};
const SIGN: Act = {
  verb: 'sign',
  button: 'Sign the step',
  title: 'Sign the step of the rollout?',
  explains: (
    <p>
      A guard cannot be computed, hence nothing is promoted by itself. With your signature this step passes once its time and rows are
      there; what is dangerous still stops it.
    </p>
  ),
};

/** From the champion back to the one before, when that is kept warm. */
export function rollbackOf(
  endpoint: Pick<EndpointDetail, 'name' | 'variants'> & Partial<Pick<EndpointDetail, 'settings'>>,
): Act | undefined {
  const champion = endpoint.variants.find((one) => one.role === 'champion');
  const kept = byRole(endpoint.variants).filter((one) => one.role === 'warm');
  // What the endpoint falls back to is warm, too; the champion before is the other one where there are two.
  const warm = kept.find((one) => one.version !== endpoint.settings?.fallback?.version) ?? kept[0];
  if (!champion || !warm) {
    return undefined;
  }
  const [from, to] = [variantName(endpoint.name, champion.version), variantName(endpoint.name, warm.version)];
  const leaving = byRole(endpoint.variants).filter((one) => one.role === 'canary' || one.role === 'shadow');
  return {
    verb: 'rollback',
    button: `Roll back to ${to}`,
    title: `Roll back from ${from} to ${to}?`,
    explains: (
      <>
        <p>
          {to} is loaded and waiting. It takes all traffic of <code>{endpoint.name}</code> at once; no request fails meanwhile.
        </p>
        {leaving.length > 0 ? (
          <p>
            {leaving.map((one) => `${variantName(endpoint.name, one.version)} (${one.role})`).join(' and ')} leaves the endpoint, and has to
            be deployed again.
          </p>
        ) : null}
        <p className="quiet">To undo it, roll back once more: {from} takes all traffic again.</p>
      </>
    ),
    danger: true,
    body: { version: warm.version },
  };
}

/** The one canary, or else the one shadow, takes all traffic. */
export function promoteOf(endpoint: Pick<EndpointDetail, 'name' | 'variants'>): Act | undefined {
  const champion = endpoint.variants.find((one) => one.role === 'champion');
  const [candidate] = byRole(endpoint.variants).filter((one) => one.role === 'canary' || one.role === 'shadow');
  if (!champion || !candidate) {
    return undefined;
  }
  const [from, to] = [variantName(endpoint.name, champion.version), variantName(endpoint.name, candidate.version)];
  return {
    verb: 'promote',
    button: `Promote ${to}`,
    title: `Promote ${to} to champion?`,
    explains: (
      <>
        <p>
          {to} {candidate.weight > 0 ? `answers ${shareText(candidate.weight)} of the callers now` : 'answers nobody yet'}. It takes all
          traffic of <code>{endpoint.name}</code> at once, and {from} stays warm.
        </p>
        <p className="quiet">Nothing is tested by this: a rollout does that. To undo it, roll back.</p>
      </>
    ),
    body: { version: candidate.version },
  };
}
