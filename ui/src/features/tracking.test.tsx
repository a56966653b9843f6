import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page } from '../testing/data';
import { renderAt } from '../testing/renderAt';
import { type Answer, answers } from '../testing/server';

const PATIENCE = { timeout: 10_000 };
const A = '/ajax-api/2.0/mlflow';

const run = (id: string, lr: string, loss: number) => ({
  info: { run_id: id, run_name: `run ${id}`, experiment_id: '1', status: 'FINISHED', start_time: 1000, end_time: 61_000 },
  data: {
    metrics: [{ key: 'loss', value: loss, step: 9, timestamp: 1 }],
    params: [
      { key: 'lr', value: lr },
      { key: 'booster', value: 'gbtree' },
    ],
    tags: [
      { key: 'team', value: 'growth' },
      { key: 'mlflow.source.git.commit', value: 'abc123' },
    ],
  },
  inputs: { dataset_inputs: [{ tags: [], dataset: { name: 'parcels', digest: 'd1', source_type: 'local', source: '{"uri":"x.csv"}' } }] },
});
const runs = { a: run('a', '0.1', 0.5), b: run('b', '0.3', 0.25) };

/** A body of a request that was asked for. */
const bodies: unknown[] = [];
const keep =
  (body: unknown): Answer =>
  (request) => {
    bodies.push(request.body);
    return { body };
  };
const error = (status: number, code: string, message: string): Answer => ({ status, body: { error_code: code, message } });

const all: Record<string, Answer> = {
  '/api/models': page(),
  '/api/alerts': page(),
  '/api/events': { body: { items: [] } },
  '/api/status': { body: { scorers: [] } },
  [`${A}/experiments/search`]: { body: { experiments: [{ experiment_id: '1', name: 'sweep', last_update_time: 5, tags: [] }] } },
  [`${A}/experiments/get`]: { body: { experiment: { experiment_id: '1', name: 'sweep' } } },
  [`${A}/runs/search`]: { body: { runs: [runs.a, runs.b] } },
  [`${A}/runs/get`]: ({ url }) => {
    const found = runs[url.searchParams.get('run_id') as 'a' | 'b'];
    return found
      ? { body: { run: found } }
      : { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `no run ${url.searchParams.get('run_id')}` } };
  },
  [`${A}/model-versions/search`]: { body: {} },
  [`${A}/artifacts/list`]: { body: {} },
};

beforeEach(() => {
  localStorage.clear();
  bodies.length = 0;
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
});

