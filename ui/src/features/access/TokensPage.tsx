import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { type AccessToken, access, createToken, ROLES, revokeToken } from '../../api/access';
import { Ago, EventTime, Panel, Scroll } from '../../shared/bits';
import { ABSENT } from '../../shared/format';
import { Asked, Command, Empty } from '../../shared/states';
import { Problem } from './Gate';
import '../../app/runs.css';
import '../../app/access.css';

const DAYS = [7, 30, 90, 366];

/** One's own tokens, for scripts and the command line. */
export function TokensPage() {
  const tokens = useQuery(access.tokens());
  useEffect(() => {
    document.title = 'Tokens · Perennial';
  }, []);
  return (
    <>
      <div className="page-head">
        <div className="titles">
          <h1>Tokens</h1>
        </div>
      </div>
      <div className="stack">
        <Create />
        <Panel title="My tokens">
          <Asked query={tokens} what="The list of tokens is">
            {(all) => (all.length === 0 ? <Empty title="You have no token" /> : <List all={all} />)}
          </Asked>
        </Panel>
      </div>
    </>
  );
}

function Create() {
  const projects = useQuery(access.projects());
  const [name, setName] = useState('');
  const [project, setProject] = useState('');
  const [role, setRole] = useState('');
  const [days, setDays] = useState(90);
  const client = useQueryClient();
  const making = useMutation({
    mutationFn: () => createToken({ name: name.trim(), project, role, days }),
    onSuccess: () => setName(''),
    onSettled: () => client.invalidateQueries({ queryKey: ['access', 'tokens'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <Panel title="New token">
      <form className="stack access-form" onSubmit={submit}>
        <div className="row">
          <label className="stack-tight">
            Name
            <input className="field" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
          </label>
          <label className="stack-tight">
            Project
            <select className="field" value={project} onChange={(event) => setProject(event.currentTarget.value)}>
              <option value="">all of mine</option>
              {projects.data?.map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
            </select>
          </label>
          <label className="stack-tight">
            Role
            <select className="field" value={role} onChange={(event) => setRole(event.currentTarget.value)}>
              <option value="">all that I may</option>
              {ROLES.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <label className="stack-tight">
            Ends after
            <select className="field" value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
              {DAYS.map((one) => (
                <option key={one} value={one}>
                  {one} days
                </option>
              ))}
            </select>
          </label>
        </div>
        <Problem error={making.error} />
        <div className="row">
          <Button type="submit" loading={making.isPending}>
            Create token
          </Button>
        </div>
        {making.data ? (
          <div role="status" className="stack-tight">
            <p>
              <strong>Copy it now: it is not shown again.</strong>
            </p>
            <Command text={making.data.token} />
          </div>
        ) : null}
      </form>
    </Panel>
  );
}

function List({ all }: { all: AccessToken[] }) {
  const client = useQueryClient();
  const revoking = useMutation({
    mutationFn: revokeToken,
    onSettled: () => client.invalidateQueries({ queryKey: ['access', 'tokens'] }),
  });
  return (
    <>
      <Problem error={revoking.error} />
      <Scroll label="Tokens">
        <table className="grid">
          <thead>
            <tr>
              <th>Name</th>
              <th>Id</th>
              <th>Project</th>
              <th>Role</th>
              <th>Last used</th>
              <th>Ends (UTC)</th>
              <th>Change</th>
            </tr>
          </thead>
          <tbody>
            {all.map((one) => (
              <tr key={one.id}>
                <td className="title strong">{one.name}</td>
                <td>
                  <code>{one.id}</code>
                </td>
                <td>{one.project ?? 'all of mine'}</td>
                <td>{one.role ?? 'all that I may'}</td>
                <td>{one.usedAt ? <Ago at={one.usedAt} /> : ABSENT}</td>
                <td>
                  <EventTime at={one.expiresAt} />
                </td>
                <td>
                  {one.revokedAt ? (
                    'revoked'
                  ) : (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`Revoke ${one.name}`}
                      disabled={revoking.isPending}
                      onClick={() => revoking.mutate(one.id)}
                    >
                      Revoke
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
