import { Button, Modal } from '@mantine/core';
import { IconArrowsDiff, IconTrash, IconTrashOff } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/mlflow';

export const COMPARED_MAX = 100;

interface Props {
  picked: string[];
  /** The table shows deleted runs. */
  deleted: boolean;
  clear: () => void;
  changed: () => void;
}

/** What can be done with the runs that were picked. */
export function PickBar({ picked, deleted, clear, changed }: Props) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: async () => {
      for (const run of picked) {
        await told(deleted ? 'runs/restore' : 'runs/delete', { run_id: run });
      }
    },
    onSettled: () => void client.invalidateQueries({ queryKey: ['runs'] }),
    onSuccess: () => {
      setAsking(false);
      clear();
      changed();
    },
  });
  const runs = `${picked.length} ${picked.length === 1 ? 'run' : 'runs'}`;
  return (
    <div className="pick-bar">
      <span className="strong" role="status">
        {runs} picked
      </span>
      {picked.length >= 2 && picked.length <= COMPARED_MAX ? (
        <Button
          size="compact-md"
          leftSection={<IconArrowsDiff size={16} stroke={2} aria-hidden />}
          renderRoot={(props) => <Link to="/compare" search={{ runs: picked.join(',') }} {...props} />}
        >
          Compare
        </Button>
      ) : (
        <span className="quiet small">{picked.length < 2 ? 'Pick another one to compare' : `At most ${COMPARED_MAX} are compared`}</span>
      )}
      <Button
        size="compact-md"
        variant="default"
        leftSection={deleted ? <IconTrashOff size={16} stroke={2} aria-hidden /> : <IconTrash size={16} stroke={2} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        {deleted ? 'Restore' : 'Delete'}
      </Button>
      <Button size="compact-md" variant="subtle" color="gray" onClick={clear}>
        Pick none
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={deleted ? `Restore ${runs}?` : `Delete ${runs}?`}>
        <div className="stack">
          <p>
            {deleted
              ? 'They appear again among the active runs, with everything that was logged.'
              : 'They leave the lists. Nothing is lost yet: until the retention ends, “Deleted” shows them and “Restore” brings them back.'}
          </p>
          {act.error ? (
            <p className="status tone-fail" role="alert">
              {act.error.message}
            </p>
          ) : null}
          <div className="row">
            <Button loading={act.isPending} color={deleted ? 'green' : 'red.9'} onClick={() => act.mutate()}>
              {deleted ? `Restore ${runs}` : `Delete ${runs}`}
            </Button>
            <Button variant="default" onClick={() => setAsking(false)}>
              Leave as it is
            </Button>
          </div>
        </div>
      </Modal>
    </div>
  );
}
