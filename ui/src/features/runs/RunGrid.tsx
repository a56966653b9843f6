// biome-ignore-all lint/a11y/useSemanticElements: a table cannot hold rows that are not in the page
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its active row
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, memo, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { RunQuestion } from '../../api/mlflow';
import { useNow } from '../../shared/bits';
import { ABSENT, ago, dateTime, duration, exact, iso, logged } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Bones, ErrorState } from '../../shared/states';
import { type Column, columnsText, isSortable, labelOf, nextOrder, orderState, usualColumns, widthOf } from './columns';
import { type RunRow, took } from './tracking';
import { useLiveRows, useRunPages } from './useRunPages';

export const ROW = 34;
const OVERSCAN = 12;
const CLOCK_MILLIS = 5000;
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const PICK_WIDTH = 40;
const NAME_WIDTH = 268;
const NAME_NARROW = 172;

interface Props {
  question: RunQuestion;
  /** Undefined: the usual ones for these runs. */
  columns: Column[] | undefined;
  experiments: Map<string, string>;
  picked: Set<string>;
  pick: (row: RunRow) => void;
  order: (order: string) => void;
  /** Told whenever other rows are loaded, with the columns that are shown. */
  onLoaded: (rows: RunRow[], columns: Column[]) => void;
  empty: ReactNode;
}

/** A table of any number of runs: only the rows on the screen are in the page, and pages come from the server as they are scrolled to. */
export function RunGrid({ question, columns, experiments, picked, pick, order, onLoaded, empty }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [known, setKnown] = useState(0);
  const [active, setActive] = useState(0);
  const navigate = useNavigate();
  const narrow = useMediaQuery('(max-width: 800px)');
  const now = useNow(CLOCK_MILLIS);
  const virtual = useVirtualizer({
    count: known,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  // Rows that leave the page become those that come: making new ones would cost most of a fling.
  const pool = useRef(1);
  pool.current = Math.max(pool.current, items.length);
  const runs = useRunPages(question, items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
  const visible = items.flatMap((item) => runs.row(item.index) ?? []);
  const fresh = useLiveRows(visible);
  const usual = useRef<Column[]>(undefined);
  if (usual.current === undefined && runs.loaded.length > 0) {
    usual.current = usualColumns(runs.loaded, question.experiments.length);
  }
  const shown = columns ?? usual.current ?? [];
  const names = columnsText(shown);
  useEffect(() => setKnown(runs.count), [runs.count]);
  const picking = useRef(pick);
  picking.current = pick;
  const pickRow = useCallback((row: RunRow) => picking.current(row), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names tell when the columns are others
  useEffect(() => onLoaded(runs.loaded, shown), [runs.loaded, names, onLoaded]);

  const go = (to: number) => {
    const next = Math.max(0, Math.min(runs.count - 1, to));
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const row = runs.row(active);
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 2);
    const steps: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) {
      return;
    }
    const step = steps[event.key];
    if (step !== undefined) {
      go(active + step);
    } else if (event.key === 'Home' || event.key === 'End') {
      go(event.key === 'Home' ? 0 : runs.count - 1);
    } else if (event.key === 'Enter' && row) {
      void navigate({ to: '/runs/$run', params: { run: row.id } });
    } else if ((event.key === 'x' || event.key === ' ') && row) {
      pick(row);
    } else {
      return;
    }
    event.preventDefault();
  };
  const open = (event: MouseEvent<HTMLElement>) => {
    const run = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-run]')?.dataset.run : undefined;
    if (run && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      void navigate({ to: '/runs/$run', params: { run } });
    }
  };
  if (runs.error && runs.loaded.length === 0 && !runs.pending) {
    return <ErrorState error={runs.error} />;
  }
  if (runs.count === 0 || shown.length === 0) {
    return runs.open || runs.pending ? <Bones rows={8} /> : empty;
  }
  const widths = [PICK_WIDTH, narrow ? NAME_NARROW : NAME_WIDTH, ...shown.map(widthOf)];
  const template = widths.map((width) => `${width}px`).join(' ');
  const width = widths.reduce((sum, one) => sum + one, 0);
  return (
    <>
      <div
        ref={scroller}
        className="runs-grid"
        role="grid"
        aria-label="Runs"
        aria-rowcount={runs.open ? -1 : runs.count + 1}
        aria-colcount={widths.length}
        aria-multiselectable
        aria-activedescendant={runs.row(active) ? `run-row-${active}` : undefined}
        tabIndex={0}
        onKeyDown={keys}
        onClick={open}
      >
        <Head columns={shown} template={template} width={width} question={question} order={order} />
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), width, minWidth: '100%', position: 'relative' }}>
          {items.map((item) => {
            const row = runs.row(item.index);
            return (
              <Row
                key={item.index % pool.current}
                at={item.index}
                top={item.start}
                row={row ? (fresh.get(row.id) ?? row) : undefined}
                columns={shown}
                template={template}
                experiments={experiments}
                picked={row !== undefined && picked.has(row.id)}
                active={item.index === active}
                now={now}
                pick={pickRow}
                activate={setActive}
              />
            );
          })}
        </div>
      </div>
      <p className="runs-foot small quiet" role="status">
        {runs.open ? `${exact(runs.count)} runs so far, more below` : `${exact(runs.count)} ${runs.count === 1 ? 'run' : 'runs'}`}
        {runs.error ? <span className="tone-fail"> · Some rows could not be read: {runs.error.message}</span> : null}
      </p>
    </>
  );
}

