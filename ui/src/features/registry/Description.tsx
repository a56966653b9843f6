import { Button, Modal } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

interface Props {
  of: string;
  text: string;
  save: (text: string) => Promise<unknown>;
}

/** What people wrote about a model or a version. */
export function Description({ of, text, save }: Props) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(text);
  const doing = useMutation({ mutationFn: () => save(typed), onSuccess: () => setOpen(false) });
  return (
    <div className="description">
      {text === '' ? <span className="quiet">No description yet.</span> : <p className="pre-line">{text}</p>}
      <button
        type="button"
        className="icon-button"
        aria-label={`Describe ${of}`}
        onClick={() => {
          setTyped(text);
          setOpen(true);
        }}
      >
        <IconPencil size={16} stroke={2} aria-hidden />
      </button>
      <Modal opened={open} onClose={() => setOpen(false)} title={`Describe ${of}`}>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            doing.mutate();
          }}
        >
          <textarea
            className="field"
            rows={6}
            aria-label="Description"
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {doing.error ? (
            <p className="status tone-fail" role="alert">
              {doing.error.message}
            </p>
          ) : null}
          <div className="row">
            <Button type="submit" loading={doing.isPending}>
              Save
            </Button>
          </div>
        </form>
      </Modal>
    </div>
  );
}
