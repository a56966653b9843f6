import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, call, rememberActor, rememberedActor } from '../../api/client';

/** What a person is about to do, from what to what. */
export interface Act<Verb extends string = string> {
  verb: Verb;
  button: string;
  title: string;
  explains: ReactNode;
  danger?: boolean;
  body?: Record<string, unknown>;
}

interface Props {
  /** Below which address the verb is posted. */
  path: string;
  /** Queries of what is other afterwards. */
  changes: string[][];
  act: Act;
  /** Told when the answer tells nothing. */
  done?: string;
  close: () => void;
}

/** States the consequences, asks for name and reason, and shows why the server refused. */
export default function ActDialog({ path, changes, act, done = 'Done', close }: Props) {
  const [by, setBy] = useState(rememberedActor);
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: () =>
      call<{ title?: string; text?: string; serving?: string }>(`${path}/${act.verb}`, {
        method: 'POST',
        actor: by.trim(),
        body: { ...act.body, reason: reason.trim() },
      }),
    onSuccess: (told) => {
      rememberActor(by.trim());
      notifications.show({ title: told.title ?? done, message: told.text ?? told.serving, color: 'green' });
      close();
    },
    onSettled: () => Promise.all(changes.map((queryKey) => client.invalidateQueries({ queryKey }))),
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
