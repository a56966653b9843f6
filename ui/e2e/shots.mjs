// Takes pictures of every page, for people to look at: node e2e/shots.mjs URL FOLDER [MODEL]
// MORE='[["run", "/runs/ab12"]]' names further pages, ONLY=runs,run those that are wanted.
import { mkdirSync } from 'node:fs';
import { launch, NARROW, openPage, settled, WIDE } from './browser.mjs';

const [url, folder, model] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await launch();
const places = [
  ['overview', '/'],
  ['alerts', '/alerts'],
  ['runs', '/runs'],
  ['pipelines', '/runs?tab=pipelines'],
  ...(model
    ? [
        ['model', `/models/${model}`],
        ...['versions', 'card', 'performance', 'drift', 'file'].map((tab) => [`model-${tab}`, `/models/${model}?tab=${tab}`]),
      ]
    : []),
  ['experiments', '/experiments'],
  ['registry', '/registry'],
  ...JSON.parse(process.env.MORE ?? '[]'),
];
const only = process.env.ONLY?.split(',');
for (const [scheme, viewport, name] of [
  ['light', WIDE, 'wide-light'],
  ['dark', WIDE, 'wide-dark'],
  ['light', NARROW, 'narrow-light'],
]) {
  const { context, page, complaints } = await openPage(browser, { url, scheme, viewport });
  for (const [place, address] of places.filter(([one]) => !only || only.includes(one))) {
    await page.goto(address);
    await settled(page);
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${folder}/${place}-${name}.png`, fullPage: true });
  }
  if (complaints.length > 0) console.log(name, [...new Set(complaints)]);
  await context.close();
}
await browser.close();
