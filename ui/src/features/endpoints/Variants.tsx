import { Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Admission, DetailVariant, EndpointDetail } from '../../api/endpoints';
import { HashText, Panel, Scroll } from '../../shared/bits';
import { ABSENT, exact, metric, percent } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Empty } from '../../shared/states';
import { earlier, rateOf, type Sample } from './rates';
import { Split } from './Split';
import { byRole, lifeOf, shareText, variantName, versionParts } from './words';

const WINDOW_MILLIS = 10_000;

/** The versions behind an endpoint: what each is for, its share, how it does, and why it was admitted. */
export function Variants({ endpoint, history }: { endpoint: EndpointDetail; history: Sample[] }) {
  const [open, setOpen] = useState<DetailVariant>();
  const now = history.at(-1);
  const before = earlier(history, WINDOW_MILLIS);
  return (
    <Panel title="Versions">
      {endpoint.variants.length === 0 ? (
        <Empty title="No version is deployed here">
          <p className="quiet">Calls are refused until one is.</p>
        </Empty>
      ) : (
        <>
          <div className="panel-body">
            <Split endpoint={endpoint.name} variants={endpoint.variants} />
          </div>
          <Scroll label="Versions of the endpoint">
            <table className="grid">
              <thead>
                <tr>
                  <th>Version</th>
                  <th>Role</th>
                  <th className="num">Share</th>
                  <th className="num">Rows / s</th>
                  <th className="num">Failed</th>
                  <th className="num">Mean, ms</th>
                  <th>Format</th>
                  <th>Admission</th>
                </tr>
              </thead>
              <tbody>
                {byRole(endpoint.variants).map((one) => {
                  const rate = before && now ? rateOf(before, now, one.version) : undefined;
                  return (
                    <tr key={one.version}>
                      <td className="title">
                        <VersionLink endpoint={endpoint} version={one.version} />
                      </td>
                      <td>
                        <Status word={one.role.toUpperCase()} />
                      </td>
                      <td className="num">{one.weight > 0 ? shareText(one.weight) : ABSENT}</td>
                      <td className="num">{metric(rate?.rowsPerSecond, 3)}</td>
                      <td className="num">{percent(rate?.failureShare)}</td>
                      <td className="num">{metric(rate?.meanMillis, 3)}</td>
                      <td className="mono">
                        {one.format || ABSENT}
                        {one.load === 'demand' ? <span className="small quiet"> on demand</span> : null}
                      </td>
                      <td>
                        {one.admission ? (
                          <button type="button" className="cell-link" onClick={() => setOpen(one)}>
                            <Status word={one.admission.verdict} />
                          </button>
                        ) : (
                          <span className="quiet" title="It served before versions were admitted in a process of their own">
                            by service
                          </span>
                        )}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
      <Drawer
        opened={open !== undefined}
        onClose={() => setOpen(undefined)}
        title={open ? `Admission of ${open.version}` : ''}
        size="min(640px, 100vw)"
      >
        {open?.admission ? <AdmissionFacts admission={open.admission} /> : null}
      </Drawer>
    </Panel>
  );
}

/** A version's page: of the model whose lifecycle made it, or of the registry. */
export function VersionLink({ endpoint, version }: { endpoint: Pick<EndpointDetail, 'name' | 'origin' | 'model'>; version: string }) {
  const { model, number } = versionParts(version);
  const name = variantName(endpoint.name, version);
  return lifeOf(endpoint) === undefined ? (
    <Link to="/registry/$name/$version" params={{ name: model, version: number }} className="wrap-anywhere" title={version}>
      {name}
    </Link>
  ) : (
    <Link to="/models/$model" params={{ model }} search={{ version: Number(number) }} title={version}>
      {name}
    </Link>
  );
}

/** What was found when the version was tried in a process of its own, before anything served it. */
export function AdmissionFacts({ admission }: { admission: Admission }) {
  const { evidence } = admission;
  const facts: [string, ReactNode][] = [];
  const fact = (name: string, value: ReactNode) => value !== undefined && value !== null && facts.push([name, value]);
  fact('Format', evidence.format);
  fact('Example', evidence.example);
  fact(
    'Latency',
    evidence.latency &&
      `p50 ${metric(evidence.latency.p50Micros, 3)} µs, p99 ${metric(evidence.latency.p99Micros, 3)} µs over ${exact(evidence.latency.runs)} runs`,
  );
  fact('Loaded in', evidence.loadMillis === undefined ? undefined : `${exact(evidence.loadMillis)} ms`);
  fact('Size', evidence.bytes === undefined ? undefined : `${exact(evidence.bytes)} bytes`);
  fact('SHA-256', evidence.sha256 ? <HashText hash={evidence.sha256} most={28} /> : undefined);
  fact('Limits', evidence.limits?.applied?.join('; '));
  return (
    <div className="stack">
      <div className="row">
        <Status word={admission.verdict} chip />
        {admission.reason ? <span className="wrap-anywhere">{admission.reason}</span> : null}
      </div>
      <dl className="pairs">
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      <details>
        <summary>All evidence</summary>
        <pre className="code-block">{JSON.stringify(evidence, null, 2)}</pre>
      </details>
    </div>
  );
}
