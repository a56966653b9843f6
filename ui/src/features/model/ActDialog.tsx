import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, call, rememberActor, rememberedActor } from '../../api/client';
import { modelPath } from '../../api/queries';
import type { Decision } from '../../api/types';

/** What a person is about to do, from what to what. */
export interface Act {
  verb: 'rollback' | 'pause' | 'resume' | 'abort' | 'sign';
  button: string;
  title: string;
  explains: ReactNode;
  danger?: boolean;
  body?: Record<string, unknown>;
}

/** States the consequences, asks for name and reason, and shows why the server refused. */
export default function ActDialog({ model, act, close }: { model: string; act: Act; close: () => void }) {
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
          rows={3}
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
