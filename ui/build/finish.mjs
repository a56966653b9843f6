// After the bundler: checks the size budgets, writes Brotli and gzip copies, and lists every file for the server.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = new URL('../dist/', import.meta.url).pathname;
const BUDGET = { firstJs: 240_000, css: 25_000, page: 40_000 };
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'));
const gzipped = (file) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length;

function reach(key, seen = new Set()) {
  if (!seen.has(key)) {
    seen.add(key);
    for (const next of manifest[key].imports ?? []) reach(next, seen);
  }
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = reach(entry);
const problems = [];
const rows = [];
function budget(name, bytes, limit) {
  rows.push(`${name.padEnd(44)} ${(bytes / 1000).toFixed(1).padStart(7)} kB of ${limit / 1000}`);
  if (bytes > limit) problems.push(`${name} weighs ${bytes} bytes gzip, more than the budget of ${limit}`);
}
budget(
  'first load, JavaScript',
  [...first].reduce((sum, key) => sum + gzipped(manifest[key].file), 0),
  BUDGET.firstJs,
);
const sheets = new Set(Object.values(manifest).flatMap((chunk) => chunk.css ?? []));
budget(
  'all style sheets',
  [...sheets].reduce((sum, file) => sum + gzipped(file), 0),
  BUDGET.css,
);
for (const key of Object.keys(manifest).filter((one) => manifest[one].isDynamicEntry)) {
  const more = [...reach(key)].filter((one) => !first.has(one));
  budget(
    `page ${key}`,
    more.reduce((sum, one) => sum + gzipped(manifest[one].file), 0),
    BUDGET.page,
  );
}
console.log(rows.join('\n'));
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}

/** The notices of everything that ships: the licences ask for it. */
function notices() {
  const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
  return Object.entries(packages)
    .filter(([path, one]) => path !== '' && !one.dev && !one.devOptional && !one.optional && !one.peer)
    .map(([path, one]) => {
      const folder = new URL(`../${path}/`, import.meta.url).pathname;
      const file = existsSync(folder) && readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
      const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '(the package brings no text of its licence)';
      return `${path.replace(/^.*node_modules\//, '')} ${one.version}: ${one.license}\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
writeFileSync(join(DIST, 'licences.txt'), notices());

rmSync(join(DIST, '.vite'), { recursive: true });
const files = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((one) => one.isFile() && !/\.(br|gz)$/.test(one.name) && one.name !== 'files.tsv' && !one.name.startsWith('.'))
  .map((one) => join(one.parentPath, one.name).slice(DIST.length));
const lines = [];
for (const file of files.sort()) {
  const bytes = readFileSync(join(DIST, file));
  if (file !== 'index.html' && bytes.length > 600) {
    mkdirSync(dirname(join(DIST, file)), { recursive: true });
    writeFileSync(join(DIST, `${file}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    writeFileSync(join(DIST, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  }
  const packed = existsSync(join(DIST, `${file}.br`)) ? 'packed' : 'plain';
  lines.push(
    [file, TYPES[extname(file)] ?? 'application/octet-stream', packed, createHash('sha256').update(bytes).digest('hex').slice(0, 16)].join(
      '\t',
    ),
  );
}
writeFileSync(join(DIST, 'files.tsv'), `${lines.join('\n')}\n`);
