// What people do with a living model, in a browser on a real server: node e2e/people.mjs, with PERENNIAL_DIST and JAVA.
// A small replay stops where a person is wanted. Any complaint of the browser fails a test.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { axe, NARROW, settled, sideways, WIDE } from './browser.mjs';
import { until } from './server.mjs';
import { SHOTS, stage } from './stage.mjs';
import { MODEL, six, world } from './world.mjs';

const SIGN_DAY = 36;
const NEXT_DAY = 43;
const ROLLBACK_DAY = 50;
const TABS_MAX = 80;
const HOME = `/models/${MODEL}`;

let server;

const onPage = stage(['-Dperennial.webhook-private=true'], (made) => {
  server = made;
});

/** Nothing for axe to find, nothing sideways; a picture for people to look at. */
async function fits(page, name) {
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  assert.deepEqual(await axe(page), [], name);
  assert.equal(await sideways(page), 0, `${name} scrolls sideways`);
}

const replayIs = (state) =>
  until(`the replay to be ${state}`, async () => (await server.json('/api/replays/people')).state === state, 240_000);

const heldAt = (day) =>
  until(
    `the replay to wait on day ${day}`,
    async () => {
      const replay = await server.json('/api/replays/people');
      return replay.state === 'HELD' && replay.clock >= six(day);
    },
    240_000,
  );

const release = () => server.json('/api/replays/people/release', { method: 'POST', body: {} });

const model = () => server.json(`/api/models/${MODEL}`);

async function newest(kind) {
  const [listed] = (await server.json(`/api/models/${MODEL}/decisions?kind=${kind}&limit=1`)).items;
  assert.equal(listed.evidence, undefined, 'a list has no evidence');
  return server.json(`/api/models/${MODEL}/decisions/${listed.id}`);
}

/** Goes on with the tabulator until the element of that name has the focus, as a person without a mouse does. */
async function tabTo(page, name) {
  for (let i = 0; i < TABS_MAX; i++) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      const at = document.activeElement;
      return at?.getAttribute('aria-label') ?? (at?.labels?.length ? at.labels[0].textContent : at?.textContent)?.trim() ?? '';
    });
    if (here.startsWith(name)) return;
  }
  throw new Error(`${TABS_MAX} times Tab does not lead to '${name}'`);
}

