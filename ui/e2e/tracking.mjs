// Tracking and registry in a browser on a real server: node e2e/tracking.mjs, with PERENNIAL_DIST and JAVA.
// PERENNIAL_RUNS says how many runs the long table has. Any complaint of the browser fails a test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axe, CHROMIUM, launch, NARROW, openPage, settled, sideways, WIDE } from './browser.mjs';
import { PerennialServer, until } from './server.mjs';
import { PNG, Tracked } from './tracked.mjs';

const SHOTS = process.env.PERENNIAL_SHOTS;
const JAVA = process.env.JAVA ?? 'java';
const PYTHON = process.env.PERENNIAL_PYTHON;
const MANY = Number(process.env.PERENNIAL_RUNS ?? 2000);
const CURVES = 100;
const ROWS_IN_PAGE_MAX = 80;
const LOOKS = [
  { scheme: 'light', view: 'wide', viewport: WIDE },
  { scheme: 'dark', view: 'wide', viewport: WIDE },
  { scheme: 'light', view: 'narrow', viewport: NARROW },
];
const MLMODEL = `flavors:
  sklearn: {}
signature:
  inputs: '[{"type": "double", "name": "weight", "required": true}]'
  outputs: '[{"type": "long", "required": true}]'
`;

let server;
let browser;
let tracked;
let sweep;
let grid;
let curves;

before(async () => {
  assert.ok(CHROMIUM, 'no Chromium was found; set CHROMIUM to its path');
  server = await PerennialServer.create({ dist: process.env.PERENNIAL_DIST, java: JAVA });
  browser = await launch();
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  tracked = new Tracked(server);
  sweep = await tracked.experiment('sweep', [{ key: 'team', value: 'growth' }]);
  grid = await tracked.experiment('grid');
  curves = await tracked.curves(sweep, CURVES);
  await tracked.grid(grid, MANY);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

async function onPage(options, drive) {
  const opened = await openPage(browser, { url: server.url, ...options });
  try {
    await drive(opened.page, opened);
    assert.deepEqual(opened.complaints, []);
  } finally {
    await opened.context.close();
  }
}

const heads = (page) => page.getByRole('columnheader').allInnerTexts();
const names = (page) => page.locator('.runs-row.line a').allInnerTexts();
const firstRow = (page, name) => page.locator('#run-row-0').getByText(name, { exact: true }).waitFor();

test('a shared address opens the same table: filter, order, columns, picked runs', async () => {
  await onPage({}, async (page) => {
    await page.goto(`/runs?experiment=${grid}`);
    await page.getByRole('grid', { name: 'Runs' }).waitFor();
    const filter = page.getByRole('combobox', { name: 'Filter' });
    await filter.pressSequentially('lo');
    await page.getByRole('option', { name: 'metrics.loss metric' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await filter.pressSequentially('< 1 AND te');
    await page.getByRole('option', { name: 'tags.team tag' }).click();
    await filter.pressSequentially("= 'red'");
    assert.equal(await filter.inputValue(), "metrics.loss < 1 AND tags.team = 'red'");
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.waitForURL(/filter=/);
    await page.getByRole('button', { name: 'acc', exact: true }).click();
    await page.waitForURL(/order=metrics.acc/);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'team' }).check();
    await page.waitForURL(/cols=/);
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'team' }).waitFor();
    await page.locator('#run-row-1 input').check();
    await page.locator('#run-row-3 input').check();
    await page.getByText('2 runs picked').waitFor();
    const seen = [await heads(page), (await names(page)).slice(0, 10)];
    await onPage({}, async (other) => {
      await other.goto(page.url());
      await other.getByText('2 runs picked').waitFor();
      await other.locator('#run-row-3 input:checked').waitFor();
      assert.deepEqual([await heads(other), (await names(other)).slice(0, 10)], seen);
      assert.equal(await other.getByRole('combobox', { name: 'Filter' }).inputValue(), "metrics.loss < 1 AND tags.team = 'red'");
    });
    await page.reload();
    await page.locator('#run-row-3 input:checked').waitFor();
    await page.getByRole('link', { name: 'Compare' }).click();
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor();
    await page.goBack();
    await page.getByText('2 runs picked').waitFor();
  });
});

