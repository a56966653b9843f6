import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { signInWanted } from '../../api/session';
import { page, status } from '../../testing/data';
import { renderAt } from '../../testing/renderAt';
import { type Answer, answers, problem } from '../../testing/server';

const PATIENCE = { timeout: 10_000 };
const me = {
  user: 'ada',
  authenticated: true,
  administrator: true,
  how: 'SESSION',
  token: null,
  project: 'default',
  roles: [{ project: 'default', user: 'ada', role: 'maintainer' }],
  grants: [{ user: 'ada', kind: 'model', object: 'churn', permission: 'USE' }],
};
const eve = { name: 'eve', kind: 'person', administrator: false, disabled: false, defaultProject: 'default', createdAt: 1 };
const token = { id: 't1', name: 'nightly', project: null, role: null, createdAt: 1, expiresAt: 2, usedAt: null, revokedAt: null };
const nobodyElse = problem(403, 'PERMISSION_DENIED', 'Permission denied');
const nobody = problem(401, 'UNAUTHENTICATED', 'sign in first');
const all: Record<string, Answer> = {
  '/api/access/me': { body: me },
  '/api/access/users': page(eve),
  '/api/access/tokens': page(token),
  '/api/access/projects': page({ name: 'default' }),
  '/api/status': { body: status },
  '/api/models': page(),
  '/api/alerts': page(),
  '/api/events': { body: { items: [] } },
};

beforeEach(() => {
  localStorage.clear();
  signInWanted.set(false);
});

describe('signing in', () => {
  it('stands in the way of any page that is answered 401, and leads back to it', async () => {
    answers({ ...all, '/api/access/me': nobody, '/api/access/tokens': nobody, '/api/models': nobody });
    const router = renderAt('/tokens');
    await userEvent.type(await screen.findByLabelText('User', undefined, PATIENCE), 'ada');
    const { writes } = answers({ ...all, 'POST /api/access/session': { body: { user: 'ada' } } });
    await userEvent.type(screen.getByLabelText('Password'), 'a long password{Enter}');
    expect(await screen.findByText('nightly', undefined, PATIENCE)).toBeTruthy();
    expect(router.state.location.pathname).toBe('/tokens');
    expect(writes[0]?.body).toEqual({ user: 'ada', password: 'a long password' });
  });

  it('says why it was refused, keeps the name and empties the password', async () => {
    answers({ 'POST /api/access/session': problem(401, 'UNAUTHENTICATED', 'user or password is not right') });
    signInWanted.set(true);
    renderAt('/');
    await userEvent.type(await screen.findByLabelText('User', undefined, PATIENCE), 'ada');
    await userEvent.type(screen.getByLabelText('Password'), 'wrong{Enter}');
    expect((await screen.findByRole('alert', undefined, PATIENCE)).textContent).toBe('user or password is not right');
    expect(screen.getByLabelText<HTMLInputElement>('User').value).toBe('ada');
    expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('');
  });

  it('ends by signing out', async () => {
    const { writes } = answers({ ...all, 'DELETE /api/access/session': { body: {} } });
    renderAt('/tokens');
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out ada' }, PATIENCE));
    expect(await screen.findByLabelText('Password', undefined, PATIENCE)).toBeTruthy();
    expect(writes[0]).toMatchObject({ method: 'DELETE', path: '/api/access/session' });
  });

  it('is nowhere to be seen on a server that asks nobody', async () => {
    answers({ ...all, '/api/access/me': { body: { ...me, authenticated: false, administrator: false } } });
    renderAt('/me');
    expect(await screen.findByText(/asks nobody to sign in/, undefined, PATIENCE)).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Sign out/ })).toBeNull();
    expect(screen.queryByRole('link', { name: 'Users' })).toBeNull();
  });
});

describe('the one-time address', () => {
  it('makes the administrator with the secret behind the #', async () => {
    const { writes } = answers({ ...all, 'POST /api/access/set-up': { body: { user: 'ada' } } });
    const router = renderAt('/set-up#s3cret');
    await userEvent.type(await screen.findByLabelText('User', undefined, PATIENCE), 'ada');
    await userEvent.type(screen.getByLabelText('Password'), 'a long password');
    await userEvent.type(screen.getByLabelText('Password again'), 'another password{Enter}');
    expect((await screen.findByRole('alert', undefined, PATIENCE)).textContent).toBe('The two passwords differ.');
    expect(writes).toEqual([]);
    await userEvent.clear(screen.getByLabelText('Password again'));
    await userEvent.type(screen.getByLabelText('Password again'), 'a long password{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/'), PATIENCE);
    expect(router.state.location.hash).toBe('');
    expect(writes[0]?.body).toEqual({ secret: 's3cret', user: 'ada', password: 'a long password' });
  });

  it('without its secret asks for nothing', async () => {
    answers(all);
    renderAt('/set-up');
    expect(await screen.findByText(/This address is not whole/, undefined, PATIENCE)).toBeTruthy();
    expect(screen.queryByLabelText('Password')).toBeNull();
  });
});

