import { Button, Modal } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

interface Props {
  /** Whose tags they are, for the names of the buttons. */
  of: string;
  tags: [string, string][];
  put: (key: string, value: string) => Promise<unknown>;
  remove: (key: string) => Promise<unknown>;
  changed: () => void;
  /** They can only be read. */
  fixed?: boolean;
}

/** Tags that people read and set. */
export function Tags({ of, tags, put, remove, changed, fixed = false }: Props) {
  const [open, setOpen] = useState(false);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const add = useMutation({
    mutationFn: () => put(key.trim(), value),
    onSuccess: () => {
      setOpen(false);
      setKey('');
      setValue('');
      changed();
    },
  });
  const drop = useMutation({ mutationFn: remove, onSuccess: changed });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <div className="row">
      {tags.map(([name, text]) => (
        <span key={name} className="tag named" title={`${name}: ${text}`}>
          <span className="cut">
            {name}: <b>{text}</b>
          </span>
          {fixed ? null : (
            <button
              type="button"
              className="icon-button tiny"
              aria-label={`Remove the tag ${name} of ${of}`}
              onClick={() => drop.mutate(name)}
            >
              <IconX size={12} stroke={2} aria-hidden />
            </button>
          )}
        </span>
      ))}
      {fixed ? null : (
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconPlus size={14} stroke={2} aria-hidden />}
          aria-label={`Add a tag to ${of}`}
          onClick={() => setOpen(true)}
        >
          Tag
        </Button>
      )}
      {drop.error ? <span className="status tone-fail small">{drop.error.message}</span> : null}
      <Modal opened={open} onClose={() => setOpen(false)} title={`Tag ${of}`}>
        <form className="stack" onSubmit={submit}>
          <label className="stack-tight">
            Key
            <input className="field" data-autofocus value={key} onChange={(event) => setKey(event.currentTarget.value)} />
          </label>
          <label className="stack-tight">
            Value
            <input className="field" value={value} onChange={(event) => setValue(event.currentTarget.value)} />
          </label>
          {add.error ? (
            <p className="status tone-fail" role="alert">
              {add.error.message}
            </p>
          ) : null}
          <div className="row">
            <Button type="submit" loading={add.isPending} disabled={key.trim() === ''}>
              Set the tag
            </Button>
          </div>
        </form>
      </Modal>
    </div>
  );
}
