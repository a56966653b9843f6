import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

interface Props {
  title: string;
  verb: string;
  name?: string;
  /** Does it; what it throws is shown, and the dialog stays. */
  act: (name: string) => Promise<unknown>;
  close: () => void;
}

/** Asks for a name: of something new, or another one for something that is there. */
export function NameDialog({ title, verb, name = '', act, close }: Props) {
  const [typed, setTyped] = useState(name);
  const doing = useMutation({ mutationFn: () => act(typed.trim()), onSuccess: close });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    doing.mutate();
  };
  return (
    <Modal opened onClose={close} title={title}>
      <form className="stack" onSubmit={submit}>
        <label className="stack-tight">
          Name
          <input className="field" data-autofocus value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        </label>
        {doing.error ? (
          <p className="status tone-fail" role="alert">
            {doing.error.message}
          </p>
        ) : null}
        <div className="row">
          <Button type="submit" loading={doing.isPending} disabled={typed.trim() === '' || typed.trim() === name}>
            {verb}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