test('a version that waits for a person is looked at and signed, with name and reason', async () => {
  await server.json('/api/replays', { method: 'POST', body: world(server.data, [SIGN_DAY, NEXT_DAY, ROLLBACK_DAY]) });
  await replayIs('HELD');
  assert.equal((await model()).review, 2);
  await onPage({ scheme: 'dark' }, async (page) => {
    await page.goto(HOME);
    await settled(page);
    await page.getByText('Version 2 waits for a signature.').waitFor();
    await page.getByRole('button', { name: 'Look at its evidence' }).click();
    const facts = page.getByRole('dialog', { name: /version 2/ });
    await facts
      .getByText(/look for a leak before signing/)
      .first()
      .waitFor();
    await fits(page, 'review-dark');
    await page.keyboard.press('Escape');
    await facts.waitFor({ state: 'hidden' });

    await page.getByRole('button', { name: 'Sign v2' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign version 2?' });
    const sign = dialog.getByRole('button', { name: 'Sign v2' });
    assert.equal(await sign.isDisabled(), true);
    await dialog.getByLabel('Your name').fill('Ada');
    assert.equal(await sign.isDisabled(), true, 'a name without a reason signs nothing');
    await dialog.getByLabel('Reason').fill('The new plan explains the gain');
    await fits(page, 'sign-dark');
    await sign.click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('Version 2 waits for a signature.').waitFor({ state: 'hidden' });
    await page.getByText('step 1 of 2', { exact: false }).waitFor();
    await page
      .getByRole('group', { name: 'People' })
      .getByRole('button', { name: /Version 2 signed/ })
      .click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('The new plan explains the gain').first().waitFor();
    await drawer.getByText('(the name is not authenticated)').waitFor();
  });
  const signed = await newest('SIGN');
  assert.equal(signed.evidence.by, 'Ada');
  assert.equal(signed.evidence.reason, 'The new plan explains the gain');
});

test('a rollout is aborted on a small screen, and the champion goes on', async () => {
  await onPage({ viewport: NARROW }, async (page) => {
    await page.goto(HOME);
    await settled(page);
    await page.getByRole('button', { name: 'Abort rollout' }).click();
    const dialog = page.getByRole('dialog', { name: 'Abort the rollout of v2?' });
    await dialog.getByText('It cannot be undone').waitFor();
    await dialog.getByLabel('Your name').fill('Ben');
    await dialog.getByLabel('Reason').fill('We wait for the audit');
    await fits(page, 'abort-narrow');
    await dialog.getByRole('button', { name: 'Abort the rollout of v2' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('none under way').waitFor();
    await page.getByRole('button', { name: 'Abort rollout' }).waitFor({ state: 'hidden' });
    await fits(page, 'aborted-narrow');
  });
  const after = await model();
  assert.equal(after.champion, 1);
  assert.equal(after.candidate, null);
});

test('the champion is rolled back and forward again by the keyboard alone', async () => {
  await release();
  await heldAt(NEXT_DAY);
  const { review } = await model();
  if (review !== null)
    await server.json(`/api/models/${MODEL}/sign`, { method: 'POST', body: { by: 'Ada', reason: 'more rows', version: review } });
  await release();
  await heldAt(ROLLBACK_DAY);
  const champion = (await model()).champion;
  assert.ok(champion > 1, 'a later candidate became champion');
  await onPage({}, async (page) => {
    await page.goto(HOME);
    await settled(page);
    await tabTo(page, 'Roll back');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Roll back from v${champion} to v1?` });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal((await model()).champion, champion, 'escape changes nothing');

    await page.keyboard.press('Enter');
    await dialog.getByLabel('Your name').waitFor();
    await page.keyboard.type('Cleo');
    await tabTo(page, 'Reason');
    await page.keyboard.type('Complaints from the depot');
    await fits(page, 'rollback-light');
    await tabTo(page, 'Roll back to v1');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('v1 champion 100 %').waitFor();

    await page.getByRole('button', { name: 'Roll back', exact: true }).click();
    const forward = page.getByRole('dialog', { name: `Roll back from v1 to v${champion}?` });
    assert.equal(await forward.getByLabel('Your name').inputValue(), 'Cleo', 'the name is remembered');
    await forward.getByLabel('Reason').fill('It was the depot');
    await forward.getByRole('button', { name: `Roll back to v${champion}` }).click();
    await page.getByText(`v${champion} champion 100 %`).waitFor();
  });
  assert.equal((await model()).champion, champion);
  assert.equal((await newest('ROLLBACK')).evidence.reason, 'It was the depot');
});

test('the loop is paused and resumed on a small screen', async () => {
  await onPage({ viewport: NARROW, scheme: 'dark' }, async (page) => {
    await page.goto(HOME);
    await settled(page);
    for (const [button, verb, done] of [
      ['Pause', 'Pause the loop', 'Resume'],
      ['Resume', 'Resume the loop', 'Pause'],
    ]) {
      await page.getByRole('button', { name: button, exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Your name').fill('Dora');
      await dialog.getByLabel('Reason').fill('Stocktaking');
      await fits(page, `${button.toLowerCase()}-narrow-dark`);
      await dialog.getByRole('button', { name: verb }).click();
      await page.getByRole('button', { name: done, exact: true }).waitFor();
    }
  });
  assert.equal((await model()).paused, false);
});

test('a dead feed is one alert that somebody takes and silences', async () => {
  await release();
  await replayIs('DONE');
  const open = (await server.json('/api/alerts?state=OPEN')).items;
  assert.deepEqual(
    open.map((alert) => [alert.cause, alert.title]),
    [['roads', 'The roads feed is late']],
  );
  await onPage({}, async (page) => {
    await page.goto('/alerts');
    await settled(page);
    await page.getByRole('button', { name: 'The roads feed is late' }).focus();
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('dialog', { name: 'The roads feed is late' });
    await drawer
      .getByText(/the newest row was .* h old, allowed are 6.0 h/)
      .first()
      .waitFor();
    assert.equal(await drawer.getByRole('button', { name: 'Acknowledge' }).isDisabled(), true);
    await drawer.getByLabel('Your name').fill('Eve');
    await drawer.getByLabel('Reason or note').fill('The road office is told');
    await fits(page, 'alert-light');
    await drawer.getByRole('button', { name: 'Acknowledge' }).click();
    await drawer.getByText('Acknowledged by Eve').waitFor();
    await drawer.getByLabel('Reason or note').fill('They repair it until Friday');
    await drawer.getByLabel('Silence for').selectOption({ label: '7 days' });
    await drawer.getByRole('button', { name: 'Silence' }).click();
    await drawer.getByText('Silenced until').waitFor();
    await drawer.getByText('Silenced', { exact: true }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('No alert here').waitFor();
    await page.getByLabel('State').getByText('Silenced').click();
    await page.getByRole('region', { name: 'Alerts' }).getByText('Eve', { exact: true }).waitFor();
    assert.match(page.url(), /state=SILENCED/);
    await fits(page, 'silenced-light');
  });
  const [alert] = (await server.json('/api/alerts?state=OPEN')).items;
  assert.equal(alert.acknowledgedBy, 'Eve');
  assert.ok(alert.silencedUntil > alert.openedAt);
});

/** A receiver of webhooks that answers as the test says. */
async function receiver() {
  const got = [];
  let status = 200;
  const http = createServer((request, answer) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      got.push({ body: JSON.parse(body), key: request.headers['idempotency-key'] });
      answer.writeHead(status).end();
    });
  });
  await new Promise((done) => http.listen(0, '127.0.0.1', done));
  return {
    got,
    url: `http://127.0.0.1:${http.address().port}/hook`,
    answer: (code) => {
      status = code;
    },
    close: () => new Promise((done) => http.close(done)),
  };
}

test('a webhook is saved, tried, and its failures are told', async () => {
  const hook = await receiver();
  await onPage({}, async (page) => {
    await page.goto('/alerts');
    await settled(page);
    const tried = page.getByRole('button', { name: 'Send a test message' });
    await page.getByLabel('Webhook').fill('ftp://example.org');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText("webhook 'ftp://example.org' must be an http or https address").waitFor();
    assert.equal(await tried.isDisabled(), true);

    await page.getByLabel('Webhook').fill(hook.url);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').waitFor();
    await tried.click();
    await page.getByText('The receiver took it').waitFor();
    hook.answer(500);
    await tried.click();
    await page.getByText('Not delivered: the webhook answered 500').waitFor();
    await hook.close();
    await tried.click();
    await page.getByText(/Not delivered: the webhook cannot be reached/).waitFor();
    await fits(page, 'webhook-light');
    await page.reload();
    assert.equal(await page.getByLabel('Webhook').inputValue(), hook.url);
  });
  assert.equal(hook.got.length, 2);
  assert.equal(hook.got[0].body.kind, 'TEST');
  assert.match(hook.got[0].key, /^test-/);
});

test('a panel that fails says why, and asks again; the rest of the page stays', async () => {
  await onPage({}, async (page) => {
    page.allowDown = true;
    let broken = true;
    let asked = 0;
    await page.route('**/timeline', (route) => {
      asked++;
      return broken
        ? route.fulfill({ status: 503, json: { error: { code: 'STORAGE_FULL', message: 'the disk is full', field: null } } })
        : route.continue();
    });
    await page.goto(HOME);
    const failed = page.getByRole('alert').filter({ hasText: 'the disk is full' });
    await failed.waitFor();
    await failed.getByText('STORAGE_FULL · HTTP 503').waitFor();
    await page.getByText('champion 100 %', { exact: false }).first().waitFor();
    await fits(page, 'failed-panel');
    const again = failed.getByRole('button', { name: 'Try again' });
    const before = asked;
    await again.click();
    while (asked === before) await page.waitForTimeout(20);
    broken = false;
    await again.click({ timeout: 3000 }).catch(() => undefined); // news of the server may have made the page ask by itself
    await page.getByRole('group', { name: 'Champion' }).waitFor();
    await failed.waitFor({ state: 'hidden' });
  });
});

test('what is being asked for has the shape of what comes', async () => {
  await onPage({}, async (page) => {
    let letGo;
    const held = new Promise((done) => {
      letGo = done;
    });
    await page.route('**/api/alerts?**', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('/alerts');
    await page.getByRole('status', { name: 'Loading' }).first().waitFor();
    await fits(page, 'loading');
    letGo();
    await settled(page);
    assert.equal(await page.getByRole('status', { name: 'Loading' }).count(), 0);
  });
});

test('a page without a network says so, keeps its data, and recovers without a reload', async () => {
  await onPage({ viewport: WIDE, scheme: 'dark' }, async (page, opened) => {
    await page.goto(HOME);
    await settled(page);
    await opened.context.setOffline(true);
    await page.getByText('The server does not answer.').waitFor({ timeout: 90_000 });
    await page.getByRole('group', { name: 'Champion' }).getByRole('button').first().waitFor();
    await fits(page, 'offline-dark');
    await opened.context.setOffline(false);
    await page.getByText('The server does not answer.').waitFor({ state: 'hidden', timeout: 90_000 });
    await page.getByText('Live', { exact: true }).waitFor();
  });
});
