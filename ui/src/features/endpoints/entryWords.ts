import type { LedgerEntry } from '../../api/endpoints';

/** What an entry of an endpoint tells, in a few words. Pure functions; a payload is whatever a release wrote. */

interface Placed {
  version: string;
  role: string;
  weight: string | number;
}

const texts = (value: unknown) => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []);
const text = (value: unknown) => (typeof value === 'string' ? value : '');

function placed(value: unknown): string {
  const variants = (Array.isArray(value) ? value : []) as Placed[];
  return variants
    .map(({ version, role, weight }) => `${version} ${role}${Number(weight) > 0 ? ` ${Number(weight) / 100} %` : ''}`)
    .join(' · ');
}

export function toldBy({ action, payload }: Pick<LedgerEntry, 'action' | 'payload'>): string {
  const [loaded, unloaded] = [texts(payload.loaded), texts(payload.unloaded)];
  if (loaded.length + unloaded.length > 0) {
    return [loaded.length ? `loaded ${loaded.join(', ')}` : '', unloaded.length ? `unloaded ${unloaded.join(', ')}` : '']
      .filter(Boolean)
      .join('; ');
  }
  const head = [text(payload.title), text(payload.version), text(payload.state).toLowerCase()].filter(Boolean).join(' ');
  const changed = payload.settings === undefined ? '' : 'settings changed';
  const told = [head, changed, text(payload.message), placed(payload.variants)].filter(Boolean).join(': ');
  return told === '' ? action.replaceAll(/[._]/g, ' ') : told;
}

/** Why: a person's reason, or what a decision was made from. */
export const whyOf = ({ payload }: Pick<LedgerEntry, 'payload'>): string => text(payload.reason) || text(payload.text);
