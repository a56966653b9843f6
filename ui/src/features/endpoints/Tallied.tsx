import { useQuery } from '@tanstack/react-query';
import { endpoints, type Tallies } from '../../api/endpoints';
import { Panel, Scroll } from '../../shared/bits';
import { count, exact, percent } from '../../shared/format';
import { Status } from '../../shared/Status';
import { LiveChart } from './LiveChart';
import { seriesOf } from './tallyLines';
import { variantName } from './words';

/** What the versions answered in the last day and how much of it the log holds. Nothing where the log holds every row. */
export default function Tallied({ endpoint }: { endpoint: string }) {
  const tallies = useQuery({ ...endpoints.tallies(endpoint), retry: false });
  const told = tallies.data;
  return told && told.sums.length > 0 ? (
    <Panel title="Answered and logged" side={<span className="small quiet">the last 24 hours, by the scorers’ clocks</span>}>
      <Charts endpoint={endpoint} tallies={told} />
      <Sums endpoint={endpoint} tallies={told} />
    </Panel>
  ) : null;
}

function Charts({ endpoint, tallies }: { endpoint: string; tallies: Tallies }) {
  const minutes = tallies.every === 1 ? 'a minute' : `in ${tallies.every} minutes`;
  const { at, lines } = seriesOf(tallies, (version) => variantName(endpoint, version));
  const common = { at, millis: tallies.to - tallies.from };
  const named = (value: 'answered' | 'share' | 'errors') =>
    lines.map((line, place) => ({ name: line.name, colour: `var(--series-${(place % 8) + 1})`, values: line[value] }));
  return (
    <div className="panel-body live-grid">
      <LiveChart title="Answered" unit={`rows ${minutes}`} lines={named('answered')} text={(value) => count(value)} {...common} />
      <LiveChart title="In the log" unit="share of the rows" lines={named('share')} text={(value) => percent(value, 0)} {...common} />
      {tallies.sums.some((one) => one.errors > 0) ? (
        <LiveChart title="Failed" unit={`requests ${minutes}`} lines={named('errors')} text={(value) => count(value)} {...common} />
      ) : null}
    </div>
  );
}

function Sums({ endpoint, tallies }: { endpoint: string; tallies: Tallies }) {
  return (
    <Scroll label="Answered and logged by version">
      <table className="grid">
        <thead>
          <tr>
            <th>Version</th>
            <th>Role</th>
            <th className="num">Rows answered</th>
            <th className="num">Rows in the log</th>
            <th className="num">Share</th>
            <th className="num">Failed requests</th>
          </tr>
        </thead>
        <tbody>
          {tallies.sums.map((one) => (
            <tr key={`${one.version} ${one.role}`}>
              <td className="title">{variantName(endpoint, one.version)}</td>
              <td>
                <Status word={one.role.toUpperCase()} />
              </td>
              <td className="num">{exact(one.answered)}</td>
              <td className="num">{exact(one.logged)}</td>
              <td className="num">{percent(one.share)}</td>
              <td className="num">{exact(one.errors)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
