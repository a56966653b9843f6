import { type ReactNode, useState } from 'react';
import { Scroll } from './bits';

const SEARCH_FROM = 12;

interface NamedProps<T> {
  title: string;
  entries: [string, T][];
  none: string;
  cell: (value: T, key: string) => ReactNode;
  label?: (key: string) => ReactNode;
}

/** Names and values, sorted by name; a long list can be searched. */
export function Named<T>({ title, entries, none, cell, label }: NamedProps<T>) {
  const [typed, setTyped] = useState('');
  const found = entries.filter(([key]) => key.toLowerCase().includes(typed.toLowerCase())).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <section aria-label={title}>
      <div className="spread section-head">
        <h2>
          {title} <span className="quiet regular">{entries.length}</span>
        </h2>
        {entries.length > SEARCH_FROM ? (
          <input
            className="field"
            aria-label={`Search ${title.toLowerCase()}`}
            placeholder="Search"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        ) : null}
      </div>
      {entries.length === 0 ? (
        <p className="quiet">{none}</p>
      ) : (
        <div className="named-box">
          <Scroll label={`${title}, by name`}>
            <table className="grid">
              <tbody>
                {found.map(([key, value]) => (
                  <tr key={key}>
                    <th scope="row" className="named-key mono" title={key}>
                      {label ? label(key) : key}
                    </th>
                    <td className="named-value">{cell(value, key)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          {found.length === 0 ? <p className="panel-body quiet">Nothing matches “{typed}”.</p> : null}
        </div>
      )}
    </section>
  );
}
