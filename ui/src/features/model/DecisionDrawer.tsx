import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../../api/queries';
import type { DecisionDetail, ModelDetail } from '../../api/types';
import { Ago, DrillTag, EventTime, HashText, ReplayTag } from '../../shared/bits';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { kindWord } from './kinds';
import { RolloutNumbersView } from './RolloutNumbersView';
import { VerdictTable } from './VerdictTable';

interface DecisionDrawerProps {
  model: ModelDetail;
  id: string | undefined;
  close: () => void;
  openVersion: (version: number) => void;
}

/** One decision with all that it was made from. */
export function DecisionDrawer({ model, id, close, openVersion }: DecisionDrawerProps) {
  const decision = useQuery({ ...queries.decision(model.model, id ?? ''), enabled: id !== undefined });
  return (
    <Drawer opened={id !== undefined} onClose={close} title={decision.data ? decision.data.title : 'Decision'} size="min(960px, 100vw)">
      {id === undefined ? null : (
        <Asked query={decision} what="The decision is">
          {(found) =>
            found ? (
              <Evidence model={model} decision={found} openVersion={openVersion} />
            ) : (
              <Empty title="This model made no such decision">
                <p className="quiet">The link may belong to another model or to a replay that was removed.</p>
              </Empty>
            )
          }
        </Asked>
      )}
    </Drawer>
  );
}

function Evidence({
  model,
  decision,
  openVersion,
}: {
  model: ModelDetail;
  decision: DecisionDetail;
  openVersion: (version: number) => void;
}) {
  const { evidence } = decision;
  return (
    <div className="stack">
      <div className="row">
        <Status word={decision.verdict} chip />
        <span className="tag">{kindWord(decision.kind)}</span>
        <ReplayTag scope={model.scope} />
        {decision.injected ? <DrillTag /> : null}
      </div>
      <p>{decision.text}</p>
      <dl className="pairs">
        <dt>Takes effect</dt>
        <dd>
          <EventTime at={decision.at} zone={model.timeZone} /> <span className="quiet">by the model’s clock</span>
        </dd>
        <dt>Recorded</dt>
        <dd>
          <EventTime at={decision.recordedAt} /> (<Ago at={decision.recordedAt} />)
        </dd>
        {decision.version === null ? null : (
          <>
            <dt>Version</dt>
            <dd>
              <button type="button" className="cell-link" onClick={() => openVersion(decision.version ?? 0)}>
                v{decision.version}
              </button>
            </dd>
          </>
        )}
        {evidence.run ? (
          <>
            <dt>Made by</dt>
            <dd>
              <Link to="/runs" search={{ tab: 'pipelines', pipeline: evidence.run }}>
                pipeline run
              </Link>
            </dd>
          </>
        ) : null}
        {evidence.by ? (
          <>
            <dt>Person</dt>
            <dd>
              {evidence.by} {evidence.authenticated === false ? <span className="quiet">(the name is not authenticated)</span> : null}
            </dd>
          </>
        ) : null}
        {evidence.reason && !evidence.decision ? (
          <>
            <dt>Reason</dt>
            <dd>
              <p className="quote">{evidence.reason}</p>
            </dd>
          </>
        ) : null}
        <dt>Ledger entry</dt>
        <dd>{decision.entry ? <HashText hash={decision.entry} most={28} /> : <span className="quiet">none</span>}</dd>
      </dl>
      {evidence.report ? (
        <>
          <h3>Gates</h3>
          <VerdictTable report={evidence.report} />
        </>
      ) : null}
      {evidence.decision ? (
        <>
          <h3>Rollout</h3>
          <RolloutNumbersView evidence={evidence} />
        </>
      ) : null}
      <Other evidence={evidence} />
    </div>
  );
}

const TOLD = new Set(['report', 'run', 'version', 'decision', 'evidence', 'by', 'authenticated', 'reason']);

/** Evidence of a kind that has no table of its own is shown as it was recorded. */
function Other({ evidence }: { evidence: Record<string, unknown> }) {
  const rest = Object.fromEntries(Object.entries(evidence).filter(([name]) => !TOLD.has(name)));
  if (Object.keys(rest).length === 0) {
    return null;
  }
  return (
    <details>
      <summary>More evidence, as recorded</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <pre className="code-block" tabIndex={0}>
        {JSON.stringify(rest, null, 2)}
      </pre>
    </details>
  );
}
