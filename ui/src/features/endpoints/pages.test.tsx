import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { page, rollout } from '../../testing/data';
import { endpointAnswers, flowers, LONG_NAME, live, summaryOf } from '../../testing/endpoints';
import { renderAt } from '../../testing/renderAt';
import { answers, problem } from '../../testing/server';

const PATIENCE = { timeout: 10_000 };
const HERE = '/api/endpoints/flowers';
const all = endpointAnswers;
const empty = { name: LONG_NAME, variants: [], state: 'EMPTY' as const };

beforeEach(() => localStorage.clear());

const find = (text: string | RegExp) => screen.findByText(text, undefined, PATIENCE);
const button = (name: string) => screen.findByRole('button', { name }, PATIENCE);

describe('the list of endpoints', () => {
  it('shows who shares the traffic, and says what no version answers yet', async () => {
    answers(all);
    renderAt('/endpoints');
    const table = await screen.findByRole('region', { name: 'Endpoints' }, PATIENCE);
    expect(within(table).getByRole('img', { name: 'Traffic: iris v3 champion 90 % · iris v4 canary 10 %' })).toBeTruthy();
    expect(within(table).getByText('Serving')).toBeTruthy();
    expect(within(table).getByText('No version yet')).toBeTruthy();
    expect(within(table).getAllByText('default').length).toBe(2);
    expect(within(table).getByRole('link', { name: empty.name })).toBeTruthy();
  });

  it('keeps the search in the address and leads out of an empty one', async () => {
    answers(all);
    const router = renderAt('/endpoints');
    await userEvent.type(await screen.findByRole('textbox', { name: 'Search endpoints' }, PATIENCE), 'nothing');
    expect(await find('No endpoint matches')).toBeTruthy();
    expect(router.state.location.search).toEqual({ q: 'nothing' });
    await userEvent.click(await button('Show all'));
    expect(await find('2 in all')).toBeTruthy();
  });

  it('teaches the first deployment', async () => {
    answers({ ...all, '/api/endpoints': page() });
    renderAt('/endpoints');
    expect(await find('perennial deploy models:/churn/1 --endpoint churn')).toBeTruthy();
    expect(await button('Copy “perennial deploy models:/churn/1 --endpoint churn”')).toBeTruthy();
  });

  it('says why it is missing, and tries again', async () => {
    answers({ ...all, '/api/endpoints': problem(503, 'UNAVAILABLE', 'the disk is busy') });
    renderAt('/endpoints');
    expect(await find('the disk is busy')).toBeTruthy();
    answers(all);
    await userEvent.click(await button('Try again'));
    expect(await find('2 in all')).toBeTruthy();
  });

  it('holds two hundred endpoints', async () => {
    answers({ ...all, '/api/endpoints': page(...Array.from({ length: 200 }, (_, at) => summaryOf(flowers, { name: `shop-${at}` }))) });
    renderAt('/endpoints?q=shop-19');
    expect(await find('11 of 200')).toBeTruthy();
  });
});

describe('the page of an endpoint', () => {
  it('tells split, admission, deployments and settings', async () => {
    answers(all);
    renderAt('/endpoints/flowers');
    const table = await screen.findByRole('region', { name: 'Versions of the endpoint' }, PATIENCE);
    expect(within(table).getByRole('link', { name: 'iris v3' }).getAttribute('href')).toBe('/registry/iris/3');
    expect(within(table).getByText('90 %')).toBeTruthy();
    expect(screen.getByText('its example scores 0.5, stored is 0.7')).toBeTruthy();
    expect(screen.getByText('the constant 0.5')).toBeTruthy();
    expect(screen.getByText('Requests at once 8')).toBeTruthy();
    await userEvent.click(within(table).getAllByRole('button', { name: 'Admitted' })[0] as HTMLElement);
    const drawer = await screen.findByRole('dialog', { name: 'Admission of iris/3' }, PATIENCE);
    expect(within(drawer).getByText('p50 4.80 µs, p99 25.0 µs over 200 runs')).toBeTruthy();
  });

  it('says that a scorer is silent, and that nobody answers', async () => {
    answers({
      ...all,
      [HERE]: { body: { ...flowers, url: null, urls: [], scorers: [] } },
      [`${HERE}/live`]: { body: { ...live, scorers: [{ id: 'local-1', answered: false }], versions: [] } },
    });
    renderAt('/endpoints/flowers');
    expect(await find('No scorer tells what it does')).toBeTruthy();
    expect(screen.getByText(/local-1 did not answer just now/)).toBeTruthy();
    expect(await find('No scorer is alive that could answer.')).toBeTruthy();
    expect(((await button('Send')) as HTMLButtonElement).disabled).toBe(true);
  });

  it('leads back from an endpoint that is not there', async () => {
    answers({ ...all, '/api/endpoints/gone': problem(404, 'NOT_FOUND', "no endpoint 'gone'") });
    renderAt('/endpoints/gone');
    expect(await find("no endpoint 'gone'")).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Go to the endpoints' })).toBeTruthy();
  });

  it('shows what one may not do, and who can help', async () => {
    const me = { user: 'ann', authenticated: true, how: 'SESSION', project: 'garden', administrator: false, roles: [], grants: [] };
    answers({ ...all, '/api/access/me': { body: me } });
    renderAt('/endpoints/flowers');
    expect(await find(/You need the role maintainer in the project garden/)).toBeTruthy();
    expect(((await button('Roll back')) as HTMLButtonElement).disabled).toBe(true);
    expect(await find(/You need the role contributor in the project garden/)).toBeTruthy();
    expect(((await button('Send')) as HTMLButtonElement).disabled).toBe(true);
  });
});

