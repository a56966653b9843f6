import { Button, Modal } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { type Account, access, addUser, PASSWORD_LEAST, PASSWORD_MOST, ROLES, updateUser } from '../../api/access';
import { Ago, Scroll } from '../../shared/bits';
import { Asked } from '../../shared/states';
import { PasswordField } from './Fields';
import { Problem } from './Gate';

type Wanted = 'password' | 'administrator' | 'disabled';

/** Who may sign in; for administrators. */
export function UsersPage() {
  const users = useQuery(access.users());
  const [adding, setAdding] = useState(false);
  const [change, setChange] = useState<{ account: Account; wanted: Wanted }>();
  useEffect(() => {
    document.title = 'Users · Perennial';
  }, []);
  return (
    <>
      <div className="page-head">
        <div className="titles">
          <h1>Users</h1>
        </div>
        <Button leftSection={<IconPlus size={16} stroke={2} aria-hidden />} onClick={() => setAdding(true)}>
          Add user
        </Button>
      </div>
      <div className="panel">
        <Asked query={users} what="The list of users is">
          {(all) => <List all={all} choose={(account, wanted) => setChange({ account, wanted })} />}
        </Asked>
      </div>
      {adding ? <AddDialog close={() => setAdding(false)} /> : null}
      {change ? <ChangeDialog {...change} close={() => setChange(undefined)} /> : null}
    </>
  );
}

function List({ all, choose }: { all: Account[]; choose: (account: Account, wanted: Wanted) => void }) {
  return (
    <Scroll label="Users">
      <table className="grid">
        <thead>
          <tr>
            <th>User</th>
            <th>Kind</th>
            <th>State</th>
            <th>Made</th>
            <th>Change</th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.name}>
              <td className="title">
                <Link to="/users/$user" params={{ user: one.name }} className="strong wrap-anywhere">
                  {one.name}
                </Link>
              </td>
              <td>{one.administrator ? `${one.kind}, administrator` : one.kind}</td>
              <td>{one.disabled ? 'disabled' : 'may sign in'}</td>
              <td>
                <Ago at={one.createdAt} />
              </td>
              <td>
                <div className="row">
                  {one.kind === 'person' ? (
                    <Act name={`Reset password of ${one.name}`} onClick={() => choose(one, 'password')}>
                      Reset password
                    </Act>
                  ) : null}
                  <Act
                    name={`${one.administrator ? 'Take administration from' : 'Make administrator:'} ${one.name}`}
                    onClick={() => choose(one, 'administrator')}
                  >
                    {one.administrator ? 'Take administration' : 'Make administrator'}
                  </Act>
                  <Act name={`${one.disabled ? 'Enable' : 'Disable'} ${one.name}`} onClick={() => choose(one, 'disabled')}>
                    {one.disabled ? 'Enable' : 'Disable'}
                  </Act>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Act({ name, onClick, children }: { name: string; onClick: () => void; children: ReactNode }) {
  return (
    <Button size="compact-sm" variant="default" aria-label={name} onClick={onClick}>
      {children}
    </Button>
  );
}

function AddDialog({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState('viewer');
  const [administrator, setAdministrator] = useState(false);
  const client = useQueryClient();
  const adding = useMutation({
    mutationFn: () => addUser({ name: name.trim(), password, administrator, role }),
    onSuccess: close,
    onSettled: () => client.invalidateQueries({ queryKey: ['access'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <Modal opened onClose={close} title="Add user">
      <form className="stack" onSubmit={submit}>
        <label className="stack-tight">
          Name
          <input className="field" data-autofocus required value={name} onChange={(event) => setName(event.currentTarget.value)} />
        </label>
        <PasswordField label={NEW_PASSWORD} autoComplete="new-password" value={password} set={setPassword} />
        <label className="stack-tight">
          Role in the project default
          <select className="field" value={role} onChange={(event) => setRole(event.currentTarget.value)}>
            <option value="">none</option>
            {ROLES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label className="row-tight">
          <input type="checkbox" checked={administrator} onChange={(event) => setAdministrator(event.currentTarget.checked)} />
          Administrator
        </label>
        <Problem error={adding.error} />
        <div className="row">
          <Button type="submit" loading={adding.isPending}>
            Add
          </Button>
        </div>
      </form>
    </Modal>
  );
}

const NEW_PASSWORD = `Password (${PASSWORD_LEAST} to ${PASSWORD_MOST} characters)`;

/** From what to what, and what follows from it. */
function told({ name, administrator, disabled }: Account, wanted: Wanted): [title: string, text: string, verb: string] {
  switch (wanted) {
    case 'password':
      return [`Reset the password of ${name}?`, 'Sessions of this user end at once. Tell the new password in person.', 'Reset password'];
    case 'administrator':
      return administrator
        ? [`Take administration from ${name}?`, 'Roles and grants stay.', 'Take administration']
        : [`Make ${name} an administrator?`, 'An administrator may change everything in every project, and users.', 'Make administrator'];
    case 'disabled':
      return disabled
        ? [`Enable ${name}?`, 'The user may sign in again.', 'Enable']
        : [`Disable ${name}?`, 'Nobody can sign in with this name, nor use its tokens, until you enable it.', 'Disable'];
  }
}

function ChangeDialog({ account, wanted, close }: { account: Account; wanted: Wanted; close: () => void }) {
  const [password, setPassword] = useState('');
  const [title, text, verb] = told(account, wanted);
  const client = useQueryClient();
  const doing = useMutation({
    mutationFn: () => updateUser(account.name, wanted === 'password' ? { password } : { [wanted]: !account[wanted] }),
    onSuccess: close,
    onSettled: () => client.invalidateQueries({ queryKey: ['access'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    doing.mutate();
  };
  return (
    <Modal opened onClose={close} title={title}>
      <form className="stack" onSubmit={submit}>
        <p>{text} The ledger tells it.</p>
        {wanted === 'password' ? (
          <PasswordField label={NEW_PASSWORD} autoComplete="new-password" value={password} set={setPassword} />
        ) : null}
        <Problem error={doing.error} />
        <div className="row">
          <Button type="submit" loading={doing.isPending}>
            {verb}
          </Button>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
