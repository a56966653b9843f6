import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, rememberActor, rememberedActor } from '../../api/client';
import { deploy, endpoints } from '../../api/endpoints';
import '../../app/runs.css';

interface Props {
  /** Fixed where the dialog was opened from: models:/NAME/3. */
  version?: string | undefined;
  endpoint?: string | undefined;
  close: () => void;
}

type Way = 'shadow' | 'rollout' | 'canary' | 'now';

const SHARE_MOST = 50;

/** Asks what, where and why. The version is built and admitted in a worker before it serves anything. */
export default function DeployDialog({ version = '', endpoint = '', close: closed }: Props) {
  const [opener] = useState(() => document.activeElement as HTMLElement | null);
  // The dialog is gone before it could give the focus back.
  const close = () => {
    closed();
    requestAnimationFrame(() => opener?.focus());
  };
  const [source, setSource] = useState(version);
  const [name, setName] = useState(endpoint);
  const [way, setWay] = useState<Way>('shadow');
  const [percent, setPercent] = useState('10');
  const [plan, setPlan] = useState('shadow 10m, 10% 30m, 50% 1h');
  const [reason, setReason] = useState('');
  const [by, setBy] = useState(rememberedActor);
  const all = useQuery(endpoints.all());
  const there = all.data?.items.find((one) => one.name === name.trim());
  const first = !there || there.variants.length === 0;
  const lifecycle = there?.origin === 'lifecycle';
  const weight = Math.round(Number(percent) * 100);
  const wrongShare = way === 'canary' && !(weight > 0 && weight <= SHARE_MOST * 100);
  const beside = { shadow: {}, rollout: { rollout: { plan: plan.trim() } }, canary: { weight }, now: { now: true } };
  const client = useQueryClient();
  const navigate = useNavigate();
  const send = useMutation({
    mutationFn: () =>
      deploy(name.trim(), by.trim(), {
        version: source.trim(),
        ...(first ? {} : beside[way]),
        reason: reason.trim(),
      }),
    onSuccess: async () => {
      rememberActor(by.trim());
      await client.invalidateQueries({ queryKey: ['endpoints'] });
      close();
      await navigate({ to: '/endpoints/$endpoint', params: { endpoint: name.trim() } });
    },
  });
  const error = send.error instanceof ApiError ? send.error : undefined;
  const ofPlan = /^(plan|steps|block|rollout)/.test(error?.field ?? '');
  const ready = source.trim() !== '' && name.trim() !== '' && by.trim() !== '' && reason.trim() !== '' && !wrongShare && !lifecycle;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) {
      send.mutate();
    }
  };
  return (
    <Modal opened onClose={close} title={version === '' ? 'Deploy a version' : `Deploy ${version}`} size="lg">
      <form className="stack" onSubmit={submit}>
        {version === '' ? (
          <TextInput
            label="Version"
            description="As MLflow names it: models:/NAME/3 or models:/NAME@alias."
            required
            data-autofocus
            value={source}
            error={error?.field === 'version' ? error.message : undefined}
            onChange={(event) => setSource(event.currentTarget.value)}
          />
        ) : null}
        {endpoint === '' ? (
          <TextInput
            label="Endpoint"
            description="A new name makes a new endpoint."
            required
            maxLength={64}
            data-autofocus={version === '' ? undefined : true}
            value={name}
            error={
              lifecycle
                ? `${name.trim()} belongs to a lifecycle file, which alone decides what it serves`
                : error?.field === 'endpoint' || error?.field === 'name'
                  ? error.message
                  : undefined
            }
            onChange={(event) => setName(event.currentTarget.value)}
          />
        ) : null}
        {first ? (
          name.trim() === '' ? null : (
            <p className="small quiet">It is the first version there: it takes all traffic once it is admitted.</p>
          )
        ) : (
          <fieldset className="plain stack-tight">
            <legend className="strong">What it does beside the version that serves</legend>
            <Choice way="shadow" chosen={way} choose={setWay} text="Shadow: it scores copies of the calls and answers nobody." />
            <Choice way="rollout" chosen={way} choose={setWay} text="Rollout: it takes the traffic in steps, and harm stops it." />
            {way === 'rollout' ? (
              <TextInput
                label="Steps"
                description="Each with its time, and rows if it needs more: 10% 30m 500 rows."
                size="xs"
                value={plan}
                error={ofPlan ? error?.message : undefined}
                onChange={(event) => setPlan(event.currentTarget.value)}
              />
            ) : null}
            <Choice way="canary" chosen={way} choose={setWay} text="Canary: it answers a share of the callers." />
            {way === 'canary' ? (
              <TextInput
                label="Share of the traffic in percent"
                size="xs"
                value={percent}
                inputMode="decimal"
                error={wrongShare ? `A number above 0, at most ${SHARE_MOST}` : undefined}
                onChange={(event) => setPercent(event.currentTarget.value)}
              />
            ) : null}
            <Choice way="now" chosen={way} choose={setWay} text="Champion at once: it takes all traffic, and the former one stays warm." />
          </fieldset>
        )}
        <TextInput
          label="Your name"
          description="Goes into the ledger."
          required
          maxLength={100}
          value={by}
          error={error?.field === 'by' ? error.message : undefined}
          onChange={(event) => setBy(event.currentTarget.value)}
        />
        <Textarea
          label="Reason"
          description="Whoever reads this in a year should understand it."
          required
          rows={2}
          maxLength={2000}
          data-autofocus={version !== '' && endpoint !== '' ? true : undefined}
          value={reason}
          error={error?.field === 'reason' ? error.message : undefined}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {send.error && !ofPlan && !['version', 'endpoint', 'name', 'by', 'reason'].includes(error?.field ?? '') ? (
          <p className="status tone-fail" role="alert">
            {send.error.message}
          </p>
        ) : null}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={send.isPending} disabled={!ready}>
            Deploy
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Choice({ way, chosen, choose, text }: { way: Way; chosen: Way; choose: (way: Way) => void; text: string }) {
  return (
    <label className="choice">
      <input type="radio" name="way" checked={chosen === way} onChange={() => choose(way)} />
      {text}
    </label>
  );
}
