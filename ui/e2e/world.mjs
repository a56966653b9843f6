// A small world with a known truth: parcels come late depending on their weight, and from NEW_PLAN on by another rule. The feed of the
// roads dies at the end. Its gates ask a person whenever a candidate is better, so that a browser has something to sign.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const FIRST = Date.UTC(2024, 0, 1);
const DAYS = 70;
const PARCELS_A_DAY = 72;
const NEW_PLAN = 42;
const ROADS_SILENT = 65;

export const MODEL = 'parcels@people';
/** Six in the morning of a day, counted from the first. */
export const six = (day) => FIRST + day * DAY + 6 * HOUR;

const LIFECYCLE = `perennial: v1
model: parcels
title: Will this parcel come late?
owner: dispatch
risk: limited
time-zone: UTC

sources:
  parcels:
    path: parcels.csv
    csv: {delimiter: ",", null: "", columns: {parcel_id: string, event_time: timestamp, label_time: timestamp, hub: string, plan: string, weight: number, hour: integer, late: integer}}
    key: [parcel_id]
    event-time: event_time
    known-ahead: [parcel_id, event_time, hub, plan, weight, hour]
    known-at:
      late: label_time
  roads:
    path: roads.csv
    csv: {delimiter: ",", null: "", columns: {hub: string, observed_at: timestamp, available_at: timestamp, load: number}}
    key: [hub, observed_at]
    event-time: observed_at
    known-at: available_at

predict: {from: parcels, label: late, ahead: 1h}

contract:
  parcels:       {unique: true, min-rows: 10}
  roads:         {fresh-within: 6h, on-breach: exclude-day}

features:
  columns: [plan, weight, hour]
  latest:
    - {columns: [load], from: roads, by: hub, max-age: 6h}
  windows:
    - {as: late_3d, share: late, from: parcels, by: plan, over: {days: 3, published: "06:00"}, prior: {value: 0.3, weight: 20}}

train:
  trainer: gradient-boosting
  parameters: {trees: 20, leaves: 7, learning-rate: 0.2, min-child-weight: 5, l2: 5}
  rows: all
  seed: 1

gates:
  holdout: 9d
  cluster: day
  label-coverage: 0.8
  require:
    - {metric: roc_auc, at-least: 0.55}
    - {metric: roc_auc, review-above: {champion-plus: 0.0}}

rollout:
  shadow: {days: 2}
  canary: [{share: 0.50, days: 2}]
  stop-on: {score-shift: {psi: 10.0}, harm: {metric: log_loss, margin: 1.0}, errors: {share: 0.5}}
  keep-warm: 7d

monitor:
  atom: 1d
  drift: {window: 14d, tolerance: {psi: 0.1}, season: 365d}
  performance: {window: 9d, metric: log_loss, not-worse-than: {first-evaluation-plus: 0.5}}

retrain:
  schedule: monday 06:00
  cool-down: 1d
  breaker: {rejections-of-triggered-attempts: 3}
`;

/** Numbers in [0, 1) that are the same for a seed everywhere. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Writes the world's files, and gives the body that begins its replay. */
export function world(folder, stops) {
  const random = dice(4711);
  const parcels = ['parcel_id,event_time,label_time,hub,plan,weight,hour,late'];
  const roads = ['hub,observed_at,available_at,load'];
  const iso = (millis) => new Date(millis).toISOString();
  for (let day = 0; day < DAYS; day++) {
    for (let hour = 0; hour < 24 && day < ROADS_SILENT; hour++) {
      const at = FIRST + day * DAY + hour * HOUR;
      roads.push(`north,${iso(at)},${iso(at + HOUR / 3)},${random().toFixed(3)}`);
    }
    for (let i = 0; i < PARCELS_A_DAY; i++) {
      const at = FIRST + day * DAY + 7 * HOUR + i * 600_000;
      const newPlan = day >= NEW_PLAN;
      const weight = 2 * random() - 1;
      const late = random() < 1 / (1 + Math.exp((newPlan ? -0.1 : 0.9) - 2.5 * weight)) ? 1 : 0;
      const hour = new Date(at).getUTCHours();
      parcels.push(`${day}-${i},${iso(at)},${iso(at + 6 * HOUR)},north,${newPlan ? 'b' : 'a'},${weight.toFixed(3)},${hour},${late}`);
    }
  }
  writeFileSync(join(folder, 'parcels.csv'), `${parcels.join('\n')}\n`);
  writeFileSync(join(folder, 'roads.csv'), `${roads.join('\n')}\n`);
  const path = join(folder, 'lifecycle.yaml');
  writeFileSync(path, LIFECYCLE);
  return { name: 'people', text: LIFECYCLE, path, from: six(21), to: six(DAYS - 1), stops: stops.map(six) };
}
