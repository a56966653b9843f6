import { Button } from '@mantine/core';
import type { CurveSearch } from '../../app/search';
import type { XKind } from './plot';

interface Props {
  search: CurveSearch;
  set: (change: CurveSearch, replace?: boolean) => void;
}

const AXIS_NAMES: [XKind, string][] = [
  ['step', 'Step'],
  ['relative', 'Time since start'],
  ['time', 'Wall clock'],
];

/** How curves are drawn: axis, smoothing, scale. All of it stands in the address. */
export function CurveControls({ search, set }: Props) {
  const smoothing = search.smooth ?? 0;
  return (
    <div className="controls">
      <label>
        Horizontal
        <select
          className="select"
          value={search.axis ?? 'step'}
          onChange={(event) => {
            const axis = event.currentTarget.value as XKind;
            set({ axis: axis === 'step' ? undefined : axis, from: undefined, to: undefined }, true);
          }}
        >
          {AXIS_NAMES.map(([axis, name]) => (
            <option key={axis} value={axis}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Smoothing
        <input
          type="range"
          min={0}
          max={99}
          value={smoothing}
          aria-valuetext={smoothing === 0 ? 'none' : `${smoothing} percent`}
          onChange={(event) => set({ smooth: Number(event.currentTarget.value) || undefined }, true)}
        />
        <span className="quiet smooth-value">{smoothing === 0 ? 'none' : (smoothing / 100).toFixed(2)}</span>
      </label>
      <label>
        <input type="checkbox" checked={search.log ?? false} onChange={() => set({ log: search.log ? undefined : true }, true)} />
        Log scale
      </label>
      {search.from !== undefined ? (
        <Button variant="default" size="compact-sm" onClick={() => set({ from: undefined, to: undefined }, true)}>
          Whole range
        </Button>
      ) : null}
    </div>
  );
}