describe('trying an endpoint', () => {
  it('sends the example as it was changed, and shows score and version', async () => {
    const body = { predictions: [{ id: 'a', score: 0.757351, version: 'iris/4', role: 'canary', fallback: false }] };
    const told = { status: 200, protocol: 'records', scorer: 'local-1', predictionId: null, fallback: null, body };
    const { writes } = answers({ ...all, [`${HERE}/try`]: { body: told } });
    renderAt('/endpoints/flowers');
    const petal = await screen.findByRole('textbox', { name: /^petal/ }, PATIENCE);
    await userEvent.clear(petal);
    await userEvent.type(petal, '2.5');
    await userEvent.clear(screen.getByRole('textbox', { name: /^colour/ }));
    await userEvent.click(await button('Send'));
    expect(await find('0.7574')).toBeTruthy();
    expect(screen.getByText(/iris v4, canary by scorer local-1/)).toBeTruthy();
    expect(writes[0]).toMatchObject({
      path: `${HERE}/try`,
      body: { protocol: 'records', body: { records: [{ petal: 2.5, colour: null }] } },
    });
  });

  it('sends nothing that is no number, and names the field', async () => {
    const { writes } = answers(all);
    renderAt('/endpoints/flowers');
    const petal = await screen.findByRole('textbox', { name: /^petal/ }, PATIENCE);
    await userEvent.clear(petal);
    await userEvent.type(petal, 'big');
    await userEvent.click(await button('Send'));
    expect(await find('“big” is no number')).toBeTruthy();
    expect(petal.getAttribute('aria-invalid')).toBe('true');
    expect(writes).toEqual([]);
  });

  it('shows the refusal of a scorer as it came', async () => {
    const told = {
      status: 400,
      protocol: 'v2',
      scorer: 'local-1',
      predictionId: null,
      fallback: null,
      body: { error: 'petal is missing' },
    };
    answers({ ...all, [`${HERE}/try`]: { body: told } });
    renderAt('/endpoints/flowers');
    await userEvent.click(await screen.findByRole('radio', { name: 'Open Inference' }, PATIENCE));
    await userEvent.click(await button('Send'));
    expect(await find('HTTP 400')).toBeTruthy();
    expect(screen.getByText(/petal is missing/)).toBeTruthy();
  });

  it('tells why the server would not try it', async () => {
    answers({
      ...all,
      [`${HERE}/try`]: problem(409, 'INVALID_STATE', "no scorer of this server is alive to try it; see 'perennial status'"),
    });
    renderAt('/endpoints/flowers');
    await userEvent.click(await button('Send'));
    expect(await find(/no scorer of this server is alive to try it; see/)).toBeTruthy();
  });

  it('says what is wrong with a body that was typed', async () => {
    const { writes } = answers(all);
    renderAt('/endpoints/flowers');
    await userEvent.click(await screen.findByRole('radio', { name: 'JSON' }, PATIENCE));
    const body = screen.getByRole('textbox', { name: 'Body as JSON' });
    await userEvent.clear(body);
    await userEvent.type(body, '[[]');
    expect(await find('The body must be an object in braces.')).toBeTruthy();
    await userEvent.click(await button('Send'));
    expect(writes).toEqual([]);
  });

  it('offers a model of tensors no form', async () => {
    const tensors = [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }];
    answers({ ...all, [HERE]: { body: { ...flowers, inputs: [], tensors, example: null } } });
    renderAt('/endpoints/flowers');
    const body = (await screen.findByRole('textbox', { name: 'Body as JSON' }, PATIENCE)) as HTMLTextAreaElement;
    expect(JSON.parse(body.value).inputs[0]).toEqual({ name: 'x', datatype: 'FP32', shape: [1, 2], data: [0, 0] });
    expect(screen.queryByRole('radio', { name: 'Records' })).toBeNull();
  });
});

