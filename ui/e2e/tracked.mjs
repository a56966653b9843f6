// Runs, artifacts and experiments as a client logs them: through the public API, with numbers that are the same every time.
const STEPS = 1000;
const BATCH = 1000;
const TOGETHER = 16;
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5, 9);

export class Tracked {
  constructor(server) {
    this.server = server;
  }

  call(path, body, method = 'POST') {
    return this.server.json(`/api/2.0/mlflow/${path}`, { method, body });
  }

  async experiment(name, tags = []) {
    return (await this.call('experiments/create', { name, tags })).experiment_id;
  }

  async run(experiment, name, { at = START, tags = [], params = [], metrics = [], end = true } = {}) {
    const { run } = await this.call('runs/create', { experiment_id: experiment, run_name: name, start_time: at, tags });
    const id = run.info.run_id;
    await this.call('runs/log-batch', { run_id: id, params });
    for (let from = 0; from < metrics.length; from += BATCH) {
      await this.call('runs/log-batch', { run_id: id, metrics: metrics.slice(from, from + BATCH) });
    }
    if (end) await this.call('runs/update', { run_id: id, status: 'FINISHED', end_time: at + MINUTE });
    return id;
  }

  /** Runs with a curve of a thousand points each. */
  async curves(experiment, runs) {
    const ids = [];
    for (let at = 0; at < runs; at++) {
      const rate = 0.001 * (1 + (at % 7));
      const metrics = Array.from({ length: STEPS }, (_, step) => ({
        key: 'loss',
        value: 0.2 + 0.01 * (at % 13) + Math.exp(-rate * step) + 0.02 * Math.sin(step * (1 + at)),
        step,
        timestamp: START + at * MINUTE + step * 40,
      }));
      ids.push(
        await this.run(experiment, `curve-${String(at).padStart(3, '0')}`, {
          at: START + at * MINUTE,
          params: [
            { key: 'rate', value: String(rate) },
            { key: 'depth', value: String(3 + (at % 5)) },
            { key: 'booster', value: 'gbtree' },
          ],
          metrics,
        }),
      );
    }
    return ids;
  }

  /** Many small runs. */
  async grid(experiment, runs) {
    let next = 0;
    const work = async () => {
      while (next < runs) {
        const at = next++;
        await this.run(experiment, `grid-${String(at).padStart(6, '0')}`, {
          at: START + at * 1000,
          tags: [{ key: 'team', value: ['red', 'blue', 'green'][at % 3] }],
          params: [{ key: 'width', value: String(at % 97) }],
          metrics: [
            { key: 'acc', value: ((at * 7919) % 1000) / 1000, timestamp: START, step: 0 },
            { key: 'loss', value: ((at * 104_729) % 1000) / 500, timestamp: START, step: 0 },
          ],
        });
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, work));
  }

  async artifact(run, path, bytes) {
    const { run: found } = await this.server.json(`/api/2.0/mlflow/runs/get?run_id=${run}`);
    await this.put(found.info.artifact_uri, path, bytes);
  }

  /** Stores a file at a place that the server named. */
  async put(uri, path, bytes) {
    const root = uri.replace(/^mlflow-artifacts:\/+/, '');
    const answer = await fetch(`${this.server.url}/api/2.0/mlflow-artifacts/artifacts/${root}/${path}`, { method: 'PUT', body: bytes });
    if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
  }
}

/** A picture of two by two dots. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8DA0MDAAKEAGHsC/7F5280AAAAASUVORK5CYII=',
  'base64',
);
