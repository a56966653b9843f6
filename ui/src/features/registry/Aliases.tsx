import { Button } from '@mantine/core';
import { IconAt, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { told } from '../../api/mlflow';
import { NameDialog } from '../../shared/NameDialog';

interface Props {
  name: string;
  version: string;
  aliases: string[];
  changed: () => Promise<void>;
}

/** Names that point to a version and can be moved to another. */
export function Aliases({ name, version, aliases, changed }: Props) {
  const [open, setOpen] = useState(false);
  const drop = useMutation({
    mutationFn: (alias: string) => told('registered-models/alias', { name, alias }, 'DELETE'),
    onSuccess: changed,
  });
  return (
    <div className="row">
      {aliases.map((alias) => (
        <span key={alias} className="tag named alias">
          <b>@{alias}</b>
          <button
            type="button"
            className="icon-button tiny"
            aria-label={`Remove the alias ${alias} of version ${version}`}
            onClick={() => drop.mutate(alias)}
          >
            <IconX size={12} stroke={2} aria-hidden />
          </button>
        </span>
      ))}
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        leftSection={<IconAt size={14} stroke={2} aria-hidden />}
        aria-label={`Give version ${version} an alias`}
        onClick={() => setOpen(true)}
      >
        Alias
      </Button>
      {drop.error ? <span className="status tone-fail small wrap-anywhere">{drop.error.message}</span> : null}
      {open ? (
        <NameDialog
          title={`An alias for version ${version}`}
          verb="Point it here"
          act={async (alias) => {
            await told('registered-models/alias', { name, alias, version });
            await changed();
          }}
          close={() => setOpen(false)}
        />
      ) : null}
    </div>
  );
}
