// What every browser test shares: the system's Chromium, a page that fails on any complaint of the browser, and axe.
import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const CANDIDATES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const CHROMIUM = CANDIDATES.find((path) => path && existsSync(path));

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

export function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * A page that keeps what the browser complains about: console errors, page errors, policy violations. A 404 of a route that the page
 * handles is told by `expected`.
 */
export async function openPage(browser, { url, scheme = 'light', viewport = WIDE, reducedMotion = 'reduce' }) {
  const context = await browser.newContext({ baseURL: url, colorScheme: scheme, viewport, reducedMotion });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => {
    const failedLoad = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !failedLoad) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('response', (answer) => {
    if (answer.status() >= 500 && answer.url().startsWith(url) && !page.allowDown) complaints.push(`${answer.status()} ${answer.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return { context, page, complaints };
}

/** WCAG 2.2 AA, everything that a program can find. */
export async function axe(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join(' | ')}`);
}

/** Waits until no skeleton is on the page. */
export async function settled(page) {
  await page.waitForSelector('main h1, main h3', { state: 'visible' });
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Loading"]').length === 0);
}

export const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
