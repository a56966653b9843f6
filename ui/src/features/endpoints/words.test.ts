import { describe, expect, it } from 'vitest';
import type { Me } from '../../api/access';
import type { EndpointSummary, Role } from '../../api/endpoints';
import type { GuardLook, GuardVerdict, RolloutLook } from '../../api/rollouts';
import { rollout } from '../../testing/data';
import { isPaused, promoteOf, rollbackOf, wantsSignature } from './EndpointActions';
import { addressesOf, byRole, found, lifeOf, missing, nameParts, shareText, splitText, variantName, versionParts } from './words';

const variant = (version: string, role: Role, weight = 0) => ({ version, role, weight });
const endpoint = (name: string, more: Partial<EndpointSummary> = {}): EndpointSummary => ({
  name,
  key: [],
  url: null,
  urls: [],
  records: 0,
  variants: [],
  ...more,
});

describe('a version', () => {
  it('is cut at its last slash, since names of models may have slashes', () => {
    expect(versionParts('team/iris/3')).toEqual({ model: 'team/iris', number: '3' });
    expect(versionParts('7')).toEqual({ model: '', number: '7' });
  });

  it('is named without its model where that is the endpoint', () => {
    expect(variantName('iris', 'iris/3')).toBe('v3');
    expect(variantName('flowers', 'iris/3')).toBe('iris v3');
  });
});

describe('the split', () => {
  const variants = [
    variant('iris/2', 'warm'),
    variant('iris/5', 'canary', 50),
    variant('iris/6', 'shadow'),
    variant('iris/4', 'canary', 1000),
    variant('iris/3', 'champion', 8950),
  ];

  it('goes from the champion to what is idle, greater shares first', () => {
    expect(byRole(variants).map((one) => one.version)).toEqual(['iris/3', 'iris/4', 'iris/5', 'iris/6', 'iris/2']);
    expect(variants[0]?.version).toBe('iris/2');
  });

  it('is told without what is idle', () => {
    expect(splitText('iris', variants)).toBe('v3 champion 89.5 % · v4 canary 10 % · v5 canary 0.5 % · v6 shadow');
    expect(splitText('iris', [])).toBe('no version takes traffic yet');
  });

  it('has as many digits as a share needs', () => {
    expect([10_000, 1_000, 50, 5, 0].map(shareText)).toEqual(['100 %', '10 %', '0.5 %', '0.05 %', '0 %']);
  });
});

describe('a list of endpoints', () => {
  const all = [
    endpoint('churn', { project: 'sales', variants: [variant('Churn/3', 'champion', 10_000)] }),
    endpoint('flight-delay@r1', { variants: [variant('flight-delay@r1/1', 'champion', 10_000)] }),
  ];

  it('is searched by all words in name, project and versions', () => {
    expect(found(all, 'SALES churn/3').map((one) => one.name)).toEqual(['churn']);
    expect(found(all, ' ').map((one) => one.name)).toEqual(['churn', 'flight-delay@r1']);
    expect(found(all, 'churn delay')).toEqual([]);
  });

  it('tells a replay from the name', () => {
    expect(nameParts('flight-delay@r1')).toEqual({ name: 'flight-delay', scope: 'r1' });
    expect(nameParts('churn')).toEqual({ name: 'churn', scope: '' });
  });

  it('knows whose lifecycle decides', () => {
    expect(lifeOf(endpoint('a', { origin: 'api', model: null }))).toBeUndefined();
    expect(lifeOf(endpoint('a', { origin: 'lifecycle', model: 'a' }))).toBe('a');
    expect(lifeOf(endpoint('a'))).toBe('a');
  });
});

describe('rights', () => {
  const me: Me = {
    user: 'ann',
    authenticated: true,
    how: 'SESSION',
    project: 'sales',
    administrator: false,
    roles: [{ project: 'sales', user: 'ann', role: 'contributor' }],
    grants: [{ user: 'ann', kind: 'endpoint', object: 'other', permission: 'MANAGE' }],
  };
  const churn = endpoint('churn', { project: 'sales' });

  it('let contributors try and maintainers deploy', () => {
    expect(missing(me, churn, 'USE')).toBeUndefined();
    expect(missing(me, churn, 'MANAGE')).toMatch(/role maintainer in the project sales/);
    const maintainer = { ...me, roles: [{ project: 'sales', user: 'ann', role: 'maintainer' }] };
    expect(missing(maintainer, churn, 'MANAGE')).toBeUndefined();
  });

  it('do not come from another project, but from a grant on the endpoint itself', () => {
    expect(missing(me, endpoint('churn', { project: 'risk' }), 'USE')).toMatch(/project risk/);
    expect(missing(me, endpoint('other', { project: 'risk' }), 'MANAGE')).toBeUndefined();
  });

  it('are not asked where nobody signs in, of administrators, and where only the server can tell', () => {
    expect(missing(undefined, churn, 'MANAGE')).toBeUndefined();
    expect(missing({ ...me, authenticated: false, roles: [] }, churn, 'MANAGE')).toBeUndefined();
    expect(missing({ ...me, administrator: true, roles: [] }, churn, 'MANAGE')).toBeUndefined();
    expect(missing(me, endpoint('churn'), 'MANAGE')).toBeUndefined();
  });
});