describe('the table of runs', () => {
  it('orders by a click on a head, on the server and in the address', async () => {
    answers({ ...all, [`${A}/runs/search`]: keep({ runs: [runs.a, runs.b] }) });
    const router = renderAt('/runs');
    await userEvent.click(await screen.findByRole('button', { name: 'loss' }, PATIENCE));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ order: 'metrics.loss DESC' }), PATIENCE);
    await waitFor(() => expect(bodies).toContainEqual(expect.objectContaining({ order_by: ['metrics.loss DESC'] })), PATIENCE);
    expect((await screen.findByRole('columnheader', { name: 'loss' }, PATIENCE)).getAttribute('aria-sort')).toBe('descending');
  });

  it('has the columns of the address and no other', async () => {
    answers(all);
    renderAt('/runs?cols=t.team,p.booster');
    await screen.findByRole('link', { name: 'run a' }, PATIENCE);
    const heads = screen.getAllByRole('columnheader').map((head) => head.textContent);
    expect(heads).toEqual(['Picked', 'Run', 'team', 'booster']);
  });

  it('keeps what is picked in the address, and compares it', async () => {
    answers(all);
    const router = renderAt('/runs');
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Pick run a' }, PATIENCE));
    expect(await screen.findByText('Pick another one to compare', undefined, PATIENCE)).toBeTruthy();
    await userEvent.click(screen.getByRole('checkbox', { name: 'Pick run b' }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ picked: 'a,b' }), PATIENCE);
    await userEvent.click(await screen.findByRole('link', { name: 'Compare' }, PATIENCE));
    expect(await screen.findByRole('heading', { name: 'Compare 2 runs' }, PATIENCE)).toBeTruthy();
  });

  it('is moved through by keys, and opens the active run', async () => {
    answers(all);
    const router = renderAt('/runs');
    (await screen.findByRole('grid', { name: 'Runs' }, PATIENCE)).focus();
    await userEvent.keyboard('jx');
    await waitFor(() => expect(router.state.location.search).toMatchObject({ picked: 'b' }), PATIENCE);
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/runs/b'), PATIENCE);
  });

  it('has a row for every run that the server counted, and asks only for those on the screen', async () => {
    answers({
      ...all,
      [`${A}/runs/search`]: keep({ runs: [runs.a, runs.b], next_page_token: 'more' }),
      [`${A}/runs/count`]: { body: { count: 100_000, more: false } },
    });
    renderAt('/runs');
    expect(await screen.findByText('100,000 runs', undefined, PATIENCE)).toBeTruthy();
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('100001');
    expect(bodies.length).toBeLessThan(6);
  });

  it('says that an experiment is not there instead of showing an empty one', async () => {
    answers({ ...all, [`${A}/runs/search`]: { body: {} }, [`${A}/runs/count`]: { body: { count: 0, more: false } } });
    renderAt('/runs?experiment=77');
    expect(await screen.findByText(/There is no experiment 77/, undefined, PATIENCE)).toBeTruthy();
  });

  it('opens a run of an older link on its own page', async () => {
    answers(all);
    const router = renderAt('/runs?run=a');
    expect(await screen.findByRole('heading', { name: 'run a' }, PATIENCE)).toBeTruthy();
    expect(router.state.location.pathname).toBe('/runs/a');
  });
});

describe('the page of a run', () => {
  it('shows metrics, params, tags, inputs and code', async () => {
    answers(all);
    renderAt('/runs/a');
    const metrics = await screen.findByRole('region', { name: 'Metrics' }, PATIENCE);
    expect(within(metrics).getByText('0.500000')).toBeTruthy();
    expect(within(metrics).getByText('at step 9')).toBeTruthy();
    expect(within(screen.getByRole('region', { name: 'Params' })).getByText('gbtree')).toBeTruthy();
    expect(screen.getByTitle('team: growth')).toBeTruthy();
    expect(screen.getByText('parcels')).toBeTruthy();
    expect(screen.getByText('x.csv')).toBeTruthy();
    expect(screen.getByText('Git commit')).toBeTruthy();
  });

  it('shows a version of a logged model once, on the card of the model', async () => {
    const made = { ...runs.a, outputs: { model_outputs: [{ model_id: 'm-1', step: 3 }] } };
    const registrations = [{ name: 'churn', version: '7' }];
    answers({
      ...all,
      [`${A}/runs/get`]: { body: { run: made } },
      [`${A}/logged-models/m-1`]: { body: { model: { info: { model_id: 'm-1', experiment_id: '1', name: 'net', registrations } } } },
      [`${A}/model-versions/search`]: {
        body: {
          model_versions: [
            { name: 'churn', version: '7', model_id: 'm-1' },
            { name: 'older', version: '1' },
          ],
        },
      },
    });
    renderAt('/runs/a');
    expect(await screen.findByRole('link', { name: 'older version 1' }, PATIENCE)).toBeTruthy();
    expect(await screen.findAllByRole('link', { name: 'churn version 7' }, PATIENCE)).toHaveLength(1);
    expect(screen.getByText('net')).toBeTruthy();
  });

  it('says that there is no such run, and leads back', async () => {
    answers(all);
    renderAt('/runs/gone');
    expect(await screen.findByText('no run gone', undefined, PATIENCE)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Go to the runs' })).toBeTruthy();
  });

  it('shows the files of a logged model beside its own, and the address names both', async () => {
    const made = { ...runs.a, outputs: { model_outputs: [{ model_id: 'm-1', step: 0 }] } };
    answers({
      ...all,
      [`${A}/runs/get`]: { body: { run: made } },
      [`${A}/artifacts/list`]: { body: { files: [{ path: 'notes.txt', is_dir: false, file_size: 3 }] } },
      [`${A}/logged-models/m-1`]: { body: { model: { info: { model_id: 'm-1', experiment_id: '1', name: 'net' } } } },
      [`${A}/logged-models/m-1/artifacts/directories`]: { body: { files: [{ path: 'MLmodel', is_dir: false, file_size: 9 }] } },
      [`${A}/logged-models/m-1/artifacts/files`]: { body: 'flavors' },
    });
    const router = renderAt('/runs/a?view=artifacts');
    await screen.findByRole('button', { name: /notes.txt/ }, PATIENCE);
    await userEvent.click(await screen.findByRole('button', { name: /net logged model/ }, PATIENCE));
    await userEvent.click(await screen.findByRole('button', { name: /MLmodel/ }, PATIENCE));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ path: 'MLmodel', model: 'm-1' }), PATIENCE);
    expect(await screen.findByText(/flavors/, undefined, PATIENCE)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Page of the model net' }).getAttribute('href')).toBe('/logged-models/m-1');
  });

  it('tells how files come to a run that has none', async () => {
    answers(all);
    renderAt('/runs/a?view=artifacts');
    expect(await screen.findByText('This run logged no file', undefined, PATIENCE)).toBeTruthy();
  });
});

