import { IconFlask, IconHistory } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { ago, around, date, dateTime, interval, iso, metric, middle } from './format';
import { CopyIcon } from './states';

export function Panel({ title, side, children, label }: { title: ReactNode; side?: ReactNode; children: ReactNode; label?: string }) {
  return (
    <section className="panel" aria-label={label ?? (typeof title === 'string' ? title : undefined)}>
      <div className="panel-head">
        <h2>{title}</h2>
        {side}
      </div>
      {children}
    </section>
  );
}

/** A table that scrolls within itself; the page never does. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A moment of the model's clock: absolute, in the model's zone. */
export function EventTime({ at, zone = 'UTC', day = false }: { at: number; zone?: string; day?: boolean }) {
  return (
    <time className="nowrap" dateTime={iso(at)} title={iso(at)}>
      {day ? date(at, zone) : dateTime(at, zone)}
    </time>
  );
}

/** A moment of the wall clock: how long ago. */
export function Ago({ at }: { at: number }) {
  const now = useNow();
  return (
    <time className="nowrap" dateTime={iso(at)} title={`${dateTime(at, Intl.DateTimeFormat().resolvedOptions().timeZone)} · ${iso(at)}`}>
      {ago(at, now)}
    </time>
  );
}

export function useNow(every = 5000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

export function EstimateText({
  value,
  low,
  high,
  digits = 4,
}: {
  value: number | null;
  low: number | null;
  high: number | null;
  digits?: number;
}) {
  const range = interval(low, high, digits);
  return (
    <span className="nowrap" title={value === null ? 'not enough data' : `${value}`}>
      {metric(value, digits)} {range === '' ? null : <span className="quiet">{range}</span>}
    </span>
  );
}

/** As EstimateText, for figures around 0. */
export function AroundText({ value, low, high }: { value: number | null; low: number | null; high: number | null }) {
  const told = around(value, low, high);
  return (
    <span className="nowrap" title={value === null ? 'not enough data' : `${value}`}>
      {told.value} {told.range === '' ? null : <span className="quiet">{told.range}</span>}
    </span>
  );
}

export function HashText({ hash, most = 16 }: { hash: string; most?: number }) {
  return (
    <span className="row-tight">
      <code title={hash}>{middle(hash, most)}</code>
      <CopyIcon text={hash} label={`Copy ${hash}`} />
    </span>
  );
}

export function ReplayTag({ scope }: { scope: string }) {
  return scope === '' ? null : (
    <span className="tag" title={`Replayed in the scope “${scope}”; it can never touch what is live`}>
      <IconHistory size={16} stroke={2} aria-hidden /> replay {scope}
    </span>
  );
}

export function DrillTag() {
  return (
    <span className="tag drill" title="This belongs to a fault that was injected on purpose">
      <IconFlask size={16} stroke={2} aria-hidden /> injected fault
    </span>
  );
}

export function Progress({ share, label, tone }: { share: number; label: string; tone?: string }) {
  const now = Math.round(100 * Math.min(1, Math.max(0, share)));
  return (
    <div
      className={`bar${tone ? ` tone-${tone}` : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuenow={now}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <span style={{ width: `${now}%` }} />
    </div>
  );
}
