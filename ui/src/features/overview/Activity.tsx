import { Link } from '@tanstack/react-router';
import { useLive } from '../../api/live';
import { liveFeed } from '../../app/queryClient';
import type { ModelSearch } from '../../app/search';
import { Ago, EventTime, Panel } from '../../shared/bits';
import { Bones, Empty, NotAvailable } from '../../shared/states';

const SHOWN = 8;

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
                <Link to="/models/$model" params={{ model: event.model }} search={about(event.ref)}>
                  {event.title}
                </Link>
                <span className="quiet small">
                  <EventTime at={event.at} day /> · recorded <Ago at={event.recordedAt} />
                </span>
              </div>
              <p className="small quiet clamp" title={event.text}>
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

/** What an event is about, as search parameters of its model's page. */
export function about(ref: string | null): ModelSearch {
  const at = ref?.indexOf(':') ?? -1;
  const kind = ref?.slice(0, at);
  const id = ref?.slice(at + 1);
  return kind === 'decision' ? { decision: id } : kind === 'alert' ? { alert: id } : kind === 'version' ? { version: Number(id) } : {};
}