describe('the page of a logged model', () => {
  const info = {
    model_id: 'm-1',
    experiment_id: '1',
    name: 'net',
    status: 'LOGGED_MODEL_READY',
    source_run_id: 'a',
    registrations: [{ name: 'churn', version: '7' }],
    tags: [{ key: 'team', value: 'growth' }],
  };
  const data = {
    params: [{ key: 'lr', value: '0.1' }],
    metrics: [{ key: 'auc', value: 0.75, step: 0, dataset_name: 'test' }],
  };
  const model: Record<string, Answer> = {
    ...all,
    [`${A}/logged-models/m-1`]: { body: { model: { info, data } } },
    [`${A}/logged-models/m-1/artifacts/directories`]: { body: {} },
    [`${A}/logged-models/m-1/artifacts/files`]: error(404, 'RESOURCE_DOES_NOT_EXIST', 'no MLmodel'),
  };

  it('leads to its run and its versions, and shows metrics by data set', async () => {
    answers(model);
    renderAt('/logged-models/m-1');
    expect(await screen.findByRole('heading', { name: 'net' }, PATIENCE)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'churn version 7' })).toBeTruthy();
    expect((await screen.findAllByRole('link', { name: 'run a' }, PATIENCE)).length).toBeGreaterThan(0);
    expect(within(screen.getByRole('region', { name: 'Metrics' })).getByText('auc on test')).toBeTruthy();
    expect(await screen.findByText(/load_model\("models:\/m-1"\)/, undefined, PATIENCE)).toBeTruthy();
  });

  it('sets a tag in the way of logged models', async () => {
    answers({ ...model, [`PATCH ${A}/logged-models/m-1/tags`]: keep({}) });
    renderAt('/logged-models/m-1');
    await userEvent.click(await screen.findByRole('button', { name: 'Add a tag to net' }, PATIENCE));
    const dialog = await screen.findByRole('dialog', undefined, PATIENCE);
    await userEvent.type(within(dialog).getByLabelText('Key'), 'owner');
    await userEvent.type(within(dialog).getByLabelText('Value'), 'ada');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Set the tag' }));
    await waitFor(() => expect(bodies).toEqual([{ tags: [{ key: 'owner', value: 'ada' }] }]), PATIENCE);
  });

  it('says when there is none', async () => {
    answers({ ...all, [`${A}/logged-models/m-9`]: error(404, 'RESOURCE_DOES_NOT_EXIST', 'none') });
    renderAt('/logged-models/m-9');
    expect(await screen.findByText('There is no such logged model', undefined, PATIENCE)).toBeTruthy();
  });
});

