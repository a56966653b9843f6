import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { PASSWORD_LEAST, PASSWORD_MOST, setUp } from '../../api/access';
import { PasswordField, UserField } from './Fields';
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
      <UserField value={user} set={setUser} />
      <PasswordField label="Password" autoComplete="new-password" value={password} set={setPassword} />
      <PasswordField label="Password again" autoComplete="new-password" value={again} set={setAgain} />
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
