import { Fragment, useState } from 'react';
import type { GateReport, GateVerdict } from '../../api/types';
import { Scroll } from '../../shared/bits';
import { exact, interval, metric } from '../../shared/format';
import { Status, tell } from '../../shared/Status';

const DETAILS: Record<string, string> = {
  SHOWN: 'shown',
  FIRST_VERSION: 'first version, skipped',
  SHOWN_WORSE: 'shown worse',
  NOT_SHOWN_BETTER: 'not shown better',
  NOT_SHOWN_NOT_WORSE: 'not shown to be no worse',
  NOT_REACHED: 'threshold not reached',
  TOO_GOOD: 'too good to be true',
  CUT_OFF_DECLARED: 'training cut-off only declared',
  CUT_OFF_UNKNOWN: 'training cut-off unknown',
  SAW_HOLDOUT: 'a model saw the holdout',
  TOO_FEW_DAYS: 'too few days',
  TOO_FEW_ROWS: 'too few rows',
  NOT_MEASURED: 'not measured',
  DATA_BROKEN: 'data break their contract',
  SIGNATURE_BROKEN: 'signature does not fit',
  SKEW: 'serving differs from training',
  NO_THRESHOLDS: 'no threshold declared',
  BROKEN_EVALUATION: 'evaluation contradicts itself',
};

export function detailWords(detail: string): string {
  return DETAILS[detail] ?? detail.toLowerCase().replaceAll('_', ' ');
}

/** Every gate with its interval against its threshold; the slices of a gate unfold. */
export function VerdictTable({ report }: { report: GateReport }) {
  return (
    <div className="stack">
      <p>
        <Status word={report.verdict} chip /> {report.text}
      </p>
      <Scroll label="Gates">
        <table className="grid">
          <thead>
            <tr>
              <th>Verdict</th>
              <th>Gate</th>
              <th>Estimate and interval</th>
              <th className="num">Threshold</th>
              <th className="num">Rows</th>
            </tr>
          </thead>
          <tbody>
            {report.verdicts.map((verdict) => (
              <Gate key={verdict.gate} verdict={verdict} />
            ))}
          </tbody>
        </table>
      </Scroll>
      {report.withheld.length > 0 ? (
        <p className="small quiet">
          Days withheld from every verdict: {report.withheld.map((one) => `${one.day} (${one.reason})`).join(', ')}
        </p>
      ) : null}
    </div>
  );
}

function Gate({ verdict }: { verdict: GateVerdict }) {
  const [open, setOpen] = useState(false);
  const parts = verdict.parts;
  return (
    <Fragment>
      <tr>
        <VerdictCell verdict={verdict} />
        <td className="wrap roomy">
          <span className="strong">{verdict.gate}</span>
          {parts.length > 0 ? (
            <>
              {' '}
              <button type="button" className="cell-link small" aria-expanded={open} onClick={() => setOpen(!open)}>
                {open ? 'hide' : 'show'} {parts.length} slices
              </button>
            </>
          ) : null}
          <div className="small quiet">{verdict.text}</div>
        </td>
        <VerdictCells verdict={verdict} />
      </tr>
      {open
        ? parts.map((part) => (
            <tr key={part.gate}>
              <VerdictCell verdict={part} />
              <td className="wrap" style={{ paddingLeft: 32 }}>
                {part.gate}
              </td>
              <VerdictCells verdict={part} />
            </tr>
          ))
        : null}
    </Fragment>
  );
}

function VerdictCell({ verdict }: { verdict: GateVerdict }) {
  return (
    <td>
      <Status word={verdict.verdict} />
      <div className="small quiet">{detailWords(verdict.detail)}</div>
    </td>
  );
}

function VerdictCells({ verdict }: { verdict: GateVerdict }) {
  return (
    <>
      <td>
        {verdict.estimate === null ? (
          <span className="quiet">–</span>
        ) : (
          <>
            <span title={String(verdict.estimate)}>{metric(verdict.estimate)}</span>{' '}
            <span className="quiet">{interval(verdict.low, verdict.high)}</span>
            <IntervalBar
              estimate={verdict.estimate}
              low={verdict.low}
              high={verdict.high}
              threshold={verdict.threshold}
              tone={tell(verdict.verdict)[0]}
            />
          </>
        )}
      </td>
      <td className="num">{metric(verdict.threshold)}</td>
      <td className="num">
        {verdict.rows > 0 ? exact(verdict.rows) : '–'}
        {verdict.clusters > 0 ? <div className="small quiet">{verdict.clusters} days</div> : null}
        {verdict.deff === null ? null : (
          <div className="small quiet" title="Design effect: variance by days over variance by rows">
            effect {metric(verdict.deff, 2)}
          </div>
        )}
      </td>
    </>
  );
}

interface BarProps {
  estimate: number;
  low: number | null;
  high: number | null;
  threshold: number | null;
  tone: string;
}

const WIDTH = 150;
const HEIGHT = 18;

/** An interval drawn against its threshold, which is dashed. */
export function IntervalBar({ estimate, low, high, threshold, tone }: BarProps) {
  const values = [estimate, low, high, threshold].filter((value): value is number => value !== null);
  const least = Math.min(...values);
  const span = Math.max(...values) - least || Math.abs(least) || 1;
  const x = (value: number) => 6 + ((value - least) / span) * (WIDTH - 12);
  return (
    <svg className={`gate-interval tone-${tone}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      {threshold === null ? null : (
        <line x1={x(threshold)} x2={x(threshold)} y1={1} y2={HEIGHT - 1} stroke="var(--text)" strokeDasharray="3 2" strokeWidth={1.5} />
      )}
      {low === null || high === null ? null : (
        <line x1={x(low)} x2={x(high)} y1={HEIGHT / 2} y2={HEIGHT / 2} stroke="var(--tone)" strokeWidth={4} strokeOpacity={0.45} />
      )}
      <circle cx={x(estimate)} cy={HEIGHT / 2} r={4} fill="var(--tone)" />
    </svg>
  );
}