describe('acts on an endpoint', () => {
  it('rolls back with name and reason', async () => {
    const { writes } = answers({
      ...all,
      [`POST ${HERE}/rollback`]: { body: { ...flowers, served: true, serving: 'every scorer serves it' } },
    });
    renderAt('/endpoints/flowers');
    await userEvent.click(await button('Roll back'));
    const dialog = await screen.findByRole('dialog', { name: 'Roll back from iris v3 to iris v2?' }, PATIENCE);
    await userEvent.type(within(dialog).getByLabelText(/Your name/), 'Ada');
    await userEvent.type(within(dialog).getByLabelText(/Reason/), 'complaints');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Roll back to iris v2' }));
    expect(await find('every scorer serves it')).toBeTruthy();
    expect(writes).toMatchObject([{ path: `${HERE}/rollback`, body: { by: 'Ada', reason: 'complaints' } }]);
  });

  it('stays open and tells why a promotion was refused', async () => {
    answers({ ...all, [`POST ${HERE}/promote`]: problem(409, 'CONFLICT', 'a rollout moves its traffic') });
    renderAt('/endpoints/flowers');
    await userEvent.click(await button('Promote'));
    const dialog = await screen.findByRole('dialog', { name: 'Promote iris v4 to champion?' }, PATIENCE);
    await userEvent.type(within(dialog).getByLabelText(/Your name/), 'Ada');
    await userEvent.type(within(dialog).getByLabelText(/Reason/), 'better');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Promote iris v4' }));
    expect(await within(dialog).findByText('a rollout moves its traffic', undefined, PATIENCE)).toBeTruthy();
  });

  it('pauses, aborts and signs the running rollout, which is drawn with the names of its versions', async () => {
    const running = {
      ...rollout,
      candidate: 'iris/4',
      replaces: 'iris/3',
      plan: { pace: { blockMillis: 60_000 } },
      looks: rollout.looks.map((look) => ({
        ...look,
        guards: look.guards.map((guard) => ({ ...guard, verdict: 'NOT_COMPUTABLE', why: 'fewer than 8 earlier blocks' })),
      })),
    };
    const { writes } = answers({
      ...all,
      [HERE]: { body: { ...flowers, rollout: running.id } },
      [`${HERE}/rollouts`]: page(running),
      [`${HERE}/rollouts/${running.id}`]: { body: running },
      [`POST ${HERE}/rollouts/${running.id}/sign`]: { body: { title: 'Step signed', text: 'Ada signed it' } },
    });
    renderAt('/endpoints/flowers');
    expect(await find('Rollout of iris/4 against iris/3')).toBeTruthy();
    expect(screen.getByText(/blocks closed/)).toBeTruthy();
    expect(await button('Pause')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Abort rollout' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Promote' })).toBeNull();
    await userEvent.click(await button('Sign the step'));
    const dialog = await screen.findByRole('dialog', { name: 'Sign the step of the rollout?' }, PATIENCE);
    await userEvent.type(within(dialog).getByLabelText(/Your name/), 'Ada');
    await userEvent.type(within(dialog).getByLabelText(/Reason/), 'looked at it');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Sign the step' }));
    expect(await find('Ada signed it')).toBeTruthy();
    expect(writes).toMatchObject([{ path: `${HERE}/rollouts/${running.id}/sign`, body: { by: 'Ada', reason: 'looked at it' } }]);
  });

  it('has no rollback where nothing is kept warm', async () => {
    answers({ ...all, [HERE]: { body: { ...flowers, variants: flowers.variants.filter((one) => one.role !== 'warm') } } });
    renderAt('/endpoints/flowers');
    const back = (await button('Roll back')) as HTMLButtonElement;
    expect(back.disabled).toBe(true);
    expect(back.title).toBe('No former version is kept warm');
  });
});

