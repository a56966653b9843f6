import { useState } from 'react';
import { metric } from '../../shared/format';

const FIRST = 10;

/** Which features the model leans on, largest first. */
export function Importance({ importance }: { importance: Record<string, number> }) {
  const [all, setAll] = useState(false);
  const ranked = Object.entries(importance).toSorted((a, b) => b[1] - a[1]);
  const most = ranked[0]?.[1] ?? 1;
  const shown = all ? ranked : ranked.slice(0, FIRST);
  return (
    <div>
      <table className="grid" aria-label="Feature importance">
        <tbody>
          {shown.map(([name, value]) => (
            <tr key={name}>
              <td className="mono" style={{ padding: '2px 12px 2px 0', border: 0 }}>
                {name}
              </td>
              <td style={{ padding: '2px 12px', border: 0, width: '50%' }}>
                <div className="bar" aria-hidden="true">
                  <span style={{ width: `${(100 * value) / most}%`, background: 'var(--series-1)' }} />
                </div>
              </td>
              <td className="num" style={{ padding: '2px 0', border: 0 }}>
                {metric(value, 3)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {ranked.length > FIRST ? (
        <button type="button" className="cell-link small" onClick={() => setAll(!all)}>
          {all ? 'Show the first ten' : `Show all ${ranked.length}`}
        </button>
      ) : null}
    </div>
  );
}
