import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { signIn } from '../../api/access';
import { entered, Gate, Problem } from './Gate';

/** Asks who this is, at the address that was wanted. */
export default function SignInPage() {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const entering = useMutation({
    mutationFn: () => signIn(user.trim(), password),
    onSuccess: () => entered(user.trim()),
    onError: () => setPassword(''),
  });
  return (
    <Gate title="Sign in" onSubmit={() => entering.mutate()}>
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
      <label className="stack-tight">
        Password
        <input
          className="field"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      <Problem error={entering.error} />
      <Button type="submit" loading={entering.isPending}>
        Sign in
      </Button>
      <p className="small quiet">An administrator can give you an account or a new password.</p>
    </Gate>
  );
}
