import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../../api/queries';
import type { ModelDetail } from '../../api/types';
import { DECISION_KINDS, type DecisionKind } from '../../app/search';
import { DrillTag, EventTime, Scroll } from '../../shared/bits';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';
import { alertWord } from '../alerts/words';
import { kindWord } from './kinds';

const FIRST = 25;
const MOST = 1000;

interface DecisionsTabProps {
  model: ModelDetail;
  kind: DecisionKind | undefined;
  choose: (kind: DecisionKind | undefined) => void;
  open: (id: string) => void;
  openVersion: (version: number) => void;
}

/** Everything that was decided, newest first, also each “no”. */
export function DecisionsTab({ model, kind, choose, open, openVersion }: DecisionsTabProps) {
  const [limit, setLimit] = useState(FIRST);
  const decisions = useQuery(queries.decisions(model.model, limit, kind));
  const keys = useListKeys();
  return (
    <>
      <div className="panel-body" style={{ paddingBottom: 0 }}>
        <select
          className="select"
          data-filter
          aria-label="Kind of decision"
          value={kind ?? ''}
          onChange={(event) => choose(DECISION_KINDS.find((one) => one === event.currentTarget.value))}
        >
          <option value="">All decisions</option>
          {DECISION_KINDS.map((one) => (
            <option key={one} value={one}>
              {alertWord(kindWord(one))}
            </option>
          ))}
        </select>
      </div>
      <Asked query={decisions} what="The decisions are" rows={6}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty title={kind ? 'No decision of this kind' : 'Nothing was decided yet'} />
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
                        <td className="words">
                          <span className="clamp" title={decision.text}>
                            {decision.text}
                          </span>
                        </td>
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
    </>
  );
}
