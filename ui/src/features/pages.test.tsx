import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { alert, detail, page, pipelineRun, refusal, rollout, status, summary, timeline, version } from '../testing/data';
import { renderAt } from '../testing/renderAt';
import { type Answer, answers, problem } from '../testing/server';

const PATIENCE = { timeout: 10_000 };
const MODEL = '/api/models/flight-delay@r1';

const all: Record<string, Answer> = {
  '/api/status': { body: status },
  '/api/models': page(summary),
  '/api/replays': page({
    model: summary.model,
    state: 'RUNNING',
    plan: { from: 0, to: summary.clock * 2, loop: true, stops: [] },
    clock: summary.clock,
    line: 'plays',
    error: null,
  }),
  '/api/events': { body: { items: [] } },
  '/api/alerts': page(alert),
  '/api/notifications': { body: { webhook: null } },
  '/api/ledger': { body: { entries: 12, size: 12 } },
  '/api/pipelines/runs': page(pipelineRun),
  [MODEL]: { body: detail },
  [`${MODEL}/timeline`]: { body: timeline },
  [`${MODEL}/decisions`]: page(refusal),
  [`${MODEL}/decisions/${refusal.id}`]: { body: refusal },
  [`${MODEL}/versions`]: page(version),
  [`${MODEL}/rollouts`]: page(rollout),
  [`${MODEL}/rollouts/${rollout.id}`]: { body: rollout },
  [`${MODEL}/versions/2`]: { body: version },
  [`${MODEL}/performance`]: { body: { points: [detail.performance] } },
  '/ajax-api/2.0/mlflow/experiments/search': { body: { experiments: [{ experiment_id: '1', name: 'flights' }] } },
  '/ajax-api/2.0/mlflow/runs/search': {
    body: {
      runs: [
        {
          info: { run_id: 'r1', run_name: 'first', experiment_id: '1', status: 'FINISHED', start_time: 1, end_time: 5001 },
          data: { metrics: [{ key: 'log_loss', value: 0.45 }], params: [], tags: [] },
        },
      ],
    },
  },
};

beforeEach(() => {
  localStorage.clear();
  // A browser without layout would show no row of a long table.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
});

