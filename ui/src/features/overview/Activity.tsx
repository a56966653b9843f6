import { Link } from '@tanstack/react-router';
import { useLive } from '../../api/live';
import { liveFeed } from '../../app/queryClient';
import { Ago, EventTime, Panel } from '../../shared/bits';
import { Bones, Empty, NotAvailable } from '../../shared/states';

const SHOWN = 12;

/** What happened last, over all models. */
export function Activity() {
  const live = useLive(liveFeed);
  return (
    <Panel title="What happened">
      {live.events.length > 0 ? (
        <ul className="list">
          {live.events.slice(0, SHOWN).map((event) => (
            <li key={event.seq}>
              <div className="spread">
                <Link
                  to="/models/$model"
                  params={{ model: event.model }}
                  search={event.ref?.startsWith('decision:') ? { decision: event.ref.slice('decision:'.length) } : {}}
                >
                  {event.title}
                </Link>
                <span className="quiet small">
                  <EventTime at={event.at} day /> · recorded <Ago at={event.recordedAt} />
                </span>
              </div>
              <p className="small quiet">
                <span className="mono">{event.model}</span> · {event.text}
              </p>
            </li>
          ))}
        </ul>
      ) : live.unavailable ? (
        <NotAvailable what="The stream of events is" />
      ) : live.heardAt > 0 ? (
        <Empty title="Nothing happened yet">
          <p className="quiet">Every decision of the loop and of people appears here the moment it is made.</p>
        </Empty>
      ) : (
        <Bones rows={4} />
      )}
    </Panel>
  );
}
