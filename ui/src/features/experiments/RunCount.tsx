import { queryOptions, useQuery } from '@tanstack/react-query';
import { told } from '../../api/mlflow';
import { ABSENT, exact } from '../../shared/format';
import { Seen } from '../../shared/Seen';

/** Counted up to here; a page of so many short runs is the dearest that one row may ask for. */
const COUNTED = 100;

const some = (experiment: string, deleted: boolean) =>
  queryOptions({
    queryKey: ['run-count', experiment, deleted],
    queryFn: async ({ signal }) => {
      const page = await told<{ runs?: unknown[]; next_page_token?: string }>(
        'runs/search',
        { experiment_ids: [experiment], max_results: COUNTED, run_view_type: deleted ? 'DELETED_ONLY' : 'ACTIVE_ONLY' },
        'POST',
        signal,
      );
      return { runs: page.runs?.length ?? 0, more: Boolean(page.next_page_token) };
    },
    staleTime: 10_000,
    refetchInterval: 30_000,
  });

/** How many runs an experiment has, exact when they are few. */
export function RunCount(props: { experiment: string; deleted: boolean }) {
  return (
    <Seen height={20}>
      <Counted {...props} />
    </Seen>
  );
}

function Counted({ experiment, deleted }: { experiment: string; deleted: boolean }) {
  const count = useQuery(some(experiment, deleted));
  return count.data ? (
    <span title={count.data.more ? `more than ${COUNTED}` : undefined}>{count.data.more ? `${COUNTED}+` : exact(count.data.runs)}</span>
  ) : (
    <span className="quiet">{ABSENT}</span>
  );
}