describe('the comparison', () => {
  it('shows params that differ first, and others only when asked', async () => {
    answers(all);
    const router = renderAt('/compare?runs=a,b');
    expect(await screen.findByRole('rowheader', { name: 'lr' }, PATIENCE)).toBeTruthy();
    expect(screen.queryByRole('rowheader', { name: 'booster' })).toBeNull();
    await userEvent.click(screen.getByRole('checkbox', { name: 'Params that are the same (1)' }));
    expect(await screen.findByRole('rowheader', { name: 'booster' }, PATIENCE)).toBeTruthy();
    expect(router.state.location.search).toMatchObject({ all: true });
  });

  it('gives signed differences from a baseline', async () => {
    answers(all);
    renderAt('/compare?runs=a,b&baseline=a');
    expect(await screen.findByText('−0.250', undefined, PATIENCE)).toBeTruthy();
  });

  it('goes on without runs that are gone, and names them', async () => {
    answers(all);
    renderAt('/compare?runs=a,b,gone');
    expect(await screen.findByText(/One run is not on this server: gone/, undefined, PATIENCE)).toBeTruthy();
    expect(screen.getByRole('heading', { name: 'Compare 2 runs' })).toBeTruthy();
  });

  it('draws a dot for each run that leads to it', async () => {
    answers(all);
    renderAt('/compare?runs=a,b&view=scatter&x=p.lr&y=m.loss');
    expect(await screen.findByRole('link', { name: 'run b: lr 0.3, loss 0.25000' }, PATIENCE)).toBeTruthy();
  });
});

it('goes to a run by its id', async () => {
  answers(all);
  const router = renderAt('/experiments');
  await userEvent.click(await screen.findByRole('button', { name: 'Search (Ctrl K)' }, PATIENCE));
  await userEvent.type(await screen.findByRole('combobox', { name: 'Where to' }, PATIENCE), `${'0a'.repeat(16)}{Enter}`);
  await waitFor(() => expect(router.state.location.pathname).toBe(`/runs/${'0a'.repeat(16)}`), PATIENCE);
});

it('goes to a logged model by its id', async () => {
  answers(all);
  const router = renderAt('/experiments');
  await userEvent.click(await screen.findByRole('button', { name: 'Search (Ctrl K)' }, PATIENCE));
  await userEvent.type(await screen.findByRole('combobox', { name: 'Where to' }, PATIENCE), `m-${'0a'.repeat(16)}{Enter}`);
  await waitFor(() => expect(router.state.location.pathname).toBe(`/logged-models/m-${'0a'.repeat(16)}`), PATIENCE);
});

describe('experiments', () => {
  it('are searched by the server', async () => {
    answers({ ...all, [`${A}/experiments/search`]: keep({ experiments: [] }) });
    renderAt("/experiments?q=o'neil");
    expect(await screen.findByText('No experiment matches', undefined, PATIENCE)).toBeTruthy();
    expect(bodies).toContainEqual(expect.objectContaining({ filter: 'name ILIKE "%o\'neil%"', view_type: 'ACTIVE_ONLY' }));
  });

  it('whose name is taken are not made, and the dialog says why', async () => {
    answers({ ...all, [`POST ${A}/experiments/create`]: error(400, 'RESOURCE_ALREADY_EXISTS', 'the name is taken') });
    renderAt('/experiments');
    await userEvent.click(await screen.findByRole('button', { name: 'New experiment' }, PATIENCE));
    const dialog = await screen.findByRole('dialog', { name: 'New experiment' }, PATIENCE);
    await userEvent.type(within(dialog).getByLabelText('Name'), 'sweep');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Create' }));
    expect(await within(dialog).findByText('the name is taken', undefined, PATIENCE)).toBeTruthy();
  });

  it('lead to their runs', async () => {
    answers(all);
    renderAt('/experiments');
    const link = await screen.findByRole('link', { name: 'sweep' }, PATIENCE);
    expect(link.getAttribute('href')).toMatch(/runs\?experiment=/);
  });
});