const guard = rollout.looks[0]?.guards[0] as GuardLook;

describe('what a person may do', () => {
  const of = (...variants: ReturnType<typeof variant>[]) => ({ name: 'iris', variants }) as Parameters<typeof rollbackOf>[0];

  it('goes back to the version that is kept warm', () => {
    expect(rollbackOf(of(variant('iris/4', 'champion', 10_000), variant('iris/3', 'warm')))?.title).toBe('Roll back from v4 to v3?');
    expect(rollbackOf(of(variant('iris/4', 'champion', 10_000), variant('iris/3', 'warm')))?.body).toEqual({ version: 'iris/3' });
    const three = of(variant('iris/4', 'champion', 10_000), variant('iris/3', 'warm'), variant('iris/2', 'warm'));
    const fallback = (version: string) => ({ ...three, settings: { fallback: { version } } }) as Parameters<typeof rollbackOf>[0];
    expect(rollbackOf(fallback('iris/3'))?.body).toEqual({ version: 'iris/2' });
    expect(rollbackOf(fallback('iris/2'))?.body).toEqual({ version: 'iris/3' });
    expect(rollbackOf(of(variant('iris/4', 'champion', 10_000)))).toBeUndefined();
    expect(rollbackOf(of(variant('iris/3', 'warm')))).toBeUndefined();
  });

  it('promotes the canary before the shadow', () => {
    const act = promoteOf(of(variant('iris/4', 'champion', 9_000), variant('iris/6', 'shadow'), variant('iris/5', 'canary', 1_000)));
    expect(act?.body).toEqual({ version: 'iris/5' });
    expect(promoteOf(of(variant('iris/4', 'champion', 10_000), variant('iris/3', 'warm')))).toBeUndefined();
  });

  it('resumes a rollout whose newest act is a pause', () => {
    const move = (kind: string, at: number) => ({ id: kind + at, at, kind, verdict: '', title: '', text: '' });
    expect(isPaused({ decisions: [move('RESUME', 1), move('PAUSE', 3), move('ROLLOUT', 4)] })).toBe(true);
    expect(isPaused({ decisions: [move('RESUME', 5), move('PAUSE', 3)] })).toBe(false);
    expect(isPaused({ decisions: [] })).toBe(false);
  });

  it('signs a step only while a guard cannot be computed', () => {
    const look = (verdict: GuardVerdict) => ({ ...(rollout.looks[0] as RolloutLook), guards: [{ ...guard, verdict }] });
    expect(wantsSignature({ looks: [look('CLEAR'), look('NOT_COMPUTABLE')] })).toBe(true);
    expect(wantsSignature({ looks: [look('NOT_COMPUTABLE'), look('CLEAR')] })).toBe(false);
    expect(wantsSignature({ looks: [] })).toBe(false);
  });
});

describe('the address of an endpoint', () => {
  const urls = ['http://127.0.0.1:7301/endpoints/x/predict', 'https://b/endpoints/x/predict'];
  const tensor = { name: 'a', datatype: 'FP32', shape: [1] };

  it('is of plain records for rows', () => {
    expect(addressesOf({ name: 'x', urls, inputs: [{ name: 'f', type: 'number' }], tensors: [tensor] })).toEqual(urls);
    expect(addressesOf({ name: 'x', urls, inputs: [], tensors: [] })).toEqual(urls);
  });

  it('is of the open protocol for tensors, which have no records', () => {
    expect(addressesOf({ name: 'x', urls, inputs: [], tensors: [tensor] })).toEqual([
      'http://127.0.0.1:7301/v2/models/x/infer',
      'https://b/v2/models/x/infer',
    ]);
  });
});