test('a filter that the server refuses is marked where it is wrong, and the rows stay', async () => {
  await onPage({}, async (page) => {
    await page.goto(`/runs?experiment=${grid}`);
    await page.locator('#run-row-0').waitFor();
    const filter = page.getByRole('combobox', { name: 'Filter' });
    await filter.fill('metrics.loss << 1');
    await filter.press('Enter');
    await page.getByRole('alert').waitFor();
    assert.equal(await filter.getAttribute('aria-invalid'), 'true');
    assert.equal((await page.locator('.filter-mark').textContent()).trim(), '<');
    await page.locator('#run-row-0').waitFor();
    assert.deepEqual(await axe(page), []);
    await filter.fill('metrics.loss < 1');
    await filter.press('Enter');
    await page.getByRole('alert').waitFor({ state: 'hidden' });
  });
});

test(`a table of ${MANY} runs scrolls to its end with few rows in the page`, async () => {
  await onPage({}, async (page) => {
    await page.goto(`/runs?experiment=${grid}`);
    await firstRow(page, `grid-${String(MANY - 1).padStart(6, '0')}`);
    const list = page.getByRole('grid', { name: 'Runs' });
    const frames = await page.evaluate(async () => {
      const box = document.querySelector('.runs-grid');
      const times = [];
      let last = performance.now();
      for (let at = 0; at < 90; at++) {
        box.scrollTop += 120;
        await new Promise((done) => requestAnimationFrame(done));
        times.push(performance.now() - last);
        last = performance.now();
      }
      return times.sort((a, b) => a - b);
    });
    console.log(`scroll: median ${frames[45].toFixed(1)} ms a frame, worst ${frames.at(-1).toFixed(1)} ms`);
    await page.getByText(`${MANY.toLocaleString('en-US')} runs`, { exact: true }).waitFor();
    await list.focus();
    await page.keyboard.press('End');
    await page
      .locator(`#run-row-${MANY - 1}`)
      .getByText('grid-000000', { exact: true })
      .waitFor();
    assert.ok((await page.locator('.runs-row.line').count()) < ROWS_IN_PAGE_MAX);
    await page.keyboard.press('PageUp');
    const above = Number((await list.getAttribute('aria-activedescendant')).replace('run-row-', ''));
    assert.ok(above < MANY - 5 && above > MANY - ROWS_IN_PAGE_MAX, `a page up leads to row ${above}`);
    const middle = Math.floor(MANY / 2);
    await list.evaluate((box, top) => box.scrollTo({ top }), middle * 34);
    await page
      .locator(`#run-row-${middle}`)
      .getByText(`grid-${String(MANY - 1 - middle).padStart(6, '0')}`, { exact: true })
      .waitFor();
    await list.focus();
    await page.keyboard.press('Home');
    await firstRow(page, `grid-${String(MANY - 1).padStart(6, '0')}`);
  });
});

test('runs appear and move while the table is open, without a reload', async () => {
  const experiment = await tracked.experiment('alive');
  const first = await tracked.run(experiment, 'first', { end: false, metrics: [{ key: 'loss', value: 9, timestamp: 1, step: 0 }] });
  await onPage({}, async (page) => {
    await page.goto(`/runs?experiment=${experiment}`);
    await page.locator('#run-row-0').getByText('9', { exact: true }).waitFor();
    await tracked.call('runs/log-metric', { run_id: first, key: 'loss', value: 0.125, timestamp: 2, step: 1 });
    await page.locator('#run-row-0').getByText('0.1250', { exact: true }).waitFor();
    await tracked.run(experiment, 'second', { at: Date.now() });
    await page.getByRole('button', { name: '1 new run' }).click();
    await firstRow(page, 'second');
    await page.getByRole('link', { name: 'first' }).click();
    await page.getByRole('heading', { name: 'first' }).waitFor();
    await page.getByRole('tab', { name: 'Charts' }).click();
    await page.getByRole('img', { name: 'loss: 2 points, from 9 to 0.1250' }).waitFor();
    await tracked.call('runs/log-metric', { run_id: first, key: 'loss', value: 0.0625, timestamp: 3, step: 2 });
    await page.getByRole('img', { name: 'loss: 3 points, from 9 to 0.06250' }).waitFor();
    await tracked.call('runs/update', { run_id: first, status: 'FINISHED', end_time: 60_000 });
    await page.getByText('Finished').waitFor();
  });
});

test('experiments tell how many runs they have, also while more are logged', async () => {
  const experiment = await tracked.experiment('counted');
  await tracked.run(experiment, 'one');
  await onPage({}, async (page) => {
    await page.goto('/experiments?q=counted');
    const row = page.getByRole('row', { name: /counted/ });
    await row.getByText('1', { exact: true }).waitFor();
    await tracked.run(experiment, 'two');
    await row.getByText('2', { exact: true }).waitFor();
    await page.goto('/experiments?q=grid');
    await page.getByRole('row', { name: /grid/ }).getByText(MANY.toLocaleString('en-US'), { exact: true }).waitFor();
  });
});

