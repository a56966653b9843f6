import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../../api/queries';
import type { ModelDetail } from '../../api/types';
import { AroundText, EstimateText, Scroll } from '../../shared/bits';
import { exact, percent } from '../../shared/format';
import { Asked, Empty } from '../../shared/states';

const WINDOWS = ['1', '7', '14', '28'];
const FIRST = 30;

/** The measured quality of what was served, window by window: the table under the curves. */
export function PerformanceTab({ model }: { model: ModelDetail }) {
  const [days, setDays] = useState('14');
  const [all, setAll] = useState(false);
  const performance = useQuery(queries.performance(model.model, Number(days)));
  return (
    <>
      <div className="panel-body row">
        <span className="quiet" id="window-label">
          Days in a window
        </span>
        <SegmentedControl aria-labelledby="window-label" size="xs" data={WINDOWS} value={days} onChange={setDays} />
        <span className="small quiet">Windows overlap; intervals draw whole days, and need eight of them.</span>
      </div>
      <Asked query={performance} what="The performance is" rows={6}>
        {({ points }) =>
          points.length === 0 ? (
            <Empty title="No day has closed yet">
              <p className="quiet">Outcomes arrive after the predictions; a day is measured when it is over.</p>
            </Empty>
          ) : (
            <>
              <Scroll label="Performance">
                <table className="grid">
                  <thead>
                    <tr>
                      <th>Last day</th>
                      <th>Log loss</th>
                      <th>Skill</th>
                      <th>Brier</th>
                      <th>AUC</th>
                      <th>Calibration</th>
                      <th className="num">Rate</th>
                      <th className="num">Rows</th>
                      <th className="num">Known</th>
                      <th>Withheld days</th>
                    </tr>
                  </thead>
                  <tbody>
                    {points
                      .toReversed()
                      .slice(0, all ? points.length : FIRST)
                      .map((point) => (
                        <tr key={point.to}>
                          <td title={`${point.from} to ${point.to}`}>{point.to}</td>
                          <td>
                            <EstimateText {...point.logLoss} digits={3} />
                          </td>
                          <td>
                            <AroundText {...point.skill} />
                          </td>
                          <td>
                            <EstimateText {...point.brier} digits={3} />
                          </td>
                          <td>
                            <EstimateText {...point.auc} digits={3} />
                          </td>
                          <td>
                            <AroundText {...point.calibration} />
                          </td>
                          <td className="num">{percent(point.rate)}</td>
                          <td className="num">{exact(point.labelled)}</td>
                          <td className="num">{percent(point.coverage, 0)}</td>
                          <td>{point.withheld.length === 0 ? '–' : point.withheld.join(', ')}</td>
                        </tr>
                      ))}
                  </tbody>
                </table>
              </Scroll>
              {points.length > FIRST ? (
                <div className="panel-body">
                  <button type="button" className="cell-link" onClick={() => setAll(!all)}>
                    {all ? `Show the last ${FIRST}` : `Show all ${points.length} windows`}
                  </button>
                </div>
              ) : null}
            </>
          )
        }
      </Asked>
    </>
  );
}
