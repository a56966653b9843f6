import { Menu } from '@mantine/core';
import { type KeyboardEvent, memo, useMemo } from 'react';
import type { TimelineLane, TimelineMark, TimelineSpan } from '../../api/types';
import { date, dateTime } from '../../shared/format';
import { ToneIcon, tell } from '../../shared/Status';
import { markTone, type PlacedMarks, placeMarks, placeSpans, type Range, type Tick } from './lifeLayout';

const NAMES: Record<string, string> = {
  champion: 'Champion',
  rollout: 'Rollout',
  candidates: 'Candidates',
  people: 'People',
  alerts: 'Alerts',
};
const NONE: Record<string, string> = {
  champion: 'no champion yet',
  rollout: 'no rollout yet',
  candidates: 'no candidate yet',
  people: 'nobody acted',
  alerts: 'no alert',
};

/** Least size of what is pressed, by WCAG 2.2. */
const FINGER = 24;
const SPAN_LEAST = 24;
const SPAN_ROW = 28;
const LABEL_LEAST = 64;

interface Opened {
  decision?: string | undefined;
  alert?: string | undefined;
}

interface LaneProps {
  lane: TimelineLane;
  range: Range;
  width: number;
  axis: Tick[];
  zone: string;
  clock: number;
  chosen: Opened;
  note: string | undefined;
  onOpen: (what: Opened) => void;
}

/** One lane of a life: spans and marks, each a button that opens its evidence. Arrow keys go from one to the next. */
export const Lane = memo(function Lane({ lane, range, width, axis, zone, clock, chosen, note, onOpen }: LaneProps) {
  const stacked = lane.name === 'alerts';
  const spans = useMemo(() => placeSpans(lane.spans, range, width, stacked ? SPAN_LEAST : 4), [lane.spans, range, width, stacked]);
  const groups = useMemo(() => placeMarks(lane.marks, range, width), [lane.marks, range, width]);
  const levels = Math.max(1, ...spans.map((placed) => placed.level + 1));
  const name = NAMES[lane.name] ?? lane.name;
  return (
    <div className="lane">
      <span className="lane-name">{name}</span>
      {/* biome-ignore lint/a11y/useSemanticElements: a lane groups buttons, it is no fieldset */}
      <div
        role="group"
        className={`lane-track ${lane.name === 'champion' ? 'usual' : 'tall'}`}
        aria-label={name}
        onKeyDown={walk}
        style={stacked && levels > 1 ? { height: levels * SPAN_ROW + 8 } : undefined}
      >
        {axis.map((tick) => (
          <span key={tick.at} className="grid-line" style={{ left: tick.x }} />
        ))}
        {spans.map(({ span, left, width: wide, level }) =>
          isPlain(span, wide) ? (
            <span
              key={`${span.from}-${span.label}`}
              aria-hidden="true"
              className={spanClass(span, clock, chosen)}
              style={{ left, width: wide }}
              title={spanTitle(span, zone, clock)}
            />
          ) : (
            <button
              key={`${span.from}-${span.label}`}
              type="button"
              data-stop
              className={spanClass(span, clock, chosen)}
              style={stacked ? { left, width: wide, top: 6 + level * SPAN_ROW, bottom: 'auto', height: 24 } : { left, width: wide }}
              title={spanTitle(span, zone, clock)}
              aria-label={spanTitle(span, zone, clock)}
              onClick={() => onOpen({ decision: span.decision, alert: span.alert })}
            >
              {wide < (stacked ? LABEL_LEAST : 22) ? null : span.label}
            </button>
          ),
        )}
        {groups.map((group) => (
          <MarkButton key={group.marks[0]?.decision ?? group.x} group={group} zone={zone} chosen={chosen} onOpen={onOpen} />
        ))}
        {spans.length + groups.length === 0 ? (
          <span className="lane-none">
            {note ?? (lane.spans.length + lane.marks.length > 0 ? 'nothing in this time' : (NONE[lane.name] ?? 'nothing'))}
          </span>
        ) : null}
      </div>
    </div>
  );
});

/** A rollout is told by the marks that stand on it, and what is narrower than a finger by the mark of its beginning: these are no buttons. */
function isPlain(span: TimelineSpan, width: number): boolean {
  return span.kind === 'ROLLOUT' || (span.kind === 'CHAMPION' && width < FINGER);
}

function spanClass(span: TimelineSpan, clock: number, chosen: Opened): string {
  const kind = span.alert ? `alert tone-${span.to >= clock ? 'fail' : 'unknown'}` : span.kind.toLowerCase();
  const open = (span.decision && span.decision === chosen.decision) || (span.alert && span.alert === chosen.alert);
  return `span ${kind}${span.kind === 'CHAMPION' && span.to >= clock ? ' now' : ''}${open ? ' chosen' : ''}`;
}

function spanTitle(span: TimelineSpan, zone: string, clock: number): string {
  const what = span.kind === 'CHAMPION' ? `${span.label} champion` : span.kind === 'ROLLOUT' ? `${span.label} in rollout` : span.label;
  const until = span.to >= clock ? 'until now' : `to ${date(span.to, zone)}`;
  return `${what}, from ${date(span.from, zone)} ${until}${span.injected ? ', injected fault' : ''}`;
}

function markTitle(mark: TimelineMark, zone: string): string {
  const verdict = mark.verdict ? `, ${tell(mark.verdict)[1].toLowerCase()}` : '';
  return `${dateTime(mark.at, zone)}: ${mark.label}${verdict}${mark.injected ? ' (injected fault)' : ''}`;
}

function MarkButton({ group, zone, chosen, onOpen }: { group: PlacedMarks; zone: string; chosen: Opened; onOpen: (what: Opened) => void }) {
  const [first, ...more] = group.marks;
  if (!first) {
    return null;
  }
  const open = group.marks.some(
    (mark) => (mark.decision && mark.decision === chosen.decision) || (mark.alert && mark.alert === chosen.alert),
  );
  const look = `mark tone-${group.tone}${group.injected ? ' drill' : ''}${open ? ' chosen' : ''}`;
  if (more.length === 0) {
    return (
      <button
        type="button"
        data-stop
        className={look}
        style={{ left: group.x }}
        title={markTitle(first, zone)}
        aria-label={markTitle(first, zone)}
        onClick={() => onOpen({ decision: first.decision, alert: first.alert })}
      >
        <ToneIcon tone={group.tone} />
      </button>
    );
  }
  const title = `${group.marks.length} marks from ${date(first.at, zone)}`;
  return (
    <Menu withinPortal position="bottom" shadow="none">
      <Menu.Target>
        <button type="button" data-stop className={look} style={{ left: group.x }} title={title} aria-label={title}>
          {group.marks.length}
        </button>
      </Menu.Target>
      <Menu.Dropdown style={{ maxHeight: 360, overflowY: 'auto' }}>
        {group.marks.map((mark) => (
          <Menu.Item
            key={mark.decision ?? mark.alert ?? mark.at}
            leftSection={
              <span className={`status tone-${markTone(mark)}`}>
                <ToneIcon tone={markTone(mark)} />
              </span>
            }
            onClick={() => onOpen({ decision: mark.decision, alert: mark.alert })}
          >
            {date(mark.at, zone)} · {mark.label}
            {mark.injected ? ' · injected fault' : ''}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function walk(event: KeyboardEvent<HTMLElement>) {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0) {
    return;
  }
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-stop]')].toSorted((a, b) => a.offsetLeft - b.offsetLeft);
  const next = stops[stops.indexOf(document.activeElement as HTMLElement) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}
