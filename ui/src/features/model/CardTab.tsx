import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries';
import type { ModelDetail } from '../../api/types';
import { AroundText, EstimateText } from '../../shared/bits';
import { exact, metric, percent } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { VersionFacts } from './VersionFacts';

/** The model card of the champion: for whoever must answer for it. */
export function CardTab({ model, openVersion }: { model: ModelDetail; openVersion: (version: number) => void }) {
  const number = model.champion;
  const champion = useQuery({ ...queries.version(model.model, number ?? 0), enabled: number !== null });
  if (number === null) {
    return (
      <Empty title="No champion, no card yet">
        <p className="quiet">The card is filled from the evidence of the version that serves.</p>
      </Empty>
    );
  }
  return (
    <Asked query={champion} what="The model card is" rows={8}>
      {(version) => (
        <div className="panel-body stack" style={{ maxWidth: 960 }}>
          <dl className="pairs">
            <dt>Question</dt>
            <dd>{version.card.title}</dd>
            <dt>Predicts</dt>
            <dd>
              the chance that <code>{version.card.predicts}</code> is 1
            </dd>
            <dt>Owner</dt>
            <dd>{version.card.owner}</dd>
            <dt>Risk class</dt>
            <dd>{version.card.risk.toLowerCase()}</dd>
            <dt>Champion</dt>
            <dd>
              <button type="button" className="cell-link" onClick={() => openVersion(version.version)}>
                version {version.version}
              </button>
            </dd>
            <dt>Judged before it served</dt>
            <dd>
              {version.evidence.gates ? <Status word={version.evidence.gates.verdict} /> : '–'} {version.evidence.gates?.text}
            </dd>
            <dt>On its holdout</dt>
            <dd>
              {Object.entries(version.metrics)
                .map(([name, value]) => `${name.replaceAll('_', ' ')} ${name === 'rows' ? exact(value) : metric(value)}`)
                .join(' · ')}
            </dd>
            {model.performance ? (
              <>
                <dt>Served, last {model.performance.days} days</dt>
                <dd>
                  log loss <EstimateText {...model.performance.logLoss} /> · skill <AroundText {...model.performance.skill} /> · Brier{' '}
                  <EstimateText {...model.performance.brier} /> · calibration <AroundText {...model.performance.calibration} />
                  <div className="small quiet">
                    {exact(model.performance.labelled)} rows with outcome of {exact(model.performance.rows)} (
                    {percent(model.performance.coverage)} known)
                    {model.performance.withheld.length > 0 ? `; withheld: ${model.performance.withheld.join(', ')}` : ''}
                  </div>
                </dd>
              </>
            ) : null}
          </dl>
          <VersionFacts version={version} zone={model.timeZone} />
        </div>
      )}
    </Asked>
  );
}
