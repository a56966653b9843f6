import { Link } from '@tanstack/react-router';
import type { Training, ValidationReport, VersionDetail } from '../../api/types';
import { EventTime, HashText, Scroll } from '../../shared/bits';
import { exact, metric, percent } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Importance } from './Importance';

/** Approvals, lineage, data, training and signature of a version. */
export function VersionFacts({ version, zone }: { version: VersionDetail; zone: string }) {
  const { evidence, manifestBody } = version;
  return (
    <>
      {evidence.signature ? (
        <>
          <h3>Approval</h3>
          <p className="quote">{evidence.signature.reason}</p>
          <p className="small quiet">
            {evidence.signature.by} (the name is not authenticated), <EventTime at={evidence.signature.at} zone={zone} />
          </p>
        </>
      ) : null}
      <h3>Made from</h3>
      <Lineage version={version} zone={zone} />
      {evidence.validation ? <Contract report={evidence.validation} /> : null}
      {evidence.training ? <TrainingFacts training={evidence.training} /> : null}
      {manifestBody.signature ? (
        <details>
          <summary>Signature: {manifestBody.signature.length} columns</summary>
          <p className="mono small" style={{ marginTop: 8 }}>
            {manifestBody.signature.map((column) => `${column.name}: ${column.type}`).join(' · ')}
          </p>
        </details>
      ) : null}
    </>
  );
}

function Lineage({ version, zone }: { version: VersionDetail; zone: string }) {
  const { manifestBody } = version;
  const cpu = version.evidence.evaluation?.cpuMicrosPerRow?.candidate;
  const parameters = Object.entries(manifestBody.parameters ?? {});
  const environment = Object.entries(manifestBody.environment ?? {});
  return (
    <dl className="pairs">
      <dt>Registered</dt>
      <dd>
        <EventTime at={version.eventTime} zone={zone} /> <span className="quiet">by the model’s clock</span>
      </dd>
      <dt>Source</dt>
      <dd>{version.source === 'TRAINED' ? 'trained here' : 'imported from outside'}</dd>
      <dt>Training cut-off</dt>
      <dd>
        {version.trainedUntil === null ? (
          'not proven'
        ) : (
          <>
            events and outcomes known before <EventTime at={version.trainedUntil} zone={zone} />
          </>
        )}
      </dd>
      {manifestBody.trainedDays ? (
        <>
          <dt>Training days</dt>
          <dd>
            {manifestBody.trainedDays.first} to {manifestBody.trainedDays.last}, {exact(manifestBody.rows ?? 0)} rows
          </dd>
        </>
      ) : null}
      <dt>Snapshot</dt>
      <dd>{version.snapshot ? <HashText hash={version.snapshot} most={28} /> : 'none: made outside'}</dd>
      <dt>Lifecycle file</dt>
      <dd>
        <HashText hash={version.lifecycle} most={28} />
      </dd>
      <dt>Model file</dt>
      <dd>
        <HashText hash={version.file} most={28} /> <span className="quiet">{manifestBody.format}</span>
      </dd>
      <dt>Manifest</dt>
      <dd>
        <HashText hash={version.manifest} most={28} />
      </dd>
      {version.run ? (
        <>
          <dt>Run</dt>
          <dd>
            <RunLink run={version.run} />
          </dd>
        </>
      ) : null}
      {parameters.length > 0 ? (
        <>
          <dt>Parameters</dt>
          <dd className="mono">
            {parameters.map(([name, value]) => `${name} ${String(value)}`).join(' · ')}
            {manifestBody.seed === undefined ? '' : ` · seed ${manifestBody.seed}`}
          </dd>
        </>
      ) : null}
      {environment.length > 0 ? (
        <>
          <dt>Environment</dt>
          <dd className="mono">{environment.map(([name, value]) => `${name} ${String(value)}`).join(' · ')}</dd>
        </>
      ) : null}
      {cpu === undefined ? null : (
        <>
          <dt>Cost</dt>
          <dd>{metric(cpu, 3)} µs of CPU a row</dd>
        </>
      )}
    </dl>
  );
}

/** Tracking runs have ids of hexadecimal digits alone, pipeline runs have dashes. */
function RunLink({ run }: { run: string }) {
  return run.includes('-') ? (
    <>
      <Link to="/runs" search={{ tab: 'pipelines', pipeline: run }}>
        pipeline run
      </Link>{' '}
      ·{' '}
      <Link to="/runs" search={{ tab: 'tracking', filter: `tags.\`perennial.pipeline_run\` = '${run}'` }}>
        tracking run
      </Link>
    </>
  ) : (
    <Link to="/runs/$run" params={{ run }}>
      tracking run
    </Link>
  );
}

function Contract({ report }: { report: ValidationReport }) {
  const constraints = report.constraints ?? [];
  const broken = constraints.filter((one) => one.status === 'FAIL');
  const quarantined = report.quarantined ?? [];
  const excluded = report.excludedDays ?? [];
  return (
    <>
      <h3>Data contract</h3>
      <p>
        {constraints.length === 0 ? (
          <span className="quiet">No rule was checked.</span>
        ) : (
          <>
            <Status
              word={broken.length === 0 ? 'PASS' : 'WARNING'}
              label={`${constraints.length - broken.length} of ${constraints.length} rules hold`}
            />
            {quarantined.length > 0 ? ` · ${exact(quarantined.length)} rows quarantined` : ''}
            {excluded.length > 0 ? ` · ${exact(excluded.length)} days left out` : ''}
          </>
        )}
      </p>
      {broken.length > 0 ? (
        <Scroll label="Broken rules">
          <table className="grid">
            <thead>
              <tr>
                <th>Column</th>
                <th>Expected</th>
                <th className="num">In breach</th>
                <th>On breach</th>
                <th>Example</th>
              </tr>
            </thead>
            <tbody>
              {broken.map((one) => (
                <tr key={`${one.target} ${one.rule}`}>
                  <td className="mono">{one.target}</td>
                  <td>{one.expected}</td>
                  <td className="num">
                    {exact(one.failed)} of {exact(one.checked)} <span className="quiet">({percent(one.share, 2)})</span>
                  </td>
                  <td>{one.onBreach.toLowerCase().replaceAll('_', ' ')}</td>
                  <td className="wrap mono">{one.examples[0] ? example(one.examples[0]) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : null}
      {excluded.length > 0 ? (
        <p className="small quiet">Left out: {excluded.map((one) => `${one.day} (${one.reason})`).join(', ')}</p>
      ) : null}
    </>
  );
}

function example({ key, value }: { key: Record<string, string>; value: string | null }): string {
  return `${Object.entries(key)
    .map(([name, text]) => `${name} ${text}`)
    .join(', ')}: ${value ?? 'missing'}`;
}

function TrainingFacts({ training }: { training: Training }) {
  return (
    <>
      <h3>Training</h3>
      <p className="quiet">
        {training.rows === undefined ? '' : `${exact(training.rows)} rows, `}
        {training.prior === undefined ? '' : `rate ${percent(training.prior)}, `}
        {training.cpuMillis === undefined ? '' : `${metric(training.cpuMillis / 1000, 3)} s of CPU`}
      </p>
      {training.importance ? <Importance importance={training.importance} /> : null}
    </>
  );
}