test('a hundred runs with a thousand points each are drawn', async () => {
  await onPage({}, async (page) => {
    await page.goto(`/compare?runs=${curves.join(',')}&view=curves`);
    const canvas = page.getByRole('region', { name: 'loss' }).locator('canvas').first();
    await until('all the lines', async () => /^100 lines/.test((await canvas.getAttribute('data-drawn')) ?? ''));
    console.log(`drawn: ${await canvas.getAttribute('data-drawn')}`);
    const inked = await canvas.evaluate((one) => {
      const { data } = one.getContext('2d').getImageData(0, 0, one.width, one.height);
      let found = 0;
      for (let at = 3; at < data.length; at += 4) if (data[at] > 0) found++;
      return found / (data.length / 4);
    });
    assert.ok(inked > 0.05, `only ${inked} of the canvas is drawn on`);
    await page.getByRole('checkbox', { name: /curve-007/ }).check();
    await page.waitForURL(/lit=/);
    await page.getByLabel('Horizontal').selectOption('time');
    await page.getByLabel('Log scale').check();
    await page.getByRole('slider', { name: 'Smoothing' }).focus();
    await page.keyboard.press('End');
    await page.waitForURL(/smooth=99/);
    const address = page.url();
    await page.reload();
    await until('the lines again', async () => /^100 lines/.test((await canvas.getAttribute('data-drawn')) ?? ''));
    assert.equal(page.url(), address);
    assert.equal(await page.getByLabel('Horizontal').inputValue(), 'time');
    assert.ok(await page.getByLabel('Log scale').isChecked());
  });
});

test('the keyboard alone picks runs, compares them, and reads a curve', async () => {
  await onPage({}, async (page) => {
    await page.goto(`/runs?experiment=${sweep}`);
    await page.locator('#run-row-0').waitFor();
    const list = page.getByRole('grid', { name: 'Runs' });
    for (let at = 0; at < 60 && !(await list.evaluate((one) => one === document.activeElement)); at++) await page.keyboard.press('Tab');
    assert.ok(await list.evaluate((one) => one === document.activeElement), 'the table can be reached by Tab');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('2 runs picked').waitFor();
    for (let at = 0; at < 60; at++) {
      await page.keyboard.press('Shift+Tab');
      if (await page.evaluate(() => document.activeElement?.textContent === 'Compare')) break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor();
    await page.getByRole('rowheader', { name: 'depth' }).waitFor();
    await page.getByRole('tab', { name: 'Side by side' }).focus();
    await page.keyboard.press('ArrowRight');
    const chart = page.getByRole('img', { name: /^loss: 2 lines/ });
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByText('step 1', { exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Curves' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('link', { name: /curve-099: / }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'curve-099' }).waitFor();
  });
});

/** Goes on with the tabulator until the element of that name has the focus; a menu may have a link of the same name before it. */
async function tabTo(page, name, role = null) {
  for (let at = 0; at < 80; at++) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      const one = document.activeElement;
      return [(one?.getAttribute('aria-label') ?? one?.textContent ?? '').trim(), one?.getAttribute('role')];
    });
    if (here[0] === name && (role === null || here[1] === role)) return;
  }
  throw new Error(`80 times Tab does not lead to '${name}'`);
}

test('the keyboard alone leads from the experiments to their runs, and from the registry to a version', async () => {
  const name = 'by keys';
  await registered(name);
  await onPage({}, async (page) => {
    await page.goto('/experiments?q=sweep');
    await page.getByRole('link', { name: 'sweep' }).waitFor();
    await tabTo(page, 'sweep');
    await page.keyboard.press('Enter');
    await page.locator('#run-row-0').waitFor();
    await tabTo(page, 'Runs', 'grid');
    await page.keyboard.press('PageDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^curve-0/ }).waitFor();

    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Where to' }).fill('registry');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name, exact: true }).waitFor();
    await tabTo(page, name);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Version 2' }).waitFor();
    await tabTo(page, 'Version 2');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `${name} version 1` }).waitFor();
    await tabTo(page, 'Give version 1 an alias');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('Name').waitFor();
    await page.keyboard.type('keyed');
    await page.keyboard.press('Enter');
    await page.getByText('@keyed').waitFor();
  });
});

