// What a file of browser tests has before its first test and gives back after its last: a real server and a browser.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before } from 'node:test';
import { CHROMIUM, launch, openPage } from './browser.mjs';
import { PerennialServer } from './server.mjs';

export const SHOTS = process.env.PERENNIAL_SHOTS;

/**
 * Tells the test runner what to start and what to end. `ready` gets the server before the first test; `onPage` drives a page that
 * fails on any complaint of the browser.
 */
export function stage(options, ready) {
  let server;
  let browser;

  before(async () => {
    assert.ok(CHROMIUM, 'no Chromium was found; set CHROMIUM to its path');
    server = await PerennialServer.create({ dist: process.env.PERENNIAL_DIST, java: process.env.JAVA ?? 'java', options });
    browser = await launch();
    if (SHOTS) mkdirSync(SHOTS, { recursive: true });
    ready(server);
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  return async function onPage(looks, drive) {
    const opened = await openPage(browser, { url: server.url, ...looks });
    try {
      await drive(opened.page, opened);
      assert.deepEqual(opened.complaints, []);
    } finally {
      await opened.context.close();
    }
  };
}
