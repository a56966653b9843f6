import { Button } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, useEffect, useRef, useState } from 'react';
import { queries } from '../../api/queries';
import type { PipelineRun } from '../../api/types';
import { Ago, Progress, Scroll, useNow } from '../../shared/bits';
import { duration } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';
import { Steps } from './Steps';

const FIRST = 20;
const MOST = 500;

/** What the loop's pipelines did, newest first; a run unfolds into its steps. */
export function PipelineRuns({ opened, open }: { opened: string | undefined; open: (run: string | undefined) => void }) {
  const [limit, setLimit] = useState(FIRST);
  const runs = useQuery(queries.pipelineRuns(limit));
  const keys = useListKeys();
  const missing = opened !== undefined && runs.data !== undefined && !runs.data.items.some((run) => run.run === opened);
  // The run of a link may be older than the first page.
  const linked = useQuery({ ...queries.pipelineRun(opened ?? ''), enabled: missing });
  return (
    <Asked query={runs} what="The list of pipeline runs is" rows={6}>
      {(page) =>
        page.items.length === 0 && !linked.data ? (
          <Empty title="No pipeline ran yet">
            <p className="quiet">Every candidate is made by one; the first starts when a lifecycle file is applied.</p>
          </Empty>
        ) : (
          <>
            <Scroll label="Pipeline runs">
              <table className="grid">
                <thead>
                  <tr>
                    <th>Pipeline</th>
                    <th>State</th>
                    <th>Steps</th>
                    <th>For</th>
                    <th>Asked for by</th>
                    <th>Started</th>
                    <th>Took</th>
                    <th>Reason</th>
                  </tr>
                </thead>
                <tbody onKeyDown={keys}>
                  {(missing && linked.data ? [linked.data, ...page.items] : page.items).map((run) => (
                    <Row
                      key={run.run}
                      run={run}
                      opened={opened === run.run}
                      toggle={() => open(opened === run.run ? undefined : run.run)}
                    />
                  ))}
                </tbody>
              </table>
            </Scroll>
            {missing && linked.data === null ? (
              <p className="panel-body quiet">The run of this link is not among the runs of this server.</p>
            ) : null}
            {page.next && limit < MOST ? (
              <div className="panel-body">
                <Button variant="default" loading={runs.isPlaceholderData} onClick={() => setLimit(Math.min(MOST, limit * 4))}>
                  Show older runs
                </Button>
              </div>
            ) : null}
          </>
        )
      }
    </Asked>
  );
}

/** A step counts as much as it is done. */
export function shareDone(run: Pick<PipelineRun, 'steps'>): number {
  const parts = run.steps.map((step) => (step.state === 'SUCCEEDED' || step.state === 'SKIPPED' ? 1 : step.share));
  return parts.length === 0 ? 0 : parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

function Row({ run, opened, toggle }: { run: PipelineRun; opened: boolean; toggle: () => void }) {
  const now = useNow(1000);
  const row = useRef<HTMLTableRowElement>(null);
  const model = run.subject ?? run.model ?? '';
  useEffect(() => {
    if (opened) {
      row.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [opened]);
  return (
    <Fragment>
      <tr ref={row}>
        <td>
          <button type="button" className="cell-link row-tight" data-row aria-expanded={opened} onClick={toggle}>
            {opened ? <IconChevronDown size={16} stroke={2} aria-hidden /> : <IconChevronRight size={16} stroke={2} aria-hidden />}
            {run.pipeline} <code className="quiet">{run.run.slice(-6)}</code>
          </button>
        </td>
        <td>
          <Status word={run.state} />
        </td>
        <td>
          <Progress
            share={shareDone(run)}
            label={`Steps of ${run.run} that are done`}
            tone={run.endedAt === 0 ? 'running' : run.state === 'SUCCEEDED' ? 'pass' : 'fail'}
          />
        </td>
        <td>
          {model === '' ? (
            '–'
          ) : (
            <Link to="/models/$model" params={{ model }}>
              {model}
            </Link>
          )}
        </td>
        <td>{run.cause.replaceAll('_', ' ')}</td>
        <td>
          <Ago at={run.startedAt} />
        </td>
        <td>{duration((run.endedAt === 0 ? now : run.endedAt) - run.startedAt)}</td>
        <td className="wrap">{run.detail || run.reason.toLowerCase().replaceAll('_', ' ') || '–'}</td>
      </tr>
      {opened ? (
        <tr>
          <td colSpan={8} style={{ whiteSpace: 'normal' }}>
            <Steps run={run} />
          </td>
        </tr>
      ) : null}
    </Fragment>
  );
}
