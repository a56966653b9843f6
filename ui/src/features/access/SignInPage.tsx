import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { signIn } from '../../api/access';
import { PasswordField, UserField } from './Fields';
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
      <UserField value={user} set={setUser} />
      <PasswordField label="Password" autoComplete="current-password" value={password} set={setPassword} />
      <Problem error={entering.error} />
      <Button type="submit" loading={entering.isPending}>
        Sign in
      </Button>
      <p className="small quiet">An administrator can give you an account or a new password.</p>
    </Gate>
  );
}