describe('users', () => {
  it('are disabled after a dialog that says what follows', async () => {
    const { writes } = answers({ ...all, '/api/access/users/eve/update': { body: eve } });
    renderAt('/users');
    await userEvent.click(await screen.findByRole('button', { name: 'Disable eve' }, PATIENCE));
    const dialog = await screen.findByRole('dialog', undefined, PATIENCE);
    expect(within(dialog).getByText(/nor use its tokens/)).toBeTruthy();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Disable' }));
    await waitFor(() => expect(writes[0]?.body).toEqual({ disabled: true }), PATIENCE);
  });

  it('tell who can grant more to somebody who may not see them', async () => {
    answers({ ...all, '/api/access/users': problem(403, 'PERMISSION_DENIED', 'permission denied') });
    renderAt('/users');
    expect(await screen.findByText(/an administrator can grant more/, undefined, PATIENCE)).toBeTruthy();
  });
});

describe('tokens and rights', () => {
  it('shows a new token once, and revokes an old one', async () => {
    const { writes } = answers({
      ...all,
      'POST /api/access/tokens': { body: { ...token, token: 'pnl_pat_t2_secret' } },
      '/api/access/tokens/t1/revoke': { body: {} },
    });
    renderAt('/tokens');
    await userEvent.type(await screen.findByLabelText('Name', undefined, PATIENCE), 'laptop{Enter}');
    expect(await screen.findByText('pnl_pat_t2_secret', undefined, PATIENCE)).toBeTruthy();
    expect(writes[0]?.body).toEqual({ name: 'laptop', project: '', role: '', days: 90 });
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke nightly' }, PATIENCE));
    await waitFor(() => expect(writes[1]?.path).toBe('/api/access/tokens/t1/revoke'), PATIENCE);
  });

  it('lists roles and grants', async () => {
    answers(all);
    renderAt('/me');
    const roles = await screen.findByRole('region', { name: 'Roles' }, PATIENCE);
    expect(within(roles).getByText('maintainer')).toBeTruthy();
    expect(within(screen.getByRole('region', { name: 'Grants' })).getByText('churn')).toBeTruthy();
  });
});

describe('somebody who is no administrator', () => {
  const told = { version: '0.1.0', ready: true, startedAt: 1 };

  it('reads the overview, which keeps to itself what is told to administrators', async () => {
    answers({
      ...all,
      '/api/status': { body: told },
      '/api/access/me': { body: { ...me, administrator: false } },
      '/api/ledger': nobodyElse,
    });
    renderAt('/');
    expect(await screen.findAllByText('shown to administrators', undefined, PATIENCE)).toHaveLength(2);
    expect(screen.queryByText(/Something went wrong/)).toBeNull();
  });

  it('reads a version of a model that has a life', async () => {
    const A = '/ajax-api/2.0/mlflow';
    answers({
      ...all,
      '/api/status': { body: told },
      '/api/models': page({ model: 'churn', state: 'HEALTHY' }),
      [`${A}/model-versions/get`]: { body: { model_version: { name: 'churn', version: '3', status: 'READY' } } },
      '/model-versions/get-artifact': { status: 404, body: {} },
    });
    renderAt('/registry/churn/3');
    expect(await screen.findByText(/load_model\("models:\/churn\/3"\)/, undefined, PATIENCE)).toBeTruthy();
  });
});

