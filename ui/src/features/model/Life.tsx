import { Button } from '@mantine/core';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import type { Timeline, TimelineLane } from '../../api/types';
import { dateTime, percent } from '../../shared/format';
import { ToneIcon } from '../../shared/Status';
import { useWidth } from '../../shared/useWidth';
import { Lane } from './Lane';
import { type Range, ticks, wholeRange } from './lifeLayout';
import { SERIES_TITLES, SeriesChart, seriesReadout } from './SeriesChart';

const DAY = 86_400_000;
const ORDER = ['champion', 'rollout', 'candidates', 'people', 'alerts'];
const COVERAGE_FLOOR = 0.8;

interface LifeProps {
  timeline: Timeline;
  zone: string;
  range: Range | undefined;
  chosen: { decision?: string | undefined; alert?: string | undefined };
  onRange: (range: Range | undefined) => void;
  onOpen: (what: { decision?: string | undefined; alert?: string | undefined }) => void;
  alertsNote: string | undefined;
}

/** The life of a model: one time axis, a lane for each kind of event, and how good the answers were, below. */
export function Life({ timeline, zone, range: picked, chosen, onRange, onOpen, alertsNote }: LifeProps) {
  const [track, width] = useWidth();
  const [cursor, setCursor] = useState<number>();
  const range = useMemo(() => picked ?? wholeRange(timeline.from, timeline.to), [picked, timeline.from, timeline.to]);
  const axis = useMemo(() => ticks(range, width, zone), [range, width, zone]);
  const lanes = useMemo(() => ordered(timeline.lanes), [timeline.lanes]);
  const changes = useMemo(() => lanes.find((lane) => lane.name === 'champion')?.spans.map((span) => span.from) ?? [], [lanes]);
  const readout = useMemo(() => reading(timeline, cursor, zone), [timeline, cursor, zone]);
  const brush = useCallback((from: number, to: number) => onRange({ from: Math.round(from), to: Math.round(to) }), [onRange]);

  return (
    <section className="life" aria-label="The life of the model">
      <div className="panel-head">
        <h2>Life of the model</h2>
        <Zoom timeline={timeline} range={picked} onRange={onRange} />
      </div>
      <div className="life-body">
        <div className="life-axis">
          <span className="lane-name">{zoneName(zone)}</span>
          <div className="axis-track" ref={track}>
            {axis.map((tick) => (
              <span key={tick.at} className="axis-tick" style={{ left: tick.x }}>
                {tick.label}
              </span>
            ))}
          </div>
        </div>
        {lanes.map((lane) => (
          <Lane
            key={lane.name}
            lane={lane}
            range={range}
            width={width}
            axis={axis}
            zone={zone}
            clock={timeline.clock}
            chosen={chosen}
            onOpen={onOpen}
            note={lane.name === 'alerts' && lane.spans.length + lane.marks.length === 0 ? alertsNote : undefined}
          />
        ))}
        {timeline.series.map((series, index) => (
          <SeriesChart
            key={series.name}
            series={series}
            range={range}
            width={width}
            axis={axis}
            changes={changes}
            colour={index === 0 ? 'var(--series-1)' : 'var(--series-2)'}
            height={index === 0 ? 150 : 84}
            floor={COVERAGE_FLOOR}
            cursor={cursor}
            onCursor={setCursor}
            onBrush={brush}
          />
        ))}
        <p className="readout" aria-live="polite">
          {readout ?? <span>Point at a curve, or move along it with the arrow keys, to read it. Drag to look closer.</span>}
        </p>
      </div>
      <Legend />
    </section>
  );
}

function ordered(lanes: TimelineLane[]): TimelineLane[] {
  const known = ORDER.map((name) => lanes.find((lane) => lane.name === name) ?? { name, spans: [], marks: [] });
  return [...known, ...lanes.filter((lane) => !ORDER.includes(lane.name))];
}

function zoneName(zone: string): string {
  return zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone;
}

function reading(timeline: Timeline, cursor: number | undefined, zone: string): ReactNode {
  if (cursor === undefined) {
    return undefined;
  }
  const first = timeline.series[0]?.points.find((point) => point.at === cursor);
  return (
    <>
      <b>to {dateTime(cursor, zone)}</b>
      {timeline.series.map((series) => (
        <span key={series.name}>
          {' · '}
          {SERIES_TITLES[series.name] ?? series.name} <b>{seriesReadout(series, cursor)}</b>
        </span>
      ))}
      {first ? ` · ${first.rows.toLocaleString('en-US')} rows with outcome, ${percent(first.coverage, 0)} of outcomes known` : null}
    </>
  );
}

function Zoom({ timeline, range, onRange }: { timeline: Timeline; range: Range | undefined; onRange: (range: Range | undefined) => void }) {
  const length = timeline.to - timeline.from;
  const choices = [14, 30, 90].filter((days) => days * DAY < length);
  return (
    <fieldset className="row" style={{ border: 0, margin: 0, padding: 0 }}>
      <legend className="hidden-text">Time shown</legend>
      {choices.map((days) => {
        const from = timeline.to - days * DAY;
        return (
          <Button
            key={days}
            size="compact-sm"
            variant="default"
            aria-pressed={range?.from === from && range.to === timeline.to}
            onClick={() => onRange({ from, to: timeline.to })}
          >
            Last {days} days
          </Button>
        );
      })}
      {range === undefined ? null : (
        <Button size="compact-sm" variant="default" onClick={() => onRange(undefined)}>
          Whole life
        </Button>
      )}
    </fieldset>
  );
}

function Legend() {
  return (
    <div className="legend">
      {(
        [
          ['pass', 'pass'],
          ['fail', 'refused or stopped'],
          ['warn', 'needs a person'],
          ['unknown', 'not enough data, skipped'],
          ['running', 'goes on'],
          ['error', 'could not judge'],
        ] as const
      ).map(([tone, word]) => (
        <span key={tone} className={`item tone-${tone}`}>
          <span className={`status tone-${tone}`}>
            <ToneIcon tone={tone} />
          </span>
          {word}
        </span>
      ))}
      <span className="item">
        <span className="legend-alert tone-unknown" aria-hidden="true" /> alert, red while it is open
      </span>
      <span className="item">dashed ring: injected fault</span>
      <span className="item">band: 95 % interval by days</span>
      <span className="item">grey strip: share of outcomes known</span>
    </div>
  );
}
