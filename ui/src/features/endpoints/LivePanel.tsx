import type { EndpointVariant } from '../../api/endpoints';
import { Panel } from '../../shared/bits';
import { ABSENT, metric, percent } from '../../shared/format';
import { Empty } from '../../shared/states';
import { LiveChart, type LiveLine } from './LiveChart';
import { earlier, quantile, type Rate, rateOf, type Sample } from './rates';
import { byRole, variantName } from './words';

/** Each value is taken over so long, so that a quiet endpoint draws no comb. */
export const WINDOW_MILLIS = 10_000;
export const SHOWN_MILLIS = 300_000;
const LINES_MOST = 4;

const text = (value: number | undefined) => (value === undefined ? ABSENT : metric(value, 3));

interface Props {
  endpoint: string;
  variants: EndpointVariant[];
  history: Sample[];
}

/** Traffic, latency and failures of the last minutes, since the page was opened. */
export function LivePanel({ endpoint, variants, history }: Props) {
  const silent = (history.at(-1)?.scorers ?? []).filter((one) => !one.answered).map((one) => one.id);
  const nobody = history.length > 0 && history.at(-1)?.scorers.every((one) => !one.answered);
  return (
    <Panel
      title="Live"
      side={
        <span className="small quiet">
          {silent.length > 0 && !nobody ? `without ${silent.join(', ')}, which did not answer; ` : ''}since you opened this page, 5 minutes
          at most
        </span>
      }
    >
      {nobody ? (
        <Empty title="No scorer tells what it does">
          <p className="quiet">
            {silent.length > 0 ? `${silent.join(', ')} did not answer just now.` : 'No scorer is alive.'} This page asks again by itself;
            “perennial status” names the scorers that are known.
          </p>
        </Empty>
      ) : (
        <Charts endpoint={endpoint} variants={variants} history={history} />
      )}
    </Panel>
  );
}

function Charts({ endpoint, variants, history }: Props) {
  const at = history.map((one) => one.at);
  const pairs = history.map((_, place) => {
    const upTo = history.slice(0, place + 1);
    return [earlier(upTo, WINDOW_MILLIS), upTo.at(-1)] as const;
  });
  const shown = byRole(variants)
    .filter((one) => one.role === 'champion' || one.role === 'canary')
    .slice(0, LINES_MOST);
  const linesOf = (value: (rate: Rate) => number | undefined): LiveLine[] =>
    shown.map((one, place) => ({
      name: variantName(endpoint, one.version),
      colour: `var(--series-${place + 1})`,
      values: pairs.map(([before, now]) => {
        const rate = before && now ? rateOf(before, now, one.version) : undefined;
        return rate ? value(rate) : undefined;
      }),
    }));
  const latency = [0.5, 0.99].map((share, place) => ({
    name: `p${100 * share}`,
    colour: `var(--series-${place === 0 ? 3 : 4})`,
    values: pairs.map(([before, now]) => (before && now ? quantile(before, now, share)?.millis : undefined)),
  }));
  const common = { at, millis: SHOWN_MILLIS };
  return (
    <div className="panel-body live-grid">
      <LiveChart title="Traffic" unit="rows a second" lines={linesOf((rate) => rate.rowsPerSecond)} text={text} {...common} />
      <LiveChart title="Latency" unit="ms, of all requests" lines={latency} text={text} {...common} />
      <LiveChart title="Latency by version" unit="mean, ms" lines={linesOf((rate) => rate.meanMillis)} text={text} {...common} />
      <LiveChart
        title="Failed"
        unit="share of requests"
        lines={linesOf((rate) => rate.failureShare)}
        text={(value) => percent(value)}
        {...common}
      />
    </div>
  );
}
