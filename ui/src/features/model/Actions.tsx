import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp, IconPlayerPause, IconPlayerPlay, IconSignature, IconSquareX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, call, rememberActor, rememberedActor } from '../../api/client';
import { modelPath } from '../../api/queries';
import type { Decision, ModelDetail } from '../../api/types';
import { percent } from '../../shared/format';

interface Act {
  verb: 'rollback' | 'pause' | 'resume' | 'abort' | 'sign';
  button: string;
  title: string;
  explains: ReactNode;
  danger?: boolean;
  body?: Record<string, unknown>;
}

/** What a person may do to this model now; each act asks for a name and a reason, which go into the ledger. */
export function Actions({ model }: { model: ModelDetail }) {
  const [act, setAct] = useState<Act>();
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
      {act ? <ActDialog key={act.verb} model={model.model} act={act} close={() => setAct(undefined)} /> : null}
    </div>
  );
}

function possible(model: ModelDetail): Record<Act['verb'], Act> {
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

function ActDialog({ model, act, close }: { model: string; act: Act; close: () => void }) {
  const [by, setBy] = useState(rememberedActor);
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: () =>
      call<Decision>(`${modelPath(model)}/${act.verb}`, { method: 'POST', actor: by.trim(), body: { ...act.body, reason: reason.trim() } }),
    onSuccess: (decision) => {
      rememberActor(by.trim());
      notifications.show({ title: decision.title, message: decision.text, color: 'green' });
      close();
    },
    onSettled: () =>
      Promise.all([client.invalidateQueries({ queryKey: ['model', model] }), client.invalidateQueries({ queryKey: ['models'] })]),
  });
  const error = send.error instanceof ApiError ? send.error : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (by.trim() !== '' && reason.trim() !== '') {
      send.mutate();
    }
  };
  return (
    <Modal opened onClose={close} title={act.title} size="lg">
      <form onSubmit={submit} className="stack">
        <div className="stack-tight">{act.explains}</div>
        <TextInput
          label="Your name"
          description="Goes into the ledger."
          required
          maxLength={100}
          value={by}
          data-autofocus={by === '' ? true : undefined}
          error={error?.field === 'by' ? error.message : undefined}
          onChange={(event) => setBy(event.currentTarget.value)}
        />
        <Textarea
          label="Reason"
          description="Whoever reads this in a year should understand it."
          required
          autosize
          minRows={2}
          maxLength={2000}
          value={reason}
          data-autofocus={by === '' ? undefined : true}
          error={error?.field === 'reason' ? error.message : undefined}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {error && error.field !== 'by' && error.field !== 'reason' ? (
          <div className="banner tone-fail" role="alert" style={{ margin: 0 }}>
            <div>
              <p>{error.message}</p>
              <p className="mono small quiet">{error.code}</p>
            </div>
          </div>
        ) : null}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            {...(act.danger ? { color: 'red.9' } : {})}
            loading={send.isPending}
            disabled={by.trim() === '' || reason.trim() === ''}
          >
            {act.button}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