test('picked runs are deleted and restored', async () => {
  const experiment = await tracked.experiment('bin');
  for (const name of ['keep', 'drop']) await tracked.run(experiment, name);
  await onPage({}, async (page) => {
    await page.goto(`/runs?experiment=${experiment}`);
    await page.getByRole('checkbox', { name: 'Pick drop' }).check();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 run' }).click();
    await page.getByRole('checkbox', { name: 'Pick drop' }).waitFor({ state: 'hidden' });
    await page.getByRole('checkbox', { name: 'Pick keep' }).waitFor();
    await page.getByLabel('Which runs').selectOption('deleted');
    await page.getByRole('checkbox', { name: 'Pick drop' }).check();
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restore 1 run' }).click();
    await page.getByText('No deleted run is here').waitFor();
  });
});

test('files of a run are shown and never run', async () => {
  const run = curves[0];
  await tracked.artifact(run, 'notes.txt', 'first line\nsecond line\n');
  await tracked.artifact(run, 'plots/dots.png', PNG);
  await tracked.artifact(run, 'data/rows.csv', 'hub,late\n"north, upper",1\nsouth,0\n');
  await tracked.artifact(run, 'eval.json', JSON.stringify({ columns: ['question', 'score'], data: [['why?', 0.5]] }));
  await tracked.artifact(run, 'page.html', '<script>window.ran = true</script><h1>Hello</h1>');
  await tracked.artifact(run, 'model.bin', Buffer.from([0, 1, 2, 3]));
  await onPage({}, async (page) => {
    await page.goto(`/runs/${run}?view=artifacts`);
    const tree = page.getByRole('navigation', { name: 'Artifacts' });
    await tree.getByRole('button', { name: /notes.txt/ }).click();
    await page.getByText('second line').waitFor();
    await tree.getByRole('button', { name: 'plots' }).click();
    await tree.getByRole('button', { name: /dots.png/ }).click();
    const picture = page.getByRole('img', { name: 'dots.png' });
    await until('the picture', async () => (await picture.evaluate((one) => one.naturalWidth)) === 2);
    await tree.getByRole('button', { name: 'data' }).click();
    await tree.getByRole('button', { name: /rows.csv/ }).click();
    await page.getByRole('cell', { name: 'north, upper' }).waitFor();
    await page.reload();
    await page.getByRole('cell', { name: 'north, upper' }).waitFor();
    await tree.getByRole('button', { name: /eval.json/ }).click();
    await page.getByRole('columnheader', { name: 'question' }).waitFor();
    await tree.getByRole('button', { name: /page.html/ }).click();
    await page.getByText('<h1>Hello</h1>').waitFor();
    assert.equal(await page.evaluate(() => window.ran), undefined);
    await tree.getByRole('button', { name: /model.bin/ }).click();
    await page.getByText('No preview for this kind of file').waitFor();
    const loading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download', exact: true }).click();
    assert.deepEqual([...readFileSync(await (await loading).path())], [0, 1, 2, 3]);
  });
});

