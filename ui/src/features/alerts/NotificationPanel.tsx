import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, call } from '../../api/client';
import { queries } from '../../api/queries';
import type { NotificationState } from '../../api/types';
import { Panel } from '../../shared/bits';
import { Status } from '../../shared/Status';
import { Asked } from '../../shared/states';

/** Where alerts are told, besides here and in the server's log. */
export function NotificationPanel() {
  const notifications = useQuery(queries.notifications());
  return (
    <Panel title="Notifications">
      <Asked query={notifications} what="The setting of notifications is" rows={2}>
        {(setting) => <WebhookForm setting={setting} />}
      </Asked>
    </Panel>
  );
}

function WebhookForm({ setting }: { setting: NotificationState }) {
  const webhook = setting.webhook ?? '';
  const [typed, setTyped] = useState<string>();
  const url = typed ?? webhook;
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => call('api/notifications', { method: 'PUT', body: { webhook: url.trim() } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['notifications'] });
      setTyped(undefined);
    },
  });
  const test = useMutation({
    mutationFn: () => call<{ delivered?: boolean; error?: string | null }>('api/notifications/test', { method: 'POST', body: {} }),
  });
  const error = [save.error, test.error].find((one) => one instanceof ApiError);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.reset();
    save.mutate();
  };
  return (
    <form className="panel-body stack" onSubmit={submit}>
      <TextInput
        label="Webhook"
        description="A JSON message is posted here when an alert opens or resolves. Leave it empty to log only."
        placeholder="https://hooks.example.org/perennial"
        type="url"
        value={url}
        maxLength={2000}
        style={{ maxWidth: 560 }}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={url.trim() === webhook}>
          Save
        </Button>
        <Button
          variant="default"
          loading={test.isPending}
          disabled={webhook === '' || url.trim() !== webhook}
          onClick={() => {
            save.reset();
            test.mutate();
          }}
        >
          Send a test message
        </Button>
        <span role="status">{test.data ? <TestResult {...test.data} /> : save.isSuccess ? <Status word="OK" label="Saved" /> : null}</span>
      </div>
      {setting.waiting ? <p className="small quiet">{setting.waiting} messages wait to be delivered.</p> : null}
      {setting.lastError ? <p className="small quiet">Last failure: {setting.lastError}</p> : null}
      {error ? (
        <div className="banner tone-fail" role="alert" style={{ margin: 0 }}>
          <p>{error.message}</p>
        </div>
      ) : null}
    </form>
  );
}

function TestResult({ delivered, error }: { delivered?: boolean; error?: string | null }) {
  return delivered === false ? (
    <Status word="FAILED" label={`Not delivered: ${error ?? 'no reason given'}`} />
  ) : (
    <Status word="OK" label="The receiver took it" />
  );
}
