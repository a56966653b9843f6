import { IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode, useMemo } from 'react';
import { ABSENT, duration, logged } from '../../shared/format';
import { Status } from '../../shared/Status';
import { isImportance, type RunRow, took } from '../runs/tracking';
import { metricKeys } from './differ';
import type { ViewProps } from './view';

/** Params that differ, then metrics, then what is the same; a column for each run. */
export function SideBySide({ rows, difference, search, set }: ViewProps) {
  const metrics = useMemo(() => metricKeys(rows).filter((key) => !isImportance(key)), [rows]);
  const baseline = rows.find((row) => row.id === search.baseline);
  const remove = (id: string) => {
    const left = rows.filter((row) => row.id !== id).map((row) => row.id);
    set({ runs: left.join(',') || undefined, baseline: search.baseline === id ? undefined : search.baseline });
  };
  return (
    <>
      <div className="controls compare-bar">
        <label>
          Baseline
          <select
            className="select baseline"
            value={baseline?.id ?? ''}
            onChange={(event) => set({ baseline: event.currentTarget.value || undefined }, true)}
          >
            <option value="">none: values alone</option>
            {rows.map((row) => (
              <option key={row.id} value={row.id}>
                {row.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={search.all ?? false} onChange={() => set({ all: search.all ? undefined : true }, true)} />
          Params that are the same ({difference.same.length})
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="compare-scroll" aria-label="Runs side by side" tabIndex={0}>
        <table className="compare-table">
          <thead>
            <tr>
              <th scope="col" className="key">
                Run
              </th>
              {rows.map((row) => (
                <th scope="col" key={row.id} className={row === baseline ? 'base' : undefined}>
                  <div className="compare-head">
                    <Link to="/runs/$run" params={{ run: row.id }} className="cut" title={row.name}>
                      {row.name}
                    </Link>
                    <button type="button" className="icon-button" aria-label={`Leave out ${row.name}`} onClick={() => remove(row.id)}>
                      <IconX size={14} stroke={2} aria-hidden />
                    </button>
                  </div>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Line name="Status" rows={rows} cell={(row) => <Status word={row.status} />} />
            <Line name="Took" rows={rows} cell={(row) => duration(took(row, Date.now()) ?? Number.NaN)} />
            <Part title={`Params that differ (${difference.differing.length})`} columns={rows.length} />
            {difference.differing.map((key) => (
              <Line key={key} name={key} mono rows={rows} cell={(row) => <Text value={row.params[key]} />} />
            ))}
            <Part title={`Metrics (${metrics.length})`} columns={rows.length} />
            {metrics.map((key) => (
              <Line key={key} name={key} mono numeric rows={rows} cell={(row) => <Value row={row} name={key} baseline={baseline} />} />
            ))}
            {search.all ? (
              <Fragment>
                <Part title={`Params that are the same (${difference.same.length})`} columns={rows.length} />
                {difference.same.map((key) => (
                  <Line key={key} name={key} mono rows={rows} cell={(row) => <Text value={row.params[key]} />} />
                ))}
              </Fragment>
            ) : null}
          </tbody>
        </table>
      </section>
    </>
  );
}

function Part({ title, columns }: { title: string; columns: number }) {
  return (
    <tr className="part">
      <th scope="rowgroup" className="key">
        {title}
      </th>
      <td colSpan={columns} />
    </tr>
  );
}

interface LineProps {
  name: string;
  rows: RunRow[];
  cell: (row: RunRow) => ReactNode;
  mono?: boolean;
  numeric?: boolean;
}

function Line({ name, rows, cell, mono = false, numeric = false }: LineProps) {
  return (
    <tr>
      <th scope="row" className={`key${mono ? ' mono' : ''}`} title={name}>
        {name}
      </th>
      {rows.map((row) => (
        <td key={row.id} className={numeric ? 'num' : undefined}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Always with its sign. */
function difference(value: number): string {
  return `${value > 0 ? '+' : ''}${logged(value, 3)}`;
}

function Text({ value }: { value: string | undefined }) {
  return value === undefined ? (
    <span className="quiet">{ABSENT}</span>
  ) : (
    <span className="mono compare-text" title={value}>
      {value}
    </span>
  );
}

function Value({ row, name, baseline }: { row: RunRow; name: string; baseline: RunRow | undefined }) {
  const value = row.metrics[name];
  const base = baseline?.metrics[name];
  if (value === undefined) {
    return <span className="quiet">{ABSENT}</span>;
  }
  return (
    <>
      <span title={String(value)}>{logged(value, 5)}</span>
      {base !== undefined && row !== baseline ? (
        <div className="small quiet" title={`${value - base} against ${baseline?.name}`}>
          {value === base ? 'equal' : difference(value - base)}
        </div>
      ) : null}
    </>
  );
}
