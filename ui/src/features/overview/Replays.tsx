import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../../api/queries';
import type { Replay } from '../../api/types';
import { EventTime, Panel, Progress, Scroll } from '../../shared/bits';
import { percent } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked } from '../../shared/states';

export function replayShare({ clock, plan: { from, to } }: Pick<Replay, 'clock'> & { plan: { from: number; to: number } }): number {
  return to <= from ? 1 : Math.min(1, Math.max(0, (clock - from) / (to - from)));
}

/** Pasts that are being played, each in a scope of its own. */
export function Replays() {
  const replays = useQuery(queries.replays());
  if (replays.data?.items.length === 0) {
    return null;
  }
  return (
    <Panel title="Replays">
      <Asked query={replays} what="Replays are" rows={2}>
        {(page) => (
          <Scroll label="Replays">
            <table className="grid">
              <thead>
                <tr>
                  <th>Replay</th>
                  <th>State</th>
                  <th>Progress</th>
                  <th>Clock</th>
                  <th>Plays</th>
                  <th>Doing</th>
                </tr>
              </thead>
              <tbody>
                {page.items.map((replay) => (
                  <tr key={replay.model}>
                    <td>
                      <Link to="/models/$model" params={{ model: replay.model }}>
                        {replay.model}
                      </Link>
                    </td>
                    <td>
                      <Status word={replay.state} />
                    </td>
                    <td>
                      <span className="row-tight">
                        <Progress
                          share={replayShare(replay)}
                          label={`Progress of ${replay.model}`}
                          tone={replay.state === 'RUNNING' ? 'running' : 'unknown'}
                        />
                        {percent(Math.floor(100 * replayShare(replay)) / 100, 0)}
                      </span>
                    </td>
                    <td>
                      <EventTime at={replay.clock} />
                    </td>
                    <td>
                      <EventTime at={replay.plan.from} day /> – <EventTime at={replay.plan.to} day />
                      {replay.plan.loop ? null : <span className="quiet"> · never retrained</span>}
                    </td>
                    <td className="wrap">{replay.error ?? (replay.state === 'RUNNING' || replay.state === 'HELD' ? replay.line : '–')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </Asked>
    </Panel>
  );
}
