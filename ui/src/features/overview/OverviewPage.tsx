import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { queries } from '../../api/queries';
import { Panel } from '../../shared/bits';
import { Asked } from '../../shared/states';
import { Activity } from './Activity';
import { FirstRun } from './FirstRun';
import { Machines } from './Machines';
import { Models } from './Models';
import { Replays } from './Replays';

/** Which model needs me: the fleet, what is being replayed, and the machines behind it. */
export function OverviewPage() {
  const models = useQuery(queries.models());
  const status = useQuery(queries.status());
  useEffect(() => {
    document.title = 'Overview · Perennial';
  }, []);
  return (
    <>
      <div className="page-head">
        <div className="titles">
          <h1>Overview</h1>
        </div>
        {status.data ? <span className="quiet small">Perennial {status.data.version}</span> : null}
      </div>
      <Panel title="Models">
        <Asked query={models} what="The list of models is" rows={3}>
          {(page) => (page.items.length === 0 ? <FirstRun url={status.data?.url} /> : <Models models={page.items} />)}
        </Asked>
      </Panel>
      <Replays />
      <div className="panel-grid" style={{ marginTop: 16 }}>
        <Activity />
        <Machines />
      </div>
    </>
  );
}