describe('deploying', () => {
  const fill = async (dialog: HTMLElement, label: RegExp, text: string) => userEvent.type(within(dialog).getByLabelText(label), text);

  it('makes a new endpoint with its first version as champion', async () => {
    const { writes } = answers({ ...all, 'POST /api/endpoints/new/deploy': { body: {} } });
    const router = renderAt('/endpoints');
    await userEvent.click(await button('Deploy a version'));
    const dialog = await screen.findByRole('dialog', { name: 'Deploy a version' }, PATIENCE);
    await fill(dialog, /^Version/, 'models:/iris/3');
    await fill(dialog, /^Endpoint/, 'new');
    await fill(dialog, /Your name/, 'Ada');
    expect((within(dialog).getByRole('button', { name: 'Deploy' }) as HTMLButtonElement).disabled).toBe(true);
    await fill(dialog, /Reason/, 'first');
    expect(within(dialog).getByText(/It is the first version there/)).toBeTruthy();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Deploy' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/endpoints/new'), PATIENCE);
    expect(writes).toMatchObject([{ body: { version: 'models:/iris/3', by: 'Ada', reason: 'first' } }]);
    expect(writes[0]?.body).not.toHaveProperty('weight');
  });

  it('gives the focus back to the button that opened it', async () => {
    answers(all);
    renderAt('/endpoints/flowers');
    const opener = await button('Deploy a version');
    await userEvent.click(opener);
    await screen.findByRole('dialog', { name: 'Deploy a version' }, PATIENCE);
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(document.activeElement).toBe(opener), PATIENCE);
  });

  it('puts a canary beside the champion with the share that was typed', async () => {
    const { writes } = answers({ ...all, [`POST ${HERE}/deploy`]: { body: {} } });
    renderAt('/endpoints/flowers');
    await userEvent.click(await button('Deploy a version'));
    const dialog = await screen.findByRole('dialog', { name: 'Deploy a version' }, PATIENCE);
    await fill(dialog, /^Version/, 'models:/iris/5');
    await userEvent.click(await within(dialog).findByLabelText(/^Canary/, undefined, PATIENCE));
    const percent = within(dialog).getByLabelText(/Share of the traffic/);
    await userEvent.clear(percent);
    await userEvent.type(percent, '60');
    expect(within(dialog).getByText('A number above 0, at most 50')).toBeTruthy();
    await userEvent.clear(percent);
    await userEvent.type(percent, '2.5');
    await fill(dialog, /Your name/, 'Ada');
    await fill(dialog, /Reason/, 'try');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Deploy' }));
    await waitFor(() => expect(writes).toMatchObject([{ body: { version: 'models:/iris/5', weight: 250 } }]), PATIENCE);
  });

  it('rolls a version out in the steps that were typed', async () => {
    const { writes } = answers({
      ...all,
      [`POST ${HERE}/deploy`]: problem(400, 'INVALID_ARGUMENT', 'a step lasts 1 to 43200 minutes', 'plan'),
    });
    renderAt('/endpoints/flowers');
    await userEvent.click(await button('Deploy a version'));
    const dialog = await screen.findByRole('dialog', { name: 'Deploy a version' }, PATIENCE);
    await fill(dialog, /^Version/, 'models:/iris/5');
    await userEvent.click(await within(dialog).findByLabelText(/^Rollout/, undefined, PATIENCE));
    const steps = within(dialog).getByLabelText(/^Steps/);
    await userEvent.clear(steps);
    await userEvent.type(steps, '10% 0m');
    await fill(dialog, /Your name/, 'Ada');
    await fill(dialog, /Reason/, 'try');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Deploy' }));
    expect(await within(dialog).findByText('a step lasts 1 to 43200 minutes', undefined, PATIENCE)).toBeTruthy();
    expect(writes).toMatchObject([{ body: { version: 'models:/iris/5', rollout: { plan: '10% 0m' } } }]);
  });

  it("does not deploy to a lifecycle's endpoint", async () => {
    answers({ ...all, '/api/endpoints': page(summaryOf(flowers, { origin: 'lifecycle', model: 'flowers' })) });
    renderAt('/endpoints');
    await userEvent.click(await button('Deploy a version'));
    const dialog = await screen.findByRole('dialog', { name: 'Deploy a version' }, PATIENCE);
    await fill(dialog, /^Endpoint/, 'flowers');
    expect(await within(dialog).findByText(/flowers belongs to a lifecycle file/, undefined, PATIENCE)).toBeTruthy();
  });
});
