import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { access, type Rights } from '../../api/access';
import { Panel, Scroll } from '../../shared/bits';
import { Asked, Empty } from '../../shared/states';

const route = getRouteApi('/users/$user');

/** What one person may do; for administrators. */
export function RightsPage() {
  const { user } = route.useParams();
  const found = useQuery(access.user(user));
  return (
    <Titled title={`Rights of ${user}`}>
      <Asked query={found} what="The account is">
        {(account) => <RightsView rights={account} />}
      </Asked>
    </Titled>
  );
}

/** A page with a title and what follows. */
export function Titled({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Perennial`;
  }, [title]);
  return (
    <>
      <div className="page-head">
        <div className="titles">
          <h1>{title}</h1>
        </div>
      </div>
      <div className="stack">{children}</div>
    </>
  );
}

/** Roles and grants. */
export function RightsView({ rights }: { rights: Rights }) {
  return (
    <div className="stack">
      {rights.administrator ? <p>Administrator: MANAGE on everything, in every project. Signing needs the role approver, too.</p> : null}
      <Panel title="Roles in projects">
        {rights.roles.length === 0 ? (
          <Empty title="No role in any project" />
        ) : (
          <Table label="Roles" heads={['Project', 'Role']} rows={rights.roles.map((one) => [one.project, one.role])} />
        )}
      </Panel>
      <Panel title="Grants on single objects">
        {rights.grants.length === 0 ? (
          <Empty title="No grant on a single object" />
        ) : (
          <Table
            label="Grants"
            heads={['Kind', 'Object', 'Right']}
            rows={rights.grants.map((one) => [one.kind, one.object, one.permission])}
          />
        )}
      </Panel>
    </div>
  );
}

function Table({ label, heads, rows }: { label: string; heads: string[]; rows: string[][] }) {
  return (
    <Scroll label={label}>
      <table className="grid">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head}>{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join(' ')}>
              {row.map((cell, at) => (
                <td key={heads[at]} className="wrap-anywhere">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
