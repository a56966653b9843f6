import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { PASSWORD_LEAST, PASSWORD_MOST, setUp } from '../../api/access';
import { entered, Gate, Problem } from './Gate';

/** Makes the first administrator. The secret is behind the # of the address, so that it is in no log of requests. */
export default function SetUpPage() {
  const secret = useRouterState({ select: (state) => state.location.hash });
  const navigate = useNavigate();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const making = useMutation({
    mutationFn: async () => {
      if (password !== again) {
        throw new Error('The two passwords differ.');
      }
      await setUp(secret, user.trim(), password);
    },
    onSuccess: async () => {
      entered(user.trim());
      await navigate({ to: '/', replace: true });
    },
  });
  if (secret === '') {
    return (
      <Gate title="Set up this server" onSubmit={() => undefined}>
        <p>This address is not whole. Open the one that the server printed, with everything behind the #.</p>
        <p>
          <Link to="/">Sign in</Link>
        </p>
      </Gate>
    );
  }
  return (
    <Gate title="Set up this server" onSubmit={() => making.mutate()}>
      <p>You become the first administrator. The address works once, for 15 minutes after the server started.</p>
      <label className="stack-tight">
        User
        <input
          className="field"
          autoComplete="username"
          // biome-ignore lint/a11y/noAutofocus: the page has one purpose
          autoFocus
          required
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
        />
      </label>
      <NewPassword label="Password" value={password} set={setPassword} />
      <NewPassword label="Password again" value={again} set={setAgain} />
      <p className="small quiet">
        {PASSWORD_LEAST} to {PASSWORD_MOST} characters.
      </p>
      <Problem error={making.error} />
      <Button type="submit" loading={making.isPending}>
        Create the administrator
      </Button>
    </Gate>
  );
}

function NewPassword({ label, value, set }: { label: string; value: string; set: (value: string) => void }) {
  return (
    <label className="stack-tight">
      {label}
      <input
        className="field"
        type="password"
        autoComplete="new-password"
        required
        value={value}
        onChange={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}
