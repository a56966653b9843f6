import type { Alert, Timeline } from '../../api/types';

/** Adds the lane of alerts where the server's timeline has none of its own. */
export function withAlerts(timeline: Timeline, alerts: Alert[] | undefined): Timeline {
  const own = timeline.lanes.some((lane) => lane.name === 'alerts' && lane.spans.length + lane.marks.length > 0);
  if (own || !alerts || alerts.length === 0) {
    return timeline;
  }
  const spans = alerts.map((alert) => ({
    from: alert.openedAt,
    to: alert.resolvedAt ?? timeline.clock,
    label: alert.title,
    kind: 'ALERT',
    alert: alert.id,
    injected: alert.injected === true,
  }));
  return { ...timeline, lanes: [...timeline.lanes.filter((lane) => lane.name !== 'alerts'), { name: 'alerts', spans, marks: [] }] };
}