interface HeadProps {
  columns: Column[];
  template: string;
  width: number;
  question: RunQuestion;
  order: (order: string) => void;
}

function Head({ columns, template, width, question, order }: HeadProps) {
  return (
    <div role="rowgroup" className="runs-head" style={{ width, minWidth: '100%' }}>
      <div role="row" aria-rowindex={1} className="runs-row" style={{ gridTemplateColumns: template }}>
        <span role="columnheader" className="runs-cell pinned">
          <span className="hidden-text">Picked</span>
        </span>
        <HeadCell column={{ kind: 'attributes', key: 'run_name' }} label="Run" question={question} order={order} pinned />
        {columns.map((column) => (
          <HeadCell key={`${column.kind}.${column.key}`} column={column} label={labelOf(column)} question={question} order={order} />
        ))}
      </div>
    </div>
  );
}

function HeadCell({
  column,
  label,
  question,
  order,
  pinned = false,
}: {
  column: Column;
  label: string;
  question: RunQuestion;
  order: (order: string) => void;
  pinned?: boolean;
}) {
  const state = orderState(column, question.order);
  const kind = column.kind === 'attributes' ? '' : `${column.kind.slice(0, -1)} `;
  const sortable = column.key === 'run_name' || isSortable(column);
  return (
    <span
      role="columnheader"
      aria-sort={sortable ? state : undefined}
      className={`runs-cell${pinned ? ' pinned second' : ''}${column.kind === 'metrics' ? ' num' : ''}`}
      title={`${kind}${column.key}`}
    >
      {sortable ? (
        <button type="button" className="sort" onClick={() => order(nextOrder(column, question.order))}>
          <span className="cut">{label}</span>
          {state === 'ascending' ? <IconArrowUp size={14} stroke={2} aria-hidden /> : null}
          {state === 'descending' ? <IconArrowDown size={14} stroke={2} aria-hidden /> : null}
        </button>
      ) : (
        <span className="cut">{label}</span>
      )}
    </span>
  );
}

interface RowProps {
  at: number;
  top: number;
  row: RunRow | undefined;
  columns: Column[];
  template: string;
  experiments: Map<string, string>;
  picked: boolean;
  active: boolean;
  now: number;
  pick: (row: RunRow) => void;
  activate: (at: number) => void;
}

const Row = memo(function Row({ at, top, row, columns, template, experiments, picked, active, now, pick, activate }: RowProps) {
  const look = `runs-row line${picked ? ' picked' : ''}${active ? ' active' : ''}`;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      role="row"
      id={`run-row-${at}`}
      aria-rowindex={at + 2}
      aria-selected={picked}
      className={look}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)` }}
      onClick={() => activate(at)}
    >
      <span role="gridcell" className="runs-cell pinned">
        {row ? <input type="checkbox" tabIndex={-1} aria-label={`Pick ${row.name}`} checked={picked} onChange={() => pick(row)} /> : null}
      </span>
      <span role="gridcell" className="runs-cell pinned second">
        {row ? (
          <a href={`runs/${row.id}`} data-run={row.id} className="cut strong run-link" tabIndex={-1} title={row.name}>
            {row.name}
          </a>
        ) : (
          <span className="bone" style={{ width: 140, height: 14 }} />
        )}
      </span>
      {columns.map((column) => (
        <span role="gridcell" key={`${column.kind}.${column.key}`} className={`runs-cell${column.kind === 'metrics' ? ' num' : ''}`}>
          {row ? (
            <Cell row={row} column={column} experiments={experiments} now={now} />
          ) : (
            <span className="bone" style={{ width: 48, height: 14 }} />
          )}
        </span>
      ))}
    </div>
  );
});

interface CellProps {
  row: RunRow;
  column: Column;
  experiments: Map<string, string>;
  now: number;
}

function Cell({ row, column, experiments, now }: CellProps) {
  const { kind, key } = column;
  if (kind === 'metrics') {
    const value = row.metrics[key];
    return value === undefined ? <span className="quiet">{ABSENT}</span> : <span title={String(value)}>{logged(value)}</span>;
  }
  if (kind !== 'attributes') {
    const value = row[kind][key];
    return value === undefined ? (
      <span className="quiet">{ABSENT}</span>
    ) : (
      <span className="cut mono" title={value}>
        {value}
      </span>
    );
  }
  switch (key) {
    case 'status':
      return <Status word={row.status} />;
    case 'start_time':
      return <Moment at={row.start} now={now} />;
    case 'end_time':
      return <Moment at={row.end} now={now} />;
    case 'duration':
      return <Took row={row} />;
    case 'experiment':
      return <span className="cut">{experiments.get(row.experiment) ?? row.experiment}</span>;
    case 'user_id':
      return <span className="cut">{row.user || ABSENT}</span>;
    default:
      return <span className="cut mono">{row.id}</span>;
  }
}

/** How long ago, by the one clock of the table. */
function Moment({ at, now }: { at: number; now: number }) {
  return at > 0 ? <time title={`${dateTime(at, ZONE)} · ${iso(at)}`}>{ago(at, now)}</time> : ABSENT;
}

function Took({ row }: { row: RunRow }) {
  return row.end > 0 || row.status !== 'RUNNING' ? duration(took(row, 0) ?? Number.NaN) : <Going row={row} />;
}

function Going({ row }: { row: RunRow }) {
  return duration(took(row, useNow(1000)) ?? Number.NaN);
}