describe('the overview', () => {
  it('shows each model with state, interval and rows, and that it is replayed', async () => {
    answers(all);
    renderAt('/');
    const table = await screen.findByRole('region', { name: 'Models' }, PATIENCE);
    await waitFor(() => expect(within(table).getAllByText('flight-delay').length).toBeGreaterThan(0), PATIENCE);
    expect(within(table).getByText('Canary')).toBeTruthy();
    expect(within(table).getByText('[0.3801, 0.4958]')).toBeTruthy();
    expect(within(table).getByText('replay r1')).toBeTruthy();
    expect(await within(table).findByText('1 open', undefined, PATIENCE)).toBeTruthy();
  });

  it('tells a newcomer how to begin', async () => {
    answers({ ...all, '/api/models': page(), '/api/replays': page() });
    renderAt('/');
    expect(await screen.findByText('./perennial demo', undefined, PATIENCE)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Copy “./perennial demo”' })).toBeTruthy();
  });

  it('lets one panel fail alone and tries again when asked', async () => {
    answers({ ...all, '/api/models': problem(500, 'INTERNAL', 'the server failed to answer; its log has the reason') });
    renderAt('/');
    const panel = await screen.findByRole('region', { name: 'Models' }, PATIENCE);
    expect(await within(panel).findByText(/its log has the reason/, undefined, PATIENCE)).toBeTruthy();
    expect(await screen.findByText('Answers', undefined, PATIENCE)).toBeTruthy();
    answers(all);
    await userEvent.click(within(panel).getByRole('button', { name: 'Try again' }));
    expect(await within(panel).findByText('Canary', undefined, PATIENCE)).toBeTruthy();
  });
});

describe('the life of a model', () => {
  it('opens the evidence of a mark, says that the fault was injected, and keeps it in the address', async () => {
    answers(all);
    const router = renderAt('/models/flight-delay@r1');
    const lane = await screen.findByRole('group', { name: 'Candidates' }, PATIENCE);
    await userEvent.click(await within(lane).findByRole('button', { name: /refused.*injected fault/ }, PATIENCE));
    expect(router.state.location.search).toMatchObject({ decision: refusal.id });
    const drawer = await screen.findByRole('dialog', { name: /Version 2: refused/ }, PATIENCE);
    expect(await within(drawer).findByText('[0.04510, 0.08170]', undefined, PATIENCE)).toBeTruthy();
    expect(within(drawer).getByText('shown worse')).toBeTruthy();
    expect(within(drawer).getByText('injected fault')).toBeTruthy();
    expect(within(drawer).getByTitle('f1'.repeat(32))).toBeTruthy();
    expect(within(drawer).getByText(/2013-02-08 \(too few outcomes\)/)).toBeTruthy();
  });

  it('says so when a link names a decision of another model', async () => {
    answers({ ...all, [`${MODEL}/decisions/01ff`]: problem(404, 'NOT_FOUND', 'there is no such decision') });
    renderAt('/models/flight-delay@r1?decision=01ff');
    expect(await screen.findByText('This model made no such decision', undefined, PATIENCE)).toBeTruthy();
  });

  it('fails only in the drawer when evidence cannot be read', async () => {
    answers({ ...all, [`${MODEL}/decisions/${refusal.id}`]: problem(503, 'UNAVAILABLE', 'the disk is busy') });
    renderAt(`/models/flight-delay@r1?decision=${refusal.id}`);
    const drawer = await screen.findByRole('dialog', { name: 'Decision' }, PATIENCE);
    expect(await within(drawer).findByText(/the disk is busy/, undefined, PATIENCE)).toBeTruthy();
    expect(screen.getByText(/step 2 of 2/)).toBeTruthy();
  });

  it('says where the rollout stands', async () => {
    answers(all);
    renderAt('/models/flight-delay@r1');
    expect(await screen.findByText(/step 2 of 2/, undefined, PATIENCE)).toBeTruthy();
    expect(screen.getByText(/v1 champion 90 % · v2 canary 10 %/)).toBeTruthy();
  });

  it('draws each guard of the newest rollout against its bound', async () => {
    answers(all);
    renderAt('/models/flight-delay@r1');
    const panel = await screen.findByRole('region', { name: 'Rollout of version 2' }, PATIENCE);
    const harm = await within(panel).findByRole('img', { name: /^Harm:/ }, PATIENCE);
    expect(harm.getAttribute('aria-label')).toBe('Harm: 2 looks, newest −0.01100 [−0.1500, 0.1400] against a bound of 0');
    expect(within(panel).getByText('harm is not shown')).toBeTruthy();
    expect(within(panel).getByText('Not judged: latency (no tolerance is declared).')).toBeTruthy();
    expect(within(panel).getByText('log loss, candidate minus champion on the same rows')).toBeTruthy();
    expect(within(panel).getAllByText('bound 0').length).toBe(1);
    expect(within(panel).queryByRole('img', { name: /^Latency/ })).toBeNull();
    expect(within(panel).getByText(/2 of 2 days closed, 460 rows/)).toBeTruthy();
  });

  it('has no rollout panel for a model that never had one', async () => {
    answers({ ...all, [`${MODEL}/rollouts`]: page() });
    renderAt('/models/flight-delay@r1');
    await screen.findByText(/step 2 of 2/, undefined, PATIENCE);
    expect(screen.queryByRole('region', { name: /^Rollout of/ })).toBeNull();
  });

  it('shows alerts on its axis, and opens a version with its broken contract rules', async () => {
    answers(all);
    renderAt('/models/flight-delay@r1?version=2');
    const drawer = await screen.findByRole('dialog', { name: /version 2/ }, PATIENCE);
    expect(await within(drawer).findByText('origin EWR: 1048.36', undefined, PATIENCE)).toBeTruthy();
    expect(within(drawer).getByText('origin_dep_delay_2h')).toBeTruthy();
    expect(document.querySelector('[aria-label^="Weather is silent"]')).toBeTruthy();
  });

  it('asks for name and reason, sends both, and shows why the server refused', async () => {
    const { writes } = answers({ ...all, [`POST ${MODEL}/rollback`]: problem(409, 'INVALID_STATE', 'there is nothing to roll back to') });
    renderAt('/models/flight-delay@r1');
    await userEvent.click(await screen.findByRole('button', { name: 'Roll back' }, PATIENCE));
    const dialog = await screen.findByRole('dialog', { name: /Roll back from v1/ }, PATIENCE);
    const send = within(dialog).getByRole('button', { name: 'Roll back' });
    expect(send).toHaveProperty('disabled', true);
    await userEvent.type(within(dialog).getByLabelText(/Your name/), 'Ada');
    await userEvent.type(within(dialog).getByLabelText(/Reason/), 'It lies');
    await userEvent.click(send);
    expect(await within(dialog).findByText('there is nothing to roll back to', undefined, PATIENCE)).toBeTruthy();
    expect(writes).toEqual([{ path: `${MODEL}/rollback`, method: 'POST', body: { reason: 'It lies', by: 'Ada' }, actor: 'Ada' }]);
  });

  it('offers the signature only when a version waits for one', async () => {
    const { writes } = answers({
      ...all,
      [MODEL]: { body: { ...detail, rollout: undefined, review: 7 } },
      [`POST ${MODEL}/sign`]: { body: { ...refusal, title: 'Version 7 signed' } },
    });
    renderAt('/models/flight-delay@r1');
    await userEvent.click(await screen.findByRole('button', { name: 'Sign v7' }, PATIENCE));
    const dialog = await screen.findByRole('dialog', { name: /Sign version 7/ }, PATIENCE);
    await userEvent.type(within(dialog).getByLabelText(/Your name/), 'Ada');
    await userEvent.type(within(dialog).getByLabelText(/Reason/), 'Looked at it');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Sign v7' }));
    await waitFor(() => expect(writes[0]?.body).toEqual({ version: 7, reason: 'Looked at it', by: 'Ada' }), PATIENCE);
  });

  it('says honestly what this server does not offer', async () => {
    answers(all);
    renderAt('/models/flight-delay@r1?tab=drift');
    expect(await screen.findByText('Drift is not available', undefined, PATIENCE)).toBeTruthy();
  });

  it('tells that there is no such model', async () => {
    answers({ ...all, [MODEL]: problem(404, 'NOT_FOUND', "model 'flight-delay@r1' was never applied") });
    renderAt('/models/flight-delay@r1');
    expect(await screen.findByText(/was never applied/, undefined, PATIENCE)).toBeTruthy();
  });

  it('opens with defaults when the address is mangled', async () => {
    answers(all);
    renderAt('/models/flight-delay@r1?tab=%5B%5D&version=x&from=9&to=1');
    expect(await screen.findByRole('tab', { name: 'Decisions', selected: true }, PATIENCE)).toBeTruthy();
  });
});

describe('alerts', () => {
  it('show evidence and are acknowledged by name', async () => {
    const { writes } = answers({ ...all, 'POST /api/alerts/a1/acknowledge': { body: {} } });
    const router = renderAt('/alerts');
    await userEvent.click(await screen.findByRole('button', { name: 'Weather is silent' }, PATIENCE));
    expect(router.state.location.search).toMatchObject({ alert: 'a1' });
    const drawer = await screen.findByRole('dialog', { name: 'Weather is silent' }, PATIENCE);
    expect(await within(drawer).findByText('The newest weather row is 7 hours old.', undefined, PATIENCE)).toBeTruthy();
    await userEvent.type(within(drawer).getByLabelText(/Your name/), 'Ada');
    await userEvent.type(within(drawer).getByLabelText(/Reason/), 'Called them');
    await userEvent.click(within(drawer).getByRole('button', { name: 'Acknowledge' }));
    await waitFor(
      () => expect(writes[0]).toMatchObject({ path: '/api/alerts/a1/acknowledge', body: { reason: 'Called them', by: 'Ada' } }),
      PATIENCE,
    );
  });

  it('are not available from a server without monitors', async () => {
    answers({ ...all, '/api/alerts': undefined as unknown as Answer });
    renderAt('/alerts');
    expect(await screen.findByText('Alerts are not available', undefined, PATIENCE)).toBeTruthy();
  });

  it('are told to a webhook that is saved and tested', async () => {
    let webhook: string | null = null;
    const { writes } = answers({
      ...all,
      '/api/notifications': () => ({ body: { webhook } }),
      'PUT /api/notifications': ({ body }) => {
        webhook = (body as { webhook: string }).webhook;
        return { body: {} };
      },
      'POST /api/notifications/test': problem(502, 'UNAVAILABLE', 'the receiver answered 500'),
    });
    renderAt('/alerts');
    await userEvent.type(await screen.findByLabelText('Webhook', undefined, PATIENCE), 'https://hooks.example.org/p');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(writes[0]).toMatchObject({ method: 'PUT', body: { webhook: 'https://hooks.example.org/p' } }), PATIENCE);
    const test = await screen.findByRole('button', { name: 'Send a test message' }, PATIENCE);
    await waitFor(() => expect(test).toHaveProperty('disabled', false), PATIENCE);
    await userEvent.click(test);
    expect(await screen.findByText('the receiver answered 500', undefined, PATIENCE)).toBeTruthy();
  });
});

