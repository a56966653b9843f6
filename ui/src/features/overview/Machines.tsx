import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { isMissingRoute } from '../../api/client';
import { queries } from '../../api/queries';
import type { LedgerState } from '../../api/types';
import { Ago, HashText, Panel } from '../../shared/bits';
import { ABSENT, exact } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked, Command } from '../../shared/states';

/** In place of a list that is empty, or that is kept from this person. */
function none(list: unknown[] | undefined, words: string) {
  if (list === undefined) {
    return <span className="quiet">shown to administrators</span>;
  }
  return list.length === 0 ? <span className="quiet">{words}</span> : null;
}

/** The processes behind it all, and the ledger. */
export function Machines() {
  const status = useQuery(queries.status());
  const ledger = useQuery(queries.ledger());
  return (
    <Panel title="Processes and ledger">
      <Asked query={status} what="The status is">
        {(state) => (
          <div className="panel-body stack">
            <dl className="pairs">
              <Pair name="Server">
                <Status word="ALIVE" label="Answers" />{' '}
                <span className="quiet">{state.pid === undefined ? 'started ' : `process ${state.pid}, started `}</span>
                <Ago at={state.startedAt} />
              </Pair>
              {state.dataDir === undefined ? null : (
                <Pair name="Data">
                  <code>{state.dataDir}</code>
                </Pair>
              )}
              <Pair name="Scorers">
                {none(state.scorers, 'none')}
                {state.scorers?.map((scorer) => (
                  <div key={scorer.id}>
                    <Status word={scorer.alive ? 'ALIVE' : 'SILENT'} /> <code>{scorer.url}</code>{' '}
                    <span className="quiet">
                      revision {scorer.applied}, heard <Ago at={scorer.seenAt} />
                    </span>
                  </div>
                ))}
              </Pair>
              <Pair name="Workers">
                {none(state.workers, 'none at work')}
                {state.workers?.map((worker) => (
                  <div key={worker.name}>
                    <Status word={worker.state} />{' '}
                    <span className="quiet">
                      process {worker.pid},{' '}
                      <Link to="/runs" search={{ tab: 'pipelines', pipeline: worker.run }}>
                        its run
                      </Link>
                    </span>
                  </div>
                ))}
              </Pair>
              <Pair name="Ledger">
                {ledger.data ? (
                  <Ledger state={ledger.data} />
                ) : isMissingRoute(ledger.error) ? (
                  <span className="quiet">its state is not available from this server</span>
                ) : ledger.isError ? (
                  <span className="quiet">{ledger.error.message}</span>
                ) : (
                  ABSENT
                )}
              </Pair>
            </dl>
            <p className="small quiet">Verify the whole history offline, with a program that shares no code with its writer:</p>
            <Command text="./perennial ledger verify" />
          </div>
        )}
      </Asked>
    </Panel>
  );
}

function Ledger({ state }: { state: LedgerState }) {
  const root = state.checkpoint?.root;
  return (
    <>
      <span>{exact(state.entries)} entries</span>
      {root ? (
        <span className="quiet">
          {' '}
          · sealed to {exact(state.checkpoint?.size ?? state.entries)}, root <HashText hash={root} />
        </span>
      ) : null}
    </>
  );
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
