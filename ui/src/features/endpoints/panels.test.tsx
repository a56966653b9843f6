import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RolloutDetail } from '../../api/rollouts';
import { CLOCK, page, rollout } from '../../testing/data';
import { endpointAnswers, flowers, live } from '../../testing/endpoints';
import { renderAt } from '../../testing/renderAt';
import { answers, problem } from '../../testing/server';

const PATIENCE = { timeout: 10_000 };
const HERE = '/api/endpoints/flowers';
const MINUTE = 60_000;

beforeEach(() => localStorage.clear());

const find = (text: string | RegExp) => screen.findByText(text, undefined, PATIENCE);
const region = (name: string) => screen.findByRole('region', { name }, PATIENCE);

const running: RolloutDetail = {
  ...rollout,
  candidate: 'iris/4',
  replaces: 'iris/3',
  startedAt: CLOCK - 50 * MINUTE,
  plan: {
    pace: { blockMillis: MINUTE },
    steps: [
      { shadow: true, share: 0, days: 0, blocks: 10, rows: 200 },
      { shadow: false, share: 0.1, days: 0, blocks: 30 },
      { shadow: false, share: 0.5, days: 0, blocks: 60 },
    ],
  },
  decisions: [
    {
      id: 'm1',
      at: CLOCK - 40 * MINUTE,
      kind: 'ROLLOUT',
      verdict: 'ADVANCE STEP_PASSED',
      title: 'Rollout goes on',
      text: 'iris/4 has passed shadow',
      entry: 'f08e9641e9698cfb3b6d9aaf4dfe4c5793ddb65813fe7ebbaedc6edada7a98a8',
    },
  ],
  scores: {
    rows: 1_234,
    places: [
      { share: 0.5, champion: 0.25, candidate: 0.125 },
      { share: 0.95, champion: 41.5, candidate: 41.5 },
    ],
  },
};
const withRollout = (one: RolloutDetail) => ({
  ...endpointAnswers,
  [HERE]: { body: { ...flowers, rollout: one.endedAt === null ? one.id : null } },
  [`${HERE}/rollouts`]: page(one),
  [`${HERE}/rollouts/${one.id}`]: { body: one },
});

describe('the rollout of an endpoint', () => {
  it('tells its steps, where it stands, and what the next one needs', async () => {
    answers(withRollout(running));
    renderAt('/endpoints/flowers');
    const steps = await screen.findByRole('list', { name: 'Steps' }, PATIENCE);
    expect(within(steps).getByText('passed · 10 min, 200 rows')).toBeTruthy();
    expect(within(steps).getByText('runs now · 30 min').closest('li')?.getAttribute('aria-current')).toBe('step');
    expect(within(steps).getByText('not begun · 1 h')).toBeTruthy();
    expect(screen.getByText(/Its time is over; it goes on once its blocks, rows and guards allow it/)).toBeTruthy();
  });

  it('shows where both versions score the same rows', async () => {
    answers(withRollout(running));
    renderAt('/endpoints/flowers');
    const table = await region('Scores at the same share of the rows');
    expect(within(table).getByRole('columnheader', { name: 'iris/3' })).toBeTruthy();
    expect(within(table).getByRole('row', { name: '50 % 0.250 0.125 −0.125' })).toBeTruthy();
    expect(within(table).getByRole('row', { name: '95 % 42 42 0' })).toBeTruthy();
    expect(screen.getByText('1,234 rows of the newest day that both scored; beyond 0 to 1 two digits are known')).toBeTruthy();
  });

  it('has no such table while no row was scored by both', async () => {
    answers(withRollout({ ...running, scores: null }));
    renderAt('/endpoints/flowers');
    await screen.findByRole('list', { name: 'Steps' }, PATIENCE);
    expect(screen.queryByRole('region', { name: 'Scores at the same share of the rows' })).toBeNull();
  });

  it('names each decision with its ledger entry', async () => {
    answers(withRollout(running));
    renderAt('/endpoints/flowers');
    expect(await find('iris/4 has passed shadow')).toBeTruthy();
    expect(screen.getByRole('button', { name: `Copy ${running.decisions[0]?.entry}` })).toBeTruthy();
  });

  it('says at which step it was stopped', async () => {
    answers(withRollout({ ...running, phase: 'STOPPED', endedAt: CLOCK }));
    renderAt('/endpoints/flowers');
    expect(await find('ended here · 30 min')).toBeTruthy();
    expect(screen.queryByText(/Its time is over/)).toBeNull();
  });

  it('says why a guard cannot be computed, and draws nothing for it', async () => {
    const looks = running.looks.map((look) => ({
      ...look,
      guards: look.guards.map((one) => ({ ...one, verdict: 'NOT_COMPUTABLE' as const, estimate: null, why: '3 of 8 earlier periods' })),
    }));
    answers(withRollout({ ...running, looks }));
    renderAt('/endpoints/flowers');
    expect((await screen.findAllByText('3 of 8 earlier periods', undefined, PATIENCE)).length).toBe(2);
    expect(screen.getAllByText('cannot be computed: nothing is promoted by itself').length).toBe(2);
    expect(screen.queryByRole('img', { name: /^Harm/ })).toBeNull();
  });
});

