// A server that asks who one is: from its one-time address to users, tokens and rights, by keyboard.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { axe, NARROW, settled, sideways, WIDE } from './browser.mjs';
import { SHOTS, stage } from './stage.mjs';

const ADA = 'correct horse battery';
const EVE = 'another horse battery';
const LOOKS = [
  { scheme: 'light', viewport: WIDE },
  { scheme: 'dark', viewport: WIDE },
  { scheme: 'light', viewport: NARROW },
];

let server;

const onPage = stage(['-Dperennial.auth=true'], (made) => {
  server = made;
});

async function fits(page, name) {
  assert.deepEqual(await axe(page), [], name);
  assert.equal(await sideways(page), 0, `${name} scrolls sideways`);
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `access-${name}.png`), fullPage: true });
}

async function enter(page, user, password) {
  await page.getByLabel('User', { exact: true }).fill(user);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
}

test('nobody sees data, everybody sees the page', async () => {
  assert.equal((await fetch(server.url, { headers: { Accept: 'text/html' } })).status, 200);
  assert.equal((await fetch(`${server.url}/favicon.svg`)).status, 200);
  assert.equal((await fetch(`${server.url}/api/models`)).status, 401);
});

test('the printed address makes the first administrator, by keyboard alone', async () => {
  const address = readFileSync(join(server.data, 'set-up.url'), 'utf8').trim();
  for (const { scheme, viewport } of LOOKS) {
    await onPage({ scheme, viewport }, async (page) => {
      await page.goto(address);
      await page.getByLabel('User', { exact: true }).waitFor();
      await fits(page, `set-up-${scheme}-${viewport.width}`);
    });
  }
  await onPage({}, async (page) => {
    await page.goto(address);
    await page.getByLabel('User', { exact: true }).fill('ada');
    for (const label of ['Password', 'Password again']) {
      await page.keyboard.press('Tab');
      await page.keyboard.type('short');
      assert.equal(await page.getByLabel(label, { exact: true }).inputValue(), 'short');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText(/12/).waitFor();
    await page.getByLabel('Password', { exact: true }).fill(ADA);
    await page.getByLabel('Password again').fill(ADA);
    await page.keyboard.press('Enter');
    await page.getByText('No model lives here yet').waitFor();
    await page.getByRole('button', { name: 'Sign out ada' }).waitFor();
    assert.equal(new URL(page.url()).hash, '');
  });
  server.headers = { Authorization: `Basic ${Buffer.from(`ada:${ADA}`).toString('base64')}` };
});

test('signing in leads to where one wanted to go, and signing out ends it', async () => {
  for (const { scheme, viewport } of LOOKS) {
    await onPage({ scheme, viewport }, async (page) => {
      await page.goto('/tokens');
      await page.getByLabel('User', { exact: true }).waitFor();
      await fits(page, `sign-in-${scheme}-${viewport.width}`);
    });
  }
  await onPage({}, async (page) => {
    await page.goto('/tokens');
    await enter(page, 'ada', 'not the password');
    await page.getByRole('alert').waitFor();
    await fits(page, 'refused');
    await page.getByLabel('Password').fill(ADA);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor();
    await page.getByLabel('Name').fill('laptop');
    await page.keyboard.press('Enter');
    const token = await page.getByText(/^pnl_pat_/).textContent();
    await fits(page, 'token');
    const me = () => fetch(`${server.url}/api/access/me`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal((await (await me()).json()).user, 'ada');
    await page.getByRole('button', { name: 'Revoke laptop' }).press('Enter');
    await page.getByText('revoked', { exact: true }).waitFor();
    assert.equal((await me()).status, 401);
    await page.reload();
    await page.getByRole('region', { name: 'Tokens', exact: true }).getByText('laptop').waitFor();
    assert.equal(await page.getByText(token).count(), 0);
    await page.getByRole('button', { name: 'Sign out ada' }).press('Enter');
    await page.getByLabel('Password').waitFor();
    await page.reload();
    await page.getByLabel('Password').waitFor();
  });
});

test('a maintainer changes who is in the project, by keyboard, and everybody their own password', async () => {
  const NEW = 'a third horse battery';
  await server.json('/api/access/projects', { method: 'POST', body: { name: 'fraud', description: 'Card fraud' } });
  for (const name of ['mia', 'tom']) {
    await server.json('/api/access/users', { method: 'POST', body: { name, password: EVE, administrator: false, role: '' } });
  }
  await server.json('/api/access/projects/fraud/members', { method: 'POST', body: { user: 'mia', role: 'maintainer' } });
  const inFraud = async (name) => (await server.json('/api/access/projects/fraud/members')).items.find((one) => one.user === name)?.roles;
  await onPage({}, async (page) => {
    await page.goto('/projects');
    await enter(page, 'mia', EVE);
    await page.getByRole('link', { name: 'fraud' }).press('Enter');
    await page.getByRole('button', { name: 'Add member' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User').fill('tom');
    assert.equal(await dialog.getByLabel(/^approver/).isDisabled(), true);
    await fits(page, 'add-member');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Change the roles of tom' }).press('Enter');
    await dialog.getByLabel(/^contributor/).press('Space');
    await dialog.getByRole('button', { name: 'Save the roles' }).press('Enter');
    await page.getByText('viewer, contributor').waitFor();
    assert.deepEqual(await inFraud('tom'), ['viewer', 'contributor']);
    await page.getByRole('button', { name: 'Remove tom' }).press('Enter');
    await dialog.getByRole('button', { name: 'Remove tom' }).press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Remove tom' }).waitFor({ state: 'hidden' });
    assert.equal(await inFraud('tom'), undefined);
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const place of ['/projects', '/projects/fraud', '/projects/nothing', '/me', '/']) {
        await page.goto(place);
        await settled(page);
        await fits(page, `mia-${place.slice(1).replace('/', '-')}-${scheme}`);
      }
    }
    await page.goto('/me');
    await page.getByLabel('Present password').fill(EVE);
    await page.getByLabel('New password', { exact: true }).fill(NEW);
    await page.getByLabel('New password again').fill(NEW);
    await page.keyboard.press('Enter');
    await page.getByText('Your password is changed.').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'My account' }).waitFor();
    await page.getByRole('button', { name: 'Sign out mia' }).press('Enter');
    await enter(page, 'mia', NEW);
    await page.getByRole('heading', { name: 'My account' }).waitFor();
  });
});

test('an administrator adds and disables a user, who is told what she may not', async () => {
  await onPage({}, async (page) => {
    await page.goto('/users');
    await enter(page, 'ada', ADA);
    await page.getByRole('button', { name: 'Add user' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('eve');
    await dialog.getByLabel(/^Password/).fill(EVE);
    await fits(page, 'add-user');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'eve' }).waitFor();
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const place of ['/users', '/users/eve', '/me', '/tokens']) {
        await page.goto(place);
        await settled(page);
        await fits(page, `${place.slice(1).replace('/', '-')}-${scheme}`);
      }
    }
    await onPage({ viewport: NARROW }, async (hers) => {
      await hers.goto('/me');
      await enter(hers, 'eve', EVE);
      await hers.getByRole('region', { name: 'Roles', exact: true }).getByText('viewer').waitFor();
      await hers.goto('/users');
      await hers.getByText(/an administrator can grant more/).waitFor();
      await fits(hers, 'forbidden-narrow');
      await page.goto('/users');
      await page.getByRole('button', { name: 'Disable eve' }).press('Enter');
      await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).press('Enter');
      await page.getByRole('button', { name: 'Enable eve' }).waitFor();
      await hers.reload();
      await hers.getByLabel('Password').waitFor();
    });
  });
});
