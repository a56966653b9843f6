import { Button, Popover } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconColumns3 } from '@tabler/icons-react';
import { useState } from 'react';
import { COLUMNS_MAX, type Column, type ColumnKind, type Keys, labelOf, offeredColumns } from './columns';

const KIND_NAMES: Record<ColumnKind, string> = { attributes: 'Run', metrics: 'Metrics', params: 'Params', tags: 'Tags' };
const LISTED_MAX = 200;

interface Props {
  shown: Column[];
  keys: Keys;
  choose: (columns: Column[] | undefined) => void;
}

const same = (a: Column, b: Column) => a.kind === b.kind && a.key === b.key;

/** Which columns the table has and in which order; those of the runs that were seen so far are offered. */
export function ColumnMenu({ shown, keys, choose }: Props) {
  const [typed, setTyped] = useState('');
  const words = typed.toLowerCase().split(/\s+/);
  const fits = (column: Column) => words.every((word) => `${column.kind} ${labelOf(column)}`.toLowerCase().includes(word));
  const others = offeredColumns(keys).filter((one) => !shown.some((other) => same(one, other)) && fits(one));
  const move = (at: number, by: number) => {
    const next = [...shown];
    const [one] = next.splice(at, 1);
    if (one) {
      next.splice(at + by, 0, one);
      choose(next);
    }
  };
  return (
    <Popover position="bottom-end" width={340} trapFocus withinPortal={false} shadow="none">
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={16} stroke={2} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="column-menu" aria-label="Columns">
        <div className="row">
          <input
            className="field grow"
            aria-label="Search columns"
            placeholder="Search columns"
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <button type="button" className="cell-link small" onClick={() => choose(undefined)}>
            Usual ones
          </button>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section className="column-list" tabIndex={0} aria-label="Columns to show">
          <h3>Shown</h3>
          {shown.map((column, at) =>
            fits(column) ? (
              <div key={`${column.kind}.${column.key}`} className="column-choice">
                <Choice column={column} checked toggle={() => choose(shown.filter((one) => !same(one, column)))} />
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Move ${labelOf(column)} up`}
                  disabled={at === 0}
                  onClick={() => move(at, -1)}
                >
                  <IconChevronUp size={16} stroke={2} aria-hidden />
                </button>
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Move ${labelOf(column)} down`}
                  disabled={at === shown.length - 1}
                  onClick={() => move(at, 1)}
                >
                  <IconChevronDown size={16} stroke={2} aria-hidden />
                </button>
              </div>
            ) : null,
          )}
          {(['attributes', 'metrics', 'params', 'tags'] as const).map((kind) => {
            const listed = others.filter((one) => one.kind === kind);
            return listed.length === 0 ? null : (
              <div key={kind}>
                <h3>{KIND_NAMES[kind]}</h3>
                {listed.slice(0, LISTED_MAX).map((column) => (
                  <div key={column.key} className="column-choice">
                    <Choice column={column} checked={false} toggle={() => shown.length < COLUMNS_MAX && choose([...shown, column])} />
                  </div>
                ))}
                {listed.length > LISTED_MAX ? <p className="small quiet">{listed.length - LISTED_MAX} more: search for them.</p> : null}
              </div>
            );
          })}
        </section>
      </Popover.Dropdown>
    </Popover>
  );
}

function Choice({ column, checked, toggle }: { column: Column; checked: boolean; toggle: () => void }) {
  return (
    <label className="row-tight grow">
      <input type="checkbox" checked={checked} onChange={toggle} />
      <span className={`cut${column.kind === 'attributes' ? '' : ' mono'}`} title={column.key}>
        {labelOf(column)}
      </span>
    </label>
  );
}
