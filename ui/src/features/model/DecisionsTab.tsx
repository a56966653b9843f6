import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../../api/queries';
import type { ModelDetail } from '../../api/types';
import { DrillTag, EventTime, Scroll } from '../../shared/bits';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';
import { kindWord } from './kinds';

const FIRST = 25;
const MOST = 1000;

/** Everything that was decided, newest first, also each “no”. */
export function DecisionsTab({
  model,
  open,
  openVersion,
}: {
  model: ModelDetail;
  open: (id: string) => void;
  openVersion: (version: number) => void;
}) {
  const [limit, setLimit] = useState(FIRST);
  const decisions = useQuery(queries.decisions(model.model, limit));
  const keys = useListKeys();
  return (
    <Asked query={decisions} what="The decisions are" rows={6}>
      {(page) =>
        page.items.length === 0 ? (
          <Empty title="Nothing was decided yet" />
        ) : (
          <>
            <Scroll label="Decisions">
              <table className="grid">
                <thead>
                  <tr>
                    <th>When</th>
                    <th>Decision</th>
                    <th>Verdict</th>
                    <th>Version</th>
                    <th>In words</th>
                  </tr>
                </thead>
                <tbody onKeyDown={keys}>
                  {page.items.map((decision) => (
                    <tr key={decision.id}>
                      <td>
                        <EventTime at={decision.at} zone={model.timeZone} day />
                      </td>
                      <td>
                        <button type="button" className="cell-link" data-row onClick={() => open(decision.id)}>
                          {decision.title}
                        </button>
                        <div className="small quiet">{kindWord(decision.kind)}</div>
                      </td>
                      <td>
                        <Status word={decision.verdict} />
                        {decision.injected ? (
                          <div>
                            <DrillTag />
                          </div>
                        ) : null}
                      </td>
                      <td>
                        {decision.version === null ? (
                          '–'
                        ) : (
                          <button type="button" className="cell-link" onClick={() => openVersion(decision.version ?? 0)}>
                            v{decision.version}
                          </button>
                        )}
                      </td>
                      <td className="wrap">{decision.text}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
            {page.next && limit < MOST ? (
              <div className="panel-body">
                <Button variant="default" loading={decisions.isPlaceholderData} onClick={() => setLimit(Math.min(MOST, limit * 4))}>
                  Show older decisions
                </Button>
              </div>
            ) : null}
          </>
        )
      }
    </Asked>
  );
}
