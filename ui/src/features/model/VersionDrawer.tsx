import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries';
import type { ModelDetail } from '../../api/types';
import { ReplayTag } from '../../shared/bits';
import { Status } from '../../shared/Status';
import { Asked, Command } from '../../shared/states';
import { VerdictTable } from './VerdictTable';
import { VersionFacts } from './VersionFacts';

/** One version: may it serve, why, and what was it made from. */
export function VersionDrawer({ model, number, close }: { model: ModelDetail; number: number | undefined; close: () => void }) {
  const version = useQuery({ ...queries.version(model.model, number ?? 0), enabled: number !== undefined });
  return (
    <Drawer opened={number !== undefined} onClose={close} title={`${model.name} version ${number ?? ''}`} size="min(960px, 100vw)">
      {number === undefined ? null : (
        <Asked query={version} what="The version is">
          {(found) => (
            <div className="stack">
              <div className="row">
                <Status word={found.state} chip />
                <ReplayTag scope={model.scope} />
              </div>
              {found.evidence.gates ? (
                <>
                  <h3>Gates</h3>
                  <VerdictTable report={found.evidence.gates} />
                </>
              ) : null}
              <VersionFacts version={found} zone={model.timeZone} />
              <h3>Rebuild</h3>
              <p className="quiet">From its lineage, compared bit by bit with what is registered:</p>
              <Command text={`./perennial reproduce ${model.model}/${found.version}`} />
            </div>
          )}
        </Asked>
      )}
    </Drawer>
  );
}
