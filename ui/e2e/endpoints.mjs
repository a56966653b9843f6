// Endpoints in a browser on a real server: node e2e/endpoints.mjs, with PERENNIAL_ROOT, PERENNIAL_DIST and JAVA.
// Two versions of a tree model are logged over the public API, deployed, tried and rolled back. Any complaint of the browser fails a test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { axe, NARROW, settled, sideways } from './browser.mjs';
import { until } from './server.mjs';
import { SHOTS, stage } from './stage.mjs';
import { Tracked } from './tracked.mjs';

const TREES = join(process.env.PERENNIAL_ROOT, 'scoring/src/test/resources/trees/xgboost-2.1-logistic.json');
const COLUMNS = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5'];
const FIRST_ROW = [0.082, 1.0539999999999998, 0.051, 5e-324, 3, 9];
const MLMODEL = `flavors:
  xgboost:
    data: model.json
    model_format: json
mlflow_version: 3.17.2
signature:
  inputs: '${JSON.stringify(COLUMNS.map((name) => ({ type: 'double', name, required: true })))}'
  outputs: '[{"type": "double", "required": true}]'
`;

let server;

const onPage = stage([], (made) => {
  server = made;
});

/** Nothing for axe to find, nothing sideways; a picture for people to look at. */
async function fits(page, name) {
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  assert.deepEqual(await axe(page), [], name);
  assert.equal(await sideways(page), 0, `${name} scrolls sideways`);
}

const endpoint = () => server.json('/api/endpoints/flowers');
const roles = async () => Object.fromEntries((await endpoint()).variants.map((one) => [one.version, one.role]));

async function signed(dialog, reason, button) {
  await dialog.getByLabel('Your name').fill('Ada');
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: button }).click();
  await dialog.waitFor({ state: 'hidden' });
}

test('without an endpoint the page teaches the first deployment', async () => {
  await onPage({}, async (page) => {
    await page.goto('/');
    await page.getByRole('link', { name: 'Endpoints' }).click();
    await page.getByText('Nothing is deployed yet').waitFor();
    await page.getByRole('button', { name: 'Copy “perennial deploy models:/churn/1 --endpoint churn”' }).waitFor();
    await fits(page, 'endpoints-none');
  });
});

test('a version of the registry is deployed from its page with name and reason', async () => {
  const tracked = new Tracked(server);
  const run = await tracked.run(await tracked.experiment('irises'), 'trees');
  await tracked.artifact(run, 'model/MLmodel', MLMODEL);
  await tracked.artifact(run, 'model/model.json', readFileSync(TREES));
  await tracked.call('registered-models/create', { name: 'iris' });
  for (let version = 0; version < 2; version++) {
    await tracked.call('model-versions/create', { name: 'iris', source: `runs:/${run}/model`, run_id: run });
  }
  await onPage({}, async (page) => {
    await page.goto('/registry/iris/1');
    await page.getByRole('button', { name: 'Deploy…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deploy models:/iris/1' });
    await dialog.getByLabel('Endpoint').fill('flowers');
    await dialog.getByText('It is the first version there').waitFor();
    await fits(page, 'deploy');
    await signed(dialog, 'The garden opens', 'Deploy');
    await page.waitForURL('**/endpoints/flowers');
    await page.getByRole('img', { name: 'Traffic: iris v1 champion 100 %' }).waitFor({ timeout: 90_000 });
    await page.getByRole('region', { name: 'Deployments' }).getByText('The garden opens').first().waitFor();
    await page.getByRole('button', { name: 'Admitted' }).click();
    const evidence = page.getByRole('dialog', { name: 'Admission of iris/1' });
    await evidence.getByText('xgboost-json').first().waitFor();
    await page.keyboard.press('Escape');
    await evidence.waitFor({ state: 'hidden' });
  });
});