test('an experiment is made, renamed, tagged, deleted and restored', async () => {
  await onPage({}, async (page) => {
    await page.goto('/experiments');
    await page.getByRole('button', { name: 'New experiment' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('sweep');
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    await page.getByRole('alert').getByText(/sweep/).waitFor();
    await page.getByRole('dialog').getByLabel('Name').fill('made here');
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    await page.getByRole('button', { name: 'Rename made here' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('named here');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('button', { name: 'Add a tag to named here' }).click();
    await page.getByRole('dialog').getByLabel('Key').fill('owner');
    await page.getByRole('dialog').getByLabel('Value').fill('ada');
    await page.getByRole('dialog').getByRole('button', { name: 'Set the tag' }).click();
    await page.getByTitle('owner: ada').waitFor();
    await page.getByLabel('Search experiments').fill('NAMED');
    await page.waitForURL(/q=NAMED/);
    await page.getByRole('link', { name: 'sweep' }).waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Delete named here' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the experiment' }).click();
    await page.getByText('No experiment matches').waitFor();
    await page.getByLabel('Which experiments').selectOption('deleted');
    await page.getByRole('button', { name: 'Restore named here' }).click();
    await page.getByLabel('Which experiments').selectOption('active');
    await page.getByRole('link', { name: 'named here' }).waitFor();
  });
});

/** A model of the registry whose second version comes from a run with an MLmodel file. */
async function registered(name) {
  const run = curves[1];
  await tracked.call('runs/log-inputs', {
    run_id: run,
    datasets: [
      {
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
        dataset: { name: 'parcels', digest: 'abc123', source_type: 'local', source: '{"uri": "data/parcels.csv"}' },
      },
    ],
  });
  await tracked.artifact(run, 'model/MLmodel', MLMODEL);
  const { run: found } = await server.json(`/api/2.0/mlflow/runs/get?run_id=${run}`);
  const source = `${found.info.artifact_uri}/model`;
  await tracked.call('registered-models/create', { name, description: 'Will this parcel come late?' });
  for (let at = 0; at < 2; at++) await tracked.call('model-versions/create', { name, source, run_id: run });
  return run;
}

test('the registry shows a version with signature, lineage and aliases, and its programs run as they stand', async () => {
  const name = 'parcels of today';
  await registered(name);
  await onPage({}, async (page) => {
    await page.goto('/registry');
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('button', { name: 'Give version 2 an alias' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('best');
    await page.getByRole('dialog').getByRole('button', { name: 'Point it here' }).click();
    await page.getByText('@best').waitFor();
    await page.getByRole('link', { name: 'Version 2' }).click();
    await page.getByRole('cell', { name: 'weight' }).waitFor();
    await page.getByRole('region', { name: 'Lineage' }).getByText('parcels', { exact: true }).waitFor();
    await page.getByLabel('Stage').selectOption('Production');
    await page.getByRole('dialog').getByRole('button', { name: 'Move to Production' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await until('the new stage', async () => (await page.getByLabel('Stage').inputValue()) === 'Production');
    const folder = mkdtempSync(join(tmpdir(), 'perennial-paste-'));
    try {
      await runs(page, folder, 'curl', 'use.sh', ['sh', 'use.sh']);
      assert.equal(readFileSync(join(folder, 'MLmodel'), 'utf8'), MLMODEL);
      rmSync(join(folder, 'MLmodel'));
      await runs(page, folder, 'Java', 'UseModel.java', [JAVA, 'UseModel.java']);
      assert.equal(readFileSync(join(folder, 'MLmodel'), 'utf8'), MLMODEL);
    } finally {
      rmSync(folder, { recursive: true });
    }
    await page.getByRole('region', { name: 'Lineage' }).getByRole('link', { name: 'curve-001' }).click();
    await page.getByRole('link', { name: `${name} version 2` }).waitFor();
  });
});

/** A model as clients of version 3 log it: beside the files of its run. */
async function loggedModel(name) {
  const run = await tracked.run(sweep, `run of ${name}`, { metrics: [{ key: 'auc', value: 0.75, timestamp: 1, step: 0 }] });
  const { model } = await tracked.call('logged-models', {
    experiment_id: sweep,
    name,
    source_run_id: run,
    params: [{ key: 'c', value: '1' }],
  });
  const id = model.info.model_id;
  await tracked.put(model.info.artifact_uri, 'MLmodel', MLMODEL);
  await tracked.put(model.info.artifact_uri, 'extra/notes.txt', 'kept with the model');
  await tracked.call(`logged-models/${id}`, { status: 'LOGGED_MODEL_READY' }, 'PATCH');
  await tracked.call('runs/outputs', { run_id: run, models: [{ model_id: id, step: 0 }] });
  return { run, id };
}

test('files of a logged model are shown beside those of its run, and on its own page', async () => {
  const { run, id } = await loggedModel('net');
  await onPage({}, async (page) => {
    await page.goto(`/runs/${run}?view=artifacts`);
    const tree = page.getByRole('navigation', { name: 'Artifacts' });
    await tree.getByRole('button', { name: /net logged model/ }).click();
    await tree.getByRole('button', { name: 'extra' }).click();
    await tree.getByRole('button', { name: /notes.txt/ }).click();
    await page.getByText('kept with the model').waitFor();
    await page.reload();
    await page.getByText('kept with the model').waitFor();
    await tree.getByRole('link', { name: 'Page of the model net' }).click();
    await page.getByRole('heading', { name: 'net' }).waitFor();
    await page.getByRole('cell', { name: 'weight' }).waitFor();
    await page.getByRole('link', { name: 'run of net' }).first().waitFor();
    const folder = mkdtempSync(join(tmpdir(), 'perennial-paste-'));
    try {
      await runs(page, folder, 'curl', 'use.sh', ['sh', 'use.sh']);
      assert.equal(readFileSync(join(folder, 'MLmodel'), 'utf8'), MLMODEL);
    } finally {
      rmSync(folder, { recursive: true });
    }
    await page.goto(`/#/experiments/${sweep}/models/${id}`);
    await page.getByRole('heading', { name: 'net' }).waitFor();
  });
});

const LOG_A_MODEL = `
import sys, warnings
warnings.filterwarnings("ignore")
import mlflow, pandas as pd
from sklearn.linear_model import LinearRegression
mlflow.set_tracking_uri(sys.argv[1])
rows = pd.DataFrame({"weight": [0.0, 1.0, 2.0], "late at night": [1.0, 0.0, 1.0]})
with mlflow.start_run():
    mlflow.sklearn.log_model(LinearRegression().fit(rows, [1.0, 2.0, 3.0]), name="model", serialization_format="cloudpickle", pip_requirements=["scikit-learn"],
        signature=mlflow.models.infer_signature(rows, [1.0]), registered_model_name="pasted")
`;

test('the Python program of a version predicts when it is pasted', { skip: PYTHON ? false : 'PERENNIAL_PYTHON is not set' }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-python-'));
  try {
    const logged = spawnSync(PYTHON, ['-c', LOG_A_MODEL, server.url], { cwd: folder, encoding: 'utf8' });
    assert.equal(logged.status, 0, logged.stderr);
    await onPage({}, async (page) => {
      await page.goto('/registry/pasted/1');
      await page.getByRole('cell', { name: 'late at night' }).waitFor();
      const printed = await runs(page, folder, 'Python', 'use_model.py', [PYTHON, 'use_model.py']);
      assert.match(printed, /^\[[\d.]+\]/m);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Pastes a program of the page into a file and runs it. */
async function runs(page, folder, language, file, [command, ...words]) {
  await page.getByText(language, { exact: true }).click();
  const text = await page.locator('pre.code-block').textContent();
  writeFileSync(join(folder, file), text);
  const done = spawnSync(command, words, { cwd: folder, encoding: 'utf8' });
  assert.equal(done.status, 0, `${language}: ${done.stderr}\n${text}`);
  return done.stdout;
}

test('every page of tracking is fit for everybody, light and dark, on small screens', async () => {
  const name = 'parcels';
  const run = await registered(name);
  const net = await loggedModel('net for all');
  const five = curves.slice(0, 5).join(',');
  const places = {
    experiments: '/experiments',
    runs: `/runs?experiment=${sweep}`,
    picked: `/runs?experiment=${sweep}&picked=${five}`,
    run: `/runs/${run}`,
    charts: `/runs/${run}?view=charts&smooth=80`,
    artifacts: `/runs/${run}?view=artifacts&path=model/MLmodel`,
    compare: `/compare?runs=${five}&baseline=${curves[0]}&all=true`,
    curves: `/compare?runs=${five}&view=curves&smooth=90`,
    scatter: `/compare?runs=${curves.join(',')}&view=scatter&x=p.rate&y=m.loss&logs=xy`,
    logged: `/logged-models/${net.id}`,
    missing: '/logged-models/m-nothing',
    registry: '/registry',
    model: `/registry/${name}`,
    version: `/registry/${name}/2`,
  };
  for (const { scheme, view, viewport } of LOOKS) {
    await onPage({ scheme, viewport }, async (page) => {
      for (const [place, address] of Object.entries(places)) {
        await page.goto(address);
        await settled(page);
        await page.waitForFunction(() => document.querySelectorAll('.bone').length === 0);
        const where = `tracking ${place} ${scheme} ${view}`;
        if (SHOTS) await page.screenshot({ path: join(SHOTS, `tracking-${place}-${view}-${scheme}.png`), fullPage: true });
        assert.deepEqual(await axe(page), [], where);
        assert.equal(await sideways(page), 0, `${where} scrolls sideways`);
      }
    });
  }
});

test('mangled links open their pages with defaults', async () => {
  await onPage({}, async (page) => {
    await page.goto('/runs?experiment=999999999&cols=%7B%7D&order=nonsense&picked=%2C');
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await page.goto('/compare?runs=../x,%20&view=7&axis=moon&smooth=1e9');
    await page.getByText('No run was picked').waitFor();
    await page.goto(`/runs?run=${curves[0]}`);
    await page.waitForURL(/\/runs\/[0-9a-f]{32}/);
    await page.goto('/runs/00000000000000000000000000000000');
    await page.getByRole('alert').waitFor();
  });
});
