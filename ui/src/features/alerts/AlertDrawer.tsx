import { Button, Drawer, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, call, rememberActor, rememberedActor } from '../../api/client';
import { queries } from '../../api/queries';
import type { Alert, Finding } from '../../api/types';
import { DrillTag, EventTime } from '../../shared/bits';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { alertState, alertWord } from './words';

const HOUR = 3_600_000;

/** One alert: what is wrong, the evidence as it came in, and what a person may do. */
export function AlertDrawer({ id, close, zone }: { id: string | undefined; close: () => void; zone?: string }) {
  const alerts = useQuery({ ...queries.alerts(), enabled: id !== undefined });
  const models = useQuery(queries.models());
  const found = alerts.data?.find((alert) => alert.id === id);
  const clock = models.data?.items.find((model) => model.model === found?.model)?.clock ?? Date.now();
  return (
    <Drawer opened={id !== undefined} onClose={close} title={found?.title ?? 'Alert'}>
      {id === undefined ? null : (
        <Asked query={alerts} what="Alerts are">
          {() => (found ? <AlertView alert={found} zone={zone ?? 'UTC'} clock={clock} /> : <Empty title="There is no such alert" />)}
        </Asked>
      )}
    </Drawer>
  );
}

function AlertView({ alert, zone, clock }: { alert: Alert; zone: string; clock: number }) {
  return (
    <div className="stack">
      <div className="row">
        <Status word={alertState(alert, clock)} chip />
        <Status word={alert.severity.toUpperCase()} />
        {alert.acknowledgedBy ? <Status word="ACKNOWLEDGED" label={`Acknowledged by ${alert.acknowledgedBy}`} /> : null}
        {alert.injected ? <DrillTag /> : null}
      </div>
      <p>{alert.text}</p>
      <dl className="pairs">
        <dt>Model</dt>
        <dd>
          <Link to="/models/$model" params={{ model: alert.model }} search={{ alert: alert.id }}>
            {alert.model}
          </Link>
        </dd>
        <dt>Cause</dt>
        <dd className="mono">{alert.cause}</dd>
        <dt>Open</dt>
        <dd>
          <EventTime at={alert.openedAt} zone={zone} />
          {alert.resolvedAt === null ? (
            ' until now'
          ) : (
            <>
              {' '}
              to <EventTime at={alert.resolvedAt} zone={zone} />
            </>
          )}
        </dd>
        {alert.silencedUntil === null ? null : (
          <>
            <dt>Silenced until</dt>
            <dd>
              <EventTime at={alert.silencedUntil} zone={zone} />
            </dd>
          </>
        )}
      </dl>
      <h3>Evidence</h3>
      {alert.findings.length === 0 ? <p className="quiet">Nothing was recorded with it.</p> : null}
      <ol className="list">
        {alert.findings.map((finding) => (
          <FindingView key={`${finding.at} ${finding.kind} ${finding.column ?? ''}`} finding={finding} zone={zone} />
        ))}
      </ol>
      {alert.state === 'RESOLVED' ? (
        <p className="quiet">Its cause is gone; there is nothing to do.</p>
      ) : (
        <Respond alert={alert} clock={clock} />
      )}
    </div>
  );
}

function FindingView({ finding, zone }: { finding: Finding; zone: string }) {
  return (
    <li style={{ padding: '8px 0' }}>
      <div className="spread">
        <span>
          <span className="strong">{alertWord(finding.kind)}</span> {finding.column ? <code>{finding.column}</code> : null}
        </span>
        <span className="quiet small">
          <EventTime at={finding.at} zone={zone} />
          {finding.lastSeen !== undefined && finding.lastSeen > finding.at ? (
            <>
              , still on <EventTime at={finding.lastSeen} zone={zone} day />
            </>
          ) : null}
        </span>
      </div>
      <p>{finding.text}</p>
      {finding.evidence ? <FindingEvidence evidence={finding.evidence} /> : null}
    </li>
  );
}

/** Short evidence is a line; numbers of a kind without a table are shown as they were recorded. */
function FindingEvidence({ evidence }: { evidence: unknown }) {
  if (typeof evidence === 'string') {
    return <p className="small quiet">Seen in {evidence}</p>;
  }
  return (
    <details>
      <summary className="small">Numbers</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <pre className="code-block" tabIndex={0}>
        {JSON.stringify(evidence, null, 2)}
      </pre>
    </details>
  );
}

const SILENCES: [string, string][] = [
  [String(4 * HOUR), '4 hours'],
  [String(24 * HOUR), '1 day'],
  [String(7 * 24 * HOUR), '7 days'],
];

function Respond({ alert, clock }: { alert: Alert; clock: number }) {
  const [by, setBy] = useState(rememberedActor);
  const [reason, setReason] = useState('');
  const [length, setLength] = useState(SILENCES[0]?.[0] ?? '');
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: (verb: 'acknowledge' | 'silence') =>
      call(`api/alerts/${encodeURIComponent(alert.id)}/${verb}`, {
        method: 'POST',
        actor: by.trim(),
        body: { reason: reason.trim(), ...(verb === 'silence' ? { until: clock + Number(length) } : {}) },
      }),
    onSuccess: () => {
      rememberActor(by.trim());
      setReason('');
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  });
  const error = send.error instanceof ApiError ? send.error : undefined;
  const ready = by.trim() !== '' && reason.trim() !== '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) {
      send.mutate('acknowledge');
    }
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h3>Respond</h3>
      <TextInput label="Your name" required maxLength={100} value={by} onChange={(event) => setBy(event.currentTarget.value)} />
      <Textarea
        label="Reason or note"
        required
        rows={3}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {error ? (
        <div className="banner tone-fail" role="alert" style={{ margin: 0 }}>
          <p>{error.message}</p>
        </div>
      ) : null}
      <div className="row" style={{ alignItems: 'flex-end' }}>
        <Button
          type="submit"
          disabled={!ready || alert.acknowledgedBy !== null}
          loading={send.isPending && send.variables === 'acknowledge'}
        >
          Acknowledge
        </Button>
        <NativeSelect
          label="Silence for"
          data={SILENCES.map(([value, label]) => ({ value, label }))}
          value={length}
          onChange={(event) => setLength(event.currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={!ready}
          loading={send.isPending && send.variables === 'silence'}
          onClick={() => send.mutate('silence')}
        >
          Silence
        </Button>
      </div>
      <p className="small quiet">
        Acknowledging says that somebody looks after it. Silencing only stops its messages; the alert stays open until its cause is gone.
      </p>
    </form>
  );
}
