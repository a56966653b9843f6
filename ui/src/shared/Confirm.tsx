import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  /** What happens, and what it cannot undo. */
  children: ReactNode;
  /** The deed in words: "Delete the model". */
  verb: string;
  danger?: boolean;
  act: () => Promise<unknown>;
  close: () => void;
}

/** Asks before a deed with consequences, and says why it did not happen. */
export function Confirm({ title, children, verb, danger = true, act, close }: Props) {
  const doing = useMutation({ mutationFn: act, onSuccess: close });
  return (
    <Modal opened onClose={close} title={title}>
      <div className="stack left">
        {children}
        {doing.error ? (
          <p className="status tone-fail" role="alert">
            {doing.error.message}
          </p>
        ) : null}
        <div className="row">
          <Button {...(danger ? { color: 'red.9' } : {})} loading={doing.isPending} onClick={() => doing.mutate()}>
            {verb}
          </Button>
          <Button variant="default" onClick={close}>
            Leave as it is
          </Button>
        </div>
      </div>
    </Modal>
  );
}
