import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { access, changePassword, PASSWORD_LEAST, PASSWORD_MOST } from '../../api/access';
import { Panel } from '../../shared/bits';
import { Asked, Empty } from '../../shared/states';
import { PasswordField } from './Fields';
import { Problem } from './Gate';
import { RightsView, Titled } from './RightsPage';
import '../../app/runs.css';
import '../../app/access.css';

/** Who I am here: my password, my tokens, what I may do. */
export function AccountPage() {
  const me = useQuery(access.me());
  return (
    <Titled title="My account">
      <Asked query={me} what="Access control is">
        {(found) =>
          found.authenticated ? (
            <div className="stack">
              <p>
                You are <strong>{found.user}</strong>. Scripts and the command line use <Link to="/tokens">tokens</Link> instead of your
                password.
              </p>
              <RightsView rights={found} />
              <Password user={found.user} />
            </div>
          ) : (
            <Empty title="This server asks nobody to sign in: everybody may do everything" />
          )
        }
      </Asked>
    </Titled>
  );
}

function Password({ user }: { user: string }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const changing = useMutation({
    mutationFn: () => {
      if (next !== again) {
        throw new Error('The two new passwords differ.');
      }
      return changePassword(current, next);
    },
    onSuccess: () => {
      setCurrent('');
      setNext('');
      setAgain('');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    changing.mutate();
  };
  return (
    <Panel title="Change my password">
      <form className="stack access-form" onSubmit={submit}>
        <p className="small quiet">
          {PASSWORD_LEAST} to {PASSWORD_MOST} characters. Your other browser sessions end; tokens stay.
        </p>
        <input type="hidden" autoComplete="username" value={user} />
        <div className="row">
          <PasswordField label="Present password" autoComplete="current-password" value={current} set={setCurrent} />
          <PasswordField label="New password" autoComplete="new-password" value={next} set={setNext} />
          <PasswordField label="New password again" autoComplete="new-password" value={again} set={setAgain} />
        </div>
        <Problem error={changing.error} />
        <div className="row">
          <Button type="submit" loading={changing.isPending}>
            Change password
          </Button>
          {changing.isSuccess ? <span role="status">Your password is changed.</span> : null}
        </div>
      </form>
    </Panel>
  );
}
