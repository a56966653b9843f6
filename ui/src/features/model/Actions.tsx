import { Button } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPause, IconPlayerPlay, IconSignature, IconSquareX } from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { modelPath } from '../../api/queries';
import type { ModelDetail } from '../../api/types';
import { percent } from '../../shared/format';
import type { Act } from './ActDialog';

type Verb = 'rollback' | 'pause' | 'resume' | 'abort' | 'sign';

const ActDialog = lazy(() => import('./ActDialog'));

/** What a person may do to this model now; each act asks for a name and a reason, which go into the ledger. */
export function Actions({ model }: { model: ModelDetail }) {
  const [act, open] = useState<Act<Verb>>();
  const opener = useRef<HTMLElement>(null);
  const setAct = (next: Act<Verb>) => {
    opener.current = document.activeElement as HTMLElement | null;
    open(next);
  };
  // The dialog is gone before it could give the focus back.
  const close = () => {
    open(undefined);
    requestAnimationFrame(() => opener.current?.focus());
  };
  const acts = possible(model);
  return (
    <div className="row">
      {model.review === null ? null : (
        <Button leftSection={<IconSignature size={16} stroke={2} aria-hidden />} onClick={() => setAct(acts.sign)}>
          Sign v{model.review}
        </Button>
      )}
      {model.rollout ? (
        <Button variant="default" leftSection={<IconSquareX size={16} stroke={2} aria-hidden />} onClick={() => setAct(acts.abort)}>
          Abort rollout
        </Button>
      ) : null}
      {model.paused ? (
        <Button variant="default" leftSection={<IconPlayerPlay size={16} stroke={2} aria-hidden />} onClick={() => setAct(acts.resume)}>
          Resume
        </Button>
      ) : (
        <Button variant="default" leftSection={<IconPlayerPause size={16} stroke={2} aria-hidden />} onClick={() => setAct(acts.pause)}>
          Pause
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={16} stroke={2} aria-hidden />}
        disabled={model.champion === null}
        onClick={() => setAct(acts.rollback)}
      >
        Roll back
      </Button>
      <Suspense fallback={null}>
        {act ? (
          <ActDialog
            key={act.verb}
            path={modelPath(model.model)}
            changes={[['model', model.model], ['models'], ['endpoints']]}
            act={act}
            close={close}
          />
        ) : null}
      </Suspense>
    </div>
  );
}

function possible(model: ModelDetail): { [verb in Verb]: Act<Verb> } {
  const warm = model.variants
    .find((variant) => variant.role === 'warm')
    ?.version.split('/')
    .at(-1);
  const rollout = model.rollout;
  return {
    rollback: {
      verb: 'rollback',
      button: warm ? `Roll back to v${warm}` : 'Roll back',
      title: warm ? `Roll back from v${model.champion} to v${warm}?` : `Roll back from v${model.champion}?`,
      explains: (
        <>
          <p>
            {warm ? `Version ${warm} is loaded and waiting. It` : 'The champion before this one'} takes all traffic of{' '}
            <code>{model.model}</code> at once; no request fails meanwhile.
          </p>
          <p className="quiet">To undo it, roll back once more: that goes forward again.</p>
        </>
      ),
      danger: true,
    },
    pause: {
      verb: 'pause',
      button: 'Pause the loop',
      title: `Pause the loop of ${model.model}?`,
      explains: (
        <p>
          No candidate is made and no rollout step is entered until somebody resumes it. Traffic stays as it is, and harm, errors and score
          shifts still stop a running rollout.
        </p>
      ),
    },
    resume: {
      verb: 'resume',
      button: 'Resume the loop',
      title: `Resume the loop of ${model.model}?`,
      explains: <p>Schedules, triggers and rollout steps go on from the model's clock. What was due meanwhile is not made up for.</p>,
    },
    abort: {
      verb: 'abort',
      button: rollout ? `Abort the rollout of v${rollout.version}` : 'Abort',
      title: rollout ? `Abort the rollout of v${rollout.version}?` : 'Abort the rollout?',
      explains: rollout ? (
        <>
          <p>
            Version {rollout.champion} takes back all traffic at once
            {share(model, rollout.version) > 0
              ? `, including the ${percent(share(model, rollout.version), 0)} that version ${rollout.version} answers now`
              : ''}
            .
          </p>
          <p className="quiet">
            It cannot be undone: version {rollout.version} does not come back by itself. The next candidate may be tried at once.
          </p>
        </>
      ) : null,
      danger: true,
    },
    sign: {
      verb: 'sign',
      button: `Sign v${model.review}`,
      title: `Sign version ${model.review}?`,
      explains: (
        <p>
          Its gates passed, but something about it asks for a person’s look. With your signature it{' '}
          {model.champion === null ? 'serves at once' : 'goes into its rollout, shadow first'}. Your name is not authenticated yet, and the
          ledger says so.
        </p>
      ),
      body: { version: model.review },
    },
  };
}

function share(model: ModelDetail, version: number): number {
  return (model.variants.find((variant) => variant.version.endsWith(`/${version}`) && variant.role === 'canary')?.weight ?? 0) / 10_000;
}
