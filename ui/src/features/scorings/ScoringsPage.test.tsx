import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { page } from '../../testing/data';
import { renderAt } from '../../testing/renderAt';
import { type Answer, answers, problem } from '../../testing/server';

const PATIENCE = { timeout: 10_000 };

const job = (more: object) => ({
  id: '0193',
  state: 'DONE',
  target: 'endpoint late',
  version: 'late/3',
  by: 'ann',
  name: 'rows.csv',
  output: '/data/rows.scored.csv',
  resultName: 'rows.scored.csv',
  share: 1,
  line: '',
  rows: 1500,
  errors: 2,
  createdAt: 1000,
  ...more,
});

const around: Record<string, Answer> = {
  '/api/models': page(),
  '/api/alerts': page(),
  '/api/events': { body: { items: [] } },
  '/api/status': { body: { scorers: [] } },
};

const table = () => screen.findByRole('region', { name: 'Scorings' }, PATIENCE);

beforeEach(() => localStorage.clear());

describe('the list of scorings', () => {
  it('shows rows, errors, version and where the result is', async () => {
    answers({ ...around, '/api/scorings': page(job({})) });
    renderAt('/scorings');
    const list = within(await table());
    for (const text of ['rows.csv', 'late/3', 'endpoint late', '1,500', '2', '/data/rows.scored.csv', 'ann']) {
      expect(list.getByText(text)).toBeTruthy();
    }
    expect(list.queryByRole('button')).toBeNull();
  });

  it('links to a result that the server keeps', async () => {
    answers({ ...around, '/api/scorings': page(job({ output: null })) });
    renderAt('/scorings');
    const link = within(await table()).getByRole('link', { name: 'rows.scored.csv' });
    expect(link.getAttribute('href')).toMatch(/\/api\/scorings\/0193\/result$/);
  });

  it('tells how far a job is and cancels it', async () => {
    let state = 'RUNNING';
    const server = answers({
      ...around,
      '/api/scorings': () =>
        page(job({ state, share: 0.42, line: '50,000 rows, 90,000 rows/s', rows: null, errors: null })) as { body: unknown },
      'POST /api/scorings/0193/cancel': () => {
        state = 'CANCELLED';
        return { body: job({ state }) };
      },
    });
    renderAt('/scorings');
    const list = within(await table());
    expect(list.getByText('50,000 rows, 90,000 rows/s')).toBeTruthy();
    expect(list.getByText(/42/)).toBeTruthy();
    await userEvent.click(list.getByRole('button', { name: /Cancel rows.csv/ }));
    await waitFor(() => expect(list.getByRole('button', { name: /Resume rows.csv/ })).toBeTruthy(), PATIENCE);
    expect(server.writes.map((write) => write.path)).toEqual(['/api/scorings/0193/cancel']);
  });

  it('says why a job failed, and why it cannot be resumed', async () => {
    answers({
      ...around,
      '/api/scorings': page(job({ state: 'FAILED', line: 'score: the file has no column a', rows: null, errors: null })),
      'POST /api/scorings/0193/resume': problem(409, 'CONFLICT', 'started by somebody else'),
    });
    renderAt('/scorings');
    const list = within(await table());
    expect(list.getByText('score: the file has no column a')).toBeTruthy();
    await userEvent.click(list.getByRole('button', { name: /Resume/ }));
    await waitFor(() => expect(list.getByText('started by somebody else')).toBeTruthy(), PATIENCE);
  });

  it('tells how a file is scored when none was', async () => {
    answers({ ...around, '/api/scorings': page() });
    renderAt('/scorings');
    expect(await screen.findByText('perennial score rows.csv --endpoint NAME', {}, PATIENCE)).toBeTruthy();
  });
});