describe('environments that scorers lack', () => {
  const edge = { id: 'edge-1', url: 'http://10.0.0.1:7400', alive: true, revision: 41, current: false };
  const environments = [
    { version: 'iris/4', state: 'FAILED' as const, message: 'pip ended with exit code 1; the end of its output:\nno index' },
    { version: 'iris/3', state: 'BUILDING' as const, message: '' },
  ];

  it('names scorer, version and what pip said', async () => {
    answers({ ...endpointAnswers, [HERE]: { body: { ...flowers, scorers: [...flowers.scorers, { ...edge, environments }] } } });
    renderAt('/endpoints/flowers');
    expect(await find('Cannot be built')).toBeTruthy();
    expect(screen.getAllByText('edge-1').length).toBe(2);
    expect(screen.getByText(/no index/)).toBeTruthy();
    expect(screen.getByText('Being built')).toBeTruthy();
  });

  it('says nothing of scorers that are gone, or have all', async () => {
    const gone = { ...edge, alive: false, environments };
    answers({ ...endpointAnswers, [HERE]: { body: { ...flowers, scorers: [...flowers.scorers, gone, { ...edge, environments: [] }] } } });
    renderAt('/endpoints/flowers');
    await find('Deployments');
    expect(screen.queryByText('Environments that scorers lack')).toBeNull();
  });
});

describe('what was answered', () => {
  it('counts fallbacks and refusals since the scorers began', async () => {
    answers({ ...endpointAnswers, [`${HERE}/live`]: { body: { ...live, turns: { fallbacks: 54_321, shed: 7 } } } });
    renderAt('/endpoints/flowers');
    expect(await find('54.3K')).toBeTruthy();
    expect(screen.getByText('7 calls refused because too much waited; since the scorers began')).toBeTruthy();
  });

  it('knows no fallbacks where a server of another release tells none', async () => {
    answers(endpointAnswers);
    renderAt('/endpoints/flowers');
    expect(await find('no scorer tells')).toBeTruthy();
  });

  it('tells how much of it the log holds', async () => {
    const sum = { version: 'iris/3', role: 'champion', answered: 2_000, logged: 200, errors: 3, share: 0.1 };
    const tallies = { endpoint: 'flowers', from: CLOCK, to: CLOCK + 86_400_000, every: 15, items: [{ at: CLOCK, ...sum }], sums: [sum] };
    answers({ ...endpointAnswers, [`${HERE}/tallies`]: { body: tallies } });
    renderAt('/endpoints/flowers');
    const table = await region('Answered and logged by version');
    expect(within(table).getByRole('row', { name: 'iris v3 Champion 2,000 200 10.0 % 3' })).toBeTruthy();
    expect(screen.getByRole('img', { name: 'In the log share of the rows: iris v3 10 %' })).toBeTruthy();
    expect(screen.getByRole('img', { name: 'Failed requests in 15 minutes: iris v3 3' })).toBeTruthy();
  });

  it('says nothing of it where the log holds all, or nobody tells', async () => {
    for (const told of [endpointAnswers[`${HERE}/tallies`], problem(404, 'ENDPOINT_NOT_FOUND', 'there is no such route')]) {
      answers({ ...endpointAnswers, ...(told ? { [`${HERE}/tallies`]: told } : {}) });
      const router = renderAt('/endpoints/flowers');
      await region('Settings');
      expect(screen.queryByText('Answered and logged')).toBeNull();
      await router.navigate({ to: '/endpoints' });
    }
  });
});

describe('the ledger of an endpoint', () => {
  const entry = (seq: number, payload: Record<string, unknown>) => ({
    stream: 'endpoint:flowers',
    seq,
    hash: `${seq}`.repeat(64).slice(0, 64),
    actor: 'user:maria',
    action: 'deployment.update',
    recordedAt: Date.UTC(2026, 10, 22, 13, 18, 39),
    payload,
  });
  const entries = '/api/ledger/entries';

  it('is asked for by people, and tells the newest first', async () => {
    const items = Array.from({ length: 12 }, (_, at) => entry(at + 1, { loaded: [], unloaded: [`iris/${at}`], reason: `reason ${at}` }));
    answers({ ...endpointAnswers, [entries]: { body: { items, next: null } } });
    renderAt('/endpoints/flowers');
    await userEvent.click(await screen.findByRole('button', { name: 'Show the entries' }, PATIENCE));
    const table = await region('Ledger entries');
    const rows = within(table).getAllByRole('row');
    expect(rows.length).toBe(11);
    expect(rows[1]?.textContent).toContain('2026-11-22 13:18:39mariaunloaded iris/11');
    await userEvent.click(screen.getByRole('button', { name: 'Show all 12' }));
    expect(within(table).getAllByRole('row').length).toBe(13);
  });

  it('says so when there is none', async () => {
    answers({ ...endpointAnswers, [entries]: page() });
    renderAt('/endpoints/flowers');
    await userEvent.click(await screen.findByRole('button', { name: 'Show the entries' }, PATIENCE));
    expect(await find('The ledger has no entry of this endpoint')).toBeTruthy();
  });

  it('is for administrators where people sign in', async () => {
    const me = { user: 'ann', authenticated: true, how: 'SESSION', project: 'garden', administrator: false, roles: [], grants: [] };
    answers({ ...endpointAnswers, '/api/access/me': { body: me } });
    renderAt('/endpoints/flowers');
    expect(await find('Administrators read the ledger of this server.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Show the entries' })).toBeNull();
  });
});
