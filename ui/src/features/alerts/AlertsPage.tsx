import { SegmentedControl } from '@mantine/core';
import { IconBellCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { queries } from '../../api/queries';
import type { Alert } from '../../api/types';
import type { AlertChoice, AlertSearch } from '../../app/search';
import { DrillTag, EventTime, Panel, Scroll } from '../../shared/bits';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';
import { AlertDrawer } from './AlertDrawer';
import { NotificationPanel } from './NotificationPanel';
import { type AlertWord, alertState, lastHeard } from './words';

const route = getRouteApi('/alerts');

const CHOICES = [
  { value: 'OPEN', label: 'Open' },
  { value: 'SILENCED', label: 'Silenced' },
  { value: 'RESOLVED', label: 'Resolved' },
  { value: 'ALL', label: 'All' },
];

/** What must I do tonight: one row for each cause, open ones first. */
export function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<AlertSearch>, replace = false) =>
    void navigate({ search: (old: AlertSearch) => ({ ...old, ...change }), replace, resetScroll: false });
  const choice = search.state ?? 'OPEN';
  const alerts = useQuery(queries.alerts());
  const models = useQuery(queries.models());
  const clock = (model: string) => models.data?.items.find((one) => one.model === model)?.clock ?? Date.now();
  useEffect(() => {
    document.title = 'Alerts · Perennial';
  }, []);
  return (
    <>
      <div className="page-head">
        <div className="titles">
          <h1>Alerts</h1>
        </div>
      </div>
      <Panel
        title="Alerts"
        side={
          <div className="row">
            {search.model ? (
              <span className="tag">
                model {search.model}{' '}
                <button type="button" className="cell-link small" onClick={() => set({ model: undefined })}>
                  show all
                </button>
              </span>
            ) : null}
            <SegmentedControl
              aria-label="State"
              size="xs"
              data={CHOICES}
              value={choice}
              onChange={(next) => set({ state: next === 'OPEN' ? undefined : (next as AlertChoice) }, true)}
            />
          </div>
        }
      >
        <Asked query={alerts} what="Alerts are" rows={4}>
          {(found) => (
            <AlertList
              alerts={chosen(found, search.model, choice, clock)}
              clock={clock}
              filtered={found.length > 0}
              clear={() => set({ state: 'ALL', model: undefined })}
              open={(alert) => set({ alert })}
            />
          )}
        </Asked>
      </Panel>
      <NotificationPanel />
      <AlertDrawer id={search.alert} close={() => set({ alert: undefined })} />
    </>
  );
}

const WEIGHT: Record<AlertWord, number> = { OPEN: 0, SILENCED: 1, RESOLVED: 2 };

/** Firing on top, then newest first. */
export function chosen(alerts: Alert[], model: string | undefined, choice: AlertChoice, clock: (model: string) => number): Alert[] {
  const word = (alert: Alert) => alertState(alert, clock(alert.model));
  return alerts
    .filter((alert) => (model === undefined || alert.model === model) && (choice === 'ALL' || word(alert) === choice))
    .toSorted((a, b) => WEIGHT[word(a)] - WEIGHT[word(b)] || b.openedAt - a.openedAt);
}

interface ListProps {
  alerts: Alert[];
  clock: (model: string) => number;
  filtered: boolean;
  clear: () => void;
  open: (id: string) => void;
}

function AlertList({ alerts, clock, filtered, clear, open }: ListProps) {
  const keys = useListKeys();
  if (alerts.length === 0) {
    return (
      <Empty title={filtered ? 'No alert here' : 'There was never an alert'} icon={<IconBellCheck size={28} stroke={1.75} aria-hidden />}>
        <p className="quiet">
          {filtered ? (
            <button type="button" className="cell-link" onClick={clear}>
              Show all alerts
            </button>
          ) : (
            'Monitors look at every closed day. What they find appears here, one alert for each cause.'
          )}
        </p>
      </Empty>
    );
  }
  return (
    <Scroll label="Alerts">
      <table className="grid">
        <thead>
          <tr>
            <th>Alert</th>
            <th>State</th>
            <th>Severity</th>
            <th>Model</th>
            <th>Opened</th>
            <th className="num">Findings</th>
            <th>Latest evidence</th>
            <th>Looked after by</th>
          </tr>
        </thead>
        <tbody onKeyDown={keys}>
          {alerts.map((alert) => (
            <tr key={alert.id}>
              <td>
                <button type="button" className="cell-link strong" data-row onClick={() => open(alert.id)}>
                  {alert.title}
                </button>
                <div className="small quiet mono">{alert.cause}</div>
              </td>
              <td>
                <Status word={alertState(alert, clock(alert.model))} />
                {alert.injected ? (
                  <div>
                    <DrillTag />
                  </div>
                ) : null}
              </td>
              <td>
                <Status word={alert.severity.toUpperCase()} />
              </td>
              <td>
                <Link to="/models/$model" params={{ model: alert.model }} search={{ alert: alert.id }}>
                  {alert.model}
                </Link>
              </td>
              <td>
                <EventTime at={alert.openedAt} />
                <div className="small quiet">
                  last heard of <EventTime at={lastHeard(alert)} day />
                </div>
              </td>
              <td className="num">{alert.findings.length}</td>
              <td className="wrap">{alert.findings.at(-1)?.text ?? alert.text}</td>
              <td>{alert.acknowledgedBy ?? <span className="quiet">nobody</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
