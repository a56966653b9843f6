// The real server, started from the distribution on a free port with a data directory of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The flags that an installation gives its server, start cache included.
const FLAGS = process.env.JAVA_FLAGS?.split(' ') ?? ['--enable-native-access=ALL-UNNAMED', '-XX:+UseSerialGC', '-Xmx512m'];
const PATIENCE_MILLIS = 120_000;
const LOOK_AGAIN_MILLIS = 200;

export const pause = (millis) => new Promise((done) => setTimeout(done, millis));

/** Waits until the condition gives something that is true. */
export async function until(what, condition, patience = PATIENCE_MILLIS) {
  const end = Date.now() + patience;
  let last;
  while (Date.now() < end) {
    try {
      const found = await condition();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await pause(LOOK_AGAIN_MILLIS);
  }
  throw new Error(`waited ${patience / 1000} s in vain for ${what}${last ? `: ${last.message}` : ''}`);
}

async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

export class PerennialServer {
  static async create({ dist, java, options = [] }) {
    const server = new PerennialServer();
    server.dist = dist;
    server.java = java;
    server.options = options;
    // What proves who calls, on a server that asks.
    server.headers = {};
    server.data = mkdtempSync(join(tmpdir(), 'perennial-ui-'));
    server.port = await freePort();
    server.url = `http://127.0.0.1:${server.port}`;
    server.log = join(server.data, 'server.log');
    await server.start();
    return server;
  }

  async start() {
    const log = openSync(this.log, 'a');
    this.process = spawn(
      this.java,
      [
        ...FLAGS,
        `-Dperennial.data-dir=${this.data}`,
        `-Dperennial.port=${this.port}`,
        `-Dperennial.dist=${this.dist}`,
        ...this.options,
        '-jar',
        join(this.dist, 'server/quarkus-run.jar'),
      ],
      { stdio: ['ignore', log, log] },
    );
    this.gone = new Promise((done) => this.process.once('exit', done));
    await until(`the server; its log:\n${this.tail()}`, async () => {
      const answer = await fetch(`${this.url}/api/status`);
      return answer.ok || answer.status === 401;
    });
  }

  tail() {
    try {
      return readFileSync(this.log, 'utf8').slice(-2000);
    } catch {
      return '';
    }
  }

  async json(path, { method = 'GET', body } = {}) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...this.headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async kill() {
    this.process.kill('SIGKILL');
    await this.gone;
  }

  /** Stops server, scorer and workers; they survive one another by design, so each is ended by its own id. */
  async close() {
    const pids = [];
    try {
      const status = await this.json('/api/status');
      pids.push(status.scorerPid, ...status.workers.map((worker) => worker.pid));
    } catch {
      // A server that is gone already cannot tell.
    }
    this.process.kill('SIGTERM');
    await this.gone;
    for (const pid of pids.filter((one) => one > 0)) {
      try {
        process.kill(pid, 'SIGTERM');
      } catch {
        // It ended by itself.
      }
    }
    rmSync(this.data, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
