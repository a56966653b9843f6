import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type Experiment, told } from '../../api/mlflow';

interface Props {
  experiment: Experiment;
  changed: () => Promise<void>;
  close: () => void;
}

export function DeleteDialog({ experiment, changed, close }: Props) {
  const act = useMutation({
    mutationFn: () => told('experiments/delete', { experiment_id: experiment.experiment_id }),
    onSuccess: async () => {
      close();
      await changed();
    },
  });
  return (
    <Modal opened onClose={close} title={`Delete ${experiment.name}?`}>
      <div className="stack left">
        <p>
          It leaves the lists together with its runs. Nothing is lost yet: until the retention ends, “Deleted” shows it and “Restore” brings
          all of it back. Its name stays taken.
        </p>
        {act.error ? (
          <p className="status tone-fail" role="alert">
            {act.error.message}
          </p>
        ) : null}
        <div className="row">
          <Button loading={act.isPending} color="red.9" onClick={() => act.mutate()}>
            Delete the experiment
          </Button>
          <Button variant="default" onClick={close}>
            Leave as it is
          </Button>
        </div>
      </div>
    </Modal>
  );
}
