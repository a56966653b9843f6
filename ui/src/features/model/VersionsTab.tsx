import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries';
import type { ModelDetail, ModelVersion } from '../../api/types';
import { EventTime, HashText, Scroll } from '../../shared/bits';
import { metric } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';

const METRICS: [string, string][] = [
  ['log_loss', 'Log loss'],
  ['roc_auc', 'AUC'],
  ['brier', 'Brier'],
];

/** Every version ever made, with what it was made from. */
export function VersionsTab({ model, open }: { model: ModelDetail; open: (version: number) => void }) {
  const versions = useQuery(queries.versions(model.model));
  const keys = useListKeys();
  return (
    <Asked query={versions} what="The versions are" rows={6}>
      {(page) => {
        const items = page.items.toSorted((a, b) => b.version - a.version);
        const shown = METRICS.filter(([key]) => items.some((item) => key in item.metrics));
        return items.length === 0 ? (
          <Empty title="No version yet">
            <p className="quiet">The first one is registered as soon as its training and its gates are done.</p>
          </Empty>
        ) : (
          <Scroll label="Versions">
            <table className="grid">
              <thead>
                <tr>
                  <th>Version</th>
                  <th>State</th>
                  <th>Registered</th>
                  <th>Source</th>
                  <th>Trained on events until</th>
                  {shown.map(([key, name]) => (
                    <th key={key} className="num" title="On its holdout">
                      {name}
                    </th>
                  ))}
                  <th>Snapshot</th>
                  <th>Lifecycle file</th>
                </tr>
              </thead>
              <tbody onKeyDown={keys}>
                {items.map((item) => (
                  <Row key={item.version} item={item} zone={model.timeZone} shown={shown} open={open} />
                ))}
              </tbody>
            </table>
          </Scroll>
        );
      }}
    </Asked>
  );
}

function Row({
  item,
  zone,
  shown,
  open,
}: {
  item: ModelVersion;
  zone: string;
  shown: [string, string][];
  open: (version: number) => void;
}) {
  return (
    <tr>
      <td>
        <button type="button" className="cell-link strong" data-row onClick={() => open(item.version)}>
          v{item.version}
        </button>
      </td>
      <td>
        <Status word={item.state} />
      </td>
      <td>
        <EventTime at={item.eventTime} zone={zone} day />
      </td>
      <td>{item.source.toLowerCase()}</td>
      <td>
        {item.trainedUntil === null ? <span className="quiet">not proven</span> : <EventTime at={item.trainedUntil} zone={zone} day />}
      </td>
      {shown.map(([key]) => (
        <td key={key} className="num" title={String(item.metrics[key] ?? '')}>
          {metric(item.metrics[key])}
        </td>
      ))}
      <td>{item.snapshot ? <HashText hash={item.snapshot} /> : <span className="quiet">none, from outside</span>}</td>
      <td>
        <HashText hash={item.lifecycle} />
      </td>
    </tr>
  );
}