describe('runs', () => {
  it('are listed with their metrics and filtered by the server', async () => {
    answers({
      ...all,
      '/ajax-api/2.0/mlflow/runs/search': ({ body }) =>
        (body as { filter: string }).filter === 'nonsense'
          ? { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: "unknown attribute 'nonsense'" } }
          : (all['/ajax-api/2.0/mlflow/runs/search'] as { body: unknown }),
    });
    const router = renderAt('/runs');
    expect(await screen.findByRole('link', { name: 'first' }, PATIENCE)).toBeTruthy();
    expect(screen.getByText('0.4500')).toBeTruthy();
    await userEvent.type(screen.getByLabelText('Filter'), 'nonsense');
    await userEvent.click(screen.getByRole('button', { name: 'Filter' }));
    expect(await screen.findByText(/unknown attribute 'nonsense'/, undefined, PATIENCE)).toBeTruthy();
    expect(screen.getByLabelText('Filter').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByRole('link', { name: 'first' })).toBeTruthy();
    expect(router.state.location.search).toMatchObject({ filter: 'nonsense' });
  });

  it('say so when the server has no tracking', async () => {
    answers({
      ...all,
      '/ajax-api/2.0/mlflow/experiments/search': { status: 404, body: { error_code: 'ENDPOINT_NOT_FOUND', message: 'no' } },
    });
    renderAt('/runs');
    expect(await screen.findByText('Tracking is not available', undefined, PATIENCE)).toBeTruthy();
  });

  it('of an old link stand above the newest ones', async () => {
    const old = { ...pipelineRun, run: '01000000-0000-7000-8000-00000000beef', state: 'FAILED', endedAt: pipelineRun.startedAt + 9 };
    answers({ ...all, [`/api/pipelines/runs/${old.run}`]: { body: old } });
    renderAt(`/runs?tab=pipelines&pipeline=${old.run}`);
    const table = await screen.findByRole('region', { name: 'Pipeline runs' }, PATIENCE);
    await within(table).findByText('00beef', undefined, PATIENCE);
    const rows = within(table)
      .getAllByRole('button')
      .map((button) => button.textContent ?? '');
    expect(rows.findIndex((row) => row.includes('00beef'))).toBeLessThan(rows.findIndex((row) => row.includes('d83a')));
  });

  it('of a link that leads nowhere are said to be missing', async () => {
    answers({ ...all, '/api/pipelines/runs/nonsense': problem(400, 'INVALID_PARAMETER_VALUE', 'not a run id', 'run') });
    renderAt('/runs?tab=pipelines&pipeline=nonsense');
    expect(await screen.findByText(/not among the runs of this server/, undefined, PATIENCE)).toBeTruthy();
  });

  it('of pipelines unfold into steps with attempts and lines', async () => {
    answers(all);
    renderAt('/runs?tab=pipelines');
    await userEvent.click(await screen.findByRole('button', { name: /candidate/ }, PATIENCE));
    expect(await screen.findByText('tree 50 of 100', undefined, PATIENCE)).toBeTruthy();
  });
});

it('tells that a page does not exist', async () => {
  answers(all);
  renderAt('/nowhere');
  expect(await screen.findByText('There is no page at this address', undefined, PATIENCE)).toBeTruthy();
});

it('goes anywhere from the palette', async () => {
  answers(all);
  const router = renderAt('/');
  await userEvent.click(await screen.findByRole('button', { name: 'Search (Ctrl K)' }, PATIENCE));
  await userEvent.type(await screen.findByRole('combobox', { name: 'Where to' }, PATIENCE), 'drift{Enter}');
  await waitFor(() => expect(router.state.location.search).toMatchObject({ tab: 'drift' }), PATIENCE);
});
