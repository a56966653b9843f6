import { useQuery } from '@tanstack/react-query';
import { type RunTotal, tracking } from '../../api/mlflow';
import { ABSENT, exact } from '../../shared/format';
import { Seen } from '../../shared/Seen';

/** How many runs an experiment has, also while more are logged. */
export function RunCount(props: { experiment: string; deleted: boolean }) {
  return (
    <Seen height={20}>
      <Counted {...props} />
    </Seen>
  );
}

/** Exact as far as the server counted. */
export const totalText = ({ count, more }: RunTotal) => `${more ? 'more than ' : ''}${exact(count)}`;

function Counted({ experiment, deleted }: { experiment: string; deleted: boolean }) {
  const { data } = useQuery(tracking.runCount(experiment, deleted ? 'DELETED_ONLY' : 'ACTIVE_ONLY', true));
  if (!data) {
    return <span className="quiet">{ABSENT}</span>;
  }
  return <span className="nowrap">{totalText(data)}</span>;
}