describe('the registry', () => {
  const version = {
    name: 'churn',
    version: '3',
    status: 'READY',
    current_stage: 'None',
    run_id: 'a',
    source: 'runs:/a/model',
    aliases: ['best'],
  };

  it('says so when the server has none', async () => {
    answers({ ...all, [`${A}/registered-models/search`]: error(404, 'ENDPOINT_NOT_FOUND', 'no route') });
    renderAt('/registry');
    expect(await screen.findByText(/registry is not available/i, undefined, PATIENCE)).toBeTruthy();
  });

  it('deletes a model only after a dialog, and stays when the server refuses', async () => {
    answers({
      ...all,
      [`${A}/registered-models/get`]: { body: { registered_model: { name: 'churn' } } },
      [`DELETE ${A}/registered-models/delete`]: error(403, 'PERMISSION_DENIED', 'you may not delete it'),
    });
    const router = renderAt('/registry/churn');
    await userEvent.click(await screen.findByRole('button', { name: 'Delete' }, PATIENCE));
    const dialog = await screen.findByRole('dialog', { name: 'Delete churn?' }, PATIENCE);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Delete the model' }));
    expect(await within(dialog).findByText('you may not delete it', undefined, PATIENCE)).toBeTruthy();
    expect(router.state.location.pathname).toBe('/registry/churn');
  });

  it('lists models with what their aliases mean', async () => {
    answers({
      ...all,
      [`${A}/registered-models/search`]: {
        body: { registered_models: [{ name: 'churn', latest_versions: [version], aliases: [{ alias: 'best', version: '3' }] }] },
      },
    });
    renderAt('/registry');
    expect(await screen.findByRole('link', { name: '@best v3' }, PATIENCE)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'v3' })).toBeTruthy();
  });

  it('refuses to move an alias that the loop owns, in the words of the server', async () => {
    answers({
      ...all,
      [`${A}/registered-models/get`]: { body: { registered_model: { name: 'churn' } } },
      [`GET ${A}/model-versions/search`]: { body: { model_versions: [version] } },
      [`POST ${A}/registered-models/alias`]: error(400, 'INVALID_PARAMETER_VALUE', 'the loop owns this alias'),
    });
    renderAt('/registry/churn');
    await userEvent.click(await screen.findByRole('button', { name: 'Give version 3 an alias' }, PATIENCE));
    const dialog = await screen.findByRole('dialog', { name: 'An alias for version 3' }, PATIENCE);
    await userEvent.type(within(dialog).getByLabelText('Name'), 'champion');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Point it here' }));
    expect(await within(dialog).findByText('the loop owns this alias', undefined, PATIENCE)).toBeTruthy();
  });

  it('asks before a stage is changed, and sends what was chosen', async () => {
    answers({
      ...all,
      [`${A}/model-versions/get`]: { body: { model_version: version } },
      [`POST ${A}/model-versions/transition-stage`]: keep({ model_version: version }),
    });
    renderAt('/registry/churn/3');
    await userEvent.selectOptions(await screen.findByLabelText('Stage', undefined, PATIENCE), 'Production');
    const dialog = await screen.findByRole('dialog', { name: 'From None to Production?' }, PATIENCE);
    expect(bodies).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Move to Production' }));
    await waitFor(
      () => expect(bodies).toEqual([{ name: 'churn', version: '3', stage: 'Production', archive_existing_versions: false }]),
      PATIENCE,
    );
  });
});
