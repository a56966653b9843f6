/** Numbers and times as people read them. Pure functions; absent values are an en dash, never NaN. */

export const ABSENT = '–';
const MINUS = '−';
const THIN_DAY = 86_400_000;

/** Four significant digits, exponent outside 0.001 to 1,000,000, a real minus sign. */
export function metric(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return ABSENT;
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? '∞' : `${MINUS}∞`;
  }
  const size = Math.abs(value);
  if (size === 0) {
    return '0';
  }
  const text =
    size < 1e-3 || size >= 1e6
      ? size
          .toExponential(Math.max(0, digits - 2))
          .replace('e+', 'e')
          .replace('e-', `e${MINUS}`)
      : plain(size, digits);
  return value < 0 ? MINUS + text : text;
}

/** A figure around 0, such as skill or calibration, with its interval: all with the same decimals, so that sizes compare by eye. */
export function around(value: number | null, low: number | null, high: number | null, decimals = 3): { value: string; range: string } {
  const told = (one: number) => {
    const text = Math.abs(one).toFixed(decimals);
    return one < 0 && Number(text) !== 0 ? MINUS + text : text;
  };
  return {
    value: value === null || !Number.isFinite(value) ? ABSENT : told(value),
    range: low === null || high === null ? '' : `[${told(low)}, ${told(high)}]`,
  };
}

function plain(size: number, digits: number): string {
  const magnitude = Math.floor(Math.log10(size));
  return size.toFixed(Math.max(0, digits - 1 - magnitude));
}

/** A logged value: whole numbers as they are, everything else as a metric. */
export function logged(value: number | null | undefined, digits = 4): string {
  return value !== null && value !== undefined && Number.isInteger(value) && Math.abs(value) < 1e6
    ? String(value).replace('-', MINUS)
    : metric(value, digits);
}

/** A difference: always with its sign. */
export function signed(value: number | null | undefined, digits = 4): string {
  const text = metric(value, digits);
  return value !== null && value !== undefined && value > 0 ? `+${text}` : text;
}

export function interval(low: number | null | undefined, high: number | null | undefined, digits = 4): string {
  return low === null || low === undefined || high === null || high === undefined
    ? ''
    : `[${metric(low, digits)}, ${metric(high, digits)}]`;
}

/** Exact below 10,000, then short; the exact value belongs into the title. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return ABSENT;
  }
  if (value < 10_000) {
    return exact(value);
  }
  const [size, unit] = value < 1e6 ? [value / 1e3, 'K'] : value < 1e9 ? [value / 1e6, 'M'] : [value / 1e9, 'G'];
  const floor = Math.floor(size * 10) / 10;
  return `${floor >= 100 ? Math.floor(floor) : floor}${unit}`;
}

export function exact(value: number): string {
  return value.toLocaleString('en-US');
}

export function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined || Number.isNaN(share) ? ABSENT : `${(100 * share).toFixed(digits)} %`;
}

/** Truncates, never rounds up: 59.99 s is "59 s", not "60 s". */
export function duration(millis: number): string {
  if (!Number.isFinite(millis) || millis < 0) {
    return ABSENT;
  }
  if (millis < 1000) {
    return `${Math.floor(millis)} ms`;
  }
  const seconds = Math.floor(millis / 1000);
  if (seconds < 10) {
    return `${(Math.floor(millis / 100) / 10).toFixed(1)} s`;
  }
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const two = (part: number) => String(part).padStart(2, '0');
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  }
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3600)}h ${two(Math.floor((seconds % 3600) / 60))}m`;
  }
  return `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3600)}h`;
}

/** "12 s ago", "5 days ago": numeric and truncated. */
export function ago(at: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  if (seconds < 60) {
    return `${seconds} s ago`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ago`;
  }
  if (seconds < 86_400) {
    const hours = Math.floor(seconds / 3600);
    return `${hours} ${hours === 1 ? 'hour' : 'hours'} ago`;
  }
  const days = Math.floor(seconds / 86_400);
  return `${days} ${days === 1 ? 'day' : 'days'} ago`;
}

/** Making one takes longer than all else that a row of a table needs. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, options: Intl.DateTimeFormatOptions, locale = 'en-GB'): Intl.DateTimeFormat {
  const key = `${locale} ${zone} ${Object.values(options).join(' ')} ${Object.keys(options).join(' ')}`;
  const known = formatters.get(key) ?? made(zone, options, locale);
  formatters.set(key, known);
  return known;
}

function made(zone: string, options: Intl.DateTimeFormatOptions, locale: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  }
}

export function date(at: number, zone = 'UTC'): string {
  return formatter(zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(at);
}

/** What people call a zone at that moment: EDT, CET, UTC. */
export function zoneName(at: number, zone: string): string {
  const parts = formatter(zone, { timeZoneName: 'short' }, 'en-US').formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

export function dateTime(at: number, zone = 'UTC'): string {
  const text = formatter(zone, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' }).format(at);
  return `${text} ${zoneName(at, zone)}`;
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** Keeps both ends of a long name; the end is often what differs. */
export function middle(text: string, most = 24): string {
  if (text.length <= most) {
    return text;
  }
  const head = Math.ceil((most - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`;
}

/** First moment of the local day that contains a moment. */
export function startOfDay(at: number, zone: string): number {
  const local = at + offset(at, zone);
  const start = Math.floor(local / THIN_DAY) * THIN_DAY;
  return start - offset(start - offset(at, zone), zone);
}

/** How far the zone's wall clock is ahead of UTC, in milliseconds. */
export function offset(at: number, zone: string): number {
  const parts = formatter(zone, {
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at);
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return (
    Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second')) - Math.floor(at / 1000) * 1000
  );
}