describe('members of a project', () => {
  const members = {
    ...all,
    '/api/access/projects/default/members': page({ user: 'eve', roles: ['viewer', 'approver'] }),
  };

  it('get exactly the roles that were chosen', async () => {
    const { writes } = answers({
      ...members,
      'PUT /api/access/projects/default/members/eve': { body: { user: 'eve', roles: ['viewer'] } },
    });
    renderAt('/projects/default');
    await userEvent.click(await screen.findByRole('button', { name: 'Change the roles of eve' }, PATIENCE));
    const dialog = await screen.findByRole('dialog', undefined, PATIENCE);
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /^viewer/ }));
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /^contributor/ }));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save the roles' }));
    await waitFor(() => expect(writes[0]?.body).toEqual({ roles: ['contributor', 'approver'] }), PATIENCE);
  });

  it('are not added twice', async () => {
    const { writes } = answers(members);
    renderAt('/projects/default');
    await screen.findByText('viewer, approver', undefined, PATIENCE);
    await userEvent.click(screen.getByRole('button', { name: 'Add member' }));
    const dialog = await screen.findByRole('dialog', undefined, PATIENCE);
    await userEvent.type(within(dialog).getByLabelText('User'), 'eve{Enter}');
    expect((await within(dialog).findByRole('alert', undefined, PATIENCE)).textContent).toMatch(/^eve is a member already/);
    expect(writes).toEqual([]);
  });

  it('are removed after a dialog that names what goes', async () => {
    const { writes } = answers({ ...members, 'DELETE /api/access/projects/default/members/eve': { body: {} } });
    renderAt('/projects/default');
    await userEvent.click(await screen.findByRole('button', { name: 'Remove eve' }, PATIENCE));
    const dialog = await screen.findByRole('dialog', { name: 'Remove eve from default?' }, PATIENCE);
    expect(within(dialog).getByText(/viewer, approver/)).toBeTruthy();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove eve' }));
    await waitFor(() => expect(writes[0]).toMatchObject({ method: 'DELETE' }), PATIENCE);
  });

  it('who are approvers are removed by no maintainer but themselves', async () => {
    const roles = [{ project: 'default', user: 'ann', role: 'maintainer' }];
    answers({
      ...members,
      '/api/access/me': { body: { ...me, user: 'ann', administrator: false, roles } },
      '/api/access/projects/default/members': page(
        { user: 'ann', roles: ['maintainer', 'approver'] },
        { user: 'bob', roles: ['viewer'] },
        { user: 'eve', roles: ['viewer', 'approver'] },
      ),
    });
    renderAt('/projects/default');
    expect(await screen.findByRole('button', { name: 'Remove bob' }, PATIENCE)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Remove ann' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Remove eve' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Change the roles of eve' })).toBeTruthy();
  });

  it('are only read by who is no maintainer', async () => {
    answers({ ...members, '/api/access/me': { body: { ...me, administrator: false, roles: [] } } });
    renderAt('/projects/default');
    await screen.findByText('viewer, approver', undefined, PATIENCE);
    expect(screen.queryByRole('button', { name: /Add member|Change the roles|Remove/ })).toBeNull();
  });

  it('are not shown to who may not read the project', async () => {
    answers({ ...members, '/api/access/projects/default/members': problem(404, 'NOT_FOUND', "there is no project 'default'") });
    renderAt('/projects/default');
    expect(await screen.findByText("there is no project 'default'", undefined, PATIENCE)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Go to the projects' })).toBeTruthy();
  });
});

describe('my account', () => {
  const fill = async (next: string, again: string) => {
    await userEvent.type(await screen.findByLabelText('Present password', undefined, PATIENCE), 'old secret words');
    await userEvent.type(screen.getByLabelText('New password'), next);
    await userEvent.type(screen.getByLabelText('New password again'), `${again}{Enter}`);
  };

  it('gets a new password with the present one', async () => {
    const { writes } = answers({ ...all, 'POST /api/access/password': { body: {} } });
    renderAt('/me');
    await fill('new secret words', 'new secret words');
    expect(await screen.findByText('Your password is changed.', undefined, PATIENCE)).toBeTruthy();
    expect(writes).toMatchObject([{ body: { current: 'old secret words', password: 'new secret words' } }]);
    expect(screen.getByLabelText<HTMLInputElement>('Present password').value).toBe('');
  });

  it('keeps its password when the two new ones differ, or the present one is wrong', async () => {
    const { writes } = answers({
      ...all,
      'POST /api/access/password': problem(400, 'INVALID_ARGUMENT', 'the current password is not right', 'current'),
    });
    renderAt('/me');
    await fill('new secret words', 'new secret wards');
    expect((await screen.findByRole('alert', undefined, PATIENCE)).textContent).toBe('The two new passwords differ.');
    expect(writes).toEqual([]);
    await userEvent.clear(screen.getByLabelText('New password again'));
    await userEvent.type(screen.getByLabelText('New password again'), 'new secret words{Enter}');
    expect(await screen.findByText('the current password is not right', undefined, PATIENCE)).toBeTruthy();
  });
});
