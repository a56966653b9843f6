import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { access } from '../../api/access';
import { endpoints, type LedgerEntry } from '../../api/endpoints';
import { HashText, Panel, Scroll } from '../../shared/bits';
import { exact, iso } from '../../shared/format';
import { Asked, Command, Empty } from '../../shared/states';
import { toldBy, whyOf } from './entryWords';

const SHOWN_FIRST = 10;

/** What the ledger has of the endpoint, the newest first. It is read by administrators, and by everybody where nobody signs in. */
export default function Entries({ stream }: { stream: string }) {
  const [asked, setAsked] = useState(false);
  const { data: me } = useQuery(access.me());
  const may = me !== undefined && (!me.authenticated || me.administrator);
  return (
    <Panel title="Ledger">
      {asked && may ? (
        <Told stream={stream} />
      ) : (
        <div className="panel-body stack-tight">
          <p className="quiet">Who changed what here, and why: each change is an entry that nobody can alter afterwards unseen.</p>
          {may ? (
            <div>
              <Button variant="default" onClick={() => setAsked(true)}>
                Show the entries
              </Button>
            </div>
          ) : (
            <p className="small quiet">Administrators read the ledger of this server.</p>
          )}
        </div>
      )}
    </Panel>
  );
}

function Told({ stream }: { stream: string }) {
  const [all, setAll] = useState(false);
  const entries = useQuery(endpoints.entries(stream));
  return (
    <Asked query={entries} what="The ledger is" rows={4}>
      {({ items }) => {
        const newest = items.toReversed();
        return newest.length === 0 ? (
          <Empty title="The ledger has no entry of this endpoint" />
        ) : (
          <>
            <Table entries={all ? newest : newest.slice(0, SHOWN_FIRST)} />
            <div className="panel-body stack-tight">
              {all || newest.length <= SHOWN_FIRST ? null : (
                <div>
                  <Button variant="default" onClick={() => setAll(true)}>
                    Show all {exact(newest.length)}
                  </Button>
                </div>
              )}
              <p className="small quiet">This command proves that none of them was changed:</p>
              <Command text="perennial ledger verify" />
            </div>
          </>
        );
      }}
    </Asked>
  );
}

function Table({ entries }: { entries: LedgerEntry[] }) {
  return (
    <Scroll label="Ledger entries">
      <table className="grid">
        <thead>
          <tr>
            <th>Entry</th>
            <th>Time, UTC</th>
            <th>Who</th>
            <th>What</th>
            <th>Reason</th>
            <th>Hash</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((one) => (
            <tr key={one.seq}>
              <td className="num">{one.seq}</td>
              <td className="nowrap">{iso(one.recordedAt).replace('T', ' ').slice(0, 19)}</td>
              <td>{one.actor.replace(/^user:/, '')}</td>
              <td>
                <div className="wrap-anywhere deploy-text">{toldBy(one)}</div>
                <div className="small quiet mono">{one.action}</div>
              </td>
              <td>
                <div className="wrap-anywhere deploy-text">{whyOf(one)}</div>
              </td>
              <td>
                <HashText hash={one.hash} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
