import type { PipelineRun, RunStep } from '../../api/types';
import { HashText, useNow } from '../../shared/bits';
import { duration } from '../../shared/format';
import { Status, tell } from '../../shared/Status';

/** The steps of a run on one time axis, with what each is doing or why it failed. */
export function Steps({ run }: { run: PipelineRun }) {
  const now = useNow(1000);
  const end = run.endedAt === 0 ? now : run.endedAt;
  const length = Math.max(1, end - run.startedAt);
  return (
    <div className="stack-tight">
      <div className="small quiet">
        Run <HashText hash={run.run} most={40} />
      </div>
      <table className="grid" aria-label="Steps">
        <thead>
          <tr>
            <th>Step</th>
            <th>State</th>
            <th className="num">Attempt</th>
            <th style={{ width: '35%' }}>When</th>
            <th>Took</th>
            <th>Line</th>
          </tr>
        </thead>
        <tbody>
          {run.steps.map((step) => (
            <tr key={step.path}>
              <td>
                <span className="strong">{step.path}</span> <span className="small quiet">{step.executor.toLowerCase()}</span>
              </td>
              <td>
                <Status word={step.state} />
              </td>
              <td className="num">{step.attempt === 0 ? '–' : step.attempt}</td>
              <td>
                <When step={step} from={run.startedAt} length={length} now={end} />
              </td>
              <td>{step.startedAt > 0 ? duration((step.endedAt > 0 ? step.endedAt : end) - step.startedAt) : '–'}</td>
              <td className="wrap">{step.line || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function When({ step, from, length, now }: { step: RunStep; from: number; length: number; now: number }) {
  if (step.startedAt <= 0) {
    return <span className="quiet">not yet</span>;
  }
  const left = Math.max(0, (step.startedAt - from) / length);
  const wide = Math.max(0.005, ((step.endedAt > 0 ? step.endedAt : now) - step.startedAt) / length);
  return (
    <div className={`bar tone-${tell(step.state)[0]}`} aria-hidden="true">
      <span style={{ left: `${100 * left}%`, width: `${100 * Math.min(wide, 1 - left)}%` }} />
    </div>
  );
}
