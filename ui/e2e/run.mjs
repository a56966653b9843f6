// Browser tests against the real server: node e2e/run.mjs, with PERENNIAL_DIST, PERENNIAL_ROOT and JAVA.
// Data come through the public API. Any complaint of the browser, a policy violation included, fails a test.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axe, CHROMIUM, launch, NARROW, openPage, settled, sideways, WIDE } from './browser.mjs';
import { PerennialServer, until } from './server.mjs';

const ROOT = process.env.PERENNIAL_ROOT;
const SHOTS = process.env.PERENNIAL_SHOTS;
const MODEL = 'flight-delay@ui';
const LOOKS = [
  { scheme: 'light', view: 'wide', viewport: WIDE },
  { scheme: 'dark', view: 'wide', viewport: WIDE },
  { scheme: 'light', view: 'narrow', viewport: NARROW },
];
const DAY = 86_400_000;

let server;
let browser;

before(async () => {
  assert.ok(CHROMIUM, 'no Chromium was found; set CHROMIUM to its path');
  server = await PerennialServer.create({ dist: process.env.PERENNIAL_DIST, java: process.env.JAVA ?? 'java' });
  browser = await launch();
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens a page, lets the test drive it, and fails on whatever the browser complained about. */
async function onPage(options, drive) {
  const opened = await openPage(browser, { url: server.url, ...options });
  try {
    await drive(opened.page, opened);
    assert.deepEqual(opened.complaints, []);
  } finally {
    await opened.context.close();
  }
}

/** Every page in both schemes, and on a small screen: nothing for axe to find, nothing sideways. */
async function walk(name, places) {
  for (const { scheme, view, viewport } of LOOKS) {
    await onPage({ scheme, viewport }, async (page) => {
      for (const [place, address] of Object.entries(places)) {
        await page.goto(address);
        await settled(page);
        const where = `${name} ${place} ${scheme} ${view}`;
        assert.deepEqual(await axe(page), [], where);
        assert.equal(await sideways(page), 0, `${where} scrolls sideways`);
        if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${place}-${view}-${scheme}.png`), fullPage: true });
      }
    });
  }
}

test('an empty server tells how to begin, on every page, for everybody', async () => {
  await onPage({}, async (page) => {
    await page.goto('/');
    await page.getByText('No model lives here yet').waitFor();
    await page.getByRole('button', { name: 'Copy “./perennial demo”' }).waitFor();
  });
  await walk('empty', { overview: '/', alerts: '/alerts', runs: '/runs', pipelines: '/runs?tab=pipelines' });
});

test('the page cannot be framed or scripted from elsewhere, and is never kept', async () => {
  const first = await fetch(server.url, { headers: { Accept: 'text/html' } });
  const second = await fetch(server.url, { headers: { Accept: 'text/html' } });
  const nonce = (answer) => /nonce-([^']+)'/.exec(answer.headers.get('content-security-policy'))[1];
  assert.equal(first.headers.get('cache-control'), 'no-store');
  assert.match(first.headers.get('content-security-policy'), /frame-ancestors 'none'/);
  assert.notEqual(nonce(first), nonce(second));
  const html = await first.text();
  assert.ok(html.includes(nonce(first)));
  const asset = /src="\.\/(assets\/[^"]+)"/.exec(html)[1];
  const script = await fetch(`${server.url}/${asset}`, { headers: { 'Accept-Encoding': 'br' } });
  assert.match(script.headers.get('cache-control'), /immutable/);
  assert.equal(script.headers.get('content-encoding'), 'br');
  assert.equal((await fetch(`${server.url}/assets/gone.js`, { headers: { Accept: 'text/html' } })).status, 404);
  const api = await fetch(`${server.url}/api/nothing`, { headers: { Accept: 'text/html' } });
  assert.equal(api.status, 404);
  assert.ok((await api.json()).error.message);
});

test('a replay appears and moves while the overview is open, without a reload', async () => {
  await onPage({}, async (page) => {
    await page.goto('/');
    await page.getByText('No model lives here yet').waitFor();
    const path = join(ROOT, 'examples/flight-delay/lifecycle.yaml');
    const from = Date.UTC(2013, 3, 1, 10);
    await server.json('/api/replays', {
      method: 'POST',
      body: { name: 'ui', text: readFileSync(path, 'utf8'), path, from, to: from + 10 * DAY },
    });
    const table = page.getByRole('region', { name: 'Models' });
    await table.getByRole('link', { name: 'flight-delay' }).waitFor();
    await table.getByText('replay ui').waitFor();
    await table.getByText('v1', { exact: true }).waitFor({ timeout: 180_000 });
    await page.getByRole('link', { name: 'Version 1: passed its gates' }).waitFor();
  });
});

test('a model shows its life, and each mark opens its evidence in the address', async () => {
  await until(
    'a few days of the replay',
    async () => (await server.json(`/api/models/${MODEL}/timeline`)).series[0].points.length >= 2,
    240_000,
  );
  await onPage({}, async (page) => {
    await page.goto(`/models/${MODEL}`);
    await settled(page);
    await page
      .getByRole('group', { name: 'Champion' })
      .getByRole('button', { name: /v1 champion/ })
      .waitFor();
    await page
      .getByRole('group', { name: 'Candidates' })
      .getByRole('button', { name: /Version 1: passed its gates/ })
      .first()
      .click();
    const drawer = page.getByRole('dialog', { name: 'Version 1: passed its gates' });
    await drawer.getByText('roc_auc at-least 0.62', { exact: true }).waitFor();
    await drawer.getByText('Ledger entry').waitFor();
    assert.match(page.url(), /decision=/);
    assert.deepEqual(await axe(page), []);
    await page.reload();
    await drawer.getByText('log_loss better-than baseline', { exact: true }).waitFor();
    await page.goBack();
    await drawer.waitFor({ state: 'hidden' });
    const chart = page.getByRole('img', { name: /^Log loss/ });
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page
      .getByText(/of outcomes known$/)
      .last()
      .waitFor();
  });
});

test('every page of a living model is fit for everybody, light and dark, on small screens', async () => {
  await walk('life', {
    overview: '/',
    alerts: '/alerts?state=ALL',
    runs: '/runs',
    pipelines: '/runs?tab=pipelines',
    model: `/models/${MODEL}`,
    versions: `/models/${MODEL}?tab=versions`,
    card: `/models/${MODEL}?tab=card`,
    performance: `/models/${MODEL}?tab=performance`,
    drift: `/models/${MODEL}?tab=drift`,
    file: `/models/${MODEL}?tab=file`,
    version: `/models/${MODEL}?version=1`,
  });
});

test('a person pauses and resumes the loop with name and reason, and a refusal is shown', async () => {
  await onPage({}, async (page) => {
    await page.goto(`/models/${MODEL}`);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Pause the loop of ${MODEL}?` });
    assert.equal(await dialog.getByRole('button', { name: 'Pause the loop' }).isDisabled(), true);
    await dialog.getByLabel('Your name').fill('Ada');
    await dialog.getByLabel('Reason').fill('Looking at something odd');
    assert.deepEqual(await axe(page), []);
    await dialog.getByRole('button', { name: 'Pause the loop' }).click();
    await page.getByRole('heading', { name: 'flight-delay' }).locator('..').getByText('Paused').waitFor();
    await page
      .getByRole('group', { name: 'People' })
      .getByRole('button', { name: /The loop is paused/ })
      .waitFor();

    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('It was nothing');
    await page.getByRole('dialog').getByRole('button', { name: 'Resume the loop' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();

    await page.getByRole('button', { name: 'Roll back', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('Trying it');
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page
      .getByRole('alert')
      .getByText(/nothing to roll back to/)
      .waitFor();
  });
  const people = (await server.json(`/api/models/${MODEL}/decisions?limit=1000`)).items.filter((one) => one.kind === 'PAUSE');
  assert.equal(people.length, 1);
  const paused = await server.json(`/api/models/${MODEL}/decisions/${people[0].id}`);
  assert.equal(paused.evidence.by, 'Ada');
});

test('the keyboard reaches everything', async () => {
  await onPage({}, async (page) => {
    await page.goto('/');
    await settled(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Where to' }).fill('versions');
    await page.keyboard.press('Enter');
    await page.waitForURL(/tab=versions/);
    await page.getByRole('button', { name: 'v1', exact: true }).last().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: /version 1/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.goto('/runs?tab=pipelines');
    await page
      .getByRole('button', { name: /candidate/ })
      .first()
      .focus();
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: 'Steps' }).getByText('snapshot').first().waitFor();
  });
});

test('an open page outlives the server: it says what is old, and recovers by itself', async () => {
  await onPage({}, async (page, opened) => {
    await page.goto(`/models/${MODEL}`);
    await settled(page);
    page.allowDown = true;
    await server.kill();
    await page.getByText('The server does not answer.').waitFor({ timeout: 60_000 });
    await page
      .getByRole('group', { name: 'Champion' })
      .getByRole('button', { name: /v1 champion/ })
      .waitFor();
    assert.deepEqual(await axe(page), []);
    await server.start();
    await page.getByText('The server does not answer.').waitFor({ state: 'hidden', timeout: 60_000 });
    await page.getByText('Live', { exact: true }).waitFor();
    opened.complaints.length = 0;
  });
});

test('a mangled link opens its page with defaults', async () => {
  await onPage({}, async (page) => {
    await page.goto(`/models/${MODEL}?tab=%5B%7B&version=x&from=9&to=1&decision=n%C3%B6`);
    await settled(page);
    await page.getByText('This model made no such decision').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Decisions', selected: true }).waitFor();
    await page.goto('/models/never-applied');
    await page.getByRole('alert').first().waitFor();
    await page.goto('/no/such/page');
    await page.getByText('There is no page at this address').waitFor();
  });
});