test('the form made from the signature sends a row in each protocol and shows its score', async () => {
  await onPage({}, async (page) => {
    await page.goto('/endpoints');
    await page.getByRole('link', { name: 'flowers' }).focus();
    await page.keyboard.press('Enter');
    const form = page.getByRole('form', { name: 'Try it' });
    for (const [at, column] of COLUMNS.entries()) await form.getByLabel(column).fill(String(FIRST_ROW[at]));
    const scores = [];
    for (const protocol of ['Records', 'Open Inference', 'MLflow']) {
      await page.getByText(protocol, { exact: true }).click();
      await form.getByRole('button', { name: 'Send' }).click();
      const answer = form.getByRole('status', { name: 'Answer' });
      await answer.getByText('HTTP 200').waitFor();
      scores.push(await answer.locator('.big').getAttribute('title'));
    }
    assert.equal(new Set(scores).size, 1, `one score in all protocols: ${scores}`);
    assert.ok(Number(scores[0]) > 0 && Number(scores[0]) < 1);
    await form.getByLabel('f0').fill('big');
    await form.getByRole('button', { name: 'Send' }).click();
    await form.getByText('“big” is no number').waitFor();
    await fits(page, 'endpoint-tried');
  });
});

test('what it does is live on its page', async () => {
  const { url } = await endpoint();
  const body = { inputs: COLUMNS.map((name, at) => ({ name, datatype: 'FP64', shape: [1], data: [FIRST_ROW[at]] })) };
  await onPage({}, async (page) => {
    await page.goto('/endpoints/flowers');
    await settled(page);
    const traffic = page.getByRole('img', { name: /^Traffic rows a second: iris v1 [1-9]/ });
    await until('traffic on the page', async () => {
      for (let at = 0; at < 20; at++) {
        await fetch(`${url}/v2/models/flowers/infer`, { method: 'POST', body: JSON.stringify(body) }).then((answer) => answer.text());
      }
      return (await traffic.count()) > 0;
    });
    await page.getByRole('img', { name: /^Latency ms, of all requests: p50 \d/ }).waitFor();
  });
});

test('a second version takes over, and a rollback with a reason changes the split', async () => {
  await onPage({ viewport: NARROW, scheme: 'dark' }, async (page) => {
    await page.goto('/endpoints/flowers');
    await page.getByRole('button', { name: 'Deploy a version' }).click();
    const deploy = page.getByRole('dialog', { name: 'Deploy a version' });
    await deploy.getByLabel('Version').fill('models:/iris/2');
    await deploy.getByLabel(/^Champion at once/).check();
    await fits(page, 'deploy-narrow-dark');
    await signed(deploy, 'More petals', 'Deploy');
    await page.getByRole('img', { name: 'Traffic: iris v2 champion 100 %' }).waitFor({ timeout: 90_000 });

    await page.getByRole('button', { name: 'Roll back' }).click();
    const back = page.getByRole('dialog', { name: 'Roll back from iris v2 to iris v1?' });
    assert.equal(await back.getByRole('button', { name: 'Roll back to iris v1' }).isDisabled(), true);
    await fits(page, 'rollback-narrow-dark');
    await signed(back, 'They wither', 'Roll back to iris v1');
    await page.getByRole('img', { name: 'Traffic: iris v1 champion 100 %' }).waitFor();
    await fits(page, 'endpoint-narrow-dark');
  });
  assert.deepEqual(await roles(), { 'iris/1': 'champion', 'iris/2': 'warm' });
  const entries = (await server.json('/api/ledger/entries?stream=endpoint:flowers&limit=100')).items;
  assert.ok(
    entries.some((one) => one.action === 'deployment.rollback' && JSON.stringify(one.payload).includes('They wither')),
    'the ledger keeps the reason',
  );
});

test('the list tells the endpoint, also on a small screen', async () => {
  for (const look of [{}, { viewport: NARROW }]) {
    await onPage(look, async (page) => {
      await page.goto('/endpoints?q=flow');
      const line = page.getByRole('row', { name: /flowers/ });
      await line.getByText('Serving').waitFor();
      await line.getByText('iris v1 champion 100 %').waitFor();
      await fits(page, `endpoints-${look.viewport ? 'narrow' : 'wide'}`);
    });
  }
});
