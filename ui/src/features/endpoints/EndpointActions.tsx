import { Button } from '@mantine/core';
import { IconArrowBackUp, IconArrowUp, IconPlayerPause, IconPlayerPlay, IconRocket, IconSignature, IconSquareX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { access } from '../../api/access';
import { type EndpointDetail, endpointPath } from '../../api/endpoints';
import { queries } from '../../api/queries';
import type { Act } from '../model/ActDialog';
import { Actions } from '../model/Actions';
import { byRole, lifeOf, missing, shareText, variantName } from './words';

const ActDialog = lazy(() => import('../model/ActDialog'));
const DeployDialog = lazy(() => import('./DeployDialog'));

const ENDED = ['PROMOTED', 'ABORTED', 'STOPPED', 'ROLLED_BACK'];

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
  const [deploying, setDeploying] = useState(false);
  const opener = useRef<HTMLElement>(null);
  const { data: me } = useQuery(access.me());
  const rollouts = useQuery({ ...queries.rollouts(endpointPath(endpoint.name)), enabled: endpoint.rollout !== null });
  const running = rollouts.data?.items.find((one) => one.endedAt === null && !ENDED.includes(one.phase));
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
          <RolloutActs
            paused={running?.phase === 'PAUSED'}
            signing={running?.phase === 'AWAITING_SIGNATURE'}
            locked={locked}
            act={setAct}
          />
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
            path={endpointPath(endpoint.name)}
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
  paused: boolean;
  /** The step waits for a person's signature. */
  signing: boolean;
  locked: { disabled?: boolean; title?: string };
  act: (act: Act) => void;
}

function RolloutActs({ paused, signing, locked, act }: RolloutActsProps) {
  return (
    <>
      {signing ? (
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
  explains: <p>Nothing taught what chance does to this endpoint, hence a person decides: with your signature the next step is entered.</p>,
};

/** From the champion back to the one before, when that is kept warm. */
export function rollbackOf(endpoint: Pick<EndpointDetail, 'name' | 'variants'>): Act | undefined {
  const champion = endpoint.variants.find((one) => one.role === 'champion');
  const warm = byRole(endpoint.variants).find((one) => one.role === 'warm');
  if (!champion || !warm) {
    return undefined;
  }
  const [from, to] = [variantName(endpoint.name, champion.version), variantName(endpoint.name, warm.version)];
  return {
    verb: 'rollback',
    button: `Roll back to ${to}`,
    title: `Roll back from ${from} to ${to}?`,
    explains: (
      <>
        <p>
          {to} is loaded and waiting. It takes all traffic of <code>{endpoint.name}</code> at once; no request fails meanwhile.
        </p>
        <p className="quiet">To undo it, roll back once more: that goes forward again.</p>
      </>
    ),
    danger: true,
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
